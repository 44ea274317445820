"""Who comes with an access token.

Here: finding the token in a request, judging it, and the challenge when it is not good. Not here: what it opens (`api`, `userinfo`).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from oauthctl.http import Request
from oauthctl.messages.auth_scheme import known_scheme
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.dpop import NONCE_HEADER
from oauthctl.messages.param import texts
from oauthctl.provider.answers import NO_STORE, Answer, ascii_description, json_answer
from oauthctl.provider.asking import Confirmation
from oauthctl.provider.client_certificate import CONFIRMATION, is_confirmed
from oauthctl.provider.dpop import ALGS, BadProof, read_proof
from oauthctl.provider.id_token import is_signed_by
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import AccessToken
from oauthctl.provider.state import ProviderState


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a good access token says."""

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    confirmation: Confirmation | None = None
    acr: str = ""
    auth_time: int | None = None


class BadBearer(Exception):
    """The request's token opens nothing. Without an `error` there was no token at all.

    Source: RFC 6750 section 3.1: a request without authentication gets no error code.
    """

    def __init__(self, error: str, description: str, *, status: int = 401, scope: str = "", scheme: str = "Bearer") -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.scope = scope
        self.scheme = scheme
        self.acr_values = ""
        self.max_age: int | None = None
        self.state: ProviderState | None = None
        self.nonce = ""


def read_bearer(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Bearer]:
    """What the access token of the `Authorization` header says, and the state in which its DPoP proof, if it needs one, is used up.

    Raises `BadBearer` when it can't be trusted, or not any more.
    """
    values = request.headers.all("authorization")
    if not values:
        raise BadBearer("", "no access token")
    scheme, _, token = values[0].partition(" ")
    token = token.strip()
    if scheme.lower() not in ("bearer", "dpop"):
        named = known_scheme(scheme)
        begins = f"the scheme is {named}," if named else "the Authorization header begins with"
        raise BadBearer("", f"no access token: {begins} neither Bearer nor DPoP")
    if len(values) > 1 or not token or " " in token:
        raise BadBearer("invalid_request", "the Authorization header is malformed", status=400)
    item = state.access_tokens.get(digest(token))
    bearer = _known(state, item, moment) if item is not None else _by_signature(state, token, moment)
    _check_certificate(bearer, moment)
    return _with_proof(state, request, token, bearer, moment=moment), bearer


def _check_certificate(bearer: Bearer, moment: Moment) -> None:
    """Source: RFC 8705 section 3: a token that is bound to a certificate comes over a connection that shows it, or opens nothing."""
    bound = bearer.confirmation
    if bound is not None and bound.method == CONFIRMATION and not is_confirmed(bound, moment):
        shown = "another one was shown" if moment.certificate else "none was shown"
        raise BadBearer("invalid_token", f"The access token is bound to a client certificate, and {shown} in the TLS handshake")


def _with_proof(state: ProviderState, request: Request, token: str, bearer: Bearer, *, moment: Moment) -> ProviderState:
    """The state in which the proof is used up. Source: RFC 9449 sections 7.1 and 7.2: a bound token is no bearer token."""
    scheme = (request.headers.get("authorization") or "").partition(" ")[0].lower()
    jkt = bearer.confirmation.value if bearer.confirmation is not None and bearer.confirmation.method == "jkt" else ""
    if scheme == "bearer":
        if jkt:
            raise BadBearer("invalid_token", "The access token is bound to a key: it needs the scheme DPoP and a proof", scheme="DPoP")
        return state
    try:
        state, shown = read_proof(state, request, moment, access_token=token)
    except BadProof as bad:
        refused = BadBearer(bad.error, bad.description, scheme="DPoP")
        refused.state, refused.nonce = bad.state, bad.nonce
        raise refused from bad
    if not shown:
        raise BadBearer("invalid_dpop_proof", "The DPoP proof is missing", scheme="DPoP")
    if not jkt or not hmac.compare_digest(jkt, shown):
        refused = BadBearer("invalid_token", "The access token is not bound to the key of the proof", scheme="DPoP")
        refused.state = state
        raise refused
    return state


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
    # Source: RFC 9470 section 3.
    parameters += [("acr_values", bad.acr_values), ("max_age", "" if bad.max_age is None else str(bad.max_age))]
    algs = " ".join(ALGS) if bad.scheme == "DPoP" else ""
    parameters.append(("algs", algs))
    challenge = f"{bad.scheme} " + ", ".join(f'{name}="{value}"' for name, value in parameters if value)
    state = (bad.state or state).logged(
        moment, endpoint, _owner(state, request), error=bad.error or "no_token", reason=f"{request.path}: {bad.description}"
    )
    nonce = ((NONCE_HEADER, bad.nonce),) if bad.nonce else ()
    document = {"error": bad.error, "error_description": bad.description} if bad.error else {"message": "an access token is needed"}
    return state, json_answer(document, bad.status, headers=(*NO_STORE, ("WWW-Authenticate", challenge.rstrip()), *nonce))


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
    return Bearer(grant.who, grant.client_id, item.scopes, item.audience, item.confirmation, grant.acr, grant.auth_time)


def _by_signature(state: ProviderState, token: str, moment: Moment) -> Bearer:
    """A token that is not in the books is judged by itself, as an API far from the provider would do it.

    Source: RFC 9068 section 4.
    """
    from oauthctl.jose.jwt import take_apart

    parts = take_apart(token)
    claims = parts.claims
    if claims is None or parts.typ != "at+jwt":
        raise BadBearer("invalid_token", "The access token is unknown")
    if parts.alg not in {key.alg for key in state.keys} or not is_signed_by(token, state.keys, parts.alg):
        raise BadBearer("invalid_token", "The signature of the access token is wrong")
    if state.unsure_until and (seconds_of(claims, "iat") or 0.0) <= state.unsure_until:
        raise BadBearer("invalid_token", "The access token is as old as some that were revoked and are not in the books any more")
    if claims.get("iss") != state.issuer:
        raise BadBearer("invalid_token", "The access token is from another issuer")
    expires_at = seconds_of(claims, "exp")
    if expires_at is None or moment.seconds >= expires_at:
        raise BadBearer("invalid_token", "The access token expired")
    audiences = tuple(texts(claims.get("aud")) or ())
    scopes = tuple(parts.claim_text("scope").split())
    bound = claims.get("cnf")
    values = bound if isinstance(bound, dict) else {}
    held = ((method, values.get(method)) for method in ("jkt", CONFIRMATION))
    confirmation = next((Confirmation(method, value) for method, value in held if isinstance(value, str)), None)
    subject, client_id, acr = (parts.claim_text(name) for name in ("sub", "client_id", "acr"))
    auth_time = seconds_of(claims, "auth_time")
    return Bearer(subject, client_id, scopes, audiences, confirmation, acr, int(auth_time) if auth_time is not None else None)
