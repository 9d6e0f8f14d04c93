"""What a connector is made of; with `model` the whole interface for plug-ins.

A conversation with an API is a generator that yields `Request`s and is sent `Response`s (the shape of httpx's
``auth_flow`` and of gidgethub's sans-I/O core). It performs no I/O, reads no clock and catches nothing: the driver
(`engine.line`) decides timeouts, limits, origin and what a status means. Only a 2xx, or a status that the request says
it `accepts`, reaches the connector.
"""

from oncall_tui.kit.alert import NOBODY_WROTE, impact, note, scale, severities, taken
from oncall_tui.kit.connector import (
    DONE,
    Answer,
    Connector,
    Option,
    Reading,
    Receipt,
    Source,
    by_password,
    by_token,
    is_listed,
    is_me,
    names,
    no_headers,
)
from oncall_tui.kit.decoding import Count, Id, decode
from oncall_tui.kit.exchange import GONE, SHAPES, STALE, Exchange, Request, Response, basic, get, page, quote, send
from oncall_tui.kit.monitor import Monitor
from oncall_tui.kit.reading import (
    at,
    by_number,
    count,
    each,
    impacts,
    kept,
    make_each,
    meanings,
    one_of,
    pairs,
    read_each,
    read_list,
    sift,
    strangers,
    warned,
    when,
)
from oncall_tui.kit.record import Record, if_there
from oncall_tui.kit.remark import Pause, Remark, messages
from oncall_tui.kit.taking import Held, Taking, is_held, lasts, until
from oncall_tui.kit.text import in_ascii, marker, plain, same_text, unmarked

__all__ = [
    "DONE",
    "GONE",
    "NOBODY_WROTE",
    "SHAPES",
    "STALE",
    "Answer",
    "Connector",
    "Count",
    "Exchange",
    "Held",
    "Id",
    "Monitor",
    "Option",
    "Pause",
    "Reading",
    "Receipt",
    "Record",
    "Remark",
    "Request",
    "Response",
    "Source",
    "Taking",
    "at",
    "basic",
    "by_number",
    "by_password",
    "by_token",
    "count",
    "decode",
    "each",
    "get",
    "if_there",
    "impact",
    "impacts",
    "in_ascii",
    "is_held",
    "is_listed",
    "is_me",
    "kept",
    "lasts",
    "make_each",
    "marker",
    "meanings",
    "messages",
    "names",
    "no_headers",
    "note",
    "one_of",
    "page",
    "pairs",
    "plain",
    "quote",
    "read_each",
    "read_list",
    "same_text",
    "scale",
    "send",
    "severities",
    "sift",
    "strangers",
    "taken",
    "unmarked",
    "until",
    "warned",
    "when",
]
