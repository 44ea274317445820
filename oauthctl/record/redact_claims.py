"""A redacted recording without what its claims tell of people: words for their types stand there, the same for the same value.

Here: claims of JWTs, userinfo and introspection, and the same values wherever else they stand. Not here: secrets (`redact`), which are gone
before. What the protocol goes by stays: issuers, audiences, times, algorithms, keys, scopes. Source: RFC 7519 section 12.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from oauthctl.http import Headers, Request, split_url
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.purposes import posted_fields, query_of
from oauthctl.record.sweep import SHORTEST_SWEPT, Sweep
from oauthctl.record.transaction import known_purpose

PROTOCOL_CLAIMS = frozenset(
    ("iss", "aud", "exp", "iat", "nbf", "alg", "kid", "typ", "azp", "nonce", "acr", "amr", "scope", "scp", "auth_time", "jti", "client_id")
) | {
    # Hashes, key confirmation and what a message says of itself.
    *("at_hash", "c_hash", "s_hash", "cnf", "htm", "htu", "ath", "events", "active", "token_type", "sid"),
    *("response_type", "redirect_uri", "state", "code_challenge", "code_challenge_method", "error", "error_description"),
    # The client's name as Okta, Microsoft and Keycloak call it.
    *("cid", "appid", "clientId"),
}
"""The claims that tell of the protocol, and not of a person."""

# Whoever is named by one of these is a client where a `sub` says the same: it speaks of itself. Source: RFC 7523 section 3.
_CLIENT_CLAIMS = ("client_id", "azp", "cid", "appid", "clientId", "iss")
# Auth0 says so of the client whose own token it is.
_OF_CLIENTS = "@clients"
# Who acts for somebody is told by claims of their own. Source: RFC 8693 sections 4.1 and 4.4.
_ACTORS = ("act", "may_act")
# What somebody may do is told in words of the application, be the claim's name a URI. Source: RFC 9068 section 2.2.3.1.
_ROLES = re.compile(r"(?:.*[/:])?(?:roles?|groups|entitlements|permissions|authorities)|(?:realm|resource)_access")
_OF_A_PERSON = re.compile(r"[@=\s]")

_FIELDS = frozenset(("username", "login_hint", "logout_hint", "email"))
# They are replaced where they stand, too: a name is often too short to be looked for in any text.
_FIELD = re.compile(
    r"(?P<before>(?:^|[?&#])(?:{0})=)(?P<value>[^&#\s\"'<>]+)|(?P<inner>%(?:3F|26)(?:{0})%3D)(?P<escaped>(?:(?!%26|%23)[^&#\s\"'<>])+)".format(
        "|".join(sorted(_FIELDS))
    ),
    re.IGNORECASE,
)
_KEPT_FIELDS = frozenset(
    ("client_id", "scope", "resource", "audience", "redirect_uri", "response_type", "response_mode", "grant_type", "prompt", "acr_values")
) | {"token_type_hint", "ui_locales", "code_challenge_method", "state", "nonce"}
_DOCUMENTS = (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS)
_CLAIM_ANSWERS = (purposes.USERINFO, purposes.INTROSPECTION)
# A token begins where a word does, or after a percent-encoded character.
_JWT = re.compile(r"(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))(ey[A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.")
_WORD = re.compile(r"redacted-[a-z_]+-[0-9a-f]{7,8}|redacted")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+")


def without_claims(recording: Recording, *, salt: bytes) -> Recording:
    """The recording in which personal values are words such as `redacted-email-1a2b3c4d`; numbers are 0, true and false stay.

    `salt` must be fresh randomness that is kept nowhere.
    """
    words = _Words(salt)
    for exchange in recording.exchanges:
        words.meet(exchange)
    rewritten = tuple(_exchange(exchange, words.in_tokens, words.in_answer) for exchange in recording.exchanges)
    kept = {value for exchange in recording.exchanges for value in _kept(exchange)} | words.kept
    for exchange in rewritten:
        for name, value in (*query_of(exchange.request.url), *posted_fields(exchange.request)):
            if name in _FIELDS and isinstance(value, str) and not _WORD.fullmatch(value):
                words.of(value)
    rewritten = tuple(_exchange(exchange, words.in_fields, lambda text, _: words.in_fields(text)) for exchange in rewritten)
    sweep = Sweep(tuple((value, "claim", word) for value, word in words.known.items() if value not in kept))

    def in_body(text: str, _exchange: Exchange) -> str:
        return sweep.text(text)

    swept = tuple(_exchange(exchange, sweep.text, in_body) for exchange in rewritten)
    short = {value: word for value, word in words.known.items() if len(value) < SHORTEST_SWEPT and value not in kept}
    if short:
        swept = tuple(_without_short(exchange, short) for exchange in swept)
    return replace(recording, exchanges=swept, command=sweep.text(recording.command), error=sweep.text(recording.error))


def _without_short(exchange: Exchange, words: Mapping[str, str]) -> Exchange:
    """Values that are too short to be looked for in any text, where they are a JSON value in whole.

    In the documents that tell of servers and keys such a value is the protocol's: `en` is a language there, `sig` a use.
    """
    if known_purpose(exchange) in _DOCUMENTS:
        return exchange

    def in_json(text: str) -> str:
        if text.lstrip()[:1] not in ("{", "["):
            return text
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return text
        new = _with_words(found, words)
        return text if new == found else json.dumps(new, ensure_ascii=False)

    request, response = exchange.request, exchange.response
    if response is not None:
        response = replace(response, body=_on_text(response.body, in_json))
    return replace(exchange, request=replace(request, body=_on_text(request.body, in_json)), response=response)


def _with_words(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return {name: inner if name in PROTOCOL_CLAIMS else _with_words(inner, words) for name, inner in value.items()}
    return [_with_words(inner, words) for inner in value] if isinstance(value, list) else value


class _Words:
    """The word for each value, and the values that have to stay."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self.known: dict[str, str] = {}
        self.kept: set[str] = set()
        self._clients: set[str] = set()

    def meet(self, exchange: Exchange) -> None:
        """Learn which clients an exchange tells of; all are to be met before the first claim is rewritten."""

        def learnt(text: str) -> str:
            for match in _JWT.finditer(text):
                self._clients |= _clients_of(_object(_decoded(match[2])) or {})
            return text

        self._clients |= {*_clients_asking(exchange)}
        _exchange(exchange, learnt, lambda text, _: learnt(text))

    def of(self, value: str) -> str:
        """The word in a text's place."""
        if not value or _WORD.fullmatch(value):
            return value
        kind = "email" if "@" in value else "url" if _URL.fullmatch(value) else "string"
        digest = hmac.digest(self._salt, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:8]
        return self.known.setdefault(value, f"redacted-{kind}-{digest}")

    def in_tokens(self, text: str) -> str:
        """The text with the claims of its JWTs rewritten."""
        return _JWT.sub(self._token, text)

    def in_fields(self, text: str) -> str:
        """The text with the names of people gone from its query, form or members."""
        if text.lstrip()[:1] == "{" and (members := _object(text)) is not None:
            new = {name: self.of(value) if name in _FIELDS and isinstance(value, str) else value for name, value in members.items()}
            return text if new == members else json.dumps(new, ensure_ascii=False)
        return _FIELD.sub(self._field, text)

    def _field(self, match: re.Match[str]) -> str:
        if match["before"]:
            return match["before"] + self.of(unquote_plus(match["value"]))
        return match["inner"] + self.of(unquote_plus(unquote_plus(match["escaped"])))

    def in_answer(self, text: str, exchange: Exchange) -> str:
        """A body: of userinfo and introspection all members, of others those of its JWTs."""
        if known_purpose(exchange) in _CLAIM_ANSWERS and (members := _object(text)) is not None:
            return json.dumps(self._claims(members), ensure_ascii=False)
        return self.in_tokens(text)

    def _token(self, match: re.Match[str]) -> str:
        if _object(_decoded(match[1])) is None or (claims := _object(_decoded(match[2]))) is None:
            return match[0]
        written = json.dumps(self._claims(claims), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
        return f"{match[1]}.{base64.urlsafe_b64encode(written).decode('ascii').rstrip('=')}."

    def _claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        self._clients |= _clients_of(claims)
        return {name: self._claim(name, value) for name, value in claims.items()}

    def _claim(self, name: str, value: Any) -> Any:
        if name in PROTOCOL_CLAIMS or (name == "sub" and isinstance(value, str) and value.removesuffix(_OF_CLIENTS) in self._clients):
            self.kept.update(_texts(value))
            return value
        if name in _ACTORS and isinstance(value, dict):
            return self._claims(value)
        return self._value(value, is_role=_ROLES.fullmatch(name) is not None)

    def _value(self, value: Any, *, is_role: bool = False) -> Any:
        if isinstance(value, str):
            return value if is_role and not _OF_A_PERSON.search(value) else self.of(value)
        if isinstance(value, dict):
            return {name: self._value(inner, is_role=is_role) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, is_role=is_role) for inner in value]
        return value if isinstance(value, bool) or value is None else 0


def _exchange(exchange: Exchange, in_text: Callable[[str], str], in_answer: Callable[[str, Exchange], str]) -> Exchange:
    request, response = exchange.request, exchange.response

    def headers(old: Headers) -> Headers:
        return Headers(tuple((name, in_text(value)) for name, value in old))

    asked = Request(request.method, in_text(request.url), headers(request.headers), _on_text(request.body, in_text))
    if response is not None:
        body = _on_text(response.body, lambda text: in_answer(text, exchange))
        response = replace(response, headers=headers(response.headers), body=body, reason=in_text(response.reason))
    return replace(exchange, request=asked, response=response, failure=in_text(exchange.failure))


def _on_text(body: bytes, change: Callable[[str], str]) -> bytes:
    return change(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _kept(exchange: Exchange) -> Iterator[str]:
    """Values that the protocol goes by in requests: a client's own token has the client's name for a subject."""
    request = exchange.request
    for name, value in (*query_of(request.url), *posted_fields(request)):
        if isinstance(value, str) and name in _KEPT_FIELDS:
            yield value
            yield from value.split(" ")
    parts = split_url(request.url)
    yield from (parts.netloc, *parts.netloc.replace(":", ".").split("."))
    if exchange.purpose and exchange.purpose != purposes.API:
        yield from parts.path.split("/")
    yield _basic_user(request)


def _clients_asking(exchange: Exchange) -> Iterator[str]:
    """The client that a request names or that authenticates by Basic; at an API that may be a person."""
    fields = (*query_of(exchange.request.url), *posted_fields(exchange.request))
    yield from (value for name, value in fields if name == "client_id" and isinstance(value, str))
    if fields and exchange.purpose != purposes.API:
        yield _basic_user(exchange.request)


def _clients_of(claims: Mapping[str, Any]) -> set[str]:
    return {claims[name] for name in _CLIENT_CLAIMS if isinstance(claims.get(name), str)}


def _basic_user(request: Request) -> str:
    scheme, _, credentials = (request.headers.get("authorization") or "").partition(" ")
    return unquote_plus(_decoded(credentials.strip()).partition(":")[0]) if scheme.lower() == "basic" else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.split(" ")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _decoded(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
