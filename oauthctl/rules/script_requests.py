"""Requests that a script makes where only a browser's navigation can do: the provider's pages, sign-out; and from where it makes them.

Here: redirects to the provider that a script follows, origins without a name, headers that were added twice. Not here: origins that a
server does not allow (`cors`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import origin
from oauthctl.messages.authorization import AuthorizationRequest, LogoutRequest
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import is_endpoint_path, query_of, split_path
from oauthctl.record.transaction import describe
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_CORS = re.compile(r"\bCORS\b|cross-origin|Access-Control-Allow-Origin|failed to fetch|network ?error|load failed", re.IGNORECASE)
_REDIRECTED = re.compile(
    r"(?:fetch|XMLHttpRequest|script)\b[^\n]{0,30}? at ['\"]?(?P<to>https?://[^\s'\"]{1,600})['\"]? "
    r"\(redirected from ['\"]?(?P<frm>https?://[^\s'\")]{1,600})",
    re.IGNORECASE,
)
_AUTHORIZE = re.compile(r"/(?:authorize|authorise|auth|oauth2?/v\d[^/]*/auth|login|signin|sso)\b", re.IGNORECASE)
_LOGOUT = re.compile(r"https?://[^\s'\"]{0,300}/(?:[\w.-]*log-?out|sign-?out|end_?session|endsession)\b[^\s'\"]{0,300}", re.IGNORECASE)
_DOUBLED = re.compile(
    r"multiple values '([^'\n]{1,200})'|Access-Control-Allow-Origin[^\n]{0,60}(?:multiple|more than one|MultipleAllowOrigin)", re.I
)
_NULL = re.compile(r"from origin 'null'|origin ['\"]?null['\"]?", re.IGNORECASE)


@rule(Section("Fetch"), explains=("cross-origin-not-allowed", "preflight-refused", "authorization-refused", "sign-in-loop"))
def sign_in_page_fetched(scene: Scene) -> Iterator[Found]:
    """A script's request is redirected to the provider's sign-in, which only a navigation can follow."""
    said = scene.given.local_error
    first = next((seen for seen in scene.seen if _is_scripted(seen) and _leads_to_provider(seen)), None)
    logged = _REDIRECTED.search(said)
    is_logged = (
        logged is not None
        and origin(logged["to"]) != origin(logged["frm"])
        and ("client_id=" in logged["to"] or _AUTHORIZE.search(logged["to"]))
    )
    own = next((seen for seen in scene.each(AuthorizationRequest) if seen.is_direct and _is_scripted(seen)), None)
    went_wrong = (own is not None and not own.reply.has_answer) or bool(_CORS.search(said))
    if ((first is None and own is None) or not went_wrong) and not is_logged:
        return
    if any(one.is_direct and not _is_scripted(one) and one.reply.status // 100 in (2, 3) for one in scene.each(AuthorizationRequest)):
        # The page itself went there afterwards.
        return
    source = base_of(first.url) if first is not None else base_of(logged["frm"]) if is_logged and logged is not None else ""
    if source:
        cause = (
            f"A script (fetch, XMLHttpRequest) called `{source[:160]}`, whose answer is a redirect to the provider's authorization "
            "endpoint "
            "since nobody is signed in (any more): a script can't follow it there, for the provider's pages allow no cross-origin reading "
            "(CORS), and no person would see them."
        )
    else:
        cause = (
            "A script (fetch, XMLHttpRequest) calls the provider's authorization endpoint itself, which only a navigation of the browser "
            "can do: its pages allow no cross-origin reading (CORS), and the person has to see them."
        )
    yield Found(
        cause=cause,
        help="On the application's server (or the access proxy before it), answer requests of scripts with 401 instead of a redirect; in "
        "the "
        "script, take the 401 as the sign to navigate the whole page to the login (`window.location`). Nothing is to be allowed at the "
        "provider.",
        evidence=tuple(
            [
                seen.evidence("request.headers.Sec-Fetch-Mode", "navigate", "cors")
                for seen in (first, own)
                if seen is not None and _is_scripted(seen)
            ]
            or [Evidence(None, "given.local_error", "", said[:200])]
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("OIDC RP-Initiated Logout", "2"), explains=("cross-origin-not-allowed", "preflight-refused", "request-refused"))
def logout_fetched(scene: Scene) -> Iterator[Found]:
    """A script calls the provider's logout, which only a navigation can do."""
    said = scene.given.local_error
    call = next((seen for seen in scene.each(LogoutRequest) if seen.is_direct and _is_scripted(seen)), None)
    logged = _LOGOUT.search(said) if _CORS.search(said) else None
    is_cross = call is not None and bool(call.request_header("origin")) and origin(call.request_header("origin")) != origin(call.url)
    if not (is_cross and (_CORS.search(said) or call is None or not call.reply.has_answer)) and logged is None:
        return
    place = call.evidence("request.headers.Sec-Fetch-Mode", "navigate", "cors") if call is not None else None
    yield Found(
        cause="A script calls the provider's logout (end-session) endpoint by fetch or XMLHttpRequest: the browser withholds the answer "
        "(CORS), "
        "and the provider, whose session is in its own cookies, wants a navigation of the browser there.",
        help="In the application, sign out by navigating the top-level window (`window.location`, or a form) to the logout URL; a "
        "server-side application answers its own logout with a redirect, called by a "
        "link and not by fetch.",
        evidence=(place,) if place is not None else (Evidence(None, "given.local_error", "", said[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("Fetch"), explains=("cross-origin-not-allowed", "preflight-refused"))
def cross_origin_header_doubled(scene: Scene) -> Iterator[Found]:
    """Access-Control-Allow-Origin comes twice."""
    cause = (
        "The answer has `Access-Control-Allow-Origin` twice{}: server and proxy both add it, and browsers take exactly one value, so "
        "the script gets nothing (CORS)."
    )
    help_ = (
        "Let one of both add the CORS headers: switch them off at the proxy (or hide the server's: nginx `proxy_hide_header "
        "Access-Control-Allow-Origin`), or in the server."
    )
    for seen in scene.seen:
        response = seen.exchange.response
        values = response.headers.all("access-control-allow-origin") if response is not None and seen.is_direct else ()
        listed = [part.strip() for value in values for part in value.replace("\n", ",").split(",") if part.strip()]
        if len(listed) > 1 and seen.request_header("origin") and _is_of_the_protocol(seen, scene):
            shown = ", ".join(f"`{one[:80]}`" for one in listed[:3])
            how = "as two headers" if len(values) > 1 else "in one header"
            to = "preflight (OPTIONS)" if seen.exchange.request.method.upper() == "OPTIONS" else describe(seen.exchange)
            yield Found(
                cause.format(f", {how} ({shown}), on the {to} to `{host_of(seen.url)}`"),
                help_,
                (seen.evidence("response.headers.Access-Control-Allow-Origin", "one value", ", ".join(listed)[:160]),),
            )
            return
    match = _DOUBLED.search(scene.given.local_error)
    if match:
        yield Found(
            cause.format(f" (`{match[1]}`)" if match[1] else " or more often"),
            help_,
            (Evidence(None, "given.local_error", "one value", match[0][:160]),),
            Certainty.LIKELY,
        )


def _is_of_the_protocol(seen: Seen[Message], scene: Scene) -> bool:
    """Whether it is a message, a call with a token, or the preflight of one."""
    if seen.purpose or "authorization" in seen.exchange.request.headers:
        return True
    if "authorization" in seen.request_header("access-control-request-headers").lower():
        return True
    return is_endpoint_path(split_path(seen.url)) or any(one.url == seen.url and one.purpose for one in scene.seen)


@rule(Section("Fetch"), explains=("cross-origin-not-allowed", "preflight-refused"))
def cross_origin_null(scene: Scene) -> Iterator[Found]:
    """The script runs in a page without an origin."""
    call = next(
        (seen for seen in scene.seen if seen.request_header("origin") == "null" and _was_withheld(seen)),
        None,
    )
    said = scene.given.local_error
    is_said = _NULL.search(said) is not None and _CORS.search(said) is not None and "redirected from" not in said
    if (call is None or (call.request_header("sec-fetch-mode").lower() == "navigate")) and not is_said:
        return
    yield Found(
        cause=f"The script's {describe(call.exchange) + ' to `' + host_of(call.url) + '`' if call is not None else 'request'} has the "
        "origin "
        "`null`: its page is a local file (`file:`), a sandboxed iframe without `allow-same-origin`, a `data:` URL, or the request was "
        "redirected across origins; a server can allow such an origin to nobody in particular (CORS).",
        help="Serve the page by http(s) from an origin of its own (`http://localhost:PORT` for development) and allow that origin at the "
        "provider; give a sandboxed iframe `allow-same-origin`, or make the request from the page outside of it.",
        evidence=(
            call.evidence("request.headers.Origin", "an origin", "null")
            if call is not None
            else Evidence(None, "given.local_error", "", said[:200]),
        ),
        certainty=Certainty.LIKELY,
    )


_FOR_SCRIPTS = (purposes.TOKEN, purposes.USERINFO, purposes.API, purposes.DISCOVERY, purposes.JWKS, purposes.REVOCATION)


def _was_withheld(seen: Seen[Message]) -> bool:
    if not seen.is_direct or seen.purpose not in _FOR_SCRIPTS:
        return False
    if not seen.reply.has_answer:
        return bool(seen.reply.failure)
    return seen.reply.header("access-control-allow-origin").strip() not in ("*", "null") and seen.exchange.request.method != "OPTIONS"


def _is_scripted(seen: Seen[Message]) -> bool:
    if not seen.is_direct:
        return False
    mode = seen.request_header("sec-fetch-mode").lower()
    return mode == "cors" or (not mode and seen.request_header("x-requested-with").lower() == "xmlhttprequest")


def _leads_to_provider(seen: Seen[Message]) -> bool:
    location = seen.reply.header("location")
    query = query_of(location) if seen.reply.status // 100 == 3 and "client_id=" in location else ()
    return "client_id" in query and "response_type" in query and origin(location) != origin(seen.url)
