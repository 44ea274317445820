"""Userinfo: claims about the person, fetched with the access token.

Here: OpenID Connect Core 1.0 section 5.3. Not here: profile APIs of providers without OpenID Connect (`api_call`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.errors import CheckFailed, Refused
from oauthctl.flows.answer_jwt import Party, Place, believed
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import bearer_request, bounded, masked, unusable
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.record.exchange import Exchange


def userinfo(
    userinfo_endpoint: str,
    access_token: str,
    *,
    subject: str = "",
    token_type: str = "Bearer",
    party: Party | None = None,
    algs: tuple[str, ...] = (),
) -> Flow[Mapping[str, Any]]:
    """The claims, from a JSON answer or from a JWT, which is opened and verified where it is known between whom it passes (`party`).

    Raises `CheckFailed` when `sub` is not `subject`, `Refused` with data `challenge_error` when the token is refused, else `BadAnswer`.
    """
    exchange = yield from send(bearer_request("GET", userinfo_endpoint, access_token, token_type=token_type), "userinfo")
    claims = (yield from _from_jwt(exchange, party, algs)) if party is not None and _is_jwt(exchange) else _claims(exchange)
    # "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID Token" (section 5.3.2).
    if subject and claims.get("sub") != subject:
        raise CheckFailed(
            "userinfo speaks of another `sub` than the ID token",
            slug="userinfo-subject-differs",
            where=f"exchange {exchange.id}, response.sub",
            sent=subject,
            got=bounded(str(claims.get("sub", "nothing"))),
            spec="OIDC Core section 5.3.2",
            help="these claims belong to somebody else; do not use them",
        )
    return claims


def _is_jwt(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == 200 and exchange.response.content_type == "application/jwt"


def _from_jwt(exchange: Exchange, party: Party, algs: tuple[str, ...]) -> Flow[Mapping[str, Any]]:
    """Source: OpenID Connect Core 1.0 section 5.3.2: a signed answer SHOULD name issuer and client."""
    compact = exchange.response.text.strip() if exchange.response is not None else ""
    where = f"exchange {exchange.id}, response"
    place = Place("the userinfo JWT", "signed-answer", where, "OIDC Core section 5.3.2", exchange.started_at, names_parties=False)
    token = yield from believed(compact, party, place, algs=algs)
    return {name: value for name, value in (token.claims or {}).items() if name not in ("iss", "aud", "exp", "iat", "nbf", "jti")}


def _claims(exchange: Exchange) -> Mapping[str, Any]:
    response = exchange.response
    if response is None:
        raise unusable("the userinfo endpoint", exchange, exchange.failure)
    if response.status in (401, 403):
        challenge = bearer_challenge(response)
        error = bounded(challenge.get("error")) if challenge else ""
        words = bounded(masked(challenge.get("error_description"), exchange.request)) if challenge else ""
        raise Refused(
            f"the userinfo endpoint refused the token: `{error}`"
            if error
            else f"the userinfo endpoint refused with status {response.status}",
            where=f"exchange {exchange.id}, GET {exchange.request.path}",
            notes=(f"the server says: {words}",) if words else (),
            spec="RFC 6750 section 3.1",
            help="refresh with `oauthctl refresh`, or sign in again with `oauthctl login`",
            data={"challenge_error": error, "status": response.status},
        )
    if response.status != 200:
        raise unusable("the userinfo endpoint", exchange, f"status {response.status}")
    if response.content_type == "application/jwt":
        claims = take_apart(response.text.strip()).claims
        if claims is None:
            raise unusable("the userinfo endpoint", exchange, "a JWT that can't be read")
        return claims
    answer = read_answer(response)
    if answer.problem:
        raise unusable("the userinfo endpoint", exchange, answer.problem)
    return dict(answer.fields)
