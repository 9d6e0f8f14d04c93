"""config.toml -> `Config`; a fault names file, line and key, and says what is allowed."""

from __future__ import annotations

from pathlib import Path

from oncall_tui.config.shape import Config, Secret, SourceConfig
from oncall_tui.errors import ConfigError

__all__ = ["Config", "Secret", "SourceConfig", "default_path", "load", "located", "state_dir"]

_NAME = "oncall-tui"


def load(path: Path) -> Config:
    """The configuration in that file. Raises `ConfigError`, which names file, line and key and says what is allowed."""
    from oncall_tui.config.read import read  # noqa: PLC0415 (a TOML parser that a mere `Config` does not need)

    return read(path)


def located(fault: ConfigError, path: Path, *table: str) -> ConfigError:
    """A fault that was found in a value of that file only later, with the file and the line of its key.

    `table` is where the key stands, when the fault does not say that itself.
    """
    from oncall_tui.config.toml import line_of  # noqa: PLC0415 (as above)

    key = ".".join(filter(None, (*table, fault.key)))
    return ConfigError(fault.wrong, file=str(path), line=line_of(key, path), key=key)


def default_path() -> Path:
    """Where the configuration is without ``--config``: ``oncall-tui/config.toml`` in the user's configuration folder."""
    import platformdirs  # noqa: PLC0415 (only where no path was given)

    return Path(platformdirs.user_config_dir(_NAME)) / "config.toml"


def state_dir() -> Path:
    """Where the outbox is without ``--state``: ``oncall-tui`` in the user's state folder."""
    import platformdirs  # noqa: PLC0415 (only where no path was given)

    return Path(platformdirs.user_state_dir(_NAME))
