"""The header of signed and encrypted tokens, and the algorithms that it names.

Here: each header parameter and algorithm with its meaning. Not here: claims (`messages.claims`), using the algorithms (`jose`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from oauthctl.messages.param import Message, Param, anything, boolean, members, moment, number, text, texts
from oauthctl.specs import Section

_JWS, _JWE, _JWA = "RFC 7515", "RFC 7516", "RFC 7518"


class JoseHeader(Message):
    """The JOSE header of a JWS or JWE."""

    title: ClassVar[str] = "JOSE header"

    alg = Param(text, Section(_JWS, "4.1.1"), "the algorithm of the signature, or how the content key is encrypted")
    kid = Param(text, Section(_JWS, "4.1.4"), "which of the issuer's keys was used")
    typ = Param(text, Section(_JWS, "4.1.9"), "what the whole is: `JWT`, `at+jwt` (access token), `dpop+jwt`, `logout+jwt`")
    cty = Param(text, Section(_JWS, "4.1.10"), "what is inside: `JWT` when a token is nested in this one")
    jku = Param(text, Section(_JWS, "4.1.2"), "where the sender says its keys are; never to be trusted for itself")
    jwk = Param(members, Section(_JWS, "4.1.3"), "the sender's public key; never to be trusted for itself (a DPoP proof has it rightly)")
    x5u = Param(text, Section(_JWS, "4.1.5"), "where the sender says its certificate is; never to be trusted for itself")
    x5c = Param(texts, Section(_JWS, "4.1.6"), "the sender's certificates; to be trusted only when they lead to a trusted root")
    x5t = Param(text, Section(_JWS, "4.1.7"), "SHA-1 thumbprint of the certificate")
    x5t_s256 = Param(text, Section(_JWS, "4.1.8"), "SHA-256 thumbprint of the certificate", wire_name="x5t#S256")
    crit = Param(texts, Section(_JWS, "4.1.11"), "extensions that a reader must understand or else refuse the token")
    b64 = Param(boolean, Section("RFC 7797", "3"), "false: the payload is not encoded; forbidden for JWTs")
    enc = Param(text, Section(_JWE, "4.1.2"), "how the content is encrypted")
    zip = Param(text, Section(_JWE, "4.1.3"), "`DEF`: the content was compressed before it was encrypted")
    epk = Param(members, Section(_JWA, "4.6.1.1"), "the sender's public key of this one key agreement")
    apu = Param(text, Section(_JWA, "4.6.1.2"), "about the sender, mixed into the agreed key")
    apv = Param(text, Section(_JWA, "4.6.1.3"), "about the recipient, mixed into the agreed key")
    iv = Param(text, Section(_JWA, "4.7.1.1"), "initialization vector of the encrypted content key")
    tag = Param(text, Section(_JWA, "4.7.1.2"), "authentication tag of the encrypted content key")
    p2s = Param(text, Section(_JWA, "4.8.1.1"), "salt of a key that is made from a password")
    p2c = Param(number, Section(_JWA, "4.8.1.2"), "rounds of a key that is made from a password; a huge one keeps the reader busy")
    iss = Param(text, Section("RFC 7519", "5.3"), "the claim, repeated where it can be read although the token is encrypted")
    sub = Param(text, Section("RFC 7519", "5.3"), "the claim, repeated where it can be read although the token is encrypted")
    aud = Param(texts, Section("RFC 7519", "5.3"), "the claim, repeated where it can be read although the token is encrypted")
    exp = Param(moment, Section("RFC 7519", "4.1.4"), "a claim in the wrong place: in the header nobody checks it")
    nonce = Param(anything, Section(_JWS, "4.3"), "a private parameter (Entra ID: tokens for Microsoft Graph can't be verified by others)")


# Source: RFC 7518 sections 3.1, 4.1 and 5.1; RFC 8037; RFC 8812; RFC 9864.
ALGORITHMS: Mapping[str, tuple[str, Section]] = {
    "none": ("no signature: anybody can have written it", Section(_JWA, "3.6")),
    "HS256": ("HMAC with SHA-256: both sides know one secret", Section(_JWA, "3.2")),
    "HS384": ("HMAC with SHA-384: both sides know one secret", Section(_JWA, "3.2")),
    "HS512": ("HMAC with SHA-512: both sides know one secret", Section(_JWA, "3.2")),
    "RS256": ("RSA (PKCS #1 v1.5) with SHA-256: what every provider can do", Section(_JWA, "3.3")),
    "RS384": ("RSA (PKCS #1 v1.5) with SHA-384", Section(_JWA, "3.3")),
    "RS512": ("RSA (PKCS #1 v1.5) with SHA-512", Section(_JWA, "3.3")),
    "PS256": ("RSA-PSS with SHA-256", Section(_JWA, "3.5")),
    "PS384": ("RSA-PSS with SHA-384", Section(_JWA, "3.5")),
    "PS512": ("RSA-PSS with SHA-512", Section(_JWA, "3.5")),
    "ES256": ("ECDSA on P-256 with SHA-256: short keys and signatures", Section(_JWA, "3.4")),
    "ES384": ("ECDSA on P-384 with SHA-384", Section(_JWA, "3.4")),
    "ES512": ("ECDSA on P-521 with SHA-512", Section(_JWA, "3.4")),
    "ES256K": ("ECDSA on secp256k1 with SHA-256", Section("RFC 8812", "3.2")),
    "EdDSA": ("Edwards-curve signature on Ed25519 or Ed448", Section("RFC 8037", "3.1")),
    "Ed25519": ("Edwards-curve signature on Ed25519", Section("RFC 9864", "2.2")),
    "Ed448": ("Edwards-curve signature on Ed448", Section("RFC 9864", "2.2")),
    "RSA1_5": ("content key encrypted with RSA PKCS #1 v1.5: attackable, avoid it", Section(_JWA, "4.2")),
    "RSA-OAEP": ("content key encrypted with RSA-OAEP and SHA-1", Section(_JWA, "4.3")),
    "RSA-OAEP-256": ("content key encrypted with RSA-OAEP and SHA-256", Section(_JWA, "4.3")),
    "A128KW": ("content key wrapped with a shared AES key of 128 bits", Section(_JWA, "4.4")),
    "A192KW": ("content key wrapped with a shared AES key of 192 bits", Section(_JWA, "4.4")),
    "A256KW": ("content key wrapped with a shared AES key of 256 bits", Section(_JWA, "4.4")),
    "dir": ("the shared key is the content key", Section(_JWA, "4.5")),
    "ECDH-ES": ("content key agreed on by elliptic curves", Section(_JWA, "4.6")),
    "ECDH-ES+A128KW": ("a key agreed on by elliptic curves wraps the content key (128 bits)", Section(_JWA, "4.6")),
    "ECDH-ES+A192KW": ("a key agreed on by elliptic curves wraps the content key (192 bits)", Section(_JWA, "4.6")),
    "ECDH-ES+A256KW": ("a key agreed on by elliptic curves wraps the content key (256 bits)", Section(_JWA, "4.6")),
    "A128GCMKW": ("content key encrypted with AES-GCM and a shared key of 128 bits", Section(_JWA, "4.7")),
    "A192GCMKW": ("content key encrypted with AES-GCM and a shared key of 192 bits", Section(_JWA, "4.7")),
    "A256GCMKW": ("content key encrypted with AES-GCM and a shared key of 256 bits", Section(_JWA, "4.7")),
    "PBES2-HS256+A128KW": ("content key wrapped with a key made from a password", Section(_JWA, "4.8")),
    "PBES2-HS384+A192KW": ("content key wrapped with a key made from a password", Section(_JWA, "4.8")),
    "PBES2-HS512+A256KW": ("content key wrapped with a key made from a password", Section(_JWA, "4.8")),
    "A128CBC-HS256": ("content encrypted with AES-CBC of 128 bits and HMAC SHA-256", Section(_JWA, "5.2.3")),
    "A192CBC-HS384": ("content encrypted with AES-CBC of 192 bits and HMAC SHA-384", Section(_JWA, "5.2.4")),
    "A256CBC-HS512": ("content encrypted with AES-CBC of 256 bits and HMAC SHA-512", Section(_JWA, "5.2.5")),
    "A128GCM": ("content encrypted with AES-GCM of 128 bits", Section(_JWA, "5.3")),
    "A192GCM": ("content encrypted with AES-GCM of 192 bits", Section(_JWA, "5.3")),
    "A256GCM": ("content encrypted with AES-GCM of 256 bits", Section(_JWA, "5.3")),
}
