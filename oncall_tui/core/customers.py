"""Whose work a signal hurts: the configured customers, or else what the signals tell.

A customer is known by a key: its name without case, dots and legal form. One customer under three spellings (case,
"B.V." or none, mail domain) is one customer; two are never merged because they merely look alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from oncall_tui.core.vocabulary import FREE_MAIL, LEGAL_FORMS
from oncall_tui.model import Customer, Kind, Signal

LABELS = ("customer", "tenant", "organization", "organisation", "account", "client", "namespace")
"""Labels that name a customer when the configuration does not say otherwise; the first that is there counts."""

_ANY_LABEL = frozenset(LABELS)

UNKNOWN = ""
"""The key of a signal that names nobody."""


def key(name: str) -> str:
    """What is left of a name when spelling does not count: ``De Korenaar B.V.`` and ``de korenaar`` are one."""
    words = re.findall(r"\w+", name.casefold().replace(".", ""))
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def domain(email: str) -> str:
    """The mail domain that tells an organisation; "" for free mail, which tells a person only."""
    host = email.rpartition("@")[2].strip("> ").casefold() if "@" in email else ""
    return "" if host in FREE_MAIL else host


class Register:
    """The configured customers, by everything that recognises them."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self.known: dict[str, Customer] = {}
        self.dependents: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        self._services: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._labels: dict[str, dict[str, list[tuple[Mapping[str, str], str]]]] = {}
        for customer in customers:
            self._add(customer, key(customer.name))

    def _add(self, customer: Customer, its: str) -> None:
        self.known[its] = customer
        match = customer.match
        for name in (customer.name, *match.organisations):
            self._names.setdefault(key(name), its)
        for one in match.domains:
            self._domains.setdefault(one.casefold().lstrip("@"), its)
        for one in match.services:
            self._services.setdefault(one.casefold(), its)
        for one in match.hosts:
            self._hosts.setdefault(one.casefold(), its)
        for one in customer.depends_on:
            self.dependents.setdefault(one.casefold(), []).append(its)
        for label, value in list(match.labels.items())[:1]:
            self._labels.setdefault(label, {}).setdefault(value, []).append((match.labels, its))

    def recognise(self, signal: Signal) -> str:
        """The key of the configured customer whose signal this is; "" when it is nobody's."""
        if not self.known:
            return UNKNOWN
        return (
            (self._names.get(key(signal.customer), "") if signal.customer else "")
            or (self._by_label(signal.labels) if signal.labels else "")
            or (self._by_domain(domain(signal.email)) if signal.email else "")
            or (self._services.get(signal.service.casefold(), "") if self._services else "")
            or (self._hosts.get(signal.host.casefold(), "") if self._hosts else "")
            or UNKNOWN
        )

    def _by_label(self, labels: Mapping[str, str]) -> str:
        for label, values in self._labels.items():
            for wanted, its in values.get(labels.get(label, ""), ()):
                if all(labels.get(name) == value for name, value in wanted.items()):
                    return its
        if _ANY_LABEL.isdisjoint(labels):
            return ""
        told = (self._names.get(key(labels[name]), "") for name in LABELS if name in labels)
        return next((name for name in told if name), "")

    def _by_domain(self, host: str) -> str:
        """A subdomain of a customer's domain is theirs too: ``shop.korenaar.nl``."""
        while host:
            if host in self._domains:
                return self._domains[host]
            host = host.partition(".")[2]
        return ""


class Roll:
    """The customers of one source's signals: `keys` beside the signals, and `names` as people write them.

    Still open are tickets without an organisation (`nameless`): `settle` decides them over all sources.
    """

    def __init__(self, signals: Sequence[Signal], register: Register) -> None:
        self.names: dict[str, str] = {}
        self.keys = [register.recognise(signal) or self._told(signal) for signal in signals]
        self.writers: dict[str, set[str]] = {}
        self.nameless: list[tuple[int, Signal]] = []
        for i, signal in enumerate(signals):
            if signal.email and self.keys[i] and (host := domain(signal.email)):
                self.writers.setdefault(host, set()).add(self.keys[i])
            elif signal.kind is Kind.TICKET and not self.keys[i]:
                self.nameless.append((i, signal))

    def _told(self, signal: Signal) -> str:
        """The customer by the signal's own organisation or labels: the first spelling met is the one shown."""
        name, labels = signal.customer, signal.labels
        if not name and labels and not _ANY_LABEL.isdisjoint(labels):
            name = next((labels[label] for label in LABELS if labels.get(label)), "")
        if not name:
            return UNKNOWN
        its = key(name)
        self.names.setdefault(its, name)
        return its


def settle(rolls: Sequence[Roll], register: Register) -> tuple[list[str], dict[str, str]]:
    """Every signal's key, in the rolls' order, and every key's name.

    A ticket without an organisation is whose mail domain it comes from, when only one writes from there; else the
    domain's own, and with free mail the requester's.
    """
    names = {its: customer.name for its, customer in register.known.items()}
    writers: dict[str, set[str]] = {}
    for roll in rolls:
        for its, name in roll.names.items():
            names.setdefault(its, name)
        for host, owners in roll.writers.items():
            writers.setdefault(host, set()).update(owners)
    keys: list[str] = []
    for roll in rolls:
        offset = len(keys)
        keys.extend(roll.keys)
        for i, ticket in roll.nameless:
            keys[offset + i] = _requester(ticket, writers, names)
    return keys, names


def _requester(ticket: Signal, writers: Mapping[str, set[str]], names: dict[str, str]) -> str:
    host = domain(ticket.email)
    owners = writers.get(host, set()) if host else set()
    if len(owners) == 1:
        return next(iter(owners))
    its = host or key(ticket.email or ticket.contact)
    if its:
        names.setdefault(its, host or ticket.contact or ticket.email)
    return its
