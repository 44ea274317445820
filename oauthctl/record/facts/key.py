"""What the published keys tell of a token beside the verdict on its signature.

Here: which keys its header leaves to choose from, and what is odd about those. Not here: why a signature doesn't hold (`facts.signature`).
"""

from __future__ import annotations

import re

from oauthctl.jose.certificate import is_of_another_key
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token
from oauthctl.jose.verify import select_keys

_NUMBERS = ("n", "e", "x", "y")
_HEX = re.compile(r"(?:[0-9a-f]{2}){32,}|(?:[0-9A-F]{2}){32,}|(?:[0-9A-Fa-f]{2}:){8,}[0-9A-Fa-f]{2}")


def key_clues(token: Token, keys: tuple[Jwk, ...]) -> dict[str, object]:
    """`keys_to_choose` (how many fit a token without `kid`), `keys_named` (how many have its `kid`, where it is more than one),
    `keys_unnamed` (how many have no `kid` where the token names one and no key does), `key_types` (of all keys,
    where they are of more than one), `key_flaws` (of the keys that may be meant: `n-base64`, `n-hex`, `x5c-differs`, `key-ops`, `no-use`).
    """
    candidates = tuple(key for key in keys if key.kid == token.kid) if token.kid else select_keys(token, keys)
    told: dict[str, object] = {}
    if not token.kid and len(candidates) > 1:
        told["keys_to_choose"] = len(candidates)
    if token.kid and len({key.thumbprint() for key in candidates}) > 1:
        told["keys_named"] = len(candidates)
    if token.kid and keys and not any(key.kid for key in keys):
        told["keys_unnamed"] = len(keys)
    if len(types := sorted({f"{key.kty} {key.crv}".strip() for key in keys})) > 1:
        told["key_types"] = types[:8]
    if flaws := tuple(dict.fromkeys(flaw for key in candidates for flaw in flaws_of(key))):
        told["key_flaws"] = " ".join(flaws)
    return told


def flaws_of(key: Jwk) -> tuple[str, ...]:
    """What is odd about a key that is meant to verify signatures, as slugs."""
    found = []
    for name in _NUMBERS:
        written = key.as_dict().get(name)
        if isinstance(written, str) and _HEX.fullmatch(written):
            found.append(f"{name}-hex")
        elif isinstance(written, str) and re.search(r"[+/=\s]", written):
            found.append(f"{name}-base64")
    if is_of_another_key(key):
        found.append("x5c-differs")
    uses = key.as_dict().get("key_ops")
    if isinstance(uses, list) and uses and "verify" not in uses:
        found.append("key-ops")
    if not key.use:
        found.append("no-use")
    return tuple(found)
