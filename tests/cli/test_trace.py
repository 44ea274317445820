from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.http import Headers, Params, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.har import from_har, to_har
from oauthctl.record.redact import redact
from oauthctl.store.locations import locations
from oauthctl.store.recordings import save
from tests.record.played import AT, CODE, SECRETS, SIGNATURES, jwt, played
from tests.views.help_diagram import help_diagram


class Screen(io.StringIO):
    """A terminal's stream."""

    def isatty(self) -> bool:
        return True


def run(*argv: str, stdin: str = "", tty: bool = False, state: Path | None = None) -> tuple[int, str, str]:
    stdout, stderr = (Screen() if tty else io.StringIO()), io.StringIO()
    environ = {"OAUTHCTL_STATE_DIR": str(state), "OAUTHCTL_CONFIG_DIR": str(state)} if state else {}
    code = main(["trace", *argv], Terminal(io.StringIO(stdin), stdout, stderr, environ | {"COLUMNS": "80", "NO_COLOR": "1"}))
    return code, stdout.getvalue(), stderr.getvalue()


@pytest.fixture
def capture(tmp_path: Path) -> str:
    """A capture with all its secrets, as a browser saves it."""
    document = to_har(played())
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    path = tmp_path / "capture.har"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("tty", [True, False], ids=["terminal", "pipe"])
def test_show_draws_the_diagram_and_annotates_each_exchange(capture: str, tty: bool) -> None:
    code, stdout, stderr = run("show", capture, tty=tty)
    assert (code, stderr.splitlines()[1]) == (0, f"3 errors: the cause and what helps is told by `oauthctl diagnose {capture}`")
    assert "│ 401 Unauthorized · 12 ms" in stdout
    for number in range(1, 13):
        assert f"\nexchange {number}: " in stdout
    assert stdout.index("│") < stdout.index("exchange 1: ")
    assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in stdout] == []


@pytest.mark.parametrize("more", [(), ("--exchange", "7")], ids=["all", "one"])
def test_a_stream_that_knows_ascii_alone_gets_ascii(capture: str, more: tuple[str, ...]) -> None:
    octets = io.BytesIO()
    stdout = io.TextIOWrapper(octets, encoding="ascii")
    assert main(["trace", "show", capture, *more], Terminal(io.StringIO(), stdout, io.StringIO(), {})) == 0
    assert b"eyJ....redacted-sig-" in octets.getvalue()


def test_a_secret_shows_nowhere_not_even_where_nobody_expects_it(tmp_path: Path) -> None:
    token, cb = "ya29.a0Af/H6+SMB==xyzzy12345", "https://app.example/cb"
    request = form_request("https://op.example/token", Params.of({"grant_type": "refresh_token", "refresh_token": token}))
    twice = quote(quote(f"{cb}?code=x&t={quote(token, safe='')}", safe=""), safe="")
    claims = jwt({"iss": "https://op.example", "aud": "app", "note": token})
    body = json.dumps({"id_token": claims, "error": "invalid_grant", "error_description": f"no such token: {token}"}).encode()
    headers = Headers(
        (
            ("Location", f"{cb}#access_token={quote(token, safe='')}&token_type=Bearer"),
            ("X-Debug", base64.b64encode(f"app:{token}".encode()).decode()),
            ("Link", f"<https://op.example/?return={twice}>"),
        )
    )
    document = to_har(Recording((Exchange(1, "", Channel.WIRE, request, AT, 0.1, Response(302, headers, body)),)))
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    capture = tmp_path / "capture.har"
    capture.write_text(json.dumps(document), encoding="utf-8")
    spelled = (token, quote(token, safe=""), quote(quote(token, safe=""), safe=""), base64.b64encode(f"app:{token}".encode()).decode())
    for more in ((), ("--exchange", "1")):
        code, stdout, stderr = run("show", str(capture), *more)
        assert code == 0
        assert [one for one in spelled if one in stdout + stderr] == []
        assert "xyzzy" not in stdout + stderr
    assert token in run("show", str(capture), "--show-secrets")[1]


def test_show_takes_one_exchange(capture: str) -> None:
    code, stdout, _ = run("show", capture, "--exchange", "7")
    assert code == 0
    assert stdout.startswith("exchange 7: token request (authorization_code)\n")
    assert "exchange 8" not in stdout


def test_show_shows_secrets_when_asked_for(capture: str) -> None:
    assert CODE in run("show", capture, "--exchange", "7", "--show-secrets")[1]


def test_json_is_a_har_without_secrets_and_with_the_facts_that_needed_them(capture: str) -> None:
    code, stdout, stderr = run("show", capture, "--json")
    assert (code, stderr) == (0, "")
    assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in stdout] == []
    document = json.loads(stdout)
    assert len(from_har(document).exchanges) == 12
    assert document["log"]["entries"][6]["_oauthctl"]["facts"]["pkce_matches"] is True


def test_json_of_one_exchange_holds_that_one(capture: str) -> None:
    (entry,) = json.loads(run("show", capture, "--exchange", "2", "--json")[1])["log"]["entries"]
    assert entry["_oauthctl"]["purpose"] == "discovery"


def test_a_har_is_read_from_stdin() -> None:
    code, stdout, _ = run("show", "-", stdin=json.dumps(to_har(played())))
    assert code == 0
    assert "exchange 12: revocation" in stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [("what is this", "`stdin` is no HAR"), ("{}", "`stdin` is no HAR"), ("[" * 100_000, "`stdin` is no HAR")],
    ids=["words", "empty object", "deep"],
)
def test_what_is_no_har_is_refused(text: str, said: str) -> None:
    code, stdout, stderr = run("show", "-", stdin=text)
    assert (code, stdout) == (2, "")
    assert said in stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, _, stderr = run("show", str(tmp_path / "none.har"))
    assert code == 2
    assert "there is no file `" in stderr


def test_an_exchange_that_is_not_there_is_named(capture: str) -> None:
    code, stdout, stderr = run("show", capture, "--exchange", "99")
    assert (code, stdout) == (2, "")
    assert "no exchange `99`" in stderr


def test_an_empty_recording_says_so() -> None:
    code, stdout, stderr = run("show", "-", stdin='{"log": {"entries": []}}')
    assert (code, stdout) == (0, "")
    assert "the capture is empty" in stderr


def test_without_recordings_it_says_so_and_what_to_do(tmp_path: Path) -> None:
    code, stdout, stderr = run("list", state=tmp_path)
    assert (code, stdout) == (0, "")
    assert "nothing is recorded yet" in stderr
    assert "`oauthctl demo`" in stderr
    assert json.loads(run("list", "--json", state=tmp_path)[1]) == {"recordings": []}
    code, stdout, stderr = run("show", state=tmp_path)
    assert (code, stdout) == (3, "")
    assert "no recordings yet" in stderr


def test_recordings_are_listed_latest_first_and_shown_by_id(tmp_path: Path) -> None:
    where = locations({"OAUTHCTL_STATE_DIR": str(tmp_path), "OAUTHCTL_CONFIG_DIR": str(tmp_path)})
    document = to_har(redact(played(), salt=b"x"), facts=facts(played()))
    first = save(where, document, command="login", started_at=AT, outcome="done")
    last = save(where, to_har(replace(played(), exchanges=played().exchanges[:2])), command="discover", started_at=AT + timedelta(hours=1))
    code, stdout, _ = run("list", state=tmp_path)
    rows = [row.split("\t") for row in stdout.splitlines()]
    assert code == 0
    assert [row[0] for row in rows] == [last, first]
    assert rows[1][1:] == ["login", "done", "2026-03-01 12:00:00", "12", "http://127.0.0.1:9400"]
    assert [one["id"] for one in json.loads(run("list", "--json", state=tmp_path)[1])["recordings"]] == [last, first]
    assert "exchange 2: discovery" in run("show", state=tmp_path)[1]
    code, stdout, _ = run("show", first[:13], state=tmp_path)
    assert code == 0
    assert "exchange 12: revocation" in stdout
    entries = json.loads(run("show", first, "--json", state=tmp_path)[1])["log"]["entries"]
    assert entries == document["log"]["entries"]


def test_an_unknown_id_is_named(tmp_path: Path) -> None:
    where = locations({"OAUTHCTL_STATE_DIR": str(tmp_path), "OAUTHCTL_CONFIG_DIR": str(tmp_path)})
    save(where, to_har(played()), command="login", started_at=AT)
    code, _, stderr = run("show", "zzzz", state=tmp_path)
    assert code == 2
    assert "no recording `zzzz`" in stderr


def test_findings_stand_under_the_arrow_and_at_the_message_that_they_concern(capture: str) -> None:
    _, stdout, _ = run("show", capture)
    diagram, _, messages = stdout.partition("\nexchange 1: ")
    said = "error[code-reused]: The same code is redeemed a second time"
    assert diagram.index(" 11 token request") < diagram.index(f"✗ {said}") < diagram.index("400 Bad Request")
    assert f"\nexchange 11: token request (authorization_code)\n  {said}\n" in messages


def test_one_exchange_brings_its_findings_in_full(capture: str) -> None:
    _, stdout, _ = run("show", capture, "--exchange", "11")
    assert "\nerror[code-reused]: The same code is redeemed a second time\n" in stdout
    assert "\nhelp: " in stdout
    assert "connection-refused" not in stdout


def test_each_sign_in_of_a_capture_has_its_own_diagram(tmp_path: Path) -> None:
    document = to_har(played())
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    text = json.dumps(document["log"]["entries"]).replace("af0ifjsldkj", "zzzzzzzzzzz").replace("SplxlOBeZQ", "TqymmPCfAR")
    later = json.loads(text.replace("2026-03-01T12:00", "2026-03-01T12:30"))
    for entry in later:
        entry["_oauthctl"]["id"] += 20
    document["log"]["entries"] += later[2:7]
    path = tmp_path / "two.har"
    path.write_text(json.dumps(document), encoding="utf-8")
    _, stdout, _ = run("show", str(path))
    first, second = stdout.index("sign-in 1 of 2: client app, at 127.0.0.1:9400"), stdout.index("sign-in 2 of 2: ")
    assert first < second < stdout.index("\nother exchanges\n") < stdout.index("\nexchange 1: ")
    assert stdout.count("browser    ") == 3


@pytest.mark.parametrize("columns", ["60", "100", "200"])
def test_no_diagram_is_wider_than_the_terminal(capture: str, columns: str) -> None:
    stdout = Screen()
    main(["trace", "show", capture], Terminal(io.StringIO(), stdout, io.StringIO(), {"COLUMNS": columns, "NO_COLOR": "1"}))
    diagram = stdout.getvalue().partition("\nexchange 1: ")[0]
    assert max(len(line) for line in diagram.splitlines()) < int(columns)


def test_the_help_shows_a_diagram_as_it_is_drawn() -> None:
    code, stdout, _ = run("--help")
    assert code == 0
    assert "✗ error[code-verifier-mismatch]" in help_diagram()
    lines = [line.strip() for line in stdout.splitlines()]
    drawn = [line.strip() for line in help_diagram().splitlines()]
    assert drawn == lines[lines.index(drawn[0]) :][: len(drawn)]
