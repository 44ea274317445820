"""Keys: the provider's JWKS, fetched once, and once more when a token names a key that is not there.

Here: fetching. Not here: choosing a key, verifying (`jose`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from oauthctl.errors import BadAnswer
from oauthctl.flows.steps import Flow, send
from oauthctl.http import Request, get_request
from oauthctl.jose.jwk import Jwk, parse_key_set
from oauthctl.jose.jwt import Token
from oauthctl.jose.verify import kid_unknown
from oauthctl.messages.answer import SIZE_LIMIT
from oauthctl.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Keys:
    """The provider's keys, and where it could not be reached for them, why."""

    known: tuple[Jwk, ...] = ()
    unreached: str = ""


def fetch_keys(jwks_uri: str) -> Flow[tuple[Jwk, ...]]:
    """The keys that a JWKS document holds; those that can't be read are left out.

    Raises `BadAnswer` with slug `jwks-unusable`. Source: RFC 7517 section 5.
    """
    return _read(jwks_uri, (yield from send(_request(jwks_uri), "jwks")))


def reach_keys(jwks_uri: str) -> Flow[Keys]:
    """As `fetch_keys`, and no error where the server can't be reached: what comes after may well go on without keys."""
    exchange = yield from send(_request(jwks_uri), "jwks", may_fail=True)
    return Keys(_read(jwks_uri, exchange)) if exchange.response is not None else Keys(unreached=exchange.failure)


def keys_for(token: Token, keys: Keys, jwks_uri: str) -> Flow[Keys]:
    """The keys at hand, or those of a fresh fetch when the token's `kid` is not among them: a provider may have rotated its keys.

    Source: OpenID Connect Core 1.0 section 10.1.1. The fetch happens once, so that a forged `kid` can't make us hammer the provider.
    """
    if not jwks_uri or (keys.known and not kid_unknown(token, keys.known)):
        return keys
    return (yield from reach_keys(jwks_uri))


def _request(jwks_uri: str) -> Request:
    return get_request(jwks_uri, accept="application/json, application/jwk-set+json")


def _read(jwks_uri: str, exchange: Exchange) -> tuple[Jwk, ...]:
    response = exchange.response
    problem = ""
    if response is None or response.status != 200:
        problem = f"status {response.status}" if response else exchange.failure
    elif len(response.body) > SIZE_LIMIT:
        problem = f"a document of {len(response.body)} bytes"
    else:
        try:
            # A published symmetric key is known to everybody, and proves nothing (RFC 8725 section 3.5).
            keys = tuple(key for key in parse_key_set(json.loads(response.body)) if key.kty != "oct")
        except (ValueError, RecursionError):
            problem = "no JSON"
        else:
            if keys:
                return keys
            problem = "no key"
    raise BadAnswer(
        f"`{jwks_uri}` gave {problem} where a JWK set is due",
        slug="jwks-unusable",
        where=f"exchange {exchange.id}, GET {jwks_uri}",
        spec="RFC 7517 section 5",
        help="look at the answer with `oauthctl trace show`",
    )
