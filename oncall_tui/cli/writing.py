"""The commands that say something: `ack`, `release`, `resolve`, `note`, `reply`, `snooze`.

Each asks every source first, so that it says it to what is there now, then delivers at once: whoever types a whole
command has had their time to think.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from oncall_tui import words
from oncall_tui.care.strangers import strangers
from oncall_tui.cli import plain, streams
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.cli.reading import talk
from oncall_tui.cli.session import with_engine, with_what_was_said
from oncall_tui.cli.target import DAY_S, Target, find, find_write, span
from oncall_tui.config import Config
from oncall_tui.engine.engine import Engine
from oncall_tui.errors import WrongUse
from oncall_tui.model import Act, Board, Said, Saying, State, Verb, Write


def acknowledge(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`ack ID`."""
    return _say(config, state, arguments, Verb.ACKNOWLEDGE)


def release(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`release ID`."""
    return _say(config, state, arguments, Verb.RELEASE)


def resolve(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`resolve ID`."""
    return _say(config, state, arguments, Verb.RESOLVE)


def note(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`note ID TEXT`."""
    return _say(config, state, arguments, Verb.NOTE, _text(arguments))


def reply(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`reply ID TEXT`."""
    return _say(config, state, arguments, Verb.REPLY, _text(arguments))


def _text(arguments: Namespace) -> str:
    text = streams.answers().read() if arguments.text == "-" else str(arguments.text)
    if not text.strip():
        raise WrongUse("there are no words to send")
    return text.strip("\r\n")


def _say(config: Config, state: Path, arguments: Namespace, verb: Verb, text: str = "") -> Outcome:
    async def say(engine: Engine) -> Outcome:
        board = await engine.once()
        target = find(board, arguments.id)
        came = await said_to(engine, target, verb, text, sure=arguments.sure)
        warned = _names_others(config, board, target, text) if verb is Verb.REPLY else ""
        return came._replace(talk="\n".join(filter(None, (warned, came.talk))))

    return with_engine(config, state, say)


def _names_others(config: Config, board: Board, target: Target, text: str) -> str:
    """Advice, as before the same reply on the screen: whom it names to a customer who is somebody else; "" for nobody."""
    refs = set(target.refs or target.problem.refs)
    told = [(hurt, text) for hurt in target.problem.customers if hurt.spoke and not refs.isdisjoint(hurt.refs)]
    named = strangers(told, target.problem, (*board.problems, *board.aside), config.settings)
    return f"oncall-tui: the reply names {' and '.join(named)} to somebody else" if named else ""


async def said_to(
    engine: Engine, target: Target, verb: Verb, text: str, *, sure: bool, until: datetime | None = None
) -> Outcome:
    """What came of saying it to that target and delivering it at once."""
    said = engine.say(Saying(verb, target.problem, text, refs=target.refs, sure=sure, until=until, hold_s=0))
    if not said.writes:
        return _unsaid(said)
    await engine.deliver()
    return _became(_latest(engine, said.writes), talk(engine.board))


def _unsaid(said: Said) -> Outcome:
    question = f"{said.asks} Nothing was sent; with --sure it is." if said.asks else ""
    return Outcome(Code.REFUSED, talk=f"oncall-tui: {question or said.refused or said.words}")


def _latest(engine: Engine, writes: Sequence[Write]) -> list[Write]:
    """The same writes as they are now."""
    now = {write.id: write for write in engine.history(all=True)}
    return [now.get(write.id, write) for write in writes]


def _became(writes: Sequence[Write], talk_: str) -> Outcome:
    became = code(writes)
    later = "oncall-tui: `oncall-tui outbox --deliver` sends what waits" if became == Code.WAITING else ""
    return Outcome(became, "\n".join(map(plain.said, writes)), "\n".join(filter(None, (talk_, later))))


def code(writes: Sequence[Write]) -> int:
    """5 when a source refused one of them, 4 when one is still on its way, 0 when every source said yes."""
    states = {write.state for write in writes}
    if State.REFUSED in states:
        return Code.REFUSED
    return Code.DONE if states <= {State.DELIVERED, State.CONFIRMED, State.WITHDRAWN} else Code.WAITING


def settle(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`settle WRITE --send` or `--leave`: the engineer's answer about a write that nobody else can decide."""

    async def answer(engine: Engine) -> Outcome:
        write = find_write(engine.history(all=True), arguments.id)
        said = engine.settle(write.id, send=arguments.send)
        if not said.writes:
            return _unsaid(said)
        if arguments.send:
            await engine.deliver()
        return _became(_latest(engine, said.writes), "")

    return with_what_was_said(config, state, answer)


def undo(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`undo`: the last thing said or decided here is taken back, whichever screen or command it came from."""

    async def take_back(engine: Engine) -> Outcome:
        said = engine.undo(sure=arguments.sure)
        if said.asks or said.refused:
            return _unsaid(said)
        await engine.deliver()
        return _became(_latest(engine, said.writes), f"oncall-tui: {said.words}")

    return with_what_was_said(config, state, take_back)


def snooze(config: Config, state: Path, arguments: Namespace) -> Outcome:
    """`snooze ID 30m`: decided here, no source is told; with --at-source the sources that can are told."""
    if arguments.sure and not arguments.at_source:
        raise WrongUse("--sure is about --at-source: here nothing is asked")
    lasting = span(arguments.span, 60, 30 * DAY_S)

    async def decide(engine: Engine) -> Outcome:
        board = await engine.once()
        target, until = find(board, arguments.id), board.as_of + lasting
        if arguments.at_source:
            return await said_to(engine, target, Verb.SNOOZE, "", sure=arguments.sure, until=until)
        said = engine.decide(Act.SNOOZE, target.problem.refs, until=until)
        if said.asks or said.refused:
            return _unsaid(said)
        return Outcome(
            Code.DONE, f"{target.problem.id}: snoozed here until {words.when(until, board.as_of)}", talk(board)
        )

    return with_engine(config, state, decide)
