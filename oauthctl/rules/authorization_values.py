"""Values of an authorization request that one provider does not take, though others do: a short nonce, a scheme of the app's own.

Here: what the request and the refusal show together. Not here: what no provider takes (`unanswered_values`), the list in the console
(`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.front_channel import host_of, refusal_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_FOLDED = ("authorization-refused", "callback-refused", "request-fault-named", "nonce-missing", "state-missing")
_LENGTH = re.compile(
    r"\b(?P<name>nonce|state|code_challenge|login_hint)\b[^.\n]{0,60}?(?:too (?P<how>short|long)|at least|minimum|shorter than|length)"
    r"[^.\n\d]{0,40}(?P<number>\d{1,4})?",
    re.IGNORECASE,
)
_OF_SCHEME = re.compile(r"custom (?:uri |url )?scheme|scheme[^.\n]{0,40}(?:not|in)|['\"]?web['\"]? client|client type", re.IGNORECASE)
# Of schemes of their own Google takes the reversed client ID and, of older clients, the app's reversed domain.
# Source: https://developers.google.com/identity/protocols/oauth2/native-app.
_STRICT = ("accounts.google.com",)
_DEVELOPMENT = {"exp": "Expo Go's", "exps": "Expo Go's", "myapp": "an example's"}


@rule(Section("RFC 6749", "10.12"), explains=_FOLDED)
def request_value_too_short(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """A value of the authorization request is shorter or longer than the provider takes."""
    refusal = refusal_of(asked, returned)
    match = _LENGTH.search(refusal.words) if refusal is not None else None
    if refusal is None or match is None:
        return
    name = match["name"].lower()
    value = asked.sent.raw(name)
    if not isinstance(value, str) or not value:
        return
    wanted = int(match["number"]) if match["number"] else 0
    is_long = (match["how"] or "").lower() == "long" or (bool(wanted) and len(value) > wanted)
    if wanted and not is_long and len(value) >= wanted:
        return
    limit = f": it wants {'at most' if is_long else 'at least'} {wanted} characters" if wanted else ""
    yield Found(
        cause=f"The `{name}` of the authorization request has {len(value)} characters, which is too {'long' if is_long else 'short'} "
        "for this "
        f"provider{limit}.",
        help=f"In the client, make the `{name}` of random octets in base64url, "
        + (
            f"with {wanted} characters or {'fewer' if is_long else 'more'}"
            if wanted
            else ("with fewer" if is_long else "with 32 characters or more")
        )
        + ", and look whether the library has a setting for its length.",
        evidence=(asked.evidence(f".{name}", expected=f"{wanted or 32} characters", got=f"{len(value)} characters"),),
        certainty=Certainty.CERTAIN if wanted else Certainty.LIKELY,
    )


@rule(Section("RFC 8252", "7.1"), explains=(*_FOLDED, "redirect-uri-not-registered", "redirect-uri-scheme-differs", "client-unknown"))
def redirect_uri_scheme_refused(asked: Asked, returned: Returned | None, given: Given) -> Iterator[Found]:
    """The redirect URI has a scheme of the app's own, which the provider does not take of this client."""
    sent = asked.sent.redirect_uri or ""
    scheme, colon, _ = sent.partition(":")
    refusal = refusal_of(asked, returned)
    if refusal is None or not colon or scheme.lower() in ("http", "https", "urn") or sent in given.registered_redirect_uris:
        return
    is_said = _OF_SCHEME.search(refusal.words) is not None
    is_strict = (
        host_of(asked.url) in _STRICT and "invalid_request" in refusal.words and not scheme.startswith("com.googleusercontent.apps.")
    )
    if not is_said and not is_strict:
        return
    whose = _DEVELOPMENT.get(scheme.lower(), "")
    own = f"; `{scheme}:` is {whose} own, for development, and belongs to no app" if whose else ""
    yield Found(
        cause=f"The `redirect_uri` `{sent[:160]}` has the custom scheme `{scheme[:60]}`, which the provider does not take of this client"
        f"{own}: a client of the type web returns to https (and to http on localhost), and only a client of the app's own type to the "
        "scheme that "
        "was laid down for it.",
        help="At the provider, use a client of the type iOS, Android or desktop, with the redirect_uri that belongs to it (a scheme in "
        "reverse-domain form, or the reversed client ID), or in the app return to an https address: an app link, or a page of its "
        "server that forwards "
        "to the app. With Expo, make a development build with a scheme of its own instead of using Expo Go.",
        evidence=(
            asked.evidence(".redirect_uri", expected="https, or the scheme of an app's client", got=sent[:200]),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
        certainty=Certainty.CERTAIN if is_said else Certainty.LIKELY,
    )
