"""`oauthctl introspect`: what the server knows of a token, and the exit code that says whether it is good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.cli.holding import tokens_document
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import locations
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import SECRET, Home, Scripted, reply, scripted
from tests.cli.spoiled import SECRET as WEB_SECRET
from tests.cli.spoiled import Provider

OTHER_ISSUER = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUiLCJzdWIiOiJhbGljZSJ9.c2ln"
"""A JWT that names `https://other.example`."""


def run(*argv: str, folder: Path, stdin: str = "") -> Ran:
    return oauthctl(*argv, environ=isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": WEB_SECRET}, stdin=stdin)


def tokens(folder: Path) -> dict[str, object]:
    where = locations(isolated(folder))
    found = token_store.read(where, profiles.current(where), warn=lambda message: None)
    assert found is not None
    return dict(tokens_document(found, profile="x", show_secrets=True))


@pytest.fixture
def signed_in(provider: Provider, tmp_path: Path) -> Path:
    words = ("login", provider.issuer, "--client-id", "web", "--scope", "openid items.read offline_access")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": WEB_SECRET})
    assert ran.code == 0, ran.err
    return tmp_path


def test_the_profiles_access_token_is_asked_about(provider: Provider, signed_in: Path) -> None:
    ran = run("introspect", folder=signed_in)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("✓ active: the server takes the token\n")
    rows = dict(line.split("\t")[:2] for line in ran.out.splitlines()[1:])
    assert (rows["client_id"], rows["sub"], rows["scope"]) == ("web", "alice", "openid items.read offline_access")
    assert " UTC" in rows["exp"], "a time is shown as one"
    form = provider.asked("/introspect")[0].form
    assert form.pairs == (("token", str(tokens(signed_in)["access_token"])), ("token_type_hint", "access_token"))
    assert str(tokens(signed_in)["access_token"]) not in ran.out + ran.err


def test_the_meaning_of_each_member_is_told(signed_in: Path) -> None:
    ran = run("introspect", folder=signed_in)
    assert "whether the token is good now" in ran.out
    assert "the client to which it was issued" in ran.out


def test_the_refresh_token_is_asked_about_when_it_is_meant(provider: Provider, signed_in: Path) -> None:
    ran = run("introspect", "--refresh-token", "--json", folder=signed_in)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["active"] is True
    assert provider.asked("/introspect")[-1].form.get("token_type_hint") == "refresh_token"


@pytest.mark.parametrize("form", ["{}\n", '{{"access_token": "{}"}}', "Authorization: Bearer {}"])
def test_a_token_on_stdin_is_asked_about(form: str, signed_in: Path) -> None:
    text = form.format(tokens(signed_in)["access_token"])
    ran = run("introspect", "-", "--json", folder=signed_in, stdin=text)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["sub"] == "alice"


def test_a_token_that_nobody_knows_is_not_active(signed_in: Path) -> None:
    ran = run("introspect", "no-such-token", folder=signed_in)
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "✗ not active: expired, revoked, unknown, or not for this client to ask about"


def test_a_token_of_another_issuer_is_not_told_to_this_server(provider: Provider, signed_in: Path) -> None:
    asked = len(provider.asked("/introspect"))
    ran = run("introspect", OTHER_ISSUER, folder=signed_in)
    assert ran.code == 2
    assert "error[token-issuer-differs]" in ran.err
    assert "https://other.example" in ran.err
    assert len(provider.asked("/introspect")) == asked
    assert run("introspect", "--any-issuer", OTHER_ISSUER, folder=signed_in).code == 1


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        running.metadata["introspection_endpoint"] = f"{running.issuer}/introspection"
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    made = Home(tmp_path, server)
    made.hold(subject="alice")
    return made


def asking(home: Home, *argv: str) -> Ran:
    return home.run("introspect", *argv, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        ({"active": True, "exp": 1}, "its `exp` has passed"),
        ({"active": True, "nbf": 4102444800}, "its `nbf` has not come"),
        ({"active": True, "client_id": "other"}, "`client_id` is `other`, and the profile's token was issued to `app`"),
        ({"active": True, "sub": "bob"}, "`sub` is `bob`, and the ID token of the sign-in says `alice`"),
        ({"active": False, "sub": "alice"}, "tells of it all the same"),
    ],
)
def test_an_odd_record_is_remarked(home: Home, answer: dict[str, object], remark: str) -> None:
    home.server.answers["/introspection"] = reply(200, answer)
    ran = asking(home)
    assert ran.code == (0 if answer["active"] else 1)
    assert remark in ran.err


@pytest.mark.parametrize("answer", [{}, {"sub": "alice"}, {"active": 1}, {"active": "perhaps"}])
def test_a_record_that_does_not_say_whether_it_is_active_tells_nothing(home: Home, answer: dict[str, object]) -> None:
    home.server.answers["/introspection"] = reply(200, answer)
    ran = asking(home)
    assert (ran.code, ran.out) == (3, "")
    assert "`active` is missing, or no boolean" in ran.err


def test_a_server_without_introspection_is_named(home: Home) -> None:
    del home.server.metadata["introspection_endpoint"]
    ran = asking(home)
    assert ran.code == 3
    assert "no `introspection_endpoint` is known" in ran.err


def test_a_refusal_ends_with_its_root_cause(home: Home) -> None:
    home.server.answers["/introspection"] = reply(401, {"error": "invalid_client"})
    ran = asking(home)
    assert (ran.code, ran.out) == (4, "")
    assert "the introspection endpoint refused: `invalid_client`" in ran.err
    assert "more: `oauthctl diagnose`" in ran.err


def test_the_method_is_that_of_the_introspection_endpoint(home: Home) -> None:
    home.server.answers["/introspection"] = reply(200, {"active": True})
    home.server.metadata["introspection_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert asking(home).code == 0
    (request,) = home.server.asked("/introspection")
    assert "authorization" not in request.headers
    assert request.form.get("client_secret") == SECRET


def test_nothing_of_the_token_is_recorded(home: Home) -> None:
    home.server.answers["/introspection"] = reply(200, {"active": True, "note": "at-held-0"})
    assert asking(home).code == 0
    assert "introspection" in home.recordings
    assert "at-held-0" not in home.recordings
    assert SECRET not in home.recordings


def test_several_tokens_are_one_too_many(home: Home) -> None:
    ran = home.run("introspect", "-", stdin='{"access_token": "aaaaaaaaaaaaaaaaaaaaaaaa", "refresh_token": "bbbbbbbbbbbbbbbbbbbbbbbbb"}')
    assert ran.code == 2
    assert "there are 2 tokens in it" in ran.err


def test_a_public_client_is_told_whose_credentials_open_the_endpoint(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", "openid items.read")
    assert oauthctl_with(ALICE, *words, folder=tmp_path)[0].code == 0
    ran = oauthctl("introspect", environ=isolated(tmp_path))
    assert ran.code == 4
    assert "note: `public` is a public client, and the endpoint answers those who prove who they are" in ran.err
    assert "spec: RFC 7662 section 2.1" in ran.err
    assert "help: ask as an API or a confidential client may: `oauthctl token | oauthctl introspect -`" in ran.err
    assert "make it a public client" not in ran.err
    assert "error[introspection-client-not-allowed]" in ran.err
