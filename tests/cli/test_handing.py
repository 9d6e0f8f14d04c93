"""`handover` and `figures` as they are typed, on the embedded world over real HTTP."""

from __future__ import annotations

from oncall_tui.demo.world import World
from tests.cli.test_commands import Run, first, orders, run, world  # noqa: F401 (fixtures)


def test_the_handover_tells_what_is_open_what_was_said_and_promised(run: Run) -> None:  # noqa: F811
    problem = first(run)
    run("ack", problem["id"])
    run("reply", problem["id"], "Ik ben er. Binnen 20 minuten hoort u weer van mij.")
    ran = run("handover", "--since", "8h")
    assert ran.code == 0, ran.talk
    assert ran.out.startswith("# Handover of ")
    for heading in ("## Open", "## Who was hurt", "## What was said and promised"):
        assert heading in ran.out
    assert f"- **{problem['customers'][0]['name']}" in ran.out
    assert "promised a word by" in ran.out
    assert "Ik ben er. Binnen 20 minuten hoort u weer van mij." in ran.out


def test_a_handover_can_be_a_note_to_a_ticket_and_no_customer_reads_it(run: Run, world: World) -> None:  # noqa: F811
    problem = first(run)
    ran = run("handover", "--note", problem["id"])
    assert ran.code == 0, ran.talk
    note = orders(world).journals[-1]
    assert note.private
    assert note.text.startswith("# Handover of ")


def test_figures_count_who_was_alone(run: Run) -> None:  # noqa: F811
    name = first(run)["customers"][0]["name"]
    ran = run("figures", "--since", "1d")
    assert ran.code == 0
    assert ran.out.startswith("customer")
    assert f"{name} (alone now)" in ran.out


def test_a_beginning_that_cannot_be_meant_is_told(run: Run) -> None:  # noqa: F811
    assert run("figures", "--since", "0m").talk.startswith("oncall-tui: '0m' is no beginning; ")
    long = run("handover", "--since", "31d")
    assert (long.code, long.out) == (2, "")
    assert long.talk == "oncall-tui: '31d' is too long ago: what was said is kept for 30d (keep in [outbox])\n"
    assert run("figures", "--since", "30d").code == 0
    ran = run("figures", "--since", "yesterday")
    assert ran.code == 2
    assert "'yesterday' is no beginning; it must be like 22:00, 12h or 7d" in ran.talk
