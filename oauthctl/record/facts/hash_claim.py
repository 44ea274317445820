"""What the hash claims of an ID token (`at_hash`, `c_hash`) are of the access token and the code that came with it.

Here: the right hash, and the mistakes of issuers and applications by name. Not here: other facts of a token (`facts.token`).
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256, sha384, sha512

from oauthctl.jose.jwt import Token
from oauthctl.record.facts.challenge import same
from oauthctl.record.facts.masked import is_masked

HASHES = {"256": sha256, "384": sha384, "512": sha512}
_CLAIMS = {"at_hash": "access_token", "c_hash": "code"}


def hash_facts(token: Token, beside: Mapping[str, object]) -> dict[str, object]:
    """`at_hash` and `c_hash`, each as `hash_form` says it, where `beside` has the access token or the code; `of-code` and
    `of-access-token` where the claim is the hash of the other one.
    """
    secrets = {name: str(beside[name]) for name in _CLAIMS.values() if isinstance(beside.get(name), str) and beside[name]}
    told: dict[str, object] = {}
    for claim, name in _CLAIMS.items():
        written, secret = token.claim_text(claim), secrets.get(name, "")
        if not written or not secret or is_masked(secret) or token.alg[-3:] not in HASHES:
            continue
        form = hash_form(written, secret, token.alg)
        other = next((one for one in secrets if one != name and hash_form(written, secrets[one], token.alg) != "differs"), "")
        told[claim] = f"of-{other.replace('_', '-')}" if form == "differs" and other else form
    return told


def hash_form(written: str, secret: str, alg: str) -> str:
    """What a hash claim is of its secret: `right`, `whole`, `hex`, `hex-half`, `base64`, `padded`, `last-half`, `other-hash`, or `differs`.

    Source: OpenID Connect Core 1.0 section 3.1.3.6, 3.3.2.11.
    """
    octets = secret.encode("utf-8", "surrogatepass")
    whole = HASHES[alg[-3:]](octets).digest()
    half, last = whole[: len(whole) // 2], whole[len(whole) // 2 :]
    others = [made(octets).digest() for bits, made in HASHES.items() if bits != alg[-3:]]
    forms = {
        "right": (_base64url(half),),
        "padded": (urlsafe_b64encode(half).decode("ascii"),),
        "whole": (_base64url(whole), urlsafe_b64encode(whole).decode("ascii")),
        "last-half": (_base64url(last), urlsafe_b64encode(last).decode("ascii")),
        "hex": (whole.hex(), whole.hex().upper(), _base64url(whole.hex().encode())),
        "hex-half": (half.hex(), half.hex().upper(), _base64url(whole.hex()[: len(whole)].encode())),
        "base64": (b64encode(half).decode("ascii"), b64encode(half).decode("ascii").rstrip("="), b64encode(whole).decode("ascii")),
        "other-hash": tuple(text for one in others for text in (_base64url(one[: len(one) // 2]), _base64url(one))),
    }
    return next((form for form, texts in forms.items() if any(same(written, text) for text in texts)), "differs")


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")
