"""The verifier itself: a library that lacks what a token's algorithm needs, or is not told of it.

Here: what the verifier prints of its algorithms. Not here: keys (`keys`, `key_choice`), algorithms that its recipient names (`signature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.jose.jwt import Kind
from oauthctl.rules.given import Given
from oauthctl.rules.presented import is_to_be_verified, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_LACKS = re.compile(
    r"(?:have|is|requires?|install\w*|missing|without|no module named)[^\n]{0,30}"
    r"\b(?P<a>cryptography|pycryptodome|ext-openssl|ext-sodium|jwx|bcprov)\b"
    r"|\b(?P<b>cryptography|pycryptodome|openssl extension|sodium extension)\b"
    r"[^\n]{0,40}(?:installed|required|not (?:found|available|loaded))",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"another algorithm expected|(?:unexpected|unsupported|invalid|disallowed|wrong)[^\n]{0,30}"
    r"\b(?:alg|algorithm|signing method|signature algorithm)\b"
    r"|\b(?:alg|algorithm|signing method)\b[^\n]{0,60}(?:not (?:allowed|supported|expected|accepted|match)|is invalid|mismatch|unexpected)",
    re.IGNORECASE,
)
_SYMMETRIC_KEY = re.compile(
    r"must be an asymmetric key|asymmetric key when using|key must be (?:a |an )?(?:rsa|public|asymmetric)", re.IGNORECASE
)
_EXPLAINED = ("key-unknown", "signature-invalid", "verification-key-unusable", "api-call-refused", "key-set-unreachable")


@rule(Section("RFC 7518", "3.1"), explains=_EXPLAINED)
def verifier_lacks_library(scene: Scene) -> Iterator[Found]:
    """The verifier's library lacks a package for this algorithm."""
    found = _LACKS.search(scene.given.local_error)
    if found is None or not re.search(r"algorithm|\balg\b|jwt|jws|\b[REP]S(?:256|384|512)\b|rsa", scene.given.local_error, re.IGNORECASE):
        return
    name = (found["a"] or found["b"]).lower()
    yield Found(
        cause=f"The verifier's JWT library knows the algorithm only with the package `{name}`, and that is not installed here (or not "
        "in this "
        "environment): without it RSA and EC signatures can't be made or verified.",
        help=f'Install `{name}` in the environment that runs the application (for PyJWT: `pip install "pyjwt[crypto]"`), and restart it.',
        evidence=(Evidence(None, "local_error", f"{name} installed", found[0][:120]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8725", "3.1"), explains=_EXPLAINED)
def verifier_expects_other_algorithm(jwt: Jwt, scene: Scene, given: Given) -> Iterator[Found]:
    """The verifier expects another algorithm than the token's."""
    alg, words = jwt.held.token.alg, words_about(jwt, scene)
    if jwt.held.token.kind is not Kind.JWS or given.algorithms or not is_to_be_verified(jwt, scene):
        return
    named = [one for one in re.findall(r"\b(?:[REPH]S(?:256|384|512)|EdDSA|ES256K)\b", words, re.IGNORECASE) if one.upper() != alg.upper()]
    if _SYMMETRIC_KEY.search(words):
        yield Found(
            cause=f"The token is signed with `{alg}`, which is verified with a public key, and the verifier was given something else: a "
            "shared "
            "secret, or a text that is no PEM key.",
            help="In the verifier's configuration, give the issuer's public key, or better its `jwks_uri`; a client secret verifies "
            "only HS256.",
            evidence=(jwt.evidence(".header.alg", "a public key", alg),),
            certainty=Certainty.LIKELY,
        )
        return
    if not _OTHER.search(words) or (not named and alg == "RS256"):
        return
    wanted = f"`{named[0].upper()}`" if named else "another, most often `RS256` alone unless it is told otherwise"
    yield Found(
        cause=f"The token is signed with `{alg}` (`alg`), and the verifier expects another algorithm: {wanted}.",
        help=f"In the verifier's configuration, allow `{alg}` for this issuer if its key set says so (Spring: `jws-algorithms`; "
        "elsewhere: the "
        "list of algorithms); or let the provider sign for this application with the algorithm that the verifier takes.",
        evidence=(jwt.evidence(".header.alg", named[0].upper() if named else "RS256", alg),),
        certainty=Certainty.LIKELY,
    )
