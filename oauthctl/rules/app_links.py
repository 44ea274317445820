"""Callbacks that the operating system or a service worker should hand on: app schemes, app links, offline pages.

Here: who takes the redirect in the browser's place. Not here: what a server answers (`callback_server`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import is_loopback_host, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_FILES = {"/.well-known/apple-app-site-association": "universal link", "/apple-app-site-association": "universal link",
          "/.well-known/assetlinks.json": "App Link"}  # fmt: skip
_UNCLAIMED = re.compile(
    r"does not have a registered handler|failed to launch '|ERR_UNKNOWN_URL_SCHEME|address wasn.t understood|unknown ?protocol"
    r"|no activity found to handle"
    r"|No Activity found|kLSApplicationNotFoundErr|-10814\b|(?:scheme|protocol)[^.\n]{0,60}(?:not (?:registered|supported|recogni[sz]ed"
    r"|associated)|unsupported|unknown)"
    r"|no app(?:lication)? (?:is )?(?:associated|registered|found|to (?:open|handle))|not registered to (?:handle|open)|address is invalid",
    re.IGNORECASE,
)
_GESTURE = re.compile(r"(?:user gesture|user activation)[^.\n]{0,60}|not allowed to launch '[^'\n]{0,200}'", re.IGNORECASE)
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]{1,80}):/{1,3}", re.IGNORECASE)
_WEB = ("http", "https", "ws", "wss", "file", "chrome-extension", "about", "data")
_WORKER = re.compile(r"service.?worker|FetchEvent|workbox|ngsw|navigateFallback|NavigationRoute", re.IGNORECASE)
_TAKES = re.compile(r"network error|respond|precache|serving|intercept|offline|no match|error|redirect mode", re.IGNORECASE)
_OF_WORKER = re.compile(r"callback|code=|redirect|auth|navigat|sign-?in|login", re.IGNORECASE)


@rule(Section("RFC 8252", "7.1"), explains=("callback-failed", "redirect-uri-not-registered", "plain-http-refused"))
def callback_scheme_unclaimed(scene: Scene) -> Iterator[Found]:
    """No app takes the scheme of the redirect_uri."""
    failed = next(
        (one for one in scene.seen if one.is_direct and _scheme_of(one.url) and not one.reply.has_answer and one.reply.failure), None
    )
    said = scene.given.local_error
    asked = next((one for one in reversed(scene.each(AuthorizationRequest)) if _scheme_of(one.sent.redirect_uri or "")), None)
    match = _UNCLAIMED.search(f"{said} {failed.reply.failure if failed is not None else ''}")
    gesture = _GESTURE.search(said)
    named = next((one for one in _SCHEME.findall(said) if one.lower() not in _WEB), "")
    scheme = (
        _scheme_of(failed.url) if failed is not None else _scheme_of((asked.sent.redirect_uri or "") if asked is not None else "") or named
    )
    if not scheme or not (match or gesture) or (asked is None and failed is None and not named):
        return
    place = (
        failed.evidence("request.url", "an app that opens", f"{scheme}:")
        if failed is not None
        else asked.evidence(".redirect_uri", got=asked.sent.redirect_uri or "")
        if asked is not None
        else _log(said)
    )
    if gesture and not (match and "gesture" not in said):
        yield Found(
            cause=f"The browser did not open the app by its scheme `{scheme}:`, since the redirect there followed no click of the user (a "
            "user "
            "gesture is required for that): the callback never reached the app.",
            help="Show a page with a button that leads to the app, or use a claimed https URL (App Link, universal link) as the "
            "redirect_uri; "
            "in the app, open the sign-in by Custom Tabs or ASWebAuthenticationSession.",
            evidence=(place, _log(said)),
            certainty=Certainty.LIKELY,
        )
        return
    yield Found(
        cause=f"The redirect_uri has the scheme `{scheme}:`, and on this device no app is registered as its handler: the browser can't "
        "hand the "
        "callback over.",
        help=f"In the app, claim the scheme exactly as in the redirect_uri, in lower case (Android: an intent filter for `{scheme}` with "
        "`BROWSABLE` in the manifest; iOS: `CFBundleURLTypes` in Info.plist; Windows, Linux: the protocol handler), and install it before "
        "signing in.",
        evidence=(place, *((_log(said),) if said else ())),
        certainty=Certainty.LIKELY,
    )


@rule(
    Section("RFC 8252", "7.2"),
    explains=("callback-failed", "callback-path-unknown", "cookie-not-returned", "callback-gateway-error", "callback-parameters-lost"),
)
def app_link_not_verified(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The file that ties an https callback to an app is not served as it must be."""
    path = split_url(seen.url).path or ""
    kind = _FILES.get(path, "")
    if not kind or not seen.is_direct or not seen.reply.has_answer:
        return
    reply = seen.reply
    is_json = "json" in reply.header("content-type") or (
        reply.exchange.response is not None and reply.exchange.response.body.lstrip()[:1] in (b"{", b"[")
    )
    flaw = (
        f"is answered by a redirect ({reply.status}), which is not followed there"
        if reply.status // 100 == 3
        else f"is answered {reply.status}"
        if reply.status >= 400
        else "is an HTML page and no JSON"
        if not is_json
        else ""
    )
    back = next((one for one in scene.each(AuthorizationResponse) if one.is_direct and host_of(one.url) == host_of(seen.url)), None)
    if not flaw or back is None or (back.reply.status < 400 and not scene.given.local_error):
        return
    name = path.rpartition("/")[2]
    yield Found(
        cause=f"The callback is an https URL that an app should take ({kind}), and it was opened in the browser instead: `{name}` on "
        f"`{host_of(seen.url)}` {flaw}, so the system has not verified that the app owns the link.",
        help=f"Serve `https://{host_of(seen.url)}/.well-known/{name}` itself, with status 200, as JSON, without a redirect or a sign-in, "
        "naming "
        "the app (team and bundle ID; package and signing certificate) and the callback's path; then install the app anew.",
        evidence=(seen.evidence("response.status", "200", str(reply.status)), back.evidence("request.url", "the app", base_of(back.url))),
        certainty=Certainty.LIKELY,
    )


@rule(Section("Service Workers"), explains=("callback-failed", "callback-path-unknown", "blocked-by-content-policy"))
def service_worker_takes_callback(scene: Scene) -> Iterator[Found]:
    """A service worker of the application answers the callback in the server's place."""
    said = scene.given.local_error
    failed = next(
        (one for one in scene.seen if one.purpose == purposes.CALLBACK and one.is_direct and _WORKER.search(one.reply.failure)), None
    )
    is_said = all(pattern.search(said) is not None for pattern in (_WORKER, _OF_WORKER, _TAKES))
    by = next((one for one in scene.seen if one.purpose == purposes.CALLBACK and one.is_direct and _from_worker(one)), None)
    seen = failed or (by if by is not None and (is_said or by.reply.status >= 400) else None)
    if seen is None and not is_said:
        return
    yield Found(
        cause="The application's service worker intercepts the navigation to the callback (the redirect_uri) and answers it itself, from "
        "its "
        "cache or by a fetch that can't follow the redirect: the server, which should redeem the code, never sees it.",
        help="In the service worker, leave sign-in paths to the network: do not call `respondWith` for navigations to the login, callback "
        "and "
        "logout paths or with `code=` in the query (Workbox: `navigateFallbackDenylist`; Angular: `navigationUrls` with `!/auth/**`); then "
        "raise its version so that installed ones are replaced.",
        evidence=(seen.evidence("request.url", "an answer of the server", base_of(seen.url)),) if seen is not None else (_log(said),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6797", "8.3"), explains=("tls-to-plain-port", "callback-listener-absent", "connection-refused"))
def callback_upgraded_to_https(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The browser turned the http callback into https, and nobody speaks TLS there."""
    if returned.reply.has_answer or not returned.url.lower().startswith("https://"):
        return
    plain = "http" + base_of(returned.url)[5:]
    asked = next(
        (one for one in reversed(scene.before(returned.id, AuthorizationRequest)) if base_of(one.sent.redirect_uri or "") == plain), None
    )
    if asked is None:
        return
    host = host_of(returned.url)
    known = " that an https server on `localhost` once sent, for whatever port" if is_loopback_host(host) else ""
    yield Found(
        cause=f"The redirect_uri is `{plain[:160]}` with http, and the browser went to `{base_of(returned.url)[:160]}`: it upgrades "
        f"`{host}` "
        f"to https by itself (HSTS{known}, or an https-only mode), and what listens there speaks plain http.",
        help="Delete the browser's HSTS entry for that host (Chrome: `chrome://net-internals/#hsts`), and let no development server send "
        "`Strict-Transport-Security` for `localhost`; or use `http://127.0.0.1` in the redirect_uri, or TLS on the listener.",
        evidence=(asked.evidence(".redirect_uri", got=plain), returned.evidence("request.url", expected=plain, got=base_of(returned.url))),
        certainty=Certainty.LIKELY,
    )


def _from_worker(seen: Seen[Message]) -> bool:
    return any(seen.reply.header(name) for name in ("x-from-service-worker", "sw-cache", "x-sw-cache"))


def _scheme_of(url: str) -> str:
    """The scheme of a URL that is none of the web's; empty for others."""
    scheme = url.partition(":")[0].lower()
    return scheme if ":" in url and scheme not in _WEB and re.fullmatch(r"[a-z][a-z0-9+.-]+", scheme) else ""


def _log(said: str) -> Evidence:
    return Evidence(None, "given.local_error", "", said[:200])
