"""What a value has to do with those before it in the same recording: returned, brought, sent before.

Here: equalities inside one recording, found on fingerprints, and comparing them. Not here: comparing the values themselves.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.purposes import fragment_of, posted_fields, query_of
from oauthctl.record.tokens import HeldToken, Role, tokens_of
from oauthctl.record.transaction import KeySet, known_purpose, response_message
from oauthctl.specs import Section

_STATE = ("`state` must come back as it was sent", Section("RFC 6749", "4.1.2"))
_CODE = ("`code` must be the one that the callback brought", Section("RFC 6749", "4.1.3"))
_REDIRECT = ("`redirect_uri` must be the one of the authorization request", Section("RFC 6749", "4.1.3"))
_CLIENT = ("`client_id` must be the client that asked for the code", Section("RFC 6749", "4.1.3"))
_REFRESH = ("`refresh_token` must be one that was issued", Section("RFC 6749", "6"))
_ACCESS = ("the access token must be one that was issued", Section("RFC 6750", "2.1"))
_NONCE = ("`nonce` must be the one that was sent", Section("OIDC Core", "3.1.3.7"))
_AUDIENCE = ("`aud` must name the client", Section("OIDC Core", "3.1.3.7"))
_ISSUER = ("`iss` must be the `issuer` of the metadata", Section("RFC 9207", "2.4"))
_KEY = ("`kid` must name a key that is published", Section("RFC 7515", "4.1.4"))
_PUSHED = ("`request_uri` must be the one that was handed out", Section("RFC 9126", "4"))
_DEVICE = ("`device_code` must be the one that was handed out", Section("RFC 8628", "3.4"))
_PROVEN = ("`jwk` must be the key to which the token is bound", Section("RFC 9449", "4.3"))
_SENT_ONCE = {
    "code": Section("RFC 6749", "4.1.2"),
    "refresh_token": Section("RFC 9700", "4.14.2"),
    "jti": Section("RFC 7519", "4.1.7"),
    "state": Section("RFC 6749", "10.12"),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Whether a value is the one that it must be (None: nothing to compare it with), and whether it was sent before."""

    words: str
    section: Section
    fits: bool | None = None
    is_again: bool = False
    shown: str = ""
    """The value itself where it is no secret, with what it is compared with."""


Relations = Mapping[int, Mapping[str, Relation]]
"""By the exchange's id and the place in it."""


@dataclass(slots=True)
class _Seen:
    values: dict[str, set[str]] = field(default_factory=dict)
    sent: set[tuple[str, str]] = field(default_factory=set)

    def keep(self, name: str, value: object) -> None:
        if isinstance(value, str) and value:
            self.values.setdefault(name, set()).add(value)

    def fits(self, name: str, value: str) -> bool | None:
        known = self.values.get(name)
        return value in known if known else None

    def is_again(self, name: str, value: str) -> bool:
        again = (name, value) in self.sent
        self.sent.add((name, value))
        return again


def relations_of(recording: Recording) -> Relations:
    """The relations of every exchange."""
    seen = _Seen({"kid": _published_kids(recording)})
    found: dict[int, dict[str, Relation]] = {}
    for exchange in recording.exchanges:
        purpose = known_purpose(exchange)
        told = dict(_sent(exchange, purpose, seen))
        told |= dict(_tokens(exchange, purpose, seen))
        told |= dict(_returned(exchange, purpose, seen))
        if told:
            found[exchange.id] = told
    return found


def differences_of_relations(a: Mapping[str, Relation], b: Mapping[str, Relation]) -> Iterator[Difference]:
    """Places where a value is what it must be on one side alone, or was sent before on one side alone."""
    for place, one in a.items():
        other = b.get(place)
        if other is None:
            continue
        if one.fits is not None and other.fits is not None and one.fits != other.fits:
            said = f"{one.words}: so it is in {'A' if one.fits else 'B'}, in {'B' if one.fits else 'A'} it is another"
            yield Difference(place, Kind.RELATION, said, _fits(one), _fits(other), one.section, Weight.RELATION)
        if one.is_again != other.is_again:
            said = f"{one.words.partition(' ')[0]}: {'A' if one.is_again else 'B'} sends one that was sent before"
            yield Difference(place, Kind.RELATION, said, _again(one), _again(other), one.section, Weight.RELATION)


def why_alone(relations: Mapping[str, Relation]) -> str:
    """What a message that the other recording lacks does once more; empty when it does nothing so."""
    names = [place.rpartition(".")[2] for place, one in relations.items() if one.is_again]
    return f"it sends a `{names[0]}` that was sent before" if names else ""


def _fits(relation: Relation) -> str:
    return relation.shown or ("the same" if relation.fits else "another")


def _again(relation: Relation) -> str:
    return "sent before" if relation.is_again else "new"


def _sent(exchange: Exchange, purpose: str, seen: _Seen) -> Iterator[tuple[str, Relation]]:
    request = exchange.request
    query, posted = dict(query_of(request.url).pairs), dict(posted_fields(request))
    place, fields = ("form", posted) if posted and purpose != purposes.AUTHORIZATION else ("query", query or posted)
    match purpose:
        case purposes.AUTHORIZATION | purposes.PUSHED_AUTHORIZATION:
            for name in ("state", "nonce", "client_id", "redirect_uri"):
                seen.keep(name, fields.get(name))
            if purpose == purposes.AUTHORIZATION:
                yield from _related(f"request.{place}", "request_uri", fields, seen, _PUSHED)
        case purposes.CALLBACK:
            fields = fields or dict(fragment_of(request.url).pairs)
            yield from _related(f"request.{place}", "state", fields, seen, _STATE)
            yield from _related(f"request.{place}", "iss", fields, seen, _ISSUER, origin="issuer")
            yield from _once(f"request.{place}", "code", fields, seen, "callback")
            seen.keep("code", fields.get("code"))
        case purposes.TOKEN:
            yield from _redeemed(f"request.{place}", fields, seen, exchange)


def _redeemed(place: str, fields: dict[str, Any], seen: _Seen, exchange: Exchange) -> Iterator[tuple[str, Relation]]:
    if "code" in fields:
        yield from _related(place, "code", fields, seen, _CODE, again="token")
        yield from _related(place, "redirect_uri", fields, seen, _REDIRECT)
        asked = fields if "client_id" in fields else {"client_id": _basic_user(exchange)}
        where = place if "client_id" in fields else "request.headers"
        yield from _related(where, "client_id", asked, seen, _CLIENT)
    yield from _related(place, "refresh_token", fields, seen, _REFRESH, again="token")
    yield from _related(place, "device_code", fields, seen, _DEVICE)


def _related(
    place: str,
    name: str,
    fields: Mapping[str, Any],
    seen: _Seen,
    meaning: tuple[str, Section],
    *,
    origin: str = "",
    again: str = "",
) -> Iterator[tuple[str, Relation]]:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        return
    fits = seen.fits(origin or name, value)
    is_again = bool(again) and seen.is_again(f"{again} {name}", value)
    where = f"{place}.{name}" if place != "request.headers" else "request.headers.Authorization"
    yield where, Relation(*meaning, fits=fits, is_again=is_again)


def _once(place: str, name: str, fields: Mapping[str, Any], seen: _Seen, kind: str) -> Iterator[tuple[str, Relation]]:
    value = fields.get(name)
    if isinstance(value, str) and value:
        yield (
            f"{place}.{name}",
            Relation(f"`{name}` is good for one time", _SENT_ONCE[name], is_again=seen.is_again(f"{kind} {name}", value)),
        )


def _tokens(exchange: Exchange, purpose: str, seen: _Seen) -> Iterator[tuple[str, Relation]]:
    for held in tokens_of(exchange, purpose):
        claims = held.token.claims or {}
        if held.place == "request.headers.Authorization":
            value = held.token.compact
            yield held.place, Relation(*_ACCESS, fits=seen.fits("access_token", value))
        elif held.role in (Role.CLIENT_ASSERTION, Role.DPOP_PROOF):
            yield from _once(f"{held.place}.claims", "jti", claims, seen, held.role.value)
            if held.role is Role.DPOP_PROOF:
                yield from _proven_key(held, exchange)
        elif held.role is Role.ID_TOKEN and held.place.startswith("response"):
            yield from _related(f"{held.place}.claims", "nonce", claims, seen, _NONCE)
            yield from _related(f"{held.place}.claims", "iss", claims, seen, _ISSUER, origin="issuer")
            yield from _audience(held.place, claims, seen)
            yield from _key(held, seen)


def _proven_key(proof: HeldToken, exchange: Exchange) -> Iterator[tuple[str, Relation]]:
    """Whether the proof was made with the key to which the token is bound."""
    shown = take_apart((exchange.request.headers.get("authorization") or "").strip().partition(" ")[2])
    bound, key = (shown.claims or {}).get("cnf"), (proof.token.header or {}).get("jwk")
    if isinstance(bound, dict) and isinstance(bound.get("jkt"), str) and isinstance(key, dict):
        yield f"{proof.place}.header.jwk", Relation(*_PROVEN, fits=Jwk.from_dict(key).thumbprint() == bound["jkt"])


def _audience(place: str, claims: Mapping[str, Any], seen: _Seen) -> Iterator[tuple[str, Relation]]:
    aud = claims.get("aud")
    audiences = [one for one in (aud if isinstance(aud, list) else [aud]) if isinstance(one, str)]
    known = seen.values.get("client_id")
    if audiences and known:
        yield f"{place}.claims.aud", Relation(*_AUDIENCE, fits=any(one in known for one in audiences))


def _key(held: HeldToken, seen: _Seen) -> Iterator[tuple[str, Relation]]:
    """Whether the token's key is in a key set of the recording, be it fetched before or after."""
    kid, published = held.token.kid, sorted(seen.values.get("kid", ()))
    if kid and published:
        words = "published" if kid in published else f"published: {', '.join(published)[:200]}"
        yield f"{held.place}.header.kid", Relation(*_KEY, fits=kid in published, shown=f"{kid} ({words})")


def _published_kids(recording: Recording) -> set[str]:
    sets = (response_message(exchange) for exchange in recording.exchanges)
    keys = (key for one in sets if isinstance(one, KeySet) and isinstance(one.raw("keys"), list) for key in one.raw("keys"))
    return {key["kid"] for key in keys if isinstance(key, dict) and isinstance(key.get("kid"), str)}


def _returned(exchange: Exchange, purpose: str, seen: _Seen) -> Iterator[tuple[str, Relation]]:
    response = exchange.response
    if response is None:
        return
    location = response.headers.get("location") or ""
    params = dict((*query_of(location).pairs, *fragment_of(location).pairs))
    if "client_id" in params:
        for name in ("state", "nonce", "client_id", "redirect_uri"):
            seen.keep(name, params.get(name))
    elif purpose == purposes.AUTHORIZATION:
        yield from _related("response.headers.Location", "state", params, seen, _STATE)
        yield from _related("response.headers.Location", "iss", params, seen, _ISSUER, origin="issuer")
        seen.keep("code", params.get("code"))
    if purpose in (purposes.TOKEN, purposes.DEVICE_AUTHORIZATION, purposes.PUSHED_AUTHORIZATION, purposes.DISCOVERY):
        members = dict(read_answer(response).fields)
        for name in ("access_token", "refresh_token", "device_code", "request_uri", "issuer"):
            seen.keep(name, members.get(name))


def _basic_user(exchange: Exchange) -> str:
    scheme, _, written = (exchange.request.headers.get("authorization") or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return unquote_plus(base64.b64decode(written.strip(), validate=True).decode("utf-8").partition(":")[0])
    except (binascii.Error, ValueError):
        return ""
