"""What Prometheus, Alertmanager and Grafana have alike: alerts that are their labels, and how one signs in to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from oncall_tui import kit
from oncall_tui.kit import Option, Source
from oncall_tui.model import Impact

SEVERITY: Mapping[str, Impact] = {
    **dict.fromkeys(("critical", "page", "disaster", "fatal", "emergency", "p1"), Impact.DOWN),
    **dict.fromkeys(("error", "high", "major", "average", "p2"), Impact.DEGRADED),
    **dict.fromkeys(("warning", "warn", "minor", "p3"), Impact.AT_RISK),
    **dict.fromkeys(("info", "none", "p4", "p5"), Impact.QUESTION),
}
"""Nobody prescribes what a severity label holds: these are the customs."""

OPTIONS = (
    Option(name="user", help="user name for basic authentication; the secret is its password"),
    kit.severities("sev0=down, sev1=degraded"),
)


def headers(source: Source) -> Mapping[str, str]:
    """Basic authentication when a user is configured, a bearer token when only a secret is."""
    if user := source.options.get("user"):
        return kit.basic(user, source.secret)
    return {"Authorization": f"Bearer {source.secret}"} if source.secret else {}


def utc(at: datetime) -> datetime | None:
    """A time that was read, in UTC; without a zone it is that already. None for year 1, which Go writes for none."""
    if at.year <= 1970:
        return None
    if at.tzinfo is UTC:
        return at
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
