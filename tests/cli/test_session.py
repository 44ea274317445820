"""What a command exchanged is kept as a recording, however the command ended."""

from __future__ import annotations

import io
import json
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
    assert recordings(tmp_path)[0][2] == "answer-unusable"


def test_a_broken_connection_is_recorded(tmp_path: Path) -> None:
    with serving(lambda sock: sock.close()) as broken, pytest.raises(Unreachable), Session(output(tmp_path), "login") as session:
        session.run(asking(broken.url))
    shown = json.loads(oauthctl("trace", "show", session.recording_id, "--json", environ=isolated(tmp_path)).out)
    assert len(shown["log"]["entries"]) == 1


def test_an_interrupted_run_is_kept(server: Server, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Session(output(tmp_path), "login") as session:
        session.run(asking(server.url, end=KeyboardInterrupt()))
    assert recordings(tmp_path)[0][2] == "interrupted"


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


def test_trace_says_each_exchange_as_it_happens(server: Server, tmp_path: Path) -> None:
    out = output(tmp_path)
    with Session(out, "discover", trace=True) as session:
        session.run(asking(server.url))
        assert f"[1] GET {server.url}" in said(out)
        assert "200" in said(out)
