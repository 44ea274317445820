"""Headers compared: what a client or a browser acts on, without what is new in each run."""

from __future__ import annotations

from base64 import b64encode

import pytest

from oauthctl.http import Headers, Response
from oauthctl.record.difference import Difference, Kind
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_headers import differences_of_answer_headers, differences_of_request_headers

Pairs = tuple[tuple[str, str], ...]


def basic(user: str, secret: str) -> str:
    return f"Basic {b64encode(f'{user}:{secret}'.encode()).decode()}"


def told(found: list[Difference]) -> list[tuple[str, Kind]]:
    return [(one.place.partition(".headers.")[2], one.kind) for one in found]


def asked(a: Pairs, b: Pairs, *, has_common_salt: bool = False) -> list[tuple[str, Kind]]:
    ground = Ground(has_common_salt=has_common_salt)
    return told(list(differences_of_request_headers(Headers(a), Headers(b), ground)))


def answered(a: Pairs, b: Pairs, *, status: int = 200) -> list[tuple[str, Kind]]:
    return told(list(differences_of_answer_headers(Response(status, Headers(a)), Response(status, Headers(b)), Ground())))


@pytest.mark.parametrize(
    "name", ["User-Agent", "Content-Length", "Date", "traceparent", "X-Request-Id", "sec-ch-ua", "CF-Connecting-IP", "Referer", "Host"]
)
def test_what_is_new_in_each_run_is_left_out(name: str) -> None:
    assert asked(((name, "one"),), ((name, "other"),)) == []
    assert asked(((name, "one"),), ()) == []
    assert answered(((name, "one"),), ((name, "other"),)) == []


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        ("application/json", "text/html", True),
        ("text/html", "", True),
        ("application/json", "", False),
        ("application/json", "*/*", False),
        ("application/vnd.github+json", "application/json", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json", False),
    ],
)
def test_an_accept_header_differs_where_one_does_not_ask_for_json(a: str, b: str, differs: bool) -> None:
    found = asked((("Accept", a),), (("Accept", b),) if b else ())
    assert found == ([("Accept", Kind.VALUE)] if differs else [])


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("Bearer token-1", "Bearer token-2", None),
        ("Bearer token-1", "DPoP token-1", Kind.SCHEME),
        ("Bearer token-1", "token-1", Kind.SCHEME),
        ("Bearer token-1", "Bearer Bearer token-1", Kind.FORM),
        (basic("web", "s"), basic("app", "s"), Kind.VALUE),
        (basic("web", "redacted-client_secret-00000001"), basic("web", "redacted-client_secret-00000002"), Kind.VALUE),
        (basic("web", "redacted-client_secret-00000001"), basic("web", "redacted-password-00000001"), None),
        (basic("web", "s"), "Basic web:s", Kind.FORM),
    ],
)
def test_credentials_differ_in_a_certain_way(a: str, b: str, kind: Kind | None) -> None:
    found = asked((("Authorization", a),), (("authorization", b),), has_common_salt=True)
    assert found == ([("Authorization", kind)] if kind else [])


def test_fingerprints_of_two_salts_tell_nothing() -> None:
    a, b = basic("web", "redacted-client_secret-00000001"), basic("web", "redacted-client_secret-00000002")
    assert asked((("Authorization", a),), (("Authorization", b),)) == []


def test_cookies_are_compared_by_name() -> None:
    a = (("Cookie", "sid=1; .AspNetCore.Correlation.3Kq9xV7sT2mLw8Rz5Yb1Nd=N"),)
    b = (("Cookie", ".AspNetCore.Correlation.8Wn5Yb1Qx3kV9mTz2Lr7Pc=N; sid=2"),)
    assert asked(a, b) == []
    assert asked(a, ()) == [("Cookie", Kind.MISSING)]
    assert asked((("Cookie", "sid=1"),), (("Cookie", "sid=1; theme=dark"),)) == [("Cookie", Kind.WORDS)]


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        ("sid=1; Path=/; Secure; SameSite=None", "sid=2; Path=/; Secure; SameSite=Lax", True),
        ("sid=1; Path=/; Secure", "sid=2; secure; path=/", False),
        ("sid=1; Expires=Mon, 02 Nov 2026 09:14:00 GMT", "sid=2; Expires=Tue, 03 Nov 2026 09:14:00 GMT; Max-Age=3", False),
        ("sid=1; Domain=example.com", "sid=1", True),
    ],
)
def test_the_attributes_of_a_cookie_are_compared(a: str, b: str, differs: bool) -> None:
    assert bool(answered((("Set-Cookie", a),), (("Set-Cookie", b),))) is differs


def test_a_challenge_is_compared_by_its_parameters() -> None:
    a, b = 'Bearer realm="api", scope="read write"', 'Bearer realm="api", scope="read"'
    assert answered((("WWW-Authenticate", a),), (("WWW-Authenticate", b),), status=401) == [("WWW-Authenticate.scope", Kind.WORDS)]
    assert answered((("WWW-Authenticate", a),), (("WWW-Authenticate", "DPoP"),), status=401) == [("WWW-Authenticate", Kind.WORDS)]


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        ("application/json", "application/json; charset=utf-8", False),
        ("application/json", "text/html", True),
        ("application/x-www-form-urlencoded", "application/json", True),
    ],
)
def test_a_content_type_is_compared_without_its_parameters(a: str, b: str, differs: bool) -> None:
    assert bool(asked((("Content-Type", a),), (("Content-Type", b),))) is differs


def test_a_header_of_the_application_is_compared() -> None:
    assert asked((("X-Tenant", "one"),), ()) == [("X-Tenant", Kind.MISSING)]
