"""Client authentication at the token endpoint and its neighbours: none, by a secret, by a signed assertion, by a TLS certificate.

Here: choosing a method and putting the credentials where they belong. Not here: where a secret or a key is kept (`store`), what an
assertion says (`client_assertion`).
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from oauthctl.errors import ConfigError
from oauthctl.http import JSON, Headers, Params, Request, form_request

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

ASSERTING = ("client_secret_jwt", "private_key_jwt")
CERTIFYING = ("tls_client_auth", "self_signed_tls_client_auth")
ATTESTING = "attest_jwt_client_auth"
METHODS = ("none", "client_secret_basic", "client_secret_post", *ASSERTING, *CERTIFYING, ATTESTING)


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the authorization server; neither secret nor key ever shows in the value's text.

    `key` signs the assertions of private_key_jwt, with `alg` unless it is empty. `audience` is whom they are meant for: the issuer, or an
    older server's token endpoint. `params` go along with each request that names the client (TikTok's `client_key`), and `writes_json` is
    for servers that want it as a JSON object (Notion).
    """

    client_id: str
    secret: str = field(default="", repr=False)
    method: str = "none"
    key: Jwk | None = field(default=None, repr=False)
    alg: str = ""
    audience: str = ""
    params: Params = field(default_factory=Params)
    writes_json: bool = False

    @property
    def asserts(self) -> bool:
        """Whether each request needs an assertion of its own."""
        return self.method in ASSERTING


def choose_method(
    announced: tuple[str, ...] | None, *, has_secret: bool, has_key: bool = False, certificate: Literal["", "signed", "self-signed"] = ""
) -> str:
    """The method to use: private_key_jwt with a key, `none` without anything, else the first of ours that the server announces.

    A certificate proves the client where the server announces one of its two methods (they look alike on the wire); elsewhere it may still
    be what tokens are bound to, and the client proves itself as it would without one.

    Source: RFC 8414 section 2: without an announcement the server takes client_secret_basic. Where it announces nothing that fits a client
    with a secret, client_secret_basic is used all the same, since every server must support it (RFC 6749 section 2.3.1).
    """
    if has_key:
        return "private_key_jwt"
    by_certificate = CERTIFYING[::-1] if certificate == "self-signed" else CERTIFYING
    certifying = next((method for method in by_certificate if method in (announced or ())), "")
    if certificate and certifying:
        return certifying
    if not has_secret:
        return "none"
    offered = announced if announced is not None else ("client_secret_basic",)
    return next((method for method in METHODS if method.startswith("client_secret_") and method in offered), "client_secret_basic")


def choose_method_at(announced: tuple[str, ...] | None, *, at_token_endpoint: str) -> str:
    """The method at another endpoint (revocation, introspection): the token endpoint's, unless this one announces others alone.

    Source: RFC 8414 section 2 names client_secret_basic as the default there too; yet servers that leave the list out want what their token
    endpoint takes, which is what the client was registered for.
    """
    if at_token_endpoint in ("none", "private_key_jwt", ATTESTING, *CERTIFYING) or announced is None or at_token_endpoint in announced:
        return at_token_endpoint
    return next((method for method in ("client_secret_basic", "client_secret_post") if method in announced), at_token_endpoint)


def basic_credentials(client_id: str, secret: str) -> str:
    """The value of an `Authorization` header.

    Source: RFC 6749 section 2.3.1: both parts are encoded as `application/x-www-form-urlencoded` first.
    """
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + b64encode(pair.encode()).decode("ascii")


def client_request(url: str, params: Params, client: Client, *, now: datetime | None = None, jti: str = "") -> Request:
    """A form for an endpoint that wants to know the client, with the client's credentials in their place, or the same as a JSON object.

    `now` and `jti` date an assertion and tell it from all others; the other methods need neither.
    Raises `ConfigError` for a method that is none of `METHODS`, and for an assertion without a key.
    """
    request = _as_form(url, Params((*params, *client.params)), client, now=now, jti=jti)
    if not client.writes_json:
        return request
    return replace(request, headers=request.headers.with_("Content-Type", JSON), body=json.dumps(dict(request.form)).encode())


def _as_form(url: str, params: Params, client: Client, *, now: datetime | None, jti: str) -> Request:
    match client.method:
        case "client_secret_jwt" | "private_key_jwt" if now is not None:
            from oauthctl.messages.client_assertion import ASSERTION_TYPE

            assertion = _assertion(url, client, now=now, jti=jti)
            proof = (("client_id", client.client_id), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion))
            return form_request(url, Params((*params.without(*(name for name, _ in proof)).pairs, *proof)))
        case "client_secret_basic":
            return form_request(url, params, headers=Headers((("Authorization", basic_credentials(client.client_id, client.secret)),)))
        case "client_secret_post":
            return form_request(url, params.with_("client_id", client.client_id).with_("client_secret", client.secret))
        # Source: RFC 8705 section 2: the certificate proves the client, which has to name itself.
        # An attestation goes in headers of its own.
        case "none" | "tls_client_auth" | "self_signed_tls_client_auth" | "attest_jwt_client_auth":
            # An assertion that is traded may be all that there is of a client (RFC 7521 section 4.1).
            return form_request(url, params.with_("client_id", client.client_id) if client.client_id else params)
        case _:
            raise ConfigError(
                f"client authentication `{client.method}` is not known",
                slug="client-auth-unknown",
                help=f"use one of {', '.join(f'`{method}`' for method in METHODS)}",
            )


def _assertion(url: str, client: Client, *, now: datetime, jti: str) -> str:
    from oauthctl.messages.client_assertion import client_assertion, secret_key

    if client.method == "client_secret_jwt":
        key, alg = secret_key(client.secret), client.alg or "HS256"
    elif client.key is None:
        raise ConfigError("private_key_jwt needs the client's private key", slug="no-key", help="give it with `--client-key FILE`")
    else:
        key, alg = client.key, client.alg
    return client_assertion(client.client_id, key, audience=client.audience or url, now=now, jti=jti, alg=alg)
