"""`--trace` draws what `trace show` draws of the same run, each message when it happens."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.cli.output import Output
from oauthctl.cli.session import Session
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import Unreachable
from oauthctl.flows.steps import Flow, send
from oauthctl.http import get_request
from oauthctl.views.canvas import cells
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Screen, oauthctl
from tests.cli.spoiled import Provider, always, providing
from tests.shell.servers import OK, Talk, read_request, serving

LOGIN = ("--client-id", "public", "-s", "openid items.read offline_access", "--trace")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.reset()
    return running


def drawn(text: str) -> list[str]:
    """The rows of the diagram: the names, and what has lifelines."""
    return [row for row in text.splitlines() if "│" in row or row.split() == ["you", "oauthctl", "authorization", "server"]]


def shown(folder: Path) -> list[str]:
    """The diagram that `trace show` draws of the last run."""
    ran = oauthctl("trace", "show", environ=isolated(folder))
    return drawn(ran.out.partition("\nexchange 1: ")[0])


def asking(url: str, purpose: str = "discovery") -> Flow[None]:
    yield from send(get_request(url), purpose)


def test_the_live_diagram_of_a_login_is_the_one_that_is_shown_of_its_recording(provider: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, *LOGIN, folder=tmp_path)
    assert ran.code == 0
    assert drawn(ran.err) == shown(tmp_path)
    assert len(drawn(ran.err)) > 20
    assert ran.err.count("reply  200 OK") == 1


def test_where_a_sign_in_fails_the_arrow_is_drawn_again_with_what_is_wrong(provider: Provider, tmp_path: Path) -> None:
    provider.spoils["/token"] = always(400, json.dumps({"error": "invalid_grant", "error_description": "no"}))
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, *LOGIN, folder=tmp_path)
    assert ran.code == 4
    live, again = ran.err.split("\nwhere it went wrong\n")
    with_remarks = shown(tmp_path)
    assert "error[" not in live
    assert "error[" in again.partition("\nerror")[0]
    remarks = [row for row in drawn(again) if row not in drawn(live)]
    assert remarks
    assert [row for row in with_remarks if row not in remarks] == drawn(live)


def test_json_has_stdout_for_itself(provider: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, *LOGIN, "--json", folder=tmp_path)
    assert json.loads(ran.out)["scope"]
    assert drawn(ran.err) == shown(tmp_path)


@pytest.mark.parametrize(
    ("argv", "ends"),
    [
        (("refresh",), "oauthctl authorization server"),
        (("userinfo",), "oauthctl authorization server"),
        (("call", "{issuer}/api/items"), "oauthctl authorization server API"),
        (("logout",), "you oauthctl authorization server"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_other_commands_draw_theirs(provider: Provider, tmp_path: Path, argv: tuple[str, ...], ends: str) -> None:
    oauthctl_with(ALICE, "login", provider.issuer, *LOGIN, folder=tmp_path)
    ran = oauthctl(*(word.format(issuer=provider.issuer) for word in argv), "--trace", environ=isolated(tmp_path))
    assert ran.code in (0, 4), ran.err
    assert [row for row in ran.err.splitlines() if " ".join(row.split()) == ends]
    rows = [row for row in ran.err.splitlines() if "│" in row]
    assert rows == [row for row in oauthctl("trace", "show", environ=isolated(tmp_path)).out.splitlines() if "│" in row]
    assert rows


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_it_is_as_wide_as_the_terminal_that_it_is_drawn_on(columns: int, tmp_path: Path) -> None:
    stderr = Screen()
    terminal = Terminal(io.StringIO(), io.StringIO(), stderr, isolated(tmp_path) | {"COLUMNS": str(columns)})
    with serving(answering(OK)) as server, Session(Output(terminal), "discover", trace=True) as session:
        session.run(asking(server.url, "revocation"))
    rows = stderr.getvalue().splitlines()
    assert max(cells(row) for row in rows) < columns
    assert rows == oauthctl("trace", "show", environ=isolated(tmp_path), columns=columns).out.splitlines()[: len(rows)]


def answering(answer: bytes, seen: list[str] | None = None, stderr: io.StringIO | None = None) -> Talk:
    """Answers one request, having noted what stands on stderr by then."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        if seen is not None and stderr is not None:
            seen.append(stderr.getvalue())
        sock.sendall(answer)

    return talk


def test_a_request_is_drawn_before_it_is_answered(tmp_path: Path) -> None:
    stderr, seen = io.StringIO(), list[str]()
    terminal = Terminal(io.StringIO(), io.StringIO(), stderr, isolated(tmp_path))
    with serving(answering(OK, seen, stderr)) as server, Session(Output(terminal), "discover", trace=True) as session:
        session.run(asking(server.url))
    assert "1 discovery" in seen[0]
    assert seen[0].rstrip().endswith("▶│")
    assert "200 OK" not in seen[0]
    assert "200 OK" in stderr.getvalue()


def test_a_request_that_nobody_answers_is_drawn_as_lost(tmp_path: Path) -> None:
    stderr = io.StringIO()
    out = Output(Terminal(io.StringIO(), io.StringIO(), stderr, isolated(tmp_path)))
    with serving(lambda sock: sock.close()) as server, pytest.raises(Unreachable), Session(out, "discover", trace=True) as session:
        session.run(asking(server.url))
    assert "✗╌╌╌" in stderr.getvalue()


def test_nothing_is_drawn_where_nothing_was_exchanged(tmp_path: Path) -> None:
    stderr = io.StringIO()
    with Session(Output(Terminal(io.StringIO(), io.StringIO(), stderr, isolated(tmp_path))), "token", trace=True):
        pass
    assert stderr.getvalue() == ""
