"""`oauthctl revoke`: one token made worthless, what is kept of the profile's, and the proof."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oauthctl.http import Request, Response
from tests.cli.scripted import SECRET, Home, Scripted, granting, reply, scripted
from tests.cli.test_introspect import OTHER_ISSUER, run, signed_in, tokens

__all__ = ["signed_in"]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(revocation=reply(200), userinfo=reply(401, {}, WWW_Authenticate='Bearer error="invalid_token"')) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    made = Home(tmp_path, server)
    made.hold()
    return made


def test_an_access_token_is_revoked_and_the_next_command_refreshes(signed_in: Path) -> None:
    before = tokens(signed_in)
    ran = run("revoke", "--access-token", folder=signed_in)
    assert ran.code == 0, ran.err
    assert "the server answered that the token is revoked" in ran.err
    assert "proven: introspection says that it is not active" in ran.err
    fresh = run("token", folder=signed_in)
    assert fresh.code == 0, fresh.err
    assert fresh.out.strip() != before["access_token"]
    assert run("introspect", "-", folder=signed_in, stdin=str(before["access_token"])).code == 1


def test_a_refresh_token_is_revoked_and_forgotten(signed_in: Path) -> None:
    before = str(tokens(signed_in)["refresh_token"])
    ran = run("revoke", "--refresh-token", "--json", folder=signed_in)
    assert (ran.code, ran.err) == (0, "")
    said = {"revoked": True, "hint": "refresh_token", "proven": True, "evidence": "introspection says that it is not active"}
    assert json.loads(ran.out) == said
    assert tokens(signed_in)["refresh_token"] is None
    assert run("introspect", before, folder=signed_in).code == 1


def test_a_token_of_anybodys_is_revoked_and_the_profile_keeps_its_own(home: Home) -> None:
    ran = home.run("revoke", "-", stdin="leaked-token-1\n")
    assert ran.code == 0, ran.err
    assert [request.form.get("token") for request in home.server.asked("/revocation")] == ["leaked-token-1"]
    assert home.tokens is not None
    assert home.tokens.access_token == "at-held-0"
    assert "leaked-token-1" not in ran.err + home.recordings


def test_a_token_of_another_issuer_is_not_told_to_this_server(home: Home) -> None:
    ran = home.run("revoke", OTHER_ISSUER)
    assert ran.code == 2
    assert "error[token-issuer-differs]" in ran.err
    assert home.server.requests == []


@pytest.mark.parametrize("argv", [(), ("--access-token", "--refresh-token"), ("some-token", "--access-token")])
def test_one_token_must_be_meant(home: Home, argv: tuple[str, ...]) -> None:
    ran = home.run("revoke", *argv)
    assert ran.code == 2
    assert "`--access-token` or `--refresh-token`" in ran.err
    assert home.server.requests == []


def test_without_introspection_the_userinfo_endpoint_tells(home: Home) -> None:
    ran = home.run("revoke", "--access-token")
    assert ran.code == 0
    assert "proven: the userinfo endpoint refuses it with 401 `invalid_token`" in ran.err
    assert home.tokens is not None
    assert home.tokens.expires_at is not None
    assert home.tokens.expires_at <= datetime.now(UTC)


def test_a_token_that_is_still_good_is_no_success(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(200, {"sub": "alice"})
    ran = home.run("revoke", "--access-token")
    assert ran.code == 1
    assert "not proven: the userinfo endpoint still takes it" in ran.err


def test_what_a_refresh_gave_for_the_proof_is_revoked_and_in_no_recording(home: Home) -> None:
    home.server.answers["/token"] = granting("at-probe-1", refresh_token="rt-probe-1")
    ran = home.run("revoke", "--refresh-token")
    assert ran.code == 1
    assert "what came of it was revoked at once" in ran.err
    assert [request.form.get("token") for request in home.server.asked("/revocation")] == ["rt-held-0", "rt-probe-1", "at-probe-1"]
    assert not any(secret in ran.err + home.recordings for secret in ("rt-held-0", "rt-probe-1", "at-probe-1"))


def test_a_refused_revocation_leaves_the_profile_as_it_was(home: Home) -> None:
    before = home.tokens
    home.server.answers["/revocation"] = reply(400, {"error": "unsupported_token_type"})
    ran = home.run("revoke", "--access-token")
    assert ran.code == 4
    assert "the revocation endpoint refused: `unsupported_token_type`" in ran.err
    assert "revocation-type-unsupported" in ran.err
    assert home.tokens == before


def test_the_last_token_takes_the_set_with_it(home: Home) -> None:
    home.hold(refresh_token="")
    assert home.run("revoke", "--access-token").code == 0
    assert home.tokens is None


def test_the_secret_goes_as_the_revocation_endpoint_wants_it(home: Home) -> None:
    home.server.metadata["revocation_endpoint_auth_methods_supported"] = ["client_secret_basic"]
    home.profile(client_auth="client_secret_post")
    assert home.run("revoke", "--access-token", environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).code == 0
    (request,) = home.server.asked("/revocation")
    assert (request.headers.get("authorization") or "").startswith("Basic ")


def test_a_client_may_not_revoke_another_ones_token(home: Home) -> None:
    def refuse(request: Request) -> Response:
        return reply(400, {"error": "invalid_grant"})(request)

    home.server.answers["/revocation"] = refuse
    ran = home.run("revoke", "somebody-elses")
    assert ran.code == 4
    assert "`invalid_grant`" in ran.err


def test_what_was_to_be_refused_is_no_fault_to_diagnose(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant"})
    assert home.run("logout").code == 0
    assert home.server.asked("/token"), "the refresh was tried"
    found = home.run("diagnose")
    assert found.code == 0, found.out
    assert "refresh-token" not in found.out + found.err


def test_of_a_token_that_was_given_userinfo_tells_a_public_client_too(home: Home) -> None:
    answers = iter((reply(200, {"sub": "alice"}), reply(401, {}, WWW_Authenticate='Bearer error="invalid_token"')))

    def userinfo(request: Request) -> Response:
        return next(answers)(request)

    home.server.answers["/userinfo"] = userinfo
    ran = home.run("revoke", "-", stdin="leaked-token-1\n")
    assert (ran.code, "proven: the userinfo endpoint refuses it with 401 `invalid_token`" in ran.err) == (0, True), ran.err
    assert len(home.server.asked("/userinfo")) == 2


def test_a_token_that_never_opened_userinfo_is_not_proven_worthless_there(home: Home) -> None:
    ran = home.run("revoke", "-", stdin="leaked-token-1\n")
    assert ran.code == 0
    assert "not proven: the server names no `introspection_endpoint`, and there is nothing harmless to try it at" in ran.err
    assert len(home.server.asked("/userinfo")) == 1
