"""Registered names that stand in no message of ours: members of keys, HTTP headers, attributes of challenges.

Here: what they mean. Not here: a token's header and algorithms (`jose_header`), claims (`claims`), reading them (`jose`, `challenge`).
"""

from __future__ import annotations

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section


def _words(group: Group, role: str, *rows: tuple[str, str, Section]) -> tuple[Word, ...]:
    return tuple(Word(name, group, role, meaning, section) for name, meaning, section in rows)


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
    (
        "OAuth-Client-Attestation",
        "a JWT in which an attester that the server trusts vouches for the client's key",
        Section("OAuth Client Attestation"),
    ),
    ("OAuth-Client-Attestation-PoP", "a JWT that proves possession of the attested key", Section("OAuth Client Attestation")),
    (
        "OAuth-Client-Attestation-Challenge",
        "a value of the server that the next such proof must carry",
        Section("OAuth Client Attestation"),
    ),
    ("DPoP-Nonce", "a value of the server that the next proof must carry", Section("RFC 9449", "8")),
)

REGISTERED_NAMES: tuple[Word, ...] = (*_KEY_MEMBERS, *_CHALLENGES, *_HEADERS)
