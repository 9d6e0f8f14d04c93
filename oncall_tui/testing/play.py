"""Plays a conversation of a connector with answers from a test as the product's line would, and keeps what it asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from oncall_tui.errors import Denied, OncallError, RateLimited, Rejected, Unavailable, Unreadable
from oncall_tui.kit import SHAPES, Exchange, Request, Response

T = TypeVar("T")
Answer = Callable[[Request], Response]

MOST = 500
"""More requests than any recorded conversation needs: whoever asks more goes round in circles."""


@dataclass(frozen=True)
class Played(Generic[T]):
    """What a conversation came to, and every request in it."""

    result: T
    asked: tuple[Request, ...]

    @property
    def writes(self) -> tuple[Request, ...]:
        return tuple(request for request in self.asked if request.writes)


class EndlessError(AssertionError):
    """The connector would have gone on asking for ever."""


def play(exchange: Exchange[T], answer: Answer | Iterable[Response], asked: list[Request] | None = None) -> Played[T]:
    """Drive the generator to its end. `asked` also has the requests when it raises.

    A status that a request does not accept and a shape that the connector does not know raise what they raise in the
    product: one of our errors.
    """
    asked = [] if asked is None else asked
    reply = answer if callable(answer) else in_turn(answer)
    try:
        request = next(exchange)
        while len(asked) < MOST:
            asked.append(request)
            request = exchange.send(_judged(request, reply(request)))
    except StopIteration as end:
        return Played(end.value, tuple(asked))
    except SHAPES as error:
        raise Unreadable(f"the API changed shape: {type(error).__name__} {error}") from error
    raise EndlessError(f"still asking after {MOST} requests: {asked[-1]}")


def _judged(request: Request, response: Response) -> Response:
    """The answer, if it is one for the connector."""
    if 200 <= response.status < 300 or response.status in request.accepts:
        return response
    raise _failure(request, response.status)


def _failure(request: Request, status: int) -> OncallError:
    match status:
        case 401 | 403:
            return Denied(f"does not let us ({status})")
        case 404 | 410:
            return Rejected(f"has nothing at {request.path} ({status})", gone=True)
        case 429:
            return RateLimited("asks us to slow down", after_s=60)
        case _ if status >= 500:
            return Unavailable(f"failed inside ({status})", maybe_sent=request.writes)
    return Rejected(f"refused it ({status})")


def in_turn(answers: Iterable[Response]) -> Answer:
    """The first answer to the first request, whatever it is, and so on."""
    rest = iter(answers)

    def reply(request: Request) -> Response:
        answer = next(rest, None)
        if answer is None:
            raise AssertionError(f"asked more than was expected: {request.method} {request.path}")
        return answer

    return reply


def ok(body: str | bytes) -> Response:
    """A 200 with that body."""
    return Response(status=200, body=body.encode() if isinstance(body, str) else body)
