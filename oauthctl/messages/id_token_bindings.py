"""What ties an ID token to one request and to what came along with it: `nonce`, `at_hash`, `c_hash`, `s_hash`.

Here: these claims, and how the hashes are made. Not here: keys and signatures (`jose`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Token
from oauthctl.messages.claim_values import same, shown
from oauthctl.messages.id_token_expectations import IdTokenExpectations
from oauthctl.specs import Section


def check_nonce(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """The request's nonce. One that the client knows nothing of is told of: the token may answer another request."""
    section, got = Section("OIDC Core", "3.1.3.7"), claims.get("nonce")
    if expected.nonce is None:
        if got is not None:
            yield Verdict("nonce", Outcome.UNCLEAR, "`nonce` was compared with nothing", "", shown(got), section)
    elif got is None:
        yield Verdict("nonce", Outcome.FAIL, "the request sent a `nonce` and the token has none", expected.nonce, "", section)
    elif isinstance(got, str) and same(got, expected.nonce):
        yield Verdict("nonce", Outcome.PASS, "`nonce` is the one that was sent", expected.nonce, got, section)
    else:
        why = "`nonce` is not the one that was sent: the token answers another request"
        yield Verdict("nonce", Outcome.FAIL, why, expected.nonce, shown(got), section)


def check_hashes(token: Token, claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """The hashes of what came along with the token; one that there is nothing to compare with is told of."""
    for claim, value, what, number_of_section in (
        ("at_hash", expected.access_token, "access token", "3.1.3.8"),
        ("c_hash", expected.code, "code", "3.3.2.10"),
        ("s_hash", expected.state, "state", ""),
    ):
        if claim not in claims:
            if claim in expected.needs:
                why = f"`{claim}` is missing: nothing ties the token to the {what} that came with it"
                needed_by = Section("OIDC Core", "3.2.2.10" if claim == "at_hash" else "3.3.2.11")
                yield Verdict(claim.replace("_", "-"), Outcome.FAIL, why, f"the hash of the {what}", "", needed_by)
            continue
        # `s_hash` comes from FAPI 1.0 part 2; its calculation is that of `c_hash`.
        section = Section("OIDC Core", number_of_section or "3.3.2.11")
        got, check = claims[claim], claim.replace("_", "-")
        computed = half_hash(value, token.alg) if value else ""
        if not value:
            yield Verdict(check, Outcome.UNCLEAR, f"there is no {what} at hand to compare `{claim}` with", "", shown(got), section)
        elif not computed:
            unknown = Outcome.FAIL if claim in expected.needs else Outcome.UNCLEAR
            yield Verdict(check, unknown, f"`{token.alg[:40]}` names no hash for `{claim}`", "", shown(got), section)
        elif isinstance(got, str) and any(same(got, half_hash(value, token.alg, crv)) for crv in _hash_curves(token.alg)):
            yield Verdict(check, Outcome.PASS, f"`{claim}` is the hash of the {what}", computed, got, section)
        else:
            why = f"`{claim}` is not the hash of the {what}: they don't belong together"
            yield Verdict(check, Outcome.FAIL, why, computed, shown(got), section)


def half_hash(value: str, alg: str, crv: str = "") -> str:
    """The left half of a value's hash, as `at_hash` and `c_hash` have it; empty when the algorithm names no hash.

    Source: OIDC Core section 3.1.3.6.
    """
    if alg in {"EdDSA", "Ed25519"} and crv in {"", "Ed25519"}:
        digest = hashlib.sha512(value.encode()).digest()
    elif alg in {"EdDSA", "Ed448"}:
        digest = hashlib.shake_256(value.encode()).digest(114)
    elif alg[2:5] in {"256", "384", "512"} and alg[:2] in {"HS", "RS", "PS", "ES"}:
        digest = hashlib.new(f"sha{alg[2:5]}", value.encode()).digest()
    else:
        return ""
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _hash_curves(alg: str) -> tuple[str, ...]:
    """The curves whose hashes are to be tried: `EdDSA` alone does not tell which one the key is on."""
    return ("Ed25519", "Ed448") if alg == "EdDSA" else ("",)
