"""The token exchange grant: one token for another.

Here: RFC 8693. Not here: which tokens are good, and whose they are (`trust`), assertions for other servers (`cross_domain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from oauthctl.http import Params
from oauthctl.messages.token_exchange import NOT_APPLICABLE, short_token_type, token_type_uri
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.cross_domain import assertion_answer, is_for_another_server
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState
from oauthctl.provider.trust import Shown, read_traded

REQUESTED_TYPES = ("access_token", "jwt", "id_token", "id-jag")


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
    if wanted == "id-jag" or (wanted == "jwt" and is_for_another_server(state, form)):
        return state, assertion_answer(state, asking, subject, wanted=wanted, actor=actor, moment=moment)
    if wanted == "id_token" and subject.is_passed_on:
        raise Denied("invalid_request", "an ID token is for the client at which the person signed in: the subject_token is of another one")
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
        parent=subject.grant_id,
    )
    state = changed(state, grants=with_item(state.grants, grant.id, grant))
    token_format: Literal["", "jwt"] = "jwt" if wanted == "jwt" else ""
    state, answer = issue(
        state,
        grant,
        scopes=scopes,
        audience=audience,
        moment=moment,
        confirmation=asking.confirmation,
        token_format=token_format,
        longest=subject.seconds_left(moment),
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
    if wanted == "id_token":
        scopes = tuple(dict.fromkeys((*scopes, "openid")))
    if "openid" in scopes and "openid" not in client.scopes:
        raise Denied("invalid_scope", "the client may not ask for the scope openid, without which there is no ID token")
    grown = next((one for one in scopes if subject.scopes is not None and one not in subject.scopes), None)
    if grown is not None:
        whose = "that the person has not allowed the client" if subject.kind == "id_token" else "that the subject_token does not have"
        raise Denied("invalid_scope", f"a scope is asked for {whose}: {grown}")
    # An exchange gives no refresh token (RFC 8693 section 2.2.1 leaves it to the server): the answer's scope says so.
    return tuple(one for one in scopes if one != state.offline_scope)


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
