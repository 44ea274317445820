"""Diagnosing recordings of many sign-ins: whether the cost of each exchange stays the same.

.venv/bin/python -m tests.benchmarks.many_sign_ins [SIGN_INS …]

Here: sign-ins one after another, each third of them failing, and what each stage takes. Not here: captures full of other things
(`diagnose_har`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

SIZES = (100, 300, 600)
SECONDS_FOR_600 = 5.0
_BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
_VERIFIERS = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "AAAAftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")


def main() -> int:
    sizes = tuple(int(word) for word in sys.argv[1:]) or SIZES
    _seconds(3)
    is_kept = True
    for size in sizes:
        scene, rules = _seconds(size)
        is_kept = is_kept and scene + rules <= max(1.0, SECONDS_FOR_600 * size / 600)
        print(
            f"{size:5} sign-ins, {4 * size:5} exchanges: facts and redaction {scene:.2f} s, rules {rules:.2f} s CPU; "
            f"{(scene + rules) / size / 4 * 1000:.2f} ms each"
        )
    return 0 if is_kept else 1


def _seconds(size: int) -> tuple[float, float]:
    """CPU seconds up to the scene, and of the rules."""
    recording = Recording(tuple(_exchanges(size)))
    start = time.process_time()
    scene = scene_of(Material("har", recording), now=None, salt=b"salt")
    middle = time.process_time()
    found = diagnose(scene).findings
    assert [one.rule for one in found][:1] == ["code-verifier-mismatch"], found
    return middle - start, time.process_time() - middle


def _exchanges(size: int) -> Iterator[Exchange]:
    number = 0
    for at in range(size):
        for request, response in _sign_in(at, works=at % 3 != 2):
            number += 1
            yield Exchange(number, "", Channel.WIRE, request, _BEGAN + timedelta(seconds=number), 0.1, response)


def _sign_in(at: int, *, works: bool) -> tuple[tuple[Request, Response], ...]:
    state, code, token = f"state-{at:06}", f"code-{at:06}", f"access-{at:06}"
    back = "https%3A%2F%2Fwww.shop.example%2Fcb"
    returns = f"https://www.shop.example/cb?code={code}&state={state}"
    asks = (
        f"https://idp.example/authorize?response_type=code&client_id=web&redirect_uri={back}&state={state}"
        f"&code_challenge={_CHALLENGE}&code_challenge_method=S256"
    )
    form = f"grant_type=authorization_code&code={code}&redirect_uri={back}&client_id=web&code_verifier={_VERIFIERS[not works]}"
    said = {"access_token": token, "token_type": "Bearer", "expires_in": 3600} if works else {"error": "invalid_grant"}
    kind, is_json = Headers.of({"Content-Type": "application/x-www-form-urlencoded"}), Headers.of({"Content-Type": "application/json"})
    held = Headers.of({"Authorization": f"Bearer {token}"} if works else {})
    return (
        (Request("GET", asks), Response(302, Headers.of({"Location": returns}))),
        (Request("GET", returns), Response(200, Headers.of({"Content-Type": "text/html"}), b"<html></html>")),
        (
            Request("POST", "https://idp.example/token", kind, form.encode()),
            Response(200 if works else 400, is_json, json.dumps(said).encode()),
        ),
        (Request("GET", f"https://api.shop.example/orders/{at}", held), Response(200, is_json, b"[]")),
    )


if __name__ == "__main__":
    sys.exit(main())
