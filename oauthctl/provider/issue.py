"""Access tokens and refresh tokens, and the answer of the token endpoint that carries them.

Here: making tokens and keeping their digests. Not here: whether a grant is good (`token`), ID tokens (`id_token`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from oauthctl.provider.asking import Confirmation
from oauthctl.provider.changing import changed
from oauthctl.provider.id_token import id_token, signing_key
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.claims import shaped_claims, token_text
from oauthctl.provider.records import AccessToken, Grant, RefreshToken
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of
from oauthctl.provider.user_claims import claims_for


def issue(
    state: ProviderState,
    grant: Grant,
    *,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    moment: Moment,
    confirmation: Confirmation | None = None,
    details: tuple[Mapping[str, Any], ...] | None = None,
    token_format: Literal["", "jwt"] = "",
    longest: float = math.inf,
    may_refresh: bool = True,
) -> tuple[ProviderState, dict[str, Any]]:
    """The state that knows the new tokens, and the token response. With a `confirmation` the tokens are bound to it.

    `details` are those of the grant unless they are given. `token_format` is for those who asked for a JWT; else it is the client's. The
    access token lives for the `longest` number of seconds at most. Unless it `may_refresh` there is no refresh token, whosever it is.

    Source: RFC 6749 section 5.1; OIDC Core section 3.1.3.3.
    """
    client = state.clients[grant.client_id]
    state, answer = issue_access_token(
        state,
        grant,
        scopes=scopes,
        audience=audience,
        moment=moment,
        confirmation=confirmation,
        details=details,
        token_format=token_format,
        longest=longest,
    )
    wants_refresh_token = client.always_gets_refresh_token or state.offline_scope in grant.scopes
    if may_refresh and grant.username and "refresh_token" in client.grant_types and wants_refresh_token:
        refresh_token = moment.token("refresh token")
        expires_at = moment.now + timedelta(seconds=state.refresh_seconds)
        tokens = with_item(
            state.refresh_tokens,
            digest(refresh_token),
            RefreshToken(grant.id, expires_at, confirmation=confirmation if client.is_public else None),
        )
        state = changed(state, refresh_tokens=tokens)
        answer["refresh_token"] = refresh_token
    if "openid" in scopes and grant.username:
        answer["id_token"] = id_token(state, grant, access_token=answer["access_token"], moment=moment)
    return state, answer


def issue_access_token(
    state: ProviderState,
    grant: Grant,
    *,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    moment: Moment,
    confirmation: Confirmation | None = None,
    details: tuple[Mapping[str, Any], ...] | None = None,
    token_format: Literal["", "jwt"] = "",
    longest: float = math.inf,
) -> tuple[ProviderState, dict[str, Any]]:
    """As `issue`, with the access token and nothing else: what the implicit grant gives. Source: RFC 6749 section 4.2.2."""
    client = state.clients[grant.client_id]
    seconds = min(longest, client.token_seconds if client.token_seconds is not None else state.token_seconds)
    token, item = _access_token(
        state,
        grant,
        scopes=scopes,
        audience=audience,
        seconds=seconds,
        moment=moment,
        confirmation=confirmation,
        details=(details := grant.details if details is None else details),
        token_format=token_format or client.access_token_format or state.access_token_format,
    )
    state = changed(state, access_tokens=with_item(state.access_tokens, digest(token), item))
    answer: dict[str, Any] = {
        "access_token": token,
        "token_type": "DPoP" if confirmation is not None and confirmation.method == "jkt" else "Bearer",
        **({"expires_in": math.ceil(seconds)} if math.isfinite(seconds) else {}),
        "scope": " ".join(scopes),
        # RFC 9396 section 7
        **({"authorization_details": list(details)} if details else {}),
    }
    return state, answer


def _access_token(
    state: ProviderState,
    grant: Grant,
    *,
    scopes: tuple[str, ...],
    audience: tuple[str, ...],
    seconds: float,
    moment: Moment,
    confirmation: Confirmation | None,
    details: tuple[Mapping[str, Any], ...],
    token_format: Literal["jwt", "opaque"],
) -> tuple[str, AccessToken]:
    from oauthctl.jose.sign import sign

    issued_at = int(moment.seconds)
    # Whole seconds are rounded up, so that a token lives at least as long as it says; a fraction is for demonstrations of expiry.
    expires_at = math.ceil(moment.seconds + seconds) if float(seconds).is_integer() else round(moment.seconds + seconds, 3)
    item = AccessToken(
        grant.id,
        moment.token("access token id"),
        scopes,
        audience,
        issued_at,
        expires_at,
        confirmation=confirmation,
        details=details,
    )
    if token_format == "opaque":
        return token_text(state, moment), item
    # Source: RFC 9068 section 2.2.
    claims = {
        "iss": state.issuer,
        "sub": subject_of(state, grant.client_id, grant.who),
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "exp": expires_at,
        "iat": issued_at,
        "jti": item.id,
        "client_id": grant.client_id,
        "scope": " ".join(scopes),
        "auth_time": grant.auth_time,
        "acr": grant.acr or None,
        **claims_for(state, "access_token", state.users.get(grant.username), scopes=scopes),
        "act": dict(grant.actor) if grant.actor else None,
        "cnf": {confirmation.method: confirmation.value} if confirmation is not None else None,
        # RFC 9396 section 9.1
        "authorization_details": list(details) or None,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    present, header = shaped_claims(state, "access_token", present, grant=grant, moment=moment)
    return sign(present, signing_key(state, "RS256"), header={"typ": "at+jwt", **header}), item
