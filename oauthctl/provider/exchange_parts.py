"""What was sent and answered, in parts that people read.

Here: taking an exchange apart whose secrets are gone already. Not here: taking them out (`record.redact`), the HTML (`home_requests`).
"""

from __future__ import annotations

import json
from base64 import b64decode

from oauthctl.http import Headers, Params, Request, Response
from oauthctl.provider.records import Part
from oauthctl.record.exchange import Exchange

_LONGEST = 1500
_SENT = (
    "authorization",
    "content-type",
    "accept",
    "dpop",
    "oauth-client-attestation",
    "oauth-client-attestation-pop",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "user-agent",
)
_OF_OUR_FORMS = ("step", "decision")
_ANSWERED = ("content-type", "location", "www-authenticate", "dpop-nonce", "retry-after", "allow", "access-control-allow-origin")


def parts_of(exchange: Exchange) -> tuple[Part, ...]:
    """The parts that say something, each value shortened. The exchange must be a redacted one: everything is taken as it stands."""
    request, response = exchange.request, exchange.response
    parts = [
        Part("Asked for", (("", f"{request.method} {request.url.partition('?')[0]}"),)),
        Part("In the query", request.query.pairs),
        *_body("In the body", request, request.headers),
        Part("In the headers", _headers(request.headers, _SENT)),
    ]
    if response is not None:
        said = (("status", f"{response.status} {response.reason}".strip()), *_headers(response.headers, _ANSWERED))
        parts += [Part("Answered", said), *_body("In the answer's body", response, response.headers)]
    return tuple(Part(one.title, tuple((name, _short(value)) for name, value in one.pairs)) for one in parts if one.pairs)


def _headers(headers: Headers, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(_readable(name, value) for name, value in headers if name.lower() in names)


def _readable(name: str, value: str) -> tuple[str, str]:
    """A header as it stands; of Basic credentials what they encode, for the eye sees nothing in base64. Source: RFC 7617 section 2."""
    scheme, _, credentials = value.partition(" ")
    if name.lower() != "authorization" or scheme.lower() != "basic":
        return name, value
    try:
        return f"{name} (base64 decoded)", f"{scheme} {b64decode(credentials.strip(), validate=True).decode()}"
    except ValueError:
        return name, value


def _body(title: str, message: Request | Response, headers: Headers) -> tuple[Part, ...]:
    """The body's members; of what has none the text, and of pages nothing."""
    kind = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    text = message.body.decode("utf-8", "replace")
    if not text or kind in ("text/html", "text/javascript"):
        return ()
    if kind == "application/x-www-form-urlencoded":
        form = Params.parse(text)
        # Into a page of ours people type; a name that nobody has may be a password in the wrong field.
        return (Part(title, tuple(pair for pair in form if pair[0] in _OF_OUR_FORMS or "csrf" not in form)),)
    return (Part(title, (_members(text) if kind.endswith("json") else None) or (("", text),)),)


def _members(text: str) -> tuple[tuple[str, str], ...] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return tuple((name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in document.items())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text) - _LONGEST} characters more)"
