"""A person's sign-in in the place of an API's answer: addresses that lead to one, pages that are one.

Here: telling them, and the page that comes with status 200. Not here: redirects to it (`access_proxy`), documents of the protocol
(`metadata`, `token_response`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from oauthctl.findings import Candidate
from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_PATH = re.compile(
    r"(?:^|[/._-])(?:log[-_]?[io]n|sign[-_]?in|sso|saml2?|wsfed|adfs/ls|cas/login|session/new|sessions/new|users/sign_in|authenticate|idp"
    r"|forms?[-_]?auth|my\.policy|pkmslogin|siteminderagent|nidp|oam|openam|ui/login|portal/auth)(?:[/._-]|$)",
    re.IGNORECASE,
)
# SAML, WS-Federation, CAS: what carries a person's sign-in from one server to the other.
_CARRIES = {"samlrequest", "wa", "wtrealm", "wctx", "relaystate"}
_HOST = re.compile(r"(?:^|[.-])(?:log[-_]?in|sign[-_]?in|sso|idp|adfs|sts|accounts?|auth|identity|secure|saml)(?=[.-])", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]{0,400}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_SIGN_IN = r"(?:sign|log)[\s-]?(?:in|on)\b|\blogin\b|single sign|anmelde|einloggen|connexion|se connecter|iniciar sesi|accedi\b"
_HEADING = re.compile(rf"<(?:title|h1|h2|legend|button)\b[^<>]{{0,200}}>[^<]{{0,80}}(?:{_SIGN_IN})", re.IGNORECASE)
_ACTION = re.compile(
    r"<form\b[^<>]{0,400}\baction\s*=\s*[\"']?[^\"'<>]{0,200}(?:log-?in|sign-?in|/sso|saml|authorize|authenticate)|name=[\"']?SAMLRequest",
    re.IGNORECASE,
)
_SENDS_ON = re.compile(
    r"(?:http-equiv=[\"']?refresh[^<>]{0,60}url=|location(?:\.href)?\s*=\s*[\"']|location\.(?:replace|assign)\(\s*[\"'])"
    r"[^\"'<>]{0,300}(?:log-?in|sign-?in|/sso|saml|authorize|adfs|wsignin)",
    re.IGNORECASE,
)
_LIMIT = 64 * 1024
_REDIRECTS = 8


def leads_to_sign_in(seen: Seen[Message], location: str) -> bool:
    """Whether an address to which a call is redirected is one where people sign in."""
    if not location or seen.reply.status // 100 != 3:
        return False
    query = query_of(location)
    if "client_id" in query and ("response_type" in query or "request_uri" in query):
        return True
    if _CARRIES & {name.lower() for name, _ in query} and query.get("wa") != "wsignout1.0":
        return True
    here, there = split_url(seen.url), split_url(location)
    if there.path.rstrip("/") == here.path.rstrip("/"):
        return False
    is_elsewhere = bool(host_of(location)) and host_of(location) != host_of(seen.url)
    return _PATH.search(there.path) is not None or (is_elsewhere and _HOST.search(host_of(location)) is not None)


def ends_well(seen: Seen[Message], scene: Scene) -> bool:
    """Whether the redirects that follow lead to an answer that is no page."""
    one: Seen[Message] = seen
    for _ in range(_REDIRECTS):
        location = one.reply.header("location")
        if one.reply.status // 100 != 3 or not location:
            break
        try:
            target = urljoin(one.url, location).partition("#")[0]
        except ValueError:
            return False
        following = [other for other in scene.order.by_url.get(target, ()) if other.id > one.id]
        if not following:
            return False
        one = following[0]
    return one.reply.status // 100 == 2 and "html" not in one.reply.header("content-type").lower()


def is_sign_in_page(seen: Seen[Message]) -> bool:
    """Whether the answer is a page at which people sign in, or one that sends the browser to such a page."""
    response = seen.exchange.response
    if response is None:
        return False
    body = response.body[:_LIMIT].decode("utf-8", "replace")
    is_page = "html" in seen.reply.header("content-type").lower() or re.match(r"\s*(?:<!doctype html|<html)", body, re.IGNORECASE)
    return bool(is_page) and any(sign.search(body) is not None for sign in (_PASSWORD, _HEADING, _ACTION, _SENDS_ON))


@rule(Section("RFC 6750", "3.1"), explains=("api-call-refused",))
def api_answer_is_sign_in_page(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """An API answers a call that has a token with a page at which people sign in."""
    scheme = seen.request_header("authorization").partition(" ")[0].lower()
    accept = seen.request_header("accept").lower()
    if seen.purpose not in (purposes.API, purposes.USERINFO) or scheme not in ("bearer", "dpop") or seen.reply.status not in (200, 203):
        return
    if "html" in accept or seen.request_header("sec-fetch-mode") == "navigate" or scene.is_made_good(seen) or not is_sign_in_page(seen):
        return
    wanted = "application/json" if "json" in accept else "an answer of the API"
    yield Found(
        cause=f"The call to `{host_of(seen.url)}` has a token, and what comes back with status {seen.reply.status} is an HTML page at "
        "which people sign in (a login page), no answer of the API: what is in front of the API, or the application itself, goes by a "
        "session cookie there and does not look at the Bearer token.",
        help="Let the API's path accept bearer tokens: exempt it from the page login (proxy, gateway, framework), configure the "
        "bearer (JWT) authentication for it, and have it answer 401 instead of a page; check that the client calls the API's own URL and "
        "not the web application's.",
        evidence=(
            seen.evidence("request.headers.Authorization", got=f"{scheme.title()} …"),
            seen.evidence("response.headers.Content-Type", wanted, seen.reply.header("content-type")[:100] or "an HTML page"),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("A proxy or the framework guards the path by a session login.", "Exempt the path, and let bearer tokens pass."),
            Candidate("The URL is the web application's and not the API's.", "Call the API's base URL."),
            Candidate("The API refuses the token and shows its login page instead of a 401.", "Read the API's log, check `aud` and `exp`."),
        ),
        probe="Send the same call without a token: if the same page comes, the token is not looked at.",
    )
