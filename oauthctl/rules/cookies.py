"""The application's cookies around a sign-in, as the messages show them.

Here: reading `Set-Cookie` and `Cookie`, which cookies the start of a sign-in set and the callback lacks. Not here: why
(`cookie_attributes`, `cookie_absent`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from oauthctl.http import decimal
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record.purposes import query_of
from oauthctl.rules.registry import Certainty, Found
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

SAYS_STATE = re.compile(r"state|csrf|xsrf|session|cookie|nonce|correlation|verifier|login attempt|expired", re.IGNORECASE)
_BODY_LIMIT = 64 * 1024
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
    max_age: int | None = None
    expires: datetime | None = None
    is_partitioned: bool = False

    def is_over(self, *, set_at: datetime, at: datetime) -> bool:
        """Whether its time was over. `Max-Age` goes before `Expires`. Source: RFC 6265 section 5.3."""
        if self.max_age is not None:
            return at - set_at > timedelta(seconds=self.max_age)
        return self.expires is not None and at > self.expires

    @property
    def breaks_prefix(self) -> str:
        """What its name's prefix demands and it has not; empty when all is well. Source: RFC 6265bis section 4.1.3."""
        prefix = self.name.partition("-")[0].lower() if self.name.startswith("__") else ""
        if prefix not in ("__host", "__secure"):
            return ""
        if not self.is_secure:
            return "it is not marked `Secure`"
        if prefix == "__host" and self.domain:
            return f"it has `Domain={self.domain}`"
        return f"its path is `{self.path or 'unset'}` and not `/`" if prefix == "__host" and self.path != "/" else ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A refused callback that came without the cookies which the start of the sign-in had set."""

    returned: Seen[AuthorizationResponse]
    started: Seen[Message]
    cookies: tuple[Cookie, ...]
    shows_cookies: bool = True
    """Whether any request was recorded with its cookies: else whoever saved the capture may have left them out."""

    def found(self, cookie: Cookie, cause: str, advice: str, *, certainty: Certainty = Certainty.CERTAIN) -> Found:
        return Found(
            cause,
            advice,
            (
                self.started.evidence("response.headers.Set-Cookie", got=attributes_of(cookie)),
                self.returned.evidence("request.headers.Cookie", expected=cookie.name, got="missing"),
            ),
            certainty,
        )


def is_refused(returned: Seen[AuthorizationResponse]) -> bool:
    """Whether the application did not take an answer that the provider gave well."""
    if not returned.is_direct or returned.sent.error:
        return False
    reply = returned.reply
    if reply.status >= 400:
        return reply.status not in (502, 503, 504)
    if reply.status == 200:
        return reply.tells_of_failed_sign_in
    return reply.status // 100 == 3 and bool(_ERROR_PLACE.search(reply.header("location")))


def start_of(returned: Seen[AuthorizationResponse], scene: Scene) -> Seen[Message] | None:
    """The application's page whose redirect began this sign-in."""
    asked = scene.once(_led_to).get(returned.sent.state or None, ())
    found = next((seen for seen in reversed(asked) if seen.id < returned.id), None)
    if found is not None or not returned.sent.state:
        return found
    leading = (one for one in reversed(scene.once(_with_authorization_url)) if one.id < returned.id)
    return next((one for one in leading if _leads_to(one, returned)), None)


def _led_to(scene: Scene) -> dict[str | None, list[Seen[AuthorizationRequest]]]:
    """By their `state` the authorization requests that a redirect leads to; all of them by None."""
    found: dict[str | None, list[Seen[AuthorizationRequest]]] = {}
    for seen in scene.each(AuthorizationRequest):
        if not seen.is_direct:
            for state in dict.fromkeys((None, seen.sent.state)):
                found.setdefault(state, []).append(seen)
    return found


def _with_authorization_url(scene: Scene) -> tuple[Seen[Message], ...]:
    """The exchanges whose answers may hold an authorization URL."""
    return tuple(one for one in scene.seen if one.is_direct and (_names_client(one.reply.header("location")) or _json_with_client(one)))


def _names_client(text: str) -> bool:
    return "client_id=" in text


def _json_with_client(seen: Seen[Message]) -> bool:
    response = seen.exchange.response
    return response is not None and b"client_id=" in response.body[:_BODY_LIMIT] and "json" in seen.reply.header("content-type")


def cookies_of(seen: Seen[Message]) -> tuple[Cookie, ...]:
    """The cookies that an answer sets, without those that it deletes."""
    response = seen.exchange.response
    values = response.headers.all("set-cookie") if response is not None else ()
    return tuple(cookie for cookie in (_cookie(line) for value in values for line in value.split("\n")) if cookie.name and cookie.value)


def sent_cookies(seen: Seen[Message]) -> dict[str, str]:
    """The cookies of a request by name."""
    pairs = (part.partition("=") for value in seen.exchange.request.headers.all("cookie") for part in value.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def lost_of(returned: Seen[AuthorizationResponse], scene: Scene) -> Lost | None:
    """What the callback lacks of the cookies of its own start; None when it was taken, or when one of them came back."""
    brought = returned.sent
    if not (brought.code or brought.id_token or brought.response) or not (is_refused(returned) or _begins_again(returned, scene)):
        return None
    started = start_of(returned, scene)
    sent = sent_cookies(returned)
    cookies = tuple(one for one in cookies_of(started) if one.name not in sent) if started is not None else ()
    # That others come back is no matter; that one of this sign-in does is: then its store is there.
    if started is None or not cookies or any(one.name in sent for one in cookies_of(started)):
        return None
    return Lost(returned, started, cookies, scene.once(_shows_cookies))


def _begins_again(returned: Seen[AuthorizationResponse], scene: Scene) -> bool:
    """Whether the callback knows nothing of the sign-in that ends there: it sends the browser to the provider once more."""
    location = returned.reply.header("location")
    if not returned.is_direct or returned.reply.status // 100 != 3 or not _names_client(location):
        return False
    attempt, again = scene.attempt_of(returned.id), query_of(location)
    asked = attempt.asked.sent if attempt is not None and attempt.asked is not None else None
    return asked is not None and again.get("client_id") == asked.client_id and again.get("state") not in (None, asked.state)


def _shows_cookies(scene: Scene) -> bool:
    return any(seen.request_header("cookie") for seen in scene.seen)


def _leads_to(seen: Seen[Message], returned: Seen[AuthorizationResponse]) -> bool:
    """Whether an answer holds this sign-in's authorization URL: as a redirect, or in what a script gets (`{"url": "https://…"}`)."""
    state = returned.sent.state or ""
    response = seen.exchange.response
    if not state or response is None or not seen.is_direct:
        return False
    if isinstance(seen.sent, AuthorizationRequest) and seen.sent.state == returned.sent.state:
        return False
    location = seen.reply.header("location")
    if _names_client(location) and query_of(location).get("state") == state:
        return True
    written = (f"state={one}".encode("utf-8", "surrogatepass") for one in (state, quote(state, safe="", errors="surrogatepass")))
    return _json_with_client(seen) and any(one in response.body[:_BODY_LIMIT] for one in written)


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
        decimal(attributes.get("max-age", "")),
        _moment(attributes.get("expires", "")),
        "partitioned" in attributes,
    )


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.replace("-", " ")) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def attributes_of(cookie: Cookie) -> str:
    """A cookie as it was set, without its value."""
    parts = [f"{cookie.name}=…"]
    parts += [f"Domain={cookie.domain}"] if cookie.domain else []
    parts += [f"Path={cookie.path}"] if cookie.path else []
    parts += ["Secure"] if cookie.is_secure else []
    parts += [f"SameSite={cookie.same_site.capitalize()}"] if cookie.same_site else []
    parts += [f"Max-Age={cookie.max_age}"] if cookie.max_age is not None else []
    parts += ["Partitioned"] if cookie.is_partitioned else []
    return "; ".join(parts)


def covers(domain: str, host: str) -> bool:
    """Whether a `Domain` holds for a host."""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def is_under(path: str, prefix: str) -> bool:
    """Whether a path is one that a cookie of the path `prefix` goes to."""
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")
