"""What gets us past what stands in front of a source: a header, or an access token that is asked for (OAuth 2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from oncall_tui.config.shape import Auth
from oncall_tui.kit import Request, Response, basic

_USUAL_S = 300.0
"""How long an access token is used when its server does not say (RFC 6749 5.1 only recommends it)."""

_EARLY_S = 30.0
"""A token is renewed so long before its end: it must still be good when it arrives."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


def header(auth: Auth, secret: str) -> Mapping[str, str]:
    """The header that shows `secret` by that scheme; for ``oauth2`` it is the access token."""
    if auth.scheme == "basic":
        return basic(auth.user, secret)
    if auth.scheme == "header":
        return {auth.header: secret}
    return {"Authorization": f"Bearer {secret}"}


def ask(auth: Auth, secret: str) -> Request:
    """The request for an access token (client credentials, RFC 6749 4.4.2); we are known by Basic, as 2.3.1 wants."""
    scope = (("scope", auth.scope),) if auth.scope else ()
    known = basic(quote(auth.client_id, safe=""), quote(secret, safe=""))
    form = (("grant_type", "client_credentials"), *scope)
    return Request(method="POST", path="", form=form, headers={**known, "Accept": "application/json"})


def read(response: Response) -> tuple[str, float]:
    """The access token and for how many seconds to use it. Raises `Unreadable`."""
    token = response.read(_Token)
    return token.access_token, max((token.expires_in or _USUAL_S) - _EARLY_S, 1.0)
