"""The names of JOSE and of HTTP's challenges: header members, members of keys, algorithms, headers, challenge attributes.

Here: what they mean. Not here: what oauthctl can do with them (`jose.algorithms`), claims (`claims`).
"""

from __future__ import annotations

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section

_UNTRUSTED = "; the token's own word: a verifier must not take a key from it"


def _words(group: Group, role: str, *rows: tuple[str, str, Section]) -> tuple[Word, ...]:
    return tuple(Word(name, group, role, meaning, section) for name, meaning, section in rows)


HEADER_MEMBERS: tuple[Word, ...] = _words(
    Group.JOSE,
    "member of a token's header",
    (
        "alg",
        "the algorithm of the signature, or of the key's encryption; the verifier decides which it takes",
        Section("RFC 7515", "4.1.1"),
    ),
    ("enc", "the algorithm that encrypts the content", Section("RFC 7516", "4.1.2")),
    ("kid", "which of the issuer's keys was used", Section("RFC 7515", "4.1.4")),
    ("typ", "what kind of token it is: `JWT`, `at+jwt`, `dpop+jwt`, `logout+jwt`", Section("RFC 7515", "4.1.9")),
    ("cty", "what the content is: `JWT` when a token is nested", Section("RFC 7515", "4.1.10")),
    ("jwk", "the public key itself" + _UNTRUSTED, Section("RFC 7515", "4.1.3")),
    ("jku", "a URL of keys" + _UNTRUSTED, Section("RFC 7515", "4.1.2")),
    ("x5u", "a URL of a certificate" + _UNTRUSTED, Section("RFC 7515", "4.1.5")),
    ("x5c", "a certificate chain" + _UNTRUSTED, Section("RFC 7515", "4.1.6")),
    ("x5t", "the SHA-1 thumbprint of the certificate", Section("RFC 7515", "4.1.7")),
    ("x5t#S256", "the SHA-256 thumbprint of the certificate", Section("RFC 7515", "4.1.8")),
    ("crit", "header members that the verifier must understand, or else refuse the token", Section("RFC 7515", "4.1.11")),
    ("b64", "whether the payload is base64url-encoded", Section("RFC 7797", "3")),
    ("zip", "how the content was compressed before encryption", Section("RFC 7516", "4.1.3")),
    ("epk", "the sender's one-time public key", Section("RFC 7518", "4.6.1.1")),
    ("apu", "who the sender is, for the key agreement", Section("RFC 7518", "4.6.1.2")),
    ("apv", "who the recipient is, for the key agreement", Section("RFC 7518", "4.6.1.3")),
    ("iv", "the initialization vector of the key's encryption", Section("RFC 7518", "4.7.1.1")),
    ("tag", "the authentication tag of the key's encryption", Section("RFC 7518", "4.7.1.2")),
    ("p2s", "the salt of a password-based key", Section("RFC 7518", "4.8.1.1")),
    ("p2c", "the rounds of a password-based key; a large number stalls the recipient", Section("RFC 7518", "4.8.1.2")),
)

_KEY_MEMBERS = _words(
    Group.JOSE,
    "member of a key (JWK)",
    ("kty", "the type of key: `RSA`, `EC`, `OKP`, `oct`", Section("RFC 7517", "4.1")),
    ("use", "what the key is for: `sig` or `enc`", Section("RFC 7517", "4.2")),
    ("key_ops", "what may be done with the key", Section("RFC 7517", "4.3")),
    ("keys", "the keys of a set (JWKS)", Section("RFC 7517", "5.1")),
    ("crv", "the curve", Section("RFC 7518", "6.2.1.1")),
    ("x", "the point's x coordinate; of an Ed25519 key, the public key", Section("RFC 7518", "6.2.1.2")),
    ("y", "the point's y coordinate", Section("RFC 7518", "6.2.1.3")),
    ("n", "the RSA modulus", Section("RFC 7518", "6.3.1.1")),
    ("e", "the RSA exponent, mostly `AQAB`", Section("RFC 7518", "6.3.1.2")),
    ("d", "the private part: keep it secret", Section("RFC 7518", "6.3.2.1")),
    ("k", "the symmetric key itself: keep it secret", Section("RFC 7518", "6.4.1")),
)

_SIGNATURES = _words(
    Group.JOSE,
    "signature algorithm",
    *((f"HS{bits}", f"HMAC with SHA-{bits}: both sides share one secret", Section("RFC 7518", "3.2")) for bits in (256, 384, 512)),
    *((f"RS{bits}", f"RSA (PKCS #1 v1.5) with SHA-{bits}", Section("RFC 7518", "3.3")) for bits in (256, 384, 512)),
    *((f"PS{bits}", f"RSA (PSS) with SHA-{bits}", Section("RFC 7518", "3.5")) for bits in (256, 384, 512)),
    ("ES256", "ECDSA on P-256 with SHA-256", Section("RFC 7518", "3.4")),
    ("ES384", "ECDSA on P-384 with SHA-384", Section("RFC 7518", "3.4")),
    ("ES512", "ECDSA on P-521 (not 512) with SHA-512", Section("RFC 7518", "3.4")),
    ("ES256K", "ECDSA on secp256k1 with SHA-256", Section("RFC 8812", "3.2")),
    ("EdDSA", "Ed25519 or Ed448, as the key says", Section("RFC 8037", "3.1")),
    ("Ed25519", "EdDSA on Ed25519, said in full", Section("RFC 9864", "2.2")),
    ("Ed448", "EdDSA on Ed448, said in full", Section("RFC 9864", "2.2")),
    ("none", "no signature: anybody can write such a token; a verifier must refuse it", Section("RFC 8725", "3.2")),
)

_ENCRYPTIONS = _words(
    Group.JOSE,
    "encryption algorithm",
    ("RSA1_5", "the content's key under RSA (PKCS #1 v1.5); open to padding attacks, to be avoided", Section("RFC 7518", "4.2")),
    ("RSA-OAEP", "the content's key under RSA (OAEP, SHA-1)", Section("RFC 7518", "4.3")),
    ("RSA-OAEP-256", "the content's key under RSA (OAEP, SHA-256)", Section("RFC 7518", "4.3")),
    *((f"A{bits}KW", f"the content's key under AES-{bits} key wrap", Section("RFC 7518", "4.4")) for bits in (128, 192, 256)),
    ("dir", "both sides share the content's key", Section("RFC 7518", "4.5")),
    ("ECDH-ES", "the content's key is agreed upon by elliptic curves", Section("RFC 7518", "4.6")),
    *((f"A{bits}GCM", f"the content under AES-{bits} in Galois/counter mode", Section("RFC 7518", "5.3")) for bits in (128, 192, 256)),
    ("A128CBC-HS256", "the content under AES-128 in CBC mode with HMAC SHA-256", Section("RFC 7518", "5.2.3")),
    ("A192CBC-HS384", "the content under AES-192 in CBC mode with HMAC SHA-384", Section("RFC 7518", "5.2.4")),
    ("A256CBC-HS512", "the content under AES-256 in CBC mode with HMAC SHA-512", Section("RFC 7518", "5.2.5")),
)

_CHALLENGES = _words(
    Group.HTTP,
    "attribute of a `WWW-Authenticate` challenge",
    ("realm", "the part of the API that is protected", Section("RFC 9110", "11.5")),
    ("scope", "the scopes that the request needs", Section("RFC 6750", "3")),
    ("error", "why the token was refused, a code; absent when no token was sent", Section("RFC 6750", "3")),
    ("error_description", "why the token was refused, in words for the developer", Section("RFC 6750", "3")),
    ("error_uri", "a page about the error", Section("RFC 6750", "3")),
    ("resource_metadata", "where the API's metadata lies, which names its authorization servers", Section("RFC 9728", "5.1")),
    ("acr_values", "how the person must have signed in", Section("RFC 9470", "3")),
    ("max_age", "how long ago, in seconds, the sign-in may be", Section("RFC 9470", "3")),
    ("algs", "algorithms of DPoP proofs that the API takes", Section("RFC 9449", "7.1")),
)

_HEADERS = _words(
    Group.HTTP,
    "HTTP header",
    (
        "Authorization",
        "carries the access token to an API, or the client's Basic credentials to the token endpoint",
        Section("RFC 6750", "2.1"),
    ),
    ("WWW-Authenticate", "the API says what it wants, with status 401 or 403", Section("RFC 6750", "3")),
    ("DPoP", "a JWT that proves possession of the key to which the token is bound", Section("RFC 9449", "4.1")),
    ("DPoP-Nonce", "a value of the server that the next proof must carry", Section("RFC 9449", "8")),
)

JOSE_NAMES: tuple[Word, ...] = (*HEADER_MEMBERS, *_KEY_MEMBERS, *_SIGNATURES, *_ENCRYPTIONS, *_CHALLENGES, *_HEADERS)
