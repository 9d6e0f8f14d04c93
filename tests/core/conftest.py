"""Clock times in words are local; here the engineer lives in UTC."""

from __future__ import annotations

import time

import pytest


@pytest.fixture(autouse=True)
def engineer_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
