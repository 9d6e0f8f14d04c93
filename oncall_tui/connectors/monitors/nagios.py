"""Nagios Core 4: hosts and services in a hard state that is not OK, by its JSON CGIs; what is said goes through cmd.cgi.

https://www.nagios.org/ncpa/help/2.0/ has none of it; `statusjson.cgi?query=help` and the CGIs' source are the reference.
`url` is the folder of the CGIs (https://nagios.example.net/nagios/cgi-bin). Seen on a real 4.4.6:

- cmd.cgi answers 200 and a page to everything. "successfully submitted" says only that the command is in a queue (a FIFO):
  whether it was done is read back. It wants the `nagFormId` of a form of its own, in the form and as a cookie.
- An object that does not exist and one that we may not touch are the same: "you do not have permission".
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

What a host or service is for is not in the status: name customers and services by `hosts` or the label `check`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import Check, Remark
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Exchange, Option, Reading, Receipt, Request, Response, Source
from oncall_tui.model import Impact, Signal, Verb, Write

COMMANDS: Mapping[Verb, tuple[int, int]] = {
    Verb.ACKNOWLEDGE: (33, 34),
    Verb.RELEASE: (51, 52),
    Verb.NOTE: (1, 3),
    Verb.SNOOZE: (55, 56),
}
"""`cmd_typ` for a host and for a service (include/common.h of Nagios)."""

STALE_S = 60.0
"""Nagios writes its status every 10 s by default; when it is this old, nobody does any more. It is less than a note that
is not there waits before it is sent again (75 s): a dead daemon must not be told twice what it does on its next start.
"""

SETTLING_S = 30.0
"""How long after its start a daemon may still find in its queue what it was told while it was dead."""

_SPELLINGS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S")
"""The four `date_format`s."""

_ALL: Mapping[str, str] = {}
_DOWN = {"hoststatus": "down unreachable"}
_FAILING = {"servicestatus": "warning critical unknown"}

_UNKNOWN = 6
"""The code of an option that is no good, as the name of a host that is not there."""

_QUEUED = Receipt(settled=False)


class _Status(msgspec.Struct, gc=False):
    """A host or a service; times are milliseconds."""

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


class _Host(_Status, gc=False, kw_only=True):
    name: kit.Id

    @property
    def place(self) -> tuple[str, str]:
        return self.name, ""


class _Service(_Status, gc=False, kw_only=True):
    host_name: kit.Id
    description: kit.Id

    @property
    def place(self) -> tuple[str, str]:
        return self.host_name, self.description


class _Said(msgspec.Struct, gc=False):
    """What is alike in a comment and a downtime."""

    host_name: str
    entry_time: float
    author: str = ""
    service_description: str = ""
    comment_data: str = ""
    comment: str = ""
    entry_type: str = ""
    end_time: float = 0
    is_in_effect: bool = True


class _Result(msgspec.Struct):
    query_time: float
    type_code: int
    last_data_update: float = 0
    program_start: float = 0
    message: str = ""
    user: str = ""


class _Data(msgspec.Struct):
    """The one list that was asked for."""

    hostlist: dict[str, msgspec.Raw] | None = None
    servicelist: dict[str, dict[str, msgspec.Raw]] | None = None
    commentlist: dict[str, _Said] | None = None
    downtimelist: dict[str, _Said] | None = None
    programstatus: dict[str, Any] | None = None
    count: dict[str, int] | None = None


class _Answer(msgspec.Struct):
    result: _Result
    data: _Data


_Remarks = Mapping[str, list[Remark]]
_ByName = Mapping[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class _Known:
    """What else a signal is made of: what was said, by what it is about, and the hosts that are down."""

    comments: _Remarks
    downtimes: _Remarks
    table: Mapping[str, Impact]
    down: frozenset[str] = frozenset()


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, and what people said about it."""
    hosts = (yield from _ask("hostlist", _DOWN)).data.hostlist
    services = (yield from _ask("servicelist", _FAILING)).data.servicelist
    if not hosts and not services:
        yield from _sees_anything()
    return (yield from _read(source, hosts, services))


def _read(
    source: Source, hosts: _ByName | None, services: Mapping[str, _ByName] | None, only: Mapping[str, str] = _ALL
) -> Exchange[Reading]:
    """Those hosts and services as signals. Asked last: who is behind what was listed, on `only` one host or on all."""
    if hosts is None or services is None:
        raise Unreadable("the API changed shape: there is no list of hosts or services")
    source = _in_ascii(source)
    known = _Known(*(yield from _said(only)), checks.impacts(source))
    down = kit.read_each(hosts.values(), _Host, lambda host: _signal(source, host, known))
    known = replace(known, down=frozenset(signal.host for signal in down.signals))
    every = [raw for by_name in services.values() for raw in by_name.values()]
    failing = kit.read_each(every, _Service, lambda service: _signal(source, service, known))
    reading = Reading(signals=down.signals + failing.signals, unreadable=down.unreadable + failing.unreadable)
    return checks.warned(reading, known.table)


def _sees_anything() -> Exchange[None]:
    """An empty list is good news only for who would see a problem."""
    count = (yield from _ask("hostcount")).data.count
    if count is None or not any(count.values()):
        raise Rejected("shows your user no host at all: is it a contact, or in authorized_for_all_hosts?")


def _ask(query: str, only: Mapping[str, str] = _ALL, *, accepts: int = 0) -> Exchange[_Answer]:
    """One list. An error is a 200 with a code inside, and so is what Nagios wrote before it died."""
    asked = {"query": query, "details": "true", "formatoptions": "enumerate", **only}
    answer = (yield Request(method="GET", path="/statusjson.cgi", query=tuple(asked.items()))).read(_Answer)
    result = answer.result
    if result.type_code and result.type_code == accepts:
        return answer
    if result.type_code:
        raise Rejected(result.message or f"refused it (code {result.type_code})")
    age_s = (result.query_time - result.last_data_update) / 1000
    if age_s > STALE_S:
        raise Unavailable(f"has stopped: its status is {age_s:.0f} s old", maybe_sent=False)
    return answer


def _said(only: Mapping[str, str] = _ALL) -> Exchange[tuple[_Remarks, _Remarks]]:
    """Comments and downtimes, by what they are about."""
    comments = (yield from _ask("commentlist", only)).data.commentlist
    downtimes = (yield from _ask("downtimelist", only)).data.downtimelist
    if comments is None or downtimes is None:
        raise Unreadable("the API changed shape: there is no list of comments or downtimes")
    told = {number: said for number, said in comments.items() if said.entry_type in ("user", "acknowledgement")}
    return checks.by_object(_remarks(told)), checks.by_object(_remarks(downtimes))


def _remarks(listed: Mapping[str, _Said]) -> Iterator[tuple[str, Remark]]:
    for number, said in listed.items():
        at = _when(said.entry_time)
        if at is None:
            raise ValueError("a comment without a time")
        about = f"{said.host_name};{said.service_description}" if said.service_description else said.host_name
        yield (
            about,
            Remark(
                id=number,
                author=said.author,
                text=said.comment_data or said.comment,
                at=at,
                takes=said.entry_type == "acknowledgement",
                until=_when(said.end_time),
                begun=said.is_in_effect,
            ),
        )


def _when(milliseconds: float) -> datetime | None:
    return kit.when(milliseconds, per_s=1000)


def _signal(source: Source, found: _Host | _Service, known: _Known) -> Signal | None:
    """One host or service as a signal; None when it has no problem."""
    if not found.is_problem:
        return None
    host, name = found.place
    signal_id = f"{host};{name}" if name else host
    check = Check(
        id=signal_id,
        host=host,
        name=name,
        state=found.status,
        since=_when(found.last_hard_state_change or found.last_state_change or found.last_check),
        url=_page(source, host, name),
        output="\n".join(text for text in (found.plugin_output, found.long_plugin_output) if text),
        acknowledged=found.problem_has_been_acknowledged,
        in_downtime=found.scheduled_downtime_depth != 0,
        unreachable=found.status == "unreachable" or (name != "" and host in known.down),
        comments=known.comments.get(signal_id, ()),
        downtimes=known.downtimes.get(signal_id, ()),
    )
    return checks.signal(source, check, known.table)


def _page(source: Source, host: str, name: str) -> str:
    page = f"{source.url}/extinfo.cgi?type={2 if name else 1}&host={quote(host, safe='')}"
    return f"{page}&service={quote(name, safe='')}" if name else page


def peek(source: Source, signal_id: str) -> Exchange[Signal | None]:
    """That host or service now; None when it is well again, gone, or hidden from us."""
    only = {"hostname": signal_id.partition(";")[0]}
    listed = yield from _ask("servicelist", {**_FAILING, **only}, accepts=_UNKNOWN)
    if listed.result.type_code == _UNKNOWN:
        return None
    hosts = (yield from _ask("hostlist", _DOWN)).data.hostlist
    reading = yield from _read(source, hosts, listed.data.servicelist, only)
    return next((signal for signal in reading.signals if signal.id == signal_id), None)


# --- writing ---------------------------------------------------------------------------------------------------------


def acknowledge(source: Source, write: Write) -> Exchange[Receipt]:
    """A sticky acknowledgement, which calls nobody; one on top of a colleague's when the engineer wants it all the same."""
    present = yield from _problem(source, write)
    if checks.is_held(present, write):
        return kit.DONE
    words = ascii_line(checks.taking(source, write))
    yield from _command(source, write, sticky_ack="on", com_data=words)
    return _QUEUED


def release(source: Source, write: Write) -> Exchange[Receipt]:
    """End my acknowledgement; a colleague's stays."""
    present = yield from peek(source, write.signal_id)
    if present is None or not present.taken_by:
        return Receipt(words="nobody had it any more")
    if not present.mine:
        return Receipt(words=f"{present.taken_by} has it now")
    yield from _command(source, write)
    return _QUEUED


def note(source: Source, write: Write) -> Exchange[Receipt]:
    """A comment that outlives a restart, for those who may use Nagios."""
    yield from _problem(source, write)
    words = ascii_line(write.text)
    yield from _command(source, write, persistent="on", com_data=f"{words} {kit.marker(write)}")
    told = "" if kit.same_text(words, write.text) else f"Nagios keeps ASCII only; it was given {words!r}"
    return Receipt(settled=False, words=told)


def snooze(source: Source, write: Write) -> Exchange[Receipt]:
    """A fixed downtime from now to `write.until`, in the spelling and the zone of the server's own form."""
    if write.until is None:
        raise Rejected("a downtime needs an end")
    yield from _problem(source, write)
    _, downtimes = yield from _said()
    if checks.is_said(write, downtimes.get(write.signal_id, ())):
        return kit.DONE
    answer, form_id = yield from _form(write)
    shown = re.search(r"NAME='start_time' VALUE='([^']+)'", answer.text)
    if shown is None:
        raise Unreadable("its form for a downtime shows no start")
    skew = timedelta(seconds=source.skew_s)
    end = _spelt(shown[1], answer.at or write.asked_at + skew, write.until + skew)
    words = ascii_line(checks.said(write, f"snoozed by {source.me.name}"))
    fixed = {"fixed": "1", "trigger": "0", "hours": "2", "minutes": "0"}
    yield from _submit(source, write, form_id, start_time=shown[1], end_time=end, com_data=words, **fixed)
    return _QUEUED


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


def _problem(source: Source, write: Write) -> Exchange[Signal]:
    present = yield from peek(source, write.signal_id)
    if present is None:
        raise Rejected("it is well again, gone, or hidden from you", gone=True)
    return present


def _command(source: Source, write: Write, **fields: str) -> Exchange[None]:
    _, form_id = yield from _form(write)
    yield from _submit(source, write, form_id, **fields)


def _exactly(write: Write) -> dict[str, str]:
    """The command, and the one host or service that it is about."""
    host, separator, service = write.signal_id.partition(";")
    if not host or (separator and not service) or not write.signal_id.isprintable():
        raise Unreadable(f"{write.signal_id!r} names no host and no service")
    of_host, of_service = COMMANDS[write.verb]
    return {"cmd_typ": str(of_service), "host": host, "service": service} if service else {
        "cmd_typ": str(of_host), "host": host
    }  # fmt: skip


def _page_of(query: Mapping[str, str]) -> Request:
    return Request(method="GET", path="/cmd.cgi", query=tuple(query.items()), headers={"Accept": "text/html"})


def _form(write: Write) -> Exchange[tuple[Response, str]]:
    """The form of that command, and the number without which it is not taken."""
    answer = yield _page_of(_exactly(write))
    found = re.search(r"NAME='nagFormId' VALUE='([0-9A-Za-z]+)'", answer.text)
    if found is None:
        raise Rejected(_refusal(answer.text) or "cmd.cgi shows no form")
    return answer, found[1]


def _submit(source: Source, write: Write, form_id: str, **fields: str) -> Exchange[None]:
    """Put the command into the queue."""
    author = {"com_author": ascii_line(source.me.name)} if fields else {}
    form = {"nagFormId": form_id, "cmd_mod": "2", **_exactly(write), **author, **fields, "btnSubmit": "Commit"}
    answer = yield Request(
        method="POST",
        path="/cmd.cgi",
        form=tuple(form.items()),
        headers={"Accept": "text/html", "Cookie": f"NagFormId={form_id}"},
        writes=True,
    )
    if "successfully submitted" not in answer.text:
        raise Rejected(_refusal(answer.text) or "cmd.cgi did not take it, and does not say why")


def _refusal(page: str) -> str:
    """What a page of cmd.cgi says went wrong."""
    found = re.search(r"CLASS='errorMessage'>([^<]{1,300})", page)
    return unescape(found[1]).strip() if found else ""


def ascii_line(text: str) -> str:
    """`text` as Nagios keeps and tells it: ASCII on one line. What has no likeness there becomes a question mark."""
    text = text.translate(_LIKE).replace(";", ",").replace("<", "").replace(">", "")
    letters = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isascii() else "?" for char in letters).split())


_LIKE = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "ß": "ss", "ø": "o", "æ": "ae", "€": "EUR "}
)


def _in_ascii(source: Source) -> Source:
    """The source, to whom I am also known by how Nagios writes my name."""
    names = (source.me.name, *source.me.aliases)
    aliases = (*source.me.aliases, *(ascii_line(name) for name in names))
    return replace(source, me=msgspec.structs.replace(source.me, aliases=aliases))


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the command has been done."""
    if write.verb in (Verb.ACKNOWLEDGE, Verb.RELEASE):
        present = yield from peek(source, write.signal_id)
        is_mine = present is not None and present.mine
        return not is_mine if write.verb is Verb.RELEASE else checks.is_held(present, write)
    comments, downtimes = yield from _said()
    remarks = comments if write.verb is Verb.NOTE else downtimes
    if checks.is_said(write, remarks.get(write.signal_id, ())):
        return True
    started_s = yield from _started_s()
    if started_s < SETTLING_S and write.attempts:
        raise Unavailable("has just started and may still do what it was told before", maybe_sent=False)
    return False


def _started_s() -> Exchange[float]:
    """For how long the daemon has been running."""
    result = (yield from _ask("programstatus")).result
    return (result.query_time - result.program_start) / 1000


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name we may say what."""
    status = (yield from _ask("programstatus")).data.programstatus or {}
    answer = yield _page_of({"cmd_typ": "3"})
    words = f"Nagios {status['version']}"
    author = re.search(r"NAME='com_author' VALUE='([^']*)'([^>]*)", answer.text)
    if author is None:
        return f"{words}; you may only read ({_refusal(answer.text) or 'cmd.cgi shows no form'})"
    name = unescape(author[1]) if "DISABLED" in author[2] else source.me.name
    return f"{words}, comments in the name of {name}"


def headers(source: Source) -> Mapping[str, str]:
    """The web server's basic authentication."""
    return kit.basic(source.options.get("user", ""), source.secret)


CONNECTOR = Connector(
    name="nagios",
    title="Nagios Core",
    docs="https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/cgis.html",
    options=(
        Option(name="user", help="name at the web server; the secret is its password", required=True),
        checks.SEVERITIES,
    ),
    headers=headers,
    poll=poll,
    answers={
        Verb.ACKNOWLEDGE: acknowledge,
        Verb.RELEASE: release,
        Verb.NOTE: note,
        Verb.SNOOZE: snooze,
    },
    cannot=checks.CANNOT,
    peek=peek,
    seen=seen,
    check=check,
    proven="Nagios Core 4.4.6",
)
