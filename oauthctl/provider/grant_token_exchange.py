"""The token exchange grant: one token for another.

Here: RFC 8693, and the ID-JAG that an identity provider gives for another server. Not here: which tokens are good (`trust`), redeeming an
ID-JAG (`grant_jwt_bearer`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from oauthctl.http import Params, is_http_url
from oauthctl.messages.token_exchange import ID_JAG_TYPE, NOT_APPLICABLE, short_token_type, token_type_uri
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.client import Client
from oauthctl.provider.id_token import signing_key
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState, with_item
from oauthctl.provider.trust import Shown, read_traded

REQUESTED_TYPES = ("access_token", "jwt", "id_token", "id-jag")
JAG_SECONDS = 300


def token_exchange(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for a token, on behalf of whoever it is about. Source: RFC 8693 section 2."""
    client, form = asking.client, asking.form
    if client.is_public:
        raise Denied("unauthorized_client", "a public client can't exchange tokens")
    requested = form.get("requested_token_type") or ""
    wanted = short_token_type(requested or token_type_uri("access_token"))
    if wanted not in REQUESTED_TYPES:
        raise Denied("invalid_request", "the requested_token_type is unsupported here")
    subject = _read(state, client, form, "subject", moment=moment)
    if subject is None:
        raise Denied("invalid_request", "the parameter subject_token is missing")
    actor = _acting(subject, _read(state, client, form, "actor", moment=moment))
    if wanted == "id-jag" or (wanted == "jwt" and _is_for_another_server(state, form)):
        return state, _for_another_server(state, client, form, subject, wanted=wanted, actor=actor, moment=moment)
    scopes = _scopes(state, client, form, subject, wanted=wanted)
    audience = audience_of(state, form)
    grant = Grant(
        moment.token("grant"),
        client.id,
        subject.username,
        scopes,
        audience,
        auth_time=subject.auth_time,
        acr=subject.acr,
        actor=actor,
        subject=subject.subject,
    )
    state = replace(state, grants=with_item(state.grants, grant.id, grant))
    token_format: Literal["", "jwt"] = "jwt" if wanted == "jwt" else ""
    state, answer = issue(
        state, grant, scopes=scopes, audience=audience, moment=moment, confirmation=asking.confirmation, token_format=token_format
    )
    return state, _answered(answer, wanted)


def _read(state: ProviderState, client: Client, form: Params, role: str, *, moment: Moment) -> Shown | None:
    """Source: RFC 8693 section 2.1: the type is required beside a token, and must not be there without one."""
    token, uri = form.get(f"{role}_token"), form.get(f"{role}_token_type")
    if token is None and uri is None:
        return None
    if not token or not uri:
        raise Denied("invalid_request", f"{role}_token and {role}_token_type belong together: one of them is missing")
    return read_traded(state, client, token, uri, role=role, moment=moment)


def _acting(subject: Shown, actor: Shown | None) -> Mapping[str, Any] | None:
    """The claim `act`: who acts now, and inside of it who did before. Source: RFC 8693 sections 4.1 and 4.4."""
    if actor is None:
        return subject.actor
    if subject.may_act is not None and subject.may_act.get("sub") != actor.subject:
        raise Denied("invalid_request", "the actor may not act for the subject: may_act of the subject_token names another one")
    return {"sub": actor.subject, **({"act": dict(subject.actor)} if subject.actor else {})}


def _scopes(state: ProviderState, client: Client, form: Params, subject: Shown, *, wanted: str) -> tuple[str, ...]:
    """What is asked for; without a wish what the traded token has, so far as the client may have it. It never grows."""
    asked = form.get("scope") or ""
    if not asked and subject.scopes is not None:
        scopes = tuple(one for one in subject.scopes if one in client.scopes and one not in ("openid", state.offline_scope))
    else:
        scopes = read_scopes(state, client, asked)
    if wanted == "id_token" and "openid" not in client.scopes:
        raise Denied("invalid_scope", "the client may not ask for the scope openid, without which there is no ID token")
    if asked and subject.scopes is not None and not set(scopes) <= set(subject.scopes):
        raise Denied("invalid_scope", "a scope is asked for that the subject_token does not have")
    # An exchange gives no refresh token (RFC 8693 section 2.2.1 leaves it to the server): the answer's scope says so.
    scopes = tuple(one for one in scopes if one != state.offline_scope)
    return (*scopes, "openid") if wanted == "id_token" and "openid" not in scopes else scopes


def _answered(answer: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Source: RFC 8693 section 2.2.1: what is issued is in `access_token`, whatever it is."""
    kept = {name: value for name, value in answer.items() if name not in ("refresh_token", "id_token")}
    if wanted != "id_token":
        return {**kept, "issued_token_type": token_type_uri(wanted)}
    if "id_token" not in answer:
        raise Denied("invalid_request", "the subject_token is about no person, of whom an ID token could speak")
    return {
        "access_token": answer["id_token"],
        "issued_token_type": token_type_uri(wanted),
        "token_type": NOT_APPLICABLE,
        "expires_in": kept["expires_in"],
    }


def _is_for_another_server(state: ProviderState, form: Params) -> bool:
    """Whether a JWT is asked for that another authorization server is to take as an assertion: it is for none of our own resources."""
    named = form.all("audience")
    return bool(named) and all(is_http_url(one) and not one.startswith(state.url("/")) and one != state.issuer for one in named)


def _for_another_server(
    state: ProviderState, client: Client, form: Params, subject: Shown, *, wanted: str, actor: Mapping[str, Any] | None, moment: Moment
) -> dict[str, Any]:
    """An assertion about a person for another authorization server; it is no access token.

    Source: draft-ietf-oauth-identity-assertion-authz-grant, "Token Exchange" and "ID-JAG"; draft-ietf-oauth-identity-chaining.
    """
    from oauthctl.jose.sign import sign

    named = form.all("audience")
    if len(named) != 1 or not is_http_url(named[0]):
        raise Denied("invalid_request", "the audience of the assertion has to be one authorization server, by its issuer")
    if named[0].rstrip("/") == state.issuer:
        raise Denied("invalid_target", "the requested audience is this very server, whose tokens need no assertion")
    if not subject.username:
        raise Denied("invalid_request", "the subject_token is about no person")
    issued_at, resources = int(moment.seconds), form.all("resource")
    scope = " ".join(dict.fromkeys((form.get("scope") or "").split()))
    claims: dict[str, Any] = {
        "iss": state.issuer,
        "sub": subject.username,
        "aud": named[0],
        "client_id": client.id,
        "jti": moment.token("assertion id"),
        "iat": issued_at,
        "exp": issued_at + JAG_SECONDS,
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
        "expires_in": math.ceil(JAG_SECONDS),
        **({"scope": scope} if scope else {}),
    }
