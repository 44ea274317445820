"""Refresh: a refresh token for a new access token.

Here: RFC 6749 section 6, and the checks of an ID token that comes along. Not here: who may refresh at one time (`cli.session`, `store`).
"""

from __future__ import annotations

from oauthctl.errors import CheckFailed
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import Granted, bounded, grant
from oauthctl.http import Params
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import Client
from oauthctl.messages.param import texts


def refresh(
    token_endpoint: str,
    refresh_token: str,
    client: Client,
    *,
    scope: tuple[str, ...] = (),
    resource: tuple[str, ...] = (),
    id_token: str = "",
) -> Flow[Granted]:
    """Trade a refresh token. `scope` narrows, empty keeps what was granted. `id_token` is the one at hand, for comparison.

    Raises as `token_endpoint.grant` does; `CheckFailed` when a new ID token speaks of another person or issuer.
    """
    params = Params.of(
        (
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("scope", " ".join(scope) or None),
            *(("resource", one) for one in resource),
        )
    )
    granted = yield from grant(token_endpoint, params, client)
    new = granted.response.id_token
    if new and id_token:
        _compare(id_token, new, granted)
    return granted


def _compare(old: str, new: str, granted: Granted) -> None:
    """Source: OpenID Connect Core 1.0 section 12.2: `iss` and `sub` "MUST be the same" as in the original, `aud` must hold its audience."""
    before, after = take_apart(old).claims, take_apart(new).claims
    if before is None or after is None:
        # An encrypted ID token is for the client's key alone; there is nothing to compare.
        return
    for name in ("iss", "sub", "aud"):
        same = (
            set(texts(before.get(name)) or ()) <= set(texts(after.get(name)) or ())
            if name == "aud"
            else before.get(name) == after.get(name)
        )
        if not same:
            raise CheckFailed(
                f"the refreshed ID token has another `{name}` than the first one",
                slug=f"refreshed-{name}-differs",
                where=f"exchange {granted.exchange}, response.id_token",
                sent=bounded(str(before.get(name, "nothing"))),
                got=bounded(str(after.get(name, "nothing"))),
                spec="OIDC Core section 12.2",
                help="the new tokens were thrown away; sign in again with `oauthctl login`",
            )
