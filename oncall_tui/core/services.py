"""What of ours a signal is about: a configured service by its labels, host or name, else the name that it tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oncall_tui.model import Service, Signal


class Services:
    """The configured services, by everything that recognises them. Names are compared without case."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.names: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._labels: list[tuple[Mapping[str, str], str]] = []
        for service in services:
            self._add(service)

    def _add(self, service: Service) -> None:
        for name in (service.name, *service.match.services):
            self.names.setdefault(name.casefold(), service.name)
        for host in service.match.hosts:
            self._hosts.setdefault(host_key(host), service.name)
        if service.match.labels:
            self._labels.append((service.match.labels, service.name))

    def recognise(self, signal: Signal) -> str:
        """The service's name; "" when the signal tells none."""
        for wanted, name in self._labels:
            if all(signal.labels.get(label) == value for label, value in wanted.items()):
                return name
        if self._hosts and signal.host and (name := self._hosts.get(host_key(signal.host), "")):
            return name
        return self.names.get(signal.service.casefold(), signal.service) if self.names else signal.service


def host_key(host: str) -> str:
    """A host without case and port: ``web-1:9100`` is ``web-1``. An IPv6 address stays whole."""
    name, _, port = host.rpartition(":")
    return name.casefold() if port.isdigit() and name and ":" not in name else host.casefold()
