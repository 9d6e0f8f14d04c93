"""What each key does, by the key's name in `keys.TABLE`: every name has one action, and nothing else presses keys."""

from __future__ import annotations

from collections.abc import Mapping

from oncall_tui.ui import deciding, drafts, handing, opening, saying, wording, writing
from oncall_tui.ui.desk import Action

ACTIONS: Mapping[str, Action] = {
    "take": saying.speak,
    "release": saying.speak,
    "resolve": saying.resolve,
    "reply": writing.write,
    "note": writing.write,
    "undo": saying.undo,
    "ask": saying.ask_now,
    "reload": saying.reload,
    "snooze": deciding.snooze,
    "impact": deciding.impact,
    "split": deciding.split,
    "join": deciding.join,
    "go": opening.go,
    "queue": opening.queue,
    "explain": opening.explain,
    "story": opening.story,
    "open": opening.links,
    "sources": opening.sources,
    "help": opening.show_help,
    "writing_keys": opening.show_writing_keys,
    "palette": opening.palette,
    "back": opening.back,
    "quit": opening.leave,
    "filter": opening.switch,
    "group": opening.switch,
    "aside": opening.switch,
    "choose": opening.choose,
    "copy": opening.choose,
    "send_again": saying.send_again,
    "withdraw": saying.withdraw,
    "go_on": drafts.go_on,
    "copy_words": drafts.copy_words,
    "send": writing.send,
    "leave": writing.leave,
    "template": wording.template,
    "whom": wording.whom,
    "promise": wording.promise,
    "outside": writing.outside,
    "handover": handing.handover,
    "figures": handing.figures,
    "copy_all": handing.copy,
    "hand_over": handing.note,
}
