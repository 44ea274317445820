"""Calls of an API: whether the token came along, and whether it allows enough.

Here: what the call itself shows. Not here: what is wrong with the token (`audience`, `token_time`, `signature`), proofs of possession
(`dpop`, `mtls`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message, words
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import judged_at, listed, number_of, refusing
from oauthctl.rules.registry import Found, Jwt, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.scope_wanted import wanted_permissions, wanted_scopes
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_USE = Section("RFC 6750", "2.1")
_LACKS = re.compile(
    r"insufficient[_ ](?:authentication |oauth )?scopes?|access_token_scope_insufficient"
    r"|scopes? (?:is |are )?(?:missing|required|insufficient)"
    r"|(?:missing|required|requires|lacks?|needs?|not (?:contain|have|include|grant\w*))[^.]{0,40}\bscopes?\b"
    r"|missing_scope|scope_not_authorized|insufficient_permissions|insufficient (?:client|oauth|token|api|app|user) scopes?"
    r"|_permission\W{1,8}code\W{1,8}missing|scopes? (?:does not|doesn't|do not|don't) (?:match|cover|include|allow|permit)",
    re.IGNORECASE,
)
_APP_LACKS = re.compile(r"not accessible by (?:integration|personal access token)|permission", re.IGNORECASE)
NONE_SEEN = re.compile(
    r"credentials were not provided|no (?:auth\w*|bearer|access|jwt)[ -]?(?:token|header|credentials)"
    r"|(?:missing|without|no)[^.]{0,20} authorization|authorization header (?:is |was )?(?:missing|not|required)"
    r"|(?:token|jwt) (?:is |was )?(?:missing|needed|required|not (?:provided|found|present))|missing (?:access |bearer )?token"
    r"|unauthenticated|jwt (?:is )?missing|full authentication is required",
    re.IGNORECASE,
)
_CGI = re.compile(r"mod_wsgi|apache|cgi|litespeed|passenger|phusion", re.IGNORECASE)


def _has_token(seen: Seen[ApiRequest]) -> bool:
    return bool(seen.request_header("authorization").strip())


def _refused(seen: Seen[Message], scene: Scene) -> bool:
    return seen.reply.verdict in (401, 403) and seen.id in scene.failed


def _scope_of(seen: Seen[ApiRequest], scene: Scene) -> tuple[str, ...]:
    """The scopes of the token that was sent, as far as they can be known."""
    token = str(seen.sent.raw("token") or "")
    issued = scene.issued_by(token, "access_token")
    if issued is not None and isinstance(issued.back, TokenResponse) and issued.back.scope:
        return issued.back.scope
    claims = next((held.token.claims or {} for held, _ in scene.tokens if held.exchange == seen.id and held.token.claims), {})
    return next((found for name in ("scope", "scp", "scopes") if (found := words(claims.get(name)))), ())


@rule(Section("RFC 6750", "3.1"), explains=("api-call-refused", "audience-differs", "scope-narrowed"))
def scope_insufficient(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The token lacks a scope that the API asks for."""
    says_no = seen.reply.verdict in (400, 401, 403, 404) or (seen.reply.status == 200 and seen.reply.members.get("ok") is False)
    if (seen.url and not _has_token(seen)) or not says_no or (seen.reply.failed and seen.id not in scene.failed):
        return
    if (permissions := wanted_permissions(seen)) and _APP_LACKS.search(seen.reply.words):
        yield Found(
            cause=f"The token's app lacks a permission: this endpoint asks for `{permissions}`, and the app, or its installation at this "
            "account or repository, was not granted that.",
            help=f"In the app's settings add the permission `{permissions}`, have the installation accept the change (and cover this "
            "repository), and then get a new token.",
            evidence=(seen.evidence("response.headers.X-Accepted-GitHub-Permissions", got=permissions),),
            certainty=Certainty.LIKELY,
        )
        return
    is_coded = "insufficient_scope" in f"{seen.reply.error} {seen.reply.header('www-authenticate')}".lower()
    accepted = seen.reply.header("x-accepted-oauth-scopes") and wanted_scopes(seen) and seen.reply.status in (403, 404)
    if not is_coded and not accepted and not _LACKS.search(seen.reply.words):
        return
    wanted, has = wanted_scopes(seen), _scope_of(seen, scene)
    missing = [one for one in re.split(r"[\s,]+", wanted) if one and one not in has]
    if wanted and has and not missing and not accepted:
        yield Refuted()
        return
    refreshed = _refresh_between(seen, scene)
    if refreshed is not None and missing and set(missing) <= set(_granted(refreshed)):
        refreshed = None
    who = "the userinfo endpoint" if seen.purpose == purposes.USERINFO else "the API"
    needs = f"{who} asks for {listed(missing)}" if missing else f"{who} asks for more"
    holds = f", and the token has {listed(has)}" if has else ""
    cause = f"The token is good but lacks a scope: {needs}{holds}{' (`insufficient_scope`)' if is_coded else ''}."
    help_ = (
        "In the client, start a new authorization request whose `scope` includes "
        f"{listed(missing) if missing else 'what the API names'}, and let the person consent; where the provider's console lists an app's "
        "scopes, add it there first."
    )
    if refreshed is not None:
        cause += f" The client answered with a refresh (exchange {refreshed.id}), which can't add a scope beyond those first granted."
        help_ = help_.replace("start a new", "do not refresh again but start a new")
    yield Found(
        cause=cause,
        help=help_,
        evidence=(
            seen.evidence("response.headers.WWW-Authenticate" if is_coded else "response", " ".join(missing) or wanted, " ".join(has)),
        ),
        certainty=Certainty.CERTAIN if is_coded or accepted else Certainty.LIKELY,
    )


def _refresh_between(seen: Seen[ApiRequest], scene: Scene) -> Seen[TokenRequest] | None:
    """The refresh between two refusals of the same call."""
    calls = [one.id for one in scene.each(ApiRequest) if one.url == seen.url and one.reply.status == seen.reply.status]
    first, last = min(calls, default=seen.id), max(calls, default=seen.id)
    grants = [one for one in scene.each(TokenRequest) if first < one.id < last and not one.reply.failed]
    return next((one for one in grants if one.sent.grant_type == "refresh_token"), None)


def _granted(seen: Seen[TokenRequest]) -> tuple[str, ...]:
    return (seen.back.scope or ()) if isinstance(seen.back, TokenResponse) else ()


@rule(_USE, explains=("api-call-refused", "token-not-sent"))
def authorization_header_dropped(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The Authorization header is lost on a redirect."""
    # What nobody can tell for an API call without its header is one by the redirect that leads to it.
    if seen.reply.status not in (401, 403) or seen.request_header("authorization") or scene.is_made_good(seen):
        return
    for before in scene.order.by_target.get(seen.url.partition("#")[0], ()):
        if before.id >= seen.id or not before.request_header("authorization"):
            continue
        location = before.reply.header("location")
        what = _difference(before.url, _joined(before.url, location))
        yield Found(
            cause=f"The HTTP client followed a redirect ({before.reply.status}) and dropped the `Authorization` header on the way: "
            f"the first request carries it, the second, to {what}, has none.",
            help=f"In the client call the final URL directly ({what}), or turn off automatic redirects and send the header again yourself.",
            evidence=(
                before.evidence("request.headers.Authorization", got="present"),
                before.evidence("response.headers.Location", got=location[:200]),
                seen.evidence("request.headers.Authorization", "present", "missing"),
            ),
        )
        return


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _difference(one: str, other: str) -> str:
    parts = split_url(one), split_url(other)
    if (parts[0].hostname or "") != (parts[1].hostname or ""):
        return f"another host, `{parts[1].hostname}`"
    if parts[0].scheme != parts[1].scheme:
        return f"the {parts[1].scheme} address"
    if parts[0].path.rstrip("/") == parts[1].path.rstrip("/"):
        return "the path with a trailing slash" if parts[1].path.endswith("/") else "the path without its trailing slash"
    return f"`{parts[1].path[:100]}`"


@rule(Section("RFC 6750", "3.1"), explains=("api-call-refused", "api-rejects-valid-token"))
def authorization_header_stripped(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The Authorization header does not reach the application behind the server."""
    if not _has_token(seen) or not _refused(seen, scene):
        return
    headers = scene.given.mapping("app_seen_headers")
    is_proved = bool(headers) and not any(str(name).lower() in ("authorization", "http_authorization") for name in headers)
    server = seen.reply.header("server")
    is_bare = seen.reply.challenge is not None and not seen.reply.challenge.get("error") and not seen.reply.error
    says_none = NONE_SEEN.search(seen.reply.words) is not None
    if headers and not is_proved:
        return
    if not is_proved and not (says_none and (is_bare or not seen.reply.error)):
        return
    own = f" (`{server[:60]}`)" if server else ""
    is_cgi = _CGI.search(server) is not None
    how = (
        "Apache with mod_wsgi or CGI does not pass it on unless told so"
        if is_cgi
        else "a proxy, gateway or server in between did not pass it on"
    )
    yield Found(
        cause=f"The client sends `Authorization`, yet the application behind the server{own} sees no credentials: the header was "
        f"stripped on the way; {how}.",
        help="In Apache set `WSGIPassAuthorization On` (mod_wsgi) or `CGIPassAuth On` (CGI, FastCGI); in another proxy or gateway "
        "forward the `Authorization` header (nginx: `proxy_set_header Authorization $http_authorization`).",
        evidence=(
            seen.evidence("request.headers.Authorization", got="present"),
            seen.evidence("response", "a word on the token", "no credentials were seen"),
        ),
        certainty=Certainty.CERTAIN if is_proved else Certainty.LIKELY,
        candidates=()
        if is_proved
        else (
            Candidate("The server, proxy or gateway in front of the application drops the header.", "Let it pass `Authorization` on."),
            Candidate("The application looks for another scheme or header.", "Compare `Bearer` with what its documentation names."),
        ),
        probe="" if is_proved else "Log the headers that the application itself sees.",
    )


@rule(Section("RFC 6750", "3.1"), explains=("api-call-refused",))
def api_rejects_valid_token(jwt: Jwt, scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """An API refuses a token whose signature and times are right."""
    seen, signature = refusing(jwt, scene), jwt.facts.get("signature")
    now, end = judged_at(jwt, scene), number_of(jwt, "exp")
    if seen is None or seen.reply.verdict != 401 or now is None or (end is not None and now >= end):
        return
    if signature not in ("pass", "fail") and end is not None and published is not None and _is_its_own(jwt, seen, published):
        yield _issuer_refuses(seen, published)
        return
    issued = scene.issued_by(str(seen.sent.raw("token") or ""), "access_token") if seen.sent is not None else None
    if signature == "pass":
        proof = "the token's signature fits the published keys"
    elif signature is None and issued is not None and issued.id < seen.id:
        proof = f"the issuer has just made the token (exchange {issued.id})"
    else:
        return
    place = origin(seen.url)
    yield Found(
        cause=f"The API at `{place}` answers 401 although {proof} and its times are right: the API's own configuration, or what it asks of "
        "tokens, decides.",
        help="Compare the issuer, key set and audience in the API's configuration with the token's `iss`, `kid` and `aud`, and read "
        "the API's log.",
        evidence=(seen.evidence("request.headers.Authorization", got="a token that verifies"),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("The API expects another audience or issuer.", "Compare both with the token's `aud` and `iss`."),
            Candidate("The API uses an old copy of the key set.", "Restart it or let it fetch the keys on an unknown `kid`."),
            Candidate("The API looks the token up and finds it revoked.", "Ask the issuer's introspection endpoint."),
        ),
        probe="Read what the API logs when it refuses the token.",
    )


def _is_its_own(jwt: Jwt, seen: Seen[Message], published: ProviderMetadata) -> bool:
    """Whether the issuer that the token names is asked about the person itself, where it says that it is to be asked."""
    is_issuers = bool(published.issuer) and jwt.held.token.claim_text("iss") == published.issuer
    return is_issuers and jwt.held.role is Role.ACCESS_TOKEN and seen.url == published.userinfo_endpoint


def _issuer_refuses(seen: Seen[Message], published: ProviderMetadata) -> Found:
    return Found(
        cause=f"The userinfo endpoint of `{published.issuer}` answers 401 to an access token that names this very server as its issuer and "
        "has not ended: it was revoked, it is for another API alone, or the endpoint can't check its own server's tokens.",
        help="Sign in again and ask at once: if the new token is refused, too, look into the log of the provider's userinfo endpoint; else "
        "the old one was revoked, or its session has ended.",
        evidence=(seen.evidence("request.headers.Authorization", got="a token of this issuer that has not ended"),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("The token was revoked, or its session has ended.", "Sign in again."),
            Candidate("The token is for another API alone.", "Compare its `aud`, and ask for one without a `resource` or `audience`."),
            Candidate("The endpoint checks tokens by other keys or another issuer.", "Read the provider's log."),
        ),
        probe="Ask with a token that was issued just now.",
        title="The issuer's own userinfo endpoint refuses a token that has not ended",
    )
