"""Whether the proof of a client attestation is made with the key that the attestation is about, seen before signatures go.

Here: that one fact. Not here: other tokens (`facts.token`).
"""

from __future__ import annotations

from oauthctl.jose.jwt import Token
from oauthctl.messages.client_attestation import attested_key
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.tokens import HeldToken, Role


def attestation_facts(proof: Token, others: tuple[HeldToken, ...]) -> dict[str, object]:
    """`key_matches`, where both can be read."""
    from oauthctl.findings import Outcome
    from oauthctl.jose.verify import check_signature

    attestation = next((one.token for one in others if one.role is Role.ATTESTATION), None)
    key = attested_key(attestation) if attestation is not None else None
    if key is None or proof.claims is None or is_masked(proof.compact):
        return {}
    outcome = check_signature(proof, (key.public(),), allowed_algs=(proof.alg,)).outcome
    return {"key_matches": outcome is Outcome.PASS} if outcome in (Outcome.PASS, Outcome.FAIL) else {}
