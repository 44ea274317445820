"""What clients of others ask of the practice provider beside the code grant: CIBA, step-up, rotation, pairwise subjects, passwords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.messages.token_exchange import JWT_BEARER, TOKEN_EXCHANGE
from oauthctl.provider.client import CIBA, DEVICE_CODE
from oauthctl.provider.state import with_legacy
from tests.cli.spoiled import Provider, providing
from tests.interop.processes import free_ports
from tests.interop.test_provider_clients import by_node, by_python, known
from tests.provider.world import keys

pytestmark = pytest.mark.xdist_group("foreign")
METHOD = "client_secret_post"
NOTIFIED_AT = f"http://127.0.0.1:{free_ports(1)}/ciba"
GRANTS = ("authorization_code", "refresh_token", "client_credentials", "password", DEVICE_CODE, CIBA, TOKEN_EXCHANGE)
RCLIENT = ("clients", "requests_oauth2client_client.py")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider that speaks all grants, for people who decide at once."""
    clients = (
        known("all", METHOD, grant_types=GRANTS),
        known("pinged", METHOD, grant_types=GRANTS, notification_endpoint=NOTIFIED_AT),
        known("pairwise", METHOD, subject_type="pairwise"),
    )
    with providing(*clients, change=lambda state: with_legacy(replace(state, device_interval=1))) as running:
        yield running


def test_openid_client_has_a_person_asked_elsewhere(provider: Provider) -> None:
    result = by_node("openid_client.mjs", provider, "ciba", client_id="all", method=METHOD)
    assert result == {"sub": "alice", "token_type": "bearer"}


def test_requests_oauth2client_has_a_person_asked_elsewhere(provider: Provider) -> None:
    assert by_python(*RCLIENT, provider, "ciba", client_id="all", method=METHOD) == {"sub": "alice", "told": None}


def test_requests_oauth2client_is_told_of_the_decision(provider: Provider) -> None:
    """CIBA in ping mode."""
    order = {"client_id": "pinged", "method": METHOD, "notified_at": NOTIFIED_AT}
    assert by_python(*RCLIENT, provider, "ciba", **order) == {"sub": "alice", "told": True}


def test_openid_client_steps_up_for_the_api(provider: Provider) -> None:
    """RFC 9470."""
    result = by_node("openid_client.mjs", provider, "step_up", client_id="all", method=METHOD)
    assert result == {"error": "insufficient_user_authentication", "acr": "second-factor", "safe": 200}


def test_openid_client_knows_a_person_by_a_subject_of_its_own(provider: Provider) -> None:
    first = by_node("openid_client.mjs", provider, "subject", client_id="pairwise", method=METHOD)
    again = by_node("openid_client.mjs", provider, "subject", client_id="pairwise", method=METHOD)
    assert first == again
    assert first["sub"] == first["userinfo"] != "alice"


@pytest.mark.parametrize("client", ["openid_client", "requests_oauth2client"])
def test_a_refresh_token_that_comes_twice_ends_its_family(provider: Provider, client: str) -> None:
    if client == "openid_client":
        result = by_node("openid_client.mjs", provider, "rotation", client_id="all", method=METHOD)
    else:
        result = by_python(*RCLIENT, provider, "rotation", client_id="all", method=METHOD)
    assert result == {"rotated": True, "ends": ["invalid_grant", "invalid_grant"]}


def test_requests_oauth2client_takes_an_identity_from_one_server_to_another(provider: Provider) -> None:
    """ID-JAG: an assertion of the server where the person signed in gets a token of another."""
    trust = {provider.issuer: tuple(key.public() for key in keys())}
    chat = known("all", METHOD, grant_types=(JWT_BEARER,))
    with providing(chat, change=lambda state: replace(state, trusted_issuers=trust)) as other:
        result = by_python(*RCLIENT, provider, "chain", client_id="all", method=METHOD, other=other.issuer)
    assert result == {"issued": "id-jag", "for": "alice"}


def test_requests_oauth2client_hands_a_password_over(provider: Provider) -> None:
    assert by_python(*RCLIENT, provider, "password", client_id="all", method=METHOD) == {"items": 200}


@pytest.mark.parametrize(
    ("flow", "more"),
    [("device", {}), ("exchange", {"issued": "access_token"}), ("password", {}), ("service", {})],
    ids=str,
)
def test_authlib_gets_tokens_in_other_ways(provider: Provider, flow: str, more: dict[str, Any]) -> None:
    assert by_python("clients", "authlib_grants.py", provider, flow, client_id="all", method=METHOD) == {"items": 200} | more
