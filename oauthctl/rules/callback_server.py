"""How the application's server, or what stands before it, takes the callback as a request.

Here: methods, paths, sizes, gateways. Not here: what the callback says (`callback`), listeners on this machine (`callback_listener`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from oauthctl.http import is_loopback_host, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.record.purposes import query_of
from oauthctl.rules.cookies import start_of
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_CSRF = re.compile(
    r"csrf|xsrf|forger|authenticity.?token|origin checking failed|invalid ?origin|cross-?site (?:post|form|request)|page expired"
    r"|forbidden origin",
    re.IGNORECASE,
)
_NO_ROUTE = re.compile(
    r"cannot (?:post|get)|not found|no route|method not allowed|does(?: not|n't) exist|could not be found|no match", re.I
)
_STORES = (
    ("Amazon S3", 403, r"AmazonS3[^<]{0,20}.*Access ?Denied|<?Code>?\s*AccessDenied.*RequestId|AccessDenied Access Denied"),
    ("Amazon S3", 404, r"NoSuchKey"),
    ("Google Cloud Storage", 404, r"NoSuchKey|UploadServer.*specified key does not exist"),
    ("Azure Storage", 404, r"WebContentNotFound|The requested content does not exist|BlobNotFound"),
    ("GitHub Pages", 404, r"There isn't a GitHub Pages site here|GitHub\.com.*File not found"),
)
_EXPLAINED = ("callback-failed", "request-refused", "cookie-not-returned")


@rule(
    Section("OAuth Form Post", "2"),
    explains=(*_EXPLAINED, "sign-in-state-not-shared", "state-mismatch", "cookie-lost-to-samesite"),
)
def callback_post_refused(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The answer comes as a POST, and the application's framework refuses that."""
    reply = returned.reply
    if returned.exchange.request.method != "POST" or not returned.is_direct or returned.sent.error:
        return
    said = _CSRF.search(reply.words[:8000])
    state = returned.sent.state or ""
    # A missing or foreign `state` is called CSRF, too.
    is_about_state = re.search(r"\bstate\b", reply.words[:8000], re.IGNORECASE) is not None
    if reply.status in (400, 401, 403, 419, 422) and said and state and not is_about_state:
        yield Found(
            cause="The provider's answer comes as a cross-site POST (`response_mode=form_post`), and the application's own CSRF protection "
            f"refuses every POST that comes from another site without its token ({reply.status}: `{said[0]}`): it never looks at the code.",
            help="In the application, exempt the callback's path from the framework's CSRF protection (its `state` protects it), and have "
            "its "
            "cookies set with `SameSite=None; Secure`; or ask for `response_mode=query`, which comes by GET.",
            evidence=(returned.evidence("request.method", "GET", "POST"), returned.evidence("response.body", got=said[0])),
            certainty=Certainty.LIKELY,
        )
    elif reply.status in (404, 405, 501) or (reply.status == 400 and _NO_ROUTE.search(reply.words[:2000])):
        yield Found(
            cause=f"The provider's answer comes as a POST (`response_mode=form_post`), and the application answers {reply.status}: it has "
            "no "
            f"route for POST at `{split_url(returned.url).path}`, only one for GET, or none at all.",
            help="In the application, accept POST at the redirect_uri and read code and state from the form; or ask for "
            "`response_mode=query`, where the provider allows that (Apple wants form_post for `name` and `email`).",
            evidence=(returned.evidence("request.method", "GET", "POST"), returned.evidence("response.status", "302", str(reply.status))),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 6749", "3.1.2"), explains=(*_EXPLAINED, "redirect-uri-not-registered"))
def callback_path_unknown(returned: Returned, scene: Scene) -> Iterator[Found]:
    """Nothing answers at the path of the redirect_uri."""
    reply = returned.reply
    if returned.exchange.request.method != "GET" or not returned.is_direct or returned.sent.error:
        return
    if host := _static_host(returned):
        yield _without_fallback(returned, host)
        return
    if reply.status not in (404, 405, 410):
        return
    attempt = scene.attempt_of(returned.id)
    if not returned.sent.code or attempt is None or attempt.asked is None or attempt.redeemed or "json" in reply.header("content-type"):
        return
    start = start_of(returned, scene)
    path = split_url(returned.url).path or "/"
    prefix = _prefix(split_url(start.url).path, path) if start is not None and host_of(start.url) == host_of(returned.url) else ""
    place = returned.evidence("response.status", "302", str(reply.status))
    if prefix:
        yield Found(
            cause=f"The application is reached under the path prefix `{prefix}`, and its redirect_uri has the path `{path}` without it: "
            "the "
            f"proxy knows no such path and answers {reply.status}. The application does not know the prefix that the proxy strips.",
            help=f"In the application, set its public base URL with the prefix (`{prefix}`: Grafana `root_url`, elsewhere base path or "
            "root "
            "path), or let the proxy send `X-Forwarded-Prefix` and trust that; then register the redirect_uri with the prefix.",
            evidence=(returned.evidence("request.url", expected=f"{prefix}{path}", got=path), place),
            certainty=Certainty.LIKELY,
        )
        return
    yield Found(
        cause=f"The provider sent the person to the redirect_uri, and nothing answers there ({reply.status} for `{path}`): the "
        "application or "
        "the proxy before it has no route for the callback's path.",
        help="Compare the path of the redirect_uri with the route that the application's sign-in library registers, the path prefix of the "
        "proxy included; a single-page application needs its server to answer this path with the page (fallback to `index.html`).",
        evidence=(place,),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The redirect_uri names a path that the application does not have.", "Correct the path, and register it."),
            Candidate("A proxy does not pass this path on, or strips a prefix.", "Add the path to the proxy's rules."),
            Candidate("The page is one of a script's router, and the server has no fallback.", "Answer unknown paths with the page."),
        ),
        probe=f"Open `{base_of(returned.url)}` without parameters, directly at the application and through the proxy.",
    )


def _static_host(returned: Returned) -> str:
    """The name of the file store that answers, where it says that it has no such file."""
    reply = returned.reply
    if not returned.sent.code or reply.status not in (403, 404):
        return ""
    said, server = reply.words[:2000], reply.header("server")
    return next((name for name, status, mark in _STORES if status == reply.status and re.search(mark, f"{server} {said}", re.I)), "")


def _without_fallback(returned: Returned, host: str) -> Found:
    path = split_url(returned.url).path or "/"
    return Found(
        cause=f"The provider sent the person to the redirect_uri, and {host}, a static file store, has no file for the callback's path "
        f"`{path[:120]}` ({returned.reply.status}): the path is one of the single-page application's own router, and nothing answers "
        "it with "
        "the page.",
        help="At the static host, let unknown paths be answered by `index.html` with status 200 (CloudFront: a custom error response "
        "for 403 "
        "and 404, or a function; S3: the error document; Azure: the 404 document of the static website; nginx: `try_files $uri "
        "/index.html`), "
        "or take `/` as redirect_uri.",
        evidence=(returned.evidence("response.status", "200 and the page", str(returned.reply.status)),),
        certainty=Certainty.LIKELY,
    )


def _prefix(begun: str, path: str) -> str:
    """The first part of the start's path, when the callback's path lacks it."""
    parts = [part for part in begun.split("/") if part]
    first = f"/{parts[0]}" if len(parts) > 1 else ""
    if not first or path.startswith(f"{first}/") or path == first:
        return ""
    return first if parts[1] in path.split("/") else ""


@rule(Section("RFC 9110", "15.4"), explains=(*_EXPLAINED, "response-in-fragment", "state-not-returned"))
def callback_parameters_lost(returned: Returned, scene: Scene) -> Iterator[Found]:
    """A redirect of the callback loses its parameters."""
    location = returned.reply.header("location")
    sent = returned.sent
    if returned.reply.status // 100 != 3 or not location or not sent.code or not returned.is_direct or sent.error:
        return
    try:
        target = urljoin(returned.url, location)
    except ValueError:
        return
    if "code" in query_of(target) or "code=" in target or "set-cookie" in _names(returned):
        return
    if _is_upgrade(returned, target):
        yield Found(
            cause=f"The callback comes by http (`{base_of(returned.url)[:160]}`) and is redirected to https for good "
            f"({returned.reply.status}), "
            f"to `{target[:160]}`: that redirect drops path or query, so `code` and `state` are lost before the application sees them.",
            help="Use https in the redirect_uri, in the client and in the registration, so that nothing is redirected; and let the "
            "redirect "
            "keep the whole URL (nginx: `return 301 https://$host$request_uri`).",
            evidence=(returned.evidence("response.headers.Location", expected="the same path and query", got=location[:200]),),
            certainty=Certainty.LIKELY,
        )
        return
    if not _is_alike(returned.url, target):
        return
    later = next((one for one in scene.seen if one.id > returned.id and one.is_direct and base_of(one.url) == base_of(target)), None)
    if later is None or not (later.reply.status >= 400 or "client_id=" in later.reply.header("location")):
        return
    yield Found(
        cause=f"The callback `{base_of(returned.url)[:160]}` is redirected ({returned.reply.status}) to `{target[:160]}`, and the redirect "
        "drops the query: `code` and `state` are lost, and what arrives there is an empty callback.",
        help="Make the redirect_uri the final URL (scheme, host, slash at the end) in the client and in the registration, or let the "
        "redirect "
        "keep the query (nginx: `$request_uri` or `$is_args$args`; Apache: no `?` at the end of the target).",
        evidence=(
            returned.evidence("response.headers.Location", expected="the same query", got=location[:200]),
            later.evidence("request.url", expected="code and state", got="no parameters"),
        ),
    )


def _names(seen: Returned) -> set[str]:
    response = seen.exchange.response
    return {name.lower() for name, _ in response.headers} if response is not None else set()


def _is_upgrade(returned: Returned, target: str) -> bool:
    """Whether a redirect only changes http for https on the same host, as proxies do for good."""
    host = host_of(returned.url)
    is_tls = returned.url.lower().startswith("http://") and target.lower().startswith("https://")
    return is_tls and returned.reply.status in (301, 308) and host_of(target) == host and not is_loopback_host(host)


def _is_alike(url: str, target: str) -> bool:
    """Whether both are the same place but for scheme, `www.`, and the slash at the end."""
    one, other = split_url(url), split_url(target)
    hosts = {(part.hostname or "").lower().removeprefix("www.") for part in (one, other)}
    return len(hosts) == 1 and one.path.rstrip("/").lower() == other.path.rstrip("/").lower()


@rule(Section("RFC 9110", "15.5.14"), explains=(*_EXPLAINED, "callback-headers-too-big"))
def callback_body_too_big(returned: Returned) -> Iterator[Found]:
    """The answer by POST is larger than the proxy lets through."""
    if returned.exchange.request.method != "POST" or returned.reply.status != 413:
        return
    yield Found(
        cause="The proxy or server before the application refuses the callback's body as too large (413): by `form_post` the tokens of the "
        "answer travel in the body, and it is above the limit.",
        help="Raise the limit for bodies at the proxy (nginx: `client_max_body_size`; Apache: `LimitRequestBody`), or ask for "
        "`response_type=code` alone, and put fewer claims (groups) into the ID token.",
        evidence=(returned.evidence("response.status", "302", "413"),),
    )


@rule(Section("RFC 9110", "15.6.5"), explains=("callback-failed", "server-too-slow", "gateway-error"))
def callback_gateway_error(returned: Returned, scene: Scene) -> Iterator[Found]:
    """A gateway answers the callback in the application's place."""
    status = returned.reply.status
    if status not in (502, 503, 504, *range(520, 531)) or not returned.is_direct or not returned.sent.code:
        return
    if re.search(r"too (?:big|large|long)|buffer|overflow", scene.given.local_error, re.IGNORECASE):
        return
    gateway = returned.reply.header("server")
    by = f" (`{gateway[:40]}`)" if gateway else ""
    if status in (504, 522, 524):
        cause = (
            f"The proxy before the application{by} gave up waiting for its answer to the callback ({status}, timeout): at that moment the "
            "application redeems the code, and most likely its own request to the token endpoint hangs (no way out to the provider, "
            "a firewall, DNS, a proxy that is not set), or the application is too slow."
        )
        advice = (
            "From the application's own host or container, call the token endpoint with curl; open the way out (firewall, `HTTPS_PROXY`, "
            "DNS, "
            "IPv6), set a timeout in the application, and only then raise the proxy's (`proxy_read_timeout`)."
        )
    else:
        cause = (
            f"The proxy before the application{by} got no good answer from it to the callback ({status}): the application is down or "
            "broke off "
            "while it handled the callback (it crashed, its process was ended, or its headers were more than the proxy takes)."
        )
        advice = (
            "Read the proxy's error log at that moment, and the application's: a crash while it redeems the code, or a response header (a "
            "session cookie with tokens in it) that is larger than the proxy's buffer (`proxy_buffer_size`)."
        )
    yield Found(
        cause=cause,
        help=advice,
        evidence=(returned.evidence("response.status", "302", str(status)),),
        certainty=Certainty.LIKELY if status in (504, 522, 524) else Certainty.POSSIBLE,
        candidates=(
            Candidate("The application waits for the token endpoint, which it can't reach.", "Call the token endpoint from its host."),
            Candidate("The application is down or crashes there.", "Read its log."),
            Candidate("The answer's headers are too big for the proxy.", "Raise `proxy_buffer_size`, or keep the session on the server."),
        ),
        probe="The proxy's error log at that moment.",
    )


@rule(Section("RFC 9110", "15.5.15"), explains=("authorization-refused", "request-refused"))
def authorization_url_too_long(asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The authorization URL is longer than a server takes."""
    reply = asked.reply
    length = len(asked.url)
    said = re.search(r"(?:ur[il]|request.?line|query string)[^.]{0,30}too (?:long|large)|line too long|maxQueryString", reply.words, re.I)
    if not asked.is_direct or asked.exchange.request.method != "GET" or not (reply.status == 414 or (reply.status >= 400 and said)):
        return
    query = query_of(asked.url)
    longest = max(query.pairs, key=lambda pair: len(pair[1]), default=("", ""))
    yield Found(
        cause=f"The authorization request's URL is too long for the server or proxy ({length} characters; answered {reply.status}); most "
        "of "
        f"it is the parameter `{longest[0]}` with {len(longest[1])} characters.",
        help="In the client, push the request first (PAR) and send the `request_uri` alone, or send it by POST; keep `state` short (an "
        "identifier, with the rest on the server), and ask for fewer scopes or claims.",
        evidence=(asked.evidence(f".{longest[0]}", expected="a shorter one", got=f"{len(longest[1])} characters"),),
    )
