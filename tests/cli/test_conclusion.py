"""A command that fails ends with its root cause, in the form of `oauthctl diagnose`."""

from __future__ import annotations

import json

from tests.cli.scripted import Home, reply


def test_a_refused_refresh_ends_with_its_root_cause(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant", "error_description": "Refresh token has expired"})
    home.hold()
    ran = home.run("refresh")
    assert ran.code == 4
    error, _, finding = ran.err.partition("\n\n")
    assert error.startswith("error")
    assert finding.startswith("error[refresh-token-expired]: ")
    assert "cause: " in finding
    assert "help: " in finding
    assert finding.rstrip().splitlines()[-1].startswith("more: `oauthctl diagnose`")
    again = home.run("diagnose", "--json")
    assert json.loads(again.out)["findings"][0]["rule"] == "refresh-token-expired"
    for secret in ("rt-held-0", "rt-fresh-1", "at-held-0"):
        assert secret not in ran.err


def test_with_json_the_root_cause_is_a_member_of_the_error(home: Home) -> None:
    home.server.answers["/token"] = reply(200, "<html><body>Sign in</body></html>", kind="text/html")
    home.hold(seconds=0)
    ran = home.run("userinfo", "--json")
    document = json.loads(ran.err.splitlines()[-1])
    assert document["exit_code"] == ran.code
    assert document["finding"]["rule"] == "token-answer-is-html"
    assert set(document["finding"]) >= {"cause", "help", "evidence"}


def test_a_command_that_is_used_wrongly_has_no_root_cause(home: Home) -> None:
    ran = home.run("refresh", "--profile", "nobody")
    assert ran.code == 2
    assert "oauthctl diagnose" not in ran.err


def test_a_refused_call_ends_with_its_root_cause(home: Home) -> None:
    challenge = 'Bearer error="insufficient_scope", scope="items.write"'
    home.server.answers["/api/items"] = reply(403, "", **{"WWW-Authenticate": challenge})
    home.hold()
    ran = home.run("call", f"{home.server.issuer}/api/items")
    assert ran.code == 4
    assert "error[scope-insufficient]: " in ran.err
