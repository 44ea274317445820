"""Keys as JSON: one JWK, a set of them, and what a key file holds.

Here: the value, reading and making it. Not here: fetching a key set (`flows`), choosing a key for a token (`jose.verify`).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError
from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS, UnusableKey, key_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

# Source: RFC 7518 section 6, RFC 8037 section 2.
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# Source: RFC 7638 section 3.2, RFC 8037 section 2.
_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "oct": ("k", "kty")}

LEAST_RSA_BITS = 2048
"""Source: RFC 7518 sections 3.3, 3.5, 4.2 and 4.3: a key of this size or larger must be used."""
_COORDINATE_BYTES = {"P-256": 32, "P-384": 48, "P-521": 66, "secp256k1": 32}


@dataclass(frozen=True, slots=True, repr=False)
class Jwk:
    """One key: its members as they came. Whether they make a usable key shows when it is used."""

    members: tuple[tuple[str, Any], ...]

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any]) -> Jwk:
        """The key with these members; nothing is checked."""
        return cls(tuple(obj.items()))

    def __repr__(self) -> str:
        # A repr ends up in tracebacks and test output: it names the key and never shows it.
        return f"Jwk(kty={self.kty!r}, kid={self.kid!r}, private={self.is_private})"

    def __hash__(self) -> int:
        return hash((self.kty, self.kid, self.thumbprint()))

    @property
    def kid(self) -> str:
        """The key's id; empty when it has none."""
        return self._text("kid")

    @property
    def kty(self) -> str:
        """The key's type: `RSA`, `EC`, `OKP`, `oct`."""
        return self._text("kty")

    @property
    def alg(self) -> str:
        """The one algorithm that the key is for; empty when it doesn't say."""
        return self._text("alg")

    @property
    def use(self) -> str:
        """`sig` or `enc`; empty when it doesn't say."""
        return self._text("use")

    @property
    def crv(self) -> str:
        """The curve of an `EC` or `OKP` key."""
        return self._text("crv")

    @property
    def is_private(self) -> bool:
        """Whether the key must be kept secret: a private key, or a symmetric one."""
        return any(name in _PRIVATE_MEMBERS for name, _ in self.members)

    @property
    def bits(self) -> int:
        """The length of an RSA modulus or of a symmetric key; 0 for other keys and when it can't be read."""
        raw = self._text({"RSA": "n", "oct": "k"}.get(self.kty, ""))
        try:
            octets = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
        except ValueError:
            return 0
        return int.from_bytes(octets, "big").bit_length() if self.kty == "RSA" else len(octets) * 8

    def public(self) -> Jwk:
        """The key without what is secret in it; of a symmetric key nothing but its description stays."""
        kept = tuple((name, value) for name, value in self.members if name not in _PRIVATE_MEMBERS)
        return Jwk(tuple((name, ["verify"] if name == "key_ops" and value == ["sign"] else value) for name, value in kept))

    def thumbprint(self) -> str:
        """The SHA-256 thumbprint, base64url; empty when the type is unknown or a member is missing.

        Source: RFC 7638 section 3.
        """
        members = self.as_dict()
        wanted = _THUMBPRINT_MEMBERS.get(self.kty, ())
        if not wanted or any(not isinstance(members.get(name), str) for name in wanted):
            return ""
        canonical = json.dumps({name: members[name] for name in wanted}, separators=(",", ":"), sort_keys=True)
        return _base64url(hashlib.sha256(canonical.encode()).digest())

    def as_dict(self) -> dict[str, Any]:
        """The members as a JSON object."""
        return dict(self.members)

    def public_encodings(self) -> tuple[bytes, ...]:
        """The public key as PEM and DER, with and without a last line break; empty when the members make no key."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        try:
            key = key_object(self.public().as_dict())
        except UnusableKey:
            return ()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return (pem, pem.rstrip(b"\n"), key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def public_texts(self) -> tuple[bytes, ...]:
        """The numbers of the public key (`n`, `x`, `y`), as the base64url text of a JWK and as octets."""
        texts = [text for text in (self._text("n"), self._text("x"), self._text("y")) if text]
        octets: list[bytes] = []
        for text in texts:
            try:
                octets.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            except ValueError:
                continue
        return (*(text.encode("utf-8", "surrogatepass") for text in texts), *(one for one in octets if one))

    def with_(self, **members: Any) -> Jwk:
        """A copy with these members set."""
        return Jwk.from_dict({**self.as_dict(), **members})

    def _text(self, name: str) -> str:
        value = next((value for key, value in self.members if key == name), "")
        return value if isinstance(value, str) else ""


def parse_key_set(document: object) -> tuple[Jwk, ...]:
    """The keys of a JWKS, of a lone JWK or of an array of them. Never raises; what is no object is left out.

    Source: RFC 7517 section 5.
    """
    if isinstance(document, Mapping):
        inner = document.get("keys")
        return parse_key_set(inner) if isinstance(inner, list | tuple) else (Jwk.from_dict(document),) if "kty" in document else ()
    if isinstance(document, list | tuple):
        return tuple(Jwk.from_dict(item) for item in document if isinstance(item, Mapping) and "kty" in item)
    return ()


def load_key(text: str | bytes) -> tuple[Jwk, ...]:
    """The keys of a file: JWK or JWKS as JSON, or PEM blocks (public key, unencrypted private key, certificate).

    Raises: ConfigError, which never quotes the file.
    """
    try:
        content = (text.decode("utf-8") if isinstance(text, bytes) else text).strip().lstrip("\ufeff")
    except UnicodeDecodeError:
        raise ConfigError("the key is neither JSON nor PEM", help="convert a DER file with `openssl pkey -inform DER`") from None
    if content.startswith(("{", "[")):
        try:
            keys = parse_key_set(json.loads(content))
        except (ValueError, RecursionError):
            raise ConfigError("the key looks like JSON and can't be read as such") from None
        if not keys:
            raise ConfigError("the JSON holds no key", notes=("a JWK has a member `kty`, a JWKS an array `keys`",))
        return keys
    if "-----BEGIN " in content:
        return tuple(_from_pem(block) for block in _pem_blocks(content))
    raise ConfigError("the key is neither JSON nor PEM", notes=("a JWK, a JWKS or a PEM block (`-----BEGIN PUBLIC KEY-----`) is read",))


def is_key_in_disguise(content: bytes) -> bool:
    """Whether bytes that are to be a shared secret are a key that the world may know: DER, OpenSSH, PEM or JSON in any encoding.

    Such bytes as an HMAC secret are the classic forgery: RS256 turned into HS256 with the public key as the secret (RFC 8725 section 2.1).
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

    plain = content.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if (
        plain[:1] in (b"{", b"[")
        or b"-----BEGIN " in plain
        or b'"kty' in plain.replace(b"\\", b"")
        or plain.startswith((b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-"))
    ):
        return True
    for load in (load_der_public_key, x509.load_der_x509_certificate, lambda der: load_der_private_key(der, None)):
        try:
            load(content)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        return True
    return False


def generate(alg: str) -> Jwk:
    """A new private key for this algorithm, with `kid` (its thumbprint), `alg` and `use`."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    algorithm = SIGNATURE_ALGORITHMS.get(alg)
    key: PrivateKeyTypes
    if algorithm is None or algorithm.kty == "oct":
        raise ConfigError(f"no key can be made for `{alg}`", notes=("RS256, PS256, ES256, ES384, ES512, ES256K, EdDSA and Ed448 can",))
    if algorithm.kty == "RSA":
        key = rsa.generate_private_key(public_exponent=65537, key_size=LEAST_RSA_BITS)
    elif algorithm.kty == "EC":
        curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "secp256k1": ec.SECP256K1()}
        key = ec.generate_private_key(curves[algorithm.curves[0]])
    else:
        key = ed448.Ed448PrivateKey.generate() if alg == "Ed448" else ed25519.Ed25519PrivateKey.generate()
    made = from_private_key(key)
    return made.with_(kid=made.thumbprint(), alg=alg, use="sig")


def from_private_key(key: PrivateKeyTypes) -> Jwk:
    """A private JWK from a key of the `cryptography` package.

    Raises: ConfigError when it is of a kind that signs no JWS.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        rsa_numbers = key.private_numbers()
        secret = {"d": rsa_numbers.d, "p": rsa_numbers.p, "q": rsa_numbers.q}
        secret |= {"dp": rsa_numbers.dmp1, "dq": rsa_numbers.dmq1, "qi": rsa_numbers.iqmp}
        return from_public_key(key.public_key()).with_(**{name: _base64url_uint(value) for name, value in secret.items()})
    if isinstance(key, ec.EllipticCurvePrivateKey):
        public = from_public_key(key.public_key())
        return public.with_(d=_base64url_uint(key.private_numbers().private_value, _COORDINATE_BYTES[public.crv]))
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
        return from_public_key(key.public_key()).with_(d=_base64url(raw))
    raise ConfigError("the key is of a kind that signs no JWS", notes=("RSA, P-256, P-384, P-521, secp256k1, Ed25519 and Ed448 do",))


def from_public_key(key: PublicKeyTypes) -> Jwk:
    """A public JWK from a key of the `cryptography` package.

    Raises: ConfigError when it is of a kind that signs no JWS.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPublicKey):
        rsa_numbers = key.public_numbers()
        return Jwk((("kty", "RSA"), ("n", _base64url_uint(rsa_numbers.n)), ("e", _base64url_uint(rsa_numbers.e))))
    if isinstance(key, ec.EllipticCurvePublicKey):
        crv = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(key.curve.name, key.curve.name)
        if crv in _COORDINATE_BYTES:
            point, size = key.public_numbers(), _COORDINATE_BYTES[crv]
            return Jwk((("kty", "EC"), ("crv", crv), ("x", _base64url_uint(point.x, size)), ("y", _base64url_uint(point.y, size))))
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        crv = "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else "Ed448"
        return Jwk((("kty", "OKP"), ("crv", crv), ("x", _base64url(key.public_bytes_raw()))))
    raise ConfigError("the key is of a kind that signs no JWS", notes=("RSA, P-256, P-384, P-521, secp256k1, Ed25519 and Ed448 do",))


def _pem_blocks(content: str) -> tuple[str, ...]:
    blocks = ("-----BEGIN " + rest for rest in content.split("-----BEGIN ")[1:])
    # `openssl ecparam -genkey` writes the curve's parameters in front of the key.
    return tuple(block for block in blocks if not block.startswith("-----BEGIN EC PARAMETERS"))


def _from_pem(block: str) -> Jwk:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    label = block[len("-----BEGIN ") :].split("-----", maxsplit=1)[0]
    pem = block.encode()
    try:
        if "PRIVATE KEY" in label:
            made = from_private_key(serialization.load_pem_private_key(pem, password=None))
        elif "CERTIFICATE" in label:
            made = from_public_key(x509.load_pem_x509_certificate(pem).public_key())
        else:
            made = from_public_key(serialization.load_pem_public_key(pem))
    except TypeError:
        raise ConfigError("the private key is encrypted", help="decrypt it with `openssl pkey -in FILE -out DECRYPTED`") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"the PEM block `{label[:40]}` can't be read") from None
    # PEM has no key id: without `kid` the key is tried for every token whose algorithm fits.
    return made


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _base64url_uint(value: int, size: int = 0) -> str:
    return _base64url(value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big"))
