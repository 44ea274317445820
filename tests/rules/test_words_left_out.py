"""Refusals that say nothing: what the request itself shows is named, and a request without fault keeps its open answer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.rules.corpus.failures import diagnosis_of

_JSON = {"Content-Type": "application/json"}
_ASKED = (
    "https://id.example.net/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=h7Kq2ZpX9sLw"
)


def _first(url: str, status: int, body: object = "", *, form: str = "", headers: dict[str, str] | None = None) -> str:
    request: dict[str, Any] = {"method": "POST" if form else "GET", "url": url, "headers": dict(headers or {})}
    if form:
        request["body"] = form
        request["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    kind = _JSON if isinstance(body, dict) else {"Content-Type": "text/html"}
    found = diagnosis_of({"id": "x", "http": {"request": request, "response": {"status": status, "headers": kind, "body": body}}}).findings
    return found[0].rule if found else ""


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ("&prompt=none%20login", "request-value-unknown"),
        ("&claims=%7B%27id_token%27%3A+None%7D", "request-value-unknown"),
        ("&scope=openid%2Cprofile", "scope-written-wrongly"),
        ("&prompt=login&scope=openid%20profile&claims=%7B%22id_token%22%3A%7B%7D%7D", "authorization-refused"),
    ],
)
def test_a_value_that_no_provider_takes_is_named_where_the_refusal_says_nothing(more: str, slug: str) -> None:
    assert _first(f"{_ASKED}{more}", 400, "<h1>Bad Request</h1>") == slug


def test_a_refusal_that_says_what_it_is_about_is_believed() -> None:
    assert _first(f"{_ASKED}&prompt=none%20login", 400, "<p>The client is not registered</p>") == "client-unknown"


@pytest.mark.parametrize(
    ("written", "slug"),
    [('"at1x9dLr2TzA8wNxYm"', "token-wrapped"), ("at1x9dLr2TzA8wNxYm", "api-call-refused"), ("[object Object]", "token-is-placeholder")],
)
def test_an_opaque_token_in_quotes_is_told_from_a_bare_one(written: str, slug: str) -> None:
    assert _first("https://api.example.com/items", 401, {"message": "no"}, headers={"Authorization": f"Bearer {written}"}) == slug


@pytest.mark.parametrize(("token", "is_named"), [("at1x9dLr2TzA8wNxYm", True), ("at2another3token4abc", False)])
def test_a_token_does_not_vouch_for_itself(token: str, is_named: bool) -> None:
    first = _first(
        "https://id.example.net/introspect",
        401,
        {"error": "invalid_token"},
        form="token=at1x9dLr2TzA8wNxYm",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (first == "introspected-by-itself") is is_named


def _jwt(header: dict[str, object], claims: dict[str, object]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (header, claims))
    return ".".join((*parts, "c2lnbmF0dXJl" * 28))


@pytest.mark.parametrize(
    ("header", "claims", "said", "is_named"),
    [
        ({"alg": "RS256"}, {"nonce": "n1"}, "access_token", True),
        ({"alg": "RS256"}, {"nonce": "n1"}, "id_token", False),
        ({"alg": "RS256"}, {"scope": "a"}, "access_token", False),
        ({"alg": "RS256", "typ": "at+jwt"}, {"nonce": "n1"}, "access_token", False),
    ],
)
def test_an_id_token_that_is_traded_as_an_access_token_is_named(
    header: dict[str, object], claims: dict[str, object], said: str, is_named: bool
) -> None:
    token = _jwt(header, {"iss": "https://id.example.net", "sub": "u", "aud": "web", "iat": 1793610840, "exp": 1793614440, **claims})
    form = (
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=svc&client_secret=s"
        f"&subject_token={token}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A{said}"
    )
    first = _first("https://id.example.net/token", 400, {"error": "invalid_request"}, form=form)
    assert (first == "exchange-token-kind-differs") is is_named


@pytest.mark.parametrize(("endpoint", "is_named"), [("/oauth2/authorize", True), ("https://id.example.net/authorize", False)])
def test_an_endpoint_that_is_a_path_is_named(endpoint: str, is_named: bool) -> None:
    document = {
        **{"issuer": "https://id.example.net", "authorization_endpoint": endpoint, "token_endpoint": "https://id.example.net/token"},
        **{"jwks_uri": "https://id.example.net/jwks", "response_types_supported": ["code"], "subject_types_supported": ["public"]},
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    assert (_first("https://id.example.net/.well-known/openid-configuration", 200, document) == "endpoint-unusable") is is_named
