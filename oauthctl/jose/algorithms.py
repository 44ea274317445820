"""The signature algorithms: what key each one needs, and the mathematics of one signature.

Here: the table, and bytes in and out (PyJWT's mathematics). Not here: whether a token may be trusted (`jose.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One JWS algorithm: the key type and curves that it needs, and the length of its signatures (0: as long as the key's modulus)."""

    name: str
    kty: str
    curves: tuple[str, ...] = ()
    signature_bytes: int = 0


# Source: RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 8812 section 3.2, RFC 9864 section 2.
SIGNATURE_ALGORITHMS: Mapping[str, Algorithm] = {
    known.name: known
    for known in (
        Algorithm("HS256", "oct", signature_bytes=32),
        Algorithm("HS384", "oct", signature_bytes=48),
        Algorithm("HS512", "oct", signature_bytes=64),
        Algorithm("RS256", "RSA"),
        Algorithm("RS384", "RSA"),
        Algorithm("RS512", "RSA"),
        Algorithm("PS256", "RSA"),
        Algorithm("PS384", "RSA"),
        Algorithm("PS512", "RSA"),
        Algorithm("ES256", "EC", ("P-256",), 64),
        Algorithm("ES384", "EC", ("P-384",), 96),
        Algorithm("ES512", "EC", ("P-521",), 132),
        Algorithm("ES256K", "EC", ("secp256k1",), 64),
        Algorithm("EdDSA", "OKP", ("Ed25519", "Ed448")),
        Algorithm("Ed25519", "OKP", ("Ed25519",), 64),
        Algorithm("Ed448", "OKP", ("Ed448",), 114),
    )
}

_CURVE_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "secp256k1": "ES256K", "Ed25519": "EdDSA", "Ed448": "EdDSA"}
_PYJWT_NAMES = {"Ed25519": "EdDSA", "Ed448": "EdDSA"}


class UnusableKey(ValueError):
    """The key's members don't make a key: a missing member, a point that is not on the curve, broken base64url."""


def algorithm_for(kty: str, crv: str = "") -> str:
    """The algorithm that one expects with such a key; empty when the key signs nothing that we know."""
    return {"RSA": "RS256", "oct": "HS256"}.get(kty) or _CURVE_ALGORITHMS.get(crv, "")


def sign_bytes(alg: str, members: Mapping[str, Any], data: bytes) -> bytes:
    """The signature over `data`; `members` are those of a private JWK that fits `alg`.

    Raises: UnusableKey.
    """
    signature: bytes = _pyjwt_algorithm(alg).sign(data, _key_object(alg, members))
    return signature


def is_signature(alg: str, members: Mapping[str, Any], data: bytes, *, signature: bytes) -> bool:
    """Whether `signature` is one over `data`; `members` are those of a JWK that fits `alg`.

    Raises: UnusableKey.
    """
    key = _key_object(alg, members)
    if hasattr(key, "public_key"):
        key = key.public_key()
    return bool(_pyjwt_algorithm(alg).verify(data, key, signature))


def key_object(members: Mapping[str, Any]) -> Any:
    """The key of the `cryptography` package that an asymmetric JWK describes.

    Raises: UnusableKey, also for symmetric keys.
    """
    alg = algorithm_for(str(members.get("kty", "")), str(members.get("crv", "")))
    if alg in {"", "HS256"}:
        raise UnusableKey("no asymmetric key")
    return _key_object(alg, members)


def _pyjwt_algorithm(alg: str) -> Any:
    from jwt.algorithms import get_default_algorithms

    return get_default_algorithms()[_PYJWT_NAMES.get(alg, alg)]


# Source: RFC 7518 section 6, RFC 8037 section 2.
_MATERIAL = frozenset({"kty", "crv", "n", "e", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi", "oth"})


def _key_object(alg: str, members: Mapping[str, Any]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt.exceptions import PyJWTError

    try:
        return _made_key(alg, frozenset((name, value) for name, value in members.items() if name in _MATERIAL))
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError) as error:
        # The text of such an error can hold key material, so only its kind is told.
        raise UnusableKey(type(error).__name__) from None


@lru_cache(maxsize=16)
def _made_key(alg: str, material: frozenset[tuple[str, Any]]) -> Any:
    # A private RSA key is validated when it is made, which takes ten times as long as a signature: a server signs with one key all day.
    return _pyjwt_algorithm(alg).from_jwk(dict(material))
