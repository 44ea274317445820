"""Pushed requests and their reference: what goes with them, what must not be in them, who may push.

Here: RFC 9126. Not here: a reference that is used too late or again, and parameters that should have been pushed
(`authorization_by_reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    PushedAuthorizationRequest,
    PushedAuthorizationResponse,
)
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.rules.client_proof import METHOD_WORDS, proof_of
from oauthctl.rules.front_channel import refusal_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_URN = "urn:ietf:params:oauth:request_uri:"


@rule(
    Section("RFC 9126", "4"),
    explains=("request-uri-expired", "authorization-refused", "client-unknown", "client-id-mismatch", "request-fault-named"),
)
def pushed_request_client_differs(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The authorization request names no client beside its request_uri, or another one than pushed the request."""
    sent = asked.sent.request_uri or ""
    if not sent.startswith(_URN) or refusal_of(asked, returned) is None:
        return
    pushed = next((one for one in reversed(scene.before(asked.id, PushedAuthorizationRequest)) if reference_from(one) == sent), None)
    pusher = proof_of(pushed).client_id if pushed is not None else ""
    client_id = asked.sent.client_id or ""
    if client_id and (not pusher or pusher == client_id):
        return
    if client_id:
        cause = (
            f"The authorization request has the `client_id` `{client_id[:80]}`, and the request behind its `request_uri` was pushed by "
            f"another client, `{pusher[:80]}`: a pushed request is good for its own client only."
        )
    else:
        cause = (
            "The authorization request has the `request_uri` of a pushed request (PAR) and nothing else: `client_id` is missing, "
            "which must "
            "stand beside it."
        )
    yield Found(
        cause=cause,
        help=f"In the client, send the browser to the authorization endpoint with `client_id={pusher[:80] or '…'}` and the `request_uri`, "
        "both.",
        evidence=(
            asked.evidence(".client_id", expected=pusher or "the client that pushed the request", got=client_id or "missing"),
            *((pushed.evidence("request", got=pusher),) if pushed is not None and pusher else ()),
        ),
    )


@rule(Section("RFC 9126", "2.1"), explains=("authorization-refused", "request-refused", "request-fault-named", "request-object-refused"))
def pushed_request_by_reference(pushed: Seen[PushedAuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """A pushed request contains a request_uri itself."""
    sent = pushed.sent.raw("request_uri")
    if not sent or not is_refused(pushed, scene) or refuses_client(pushed):
        return
    yield Found(
        cause=f"The pushed authorization request contains `request_uri` (`{str(sent)[:160]}`): pushing (PAR) is what makes a "
        "`request_uri`, "
        "so the request itself must not have one.",
        help="In the client, push the parameters themselves, or the signed request object as `request`, and use the `request_uri` of the "
        "answer at the authorization endpoint.",
        evidence=(pushed.evidence(".request_uri", "no such parameter", str(sent)),),
    )


@rule(
    Section("RFC 9126", "2"),
    explains=(
        "client-auth-missing",
        "client-auth-method-mismatch",
        "confidential-client-without-secret",
        "request-refused",
        "authorization-refused",
    ),
)
def pushed_request_unauthenticated(pushed: Seen[PushedAuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The client does not authenticate where it pushes its request."""
    if not is_refused(pushed, scene) or not refuses_client(pushed) or set(proof_of(pushed).methods) - {"none"}:
        return
    method = scene.given.text("token_endpoint_auth_method")
    is_known = method not in ("", "none") or scene.given.text("client_type") == "confidential"
    how = METHOD_WORDS.get(method, "the same way as at the token endpoint")
    yield Found(
        cause="The request is pushed (PAR) without any client authentication, and the server asks for it there: the pushed authorization "
        "request endpoint takes a client's credentials like the token endpoint.",
        help=f"In the client, authenticate the pushed request, too: {how}; or register the client as a public one, which has no "
        "credentials.",
        evidence=(pushed.evidence("request", expected=method or "the client's credentials", got="none"),),
        certainty=Certainty.CERTAIN if is_known else Certainty.LIKELY,
    )


@rule(Section("RFC 9126", "5"), explains=("client-unknown", "request-refused", "authorization-refused", "tenant-unknown"))
def pushed_request_at_wrong_url(
    pushed: Seen[PushedAuthorizationRequest], scene: Scene, published: ProviderMetadata | None
) -> Iterator[Found]:
    """There is no endpoint for pushed requests at the URL that the client pushes to."""
    if not is_refused(pushed, scene) or pushed.reply.status not in (404, 405, 501):
        return
    value = published.raw("pushed_authorization_request_endpoint") if published is not None else None
    named = value if isinstance(value, str) else ""
    if named == pushed.url:
        return
    if named:
        where, how = f"its metadata names `{named[:160]}`", "push to the `pushed_authorization_request_endpoint` of the metadata"
    elif published is not None:
        where = "its metadata has no `pushed_authorization_request_endpoint`, so it does not offer PAR"
        how = "send the parameters with the authorization request itself"
    else:
        where = "the server does not offer PAR there"
        how = "take the URL from `pushed_authorization_request_endpoint` of the metadata, or send a plain authorization request"
    yield Found(
        cause=f"The request is pushed (PAR) to `{pushed.url[:160]}`, where the server answers {pushed.reply.status}: {where}.",
        help=f"In the client, {how}.",
        evidence=(pushed.evidence("request.url", expected=(named or "no pushed request")[:200], got=pushed.url[:200]),),
        certainty=Certainty.CERTAIN if published is not None else Certainty.LIKELY,
    )


def reference_from(pushed: Seen[PushedAuthorizationRequest]) -> str:
    """The `request_uri` that a pushed request was answered with; empty where it was not."""
    return (pushed.back.request_uri or "") if isinstance(pushed.back, PushedAuthorizationResponse) else ""
