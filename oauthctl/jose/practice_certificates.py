"""Certificates to practise with: an authority that exists for one run, and what it signs.

Here: making them. Not here: reading certificates (`certificate`, `client_certificate`). Nobody but a practice provider should trust these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from oauthctl.jose.client_certificate import ClientCertificate

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import CertificateBuilder, GeneralName

DAYS = 30
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs: the certificate as DER, and the key."""

    certificate: bytes
    key: EllipticCurvePrivateKey = field(repr=False)


def new_authority(name: str, *, now: datetime) -> Authority:
    """An authority with a fresh key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(_signed(_begun(f"CN={name}", key, now=now, is_authority=True), f"CN={name}", key), key)


def new_certificate(subject: str, *, now: datetime, by: Authority | None = None, hosts: tuple[str, ...] = ()) -> ClientCertificate:
    """A certificate with a fresh key for this subject (RFC 4514), self-signed without an authority. `hosts` make it a server's."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun(subject, key, now=now, is_authority=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_named(host) for host in hosts]), critical=False)
    issuer = x509.load_der_x509_certificate(by.certificate).subject.rfc4514_string() if by is not None else subject
    certificate = _signed(builder, issuer, by.key if by is not None else key)
    return ClientCertificate((certificate,), key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _begun(subject: str, key: EllipticCurvePrivateKey, *, now: datetime, is_authority: bool) -> CertificateBuilder:
    from cryptography import x509

    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=is_authority, crl_sign=is_authority, **usage), critical=True)
    )


def _signed(builder: CertificateBuilder, issuer: str, key: EllipticCurvePrivateKey) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    whole = builder.issuer_name(x509.Name.from_rfc4514_string(issuer)).add_extension(whose, critical=False)
    return whole.sign(key, SHA256()).public_bytes(Encoding.DER)


def _named(host: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
