"""Requests that lack what every one of their kind has.

Here: the authorization request's own parameters, a form that is not there at all, the token that a question is about. Not here: the
redirect URI (`redirect_uri_parts`), what a grant trades (`grant`), who the client is (`client_auth`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import IntrospectionRequest, RevocationRequest
from oauthctl.record import purposes
from oauthctl.record.purposes import query_of
from oauthctl.record.transaction import describe
from oauthctl.rules.front_channel import Refusal, refusal_of
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, stands
from oauthctl.specs import Section

_REQUIRED = {"client_id": "the client's identifier", "response_type": "code"}
_FORMS = (
    purposes.TOKEN,
    purposes.PUSHED_AUTHORIZATION,
    purposes.DEVICE_AUTHORIZATION,
    purposes.BACKCHANNEL_AUTHENTICATION,
    purposes.INTROSPECTION,
    purposes.REVOCATION,
)
_NAMED_LIKE = str.maketrans("_-", "  ")


@rule(Section("RFC 6749", "4.1.1"), Section("RFC 6749", "4.1.2.1"), explains=("authorization-refused", "request-fault-named"))
def authorization_parameter_missing(asked: Seen[AuthorizationRequest], returned: Seen[AuthorizationResponse] | None) -> Iterator[Found]:
    """The authorization request lacks a parameter that every one must have."""
    refusal = refusal_of(asked, returned)
    # A request object or a reference may hold the parameters; a client that proves itself has named itself.
    if refusal is None or asked.purpose != purposes.AUTHORIZATION or asked.reply.status in (404, 405) or asked.reply.status >= 500:
        return
    if asked.sent.request or asked.sent.request_uri:
        return
    lacking = [name for name in _REQUIRED if not asked.sent.raw(name)]
    named = [name for name in lacking if name.translate(_NAMED_LIKE) in refusal.words.lower().translate(_NAMED_LIKE)]
    # Some providers do without `response_type`: there it is what they refuse only if they say so.
    if not (named or "client_id" in lacking):
        return
    listed = " and ".join(f"`{name}`" for name in lacking)
    yield Found(
        cause=f"The authorization request has no {listed}{_emptied(asked, lacking)}: "
        f"{'without it' if len(lacking) == 1 else 'without them'} the provider can't tell "
        f"{'which client asks' if 'client_id' in lacking else 'what it is to answer with'}.",
        help=f"In the client, send {listed} in the query of the authorization URL; look for a setting that is empty, or a URL that was put "
        "together by hand or cut off.",
        evidence=(*(asked.evidence(f".{name}", expected=_REQUIRED[name], got="missing") for name in lacking), refusal.evidence),
        certainty=_certainty(refusal, named),
    )


def _emptied(asked: Seen[AuthorizationRequest], lacking: list[str]) -> str:
    return " (it is there, and empty)" if any(name in asked.sent for name in lacking) else ""


def _certainty(refusal: Refusal, named: list[str]) -> Certainty:
    return Certainty.CERTAIN if named or refusal.says_nothing else Certainty.LIKELY


@rule(Section("RFC 6749", "3.2"), Section("RFC 6749", "B"), explains=("token-request-refused", "request-refused", "client-auth-missing"))
def request_form_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The request comes without the form that holds its parameters."""
    request = seen.exchange.request
    if seen.purpose not in _FORMS or request.method != "POST" or request.body or query_of(request.url).pairs:
        return
    # Recordings lack bodies now and then; these headers show that there was none.
    is_empty = (request.headers.get("content-length") or "").strip() == "0" or (
        "host" in request.headers and not any(name in request.headers for name in ("content-length", "content-type", "transfer-encoding"))
    )
    if not is_empty or not stands(seen, scene) or seen.reply.status in (404, 405) or seen.reply.status >= 500:
        return
    label = describe(seen.exchange)
    yield Refuted(rule="token-request-as-json")
    yield Found(
        cause=f"The {label if 'request' in label else f'{label} request'} is a POST with an empty body, and its parameters belong into "
        "that body, as a form (`application/x-www-form-urlencoded`): the endpoint finds none.",
        help="In the client, send the parameters in the body, form-encoded; if it does, look for a redirect, a proxy or a stream that was "
        "read before, which lose the body.",
        evidence=(seen.evidence("request.body", expected="name=value&…", got="empty"),),
    )


@rule(Section("RFC 7662", "2.1"), Section("RFC 7009", "2.1"), explains=("request-refused", "request-fault-named"))
def token_parameter_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The request to introspect or revoke a token names no token."""
    if not isinstance(seen.sent, IntrospectionRequest | RevocationRequest) or seen.sent.token:
        return
    if not is_refused(seen, scene) or refuses_client(seen) or seen.reply.status >= 500:
        return
    what = "introspect" if isinstance(seen.sent, IntrospectionRequest) else "revoke"
    how = "is empty" if "token" in seen.sent else "is missing"
    yield Found(
        cause=f"The request to {what} a token says nothing of which: its `token` parameter {how}.",
        help=f"In the client, send the token to {what} as `token` in the form body, under exactly this name.",
        evidence=(seen.evidence(".token", expected=f"the token to {what}", got=how.removeprefix("is ")),),
    )
