"""Certificates for tests of mutual TLS: authorities, what they sign, and what nobody signed."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from oauthctl.jose.client_certificate import ClientCertificate

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, passphrase: str = "") -> bytes:
        hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)

    @property
    def loaded(self) -> ClientCertificate:
        return ClientCertificate((self.der,), self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))

    def write(self, folder: Path, name: str) -> Path:
        """One file with both."""
        path = folder / f"{name}.pem"
        path.write_bytes(self.pem + self.key_pem())
        return path


def made(subject: str, *, by: Pair | None = None, is_authority: bool = False, days: float = 2, names: tuple[str, ...] = ()) -> Pair:
    """A certificate with this subject (RFC 4514), self-signed unless it is signed `by` somebody; it ends in so many days."""
    now = datetime.datetime.now(datetime.UTC)
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string(subject)
    signer_key, issuer = (by.key, by.certificate.subject) if by else (key, name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + DAY * min(0, days) - DAY)
        .not_valid_after(now + DAY * days)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
    if is_authority:
        builder = builder.add_extension(_usage_of_authority(), critical=True)
    return Pair(builder.sign(signer_key, hashes.SHA256()), key)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.UniformResourceIdentifier(name) if "://" in name else x509.DNSName(name)


def _usage_of_authority() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def authority() -> Pair:
    """One that tests trust."""
    return made("CN=test authority,O=Example", is_authority=True)


@cache
def server() -> Pair:
    """A server's on this machine, signed by `authority`."""
    return made("CN=127.0.0.1", by=authority(), names=("127.0.0.1", "localhost"))
