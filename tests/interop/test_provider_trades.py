"""Tokens and assertions that clients of others trade at the practice provider: requests_oauth2client and Authlib."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import time
from typing import Any

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import JWT_BEARER, TOKEN_EXCHANGE
from oauthctl.provider.client import Client
from tests.cli.spoiled import Provider, providing
from tests.interop import environments
from tests.interop.foreign import CLIENTS, run_client
from tests.interop.processes import free_ports
from tests.interop.test_provider_clients import PLAIN, environment

IDP = "https://idp.example"
IDP_KEY: Jwk = generate("ES256").with_(kid="idp")
OWN_KEY: Jwk = generate("ES256").with_(kid="own")
FAR = 4102444800


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider that trusts an identity provider and a client's own assertions."""
    shop = Client("shop", "Shop", PLAIN, scopes=("items.read",), grant_types=("client_credentials", TOKEN_EXCHANGE, JWT_BEARER))
    robot = Client("robot", keys=(OWN_KEY.public(),), scopes=("items.read",), grant_types=(JWT_BEARER,), speaks_for_users=True)
    with providing(shop, robot, change=lambda state: replace(state, trusted_issuers={IDP: (IDP_KEY.public(),)})) as running:
        yield running


def trade(provider: Provider, flow: str, **order: Any) -> dict[str, Any]:
    command = (str(environments.python_of("clients")), str(CLIENTS / "trades.py"))
    redirect_uri = f"http://127.0.0.1:{free_ports(1)}/callback"
    return run_client(command, {"issuer": provider.issuer, "flow": flow, **order}, redirect_uri=redirect_uri, environment=environment())


@pytest.mark.xdist_group("foreign")
def test_requests_oauth2client_exchanges_tokens_and_redeems_an_assertion(provider: Provider) -> None:
    claims = {"iss": IDP, "sub": "alice", "aud": provider.issuer}
    subject = sign(claims | {"exp": FAR}, IDP_KEY)
    assertion = sign(claims | {"exp": int(time()) + 600}, IDP_KEY)
    result = trade(provider, "exchange", client_id="shop", secret=PLAIN, subject=subject, assertion=assertion)
    assert (result["scope"], result["issued"]) == ("items.read", "access_token")
    exchanged, redeemed = (take_apart(result[name]).claims or {} for name in ("token", "by_assertion"))
    assert (exchanged["sub"], exchanged["act"], exchanged["aud"]) == ("alice", {"sub": "shop"}, f"{provider.issuer}/api/items")
    assert (redeemed["sub"], redeemed["client_id"]) == ("alice", "shop")


@pytest.mark.xdist_group("foreign")
def test_authlib_gets_a_token_for_a_person_by_its_own_assertion(provider: Provider) -> None:
    result = trade(provider, "assertion", client_id="robot", person="alice", key=OWN_KEY.as_dict())
    assert result == {"for": "alice"}
