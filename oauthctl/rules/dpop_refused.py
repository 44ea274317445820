"""A DPoP proof that is refused although what can be seen of it is right.

Here: what is left then. Not here: flaws that the proof itself shows (`dpop`, `dpop_claims`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate
from oauthctl.messages.param import Message
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.dpop import thumbprint_of
from oauthctl.rules.presented import server_time
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_FRESH = 30
_REUSED = Candidate("The proof was sent before: its `jti` is known to the server.", "Make a new proof, with a new `jti`, for each request.")
_CLOCK = Candidate(
    "The proof's `iat` lies outside of the server's window: one of the two clocks is wrong, or the proof was made too long before.",
    "Set the clocks by NTP, and make the proof right before it is sent.",
)
_NONCE = Candidate(
    "The server wants its own nonce in the proof, or a newer one.",
    "Put the value of its latest `DPoP-Nonce` header into the proof's `nonce`.",
)
_KEY = Candidate(
    "The proof is signed by another key than the one that the token is bound to.", "Keep one key pair for as long as its tokens live."
)
_HASH = Candidate("The proof's `ath` is not the hash of the token that is sent.", "Hash the very token that goes along.")
_ADDRESS = Candidate(
    "The server knows itself by another URL (behind a proxy) than the one in the proof's `htu`.",
    "Let the server compare with its public URL (forwarded host and scheme).",
)


@rule(Section("RFC 9449", "4.3"), explains=("token-request-refused", "api-call-refused", "error-without-request", "request-refused"))
def dpop_proof_refused(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server refuses the DPoP proof, and what can be seen of it is right."""
    said = f"{seen.reply.error} {seen.reply.header('www-authenticate')}"
    if "invalid_dpop_proof" not in said or seen.id not in scene.failed or (seen.url and not seen.request_header("dpop")):
        return
    held = {held.role: held for held, _ in scene.tokens_in(seen.id)}
    proof, token = held.get(Role.DPOP_PROOF), held.get(Role.ACCESS_TOKEN)
    is_hash_right = any(facts.get("ath_matches") is True for _, facts in scene.tokens_in(seen.id))
    candidates = tuple(_candidates(seen, proof, token, is_hash_right=is_hash_right))
    fits = "Its method and address fit the request, and its form is right. " if proof is not None else ""
    listed = " ".join(f"({number}) {one.cause}" for number, one in enumerate(candidates[:4], 1))
    yield Found(
        cause=f"The server refuses the DPoP proof (`invalid_dpop_proof`), and the evidence leaves open why. {fits}Most likely first: "
        f"{listed}",
        help=" ".join(f"({number}) {one.help}" for number, one in enumerate(candidates[:4], 1)),
        evidence=(seen.evidence("request.headers.DPoP" if seen.url else "response", "a proof that is accepted", "invalid_dpop_proof"),),
        certainty=Certainty.POSSIBLE,
        candidates=candidates,
        probe="Repeat the call once with a proof made a moment before, and with the answer's `DPoP-Nonce` if there is one; read the "
        "server's log.",
    )


def _candidates(seen: Seen[Message], proof: HeldToken | None, token: HeldToken | None, *, is_hash_right: bool) -> Iterator[Candidate]:
    """What is not refuted, in the order of likelihood."""
    claims = (proof.token.claims or {}) if proof is not None else {}
    yield _REUSED
    made, now = claims.get("iat"), server_time(seen)
    if not (isinstance(made, int | float) and now is not None and abs(now - made) <= _FRESH):
        yield _CLOCK
    offered = seen.reply.header("dpop-nonce")
    if not offered or claims.get("nonce") != offered:
        yield _NONCE
    bound = (token.token.claims or {}).get("cnf") if token is not None else None
    own = thumbprint_of(proof)
    is_same_key = isinstance(bound, dict) and bool(own) and bound.get("jkt") == own
    if not is_same_key and (token is not None or not seen.url):
        yield _KEY
    if not is_hash_right and (token is not None or not seen.url):
        yield _HASH
    if proof is None:
        yield _ADDRESS
