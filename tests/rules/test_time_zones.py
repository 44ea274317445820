from __future__ import annotations

import pytest

from oauthctl.rules.time_zones import zone_hint
from tests.rules.pages import play

NOW = 1793610840
PAGE = """
```json token token
{{"header": {{"alg": "RS256", "kid": "k-1"}}, "claims": {{"iss": "https://idp.example.com", "aud": "api", "iat": {made}, "exp": {end}}}}}
```

```paste
<token>
```
"""


@pytest.mark.parametrize(
    ("off", "said"),
    [(3600, "1 hour "), (-7200, "2 hours"), (19800 + 4, "5.5 hours"), (14 * 3600, "14 hours"), (10790, "3 hours")],
)
def test_a_difference_of_a_time_zone_is_told(off: float, said: str) -> None:
    assert said in zone_hint(off)


@pytest.mark.parametrize("off", [0, 300, 1800, 4000, 6300, 15 * 3600, 86400 * 3])
def test_another_difference_is_none_of_a_time_zone(off: float) -> None:
    assert zone_hint(off) == ""


@pytest.mark.parametrize(("ahead", "is_told"), [(7200, True), (4500, False)])
def test_a_token_of_the_future_is_told_with_its_time_zone(ahead: int, is_told: bool) -> None:
    made = NOW + ahead
    first = play(PAGE.format(made=made, end=made + 3600)).diagnosis().findings[0]
    assert first.rule == "token-issued-in-future"
    assert ("time zone" in first.cause) is is_told
