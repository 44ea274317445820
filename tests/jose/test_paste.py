from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.jose.paste import find_tokens
from tests.jose.examples import rfc7515_a1, rfc7515_a3

JWT = rfc7515_a1
OTHER = rfc7515_a3
JWE = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aXY.Y2lwaGVy.dGFn"


def wrapped(token: str, width: int = 64) -> str:
    return "\n".join(token[start : start + width] for start in range(0, len(token), width))


def part_of(token: str, index: int) -> str:
    return token.split(".")[index]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JWT, [(JWT, "bare token")]),
        (f"  '{JWT}'\n", [(JWT, "bare token")]),
        (f'"{JWT}",', [(JWT, "bare token")]),
        (JWE, [(JWE, "bare token")]),
        (wrapped(JWT), [(JWT, "token with white space inside")]),
        (wrapped(JWT, 7).replace("\n", "\r\n  "), [(JWT, "token with white space inside")]),
        (f"{JWT}\n\n{OTHER}\n", [(JWT, "line 1"), (OTHER, "line 2")]),
        (f"Bearer {JWT}", [(JWT, "Bearer token")]),
        (f"Authorization: Bearer {JWT}", [(JWT, "Authorization header")]),
        ("authorization: bearer mF_9.B5f-4.1JqM", [("mF_9.B5f-4.1JqM", "Authorization header")]),
        (f"curl -H 'Authorization: Bearer {JWT}' https://api.example/", [(JWT, "Authorization header")]),
        (f"Authorization: DPoP {JWT}\nDPoP: {OTHER}\n", [(JWT, "Authorization header"), (OTHER, "DPoP header")]),
        (
            json.dumps({"access_token": "2YotnFZF", "token_type": "Bearer", "refresh_token": "tGzv3JOk", "id_token": JWT}),
            [
                ("2YotnFZF", "access_token of a token response"),
                ("tGzv3JOk", "refresh_token of a token response"),
                (JWT, "id_token of a token response"),
            ],
        ),
        (json.dumps({"data": {"id_token": JWT, "n": 3}}), [(JWT, "id_token of a token response")]),
        (json.dumps([{"jwt": JWT}]), [(JWT, "jwt of JSON")]),
        (json.dumps({"n": int("9" * 4000), "token": JWT}), [(JWT, "token of JSON")]),
        (
            f"https://app.example/cb#id_token={JWT}&access_token=SlAV32hkKG&state=af0ifjsldkj",
            [(JWT, "id_token of a URL's fragment"), ("SlAV32hkKG", "access_token of a URL's fragment")],
        ),
        (f"https://op.example/logout?id_token_hint={JWT.replace('.', '%2E')}", [(JWT, "id_token_hint of a URL's query")]),
        (f"grant_type=x&assertion={JWT}", [(JWT, "assertion of a form")]),
        (f"Set-Cookie: session={JWT}; Path=/; HttpOnly", [(JWT, "cookie session")]),
        (f"Cookie: a=b; id_token={JWT}; c=d", [(JWT, "cookie id_token")]),
        (f"12:03 WARN rejected token {JWT}: expired", [(JWT, "text")]),
        (f"sent {JWT} and {JWT} again", [(JWT, "text")]),
        (
            json.dumps({"protected": part_of(JWT, 0), "payload": part_of(JWT, 1), "signature": part_of(JWT, 2)}),
            [(JWT, "JWS in JSON form")],
        ),
        (
            json.dumps({"payload": part_of(JWT, 1), "signatures": [{"protected": part_of(JWT, 0), "signature": part_of(JWT, 2)}]}),
            [(JWT, "JWS in JSON form (the first of 1 signatures)")],
        ),
        (
            json.dumps({"protected": part_of(JWE, 0), "iv": "aXY", "ciphertext": "Y2lwaGVy", "tag": "dGFn"}),
            [(JWE, "JWE in JSON form")],
        ),
        ("2YotnFZFEjr1zCsicMWpAA", [("2YotnFZFEjr1zCsicMWpAA", "opaque token")]),
        (JWT.rpartition(".")[0], [(JWT.rpartition(".")[0], "bare token")]),
        ("", []),
        ("nothing to see here", []),
        ("the file eyewitness.report.txt is not one", []),
        ("<html><body>502 Bad Gateway</body></html> ", []),
    ],
)
def test_tokens_are_found_where_people_copy_them_from(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.token_text, found.where) for found in find_tokens(text)] == expected


def test_an_opaque_token_is_said_to_be_opaque() -> None:
    (found,) = find_tokens("Bearer 2YotnFZFEjr1zCsicMWpAA")
    assert take_apart(found.token_text).kind == Kind.OPAQUE


@pytest.mark.parametrize("piece", ["ey/", "ey=", "ey.", "\n", "ey-a.", "authorization: ", "a=", "cookie: ", "{", "[", '"', "bearer "])
def test_a_long_text_is_searched_once(piece: str) -> None:
    find_tokens("x " + piece * (300_000 // len(piece)))


@given(st.text() | st.text(alphabet="eyJ.=-_ \n{}[]\"':;?#&%2Eacs_tokn"))
def test_finding_never_raises(text: str) -> None:
    for found in find_tokens(text):
        assert found.token_text
        take_apart(found.token_text)


@given(st.text(alphabet=" \n\t"), st.text(alphabet=" \n\t"))
def test_a_token_is_found_whatever_is_around_it(before: str, after: str) -> None:
    assert [found.token_text for found in find_tokens(f"{before}{JWT}{after}")] == [JWT]
