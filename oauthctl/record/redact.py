"""Redaction: a recording without its secrets, in which the same secret is still the same.

Here: fingerprints in place of secrets, wherever they stand. Not here: where to look first (`secret_places`), finding a secret again at
places that nobody knows (`sweep`), facts that need the secrets (`facts`). JWTs keep header and payload and lose their signature, so that
they can still be decoded.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, unquote_plus

from oauthctl.http import Headers, Request
from oauthctl.record.cookie_names import rewrite_cookie_names
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.loose_secrets import rewrite_marked, rewrite_random_words, rewrite_said
from oauthctl.record.prose import rewrite_prose
from oauthctl.record.public_values import PublicValues
from oauthctl.record.secret_assignments import Substitute, rewrite_bare_values
from oauthctl.record.secret_places import rewrite_body, rewrite_header, rewrite_json, rewrite_url
from oauthctl.record.secret_texts import coding_of
from oauthctl.record.sweep import BEGIN, Sweep
from oauthctl.record.url_secrets import without_passwords

FINGERPRINT = re.compile(r"redacted-[a-z_]+-[0-9a-f]{7,8}")
"""What stands in a secret's place."""
_SAID = re.compile(r"(?P<before>[?&#](?:error\w{0,40}|message|detail|reason)=)(?P<value>[^&#\s\"'<>]+)")
_JWT = re.compile(BEGIN + r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+)?)?")
# Standing by itself, also one whose signature is no base64url: its header and claims tell what is wrong with it.
_WHOLE_JWT = re.compile(r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[^.\s]+")
# Its header is JSON, yet no object or an empty one (`e30`): what is wrong with it, as its claims tell what else is.
_ODD_JWT = re.compile(r"[A-Za-z0-9_-]{2,24}\.ey[A-Za-z0-9_-]+\.[^.\s]*")
_LONGEST_ODD = 24


@dataclass(slots=True)
class Fingerprints:
    """What stands in the place of each secret of one recording. `salt` must be random and is to be thrown away."""

    salt: bytes = field(repr=False)
    _kinds: dict[str, str] = field(default_factory=dict, repr=False)

    def of(self, kind: str, secret: str) -> str:
        """The fingerprint of a secret; a JWT without its signature; what is redacted already stays."""
        if not secret or FINGERPRINT.fullmatch(secret):
            return secret
        if any(form.fullmatch(secret) for form in (_JWT, _WHOLE_JWT, _ODD_JWT)) and (unsigned := self._without_signature(secret)):
            if unsigned != secret:
                self._kinds.setdefault(secret, kind)
            return unsigned
        return self._opaque(self._kinds.setdefault(secret, kind), secret)

    def unannounced(self, kind: str, secret: str) -> str:
        """The fingerprint of what only looks like a secret: it is not sought at other places, for it may be a name."""
        return secret if FINGERPRINT.fullmatch(secret) else self._opaque(self._kinds.get(secret, kind), secret)

    def in_text(self, text: str) -> str:
        """The text with every JWT's signature gone."""
        return _JWT.sub(lambda match: self._without_signature(match[0]) or match[0], text)

    def sweep(self) -> Sweep:
        """What finds the secrets that were met so far at places where nobody expects them."""
        return Sweep(tuple((secret, kind, self.of(kind, secret)) for secret, kind in self._kinds.items()))

    def _opaque(self, kind: str, secret: str) -> str:
        slug = re.sub(r"[^a-z]+", "_", kind.lower()).strip("_") or "secret"
        return f"redacted-{slug}-{self._digest(secret)[:8]}"

    def _digest(self, secret: str) -> str:
        return hmac.digest(self.salt, secret.encode("utf-8", "surrogatepass"), "sha256").hex()

    def _without_signature(self, token: str) -> str:
        """The token without its signature, or without the encrypted parts of a JWE; empty when it is no JWT."""
        parts = token.split(".")
        if _json_of(parts[0]) is None and not _is_odd(parts):
            return ""
        if len(parts) == 3 and not parts[2]:
            # An unsecured JWT has no signature to lose; anybody can make it. Source: RFC 7519 section 6.
            return ".".join((self._part(parts[0]), self._part(parts[1]), ""))
        # Twenty characters: a length that base64url can have, so that decoding stays quiet.
        mark = f"redacted-sig-{self._digest(token)[:7]}"
        if FINGERPRINT.fullmatch(parts[-1]):
            return token
        if len(parts) == 5:
            return ".".join((self._part(parts[0]), "redacted", "redacted", "redacted", mark))
        return ".".join((self._part(parts[0]), self._part(parts[1]), mark)) if len(parts) == 3 else ""

    def _part(self, part: str) -> str:
        """Header and payload can hold secrets themselves: the code in a JARM answer, the query of a `jku`."""
        content = _json_of(part)
        new = rewrite_json(content, self.of) if content else content
        if not new or new == content:
            return part
        return base64.urlsafe_b64encode(new.encode()).decode("ascii").rstrip("=")


def redact(recording: Recording, *, salt: bytes, known: Iterable[str] = ()) -> Recording:
    """The recording with a fingerprint in the place of each secret; redacting it once more changes nothing.

    `salt` must be fresh randomness that is kept nowhere: without it short secrets can't be guessed from their fingerprints.
    `known` are secrets that go wherever they stand, be it where nobody expects one.
    """
    fingerprints = Fingerprints(salt)
    for secret in known:
        fingerprints.of("secret", secret)
    error = _sentences(without_passwords(recording.error, fingerprints.of), fingerprints.of)
    exchanges, command, swept = _without_secrets(recording, fingerprints)
    error = rewrite_random_words(swept(error), fingerprints.unannounced)
    return replace(recording, exchanges=exchanges, issuer=swept(recording.issuer), command=swept(command), error=error)


def words_without_secrets(recording: Recording, *, salt: bytes) -> Callable[[str], str]:
    """What takes the recording's secrets out of any text about it, such as an error's; with the same fingerprints as `redact`."""
    fingerprints = Fingerprints(salt)
    swept = _without_secrets(recording, fingerprints)[2]
    return lambda text: swept(rewrite_url(text, fingerprints.of))


def _without_secrets(recording: Recording, fingerprints: Fingerprints) -> tuple[tuple[Exchange, ...], str, Callable[[str], str]]:
    """The exchanges without secrets, the command without those that stand where one expects them, and what finds them elsewhere."""
    exchanges = tuple(_exchange(exchange, fingerprints.of) for exchange in recording.exchanges)
    command = rewrite_url(recording.command, fingerprints.of)
    sweep = fingerprints.sweep()
    exchanges = tuple(_each_text(exchange, lambda text: fingerprints.in_text(sweep.text(text))) for exchange in exchanges)
    # What is known goes first: in a sentence the beginning of a secret could be taken for the whole.
    exchanges = tuple(_without_said(exchange, fingerprints.of) for exchange in exchanges)
    public = PublicValues(exchanges)
    exchanges = tuple(_without_random_words(exchange, fingerprints.unannounced, public.holds) for exchange in exchanges)
    last = fingerprints.sweep()
    if last.size > sweep.size:
        exchanges = tuple(_each_text(exchange, last.text) for exchange in exchanges)
    return exchanges, command, lambda text: fingerprints.in_text(last.text(text))


def _exchange(exchange: Exchange, substitute: Substitute) -> Exchange:
    request, response = exchange.request, exchange.response
    kind = request.headers.get("content-type") or ""
    asked = Request(
        request.method, rewrite_url(request.url, substitute), _headers(request.headers, substitute), _body(request.body, kind, substitute)
    )
    answered = None
    if response is not None:
        kind = response.headers.get("content-type") or ""
        answered = replace(response, headers=_headers(response.headers, substitute), body=_body(response.body, kind, substitute))
    return replace(exchange, request=asked, response=answered, failure=without_passwords(exchange.failure, substitute))


def _headers(headers: Headers, substitute: Substitute) -> Headers:
    return Headers(tuple((name, rewrite_header(name, value, substitute)) for name, value in headers))


def _body(body: bytes, content_type: str, substitute: Substitute) -> bytes:
    return _on_text(body, lambda text: rewrite_body(text, content_type=content_type, substitute=substitute))


def _without_said(exchange: Exchange, substitute: Substitute) -> Exchange:
    """The exchange without the secrets that somebody spells out in a sentence."""
    request, response = exchange.request, exchange.response

    def change(text: str) -> str:
        return _sentences(text, substitute)

    asked = replace(request, url=_in_parameters(request.url, substitute), body=_on_text(request.body, change))
    answered = response and replace(
        response,
        headers=Headers(tuple((name, change(value)) for name, value in response.headers)),
        body=_on_text(response.body, change),
    )
    return replace(exchange, request=asked, response=answered, failure=change(exchange.failure))


def _without_random_words(exchange: Exchange, substitute: Substitute, is_public: Callable[[str], bool]) -> Exchange:
    """The exchange without what only looks like a secret: in somebody's sentences, and as the name of a cookie."""
    said = _each_saying(exchange, lambda text: rewrite_random_words(text, substitute, is_public=is_public))
    asked, response = said.request, said.response
    asked = replace(asked, headers=rewrite_cookie_names(asked.headers, substitute, is_public=is_public))
    answered = response and replace(response, headers=rewrite_cookie_names(response.headers, substitute, is_public=is_public))
    return replace(said, request=asked, response=answered)


def _each_saying(exchange: Exchange, change: Callable[[str], str]) -> Exchange:
    """The exchange with each sentence of somebody's changed: what members and parameters for it hold, error pages, failures."""
    request, response = exchange.request, exchange.response

    def within(text: str) -> str:
        return _SAID.sub(lambda match: match["before"] + _said(match["value"], change), rewrite_said(text, change))

    asked = replace(request, url=within(request.url), body=_on_text(request.body, within))
    answered = response
    if response is not None:
        is_all_said = response.status >= 400 and response.body.lstrip()[:1] not in (b"{", b"[", b"")
        headers = Headers(tuple((name, within(value)) for name, value in response.headers))
        answered = replace(response, headers=headers, body=_on_text(response.body, change if is_all_said else within))
    return replace(exchange, request=asked, response=answered, failure=change(exchange.failure))


def _sentences(text: str, substitute: Substitute) -> str:
    """The text without secrets in what somebody says, be it in a parameter of a URL."""
    announced = rewrite_prose(rewrite_bare_values(_in_parameters(text, substitute), substitute), substitute)
    return rewrite_marked(announced, substitute)


def _in_parameters(text: str, substitute: Substitute) -> str:
    if "=" not in text or ("+" not in text and "%20" not in text):
        return text
    return _SAID.sub(lambda match: match["before"] + _said(match["value"], lambda value: _sentences(value, substitute)), text)


def _said(written: str, change: Callable[[str], str]) -> str:
    value = unquote_plus(written)
    new = change(value)
    return written if new == value else quote_plus(new)


def _each_text(exchange: Exchange, change: Callable[[str], str]) -> Exchange:
    request, response = exchange.request, exchange.response

    def headers(old: Headers) -> Headers:
        return Headers(tuple((name, change(value)) for name, value in old))

    asked = Request(request.method, change(request.url), headers(request.headers), _on_text(request.body, change))
    answered = response and replace(
        response, headers=headers(response.headers), body=_on_text(response.body, change), reason=change(response.reason)
    )
    return replace(exchange, request=asked, response=answered, failure=change(exchange.failure))


def _on_text(body: bytes, change: Callable[[str], str]) -> bytes:
    """The body changed as text; bytes that are no UTF-8 survive."""
    if (coding := coding_of(body)) != "utf-8":
        try:
            return change(body.decode(coding)).encode(coding)
        except UnicodeError:
            pass  # It only began like UTF-16: then its octets are taken one by one.
    return change(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _json_of(part: str, *, of: type = dict) -> str | None:
    """The text of a JWT's part when it is a JSON object, or another JSON value of this type."""
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
        return text if isinstance(json.loads(text), of) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def _is_odd(parts: list[str]) -> bool:
    """Whether claims stand behind a header that is JSON and no object."""
    is_whole = len(parts) == 3 and len(parts[0]) <= _LONGEST_ODD and _json_of(parts[1]) is not None
    return is_whole and _json_of(parts[0], of=object) is not None
