"""The command `config`: checks the file, shows what it comes to, and tells every key that it may hold."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui import config, connectors, words
from oncall_tui.cli.outcome import Code, Outcome
from oncall_tui.config import Config, reference, shown
from oncall_tui.errors import ConfigError, WrongUse


def settings(path: Path, arguments: Namespace) -> Outcome:
    """`config check|show|schema|reference`. The last two need no file."""
    if arguments.of and arguments.what != "schema":
        raise WrongUse(f"only `config schema` is of one file: leave {arguments.of} out")
    if arguments.what == "schema" and arguments.of == "care":
        return Outcome(Code.DONE, json.dumps(reference.care_schema(), indent=2))
    if arguments.what in ("schema", "reference"):
        return Outcome(Code.DONE, _written(arguments.what))
    loaded = config.load(path)
    if arguments.what == "show":
        return Outcome(Code.DONE, "\n".join(shown.lines(loaded)))
    _check(loaded)
    return Outcome(Code.DONE, _right(loaded), "\n".join(f"oncall-tui: {one}" for one in _secrets(loaded)))


def _check(loaded: Config) -> None:
    """What a start makes of it: the screen's outfit, with the phrases, and each source's TLS. Nothing is asked."""
    from oncall_tui.engine import tls  # noqa: PLC0415 (for a check alone)
    from oncall_tui.ui.outfit import outfit  # noqa: PLC0415 (as above)

    outfit(loaded, lambda: datetime.now(UTC))
    for source in loaded.sources:
        try:
            tls.context(source)
        except ConfigError as fault:
            raise config.located(fault, Path(source.file), "sources", source.name) from None


def _secrets(loaded: Config) -> Iterator[str]:
    """Which secrets are not to be had here, which is no fault of a file for another host, and which were not looked for."""
    from oncall_tui.engine.secrets import missing  # noqa: PLC0415 (for a check alone)

    unseen = []
    for source in loaded.sources:
        for key, secret in (("", source.secret), ("auth", source.auth.secret if source.auth else None)):
            why = missing(secret) if secret else ""
            if why:
                yield config.located(ConfigError(why, key=key), Path(source.file), "sources", source.name).words
            elif secret and why is None:
                unseen.append(f"{source.name} ({secret.origin})")
    if unseen:
        yield f"not looked for: the secret of {', '.join(unseen)}; `oncall-tui sources` does"


def _right(loaded: Config) -> str:
    counts = (
        words.counted(len(loaded.sources), "source"),
        words.counted(len(loaded.settings.customers), "customer"),
        words.counted(len(loaded.settings.services), "service"),
    )
    return f"{loaded.path}: right ({', '.join(counts)}); `oncall-tui sources` tests them"


def _written(what: str) -> str:
    from oncall_tui.ui.keys import TABLE  # noqa: PLC0415 (as above)

    found = [connectors.find(kind) for kind in connectors.kinds()]
    screen = {key.name: f"{key.long} (`{key.key}` in {key.where.value})" for key in TABLE}
    if what == "schema":
        return json.dumps(reference.schema(found, screen), indent=2)
    return reference.markdown(found, screen)
