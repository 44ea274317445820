"""What a browser refuses to let a script do: requests to other origins.

Here: CORS, extensions. Not here: pages that no script should fetch (`script_requests`), what a page's own headers forbid (`page_policies`),
a server that refuses a redemption from a browser (`client_auth`), connections that fail (`transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import origin
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Candidate, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Preflight, Seen
from oauthctl.rules.trouble import Kind, troubles
from oauthctl.specs import Section

_FOR_SCRIPTS = (
    purposes.TOKEN,
    purposes.USERINFO,
    purposes.API,
    purposes.DISCOVERY,
    purposes.RESOURCE_METADATA,
    purposes.JWKS,
    purposes.REVOCATION,
    purposes.INTROSPECTION,
    purposes.REGISTRATION,
    purposes.DEVICE_AUTHORIZATION,
    purposes.PUSHED_AUTHORIZATION,
)
# Source: Fetch Standard, "CORS-safelisted request-header" and "CORS-safelisted method".
_SAFE_METHODS = ("GET", "HEAD", "POST")
_SAFE_HEADERS = ("accept", "accept-language", "content-language", "content-type", "range")
_PREFLIGHT_SAID = re.compile(r"preflight|CORS preflight|Access-Control-Allow-Headers in preflight", re.IGNORECASE)
_WILDCARD_SAID = re.compile(
    r"must not be the wildcard|credential is not supported if the CORS header|cannot use wildcard in Access-Control", re.IGNORECASE
)
_CORS_SAID = re.compile(
    r"blocked by CORS|Cross-Origin Request Blocked|not allowed by Access-Control-Allow-Origin|No 'Access-Control-Allow-Origin'"
    r"|CORS header .{0,3}Access-Control-Allow-Origin|CORSMissingAllowOrigin|CORS policy",
    re.IGNORECASE,
)
_ORIGIN_SAID = re.compile(r"from origin ['\"](https?://[^'\"\s]{1,200})['\"]", re.IGNORECASE)
_PRIVATE_NETWORK = re.compile(
    r"more-private address space|`?(?:unknown|local|private|loopback|public)`? address space"
    r"|(?:private|local)[ -]network[ -](?:access|request)"
    r"|Access-Control-(?:Allow|Request)-(?:Private|Local)-Network",
    re.IGNORECASE,
)
_FIX = (
    "On the server (or in the provider's console), allow the application's origin for cross-origin requests (CORS, web origins); or "
    "fetch tokens in the application's backend instead of in the browser."
)


@rule(Section("Fetch"), explains=("cross-origin-not-allowed",))
def preflight_refused(scene: Scene) -> Iterator[Found]:
    """The server does not let the browser's preflight pass."""
    help_ = (
        "On the server, or the proxy or middleware before it, answer OPTIONS without authentication and without a redirect, with 204, "
        "`Access-Control-Allow-Origin` for that origin, and the asked methods and headers (`Authorization`, `Content-Type`)."
    )
    for asked in scene.each(Preflight):
        place = asked.request_header("origin")
        if not place or not asked.reply.has_answer or not asked.request_header("access-control-request-method"):
            continue
        lacking = _lacking(asked)
        if not lacking or not _is_of_interest(asked, scene) or _was_let_through(asked, scene):
            continue
        yield Found(
            cause=f"Before the script's request the browser asked `{host_of(asked.url)}` for permission (CORS preflight, OPTIONS), and "
            f"the answer does not allow it for the origin `{place}`: {lacking}.",
            help=help_,
            evidence=(
                asked.evidence("response.status", "200 or 204", str(asked.reply.status)),
                asked.evidence("response.headers.Access-Control-Allow-Origin", place, asked.reply.header("access-control-allow-origin")),
            ),
        )
    said = scene.given.local_error
    if _CORS_SAID.search(said) and _PREFLIGHT_SAID.search(said):
        yield Found(
            cause="The browser's preflight (CORS, OPTIONS) was not allowed by the server, so the script's request was never sent.",
            help=help_,
            evidence=(_log(said),),
            certainty=Certainty.LIKELY,
        )


def _lacking(asked: Seen[Preflight]) -> str:
    """What the answer to a preflight lacks, as a phrase; empty when it allows what is asked."""
    status, place = asked.reply.status, asked.request_header("origin")
    allowed = asked.reply.header("access-control-allow-origin").strip()
    if not 200 <= status < 300:
        return f"it has the status {status}"
    if not allowed:
        return "`Access-Control-Allow-Origin` is missing"
    if allowed not in ("*", place):
        return f"`Access-Control-Allow-Origin` is `{allowed[:100]}`"
    method = asked.request_header("access-control-request-method").upper()
    methods = {one.strip().upper() for one in asked.reply.header("access-control-allow-methods").split(",")}
    if method not in _SAFE_METHODS and method not in methods and "*" not in methods:
        return f"`Access-Control-Allow-Methods` lacks {method}"
    headers = {one.strip().lower() for one in asked.reply.header("access-control-allow-headers").split(",")}
    wanted = [one.strip().lower() for one in asked.request_header("access-control-request-headers").split(",") if one.strip()]
    # "`*`" never stands for Authorization.
    missing = [
        one for one in wanted if one not in headers and one not in _SAFE_HEADERS[:3] and ("*" not in headers or one == "authorization")
    ]
    return f"`Access-Control-Allow-Headers` lacks `{missing[0][:60]}`" if missing else ""


def _is_of_interest(asked: Seen[Preflight], scene: Scene) -> bool:
    """Whether it is about an endpoint of OAuth's or a call with a token; of a page's other requests nobody wants to hear."""
    if (
        "authorization" in asked.request_header("access-control-request-headers").lower()
        or "dpop" in asked.request_header("access-control-request-headers").lower()
    ):
        return True
    if asked.purpose or purposes.is_endpoint_path(purposes.split_path(asked.url)):
        return True
    endpoints = {value for document, _ in scene.metadata for _, value in document.fields if isinstance(value, str)}
    return asked.url in endpoints or any(seen.url == asked.url and seen.purpose for seen in scene.seen if seen.id != asked.id)


def _was_let_through(asked: Seen[Preflight], scene: Scene) -> bool:
    method = asked.request_header("access-control-request-method").upper()
    return any(
        seen.url == asked.url
        and seen.exchange.request.method.upper() == method
        and seen.reply.has_answer
        and seen.is_direct
        and seen.id > asked.id
        for seen in scene.seen
    )


@rule(Section("Fetch"))
def cross_origin_not_allowed(scene: Scene) -> Iterator[Found]:
    """The server does not let scripts of the application's origin read its answer."""
    for seen in scene.seen:
        if not seen.is_direct or seen.purpose not in _FOR_SCRIPTS or not _is_of_script(seen):
            continue
        allowed, place = seen.reply.header("access-control-allow-origin").strip(), seen.request_header("origin")
        if seen.reply.has_answer:
            # An error without the header is told by its own rule: many servers leave it out there alone.
            is_cors = seen.request_header("sec-fetch-mode").lower() == "cors"
            if allowed in ("*", place) or not is_cors or seen.reply.status >= 300 or _later_allowed(seen, scene):
                continue
            got = f"`Access-Control-Allow-Origin` is `{allowed[:100]}`" if allowed else "has no `Access-Control-Allow-Origin`"
            certainty = Certainty.CERTAIN
        elif re.search(r"ERR_FAILED|NetworkError|Failed to fetch|Load failed|CORS", seen.reply.failure, re.IGNORECASE):
            got, certainty = f"was withheld by the browser (`{seen.reply.failure[:80]}`)", Certainty.LIKELY
        else:
            continue
        yield Found(
            cause=f"The {describe(seen.exchange)} was sent by a script of the origin `{place}`, and the answer of `{host_of(seen.url)}` "
            f"{got}: the browser does not let the script read it (CORS).",
            help=_FIX,
            evidence=(seen.evidence("response.headers.Access-Control-Allow-Origin", place, allowed),),
            certainty=certainty,
        )
    said = scene.given.local_error
    if _CORS_SAID.search(said) and not _PREFLIGHT_SAID.search(said) and not _WILDCARD_SAID.search(said):
        named = _ORIGIN_SAID.search(said)
        yield Found(
            cause="The browser withheld the answer from the application's script, since the server does not allow its origin"
            f"{f' `{named[1]}`' if named else ''} (`Access-Control-Allow-Origin` is missing or another; CORS).",
            help=_FIX,
            evidence=(_log(said),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("Fetch"), explains=("cross-origin-not-allowed",))
def cross_origin_wildcard_with_credentials(scene: Scene) -> Iterator[Found]:
    """The server answers `*` to a request with credentials."""
    cause = (
        "The script sends cookies along (credentials), and the server answers `Access-Control-Allow-Origin: *`: with credentials the "
        "wildcard does not count, and the browser withholds the answer (CORS)."
    )
    help_ = (
        "In the script, leave out credentials (`credentials: 'omit'`, no `withCredentials`); tokens need none. If cookies are needed, "
        "let the server name the origin itself and add `Access-Control-Allow-Credentials: true`."
    )
    for seen in scene.seen:
        if not seen.is_direct or seen.purpose not in _FOR_SCRIPTS or not _is_of_script(seen) or not seen.request_header("cookie"):
            continue
        if seen.reply.header("access-control-allow-origin").strip() == "*" and seen.request_header("sec-fetch-mode").lower() == "cors":
            yield Found(
                cause=cause,
                help=help_,
                evidence=(seen.evidence("response.headers.Access-Control-Allow-Origin", seen.request_header("origin"), "*"),),
            )
    if _WILDCARD_SAID.search(scene.given.local_error):
        yield Found(cause=cause, help=help_, evidence=(_log(scene.given.local_error),), certainty=Certainty.LIKELY)


@rule(Section("Fetch"))
def blocked_by_extension(scene: Scene) -> Iterator[Found]:
    """An extension or an administrator's policy of the browser blocks the request."""
    for one in troubles(scene, Kind.BLOCKED):
        yield Found(
            cause=f"The browser itself blocked the {one.asked} to {one.target} before it was sent: an extension (ad blocker, tracking "
            "protection) or an administrator's policy.",
            help="Try in a private window without extensions; then have the provider's host exempted in the extension or the policy.",
            evidence=one.evidence(),
            certainty=one.certainty,
            candidates=(
                Candidate("An extension blocks it.", "Exempt the provider's host in it."),
                Candidate("A policy of the organization blocks it.", "Ask its administrator."),
            ),
            probe="A private window without extensions tells.",
        )


def _is_of_script(seen: Seen[Message]) -> bool:
    place = seen.request_header("origin")
    return (
        bool(place)
        and place != "null"
        and origin(place) != origin(seen.url)
        and seen.request_header("sec-fetch-mode").lower() in ("", "cors")
    )


def _later_allowed(seen: Seen[Message], scene: Scene) -> bool:
    return any(later.url == seen.url and later.id > seen.id and later.reply.header("access-control-allow-origin") for later in scene.seen)


def _log(said: str) -> Evidence:
    return Evidence(None, "given.local_error", "", said[:200])


@rule(Section("Fetch"), explains=("cross-origin-not-allowed", "preflight-refused", "internal-host-unreachable"))
def private_network_blocked(scene: Scene) -> Iterator[Found]:
    """A page of the public network calls an address of the private one, and the browser does not let it."""
    match = _PRIVATE_NETWORK.search(scene.given.local_error)
    if match is None:
        return
    calls = (seen for seen in scene.seen if seen.is_direct and seen.purpose and not seen.reply.has_answer)
    call = next((seen for seen in calls if is_internal_host(host_of(seen.url))), None)
    target = f"`{host_of(call.url)}`" if call is not None else "an address of a private network or of this machine"
    evidence = [Evidence(None, "given.local_error", "", match[0][:160])]
    if call is not None:
        evidence.append(call.evidence("request.url", "a public address", host_of(call.url)))
    yield Found(
        cause=f"A page from a public address calls {target}, and the browser guards the local network against that (local or private "
        "network "
        "access, by address space): without the person's permission it does not send the request.",
        help="Serve the page by https and let the person grant the permission for local network access, or serve page and provider "
        "from the "
        "same network; a server that wants such calls answers the preflight with `Access-Control-Allow-Private-Network: true`. For others "
        "than a developer, give the provider a public address.",
        evidence=tuple(evidence),
        certainty=Certainty.LIKELY,
    )


@rule(Section("Fetch"), explains=("cross-origin-not-allowed", "token-expired", "api-call-refused", "token-inactive"))
def refusal_hidden_by_cors(scene: Scene) -> Iterator[Found]:
    """An error of the API lacks the CORS headers, and the script sees no more than a CORS error."""
    if not _CORS_SAID.search(scene.given.local_error):
        return
    for seen in scene.failures:
        place = seen.request_header("origin")
        if seen.purpose not in (purposes.API, purposes.USERINFO) or seen.reply.status < 400 or not place or place == "null":
            continue
        if origin(place) == origin(seen.url) or seen.reply.header("access-control-allow-origin"):
            continue
        said = seen.reply.description or seen.reply.error
        why = f" (`{said[:120]}`)" if said else ""
        yield Found(
            cause=f"The {describe(seen.exchange)} is answered {seen.reply.status}{why}, and this error answer lacks "
            "`Access-Control-Allow-Origin`: the browser reports a CORS error and hides from the script what really is the matter, the "
            f"{seen.reply.status}.",
            help=f"Treat the {seen.reply.status} first (with 401, renew the token); and at the API or gateway, add the CORS headers "
            "to error "
            "answers, too (nginx: `add_header … always`; API Gateway: gateway responses `DEFAULT_4XX`; CORS middleware before the "
            "authentication).",
            evidence=(
                seen.evidence("response.status", "200", str(seen.reply.status)),
                seen.evidence("response.headers.Access-Control-Allow-Origin", place, "missing"),
            ),
            certainty=Certainty.LIKELY,
        )
        return
