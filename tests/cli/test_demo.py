from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.cli.demo_story import Clock, Story, story_state
from oauthctl.cli.main import main
from oauthctl.cli.output import Output
from oauthctl.cli.session import Session
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import CheckFailed
from oauthctl.http import Request, Response
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.record.har import from_har
from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI
from oauthctl.shell.scripted_user import ScriptedUser
from oauthctl.shell.serve import Server
from oauthctl.shell.transport import Transport
from oauthctl.shell.world import utc_now
from oauthctl.store.locations import locations
from oauthctl.store.recordings import load, summaries
from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.interop.forms import Button, Form

STATUSES = [401, 200, 200, None, 200, 200, 200, 200, 401, 200, 200, 400, 400, 200, 401]
"""What each exchange is answered with; nobody sees what the browser is answered."""


def test_the_story_is_played_drawn_and_recorded_without_its_secrets(tmp_path: Path) -> None:
    environ = isolated(tmp_path)
    before = threading.active_count()
    ran = oauthctl("demo", environ=environ)
    assert ran.code == 0, ran.err
    assert threading.active_count() == before
    where = locations(environ)
    (summary,) = summaries(where, warn=pytest.fail)
    assert (summary.command, summary.outcome, summary.exchange_count) == ("demo", "done", len(STATUSES))
    recording = from_har(load(where, summary.id, warn=pytest.fail))
    assert [one.response.status if one.response else None for one in recording.exchanges] == STATUSES
    ending = [(one.purpose, one.request.form.get("grant_type")) for one in recording.exchanges[-4:]]
    assert ending == [("token", "authorization_code"), ("token", "refresh_token"), ("revocation", None), ("api", None)]
    token_response = next(one for one in recording.exchanges if one.purpose == "token")
    assert token_response.response is not None
    assert re.search(r'"refresh_token": ?"[^"]*[A-Za-z0-9_-]{43}"', token_response.response.text) is None
    for number in range(1, len(STATUSES) + 1):
        assert re.search(rf"│ {number} ", ran.out), number
    for seen in (
        "PKCE S256",
        "ID token verified",
        "nonce",
        "`Sign in`, `Allow access?`",
        "5 minutes pass",
        "invalid_grant",
        "you are alice",
        "RFC 7009 section 2.2",
    ):
        assert seen in ran.out, seen
    assert f"oauthctl trace show {summary.id}" in ran.err


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_diagram_fits_the_terminal(columns: int, tmp_path: Path) -> None:
    ran = oauthctl("demo", "--quiet", columns=columns, environ=isolated(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert max(len(row) for row in ran.out.splitlines()) < columns


def test_a_stream_that_knows_ascii_alone_gets_ascii(tmp_path: Path) -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="ascii")
    assert main(["demo"], Terminal(io.StringIO(), stdout, io.StringIO(), isolated(tmp_path))) == 0
    stdout.flush()
    assert b"|----" in raw.getvalue()


def test_a_person_signs_in_on_the_real_pages(tmp_path: Path) -> None:
    recipe = (Form({"username": "alice", "password": "alice"}), Form(button=Button("decision", "allow")))
    ran, pages = oauthctl_with(recipe, "demo", "--browser", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "You are signed in" in pages[0].text
    assert "scripted" not in ran.out


def test_a_person_who_says_no_ends_it_with_the_step_and_the_cause(tmp_path: Path) -> None:
    ran, pages = oauthctl_with((Form(button=Button("decision", "deny")),), "demo", "--browser", folder=tmp_path)
    assert ran.code == 1
    assert "access_denied" in ran.err
    assert "step `The sign-in page is for you" in ran.err
    assert "did not work" in pages[0].text


def test_a_person_who_does_not_come_leaves_it_untold(tmp_path: Path) -> None:
    ran = oauthctl("demo", "--browser", "--timeout", "1", environ=isolated(tmp_path))
    assert ran.code == 3
    assert "the demo did not go as it has to" in ran.err


def test_without_a_person_there_is_no_browser() -> None:
    ran = oauthctl("demo", "--browser", "--no-input")
    assert (ran.code, ran.out) == (2, "")
    assert "no-person" in ran.err


Handler = Callable[[ProviderState, Request, Moment], tuple[ProviderState, Response]]


def forgets_expiry(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    """A provider that does not look whether an access token has expired."""
    longer = {key: replace(one, expires_at=one.expires_at + 3600) for key, one in state.access_tokens.items()}
    return handle(replace(state, access_tokens=longer), request, moment)


def takes_codes_twice(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    after, response = handle(state, request, moment)
    return replace(after, codes={key: replace(code, is_used=False) for key, code in after.codes.items()}), response


def forgets_revocation(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    """An API that does not look whether a token was revoked, alone or with its grant."""
    if request.path != "/api/items":
        return handle(state, request, moment)
    tokens = {key: replace(one, is_revoked=False) for key, one in state.access_tokens.items()}
    grants = {key: replace(one, is_revoked=False) for key, one in state.grants.items()}
    _, response = handle(replace(state, access_tokens=tokens, grants=grants), request, moment)
    return state, response


def refuses_dead_tokens(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    """A revocation endpoint that says no where the token is worthless already."""
    is_dead = request.path == "/revoke" and any(grant.is_revoked for grant in state.grants.values())
    after, response = handle(state, request, moment)
    return after, Response(400, response.headers, b'{"error":"invalid_request"}') if is_dead else response


def keeps_refresh_tokens(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    after, response = handle(state, request, moment)
    return replace(after, grants={key: replace(one, is_revoked=False) for key, one in after.grants.items()}), response


@pytest.mark.parametrize(
    ("handler", "step"),
    [
        (forgets_expiry, "5 minutes pass"),
        (takes_codes_twice, "Somebody replays"),
        (keeps_refresh_tokens, "Warned"),
        (refuses_dead_tokens, "You are done"),
        (forgets_revocation, "The token opens nothing"),
    ],
)
def test_a_provider_that_does_it_wrong_is_noticed_at_that_step(handler: Handler, step: str, tmp_path: Path) -> None:
    clock = Clock(utc_now)
    out = Output(Terminal(io.StringIO(), io.StringIO(), io.StringIO(), isolated(tmp_path)))
    user = ScriptedUser("alice", "alice", sender=Transport())
    with Server(story_state, handler=handler, clock=clock.now) as server, Session(out, "demo") as session:
        session.world.now = clock.now
        session.world.listener = CallbackListener(DEFAULT_REDIRECT_URI)
        session.world.listener.open()
        session.world.visit = user.visit
        story = Story(session, clock, issuer=server.issuer, note=lambda _text, _style: None)
        with pytest.raises(CheckFailed) as caught:
            story.play()
        user.leave()
    assert f"step `{step}" in caught.value.where
    assert int(caught.value.exit_code) == 1


def test_what_is_told_is_what_happens(tmp_path: Path) -> None:
    """No browser opens for the scripted user, and the first refusal shows what the second step follows."""
    ran = oauthctl("demo", columns=100, environ=isolated(tmp_path))
    assert "browser" not in ran.out
    first_answer = ran.out.partition("401 Unauthorized")[2].partition("2 API metadata")[0]
    assert "resource_metadata" in first_answer
    assert "/oauth-protected-resource" in first_answer


@pytest.mark.parametrize("value", ["inf", "nan", "0.5"])
def test_a_time_without_an_end_is_refused(value: str) -> None:
    ran = oauthctl("demo", "--timeout", value)
    assert (ran.code, ran.out) == (2, "")
    assert "`--timeout` takes from 1" in ran.err


def test_of_the_demo_only_what_it_does_on_purpose_is_found(tmp_path: Path) -> None:
    environ = isolated(tmp_path)
    assert oauthctl("demo", environ=environ).code == 0
    ran = oauthctl("diagnose", "--json", environ=environ)
    assert [one["rule"] for one in json.loads(ran.out)["findings"]] == ["code-reused", "token-revoked"]
