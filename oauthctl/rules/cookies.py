"""The application's own cookie between the start of a sign-in and the callback.

Here: why the browser did not send it back. Not here: two sign-ins that share one (`callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.http import is_loopback_host, origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.rules.front_channel import as_provider_says, base_of, host_of
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

SAYS_STATE = re.compile(r"state|csrf|xsrf|session|cookie|nonce|correlation|verifier|login attempt|expired", re.IGNORECASE)
_GENERAL = ("cookie-not-returned", "request-refused")
_ERROR_PLACE = re.compile(r"[?&#/](?:\w*_)?error\b|/(?:login|signin|sign-in|auth)/?error|error=|[?&]failed\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as `Set-Cookie` made it; `same_site` is lower case, empty when it is not said."""

    name: str
    value: str
    domain: str
    path: str
    same_site: str
    is_secure: bool


@dataclass(frozen=True, slots=True)
class _Lost:
    """A refused callback that came without the cookies which the start of the sign-in had set."""

    returned: Seen[AuthorizationResponse]
    started: Seen[Message]
    cookies: tuple[Cookie, ...]

    def found(self, cookie: Cookie, cause: str, advice: str, *, certainty: Certainty = Certainty.CERTAIN) -> Found:
        return Found(
            cause,
            advice,
            (
                self.started.evidence("response.headers.Set-Cookie", got=_attributes(cookie)),
                self.returned.evidence("request.headers.Cookie", expected=cookie.name, got="missing"),
            ),
            certainty,
        )


@rule(Section("RFC 6265", "5.4"), explains=_GENERAL, decisive=True)
def cookie_host_differs(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The sign-in began on one host and ends on another, which has not its cookie."""
    lost = _lost(returned, scene)
    if lost is None:
        return
    began, ended = host_of(lost.started.url), host_of(returned.url)
    cookie = next((one for one in lost.cookies if began != ended and not _covers(one.domain, ended)), None)
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
    lost = _lost(returned, scene)
    if lost is None or not _is_cross_site(returned, scene):
        return
    is_post = returned.exchange.request.method == "POST"
    for cookie in lost.cookies:
        if not _covers(cookie.domain or host_of(lost.started.url), host_of(returned.url)):
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
    lost = _lost(returned, scene)
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
            if cookie.is_secure and (cookie.path in ("", "/") or _is_under(path, cookie.path))
        ]
        lost = next(((one, cookie) for one, cookie in pairs if cookie.name not in sent_cookies(last)), None)
        if lost is not None:
            yield Found(
                f"The authorization server is reached over plain http (`{base_of(last.url)}`), and its cookie `{lost[1].name}` is marked "
                "Secure: the browser does not keep it, so the server misses its own session on the way back.",
                "Serve the authorization server over https (behind a proxy, tell it the outer scheme), or for a local test run it in its "
                "development mode, whose cookies are not Secure.",
                (
                    lost[0].evidence("response.headers.Set-Cookie", got=_attributes(lost[1])),
                    last.evidence("request.headers.Cookie", expected=lost[1].name, got="missing"),
                ),
            )
            return


@rule(Section("RFC 6265", "4.1.2.5"), explains=(*_GENERAL, "cookie-lost-to-samesite"))
def cookie_samesite_none_insecure(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie is SameSite=None without Secure, and browsers refuse it."""
    lost = _lost(returned, scene)
    cookie = next((one for one in lost.cookies if one.same_site == "none" and not one.is_secure), None) if lost is not None else None
    if lost is not None and cookie is not None:
        yield lost.found(
            cookie,
            f"The cookie `{cookie.name}` is set with `SameSite=None` but without `Secure`: browsers reject such a cookie at once, so the "
            "callback comes without it.",
            "In the application, set the cookie with `SameSite=None; Secure` (and serve it over https), or with `SameSite=Lax` where the "
            "callback is a GET.",
        )


@rule(Section("RFC 6265", "5.4"), explains=("request-refused",), decisive=True)
def cookie_not_returned(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The callback came without the cookie that the start of the sign-in had set."""
    lost = _lost(returned, scene)
    if lost is None:
        if returned.reply.failed and start_of(returned, scene) is None:
            yield from as_provider_says(returned, "cookie-not-returned")
        return
    cookie = lost.cookies[0]
    path = split_url(returned.url).path or "/"
    elsewhere = next((one for one in lost.cookies if one.path not in ("", "/") and not _is_under(path, one.path)), None)
    if elsewhere is not None:
        yield lost.found(
            elsewhere,
            f"The cookie `{elsewhere.name}` was set with `Path={elsewhere.path}`, and the callback is at `{path}`: the browser does not "
            f"send it "
            "there.",
            f"In the application, set the cookie with `Path=/`, or one that `{path}` is under.",
        )
        return
    yield Found(
        cause=f"The callback came without the cookie `{cookie.name}` that the start of the sign-in had set, so the application does not "
        f"find "
        "the session that the `state` belongs to.",
        help="Look whether the same browser came back, whether it keeps cookies of this site, and whether the application set the cookie "
        "again or deleted it in between.",
        evidence=(
            lost.started.evidence("response.headers.Set-Cookie", got=_attributes(cookie)),
            returned.evidence("request.headers.Cookie", expected=cookie.name, got="missing"),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("Another browser, or another window's store of cookies, came back.", "Begin and end in the same browser."),
            Candidate("The browser blocks or dropped the cookie.", "Look into its storage after the start of the sign-in."),
        ),
        probe="Record the sign-in in the browser, cookies included, and look at `Set-Cookie` of the start and `Cookie` of the callback.",
    )


def is_refused(returned: Seen[AuthorizationResponse]) -> bool:
    """Whether the application did not take an answer that the provider gave well."""
    if not returned.is_direct or returned.sent.error:
        return False
    reply = returned.reply
    if reply.status >= 400:
        return reply.status not in (502, 503, 504)
    return reply.status // 100 == 3 and bool(_ERROR_PLACE.search(reply.header("location")))


def start_of(returned: Seen[AuthorizationResponse], scene: Scene) -> Seen[Message] | None:
    """The application's page whose redirect began this sign-in."""
    for seen in reversed(scene.seen):
        if seen.is_direct or not isinstance(seen.sent, AuthorizationRequest) or seen.id >= returned.id:
            continue
        if not returned.sent.state or seen.sent.state == returned.sent.state:
            return seen
    return next((one for one in reversed(scene.seen) if one.id < returned.id and _leads_to(one, returned)), None)


def cookies_of(seen: Seen[Message]) -> tuple[Cookie, ...]:
    """The cookies that an answer sets, without those that it deletes."""
    response = seen.exchange.response
    values = response.headers.all("set-cookie") if response is not None else ()
    return tuple(cookie for cookie in (_cookie(line) for value in values for line in value.split("\n")) if cookie.name and cookie.value)


def sent_cookies(seen: Seen[Message]) -> dict[str, str]:
    """The cookies of a request by name."""
    pairs = (part.partition("=") for value in seen.exchange.request.headers.all("cookie") for part in value.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _lost(returned: Seen[AuthorizationResponse], scene: Scene) -> _Lost | None:
    if not is_refused(returned) or not (returned.sent.code or returned.sent.id_token or returned.sent.response):
        return None
    started = start_of(returned, scene)
    sent = sent_cookies(returned)
    cookies = tuple(one for one in cookies_of(started) if one.name not in sent) if started is not None else ()
    # That others come back is no matter; that one of this sign-in does is: then its store is there.
    if started is None or not cookies or any(one.name in sent for one in cookies_of(started)):
        return None
    return _Lost(returned, started, cookies)


def _leads_to(seen: Seen[Message], returned: Seen[AuthorizationResponse]) -> bool:
    location = seen.reply.header("location")
    state = returned.sent.state or ""
    return bool(state) and f"state={state}" in location and "client_id=" in location


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


def _cookie(line: str) -> Cookie:
    pair, *rest = (part.strip() for part in line.split(";"))
    name, _, value = pair.partition("=")
    attributes = {key.strip().lower(): value.strip() for key, _, value in (part.partition("=") for part in rest)}
    is_deleted = attributes.get("max-age") == "0" or "1970" in attributes.get("expires", "")
    return Cookie(
        name.strip(),
        "" if is_deleted else value.strip(),
        attributes.get("domain", "").lstrip(".").lower(),
        attributes.get("path", ""),
        attributes.get("samesite", "").lower(),
        "secure" in attributes,
    )


def _attributes(cookie: Cookie) -> str:
    parts = [f"{cookie.name}=…"]
    parts += [f"Domain={cookie.domain}"] if cookie.domain else []
    parts += [f"Path={cookie.path}"] if cookie.path else []
    parts += ["Secure"] if cookie.is_secure else []
    parts += [f"SameSite={cookie.same_site.capitalize()}"] if cookie.same_site else []
    return "; ".join(parts)


def _covers(domain: str, host: str) -> bool:
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")
