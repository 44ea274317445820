"""Two sign-ins at once, where the redirects that begin them and the requests that they lead to were both recorded."""

from __future__ import annotations

from tests.rules.pages import play

_ASKED = "https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&scope=openid"
_TWO = """
```http
GET {asked}&state=s1Z8qL0

=> 200
Content-Type: text/html

<form></form>
```

```http
GET https://app.example.com/login

=> 302
Location: {asked}&state=s1Z8qL0
Set-Cookie: {first}=s1Z8qL0; Path=/
```

```http
GET https://app.example.com/login

=> 302
Location: {asked}&state=s2Y7pK1
Set-Cookie: {second}=s2Y7pK1; Path=/
```

```http
GET {asked}&state=s2Y7pK1

=> 200
Content-Type: text/html

<form></form>
```

```http
GET https://app.example.com/cb?code=c-1&state=s1Z8qL0
Cookie: {cookies}

=> 403
Content-Type: text/plain

forbidden
```
"""


def _first_of(section: str) -> str:
    return next((one.rule for one in play(section).diagnosis().findings), "")


def test_the_cookie_of_the_second_start_overwrites_that_of_the_first() -> None:
    section = _TWO.format(asked=_ASKED, first="oauth_state", second="oauth_state", cookies="oauth_state=s2Y7pK1")
    assert _first_of(section) == "parallel-sign-ins"


def test_starts_with_cookies_of_their_own_disturb_nobody() -> None:
    section = _TWO.format(asked=_ASKED, first="state1", second="state2", cookies="state1=s1Z8qL0; state2=s2Y7pK1")
    assert _first_of(section) != "parallel-sign-ins"
