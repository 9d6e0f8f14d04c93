"""What belongs together: signals join only for a reason that can be said; hand-made decisions come before all reasons.

Reasons, strongest first: a decision, what was together before, a reference, the same service or host, a core process that
depends on the alerting service, the same customer's distinctive words. Every step is a pass over groups, never over pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from oncall_tui.core.customers import Register
from oncall_tui.core.groups import Groups
from oncall_tui.core.references import by_reference
from oncall_tui.core.services import host_key
from oncall_tui.core.wording import distinctive, names, their_words, topics
from oncall_tui.model import Act, Decision, Impact, Kind, Memory, Ref, Signal

SHORTLY_BEFORE = timedelta(minutes=15)
"""A ticket written so long before an outage may still be about it: people notice before monitors do."""

SAME_TIME = timedelta(hours=1)
"""Tickets about one service join when no longer than this lies between one and the next."""

SAME_WORDS = timedelta(hours=24)
"""Tickets of one customer with the same words join within this; last month's is another story."""


class Together:
    """The state of one correlation: the signals with what is known of each, their groups, and why they joined."""

    def __init__(
        self,
        signals: Sequence[Signal],
        refs: Sequence[Ref],
        *,
        keys: Sequence[str],
        names: Mapping[str, str],
        services: Sequence[str],
    ) -> None:
        self.signals, self.refs, self.services = signals, refs, services
        self.keys, self.names = keys, names
        self.groups = Groups(len(signals))
        self.tickets = [i for i, signal in enumerate(signals) if signal.kind is Kind.TICKET]
        self.reasons: list[tuple[int, str]] = []
        self.outages: dict[str, list[int]] = defaultdict(list)

    def join(self, i: int, j: int, why: str) -> None:
        """Joins two, and keeps the reason when that changed anything."""
        if self.groups.join(i, j):
            self.reasons.append((i, f"joined: {why}"))

    def join_all(self, members: list[int], why: str) -> None:
        """Joins many for one reason."""
        if self.groups.join_all(members):
            self.reasons.append((members[0], f"joined: {'both' if len(members) == 2 else 'all'} {why}"))

    def components(self) -> tuple[list[list[int]], dict[int, tuple[str, ...]]]:
        """The groups, each in the signals' order, and by a group's first member the reasons that made it."""
        found: dict[int, list[int]] = {}
        for i, root in enumerate(self.groups.roots()):
            if root in found:
                found[root].append(i)
            else:
                found[root] = [i]
        reasons: dict[int, dict[str, None]] = {}
        for i, why in self.reasons:
            reasons.setdefault(self.groups.root(i), {})[why] = None
        members = list(found.values())
        return members, {group[0]: tuple(reasons[root]) for root, group in found.items() if root in reasons}


def correlate(together: Together, register: Register, decisions: Sequence[Decision], memory: Memory) -> None:
    """Joins what belongs together, strongest reason first."""
    if decisions or memory.kept:
        at = {ref: i for i, ref in enumerate(together.refs)}
        by_hand(together, at, decisions)
        as_before(together, at, memory)
    by_reference(together)
    by_service(together)
    by_dependence(together, register)
    by_words(together)


def by_hand(together: Together, at: Mapping[Ref, int], decisions: Iterable[Decision]) -> None:
    """Splits and joins of the engineer; of two that contradict each other the later one counts."""
    told = sorted((d for d in decisions if d.act in (Act.SPLIT, Act.JOIN)), key=lambda d: (d.at, d.id))
    for n, decision in enumerate(told):
        if decision.act is Act.SPLIT and not any(_undoes(later, decision) for later in told[n + 1 :]):
            together.groups.part(decision.id, _here(at, decision.refs), _here(at, decision.others))
    for decision in reversed(told):
        if decision.act is Act.JOIN:
            members = _here(at, (*decision.refs, *decision.others))
            for i in members[1:]:
                together.join(members[0], i, "by hand")


def _undoes(later: Decision, split: Decision) -> bool:
    members = {*later.refs, *later.others}
    return later.act is Act.JOIN and not members.isdisjoint(split.refs) and not members.isdisjoint(split.others)


def _here(at: Mapping[Ref, int], refs: Iterable[Ref]) -> list[int]:
    return [at[ref] for ref in refs if ref in at]


def as_before(together: Together, at: Mapping[Ref, int], memory: Memory) -> None:
    """What was one problem with a ticket in it stays one when the alert that joined it recovers: the customer decides."""
    if not memory.kept:
        return
    before: dict[str, list[int]] = {}
    for ref, i in at.items():
        problem = memory.problems.get(ref, "")
        if problem in memory.kept:
            before.setdefault(problem, []).append(i)
    for problem, members in before.items():
        if len(members) > 1 and any(together.signals[i].kind is Kind.TICKET for i in members):
            together.groups.join_all(members)
            together.reasons.extend((members[0], why) for why in memory.kept[problem])


def by_service(together: Together) -> None:
    """Alerts on one service or host; tickets that name the service and are no older than its outage."""
    hosts: dict[str, list[int]] = defaultdict(list)
    outages = together.outages
    for i, signal in enumerate(together.signals):
        if signal.kind is Kind.ALERT:
            if name := together.services[i]:
                outages[name.casefold()].append(i)
            if name := signal.host:
                hosts[name].append(i)
    for alerts in outages.values():
        if len(alerts) > 1:
            together.join_all(alerts, f"on {together.services[alerts[0]]}")
    for name, alerts in _by_host(hosts).items():
        if len(alerts) > 1:
            together.join_all(alerts, f"on host {name}")
    _tickets_by_service(together)


def _by_host(hosts: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """One machine under several ports is one host."""
    found: dict[str, list[int]] = {}
    for host, members in hosts.items():
        name = host_key(host)
        if name in found:
            found[name].extend(members)
        else:
            found[name] = members
    return found


def _tickets_by_service(together: Together) -> None:
    named: dict[str, list[int]] = {}
    for i in together.tickets:
        if together.services[i] and together.signals[i].impact > Impact.QUESTION:
            named.setdefault(together.services[i].casefold(), []).append(i)
    for name, tickets in named.items():
        tickets.sort(key=lambda i: together.signals[i].opened_at)
        alerts = together.outages.get(name)
        for before, i in pairwise(tickets):
            if together.signals[i].opened_at - together.signals[before].opened_at <= SAME_TIME:
                together.join(before, i, f"both on {together.services[i]}")
        for i in tickets if alerts else ():
            if _is_since(together, i, alerts or []):
                together.join((alerts or [])[0], i, f"both on {together.services[i]}")


def _is_since(together: Together, ticket: int, alerts: list[int]) -> bool:
    return together.signals[ticket].opened_at >= _began(together, alerts) - SHORTLY_BEFORE


def _began(together: Together, alerts: list[int]) -> datetime:
    return min(together.signals[i].opened_at for i in alerts)


def by_dependence(together: Together, register: Register) -> None:
    """Tickets of customers whose core process depends on a service that alerts, unless they are about something else."""
    if not register.dependents or not together.outages:
        return
    writers: dict[str, list[int]] = {}
    for i in together.tickets:
        if together.signals[i].impact > Impact.QUESTION and together.keys[i] in register.known:
            writers.setdefault(together.keys[i], []).append(i)
    for service, alerts in together.outages.items():
        worst = [i for i in alerts if together.signals[i].impact > Impact.QUESTION]
        for customer in register.dependents.get(service, ()) if worst else ():
            for i in writers.get(customer, ()):
                if _is_since(together, i, worst) and not _about_something_else(together, i, service, register):
                    name = register.known[customer].name
                    together.join(worst[0], i, f"{name} depends on {together.services[worst[0]]}")


def _about_something_else(together: Together, ticket: int, service: str, register: Register) -> bool:
    """By its own words: it names another service of ours and not this one, or a topic that this one does not share."""
    told = their_words(together.signals[ticket]).casefold()
    if service in told:
        return False
    if any(name in register.dependents or name in together.outages for name in names(told)):
        return True
    theirs = topics(told)
    if not theirs:
        return False
    customer = register.known[together.keys[ticket]]
    alerts = " ".join(together.signals[i].title for i in together.outages[service][:20])
    return theirs.isdisjoint(topics(f"{service.replace('-', ' ')} {customer.core_process} {alerts}"))


def by_words(together: Together) -> None:
    """The same customer with titles that share two distinctive words, or all of them: a duplicate, by mail and by phone."""
    writers = {together.keys[i] for i in together.tickets} - {""}
    if not writers:
        return
    groups: dict[tuple[str, frozenset[str]], list[int]] = {}
    for i, signal in enumerate(together.signals):
        customer = together.keys[i]
        if customer in writers:
            for said in _signatures(distinctive(signal.title)):
                groups.setdefault((customer, said), []).append(i)
    for (customer, said), members in groups.items():
        if len(members) > 1:
            members.sort(key=lambda i: together.signals[i].opened_at)
            why = f"{together.names[customer]} wrote of {' and '.join(sorted(said))}"
            for before, i in pairwise(members):
                if together.signals[i].opened_at - together.signals[before].opened_at <= SAME_WORDS:
                    together.join(before, i, why)


def _signatures(said: frozenset[str]) -> Iterable[frozenset[str]]:
    """Each two of its words, and all of them when there are few: equal signatures mean enough in common."""
    some = sorted(said)[:8]
    for n, one in enumerate(some):
        for other in some[n + 1 :]:
            yield frozenset((one, other))
    if len(said) == 1:
        yield said
