"""A client's private key in any of the files that keys come in.

Here: JWK, JWKS, PEM (also encrypted), PKCS#12, the JSON of a service account at Google. Not here: public keys (`jwk.load_key`), asking
for the passphrase.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import Jwk, from_private_key, load_key


def load_private_key(content: bytes, *, passphrase: Callable[[], str]) -> Jwk:
    """The private key in a file; `passphrase` is asked only where one is needed. Of several keys in a JWKS the first that signs.

    A key from PKCS#12 has the thumbprint of its certificate as `x5t#S256`, which some providers want to see.
    Raises `ConfigError`, which never quotes the file.
    """
    account = service_account(content)
    if account:
        return _from_pem(account["private_key"].encode(), passphrase).with_(kid=account.get("private_key_id", ""))
    if content.lstrip()[:1] in (b"{", b"["):
        return _signing(load_key(content))
    if b"-----BEGIN " in content:
        return _from_pem(content, passphrase)
    return _from_pkcs12(content, passphrase)


def service_account(content: bytes) -> Mapping[str, str]:
    """What the JSON file of a service account says, its `client_email` and `token_uri` among it; empty for any other file.

    Source: Google Cloud, "Create and delete service account keys".
    """
    if content.lstrip()[:1] != b"{" or b'"service_account"' not in content:
        return {}
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    return texts if texts.get("type") == "service_account" and "private_key" in texts else {}


def assertion_header(key: Jwk) -> Mapping[str, Any]:
    """What the header of an assertion says of the key besides `kid`. Source: RFC 7515 section 4.1.8."""
    thumbprint = key.as_dict().get("x5t#S256")
    return {"x5t#S256": thumbprint} if isinstance(thumbprint, str) else {}


def _signing(keys: tuple[Jwk, ...]) -> Jwk:
    found = next((key for key in keys if key.is_private and key.kty != "oct" and key.use in ("", "sig")), None)
    if found is None:
        why = "it holds public keys alone" if keys else "it holds no key"
        raise ConfigError("the file holds no private key that signs", slug="no-key", notes=(why,))
    return found


def _from_pem(content: bytes, passphrase: Callable[[], str]) -> Jwk:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"PRIVATE KEY-----" not in content:
        raise ConfigError("the file holds no private key", slug="no-key", notes=("a PEM block `PRIVATE KEY` is needed",))
    is_encrypted = b"ENCRYPTED" in content
    try:
        return from_private_key(load_pem_private_key(content, passphrase().encode() if is_encrypted else None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = "the passphrase is wrong, or the block is damaged" if is_encrypted else "the block is damaged, or of an unknown kind"
        raise ConfigError("the private key can't be read", slug="key-unreadable", notes=(why,)) from None


def _from_pkcs12(content: bytes, passphrase: Callable[[], str]) -> Jwk:
    from base64 import urlsafe_b64encode

    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    if content[:1] != b"\x30":
        raise ConfigError("the file holds no key", slug="no-key", notes=("a JWK, a JWKS, PEM and PKCS#12 are read",))
    try:
        found = load_pkcs12(content, passphrase().encode() or None)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(
            "the file can't be read as PKCS#12", slug="key-unreadable", notes=("the passphrase is wrong, or the file is damaged",)
        ) from None
    if found.key is None:
        raise ConfigError("the PKCS#12 file holds no private key", slug="no-key")
    key = from_private_key(found.key)
    if found.cert is None:
        return key
    digest = found.cert.certificate.fingerprint(hashes.SHA256())
    return key.with_(**{"x5t#S256": urlsafe_b64encode(digest).rstrip(b"=").decode()})
