"""The catalogue: every kind of source that can be configured, each loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from oncall_tui.errors import ConfigError
from oncall_tui.kit import Connector

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

_OURS = {
    "alertmanager": "oncall_tui.connectors.monitors.alertmanager",
    "checkmk": "oncall_tui.connectors.monitors.checkmk",
    "icinga2": "oncall_tui.connectors.monitors.icinga2",
    "nagios": "oncall_tui.connectors.monitors.nagios",
    "zabbix": "oncall_tui.connectors.monitors.zabbix",
    "alerta": "oncall_tui.connectors.monitors.alerta",
    "prometheus": "oncall_tui.connectors.monitors.prometheus",
    "grafana": "oncall_tui.connectors.monitors.grafana",
    "redmine": "oncall_tui.connectors.desks.redmine",
    "rt": "oncall_tui.connectors.desks.rt",
    "roundup": "oncall_tui.connectors.desks.roundup",
    "http": "oncall_tui.connectors.http",
}

GROUP = "oncall_tui.connectors"
"""The entry point group in which other packages register a `Connector`."""


def _foreign() -> EntryPoints:
    """What other packages registered. It reads the metadata of every installed package, so it is asked last."""
    from importlib.metadata import entry_points  # noqa: PLC0415 (it loads the whole of email, and with it sockets)

    return entry_points(group=GROUP)


def ours() -> tuple[str, ...]:
    """The kinds that come with the program, by name."""
    return tuple(sorted(_OURS))


def kinds() -> tuple[str, ...]:
    """Every kind that can be configured here, ours and those of installed packages, by name."""
    return tuple(sorted({*_OURS, *_foreign().names}))


@cache
def find(kind: str) -> Connector:
    """The connector of that kind. Raises `ConfigError` when there is none, or when a foreign one cannot be loaded."""
    if kind in _OURS:
        connector: Connector = import_module(_OURS[kind]).CONNECTOR
        return connector
    for point in _foreign().select(name=kind):
        try:
            loaded = point.load()
        except Exception as error:  # noqa: BLE001 (it is not our code)
            why = str(error) if isinstance(error, (ImportError, AttributeError)) else type(error).__name__
            raise ConfigError(
                f"the connector {kind!r} of {point.value!r} cannot be loaded ({why}): mend or remove that package"
            ) from None
        if isinstance(loaded, Connector):
            return loaded
        raise ConfigError(
            f"the connector {kind!r} of {point.value!r} is not a Connector of oncall_tui.kit: mend or remove that package"
        )
    raise ConfigError(f"there is no connector {kind!r}; there are {', '.join(kinds())}")


def fit(kind: str, options: Mapping[str, str]) -> Connector:
    """The connector of that kind as it is for a source with these options. Raises `ConfigError`."""
    connector = find(kind)
    return connector.fit(options) if connector.fit else connector
