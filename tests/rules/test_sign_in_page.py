"""A person's sign-in in an API's place: by redirect or as a page, in whatever product; other redirects and pages are the API's own."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

CALL = "GET https://parts.example.net/api/parts\nAuthorization: Bearer 2YotnFZFEjr1zCsicMWpAA\nAccept: application/json"


def _slugs(section: str) -> list[str]:
    return [one.rule for one in play(section).diagnosis().findings]


def _block(asked: str, answered: str) -> str:
    return f"```http\n{asked}\n\n=> {answered}\n```\n\n"


@pytest.mark.parametrize(
    "location",
    [
        "https://sts.firm.example/adfs/ls?wa=wsignin1.0&wtrealm=urn%3Aparts",
        "https://idp.firm.example/idp/SSO.saml2?SAMLRequest=fZJNb9",
        "/Account/Login?ReturnUrl=%2Fapi%2Fparts",
        "https://cas.firm.example/cas/login?service=https%3A%2F%2Fparts.example.net%2Fapi",
        "https://sso.firm.example/",
        "/users/sign_in",
        "/my.policy",
        "https://firm.okta.example/app/parts/exk1/sso/saml",
        "/wp-login.php?redirect_to=%2Fapi",
        "https://login.firm.example/oam/server/obrareq.cgi?encquery=abc",
    ],
)
def test_a_redirect_to_a_sign_in_is_named(location: str) -> None:
    assert _slugs(_block(CALL, f"302\nLocation: {location}"))[:1] == ["access-proxy-login"]


@pytest.mark.parametrize(
    "location",
    [
        "https://files.example.net/parts/2026.json?sig=abc",
        "/api/parts/",
        "/api/v2/parts",
        "https://parts-eu.example.net/api/parts",
        "/api/blogins/1",
        "/api/sessions/4711",
    ],
)
def test_a_redirect_to_elsewhere_is_none(location: str) -> None:
    assert _slugs(_block(CALL, f"302\nLocation: {location}")) == []


def test_a_redirect_that_ends_at_the_apis_answer_is_none() -> None:
    there = "https://sso.firm.example/check"
    section = _block(CALL, f"302\nLocation: {there}") + _block(
        f"GET {there}\nAccept: application/json", "200\nContent-Type: application/json\n\n[]"
    )
    assert _slugs(section) == []


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><form action='/j_spring_security_check'><input type=password name=p></form></body></html>",
        "<!doctype html><html><head><title>Sign in to Parts</title></head><body></body></html>",
        "<html><head><meta http-equiv='refresh' content='0; url=/saml/login'></head></html>",
        "<html><body onload='document.forms[0].submit()'><form method=post><input name=\"SAMLRequest\" value='x'></form></body></html>",
        "<html><script>window.location.replace('/login?next=/api')</script></html>",
        "<html><head><title>Anmelden</title></head><h1>Bitte anmelden</h1></html>",
    ],
)
def test_a_page_to_sign_in_is_named(page: str) -> None:
    assert _slugs(_block(CALL, f"200\nContent-Type: text/html; charset=utf-8\n\n{page}"))[:1] == ["api-answer-is-sign-in-page"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (CALL, "200\nContent-Type: text/html\n\n<html><head><title>Parts list</title></head><body>47 parts</body></html>"),
        (CALL, '200\nContent-Type: application/json\n\n{"page": "<input type=password>"}'),
        (
            CALL.replace("application/json", "text/html"),
            "200\nContent-Type: text/html\n\n<html><title>Log in</title><input type=password></html>",
        ),
    ],
)
def test_other_pages_are_the_apis_own(asked: str, answered: str) -> None:
    assert _slugs(_block(asked, answered)) == []
