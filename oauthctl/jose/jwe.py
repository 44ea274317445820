"""Encrypted tokens: opening one with our key, making one for somebody else's.

Here: JWE in compact form (joserfc's mathematics), and which key fits. Not here: whether what was inside may be believed (`jose.verify`).
"""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Mapping
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import LEAST_RSA_BITS, Jwk
from oauthctl.jose.jwt import Kind, take_apart

# RSA1_5 is left out: whoever may ask often enough can read what it protects (RFC 8725 section 3.2). PBES2 is for passwords.
RSA_ALGS = ("RSA-OAEP", "RSA-OAEP-256")
AGREEMENT_ALGS = ("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW")
SECRET_ALGS = ("dir", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW")
ALGS = (*RSA_ALGS, *AGREEMENT_ALGS, *SECRET_ALGS)
ENCS = ("A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM")
_CURVES = ("P-256", "P-384", "P-521", "X25519", "X448")
_KEY_MEMBERS = frozenset({"kty", "crv", "n", "e", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi"})
_MOST_CHARACTERS = 1024 * 1024


class Undecryptable(ValueError):
    """The token can't be opened with these keys; the text says why and holds nothing of either."""


def is_encrypted(compact: str) -> bool:
    """Whether a text is a JWE by its form."""
    return take_apart(compact).kind is Kind.JWE


def decrypt(compact: str, keys: tuple[Jwk, ...], *, secret: str = "") -> str:
    """What is inside, as text: for a nested JWT the inner token. `secret` is the client's, for the symmetric algorithms.

    Raises: Undecryptable. Source: RFC 7516 section 5.2; OpenID Connect Core 1.0 section 10.2 for the secret.
    """
    token = take_apart(compact)
    alg, enc = token.alg, token.header_text("enc")
    if token.kind is not Kind.JWE:
        raise Undecryptable("it is not encrypted")
    if len(compact) > _MOST_CHARACTERS:
        raise Undecryptable("it is too large")
    if alg not in ALGS or enc not in ENCS:
        raise Undecryptable(f"`{(enc if alg in ALGS else alg)[:40]}` is no algorithm that is used here")
    if "crit" in (token.header or {}):
        raise Undecryptable("its header has `crit`, and no such extension is understood")
    candidates = (_of_secret(secret, alg, enc),) if alg in SECRET_ALGS and secret else _fitting(keys, alg, token.kid)
    if not candidates:
        raise Undecryptable(f"no private key for `{alg}` is at hand" + (f" (the token names `{token.kid[:80]}`)" if token.kid else ""))
    for key in candidates:
        opened = _opened(token.compact, key, alg, enc)
        if opened is not None:
            try:
                return opened.decode()
            except UnicodeDecodeError:
                raise Undecryptable("what is inside is no text") from None
    raise Undecryptable("none of the keys opens it: it is for another key, or was changed on the way")


def encrypt(payload: str, key: Jwk, *, alg: str, enc: str = "A128CBC-HS256", header: Mapping[str, Any] | None = None) -> str:
    """A JWE in compact form for whoever holds the private half of `key`. The header says `alg`, `enc` and the key's `kid`.

    Raises: ConfigError when the key can't do that. Source: RFC 7516 section 5.1.
    """
    from joserfc.errors import JoseError
    from joserfc.jwe import JWERegistry, encrypt_compact

    if alg not in ALGS or enc not in ENCS:
        raise ConfigError(f"nothing is encrypted with `{alg}` and `{enc}` here", notes=(f"known are {', '.join(ALGS)}",))
    if key.kty == "RSA" and key.bits < LEAST_RSA_BITS:
        raise ConfigError(f"an RSA key of {key.bits} bits protects nothing: `{alg}` needs {LEAST_RSA_BITS} or more")
    members = {"alg": alg, "enc": enc, "kid": key.kid or None, **(header or {})}
    registry = JWERegistry(algorithms=[alg, enc], strict_check_header=False)
    present = {name: value for name, value in members.items() if value is not None}
    try:
        made = encrypt_compact(present, payload, _key(key), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError):
        # The text of such an error can hold key material.
        raise ConfigError(f"the {key.kty or 'unknown'} key can't encrypt with `{alg}`") from None
    return made


def can_be_encrypted_for(key: Jwk) -> bool:
    """Whether a public key that may be for encryption does that; True of one that is for something else.

    It is tried: an even modulus, or a point that every secret would be the same with, shows in nothing but use.
    """
    alg = usual_alg((key,), ())
    try:
        return not alg or bool(encrypt("", key, alg=alg))
    except ConfigError:
        return False


def encryption_key(keys: tuple[Jwk, ...], alg: str) -> Jwk | None:
    """The key of somebody's set that this algorithm takes; one that says `enc` goes before one that says nothing."""
    fitting = [key for key in keys if _fits(key, alg)]
    return next((key for key in fitting if key.use == "enc"), next(iter(fitting), None))


def usual_alg(keys: tuple[Jwk, ...], announced: tuple[str, ...]) -> str:
    """The first algorithm of those announced (empty: of all) for which the set has a key; empty when there is none."""
    return next((alg for alg in announced or ALGS if alg in ALGS and encryption_key(keys, alg) is not None), "")


def _fitting(keys: tuple[Jwk, ...], alg: str, kid: str) -> tuple[Jwk, ...]:
    fitting = tuple(key for key in keys if key.is_private and _fits(key, alg))
    return tuple(key for key in fitting if kid and key.kid == kid) or fitting


def _fits(key: Jwk, alg: str) -> bool:
    kinds = {"RSA": RSA_ALGS, "EC": AGREEMENT_ALGS, "OKP": AGREEMENT_ALGS, "oct": SECRET_ALGS}
    if alg not in kinds.get(key.kty, ()) or key.use not in ("", "enc") or (key.alg and key.alg not in ALGS):
        return False
    return key.kty not in ("EC", "OKP") or key.crv in _CURVES


def _opened(compact: str, key: Jwk, alg: str, enc: str) -> bytes | None:
    from joserfc.errors import JoseError
    from joserfc.jwe import JWERegistry, decrypt_compact

    # Source: RFC 7519 section 5.3: claims such as `iss` and `aud` may be replicated in the header (oidc-provider does so).
    registry = JWERegistry(algorithms=[alg, enc, "DEF"], strict_check_header=False)
    try:
        return decrypt_compact(compact, _key(key), registry=registry).plaintext
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _key(key: Jwk) -> Any:
    from joserfc.errors import SecurityWarning
    from joserfc.jwk import import_key

    with warnings.catch_warnings():
        # A token that somebody made for a short key is opened without the library's talk; for such a key nothing is made.
        warnings.simplefilter("ignore", SecurityWarning)
        # `use`, `alg` and `key_ops` were looked at already; an RSA key that says nothing may do both.
        return import_key({name: value for name, value in key.members if name in _KEY_MEMBERS})


def _of_secret(secret: str, alg: str, enc: str) -> Jwk:
    """Source: OpenID Connect Core 1.0 section 10.2: the leftmost octets of the secret's SHA-2 hash, as many as the algorithm takes."""
    sized = enc if alg == "dir" else alg
    octets = int(sized.rpartition("HS")[2]) // 8 if "HS" in sized else int(sized[1:4]) // 8
    digest = hashlib.sha256 if octets <= 32 else hashlib.sha384 if octets <= 48 else hashlib.sha512
    made = digest(secret.encode()).digest()[:octets]
    return Jwk((("kty", "oct"), ("k", base64.urlsafe_b64encode(made).rstrip(b"=").decode())))
