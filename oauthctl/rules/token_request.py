"""The form of a token request: where its parameters stand, how they are written, where it goes.

Here: the request as HTTP. Not here: what it trades (`code`, `refresh`, `grant`), who sends it (`client_auth`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenRequest
from oauthctl.record.own_names import has_grant_beside_json, is_named_as_in_scripts
from oauthctl.record.purposes import query_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import says, stands
from oauthctl.specs import Section

_FORM = "application/x-www-form-urlencoded"
_UNREAD = ("invalid_request", "unsupported_grant_type", "invalid_client", "unsupported_media_type", "")
_NOT_READ = (
    r"missing|required|must|not (found|provided|present|specified|supported)|content.?type|media.?type|form|\bnone\b|\bnull\b|empty|parse"
)
# Where a token request by GET is what the documentation shows.
_TAKE_GET = ("graph.facebook.com", "graph.instagram.com", "api.weixin.qq.com", "graph.qq.com", "slack.com")
# What only a server can say that has read the parameters.
_READ = re.compile(
    r"invalid_grant|(?:bad|invalid|mismatch\w*)[_ ](?:redirect_?ur[il]|code|verification_code|client_secret|refresh_token)"
    r"|code[_ ](?:was |has )?(?:been |already |expired)",
    re.IGNORECASE,
)
# Source: RFC 8707 section 2, RFC 8693 section 2.1.
_REPEATABLE = ("resource", "audience")
_FOLLOWS = ("unsupported-media-type", "grant-unsupported", "client-auth-missing", "grant-type-missing", "refresh-token-never-issued")


def _kind(seen: Seen[TokenRequest]) -> str:
    return seen.request_header("content-type").partition(";")[0].strip().lower()


def _was_read(seen: Seen[TokenRequest]) -> bool:
    """Whether the answer is about the values in the query, so that they were taken from there."""
    return seen.reply.status not in (404, 405, 501) and _READ.search(f"{seen.reply.error} {seen.reply.words[:2000]}") is not None


def _is_unread(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """Whether the refusal is one that a server gives who could not read the parameters."""
    if not stands(seen, scene) or not seen.reply.has_answer:
        return False
    return seen.reply.status == 415 or (seen.reply.error in _UNREAD and (says(seen, _NOT_READ) or seen.reply.error != "invalid_client"))


@rule(Section("RFC 6749", "3.2"), explains=("token-request-refused", "client-auth-twice"))
def token_parameter_repeated(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """A parameter of the token request is sent twice."""
    names = tuple(name for name in seen.sent.duplicated() if name not in _REPEATABLE)
    is_said = says(seen, r"duplicat|more than once|repeat|multiple (values|parameters)|twice|single.valued|must not be (an )?array")
    if not names or not stands(seen, scene) or not (is_said or seen.reply.error == "invalid_request"):
        return
    listed = " and ".join(f"`{name}`" for name in names[:4])
    values = {value for value in seen.sent.all(names[0]) if isinstance(value, str)}
    differ = "with different values" if len(values) > 1 else "with the same value"
    yield Found(
        cause=f"The form has {listed} more than once (twice, {differ}): no parameter may be repeated, and the server refuses the request.",
        help="In the client, send each parameter once; look for a library that adds what the code adds as well (client_id, client_secret, "
        "scope).",
        evidence=(seen.evidence(f".{names[0]}", expected="once", got=f"{len(seen.sent.all(names[0]))} times"),),
        certainty=Certainty.CERTAIN if is_said else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.3"), Section("RFC 6749", "B"), explains=_FOLLOWS, decisive=True)
def token_request_as_json(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request is JSON, where a form is due."""
    body = seen.exchange.request.body.lstrip()
    if has_grant_beside_json(seen.exchange.request, query_of(seen.url)) or is_named_as_in_scripts(seen.exchange.request):
        return
    if body[:1] != b"{" or not ("json" in _kind(seen) or not _kind(seen)) or not _is_unread(seen, scene):
        return
    yield Found(
        cause=f"The token request's body is JSON (`Content-Type: {_kind(seen)[:60] or 'missing'}`): the token endpoint reads a form only, "
        "so it finds none of the parameters.",
        help="In the client, send the same parameters as `application/x-www-form-urlencoded` with that `Content-Type`.",
        evidence=(
            seen.evidence("request.headers.Content-Type", expected=_FORM, got=_kind(seen)[:80] or "missing"),
            seen.evidence("request.body", expected="grant_type=…&…", got="a JSON object"),
        ),
    )


@rule(Section("RFC 6749", "B"), Section("RFC 9110", "8.3"), explains=_FOLLOWS, decisive=True)
def token_request_mislabelled(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request's Content-Type doesn't say what its body is."""
    body, kind = seen.exchange.request.body.lstrip(), _kind(seen)
    if not body or not _is_unread(seen, scene):
        return
    is_json = body[:1] == b"{"
    if is_json and kind == _FORM:
        cause = (
            "The `Content-Type` says form, but the body is JSON: only the header was set, and the HTTP library still serialized the "
            "parameters as JSON, so the server finds none of them."
        )
        todo = "In the client, let the HTTP library encode the parameters as a form (x-www-form-urlencoded), not as a JSON object."
    elif not is_json and kind != _FORM:
        cause = (
            f"The body is form-encoded, but its `Content-Type` is {f'`{kind[:60]}`' if kind else 'missing'}: the server does not read it "
            "as a form, and finds no parameter."
        )
        todo = f"In the client, send `Content-Type: {_FORM}` with the body."
    else:
        return
    yield Found(
        cause=cause,
        help=todo,
        evidence=(
            seen.evidence("request.headers.Content-Type", expected="application/json" if is_json else _FORM, got=kind[:80] or "missing"),
            seen.evidence("request.body", expected="grant_type=…&…", got="a JSON object" if is_json else "a form"),
        ),
    )


@rule(Section("RFC 6749", "3.2"), explains=_FOLLOWS, decisive=True)
def token_request_in_query(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The parameters of the token request are in the URL's query."""
    request = seen.exchange.request
    if request.method != "POST" or not stands(seen, scene) or not seen.reply.has_answer:
        return
    query = query_of(request.url)
    if has_grant_beside_json(request, query):
        return
    if "grant_type" not in query or (request.body.strip() and "grant_type" in request.form):
        return
    yield Found(
        cause="The parameters of the token request are in the query of the URL, and the body is empty: the token endpoint reads the body "
        "only.",
        help="In the client, move the parameters into the form body; secrets and tokens must not stand in URLs anyway, where logs keep "
        "them.",
        evidence=(
            seen.evidence("request.query.grant_type", expected="in the body", got=(query.get("grant_type") or "")[:80]),
            seen.evidence("request.body", expected="the parameters", got="empty"),
        ),
    )


@rule(Section("RFC 6749", "3.2"), explains=(*_FOLLOWS, "token-endpoint-wrong", "method-not-allowed"), decisive=True)
def token_request_by_get(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request is a GET."""
    if seen.exchange.request.method != "GET" or not stands(seen, scene) or not seen.reply.has_answer:
        return
    if host_of(seen.url) in _TAKE_GET or _was_read(seen):
        return
    yield Found(
        cause="The token request is sent with the method GET: a token endpoint takes POST only.",
        help="In the client, send a POST with the parameters in a form body; if it does, look for a redirect on the way that turned the "
        "POST into a GET.",
        evidence=(seen.evidence("request.method", expected="POST", got="GET"),),
    )


@rule(Section("RFC 9110", "15.4"), explains=("token-answer-is-html", "token-endpoint-wrong"))
def token_request_redirected(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request is answered with a redirect."""
    if seen.reply.status // 100 != 3 or not stands(seen, scene):
        return
    where = seen.reply.header("location").partition("?")[0][:160]
    lost = "" if seen.reply.status in (307, 308) else ", and HTTP libraries follow it with a GET that has no body"
    same_place = split_url(where).path.rstrip("/") == split_url(seen.url).path.rstrip("/")
    why = (
        "it is the same endpoint under another scheme, host or slash"
        if same_place
        else "it is not the token endpoint, or a sign-in page guards it"
    )
    yield Found(
        cause=f"The token request to `{seen.url.partition('?')[0][:160]}` is answered with a redirect to `{where}`{lost}: {why}.",
        help="In the client, call the `token_endpoint` of the metadata exactly as it is written (https, host, slash); at a gateway, "
        "exempt the token endpoint from redirects and from sign-in.",
        evidence=(seen.evidence("response.headers.Location", expected="a token response", got=where),),
    )


@rule(Section("RFC 6749", "3.2"), Section("RFC 8414", "2"), explains=("token-answer-is-html",))
def token_endpoint_wrong(seen: Seen[TokenRequest], scene: Scene, published: ProviderMetadata | None) -> Iterator[Found]:
    """The token request goes to a URL that is not the token endpoint."""
    if not stands(seen, scene) or not seen.reply.has_answer:
        return
    named = published.token_endpoint if published is not None else None
    called = seen.url.partition("?")[0]
    is_page = bool(seen.reply.answer.problem)
    is_authorization = published is not None and called == published.authorization_endpoint
    is_authorization = is_authorization or re.search(r"/(authorize|auth)/?$", split_url(called).path) is not None
    if named == called or not (is_page or seen.reply.status in (404, 405)) or (seen.reply.error and seen.reply.status not in (404, 405)):
        return
    if seen.reply.status >= 500 or (
        seen.reply.status not in (404, 405) and not (is_authorization or (named and origin(named) == origin(called)))
    ):
        return
    if is_authorization:
        what = "which is the authorization endpoint, a page for browsers"
    elif named:
        what = f"while the metadata names `{named[:160]}` as token_endpoint"
    else:
        what = f"where the server knows no token endpoint: it answers {seen.reply.status}"
    yield Found(
        cause=f"The token request goes to the URL `{called[:160]}`, {what}.",
        help="In the client's configuration, take `token_endpoint` from the provider's metadata as it stands there.",
        evidence=(seen.evidence("request.url", expected=(named or "the token endpoint")[:200], got=called[:200]),),
        certainty=Certainty.CERTAIN if named or is_authorization else Certainty.LIKELY,
    )
