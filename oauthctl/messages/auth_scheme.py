"""Authentication schemes of HTTP: which first word of an `Authorization` header may be repeated.

Here: the known ones. Not here: what follows the scheme (`client_auth`), challenges (`challenge`).
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "unknown"
"""What facts say of a word that may be a credential."""
_REGISTERED: Final = {"basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "oauth", "privatetoken"} | {
    "scram-sha-1",
    "scram-sha-256",
    "vapid",
}
"""Source: IANA, HTTP Authentication Schemes (RFC 9110 section 16.4.1)."""
_OF_TOKENS: Final = {"accesstoken", "access_token", "access-token", "bot", "id_token", "jwt", "oauth2", "token", "zoho-oauthtoken"}
_OF_KEYS: Final = {"api-key", "api_key", "apikey", "geniekey", "key", "klaviyo-api-key", "sharedkey", "splunk", "ssws"}
_OF_SIGNATURES: Final = {"aws4-hmac-sha256", "hawk", "hmac", "mac", "ntlm", "signature"}
_KNOWN: Final = frozenset(_REGISTERED | _OF_TOKENS | _OF_KEYS | _OF_SIGNATURES)


def known_scheme(word: str) -> str:
    """The word as it is written, when it names a scheme, be it with a colon behind; else empty.

    Whoever forgets the scheme has a credential in its place: a word that is not known must not be shown to anybody.
    """
    return word if word.lower().removesuffix(":") in _KNOWN else ""
