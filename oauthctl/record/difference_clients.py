"""How a client proves itself in two requests: by which method, and with which secret.

Here: the method as one difference instead of one for each parameter and header of it, and secrets whose fingerprints can't be compared.
Not here: the method of one request (`protection`), secrets whose fingerprints can (`difference_headers`, `difference_fields`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_ground import Ground
from oauthctl.record.exchange import Exchange
from oauthctl.record.protection import client_authentication
from oauthctl.record.purposes import posted_fields
from oauthctl.record.transaction import known_purpose
from oauthctl.specs import Section

_AUTHENTICATED = (
    *(purposes.TOKEN, purposes.INTROSPECTION, purposes.REVOCATION, purposes.PUSHED_AUTHORIZATION),
    *(purposes.DEVICE_AUTHORIZATION, purposes.BACKCHANNEL_AUTHENTICATION),
)
_HEADER, _FORM = "request.headers.Authorization", "request.form.client_secret"
_OF_THE_METHOD = (_HEADER, _FORM, "request.form.client_id", "request.form.client_assertion", "request.form.client_assertion_type")
_SECTION = Section("RFC 6749", "2.3.1")
_SECRETS = {"client_secret_basic": _HEADER, "client_secret_post": _FORM}


def with_clients(
    found: Iterable[Difference], a: Exchange, b: Exchange, ground: Ground, *, facts: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> Iterator[Difference]:
    """The differences of two requests, those that another method of authentication makes as one."""
    methods = _method(a), _method(b)
    if all(methods) and methods[0] != methods[1] and not ground.tells_parameters:
        said = f"client authentication: `{methods[0]}` in A, `{methods[1]}` in B"
        yield Difference(_HEADER, Kind.FORM, said, *methods, Section("OIDC Core", "9"), Weight.REQUEST)
        yield from (one for one in found if one.place not in _OF_THE_METHOD or one.kind not in (Kind.MISSING, Kind.EXTRA, Kind.FORM))
        return
    yield from found
    place = _SECRETS.get(methods[0])
    if place is not None and not ground.has_common_salt:
        yield from _secret(place, (a, b), facts)


def _secret(place: str, sides: tuple[Exchange, Exchange], facts: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Iterator[Difference]:
    """What can be told of two secrets each of which has a fingerprint of its own."""
    if _needs_encoding(facts[0]) != _needs_encoding(facts[1]):
        # The differences of another id are told of the id.
        return
    refused = tuple(one.response is not None and one.response.status in (400, 401) for one in sides)
    if refused[0] == refused[1]:
        return
    taken, other = ("B", "A") if refused[0] else ("A", "B")
    said = (
        f"the client's secret is taken in {taken} and refused in {other}; whether it is the same can't be told: fingerprints of recordings"
        " that were made or redacted apart can't be compared"
    )
    shown = ["refused" if one else "taken" for one in refused]
    yield Difference(place, Kind.VALUE, said, shown[0], shown[1], _SECTION, Weight.CREDENTIALS)


def _needs_encoding(facts: Mapping[str, Any]) -> object:
    basic = facts.get("basic")
    return basic.get("needs_encoding") if isinstance(basic, Mapping) else None


def _method(exchange: Exchange) -> str:
    """The method by its registered name; empty where none can be read off the request."""
    purpose = known_purpose(exchange)
    if purpose not in _AUTHENTICATED or not exchange.request.url or exchange.certificate:
        return ""
    method = client_authentication(exchange).partition(" ")[0]
    # Another scheme, a client without an id: nothing is known of how it means to prove itself.
    is_named = any(name == "client_id" for name, _ in posted_fields(exchange.request))
    return method if method != "none" or (is_named and "authorization" not in exchange.request.headers) else ""
