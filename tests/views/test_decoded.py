"""A token in lines and in JSON: values, dates, remarks, and never a promise that it is good."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.remarks import remarks
from oauthctl.views.decoded import decoded_document, decoded_lines, what_it_is
from oauthctl.views.lines import plain

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENCRYPTED = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aXY.Yw.dGFn"
KEY = Jwk((("kty", "oct"), ("k", "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtb3ItbW9yZQ")))


def shown(text: str, *, width: int = 0) -> list[str]:
    token = take_apart(text)
    return [plain(one) for one in decoded_lines(token, "bare token", now=NOW, remarks=remarks(token, NOW), width=width)]


def test_names_values_and_meanings_stand_in_columns() -> None:
    lines = shown(sign({"sub": "alice", "email_verified": True}, KEY))
    assert "  sub             alice  subject: whom the token is about, unique at the issuer" in lines
    assert "  email_verified  true   whether the provider made sure that the address is the user's" in lines


def test_a_long_value_or_name_has_a_line_of_its_own() -> None:
    name, value = "https://op.example/claims/roles", "https://op.example/realms/a-rather-long-name"
    lines = shown(sign({"sub": "alice", "iss": value, name: "admin"}, KEY))
    at = lines.index(f"  iss  {value}")
    assert lines[at + 1] == "       issuer: who made and signed the token"
    at = lines.index(f"  {name}")
    assert lines[at + 1] == "       admin  not a registered name"


def test_the_algorithm_is_explained_and_an_unknown_one_said_to_be_so() -> None:
    assert any("HMAC with SHA-256" in one for one in shown(sign({}, KEY)))
    assert any("an algorithm that is not known here" in one for one in shown(unsecured({}, header={"alg": "XY1"})))


@pytest.mark.parametrize(
    ("exp", "expected"),
    [
        (1767226440, "2026-01-01 00:14:00 UTC (in 14 minutes)"),
        ("1767226440", "2026-01-01 00:14:00 UTC (in 14 minutes)"),
        (1767226440000, "2026-01-01 00:14:00 UTC (in 14 minutes)"),
        (1767139200, "2025-12-31 00:00:00 UTC (1 day ago)"),
    ],
)
def test_a_time_is_shown_as_date_and_distance(exp: object, expected: str) -> None:
    assert any(one.startswith(f"  exp  {exp}  {expected}") for one in shown(sign({"exp": exp}, KEY)))


@pytest.mark.parametrize("exp", ["soon", None, True, [], 1e300, -1])
def test_a_time_that_is_none_is_shown_as_it_came(exp: object) -> None:
    document = decoded_document(take_apart(sign({"exp": exp}, KEY)), "x", now=NOW, remarks=())
    assert document["claims"] == {"exp": exp}
    assert ("times" in document) == (exp == -1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (sign({}, KEY), "a JWT that says it is signed with `HS256`; nothing was verified"),
        ("eyJhbGciOiJIUzI1NiJ9.aGVsbG8.AAAA", "a JWS that says it is signed with `HS256`; nothing was verified"),
        ("eyJhbGciOiJub25lIn0.aGVsbG8.", "a JWS that is not signed; nothing was verified"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJh.AAAA", "a JWT that says it is signed with `HS256`; nothing was verified"),
        (unsecured({}), "a JWT that is not signed; nothing was verified"),
        (
            ENCRYPTED,
            "an encrypted token (JWE), content under `A128GCM`; only its header can be read",
        ),
        ("opaque", "an opaque token, no JWT"),
        ("ey.a.b.c", "a token that can't be read"),
    ],
)
def test_the_first_line_says_what_it_is(text: str, expected: str) -> None:
    assert what_it_is(take_apart(text)) == expected


def test_a_payload_that_is_no_json_is_shown_as_text() -> None:
    # Source: RFC 7515 section 2 allows any octets.
    text = "eyJhbGciOiJIUzI1NiJ9.aGVsbG8gdGhlcmU.c2ln"
    assert "  hello there" in shown(text)
    assert decoded_document(take_apart(text), "x", now=NOW, remarks=())["payload"] == "hello there"


def test_nothing_is_ever_said_to_be_verified() -> None:
    for text in (sign({}, KEY), unsecured({}), "opaque", "ey.a.b.c", ""):
        assert decoded_document(take_apart(text), "x", now=NOW, remarks=())["verified"] is False
