"""What the wire does to a sign-in: who came first, which cookie was lost and why, what stood in between.

Here: variants of one cause, and look-alikes that another exchange tells apart. Not here: one case for each rule (its page).
"""

from __future__ import annotations

import pytest

from tests.rules.pages import play

IDP = "https://login.example.com/authorize"
CALLBACK = "https://shop.example.org/return?code=c-81&state=Rm4tQ9wZx1"
ASKED = (
    f"{IDP}?response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example.org%2Freturn&scope=openid&state=Rm4tQ9wZx1"
    "&code_challenge=bma2wGyKDB2UXfonCEXAqMkfJRdpDW5-aAHeVr6ecTo&code_challenge_method=S256"
)
COOKIE = "Cookie: flow=b25lLXR3bw"


def _start(cookie: str = "flow=b25lLXR3bw; Path=/; Secure; SameSite=Lax", *, headers: str = "", time: str = "") -> str:
    made = f"Set-Cookie: {cookie}\n" if cookie else ""
    return f"```http{time}\nGET https://shop.example.org/signin\n{headers}\n=> 302\nLocation: {ASKED}\n{made}```\n"


def _asked() -> str:
    return f"```http\nGET {ASKED}\n\n=> 302\nLocation: {CALLBACK}\n```\n"


def _callback(
    status: int, *headers: str, body: str = "no session for this state", method: str = "GET", answer: str = "", time: str = ""
) -> str:
    sent = "".join(f"{line}\n" for line in headers)
    back = answer or ("Location: /\n" if status == 302 else "Content-Type: text/html\n")
    said = f"\n<p>{body}</p>\n" if status >= 400 else ""
    return f"```http{time}\n{method} {CALLBACK}\n{sent}\n=> {status}\n{back}{said}```\n"


def _first(*blocks: str) -> tuple[str, str]:
    findings = play("\n".join(blocks)).diagnosis().findings
    return (findings[0].rule, f"{findings[0].cause} {findings[0].help}") if findings else ("", "")


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        (_callback(302, "Sec-Purpose: prefetch;prerender"), _callback(400, COOKIE), "prefetch"),
        (_callback(302, "X-Moz: prefetch"), _callback(400, COOKIE), "prefetch"),
        (_callback(200, method="HEAD"), _callback(400, COOKIE), "scanner"),
        (_callback(302, "User-Agent: Slackbot-LinkExpanding 1.0"), _callback(400, COOKIE, "User-Agent: Firefox/140.0"), "scanner"),
        (_callback(302, "User-Agent: Firefox/140.0"), _callback(400, COOKIE, "User-Agent: Firefox/140.0"), "antivirus"),
        (_callback(302, COOKIE), _callback(400, COOKIE), "reload"),
    ],
)
def test_a_code_that_was_used_up_is_laid_to_whoever_came_first(first: str, second: str, word: str) -> None:
    rule, said = _first(_start(), _asked(), first, second)
    assert rule == "callback-loaded-twice"
    assert word in said.lower()


def test_a_prefetch_that_the_application_turns_away_uses_nothing_up() -> None:
    assert _first(_start(), _asked(), _callback(204, "Sec-Purpose: prefetch"), _callback(302, COOKIE)) == ("", "")


@pytest.mark.parametrize(
    ("cookie", "rule"),
    [
        ("flow=b25lLXR3bw; Domain=other.example.net; Path=/; Secure; SameSite=Lax", "cookie-domain-foreign"),
        ("__Secure-flow=b25lLXR3bw; Path=/; SameSite=Lax", "cookie-prefix-broken"),
        ("__Host-flow=b25lLXR3bw; Path=/; Domain=shop.example.org; Secure; SameSite=Lax", "cookie-prefix-broken"),
        ("flow=b25lLXR3bw; Path=/; Secure; SameSite=Strict", "cookie-lost-to-samesite"),
        ("flow=b25lLXR3bw; Path=/; SameSite=None", "cookie-samesite-none-insecure"),
        ("flow=b25lLXR3bw; Path=/; Secure; SameSite=Lax; Expires=Mon, 02 Nov 2026 08:01:00 GMT", "cookie-lifetime-over"),
        ("flow=b25lLXR3bw; Path=/; Secure; SameSite=Lax", "cookie-not-returned"),
    ],
)
def test_the_same_refusal_has_the_cause_that_the_cookie_shows(cookie: str, rule: str) -> None:
    began, ended = " 2026-11-02T08:00:00+00:00", " 2026-11-02T08:09:00+00:00"
    assert _first(_start(cookie, time=began), _callback(403, time=ended))[0] == rule


def test_a_start_that_tells_a_script_where_to_go_is_a_start_too() -> None:
    told = (
        "```http\nPOST https://shop.example.org/api/signin\n\n=> 200\nContent-Type: application/json\n"
        f'Set-Cookie: flow=b25lLXR3bw; Path=/api; Secure; SameSite=Lax\n\n{{"url": "{ASKED}"}}\n```\n'
    )
    rule, said = _first(told, _asked(), _callback(403))
    assert rule == "cookie-not-returned"
    assert "Path=/api" in said


@pytest.mark.parametrize(
    ("start", "callback", "rule"),
    [
        (_start(headers=""), _callback(403, COOKIE), "sign-in-state-not-shared"),
        (_start(cookie=""), _callback(403), "sign-in-state-not-shared"),
        (_start(cookie="").replace("Location", "Age: 12\nLocation"), _callback(403), "sign-in-start-cached"),
        (_start(), _callback(403, COOKIE, body="Request blocked by the web application firewall"), "blocked-by-firewall"),
        (_start(), _callback(400, COOKIE, body="Invalid HTTP_HOST header: 'shop.example.org'"), "host-not-allowed"),
        (_start(), _callback(404, COOKIE, body="Not Found"), "callback-path-unknown"),
        (_start(), _callback(504, COOKIE, body="Gateway Time-out"), "callback-gateway-error"),
    ],
)
def test_a_refused_callback_is_laid_to_what_refused_it(start: str, callback: str, rule: str) -> None:
    assert _first(start, _asked(), callback)[0] == rule


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("getaddrinfo EAI_AGAIN login.example.com", "host-not-found"),
        ("dial tcp: lookup login.example.com: server misbehaving, Temporary failure in name resolution", "host-not-found"),
        ("tlsv13 alert certificate required", "client-certificate-demanded"),
        ("SSL alert number 112", "server-name-unrecognized"),
        ("connect ENETUNREACH 2606:4700:90:0:f22e:fbec:5bed:a9b9:443", "ipv6-unreachable"),
        ("connect ENETUNREACH 198.51.100.7:443", "network-unreachable"),
    ],
)
def test_a_connection_that_fails_is_told_by_its_words(said: str, rule: str) -> None:
    found, told = _first(f"```http\nGET https://login.example.com/.well-known/openid-configuration\n\n=> no answer: {said}\n```\n")
    assert found == rule
    assert ("resolver" in told) is (rule == "host-not-found")


@pytest.mark.parametrize(
    "said",
    [
        "ServiceWorker registration successful with scope: https://shop.example.org/auth/",
        "Mixed Content: The page at 'https://shop.example.org/' was loaded over HTTPS, but requested an insecure image "
        "'http://cdn.example.org/a.png'.",
        "[info] popup opened, waiting for the sign-in",
        "set cookie flow (312 bytes) over https",
    ],
)
def test_harmless_lines_of_a_console_are_no_cause(said: str) -> None:
    given = '```json given\n{"local_error": "' + said + '"}\n```\n'
    assert _first(given, _start(), _asked(), _callback(302, COOKIE)) == ("", "")


@pytest.mark.parametrize(("host", "rule"), [("wifi.hotel.example", "captive-portal"), ("login.example.com", "")])
def test_only_a_redirect_to_somebody_elses_http_host_is_a_portal(host: str, rule: str) -> None:
    found, _ = _first(
        f"```http\nGET https://login.example.com/.well-known/openid-configuration\n\n=> 302\nLocation: http://{host}/welcome\n```\n"
    )
    assert (found == "captive-portal") is bool(rule)


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("https://shop.example.org/", "callback-parameters-lost"),
        ("https://shop.example.org/return", "callback-parameters-lost"),
        ("https://shop.example.org/return?code=c-81&state=Rm4tQ9wZx1", ""),
    ],
)
def test_a_redirect_to_https_must_keep_the_whole_callback(target: str, rule: str) -> None:
    plain = CALLBACK.replace("https://", "http://")
    returned = f"```http\nGET {plain}\n\n=> 301\nLocation: {target}\n```\n"
    asked = _asked().replace("https%3A%2F%2Fshop", "http%3A%2F%2Fshop").replace(f"Location: {CALLBACK}", f"Location: {plain}")
    assert _first(asked, returned)[0] == rule
