from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.http import Params, get_request, with_query
from oauthctl.shell.partners import PracticePartners

ISSUER = "https://op.example"
CALLBACK = "http://127.0.0.1:8080/callback"


def partners() -> PracticePartners:
    return PracticePartners(ISSUER, secret="a secret", redirect_uri=CALLBACK, at=datetime(2026, 1, 1, tzinfo=UTC))


def asked(**changes: str) -> str:
    params = {
        "response_type": "code",
        "client_id": "public",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "state-1",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return with_query(f"{ISSUER}/authorize", Params.of(params | changes))


def test_the_provider_answers_under_the_issuers_name() -> None:
    assert partners().answer(get_request(f"{ISSUER}/.well-known/openid-configuration")).text.count(ISSUER) > 5


def test_a_person_signs_in_and_comes_back_with_the_same_code_each_time() -> None:
    back = [partners().come_back(asked()) for _ in range(2)]
    assert back[0].query.get("state") == "state-1"
    assert back[0].query.get("code")
    assert back[0].url == back[1].url


def test_who_is_kept_at_the_provider_does_not_come_back() -> None:
    with pytest.raises(BadAnswer, match="does not come back"):
        partners().come_back(asked(client_id="nobody"))
