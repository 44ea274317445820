"""Why a token's signature doesn't hold, as a slug that tells the causes apart.

Here: trying the published keys in the ways that tell. Not here: the verdict itself (`jose.verify`), other facts on tokens (`facts.token`).
"""

from __future__ import annotations

import base64

from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS, UnusableKey, is_signature
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Kind, Token
from oauthctl.jose.verify import kid_unknown, select_keys

_RSA_BITS = 2048


def signature_reason(token: Token, keys: tuple[Jwk, ...]) -> str:
    """The slug of a signature that was not accepted.

    `unsecured`, `critical`, `hmac-with-public-key`, `hmac`, `algorithm-unknown`, `key-unknown`, `key-misnamed` (another published key made
    it), `key-misfit`, `too-short`, `too-long`, `key-too-short`, `embedded-key`, `other-algorithm` (this key made it by another one than the
    header's), `altered` (this key signed other contents), `differs`.
    """
    if token.kind is Kind.UNSECURED:
        return "unsecured"
    if "crit" in (token.header or {}):
        return "critical"
    algorithm = SIGNATURE_ALGORITHMS.get(token.alg)
    if algorithm is None:
        return "algorithm-unknown"
    if algorithm.kty == "oct":
        return "hmac-with-public-key" if _is_made_with_public_key(token, keys) else "hmac"
    if kid_unknown(token, keys):
        return _reason_of_unknown(token, keys)
    candidates = select_keys(token, keys)
    if not candidates:
        return "key-misfit"
    expected = expected_octets(token, candidates[0])
    if expected and len(token.signature) != expected:
        return "too-short" if len(token.signature) < expected else "too-long"
    if any(_fits(token, key) for key in candidates):
        return "key-too-short" if any(key.kty == "RSA" and key.bits < _RSA_BITS for key in candidates) else ""
    if any(_fits(token, key) for key in keys):
        return "key-misnamed"
    if _is_made_with_embedded_key(token):
        return "embedded-key"
    if made_by(token, candidates):
        return "other-algorithm"
    return "altered" if any(_signed_something(token, key) for key in candidates) else "differs"


def made_by(token: Token, keys: tuple[Jwk, ...]) -> str:
    """The algorithm of the same family by which one of these keys made the signature; empty when it is none but the header's."""
    others = ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")
    if token.alg not in others:
        return ""
    return next((alg for alg in others if alg != token.alg and any(_is_made_by(token, key, alg) for key in keys)), "")


def key_that_made(token: Token, keys: tuple[Jwk, ...]) -> str:
    """The `kid` of the key that the signature is by; empty when it is by none, or by one without a `kid`."""
    return next((key.kid for key in keys if _fits(token, key)), "")


def expected_octets(token: Token, key: Jwk) -> int:
    """How long this key's signatures are; 0 when that can't be told. Source: RFC 8017 section 8.2.1, RFC 7518 section 3.4."""
    if key.kty == "RSA":
        return (key.bits + 7) // 8
    algorithm = SIGNATURE_ALGORITHMS.get(token.alg)
    return algorithm.signature_bytes if algorithm else 0


def _reason_of_unknown(token: Token, keys: tuple[Jwk, ...]) -> str:
    if any(_fits(token, key) for key in keys):
        return "key-misnamed"
    return "embedded-key" if _is_made_with_embedded_key(token) else "key-unknown"


def _is_made_with_public_key(token: Token, keys: tuple[Jwk, ...]) -> bool:
    """Whether a published key was the secret: the forgery that RFC 8725 section 2.1 warns of."""
    published = (key for key in keys if key.kty != "oct")
    return any(_is_hmac(token, octets) for key in published for octets in (*key.public_encodings(), *key.public_texts()))


def _is_hmac(token: Token, secret: bytes) -> bool:
    return _fits(token, Jwk((("kty", "oct"), ("k", base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")))))


def _is_made_with_embedded_key(token: Token) -> bool:
    embedded = (token.header or {}).get("jwk")
    return isinstance(embedded, dict) and _fits(token, Jwk.from_dict(embedded).public())


def _fits(token: Token, key: Jwk) -> bool:
    return _is_made_by(token, key, token.alg)


def _is_made_by(token: Token, key: Jwk, alg: str) -> bool:
    algorithm = SIGNATURE_ALGORITHMS.get(alg)
    if algorithm is None or key.kty != algorithm.kty:
        return False
    try:
        return is_signature(alg, key.as_dict(), token.signing_input, signature=token.signature)
    except UnusableKey:
        return False


def _signed_something(token: Token, key: Jwk) -> bool:
    """Whether an RSA signature opens with this key to well-formed padding: then the key is right and the contents are not.

    Source: RFC 8017 section 8.2.2, 9.2.
    """
    if key.kty != "RSA" or not token.alg.startswith("RS"):
        return False
    modulus, exponent = (_integer(key.as_dict().get(name)) for name in ("n", "e"))
    if not _RSA_BITS <= modulus.bit_length() <= 8 * _RSA_BITS or not 2 < exponent < 2**33:
        return False
    size = (modulus.bit_length() + 7) // 8
    opened = pow(int.from_bytes(token.signature, "big"), exponent, modulus).to_bytes(size, "big")
    return opened.startswith(b"\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff")


def _integer(written: object) -> int:
    text = written if isinstance(written, str) else ""
    try:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
    except ValueError:
        return 0
