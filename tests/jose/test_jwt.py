from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import MAX_CHARACTERS, Kind, Token, take_apart
from oauthctl.jose.sign import sign
from tests.jose.examples import rfc7515_a1, rfc7515_a3, rfc7515_a4, rfc7515_a5, rfc7515_payload

HMAC = Jwk.from_dict({"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")})
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def part(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def token_of(payload: bytes, header: bytes = b'{"alg":"RS256"}', signature: bytes = b"abc") -> str:
    return f"{part(header)}.{part(payload)}.{part(signature)}"


def slugs(token: Token) -> list[str]:
    return [flaw.slug for flaw in token.flaws]


def test_rfc7515_a1_is_taken_apart() -> None:
    token = take_apart(rfc7515_a1)
    assert (token.kind, token.alg, token.typ, token.problems) == (Kind.JWS, "HS256", "jwt", ())
    assert token.payload == rfc7515_payload
    assert token.claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    assert token.signing_input == rfc7515_a1.rpartition(".")[0].encode()
    assert len(token.signature) == 32


def test_rfc7515_a5_is_unsecured() -> None:
    token = take_apart(rfc7515_a5)
    assert (token.kind, token.signature, token.problems) == (Kind.UNSECURED, b"", ())


def test_a_payload_that_is_no_json_is_kept_as_octets() -> None:
    token = take_apart(rfc7515_a4)
    assert (token.kind, token.claims, token.payload, slugs(token)) == (Kind.JWS, None, b"Payload", ["not-json"])


def test_an_encrypted_token_shows_its_header() -> None:
    token = take_apart(f"{part(json.dumps({'alg': 'RSA-OAEP', 'enc': 'A256GCM'}).encode())}.a.b.c.d")
    assert (token.kind, token.alg, token.claims, slugs(token)) == (Kind.JWE, "RSA-OAEP", None, ["encrypted"])


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("", Kind.OPAQUE, ["empty"]),
        ("2YotnFZFEjr1zCsicMWpAA", Kind.OPAQUE, ["opaque"]),
        ("ya29.a0AfH6SMB-xyz.abc", Kind.OPAQUE, ["opaque"]),
        ("x" * (MAX_CHARACTERS + 1), Kind.UNREADABLE, ["too-large"]),
        (f" {rfc7515_a3}\n", Kind.JWS, ["whitespace"]),
        (f"{rfc7515_a3[:40]}\n{rfc7515_a3[40:]}", Kind.JWS, ["whitespace-inside"]),
        (rfc7515_a3.rpartition(".")[0], Kind.JWS, ["parts"]),
        (rfc7515_a3.partition(".")[0], Kind.UNREADABLE, ["parts"]),
        (rfc7515_a3.partition(".")[0][:-4], Kind.UNREADABLE, ["cut-off", "parts"]),
        (rfc7515_a3 + ".x", Kind.UNREADABLE, ["parts"]),
        (rfc7515_a3[:-1] + "R", Kind.JWS, ["loose-base64"]),
        (rfc7515_a3 + "==", Kind.JWS, ["padding"]),
        (rfc7515_a3[:-1] + "€", Kind.JWS, ["not-base64url"]),
        (token_of(b"{}", signature=b""), Kind.JWS, ["no-signature"]),
        (token_of(b"{}", header=b"{}"), Kind.JWS, ["no-algorithm"]),
        (token_of(b"{}", header=b'"x"'), Kind.OPAQUE, ["opaque"]),
        (token_of(b'{"iss":"a"', b'{"alg":"RS256"}'), Kind.JWS, ["cut-off"]),
        (token_of(b'{"iss":"https://op.exa'), Kind.JWS, ["cut-off"]),
        (token_of(b""), Kind.JWS, ["empty-payload"]),
        (token_of(b"[1]"), Kind.JWS, ["not-an-object"]),
        (token_of(b"null"), Kind.JWS, ["not-an-object"]),
        (token_of(b'{"sub":"a","sub":"b"}'), Kind.JWS, ["duplicate-member"]),
        (token_of(b'{"a":{"x":1,"x":2}}'), Kind.JWS, ["duplicate-member"]),
        (token_of(b'{"exp":NaN,"iat":-Infinity}'), Kind.JWS, ["not-a-number", "not-a-number"]),
        (token_of(b'{"exp":' + b"9" * 5000 + b"}"), Kind.JWS, ["huge-number"]),
        (token_of(b'{"exp":1e999}'), Kind.JWS, ["huge-number"]),
        (token_of(b'{"sub":"a\\ud800"}'), Kind.JWS, ["lone-surrogate"]),
        (token_of(b'{"a":' * 5000 + b"1" + b"}" * 5000), Kind.JWS, ["too-deep"]),
        (token_of(b"[" * 100_000), Kind.JWS, ["too-deep"]),
        (token_of(b'{"a":"\xff"}'), Kind.JWS, ["not-utf-8"]),
        (token_of(b"hello.txt", b'{"alg":"HS256","b64":false,"crit":["b64"]}'), Kind.JWS, ["unencoded-payload", "not-json"]),
        (rfc7515_a3 + "~WyJhIl0~", Kind.JWS, ["sd-jwt"]),
    ],
)
def test_what_is_odd_about_a_token_is_named(text: str, kind: Kind, expected: list[str]) -> None:
    token = take_apart(text)
    assert (token.kind, slugs(token)) == (kind, expected)


def test_of_duplicate_members_the_last_is_shown_and_the_name_said() -> None:
    token = take_apart(token_of(b'{"sub":"a","sub":"b"}'))
    assert token.claims == {"sub": "b"}
    assert token.problems == ("the payload has the member `sub` 2 times; the last one is shown",)


def test_brackets_in_strings_are_no_nesting() -> None:
    assert take_apart(token_of(json.dumps({"a": '[{"' * 500}).encode())).problems == ()


def test_lone_surrogates_can_be_printed() -> None:
    token = take_apart(token_of(b'{"sub":"a\\ud800","emoji":"\\ud83d\\ude00"}'))
    assert token.claims == {"sub": "a\ufffd", "emoji": "😀"}


def test_a_repr_shows_no_token() -> None:
    assert rfc7515_a3.rpartition(".")[2] not in repr(take_apart(rfc7515_a3))


@given(st.text() | st.text(alphabet="eyJhbGciOi.=-_+/~ \n{}\"'0\ud800"))
def test_taking_apart_never_raises(text: str) -> None:
    token = take_apart(text)
    assert token.flaws
    assert not token.is_jwt


@given(st.binary(), st.binary())
def test_taking_apart_any_octets_never_raises_and_can_be_written_as_json(header: bytes, payload: bytes) -> None:
    token = take_apart(f"ey{part(header)}.{part(payload)}.")
    json.dumps([token.header, token.claims, token.problems], allow_nan=False).encode()


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_what_is_signed_comes_back(claims: dict[str, object]) -> None:
    token = take_apart(sign(claims, HMAC))
    assert token.claims == claims
    assert (token.kind, token.alg, token.problems) == (Kind.JWS, "HS256", ())
