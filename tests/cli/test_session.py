"""What a command exchanged is kept as a recording, however the command ended."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.cli.output import Output
from oauthctl.cli.session import Session
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import BadAnswer, Unreachable
from oauthctl.flows.steps import Flow, send
from oauthctl.http import Params, form_request, get_request
from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.shell.servers import OK, Server, always, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(always(OK)) as server:
        yield server


def output(folder: Path) -> Output:
    return Output(Terminal(io.StringIO(), io.StringIO(), io.StringIO(), isolated(folder)))


def said(out: Output) -> str:
    assert isinstance(out.terminal.stderr, io.StringIO)
    return out.terminal.stderr.getvalue()


def asking(url: str, *, end: BaseException | None = None) -> Flow[int]:
    """Asks once, and ends as it is told to."""
    exchange = yield from send(get_request(url), "discovery")
    if end is not None:
        raise end
    return exchange.id


def recordings(folder: Path) -> list[list[str]]:
    ran = oauthctl("trace", "list", environ=isolated(folder))
    return [row.split("\t") for row in ran.out.splitlines()]


def test_a_run_is_kept_with_its_command_and_issuer(server: Server, tmp_path: Path) -> None:
    with Session(output(tmp_path), "discover", issuer="https://op.example") as session:
        assert session.run(asking(server.url)) == 1
        assert session.run(asking(server.url)) == 2
    (row,) = recordings(tmp_path)
    assert (row[0], row[1:3], row[4:]) == (session.recording_id, ["discover", "done"], ["2", "https://op.example"])


def test_without_exchanges_nothing_is_kept(tmp_path: Path) -> None:
    with Session(output(tmp_path), "token"):
        pass
    assert not (tmp_path / "state").exists()


def test_an_error_gets_a_note_that_names_the_recording(server: Server, tmp_path: Path) -> None:
    with pytest.raises(BadAnswer) as caught, Session(output(tmp_path), "login") as session:
        session.run(asking(server.url, end=BadAnswer("no good", slug="answer-unusable", notes=("first",))))
    assert caught.value.notes == ("first", f"recorded as {session.recording_id}: `oauthctl trace show {session.recording_id}`")
    assert recordings(tmp_path)[0][2] == "metadata-is-html"


def test_a_broken_connection_is_recorded(tmp_path: Path) -> None:
    with serving(lambda sock: sock.close()) as broken, pytest.raises(Unreachable), Session(output(tmp_path), "login") as session:
        session.run(asking(broken.url))
    shown = json.loads(oauthctl("trace", "show", session.recording_id, "--json", environ=isolated(tmp_path)).out)
    assert len(shown["log"]["entries"]) == 1


def test_an_interrupted_run_is_kept(server: Server, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Session(output(tmp_path), "login") as session:
        session.run(asking(server.url, end=KeyboardInterrupt()))
    assert recordings(tmp_path)[0][2] == "interrupted"


def test_an_interruption_is_said_and_is_no_finding(server: Server, tmp_path: Path) -> None:
    out = output(tmp_path)
    with pytest.raises(KeyboardInterrupt), Session(out, "login", trace=True) as session:
        session.run(asking(server.url, end=KeyboardInterrupt()))
    shown = out.terminal.stderr.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert f"interrupted; recorded as {session.recording_id}" in shown
    assert "where it went wrong" not in shown


def test_a_folder_that_cannot_be_written_costs_the_recording_and_no_more(server: Server, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder is to be")
    out = output(tmp_path)
    with Session(out, "discover") as session:
        assert session.run(asking(server.url)) == 1
    assert session.recording_id == ""
    assert said(out).startswith("warning: the exchanges were not recorded: ")


def test_secrets_do_not_reach_the_file(server: Server, tmp_path: Path) -> None:
    def redeem() -> Flow[None]:
        params = Params.of({"grant_type": "authorization_code", "code": "the-code-itself", "client_secret": "the-secret-itself"})
        yield from send(form_request(server.url, params), "token")

    with Session(output(tmp_path), "login") as session:
        session.run(redeem())
    files = [path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert files
    assert [text for text in files if "the-code-itself" in text or "the-secret-itself" in text] == []


def test_an_error_loses_the_secrets_that_a_server_repeated(tmp_path: Path) -> None:
    """In each spelling: as it is, percent-encoded, and in base64."""
    secret = "s3cr+t/v&al ue"
    spelled = (secret, "s3cr%2Bt%2Fv%26al+ue", b64encode(f"app:{secret}".encode()).decode())

    def refuse() -> Flow[None]:
        yield from send(form_request("http://127.0.0.1:9/", Params.of({"client_secret": secret})), "token", may_fail=True)
        raise BadAnswer(f"it said {spelled[0]}", got=spelled[1], notes=spelled, where=f"at {spelled[1]}", data={"said": spelled[2]})

    with pytest.raises(BadAnswer) as caught, Session(output(tmp_path), "login") as session:
        session.run(refuse())
    error = caught.value
    shown = " ".join((error.message, str(error), error.got, error.where, *error.notes, str(error.data)))
    assert [one for one in spelled if one in shown] == []
    assert shown.count("redacted-") >= 4


def test_trace_shows_no_secret_that_an_answer_repeats(tmp_path: Path) -> None:
    secret = "s3cr+t/v&al ue"
    words = " and ".join((secret, "s3cr%2Bt%2Fv%26al+ue", b64encode(f"app:{secret}".encode()).decode()))
    answer = json.dumps({"error": "invalid_client", "error_description": words}).encode()
    head = f"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n".encode()

    def ask(url: str) -> Flow[None]:
        yield from send(form_request(url, Params.of({"client_secret": secret, "grant_type": "client_credentials"})), "token")

    out = output(tmp_path)
    with serving(always(head + answer)) as server, Session(out, "token", trace=True) as session:
        session.run(ask(server.url))
    assert "invalid_client" in said(out)
    assert [one for one in words.split(" and ") if one in said(out)] == []
