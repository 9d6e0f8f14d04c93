"""What all tests share: a test that is a coroutine runs on an event loop of its own, and none may hang."""

from __future__ import annotations

import asyncio
import inspect

import hypothesis
import pytest

hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
"""A busy machine takes as long as it takes; what hangs is found by the limit below."""

LIMIT_S = 600.0
"""No test of ours takes that long; one that does hangs, and says so here."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A certificate authority takes the command openssl, which a bare machine need not have."""
    for item in items:
        if "authority" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**given), LIMIT_S))
    return True
