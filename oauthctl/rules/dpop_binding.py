"""Tokens and codes that are bound to a DPoP key.

Here: whether the key that is proved is the one that they are bound to. Not here: the proof itself (`dpop`), certificates (`mtls`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.tokens import Role
from oauthctl.rules.dpop import refusing_proof, thumbprint_of
from oauthctl.rules.presented import held_by
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_BOUND_CODE = re.compile(
    r"code\b[^.]{0,40}\bbound to (?:another|a different|some other)\b[^.]{0,20}\bkey\b"
    r"|dpop[_ ]jkt\b[^.]{0,60}(?:mismatch|not match|n't match|differ|invalid|missing)"
    r"|(?:mismatch|not match|n't match|missing)[^.]{0,40}\bdpop[_ ]jkt\b",
    re.IGNORECASE,
)


@rule(Section("RFC 9449", "6"), decisive=True, explains=("token-request-refused", "api-call-refused"))
def dpop_key_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The DPoP proof is made with another key than the token is bound to."""
    seen = refusing_proof(jwt, scene)
    own = thumbprint_of(jwt.held)
    if seen is None or not own:
        return
    bound, where = _bound_to(seen, scene)
    if not bound or bound == own:
        return
    yield Found(
        cause=f"The DPoP proof is signed with another key (thumbprint `{own}`) than the one that {where} is bound to (`{bound}`).",
        help="In the client keep one DPoP key for as long as its tokens live (store it with them, not in the memory of one process or "
        "tab), and sign every proof with it.",
        evidence=(jwt.evidence(".header.jwk", bound, own),),
    )


def _bound_to(seen: Seen[Message], scene: Scene) -> tuple[str, str]:
    """The thumbprint of the key that the request's token or code is bound to, and what is bound."""
    access = held_by(seen, scene, Role.ACCESS_TOKEN)
    confirmed = (access.token.claims or {}).get("cnf") if access is not None else None
    if isinstance(confirmed, dict) and isinstance(confirmed.get("jkt"), str):
        return confirmed["jkt"], "the access token (`cnf.jkt`)"
    if access is not None:
        issued = scene.issued_by(access.token.compact, "access_token")
        return (thumbprint_of(held_by(issued, scene, Role.DPOP_PROOF)) if issued else ""), "the access token"
    if isinstance(seen.sent, TokenRequest):
        attempt = scene.attempt_of(seen.id)
        asked = attempt.asked.sent.raw("dpop_jkt") if attempt is not None and attempt.asked is not None else None
        if isinstance(asked, str) and asked and seen.sent.grant_type == "authorization_code":
            return asked, "the code (`dpop_jkt`)"
        issued = scene.issued_by(str(seen.sent.refresh_token or ""), "refresh_token")
        return (thumbprint_of(held_by(issued, scene, Role.DPOP_PROOF)) if issued else ""), "the refresh token"
    return "", ""


@rule(Section("RFC 9449", "10"), explains=("token-request-refused", "dpop-proof-missing"))
def dpop_code_bound_elsewhere(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The code is bound to another DPoP key than the token request proves."""
    if seen.sent.grant_type != "authorization_code" or seen.id not in scene.failed or not _BOUND_CODE.search(seen.reply.words):
        return
    bound, proof = _bound_to(seen, scene)[0], held_by(seen, scene, Role.DPOP_PROOF)
    own = thumbprint_of(proof)
    if bound and own and bound != own:
        return  # `dpop_key_differs` tells, with both keys
    how = (
        "and the token request has no `DPoP` header that would prove this key"
        if not seen.request_header("dpop")
        else "and the proof of the token request is signed with another key"
    )
    yield Found(
        cause=f"The authorization request bound the code to a DPoP key by its thumbprint (`dpop_jkt`), {how}: the server refuses the code.",
        help="In the client keep the key pair from the authorization request to the token request (store it with the `state`), and send "
        "with the code a `DPoP` proof that it signed; where a proxy stands in between, let it pass on the `DPoP` header.",
        certainty=Certainty.CERTAIN if bound else Certainty.LIKELY,
        evidence=(seen.evidence("request.headers.DPoP", bound or "a proof by the key of `dpop_jkt`", own or "missing"),),
    )


@rule(Section("RFC 9449", "7.1"), explains=("api-call-refused", "api-rejects-valid-token", "dpop-proof-missing"))
def dpop_scheme_without_proof(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API is called with the scheme DPoP and without a proof."""
    scheme = str(seen.sent.raw("scheme") or "")
    if scheme.lower() != "dpop" or seen.request_header("dpop") or seen.reply.status not in (400, 401) or seen.id not in scene.failed:
        return
    yield Found(
        cause="The access token is sent as `Authorization: DPoP`, and the request has no `DPoP` header: this scheme wants a proof with "
        "every request, made for its method and URL.",
        help="In the client, make a proof for this very request (`htm`, `htu`, `iat`, `jti`, and `ath` with the token's hash) and send it "
        "in a `DPoP` header beside `Authorization`; where a proxy stands in between, let it pass that header on.",
        evidence=(seen.evidence("request.headers.DPoP", "a proof", "missing"),),
    )


@rule(Section("RFC 9449", "7.1"), explains=("api-call-refused", "api-rejects-valid-token"))
def dpop_token_sent_as_bearer(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A token that is bound to a DPoP key is sent without a proof."""
    scheme, token = str(seen.sent.raw("scheme") or ""), str(seen.sent.raw("token") or "")
    if not scheme or seen.reply.status not in (400, 401, 403) or seen.id not in scene.failed:
        return
    if scheme.lower() == "dpop":
        return
    held = held_by(seen, scene, Role.ACCESS_TOKEN)
    confirmed = (held.token.claims or {}).get("cnf") if held is not None else None
    issued = scene.issued_by(token, "access_token")
    kind = issued.back.token_type if issued is not None and isinstance(issued.back, TokenResponse) else ""
    if not (isinstance(confirmed, dict) and "jkt" in confirmed) and (kind or "").lower() != "dpop":
        return
    lacks = "with the scheme `Bearer`" if scheme.lower() == "bearer" else f"with the scheme `{scheme[:20]}`"
    proof = "" if seen.request_header("dpop") else " and without a proof (`DPoP` header)"
    yield Found(
        cause=f"The access token is bound to a DPoP key ({'`cnf.jkt`' if confirmed else '`token_type` DPoP'}), and it is sent "
        f"{lacks}{proof}.",
        help="In the client send `Authorization: DPoP <access token>` together with a `DPoP` header whose proof has this URL, method "
        "and the token's hash; or request a plain bearer token.",
        evidence=(seen.evidence("request.headers.Authorization", "DPoP, and a proof", scheme),),
    )
