"""A certificate authority for the tests, of `openssl` and a temporary folder: certificates good and bad in every way."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

_CONFIG = """
[ca]
default_ca = ours
[ours]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """Issues certificates; `ca` is its own, which a source would be given as `ca_file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01\n")
        self.ca = folder / "ca.pem"
        _openssl("req", "-x509", *_KEY, "-nodes", "-keyout", folder / "ca.key", "-out", self.ca, "-days", "3650",
                 "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE")  # fmt: skip

    def issue(
        self, name: str, *, san: str = "IP:127.0.0.1", start: str = "20200101000000Z", end: str = "20900101000000Z"
    ) -> Path:
        """A certificate and its key in one file."""
        key, request, made = (self._folder / f"{name}.{suffix}" for suffix in ("key", "csr", "pem"))
        (self._folder / f"{name}.ext").write_text(f"subjectAltName={san}\n")
        _openssl("req", "-new", *_KEY, "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        _openssl("ca", "-batch", "-notext", "-config", self._folder / "ca.cnf", "-cert", self.ca,
                 "-keyfile", self._folder / "ca.key", "-in", request, "-out", made, "-startdate", start, "-enddate", end,
                 "-extfile", self._folder / f"{name}.ext")  # fmt: skip
        made.write_text(made.read_text() + key.read_text())
        return made

    def self_signed(self) -> Path:
        """A certificate that vouches for itself."""
        made, key = self._folder / "alone.pem", self._folder / "alone.key"
        _openssl("req", "-x509", *_KEY, "-nodes", "-keyout", key, "-out", made, "-days", "3650", "-subj", "/CN=alone",
                 "-addext", "subjectAltName=IP:127.0.0.1")  # fmt: skip
        made.write_text(made.read_text() + key.read_text())
        return made

    def locked(self, certificate: Path) -> Path:
        """The key of that certificate behind a passphrase."""
        made = certificate.with_suffix(".locked")
        _openssl("pkey", "-in", certificate, "-aes256", "-passout", "pass:hidden-passphrase", "-out", made)
        return made


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def _openssl(*arguments: object) -> None:
    assert shutil.which("openssl"), "the tests of TLS need the command openssl"
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)


def server_side(certificate: Path, *, wants_client_of: Path | None = None) -> ssl.SSLContext:
    """What a server with that certificate speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if wants_client_of:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(wants_client_of)
    return context
