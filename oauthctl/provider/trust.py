"""Tokens that come back to be traded: whose they are, and whether they are good.

Here: our own access, refresh and ID tokens, and JWTs of issuers that are trusted. Not here: what is given for them (`grant_*`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.token_exchange import ID_JAG_TYPE, short_token_type
from oauthctl.provider.answers import Denied
from oauthctl.provider.bearer import is_active
from oauthctl.provider.client import Client
from oauthctl.provider.client_assertion import KEY_ALGS
from oauthctl.provider.id_token import hint_claims
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.resources import audiences_of
from oauthctl.provider.shown_jwt import audiences, check_kind, check_times
from oauthctl.provider.state import ProviderState


@dataclass(frozen=True, slots=True)
class Shown:
    """What a good token says: whom it is about, which of our people that is (empty for a client), and what it opens.

    `scopes` are None where nothing limits them but the client's registration.
    """

    kind: str
    subject: str
    username: str = ""
    scopes: tuple[str, ...] | None = None
    actor: Mapping[str, Any] | None = None
    may_act: Mapping[str, Any] | None = None
    auth_time: int | None = None
    acr: str = ""
    is_passed_on: bool = False
    """Whether it was issued to another client than the one that trades it."""
    grant_id: str = ""
    """The family that it is of, where it is one of ours and says so."""
    ends_at: float = math.inf
    """When it ends, in seconds since the epoch: nothing that it is traded for is good for longer."""

    def seconds_left(self, moment: Moment) -> float:
        """Whole seconds until it ends; a token of a clock that differs may have none left."""
        return max(0.0, self.ends_at - moment.seconds) // 1 if math.isfinite(self.ends_at) else self.ends_at


def read_traded(state: ProviderState, client: Client, token: str, uri: str, *, role: str, moment: Moment) -> Shown:
    """What a subject or actor token says; `role` is which. `Denied` for one that is not good. Source: RFC 8693 section 2.1."""
    match short_token_type(uri):
        case "access_token":
            return _access_token(state, client, token, role=role, moment=moment)
        case "refresh_token" if role == "subject":
            return _refresh_token(state, client, token, moment=moment)
        case "id_token":
            return _id_token(state, client, token, role=role, moment=moment)
        case "jwt":
            if digest(token) in state.access_tokens:
                return _access_token(state, client, token, role=role, moment=moment)
            return _trusted(state, token, role=role, moment=moment)
        case _:
            raise _bad(f"the {role}_token_type is unsupported here")


def _access_token(state: ProviderState, client: Client, token: str, *, role: str, moment: Moment) -> Shown:
    item = state.access_tokens.get(digest(token))
    if item is None:
        raise _bad(f"the {role}_token is no access token of this server")
    if not is_active(state, item, moment):
        raise _bad(f"the {role}_token has expired or is revoked")
    if item.confirmation is not None:
        # Source: RFC 9449 section 7.2, RFC 8705 section 3: whoever holds a bound token and not its key must get nothing for it.
        raise _bad(f"the {role}_token is bound to a key or certificate, and is not traded")
    grant = state.grants[item.grant_id]
    if grant.client_id != client.id and not _is_for(state, client, item.audience):
        reason = "and the one that asks is not in its audience"
        raise _bad(f"the {role}_token was issued to another client, {reason}")
    return Shown(
        "access_token",
        grant.who,
        grant.username,
        item.scopes,
        grant.actor,
        auth_time=grant.auth_time,
        acr=grant.acr,
        is_passed_on=grant.client_id != client.id,
        grant_id=grant.id,
        ends_at=item.expires_at,
    )


def _is_for(state: ProviderState, client: Client, audience: tuple[str, ...]) -> bool:
    """Whether a token with this audience is meant for the client: by its name, or as the API that it serves.

    Source: RFC 8693 section 5: the client's proof is there so that the server can tell who may act for whom, which section 2.1 leaves to
    its policy. Here as everywhere, who merely got hold of a token may do nothing with it.
    """
    own = {client.id, *(one for path in client.resources for one in audiences_of(state, path))}
    return bool(own & set(audience))


def _refresh_token(state: ProviderState, client: Client, token: str, *, moment: Moment) -> Shown:
    item = state.refresh_tokens.get(digest(token))
    grant = state.grants.get(item.grant_id) if item is not None else None
    if item is None or grant is None or grant.is_revoked or item.is_used or item.expires_at <= moment.now:
        raise _bad("the subject_token is no refresh token that is good")
    if grant.client_id != client.id:
        raise _bad("the subject_token was issued to another client")
    return Shown(
        "refresh_token",
        grant.username,
        grant.username,
        grant.scopes,
        grant.actor,
        auth_time=grant.auth_time,
        acr=grant.acr,
        grant_id=grant.id,
    )


def _id_token(state: ProviderState, client: Client, token: str, *, role: str, moment: Moment) -> Shown:
    """Source: draft-ietf-oauth-identity-assertion-authz-grant: the audience of the assertion must be the client that shows it."""
    claims = hint_claims(state, token)
    if claims is None:
        if take_apart(token).claim_text("iss") == state.issuer:
            raise _bad(f"the {role}_token is no ID token of this server")
        return _trusted(state, token, role=role, moment=moment, audience=client.id)
    ends_at = seconds_of(claims, "exp") or 0.0
    if ends_at <= moment.seconds:
        raise _bad(f"the {role}_token has expired")
    if claims.get("aud") != client.id:
        raise _bad(f"the {role}_token is meant for another client: its audience is not the one that asks")
    username, auth_time = str(claims["sub"]), seconds_of(claims, "auth_time")
    if username not in state.users:
        raise _bad(f"the {role}_token is about nobody who is known here (sub)")
    return Shown(
        "id_token",
        username,
        username,
        _allowed(state, client, username),
        auth_time=int(auth_time) if auth_time is not None else None,
        acr=str(claims.get("acr") or ""),
        ends_at=ends_at,
    )


def _allowed(state: ProviderState, client: Client, username: str) -> tuple[str, ...]:
    """The client's scopes to which this person has said yes: an ID token tells who they are, and nothing of what the client may do."""
    if client.is_trusted:
        return client.scopes
    grants = (one for one in state.grants.values() if (one.client_id, one.username) == (client.id, username) and not one.is_revoked)
    allowed = state.consents.get((username, client.id), frozenset()).union(*(grant.scopes for grant in grants))
    return tuple(scope for scope in client.scopes if scope in allowed)


def _trusted(state: ProviderState, token: str, *, role: str, moment: Moment, audience: str = "") -> Shown:
    """A JWT of an issuer that is trusted; whom it is about is one of our people if the name is the same."""
    apart = take_apart(token)
    if apart.claims is None:
        raise _bad(f"the {role}_token is no JWT")
    if apart.typ == ID_JAG_TYPE:
        raise _bad(f"the {role}_token is an ID-JAG, which is redeemed as an assertion")
    # A foreign access token is shown as `jwt`; an ID token has no type of its own.
    check_kind(apart, () if audience else ("at+jwt",), what=f"{role}_token", refuse=_bad)
    claims = signed_claims(apart, trusted_keys(state, apart), what=f"{role}_token", error="invalid_request")
    ends_at = check_times(claims, moment, what=f"{role}_token", refuse=_bad)
    named = audiences(claims)
    if not named & {state.issuer, state.url(state.endpoints.token), audience}:
        raise _bad(f"the {role}_token is meant for another audience than this server")
    subject = str(claims.get("sub") or "")
    if not subject:
        raise _bad(f"the {role}_token has no sub")
    actor, may_act = (_party(claims, name, role=role) for name in ("act", "may_act"))
    scope = claims.get("scope")
    if not isinstance(scope, str | None):
        raise _bad(f"scope of the {role}_token is no string")
    return Shown(
        "jwt",
        subject,
        subject if subject in state.users else "",
        scopes=tuple(scope.split()) if scope is not None else None,
        actor=actor,
        may_act=may_act,
        ends_at=ends_at,
    )


def _party(claims: Mapping[str, Any], name: str, *, role: str) -> Mapping[str, Any] | None:
    """The claim `act` or `may_act`, where there is one. Source: RFC 8693 sections 4.1 and 4.4: an object whose members name a party."""
    party = claims.get(name)
    if party is None:
        return None
    if not isinstance(party, dict) or not isinstance(party.get("sub", ""), str):
        # What says who may act, and can't be read, must not be passed over.
        raise _bad(f"{name} of the {role}_token names nobody")
    return party


def trusted_keys(state: ProviderState, token: Token, *, error: str = "invalid_request") -> tuple[Jwk, ...]:
    """The keys of the token's issuer, if it is one that is trusted; `Denied` otherwise."""
    issuer = token.claim_text("iss")
    keys = state.trusted_issuers.get(issuer)
    if keys is None:
        raise Denied(error, "the issuer of the token is not trusted here")
    return keys


def signed_claims(token: Token, keys: tuple[Jwk, ...], *, what: str, error: str) -> Mapping[str, Any]:
    """The claims of a JWT that one of these keys has signed; `Denied` for any other. Whether it is its time is not looked at."""
    verdict = check_signature(token, tuple(key.public() for key in keys), allowed_algs=KEY_ALGS)
    if verdict.outcome is not Outcome.PASS:
        raise Denied(error, f"the signature of the {what} is not good: {verdict.why}")
    return token.claims or {}


def _bad(description: str) -> Denied:
    return Denied("invalid_request", description)
