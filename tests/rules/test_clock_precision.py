"""Near its end nobody can say whether a token came before it or after it."""

from __future__ import annotations

import json

import pytest

from oauthctl.findings import Certainty
from oauthctl.rules.clock_precision import before, gap
from oauthctl.rules.token_refused import in_words
from tests.rules.pages import play

NOW = 1793610840
CALL = """
```json token A
{token}
```

```http 2026-11-02T09:14:00+00:00
{call}
```
"""
FORM = "POST https://idp.example.com/token\nContent-Type: application/x-www-form-urlencoded\n\n"
REFUSED = '\n\n=> 400\nContent-Type: application/json\n\n{"error": "invalid_grant"}'
CALLS = {
    "assertion-expired": f"{FORM}grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<A>{REFUSED}",
    "exchange-token-expired": f"{FORM}grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
    f"&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=<A>{REFUSED}",
    "token-expired": "GET https://api.example.com/items\nAuthorization: Bearer <A>\n\n=> 401\nWWW-Authenticate: Bearer\n\n",
    "refresh-token-expired": f"{FORM}grant_type=refresh_token&client_id=web&refresh_token=<A>{REFUSED}",
}


def _certainty(rule: str, late: int) -> Certainty | None:
    claims = {"iss": "https://idp.example.com", "sub": "s", "aud": "https://idp.example.com", "iat": NOW - 600, "exp": NOW - late}
    token = json.dumps({"header": {"alg": "RS256", "kid": "k-1"}, "claims": claims})
    found = {one.rule: one for one in play(CALL.format(token=token, call=CALLS[rule])).diagnosis().findings}
    assert "0 seconds before" not in found[rule].cause if rule in found else True
    return found[rule].certainty if rule in found else None


@pytest.mark.parametrize("rule", CALLS)
def test_an_end_that_is_seconds_away_is_certain_either_way(rule: str) -> None:
    assert _certainty(rule, 2) is Certainty.CERTAIN
    assert _certainty(rule, -2) is None


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("rule", CALLS)
def test_an_end_within_the_clocks_precision_is_possible_at_most(rule: str, late: int) -> None:
    assert _certainty(rule, late) in (None, Certainty.POSSIBLE)


def test_no_span_of_time_is_less_than_nothing() -> None:
    assert in_words(-0.0) == in_words(-3.5) == "0.00 seconds"
    assert before(-0.0) == before(1.0) == "within a second of when"
    assert gap(0.2) == "less than a second"
    assert before(61) == "61 seconds before"
