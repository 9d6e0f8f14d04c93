"""Puts on disk what is said, typed and decided here, and takes the last of it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from oncall_tui.config import Config
from oncall_tui.engine import keeping, undoing
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.known import RECENT, Known
from oncall_tui.engine.outbox import Outbox
from oncall_tui.engine.saying import aim, compare, unfit, words_to
from oncall_tui.errors import Unwritable
from oncall_tui.kit import Connector
from oncall_tui.model import Act, Board, Decision, Draft, Problem, Ref, Said, Saying, Signal, State, Verb, Write, stamp
from oncall_tui.words import when


class Scribe:
    """Plain calls: when one returns, it is on disk, and `known` knows it.

    They raise `errors.Unwritable` when our disk does not take it; then nothing was said.
    """

    def __init__(
        self, box: Outbox, known: Known, config: Config, connectors: Mapping[str, Connector], clock: Clock
    ) -> None:
        self._box, self._known, self._config, self._connectors, self._clock = box, known, config, connectors, clock
        self._pressed: list[str] = []
        self._has_undone = False

    # --- what is said -------------------------------------------------------------------------------------------------

    def say(self, saying: Saying, board: Board) -> Said:
        """The writes, or what to ask first (the `board` of this moment is otherwise than the screen), or why not."""
        aimed = aim(saying, self._connectors)
        if refused := unfit(saying) or aimed.refused:
            return Said(refused=refused)
        present = compare(saying, aimed.signals, board)
        if present.asks and not saying.sure:
            return Said(asks=present.asks)
        hold_s = self._config.undo_s if saying.hold_s is None else saying.hold_s
        signals = present.signals if saying.sure else _shown(aimed.signals, present.signals)
        now = self._clock.now()
        writes = tuple(self._write(saying, signal, now, hold_s) for signal in signals)
        self.put(writes, instead_of=(saying.problem.id, saying.verb))
        self._press(*writes)
        return Said(writes=writes, words=_told(writes, hold_s))

    def _write(self, saying: Saying, signal: Signal, now: datetime, hold_s: float) -> Write:
        until = saying.until
        if saying.verb is Verb.ACKNOWLEDGE and until is None:
            until = keeping.until(self._connectors[signal.source], now, self._config.ack_hours)
        return Write(
            id=str(uuid.uuid4()),
            problem=saying.problem.id,
            ref=signal.ref,
            verb=saying.verb,
            by=self._config.settings.me.name,
            asked_at=now,
            text=words_to(saying, signal.ref),
            state=State.HELD if hold_s > 0 else State.WAITING,
            until=until,
            promise_at=saying.promise_at,
            due_at=now + timedelta(seconds=hold_s) if hold_s > 0 else None,
            after=self._relies_on(saying),
            stated=stamp(signal),
            sure=saying.sure,
        )

    def _relies_on(self, saying: Saying) -> str:
        """The acknowledgement on its way: what is said as the one who has it must not go out if it is refused."""
        if saying.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
            return ""
        problem = saying.problem
        open_acks = [w for w in self._known.writes.values() if w.verb is Verb.ACKNOWLEDGE and w.state.is_open]
        return next((w.id for w in open_acks if w.problem == problem.id or w.ref in problem.refs), "")

    def put(self, writes: Sequence[Write], *, instead_of: tuple[str, Verb] | None = None) -> None:
        """Saves new writes, all or none; the draft `instead_of` (a problem's id and a verb) has become them."""
        self._box.put(writes, instead_of=instead_of)
        if instead_of:
            self._known.reload_own()
        self._known.note(*writes)

    def send_held(self) -> tuple[Write, ...]:
        """What was said here and could still be taken back is held no longer."""
        now, sent = self._clock.now(), []
        for write_id in self._pressed:
            with suppress(Unwritable):
                if released := self._box.change(write_id, _hold_no_longer, now):
                    sent.append(released)
        self._known.note(*sent)
        return tuple(sent)

    def settle(self, write_id: str, *, send: bool) -> Said:
        """Answers the question about an unsure or refused write: send it (again) all the same, or let it be."""
        settled = self._box.change(write_id, _again if send else _let_be, self._clock.now())
        if settled is None:
            return Said(refused="there is nothing to decide about it now")
        self._known.note(settled)
        left = "left as it is" if settled.attempts else "withdrawn: it is not sent"
        return Said(writes=(settled,), words="on its way again" if send else left)

    # --- what is typed and decided ------------------------------------------------------------------------------------

    def draft(self, problem: Problem, verb: Verb, text: str, was: str) -> Said:
        """Keeps what is being typed; "" removes it. `was` is the id of an older problem under which it was kept."""
        now = self._clock.now()
        text = text.encode("utf-8", "replace").decode()
        draft = Draft(problem=problem.id, verb=verb, text=text, saved_at=now, refs=problem.refs)
        self._box.keep_draft(draft, instead_of=was)
        self._known.reload_own()
        return Said(words="draft saved" if text else "draft removed")

    def drop_draft(self, draft: Draft) -> Said:
        """Removes it, whichever problem it is of."""
        self._box.keep_draft(replace(draft, text=""))
        self._known.reload_own()
        return Said(words="thrown away")

    def decide(self, act: Act, refs: Sequence[Ref], others: Sequence[Ref], value: str, until: datetime | None) -> Said:
        """Decides here, not at a source: snooze, split, join, impact (see `Decision`)."""
        decision = Decision(
            id=str(uuid.uuid4()),
            act=act,
            refs=tuple(refs),
            others=tuple(others),
            value=value,
            until=until,
            at=self._clock.now(),
        )
        self._box.decide(decision)
        self._known.reload_own()
        self._press(decision)
        return Said(words="decided: u takes it back")

    # --- what is taken back -------------------------------------------------------------------------------------------

    def undo(self, board: Board, *, sure: bool = False) -> Said:
        """Takes the last key press back: withdraws what is held, reverses what was delivered where the source can.

        It is the last one here; where nothing was pressed yet, it is the last one that is on disk. Once more, it is the one
        before, of which is told what it was, and asked first unless `sure` when a source would be told of it.
        """
        recent = self._box.writes(settled_since=self._clock.now() - RECENT)
        me = self._config.settings.me.name
        presses = undoing.presses(recent, self._box.decisions(), me, self._pressed)
        left = [press for press in presses if not undoing.is_taken_back(press, recent)]
        is_further = self._has_undone or left[:1] != presses[:1]
        if not left:
            return Said(refused=f"there is nothing {'more ' if is_further else ''}to take back")
        if not is_further:
            return self._undo(left[0])
        what = undoing.what(left[0], board)
        if not sure and self._is_told(left[0]):
            return Said(asks=f"Before that: {what}. Take that back as well?")
        said = self._undo(left[0])
        if said.refused:
            return Said(refused=f"{what}: {said.refused}")
        return replace(said, words=f"{what}: {said.words}")

    def _press(self, *pressed: Write | Decision) -> None:
        self._pressed += (one.id for one in pressed)
        self._has_undone = False

    def _undo(self, press: undoing.Press) -> Said:
        if isinstance(press, Decision):
            said = self._undecide(press)
        else:
            said = _together([self._take_back(write.id) for write in press])
        self._has_undone |= not said.refused
        return said

    def _is_told(self, press: undoing.Press) -> bool:
        """Whether a source would be told that it is taken back."""
        writes = () if isinstance(press, Decision) else press
        return any(undoing.withdrawn(write) is None and self._reversal(write) for write in writes)

    def _undecide(self, decision: Decision) -> Said:
        """What was joined by hand is kept apart by hand; anything else is as if it had not been decided."""
        self._box.undecide(decision.id)
        if decision.act is Act.JOIN:
            self._box.decide(undoing.apart(decision, self._clock.now()))
        self._known.reload_own()
        return Said(words="taken back")

    def _take_back(self, write_id: str) -> Said:
        withdrawn = self._box.change(write_id, undoing.withdrawn, self._clock.now())
        if withdrawn is not None:
            self._known.note(withdrawn)
            return Said(writes=(withdrawn,), words="withdrawn: it was not sent")
        write = self._box.write(write_id)
        if write is None or not write.state.has_effect:
            return Said(refused="it was not sent, or was taken back already")
        if write.source not in self._connectors:
            return Said(refused=f"{write.source} is not configured any more")
        reverse = self._reversal(write)
        if reverse is None:
            return Said(refused=undoing.why_not(write))
        if self._box.write(reverse.id):
            return Said(refused="that was taken back already")
        self.put((reverse,))
        return Said(writes=(reverse,), words=undoing.told(write, reverse))

    def _reversal(self, write: Write) -> Write | None:
        """What would end its effect at its source, if anything can."""
        connector, now = self._connectors.get(write.source), self._clock.now()
        until = keeping.until(connector, now, self._config.ack_hours) if connector else None
        return undoing.reversal(write, now, until, connector) if connector else None


def _together(said: Sequence[Said]) -> Said:
    """What came of one press that was several writes."""
    words = "; ".join(dict.fromkeys(one.words or one.refused for one in said))
    writes = tuple(write for one in said for write in one.writes)
    return Said(writes=writes, words=words) if writes else Said(refused=words)


def _shown(aimed: Sequence[Signal], present: Sequence[Signal]) -> tuple[Signal, ...]:
    """As the engineer saw them, but for those that are over meanwhile."""
    there = {signal.ref for signal in present}
    return tuple(signal for signal in aimed if signal.ref in there)


def _hold_no_longer(write: Write) -> Write | None:
    return replace(write, state=State.WAITING, due_at=None) if write.state is State.HELD else None


def _again(write: Write) -> Write | None:
    can = write.state in (State.UNSURE, State.REFUSED, State.WITHDRAWN)
    return replace(write, state=State.WAITING, sure=True, fault="", due_at=None) if can else None


def _let_be(write: Write) -> Write | None:
    can = write.state in (State.UNSURE, State.REFUSED, State.WAITING, State.HELD)
    return replace(write, state=State.WITHDRAWN, due_at=None) if can else None


def _told(writes: Sequence[Write], hold_s: float) -> str:
    ends = [
        f"{write.source} until {when(write.until, write.asked_at)}" if write.until else write.source for write in writes
    ]
    where = ", ".join(dict.fromkeys(ends))
    return f"goes to {where} in {hold_s:.0f} s: u takes it back" if hold_s > 0 else f"goes to {where}"
