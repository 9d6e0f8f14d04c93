"""Board -> the JSON that other programs read: stable, and written down in the README.

Times are ISO 8601 in UTC ("2026-11-23T02:14:07Z"), null where there is none; a text that there is none of is "".
Problems, customers, signals and reasons stand in the board's order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from oncall_tui import words
from oncall_tui.model import Board, Health, Hurt, Problem, Reason, Signal, Write


def as_text(value: Any) -> str:
    """`value` as JSON in ASCII, which passes every encoding and holds no control character."""
    return json.dumps(value, indent=2, ensure_ascii=True)


def as_json(board: Board, *, most: int | None = None) -> dict[str, Any]:
    """The whole board, with at most so many problems."""
    return {
        "as_of": utc(board.as_of),
        "quiet": board.quiet,
        "problems": [problem(one) for one in board.problems[:most]],
        "sources": [source(one, board.as_of) for one in board.sources],
        "outbox": writes(board.outbox),
    }


def problem(one: Problem) -> dict[str, Any]:
    """One entry of ``problems``."""
    return {
        "id": one.id,
        "title": one.title,
        "customers": [_customer(hurt) for hurt in one.customers],
        "impact": one.impact.word,
        "on_fire": one.on_fire,
        "alone": {"is": one.alone.is_alone, "why": one.alone.why, "since": utc(one.alone.since)},
        "taken_by": one.taken_by,
        "promise_at": utc(one.promise_at),
        "score": one.score,
        "reasons": [_reason(reason) for reason in one.reasons],
        "joined": list(one.joined),
        "signals": [_signal(signal) for signal in one.signals],
        "writes": writes(one.writes),
    }


def writes(some: Iterable[Write]) -> list[dict[str, Any]]:
    """A problem's ``writes`` and what ``outbox --json`` prints."""
    return [write(one) for one in some]


def write(one: Write) -> dict[str, Any]:
    """One entry of ``outbox``."""
    return {
        "id": one.id,
        "ref": one.ref,
        "verb": one.verb.value,
        "text": one.text,
        "state": one.state.value,
        "attempts": one.attempts,
        "fault": one.fault,
        "asked_at": utc(one.asked_at),
    }


def source(one: Health, now: datetime) -> dict[str, Any]:
    """One entry of ``sources``; ``fault`` says why it is not live, and is "" when it is."""
    return {
        "name": one.name,
        "kind": one.kind,
        "live": one.live,
        "asked_at": utc(one.asked_at),
        "answered_at": utc(one.answered_at),
        "fault": words.fault(one, now),
    }


def _customer(hurt: Hurt) -> dict[str, Any]:
    return {
        "name": hurt.name,
        "core_process": hurt.core_process,
        "alternative": hurt.alternative.value,
        "wrote": hurt.wrote,
        "last_words": hurt.last_words,
        "last_wrote_at": utc(hurt.last_wrote_at),
        "last_word_at": utc(hurt.last_word_at),
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "ref": signal.ref,
        "kind": signal.kind.value,
        "title": signal.title,
        "severity": signal.severity,
        "status": signal.status,
        "service": signal.service,
        "customer": signal.customer,
        "opened_at": utc(signal.opened_at),
        "assignee": signal.assignee,
        "url": signal.url,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"points": reason.points, "words": reason.words}


def utc(at: datetime | None) -> str | None:
    """ISO 8601 in whole seconds with a Z, as every common parser takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
