"""The screen as a Textual app: boards come in from the engine's thread, keys go to the desk, lines go to the paper."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import Context, copy_context
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding
from textual.timer import Timer

from oncall_tui import phrases, safe
from oncall_tui.config import Config, load
from oncall_tui.errors import ConfigError
from oncall_tui.model import Board, Problem, Said, Verb
from oncall_tui.ui import hearing, neighbours, writing
from oncall_tui.ui.actions import ACTIONS
from oncall_tui.ui.answers import tell_answer
from oncall_tui.ui.calling import Command, sequences
from oncall_tui.ui.desk import Desk
from oncall_tui.ui.foot import foot
from oncall_tui.ui.ink import Ink
from oncall_tui.ui.keys import Where
from oncall_tui.ui.outfit import Outfit, outfit
from oncall_tui.ui.outside import Outside
from oncall_tui.ui.paper import Paper
from oncall_tui.ui.terminal import TerminalApp, is_utf8, name_of

if TYPE_CHECKING:
    from oncall_tui.ui.editor import Editor


class Engine(neighbours.Engine, Protocol):
    """The engine as the screen owns it."""

    def start(self) -> None: ...
    def stop(self, timeout_s: float = 2.5) -> bool: ...
    def change(self, config: Config) -> Future[Said]: ...


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


_ABOVE = 4
"""Lines of the problem that an editor leaves on the screen, however much there is to say below it."""


class OncallApp(TerminalApp):
    """One paper, below it an editor while something is written."""

    CSS = "Screen { layout: vertical; background: ansi_default; color: ansi_default; }"
    BINDINGS = [Binding("ctrl+c", "press('ctrl+c')", show=False, priority=True)]  # noqa: RUF012 (Textual's way)

    def __init__(
        self,
        fit: Outfit,
        engine: Callable[[Callable[[Board], None]], Engine],
        *,
        reread: Callable[[], Config],
        now: Callable[[], datetime] = utc_now,
        ascii_: bool | None = None,
    ) -> None:
        """`engine` makes the engine, given what it calls with each board; `reread` reads the configuration again."""
        super().__init__(ansi_color=True)
        self._looks = fit.looks
        self._ascii = not is_utf8() if ascii_ is None else ascii_
        self._engine = engine(self._on_board)
        self._reread, self._now = reread, now
        self.desk = Desk(
            self._engine,
            self,
            actions=ACTIONS,
            me=fit.me,
            keys=fit.keys,
            now=now,
            advice=fit.advice,
            notify=fit.notify,
        )
        self._calls, self._command = fit.notify.how, Command(fit.notify.command)
        self._paper = Paper(self._looks, ascii_=self._ascii, id="paper")
        self._editor: Editor | None = None
        self._outside: Outside | None = None
        self._latest: Board | None = None
        self._context_here: Context | None = None
        self._home: asyncio.AbstractEventLoop | None = None
        self._last_typed = ""
        self._ticking: Timer | None = None
        self._saving: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def compose(self) -> ComposeResult:
        yield self._paper

    def on_mount(self) -> None:
        self._home, self._context_here = asyncio.get_running_loop(), copy_context()
        self._engine.start()
        self.repaint()
        self._tick_again()

    def on_unmount(self) -> None:
        self._command.end()
        self._engine.stop()

    # --- boards come in ----------------------------------------------------------------------------------------------

    def _on_board(self, board: Board) -> None:
        """Called on the engine's thread. Of a burst only the last one is painted."""
        waiting, self._latest = self._latest is not None, board
        if not waiting and self._home is not None and not self._home.is_closed():
            self._home.call_soon_threadsafe(self._take_board, context=self._context_here)

    def _take_board(self) -> None:
        board, self._latest = self._latest, None
        if board is not None and self.is_running:
            self.desk.see(board)
            self._tick_again()

    # --- time passes -------------------------------------------------------------------------------------------------

    def _tick_again(self) -> None:
        """The next tick: each second while a fire's clock is on screen, else when the minute changes."""
        if self._ticking is not None:
            self._ticking.stop()
        now = self._now()
        past = now.microsecond / 1e6 if phrases.ticks(self.desk.hands.problem) else now.second + now.microsecond / 1e6
        every = 1.0 if phrases.ticks(self.desk.hands.problem) else 60.0
        self._ticking = self.set_timer(every - past + 0.005, self._tick)

    def _tick(self) -> None:
        self.desk.tick()
        self._tick_again()

    # --- keys go out -------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if self.desk.pressed(name_of(event)):
            event.stop()
            self._tick_again()
        elif self._editor is not None and event.is_printable and event.character:
            self._editor.words.insert(event.character)  # typed before the editor has the focus: no letter is lost
            event.stop()

    def take_letters(self, text: str) -> bool:
        if self._editor is not None:
            self._editor.words.insert(safe.prose(text))  # as single letters before it has the focus: none is lost
            return True
        return self.desk.pasted(text)

    def action_press(self, key: str) -> None:
        """A key that works wherever the focus is."""
        self.desk.pressed(key)

    def on_resize(self) -> None:
        self.call_after_refresh(self.repaint)

    def on_text_area_changed(self) -> None:
        """Saves the draft half a second after the last letter, and at least twice a second while typing."""
        if self._saving is None:
            self._saving = self.set_timer(0.4, self._save)
        self._last_typed = self.typed()
        self.repaint()

    def _save(self) -> None:
        self._saving = None
        if self._editor is not None:
            writing.keep(self.desk, self._editor.text)

    # --- the configuration again -------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Takes the configuration in as it is now, whole or, when anything in it is wrong, not at all."""
        try:
            config = self._reread()
            fit = outfit(config, self._now)
        except ConfigError as error:
            self.desk.tell(f"configuration: {error.words}", Ink.ALARM)
        else:
            tell_answer(self.desk, self._engine.change(config), "configuration", done=partial(self._refit, fit))

    def _refit(self, fit: Outfit) -> None:
        self._looks = fit.looks
        self._paper.restyle(fit.looks)
        self._command.end()
        self._calls, self._command = fit.notify.how, Command(fit.notify.command)
        self.desk.refit(me=fit.me, keys=fit.keys, advice=fit.advice, notify=fit.notify)

    # --- what the desk asks of us ------------------------------------------------------------------------------------

    def repaint(self) -> None:
        """Paints what changed."""
        if not self.is_running or not self.size.height:
            return
        width, height = self.size
        below = self._paint_editor(self._editor, width, height) if self._editor else 0
        self._paper.show(self.desk.lines(width, height - below))

    def _paint_editor(self, editor: Editor, width: int, height: int) -> int:
        """Paints what stands around the words; how many lines the editor takes: a third of the screen, and what words need.

        What the problem has to say is never hidden by words, only the empty lines below it.
        """
        below = [
            *hearing.advice(self.desk, self.typed(), width, min(height // 3, 6)),
            *foot(self.desk.sight(width, 1), Where.EDITOR),
        ]
        below = below[-max(height - _ABOVE - 2, 1) :]  # the question's keys are its last lines
        words_ = max(height // 3 - 3, min(editor.rows, 4), 2)
        lines = min(1 + words_ + len(below), max(height - _ABOVE, 3))
        lines += min(max(editor.rows - (lines - 1 - len(below)), 0), self._spare(width, height - lines))
        editor.styles.height = lines
        editor.show(below, width, self.desk.editing.to if self.desk.editing else ())
        editor.words.mark([(hint.start, hint.end) for hint in hearing.heard(self.desk, editor.words.text)])
        return lines

    def _spare(self, width: int, height: int) -> int:
        """How many lines stay empty below the problem in that room."""
        shown = self.desk.lines(width, max(height, 0))
        return next((i for i, one in enumerate(reversed(shown)) if one), len(shown))

    def ring(self, said: str) -> None:
        self.send(sequences(self._calls, said, os.environ))
        if why := self._command.call(said):
            self.desk.tell(why, Ink.WARN)

    def later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def open_editor(self, verb: Verb, problem: Problem, text: str) -> None:
        from oncall_tui.ui.editor import Editor  # noqa: PLC0415 (a quarter of Textual, which the first frame needs not)

        self._editor = Editor(verb, problem, text, pressed=self.desk.pressed, looks=self._looks, ascii_=self._ascii)
        self.mount(self._editor)
        self._last_typed = text
        self.call_after_refresh(self._editor.words.focus)
        self.call_after_refresh(self.repaint)

    def close_editor(self) -> None:
        if self._editor is not None:
            self._editor.remove()
            self._editor = None
        self.call_after_refresh(self.repaint)

    def typed(self) -> str:
        return self._editor.text if self._editor else ""

    def retype(self, text: str) -> None:
        if self._editor:
            self._editor.words.load_text(text)
            self._editor.words.move_cursor(self._editor.words.document.end)

    async def edit_outside(self) -> str:
        """Lends the terminal to $EDITOR and takes it back; why that could not be, "" when it was."""
        if self._editor is None or self._outside is not None:
            return ""
        self._outside = Outside(self.typed())
        try:
            with self.lent():
                edited = await self._outside.edit()
        except SuspendNotSupported:
            return "this terminal cannot be handed over to another program"
        finally:
            self._outside = None
        self.retype(edited.text)
        return edited.fault

    def hint(self, words: str) -> None:
        """What the terminal layer wants to say goes where every answer goes."""
        self.desk.tell(words, Ink.WARN)

    def save_at_end(self) -> None:
        """Called from another thread when the line is gone: what is typed goes to disk before the engine ends."""
        writing.keep_at_end(self.desk, self._outside.end() if self._outside else self._last_typed)
        self._engine.stop(0.8)

    def copy(self, text: str) -> str:
        from oncall_tui.ui import clipboard  # noqa: PLC0415 (nothing is copied in the first frame)

        driver = self._driver
        return clipboard.copy(text, os.environ, driver.write) if driver else "there is no terminal to copy by"

    def leave(self) -> None:
        writing.keep_at_end(self.desk, self.typed())
        self.exit(0)

    def last_words(self) -> str:
        return writing.unkept(self.desk)


def run_screen(config: Config, state_dir: Path) -> int:
    """Opens the screen on this terminal until the engineer leaves; the exit code. Raises `ConfigError` for wrong keys."""
    from oncall_tui.engine.thread import EngineThread  # noqa: PLC0415 (Textual first: the frame is what is waited for)

    app = OncallApp(
        outfit(config, utc_now),
        lambda on_board: EngineThread(config, state_dir, on_board),
        reread=lambda: replace(load(config.path), debug=config.debug, bodies=config.bodies),
    )
    return app.show(state_dir / "frame")
