"""Keys: the provider's JWKS, fetched once, and once more when a token names a key that is not there.

Here: fetching, and whether what was fetched can be relied on. Not here: choosing a key, verifying (`jose`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from oauthctl.errors import BadAnswer
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import bounded
from oauthctl.http import Request, get_request, is_safe_for_secrets
from oauthctl.jose.json_object import read_json
from oauthctl.jose.jwk import Jwk, parse_key_set
from oauthctl.jose.jwt import Token
from oauthctl.jose.verify import kid_unknown
from oauthctl.messages.answer import SIZE_LIMIT
from oauthctl.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Keys:
    """The provider's keys; where none could be had, why (`unreached`); and sentences on what is odd about the key set (`remarks`)."""

    known: tuple[Jwk, ...] = ()
    unreached: str = ""
    remarks: tuple[str, ...] = ()


def fetch_keys(jwks_uri: str) -> Flow[tuple[Jwk, ...]]:
    """The keys that a JWKS document holds; those that can't be read are left out.

    Raises `BadAnswer` with slug `jwks-unusable`. Source: RFC 7517 section 5.
    """
    return (yield from fetch_key_set(jwks_uri)).known


def fetch_key_set(jwks_uri: str) -> Flow[Keys]:
    """As `fetch_keys`, with what is odd about the document."""
    exchange = yield from send(_request(jwks_uri), "jwks")
    keys = _read(exchange)
    if keys.unreached:
        raise BadAnswer(
            f"`{jwks_uri}` gave {keys.unreached} where a JWK set is due",
            slug="jwks-unusable",
            where=f"exchange {exchange.id}, GET {jwks_uri}",
            spec="RFC 7517 section 5",
            help="look at the answer with `oauthctl trace show`",
        )
    return keys


def reach_keys(jwks_uri: str) -> Flow[Keys]:
    """As `fetch_key_set`, and no error where no keys can be had: what comes after may well go on without them."""
    exchange = yield from send(_request(jwks_uri), "jwks", may_fail=True)
    if exchange.response is None:
        return Keys(unreached=exchange.failure)
    keys = _read(exchange)
    return replace(keys, unreached=f"`{jwks_uri}` gave {keys.unreached} where a JWK set is due") if keys.unreached else keys


def doubt(*urls: str) -> str:
    """Why keys that came from the last of these URLs, to which the ones before it led, prove nothing; empty when they do."""
    plain = next((url for url in urls if url and not is_safe_for_secrets(url)), "")
    return f"the keys came over plain http (`{bounded(plain)}`), and anybody on the way could have replaced them" if plain else ""


def keys_for(token: Token, keys: Keys, jwks_uri: str) -> Flow[Keys]:
    """The keys at hand, or those of a fresh fetch when the token's `kid` is not among them: a provider may have rotated its keys.

    Source: OpenID Connect Core 1.0 section 10.1.1. The fetch happens once, so that a forged `kid` can't make us hammer the provider.
    """
    if not jwks_uri or (keys.known and not kid_unknown(token, keys.known)):
        return keys
    return (yield from reach_keys(jwks_uri))


def _request(jwks_uri: str) -> Request:
    return get_request(jwks_uri, accept="application/json, application/jwk-set+json")


def _read(exchange: Exchange) -> Keys:
    """The keys of the answer; what it gave instead of any stands in `unreached`."""
    response = exchange.response
    if response is None or response.status != 200:
        return Keys(unreached=f"status {response.status}" if response else exchange.failure)
    if len(response.body) > SIZE_LIMIT:
        return Keys(unreached=f"a document of {len(response.body)} bytes")
    read = read_json(response.body, "the key set")
    if any(flaw.slug in ("not-json", "cut-off", "too-deep", "not-utf-8") for flaw in read.flaws):
        return Keys(unreached="no JSON")
    # A published symmetric key is known to everybody, and proves nothing (RFC 8725 section 3.5).
    keys = tuple(key for key in parse_key_set(read.value) if key.kty != "oct")
    # Source: RFC 7517 section 5: member names must be unique, or a parser takes the last: programs differ in which keys they know.
    twice = tuple(flaw.sentence.replace("is shown", "was used") for flaw in read.flaws if flaw.slug == "duplicate-member")
    return Keys(keys, "" if keys else "no key", twice)
