"""The whole engine in a process that may be killed: says notes to every ticket over HTTP, prints each once it is saved."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from oncall_tui import config
from oncall_tui.engine.engine import Engine
from oncall_tui.model import Board, Kind, Problem, Saying, Signal, State, Verb


async def main(path: Path, state: Path, name: str, count: int) -> None:
    """Takes every ticket once, then says `count` notes, a line on stdout each; ends when nothing is open any more.

    Who says nothing takes what nobody took, alerts and all.
    """
    came = asyncio.Event()
    engine = Engine(config.load(path), state, on_board=lambda _: came.set())
    await engine.start()
    while not _tickets(engine.board) or not engine.board.whole:
        came.clear()
        await came.wait()
    for problem, signal in (_tickets if count else _signals)(engine.board):
        if not signal.mine:
            engine.say(Saying(Verb.ACKNOWLEDGE, problem, refs=(signal.ref,), sure=True, hold_s=0))
    for number in range(count):
        tickets = _tickets(engine.board)
        problem, signal = tickets[number % len(tickets)]
        said = engine.say(
            Saying(Verb.NOTE, problem, f"{name}-{number} on {signal.id}", refs=(signal.ref,), sure=True, hold_s=0)
        )
        os.write(1, f"{said.writes[0].text}\n".encode())
        await asyncio.sleep(0.004)
    os.write(1, b"ALL SAID\n")
    while any(write.state.is_open for write in engine.history()):
        await engine.deliver(timeout_s=1)
        await asyncio.sleep(0.1)
    refused = [write for write in engine.history(all=True) if write.state is State.REFUSED]
    assert not refused, refused
    await engine.stop()


def _signals(board: Board) -> list[tuple[Problem, Signal]]:
    return [(problem, signal) for problem in (*board.problems, *board.aside) for signal in problem.signals]


def _tickets(board: Board) -> list[tuple[Problem, Signal]]:
    return [(problem, signal) for problem, signal in _signals(board) if signal.kind is Kind.TICKET]


if __name__ == "__main__":
    path_, state_, name_, count_ = sys.argv[1:]
    asyncio.run(main(Path(path_), Path(state_), name_, int(count_)))
