"""`oauthctl call` where the API wants another sign-in: level, freshness, scopes; with our own provider and a scripted one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.provider.second_factor import CODE
from tests.cli.person import ALICE, Person, isolated, oauthctl_with
from tests.cli.running import Ran, Screen
from tests.cli.scripted import Home, Scripted, reply, scripted
from tests.cli.spoiled import Provider
from tests.interop.forms import Button, Form, Recipe
from tests.interop.pages import browse

SIGN_IN, ALLOW = Form({"username": "alice", "password": "alice"}), Form(button=Button("decision", "allow"))
BOTH_FACTORS: Recipe = (SIGN_IN, Form({"code": CODE}))
AS_BOB: Recipe = (Form({"username": "bob", "password": "bob"}), Form({"code": CODE}), ALLOW)
INSUFFICIENT = 'Bearer error="insufficient_user_authentication"'


def signed_in(provider: Provider, folder: Path, scope: str = "openid items.read", *more: str) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--scope", scope, *more, folder=folder)
    assert ran.code == 0, ran.err


def call(url: str, *argv: str, folder: Path, types: str = "", recipe: Recipe = (), terminal: bool = True) -> Ran:
    """`call` at a terminal at which somebody types, and signs in at the pages that open."""
    person, stdout = Person(lambda page: browse(page, recipe)), io.StringIO()
    stdin = Screen(types) if terminal else io.StringIO(types)
    code = main(["call", url, *argv], Terminal(stdin, stdout, person, isolated(folder)))
    person.done()
    return Ran(code, stdout.getvalue(), person.getvalue())


def test_the_person_is_asked_signs_in_and_the_call_is_made_again(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    ran = call(f"{provider.issuer}/api/safe", folder=tmp_path, types="y\n", recipe=BOTH_FACTORS)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["safe"] == [{"id": "1", "name": "A will"}]
    assert "the API wants a sign-in of the level `second-factor` (RFC 9470)" in ran.err
    assert "asked for the level `second-factor`, got `second-factor`" in ran.err
    assert len(provider.asked("/api/safe")) == 2
    assert provider.asked("/authorize")[-1].query.get("acr_values") == "second-factor"


def test_auto_does_not_ask(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    ran = call(f"{provider.issuer}/api/safe", "--step-up", "auto", folder=tmp_path, recipe=BOTH_FACTORS)
    assert ran.code == 0, ran.err
    assert "[y/N]" not in ran.err


@pytest.mark.parametrize(
    ("argv", "types", "terminal"), [((), "n\n", True), ((), "\n", True), (("--step-up", "never"), "y\n", True), ((), "y\n", False)]
)
def test_nobody_signs_in_unasked(provider: Provider, tmp_path: Path, argv: tuple[str, ...], types: str, terminal: bool) -> None:
    signed_in(provider, tmp_path)
    provider.requests.clear()
    ran = call(f"{provider.issuer}/api/safe", *argv, folder=tmp_path, types=types, terminal=terminal)
    assert ran.code == 4
    assert f"help: sign in for it with `oauthctl login {provider.profile} --acr second-factor`" in ran.err
    assert "sign-in-too-weak" in ran.err
    assert [request.path for request in provider.requests] == ["/api/safe"]


def test_auto_without_a_terminal_opens_nothing(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    provider.requests.clear()
    assert call(f"{provider.issuer}/api/safe", "--step-up", "auto", folder=tmp_path, terminal=False).code == 4
    assert [request.path for request in provider.requests] == ["/api/safe"]


def test_somebody_else_is_not_called_for(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    ran = call(f"{provider.issuer}/api/safe", folder=tmp_path, types="y\n", recipe=AS_BOB)
    assert (ran.code, ran.out) == (1, "")
    assert "error[step-up-subject-differs]" in ran.err
    assert len(provider.asked("/api/safe")) == 1


def test_a_scope_that_is_missing_is_offered(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    ran = call(f"{provider.issuer}/api/photos", folder=tmp_path, types="y\n", recipe=(SIGN_IN, ALLOW))
    assert ran.code == 0, ran.err
    assert "the sign-in would ask for `openid items.read photos.read`" in ran.err
    assert json.loads(ran.out)["photos"]


def test_a_scope_is_never_asked_for_unseen(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    ran = call(f"{provider.issuer}/api/photos", "--step-up", "auto", folder=tmp_path, types="n\n")
    assert ran.code == 4
    assert "[y/N]" in ran.err
    assert "--scope 'openid items.read photos.read'" in ran.err


def test_a_person_who_says_no_at_the_provider_ends_with_the_first_answer(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path)
    recipe = (Form({"username": "alice", "password": "alice"}), Form({"code": ""}, Button("decision", "deny")))
    ran = call(f"{provider.issuer}/api/safe", folder=tmp_path, types="y\n", recipe=recipe)
    assert ran.code == 4
    assert "the sign-in did not bring it" in ran.err
    assert len(provider.asked("/api/safe")) == 1


def test_a_bound_token_is_proved_with_the_key_of_the_new_sign_in(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, tmp_path, "openid items.read", "--dpop")
    ran = call(f"{provider.issuer}/api/safe", folder=tmp_path, types="y\n", recipe=BOTH_FACTORS)
    assert ran.code == 0, ran.err
    assert (provider.asked("/api/safe")[-1].headers.get("authorization") or "").startswith("DPoP ")


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.mark.parametrize(
    ("challenge", "options"),
    [
        (f'{INSUFFICIENT}, acr_values="gold silver", max_age="30"', "--acr gold --acr silver --max-age 30"),
        (f'{INSUFFICIENT}, max_age="0"', "--max-age 0"),
        (f'{INSUFFICIENT}, max_age="soon"', ""),
        (f'{INSUFFICIENT}, acr_values="$(rm)"', "--acr '$(rm)'"),
        (f'DPoP {INSUFFICIENT.removeprefix("Bearer ")}, acr_values="a"', "--acr a"),
    ],
)
def test_the_challenge_is_read(server: Scripted, tmp_path: Path, challenge: str, options: str) -> None:
    """RFC 9470 section 3."""
    home = Home(tmp_path, server)
    home.hold()
    server.answers["/api"] = reply(401, {}, WWW_Authenticate=challenge)
    ran = home.run("call", f"{server.issuer}/api")
    assert ran.code == 4
    assert f"`oauthctl login work {options}".rstrip() + "`" in ran.err
    assert server.asked("/token") == [], "a refresh keeps the old sign-in"
