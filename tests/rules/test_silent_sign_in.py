"""A silent sign-in in a frame: what the recording shows of the provider's cookie decides between a lost session and a hidden one."""

from __future__ import annotations

import pytest

from oauthctl.findings import Certainty
from tests.rules.pages import play

URL = "https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.net%2Fcb&scope=openid"
FRAMED = "Sec-Fetch-Dest: iframe\nSec-Fetch-Site: cross-site\n"


def _signed_in(cookie: str, request_cookie: str = "Cookie: lang=de\n") -> str:
    return f"""```http
GET {URL}&state=s1aaaa
Sec-Fetch-Dest: document
{request_cookie}
=> 302
Location: https://app.example.net/cb?code=c-1&state=s1aaaa
{cookie}
```

"""


def _silent(headers: str, error: str = "login_required") -> str:
    return f"""```http
GET {URL}&state=s2bbbb&prompt=none
{headers}
=> 302
Location: https://app.example.net/cb?error={error}&state=s2bbbb
```

"""


LOGOUT = "```http\nGET https://idp.example.com/logout?id_token_hint=abc\n\n=> 200\n```\n\n"
SET = "Set-Cookie: sso=Vq8x2Lr5aa; Path=/; Secure; SameSite={}"


@pytest.mark.parametrize(
    ("cookie", "headers", "word"),
    [
        (SET.format("None"), FRAMED, "blocks third-party cookies"),
        (SET.format("Lax"), FRAMED, "SameSite=Lax"),
        ("Set-Cookie: sso=Vq8x2Lr5aa; Path=/authorize", FRAMED, "no `SameSite=None`"),
        (SET.format("None"), "Referer: https://app.example.net/\n", "blocks third-party cookies"),
    ],
)
def test_a_cookie_that_was_set_before_and_does_not_come_along_is_named(cookie: str, headers: str, word: str) -> None:
    first = play(_signed_in(cookie) + _silent(headers)).diagnosis().findings[0]
    assert first.rule == "session-cookie-kept-from-frame"
    assert first.certainty is Certainty.LIKELY
    assert word in first.cause


@pytest.mark.parametrize(
    "section",
    [
        _signed_in(SET.format("None")) + _silent(f"{FRAMED}Cookie: sso=Vq8x2Lr5aa\n"),
        _signed_in(SET.format("None")) + LOGOUT + _silent(FRAMED),
        _signed_in(f"{SET.format('None')}; Max-Age=0") + _silent(FRAMED),
        _signed_in("Set-Cookie: app=Vq8x2Lr5aa; Path=/admin; SameSite=None; Secure") + _silent(FRAMED),
        _signed_in(SET.format("None")) + _silent("Sec-Fetch-Dest: iframe\nSec-Fetch-Site: same-site\n"),
        _signed_in(SET.format("None")) + _silent("Sec-Fetch-Dest: document\n"),
        _silent(FRAMED),
    ],
    ids=["sent", "signed out", "deleted", "other path", "same site", "no frame", "alone"],
)
def test_without_such_a_cookie_it_is_an_ordinary_answer(section: str) -> None:
    first = play(section).diagnosis().findings[0]
    assert first.rule == "sign-in-needed-without-prompt"


def test_a_frame_without_a_cookie_does_not_prove_that_nobody_is_signed_in() -> None:
    first = play(_silent(FRAMED)).diagnosis().findings[0]
    assert first.certainty is Certainty.LIKELY
    assert any("third-party" in one.cause for one in first.candidates)


def test_a_native_clients_silent_try_is_not_laid_upon_the_person() -> None:
    said = "interaction_required&error_description=native%20clients%20require%20End-User%20interaction"
    assert "native client" in play(_silent(FRAMED, said)).diagnosis().findings[0].cause
