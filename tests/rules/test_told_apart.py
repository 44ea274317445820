"""Failures whose first story lies near and is wrong: what was computed before redaction tells which one is true."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from tests.rules.pages import play

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
SIGN_IN = """
```http
GET https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=s1&code_challenge={challenge}&code_challenge_method=S256

=> 302
Location: https://app.example.com/cb?code=c-1&state=s1
```

```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&client_id=web&code_verifier={verifier}

=> 400
Content-Type: application/json

{{"error": "invalid_grant", "error_description": "the code can't be redeemed"}}
```
"""
PREFLIGHT = """
```http
OPTIONS https://api.example.com/orders
Origin: https://spa.example.com
Access-Control-Request-Method: GET
Access-Control-Request-Headers: authorization

=> 204
Access-Control-Allow-Methods: GET
Access-Control-Allow-Headers: authorization
{allowed}
```
"""
ALLOWED = "Access-Control-Allow-Origin: https://spa.example.com"


def _challenge(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("hashed", "sent", "rule", "word"),
    [
        (f"{VERIFIER}\n", VERIFIER, "code-challenge-of-other-octets", "line break"),
        (f"{VERIFIER}=", VERIFIER, "code-challenge-of-other-octets", "padding"),
        (VERIFIER.lower(), VERIFIER, "code-challenge-of-other-octets", "upper and lower case"),
        (VERIFIER, VERIFIER[:-1], "code-verifier-changed", "truncated"),
        (VERIFIER, VERIFIER[:-5], "code-verifier-mismatch", "38 characters"),
        (VERIFIER, "A" * 43, "code-verifier-mismatch", "another sign-in"),
    ],
)
def test_a_verifier_that_does_not_fit_has_its_own_story(hashed: str, sent: str, rule: str, word: str) -> None:
    played = play(SIGN_IN.format(challenge=_challenge(hashed), verifier=sent))
    for diagnosis in (played.diagnosis(), played.diagnosis_of_redacted()):
        assert diagnosis.findings[0].rule == rule
        assert word in diagnosis.findings[0].cause


@pytest.mark.parametrize(
    ("allowed", "how"),
    [(f"{ALLOWED}, https://spa.example.com", "in one header"), (f"{ALLOWED}\n{ALLOWED}", "as two headers")],
)
def test_an_origin_that_a_preflight_allows_twice_is_told_with_its_place(allowed: str, how: str) -> None:
    (first,) = play(PREFLIGHT.format(allowed=allowed)).diagnosis().findings
    assert first.rule == "cross-origin-header-doubled"
    assert f"{how} (`https://spa.example.com`, `https://spa.example.com`), on the preflight (OPTIONS) to `api.example.com`" in first.cause


def test_an_origin_that_is_allowed_once_is_no_finding() -> None:
    assert play(PREFLIGHT.format(allowed=ALLOWED)).diagnosis().findings == ()


def test_nobody_is_told_to_register_what_is_hidden() -> None:
    secret = "kT4vQ9xZ2mLp7RbW"
    asked = f"https%3A%2F%2Fapp.example.com%2Fcb%3Ftoken%3D{secret}"
    page = f"""
```http
GET https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri={asked}&state=s1&scope=openid

=> 400
Content-Type: text/html

<p>redirect_uri is not registered</p>
```
"""
    whole, part = (play(text).diagnosis().findings[0] for text in (page.replace(f"%3Ftoken%3D{secret}", ""), page))
    assert whole.rule == part.rule == "redirect-uri-not-registered"
    assert "A part of it is hidden here: `redacted-token-" in part.help
    assert "hidden" not in whole.help
    assert secret not in part.help


def test_a_redirect_uri_that_is_registered_is_refused_at_the_token_endpoint_for_the_other_leg() -> None:
    page = """
```http
POST https://id.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type=authorization_code&code=c-7&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&client_id=web

=> 400
Content-Type: application/json

{"error": "invalid_grant", "error_description": "The redirect_uri is invalid"}
```

```json given
{"registered_redirect_uris": ["https://app.example.com/cb"]}
```
"""
    first = play(page).diagnosis().findings[0]
    assert first.rule == "redirect-uri-refused-at-token"
    assert "differs from the `redirect_uri` of the authorization request" in first.cause
    assert "registered" not in first.cause


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, '{"ok": false, "error": "bad_redirect_uri"}'),
        (400, '{"error": "invalid_grant", "error_description": "redirect_uri mismatch"}'),
    ],
)
def test_a_redirect_uri_that_is_alike_on_both_legs_is_refused_for_something_else(status: int, answer: str) -> None:
    page = SIGN_IN.format(challenge=_challenge(VERIFIER), verifier=VERIFIER)
    head, _, _ = page.rpartition("=> 400")
    first = play(f"{head}=> {status}\nContent-Type: application/json\n\n{answer}\n```\n").diagnosis().findings[0]
    assert first.rule == "redirect-uri-refused-at-token"
    assert "with the same" in first.cause
    assert len(first.candidates) == 2


OP = "https://idp.example.com"


def _refused(path: str, form: str, *, alias: str, words: str) -> str:
    """A client that proves nothing is refused by a server that has addresses for mutual TLS, too."""
    metadata = {
        **{"issuer": OP, "authorization_endpoint": f"{OP}/authorize", "token_endpoint": f"{OP}/token", "jwks_uri": f"{OP}/jwks"},
        **{"pushed_authorization_request_endpoint": f"{OP}/par", "response_types_supported": ["code"]},
        **{"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]},
        "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.example.com/token", "pushed_authorization_request_endpoint": alias},
    }
    answer = {"error": "invalid_client", "error_description": words}
    return (
        f"```http\nGET {OP}/.well-known/openid-configuration\n\n=> 200\nContent-Type: application/json\n\n{json.dumps(metadata)}\n```\n\n"
        f"```http\nPOST {OP}/{path}\nContent-Type: application/x-www-form-urlencoded\n\n{form}&client_id=web\n\n"
        f"=> 401\nContent-Type: application/json\n\n{json.dumps(answer)}\n```\n"
    )


AT_TOKEN, AT_PAR = ("token", "grant_type=client_credentials"), ("par", "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb")


@pytest.mark.parametrize(
    ("endpoint", "alias", "words", "fires"),
    [
        (AT_TOKEN, "https://mtls.example.com/par", "client authentication failed", True),
        (AT_TOKEN, "https://mtls.example.com/par", "client certificate required", True),
        (AT_TOKEN, "https://mtls.example.com/par", "has to authenticate itself with client_secret_basic, not with none", False),
        (AT_TOKEN, "https://mtls.example.com/par", "Client secret not provided in request", False),
        (AT_TOKEN, "https://mtls.example.com/par", "must use private_key_jwt", False),
        (AT_PAR, "https://mtls.example.com/par", "client authentication failed", True),
        (AT_PAR, f"{OP}/par", "client authentication failed", False),
    ],
)
def test_mutual_tls_is_not_blamed_where_something_else_is_asked_for(endpoint: tuple[str, str], alias: str, words: str, fires: bool) -> None:
    found = play(_refused(*endpoint, alias=alias, words=words)).diagnosis().findings
    assert ("client-certificate-missing" in [one.rule for one in found]) is fires
