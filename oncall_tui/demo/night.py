"""The script of the night, as data: who is hurt when it begins, and what happens at which second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from oncall_tui.demo.desk import Desk, Journal
from oncall_tui.demo.faults import UNAVAILABLE
from oncall_tui.demo.monitor import Monitor
from oncall_tui.demo.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Fires:
    """An alert fires, or has been firing for `ago_s`."""

    alert: str
    severity: str
    service: str
    instance: str
    summary: str
    ago_s: float = 0


@dataclass(frozen=True, slots=True)
class Recovers:
    """Every alert of that name is over."""

    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """Somebody opens a ticket, to which the script refers as `ticket`."""

    ticket: str
    who: str
    subject: str
    text: str
    priority: str
    ago_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """Somebody writes in a ticket."""

    ticket: str
    who: str
    text: str
    private: bool = False
    ago_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """A colleague takes a ticket."""

    ticket: str
    who: str
    ago_s: float = 0


@dataclass(frozen=True, slots=True)
class Leaves:
    """A source goes away: it refuses connections, or (`repaired`) answers 503."""

    site: str
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Returns:
    """A source is back."""

    site: str


Step: TypeAlias = Fires | Recovers | Opens | Writes | Takes | Leaves | Returns

PEOPLE: tuple[tuple[str, str, str, str], ...] = (  # login, first name, last name, project ("": one of us)
    ("sanne", "Sanne", "de Vries", ""),
    ("joris", "Joris", "Bakker", ""),
    ("ron", "Ron", "van Dam", "korenaar"),
    ("jan", "Jan", "Smit", "smit"),
    ("mia", "Mia", "Lindqvist", "lente"),
)
PROJECTS = (("Bakkerij De Korenaar", "korenaar"), ("Garage Smit", "smit"), ("Webshop Lente", "lente"))

OPENING: tuple[Step, ...] = (
    Opens(ticket="invoices", who="jan", priority="Normal", ago_s=44 * 60, subject="Facturen komen te laat",
          text="Onze klanten krijgen hun factuur pas na drie kwartier. Kan er iemand meekijken?"),
    Fires(alert="InvoiceQueueSlow", severity="warning", service="invoices", instance="billing-1", ago_s=43 * 60,
          summary="The invoice queue is 40 minutes behind"),
    Takes(ticket="invoices", who="joris", ago_s=42 * 60),
    Writes(ticket="invoices", who="joris", ago_s=41 * 60,
           text="Dag Jan, ik ben Joris en ik kijk met je mee. Je hoort binnen een uur van me."),
    Writes(ticket="invoices", who="joris", private=True, ago_s=30 * 60, text="The worker on billing-1 is swapping."),
    Fires(alert="OrdersApiDown", severity="critical", service="orders-api", instance="orders-eu-1", ago_s=14 * 60,
          summary="orders-api does not answer"),
    Fires(alert="Http5xx", severity="warning", service="orders-api", instance="gateway", ago_s=13 * 60,
          summary="HTTP 5xx at 41%"),
    Opens(ticket="orders", who="ron", priority="Urgent", ago_s=12 * 60 + 41, subject="Bestellen werkt niet",
          text="Onze winkels kunnen niet bestellen, ze krijgen een foutmelding.\n\nStraks worden de ovens geladen, "
               "en dan moeten we weten hoeveel brood er in moet."),
    Writes(ticket="orders", who="ron", ago_s=11 * 60, text="Het is in alle 14 winkels zo."),
    Writes(ticket="orders", who="ron", ago_s=9 * 60, text="De winkels kunnen niet bestellen, bel mij!"),
    Fires(alert="CheckoutSlow", severity="warning", service="checkout", instance="shop-web-2", ago_s=60,
          summary="Checkout takes 38 s at the 95th percentile"),
)  # fmt: skip
"""What is already burning when the engineer opens the laptop."""

STORY: tuple[tuple[float, Step], ...] = (
    (25, Writes(ticket="orders", who="ron", text="Is daar iemand? Ik heb hier geen enkele bestelling.")),
    (60, Opens(ticket="checkout", who="mia", priority="Normal", subject="Checkout is slow tonight",
               text="Customers wait about a minute at the payment step. Is somebody looking at this?")),
    (95, Writes(ticket="invoices", who="jan", text="Er staan er nu zestig in de wachtrij.")),
    (120, Recovers("Http5xx")),
    (150, Leaves("monitor")),
    (190, Returns("monitor")),
    (220, Fires(alert="CheckoutDown", severity="critical", service="checkout", instance="shop-web-2",
                summary="No payment went through for 2 minutes")),
    (230, Writes(ticket="checkout", who="mia", text="Now nobody can pay at all.")),
    (280, Leaves("desk", repaired=True)),
    (310, Returns("desk")),
    (400, Recovers("OrdersApiDown")),
    (430, Writes(ticket="orders", who="ron", text="De eerste bestellingen komen weer binnen.")),
    (480, Recovers("CheckoutDown")),
    (485, Recovers("CheckoutSlow")),
    (500, Writes(ticket="checkout", who="mia", text="The first payments go through again.")),
)  # fmt: skip
"""At which second what happens."""

ANSWERS = {
    "orders": Writes(ticket="orders", who="ron", text="Dank je. Wat fijn dat er iemand is, ik wacht op je bericht."),
    "invoices": Writes(ticket="invoices", who="jan", text="Dank je wel, ik hoor het."),
    "checkout": Writes(ticket="checkout", who="mia", text="Thank you, it helps to know that you are there."),
}
"""What a customer writes back, once, to the first reply that reaches them."""

ANSWER_AFTER_S = 8.0
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Night:
    """Plays the script on a desk and a monitor; the same seconds give the same night."""

    desk: Desk
    monitor: Monitor
    tickets: dict[str, int] = field(default_factory=dict)
    played: int = 0
    answered: set[str] = field(default_factory=set)
    began_at: datetime = _NEVER

    def people(self) -> None:
        """Everybody gets a key: the login and ``-key``."""
        for name, identifier in PROJECTS:
            self.desk.add_project(name, identifier)
        for login, first, last, project in PEOPLE:
            self.desk.add_person(login, first, last, key=f"{login}-key", staff=not project, project=project)

    def open(self) -> None:
        """Sets the scene as it is at second 0."""
        self.began_at = self.desk.now()
        for step in OPENING:
            self.do(step)

    def play(self, until_s: float) -> None:
        """Everything that is due by that second and has not happened yet, then what customers answer."""
        while self.played < len(STORY) and STORY[self.played][0] <= until_s:
            self.do(STORY[self.played][1])
            self.played += 1
        for ticket in ANSWERS.keys() - self.answered:
            if self._was_answered(ticket):
                self.answered.add(ticket)
                self.do(ANSWERS[ticket])

    def _was_answered(self, ticket: str) -> bool:
        """Whether a word of ours to them is some seconds old; what the opening says does not count."""
        issue = self.desk.issues.get(self.tickets.get(ticket, 0))
        patience = self.desk.now() - timedelta(seconds=ANSWER_AFTER_S)
        journals = issue.journals if issue else []
        return any(_is_word(journal) and self.began_at < journal.at <= patience for journal in journals)

    def do(self, step: Step) -> None:
        """One thing happens."""
        match step:
            case Fires():
                labels = {"alertname": step.alert, "severity": step.severity, "service": step.service,
                          "instance": step.instance}  # fmt: skip
                self.monitor.fire(labels, at=self._ago(step.ago_s), summary=step.summary)
            case Recovers():
                self.monitor.resolve(step.alert)
            case Opens():
                issue = self.desk.add_issue(step.who, step.subject, step.text, priority=step.priority,
                                            at=self._ago(step.ago_s))  # fmt: skip
                self.tickets[step.ticket] = issue.id
            case Writes():
                ticket = self.tickets[step.ticket]
                self.desk.add_journal(ticket, step.who, step.text, private=step.private, at=self._ago(step.ago_s))
            case Takes():
                self.desk.assign(self.tickets[step.ticket], step.who, at=self._ago(step.ago_s))
            case Leaves() if step.repaired:
                self._site(step.site).failing = UNAVAILABLE
            case Leaves():
                self._site(step.site).stop_listening()
            case Returns():
                self._site(step.site).failing = None
                self._site(step.site).listen_again()

    def _ago(self, seconds: float) -> datetime:
        return self.desk.now() - timedelta(seconds=seconds)

    def _site(self, name: str) -> Site:
        return self.desk if name == self.desk.name else self.monitor


def _is_word(journal: Journal) -> bool:
    return bool(journal.author.is_staff and journal.text and not journal.private)
