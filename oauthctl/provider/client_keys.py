"""The keys that a client gives of itself.

Here: judging the JWKS of its metadata. Not here: what the keys are for (`client_assertion`, `request_object`, `sealing`), and their
certificates in a TLS handshake (`client_certificate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.provider.answers import Denied
from oauthctl.provider.client_bounds import VALUES

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

_KNOWN = ("RSA", "EC", "OKP", "oct")


def read_keys(jwks: object) -> tuple[Jwk, ...]:
    """The keys of a JWKS, those of unknown kinds among them; `Denied` for one that is broken or gives something away.

    Source: RFC 7517 section 5: `keys` is a must, and keys of types that are not understood are no error.
    """
    from oauthctl.jose.jwk import Jwk

    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(listed, list):
        raise _bad("jwks has no array keys")
    if len(listed) > VALUES:
        raise _bad(f"jwks has more than {VALUES} keys")
    if not all(isinstance(one, dict) for one in listed):
        raise _bad("a key in jwks is no JSON object")
    keys = tuple(Jwk.from_dict(one) for one in listed)
    for key in keys:
        _check(key)
    return keys


def _check(key: Jwk) -> None:
    from oauthctl.jose.algorithms import algorithm_for
    from oauthctl.jose.certificate import certificate_of, is_of_another_key
    from oauthctl.jose.jwe import can_be_encrypted_for
    from oauthctl.jose.jwk import LEAST_RSA_BITS

    if key.is_private:
        raise _bad("jwks gives a private key away")
    if not key.kty:
        raise _bad("a key in jwks has no kty")
    # A thumbprint needs the members that the type demands; of curves that nobody here signs with it is all that can be asked.
    is_whole = key.thumbprint() and (not algorithm_for(key.kty, key.crv) or key.public_encodings())
    if key.kty in _KNOWN and not is_whole:
        raise _bad(f"a key in jwks makes no {key.kty} key")
    if key.kty == "RSA" and key.bits < LEAST_RSA_BITS:
        raise _bad(f"an RSA key in jwks has fewer than {LEAST_RSA_BITS} bits")
    if not can_be_encrypted_for(key):
        raise _bad(f"nothing can be encrypted for an {key.kty} key in jwks")
    if "x5c" in key.as_dict() and (not certificate_of(key) or is_of_another_key(key)):
        raise _bad("x5c of a key in jwks does not begin with the certificate of that key")


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
