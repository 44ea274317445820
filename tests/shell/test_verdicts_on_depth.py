"""JSON that is nested more deeply than Python follows, wherever a client or a server may put it: each request is judged all the same."""

from __future__ import annotations

import pytest

from oauthctl.http import FORM, JSON, Headers, Params, Request, Response
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.redact import redact
from oauthctl.shell.verdicts import Received, wrong_with_last
from tests.provider.world import CALLBACK, CHALLENGE, ISSUER, START, practice_state

DEPTH = 1500
DEEP = {
    "object": '{"a":' * DEPTH + "1" + "}" * DEPTH,
    "details": '[{"type":"items","actions":' + "[" * DEPTH + "]" * DEPTH + "}]",
}
NAMES = ("claims", "authorization_details", "request", "state", "token")
ASKED = {
    "response_type": "code",
    "client_id": "public",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
REDEEMED = {"grant_type": "authorization_code", "code": "x", "client_id": "public", "redirect_uri": CALLBACK}


def _judged(request: Request, response: Response | None = None) -> None:
    state = practice_state()
    answer = response or handle(state, request, Moment(START, b"x" * 32))[1]
    wrong_with_last((Received(place_of(state, request), request, answer, START),), ISSUER)
    redact(Recording((Exchange(1, "", Channel.WIRE, request, START, response=answer),)), salt=b"salt")


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("path", ["/authorize", "/par", "/token"])
def test_in_each_parameter(path: str, deep: str) -> None:
    for name in NAMES:
        params = Params.of({**(ASKED if path != "/token" else REDEEMED), name: deep})
        if path == "/authorize":
            _judged(Request("GET", f"{ISSUER}{path}?{params.encode()}"))
        else:
            _judged(Request("POST", ISSUER + path, Headers.of({"Content-Type": FORM}), params.encode().encode()))


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("path", ["/register", "/api/items"])
def test_in_a_body(path: str, deep: str) -> None:
    _judged(Request("POST", ISSUER + path, Headers.of({"Content-Type": JSON}), deep.encode()))


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(("method", "path"), [("POST", "/token"), ("POST", "/register"), ("GET", "/jwks"), ("GET", "/userinfo")])
def test_in_an_answer(method: str, path: str, status: int, deep: str) -> None:
    form = Params.of(REDEEMED).encode().encode() if method == "POST" else b""
    request = Request(method, ISSUER + path, Headers.of({"Content-Type": FORM}), form)
    for body in (deep, '{"errors": ' + deep + "}"):
        _judged(request, Response(status, Headers.of({"Content-Type": JSON}), body.encode()))
