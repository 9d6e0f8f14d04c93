"""Where credentials come from, and that a refusal names the place and the remedy and never the value (faults.md X1 to X3)."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from oncall_tui.config import Secret
from oncall_tui.engine import secrets
from oncall_tui.errors import Denied
from tests.engine.fakes import until

CANARY = "canary-4711-token"


async def refusal(limit_s: float = 5.0, **place: object) -> str:
    """The words of the refusal; the value is nowhere in the error or its traceback."""
    with pytest.raises(Denied) as caught:
        await secrets.fetch(Secret(**place), limit_s=limit_s)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)
    shown = "\n".join(line for line in shown.splitlines() if "CANARY" not in line)
    assert "canary" not in shown
    assert error.__cause__ is None
    assert error.remedy, "whatever is wrong, what to do is told"
    assert error.words.endswith(f": {error.remedy}")
    return error.words


def kept(folder: Path, value: bytes, mode: int = 0o600) -> str:
    path = folder / "key"
    path.write_bytes(value)
    path.chmod(mode)
    return str(path)


# --- env -------------------------------------------------------------------------------------------------------------


async def test_a_variable_is_read_without_its_line_end(monkeypatch):
    monkeypatch.setenv("DESK_KEY", f"{CANARY}\n")
    assert await secrets.fetch(Secret(env="DESK_KEY")) == CANARY


async def test_a_variable_that_is_not_set_is_named():
    assert await refusal(env="NO_SUCH_KEY") == "env NO_SUCH_KEY: it is not set: export it before starting"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        (" \n", "empty"),
        (f" {CANARY}", "begins or ends with a blank"),
        (f"{CANARY}\t", "begins or ends with a blank"),
        (f"\ufeff{CANARY}", "byte order mark"),
        (f"{CANARY}\n{CANARY}", "line end"),
        (f"{CANARY}\x1b", "control"),
        (f"{CANARY}é", "non-ASCII"),
        (f"{CANARY}\udc80", "non-ASCII"),
    ],
)
async def test_what_no_header_can_carry_is_refused_without_its_value(monkeypatch, value, words):
    monkeypatch.setenv("DESK_KEY", value)
    assert words in await refusal(env="DESK_KEY")


async def test_a_password_of_several_words_is_taken(monkeypatch):
    monkeypatch.setenv("DESK_KEY", "correct horse battery")
    assert await secrets.fetch(Secret(env="DESK_KEY")) == "correct horse battery"


# --- file ------------------------------------------------------------------------------------------------------------


async def test_a_private_file_is_read_and_its_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    kept(tmp_path, f"{CANARY}\r\n".encode())
    assert await secrets.fetch(Secret(file="~/key")) == CANARY


async def test_a_file_in_a_home_that_nobody_has_is_named():
    assert "there is no home of ~nobody-at-all" in await refusal(file="~nobody-at-all/key")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602])
async def test_a_file_that_others_can_reach_is_refused_with_the_remedy(tmp_path, mode):
    words = await refusal(file=kept(tmp_path, CANARY.encode(), mode))
    assert f"mode {mode:04o}" in words
    assert "chmod 600" in words


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
async def test_a_file_of_another_user_is_refused(tmp_path):
    path = kept(tmp_path, CANARY.encode())
    os.chown(path, 65534, 65534)
    assert "belongs to another user" in await refusal(file=path)


async def test_a_file_that_is_not_there_or_none_is_named(tmp_path):
    os.mkfifo(tmp_path / "fifo", 0o600)
    assert "no such file" in await refusal(file=str(tmp_path / "missing"))
    assert "not a regular file" in await refusal(file=str(tmp_path / "fifo"))
    assert "not a regular file" in await refusal(file=str(tmp_path))


async def test_a_file_far_larger_than_a_credential_is_refused(tmp_path):
    assert "far more than a credential" in await refusal(file=kept(tmp_path, CANARY.encode() * 10_000))


# --- systemd ---------------------------------------------------------------------------------------------------------


async def test_a_credential_of_systemd_is_read_from_its_directory(tmp_path, monkeypatch):
    (tmp_path / "desk").write_text(CANARY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert await secrets.fetch(Secret(credential="desk")) == CANARY


async def test_a_credential_that_systemd_did_not_give_says_where_to_ask_for_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "LoadCredential=" in await refusal(credential="desk")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "no such file" in await refusal(credential="desk")
    assert "no name" in await refusal(credential="../desk")


# --- command ---------------------------------------------------------------------------------------------------------


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


async def test_the_first_line_of_a_command_is_the_credential():
    assert await secrets.fetch(Secret(command=("printf", f"{CANARY}\\nuser: sanne\\n"))) == CANARY


async def test_no_shell_reads_a_command():
    assert await secrets.fetch(Secret(command=("printf", "%s", "$HOME;`id`"))) == "$HOME;`id`"


async def test_a_command_that_fails_is_named_without_what_it_printed():
    words = await refusal(
        command=python(f"import sys; print('{CANARY}'); print('{CANARY}', file=sys.stderr); sys.exit(3)")
    )
    assert "ended with 3" in words


@pytest.mark.parametrize("program", [("true",), ("printf", "\n"), ("printf", "\\377\\n")])
async def test_a_command_that_prints_no_credential_is_to_be_run_by_hand(program):
    assert "run it by hand to see what its first line is" in await refusal(command=program)


async def test_a_command_that_is_not_there_is_named():
    assert "no-such-command" in await refusal(command=("no-such-command",))


async def test_a_command_that_prints_a_megabyte_is_ended():
    assert "far more" in await refusal(command=python(f"while True: print('{CANARY}' * 1000)"))


async def test_a_command_has_no_terminal_and_nothing_to_read():
    program = "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid(), 'GPG_TTY' in os.environ)"
    os.environ["GPG_TTY"] = "/dev/pts/0"
    try:
        assert await secrets.fetch(Secret(command=python(program))) == "'' True False"
    finally:
        del os.environ["GPG_TTY"]


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path):
    pids = tmp_path / "pids"
    program = f"echo $$ > {pids}; sleep 600 & echo $! >> {pids}; wait"
    words = await refusal(command=("sh", "-c", program), limit_s=0.5)
    assert "does it wait for a passphrase" in words
    await until(lambda: not any(_runs(int(pid)) for pid in pids.read_text().split()))


async def test_an_agent_that_a_command_leaves_behind_is_not_waited_for(tmp_path):
    pid = tmp_path / "pid"
    program = f"sleep 600 & echo $! > {pid}; echo {CANARY}"
    assert await secrets.fetch(Secret(command=("sh", "-c", program)), limit_s=30.0) == CANARY
    os.kill(int(pid.read_text()), 9)


async def test_a_question_that_is_cancelled_leaves_no_command_behind(tmp_path):
    pids = tmp_path / "pids"
    asked = asyncio.create_task(secrets.fetch(Secret(command=("sh", "-c", f"echo $$ > {pids}; sleep 600"))))
    await until(lambda: pids.exists() and pids.read_text().strip() != "")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await until(lambda: not _runs(int(pids.read_text())))


def _runs(pid: int) -> bool:
    """Whether it runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


# --- keyring ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def keyring(monkeypatch):
    """A keyring package as the real one looks from outside: `get_password`."""
    package = ModuleType("keyring")
    monkeypatch.setitem(sys.modules, "keyring", package)
    return SimpleNamespace(package=package)


async def test_a_keyring_is_asked_for_service_and_user(keyring):
    keyring.package.get_password = lambda service, user: {("desk.example", "sanne"): CANARY}.get((service, user))
    assert await secrets.fetch(Secret(keyring="desk.example/sanne")) == CANARY
    assert "holds nothing" in await refusal(keyring="desk.example/olga")


@pytest.mark.parametrize("error", ["KeyringError", "DBusErrorResponse", "OSError"])
async def test_a_host_without_a_keyring_says_what_to_use_instead(keyring, error):
    """Its own error, one of a backend's that it lets through, and one of the system's."""

    def fails(service: str, user: str) -> str:
        raise type(error, (Exception,), {})(CANARY)

    keyring.package.get_password = fails
    assert "use command or file" in await refusal(keyring="desk/sanne")


async def test_a_missing_keyring_package_says_what_to_use_instead(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "not installed: install it, or use command or file" in await refusal(keyring="desk/sanne")
