"""Redirect URIs whose form alone is the trouble, whatever the provider's list says.

Here: scheme, host, fragment, encoding. Not here: the list in the console (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from oauthctl.http import is_loopback_host
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.record.facts.masked import is_masked
from oauthctl.rules.front_channel import Refusal, as_provider_says, goes_back, host_of, refusal_of
from oauthctl.rules.given import Given
from oauthctl.rules.redirect_uri import SAYS_REDIRECT
from oauthctl.rules.redirect_uri_parts import is_covered, is_private_host
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SAYS_PRIVATE = re.compile(r"private|device_id|raw ip|\bip address|public (top|suffix|domain)|top.level.domain|not a valid domain", re.I)
_SAYS_INSECURE = re.compile(r"insecure|\bhttps\b|not secure|\bssl\b|\btls\b|secure (connection|url|scheme)|cannot be an http url", re.I)
_SAYS_LOCALHOST = re.compile(r"insecure|localhost|loopback", re.I)
_SAYS_MISSING = re.compile(
    r"redirect.?ur[il][\"'`]?\)?.{0,30}(missing|required|must be (present|provided|specified|included)|not (present|provided|specified))"
    r"|(missing|required|no|without|provide|specify|absent)\b.{0,40}redirect.?ur[il]",
    re.I,
)
_A_URL = re.compile(r"(?:https?(?:://|%3A%2F%2F))?localhost(?:[:/%]\S{0,200})", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NO_HOST = re.compile(r"https?:/{0,3}(?:[/?#]|:\d|$)", re.IGNORECASE)
# Source: https://developers.google.com/identity/protocols/oauth2/resources/oob-migration.
_OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_SAYS_OUT_OF_BAND = re.compile(r"out.of.band|\boob\b", re.IGNORECASE)
_ENCODED = re.compile(r"%(3A|2F|25)", re.I)

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]


@rule(Section("RFC 6749", "3.1.2"), explains=("redirect-uri-not-registered",), decisive=True)
def redirect_uri_private_address(asked: Asked) -> Iterator[Found]:
    """The redirect_uri points to an address that only a private network knows."""
    sent = asked.sent.redirect_uri or ""
    refusal = _refusal(asked)
    if not is_private_host(host_of(sent)) or refusal is None:
        return
    if not refusal.says(_SAYS_PRIVATE):
        yield from as_provider_says(refusal.seen, "redirect-uri-private-address")
        return
    yield Found(
        cause=f"The `redirect_uri` `{sent}` points to `{host_of(sent)}`, a private IP address or a name that only the own network knows, "
        f"and "
        "the provider takes no such host.",
        help="Use a public host name with https, a tunnel, or `localhost` in the redirect_uri, in the provider's registration and in the "
        "client alike.",
        evidence=(asked.evidence(".redirect_uri", expected="a public host name", got=sent), refusal.evidence),
    )


@rule(
    Section("RFC 6749", "3.1.2.1"),
    explains=(
        "redirect-uri-not-registered",
        "redirect-uri-differs-between-legs",
        "redirect-uri-missing-at-token",
        "redirect-uri-refused-at-token",
    ),
    decisive=True,
)
def redirect_uri_insecure(asked: Asked, given: Given) -> Iterator[Found]:
    """The redirect_uri is plain http where the provider wants https."""
    sent = asked.sent.redirect_uri or ""
    refusal = _refusal(asked)
    if sent.lower().startswith("https://") or refusal is None or goes_back(asked) or given.flag("dev_mode"):
        return
    if not sent.lower().startswith("http://"):
        yield from as_provider_says(refusal.seen, "redirect-uri-insecure")
        return
    registered = given.registered_redirect_uris
    is_listed = bool(registered) and is_covered(sent, registered)
    is_local = is_loopback_host(host_of(sent))
    if is_local and given.text("app_type") == "native":
        return
    is_guarded = given.flag("dev_mode") is False or given.text("app_type") == "web"
    if not (refusal.says(_SAYS_INSECURE) and not is_local) and not (is_listed and is_guarded and refusal.says(SAYS_REDIRECT)):
        yield from as_provider_says(refusal.seen, "redirect-uri-insecure")
        return
    known = " although it is registered as it is sent" if is_listed else ""
    yield Found(
        cause=f"The `redirect_uri` `{sent}` is plain http, and the provider refuses it{known}: it takes http only from a native client on "
        f"a "
        "loopback address, or in development mode.",
        help="Use https in the client and in the provider's registration; for a test, switch on the client's development mode or register "
        "it as native.",
        evidence=(asked.evidence(".redirect_uri", expected="https", got=sent), refusal.evidence),
        certainty=Certainty.CERTAIN if refusal.says(_SAYS_INSECURE) or given.flag("dev_mode") is False else Certainty.LIKELY,
    )


@rule(Section("RFC 8252", "8.3"), explains=("redirect-uri-not-registered", "redirect-uri-insecure"), decisive=True)
def redirect_uri_localhost_refused(asked: Asked) -> Iterator[Found]:
    """The redirect_uri uses the name localhost, which the provider does not take."""
    sent = asked.sent.redirect_uri or ""
    refusal = _refusal(asked)
    if host_of(sent) != "localhost" or refusal is None or goes_back(asked):
        return
    # The URI itself, quoted in the refusal, says nothing about its name.
    if not _SAYS_LOCALHOST.search(_A_URL.sub(" ", refusal.words)):
        yield from as_provider_says(refusal.seen, "redirect-uri-localhost-refused")
        return
    address = sent.replace("://localhost", "://127.0.0.1", 1)
    yield Found(
        cause=f"The `redirect_uri` `{sent}` uses the name `localhost`, which this provider refuses as insecure: over http it takes a "
        f"loopback "
        "IP literal alone, because a name may resolve to another machine.",
        help=f"Register and send `{address}` (or the same with `[::1]`), in the provider's registration and in the client alike.",
        evidence=(asked.evidence(".redirect_uri", expected=address, got=sent), refusal.evidence),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8252", "7"), explains=("redirect-uri-not-registered", "authorization-refused", "redirect-uri-not-absolute"))
def redirect_uri_out_of_band(asked: Asked) -> Iterator[Found]:
    """The code is to be shown for copying, which the provider does not do (any more)."""
    sent = asked.sent.redirect_uri or ""
    refusal = _refusal(asked)
    if not sent.startswith(_OUT_OF_BAND) or refusal is None or asked.reply.status == 404:
        return
    is_google = host_of(asked.url).endswith("google.com")
    if not (is_google or refusal.says(SAYS_REDIRECT) or refusal.says_nothing or refusal.says(_SAYS_OUT_OF_BAND)):
        return
    who = "Google has blocked that since 2022" if is_google else "this provider does not take it for this client"
    yield Found(
        cause=f"The `redirect_uri` is `{sent[:80]}`: the code is to be shown for the person to copy (out of band, oob), and {who}.",
        help="In the client, listen on a loopback address and send `http://127.0.0.1:{port}` as redirect_uri (with a client of the type "
        "native or desktop), or use the device authorization grant where there is no browser; a server sends its own https callback.",
        evidence=(asked.evidence(".redirect_uri", expected="http://127.0.0.1:{port}", got=sent), refusal.evidence),
        certainty=Certainty.CERTAIN if is_google or refusal.says(_SAYS_OUT_OF_BAND) else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "3.1.2"), explains=("redirect-uri-not-registered",))
def redirect_uri_fragment(asked: Asked) -> Iterator[Found]:
    """The redirect_uri contains a fragment."""
    sent = asked.sent.redirect_uri or ""
    if "#" not in sent or not _is_open(asked):
        return
    yield Found(
        cause=f"The `redirect_uri` `{sent}` contains a fragment (`#{sent.partition('#')[2]}`), which a redirect_uri must not have.",
        help="Use a path without `#` for the callback, in the client (its router, say) and in the provider's registration.",
        evidence=(asked.evidence(".redirect_uri", expected="no `#`", got=sent),),
    )


@rule(Section("RFC 3986", "2.4"), explains=("redirect-uri-not-registered", "redirect-uri-not-absolute"))
def redirect_uri_double_encoded(asked: Asked) -> Iterator[Found]:
    """The redirect_uri is percent-encoded twice."""
    sent = asked.sent.redirect_uri or ""
    decoded = unquote(sent)
    if _SCHEME.match(sent) or not _ENCODED.search(sent) or not _SCHEME.match(unquote(decoded)) or not _is_open(asked):
        return
    yield Found(
        cause=f"The `redirect_uri` is percent-encoded twice: decoded once it still reads `{sent}`, so that the provider sees an escaped "
        f"text and "
        "no URI.",
        help=f"In the client, give the URL builder the plain value `{unquote(decoded)}`, and let it encode once.",
        evidence=(asked.evidence(".redirect_uri", expected=unquote(decoded), got=sent),),
    )


@rule(Section("RFC 6749", "3.1.2"), explains=("redirect-uri-not-registered",), decisive=True)
def redirect_uri_not_absolute(asked: Asked) -> Iterator[Found]:
    """The redirect_uri is no absolute URI."""
    sent = (asked.sent.redirect_uri or "").strip()
    if _NO_HOST.match(sent) and not host_of(sent) and _is_open(asked):
        yield Found(
            cause=f"The `redirect_uri` `{sent}` has no host: the application put it together without knowing its own (an empty "
            "setting, or a "
            "`Host` or `X-Forwarded-Host` header that is missing).",
            help="In the application, set its external base URL or callback host, or let the proxy pass `Host` and "
            "`X-Forwarded-Host` on to "
            "it; then it sends `https://host/path` as registered.",
            evidence=(asked.evidence(".redirect_uri", expected="https://host/path", got=sent),),
        )
        return
    if (
        not sent
        or is_masked(sent)
        or (_SCHEME.match(sent) and not sent.lower().startswith(("localhost:", "127.0.0.1:")))
        or not _is_open(asked)
    ):
        return
    hint = " An unset variable was put into it." if re.match(r"(undefined|null|none|\$\{|\{\{|%[A-Z_]+%)", sent, re.I) else ""
    yield Found(
        cause=f"The `redirect_uri` `{sent}` is no absolute URI: it lacks its scheme or its host.{hint}",
        help="In the client, send the whole redirect_uri, `https://host/path`, as it is registered; look at the setting for the external "
        "base URL.",
        evidence=(asked.evidence(".redirect_uri", expected="an absolute URI", got=sent),),
    )


@rule(Section("RFC 6749", "3.1.2.3"), explains=("redirect-uri-not-registered",), decisive=True)
def redirect_uri_missing(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """The authorization request has no redirect_uri, and the provider wants one."""
    if asked.sent.redirect_uri or asked.sent.request_uri or asked.sent.request:
        return
    refusal = refusal_of(asked, returned)
    if refusal is None or not (refusal.says(_SAYS_MISSING) or refusal.says(SAYS_REDIRECT)):
        return
    yield Found(
        cause="The authorization request has no `redirect_uri`, and the provider wants one: it is required by OpenID Connect, and wherever "
        "several are registered or none is.",
        help="In the client, send `redirect_uri` with one of the registered URIs, on both legs.",
        evidence=(asked.evidence(".redirect_uri", expected="one of the registered URIs", got="missing"), refusal.evidence),
    )


def _refusal(asked: Asked) -> Refusal | None:
    return refusal_of(asked)


def _is_open(asked: Asked) -> bool:
    """Whether the request was refused for what it is, or its answer went unseen."""
    return not asked.is_direct or not asked.reply.has_answer or (refusal_of(asked) is not None and not goes_back(asked))
