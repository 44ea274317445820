"""The hashes by which an ID token names the access token and the code that came with it.

Here: `at_hash` and `c_hash` that are there and not right. Not here: those that are missing, `s_hash` (`front_channel_tokens`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.rules.id_token import is_judged_id_token
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_SIZES = {"256": "16 bytes, 22 characters", "384": "24 bytes, 32 characters", "512": "32 bytes, 43 characters"}
_HASH_OF_LENGTH = {22: "SHA-256", 32: "SHA-384", 43: "SHA-512", 64: "SHA-384", 86: "SHA-512"}
_SWAPPED = {"at_hash": ("of-code", "authorization code", "access token"), "c_hash": ("of-access-token", "access token", "code")}


@rule(Section("OIDC Core", "3.1.3.6"), decisive=True)
def at_hash_not_halved(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The at_hash is not the left half of the access token's hash."""
    form = _misspelling(jwt, "at_hash", "access token")
    if not form or not is_judged_id_token(jwt, scene):
        return
    written, size = jwt.held.token.claim_text("at_hash"), _SIZES[jwt.held.token.alg[-3:]]
    yield Found(
        cause=f"The ID token's `at_hash` ({len(written)} characters) {form}: it must be base64url of the left half of that "
        f"digest ({size}). It belongs to this access token all the same.",
        help="At the issuer (or in the code that makes the test token) cut the digest to its left half before it is "
        "base64url-encoded; clients keep the check.",
        evidence=(jwt.evidence(".claims.at_hash", f"the left half, {size}", f"{len(written)} characters"),),
    )


def _misspelling(jwt: Jwt, claim: str, of: str) -> str:
    """What the claim is, when it was made from the right secret in a wrong way, as the end of a sentence."""
    alg, length = jwt.held.token.alg, len(jwt.held.token.claim_text(claim))
    texts = {
        "whole": f"is the whole digest of the {of}, not its left half",
        "last-half": f"is the right half of the {of}'s digest",
        "hex": f"is the {of}'s digest in hexadecimal",
        "hex-half": f"is half of the {of}'s digest in hexadecimal",
        "base64": f"is the {of}'s digest in standard base64 instead of base64url",
        "padded": f"is the {of}'s digest with base64 padding (`=`) at its end",
        "other-hash": f"was made with {_HASH_OF_LENGTH.get(length, 'another hash')}, while the token's `alg` `{alg}` asks for "
        f"SHA-{alg[-3:]}",
    }
    return texts.get(str(jwt.facts.get(claim)), "")


@rule(Section("OIDC Core", "3.1.3.6"), Section("OIDC Core", "3.3.2.11"), decisive=True)
def hash_claim_swapped(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The at_hash is the hash of the code, or the c_hash that of the access token."""
    for claim, (form, made_of, right) in _SWAPPED.items():
        if jwt.facts.get(claim) != form or not is_judged_id_token(jwt, scene):
            continue
        yield Found(
            cause=f"The ID token's `{claim}` is the hash of the {made_of} that came with it, where it must be the hash of the {right}: "
            "the issuer computes it over the wrong value.",
            help=f"At the issuer (or in the code that makes the token) compute `{claim}` over the {right}; clients keep the check.",
            evidence=(jwt.evidence(f".claims.{claim}", f"the hash of the {right}", f"the hash of the {made_of}"),),
        )


@rule(Section("OIDC Core", "3.1.3.8"), decisive=True)
def at_hash_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token's at_hash belongs to another access token."""
    if jwt.facts.get("at_hash") != "differs" or not is_judged_id_token(jwt, scene):
        return
    yield Found(
        cause="The ID token's `at_hash` is not the hash of the access token that came with it: the two are from different answers, or "
        "the access token was exchanged.",
        help="In the client keep the ID token and the access token of one answer together (after a refresh, replace both or verify "
        "`at_hash` only against the answer's own access token).",
        evidence=(jwt.evidence(".claims.at_hash", "the access token's hash", jwt.held.token.claim_text("at_hash")[:60]),),
    )


@rule(Section("OIDC Core", "3.3.2.10"), decisive=True)
def c_hash_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token's c_hash belongs to another code."""
    form = jwt.facts.get("c_hash")
    if form in (None, "right", "of-access-token") or not is_judged_id_token(jwt, scene):
        return
    known = _misspelling(jwt, "c_hash", "code")
    if known:
        cause = f"The ID token's `c_hash` {known}: it must be base64url of the left half of that digest. It belongs to this code."
        advice = "At the issuer compute `c_hash` as base64url of the left half of the code's hash; clients keep the check."
    else:
        cause = (
            "The ID token's `c_hash` is not the left half of the hash of the code that came with it: the code was exchanged, or the issuer "
            "computes `c_hash` otherwise."
        )
        advice = "Refuse the sign-in; at the issuer compute `c_hash` as base64url of the left half of the code's hash."
    yield Found(
        cause=cause,
        help=advice,
        evidence=(jwt.evidence(".claims.c_hash", "the code's hash", jwt.held.token.claim_text("c_hash")[:60]),),
    )
