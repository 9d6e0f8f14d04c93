"""Adds tables to config.toml: what stands there stays as it is, comments too, and nothing is written that cannot be read."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from msgspec.structs import replace

from oncall_tui.config import toml
from oncall_tui.config.read import read
from oncall_tui.config.shape import Config
from oncall_tui.errors import ConfigError, Unwritable

T = TypeVar("T")

Tables = Mapping[str, Any]
"""As TOML has them: ``{"sources": {"am": {"kind": "alertmanager", ...}}}``."""


def text_of(path: Path) -> str:
    """What the file holds now, "" when there is none. Raises `ConfigError`."""
    try:
        return toml.text_of(path)
    except FileNotFoundError:
        return ""


def extended(text: str, tables: Tables) -> str:
    """`text` with these tables at its end."""
    added = tomli_w.dumps(tables)
    if not text.strip():
        return added
    return f"{text.rstrip()}\n\n{added}"


def checked(path: Path, text: str) -> Config:
    """What that text would be as the file at `path`. Raises `ConfigError`; the file itself is not touched."""
    with beside(path, text) as draft:
        try:
            loaded = read(draft)
        except ConfigError as error:
            file = str(path) if error.file == str(draft) else error.file
            raise ConfigError(error.wrong, file=file, line=error.line, key=error.key) from None
    own = {one.name: str(path) if one.file == str(draft) else one.file for one in loaded.sources}
    sources = tuple(replace(one, file=own[one.name]) for one in loaded.sources)
    return replace(loaded, path=path, sources=sources)


def write(path: Path, text: str, *, before: str) -> None:
    """Puts the text there in one step, 0600. Raises `Unwritable`, also when the file is no longer as it was `before`."""
    with beside(path, text) as draft, _alone(path):
        if text_of(path) != before:
            raise Unwritable(f"{path} was changed meanwhile: nothing was written; run it again")
        _tried(path, lambda: draft.replace(_itself(path)))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Of two that would put a file there one waits: else each finds it unchanged, and the first one's is lost."""
    folder = _tried(path, lambda: os.open(_itself(path).parent, os.O_RDONLY | os.O_CLOEXEC))
    try:
        with suppress(OSError):  # a network disk that locks nothing
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def beside(path: Path, text: str) -> Iterator[Path]:
    """A file of ours alone in the same folder, where relative names in it mean the same; gone afterwards."""
    folder = _itself(path).parent
    _tried(path, lambda: folder.mkdir(mode=0o700, parents=True, exist_ok=True))
    handle, name = _tried(path, lambda: tempfile.mkstemp(prefix=".new-", suffix=".toml", dir=folder))
    draft = Path(name)
    try:
        _tried(path, lambda: _fill(handle, text))
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _fill(handle: int, text: str) -> None:
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)


def _itself(path: Path) -> Path:
    """Behind a link, as people keep their configuration in a repository, the file that it leads to."""
    return path.resolve()


def _tried(path: Path, what: Callable[[], T]) -> T:
    try:
        return what()
    except OSError as error:
        raise Unwritable(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
