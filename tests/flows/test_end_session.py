from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.end_session import end_session
from oauthctl.flows.steps import Visit
from oauthctl.http import Params, split_url
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import play

ID_TOKEN = "e30.e30.c2ln"


def metadata(url: object) -> ProviderMetadata:
    return ProviderMetadata((("issuer", "https://op.example"), ("end_session_endpoint", url)), 1)


@pytest.mark.parametrize(
    ("id_token", "client_id", "expected"),
    [
        (ID_TOKEN, "app", (("id_token_hint", ID_TOKEN), ("client_id", "app"))),
        (ID_TOKEN, "", (("id_token_hint", ID_TOKEN),)),
        ("", "app &co", (("client_id", "app &co"),)),
        ("", "", ()),
    ],
)
def test_the_browser_is_handed_the_logout_url(id_token: str, client_id: str, expected: tuple[tuple[str, str], ...]) -> None:
    """OpenID Connect RP-Initiated Logout 1.0 section 2."""
    played = play(end_session(metadata("https://op.example/out"), id_token, client_id=client_id), [])
    assert played.visited == [played.result]
    assert Params.parse(split_url(played.result).query).pairs == expected
    (step,) = played.steps
    assert isinstance(step, Visit)
    assert step.purpose == "logout"


def test_a_query_of_the_endpoints_own_stays() -> None:
    played = play(end_session(metadata("https://op.example/out?tenant=a%20b"), ID_TOKEN), [])
    assert played.result == f"https://op.example/out?tenant=a%20b&id_token_hint={ID_TOKEN}"


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "file:///etc/passwd", 7])
def test_without_an_endpoint_the_browser_is_handed_nothing(url: object) -> None:
    played = play(end_session(metadata(url), ID_TOKEN), [])
    assert isinstance(played.error, BadAnswer)
    assert played.steps == []
