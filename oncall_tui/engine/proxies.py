"""Which proxy a source is asked through: its own, the environment's, or none.

An https source goes through the environment's proxy by itself: that sees where we go, not what we say. An http source,
whose token the proxy could read, goes through it only when its configuration says ``proxy = "environment"``.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from oncall_tui.config import SourceConfig
from oncall_tui.errors import Unavailable


def find(config: SourceConfig) -> str:
    """The proxy's address, "" for none."""
    if config.proxy not in ("", "environment"):
        return "" if config.proxy == "none" else config.proxy
    parts = urlsplit(config.url)
    if config.socket or (not config.proxy and parts.scheme != "https") or _is_here(parts.hostname or ""):
        return ""
    from urllib.request import getproxies_environment, proxy_bypass  # noqa: PLC0415 (httpx loads it too)

    known = getproxies_environment()
    if proxy_bypass(parts.netloc, known):
        return ""
    found = known.get(parts.scheme) or known.get("all") or ""
    return found if "://" in found or not found else f"http://{found}"


def shown(proxy: str) -> str:
    """The address without the password that the environment may hold in it."""
    scheme, _, rest = proxy.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest.rpartition("@")[2]


def refusal(config: SourceConfig, said: str) -> Unavailable:
    """What a proxy answered in place of the source: ``407 Proxy Authentication Required``, of which the number is told."""
    status = said[:3] if said[:3].isdecimal() else ""
    why = "wants a login (407)" if status == "407" else f"does not let us through{f' ({status})' if status else ''}"
    words = f"cannot be reached: the proxy {shown(config.proxy)} {why}"
    return Unavailable(words, maybe_sent=False, remedy=LOGIN if status == "407" else "")


LOGIN = 'put http://NAME:PASSWORD@HOST:PORT into HTTPS_PROXY (HTTP_PROXY for an http source) and write proxy = "environment"'
"""What to do when a proxy wants a login: its password may not stand in the configuration either."""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
