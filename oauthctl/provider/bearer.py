"""Who comes with an access token.

Here: finding the token in a request, judging it, and the challenge when it is not good. Not here: what it opens (`api`, `userinfo`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import Request
from oauthctl.provider.answers import NO_STORE, Answer, ascii_description, json_answer
from oauthctl.provider.id_token import is_signed_by
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import AccessToken, ProviderState


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a good access token says."""

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]


class BadBearer(Exception):
    """The request's token opens nothing. Without an `error` there was no token at all.

    Source: RFC 6750 section 3.1: a request without authentication gets no error code.
    """

    def __init__(self, error: str, description: str, *, status: int = 401, scope: str = "") -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.scope = scope


def read_bearer(state: ProviderState, request: Request, moment: Moment) -> Bearer:
    """What the access token of the `Authorization` header says; `BadBearer` when it can't be trusted, or not any more."""
    values = request.headers.all("authorization")
    if not values:
        raise BadBearer("", "no access token")
    scheme, _, token = values[0].partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        raise BadBearer("", f"no access token: the scheme is {scheme[:40]}, not Bearer")
    if len(values) > 1 or not token or " " in token:
        raise BadBearer("invalid_request", "the Authorization header is malformed", status=400)
    item = state.access_tokens.get(digest(token))
    if item is not None:
        return _known(state, item, moment)
    return _by_signature(state, token, moment)


def is_active(state: ProviderState, item: AccessToken, moment: Moment) -> bool:
    """Whether a token counts: neither expired nor revoked, alone or with its family."""
    grant = state.grants.get(item.grant_id)
    return not item.is_revoked and grant is not None and not grant.is_revoked and moment.seconds < item.expires_at


def refuse_bearer(state: ProviderState, request: Request, bad: BadBearer, *, endpoint: str, moment: Moment, metadata: str = "") -> Answer:
    """The 401, 403 or 400 with its challenge, and the log's line about it.

    Source: RFC 6750 section 3; RFC 9728 section 5.1 for `resource_metadata`.
    """
    parameters = [("resource_metadata", metadata), ("error", bad.error)]
    parameters += [("error_description", ascii_description(bad.description) if bad.error else ""), ("scope", bad.scope)]
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters if value)
    state = state.logged(
        moment, endpoint, _owner(state, request), error=bad.error or "no_token", reason=f"{request.path}: {bad.description}"
    )
    document = {"error": bad.error, "error_description": bad.description} if bad.error else {"message": "an access token is needed"}
    return state, json_answer(document, bad.status, headers=(*NO_STORE, ("WWW-Authenticate", challenge.rstrip())))


def _owner(state: ProviderState, request: Request) -> str:
    """Whose token it was, if it was one of ours."""
    token = (request.headers.get("authorization") or "").partition(" ")[2].strip()
    item = state.access_tokens.get(digest(token))
    grant = state.grants.get(item.grant_id) if item is not None else None
    return (grant.username or grant.client_id) if grant is not None else ""


def _known(state: ProviderState, item: AccessToken, moment: Moment) -> Bearer:
    grant = state.grants[item.grant_id]
    if item.is_revoked or grant.is_revoked:
        raise BadBearer("invalid_token", "The access token is revoked")
    if moment.seconds >= item.expires_at:
        raise BadBearer("invalid_token", "The access token expired")
    return Bearer(grant.username or grant.client_id, grant.client_id, item.scopes, item.audience)


def _by_signature(state: ProviderState, token: str, moment: Moment) -> Bearer:
    """A token that is not in the books is judged by itself, as an API far from the provider would do it.

    Source: RFC 9068 section 4.
    """
    from oauthctl.jose.jwt import take_apart

    parts = take_apart(token)
    claims = parts.claims
    if claims is None or parts.typ != "at+jwt":
        raise BadBearer("invalid_token", "The access token is unknown")
    if parts.alg not in ("RS256", "ES256") or not is_signed_by(token, state.keys, parts.alg):
        raise BadBearer("invalid_token", "The signature of the access token is wrong")
    if claims.get("iss") != state.issuer:
        raise BadBearer("invalid_token", "The access token is from another issuer")
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float) or moment.seconds >= expires_at:
        raise BadBearer("invalid_token", "The access token expired")
    audience = claims.get("aud")
    audiences = (audience,) if isinstance(audience, str) else tuple(item for item in audience or () if isinstance(item, str))
    scopes = tuple(parts.claim_text("scope").split())
    return Bearer(parts.claim_text("sub"), parts.claim_text("client_id"), scopes, audiences)
