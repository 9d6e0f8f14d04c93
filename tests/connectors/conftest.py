"""The example package has tests of its own, which run where it is installed (`test_example_package`)."""

collect_ignore = ["example_package"]
