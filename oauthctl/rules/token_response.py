"""The token endpoint's answer: whether a client can read it.

Here: its form and members. Not here: why a request was refused (the rules of the requests), the tokens themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Certainty, Severity
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import stands
from oauthctl.specs import Section

_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_CREDENTIALS = re.compile(r"credential|client_secret|bad_client|invalid_client", re.IGNORECASE)


@rule(Section("RFC 6749", "5.1"))
def token_answer_is_html(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token endpoint answers with a page."""
    problem, status = seen.reply.answer.problem, seen.reply.status
    if (
        not stands(seen, scene)
        or ("HTML" not in problem and "XML" not in problem)
        or status in (404, 405, 407, 429)
        or status >= 500
        or status // 100 == 3
    ):
        return
    found = _TITLE.search(seen.exchange.response.body[:65536]) if seen.exchange.response else None
    title = " ".join(found[1].decode("utf-8", "replace").split())[:80] if found else ""
    named = f" (“{title}”)" if title else ""
    blocked = status in (403, 406)
    cause = (
        f"The answer to the token request is {problem}{named} with the status {status}, not JSON: something in front of the token "
        "endpoint, such as a WAF, answered in its place."
        if blocked
        else f"The answer to the token request is {problem}{named}, not JSON: the URL is not the token endpoint, or a sign-in page or WAF "
        "answered in its place."
    )
    yield Found(
        cause=cause,
        help="In the client's configuration, take the `token_endpoint` from the provider's metadata; if a gateway guards the path, exempt "
        "the token endpoint there.",
        evidence=(seen.evidence("response.body", expected="a JSON object", got=f"{problem}{named}"),),
    )


@rule(Section("RFC 6749", "5.1"), Section("RFC 8259", "2"))
def token_answer_unreadable(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token endpoint's answer is neither JSON nor a form."""
    problem, reply = seen.reply.answer.problem, seen.reply
    if reply.status // 100 != 2 or not problem or "HTML" in problem or "XML" in problem or not stands(seen, scene):
        return
    missing = reply.header("content-length") not in ("", "0") and problem == "an empty body"
    if missing:
        return
    yield Found(
        cause=f"The token endpoint answers with the status {reply.status}, but its body is {problem}: a client can't read tokens from it.",
        help="Check that the URL is the token endpoint of the metadata, send `Accept: application/json`, and look for a proxy or gateway "
        "that cuts or rewrites the answer.",
        evidence=(seen.evidence("response.body", expected="a JSON object", got=problem),),
    )


@rule(Section("RFC 6749", "5.2"), explains=("client-secret-wrong", "client-unknown"))
def token_error_with_200(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """A refusal of the client's credentials comes with the status 200."""
    error = seen.reply.error
    if seen.reply.status != 200 or not error or not stands(seen, scene) or not _CREDENTIALS.search(error):
        return
    if not seen.sent.client_secret or seen.facts.get("secret_matches") is True:
        return
    yield Found(
        cause=f"The answer has the status 200, but it is an error, `{error[:80]}`: `client_id` and `client_secret` do not belong "
        "together. A client that looks at the status alone takes this for success.",
        help="In the client's configuration, put in the `client_id` and secret that the provider's console shows; in its code, look for "
        "`error` in the body whatever the status.",
        evidence=(
            seen.evidence("response.status", expected="400 or 401", got="200"),
            seen.evidence("response.body.error", got=error[:200]),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "5.1"), severity=Severity.NOTE)
def expires_in_not_a_number(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The token response's expires_in is a string."""
    back = seen.back
    written = back.raw("expires_in") if isinstance(back, TokenResponse) else None
    body = seen.exchange.response.body.lstrip()[:1] if seen.exchange.response else b""
    if not isinstance(written, str) or body != b"{" or seen.reply.failed:
        return
    is_v1 = "microsoftonline." in seen.url and "/v2.0/" not in seen.url
    where = ", as the v1.0 token endpoint does it" if is_v1 else ""
    yield Found(
        cause=f"The token response has `expires_in` as a string{where}, where JSON numbers are due: a client with strict types can't read "
        "it.",
        help="In the client, call the v2.0 token endpoint (`/oauth2/v2.0/token`), or accept a string of digits."
        if is_v1
        else "In the client, accept a string of digits; the provider should send a number (some v1 endpoints do so, the v2 ones do not).",
        evidence=(seen.evidence("response.body.expires_in", expected="a number", got="a string"),),
        severity=Severity.ERROR if "expires_in" in given.local_error else None,
    )


@rule(Section("RFC 6749", "5.1"), severity=Severity.NOTE)
def token_type_missing(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The token response has no token_type."""
    back = seen.back
    if not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or back.token_type:
        return
    is_said = "token_type" in given.local_error or "token type" in given.local_error.lower()
    yield Found(
        cause="The token response has an access token but no `token_type`, which is required: a strict client refuses the answer.",
        help="In the client, take a missing `token_type` for `Bearer` at this provider; the provider should send it.",
        evidence=(seen.evidence("response.body.token_type", expected="Bearer", got="missing"),),
        severity=Severity.ERROR if is_said else None,
    )


@rule(Section("OIDC Core", "3.1.3.3"))
def id_token_missing(seen: Seen[TokenRequest], asked: AuthorizationRequest, published: ProviderMetadata) -> Iterator[Found]:
    """An OpenID provider granted `openid` and gave no ID token."""
    back = seen.back
    if not isinstance(back, TokenResponse) or seen.reply.failed or not seen.sent.code or not back.access_token or back.id_token:
        return
    # A server that knows nothing of OpenID Connect may well ignore the scope.
    if not published.id_token_signing_alg_values_supported or "openid" not in (asked.scope or ()):
        return
    if back.scope is not None and "openid" not in back.scope:
        return
    yield Found(
        cause="The authorization request asked for the scope `openid`, the provider granted it, and its token response has no `id_token`: "
        "the client can't know who signed in.",
        help="At the provider, let the token endpoint issue an ID token for every code that was granted with `openid` (is the client "
        "registered for OpenID Connect there, or does a hook or gateway drop the member?).",
        evidence=(seen.evidence("response.body.id_token", expected="an ID token", got="missing"),),
        severity=Severity.WARNING,
    )


@rule(Section("RFC 6749", "5.1"))
def token_answer_incomplete(seen: Seen[Message]) -> Iterator[Found]:
    """The token endpoint answers 200 without an access token."""
    reply = seen.reply
    if reply.status != 200 or reply.failed or reply.error or not reply.members:
        return
    # An answer that was pasted alone has no token request before it.
    if seen.purpose != purposes.TOKEN or not isinstance(seen.back, TokenResponse) or not (seen.as_(TokenRequest) or not seen.url):
        return
    kinds = seen.facts.get("no_strings")
    is_no_string = isinstance(kinds, dict) and "access_token" in kinds
    is_empty = "access_token" in reply.members and (reply.members["access_token"] in (None, "") or is_no_string)
    if ("access_token" in reply.members and not is_empty) or "authed_user" in reply.members or reply.members.get("id_token"):
        return
    inner = next((name for name, value in reply.members.items() if isinstance(value, dict) and "access_token" in value), "")
    names = ", ".join(list(reply.members)[:6])[:120]
    yield Found(
        cause=f"The token response has its `access_token` inside of the member `{inner[:60]}`, where clients don't look for it."
        if inner
        else f"The token endpoint answers 200, and the `access_token` of its answer is missing: it is {_written(reply.members)}; the body "
        f"has {names}."
        if is_empty
        else f"The token endpoint answers 200 without an `access_token`: the body has {names}.",
        help="In the client, read the token where this provider puts it."
        if inner
        else "Check that the URL is the token endpoint, and that the provider's answer isn't rewritten on the way.",
        evidence=(seen.evidence("response.body.access_token", expected="an access token", got=_place_of(inner, reply.members)),),
    )


def _place_of(inner: str, members: dict[str, Any]) -> str:
    return f"in {inner}" if inner else _written(members) if "access_token" in members else "missing"


def _written(members: dict[str, Any]) -> str:
    match members["access_token"]:
        case None:
            return "null"
        case "":
            return "an empty text"
        case _:
            return "no string"
