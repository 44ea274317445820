from __future__ import annotations

from typing import Any

import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.api_call import call
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.end_session import end_session
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.introspection import introspect
from oauthctl.flows.refresh import refresh
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import get_request
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import play

PLAIN = "http://op.example/x?tenant=secret"
CLIENT = Client("app", "s3cret-of-the-client", "client_secret_post")


def by_hand(**members: str) -> ProviderMetadata:
    return ProviderMetadata(tuple(members.items()), None)


@pytest.mark.parametrize(
    "flow",
    [
        refresh(PLAIN, "rt-1", CLIENT),
        client_credentials(PLAIN, CLIENT),
        revoke(PLAIN, "at-1", CLIENT),
        introspect(PLAIN, "at-1", CLIENT),
        userinfo(PLAIN, "at-1"),
        call(get_request(PLAIN), "at-1"),
        end_session(by_hand(end_session_endpoint=PLAIN), "id-1"),
    ],
    ids=["refresh", "client_credentials", "revoke", "introspect", "userinfo", "call", "end_session"],
)
def test_no_flow_shows_a_token_or_secret_over_plain_http_off_this_machine(flow: Flow[Any]) -> None:
    played = play(flow, [])
    assert isinstance(played.error, ConfigError)
    assert (played.error.slug, bool(played.error.help)) == ("token-without-tls", True)
    assert "tenant" not in played.error.message
    assert not played.steps


@pytest.mark.parametrize("url", ["https://op.example/x", "http://127.0.0.1:1/x", "http://[::1]/x", "http://localhost:9000/x"])
def test_tls_and_this_machine_are_fine(url: str) -> None:
    require_tls(url, "the token")


@pytest.mark.parametrize("url", ["http://op.example", "http://127.0.0.1.nip.io/", "http://user@op.example/", "ftp://127.0.0.1/", ""])
def test_everything_else_is_not(url: str) -> None:
    with pytest.raises(ConfigError):
        require_tls(url, "the token")


@pytest.mark.parametrize(
    "name", ["token_endpoint", "userinfo_endpoint", "revocation_endpoint", "introspection_endpoint", "end_session_endpoint"]
)
@pytest.mark.parametrize(("issuer", "exchange"), [("http://op.example", 1), ("https://op.example", None), ("", None)])
def test_what_a_person_named_is_the_persons_to_mend(name: str, issuer: str, exchange: int | None) -> None:
    with pytest.raises(ConfigError):
        endpoint(ProviderMetadata((("issuer", issuer), (name, PLAIN)), exchange), name)


def test_what_a_server_published_is_the_servers_to_mend() -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(ProviderMetadata((("issuer", "https://op.example"), ("token_endpoint", PLAIN)), 1), "token_endpoint")
    assert caught.value.slug == "endpoint-without-tls"


def test_the_authorization_endpoint_gets_no_secret() -> None:
    assert endpoint(by_hand(issuer="http://op.example", authorization_endpoint=PLAIN), "authorization_endpoint") == PLAIN
