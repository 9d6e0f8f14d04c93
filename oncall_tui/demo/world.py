"""The embedded world: desk, monitor and their night on a thread of this process, or as a process of its own.

``python -m oncall_tui.demo.world --port-desk N --port-monitor M [--still] [--empty]`` serves it until SIGTERM, so that a
test can kill the program without killing the desk.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from oncall_tui import config
from oncall_tui.config import Config
from oncall_tui.demo import faults
from oncall_tui.demo.alertmanager import Alertmanager
from oncall_tui.demo.night import Night
from oncall_tui.demo.redmine import Redmine

KEY = "sanne-key"
"""The engineer's key to the embedded desk: no secret, the desk lives on loopback and knows nobody."""

_PATIENCE_S = 10.0
_BEAT_S = 0.2

_CONFIG = """\
# The embedded world of `oncall-tui demo`: nobody in it exists.
[me]
name = "Sanne de Vries"
email = "sanne@example.nl"

[sources.monitor]
kind = "alertmanager"
url = "{monitor}"
every = "5s"

[sources.desk]
kind = "redmine"
url = "{desk}"
every = "5s"
token = {{ file = "{key_file}" }}
taken_status = "In Progress"

[customers."Bakkerij De Korenaar"]
match = {{ organisations = ["Bakkerij De Korenaar"], domains = ["korenaar.example"], labels = {{ tenant = "korenaar" }} }}
core_process = "take orders from 14 shops"
core_process_theirs = "bestellingen van 14 winkels aannemen"
depends_on = ["orders-api"]
alternative = "none"
language = "nl"
phone = "+31 00 000 00 00"
moments = [{{ at = "{ovens}", what = "ovens load", zone = "Europe/Amsterdam" }}]

[customers."Garage Smit"]
match = {{ organisations = ["Garage Smit"] }}
core_process = "repair cars"
core_process_theirs = "auto's repareren"
process = "supporting"
depends_on = ["invoices"]
alternative = "manual"
language = "nl"

[customers."Webshop Lente"]
match = {{ organisations = ["Webshop Lente"] }}
core_process = "sell flowers online"
depends_on = ["checkout"]
language = "en"

[services.orders-api]
match = {{ labels = {{ service = "orders-api" }} }}
[services.invoices]
match = {{ labels = {{ service = "invoices" }} }}
[services.checkout]
match = {{ labels = {{ service = "checkout" }} }}
"""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """A desk and a monitor, served on free ports (or those given) while it is entered.

    `now` is their clock. The story is told by that clock from `start` on, `speed` times as fast; a `still` world stays as
    the night opens (tests turn it with `night.play(second)`), an `empty` one has people and no trouble at all.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = _utc_now,
        *,
        still: bool = False,
        empty: bool = False,
        speed: float = 1.0,
        port_desk: int = 0,
        port_monitor: int = 0,
    ) -> None:
        self.now, self.speed = now, speed
        self.desk, self.monitor = Redmine(now), Alertmanager(now)
        self.night = Night(self.desk, self.monitor)
        self.night.people()
        if not empty:
            self.night.open()
        self._is_told = not (still or empty)
        self._ports = ((self.desk, port_desk), (self.monitor, port_monitor))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="world", daemon=True)
        self._ending = threading.Event()
        self._teller = threading.Thread(target=self._tell, name="story", daemon=True)

    def start(self) -> None:
        """Serves. Raises `OSError` when a given port is taken."""
        self._thread.start()
        self._began_at = self.now()
        try:
            for site, port in self._ports:
                self._run(site.open(port))
        except OSError:
            self.stop()
            raise
        if self._is_told:
            self._teller.start()

    def stop(self) -> None:
        """Serves no more; open lines are cut. What desk and monitor know can still be looked at."""
        self._ending.set()
        if self._teller.is_alive():
            self._teller.join(_PATIENCE_S)
        if self._thread.is_alive():
            for site, _ in self._ports:
                self._run(site.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE_S)
            self._loop.close()

    def __enter__(self) -> World:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def _tell(self) -> None:
        """On a thread of its own: a source that goes away waits for the serving thread."""
        while not self._ending.wait(_BEAT_S):
            self.night.play((self.now() - self._began_at).total_seconds() * self.speed)

    # --- how to get there ---

    def toml(self, key_file: Path) -> str:
        """The configuration of an engineer in this world; the ovens load 76 minutes from now."""
        ovens = (self.now() + timedelta(minutes=76)).astimezone(ZoneInfo("Europe/Amsterdam"))
        return _CONFIG.format(monitor=self.monitor.url, desk=self.desk.url, key_file=key_file, ovens=f"{ovens:%H:%M}")

    def write_config(self, folder: Path) -> Path:
        """Writes ``demo.toml`` and the key that it names into `folder`, and tells where."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_file, path = folder / "demo.key", folder / "demo.toml"
        key_file.touch(mode=0o600)
        key_file.write_text(KEY)
        path.write_text(self.toml(key_file.resolve()), encoding="utf-8")
        return path

    def config(self, folder: Path) -> Config:
        """The same, read as any other configuration is. Raises `ConfigError` when the shape has moved on."""
        return config.load(self.write_config(folder))


def main(argv: list[str] | None = None) -> int:
    """Serves a world until SIGTERM or SIGINT; tells on stdout where, a ``NAME=value`` line each."""
    parser = argparse.ArgumentParser(prog="python -m oncall_tui.demo.world", description=main.__doc__)
    parser.add_argument("--port-desk", type=int, default=0)
    parser.add_argument("--port-monitor", type=int, default=0)
    parser.add_argument("--still", action="store_true", help="the night opens and stands still")
    parser.add_argument("--empty", action="store_true", help="people, and no trouble at all")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster the story is told")
    parser.add_argument(
        "--faults", type=int, metavar="SEED", help="the desk meets writes with a repeatable mix of faults"
    )
    parser.add_argument("--late", type=float, default=5.0, metavar="S", help="the longest lateness in that mix")
    parser.add_argument("--well", type=int, default=0, metavar="N", help="the first N writes go well, to set the scene")
    parser.add_argument("--config", type=Path, metavar="DIR", help="write demo.toml and its key there")
    args = parser.parse_args(argv)
    world = World(still=args.still, empty=args.empty, speed=args.speed, port_desk=args.port_desk,
                  port_monitor=args.port_monitor)  # fmt: skip
    if args.faults is not None:
        world.desk.faults = chain(repeat(None, args.well), faults.mix(args.faults, late_s=args.late))
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with world:
        for line in _told(world, args.config):
            print(line, flush=True)
        ended.wait()
    return 0


def _told(world: World, folder: Path | None) -> list[str]:
    """Where everything is. The last line is READY, so that a script knows when to go on."""
    keys = [f"KEY_{person.login.upper()}={person.key}" for person in world.desk.people.values()]
    written = [f"CONFIG={world.write_config(folder)}"] if folder else []
    return [f"DESK={world.desk.url}", f"MONITOR={world.monitor.url}", *keys, *written, "READY=1"]


if __name__ == "__main__":
    raise SystemExit(main())
