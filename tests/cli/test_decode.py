"""`oauthctl decode`: whatever comes in, something true comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.jose.jwk import Jwk
from oauthctl.jose.sign import sign, unsecured
from tests.cli.running import oauthctl

SECRET = Jwk((("kty", "oct"), ("k", "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtb3ItbW9yZQ")))
CLAIMS = {"iss": "https://op.example", "sub": "alice", "aud": "app", "iat": 1767225600, "exp": 1767226500}
TOKEN = sign(CLAIMS, SECRET)
OPAQUE = "gho_16C7e42F292c6912E7710c838347Ae178B4a"
AT = "2026-01-01T00:01:00Z"

# Source: RFC 7519 section 3.1.
rfc7519_section_3_1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# Source: RFC 7519 section 6.1.
rfc7519_section_6_1 = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
# Source: RFC 7516 appendix A.1.7, shortened after the header.
rfc7516_appendix_a_1 = (
    "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9k"
    ".48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT"
)


def test_claims_are_shown_with_meaning_and_times_as_dates() -> None:
    ran = oauthctl("decode", TOKEN, "--at", AT)
    assert ran.code == 0
    assert "exp  1767226500  2026-01-01 00:15:00 UTC (in 14 minutes)\n" in ran.out
    assert "expiration time: from this moment on the token must be refused" in ran.out
    assert "sub  alice               subject: whom the token is about" in ran.out
    assert "nothing was verified" in ran.out.splitlines()[0]
    assert "nothing was verified" in ran.err


def test_the_example_of_the_standard_is_read() -> None:
    ran = oauthctl("decode", "--json", "--at", "2011-03-22T18:00:00Z", stdin=rfc7519_section_3_1)
    document = json.loads(ran.out)
    assert document["header"] == {"typ": "JWT", "alg": "HS256"}
    assert document["claims"] == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    assert document["times"] == {"exp": {"at": "2011-03-22T18:43:00Z", "in_seconds": 2580.0}}
    assert document["verified"] is False
    assert document["signature"] == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.mark.parametrize(
    ("token", "remark"),
    [
        (TOKEN, "the token has expired"),
        (rfc7519_section_6_1, "`alg` is `none`"),
        (sign(CLAIMS | {"exp": 1767226500000}, SECRET), "`exp` is in milliseconds"),
        (sign({"sub": "alice"}, SECRET), "there is no `exp`"),
        (rfc7516_appendix_a_1, "five parts: an encrypted token"),
    ],
)
def test_what_is_odd_is_remarked(token: str, remark: str) -> None:
    ran = oauthctl("decode", "-", "--at", "2026-02-01", stdin=token)
    assert ran.code == 0
    assert remark in ran.out


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"Bearer {TOKEN}", "Bearer token"),
        (json.dumps({"access_token": TOKEN, "token_type": "Bearer"}, indent=2), "access_token of a token response"),
        (f"https://app.example/cb#id_token={TOKEN}&state=s", "id_token of a URL's fragment"),
        (f"Cookie: session={TOKEN}; theme=dark", "cookie session"),
        (f"GET /api HTTP/1.1\nHost: api.example\nAuthorization: Bearer {TOKEN}\n", "Authorization header"),
        (f"curl -H 'Authorization: Bearer {TOKEN}' \\\n  https://api.example\n", "Authorization header"),
        (f"{TOKEN[:40]}\n{TOKEN[40:]}\n", "token with white space inside"),
    ],
)
def test_a_token_is_found_in_what_people_copy(text: str, where: str) -> None:
    document = json.loads(oauthctl("decode", "--json", stdin=text).out)
    assert (document["where"], document["claims"]) == (where, CLAIMS)


def test_both_tokens_of_an_answer_are_shown() -> None:
    text = json.dumps({"access_token": "opaque-0123456789", "id_token": TOKEN})
    ran = oauthctl("decode", stdin=text)
    assert ran.code == 0
    assert "access_token of a token response: an opaque token, no JWT\n" in ran.out
    assert "id_token of a token response: a JWT" in ran.out
    document = json.loads(oauthctl("decode", "--json", stdin=text).out)
    assert document["kind"] == "opaque"
    assert [one["claims"] for one in document["more"]] == [CLAIMS]


def test_many_lines_give_a_json_line_each_in_order() -> None:
    lines = [TOKEN, OPAQUE, "no token here", "", f"Authorization: Bearer {rfc7519_section_6_1}", TOKEN[:30], "}"]
    ran = oauthctl("decode", "--json", stdin="\n".join(lines) + "\n")
    documents = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [document["kind"] for document in documents] == ["JWS", "opaque", "none", "none", "unsecured", "unreadable", "none"]
    assert [bool(document["problems"]) for document in documents] == [False, True, True, True, False, True, True]
    assert [document["line"] for document in documents] == list(range(1, 8))


def test_a_token_and_a_broken_line_are_two_lines() -> None:
    ran = oauthctl("decode", "--json", stdin=f"{TOKEN}\nbroken\n")
    assert [json.loads(line)["kind"] for line in ran.out.splitlines()] == ["JWS", "none"]


def test_each_of_many_lines_is_labelled_and_an_empty_hand_is_said() -> None:
    ran = oauthctl("decode", stdin=f"{TOKEN}\nno token here\n\nBearer {OPAQUE}\n}}\n")
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if line.startswith("line ")] == [
        "line 1, bare token: a JWT that says it is signed with `HS256`; nothing was verified",
        "line 4, Bearer token: an opaque token, no JWT",
    ]
    assert [line for line in ran.err.splitlines() if line.startswith("line ")] == ["line 2: no token", "line 5: no token"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["no token"] * 12 + [TOKEN], "12 lines hold no token: 1-12"),
        (["no token", TOKEN] * 11, "11 lines hold no token: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and more"),
    ],
)
def test_many_lines_without_a_token_are_summed_up(lines: list[str], said: str) -> None:
    assert oauthctl("decode", stdin="\n".join(lines)).err.splitlines()[0] == said


@pytest.mark.parametrize("size", [40, 50, 64])
def test_a_wrapped_token_is_one_token_even_when_it_was_cut_off(size: int) -> None:
    for token in (TOKEN, TOKEN[:-60]):
        wrapped = "\n".join(token[at : at + size] for at in range(0, len(token), size))
        assert len(oauthctl("decode", "--json", stdin=wrapped).out.splitlines()) == 1


@pytest.mark.parametrize(("text", "lines"), [("two words\nmore of them\n", 2), ("opaque-one\nopaque-two\n", 2)])
def test_lines_without_any_readable_token_give_exit_code_1(text: str, lines: int) -> None:
    ran = oauthctl("decode", "--json", stdin=text)
    assert (ran.code, len(ran.out.splitlines())) == (1, lines)


@pytest.mark.parametrize("text", ["", "\n", "hello world, no token"])
def test_no_token_is_an_answer_and_no_crash(text: str) -> None:
    ran = oauthctl("decode", "-", stdin=text)
    assert (ran.code, ran.out) == (1, "")
    assert "error[no-token]" in ran.err


def test_an_opaque_token_is_said_to_be_one_with_exit_code_1() -> None:
    ran = oauthctl("decode", "gho_16C7e42F292c6912E7710c838347Ae178B4a")
    assert ran.code == 1
    assert "an opaque token, no JWT" in ran.out


def test_a_file_is_read_and_a_missing_one_named(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_bytes(b"\xef\xbb\xbf" + TOKEN.encode() + b"\r\n")
    assert json.loads(oauthctl("decode", "--json", f"@{tmp_path / 'token.txt'}").out)["claims"] == CLAIMS
    ran = oauthctl("decode", f"@{tmp_path / 'absent'}")
    assert (ran.code, ran.out) == (2, "")
    assert "can't be read: no such file" in ran.err


def test_at_a_terminal_without_an_argument_nobody_is_kept_waiting() -> None:
    ran = oauthctl("decode", stdin=None)
    assert (ran.code, ran.out) == (2, "")
    assert "no token was given" in ran.err
    assert "oauthctl decode @FILE" in ran.err


@pytest.mark.parametrize("time", ["2026-01-01T00:01:00Z", "2026-01-01T01:01:00+01:00", "2026-01-01T00:01:00", "1767225660", "1767225660.0"])
def test_the_clock_can_be_set(time: str) -> None:
    assert "(in 14 minutes)" in oauthctl("decode", TOKEN, "--at", time).out


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "9" * 30, "--"])
def test_a_clock_that_cannot_be_read_is_a_usage_error(time: str) -> None:
    ran = oauthctl("decode", TOKEN, f"--at={time}")
    assert (ran.code, ran.out) == (2, "")
    assert "`--at` can't be" in ran.err


def test_control_characters_of_a_token_do_not_reach_the_terminal() -> None:
    token = unsecured({"sub": "a\x1b[31mb", "na\x1bme": "\u202e", "exp": "\x07"}, header={"kid": "\x9b2J", "alg": "\x1b]0;x\x07"})
    ran = oauthctl("decode", token, columns=80)
    assert ran.code == 0
    assert not {char for char in ran.out if ord(char) < 32 and char != "\n"} | ({"\x9b", "\u202e"} & set(ran.out))


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_lines_fit_the_terminal(columns: int) -> None:
    claims = CLAIMS | {"https://op.example/claims/a-long-name": ["admin"] * 20, "nonce": "n" * 30}
    ran = oauthctl("decode", sign(claims, SECRET), columns=columns)
    assert [line for line in ran.out.splitlines() if len(line) > columns and len(line.split()) > 1] == []


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for argv in (("decode", "-"), ("decode", "--json")):
        ran = oauthctl(*argv, stdin=text)
        assert ran.code in (0, 1)
        assert "bug" not in ran.err


def test_on_a_pipe_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from oauthctl.cli.main import main; from oauthctl.cli.terminal import Terminal\n"
        "code = main(sys.argv[1:], Terminal(sys.stdin, sys.stdout, sys.stderr, {}))\n"
        "heavy = {'httpx', 'cryptography', 'jwt', 'rich', 'filelock', 'platformdirs', 'ssl', 'asyncio'}\n"
        "sys.stderr.write(' '.join(sorted(heavy & set(sys.modules)))); sys.exit(code)"
    )
    for arguments in (["decode", "-"], ["decode", "--json"]):
        done = subprocess.run([sys.executable, "-c", code, "--quiet", *arguments], input=TOKEN, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "alice" in done.stdout
