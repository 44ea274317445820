"""PKCE: from the verifier to the challenge.

Here: the derivation. Not here: where the verifier's randomness comes from (`shell.world`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

METHODS = ("S256", "plain", "none")


def challenge(code_verifier: str, method: str = "S256") -> str:
    """The `code_challenge` of a verifier.

    Source: RFC 7636 section 4.2: `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` for S256, the verifier itself for plain.
    """
    if method == "plain":
        return code_verifier
    return urlsafe_b64encode(sha256(code_verifier.encode("ascii")).digest()).decode("ascii").rstrip("=")
