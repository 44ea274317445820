"""A token whose header says nothing, or whose signature is empty: no verifier can begin with it.

Here: what the header and the third part lack. Not here: which algorithm is accepted (`signature`), tokens that were cut (`token_form`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.jose.jwt import Kind
from oauthctl.rules.presented import is_at_stake, is_pasted
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_NAME = re.compile(r"[A-Za-z0-9+_.:/#-]{1,100}")
_NO_NAMES = ("NaN", "Infinity", "-Infinity")


@rule(Section("RFC 7515", "4.1.1"), explains=("signature-invalid", "algorithm-not-accepted", "token-signature-missing", "api-call-refused"))
def token_header_unusable(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's header names no algorithm."""
    if not is_at_stake(jwt, scene) or (what := _lacks(jwt)) is None:
        return
    place, why, got = what
    yield Found(
        cause=f"The token's header {why}: a JWT's header is a JSON object, and its `alg` names the algorithm of the signature. Without "
        "that no recipient can verify the token.",
        help='In the code that makes the token, write a header such as `{"alg": "RS256", "typ": "JWT", "kid": "…"}` with the algorithm '
        "that it signs with, or let a JWT library do it.",
        evidence=(jwt.evidence(place, "a JSON object with `alg`", got),),
    )


def _lacks(jwt: Jwt) -> tuple[str, str, str] | None:
    """Where the header lacks something, what, and what is there; None when it lacks nothing."""
    token = jwt.held.token
    if token.kind is Kind.UNREADABLE and token.header is None and token.claims is not None:
        return ".header", "is no JSON object", "another JSON value"
    if token.header is None or token.kind is not Kind.JWS or (token.claims is None and not token.header):
        return None
    alg = token.header.get("alg")
    if alg is None:
        return ".header.alg", "names no algorithm (`alg` is missing)", "missing"
    if alg in _NO_NAMES:
        return ".header.alg", "has an `alg` that is no string", "a number"
    # A member of another type is `header_member_mistyped`.
    if isinstance(alg, str) and not _NAME.fullmatch(alg):
        return (
            ".header.alg",
            f"has {'an empty `alg`' if not alg else 'an `alg` with characters that no name has'}",
            "no name of an algorithm",
        )
    return None


@rule(Section("RFC 7515", "5.2"), explains=("signature-invalid", "token-truncated", "api-call-refused"))
def token_signature_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's signature is empty."""
    flaws = str(jwt.facts.get("flaws", "")).split()
    if "no-signature" not in flaws or jwt.facts.get("kind") != Kind.JWS or not is_at_stake(jwt, scene):
        return
    shown = is_pasted(jwt)
    shared = " If the signature was only taken away so that the token could be shown here, nothing is wrong with that." if shown else ""
    yield Found(
        cause=f"The token's signature is empty, nothing stands behind its second dot, though its header names the algorithm "
        f"`{jwt.held.token.alg[:40]}`: no recipient can verify it.{shared}",
        help="Pass on the token as the provider issued it, with all three parts; in the code that makes it, sign it.",
        evidence=(jwt.evidence("", "a signature behind the second dot", "nothing"),),
        certainty=Certainty.LIKELY if shown else Certainty.CERTAIN,
        severity=Severity.WARNING if shown else None,
    )
