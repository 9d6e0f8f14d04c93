"""What belongs together: signals join only for a reason that can be said; hand-made decisions come before all reasons.

Reasons, strongest first: a decision, what was together before, a reference, the same service or host, a core process that
depends on the alerting service, the same customer's distinctive words. Every step is a pass over groups, never over pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from oncall_tui.core.customers import Register
from oncall_tui.core.references import by_reference
from oncall_tui.core.together import Together
from oncall_tui.core.wording import distinctive, names, their_words, topics
from oncall_tui.model import Act, Decision, Impact, Kind, Memory, Ref

SHORTLY_BEFORE = timedelta(minutes=15)
"""A ticket written so long before an outage may still be about it: people notice before monitors do."""

SAME_TIME = timedelta(hours=1)
"""Tickets about one service join when no longer than this lies between one and the next."""

SAME_WORDS = timedelta(hours=24)
"""Tickets of one customer with the same words join within this; last month's is another story."""


def correlate(together: Together, register: Register, decisions: Sequence[Decision], memory: Memory) -> None:
    """Joins what belongs together, strongest reason first."""
    by_hand(together, decisions)
    as_before(together, memory)
    by_reference(together)
    by_service(together)
    by_dependence(together, register)
    by_words(together)


def by_hand(together: Together, decisions: Iterable[Decision]) -> None:
    """Splits and joins of the engineer; of two that contradict each other the later one counts."""
    told = sorted((d for d in decisions if d.act in (Act.SPLIT, Act.JOIN)), key=lambda d: (d.at, d.id))
    for n, decision in enumerate(told):
        if decision.act is Act.SPLIT and not any(_undoes(later, decision) for later in told[n + 1 :]):
            one, other = together.at(decision.refs), together.at(decision.others)
            together.groups.part(decision.id, [together.bundle[i] for i in one], [together.bundle[i] for i in other])
    for decision in reversed(told):
        if decision.act is Act.JOIN:
            members = together.at((*decision.refs, *decision.others))
            for i in members[1:]:
                together.join(members[0], i, "by hand")


def _undoes(later: Decision, split: Decision) -> bool:
    members = {*later.refs, *later.others}
    return later.act is Act.JOIN and not members.isdisjoint(split.refs) and not members.isdisjoint(split.others)


def as_before(together: Together, memory: Memory) -> None:
    """What was one problem with a ticket in it stays one when the alert that joined it recovers: the customer decides."""
    if not memory.kept:
        return
    before: dict[str, list[Ref]] = {}
    for ref, problem in memory.problems.items():
        if problem in memory.kept:
            before.setdefault(problem, []).append(ref)
    for problem, refs in before.items():
        members = sorted(together.at(refs))
        if len(members) > 1 and any(together.signals[i].kind is Kind.TICKET for i in members):
            together.groups.join_all(list(dict.fromkeys([together.bundle[i] for i in members])))
            together.reasons.extend((members[0], why) for why in memory.kept[problem])


def by_service(together: Together) -> None:
    """Alerts on one service or host; tickets that name the service and are no older than its outage."""
    for alerts in together.outages.values():
        if len(alerts) > 1:
            together.join_all(alerts, f"on {together.services[alerts[0]]}")
    bound_hosts = {name for columns, _ in together.placed for name in columns.bound_hosts}
    for name, alerts in together.hosts.items():
        if len(alerts) > 1:
            together.join_all(alerts, f"on host {name}", bound=name in bound_hosts)
    _tickets_by_service(together)


def _tickets_by_service(together: Together) -> None:
    named: dict[str, list[int]] = {}
    for i in together.tickets:
        if together.services[i] and together.signals[i].impact > Impact.QUESTION:
            named.setdefault(together.services[i].casefold(), []).append(i)
    for name, tickets in named.items():
        tickets.sort(key=lambda i: together.signals[i].opened_at)
        for before, i in pairwise(tickets):
            if together.signals[i].opened_at - together.signals[before].opened_at <= SAME_TIME:
                together.join(before, i, f"both on {together.services[i]}")
        if alerts := together.outages.get(name):
            since = _about_since(together, alerts)
            for i in tickets:
                if together.signals[i].opened_at >= since:
                    together.join(alerts[0], i, f"both on {together.services[i]}")


def _about_since(together: Together, alerts: Sequence[int]) -> datetime:
    """Older tickets are not about these alerts."""
    return min([together.signals[i].opened_at for i in alerts]) - SHORTLY_BEFORE


def by_dependence(together: Together, register: Register) -> None:
    """Tickets of customers whose core process depends on a service that alerts, unless they are about something else."""
    if not register.dependents or not together.outages:
        return
    writers: dict[str, list[int]] = {}
    for i in together.tickets:
        if together.signals[i].impact > Impact.QUESTION and together.keys[i] in register.known:
            writers.setdefault(together.keys[i], []).append(i)
    for service, alerts in together.outages.items():
        wrote = [customer for customer in register.dependents.get(service, ()) if customer in writers]
        worst = [i for i in alerts if together.signals[i].impact > Impact.QUESTION] if wrote else []
        if worst:
            since = _about_since(together, worst)
            for customer in wrote:
                why = f"{register.known[customer].name} depends on {together.services[worst[0]]}"
                for i in writers[customer]:
                    if together.signals[i].opened_at >= since and not _about_something_else(
                        together, i, service, register
                    ):
                        together.join(worst[0], i, why)


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
    for i in [i for i, customer in enumerate(together.keys) if customer in writers]:
        for said in _signatures(distinctive(together.signals[i].title)):
            groups.setdefault((together.keys[i], said), []).append(i)
    for (customer, said), members in groups.items():
        if len(members) > 1:
            members.sort(key=lambda i: together.signals[i].opened_at)
            why = f"{together.names[customer]} wrote of {' and '.join(sorted(said))}"
            for before, i in pairwise(members):
                near = together.signals[i].opened_at - together.signals[before].opened_at <= SAME_WORDS
                if near and not together.are_joined(before, i):
                    together.join(before, i, why)


def _signatures(said: frozenset[str]) -> Iterable[frozenset[str]]:
    """Each two of its words, and all of them when there are few: equal signatures mean enough in common."""
    some = sorted(said)[:8]
    for n, one in enumerate(some):
        for other in some[n + 1 :]:
            yield frozenset((one, other))
    if len(said) == 1:
        yield said
