"""DPoP proofs: a request shows that its sender holds the key to which a token is bound.

Here: making one, and reading what a server wants. Not here: which requests need one (`flows.dpop`), judging somebody else's (`rules`).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

from oauthctl.http import Response, split_url
from oauthctl.jose.jwk import Jwk
from oauthctl.messages.answer import read_answer
from oauthctl.messages.challenge import read_challenges

NONCE_HEADER = "DPoP-Nonce"
PROOF_TYPE = "dpop+jwt"


def dpop_proof(key: Jwk, method: str, url: str, *, now: datetime, jti: str, access_token: str = "", nonce: str = "") -> str:
    """The compact JWT for one request; `access_token` is the one beside which it is sent. Raises `ConfigError` for a key that can't sign.

    Source: RFC 9449 section 4.2: `htu` is the URL without query and fragment, `ath` the hash of the access token.
    """
    from oauthctl.jose.sign import sign

    claims: dict[str, Any] = {
        "jti": jti,
        "htm": method,
        "htu": target(url),
        "iat": int(now.timestamp()),
        "ath": token_hash(access_token) if access_token else None,
        "nonce": nonce or None,
    }
    public = {name: value for name, value in key.public().members if name in ("kty", "crv", "x", "y", "n", "e")}
    present = {name: value for name, value in claims.items() if value is not None}
    return sign(present, key, header={"typ": PROOF_TYPE, "jwk": public, "kid": None})


def target(url: str) -> str:
    """The `htu` of a request to this URL. Source: RFC 9449 section 4.2."""
    parts = split_url(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"


def token_hash(access_token: str) -> str:
    """The `ath` of this token. Source: RFC 9449 section 4.2: base64url of the SHA-256 of its ASCII."""
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def wants_nonce(response: Response) -> bool:
    """Whether the answer refuses a proof because its nonce is missing or too old.

    Source: RFC 9449 section 8 (the error of the token endpoint) and section 9 (the challenge of an API).
    """
    if response.status not in (400, 401) or not response.headers.get(NONCE_HEADER):
        return False
    if any(one.scheme.lower() == "dpop" and one.get("error") == "use_dpop_nonce" for one in read_challenges(response)):
        return True
    return dict(read_answer(response).fields).get("error") == "use_dpop_nonce"
