"""The flows that trade what somebody holds, as `oauthctl explain` draws them.

Here: what each begins with, and the client that signs its own assertions. Not here: the list of all flows (`every`, `rehearsed`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from oauthctl.flows.assertion_grant import made_assertion, redeem_assertion, without_proof
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_exchange import token_exchange
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import JWT_BEARER, Traded, token_type_uri
from oauthctl.provider import client as provider_client

_NAME = "robot"


def robots() -> tuple[provider_client.Client, ...]:
    """The client whose assertions the provider takes, also for people."""
    robot = provider_client.Client(_NAME, keys=(_key().public(),), scopes=("items.read",), grant_types=(JWT_BEARER,), speaks_for_users=True)
    return (robot,)


def exchanged(token_endpoint: str, access_token: str, service: Client) -> Flow[Any]:
    """An API trades the token that it was called with for one for the API that it calls itself."""
    subject = Traded(access_token, token_type_uri("access_token"))
    return token_exchange(token_endpoint, service, subject, requested=token_type_uri("access_token"), scope=("items.read",))


def asserted(token_endpoint: str, issuer: str) -> Flow[Any]:
    """A service gets a token for a person by an assertion that it signs itself."""
    client = Client(_NAME, key=_key(), audience=issuer)
    assertion = yield from made_assertion(client, issuer=_NAME, subject="alice")
    return (yield from redeem_assertion(token_endpoint, without_proof(client), assertion, scope=("items.read",)))


@cache
def _key() -> Jwk:
    return generate("ES256").with_(kid=_NAME)
