"""Client attestation, a draft: the attestation, and the proof that goes with it.

Here: draft-ietf-oauth-attestation-based-client-auth, at the endpoints that want to know the client. Not here: the other ways of proving a
client (`client_auth`, `client_assertion`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, CHALLENGE_HEADER, PROOF_HEADER
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.record.tokens import Role
from oauthctl.rules.clock_precision import before, certainty_of
from oauthctl.rules.presented import exchange_of, held_by, number_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_DRAFT = Section("OAuth Client Attestation")
_FOLDED = ("token-request-refused", "request-fault-named", "client-unknown", "client-secret-wrong", "client-auth-missing")
_SPECIFIC = (*_FOLDED, "attestation-refused")


def _refused(jwt: Jwt, scene: Scene, role: Role) -> Seen[Message] | None:
    """The exchange that shows this attestation or proof, where the server refuses it."""
    seen = exchange_of(jwt, scene)
    is_no = seen is not None and seen.reply.status in (400, 401, 403) and seen.id in scene.failed and not _wants_challenge(seen)
    return seen if is_no and jwt.held.role is role and jwt.claims else None


def _wants_challenge(seen: Seen[Message]) -> bool:
    return seen.reply.error == "use_attestation_challenge"


@rule(_DRAFT, explains=_SPECIFIC, decisive=True)
def attestation_challenge_required(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server wants its challenge in the proof of the client's attestation."""
    if not _wants_challenge(seen) or seen.id not in scene.failed:
        return
    proof = held_by(seen, scene, Role.ATTESTATION_PROOF)
    used = proof.token.claim_text("challenge") if proof is not None else ""
    offered = bool(seen.reply.header(CHALLENGE_HEADER))
    yield Found(
        cause="The server wants its own challenge inside of the proof of the client attestation (`use_attestation_challenge`), and "
        "the proof "
        f"{'has one that the server no longer takes' if used else 'has none'}; the client did not come back with it.",
        help=f"In the client, repeat the request once with a new proof (fresh `jti` and `iat`) whose `challenge` is the value of the "
        f"answer's "
        f"`{CHALLENGE_HEADER}` header, or fetch one at the `challenge_endpoint` of the metadata before.",
        evidence=(
            seen.evidence(f"request.headers.{PROOF_HEADER}", "a `challenge` claim", "an older one" if used else "none"),
            seen.evidence(f"response.headers.{CHALLENGE_HEADER}", got="present" if offered else "missing"),
        ),
    )


@rule(_DRAFT, explains=_SPECIFIC)
def attestation_proof_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """A client attestation comes without the proof that belongs to it, or the proof without the attestation."""
    shown = {name: bool(seen.request_header(name)) for name in (ATTESTATION_HEADER, PROOF_HEADER)}
    # The combined form has a DPoP proof in the place of its own.
    if seen.id not in scene.failed or sum(shown.values()) != 1 or (shown[ATTESTATION_HEADER] and seen.request_header("dpop")):
        return
    missing = next(name for name, is_there in shown.items() if not is_there)
    yield Found(
        cause=f"The request has one half of a client attestation: the header `{missing}` is missing.",
        help=f"In the client, send both headers with each request that proves the client: `{ATTESTATION_HEADER}`, and "
        f"`{PROOF_HEADER}` with a "
        "proof that is made for this one request.",
        evidence=(seen.evidence(f"request.headers.{missing}", "a JWT", "missing"),),
    )


@rule(_DRAFT, explains=_SPECIFIC)
def attestation_proof_key_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The proof is signed with another key than the one that the client attestation is about."""
    seen = _refused(jwt, scene, Role.ATTESTATION_PROOF)
    if seen is None or jwt.facts.get("key_matches") is not False:
        return
    yield Found(
        cause="The signature of the proof does not verify with the key in `cnf` of the client attestation: the proof is signed with "
        "another "
        "key.",
        help="In the client, sign the proof with the private key of this very installation, or get a new attestation for the key that "
        "it has "
        "now.",
        evidence=(jwt.evidence("", "made with the key in `cnf.jwk` of the attestation", "another key"),),
    )


@rule(_DRAFT, explains=_SPECIFIC)
def attestation_proof_audience_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The proof of the client attestation is meant for another server."""
    seen = _refused(jwt, scene, Role.ATTESTATION_PROOF)
    published: ProviderMetadata | None = scene.metadata_for(seen.url) if seen is not None else None
    issuer = published.issuer if published is not None else None
    if seen is None or not issuer or jwt.claims.get("aud") == issuer:
        return
    got = jwt.claims.get("aud")
    yield Found(
        cause=f"The `aud` of the proof is `{str(got)[:120]}`, and it has to be the server's issuer identifier, `{issuer[:120]}`, as "
        f"one string.",
        help=f"In the client, set `aud` of the proof to `{issuer[:120]}`: neither the token endpoint nor a list.",
        evidence=(jwt.evidence(".claims.aud", issuer, str(got)[:200]),),
    )


@rule(_DRAFT, explains=(*_SPECIFIC, "token-expired"))
def attestation_expired(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The client attestation is over."""
    seen = _refused(jwt, scene, Role.ATTESTATION)
    ends = number_of(jwt, "exp")
    if seen is None or ends is None or seen.exchange.started_at.timestamp() < ends:
        return
    ago = seen.exchange.started_at.timestamp() - ends
    yield Found(
        cause=f"The client attestation expired {before(ago)} it was shown (`exp`).",
        help="In the client, get a new attestation from the attester before the old one is over; the key may stay.",
        evidence=(jwt.evidence(".claims.exp", "a time to come", f"{ends:.0f}"),),
        certainty=certainty_of(ago),
    )


@rule(_DRAFT, explains=_SPECIFIC)
def attestation_client_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The client attestation is about another client than the one that asks."""
    seen = _refused(jwt, scene, Role.ATTESTATION)
    client_id = seen.sent.raw("client_id") if seen is not None else None
    if seen is None or not isinstance(client_id, str) or not client_id or jwt.claims.get("sub") == client_id:
        return
    yield Found(
        cause=f"The client attestation is about the client `{str(jwt.claims.get('sub'))[:80]}` (`sub`), and the request says `client_id` "
        f"`{client_id[:80]}`.",
        help="In the client, send the `client_id` that the attester vouches for, or get an attestation for this one.",
        evidence=(jwt.evidence(".claims.sub", client_id[:200], str(jwt.claims.get("sub"))[:200]),),
    )


@rule(_DRAFT, explains=_SPECIFIC)
def attestation_proof_reused(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The proof of a client attestation is shown a second time."""
    seen = _refused(jwt, scene, Role.ATTESTATION_PROOF)
    jti = jwt.claims.get("jti")
    if seen is None or not isinstance(jti, str) or not jti:
        return
    before = [
        held
        for held, _ in scene.tokens
        if held.role is Role.ATTESTATION_PROOF
        and held.exchange is not None
        and held.exchange < seen.id
        and held.token.claim_text("jti") == jti
    ]
    if not before:
        return
    yield Found(
        cause=f"The proof was shown before, in exchange {before[0].exchange}: it has the same `jti`, and each proof is good for one "
        f"request.",
        help="In the client, make a new proof with a fresh `jti` and `iat` for every request, also when one is tried again.",
        evidence=(jwt.evidence(".claims.jti", "a fresh value", jti[:80]),),
    )


_CANDIDATES = (
    Candidate(
        "The server does not trust the attester: the key that signed the attestation, or its `iss`, is not among those that it knows.",
        "At the server, add the attester's public key for this client.",
    ),
    Candidate(
        "The client is not registered for the method `attest_jwt_client_auth`.",
        "At the server, set `token_endpoint_auth_method` of the client to `attest_jwt_client_auth`.",
    ),
    Candidate(
        "The client's clock differs: `iat` of the proof is too far from the server's time.",
        "Set the client's clock (NTP).",
    ),
)


@rule(_DRAFT, explains=_FOLDED)
def attestation_refused(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The server does not accept the client attestation."""
    seen = _refused(jwt, scene, Role.ATTESTATION)
    if seen is None or seen.reply.error not in ("invalid_client", "invalid_client_attestation", "use_fresh_attestation"):
        return
    is_stale = seen.reply.error == "use_fresh_attestation"
    yield Found(
        cause="The server wants a fresher client attestation (`use_fresh_attestation`)."
        if is_stale
        else "The server refuses the client attestation, and what is seen of it shows no flaw: most likely it does not trust the attester, "
        "or the client is not registered for this method.",
        help="In the client, get a new attestation from the attester."
        if is_stale
        else "Compare the attester's key and `iss` with those that the server trusts, and the client's registered "
        "`token_endpoint_auth_method`.",
        evidence=(
            seen.evidence("response.body.error", got=seen.reply.error),
            jwt.evidence(".claims.iss", got=str(jwt.claims.get("iss"))[:200]),
        ),
        certainty=Certainty.CERTAIN if is_stale else Certainty.POSSIBLE,
        candidates=() if is_stale else _CANDIDATES,
        probe="" if is_stale else "The server's log, which says what it did not like.",
    )
