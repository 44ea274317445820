"""What a client registers of signing and encrypting: its own requests and proofs, and the answers that it gets.

Here: judging these members, and the fields of `Client` that they become. Not here: the other metadata (`client_metadata`), the keys
themselves (`client_keys`), signing and encrypting (`sealing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.jose.jwe import encryption_key
from oauthctl.jose.jwk import Jwk
from oauthctl.provider.answers import Denied
from oauthctl.provider.client_assertion import KEY_ALGS, SECRET_ALGS

ANSWERS = ("id_token", "userinfo", "authorization", "introspection")
_REQUEST_ALG, _ASSERTION_ALG = "request_object_signing_alg", "token_endpoint_auth_signing_alg"
# Source: OpenID Connect Dynamic Client Registration 1.0 section 2; JARM section 3; RFC 9701 section 6.
SUPPORTED: Mapping[str, str] = {
    **{f"{answer}_signed_response_alg": f"{answer}_signing_alg_values_supported" for answer in ANSWERS},
    **{
        f"{answer}_encrypted_response_{what}": f"{answer}_encryption_{what}_values_supported"
        for answer in ANSWERS
        for what in ("alg", "enc")
    },
    _REQUEST_ALG: "request_object_signing_alg_values_supported",
    "request_object_encryption_alg": "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc": "request_object_encryption_enc_values_supported",
    _ASSERTION_ALG: "token_endpoint_auth_signing_alg_values_supported",
}
"""Each member, and which one of the provider's metadata lists what it may be."""
FIELDS = tuple(name for name in SUPPORTED if not name.startswith("request_object_encryption"))
"""Those that a `Client` has by the same name. How it encrypts its request objects is for the client to choose each time."""
_USUAL_ENC = "A128CBC-HS256"


def check_algs(known: dict[str, Any], keys: tuple[Jwk, ...], *, offered: Mapping[str, Any], has_secret: bool) -> None:
    """Fill in what goes without saying; raises `Denied` for what the provider does not do, or not with this client's keys."""
    known.setdefault("id_token_signed_response_alg", "RS256")
    for name in [name for name in SUPPORTED if name in known]:
        if known[name] not in offered[SUPPORTED[name]]:
            raise _bad(f"{name} {known[name][:40]} is not supported here")
        if known[name] in SECRET_ALGS and not has_secret:
            raise _bad(f"{name} {known[name]} needs a client secret")
    for name in [name for name in SUPPORTED if name.endswith("_enc")]:
        alg_name = f"{name.removesuffix('enc')}alg"
        if alg_name in known:
            known.setdefault(name, _USUAL_ENC)
        elif name in known:
            raise _bad(f"{name} needs {alg_name} beside it")
    for alg_name in (f"{answer}_encrypted_response_alg" for answer in ANSWERS):
        if alg_name in known and encryption_key(keys, known[alg_name]) is None:
            raise _bad(f"{alg_name} {known[alg_name]} needs a key of the client that can do that")
    _check_own(known, keys)


def _check_own(known: Mapping[str, Any], keys: tuple[Jwk, ...]) -> None:
    """What the client itself signs."""
    request_alg, assertion_alg = known.get(_REQUEST_ALG), known.get(_ASSERTION_ALG)
    if request_alg in KEY_ALGS and not keys:
        raise _bad(f"{_REQUEST_ALG} {request_alg} needs the client's public keys")
    of_method = {"private_key_jwt": KEY_ALGS, "client_secret_jwt": SECRET_ALGS}.get(known["token_endpoint_auth_method"])
    if assertion_alg is not None and of_method is not None and assertion_alg not in of_method:
        raise _bad(f"{_ASSERTION_ALG} {assertion_alg} does not go with {known['token_endpoint_auth_method']}")


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
