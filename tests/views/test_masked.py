from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Request
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.views.masked import masked, masked_body, masked_header, masked_url, without_echoes


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Zk3aaaaaaaaaaa9Q", "Zk3…9Q"),
        ("fifteen letters", "…"),
        ("", "…"),
        ("Zk3…9Q", "Zk3…9Q"),
        ("redacted-code-3f2a91ab", "redacted-code-3f2a91ab"),
        ("eyJh.eyJi.redacted-sig-3f2a91a", "eyJ….redacted-sig-3f2a91a"),
        ("redacted-or-so-it-says", "red…ys"),
    ],
)
def test_a_secret_shows_its_ends_only_when_it_can_spare_them(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_urls_headers_and_bodies_keep_what_is_no_secret() -> None:
    assert masked_url("https://a.example/cb?code=SplxlOBeZQQYbYS6&state=s") == "https://a.example/cb?code=Spl…S6&state=s"
    assert masked_header("Authorization", "Bearer 2YotnFZFEjr1zCsicMWpAA") == "Bearer 2Yo…AA"
    assert masked_header("Authorization", "Basic YXBwOnNlY3JldC1vZi1zaXh0ZWVu") == "Basic base64(app:sec…en)"
    assert masked_header("Authorization", "Basic ???") == "Basic …"
    assert masked_header("X-Other", "value") == "value"
    assert masked_body('{"refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA", "scope": "a"}', "") == '{"refresh_token": "tGz…IA", "scope": "a"}'


def test_a_secret_that_a_server_repeats_is_masked() -> None:
    request = Request(
        "POST", "https://op.example/", Headers((("Authorization", "Bearer 2YotnFZFEjr1zCsicMWpAA"),)), b"code=SplxlOBeZQQYbYS6"
    )
    exchange = Exchange(1, "token", Channel.WIRE, request, datetime(2026, 3, 1, tzinfo=UTC))
    assert without_echoes("SplxlOBeZQQYbYS6 and 2YotnFZFEjr1zCsicMWpAA", exchange) == "Spl…S6 and 2Yo…AA"
