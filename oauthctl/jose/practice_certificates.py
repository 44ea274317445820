"""Certificates to practise with: an authority for names of this machine, and what it signs.

Here: making them, and an authority's text. Not here: other people's certificates (`certificate`, `client_certificate`), files (`store`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError
from oauthctl.jose.certificate import last_moment
from oauthctl.jose.client_certificate import ClientCertificate, as_pem, load_client_certificate

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import CertificateBuilder, GeneralName, NameConstraints

DAYS = 30
AUTHORITY_DAYS = 365
_NAME = "practice authority"
_LOOPBACK = ("127.0.0.0/8", "::1/128", "localhost")
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs: the certificate as DER, and the key."""

    certificate: bytes
    key: EllipticCurvePrivateKey = field(repr=False)

    @property
    def ends_at(self) -> datetime:
        """The last moment at which it is valid, aware, in UTC."""
        return last_moment(self.certificate)

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts and networks that it may speak for; a host stands for all below it, too."""
        return tuple(str(one.value) for one in _constraints(self.certificate).permitted_subtrees or ())

    def is_for(self, host: str) -> bool:
        """Whether it may sign for this host."""
        return _is_among(host, self.names)

    def opened(self) -> bytes:
        """Key and certificate as PEM, the key for everybody to read."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + as_pem(self.certificate)


def new_authority(name: str = _NAME, *, now: datetime, hosts: Iterable[str] = (), key: EllipticCurvePrivateKey | None = None) -> Authority:
    """An authority with a fresh key, or this one; nobody has to take its word for other names than those of this machine, and these hosts.

    With the key of an earlier one it is as good as that one: what either signed counts with whoever trusts the other.
    Source: RFC 5280 section 4.2.1.10.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = key or ec.generate_private_key(ec.SECP256R1())
    names = dict.fromkeys((*_LOOPBACK, *(host for host in hosts if not _is_among(host, _LOOPBACK))))
    permitted = [_subtree(name) for name in names]
    builder = _begun(f"CN={name}", key, now=now, is_authority=True)
    builder = builder.add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
    return Authority(_signed(builder, f"CN={name}", key), key)


def authority_from(content: bytes) -> Authority:
    """The authority that was `opened` so.

    Raises: ConfigError, which never quotes the content, when it is none of ours.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from cryptography.x509 import ExtensionNotFound

    found = load_client_certificate(content, passphrase=str)
    key = load_der_private_key(found.key, None)
    try:
        _constraints(found.chain[0])
    except ExtensionNotFound:
        raise ConfigError("the certificate is no practice authority's") from None
    if found.subject != f"CN={_NAME}" or not isinstance(key, EllipticCurvePrivateKey):
        raise ConfigError("the certificate is no practice authority's")
    return Authority(found.chain[0], key)


def is_of_key(certificate: bytes, authority: Authority) -> bool:
    """Whether this certificate (PEM) is the authority's, as it is or as it was before it was renewed."""
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(certificate).public_key() == authority.key.public_key()
    except ValueError:
        return False


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
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS if is_authority else DAYS))
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


def _is_among(host: str, names: Iterable[str]) -> bool:
    """Whether a host is one of these, lies below one, or in one that is a network."""
    try:
        address = ip_address(host)
    except ValueError:
        return any(f".{host}".lower().endswith(f".{name}".lower()) for name in names)
    return any(address in ip_network(name) for name in names if "/" in name)


def _constraints(certificate: bytes) -> NameConstraints:
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.NameConstraints).value


def _subtree(host: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_network(host))
    except ValueError:
        return x509.DNSName(host)


def _named(host: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
