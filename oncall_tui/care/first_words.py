"""The first words to a customer whose problem was just taken: somebody is here. In their language, ready to send."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo
from types import MappingProxyType

from oncall_tui.care.templates import fill, first_name

_GREETING = MappingProxyType({"nl": ("Dag {first_name},", "Dag,"), "en": ("Hello {first_name},", "Hello,")})

_HERE = MappingProxyType({
    "nl": "Ik ben {me}, en ik ben er nu. Ik heb het probleem van {customer} voor me en ben ermee bezig.",
    "en": "This is {me}, and I am here now. I have the problem of {customer} in front of me and am working on it.",
})  # fmt: skip

_STAKE = MappingProxyType({
    "nl": "Ik weet wat er voor u van afhangt: {core_process}.",
    "en": "I know what hangs on it for you: {core_process}.",
})  # fmt: skip

_PROMISE = MappingProxyType({
    "nl": "Uiterlijk om {eta} hoort u weer van mij, ook als het dan nog niet werkt.",
    "en": "By {eta} you will hear from me again, also if it does not work yet by then.",
})  # fmt: skip


def promise_words(language: str, promise: datetime, zone: tzinfo | None = None) -> str:
    """The sentence that promises a word by that time in `zone` (the engineer's own without one)."""
    code = "nl" if language[:2].lower() == "nl" else "en"
    return fill(_PROMISE[code], {"eta": f"{promise.astimezone(zone):%H:%M}"})


def first_words(
    language: str,
    *,
    customer: str,
    contact: str,
    core_process: str,
    me: str,
    promise: datetime | None,
    zone: tzinfo | None = None,
    each: Collection[str] = (),
) -> str:
    """ "I am here" in Dutch for ``nl``, else in English; the promise as a time in `zone` (the engineer's own without one).

    What is not known is left out, not left open: there is no place to fill in it, and `promises.promised` finds the
    promise again. Only `each` (names of `templates.VARIABLES`) stays open: what is known of each of several readers.
    """
    code = "nl" if language[:2].lower() == "nl" else "en"
    values = {
        "customer": customer,
        "first_name": first_name(contact),
        "core_process": core_process,
        "me": first_name(me) or me,
        "eta": f"{promise.astimezone(zone):%H:%M}" if promise else "",
    }
    values = {name: value for name, value in values.items() if name not in each}
    named, plain = _GREETING[code]
    lines = [named if values.get("first_name", "each") else plain, "", _HERE[code]]
    lines += [_STAKE[code]] if values.get("core_process", "each").strip() else []
    lines += ["", _PROMISE[code]] if promise else []
    return fill("\n".join([*lines, "", "{me}"]), values)
