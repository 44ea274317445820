"""Client authentication at the token endpoint and its neighbours: none, client_secret_basic, client_secret_post.

Here: choosing a method and putting the credentials where they belong. Not here: where a secret is kept (`store`).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from oauthctl.errors import ConfigError
from oauthctl.http import Headers, Params, Request, form_request

METHODS = ("none", "client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the authorization server; the secret never shows in the value's text."""

    client_id: str
    secret: str = field(default="", repr=False)
    method: str = "none"


def choose_method(announced: tuple[str, ...] | None, *, has_secret: bool) -> str:
    """The method to use: `none` without a secret, else the first of ours that the server announces.

    Source: RFC 8414 section 2: without an announcement the server takes client_secret_basic. Where it announces nothing that fits a client
    with a secret, client_secret_basic is used all the same, since every server must support it (RFC 6749 section 2.3.1).
    """
    if not has_secret:
        return "none"
    offered = announced if announced is not None else ("client_secret_basic",)
    return next((method for method in ("client_secret_basic", "client_secret_post") if method in offered), "client_secret_basic")


def choose_method_at(announced: tuple[str, ...] | None, *, at_token_endpoint: str) -> str:
    """The method at another endpoint (revocation, introspection): the token endpoint's, unless this one announces others alone.

    Source: RFC 8414 section 2 names client_secret_basic as the default there too; yet servers that leave the list out want what their token
    endpoint takes, which is what the client was registered for.
    """
    if at_token_endpoint == "none" or announced is None or at_token_endpoint in announced:
        return at_token_endpoint
    return next((method for method in ("client_secret_basic", "client_secret_post") if method in announced), at_token_endpoint)


def basic_credentials(client_id: str, secret: str) -> str:
    """The value of an `Authorization` header.

    Source: RFC 6749 section 2.3.1: both parts are encoded as `application/x-www-form-urlencoded` first.
    """
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + b64encode(pair.encode()).decode("ascii")


def client_request(url: str, params: Params, client: Client) -> Request:
    """A form for an endpoint that wants to know the client, with the client's credentials in their place.

    Raises `ConfigError` for a method that is none of `METHODS`.
    """
    match client.method:
        case "client_secret_basic":
            return form_request(url, params, headers=Headers((("Authorization", basic_credentials(client.client_id, client.secret)),)))
        case "client_secret_post":
            return form_request(url, params.with_("client_id", client.client_id).with_("client_secret", client.secret))
        case "none":
            return form_request(url, params.with_("client_id", client.client_id))
        case _:
            raise ConfigError(
                f"client authentication `{client.method}` is not known",
                slug="client-auth-unknown",
                help=f"use one of {', '.join(f'`{method}`' for method in METHODS)}",
            )
