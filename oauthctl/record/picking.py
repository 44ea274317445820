"""Which entries of a capture OAuth is about, told by cheap looks at URLs, forms and headers.

Here: the raw entries, before anything is decoded; a second look finds what matters because of where it went. Not here: putting what was
picked in order (`capture`), how each tool writes an entry (`har_quirks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from oauthctl.record.har_quirks import FORM_LIMIT, status_of, url_of
from oauthctl.record.json_values import object_of, text_of
from oauthctl.record.purposes import is_endpoint_path, query_of

_URL_LIMIT = 64 * 1024
_CALLS_LIMIT = 20
_SAME_FAILURES_LIMIT = 10
_ON_THE_WAY_LIMIT = 60
# What the parameters of the protocol are called; `[?&#]` keeps `barcode=` apart from `code=`.
_ASKS = re.compile(r"[?&]client_id=")
_ASKS_WHAT = re.compile(r"[?&](?:response_type|request_uri|request)=")
_RETURNS = re.compile(r"[?&#](?:code|error|id_token|access_token|response)=")
_RETURNS_TO = re.compile(r"[?&#]state=")
# The whole answer as a JWT in one parameter. Source: JARM section 2.3.
_RETURNS_JWT = re.compile(r"[?&#]response=ey[\w-]+\.[\w-]*\.")
_LOGS_OUT = re.compile(r"[?&](?:id_token_hint|post_logout_redirect_uri)=")
_POSTED = re.compile(
    r"grant_type|response_type|redirect_uris|client_name|client_assertion|user_code|device_code|(?:^|[&\"])(?:token|code|state|id_token|logout_token"
    r"|client_id)[=\"]|(?:^|[&\"])response(?:=|\"\s?:\s?\")ey"
)
_ASSET = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|css|woff2?|ttf|mp4|m3u8|map)$", re.IGNORECASE)
_ASSET_KINDS = frozenset(("image", "font", "stylesheet", "media", "manifest", "ping", "texttrack", "websocket"))


@dataclass(slots=True)
class Picked:
    """What the first look found: entries by their place, origins of endpoints and calls, redirect URIs."""

    places: dict[int, str] = field(default_factory=dict)
    endpoint_origins: set[str] = field(default_factory=set)
    application_origins: set[str] = field(default_factory=set)
    redirect_uris: set[str] = field(default_factory=set)
    calls_left_out: int = 0
    has_secrets_in_headers: bool = False


def pick(entries: list[dict[str, Any]]) -> Picked:
    """The entries that matter."""
    picked = _first_look(entries)
    _second_look(entries, picked)
    return picked


def _first_look(entries: list[dict[str, Any]]) -> Picked:
    """What is of the protocol by its own URL, form or headers."""
    picked = Picked()
    calls: dict[tuple[str, str, str], bool] = {}
    calls_at: dict[str, int] = {}
    failures: dict[tuple[str, str, str], int] = {}
    for place, entry in enumerate(entries):
        url = url_of(entry)
        if len(url) > _URL_LIMIT or not url.startswith(("http", "/")) or entry.get("_resourceType") == "websocket":
            continue
        request, response = object_of(entry.get("request")), object_of(entry.get("response"))
        status = status_of(entry)
        authorization, has_cookie = _credentials(request.get("headers"))
        picked.has_secrets_in_headers = picked.has_secrets_in_headers or bool(authorization) or has_cookie
        reason = _reason(url, entry, status)
        if reason:
            picked.places[place] = reason
            _learn(picked, url, reason, response)
        elif authorization in ("bearer", "dpop") or (status in (401, 403) and _challenges(response.get("headers"))):
            key = (text_of(request.get("method")), _origin(url), url.partition("?")[0])
            failed, seen_failing = status <= 0 or status >= 400, calls.get(key)
            calls_at[key[1]] = calls_at.get(key[1], 0) + (0 if failed else 1)
            failures[key] = failures.get(key, 0) + failed
            # Of calls that are answered well, the first few show the token; later ones matter where they make good for a failure.
            if (failures[key] <= _SAME_FAILURES_LIMIT if failed else seen_failing) or calls_at[key[1]] <= _CALLS_LIMIT:
                picked.places[place] = "call"
                picked.endpoint_origins.add(key[1])
            else:
                picked.calls_left_out += 1
            calls[key] = failed
    return picked


def _reason(url: str, entry: dict[str, Any], status: int) -> str:
    """Why an entry is of the protocol, a word; empty when nothing says so."""
    if "/.well-known/" in url and ("/oauth-" in url or "/openid-" in url or "jwks" in url):
        return "document"
    if _ASKS.search(url) and _ASKS_WHAT.search(url):
        return "asks"
    if _is_answer(url):
        return "returns"
    if _LOGS_OUT.search(url):
        return "endpoint"
    request = object_of(entry.get("request"))
    if text_of(request.get("method")).upper() in ("POST", "PUT") and _posts(request.get("postData")):
        return "endpoint"
    if 300 <= status < 400:
        target = _location(entry)
        if (_ASKS.search(target) and _ASKS_WHAT.search(target)) or _is_answer(target):
            return "leads"
    path = url.partition("?")[0].partition("#")[0]
    if path[-24:].lower().rstrip("/").endswith(_ENDINGS) and is_endpoint_path(path[-200:]):
        return "endpoint" if text_of(request.get("method")).upper() != "OPTIONS" else ""
    return "document" if status == 200 and _has_keys(entry) else ""


def _is_answer(url: str) -> bool:
    return _RETURNS.search(url) is not None and (_RETURNS_TO.search(url) is not None or _RETURNS_JWT.search(url) is not None)


_ENDINGS = (
    "token",
    "userinfo",
    "introspect",
    "introspection",
    "revoke",
    "revocation",
    "/par",
    "register",
    "authorization",
    "jwks",
    "json",
    "certs",
    "keys",
)


def _posts(post: object) -> bool:
    if isinstance(post, str):
        return len(post) <= FORM_LIMIT and _POSTED.search(post) is not None
    if not isinstance(post, dict):
        return False
    text = post.get("text")
    if isinstance(text, str) and text:
        # A form encoded in base64 is looked at when it is read.
        if (post.get("encoding") or post.get("_encoding")) == "base64":
            return len(text) <= 4096
        return len(text) <= FORM_LIMIT and _POSTED.search(text) is not None
    params = post.get("params")
    names = (
        {one.get("name") for one in params[:100] if isinstance(one, dict) and isinstance(one.get("name"), str)}
        if isinstance(params, list)
        else set()
    )
    return bool(
        names & {"grant_type", "response_type", "client_id", "code", "token", "id_token", "state", "user_code", "device_code", "response"}
    )


def _has_keys(entry: dict[str, Any]) -> bool:
    content = object_of(object_of(entry.get("response")).get("content"))
    text = content.get("text")
    return isinstance(text, str) and text[:1] == "{" and '"keys"' in text[:4096] and '"kty"' in text[:65536]


def _learn(picked: Picked, url: str, reason: str, response: dict[str, Any]) -> None:
    """The redirect URIs and the origins that this entry tells of."""
    if reason == "asks":
        _learn_target(picked, url)
    elif reason == "returns":
        picked.application_origins.add(_origin(url))
    elif reason == "leads":
        picked.application_origins.add(_origin(url))
        _learn_target(picked, _location({"response": response}))
    if reason in ("asks", "endpoint", "document"):
        picked.endpoint_origins.add(_origin(url))


def _learn_target(picked: Picked, url: str) -> None:
    redirect_uri = query_of(url[:_URL_LIMIT]).get("redirect_uri") or ""
    if redirect_uri:
        picked.redirect_uris.add(redirect_uri)
        picked.application_origins.add(_origin(redirect_uri))
    if _ASKS.search(url):
        picked.endpoint_origins.add(_origin(url))


def _second_look(entries: list[dict[str, Any]], picked: Picked) -> None:
    """What matters because of where it went: redirect URIs, failures and preflights at the endpoints, pages that set cookies on the way."""
    if not picked.places:
        return
    counts: dict[tuple[str, str], int] = {}
    for place, entry in enumerate(entries):
        if place in picked.places:
            continue
        url = url_of(entry)
        if len(url) > _URL_LIMIT:
            continue
        where = _origin(url)
        is_endpoint, is_application = where in picked.endpoint_origins, where in picked.application_origins
        if not (is_endpoint or is_application):
            continue
        reason = _reason_of_place(entry, url, is_endpoint=is_endpoint, picked=picked)
        if reason:
            counts[where, reason] = counts.get((where, reason), 0) + 1
            if counts[where, reason] <= _ON_THE_WAY_LIMIT:
                picked.places[place] = reason


def _reason_of_place(entry: dict[str, Any], url: str, *, is_endpoint: bool, picked: Picked) -> str:
    if url.partition("?")[0].partition("#")[0] in picked.redirect_uris:
        return "target"
    status = status_of(entry)
    request = object_of(entry.get("request"))
    if is_endpoint and text_of(request.get("method")).upper() == "OPTIONS":
        return "preflight"
    path = url.partition("?")[0].partition("#")[0]
    if entry.get("_resourceType") in _ASSET_KINDS or _ASSET.search(path[-10:]):
        return ""
    if is_endpoint and (status <= 0 or status >= 400):
        return "failure"
    is_page = 300 <= status < 400 or entry.get("_resourceType") == "document" or "html" in _kind(entry)
    return "page" if is_page and _sets_cookie(entry) else ""


def _credentials(headers: object) -> tuple[str, bool]:
    """The scheme of `Authorization`, lower case, and whether there is a cookie."""
    scheme, has_cookie = "", False
    for name, value in _pairs(headers):
        length = len(name)
        if length == 13 and name.lower() == "authorization":
            scheme = value.strip().partition(" ")[0].lower()
        elif length == 6 and name.lower() == "cookie":
            has_cookie = True
    return scheme, has_cookie


def _challenges(headers: object) -> bool:
    return any(name.lower() == "www-authenticate" and ("earer" in value or "DPoP" in value) for name, value in _pairs(headers))


def _sets_cookie(entry: dict[str, Any]) -> bool:
    return any(name.lower() == "set-cookie" for name, _ in _pairs(object_of(entry.get("response")).get("headers")))


def _location(entry: dict[str, Any]) -> str:
    response = object_of(entry.get("response"))
    found = next((value for name, value in _pairs(response.get("headers")) if name.lower() == "location"), "")
    return (found or text_of(response.get("redirectURL")))[:_URL_LIMIT]


def _kind(entry: dict[str, Any]) -> str:
    return text_of(object_of(object_of(entry.get("response")).get("content")).get("mimeType"))


def _pairs(headers: object) -> Iterator[tuple[str, str]]:
    if isinstance(headers, list):
        for one in headers:
            if isinstance(one, dict):
                name, value = one.get("name"), one.get("value")
                if isinstance(name, str) and isinstance(value, str):
                    yield name, value
    elif isinstance(headers, dict):
        for name, value in headers.items():
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


def _origin(url: str) -> str:
    """Scheme, host and port by their place in the text: enough to compare entries of one capture."""
    end = min((at for at in (url.find(mark, 8) for mark in "/?#") if at > 0), default=len(url))
    return url[:end].lower()
