"""A server that hears a DPoP proof and answers with a token that is bound to nothing, or to another key.

Here: what comes of it at the API. Not here: proofs that are wrong (`dpop`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.tokens import Role
from oauthctl.rules.dpop import thumbprint_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section


@rule(Section("RFC 9449", "6.1"))
def dpop_token_bound_elsewhere(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The access token is bound to another key than the one of the request's proof."""
    held = scene.tokens_in(seen.id)
    proof = next((one for one, _ in held if one.role is Role.DPOP_PROOF), None)
    token = next((one for one, _ in held if one.role is Role.ACCESS_TOKEN and one.place.startswith("response.")), None)
    own, confirmed = thumbprint_of(proof), (token.token.claims or {}).get("cnf") if token is not None else None
    bound = confirmed.get("jkt") if isinstance(confirmed, dict) else None
    if not own or not isinstance(bound, str) or bound == own or seen.reply.failed:
        return
    yield Found(
        cause=f"The access token is bound to a key with the thumbprint `{bound[:60]}` (`cnf.jkt`), and the token request's DPoP proof was "
        f"made with another (`{own}`): the client can't prove that the token is its own.",
        help="At the provider, bind the token to the key of the very proof that came with the request: look for a cache of tokens, or "
        "a proxy that makes proofs of its own.",
        evidence=(seen.evidence("response.body.access_token.claims.cnf.jkt", own, bound[:60]),),
    )


@rule(Section("RFC 9449", "5"), explains=("dpop-proof-ignored", "api-call-refused", "api-rejects-valid-token", "token-not-sent"))
def dpop_token_not_bound(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A bearer token is sent as if it were bound to a DPoP key."""
    if str(seen.sent.raw("scheme") or "").lower() != "dpop" or seen.reply.status not in (400, 401, 403) or seen.id not in scene.failed:
        return
    issued = scene.issued_by(str(seen.sent.raw("token") or ""), "access_token")
    kind = issued.back.token_type if issued is not None and isinstance(issued.back, TokenResponse) else None
    if issued is None or (kind or "").lower() != "bearer":
        return
    held = next((one for one, _ in scene.tokens if one.exchange == seen.id and one.role is Role.ACCESS_TOKEN), None)
    confirmed = (held.token.claims or {}).get("cnf") if held is not None else None
    if isinstance(confirmed, dict) and "jkt" in confirmed:
        return
    proof = bool(issued.request_header("dpop"))
    ignored = (
        "The token request had a DPoP proof, but the server ignored it: it answered with `token_type` Bearer"
        if proof
        else "The token request had no DPoP proof, so the answer's `token_type` is Bearer"
    )
    advice = (
        "At the provider switch DPoP on for this client (its metadata must list `dpop_signing_alg_values_supported`; a proxy before it "
        "must pass the `DPoP` header on)"
        if proof
        else "In the client send a `DPoP` header with the token request"
    )
    yield Found(
        cause=f"{ignored}. The access token is not bound to the key, and the API refuses it with the scheme `DPoP`.",
        help=f"{advice}; in the client go by the answer's `token_type`, and send such a token as `Authorization: Bearer`, or stop "
        "there if DPoP is a must.",
        evidence=(
            issued.evidence("response.body.token_type", "DPoP", kind or "missing"),
            seen.evidence("request.headers.Authorization", "Bearer", "DPoP"),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 9449", "5"), severity=Severity.WARNING)
def dpop_proof_ignored(seen: Seen[TokenRequest], published: ProviderMetadata) -> Iterator[Found]:
    """The server that announces DPoP passes a proof over and issues an ordinary bearer token."""
    back = seen.back
    if not seen.request_header("dpop") or not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token:
        return
    if (back.token_type or "").lower() != "bearer" or not published.raw("dpop_signing_alg_values_supported"):
        return
    yield Found(
        cause="The token request had a DPoP proof, the metadata announce DPoP (`dpop_signing_alg_values_supported`), and the token that "
        "came is an ordinary one (`token_type` `Bearer`): it is bound to no key, and whoever steals it can use it.",
        help="At the provider, switch DPoP on for this client (`dpop_bound_access_tokens`), and check that a proxy leaves the `DPoP` "
        "header in; in the client, refuse a token that is not of the type `DPoP` where the binding matters.",
        evidence=(seen.evidence("response.body.token_type", "DPoP", back.token_type or ""),),
    )
