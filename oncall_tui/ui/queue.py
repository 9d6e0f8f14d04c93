"""The queue: every problem, most urgent first, filtered as you type, grouped by customer when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from oncall_tui import phrases
from oncall_tui.model import Noun, Problem
from oncall_tui.ui.ink import Ink, Line, Piece, clip, cut, line, pad, spread, width
from oncall_tui.ui.keys import Where
from oncall_tui.ui.page import Page
from oncall_tui.ui.sight import Sight


class Entry(Noun, frozen=True, kw_only=True):
    """A problem in the list; `under` is the customer below whose name it stands when they are grouped."""

    problem: Problem
    under: str = ""


class Queue(Page[Entry]):
    """A page of problems. While `typing`, letters go into the filter; `grouped` and `with_aside` are switched by keys."""

    def __init__(
        self, enter: Callable[[Problem], None], *, verb: str = "queue", without: str = "", hint: str = ""
    ) -> None:
        """`without` is the id of a problem that is not among them."""
        super().__init__(
            self._title,
            self._items,
            paint=lambda entry, sight: row(entry.problem, sight),
            name=lambda entry: (entry.problem.id, entry.under),
            where=Where.QUEUE,
            enter=lambda entry: enter(entry.problem),
            hint=hint,
        )
        self.verb, self.without = verb, without
        self.filter = ""
        self.typing = False
        self.grouped = False
        self.with_aside = False

    def pressed(self, key: str, name: str = "") -> bool:
        """Letters while filtering; moves otherwise."""
        if not self.typing or name == "quit":
            return super().pressed(key, name)
        if name in ("back", "choose") and (len(key) > 1 or not key.isprintable()):
            self.typing = False
            self.filter = "" if name == "back" else self.filter
        elif key in ("backspace", "ctrl+h"):
            self.filter = self.filter[:-1]
        elif key == "space" or len(key) == 1:
            self.filter += " " if key == "space" else key
        else:
            return super().pressed(key, name)
        return True

    def pasted(self, letters: str) -> bool:
        if self.typing:
            self.filter += letters
        return self.typing

    def _bar(self, sight: Sight) -> Line:
        """While letters go into the filter no other key is one."""
        if not self.typing:
            return super()._bar(sight)
        back, choose = (Piece(sight.keys.called(name), Ink.KEY) for name in ("back", "choose"))
        return clip(line(" ", back, " no filter  ", choose, " keep it"), sight.width)

    def switch(self, name: str) -> None:
        """``filter`` begins to type one; ``group`` and ``aside`` turn themselves on and off."""
        self.typing = self.typing or name == "filter"
        self.grouped ^= name == "group"
        self.with_aside ^= name == "aside"

    def _title(self, sight: Sight) -> str:
        board = sight.board
        many = sum(p.id != self.without for p in board.problems) if board else 0
        count = f"{many} problem{'' if many == 1 else 's'}" if board else ""
        aside = f", {len(board.aside)} out of the way" if board and board.aside else ""
        wanted = f" · holds “{self.filter}{'_' if self.typing else ''}”" if self.filter or self.typing else ""
        return f"{self.verb}: {count}{aside}{wanted}"

    def _items(self, sight: Sight) -> Sequence[Line | Entry]:
        board = sight.board
        if board is None:
            return []
        found = [p for p in board.problems if self._holds(p)]
        aside = [p for p in board.aside if self._holds(p)] if self.with_aside else []
        if not found and not aside:
            return [line("  nothing holds these letters" if self.filter else "  no problem is known", ink=Ink.DIM)]
        items: list[Line | Entry] = [Entry(problem=problem) for problem in found]
        items = _by_customer(found) if self.grouped else items
        if aside:
            items += [line(""), line(" out of the way", ink=Ink.DIM), *(Entry(problem=problem) for problem in aside)]
        return items

    def _holds(self, problem: Problem) -> bool:
        if problem.id == self.without:
            return False
        wanted = self.filter.strip().casefold()
        return not wanted or wanted in known_as(problem).casefold()


def _by_customer(problems: Sequence[Problem]) -> list[Line | Entry]:
    """Customers in the order of their worst problem, each with theirs below: a problem stands under each whom it hurts."""
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        for name in dict.fromkeys(hurt.name for hurt in problem.customers) or ("",):
            groups.setdefault(name or phrases.UNNAMED, []).append(problem)
    items: list[Line | Entry] = []
    for name, theirs in groups.items():
        items += [line(f" {name}", ink=Ink.STRONG), *(Entry(problem=problem, under=name) for problem in theirs)]
    return items


def known_as(problem: Problem) -> str:
    """All that a problem is looked for by: its title, whom it hurts, and each signal's title and number as people write it."""
    signals = (f"{signal.ref} #{signal.id} {signal.title}" for signal in problem.signals)
    return " ".join((problem.title, *(hurt.name for hurt in problem.customers), *signals))


def row(problem: Problem, sight: Sight) -> Line:
    """One problem in one line: how bad by shape and word, who, what, and whether they are alone."""
    ink = Ink.ALARM if phrases.ticks(problem) else Ink.WARN if problem.alone.is_alone else Ink.DIM
    state = Piece(phrases.in_hand(problem, sight.now), ink)
    mark = Piece(f"{phrases.SHAPES[problem.impact]} ", Ink.DOWN if ink is Ink.ALARM else ink)
    if sight.is_narrow:
        half = sight.width // 2 - 2
        return spread(line(mark, phrases.everybody(problem)), line(Piece(cut(state.text, half), ink)), sight.width - 3)
    bad = f"{'on fire' if problem.on_fire else problem.impact.word.replace('_', ' ')}"
    cells, most = min(sight.width - 3, 140), min(28, sight.width // 3)
    told = line(Piece(cut(state.text, 40), ink))
    name = cut(line(phrases.everybody(problem))[0].text, most)
    is_crowded = cells - width(told) - most - 15 < _TITLE  # then the title begins where the name ends
    return spread(line(mark, f"{pad(bad, 9)}  {name if is_crowded else pad(name, most)}  {problem.title}"), told, cells)


_TITLE = 12
"""Fewer cells of a title tell nothing."""
