"""The shell: everything that waits, sends, stores or ticks, on a thread and an event loop of its own."""
