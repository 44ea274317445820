"""Refresh: a refresh token for a new access token.

Here: RFC 6749 section 6. Not here: the ID token that may come along (`refreshed_id_token`), who may refresh at one time (`store`).
"""

from __future__ import annotations

from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.refreshed_id_token import Original, with_checked_id_token
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import Granted, grant, with_warnings
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client


def refresh(
    token_endpoint: str,
    refresh_token: str,
    client: Client,
    *,
    scope: tuple[str, ...] = (),
    resource: tuple[str, ...] = (),
    granted_before: tuple[str, ...] = (),
    original: Original | None = None,
) -> Flow[Granted]:
    """Trade a refresh token. `scope` narrows, empty keeps what was granted (`granted_before`). `original` is what the sign-in gave.

    Raises as `token_endpoint.grant` does; `CheckFailed` when a new ID token speaks of another person, issuer or client.
    """
    params = Params.of(
        (
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("scope", " ".join(dict.fromkeys(scope)) or None),
            *(("resource", one) for one in resource),
        )
    )
    granted = yield from grant(token_endpoint, params, client)
    granted = with_warnings(granted, *scope_remarks(scope or granted_before, granted.response, tells_lacking=bool(scope)))
    return with_checked_id_token(granted, client, original or Original())
