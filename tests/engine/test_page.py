"""What `sources --record` keeps of an answer that is no JSON: how it is built, and nothing that anybody wrote."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.config import SourceConfig
from oncall_tui.connectors import find
from oncall_tui.engine import page
from oncall_tui.engine.blur import Blur
from oncall_tui.engine.record import Recorder, redacted
from oncall_tui.engine.scrub import Scrub
from oncall_tui.engine.vocabulary import Known, known
from oncall_tui.engine.wire import Heard
from oncall_tui.kit import Request, Response
from oncall_tui.model import Me
from oncall_tui.testing import Recording, play
from tests.engine.test_blur import CANARIES, TRACES

BLUR = Blur(Known(names=frozenset({"host", "name", "state"}), words=frozenset({"open", "http"})), "https://x.example")
PLACES = {
    "text": "{}",
    "a line": "web-1;open;{}\nweb-2;{};open\n",
    "page": "<!doctype html><html><body><p>{}</p></body></html>",
    "attribute": "<form action=\"{}\"><input name='{}' value={}></form>",
    "tag": "<{}>open</{}>",
    "attribute's name": '<p {}="1">x</p>',
    "comment": "<p><!-- {} --></p>",
    "script": "<script>var x = '{}'; // {}</script>",
    "CDATA": "<host><![CDATA[{}]]></host>",
    "half a tag": '<p>x</p><a href="{}',
    "instruction": '<?xml version="1.0" encoding="{}"?><?kenau {}?><host/>',
    "document type": "<!DOCTYPE {} [<!ENTITY kenau '{}'>]><host/>",
    "broken JSON": '{{"name": "{}", ',
}


def kept(text: str, blur: Blur = BLUR) -> str:
    return page.blurred(text.encode(), blur)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_canary_anywhere_in_a_page_is_not_kept(place: str, spelling: str) -> None:
    for canary in map(str, CANARIES):
        spelled = SPELLINGS[spelling](canary)
        said = kept(PLACES[place].replace("{}", spelled)).lower()
        assert not [trace for trace in (*TRACES, spelled.lower()) if trace in said], canary


def test_a_header_is_kept_as_far_as_it_is_read() -> None:
    told = {
        "content-type": "text/html; charset=kenau",
        "date": "Kenau, 23 Nov 2026 03:14:00 +0000",
        "retry-after": "Kenau",
        "link": '<https://x.example/http?host=2>; title="Kenau"; rel="next", <https://kenau.example/>; rel="kenau"',
    }
    heard = Heard("x", Request(method="GET", path="/"), Response(status=200, body=b"", headers=told), 0.1, "", Scrub())
    headers = redacted(heard, BLUR)["headers"]
    assert "kenau" not in json.dumps(headers).lower()
    assert headers["date"] == "Mon, 23 Nov 2026 03:14:00 GMT"
    assert headers["link"] == '<https://recorded.invalid/http?host=2>; rel="next"'
    assert headers["content-type"] == "text/html"


def test_a_page_keeps_its_build() -> None:
    login = """<!DOCTYPE html>
<html><head><title>Sign in to Korenaar</title><meta charset="utf-8"></head>
<body><form method="post" action="/sso/kenau?id=4711"><input type="password" name="pw"/><input type="hidden" value="4711">
</form></body></html>"""
    said = kept(login)
    tags = re.compile(r"</?\w+")
    assert tags.findall(said) == tags.findall(login)
    assert '<input type="password" name=' in said
    assert 'method="post"' in said
    assert "4711" not in said
    assert len(said.splitlines()) == len(login.splitlines())


def test_a_text_of_lines_keeps_what_the_connector_knows_and_its_numbers() -> None:
    said = kept("web-1;open;3;2026-11-23T03:14:00Z;De winkels liggen plat\nweb-1|http|0.5\n").splitlines()
    name, *rest = said[0].split(";")
    assert rest[:3] == ["open", "3", "2026-11-23T03:14:00Z"]
    assert "winkels" not in said[0]
    assert said[1] == f"{name}|http|0.5"


def test_no_short_number_is_kept_beside_a_secrets_name() -> None:
    assert "4711" not in kept("user;pin\nkenau;4711\n")
    assert "4711" not in kept('<p>https://x.example/a?token=4711</p><i id="4711"/>')


@given(st.text(alphabet=st.sampled_from("<>/!-[]?&;\"'= \nkenau"), max_size=60))
def test_whatever_is_half_a_tag_is_blurred(text: str) -> None:
    blur = Blur(Known(names=frozenset(), words=frozenset()), "https://x.example")
    said = kept(f"{text}kenau<{text}", blur)
    assert "kenau" not in said.replace("&lt;", "").replace("&gt;", "")


class Closed(HTMLParser):
    """Counts tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_words_that_look_like_tags_stay_words() -> None:
    parser = Closed()
    parser.feed(kept("<p>1 &lt; 2 and &lt;b&gt; is no tag</p>"))
    assert parser.tags == ["p"]


def test_a_great_many_half_tags_take_no_time() -> None:
    for piece in ("<a ", '<a "', "<a '\"", "<!--", "<a b=", "&#"):
        assert len(kept(piece * 50_000)) > 50_000


def test_what_is_no_text_is_told_by_its_size() -> None:
    heard = Heard("x", Request(method="GET", path="/"), Response(status=200, body=b"\x89PNG\0"), 0.1, "", Scrub())
    assert redacted(heard, BLUR)["bytes"] == 5


# --- played back -----------------------------------------------------------------------------------------------------

XML = """<?xml version="1.0" encoding="utf-8"?>
<report><host name="korenaar-web" state="open" since="1763867640"><output>Kenau &amp; Hasselaer</output></host>
<host name="korenaar-db" state="closed" since="1763867641"/></report>"""
READS_XML = """
from xml.etree import ElementTree
from oncall_tui import kit
from oncall_tui.kit import Connector, Reading, get
from oncall_tui.model import Kind, Signal

def poll(source):
    answer = yield get("/status.xml")
    hosts = [one for one in ElementTree.fromstring(answer.body).iter("host") if one.get("state") == "open"]
    return Reading(signals=[
        Signal(source=source.name, id=one.get("name"), kind=Kind.ALERT, title=one.findtext("output"),
               opened_at=kit.at(int(one.get("since")))) for one in hosts])

CONNECTOR = Connector(name="reads_xml", title="Reads XML", docs="https://x.example", poll=poll, answers={})
"""


def test_what_was_recorded_of_xml_can_be_played_to_its_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reads_xml.py").write_text(READS_XML)
    packed = tmp_path / "reads_xml-1.dist-info"
    packed.mkdir()
    (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: reads_xml\nVersion: 1\n")
    (packed / "entry_points.txt").write_text("[oncall_tui.connectors]\nreads_xml = reads_xml:CONNECTOR\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "reads_xml", sys)  # taken out again in the end
    del sys.modules["reads_xml"]
    find.cache_clear()
    connector = find("reads_xml")
    config = SourceConfig(name="x", kind="reads_xml", url="https://korenaar.example")
    recorder = Recorder(tmp_path / "record", [config], Me(name="Kenau"))
    recorder(
        Heard("x", Request(method="GET", path="/status.xml"), Response(status=200, body=XML.encode()), 0.1, "", Scrub())
    )
    text = (tmp_path / "record" / "x-001.json").read_text()
    assert not [trace for trace in TRACES if trace in text.lower()]
    recording = Recording(tmp_path / "record", "x")
    (signal,) = play(connector.poll(recording.source), recording).result.signals
    assert (len(signal.id), signal.title.index("&")) == (len("korenaar-web"), 6)
    assert len(ET.fromstring(json.loads(text)["text"])) == 2
    assert known(connector, {}).names >= {"host"}
    find.cache_clear()
