"""Proxies in the way: which of them answered, and what a program must send to pass."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

CALL = "```http\nGET https://stock.example.net/api/parts\nAuthorization: Bearer 2YotnFZFEjr1zCsicMWpAA\n{headers}\n\n=> {answer}\n```"


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://team.cloudflareaccess.com/cdn-cgi/access/login/stock.example.net", "Cloudflare Access"),
        (
            "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&redirect_uri=https%3A%2F%2Fiap.googleapis.com%2Fv1",
            "Identity-Aware Proxy",
        ),
        ("/.auth/login/aad?post_login_redirect_uri=/api/parts", "Easy Auth"),
        ("https://stock.example.net/oauth2/start?rd=%2Fapi%2Fparts", "oauth2-proxy"),
        (
            "https://idp.example.com/authorize?client_id=1&redirect_uri=https%3A%2F%2Fstock.example.net%2Foauth2%2Fidpresponse",
            "AWS load balancer",
        ),
        ("https://stock.example.net/outpost.goauthentik.io/start?rd=x", "authentik"),
        ("https://sso.example.net/login?next=%2Fapi%2Fparts", "login page"),
    ],
)
def test_a_login_page_in_place_of_an_api_is_told_by_its_address(location: str, name: str) -> None:
    first = play(CALL.format(headers="Accept: application/json", answer=f"302\nLocation: {location}")).diagnosis().findings[0]
    assert first.rule == "access-proxy-login"
    assert name in first.cause


def test_a_service_token_that_the_proxy_refuses_is_named() -> None:
    answer = "302\nLocation: https://team.cloudflareaccess.com/cdn-cgi/access/login/stock.example.net"
    first = play(CALL.format(headers="CF-Access-Client-Id: a.access", answer=answer)).diagnosis().findings[0]
    assert "`cf-access-client-id`" in first.cause


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400", '{"error": "invalid_request", "error_description": "This endpoint only accepts HTTPS requests."}'),
        ("400", '{"error": "InsecureTransportError", "error_description": "OAuth 2 MUST utilize https."}'),
        ("403", '{"error": "invalid_request", "error_description": "SSL is required"}'),
    ],
)
def test_a_server_that_wants_https_of_an_https_request_is_behind_a_proxy(status: str, body: str) -> None:
    answer = f"{status}\nContent-Type: application/json\n\n{body}"
    assert play(CALL.format(headers="Accept: */*", answer=answer)).diagnosis().findings[0].rule == "tls-ends-at-proxy"


def test_a_word_on_another_address_says_nothing_of_the_proxy() -> None:
    answer = '400\nContent-Type: application/json\n\n{"error": "invalid_request", "error_description": "the redirect_uri must use https"}'
    found = play(CALL.format(headers="Accept: */*", answer=answer)).diagnosis().findings
    assert "tls-ends-at-proxy" not in [one.rule for one in found]
