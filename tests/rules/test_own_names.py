"""Servers with names of their own are judged as all others: GoTrue's JSON beside a query, WeChat's `appid`, answers in pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oauthctl.record.har import from_har
from oauthctl.record.redact import redact
from oauthctl.rules.diagnosis import Diagnosis
from tests.rules.pages import Played

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
OTHER = "another-verifier-another-verifier-another-verifier"
SUPABASE = "https://abcd.supabase.co/auth/v1"
APP = "https://app.example.com"
CODE = "75e8cd0c-720c-40ad-9916-5048d1d37564"
TOKENS = {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "bearer", "expires_in": 3600, "refresh_token": "v1Mx7qPz0aB2"}


def _exchange(method: str, url: str, status: int, body: Any = "", **more: Any) -> dict[str, Any]:
    sent, headers = more.get("sent"), {"Content-Type": "text/html" if isinstance(body, str) else "application/json"}
    request = {"method": method, "url": url, "headers": _headers(more.get("with_", {}))}
    if sent is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
        request["headers"] += _headers({"Content-Type": "application/json"})
    content = {"text": body if isinstance(body, str) else json.dumps(body)}
    response = {"status": status, "headers": _headers({**headers, **more.get("back", {})}), "content": content}
    return {"startedDateTime": NOW.isoformat(), "time": 1, "request": request, "response": response}


def _headers(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _diagnoses(*exchanges: dict[str, Any]) -> tuple[Diagnosis, Diagnosis]:
    """Of the recording as it is, and of the shared one."""
    played = Played(from_har({"log": {"version": "1.2", "entries": list(exchanges)}}))
    shared = str(redact(played.recording, salt=b"t"))
    assert [secret for secret in (CODE, VERIFIER, OTHER) if secret in shared] == []
    return played.diagnosis(), played.diagnosis_of_redacted()


def _social_sign_in() -> tuple[dict[str, Any], ...]:
    google = "https://accounts.google.com/o/oauth2/v2/auth?client_id=g&response_type=code&state=s9&redirect_uri=https%3A%2F%2Fx.test%2Fcb"
    asked = f"{SUPABASE}/authorize?provider=google&redirect_to={APP}/cb&code_challenge={CHALLENGE}&code_challenge_method=s256"
    return (_exchange("GET", asked, 302, back={"Location": google}), _exchange("GET", f"{APP}/cb?code={CODE}", 200, "<html></html>"))


def _redeemed(verifier: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
    return _exchange("POST", f"{SUPABASE}/token?grant_type=pkce", status, body, sent={"auth_code": CODE, "code_verifier": verifier})


REFUSED = {"code": 400, "msg": "invalid request"}


@pytest.mark.parametrize(
    ("verifier", "rule"),
    [(OTHER, "code-verifier-mismatch"), ("", "code-verifier-missing")],
)
def test_the_verifier_of_a_social_sign_in_is_compared(verifier: str, rule: str) -> None:
    for diagnosis in _diagnoses(*_social_sign_in(), _redeemed(verifier, 400, REFUSED)):
        assert diagnosis.findings[0].rule == rule


def test_a_code_of_a_social_sign_in_that_is_sent_again_is_seen() -> None:
    again = _redeemed(VERIFIER, 404, {"code": 404, "msg": "not found"})
    for diagnosis in _diagnoses(*_social_sign_in(), _redeemed(VERIFIER, 200, TOKENS), again):
        assert diagnosis.findings[0].rule == "code-reused"


@pytest.mark.parametrize(
    "sent",
    [
        {"grant": "pkce", "auth_code": CODE, "code_verifier": VERIFIER},
        {"grant": "refresh_token", "refresh_token": "v1Mx7qPz0aB1"},
        {"grant": "password", "email": "a@example.com", "password": "pw-9x7Qk2"},
        {"grant": "id_token", "provider": "google", "id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0."},
    ],
)
def test_a_clean_social_sign_in_is_silent(sent: dict[str, str]) -> None:
    body = {name: value for name, value in sent.items() if name != "grant"}
    token = _exchange("POST", f"{SUPABASE}/token?grant_type={sent['grant']}", 200, TOKENS, sent=body, with_={"apikey": "sb_publishable_1"})
    assert [one.findings for one in _diagnoses(*_social_sign_in(), token)] == [(), ()]


WECHAT = "https://api.weixin.qq.com/sns/oauth2/access_token?appid=wx1&secret=s3cr3t9d&code=041dtY3b2L&grant_type=authorization_code"


@pytest.mark.parametrize(
    ("answers", "rules"),
    [
        (({"errcode": 40163, "errmsg": "code been used"},), ["code-reused"]),
        (({"access_token": "41_x9", "expires_in": 7200}, {"errcode": 40029, "errmsg": "invalid code"}), ["code-reused"]),
        (({"access_token": "41_x9", "expires_in": 7200, "openid": "o1"},), []),
    ],
)
def test_a_number_with_status_200_is_an_error(answers: tuple[dict[str, Any], ...], rules: list[str]) -> None:
    raw, _ = _diagnoses(*(_exchange("GET", WECHAT, 200, answer) for answer in answers))
    assert [one.rule for one in raw.findings if one.severity.value == "error"] == rules


ASKED = (
    f"https://idp.example.com/authorize?client_id=spa&response_type=code&redirect_uri={APP}&scope=openid&state=c2lsZW50&nonce=bm9uY2U"
    f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
)
MESSAGE = (
    '<html><script>var answer = {"type": "authorization_response", "response": {"error": "login_required", "state": "c2lsZW50"}};'
    "window.parent.postMessage(answer, 'https://app.example.com');</script></html>"
)
FORM = (
    f'<html><body onload="document.forms[0].submit()"><form method="post" action="{APP}"><input type="hidden" name="error" '
    'value="login_required"/><input type="hidden" name="state" value="c2lsZW50"/></form></body></html>'
)


@pytest.mark.parametrize("page", [MESSAGE, FORM])
def test_an_error_that_a_page_hands_over_is_the_answer(page: str) -> None:
    frame = {"Sec-Fetch-Dest": "iframe"}
    raw, _ = _diagnoses(_exchange("GET", f"{ASKED}&prompt=none&response_mode=web_message", 200, page, with_=frame))
    assert raw.findings[0].rule == "sign-in-needed-without-prompt"
    assert "third-party" in raw.findings[0].cause


def test_a_session_that_was_there_before_is_told_from_a_frame_that_does_not_see_it() -> None:
    before = _exchange("GET", ASKED.replace("c2lsZW50", "Zmlyc3Q"), 302, back={"Location": f"{APP}/?code=c-9&state=Zmlyc3Q"})
    silent = f"{ASKED}&prompt=none&response_mode=web_message"
    with_cookie, _ = _diagnoses(before, _exchange("GET", silent, 200, MESSAGE, with_={"Cookie": "idp=1", "Sec-Fetch-Dest": "iframe"}))
    without, _ = _diagnoses(before, _exchange("GET", silent, 200, MESSAGE, with_={"Sec-Fetch-Dest": "iframe"}))
    assert "that session has ended" in with_cookie.findings[0].cause
    assert "the frame does not see it" in without.findings[0].cause


@pytest.mark.parametrize("page", [MESSAGE, FORM])
def test_a_code_that_a_page_hands_over_is_no_failure(page: str) -> None:
    good = page.replace("error", "code").replace("login_required", "c-9dLr2TzA8wN")
    raw, _ = _diagnoses(_exchange("GET", f"{ASKED}&prompt=none&response_mode=web_message", 200, good))
    assert raw.findings == ()
