"""The authorization request inside of a JWT: signed with the client's key, encrypted for the server where that is wanted.

Here: RFC 9101, the client's side. Not here: pushing it (`pushed_authorization`), what the request asks for (`authorization_code`).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.endpoints import key_set_uri
from oauthctl.flows.keys import fetch_keys
from oauthctl.flows.steps import Flow, Offer, draw
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.request_object import MEDIA_TYPES, request_claims, request_object

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk


@dataclass(frozen=True, slots=True)
class Packing:
    """How the request is packed, one of `messages.request_object.WAYS`, by whom and for whom. `keys` are the client's private ones."""

    way: str
    client: Client
    metadata: ProviderMetadata
    issuer: str
    keys: tuple[Jwk, ...] = field(default=(), repr=False)


def packed(params: Params, packing: Packing) -> Flow[Params]:
    """What is sent in place of these parameters: `client_id` and `request`.

    Raises `ConfigError` where there is no key to sign with, `BadAnswer` where the server has none to encrypt for.
    Source: RFC 9101 section 5: the `client_id` stands outside as well, so that the server knows whose key it needs.
    """
    drawn = yield from draw()
    client_id = packing.client.client_id
    claims = request_claims(params, client_id=client_id, audience=packing.issuer, now=drawn.now, jti=drawn.random)
    key = _key(packing)
    compact = request_object(claims, key, alg=_alg(packing, key))
    if packing.way == "encrypted":
        compact = yield from _encrypted(compact, packing)
    return Params((("client_id", client_id), ("request", compact)))


def referenced(params: Params, request_uri: str) -> tuple[Params, Offer]:
    """What is sent in place of a request object, and the object that the server will come for.

    Source: RFC 9101 section 5.2; OpenID Connect Core 1.0 section 6.2: the hash in the fragment tells the server that the contents are new.
    """
    body = (params.get("request") or "").encode()
    fragment = urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    sent = params.without("request").with_("request_uri", f"{request_uri}#{fragment}")
    return sent, Offer(request_uri, MEDIA_TYPES[0], body)


def _key(packing: Packing) -> Jwk | None:
    if packing.way == "none":
        return None
    if packing.way == "secret":
        from oauthctl.messages.client_assertion import secret_key

        if not packing.client.secret:
            raise ConfigError(
                "the request object is to be signed with the client's secret, and there is none",
                slug="no-secret",
                help="give it with `--client-secret-file FILE`, or sign with a key: `--request-object signed --client-key FILE`",
            )
        return secret_key(packing.client.secret)
    signing = signing_key((*packing.keys, *((packing.client.key,) if packing.client.key is not None else ())))
    if signing is None:
        raise ConfigError(
            "a signed request object needs the client's private key, and none that signs is named",
            slug="no-key",
            spec="RFC 9101 section 4",
            help="give it with `--client-key FILE`, or in `OAUTHCTL_CLIENT_KEY_FILE`",
        )
    return signing


def signing_key(keys: tuple[Jwk, ...]) -> Jwk | None:
    """The first private key that signs; None where there is none."""
    return next((key for key in keys if key.is_private and key.kty != "oct" and key.use in ("", "sig")), None)


def _alg(packing: Packing, key: Jwk | None) -> str:
    """The key's own algorithm; for an RSA key that names none, the first of its kind that the server announces."""
    announced = packing.metadata.request_object_signing_alg_values_supported or ()
    if key is None or key.alg or key.kty != "RSA":
        return ""
    return next((alg for alg in announced if alg[:2] in ("PS", "RS")), "")


def _encrypted(compact: str, packing: Packing) -> Flow[str]:
    """Source: RFC 9101 section 4: signed first, then encrypted with a key that the server publishes."""
    from oauthctl.jose.jwe import ENCS, encrypt, encryption_key, usual_alg
    from oauthctl.messages.request_object import TYPE

    metadata = packing.metadata
    jwks_uri = key_set_uri(metadata)
    keys = (yield from fetch_keys(jwks_uri)) if jwks_uri else ()
    alg = usual_alg(keys, tuple(metadata.request_object_encryption_alg_values_supported or ()))
    key = encryption_key(keys, alg)
    if key is None:
        raise BadAnswer(
            "the server publishes no key to encrypt a request object for",
            slug="no-encryption-key",
            notes=(f"read from `{jwks_uri}`" if jwks_uri else "the metadata has no `jwks_uri`",),
            spec="RFC 7516 section 5.1",
            help="sign it alone: `--request-object signed`",
        )
    encs = metadata.request_object_encryption_enc_values_supported or ENCS
    return encrypt(compact, key, alg=alg, enc=next((enc for enc in encs if enc in ENCS), ENCS[0]), header={"cty": TYPE})
