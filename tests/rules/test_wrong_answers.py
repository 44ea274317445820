"""What answers at a callback, an endpoint or a logout instead of what should: named, and not taken for something that is like it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.rules.corpus.failures import diagnosis_of

_BEGUN = "https://app.example.com/auth/login"
_SHELL = '<!doctype html><div id="root"></div><script src="/main.js"></script>'
_AUTHORIZE = (
    "https://id.example.net/authorize?response_type=code&client_id=web&scope=openid&state=h7Kq2ZpX9sLw"
    "&redirect_uri=https%3A%2F%2Fapp.example.com{path}"
)
_BACK = "https://app.example.com{path}?code=SplxlOBeZQQYbYS6WxSbIA91&state=h7Kq2ZpX9sLw"


def _asked(url: str, status: int, headers: dict[str, str], body: object = "", *, method: str = "GET", sent: str = "") -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": url, "headers": {"Cookie": "session=s1"}, **({"body": sent} if sent else {})}
    return {"request": request, "response": {"status": status, "headers": headers, "body": body}}


def _slugs(*exchanges: dict[str, Any]) -> list[str]:
    found = diagnosis_of({"id": "x", "prior": list(exchanges[:-1]), "http": exchanges[-1]})
    return [finding.rule for finding in found.findings]


def _sign_in(path: str = "/auth/callback", begun: str = _BEGUN) -> list[dict[str, Any]]:
    url = _AUTHORIZE.format(path=path.replace("/", "%2F"))
    return [
        _asked(begun, 302, {"Location": url, "Set-Cookie": "session=s1; Path=/; HttpOnly"}),
        _asked(url, 302, {"Location": _BACK.format(path=path)}),
    ]


_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}
_REFUSED = _asked("https://app.example.com/api/me", 401, _JSON, {"error": "unauthenticated"})


def test_the_page_of_a_script_at_the_callback_is_named() -> None:
    returned = _asked(_BACK.format(path="/auth/callback"), 200, _HTML, _SHELL)
    assert _slugs(*_sign_in(), returned, _REFUSED)[0] == "callback-answered-by-script-page"


@pytest.mark.parametrize(
    "after",
    [
        [_asked("https://app.example.com/api/session", 401, _JSON, {}, method="POST", sent='{"code": "SplxlOBeZQQYbYS6WxSbIA91"}')],
        [_asked("https://app.example.com/api/me", 200, _JSON, {"name": "A"})],
        [],
    ],
    ids=["handed-over", "signed-in", "cut"],
)
def test_a_script_that_goes_on_by_itself_is_none(after: list[dict[str, Any]]) -> None:
    returned = _asked(_BACK.format(path="/auth/callback"), 200, _HTML, _SHELL)
    assert "callback-answered-by-script-page" not in _slugs(*_sign_in(), returned, *after)


def test_a_page_of_the_server_at_the_callback_is_no_scripts_page() -> None:
    returned = _asked(_BACK.format(path="/auth/callback"), 200, _HTML, "<h1>Welcome back</h1>" * 20)
    assert "callback-answered-by-script-page" not in _slugs(*_sign_in(), returned, _REFUSED)


@pytest.mark.parametrize(("path", "is_named"), [("/orders", True), ("/login", False), ("/", False)])
def test_only_a_page_for_other_things_is_in_its_own_way(path: str, is_named: bool) -> None:
    failed = _asked(_BACK.format(path=path), 500, {**_HTML, "Server": "openresty"}, "<h1>500 Internal Server Error</h1>")
    slugs = _slugs(*_sign_in(path, f"https://app.example.com{path}"), failed)
    assert ("callback-is-the-page-itself" in slugs) is is_named


@pytest.mark.parametrize(
    ("title", "is_named"), [("Third-Party Login Failure", True), ("Sign-in failed", True), ("Failed orders", False), ("Sign in", False)]
)
def test_a_page_of_status_200_may_tell_that_the_sign_in_failed(title: str, is_named: bool) -> None:
    returned = _asked(_BACK.format(path="/auth/callback"), 200, _HTML, f"<title>{title}</title>")
    assert bool(_slugs(*_sign_in(), returned)) is is_named


@pytest.mark.parametrize(
    ("url", "is_named"),
    [
        ("https://github.com/oauth/authorize", True),
        ("https://github.com/login/oauth/authorize", False),
        ("https://acme.eu-west-1.snowflakecomputing.com/authorize", True),
        ("https://github.example.com/oauth/authorize", False),
    ],
)
def test_an_address_that_a_well_known_provider_does_not_have_is_named(url: str, is_named: bool) -> None:
    asked = _asked(
        f"{url}?response_type=code&client_id=abc&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb", 404, _HTML, "<h1>Not Found</h1>"
    )
    assert (_slugs(asked)[0] == "provider-endpoint-missed") is is_named


def test_a_token_request_to_another_path_of_the_provider_is_named() -> None:
    asked = _asked("https://discord.com/oauth2/token", 404, _HTML, "<p>?</p>", method="POST", sent="grant_type=authorization_code&code=c1")
    asked["request"]["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    assert _slugs(asked)[0] == "provider-endpoint-missed"


_LOGOUT = "https://ids.example.com/connect/endsession?post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2Fbye"


@pytest.mark.parametrize(
    ("exchanges", "is_named"),
    [
        ([_asked(_LOGOUT, 200, _HTML, "<p>You are now logged out</p>")], True),
        ([_asked(_LOGOUT, 200, _HTML, "<button>Do you want to log out?</button>")], False),
        ([_asked(_LOGOUT, 302, {"Location": "https://app.example.com/bye"})], False),
        ([_asked(f"{_LOGOUT}&id_token_hint=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", 200, _HTML, "<p>You are now logged out</p>")], False),
    ],
    ids=["stays", "asks", "returns", "hint"],
)
def test_a_logout_that_ends_at_the_provider_is_named(exchanges: list[dict[str, Any]], is_named: bool) -> None:
    assert ("logout-stays-at-provider" in _slugs(*exchanges)) is is_named


def _registered(uri: str) -> dict[str, Any]:
    sent = "client_name=Toot&redirect_uris=https%3A%2F%2Ftooter.example%2Fcb&scopes=read"
    made = {"client_id": "t1", "client_secret": "s", "redirect_uri": uri, "client_secret_expires_at": 0}
    asked = _asked("https://mastodon.example/api/v1/apps", 200, _JSON, made, method="POST", sent=sent)
    asked["request"]["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    return asked


@pytest.mark.parametrize(("client", "is_named"), [("t1", True), ("t2", False)])
def test_a_recorded_registration_tells_which_redirect_uris_there_are(client: str, is_named: bool) -> None:
    url = f"https://mastodon.example/oauth/authorize?response_type=code&client_id={client}&redirect_uri=https%3A%2F%2Ftooter.example%2Fcallback"
    entry = {"id": "x", "prior": [_registered("https://tooter.example/cb")], "http": _asked(url, 401, _HTML, "<p>The request failed.</p>")}
    first = diagnosis_of(entry).findings[0]
    assert ("https://tooter.example/cb`" in first.cause) is is_named


def test_starts_in_another_order_than_the_requests_are_parallel_all_the_same() -> None:
    urls = [
        f"https://id.example.net/authorize?response_type=code&client_id=hub&redirect_uri=https%3A%2F%2Fhub.example.com%2Fcb&state={one}"
        for one in ("oneSTATEa9dL", "twoSTATEb8eM")
    ]
    starts = [
        _asked("https://hub.example.com/start", 302, {"Location": url, "Set-Cookie": f"st={at}; Path=/"}) for at, url in enumerate(urls)
    ]
    at_provider = [
        _asked(url, 302, {"Location": f"https://hub.example.com/cb?code=c-{at}&state={url[-12:]}"})
        for at, url in reversed(list(enumerate(urls)))
    ]
    returned = _asked("https://hub.example.com/cb?code=c-0&state=oneSTATEa9dL", 400, _HTML, "<h1>400 : Bad Request</h1>")
    returned["request"]["headers"]["Cookie"] = "st=1"
    assert _slugs(*starts, *at_provider, returned)[0] == "parallel-sign-ins"
    returned["request"]["headers"]["Cookie"] = "st=0"
    assert "parallel-sign-ins" not in _slugs(*starts, *at_provider, returned)


def _wordpress(state: str, code: str, end: str) -> list[dict[str, Any]]:
    back = f"https://www.example.org/oidc?code={code}&state={state}"
    url = (
        f"https://id.example.net/authorize?response_type=code&client_id=wp&redirect_uri=https%3A%2F%2Fwww.example.org%2Foidc&state={state}"
    )
    return [_asked(url, 302, {"Location": back}), _asked(back, 302, {"Location": end})]


_OVER = "/wp-login.php?login-error=invalid-state"


@pytest.mark.parametrize(
    ("first", "second", "is_named"),
    [("st-0001-abcd", "st-0001-abcd", True), ("st-0001-abcd", "st-0002-abcd", False)],
)
def test_a_state_of_a_sign_in_that_is_over_is_named(first: str, second: str, is_named: bool) -> None:
    slugs = _slugs(*_wordpress(first, "c-1-abcdefgh", "/"), *_wordpress(second, "c-2-abcdefgh", _OVER))
    assert (slugs[0] == "state-used-again") is is_named


def test_one_consent_that_was_sent_twice_is_no_state_used_again() -> None:
    asked, returned = _wordpress("st-0001-abcd", "c-1-abcdefgh", "/")
    again = _asked("https://www.example.org/oidc?code=c-2-abcdefgh&state=st-0001-abcd", 302, {"Location": _OVER})
    assert _slugs(asked, returned, again)[0] == "consent-submitted-twice"


@pytest.mark.parametrize(("age", "is_named"), [("5213", True), ("", False)])
def test_a_login_page_out_of_a_cache_is_named_by_its_link(age: str, is_named: bool) -> None:
    asked, returned = _wordpress("st-0001-abcd", "c-1-abcdefgh", _OVER)
    link = asked["request"]["url"].replace("&", "&amp;")
    page = _asked("https://www.example.org/login", 200, {**_HTML, **({"Age": age} if age else {})}, f'<a href="{link}">Sign in</a>')
    assert ("sign-in-start-cached" in _slugs(page, asked, returned)) is is_named


@pytest.mark.parametrize(("later", "is_named"), [("2026-11-02T09:10:00.000Z", True), ("2026-11-02T03:10:00.000Z", False)])
def test_a_token_that_ended_and_was_never_to_be_renewed_is_named_by_the_wish_for_renewal(later: str, is_named: bool) -> None:
    url = "https://www.dropbox.com/oauth2/authorize?response_type=code&client_id=db&state=h7Kq2ZpX9sLw&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb"
    asked = _asked(url, 302, {"Location": "https://app.example.com/cb?code=c-0001-abcd&state=h7Kq2ZpX9sLw"})
    sent = "grant_type=authorization_code&code=c-0001-abcd&client_id=db&client_secret=s&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb"
    issued = {"access_token": "sl.u.AFabcdefgh1234", "token_type": "bearer", "expires_in": 14400}
    token = _asked("https://api.dropboxapi.com/oauth2/token", 200, _JSON, issued, method="POST", sent=sent)
    token["request"]["headers"] |= {"Content-Type": "application/x-www-form-urlencoded", "X-Recorded-At": "2026-11-02T03:00:00.000Z"}
    call = _asked("https://api.dropboxapi.com/2/users/me", 401, _JSON, {"error_summary": "expired_access_token/"})
    call["request"]["headers"] = {"Authorization": "Bearer sl.u.AFabcdefgh1234", "X-Recorded-At": later}
    assert ("offline-access-not-asked" in _slugs(asked, token, call)) is is_named


def test_a_redirect_to_the_start_after_a_cookie_too_large_is_harm_enough() -> None:
    begun, at_provider = _sign_in()
    returned = _asked(_BACK.format(path="/auth/callback"), 302, {"Location": "/home", "Set-Cookie": "big=" + "A" * 5200 + "; Path=/"})
    home = _asked("https://app.example.com/home", 302, {"Location": "/auth/login"})
    assert _slugs(begun, at_provider, returned, home)[0] == "cookie-too-large"
    home["response"] = {"status": 200, "headers": _HTML, "body": "<h1>Home</h1>"}
    assert "cookie-too-large" not in _slugs(begun, at_provider, returned, home)


def _logout_token(claims: dict[str, object]) -> str:
    whole = {"iss": "https://idp.example.com", "aud": "web", "iat": 1793610840, "exp": 1793614440, "jti": "j-1", **claims}
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({"alg": "RS256", "kid": "k"}, whole))
    return ".".join((*parts, "c2lnbmF0dXJl" * 28))


@pytest.mark.parametrize(
    ("claims", "status", "words", "is_named"),
    [
        ({"sub": "alice"}, 500, "Internal Server Error", True),
        ({"sub": "alice"}, 400, "sid is missing", True),
        ({"sub": "alice"}, 400, "the issuer is unknown", False),
        ({"sub": "alice", "sid": "s-1"}, 500, "Internal Server Error", False),
        ({"sub": "alice"}, 200, "", False),
    ],
)
def test_a_logout_token_without_session_that_fails_is_named(claims: dict[str, object], status: int, words: str, is_named: bool) -> None:
    sent = f"logout_token={_logout_token(claims)}"
    asked = _asked("https://cloud.example.com/backchannel-logout", status, {"Content-Type": "text/plain"}, words, method="POST", sent=sent)
    asked["request"]["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ("logout-token-without-session" in _slugs(asked)) is is_named
