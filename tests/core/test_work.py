"""What is carried from triage to triage saves time and changes nothing."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st
from msgspec.structs import replace

from oncall_tui.core.triage import triage
from oncall_tui.core.work import Work
from oncall_tui.model import Act, Decision, Impact, Kind, Night, Settings, Signal, Snapshot
from tests.core import generated
from tests.core.generated import NOW


def changed(night: Night, how: int) -> Night:
    """The next poll: of one source some signal is gone, back, changed or the same again; a clock or a write is another."""
    snapshots = list(night.snapshots)
    n = how % 2
    signals = list(snapshots[n].signals)
    if signals:
        k = how % len(signals)
        match how % 4:
            case 0:
                del signals[k]
            case 1:
                signals[k] = replace(signals[k], taken_by="Olga", customer="Smit")
            case 2:
                signals[k] = replace(signals[k], service="till", impact=Impact.DOWN)
            case _:
                signals = [replace(signal) for signal in reversed(signals)]
    snapshots[n] = replace(snapshots[n], signals=tuple(signals))
    snapshots[1 - n] = replace(snapshots[1 - n], skew_s=1800.0 * (how % 3))
    return replace(night, snapshots=tuple(snapshots), writes=night.writes[how % 5 == 0 :])


@run(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(generated.nights(), generated.settings, st.lists(st.integers(0, 40), max_size=4))
def test_a_board_is_the_same_with_and_without_earlier_work(night: Night, settings: Settings, polls: list[int]):
    work, memory = Work(), night.memory
    for n, how in enumerate([*polls, 0]):
        now = NOW + timedelta(seconds=20 * n)
        fresh = triage(replace(night, memory=memory), settings, now)
        assert triage(replace(night, memory=memory), settings, now, work=work) == fresh
        night, memory = changed(night, how), fresh.memory


@run(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(generated.nights(), generated.settings)
def test_the_order_of_sources_and_signals_does_not_matter(night: Night, settings: Settings):
    turned = tuple(replace(s, signals=s.signals[::-1]) for s in night.snapshots[::-1])
    one = triage(night, settings, NOW)
    other = triage(replace(night, snapshots=turned), settings, NOW)
    assert [sorted(p.refs) for p in one.problems] == [sorted(p.refs) for p in other.problems]
    assert [(p.id, p.score, p.alone) for p in one.problems] == [(p.id, p.score, p.alone) for p in other.problems]


@run(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(generated.nights(), generated.settings)
def test_signals_are_together_whether_they_are_looked_at_in_bundles_or_one_by_one(night: Night, settings: Settings):
    elsewhere = Decision(id="d", act=Act.SPLIT, refs=("am/gone",), others=("desk/gone",), at=NOW)
    bundles = triage(night, settings, NOW)
    singly = triage(replace(night, decisions=(elsewhere,)), settings, NOW)
    assert [replace(p, joined=()) for p in singly.problems] == [replace(p, joined=()) for p in bundles.problems]
    assert [bool(p.joined) for p in singly.problems] == [bool(p.joined) for p in bundles.problems]


def test_an_unchanged_source_is_not_worked_out_again():
    alerts = tuple(
        Signal(source="am", id=str(n), kind=Kind.ALERT, title="Down", opened_at=NOW, service="till") for n in range(3)
    )
    night = Night(snapshots=(Snapshot(source="am", kind="alertmanager", every_s=15, signals=alerts, skew_s=90.0),))
    work = Work()
    settings = Settings(me=generated.ME)
    first = triage(night, settings, NOW, work=work)
    later = triage(replace(night, memory=first.memory), settings, NOW, work=work)
    assert all(a is b for a, b in zip(first.problems[0].signals, later.problems[0].signals, strict=True))
