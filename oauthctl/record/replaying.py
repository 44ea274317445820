"""Which requests of a recording can be sent again, and what they need for it.

Here: judging an exchange, taking old secrets out of a request and fresh ones in. Not here: sending, where fresh secrets come from,
comparing the answers (`difference_answers`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote_plus, urlsplit

from oauthctl.http import Headers, Request, is_loopback, is_safe_for_secrets
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.purposes import posted_fields, query_of, split_path
from oauthctl.record.secret_names import in_words, says_nothing
from oauthctl.record.secret_places import rewrite_body, rewrite_header, rewrite_url
from oauthctl.record.transaction import describe

_REDACTED = re.compile(r"redacted-(?P<kind>[a-z_]+)-[0-9a-f]{7,8}|.+\.redacted-sig-[0-9a-f]{7,8}|\*{3,}|<[^<>]*>", re.DOTALL)
_READING = (purposes.DISCOVERY, purposes.RESOURCE_METADATA, purposes.JWKS, purposes.USERINFO, purposes.INTROSPECTION)
_ONE_SIGN_IN = {
    purposes.PUSHED_AUTHORIZATION: "a pushed authorization request is for one sign-in, and no browser would take its `request_uri`",
    purposes.BACKCHANNEL_AUTHENTICATION: "a backchannel authentication request begins a sign-in, and its person would be asked again",
    purposes.DEVICE_AUTHORIZATION: "a device authorization request begins a sign-in, and nobody would type its `user_code`",
}
# What frameworks take for the method: Rails, Laravel, Express, Django REST, Google's and Microsoft's APIs.
_OVERRIDES = ("x-http-method-override", "x-method-override", "x-http-method")
# Source: RFC 9110 section 5.6.2.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NO_FIELD = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SAFE_METHODS = ("GET", "HEAD")
# What stands for one sign-in or one request, wherever it is sent.
_WORK_ONCE = (
    *("code", "device_code", "user_code", "auth_req_id", "assertion", "client_assertion", "ticket", "samlresponse"),
    *("logout_token", "otp", "login_verifier", "consent_verifier"),
)
_REPEATABLE_GRANTS = ("refresh_token", "client_credentials")
_OF_CONNECTION = frozenset(
    ("host", "content-length", "connection", "transfer-encoding", "accept-encoding", "keep-alive", "te", "upgrade", "cookie")
)


class Need(StrEnum):
    """A secret that has to be fresh; the value is what a dry run calls it."""

    CLIENT_SECRET = "client_secret"
    ACCESS_TOKEN = "access_token"
    REFRESH_TOKEN = "refresh_token"


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be sent where: hosts besides this machine that were named, and whether calls that change something may be.

    `spent` are the secrets that the recording shows used up (`used_up`): in their place goes a fresh one.
    """

    hosts: frozenset[str] = frozenset()
    unsafe: bool = False
    spent: frozenset[str] = frozenset()


@dataclass(slots=True)
class Refill:
    """Puts fresh secrets into a request.

    `issued` has new tokens in the place of old ones that earlier requests brought; `spent` are secrets that can be read and are used up.
    """

    fresh: Mapping[Need, str]
    issued: Mapping[str, str] = field(default_factory=dict)
    spent: frozenset[str] = frozenset()
    unknown: list[str] = field(default_factory=list)
    needs: set[Need] = field(default_factory=set)
    has_secrets: bool = False

    def request(self, old: Request) -> Request:
        """The request as it is sent again, without what belongs to its old connection, and without cookies."""
        kept = tuple((name, value) for name, value in old.headers if name.lower() not in _OF_CONNECTION and not name.startswith(":"))
        headers = Headers(tuple((name, self._header(name, value)) for name, value in kept))
        kind = old.headers.get("content-type") or ""
        body = rewrite_body(old.body.decode("utf-8", "surrogateescape"), kind, self._fresh) if old.body else ""
        return Request(old.method, rewrite_url(old.url.partition("#")[0], self._fresh), headers, body.encode("utf-8", "surrogateescape"))

    def _header(self, name: str, value: str) -> str:
        scheme, _, rest = value.strip().partition(" ")
        if name.lower() == "authorization" and scheme.lower() == "basic" and (pair := _pair(rest)) is not None:
            user, secret = pair
            new = self._fresh("client_secret", secret)
            # RFC 6749 section 2.3.1 wants both form-encoded; what was sent with the secret at hand is sent as it was.
            return value if new == secret else basic_credentials(unquote_plus(user), new)
        return rewrite_header(name, value, self._fresh)

    def _fresh(self, kind: str, secret: str) -> str:
        self.has_secrets = True
        if secret in self.issued:
            return self.issued[secret]
        marked = _REDACTED.fullmatch(secret)
        if marked is None and secret not in self.spent:
            return secret
        need = _need((marked and marked["kind"]) or "", in_words(kind)) if marked else Need.REFRESH_TOKEN
        if need is None:
            self.unknown.append(kind)
            return secret
        self.needs.add(need)
        return self.fresh.get(need, secret)


def _need(marked: str, kind: str) -> Need | None:
    """What a fingerprint stands for; `token` of an introspection says it of itself alone."""
    for need in (*(one for one in Need if one.value == kind), *(one for one in Need if one.value == marked)):
        return need
    return Need.ACCESS_TOKEN if kind == "token" and not marked else None


def why_not(exchange: Exchange, rules: Rules) -> str:
    """Why an exchange can't be sent again; empty when it can."""
    if reason := _by_channel(exchange) or _by_form(exchange.request) or _by_purpose(exchange, rules) or _by_proof(exchange):
        return reason
    host = host_of(exchange.request.url)
    if not is_loopback(exchange.request.url) and host not in rules.hosts:
        return f"`{host}` was not named: `--host {host}`"
    refill = Refill({}, spent=rules.spent)
    refill.request(exchange.request)
    if refill.unknown:
        return f"its `{refill.unknown[0]}` was taken out of the recording, and there is no fresh one"
    if refill.has_secrets and not is_safe_for_secrets(exchange.request.url):
        return "secrets don't go over plain http to another machine"
    return ""


def needs_of(exchange: Exchange, issued: Mapping[str, str] | None = None, *, spent: frozenset[str] = frozenset()) -> frozenset[Need]:
    """The secrets that it must be given."""
    refill = Refill({}, issued or {}, spent)
    refill.request(exchange.request)
    return frozenset(refill.needs)


def host_of(url: str) -> str:
    """The host, in lower case; empty for a URL that has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _by_channel(exchange: Exchange) -> str:
    if not exchange.request.url:
        return "only its answer was seen"
    if exchange.purpose == purposes.NOTIFICATION:
        return "it is the provider that sends it"
    if exchange.channel is not Channel.WIRE or exchange.purpose in (purposes.AUTHORIZATION, purposes.CALLBACK, purposes.LOGOUT):
        return "it goes through the browser"
    return "" if exchange.request.url.lower().startswith(("http://", "https://")) else "its URL is none of HTTP's"


def _by_form(request: Request) -> str:
    """What no HTTP client would send, or not all of them to the same place."""
    try:
        parts = urlsplit(request.url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or any(character <= " " or character in "\\\x7f" for character in request.url):
        return "its URL is none: it has no host, or a character that no URL has"
    if not _TOKEN.fullmatch(request.method):
        return "its method is none of HTTP's"
    bad = next((name for name, value in request.headers if not _is_header(name.removeprefix(":"), value)), "")
    return f"its header `{bad[:40]}` holds a character that no header has" if bad else ""


def _is_header(name: str, value: str) -> bool:
    return _TOKEN.fullmatch(name) is not None and _NO_FIELD.search(value) is None


def _by_purpose(exchange: Exchange, rules: Rules) -> str:
    request = exchange.request
    if (override := _overridden(request)) and not rules.unsafe:
        return f"`{override}` makes another method of `{request.method}`, which may change something: `--unsafe`"
    if exchange.purpose == purposes.TOKEN:
        grant = str(dict(posted_fields(request)).get("grant_type") or "authorization_code")
        if grant in _REPEATABLE_GRANTS:
            return ""
        short = grant.rpartition(":")[2]
        return "a code works once" if "code" in short else f"what the grant `{short}` presents is a person's or works once"
    if exchange.purpose in _READING:
        return ""
    if exchange.purpose == purposes.API:
        if request.method in _SAFE_METHODS or rules.unsafe:
            return ""
        return f"`{request.method} {split_path(request.url)}` may change something: `--unsafe`"
    if exchange.purpose in _ONE_SIGN_IN:
        return _ONE_SIGN_IN[exchange.purpose]
    if not exchange.purpose:
        return "it is no request of OAuth"
    return f"it changes something at the server ({describe(exchange)})"


def _overridden(request: Request) -> str:
    """What tells the server to take the request for one of another method: `X-HTTP-Method-Override: DELETE`, `_method=DELETE`."""
    named = [(value, f"{name}: {value}") for name, value in request.headers if name.lower() in _OVERRIDES]
    in_query = [(name, value) for name, value in query_of(request.url).pairs if name.lower() == "_method"]
    in_form = [(name, value) for name, value in request.form.pairs if name.lower() == "_method"] if request.body else []
    named += [(value, f"{name}={value}") for name, value in (*in_query, *in_form)]
    return next((said[:80] for value, said in named if value.strip().upper() not in (*_SAFE_METHODS, request.method)), "")


def _by_proof(exchange: Exchange) -> str:
    names = {name for name, _ in posted_fields(exchange.request)}
    if "dpop" in exchange.request.headers:
        return "its DPoP proof is good for one request, and the key for another one is not in the recording"
    if "client_assertion" in names:
        return "its client assertion is good for one request, and the key for another one is not in the recording"
    once = next((name for name, value in _sent(exchange) if in_words(name) in _WORK_ONCE and value and not says_nothing(name, value)), "")
    return f"its `{once}` works once" if once else ""


def _sent(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    posted = tuple((name, value) for name, value in posted_fields(exchange.request) if isinstance(value, str))
    return (*query_of(exchange.request.url).pairs, *posted)


def _pair(encoded: str) -> tuple[str, str] | None:
    try:
        user, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, secret) if colon and secret else None
