"""What is known of one source's signals by itself, whatever other sources tell: worked out once for each reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from oncall_tui.core.customers import Register, Roll
from oncall_tui.core.groups import Groups
from oncall_tui.core.services import Services, host_key
from oncall_tui.core.wording import may_refer, our_references, their_references
from oncall_tui.model import Kind, Ref, Signal

Pack: TypeAlias = tuple[tuple[Signal, ...], tuple[Ref, ...], tuple[str, ...], tuple[str, ...]]
"""Signals that are together, with their refs, their customers' keys and their services."""

Told: TypeAlias = tuple[int, list[str], list[str]]
"""A signal that refers to something: to what by ourselves or its source, and to what in a customer's words."""


class Columns:
    """The refs, customers and services of a reading's signals, and which alerts are on one service or host.

    Those are `bundles`: they are together whatever else is told, so that the others are looked at bundle by bundle.
    `loose` leaves each signal a bundle of its own, for a night in which a decision keeps some apart: what they join then
    depends on which reason comes first. All numbers count within the source.
    """

    def __init__(self, signals: Sequence[Signal], register: Register, services: Services, *, loose: bool) -> None:
        self.signals = signals
        self.refs: list[Ref] = [f"{signal.source}/{signal.id}" for signal in signals]
        self.roll = Roll(signals, register)
        self.services = [services.recognise(signal) for signal in signals]
        self.tickets = [i for i, signal in enumerate(signals) if signal.kind is Kind.TICKET]
        self.outages, self.hosts = self._alerts()
        self.bound_hosts: set[str] = set()
        roots = list(range(len(signals))) if loose else self._bind()
        self.bundles: list[list[int]] = []
        self.bundle_of: list[int] = []
        self._bundle(roots)
        self._packs: dict[int, Pack] = {}
        self._told: dict[bool, list[Told]] = {}

    def _alerts(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Alerts by service and by host; one machine under several ports is one host."""
        outages: dict[str, list[int]] = {}
        spelled: dict[str, list[int]] = {}
        for i, (signal, service) in enumerate(zip(self.signals, self.services, strict=True)):
            if signal.kind is Kind.ALERT:
                if service:
                    outages.setdefault(service, []).append(i)
                if host := signal.host:
                    spelled.setdefault(host, []).append(i)
        return _one_spelling(outages, str.casefold), _one_spelling(spelled, host_key)

    def _bind(self) -> list[int]:
        """Joins the alerts on one service or host; `bound_hosts` are the hosts that brought together what was not yet."""
        groups = Groups(len(self.signals))
        for alerts in self.outages.values():
            groups.join_all(alerts)
        self.bound_hosts = {name for name, alerts in self.hosts.items() if groups.join_all(alerts)}
        return groups.roots()

    def _bundle(self, roots: Sequence[int]) -> None:
        number: dict[int, int] = {}
        for i, root in enumerate(roots):
            if root not in number:
                number[root] = len(self.bundles)
                self.bundles.append([i])
            else:
                self.bundles[number[root]].append(i)
            self.bundle_of.append(number[root])

    def pack(self, bundle: int) -> Pack:
        """A bundle of alerts with what is known of them; the same tuples each time."""
        if bundle not in self._packs:
            members = self.bundles[bundle]
            self._packs[bundle] = packed(members, self.signals, self.refs, self.roll.keys, self.services)
        return self._packs[bundle]

    @cached_property
    def has_keys(self) -> bool:
        """Whether its tickets have keys like ``OPS-12``."""
        return any("-" in self.signals[i].id for i in self.tickets)

    def told(self, *, has_keys: bool) -> list[Told]:
        """The signals that refer to something; to a ticket's key only where there are such."""
        if has_keys not in self._told:
            self._told[has_keys] = [
                (i, list(our_references(signal)), list(their_references(signal)))
                for i, signal in enumerate(self.signals)
                if signal.links
                or signal.kind is Kind.TICKET
                or (signal.text and may_refer(signal.text, has_keys=has_keys))
            ]
        return self._told[has_keys]

    @cached_property
    def at(self) -> Mapping[Ref, int]:
        """Where a ref is."""
        return {ref: i for i, ref in enumerate(self.refs)}

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """Where a source's own id is."""
        return {signal.id: i for i, signal in enumerate(self.signals)}

    @cached_property
    def by_page(self) -> Mapping[str, list[int]]:
        """Where the signals of a page are."""
        found: dict[str, list[int]] = {}
        for i, signal in enumerate(self.signals):
            found.setdefault(signal.url, []).append(i)
        return found


def _one_spelling(spelled: Mapping[str, list[int]], key: Callable[[str], str]) -> dict[str, list[int]]:
    """By the key of a name what was by its spellings, in the signals' order."""
    found: dict[str, list[int]] = {}
    for name, members in spelled.items():
        its = key(name)
        found[its] = sorted(found[its] + members) if its in found else members
    return found


def packed(
    members: Sequence[int],
    signals: Sequence[Signal],
    refs: Sequence[Ref],
    keys: Sequence[str],
    services: Sequence[str],
) -> Pack:
    """Those members of the columns."""
    return (
        tuple([signals[i] for i in members]),
        tuple([refs[i] for i in members]),
        tuple([keys[i] for i in members]),
        tuple([services[i] for i in members]),
    )
