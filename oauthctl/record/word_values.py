"""Parameters whose value is a word of the protocol: what stands there and is none is a secret that got into the wrong place.

Here: telling words from what is none. Not here: parameters that hold secrets by their names (`secret_names`).
"""

from __future__ import annotations

import re

_NAMES = frozenset(("grant_type", "response_type", "response_mode", "prompt", "display", "token_type_hint", "code_challenge_method")) | {
    "client_assertion_type",
    "subject_token_type",
    "actor_token_type",
    "requested_token_type",
    "requested_token_use",
    "access_type",
}
_URI = re.compile(r"(?:urn:|https?://|[a-z]+://)\S*", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z]{0,24}\d{0,4}")
_APART = re.compile(r"[\s_.:/+,|\\-]+")
_LONGEST = 80
# What grants are made of, in whatever spelling somebody gives them.
_OF_A_GRANT = re.compile(
    r"grant|cod|cred|token|passw|pwd|ropc|assert|implicit|exchange|refresh|device|jwt|saml|bearer|ciba|otp|hybrid|auth|pkce", re.IGNORECASE
)


def is_misplaced(name: str, value: str) -> bool:
    """Whether the value of such a parameter can be no word: `grant_type=mG7x0q…`."""
    lower = name.lower()
    if lower not in _NAMES or not value.strip() or _URI.fullmatch(value.strip()):
        return False
    is_made_of_words = len(value) <= _LONGEST and all(_PIECE.fullmatch(piece) for piece in _APART.split(value.strip("\"'`<>{}[]()$% ")))
    return not is_made_of_words or (lower == "grant_type" and _OF_A_GRANT.search(value) is None)
