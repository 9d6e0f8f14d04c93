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
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from html import unescape
from itertools import chain
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from oncall_tui import kit
from oncall_tui.connectors import checks
from oncall_tui.connectors.checks import QUEUED, Check, Said
from oncall_tui.errors import Rejected, Unavailable, Unreadable
from oncall_tui.kit import Connector, Exchange, Pause, Reading, Receipt, Record, Remark, Request, Response, Source
from oncall_tui.model import Signal, Write

T = TypeVar("T")

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

_IS_HARD = {"hard": True, "soft": False}
_STATUS, _OBJECTS = "/statusjson.cgi", "/objectjson.cgi"
_ALL: Mapping[str, str] = {}
_DOWN = {"hoststatus": "down unreachable"}
_FAILING = {"servicestatus": "warning critical unknown"}

_UNKNOWN = 6
"""The code of an option that is no good, as the name of a host that is not there."""


class _Answer(msgspec.Struct):
    """What was told of each object stays unread until its turn comes."""

    result: dict[str, Any]
    data: dict[str, msgspec.Raw]

    @property
    def about(self) -> Record:
        return Record(self.result)

    def objects(self, name: str) -> dict[str, msgspec.Raw]:
        return kit.decode(self.data[name], dict[str, msgspec.Raw])


# --- reading ---------------------------------------------------------------------------------------------------------


def poll(source: Source) -> Exchange[Reading]:
    """Every host and service with a problem, and what people said about it. Asked last: who is behind what was listed.

    An empty list is good news only for who would see a problem.
    """
    found, lost, started_at = yield from _list(_STATUS, lambda one: _check(source, one), _DOWN, _FAILING)
    if not found:
        hosts = kit.decode((yield from _ask("hostcount")).data["count"], dict[str, int])
        if not any(hosts.values()):
            raise Rejected("shows your user no host at all: is it a contact, or in authorized_for_all_hosts?")
    said = yield from _said()
    labels = _kept(source, started_at)
    if any(one.is_problem and id_ not in labels for id_, one in found.items()):
        labels, unreadable = yield from _labels()
        lost += unreadable
    down = {id_ for id_, one in found.items() if not one.name and one.is_problem}

    def whole(check: Check) -> Check:
        is_behind = check.name != "" and check.host in down
        labelled = replace(check, labels=labels.get(check.id, {}), unreachable=check.unreachable or is_behind)
        return said.about(labelled)

    return API.read(source, found.values(), whole) + Reading(unreadable=lost + said.unreadable)


def _list(
    cgi: str, make: Callable[[Record], T], hosts: Mapping[str, str] = _ALL, services: Mapping[str, str] = _ALL
) -> Exchange[tuple[dict[str, T], tuple[str, ...], datetime | None]]:
    """What is made of hosts and services by their ids, a line for each that cannot be read, and since when the daemon runs."""
    told = yield from _ask("hostlist", cgi, only=hosts)
    of_services = (yield from _ask("servicelist", cgi, only=services)).objects("servicelist")
    by_host, broken = kit.each(of_services.values(), dict[str, msgspec.Raw], lambda by_name: by_name.values())

    def made(raw: msgspec.Raw) -> tuple[str, T]:
        one = Record.read(raw)
        return _id(one), make(one)

    found, unreadable = kit.sift(chain(told.objects("hostlist").values(), *by_host), made)
    return dict(found), (*broken, *unreadable), told.about.when("program_start", per_s=1000)


def _id(one: Record) -> str:
    """A host (`name`) or a service (`description` on `host_name`)."""
    on, name = one.text("host_name", ""), one.text("description", "")
    host = one.text("name", "") if not on else on if name else ""
    if not host:
        raise ValueError("says not which host or service it is")
    return checks.join(host, name, ";")


def _ask(query: str, cgi: str = _STATUS, *, only: Mapping[str, str] = _ALL, accepts: int = 0) -> Exchange[_Answer]:
    """One list, or one object. An error is a 200 with a code inside, and so is what Nagios wrote before it died."""
    asked = {"query": query, "details": "true", "formatoptions": "enumerate", **only}
    answer = (yield Request(method="GET", path=cgi, query=tuple(asked.items()))).read(_Answer)
    about = answer.about
    code = about.amount("type_code")
    if code not in (0, accepts):
        raise Rejected(about.text("message", "") or f"refused it (code {code:g})")
    age_s = (about.amount("query_time") - about.amount("last_data_update", 0)) / 1000
    if age_s > STALE_S and cgi == _STATUS and not code:
        raise Unavailable(f"has stopped: its status is {age_s:.0f} s old", maybe_sent=False)
    return answer


def _said(only: Mapping[str, str] = _ALL) -> Exchange[Said]:
    """Comments and downtimes, by what they are about."""
    comments = (yield from _ask("commentlist", only=only)).objects("commentlist")
    downtimes = (yield from _ask("downtimelist", only=only)).objects("downtimelist")
    return checks.said(comments.values(), _noted, downtimes.values(), _planned)


def _noted(one: Record) -> tuple[str, Remark] | None:
    """None for what Nagios itself says about a downtime."""
    type_ = one.text("entry_type", "")
    if type_ not in ("user", "acknowledgement"):
        return None
    return _about(one), Remark(
        id=one.id("comment_id"),
        author=one.text("author", ""),
        text=one.text("comment_data", ""),
        at=one.at("entry_time", per_s=1000),
        takes=type_ == "acknowledgement",
    )


def _planned(one: Record) -> tuple[str, Pause]:
    return _about(one), Pause(
        id=one.id("downtime_id"),
        author=one.text("author", ""),
        text=one.text("comment", ""),
        until=one.when("end_time", per_s=1000),
        begun=one.flag("is_in_effect", default=True),
    )


def _about(one: Record) -> str:
    return checks.join(one.text("host_name"), one.text("service_description", ""), ";")


def _kept(source: Source, started_at: datetime | None) -> Mapping[str, Mapping[str, str]]:
    """The labels of the last reading, when that began while this daemon had long been running."""
    if source.afresh or started_at is None or source.known_at is None:
        return {}
    if source.known_at - started_at < timedelta(seconds=STALE_S):
        return {}
    return {signal_id: signal.labels for signal_id, signal in source.known.items()}


def _labels() -> Exchange[tuple[Mapping[str, Mapping[str, str]], tuple[str, ...]]]:
    """The custom variables of everything, and a line for each host or service that cannot be read."""
    own, lost, _ = yield from _list(_OBJECTS, _variables)
    return {id_: own.get(id_.partition(";")[0], {}) | mine for id_, mine in own.items()}, lost


def _variables(one: Record) -> dict[str, str]:
    return {name.casefold(): text for name, text in one.labels("custom_variables").items() if text}


def _check(source: Source, found: Record) -> Check:
    signal_id, state = _id(found), found.text("status")
    host, name = checks.split(signal_id, ";")
    return Check(
        id=signal_id,
        host=host,
        name=name,
        state=state,
        is_problem=_IS_HARD[found.text("state_type")] and state not in ("ok", "up", "pending"),
        since=checks.since(found, per_s=1000),
        url=kit.page(f"{source.url}/extinfo.cgi", type=2 if name else 1, host=host, service=name),
        output=checks.output(found),
        acknowledged=found.flag("problem_has_been_acknowledged"),
        in_downtime=found.amount("scheduled_downtime_depth", 0) != 0,
        unreachable=state == "unreachable",
        is_stopped=_is_stopped(found),
    )


def _is_stopped(found: Record) -> bool:
    """Nothing can change it: Nagios checks it no more since its last result, and takes no other."""
    by_itself = found.text("check_type", "passive") == "active"
    takes = found.flag("accept_passive_checks", default=True)
    return not found.flag("checks_enabled", default=True) and (by_itself or not takes)


def find(source: Source, signal_id: str) -> Exchange[Check | None]:
    """That host or service in whatever state."""
    host, name = checks.split(signal_id, ";")
    about = {"host": {"hostname": host}} | ({"service": {"hostname": host, "servicedescription": name}} if name else {})
    found: list[Check] = []
    labels: dict[str, str] = {}
    for what, exactly in about.items():
        told = yield from _ask(what, accepts=_UNKNOWN, only=exactly)
        if told.about.value("type_code"):
            return None
        found.append(_check(source, Record.read(told.data[what])))
        labels |= _variables(Record.read((yield from _ask(what, _OBJECTS, only=exactly)).data[what]))
    of_host, check = found[0], found[-1]
    if check.id != signal_id:
        return None
    is_behind = name != "" and of_host.is_problem
    check = replace(check, labels=labels, unreachable=check.unreachable or is_behind)
    return (yield from _said({"hostname": host})).about(check)


# --- writing ---------------------------------------------------------------------------------------------------------


def _take(source: Source, write: Write, present: Signal, words: str) -> Exchange[Receipt]:
    """A sticky acknowledgement, which calls nobody; one on top of a colleague's when the engineer wants it all the same."""
    return _command(source, write, ACKNOWLEDGE, sticky_ack="on", com_data=words)


def _give(source: Source, write: Write, present: Signal) -> Exchange[Receipt]:
    return _command(source, write, REMOVE)


def _note(source: Source, write: Write, words: str) -> Exchange[Receipt]:
    """A comment that outlives a restart."""
    return _command(source, write, COMMENT, persistent="on", com_data=words)


def _pause(source: Source, write: Write, words: str, until: datetime) -> Exchange[Receipt]:
    """A fixed downtime, in the spelling and the zone of the server's own form, which shows now as its start."""
    answer, _ = yield from _form(_exactly(write, DOWNTIME))
    shown = re.search(r"NAME='start_time' VALUE='([^']+)'", answer.text)
    if shown is None:
        raise Unreadable("its form for a downtime shows no start")
    times = {"start_time": shown[1], "end_time": _spelt(shown[1], answer.at or write.asked_at, until)}
    fixed = {"fixed": "1", "trigger": "0", "hours": "2", "minutes": "0"}
    return (yield from _command(source, write, DOWNTIME, **times, com_data=words, **fixed))


def _cancel(source: Source, write: Write, downtime: Pause) -> Exchange[Receipt]:
    return _command(source, write, DEL_DOWNTIME, down_id=downtime.id)


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


API = checks.monitor(find=find, take=_take, give=_give, note=_note, pause=_pause, cancel=_cancel, keeps=ascii_line)


def seen(source: Source, write: Write) -> Exchange[bool]:
    """Whether the command has been done; one that was sent before is in question while its daemon is young."""
    if (yield from API.seen(source, write)):
        return True
    about = (yield from _ask("programstatus")).about
    age_s = (about.amount("query_time") - about.amount("program_start", 0)) / 1000
    if write.attempts and age_s < SETTLING_S:
        raise Unavailable("has just started and may still do what it was told before", maybe_sent=False)
    return False


# --- who we are ------------------------------------------------------------------------------------------------------


def check(source: Source) -> Exchange[str]:
    """The version, and in whose name we may say what."""
    version = Record.read((yield from _ask("programstatus")).data["programstatus"]).text("version")
    answer = yield _page({"cmd_typ": str(COMMENT[0])})
    author = re.search(r"NAME='com_author' VALUE='([^']*)'([^>]*)", answer.text)
    if author is None:
        return f"Nagios {version}; you may only read ({_refusal(answer.text) or 'cmd.cgi shows no form'})"
    name = unescape(author[1]) if "DISABLED" in author[2] else source.me.name
    return f"Nagios {version}, comments in the name of {name}"


def may(source: Source) -> Exchange[str]:
    """Whether commands are taken from us: by a comment without words on the first host that we see."""
    hosts = (yield from _ask("hostlist", only={"count": "1"})).objects("hostlist")
    page = yield from _commit(source, {"cmd_typ": str(COMMENT[0]), "host": next(iter(hosts), "")}, com_data="")
    if "not entered" not in page:
        raise Rejected(_refusal(page) or "cmd.cgi took a question for an answer")
    return "acknowledgements, comments and downtimes are taken from us"


CONNECTOR = Connector(
    name="nagios",
    title="Nagios Core",
    docs="https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/cgis.html",
    options=(
        kit.Option(name="user", help="name at the web server; the secret is its password", required=True),
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
