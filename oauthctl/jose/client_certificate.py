"""A client's certificate with its private key, in any of the files that they come in.

Here: PEM (certificate and key in one file or two, the key also encrypted) and PKCS#12. Not here: judging a certificate that somebody else
shows (`certificate`), presenting one (`shell`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from oauthctl.errors import ConfigError
from oauthctl.jose.certificate import is_self_signed, last_moment, subject, thumbprint
from oauthctl.jose.jwk import Jwk, from_public_key

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

Passphrase: TypeAlias = Callable[[], str]
_BEGIN = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A chain, the client's own certificate first, and its private key; each is DER. The key never shows in the value's text."""

    chain: tuple[bytes, ...]
    key: bytes = field(repr=False)

    @property
    def thumbprint(self) -> str:
        """What bound tokens carry as `x5t#S256`. Source: RFC 8705 section 3.1."""
        return thumbprint(self.chain[0])

    @property
    def subject(self) -> str:
        """The subject's distinguished name."""
        return subject(self.chain[0])

    @property
    def is_self_signed(self) -> bool:
        """Whether no authority stands behind it."""
        return is_self_signed(self.chain[0])

    @property
    def ends_at(self) -> datetime:
        """The last moment at which it is valid, aware, in UTC."""
        return last_moment(self.chain[0])

    def sealed(self, passphrase: bytes) -> bytes:
        """Chain and key as PEM, the key encrypted with this passphrase."""
        from cryptography.hazmat.primitives.serialization import (
            BestAvailableEncryption,
            Encoding,
            PrivateFormat,
            load_der_private_key,
        )

        key = load_der_private_key(self.key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
        return b"".join((key, *map(as_pem, self.chain)))

    def opened(self) -> bytes:
        """Chain and key as PEM, the key for everybody to read: for keys that are made to practise with."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

        key = load_der_private_key(self.key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return b"".join((key, *map(as_pem, self.chain)))

    def as_jwk(self) -> Jwk:
        """The public key with the certificate (`x5c`), as it is registered for a client. Source: RFC 8705 section 2.2.2."""
        from base64 import b64encode

        from cryptography.x509 import load_der_x509_certificate

        key = from_public_key(load_der_x509_certificate(self.chain[0]).public_key())
        return key.with_(x5c=[b64encode(one).decode("ascii") for one in self.chain])


def as_pem(certificate: bytes) -> bytes:
    """A certificate (DER) as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


def load_client_certificate(content: bytes, *, key: bytes = b"", passphrase: Passphrase) -> ClientCertificate:
    """The certificate of a file, with the key of the same file or of the one whose content is `key`; both may be PEM or PKCS#12.

    `passphrase` is asked only where one is needed. Raises `ConfigError`, which never quotes a file.
    """
    certificates, own = _parts(content, passphrase)
    if not certificates:
        raise ConfigError("the file holds no certificate", slug="no-certificate", notes=("PEM blocks `CERTIFICATE` and PKCS#12 are read",))
    if own is None and key:
        own = _parts(key, passphrase)[1]
    if own is None:
        raise ConfigError(
            "the client certificate has no private key",
            slug="no-key",
            notes=("neither the certificate's file nor `--client-key FILE` holds one (PEM or PKCS#12)",),
            help="give the key's file with `--client-key FILE`, or in `OAUTHCTL_CLIENT_KEY_FILE`",
        )
    return _joined(certificates, own)


def _joined(certificates: tuple[Certificate, ...], key: PrivateKeyTypes) -> ClientCertificate:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    held = key.public_key()
    own = next((one for one in certificates if one.public_key() == held), None)
    if own is None:
        raise ConfigError(
            "the private key is not the certificate's",
            slug="key-certificate-differs",
            help="give the key that the certificate was made with",
        )
    rest = (one for one in certificates if one is not own)
    chain = tuple(one.public_bytes(Encoding.DER) for one in (own, *rest))
    return ClientCertificate(chain, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _parts(content: bytes, passphrase: Passphrase) -> tuple[tuple[Certificate, ...], PrivateKeyTypes | None]:
    """The certificates and the private key of one file, as far as it holds them."""
    if _BEGIN in content:
        return _certificates(content), _key(content, passphrase)
    if content[:1] == b"\x30":
        return _from_pkcs12(content, passphrase)
    return (), None


def _certificates(content: bytes) -> tuple[Certificate, ...]:
    from cryptography.x509 import load_pem_x509_certificates

    if _BEGIN + b"CERTIFICATE-----" not in content:
        return ()
    try:
        return tuple(load_pem_x509_certificates(content))
    except ValueError:
        raise ConfigError("the certificate can't be read", slug="certificate-unreadable", notes=("a PEM block is damaged",)) from None


def _key(content: bytes, passphrase: Passphrase) -> PrivateKeyTypes | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    end = content.find(b"PRIVATE KEY-----")
    if end < 0:
        return None
    # Certificates may stand before the key in its file; the reader takes the first block alone.
    block = content[content.rfind(_BEGIN, 0, end) :]
    is_encrypted = b"ENCRYPTED" in block[: block.find(b"-----END ")]
    try:
        return load_pem_private_key(block, passphrase().encode() if is_encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = "the passphrase is wrong, or the block is damaged" if is_encrypted else "the block is damaged, or of an unknown kind"
        raise ConfigError("the private key can't be read", slug="key-unreadable", notes=(why,)) from None


def _from_pkcs12(content: bytes, passphrase: Passphrase) -> tuple[tuple[Certificate, ...], PrivateKeyTypes | None]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        found = load_pkcs12(content, None)
    except (ValueError, UnsupportedAlgorithm):
        try:
            found = load_pkcs12(content, passphrase().encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ConfigError(
                "the file can't be read as PKCS#12", slug="key-unreadable", notes=("the passphrase is wrong, or the file is damaged",)
            ) from None
    held = ((found.cert,) if found.cert else ()) + tuple(found.additional_certs)
    return tuple(one.certificate for one in held), found.key
