"""`oauthctl refresh`: new tokens now, the old ones replaced only by better ones."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from tests.cli.scripted import SECRET, Home, granting, reply


def unsigned(**claims: object) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join((*(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""))


def test_a_good_token_is_refreshed_all_the_same(home: Home) -> None:
    home.hold(seconds=3600)
    ran = home.run("refresh")
    assert (ran.code, ran.out) == (0, "")
    assert "refreshed `work`" in ran.err
    assert "the refresh token rotated" in ran.err
    assert home.tokens is not None
    assert (home.tokens.access_token, home.tokens.refresh_token) == ("at-fresh-1", "rt-fresh-1")


def test_a_refresh_token_that_stays_is_said_to(home: Home) -> None:
    home.server.answers["/token"] = granting(expires_in=None)
    home.hold()
    ran = home.run("refresh")
    assert "the refresh token stays the same" in ran.err
    assert "expires" not in ran.err


def test_fewer_scopes_are_asked_for_and_the_profile_still_fits(home: Home) -> None:
    home.server.answers["/token"] = granting(scope="items.read")
    home.hold()
    assert home.run("refresh", "--scope", "items.read").code == 0
    assert home.server.asked("/token")[0].form.get("scope") == "items.read"
    assert home.tokens is not None
    assert home.tokens.scope == ("items.read",)
    assert home.run("token").out == "at-fresh-1\n"


def test_resources_and_the_clients_secret_go_along(home: Home) -> None:
    home.profile(resource=("https://api.example.com/",))
    home.hold(resource=("https://api.example.com/",))
    assert home.run("refresh", environ={"OAUTHCTL_CLIENT_SECRET": SECRET}).code == 0
    (request,) = home.server.asked("/token")
    assert request.form.get("resource") == "https://api.example.com/"
    assert (request.headers.get("authorization") or "").startswith("Basic ")
    assert SECRET not in request.body.decode()


def test_json_masks_the_secrets_unless_they_are_to_be_shown(home: Home) -> None:
    home.hold()
    ran = home.run("refresh", "--json")
    document = json.loads(ran.out)
    assert (document["profile"], document["access_token"], document["refresh_token"], document["id_token"]) == ("work", "***", "***", None)
    assert "fresh-1" not in ran.out + ran.err
    assert json.loads(home.run("refresh", "--json", "--show-secrets").out)["refresh_token"] == "rt-fresh-1"


def test_without_a_refresh_token_it_is_a_usage_error(home: Home) -> None:
    home.hold(refresh_token="")
    ran = home.run("refresh")
    assert (ran.code, ran.out) == (2, "")
    assert "error[no-refresh-token]" in ran.err
    assert "has ended" not in ran.err


def test_a_refusal_is_json_where_json_is_wanted(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant"})
    home.hold()
    ran = home.run("refresh", "--json")
    assert (ran.code, ran.out) == (4, "")
    error = json.loads(ran.err)["error"]
    assert (error["oauth_error"], error["help"]) == ("invalid_grant", "sign in again with `oauthctl login work`")
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-held-0"


@pytest.mark.parametrize(("name", "what"), [("sub", "subject"), ("iss", "issuer"), ("aud", "audience")])
def test_an_id_token_of_somebody_else_is_not_kept(home: Home, name: str, what: str) -> None:
    claims = {"iss": home.server.issuer, "sub": "alice", "aud": "app"}
    before = home.hold(id_token=unsigned(**claims), subject="alice")
    home.server.answers["/token"] = granting(refresh_token="rt-fresh-1", id_token=unsigned(**claims | {name: "another"}))
    ran = home.run("refresh")
    assert (ran.code, ran.out) == (1, "")
    assert f"error[refreshed-{what}-differs]" in ran.err
    # The old refresh token is spent; the rest stays as it was.
    assert home.tokens == replace(before, refresh_token="")


def test_a_new_id_token_of_the_same_person_is_kept(home: Home) -> None:
    claims = {"iss": home.server.issuer, "sub": "alice", "aud": "app"}
    home.hold(id_token=unsigned(**claims), subject="alice")
    fresh = unsigned(**claims, iat=2)
    home.server.answers["/token"] = granting(id_token=fresh)
    assert home.run("refresh").code == 0
    assert home.tokens is not None
    assert (home.tokens.id_token, home.tokens.subject) == (fresh, "alice")


def test_members_that_are_not_known_are_kept(home: Home) -> None:
    home.server.answers["/token"] = granting(refresh_token="rt-fresh-1", patient="123", refresh_expires_in=60)
    home.hold()
    assert home.run("refresh").code == 0
    assert home.tokens is not None
    assert dict(home.tokens.extra) == {"patient": "123", "refresh_expires_in": 60}


@pytest.mark.parametrize(("expires_in", "known"), [("60", True), (0, True), (10**30, False), ("soon", False), (-5, True)])
def test_odd_lifetimes_break_nothing(home: Home, expires_in: object, known: bool) -> None:
    home.server.answers["/token"] = granting(expires_in=expires_in)
    home.hold()
    assert home.run("refresh").code == 0
    assert home.tokens is not None
    assert (home.tokens.expires_at is not None) == known


def test_endpoints_given_by_hand_need_no_discovery(home: Home) -> None:
    home.profile(endpoints=(("token_endpoint", f"{home.server.issuer}/token"),))
    home.hold()
    assert home.run("refresh").code == 0
    assert [request.path for request in home.server.requests] == ["/token"]


def test_a_provider_without_a_token_endpoint_is_told(home: Home) -> None:
    home.server.leaves_out.add("token_endpoint")
    home.hold(token_endpoint="")
    ran = home.run("refresh")
    assert ran.code == 3
    assert "error[metadata-incomplete]" in ran.err


def test_verbose_says_what_was_odd(home: Home) -> None:
    home.server.answers["/token"] = granting(expires_in="60")
    home.hold()
    assert "`expires_in` is a string" in home.run("refresh", "--verbose").err
    assert "is a string" not in home.run("refresh").err


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="directories have no modes here")
def test_where_nothing_can_be_kept_nothing_is_asked(home: Home) -> None:
    import resource

    home.hold()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        ran = home.run("token", "--min-ttl", "999999")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (ran.code, ran.out) == (2, "")
    assert home.server.asked("/token") == []
    assert home.tokens is not None
    assert home.run("refresh").code == 0


def test_a_refresh_token_that_was_spent_for_nothing_is_not_shown_again(home: Home) -> None:
    home.server.answers["/token"] = granting(refresh_token="rt-2", id_token=unsigned(iss=home.server.issuer, sub="bob"))
    home.hold(id_token=unsigned(iss=home.server.issuer, sub="alice"))
    assert home.run("refresh").code == 1
    again = home.run("refresh")
    assert again.code == 2
    assert "holds no refresh token" in again.err
    assert len(home.server.asked("/token")) == 1


def test_a_member_that_comes_twice_is_told_unasked(home: Home) -> None:
    body = '{"access_token": "at-fresh-1", "token_type": "Bearer", "access_token": "at-fresh-2"}'
    home.server.answers["/token"] = reply(200, body)
    home.hold()
    ran = home.run("refresh")
    assert ran.code == 0
    assert "warning: `access_token` came 2 times, and they differ: the first was used" in ran.err
    assert "at-fresh" not in ran.err + home.recordings
    assert home.tokens is not None
    assert home.tokens.access_token == "at-fresh-1"


@pytest.mark.parametrize("garbage", ["garbage", "a.b.c", 5])
def test_an_id_token_that_cannot_be_read_never_replaces_the_old_one(home: Home, garbage: object) -> None:
    before = home.hold(id_token=unsigned(iss=home.server.issuer, sub="alice", aud="app"), subject="alice")
    home.server.answers["/token"] = granting(refresh_token="rt-fresh-1", id_token=garbage)
    ran = home.run("refresh")
    assert ran.code == 0
    assert "warning: the new ID token can't be read (OIDC Core section 12.2): the old one stays" in ran.err
    assert home.tokens is not None
    assert (home.tokens.id_token, home.tokens.subject) == (before.id_token, "alice")
    assert (home.tokens.access_token, home.tokens.refresh_token) == ("at-fresh-1", "rt-fresh-1")


def test_an_unreadable_old_id_token_leaves_the_person_to_compare_with(home: Home) -> None:
    home.hold(id_token="garbage", subject="alice")
    home.server.answers["/token"] = granting(id_token=unsigned(iss=home.server.issuer, sub="bob", aud="app", iat=1))
    ran = home.run("refresh")
    assert (ran.code, "error[refreshed-subject-differs]" in ran.err) == (1, True)


def test_verbose_says_that_a_signature_was_not_verified(home: Home) -> None:
    home.hold()
    home.server.answers["/token"] = granting(id_token=unsigned(iss=home.server.issuer, sub="alice", aud="app", iat=1))
    assert "the signature of the new ID token is not verified" in home.run("refresh", "--verbose").err
    assert "signature" not in home.run("refresh").err


def test_scopes_that_nobody_asked_for_are_told(home: Home) -> None:
    home.server.answers["/token"] = granting(scope="openid items.read admin")
    home.hold()
    assert "warning: granted and not asked for: `admin`" in home.run("refresh").err
    assert "admin" not in home.run("refresh").err
    ran = home.run("refresh", "--scope", "items.read openid items.write items.read")
    assert "warning: asked for and not granted: `items.write`" in ran.err
    assert "warning: granted and not asked for: `admin`" in ran.err
    assert home.server.asked("/token")[-1].form.get("scope") == "items.read openid items.write"


@pytest.mark.parametrize("access_token", [None, ""])
def test_a_new_refresh_token_without_an_access_token_is_kept(home: Home, access_token: str | None) -> None:
    before = home.hold()
    members = {"refresh_token": "rt-fresh-1"} | ({} if access_token is None else {"access_token": access_token})
    home.server.answers["/token"] = reply(200, members)
    ran = home.run("refresh")
    assert (ran.code, ran.out) == (3, "")
    assert "error[token-answer-incomplete]" in ran.err
    assert home.tokens == replace(before, refresh_token="rt-fresh-1")


def test_a_refresh_token_with_control_characters_is_warned_of(home: Home) -> None:
    home.server.answers["/token"] = granting(refresh_token="rt\n\x1b-12345678")
    home.hold()
    ran = home.run("refresh")
    assert ran.code == 0
    assert "warning: the refresh token holds characters that no token has (RFC 6749 appendix A.17)" in ran.err
    assert "12345678" not in ran.err
