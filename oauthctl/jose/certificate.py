"""Certificates: the one that a published key brings along, and the one that somebody shows in a TLS handshake.

Here: what a certificate says, and whether it is a key's, an authority's or its own. Not here: TLS, which proves that whoever shows a
certificate holds its key; and a key set is trusted for where it stands, not for its certificates.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from oauthctl.jose.jwk import Jwk, from_public_key

if TYPE_CHECKING:
    from datetime import datetime


def is_of_another_key(key: Jwk) -> bool:
    """Whether the first certificate of `x5c` holds another public key than the JWK's own members; False for one that can't be read.

    Source: RFC 7517 section 4.7.
    """
    own, certificate = key.thumbprint(), certificate_of(key)
    if not own or not certificate:
        return False
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        held = from_public_key(x509.load_der_x509_certificate(certificate).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    theirs = held.thumbprint()
    return bool(theirs) and theirs != own


def certificate_of(key: Jwk) -> bytes:
    """The first certificate of `x5c`, as DER; empty where there is none, and where it can't be read. Source: RFC 7517 section 4.7."""
    chain = key.as_dict().get("x5c")
    first = chain[0] if isinstance(chain, list) and chain else None
    if not isinstance(first, str):
        return b""
    from cryptography import x509

    try:
        der = b64decode(first)
        x509.load_der_x509_certificate(der)
    except (ValueError, TypeError):
        return b""
    return der


def thumbprint(der: bytes) -> str:
    """Base64url of the certificate's SHA-256: `x5t#S256`. Source: RFC 8705 section 3.1."""
    return urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")


def subject(der: bytes) -> str:
    """The subject's distinguished name as text. Source: RFC 4514. Raises `ValueError` for bytes that are no certificate."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


def same_name(one: str, other: str) -> bool:
    """Whether two texts are the same distinguished name; what can't be read is the same as nothing. Source: RFC 4514."""
    from cryptography import x509

    try:
        return x509.Name.from_rfc4514_string(one) == x509.Name.from_rfc4514_string(other)
    except ValueError:
        return False


def alternative_names(der: bytes, kind: str) -> tuple[str, ...]:
    """The subject's further names of a kind: `dns`, `uri`, `ip` or `email`. Source: RFC 5280 section 4.2.1.6."""
    from cryptography import x509

    try:
        names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    match kind:
        case "dns":
            return tuple(names.get_values_for_type(x509.DNSName))
        case "uri":
            return tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
        case "ip":
            return tuple(str(one) for one in names.get_values_for_type(x509.IPAddress))
        case _:
            return tuple(names.get_values_for_type(x509.RFC822Name))


def is_issued_by(der: bytes, authority: bytes) -> bool:
    """Whether this authority signed the certificate itself, without others between; false for bytes that are no certificates."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(x509.load_der_x509_certificate(authority))
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_self_signed(der: bytes) -> bool:
    """Whether the certificate's own key signed it."""
    return is_issued_by(der, der)


def last_moment(der: bytes) -> datetime:
    """Until when the certificate is valid, aware, in UTC. Raises `ValueError` for bytes that are no certificate."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der).not_valid_after_utc
