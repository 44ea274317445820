from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
CLAIMS = {"iss": "https://idp.example.com", "sub": "u-42", "aud": "web", "iat": 1793610810, "exp": 1793614410}


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _rules(header: str, **claims: object) -> list[str]:
    token = f"{_part(header)}.{_part(json.dumps(CLAIMS | claims))}.{'c2ln' * 86}"
    return [one.rule for one in diagnose(scene_of(read_pasted(token, now=NOW), now=NOW, salt=b"s")).findings]


@pytest.mark.parametrize(
    "header",
    [
        "{}",
        "null",
        "[]",
        "true",
        "1",
        "-1.5",
        '"x"',
        '{"alg": ""}',
        '{"alg": null}',
        '{"alg": NaN}',
        '{"alg": "\\u001b[31m"}',
    ],
)
def test_a_header_without_an_algorithm_is_named_and_hides_no_claim(header: str) -> None:
    assert _rules(header) == ["token-header-unusable"]
    assert set(_rules(header, exp=1)) >= {"token-header-unusable", "token-expired"}


@pytest.mark.parametrize("alg", ["RS256", "ES256K", "EdDSA", "ML-DSA-44", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"])
def test_any_name_of_an_algorithm_will_do(alg: str) -> None:
    assert "token-header-unusable" not in _rules(json.dumps({"alg": alg, "typ": "JWT"}))
