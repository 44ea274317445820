from __future__ import annotations

import pytest

from oauthctl.errors import OauthctlError
from oauthctl.flows.callback import Sent, check_callback, read_callback
from oauthctl.flows.steps import BARE_CODE
from oauthctl.http import Headers, Request
from oauthctl.record.exchange import Channel, Exchange
from tests.played import BEGAN

STATE = "ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI"
HONEST = "https://honest.as.example"
SENT = Sent(STATE, HONEST, promises_iss=True, exchange=2)


def came(request: Request) -> Exchange:
    return Exchange(3, "callback", Channel.CALLBACK, request, BEGAN)


def judged(query: str, sent: Sent = SENT, *, headers: Headers | None = None) -> str:
    """The slug of what is wrong with an answer, the class of an error without slug, or nothing."""
    back = came(Request("GET", f"https://client.example/cb?{query}", headers or Headers()))
    try:
        check_callback(read_callback(back), sent, back)
    except OauthctlError as error:
        return error.slug or type(error).__name__
    return ""


@pytest.fixture
def rfc9207_2() -> str:
    """The query of the example's answer."""
    return f"code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state={STATE}&iss=https%3A%2F%2Fhonest.as.example"


def test_the_example_answer_may_be_used(rfc9207_2: str) -> None:
    assert judged(rfc9207_2) == ""


def test_an_answer_is_read_from_the_query_or_from_the_form_and_never_from_both() -> None:
    posted = Request("POST", "https://client.example/cb?code=query", body=b"code=form&state=s")
    assert read_callback(came(posted)).fields == (("code", "form"), ("state", "s"))
    assert read_callback(came(Request("GET", posted.url, body=posted.body))).fields == (("code", "query"),)
    assert read_callback(came(posted)).exchange == 3


ISS = f"iss={HONEST}"


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        (f"code=c&state={STATE}&{ISS}", ""),
        (f"code=c&state={STATE}x&{ISS}", "state-mismatch"),
        (f"code=c&{ISS}", "state-missing"),
        (f"code=c&state=&{ISS}", "state-missing"),
        (f"code=c&state={STATE}", "issuer-not-returned"),
        (f"code=c&state={STATE}&iss=https://attacker.example", "issuer-mixed-up"),
        (f"code=c&state={STATE}&iss={HONEST}/", "issuer-mixed-up"),
        (f"code=c&code=d&state={STATE}&{ISS}", "callback-parameter-repeated"),
        (f"code=c&state={STATE}&state=x&{ISS}", "callback-parameter-repeated"),
        (f"code=c&state={STATE}&{ISS}&iss=https://attacker.example", "callback-parameter-repeated"),
        (f"state={STATE}&{ISS}", "answer-without-code"),
        (f"code=&state={STATE}&{ISS}", "answer-without-code"),
        (f"error=access_denied&state={STATE}&{ISS}", "Refused"),
        (f"error=access_denied&state={STATE}", "Refused"),
        (f"error=access_denied&code=c&state={STATE}&{ISS}", "Refused"),
        ("error=access_denied", "state-missing"),
        (f"error=access_denied&state={STATE}&iss=https://attacker.example", "issuer-mixed-up"),
        ("", "state-missing"),
    ],
)
def test_each_answer_is_judged_by_its_worst_flaw(query: str, slug: str) -> None:
    assert judged(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("code=c", ""),
        ("code=c&iss=https://attacker.example", "issuer-mixed-up"),
        ("code=c&code=d", "callback-parameter-repeated"),
        ("", "answer-without-code"),
    ],
)
def test_a_bare_code_is_excused_from_state_alone(query: str, slug: str) -> None:
    assert judged(query, headers=Headers(((BARE_CODE, "a bare code"),))) == slug


def test_a_server_without_a_known_issuer_may_name_any() -> None:
    assert judged(f"code=c&state={STATE}&iss=https://any.example", Sent(STATE, "", promises_iss=False, exchange=2)) == ""


def test_what_was_sent_shows_no_state_in_its_representation() -> None:
    assert STATE not in repr(SENT)
