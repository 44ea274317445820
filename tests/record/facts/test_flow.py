"""What is told of verifier, challenge, code and refresh token before they are hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest

from oauthctl.http import JSON, Headers, Params, Request, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts.flow import flow_facts

AT = datetime(2026, 3, 1, tzinfo=UTC)
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def _exchange(number: int, request: Request, response: Response | None = None) -> Exchange:
    return Exchange(number, "", Channel.WIRE, request, AT + timedelta(seconds=number), 0.1, response)


def _asking(number: int, *, code: str = "", **params: str) -> Exchange:
    query = urlencode({"response_type": "code", "client_id": "c", "state": f"s{number}", **params})
    back = Response(302, Headers((("Location", f"https://app.example/cb?code={quote(code, safe='')}&state=s{number}"),)))
    return _exchange(number, Request("GET", f"https://op.example/authorize?{query}"), back if code else None)


def _redeeming(number: int, body: str = "{}", **params: str) -> Exchange:
    sent = form_request("https://op.example/token", Params.of({"grant_type": "authorization_code", **params}))
    return _exchange(number, sent, Response(200, Headers((("Content-Type", JSON),)), body.encode()))


def _told(*exchanges: Exchange) -> dict[str, object]:
    return flow_facts(Recording(exchanges)).get(exchanges[-1].id, {})


# Source: RFC 7636 appendix B for the pair.
@pytest.mark.parametrize(
    ("challenge", "fit"),
    [
        (CHALLENGE, "S256"),
        (VERIFIER, "plain"),
        (f"{CHALLENGE}=", "padded"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "base64"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM=", "base64-padded"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM=", "base64-padded"),
        ("13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3", "hex"),
        ("somebody-elses", ""),
    ],
)
def test_a_challenge_is_known_by_how_it_was_made(challenge: str, fit: str) -> None:
    asked = _asking(1, code="c-1", code_challenge=challenge, code_challenge_method="S256")
    told = _told(asked, _redeeming(2, code="c-1", code_verifier=VERIFIER))
    assert (told["pkce_fit"], told["pkce_matches"]) == (fit, fit == "S256")


def test_a_verifier_fits_by_the_method_that_was_asked_for() -> None:
    redeeming = _redeeming(2, code="c-1", code_verifier=VERIFIER)
    assert _told(_asking(1, code="c-1", code_challenge=VERIFIER), redeeming)["pkce_matches"] is True
    assert _told(_asking(1, code="c-1", code_challenge=CHALLENGE), redeeming)["pkce_matches"] is False
    assert _told(_asking(1, code="c-1", code_challenge=CHALLENGE, code_challenge_method="s256"), redeeming)["pkce_matches"] is True


def test_a_verifier_of_another_sign_in_is_known() -> None:
    first = _asking(1, code="c-1", code_challenge=CHALLENGE, code_challenge_method="S256")
    second = _asking(2, code="c-2", code_challenge="x" * 43, code_challenge_method="S256")
    told = _told(first, second, _redeeming(3, code="c-2", code_verifier=VERIFIER))
    assert (told["pkce_matches"], told["pkce_fits_request"]) == (False, 1)


def test_a_challenge_in_a_redirect_or_in_a_pushed_request_counts() -> None:
    query = urlencode({"response_type": "code", "client_id": "c", "code_challenge": CHALLENGE, "code_challenge_method": "S256"})
    redirect = Response(302, Headers((("Location", f"https://op.example/authorize?{query}"),)))
    seen = _exchange(1, Request("GET", "https://app.example/login"), redirect)
    redeeming = _redeeming(3, code="c-1", code_verifier=VERIFIER)
    assert _told(seen, redeeming)["pkce_matches"] is True

    pushed = form_request("https://op.example/par", Params.of({"response_type": "code", "client_id": "c", "code_challenge": CHALLENGE}))
    kept = Response(201, Headers((("Content-Type", JSON),)), b'{"request_uri": "urn:x:1", "expires_in": 60}')
    asked = _exchange(2, Request("GET", "https://op.example/authorize?client_id=c&request_uri=urn%3Ax%3A1"))
    assert _told(_exchange(1, pushed, kept), asked, redeeming)["pkce_fit"] == "S256"


@pytest.mark.parametrize(
    ("code", "sent", "changed"),
    [
        ("4/0AbCdEf", "4/0AbCdEf", None),
        ("4/0AbCdEf", "4%2F0AbCdEf", "encoded"),
        ("4%2F0AbCdEf", "4/0AbCdEf", "decoded"),
        ("a+bcdefgh", "a bcdefgh", "plus"),
        ("abcdefghijkl", "abcdefghij", "cut"),
        ("abcdefgh", "abcdefgh#_=_", "fragment"),
        ("abcdefgh", "abcdefghij", "more"),
        ("abcdefgh", '"abcdefgh"', "quotes"),
        ("abcdEFGH", "abcdefgh", "case"),
        ("abcdefgh", '{"code":"abcdefgh"}', "json"),
        ("abcdefgh", "abcdefgh ", "blanks"),
        ("abcdefgh", "another-one", None),
    ],
)
def test_a_code_that_was_changed_on_its_way_is_known(code: str, sent: str, changed: str | None) -> None:
    assert _told(_asking(1, code=code), _redeeming(2, code=sent)).get("code_changed") == changed


def test_a_state_in_the_place_of_the_code_is_known() -> None:
    query = urlencode({"code": "code-1", "state": "state-1"})
    callback = _exchange(1, Request("GET", f"https://app.example/cb?{query}"))
    told = _told(callback, _redeeming(2, code="state-1"))
    assert told["code_is"] == "state"
    assert "code_is" not in _told(callback, _redeeming(2, code="code-1"))


def test_a_refresh_token_that_was_changed_or_never_there_is_known() -> None:
    issued = _redeeming(1, '{"access_token": "a", "token_type": "Bearer", "refresh_token": "refresh-token-1"}', code="c-1")
    assert _told(issued, _redeeming(2, grant_type="refresh_token", refresh_token="refresh-token-1")) == {}
    told = _told(issued, _redeeming(2, grant_type="refresh_token", refresh_token="refresh-tok"))
    assert told["refresh_token_changed"] == "cut"
    told = _told(issued, _redeeming(2, grant_type="refresh_token", refresh_token="undefined"))
    assert told["refresh_token_is_placeholder"] is True
