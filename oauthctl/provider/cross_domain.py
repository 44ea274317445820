"""Assertions that another authorization server takes: what a token is traded for where the target is not ours.

Here: the ID-JAG, and the plain JWT of a chain. Not here: trading for tokens of our own (`grant_token_exchange`), redeeming an assertion
(`grant_jwt_bearer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.http import Params, is_http_url
from oauthctl.messages.token_exchange import ID_JAG_TYPE, NOT_APPLICABLE, token_type_uri
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.client import Client
from oauthctl.provider.id_token import signing_key
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.provider.trust import Shown

SECONDS = 300


def is_for_another_server(state: ProviderState, form: Params) -> bool:
    """Whether a JWT is asked for that another authorization server is to take as an assertion: it is for none of our own resources."""
    named = form.all("audience")
    return bool(named) and all(is_http_url(one) and not _is_ours(state, one) for one in named)


def assertion_answer(
    state: ProviderState, asking: Asking, subject: Shown, *, wanted: str, actor: Mapping[str, Any] | None, moment: Moment
) -> dict[str, Any]:
    """An assertion about a person for another authorization server; it is no access token.

    Source: draft-ietf-oauth-identity-assertion-authz-grant, "Token Exchange" and "ID-JAG"; draft-ietf-oauth-identity-chaining.
    """
    from oauthctl.jose.sign import sign

    client, form = asking.client, asking.form
    audience = _audience(state, form)
    if not subject.username:
        raise Denied("invalid_request", "the subject_token is about no person")
    if wanted == "id-jag" and subject.kind not in ("id_token", "refresh_token"):
        raise Denied("invalid_request", "an ID-JAG is given for an ID token or a refresh token: the subject_token_type is neither")
    issued_at, resources, scope = int(moment.seconds), form.all("resource"), _scope(client, form, subject)
    seconds = int(min(SECONDS, subject.seconds_left(moment)))
    claims: dict[str, Any] = {
        "iss": state.issuer,
        "sub": subject.username,
        "aud": audience,
        "client_id": client.id,
        "jti": moment.token("assertion id"),
        "iat": issued_at,
        "exp": issued_at + seconds,
        "resource": (resources[0] if len(resources) == 1 else list(resources)) or None,
        "scope": scope or None,
        "auth_time": subject.auth_time,
        "acr": subject.acr or None,
        "act": dict(actor) if actor else None,
        "email": state.users[subject.username].claims.get("email") if subject.username in state.users else None,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    header = {"typ": ID_JAG_TYPE} if wanted == "id-jag" else {}
    return {
        "access_token": sign(present, signing_key(state, "RS256"), header=header),
        "issued_token_type": token_type_uri(wanted),
        "token_type": NOT_APPLICABLE,
        "expires_in": seconds,
        **({"scope": scope} if scope else {}),
    }


def _audience(state: ProviderState, form: Params) -> str:
    """The other server's issuer."""
    named = form.all("audience")
    if len(named) != 1 or not is_http_url(named[0]):
        raise Denied("invalid_request", "the audience of the assertion has to be one authorization server, by its issuer")
    if _is_ours(state, named[0]):
        raise Denied("invalid_target", "the requested audience is this very server, whose tokens need no assertion")
    if named[0] in state.clients:
        # Of the same issuer, for this client, about a person: the client could take it for an ID token of its own.
        raise Denied("invalid_target", "the requested audience is a client of this server, and not another authorization server")
    return named[0]


def _is_ours(state: ProviderState, url: str) -> bool:
    return url == state.issuer or f"{url}/".startswith(state.url("/"))


def _scope(client: Client, form: Params, subject: Shown) -> str:
    """The other server's scopes that are asked for.

    Nobody has said yes to them here: which a client may have is what its registration says, in the place of the administrator's policy
    that the ID-JAG's draft wants. A token that another client passed on opens what it opened before, and no more.
    """
    asked = tuple(dict.fromkeys((form.get("scope") or "").split()))
    foreign = next((one for one in asked if one not in client.scopes), None)
    if foreign is not None:
        raise Denied("invalid_scope", f"the client may not ask for the scope {foreign}, for which it is not registered")
    limits = subject.scopes if subject.is_passed_on or subject.kind == "jwt" else None
    grown = next((one for one in asked if limits is not None and one not in limits), None)
    if grown is not None:
        raise Denied("invalid_scope", f"a scope is asked for that the subject_token does not have: {grown}")
    return " ".join(asked)
