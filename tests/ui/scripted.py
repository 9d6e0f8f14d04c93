"""An engine of a few lines that answers as the real one does, at once, and remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import msgspec
from textual.app import App

from oncall_tui.config import Config
from oncall_tui.model import Act, Board, Draft, Me, Problem, Record, Ref, Said, Saying, Settings, State, Verb, Write
from oncall_tui.ui.actions import ACTIONS
from oncall_tui.ui.advice import Advice
from oncall_tui.ui.app import OncallApp
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.keys import Keys
from oncall_tui.ui.outfit import outfit
from oncall_tui.ui.theme import THEMES
from tests.ui.nights import NOW, bakery


class Scripted:
    """`answers` are taken one by one; when there is none the write is held, as a fresh one is."""

    def __init__(self, on_board: Callable[[Board], None], board: Board | None) -> None:
        self.on_board, self.board = on_board, board
        self.told: list[tuple[object, ...]] = []
        self.answers: list[Said | Exception | Future[Said]] = []
        self.draft_faults: list[Exception] = []
        self.drafts: dict[tuple[str, Verb], str] = {}
        self.stopped = False
        self.kept = Record(since=NOW)
        self.addressed: dict[str, str] = {}
        self.until: datetime | None = None

    def start(self) -> None:
        if self.board is not None:
            self.on_board(self.board)

    def stop(self, timeout_s: float = 2.5) -> bool:
        self.stopped = True
        return True

    def publish(self, board: Board) -> None:
        self.board = board
        self.on_board(board)

    def _answer(self, otherwise: Said) -> Future[Said]:
        future: Future[Said] = Future()
        answer = self.answers.pop(0) if self.answers else otherwise
        if isinstance(answer, Future):
            return answer
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    def say(self, saying: Saying) -> Future[Said]:
        verb, problem, text = saying.verb, saying.problem, saying.text
        self.addressed, self.until = dict(saying.to), saying.until
        self.told.append(("say", verb, problem.id, text, saying.sure))
        write = Write(
            id="w1",
            problem=problem.id,
            ref=problem.refs[-1],
            verb=verb,
            by="Sanne",
            asked_at=NOW,
            text=text,
            state=State.HELD,
        )
        answer = self._answer(Said(writes=(write,)))
        answer.add_done_callback(lambda said: self._is_draft_no_more(said, problem, verb))
        return answer

    def _is_draft_no_more(self, said: Future[Said], problem: Problem, verb: Verb) -> None:
        if not said.exception() and said.result().writes:
            self.drafts.pop((problem.id, verb), None)

    def decide(
        self,
        act: Act,
        refs: Sequence[Ref],
        *,
        others: Sequence[Ref] = (),
        value: str = "",
        until: datetime | None = None,
    ) -> Future[Said]:
        self.told.append(("decide", act, tuple(refs), tuple(others), value, until))
        return self._answer(Said())

    def undo(self, *, sure: bool = False) -> Future[Said]:
        self.told.append(("undo", sure))
        return self._answer(Said(words="taken back: take it"))

    def settle(self, write_id: str, *, send: bool) -> Future[Said]:
        self.told.append(("settle", write_id, send))
        return self._answer(Said(words="it goes again" if send else "withdrawn"))

    def draft(self, problem: Problem, verb: Verb, text: str, *, was: str = "") -> Future[Said]:
        if self.draft_faults:
            failed: Future[Said] = Future()
            failed.set_exception(self.draft_faults.pop(0))
            return failed
        self.drafts.pop((was, verb), None)
        self.drafts[problem.id, verb] = text
        if self.board is not None:
            kept = tuple(Draft(problem=p, verb=v, text=t, saved_at=NOW) for (p, v), t in self.drafts.items() if t)
            self.board = msgspec.structs.replace(self.board, drafts=kept)
            self.on_board(self.board)
        saved: Future[Said] = Future()
        saved.set_result(Said())
        return saved

    def drop_draft(self, draft: Draft) -> Future[Said]:
        self.told.append(("drop_draft", draft.problem, draft.verb))
        return self._answer(Said(words="thrown away"))

    def record(self, since: datetime) -> Future[Record]:
        future: Future[Record] = Future()
        future.set_result(self.kept)
        return future

    def ask_now(self, source: str = "") -> Future[Said]:
        self.told.append(("ask_now", source))
        return self._answer(Said())

    def change(self, config: Config) -> Future[Said]:
        self.told.append(("change", config))
        return self._answer(Said(words="the configuration was read again"))


class Hollow:
    """A terminal's side that shows nothing, for a desk that is read directly."""

    text = ""

    def repaint(self) -> None: ...
    def ring(self, said: str) -> None: ...
    def close_editor(self) -> None: ...
    def leave(self) -> None: ...
    def reload(self) -> None: ...
    async def edit_outside(self) -> str:
        return ""

    def copy(self, text: str) -> str:
        return "copied"

    def later(self, work: Awaitable[None]) -> None:
        self.task = asyncio.ensure_future(work)

    def open_editor(self, verb: Verb, problem: Problem, text: str) -> None:
        self.text = text

    def typed(self) -> str:
        return self.text

    def retype(self, text: str) -> None:
        self.text = text


def bare_desk(board: Board, *, advice: Advice | None = None, kept: Record | None = None) -> Desk:
    """A desk without a terminal."""
    engine = Scripted(lambda board: None, board)
    engine.kept = kept or engine.kept
    desk = Desk(engine, Hollow(), actions=ACTIONS, me="Sanne", keys=Keys(), now=lambda: NOW, advice=advice)
    desk.see(board)
    return desk


class Screen:
    """An `OncallApp` on a scripted engine, and how to read what it shows."""

    def __init__(self, board: Board | None = None, *, keys: dict[str, str] | None = None, now: Callable[[], datetime] | None = None,
                 ascii_: bool = False, theme: str = "", advice: Advice | None = None) -> None:  # fmt: skip
        from pathlib import Path

        clock, shown = now or (lambda: NOW), bakery() if board is None else board
        self.config: Config | Exception = Config(
            path=Path("config.toml"), settings=Settings(me=Me(name="Sanne de Vries")), sources=()
        )
        fit = outfit(self._reread(), clock)._replace(keys=Keys(keys), advice=advice or Advice())
        self.app = OncallApp(
            fit._replace(looks=THEMES[theme]) if theme else fit,
            lambda on_board: Scripted(on_board, shown),
            reread=self._reread,
            now=clock,
            ascii_=ascii_,
        )
        self.engine: Scripted = self.app._engine  # type: ignore[assignment]

    def _reread(self) -> Config:
        if isinstance(self.config, Exception):
            raise self.config
        return self.config

    def copies(self) -> list[str]:
        """What is handed to the clipboard from now on."""
        copied: list[str] = []

        def copy(text: str) -> str:
            copied.append(text)
            return "copied"

        self.app.copy = copy  # type: ignore[method-assign]
        return copied

    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.app)


def text_of(app: App[Any]) -> str:
    """What stands on the screen of an app, without styles or trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
