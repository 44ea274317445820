"""`oauthctl call`: what is sent, where the answer goes, and what follows a refusal."""

from __future__ import annotations

import io
import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.http import Request
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.profiles import Profile
from tests.cli.person import isolated
from tests.cli.running import Ran
from tests.cli.scripted import SECRET, Home, Scripted, granting, reply, scripted
from tests.shell.servers import read_request, serving

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

INVALID = 'Bearer error="invalid_token", error_description="it has ended"'


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(token=granting(refresh_token="rt-fresh-1"), api=reply(200, '{"items": []}')) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    made = Home(tmp_path, server)
    made.hold()
    return made


def url(home: Home, path: str = "/api") -> str:
    return home.server.issuer + path


def sent(home: Home, path: str = "/api") -> Request:
    (request,) = home.server.asked(path)
    return request


def in_bytes(home: Home, *argv: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Like `Home.run`, with bytes on stdin and stdout."""
    stdout, stderr = io.BytesIO(), io.StringIO()
    with io.TextIOWrapper(stdout) as stream:
        code = main(list(argv), Terminal(io.TextIOWrapper(io.BytesIO(stdin)), stream, stderr, isolated(home.folder)))
        return code, stdout.getvalue(), stderr.getvalue()


def test_a_get_with_the_token(home: Home) -> None:
    ran = home.run("call", url(home, "/api?page=2"))
    assert ran == Ran(0, '{"items": []}', "")
    request = sent(home)
    assert request.method == "GET"
    assert request.url.endswith("/api?page=2")
    assert request.headers.all("authorization") == ("Bearer at-held-0",)
    assert request.body == b""


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_each_success_is_exit_code_0(home: Home, status: int) -> None:
    home.server.answers["/api"] = reply(status, "" if status == 204 else "body")
    assert home.run("call", url(home)).code == 0


@pytest.mark.parametrize(
    ("argv", "method", "kind", "body"),
    [
        (("--data", "a=1&b=2"), "POST", "application/x-www-form-urlencoded", b"a=1&b=2"),
        (("--json", '{"a": "ü"}'), "POST", "application/json", '{"a": "ü"}'.encode()),
        (("-d", "plain", "-H", "Content-Type: text/plain"), "POST", "text/plain", b"plain"),
        (("-d", "plain", "-H", "content-type: text/plain"), "POST", "text/plain", b"plain"),
        (("-d", "a\udcff"), "POST", "application/x-www-form-urlencoded", b"a\xff"),
        (("-d", "@-"), "POST", "application/x-www-form-urlencoded", b"\x00\xff from stdin"),
        (("--json", "@-"), "POST", "application/json", b"\x00\xff from stdin"),
    ],
)
def test_bodies(home: Home, argv: tuple[str, ...], method: str, kind: str, body: bytes) -> None:
    code, _, err = in_bytes(home, "call", url(home), *argv, stdin=b"\x00\xff from stdin")
    assert code == 0, err
    request = sent(home)
    assert (request.method, request.headers.all("content-type"), request.body) == (method, (kind,), body)


def test_a_body_from_a_file_is_sent_byte_by_byte(home: Home, tmp_path: Path) -> None:
    body = bytes(range(256)) * 300
    (tmp_path / "body").write_bytes(body)
    assert home.run("call", url(home), "-d", f"@{tmp_path / 'body'}").code == 0
    assert sent(home).body == body


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "get", "PROPFIND"])
def test_the_method_is_the_first_word(home: Home, method: str) -> None:
    assert home.run("call", method, url(home), "-d", "x").code == 0
    assert sent(home).method == method.upper()


def test_headers_of_ones_own(home: Home) -> None:
    assert home.run("call", url(home), "-H", "X-Trace:  a:b ", "-H", "Accept: text/csv", "-H", "X-Trace: c").code == 0
    headers = sent(home).headers
    assert headers.all("x-trace") == ("a:b", "c")
    assert headers.all("accept") == ("text/csv",)


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (("URL", "-H", "Authorization: Basic eDp5"), "`Authorization`"),
        (("URL", "-H", "authorization:x"), "`Authorization`"),
        (("URL", "-H", "no colon"), "has no `:`"),
        (("URL", "-H", ": empty"), "has no `:`"),
        (("URL", "-H", "X-Two: a\r\nX-Lines: b"), "HTTP can't carry"),
        (("URL", "-H", "X Blank: b"), "HTTP can't carry"),
        (("URL", "-d", "a", "--json", "{}"), "both"),
        (("URL", "-d", "@/nowhere/at/all"), "can't be read"),
        (("GET", "URL", "more"), "too many words"),
        (("GET /x", "URL"), "HTTP can't carry"),
        (("URL", "POST"), "`POST` is no http or https URL"),
        (("ftp://api.example/x",), "no http or https URL"),
        (("/items",), "no http or https URL"),
    ],
)
def test_a_command_line_that_cannot_be_meant_sends_nothing(home: Home, argv: tuple[str, ...], word: str) -> None:
    ran = home.run("call", *(url(home) if one == "URL" else one for one in argv))
    assert (ran.code, ran.out) == (2, "")
    assert word in ran.err
    assert home.server.requests == []


@pytest.mark.parametrize(
    "target", ["http://api.example/items", "http://192.0.2.1/", "http://localhost.example/", "http://127.0.0.1.example/"]
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_plain_http_off_this_machine_is_refused_before_any_connection(home: Home, target: str, dry: tuple[str, ...]) -> None:
    ran = home.run("call", target, *dry)
    assert (ran.code, ran.out) == (2, "")
    assert "error[token-without-tls]" in ran.err
    assert "RFC 6750 section 5.3" in ran.err
    assert not (home.folder / "state" / "recordings").exists()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(home: Home, status: int) -> None:
    with scripted(elsewhere=reply(200, "stolen")) as other:
        home.server.answers["/api"] = reply(status, "moved", Location=f"{other.issuer}/elsewhere")
        ran = home.run("call", url(home))
        assert other.requests == []
    assert (ran.code, ran.out) == (0, "moved")
    assert f"{other.issuer}/elsewhere" in ran.err
    assert "not sent along" in ran.err


def test_a_304_is_no_redirect(home: Home) -> None:
    home.server.answers["/api"] = reply(304)
    ran = home.run("call", url(home), "-H", 'If-None-Match: "1"')
    assert (ran.code, ran.out) == (0, "")
    assert "redirect" not in ran.err
    assert "status 304" in ran.err


def test_a_refused_token_is_refreshed_and_the_call_made_once_more(home: Home) -> None:
    home.server.answers["/api"] = [reply(401, "ended", WWW_Authenticate=INVALID), reply(200, "fine")]
    ran = home.run("call", "POST", url(home), "-d", "a=1")
    assert (ran.code, ran.out) == (0, "fine")
    assert home.server.paths == ["/api", "/token", "/api"]
    first, second = home.server.asked("/api")
    assert second.headers.get("authorization") == "Bearer at-fresh-1"
    assert (first.method, first.body) == (second.method, second.body) == ("POST", b"a=1")
    assert home.tokens is not None
    assert (home.tokens.access_token, home.tokens.refresh_token) == ("at-fresh-1", "rt-fresh-1")


def test_an_api_that_always_says_invalid_token_gets_two_calls_and_its_body_is_printed_once(home: Home) -> None:
    home.server.answers["/api"] = reply(401, "no entry", WWW_Authenticate=INVALID)
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (4, "no entry")
    assert home.server.paths == ["/api", "/token", "/api"]
    assert "oauthctl login work" in ran.err
    assert "not refreshed" not in ran.err


OTHER_401 = [
    {},
    {"WWW_Authenticate": 'Basic realm="x"'},
    {"WWW_Authenticate": "Bearer"},
    {"WWW_Authenticate": 'Bearer error="invalid_request"'},
]


@pytest.mark.parametrize("headers", OTHER_401)
def test_a_401_that_does_not_say_invalid_token_is_not_repeated_and_says_why(home: Home, headers: dict[str, str]) -> None:
    home.server.answers["/api"] = reply(401, "no entry", **headers)
    ran = home.run("call", "POST", url(home), "-d", "pay=1")
    assert (ran.code, ran.out) == (4, "no entry")
    assert home.server.paths == ["/api"]
    assert "does not say `invalid_token`" in ran.err
    assert "`oauthctl refresh --profile work`" in ran.err


@pytest.mark.parametrize(("challenge", "paths"), [('Bearer realm="x"', ["/api", "/token", "/api"]), ('Basic realm="x"', ["/api"])])
def test_a_bare_challenge_to_a_token_that_has_ended_is_taken_for_invalid_token(home: Home, challenge: str, paths: list[str]) -> None:
    home.hold(seconds=-5)
    home.server.answers["/api"] = reply(401, "ended", WWW_Authenticate=challenge)
    ran = home.run("call", url(home))
    assert ran.code == 4
    assert home.server.paths == paths
    assert ("not refreshed" in ran.err) == (len(paths) == 1)


def test_without_a_refresh_token_no_refresh_is_named(home: Home) -> None:
    home.hold(refresh_token="")
    home.server.answers["/api"] = reply(401, "no entry")
    assert "oauthctl refresh" not in home.run("call", url(home)).err


@pytest.mark.parametrize(("token_type", "word"), [("mac", "`mac`"), ("N_A", "`N_A`")])
@pytest.mark.parametrize("command", ["call", "userinfo"])
def test_a_token_of_an_unknown_type_is_not_sent(home: Home, token_type: str, word: str, command: str) -> None:
    home.hold(token_type=token_type)
    ran = home.run(command, *((url(home),) if command == "call" else ()))
    assert (ran.code, ran.out) == (3, "")
    assert "error[token-type-unknown]" in ran.err
    assert word in ran.err
    assert home.server.paths == []


@pytest.mark.parametrize("command", ["call", "userinfo"])
def test_a_bound_token_without_its_key_is_not_sent(home: Home, command: str) -> None:
    home.hold(token_type="DPoP")
    ran = home.run(command, *((url(home),) if command == "call" else ()))
    assert (ran.code, ran.out) == (3, "")
    assert "error[dpop-key-missing]" in ran.err
    assert home.server.paths == []


def test_a_401_that_a_fresh_token_does_not_mend_is_not_tried_again(home: Home) -> None:
    home.server.answers["/api"] = reply(401, "odd", WWW_Authenticate='Bearer error="invalid_request"')
    assert home.run("call", url(home)).code == 4
    assert home.server.paths == ["/api"]


def test_without_a_refresh_token_a_401_is_the_answer(home: Home) -> None:
    home.hold(refresh_token="")
    home.server.answers["/api"] = reply(401, "ended", WWW_Authenticate=INVALID)
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (4, "ended")
    assert "the API says: it has ended" in ran.err
    assert home.server.paths == ["/api"]


def test_a_refused_refresh_names_the_login_command(home: Home) -> None:
    home.server.answers |= {"/api": reply(401, "ended", WWW_Authenticate=INVALID), "/token": reply(400, {"error": "invalid_grant"})}
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (4, "")
    assert "`oauthctl login work`" in ran.err
    assert home.server.paths == ["/api", "/token"]


def test_too_little_scope_names_the_login_with_all_scopes(home: Home) -> None:
    challenge = 'Bearer error="insufficient_scope", scope="items.write items.read", error_description="more is needed"'
    home.server.answers["/api"] = reply(403, "no", WWW_Authenticate=challenge)
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (4, "no")
    assert "oauthctl login work --scope 'openid items.read items.write'" in ran.err
    assert "the API says: more is needed" in ran.err
    assert home.server.paths == ["/api"]


def test_a_scope_out_of_a_challenge_is_quoted_for_the_shell(home: Home) -> None:
    home.server.answers["/api"] = reply(403, WWW_Authenticate='Bearer error="insufficient_scope", scope="$(reboot) \';x"')
    assert "--scope 'openid items.read $(reboot) '\"'\"';x'" in home.run("call", url(home)).err


def test_words_of_an_api_do_not_steer_the_terminal(home: Home) -> None:
    home.server.answers["/api"] = reply(401, WWW_Authenticate='Bearer error="invalid_request", error_description="\x9b2J"')
    assert "\x9b" not in home.run("call", url(home)).err


@pytest.mark.parametrize("status", [400, 404, 409, 429, 500, 503])
def test_what_is_no_success_is_exit_code_4_and_its_body_is_printed(home: Home, status: int) -> None:
    home.server.answers["/api"] = reply(status, "why")
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (4, "why")
    assert f"status {status}" in ran.err


def test_the_query_is_not_repeated_on_stderr(home: Home) -> None:
    home.server.answers["/api"] = reply(500)
    assert "hush" not in home.run("call", url(home, "/api?key=hush")).err


@pytest.mark.parametrize("status", [200, 404])
def test_include_prints_the_head_first(home: Home, status: int) -> None:
    home.server.answers["/api"] = reply(status, "body", X_Limit="7")
    lines = home.run("call", url(home), "-i").out.split("\n")
    assert lines[0] == f"HTTP/1.1 {status} Said"
    assert "X-Limit: 7" in lines
    assert lines[-2:] == ["", "body"]


def test_the_head_of_a_401_that_is_tried_again_is_not_printed(home: Home) -> None:
    home.server.answers["/api"] = [reply(401, "ended", WWW_Authenticate=INVALID), reply(200, "fine")]
    out = home.run("call", url(home), "-i").out
    assert out.count("HTTP/1.1 ") == 1
    assert "HTTP/1.1 200" in out


def test_a_binary_body_is_exact(home: Home, tmp_path: Path) -> None:
    body = bytes(range(256)) * 5000
    home.server.answers["/api"] = reply(200, body, kind="application/octet-stream")
    code, out, err = in_bytes(home, "call", url(home))
    assert (code, out, err) == (0, body, "")
    target = tmp_path / "answer"
    target.write_bytes(b"what was there before" * 1_000_000)
    ran = home.run("call", url(home), "-o", str(target))
    assert (ran.code, ran.out) == (0, "")
    assert target.read_bytes() == body


def test_a_body_larger_than_an_answer_may_be_elsewhere_is_streamed(home: Home) -> None:
    body = b"0123456789abcdef" * 800_000
    home.server.answers["/api"] = reply(200, body)
    code, out, _ = in_bytes(home, "call", url(home))
    assert (code, out) == (0, body)


def test_a_terminal_gets_no_control_characters(home: Home) -> None:
    home.server.answers["/api"] = reply(200, "a\x1b[2Jb\n")
    assert home.run("call", url(home), columns=80).out == "a\\x1b[2Jb\n"


@pytest.mark.parametrize(("place", "why"), [("", "it is a directory"), ("no/such", "there is no directory")])
def test_a_place_that_no_file_can_have_is_said_before_anything_is_sent(home: Home, tmp_path: Path, place: str, why: str) -> None:
    ran = home.run("call", "POST", url(home), "-o", str(tmp_path / place))
    assert (ran.code, ran.out) == (2, "")
    assert f"can't be written: {why}" in ran.err
    assert home.server.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("status", [200, 404])
def test_a_full_disk_is_said(home: Home, status: int) -> None:
    home.server.answers["/api"] = reply(status, "body")
    ran = home.run("call", url(home), "-o", "/dev/full")
    assert (ran.code, ran.out) == (2, "")
    assert "can't be written: no space left" in ran.err


def test_chunks_go_out_as_they_come(tmp_path: Path) -> None:
    """The server sends its second chunk only after the first one was seen on stdout."""
    seen = Event()

    class Watched(io.BytesIO):
        def write(self, octets: ReadableBuffer) -> int:
            seen.set()
            return super().write(octets)

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        word = b"later" if seen.wait(5) else b"blind"
        sock.sendall(b"5\r\n" + word + b"\r\n0\r\n\r\n")

    with scripted() as script, serving(talk) as slow:
        home = Home(tmp_path, script)
        home.hold()
        stdout = Watched()
        with io.TextIOWrapper(stdout) as stream:
            code = main(["call", f"{slow.url}/"], Terminal(io.StringIO(), stream, io.StringIO(), isolated(tmp_path)))
            assert (code, stdout.getvalue()) == (0, b"firstlater")


def test_an_answer_that_breaks_off_is_no_success(tmp_path: Path) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with scripted() as script, serving(talk) as broken:
        home = Home(tmp_path, script)
        home.hold()
        ran = home.run("call", f"{broken.url}/")
    assert ran.code == 3
    assert "error" in ran.err


def test_garbage_for_an_answer_is_exit_code_3(tmp_path: Path) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"\x00\x01 no HTTP at all\r\n\r\n")

    with scripted() as script, serving(talk) as garbage:
        home = Home(tmp_path, script)
        home.hold()
        ran = home.run("call", f"{garbage.url}/")
    assert (ran.code, ran.out) == (3, "")


def test_an_unreachable_api_is_exit_code_3(home: Home) -> None:
    ran = home.run("call", "http://127.0.0.1:9/")
    assert (ran.code, ran.out) == (3, "")
    assert "at-held-0" not in ran.err


def test_a_token_that_no_header_can_carry_is_not_sent(home: Home) -> None:
    home.hold(access_token="two\r\nX-Injected: lines")
    ran = home.run("call", url(home))
    assert ran.code == 3
    assert "error[access-token-unusable]: the access token" in ran.err
    assert home.server.requests == []
    assert "X-Injected" not in ran.err + home.recordings


def test_a_dry_run_masks_the_token_and_sends_nothing(home: Home) -> None:
    ran = home.run("call", url(home), "--json", '{"name": "tea"}', "--dry-run")
    assert ran.code == 0
    assert ran.out.startswith("curl ")
    assert url(home) in ran.out
    assert '{"name": "tea"}' in ran.out
    assert "Authorization: " in ran.out
    assert "at-held-0" not in ran.out + ran.err
    assert home.server.requests == []


@pytest.mark.parametrize("argv", [("-H", "X: a\r\nY: b"), ("-H", "X Y: b"), ("-H", "X: \x00")])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_dry_run_refuses_what_the_real_run_refuses(home: Home, argv: tuple[str, ...], dry: tuple[str, ...]) -> None:
    ran = home.run("call", url(home), *argv, *dry)
    assert (ran.code, ran.out) == (2, "")
    assert "HTTP can't carry" in ran.err
    assert home.server.requests == []


def spellings(token: str) -> dict[str, str]:
    """An answer that repeats the token wherever an answer can."""
    return {
        "WWW_Authenticate": f'Bearer error="insufficient_scope", error_description="Bearer {token}", scope="read {token}"',
        "Location": f"http://elsewhere.example/?t={token}&b={b64encode(token.encode()).decode()}#access_token={token}",
    }


@pytest.mark.parametrize("status", [302, 401, 403, 500])
@pytest.mark.parametrize("argv", [(), ("--trace",), ("--trace", "--verbose")])
def test_a_token_that_the_answer_repeats_is_not_shown(home: Home, status: int, argv: tuple[str, ...]) -> None:
    home.hold(access_token="at/held+0-very=secret")
    home.server.answers["/api"] = reply(status, "no", **spellings("at/held+0-very=secret"))
    ran = home.run("call", url(home), *argv)
    assert f"status {status}" in ran.err or status == 200
    assert "very=secret" not in ran.err
    assert b64encode(b"at/held+0-very=secret").decode() not in ran.err
    assert "redacted-" in ran.err or status == 500


def test_the_trace_names_a_secret_as_the_recording_does(home: Home) -> None:
    home.server.answers["/api"] = reply(401, "no", WWW_Authenticate='Bearer error="x", error_description="at-held-0 is bad"')
    ran = home.run("call", url(home), "--trace")
    (name,) = set(re.findall(r"redacted-access_token-[0-9a-f]{8}", ran.err))
    assert name in home.recordings


def test_an_answer_that_breaks_off_leaves_the_old_file_and_says_where_the_part_is(tmp_path: Path) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    target = tmp_path / "o"
    target.write_bytes(b"OLD")
    with scripted() as script, serving(talk) as broken:
        home = Home(tmp_path / "home", script)
        home.hold()
        ran = home.run("call", f"{broken.url}/", "-o", str(target))
    assert ran.code == 3
    assert (target.read_bytes(), (tmp_path / "o.part").read_bytes()) == (b"OLD", b"half")
    assert f"what came of the body is in `{target}.part`" in ran.err


def test_tokens_that_do_not_fit_the_profile_are_not_sent(home: Home) -> None:
    home.profile(scope=("something.else",))
    ran = home.run("call", url(home))
    assert (ran.code, ran.out) == (2, "")
    assert "error[tokens-mismatch]" in ran.err
    assert home.server.requests == []


def test_an_error_of_call_is_no_json_though_its_body_is(home: Home) -> None:
    assert home.run("call", "nowhere", "--json", "{}").err.startswith("error: ")


def test_without_arguments_the_help_is_shown(home: Home) -> None:
    ran = home.run("call")
    assert ran.code == 0
    assert "Call an API with the access token" in ran.out


def test_the_recording_holds_neither_token_nor_the_secret_of_a_header(home: Home) -> None:
    home.server.answers["/api"] = [reply(401, "ended", WWW_Authenticate=INVALID), reply(200, "fine")]
    assert home.run("call", url(home), "-H", "Cookie: session=c00kie-s3cret").code == 0
    for secret in ("at-held-0", "at-fresh-1", "rt-held-0", "rt-fresh-1", "c00kie-s3cret"):
        assert secret not in home.recordings


def test_trace_says_what_was_exchanged_on_stderr(home: Home) -> None:
    ran = home.run("call", url(home), "--trace")
    assert ran.out == '{"items": []}'
    assert "/api" in ran.err
    assert "at-held-0" not in ran.err


def test_an_empty_body_is_a_body(home: Home) -> None:
    """`-d ''` means POST, as with curl."""
    assert home.run("call", url(home), "-d", "").code == 0
    assert sent(home).method == "POST"


@pytest.mark.parametrize(
    "argv",
    [
        ("http://user:hush-hush@HOST/api",),
        ("http://HOST/api?access_token=hush-hush",),
        ("http://HOST/api?api_key=hush-hush",),
        ("http://HOST/api", "-d", "password=hush-hush&a=1"),
        ("http://HOST/api", "--json", '{"password": "hush-hush", "a": 1}'),
        ("http://HOST/api", "-H", "X-Api-Key: hush-hush"),
    ],
)
def test_further_secrets_of_a_call_are_neither_recorded_nor_traced(home: Home, argv: tuple[str, ...]) -> None:
    ran = home.run("call", *(one.replace("HOST", home.server.issuer.removeprefix("http://")) for one in argv), "--trace")
    assert ran.code == 0
    assert home.recordings
    assert "hush-hush" not in home.recordings
    assert "hush-hush" not in ran.err


def test_secrets_in_an_answer_are_not_recorded(home: Home) -> None:
    home.server.answers["/api"] = reply(400, {"access_token": "hush-hush", "error": "odd"}, Set_Cookie="session=hush-hush")
    ran = home.run("call", url(home))
    assert "hush-hush" in ran.out
    assert "hush-hush" not in home.recordings + ran.err


def test_a_profile_of_client_credentials_calls_with_the_clients_own_token(home: Home) -> None:
    home.profile(grant="client_credentials", client_id="service")
    token_store.delete(home.locations, "work")
    for _ in range(2):
        assert home.run("call", url(home), environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).out == '{"items": []}'
    assert home.server.paths == ["/token", "/api", "/api"]
    assert home.server.asked("/api")[0].headers.get("authorization") == "Bearer at-fresh-1"


def test_a_call_of_a_ci_script_needs_variables_alone(tmp_path: Path, server: Scripted) -> None:
    server.answers["/api"] = reply(401, "no", WWW_Authenticate=INVALID)
    environ = {"OAUTHCTL_ISSUER": server.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = Home(tmp_path, server).run("call", f"{server.issuer}/api", environ=environ | {"OAUTHCTL_GRANT": "client_credentials"})
    assert (ran.code, ran.out) == (4, "no")
    assert "oauthctl login" not in ran.err
    assert not (tmp_path / "state" / "tokens").exists()


@pytest.mark.parametrize("body", ['{"name": "tea"', "", "tea", "[" * 100_000])
def test_broken_json_is_not_sent_by_mistake(home: Home, body: str) -> None:
    home.hold()
    ran = home.run("call", f"{home.server.issuer}/items", "--json", body)
    assert (ran.code, ran.out) == (2, "")
    assert "the body of `--json` is no JSON" in ran.err
    assert home.server.asked("/items") == []


def test_the_current_profiles_token_does_not_go_to_another_profiles_issuer(home: Home, server: Scripted) -> None:
    profiles.save(home.locations, Profile("other", issuer="https://op.example", client_id="app"))
    profiles.use(home.locations, "other")
    ran = home.run("call", url(home))
    assert (ran.code, server.requests) == (2, [])
    assert "is the issuer of the profile `work`, and the current profile is `other`" in ran.err
    assert home.run("call", url(home), "--profile", "work").code == 0
    assert home.run("call", url(home), environ={"OAUTHCTL_PROFILE": "work"}).code == 0
