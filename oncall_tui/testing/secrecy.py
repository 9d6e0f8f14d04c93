"""What every connector must hold of its credentials, and of what it tells about itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest

from oncall_tui.errors import OncallError
from oncall_tui.kit import Exchange
from oncall_tui.testing.acts import all_conversations, asked_until_it_ends, poll
from oncall_tui.testing.case import Case
from oncall_tui.testing.judging import assert_in_place
from oncall_tui.testing.play import Answer, play
from oncall_tui.testing.reading import PAGE
from oncall_tui.testing.recorded import UnrecordedError, broken


class KeepsSecrets:
    """The credential is in a header, and nowhere else."""

    def test_the_secret_is_in_a_header_and_nowhere_else(self, case: Case) -> None:
        secret = case.source.secret
        assert secret
        assert secret not in repr(case.source)
        for exchange in all_conversations(case):
            for request in asked_until_it_ends(exchange, case.server()):
                assert secret not in f"{request.path}{request.query}{request.json}{request.form}{request.body!r}"
        assert any(secret in value or "Basic" in value for value in case.connector.headers(case.source).values())

    def test_the_secret_is_in_no_words_whatever_goes_wrong(
        self, case: Case, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whichever answer it is. Nor is anything logged or printed: a connector returns, or raises."""
        with caplog.at_level(0):
            for number, whole in enumerate(all_conversations(case)):
                for turn, _ in enumerate(asked_until_it_ends(whole, case.server())):
                    for status, body in ((200, b"{}"), (200, PAGE), (403, b"{}"), (500, b"")):
                        exchange = list(all_conversations(case))[number]
                        said = what_it_comes_to(exchange, broken(case.server(), turn, body, status))
                        assert case.source.secret not in said, (number, turn, status)
        assert caplog.records == []
        assert capsys.readouterr() == ("", "")

    def test_the_secret_is_in_no_signal(self, case: Case) -> None:
        for signal in poll(case, case.server()).signals:
            assert case.source.secret not in repr(msgspec.to_builtins(signal))

    def test_the_check_says_something_and_not_the_secret(self, case: Case) -> None:
        assert case.connector.check
        words = play(case.connector.check(case.source), case.server()).result
        assert words
        assert case.source.secret not in words

    def test_the_login_learns_what_the_recorded_session_holds(self, case: Case) -> None:
        if case.connector.login is None:
            assert not case.source.session
            return
        assert play(case.connector.login(case.source), case.server()).result == case.source.session

    def test_every_request_stays_at_the_source(self, case: Case) -> None:
        for exchange in all_conversations(case):
            for request in asked_until_it_ends(exchange, case.server()):
                assert_in_place(request)

    def test_its_options_are_told_and_its_documentation_is_named(self, case: Case) -> None:
        names = [option.name for option in case.connector.options]
        assert len(names) == len(set(names))
        assert all(option.help for option in case.connector.options)
        assert case.connector.docs.startswith("https://")
        assert case.connector.title
        assert case.connector.proven


def what_it_comes_to(exchange: Exchange[Any], answer: Answer) -> str:
    """Its result or its error, as a text."""
    with suppress(UnrecordedError):
        try:
            return repr(play(exchange, answer).result)
        except OncallError as error:
            return f"{error!r} {error.words}"
    return ""
