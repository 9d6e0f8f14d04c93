"""config.toml -> `Config`; a fault names file, line and key, and says what is allowed."""

from __future__ import annotations

from pathlib import Path

from oncall_tui.config.shape import Config, Secret, SourceConfig

__all__ = ["Config", "Secret", "SourceConfig", "default_path", "load", "state_dir"]

_NAME = "oncall-tui"


def load(path: Path) -> Config:
    """The configuration in that file. Raises `ConfigError`, which names file, line and key and says what is allowed."""
    from oncall_tui.config.read import read  # noqa: PLC0415 (a TOML parser that a mere `Config` does not need)

    return read(path)


def default_path() -> Path:
    """Where the configuration is without ``--config``: ``oncall-tui/config.toml`` in the user's configuration folder."""
    import platformdirs  # noqa: PLC0415 (only where no path was given)

    return Path(platformdirs.user_config_dir(_NAME)) / "config.toml"


def state_dir() -> Path:
    """Where the outbox is without ``--state``: ``oncall-tui`` in the user's state folder."""
    import platformdirs  # noqa: PLC0415 (only where no path was given)

    return Path(platformdirs.user_state_dir(_NAME))
