"""Assertion grants: a signed JWT or a SAML assertion for an access token.

Here: RFC 7521 section 4.1 as RFC 7523 and RFC 7522 profile it. Not here: where the assertion comes from, or making one (`messages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.steps import Flow, draw
from oauthctl.flows.token_endpoint import Granted, grant, with_warnings
from oauthctl.http import Params
from oauthctl.messages.assertion_grant import jwt_grant
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import JWT_BEARER


def redeem_assertion(
    token_endpoint: str,
    client: Client,
    assertion: str,
    *,
    grant_type: str = JWT_BEARER,
    scope: tuple[str, ...] = (),
    resource: tuple[str, ...] = (),
    params: Params | None = None,
) -> Flow[Granted]:
    """Trade an assertion. The client need not prove itself, nor even be named: the assertion may be all that there is.

    Raises as `token_endpoint.grant` does. Source: RFC 7523 section 2.1; RFC 7522 section 2.1.
    """
    wanted = " ".join(dict.fromkeys(scope)) or None
    own = Params.of(
        (("grant_type", grant_type), ("assertion", assertion), ("scope", wanted), *(("resource", one) for one in resource)),
    )
    granted = yield from grant(token_endpoint, Params((*own.pairs, *(params or Params()).pairs)), client)
    return with_warnings(granted, *scope_remarks(scope, granted.response))


def made_assertion(client: Client, *, issuer: str, subject: str = "", claims: Mapping[str, Any] | None = None) -> Flow[str]:
    """An assertion that is signed with the client's key, for the client's `audience`; about the issuer itself without a subject.

    Raises `ConfigError` without a key. Source: RFC 7523 section 3.
    """
    if client.key is None:
        raise ConfigError(
            "an assertion of one's own needs a private key to sign it, and none is named",
            slug="no-key",
            spec="RFC 7523 section 3",
            help="give it with `--client-key FILE`, or an assertion that somebody else made with `--assertion-file FILE`",
        )
    drawn = yield from draw()
    return jwt_grant(
        client.key, issuer=issuer, subject=subject or issuer, audience=client.audience, now=drawn.now, jti=drawn.random, claims=claims
    )


def without_proof(client: Client) -> Client:
    """The client as it is where its assertion is all the proof there is. Source: RFC 7521 section 4.1: authentication is optional."""
    return replace(client, method="none", secret="")
