"""Nagios Core 4: hosts and services in a hard state that is not OK, by its JSON CGIs; what is said goes through cmd.cgi.

https://www.nagios.org/ncpa/help/2.0/ has none of it; `statusjson.cgi?query=help` and the CGIs' source are the reference.
`url` is the folder of the CGIs (https://nagios.example.net/nagios/cgi-bin). Seen on a real 4.4.6:

- cmd.cgi answers 200 and a page to everything. "successfully submitted" says only that the command is in a queue (a FIFO):
  whether it was done is read back. It wants the `nagFormId` of a form of its own, in the form and as a cookie.
- An object that does not exist and one that we may not touch are the same: "you do not have permission". Only who may
  command is told that a comment without words has none.
- Who is no contact of anything gets empty lists and "Success", as does a user whom Nagios does not know: so where nothing is
  wrong the hosts are counted, and none at all is no good news.
- The daemon may be dead: then the JSON is old and still "Success", so how old it is counts. A command is then "submitted",
  or (killed, its FIFO left behind) cmd.cgi hangs for as long as nobody reads that: what it holds may be done much later.
- A text with one letter beyond ASCII is told as "" (also with a UTF-8 locale). `<` and `>` are dropped from what we write,
  `;` becomes a blank, a line end fails. So what is sent is ASCII on one line, and what that changed is told.
- Acknowledging again is a second comment and no error, also on what is well: so it is read first. Ending it deletes the
  comments, unless they are persistent. Acknowledgements do not end by themselves.
- With `lock_author_names` (the default of Nagios) every comment has the account's name: who took it is read in its words.
- Dates of a downtime are in the server's own zone and spelling, which the form shows.
- A downtime makes a comment of its own, in the name of "(Nagios Process)". State outlives a restart with
  `retain_state_information`.

What a host or service is for is not in its status but in its custom variables (`_CUSTOMER`, told by objectjson.cgi with
names in capitals): they are labels here, in small letters, a service's own before its host's. They change only when the
daemon starts, and telling them all takes seconds where there are thousands: so they are asked for when one is listed that was
not there before. Of the status nothing tells what changed since: an acknowledgement moves no time, so all is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from itertools import chain
from typing import Any, Literal, TypeVar

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import QUEUED, Check, Said
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Exchange, Option, Pause, Reading, Receipt, Remark, Request, Response, Source
from oncall_tui.model import Signal, Write

T = TypeVar("T")
N = TypeVar("N", bound="_Named")

ACKNOWLEDGE, REMOVE, COMMENT, DOWNTIME, DEL_DOWNTIME = (33, 34), (51, 52), (1, 3), (55, 56), (78, 79)
"""`cmd_typ` for a host and for a service (include/common.h of Nagios)."""

STALE_S = 60.0
"""Nagios writes its status every 10 s by default; when it is this old, nobody does any more. It is less than a note that
is not there waits before it is sent again (75 s): a dead daemon must not be told twice what it does on its next start.
"""

SETTLING_S = 30.0
"""How long after its start a daemon may still find in its queue what it was told while it was dead."""

_SPELLINGS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S")
"""The four `date_format`s."""

_STATUS, _OBJECTS = "/statusjson.cgi", "/objectjson.cgi"
_ALL: Mapping[str, str] = {}
_DOWN = {"hoststatus": "down unreachable"}
_FAILING = {"servicestatus": "warning critical unknown"}

_UNKNOWN = 6
"""The code of an option that is no good, as the name of a host that is not there."""


class _Named(msgspec.Struct, gc=False):
    """A host (`name`) or a service (`description` on `host_name`)."""

    name: str = ""
    host_name: str = ""
    description: str = ""

    @property
    def id(self) -> str:
        host = self.name if not self.host_name else self.host_name if self.description else ""
        if not host:
            raise ValueError("says not which host or service it is")
        return _id(host, self.description)


class _Status(_Named, gc=False, kw_only=True):
    """How it is; times are milliseconds."""

    status: str
    state_type: Literal["hard", "soft"]
    problem_has_been_acknowledged: bool
    last_hard_state_change: float = 0
    last_state_change: float = 0
    last_check: float = 0
    plugin_output: str = ""
    long_plugin_output: str = ""
    scheduled_downtime_depth: int = 0

    @property
    def is_problem(self) -> bool:
        return self.state_type == "hard" and self.status not in ("ok", "up", "pending")


class _AboutOne(msgspec.Struct, gc=False):
    host_name: kit.Id
    author: str = ""
    service_description: str = ""

    @property
    def about(self) -> str:
        return _id(self.host_name, self.service_description)


class _Comment(_AboutOne, gc=False, kw_only=True):
    comment_id: int
    entry_time: float
    comment_data: str = ""
    entry_type: str = ""


class _Downtime(_AboutOne, gc=False, kw_only=True):
    downtime_id: int
    comment: str = ""
    end_time: float = 0
    is_in_effect: bool = True


class _Object(_Named, gc=False):
    """What the configuration tells of it."""

    custom_variables: dict[str, str] = {}

    @property
    def labels(self) -> dict[str, str]:
        return {name.casefold(): text for name, text in self.custom_variables.items() if text}


class _Result(msgspec.Struct):
    query_time: float
    type_code: int
    last_data_update: float = 0
    program_start: float = 0
    message: str = ""


class _Answer(msgspec.Struct):
    result: _Result
    data: dict[str, msgspec.Raw]

    def read(self, name: str, type_: type[T]) -> T:
        return kit.decode(self.data[name], type_)


@dataclass(frozen=True, slots=True)
class _Known:
    """What else a signal is made of, by the id of its host or service; and which hosts are down."""

    comments: Said[Remark]
    downtimes: Said[Pause]
    labels: Mapping[str, Mapping[str, str]]
    down: frozenset[str]


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, and what people said about it. Asked last: who is behind what was listed."""
    found, lost, started_at = yield from _list(_STATUS, _Status, _DOWN, _FAILING)
    if not found:
        yield from _sees_anything()
    comments, downtimes = yield from _said()
    labels = _kept(source, started_at)
    if any(one.is_problem and id_ not in labels for id_, one in found.items()):
        labels, unreadable = yield from _labels()
        lost += unreadable
    down = frozenset(id_ for id_, one in found.items() if one.name and one.is_problem)
    known = _Known(comments, downtimes, labels, down)
    reading = API.read(source, found.values(), lambda one: _check(source, one, known))
    return reading + Reading(signals=[], unreadable=lost) + comments.lost + downtimes.lost


def _list(
    cgi: str, type_: type[N], hosts: Mapping[str, str] = _ALL, services: Mapping[str, str] = _ALL
) -> Exchange[tuple[dict[str, N], tuple[str, ...], datetime | None]]:
    """Hosts and services by their ids, a line for each that cannot be read, and since when the daemon runs."""
    told = yield from _ask("hostlist", cgi, only=hosts)
    of_hosts = told.read("hostlist", dict[str, msgspec.Raw]).values()
    of_services = (yield from _ask("servicelist", cgi, only=services)).read("servicelist", dict[str, msgspec.Raw])
    by_host, broken = kit.each(of_services.values(), dict[str, msgspec.Raw], lambda by_name: by_name.values())
    found, unreadable = kit.each(chain(of_hosts, *by_host), type_, lambda one: (one.id, one))
    return dict(found), (*broken, *unreadable), kit.when(told.result.program_start, per_s=1000)


def _sees_anything() -> Exchange[None]:
    """An empty list is good news only for who would see a problem."""
    if not any((yield from _ask("hostcount")).read("count", dict[str, int]).values()):
        raise Rejected("shows your user no host at all: is it a contact, or in authorized_for_all_hosts?")


def _ask(query: str, cgi: str = _STATUS, *, only: Mapping[str, str] = _ALL, accepts: int = 0) -> Exchange[_Answer]:
    """One list, or one object. An error is a 200 with a code inside, and so is what Nagios wrote before it died."""
    asked = {"query": query, "details": "true", "formatoptions": "enumerate", **only}
    answer = (yield Request(method="GET", path=cgi, query=tuple(asked.items()))).read(_Answer)
    result = answer.result
    if result.type_code not in (0, accepts):
        raise Rejected(result.message or f"refused it (code {result.type_code})")
    age_s = (result.query_time - result.last_data_update) / 1000
    if age_s > STALE_S and cgi == _STATUS and not result.type_code:
        raise Unavailable(f"has stopped: its status is {age_s:.0f} s old", maybe_sent=False)
    return answer


def _said(only: Mapping[str, str] = _ALL) -> Exchange[tuple[Said[Remark], Said[Pause]]]:
    """Comments and downtimes, by what they are about."""
    comments = (yield from _ask("commentlist", only=only)).read("commentlist", dict[str, msgspec.Raw])
    downtimes = (yield from _ask("downtimelist", only=only)).read("downtimelist", dict[str, msgspec.Raw])
    return checks.said(comments.values(), _Comment, _noted), checks.said(downtimes.values(), _Downtime, _planned)


def _noted(one: _Comment) -> tuple[str, Remark] | None:
    """None for what Nagios itself says about a downtime."""
    if one.entry_type not in ("user", "acknowledgement"):
        return None
    at, takes = kit.at(one.entry_time, per_s=1000), one.entry_type == "acknowledgement"
    return one.about, Remark(id=str(one.comment_id), author=one.author, text=one.comment_data, at=at, takes=takes)


def _planned(one: _Downtime) -> tuple[str, Pause]:
    until, begun = kit.when(one.end_time, per_s=1000), one.is_in_effect
    return one.about, Pause(id=str(one.downtime_id), author=one.author, text=one.comment, until=until, begun=begun)


def _kept(source: Source, started_at: datetime | None) -> Mapping[str, Mapping[str, str]]:
    """The labels of the last reading, when that began while this daemon had long been running."""
    if source.afresh or started_at is None or source.known_at is None:
        return {}
    if source.known_at - started_at < timedelta(seconds=STALE_S):
        return {}
    return {signal_id: signal.labels for signal_id, signal in source.known.items()}


def _labels() -> Exchange[tuple[Mapping[str, Mapping[str, str]], tuple[str, ...]]]:
    """The custom variables of everything, and a line for each host or service that cannot be read."""
    found, lost, _ = yield from _list(_OBJECTS, _Object)
    nothing = _Object()
    return {id_: found.get(one.host_name, nothing).labels | one.labels for id_, one in found.items()}, lost


def _check(source: Source, found: _Status, known: _Known) -> Check:
    signal_id = found.id
    host, name = checks.split(signal_id, ";")
    return Check(
        id=signal_id,
        host=host,
        name=name,
        state=found.status,
        is_problem=found.is_problem,
        since=kit.when(found.last_hard_state_change or found.last_state_change or found.last_check, per_s=1000),
        url=kit.page(f"{source.url}/extinfo.cgi", type=2 if name else 1, host=host, service=name),
        output="\n".join(filter(None, (found.plugin_output, found.long_plugin_output))),
        labels=known.labels.get(signal_id, {}),
        acknowledged=found.problem_has_been_acknowledged,
        in_downtime=found.scheduled_downtime_depth != 0,
        unreachable=found.status == "unreachable" or (name != "" and host in known.down),
        comments=known.comments.about(signal_id),
        downtimes=known.downtimes.about(signal_id),
    )


def _id(host: str, name: str) -> str:
    return f"{host};{name}" if name else host


def find(source: Source, signal_id: str) -> Exchange[Check | None]:
    """That host or service in whatever state."""
    host, name = checks.split(signal_id, ";")
    about = {"host": {"hostname": host}} | ({"service": {"hostname": host, "servicedescription": name}} if name else {})
    found: list[_Status] = []
    labels: dict[str, str] = {}
    for what, exactly in about.items():
        told = yield from _ask(what, accepts=_UNKNOWN, only=exactly)
        if told.result.type_code:
            return None
        found.append(told.read(what, _Status))
        labels |= (yield from _ask(what, _OBJECTS, only=exactly)).read(what, _Object).labels
    if found[-1].id != signal_id:
        return None
    comments, downtimes = yield from _said({"hostname": host})
    down = frozenset([host] if found[0].is_problem else ())
    return _check(source, found[-1], _Known(comments, downtimes, {signal_id: labels}, down))


# --- writing ---------------------------------------------------------------------------------------------------------


def _take(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    """A sticky acknowledgement, which calls nobody; one on top of a colleague's when the engineer wants it all the same."""
    words = ascii_line(checks.taking(source, write))
    return (yield from _command(source, write, ACKNOWLEDGE, sticky_ack="on", com_data=words))


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    return (yield from _command(source, write, REMOVE))


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    """A comment that outlives a restart."""
    return (yield from _command(source, write, COMMENT, persistent="on", com_data=words))


def _snooze(source: Source, write: Write, check: Check) -> Exchange[Receipt]:
    """A fixed downtime, in the spelling and the zone of the server's own form, which shows now as its start."""
    words, start, end = checks.pausing(source, write)
    answer, _ = yield from _form(_exactly(write, DOWNTIME))
    shown = re.search(r"NAME='start_time' VALUE='([^']+)'", answer.text)
    if shown is None:
        raise Unreadable("its form for a downtime shows no start")
    times = {"start_time": shown[1], "end_time": _spelt(shown[1], answer.at or start, end)}
    fixed = {"fixed": "1", "trigger": "0", "hours": "2", "minutes": "0"}
    return (yield from _command(source, write, DOWNTIME, **times, com_data=ascii_line(words), **fixed))


def _cancel(source: Source, write: Write, downtime: Pause) -> Exchange[Receipt]:
    return (yield from _command(source, write, DEL_DOWNTIME, down_id=downtime.id))


def _spelt(shown: str, now: datetime, at: datetime) -> str:
    """`at` as the server writes times, who shows `now` as `shown`: its spelling and its zone are read from that."""
    for spelling in _SPELLINGS:
        try:
            local = datetime.strptime(shown, spelling)  # noqa: DTZ007 (the zone is what is looked for)
        except ValueError:
            continue
        quarters = round((local - now.replace(tzinfo=None)) / timedelta(minutes=15))
        if abs(quarters) <= 15 * 4:
            return (at.replace(tzinfo=None) + timedelta(minutes=15 * quarters)).strftime(spelling)
    raise Unreadable(f"writes times in no known way: {shown!r}")


def _exactly(write: Write, command: tuple[int, int]) -> dict[str, str]:
    """The command, and the one host or service that it is about."""
    host, name = checks.split(write.signal_id, ";")
    return {"cmd_typ": str(command[name != ""]), "host": host, **({"service": name} if name else {})}


def _command(source: Source, write: Write, command: tuple[int, int], **fields: str) -> Exchange[Receipt]:
    """Put it into the queue."""
    page = yield from _commit(source, _exactly(write, command), **fields)
    if "successfully submitted" not in page:
        raise Rejected(_refusal(page) or "cmd.cgi did not take it, and does not say why")
    return QUEUED


def _commit(source: Source, about: Mapping[str, str], **fields: str) -> Exchange[str]:
    """What cmd.cgi says to the form of that command, filled in, with the number without which it takes none."""
    _, form_id = yield from _form(about)
    author = {"com_author": ascii_line(source.me.name)} if "com_data" in fields else {}
    form = {"nagFormId": form_id, "cmd_mod": "2", **about, **author, **fields, "btnSubmit": "Commit"}
    answer = yield Request(
        method="POST",
        path="/cmd.cgi",
        form=tuple(form.items()),
        headers={"Accept": "text/html", "Cookie": f"NagFormId={form_id}"},
        writes=True,
    )
    return answer.text


def _page(about: Mapping[str, str]) -> Request:
    return Request(method="GET", path="/cmd.cgi", query=tuple(about.items()), headers={"Accept": "text/html"})


def _form(about: Mapping[str, str]) -> Exchange[tuple[Response, str]]:
    """The form of a command, and its number."""
    answer = yield _page(about)
    found = re.search(r"NAME='nagFormId' VALUE='([0-9A-Za-z]+)'", answer.text)
    if found is None:
        raise Rejected(_refusal(answer.text) or "cmd.cgi shows no form")
    return answer, found[1]


def _refusal(page: str) -> str:
    """What a page of cmd.cgi says went wrong."""
    found = re.search(r"CLASS='errorMessage'>([^<]{1,300})", page)
    return unescape(found[1]).strip() if found else ""


def ascii_line(text: str) -> str:
    """`text` as Nagios keeps and tells it: ASCII on one line, without what stands for something in a command or a page."""
    return " ".join(kit.in_ascii(text).replace(";", ",").replace("<", "").replace(">", "").split())


API = checks.monitor(find=find, take=_take, give=_give, note=_note, snooze=_snooze, cancel=_cancel, keeps=ascii_line)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the command has been done; one that was sent before is in question while its daemon is young."""
    if (yield from API.seen(source, write)):
        return True
    result = (yield from _ask("programstatus")).result
    if write.attempts and result.query_time - result.program_start < SETTLING_S * 1000:
        raise Unavailable("has just started and may still do what it was told before", maybe_sent=False)
    return False


# --- who we are ------------------------------------------------------------------------------------------------------


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name we may say what."""
    status = (yield from _ask("programstatus")).read("programstatus", dict[str, Any])
    answer = yield _page({"cmd_typ": str(COMMENT[0])})
    author = re.search(r"NAME='com_author' VALUE='([^']*)'([^>]*)", answer.text)
    if author is None:
        return f"Nagios {status['version']}; you may only read ({_refusal(answer.text) or 'cmd.cgi shows no form'})"
    name = unescape(author[1]) if "DISABLED" in author[2] else source.me.name
    return f"Nagios {status['version']}, comments in the name of {name}"


def may(source: Source) -> Exchange[str]:
    """Whether commands are taken from us: by a comment without words on the first host that we see."""
    hosts = (yield from _ask("hostlist", only={"count": "1"})).read("hostlist", dict[str, msgspec.Raw])
    page = yield from _commit(source, {"cmd_typ": str(COMMENT[0]), "host": next(iter(hosts), "")}, com_data="")
    if "not entered" not in page:
        raise Rejected(_refusal(page) or "cmd.cgi took a question for an answer")
    return "acknowledgements, comments and downtimes are taken from us"


CONNECTOR = Connector(
    name="nagios",
    title="Nagios Core",
    docs="https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/cgis.html",
    options=(
        Option(name="user", help="name at the web server; the secret is its password", required=True),
        *checks.OPTIONS,
    ),
    headers=kit.by_password,
    poll=poll,
    answers=API.answers,
    retracts=API.retracts,
    cannot=checks.CANNOT,
    peek=API.peek,
    seen=seen,
    check=check,
    may=may,
    proven="Nagios Core 4.4.6",
)
