"""Ten thousand alerts on the screen: ``python -m tests.bench.bench_storm``; how soon they are live, and what a key waits.

The alerts come over HTTP from a process of their own and are polled every 5 seconds while the cursor moves in the queue.
A bare Textual app in the same run is the reference for both.
"""

from __future__ import annotations

import argparse
import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.pty import KEYS, Session

ROOT = Path(__file__).parents[2]
HELD_S = 12.0
"""More than two polls."""

CONFIG = """
[me]
name = "Sanne"
[sources.am]
kind = "alertmanager"
url = "{url}"
every = "5s"
"""


def alerts(count: int) -> bytes:
    """So many alerts as Alertmanager lists them, on 400 services."""
    began_at = datetime.now(UTC) - timedelta(minutes=14)
    return json.dumps([
        {
            "labels": {"alertname": f"Alert{n % 37}", "severity": ("critical", "warning", "info")[n % 3],
                       "service": f"service-{n % 400}", "instance": f"host-{n}.example.net:9100", "tenant": f"tenant-{n % 400}",
                       "cluster": "eu-1", "job": "node"},
            "annotations": {"summary": f"Something is wrong on host-{n}", "description": "x" * 500},
            "fingerprint": f"{n:016x}",
            "startsAt": (began_at + timedelta(seconds=n % 600)).isoformat(), "endsAt": began_at.isoformat(),
            "updatedAt": began_at.isoformat(), "receivers": [{"name": "team"}], "generatorURL": "http://prometheus.example.net/graph",
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        }
        for n in range(count)
    ]).encode()  # fmt: skip


def serve(count: int) -> None:
    """Answers with them until it is ended; tells its address first."""
    listed = alerts(count)

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = listed if self.path.startswith("/api/v2/alerts") else b"[]"
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


@contextmanager
def storm(count: int) -> Iterator[dict[str, str]]:
    """The environment of an engineer whose monitoring lists so many."""
    server = [sys.executable, "-m", "tests.bench.bench_storm", "--serve", str(count)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(server, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
    ):
        try:
            assert process.stdout
            place = Path(folder) / "oncall-tui"
            place.mkdir()
            (place / "config.toml").write_text(CONFIG.format(url=process.stdout.readline().strip()), encoding="utf-8")
            yield {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder, "PYTHONPATH": str(ROOT)}
        finally:
            process.terminate()


def keys(session: Session) -> list[float]:
    """Milliseconds from a cursor key to the first byte painted, pressed again and again over more than two polls."""
    waits, until, n = [], time.monotonic() + HELD_S, 0
    while time.monotonic() < until:
        sent, n = time.monotonic(), n + 1
        session.send(KEYS["down" if n % 2 else "up"])  # the first is no "up": at the top that paints nothing
        at = session.pump(sent + 2.0)
        waits.append(((at or time.monotonic()) - sent) * 1e3)
        session.quiet(0.05)
    return waits


def measured(command: list[str], live: str, to_list: tuple[str, ...], env: dict[str, str]) -> tuple[float, list[float]]:
    """Seconds to the live frame, and what the keys waited."""
    with Session(command, env=env, timeout_s=60) as session:
        seconds = session.wait(live)
        for key in to_list:
            session.key(key)
            session.quiet(0.3)
        return seconds, keys(session)


def main() -> None:
    """Three rounds of both; a fresh state each time, so that nothing is live but what was just asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
    compileall.compile_dir(ROOT / "oncall_tui", quiet=1)  # as whoever installs it does
    bare: list[tuple[float, list[float]]] = []
    ours: list[tuple[float, list[float]]] = []
    stock = [sys.executable, "-m", "tests.terminal.apps.stock", "table"]
    for _ in range(asked.rounds):
        with storm(asked.alerts) as env:
            ours.append(measured([sys.executable, "-m", "oncall_tui"], "ALONE", ("q",), env))
        bare.append(measured(stock, "customer 0", (), {"PYTHONPATH": str(ROOT)}))
    print(f"{asked.alerts:,} alerts, {asked.rounds} rounds, 80x24; medians\n")
    print("| | Textual's table of 20 rows | ours, all of them live | ratio |\n|---|---|---|---|")
    rows = [("on screen, ms", lambda run: run[0] * 1e3)]
    rows += [("key to paint, p50 ms", lambda run: statistics.median(run[1]))]
    rows += [("key to paint, p95 ms", lambda run: sorted(run[1])[int(len(run[1]) * 0.95)])]
    rows += [("key to paint, longest ms", lambda run: max(run[1]))]
    for name, of in rows:
        theirs, mine = (statistics.median(map(of, runs)) for runs in (bare, ours))
        print(f"| {name} | {theirs:,.1f} | {mine:,.1f} | {mine / theirs:.2f} |")


if __name__ == "__main__":
    main()
