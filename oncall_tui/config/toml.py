"""A TOML file of the user's as a table that knows its lines; one that cannot be read, or is none, says where and why."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from oncall_tui.config.files import no_file
from oncall_tui.config.lines import lines
from oncall_tui.config.table import Table, dotted
from oncall_tui.errors import ConfigError


def parse(path: Path) -> Table:
    """That file. Raises `FileNotFoundError` when there is none, `ConfigError` when it cannot be read or is not TOML."""
    text = text_of(path).removeprefix("\ufeff")
    try:
        return Table(tomllib.loads(text), str(path), lines(text.replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, path) from None
    except RecursionError:
        raise ConfigError("is nested too deeply", file=str(path)) from None


def text_of(path: Path) -> str:
    """What that file holds, to the byte. Raises as `parse` does; what is no file is refused at once and never waited for."""
    try:
        return _bytes_of(path).decode("utf-8")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable((error.strerror or type(error).__name__).lower(), path) from None
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        raise ConfigError("is not UTF-8: save it as UTF-8", file=str(path), line=line) from None


def line_of(key: str, path: Path) -> int:
    """On which line of that file the key stands, or else what is around it; 0 when by now it is another file, or none."""
    try:
        known = parse(path).lines
    except (OSError, ConfigError):
        return 0
    bare = key.replace('"', "")
    places = {dotted(place).replace('"', ""): line for place, line in known.items()}
    around = [place for place in places if bare == place or bare.startswith((f"{place}.", f"{place}["))]
    return places[max(around, key=len)] if around else 0


def _bytes_of(path: Path) -> bytes:
    if why := no_file(path.stat().st_mode):
        raise _unreadable(why, path)
    return path.read_bytes()


def _unreadable(why: str, path: Path) -> ConfigError:
    return ConfigError(f"cannot be read ({why}): it must be a file that you may read", file=str(path))


def _not_toml(error: tomllib.TOMLDecodeError, text: str, path: Path) -> ConfigError:
    """`tomllib` tells the place at the end of its words: "... (at line 3, column 8)" or "(at end of document)"."""
    said = str(error)
    place = re.search(r"\(at line (\d+), column \d+\)$", said)
    line = int(place[1]) if place else text.rstrip().count("\n") + 1
    return ConfigError(f"is not TOML: {re.sub(r' ?[(]at [^)]*[)]$', '', said)}", file=str(path), line=line)
