"""Whom we believe to be the source, and how a tired reader hears that we do not (faults.md A7)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading

import pytest

from oncall_tui.config import SourceConfig, load
from oncall_tui.engine import distrust, tls
from oncall_tui.errors import ConfigError, Unavailable
from tests.engine.authority import Authority, server_side
from tests.engine.faulty import CANARY, Faulty, line_to, read, resets, says, serving, write


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def words_of(error, *, connected):
    found = distrust.reason(error, _source(), connected=connected)
    assert found
    return found.words


async def refusal(certificate, *, make=None, wants_client_of=None, latest=ssl.TLSVersion.TLSv1_3, **config):
    tls_ = server_side(certificate, wants_client_of=wants_client_of)
    tls_.maximum_version = latest
    async with serving(says(200, "[]"), tls=tls_) as server, line_to(server, config=config) as line:
        with pytest.raises(Unavailable) as caught:
            await line.play(make or write())
        assert server.asked == []
    return caught.value


async def test_a7_an_expired_certificate_is_named(authority):
    certificate = authority.issue("old", end="20210101000000Z")
    error = await refusal(certificate, ca_file=str(authority.ca))
    assert "has expired" in error.words
    assert not error.maybe_sent


async def test_a7_a_certificate_of_the_future_asks_after_the_clock(authority):
    certificate = authority.issue("future", start="20890101000000Z")
    assert "clock of this machine" in (await refusal(certificate, ca_file=str(authority.ca))).words


async def test_a7_a_self_signed_certificate_and_a_foreign_ca_ask_for_a_ca_file(authority):
    for certificate in (authority.self_signed(), authority.issue("foreign")):
        error = await refusal(certificate)
        assert "ca_file" in error.words
        assert "verify" not in error.words


class Middle(threading.Thread):
    """A proxy that says yes to CONNECT and then answers in the source's place. `heard` is all that it was told."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(daemon=True)
        self.tls, self.heard = tls, b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.settimeout(10)

    def run(self) -> None:
        with self.door, self.door.accept()[0] as line:
            line.settimeout(10)
            self.heard += line.recv(65536)
            line.sendall(b"HTTP/1.1 200 yes\r\n\r\n")
            with contextlib.suppress(OSError), self.tls.wrap_socket(line, server_side=True) as inside:
                self.heard += inside.recv(65536)
                inside.sendall(b"HTTP/1.1 200 yes\r\nContent-Length: 2\r\n\r\n[]")


@pytest.mark.parametrize("verify", [True, False])
async def test_a_man_in_the_middle_with_the_right_name_and_the_wrong_ca_hears_nothing(authority, tmp_path, verify):
    """With verify = false he hears it all: that is how we know that he would have."""
    middle = Middle(server_side(Authority(tmp_path).issue("good")))
    middle.start()
    proxy = f"http://127.0.0.1:{middle.door.getsockname()[1]}"
    config = {"url": "https://127.0.0.1:443", "proxy": proxy, "ca_file": str(authority.ca), "verify": verify}
    async with line_to(Faulty([]), config=config) as line:
        refused = await asyncio.gather(line.play(read()), return_exceptions=True)
    middle.join(10)
    assert middle.heard.startswith(b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n")
    assert (CANARY.encode() in middle.heard) is not verify
    if verify:
        assert "nobody here trusts" in str(refused[0])


async def test_a7_a_certificate_for_another_name_or_address_is_named(authority):
    for name, san in (("elsewhere", "IP:192.0.2.1"), ("named", "DNS:desk.example")):
        error = await refusal(authority.issue(name, san=san), ca_file=str(authority.ca))
        assert "is for another" in error.words


async def test_a_trusted_certificate_is_spoken_to_and_its_end_is_told(authority):
    async with (
        serving(says(200, "[]"), tls=server_side(authority.issue("good"))) as server,
        line_to(server, config={"ca_file": str(authority.ca)}) as line,
    ):
        assert await line.play(read()) == []
        assert line.tls_until == "Jan  1 00:00:00 2090 GMT"
        assert line.warning == ""


async def test_an_unchecked_certificate_is_a_standing_warning(authority):
    async with (
        serving(says(200, "[]"), tls=server_side(authority.self_signed())) as server,
        line_to(server, config={"verify": False}) as line,
    ):
        assert await line.play(read()) == []
        assert "not checked" in line.warning


async def test_https_to_a_port_that_speaks_http_is_named():
    async def answers_at_once(reader, writer):
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answers_at_once, "127.0.0.1", 0)
    there = Faulty([], port=server.sockets[0].getsockname()[1], scheme="https")
    async with line_to(there) as line:
        with pytest.raises(Unavailable, match="is it http instead of https"):
            await line.play(read())
    server.close()


async def test_a_missing_client_certificate_is_asked_for_and_a_given_one_is_shown(authority):
    certificate, old = authority.issue("server"), ssl.TLSVersion.TLSv1_2
    error = await refusal(certificate, wants_client_of=authority.ca, latest=old, ca_file=str(authority.ca))
    assert "client_cert" in error.words
    assert not error.maybe_sent
    mine = str(authority.issue("me"))
    side = server_side(certificate, wants_client_of=authority.ca)
    async with (
        serving(says(200, "[]"), tls=side) as server,
        line_to(server, config={"ca_file": str(authority.ca), "client_cert": mine}) as line,
    ):
        assert await line.play(read()) == []


def test_a_missing_client_certificate_in_tls_1_3_is_told_after_the_handshake():
    alert = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    error = OSError()
    error.__cause__ = alert
    assert "client_cert" in words_of(error, connected=True)


def test_an_answer_that_ends_too_early_over_tls_is_no_matter_of_trust():
    end = ssl.SSLEOFError(8, "[SSL: UNEXPECTED_EOF_WHILE_READING]")
    end.reason = "UNEXPECTED_EOF_WHILE_READING"
    assert distrust.reason(end, _source(), connected=True) is None
    assert "handshake" in words_of(end, connected=False)


async def test_a_reset_over_tls_is_no_matter_of_trust(authority):
    error = await failure_over_tls(authority, resets)
    assert "broke the connection off" in error.words
    assert error.maybe_sent


async def failure_over_tls(authority, step):
    async with (
        serving(step, tls=server_side(authority.issue("resetting"))) as server,
        line_to(server, config={"ca_file": str(authority.ca)}) as line,
    ):
        with pytest.raises(Unavailable) as caught:
            await line.play(write())
    return caught.value


def test_a_client_key_with_a_passphrase_is_refused_instead_of_asking_on_the_terminal(authority):
    certificate = authority.issue("behind")
    locked = authority.locked(certificate)
    with pytest.raises(ConfigError, match="passphrase"):
        tls.context(_source(client_cert=str(certificate), client_key=str(locked)))


@pytest.mark.parametrize("key", ["ca_file", "client_cert"])
def test_a_file_that_is_not_there_or_no_certificate_is_named(tmp_path, key):
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    for file in (tmp_path / "missing.pem", rubbish):
        with pytest.raises(ConfigError) as caught:
            tls.context(_source(**{key: str(file)}))
        assert key in str(caught.value)
        assert file.name in str(caught.value)


def test_a_certificate_that_cannot_be_used_says_what_it_must_hold(authority, tmp_path):
    pem = authority.issue("whole").read_text()
    alone, rubbish, whole = tmp_path / "alone.pem", tmp_path / "rubbish.pem", authority.issue("other")
    alone.write_text(pem[: pem.index("-----BEGIN PRIVATE KEY")])
    rubbish.write_text("rubbish")
    for wrong, words in (
        ({"ca_file": rubbish}, "rubbish.pem cannot be used: it must hold a certificate as PEM (-----BEGIN"),
        ({"client_cert": rubbish}, "it must hold a certificate as PEM, and its key too unless client_key names that"),
        ({"client_cert": alone}, "alone.pem cannot be used: it must hold a certificate as PEM, and its key too unless"),
        ({"client_cert": alone, "client_key": whole}, "its key is another certificate's: client_key must name its own"),
        ({"ca_file": tmp_path}, "is a directory; it must be a file that you may read"),
    ):
        with pytest.raises(ConfigError) as caught:
            tls.context(_source(**{key: str(file) for key, file in wrong.items()}))
        assert words in caught.value.words


def test_a8_a_store_of_the_environment_that_is_not_there_is_said(monkeypatch):
    tls._context.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/ca.pem")
    with pytest.raises(ConfigError, match="SSL_CERT_FILE names /nonexistent"):
        tls.context(_source())
    tls._context.cache_clear()


def test_session_keys_are_never_written(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    tls._context.cache_clear()
    assert tls.context(_source()).keylog_filename is None


def test_sources_with_equal_settings_share_one_context(authority):
    assert tls.context(_source()) is tls.context(_source(name="other", url="https://other.example"))
    assert tls.context(_source()) is not tls.context(_source(ca_file=str(authority.ca)))


def _source(**changes):
    return SourceConfig(**{"name": "desk", "kind": "test", "url": "https://desk.example", **changes})


# --- what to do about it ---------------------------------------------------------------------------------------------


async def remedied(certificate, **config):
    return (await refusal(certificate, **config)).remedy


async def test_each_reason_has_a_remedy_of_its_own(authority, tmp_path):
    ours = {"ca_file": str(authority.ca)}
    assert "-enddate` shows when it ended" in await remedied(authority.issue("old2", end="20210101000000Z"), **ours)
    assert "compare `date -u`" in await remedied(authority.issue("future2", start="20890101000000Z"), **ours)
    asked = await remedied(authority.issue("foreign2"))
    assert 'that CA as a PEM file, and write ca_file = "FILE" in [sources.desk]; `openssl s_client' in asked
    assert "that certificate as a PEM file" in await remedied(authority.self_signed())
    other = Authority(tmp_path)
    assert f"{other.ca} holds another CA" in await remedied(authority.issue("foreign3"), ca_file=str(other.ca))
    named = await remedied(authority.issue("named2", san="DNS:desk.example"), **ours)
    assert "-ext subjectAltName` shows for which: put one of those into url" in named
    wanting = {"wants_client_of": authority.ca, "latest": ssl.TLSVersion.TLSv1_2}
    assert 'client_cert = "FILE"' in await remedied(authority.issue("strict"), **wanting, **ours)


async def test_the_command_of_a_remedy_shows_what_it_says(authority):
    certificate = server_side(authority.issue("old3", end="20210101000000Z"))
    async with (
        serving(says(200, "[]"), tls=certificate) as server,
        line_to(server, config={"ca_file": str(authority.ca)}) as line,
    ):
        with pytest.raises(Unavailable) as caught:
            await line.play(read())
        command = caught.value.remedy.partition("`")[2].partition("`")[0]
        ran = await asyncio.create_subprocess_shell(
            command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        shown, _ = await ran.communicate()
    assert shown == b"notAfter=Jan  1 00:00:00 2021 GMT\n"


def test_the_command_goes_the_way_that_we_went():
    failed = ssl.SSLCertVerificationError(1, "x")
    failed.verify_code = 10
    source = _source(url="https://desk.example:8443/api", proxy="http://olga:hidden@proxy.example:3128")
    found = distrust.reason(failed, source, connected=False)
    assert found
    way = "-connect desk.example:8443 -servername desk.example -proxy proxy.example:3128 </dev/null"
    assert way in found.remedy
    assert "hidden" not in found.remedy


# --- renewals --------------------------------------------------------------------------------------------------------


async def test_a_renewed_ca_is_seen_and_half_a_renewal_breaks_nothing(authority, tmp_path):
    ca = tmp_path / "ca.pem"
    (tmp_path / "other").mkdir()
    ca.write_text(Authority(tmp_path / "other").ca.read_text())
    async with (
        serving(says(200, "[]", "Connection: close"), tls=server_side(authority.issue("renewed"))) as server,
        line_to(server, config={"ca_file": str(ca)}) as line,
    ):
        with pytest.raises(Unavailable, match="nobody here trusts"):
            await line.play(read())
        ca.write_text(authority.ca.read_text())
        assert await line.play(read()) == []
        ca.write_text("half of")
        assert await line.play(read()) == []
        ca.write_text(authority.ca.read_text() + "\n")
        assert await line.play(read()) == []


async def test_a_client_certificate_and_its_key_in_a_file_of_its_own_are_shown_and_renewed(authority, tmp_path):
    side = server_side(authority.issue("strict2"), wants_client_of=authority.ca)
    cert, key = tmp_path / "me.pem", tmp_path / "me.key"

    def becomes(pem: str) -> None:
        certificate, _, private = pem.partition("-----BEGIN PRIVATE KEY-----")
        cert.write_text(certificate)
        key.write_text(f"-----BEGIN PRIVATE KEY-----{private}")

    becomes(authority.self_signed().read_text())
    config = {"ca_file": str(authority.ca), "client_cert": str(cert), "client_key": str(key)}
    async with (
        serving(says(200, "[]", "Connection: close"), tls=side) as server,
        line_to(server, config=config) as line,
    ):
        with pytest.raises(Unavailable):
            await line.play(read())
        becomes(authority.issue("me2").read_text())
        assert await line.play(read()) == []


# --- proxies ---------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def tunnel(tls_=None):
    """An honest proxy: passes on, byte for byte, what comes after CONNECT. Yields its port and what it was asked."""
    asked = []

    async def passes(reader, writer):
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def serve(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")[0])
        host, _, port = asked[-1].split(" ")[1].rpartition(":")
        there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 yes\r\n\r\n")
        await asyncio.gather(passes(reader, there[1]), passes(there[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls_)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_https_source_is_spoken_to_through_a_tunnel_of_either_kind_of_proxy(authority, scheme):
    certificate = authority.issue(f"behind-{scheme}")
    async with (
        serving(says(200, "[]"), tls=server_side(certificate)) as server,
        tunnel(server_side(certificate) if scheme == "https" else None) as (port, asked),
        line_to(server, config={"proxy": f"{scheme}://127.0.0.1:{port}", "ca_file": str(authority.ca)}) as line,
    ):
        assert await line.play(read()) == []
        assert CANARY in server.asked[0].head
    assert asked == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"]


# --- where it stands in the configuration ----------------------------------------------------------------------------


async def test_a_file_that_is_no_certificate_is_told_by_the_line_of_its_key(tmp_path):
    path = tmp_path / "config.toml"
    (tmp_path / "ca.pem").write_text("rubbish")
    path.write_text(
        '[me]\nname = "Sanne"\n[sources.desk]\nkind = "alertmanager"\nurl = "https://127.0.0.1:1"\nca_file = "ca.pem"\n'
    )
    (source,) = load(path).sources
    async with line_to(Faulty([]), config={name: getattr(source, name) for name in ("url", "ca_file", "file")}) as line:
        with pytest.raises(ConfigError) as caught:
            await line.play(read())
    assert caught.value.words.startswith(f"{path}:6: sources.desk.ca_file: {tmp_path / 'ca.pem'} cannot be used")
