"""What an authorization URL or a callback shows by itself, where nobody saw its answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
BASE = "https://sso.example.com/authorize?"
BACK = "redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb"
REST = f"{BACK}&scope=openid&state=kQzP1xT2aB7Lm9"
FLAWED = [
    ("request-parameter-missing", f"{BASE}response_type=code&client_id=&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=undefined&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=null&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=%5Bobject%20Object%5D&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=%24%7BCLIENT_ID%7D&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=%7B%7Bclient_id%7D%7D&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=YOUR_CLIENT_ID&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=${{CLIENT_ID}}&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id={{{{client_id}}}}&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=<client-id>&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=process.env.CLIENT_ID&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=$CLIENT_ID&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=%25CLIENT_ID%25&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=None&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=NaN&{REST}"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=web&redirect_uri=undefined&scope=openid&state=kQzP1xT2aB7Lm9"),
    (
        "request-has-placeholder",
        f"{BASE}response_type=code&client_id=web&redirect_uri=%24%7BBASE_URL%7D%2Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=web&{BACK}&scope=undefined&state=kQzP1xT2aB7Lm9"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid&state=undefined"),
    ("request-has-placeholder", f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid&state=%5Bobject+Object%5D"),
    (
        "request-has-placeholder",
        f"https://login.microsoftonline.com/%7Btenant%7D/oauth2/v2.0/authorize?client_id=00000000-0000-4000-8000-000000000000&response_type=code&{REST}",
    ),
    (
        "request-has-placeholder",
        f"https://login.microsoftonline.com/undefined/oauth2/v2.0/authorize?client_id=00000000-0000-4000-8000-000000000000&response_type=code&{REST}",
    ),
    ("request-parameter-repeated", f"{BASE}client_id=web&response_type=code&client_id=web&{REST}"),
    ("request-parameter-missing", f"{BASE}client_id=web&{REST}"),
    ("request-parameter-missing", f"{BASE}client_id=web&response_type=&{REST}"),
    ("nonce-left-out", f"{BASE}response_type=id_token&client_id=web&{REST}"),
    ("nonce-left-out", f"{BASE}response_type=id_token%20token&client_id=web&{REST}&response_mode=fragment"),
    ("challenge-malformed", f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=abc123&code_challenge_method=S256"),
    (
        "challenge-malformed",
        f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM%3D&code_challenge_method=S256",
    ),
    (
        "challenge-malformed",
        f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3&code_challenge_method=S256",
    ),
    (
        "challenge-malformed",
        f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM&code_challenge_method=S256",
    ),
    ("challenge-malformed", f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=short&code_challenge_method=plain"),
    (
        "redirect-uri-unregistrable",
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=1-x.apps.googleusercontent.com&redirect_uri=http%3A%2F%2F192.168.1.5%3A3000%2Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    (
        "redirect-uri-unregistrable",
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=1-x.apps.googleusercontent.com&redirect_uri=http%3A%2F%2Fmyapp.local%2Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    (
        "redirect-uri-unregistrable",
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=1-x.apps.googleusercontent.com&redirect_uri=http%3A%2F%2Fapp.example.com%2Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    (
        "request-url-broken",
        f"{BASE}response_type=code&client_id=web&redirect_uri=http://localhost:3000/cb#/x&scope=openid%20profile&state=kQzP1xT2aB7Lm9",
    ),
    (
        "request-url-broken",
        f"{BASE}response_type=code&client_id=web&redirect_uri=http://localhost:3000/cb&scope=openid profile email&state=kQzP1xT2aB7Lm9",
    ),
    ("state-mismatch", f"{BASE}response_type=code&client_id=web&{REST}\nhttps://app.example.com/cb?code=abc&state=Zr8TnQ1vC4xw"),
    ("answer-without-code", "https://app.example.com/cb?state=kQzP1xT2aB7Lm9"),
    ("request-url-broken", f"{BASE}response_type=code&client_id=%20web&{REST}"),
    ("request-url-broken", f"{BASE}response_type=code&client_id=web%0A&{REST}"),
    ("request-url-broken", f"{BASE}response_type=code&client_id=web&{BACK}%20&scope=openid&state=kQzP1xT2aB7Lm9"),
    ("request-value-unknown", f"{BASE}response_type=Code&client_id=web&{REST}"),
    (
        "redirect-uri-double-encoded",
        f"{BASE}response_type=code&client_id=web&redirect_uri=https%253A%252F%252Fapp.example.com%252Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    (
        "redirect-uri-not-absolute",
        f"{BASE}response_type=code&client_id=web&redirect_uri=app.example.com%2Fcb&scope=openid&state=kQzP1xT2aB7Lm9",
    ),
    ("scope-written-wrongly", f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid,email,profile&state=kQzP1xT2aB7Lm9"),
    ("scope-written-wrongly", f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid%2520email&state=kQzP1xT2aB7Lm9"),
    ("scope-written-wrongly", f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid%2Bemail&state=kQzP1xT2aB7Lm9"),
    (
        "challenge-malformed",
        f"{BASE}response_type=code&client_id=web&{REST}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=sha256",
    ),
    ("challenge-malformed", f"{BASE}response_type=code&client_id=web&{REST}&code_challenge_method=S256"),
    ("request-value-unknown", f"{BASE}response_type=code&client_id=web&{REST}&prompt=none%20login"),
    ("request-value-unknown", f"{BASE}response_type=code&client_id=web&{REST}&response_mode=body"),
    ("request-value-unknown", f"{BASE}response_type=id_token&client_id=web&{REST}&nonce=abc12345&response_mode=query"),
    ("answer-without-code", "https://app.example.com/cb?code=&state=kQzP1xT2aB7Lm9"),
]


def _rules(text: str) -> list[str]:
    return [one.rule for one in diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s")).findings]


@pytest.mark.parametrize(("slug", "text"), FLAWED)
def test_a_flawed_url_is_named_without_its_answer(slug: str, text: str) -> None:
    assert _rules(text)[:1] == [slug]


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}response_type=code&client_id=web&{BACK}&scope=openid+email&state=none",
        f"{BASE}client_id=web&{BACK}&scope=repo&state=kQzP1xT2aB7Lm9",
        f"{BASE}response_type=id_token&client_id=web&{REST}&nonce=n-55Tz",
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=1-x&redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fcb&scope=openid",
        "https://app.example.com/orders?state=open",
    ],
)
def test_a_sound_url_is_no_finding(text: str) -> None:
    assert _rules(text) == []
