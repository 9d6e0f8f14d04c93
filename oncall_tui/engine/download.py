"""A text from an address, without credentials: the part of a configuration that a team shares."""

from __future__ import annotations

from oncall_tui.config import SourceConfig
from oncall_tui.engine.clock import Clock
from oncall_tui.engine.statuses import judge
from oncall_tui.engine.wire import LIMIT_S, Wire
from oncall_tui.errors import OncallError, Unreadable
from oncall_tui.kit import Request


async def download(url: str) -> str:
    """A text from there, whole, and not by a redirect. Raises `Unavailable` or `Unreadable`."""
    wire = Wire(SourceConfig(name="", kind="", url=url), Clock(), limit_s=LIMIT_S, most_bytes=1 << 20)
    request = Request(method="GET", path="")
    try:
        answer = await wire.send(request, {"accept": "*/*", "accept-encoding": "gzip"})
        if failure := judge(request, answer, now=wire.clock.now()):
            raise failure
        return answer.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(f"{url}: it is not UTF-8") from None
    except OncallError as error:
        error.words = f"{url}: {error.words}"
        raise
    finally:
        await wire.close()
