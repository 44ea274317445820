"""Cookies that the browser does not keep or send, for what their attributes say.

Here: host, domain, prefix, SameSite, Secure, lifetime. Not here: frames of other sites (`cookie_frames`), cookies that nothing seen
explains (`cookie_absent`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import is_loopback_host, origin, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.rules.cookies import attributes_of, cookies_of, covers, is_under, lost_of, sent_cookies
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_GENERAL = ("cookie-not-returned", "request-refused", "sign-in-loop", "sign-in-repeated")


@rule(Section("RFC 6265", "5.4"), explains=_GENERAL, decisive=True)
def cookie_host_differs(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The sign-in began on one host and ends on another, which has not its cookie."""
    lost = lost_of(returned, scene)
    if lost is None:
        return
    began, ended = host_of(lost.started.url), host_of(returned.url)
    cookie = next((one for one in lost.cookies if began != ended and not covers(one.domain, ended)), None)
    if cookie is not None:
        yield lost.found(
            cookie,
            f"The sign-in was started on host `{began}`, which set the cookie `{cookie.name}`, but the redirect_uri leads to `{ended}`: "
            f"cookies "
            "belong to their host, so the session is missing there.",
            f"Open the application under the same host that its redirect_uri has (`{ended}`), or change the redirect_uri to `{began}`; for "
            "hosts of one domain the cookie may have a `Domain`.",
        )


@rule(Section("RFC 6265", "5.4"), explains=_GENERAL, decisive=True)
def cookie_lost_to_samesite(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie's SameSite attribute keeps it from the callback."""
    lost = lost_of(returned, scene)
    if lost is None or not _is_cross_site(returned, scene):
        return
    is_post = returned.exchange.request.method == "POST"
    for cookie in lost.cookies:
        if not covers(cookie.domain or host_of(lost.started.url), host_of(returned.url)):
            continue
        if is_post and cookie.same_site in ("lax", "strict", ""):
            said = f"is SameSite={cookie.same_site.capitalize()}" if cookie.same_site else "has no SameSite, which counts as Lax"
            yield lost.found(
                cookie,
                f"The provider returns by a cross-site POST (`response_mode=form_post`), and the cookie `{cookie.name}` {said}: browsers "
                f"do not "
                "send it with such a request.",
                "In the application, set the cookies of a sign-in with `SameSite=None; Secure` where the answer comes by form_post, or "
                "ask for "
                "`response_mode=query`.",
            )
            return
        if not is_post and cookie.same_site == "strict":
            yield lost.found(
                cookie,
                f"The cookie `{cookie.name}` is SameSite=Strict, and the callback comes from the provider's site: browsers do not send it "
                f"with "
                "such a navigation, be it a GET or a POST.",
                "In the application, set the cookies of a sign-in with `SameSite=Lax` (for a callback by GET).",
            )
            return


@rule(Section("RFC 6265", "4.1.2.5"), explains=_GENERAL, decisive=True)
def cookie_secure_over_http(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie is for https alone, and the application is reached over http."""
    lost = lost_of(returned, scene)
    if lost is None:
        return
    over_http = next((seen for seen in (lost.started, returned) if seen.url.lower().startswith("http://")), None)
    cookie = next((one for one in lost.cookies if one.is_secure or one.name.startswith(("__Secure-", "__Host-"))), None)
    if over_http is None or cookie is None or is_loopback_host(host_of(over_http.url)):
        return
    yield lost.found(
        cookie,
        f"The cookie `{cookie.name}` is marked Secure, but the application is reached over plain http (`{base_of(over_http.url)}`): the "
        f"browser "
        "does not keep it, or does not send it there.",
        "Serve the application over https from end to end (behind a proxy, tell it the outer scheme), or for a test switch the Secure "
        "mark of "
        "its cookies off.",
    )


@rule(Section("RFC 6265", "4.1.2.5"), explains=("cookie-not-returned", "authorization-refused", "callback-refused"))
def provider_cookie_secure_over_http(scene: Scene) -> Iterator[Found]:
    """The authorization server's own cookie is for https alone, and the server is reached over http."""
    for last in scene.seen:
        if not last.is_direct or not last.reply.failed or not last.url.lower().startswith("http://"):
            continue
        host = host_of(last.url)
        if not re.search(r"csrf|cookie|session", last.reply.words, re.IGNORECASE) or is_loopback_host(host):
            continue
        earlier = [one for one in scene.seen if one.id < last.id and one.is_direct and base_of(one.url).startswith(f"http://{host}")]
        path = split_url(last.url).path or "/"
        pairs = [
            (one, cookie)
            for one in earlier
            for cookie in cookies_of(one)
            if cookie.is_secure and (cookie.path in ("", "/") or is_under(path, cookie.path))
        ]
        lost = next(((one, cookie) for one, cookie in pairs if cookie.name not in sent_cookies(last)), None)
        if lost is not None:
            yield Found(
                f"The authorization server is reached over plain http (`{base_of(last.url)}`), and its cookie `{lost[1].name}` is marked "
                "Secure: the browser does not keep it, so the server misses its own session on the way back.",
                "Serve the authorization server over https (behind a proxy, tell it the outer scheme), or for a local test run it in its "
                "development mode, whose cookies are not Secure.",
                (
                    lost[0].evidence("response.headers.Set-Cookie", got=attributes_of(lost[1])),
                    last.evidence("request.headers.Cookie", expected=lost[1].name, got="missing"),
                ),
            )
            return


@rule(Section("RFC 6265", "4.1.2.5"), explains=(*_GENERAL, "cookie-lost-to-samesite"))
def cookie_samesite_none_insecure(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie is SameSite=None without Secure, and browsers refuse it."""
    lost = lost_of(returned, scene)
    cookie = next((one for one in lost.cookies if one.same_site == "none" and not one.is_secure), None) if lost is not None else None
    if lost is not None and cookie is not None:
        yield lost.found(
            cookie,
            f"The cookie `{cookie.name}` is set with `SameSite=None` but without `Secure`: browsers reject such a cookie at once, so the "
            "callback comes without it.",
            "In the application, set the cookie with `SameSite=None; Secure` (and serve it over https), or with `SameSite=Lax` where the "
            "callback is a GET.",
        )


@rule(Section("RFC 6265", "5.3"), explains=(*_GENERAL, "cookie-host-differs", "cookie-lost-to-samesite"), decisive=True)
def cookie_domain_foreign(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie's Domain is not the host that set it, and browsers refuse it."""
    lost = lost_of(returned, scene)
    host = host_of(lost.started.url) if lost is not None else ""
    cookie = next((one for one in lost.cookies if _is_refused_domain(one.domain, host)), None) if lost is not None else None
    if lost is None or cookie is None:
        return
    why = (
        "under that name many sites of different owners are (a public suffix), for which browsers take no cookies"
        if covers(cookie.domain, host)
        else "a host may set cookies for itself and the domains above it alone"
    )
    yield lost.found(
        cookie,
        f"The cookie `{cookie.name}` is set by `{host}` with `Domain={cookie.domain}`: {why}, so the browser refused it at once, and the "
        "callback comes without it.",
        f"In the application (its setting for the cookie domain), leave `Domain` out, or set it to `{host}`; behind a proxy, to the "
        "public host and not to the inner one.",
    )


@rule(Section("RFC 6265", "5.3"), explains=(*_GENERAL, "cookie-host-differs", "cookie-secure-over-http"), decisive=True)
def cookie_prefix_broken(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie's name promises attributes that it has not, and browsers refuse it."""
    lost = lost_of(returned, scene)
    cookie = next((one for one in lost.cookies if one.breaks_prefix), None) if lost is not None else None
    if lost is None or cookie is None:
        return
    prefix = cookie.name.partition("-")[0]
    wants = "`Secure`, `Path=/` and no `Domain`" if prefix.lower() == "__host" else "`Secure`"
    yield lost.found(
        cookie,
        f"The cookie `{cookie.name}` has a name that begins with `{prefix}-`, and {cookie.breaks_prefix}: browsers refuse a cookie of such "
        "a name at once, and the callback comes without it.",
        f"In the application, set it with {wants}, as the prefix `{prefix}-` demands, or give the cookie a name without the prefix.",
    )


@rule(Section("RFC 6265", "5.3"), explains=_GENERAL, decisive=True)
def cookie_lifetime_over(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The sign-in took longer than its cookie lives."""
    lost = lost_of(returned, scene)
    if lost is None:
        return
    began, ended = lost.started.exchange.started_at, returned.exchange.started_at
    cookie = next((one for one in lost.cookies if one.is_over(set_at=began, at=ended)), None)
    if cookie is None:
        return
    took = int((ended - began).total_seconds())
    life = f"{cookie.max_age} seconds (`Max-Age`)" if cookie.max_age is not None else "until its `Expires`"
    yield lost.found(
        cookie,
        f"The cookie `{cookie.name}` of the sign-in lives for {life}, and the person came back after {took} seconds: by then the browser "
        "had deleted the expired cookie.",
        "In the application, let the cookies of a sign-in live longer than people need at the provider (15 to 60 minutes; second factor, "
        "new password), and start the sign-in anew where they are gone.",
    )


def _is_cross_site(returned: Seen[AuthorizationResponse], scene: Scene) -> bool:
    """Whether the callback came from another site: by `Sec-Fetch-Site` or `Origin`, or as an answer of a provider elsewhere."""
    said = returned.request_header("sec-fetch-site")
    if said:
        return said == "cross-site"
    source = returned.request_header("origin")
    if source and source != "null":
        return origin(source) != origin(returned.url)
    attempt = scene.attempt_of(returned.id)
    asked = attempt.asked if attempt else None
    place = (asked.reply.header("location") if asked is not None and not asked.is_direct else asked.url) if asked is not None else ""
    return _site(host_of(place)) != _site(host_of(returned.url)) if place else returned.exchange.request.method == "POST"


def _site(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _is_refused_domain(domain: str, host: str) -> bool:
    """Whether a browser takes no cookie of this `Domain` from this host."""
    if not domain or is_loopback_host(host):
        return False
    return not covers(domain, host) or (domain != host and ("." not in domain or domain in _SHARED))


# Registries of names for anybody, of which a browser takes no cookie. Source: publicsuffix.org, its private part.
_SHARED = frozenset(
    [
        "herokuapp.com",
        "github.io",
        "gitlab.io",
        "vercel.app",
        "netlify.app",
        "onrender.com",
        "fly.dev",
        "pages.dev",
        "workers.dev",
        "web.app",
        "firebaseapp.com",
        "appspot.com",
        "run.app",
        "azurewebsites.net",
        "azurestaticapps.net",
        "cloudapp.net",
        "cloudfront.net",
        "amplifyapp.com",
        "ngrok.io",
        "ngrok.app",
        "ngrok-free.app",
        "ngrok-free.dev",
        "trycloudflare.com",
        "up.railway.app",
        "surge.sh",
        "glitch.me",
        "repl.co",
        "streamlit.app",
        "co.uk",
        "com.au",
        "co.jp",
        "com.br",
        "co.nz",
        "co.in",
    ]
)
