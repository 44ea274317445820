"""JARM: answers inside of a JWT, found wherever they come, and read like others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from oauthctl.record import purposes
from oauthctl.record.capture import capture_of
from oauthctl.record.jwt_answer import is_jwt_answer, opened
from oauthctl.record.material import Material
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.record.played import jwt

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
ANSWER = jwt({"iss": "https://op.example", "aud": "web", "exp": 1793614410, "code": "c-1-of-the-sign-in", "state": "s-1"})
DENIED = jwt({"iss": "https://op.example", "aud": "web", "error": "access_denied", "error_description": "the user said no", "state": "s-1"})
ASKED = "https://op.example/authorize?client_id=web&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid&state=s-1"


def entry(url: str, form: str = "", status: int = 200, location: str = "") -> dict[str, Any]:
    asked: dict[str, Any] = {"method": "POST" if form else "GET", "url": url, "headers": []}
    if form:
        asked["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": form}
    headers = [{"name": "Location", "value": location}] if location else []
    return {"startedDateTime": "2026-11-02T09:13:58Z", "request": asked, "response": {"status": status, "headers": headers, "content": {}}}


def rules(*entries: dict[str, Any]) -> list[str]:
    recording, notes = capture_of({"log": {"entries": list(entries)}})
    scene = scene_of(Material("har", recording, notes=notes), now=None, salt=b"s")
    assert any(attempt.asked and attempt.returned for attempt in scene.attempts)
    return [one.rule for one in diagnose(scene).findings if one.severity != "note"]


def returned(way: str, answer: str) -> dict[str, Any]:
    if way == "form":
        return entry("https://app.example/cb", f"response={answer}")
    return entry(f"https://app.example/cb{'#' if way == 'fragment' else '?'}response={answer}")


@pytest.mark.parametrize("way", ["query", "fragment", "form"])
def test_an_answer_in_a_jwt_belongs_to_its_sign_in(way: str) -> None:
    mode = "form_post.jwt" if way == "form" else f"{way}.jwt"
    asked = entry(f"{ASKED}&response_mode={mode}", status=302, location="https://op.example/login")
    assert rules(asked, returned(way, ANSWER)) == []
    assert rules(asked, returned(way, DENIED))[:1] == ["user-denied"]
    assert rules(entry(ASKED.replace("s-1", "s-2")), returned(way, ANSWER))[:1] == ["state-mismatch"]


def test_a_redirect_to_such_an_answer_is_one() -> None:
    back = f"https://app.example/cb?response={DENIED}"
    assert rules(entry(f"{ASKED}&response_mode=query.jwt", status=302, location=back))[:1] == ["user-denied"]


@pytest.mark.parametrize(
    "text",
    [
        f"response={ANSWER}",
        f"https://app.example/cb?response={ANSWER}",
        f"https://app.example/cb#response={ANSWER}",
        f"POST /cb HTTP/1.1\nHost: app.example\nContent-Type: application/x-www-form-urlencoded\n\nresponse={ANSWER}\n",
        f"2026-11-02 INFO redirected to https://app.example/cb?response={ANSWER} by the provider",
    ],
)
def test_a_pasted_one_is_taken_for_a_callback(text: str) -> None:
    (exchange,) = read_pasted(text, now=NOW).recording.exchanges
    assert exchange.purpose == purposes.CALLBACK


@pytest.mark.parametrize(
    "fields",
    [
        (("response", "03AFcWeA5Xk"),),
        (("response", ANSWER), ("secret", "x")),
        (("response", ANSWER), ("code", "c")),
        (("response", {}),),
        (("code", "c"), ("state", "s")),
    ],
)
def test_other_parameters_of_that_name_are_none(fields: tuple[tuple[str, object], ...]) -> None:
    assert not is_jwt_answer(fields)
    assert opened(fields) == fields


def test_what_is_encrypted_stays_closed() -> None:
    fields = (("response", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.a.b.c.d"),)
    assert is_jwt_answer(fields)
    assert opened(fields) == fields
