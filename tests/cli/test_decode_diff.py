"""`oauthctl decode --diff`: in what two tokens differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oauthctl.jose.jwk import Jwk
from oauthctl.jose.sign import sign
from tests.cli.running import Ran, oauthctl

SECRET = Jwk((("kty", "oct"), ("k", "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtb3ItbW9yZQ")))
CLAIMS = {"iss": "https://op.example", "sub": "alice", "aud": "app", "jti": "one-1", "iat": 1767225600, "exp": 1767226500}
NEXT_DAY = {"jti": "two-2", "iat": 1767312000, "exp": 1767312900}
AT = "2026-01-01T00:01:00Z"


def token(**claims: object) -> str:
    return sign({name: value for name, value in (CLAIMS | claims).items() if value is not None}, SECRET)


def diff(*argv: str, stdin: str = "", columns: int = 0) -> Ran:
    return oauthctl("decode", "--diff", *argv, "--at", AT, stdin=stdin, columns=columns)


def places(*tokens: str) -> list[tuple[str, str]]:
    ran = diff("--json", stdin="\n".join(tokens) + "\n")
    assert ran.err == ""
    document = json.loads(ran.out)
    found = [(one["place"], one["kind"]) for one in document["differences"]]
    assert (ran.code, document["verdict"]) == ((1, "different") if found else (0, "equal"))
    return found


@pytest.mark.parametrize(
    ("claims", "place", "kind"),
    [
        ({"iss": "https://op.example/"}, "token.claims.iss", "trailing-slash"),
        ({"iss": "http://op.example"}, "token.claims.iss", "scheme"),
        ({"sub": "bob"}, "token.claims.sub", "value"),
        ({"aud": ["app", "api"]}, "token.claims.aud", "words"),
        ({"aud": ["app"]}, "token.claims.aud", "type"),
        ({"aud": None}, "token.claims.aud", "missing"),
        ({"scope": "openid"}, "token.claims.scope", "extra"),
        ({"exp": 1767226500000}, "token.claims.exp", "form"),
        ({"exp": "1767226500"}, "token.claims.exp", "type"),
        ({"exp": 1767225630}, "token.claims.exp", "lifetime"),
        ({"iat": 1767139200, "exp": 1767140100}, "token.claims.exp", "validity"),
        ({"jti": None}, "token.claims.jti", "missing"),
    ],
)
def test_a_claim_differs_in_a_certain_way(claims: dict[str, object], place: str, kind: str) -> None:
    assert (place, kind) in places(token(), token(**claims))


def test_what_is_new_in_each_token_is_left_out() -> None:
    ran = oauthctl("decode", "--diff", "--at", "2026-02-01", stdin=f"{token()}\n{token(**NEXT_DAY)}\n")
    assert (ran.code, ran.err) == (0, "nothing differs but what is new in each token\n")


def test_the_algorithm_is_compared() -> None:
    other = sign(CLAIMS, SECRET, alg="HS512")
    assert places(token(), other) == [("token.header.alg", "value")]


def test_a_jwt_and_an_opaque_token_differ_in_their_form() -> None:
    assert places(token(), "gho_16C7e42F292c6912E7710c838347Ae178B4a") == [("token", "form")]


def test_two_files_can_be_named(tmp_path: Path) -> None:
    for name, text in (("works.txt", token()), ("fails.txt", token(aud="other"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = diff(f"@{tmp_path / 'works.txt'}", f"@{tmp_path / 'fails.txt'}")
    assert ran.code == 1
    assert ran.out.startswith(f"A  {tmp_path / 'works.txt'}, ")
    assert "token.claims.aud  value\n  A app\n  B other\n" in ran.out
    assert ran.err == "1 difference; nothing was verified\n"


def test_of_two_answers_the_tokens_of_the_same_name_are_compared(tmp_path: Path) -> None:
    for name, aud in (("a.json", "app"), ("b.json", "other")):
        answer = {"access_token": token(aud="api"), "id_token": token(aud=aud)}
        members = answer if name == "a.json" else {"id_token": answer["id_token"]}
        (tmp_path / name).write_text(json.dumps(members), encoding="utf-8")
    ran = diff(f"@{tmp_path / 'a.json'}", f"@{tmp_path / 'b.json'}", "--json")
    assert [(one["a"], one["b"]) for one in json.loads(ran.out)["differences"]] == [("app", "other")]


@pytest.mark.parametrize("columns", [60, 100, 140])
def test_no_line_is_longer_than_the_terminal(columns: int) -> None:
    ran = diff(stdin=f"{token()}\n{token(aud='other', iss='https://other.example/a/rather/long/path/of/an/issuer')}\n", columns=columns)
    assert max(map(len, ran.out.splitlines())) <= columns


@pytest.mark.parametrize(
    ("argv", "stdin", "message"),
    [
        (("--diff",), token(), "the text holds one token"),
        (("--diff",), "\n", "no token was found in the text"),
        (("--diff", "-", "-"), "", "stdin can't be both tokens"),
        ((token(), token()), "", "two tokens were given"),
    ],
)
def test_what_can_not_be_compared_is_refused(argv: tuple[str, ...], stdin: str, message: str) -> None:
    ran = oauthctl("decode", *argv, stdin=stdin)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_words_are_no_tokens_to_compare() -> None:
    ran = diff("hello", "world")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing can be compared" in ran.err


def test_opaque_tokens_are_told_to_hide_what_they_are() -> None:
    ran = diff("gho_16C7e42F292c6912E7710c838347Ae178B4a", "gho_26C7e42F292c6912E7710c838347Ae178B4b")
    assert (ran.code, ran.err) == (3, "nothing in them can be compared: they can't be read\n")


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), ([1, {"a": 2}], [1.0, {"a": 2.0}])])
def test_a_number_is_the_same_with_a_point(one: object, other: object) -> None:
    assert places(token(level=one), token(level=other)) == []
