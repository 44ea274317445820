from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthctl.http import Headers, Params, Request, form_request, get_request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import to_har
from oauthctl.record.redact import redact
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import locations
from oauthctl.store.names import name_for
from oauthctl.store.recordings import save
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.scripted import SECRET, Home, Scripted, granting, reply, scripted
from tests.record.played import AT

WITH_SECRET = {"OAUTHCTL_CLIENT_SECRET": SECRET}
CREDENTIALS = Headers((("Authorization", basic_credentials("app", SECRET)),))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(userinfo=reply(200, {"sub": "alice"})) as found:
        yield found


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    found = Home(tmp_path, server)
    found.hold()
    return found


def bearer(method: str, url: str, token: str = "at-then-0") -> Request:
    return Request(method, url, Headers((("Authorization", f"Bearer {token}"),)))


def refresh_request(issuer: str, token: str = "rt-then-0") -> Request:
    return form_request(f"{issuer}/token", Params.of({"grant_type": "refresh_token", "refresh_token": token}), headers=CREDENTIALS)


def kept(home: Home, *sent: tuple[str, Request, Any], issuer: str = "", version: str = "0.1.0") -> str:
    """A recording of ours with these exchanges, each with the answer that it had; its id."""
    exchanges = tuple(
        Exchange(at, purpose, Channel.WIRE, request, AT, 0.01, answer(request)) for at, (purpose, request, answer) in enumerate(sent, 1)
    )
    recording = redact(Recording(exchanges, version, issuer or home.server.issuer, "call"), salt=b"x")
    return save(home.locations, to_har(recording), command="call", started_at=AT)


def raw(folder: Path, *exchanges: Exchange) -> str:
    """A browser's capture with these exchanges, its secrets in it."""
    document = to_har(Recording(exchanges))
    document["log"]["creator"] = {"name": "Browser", "version": "1"}
    path = folder / "raw.har"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_same_answers_are_said_to_be_the_same(home: Home) -> None:
    issuer = home.server.issuer
    id_ = kept(home, ("userinfo", bearer("GET", f"{issuer}/userinfo"), reply(200, {"sub": "alice"})))
    ran = home.run("trace", "replay", id_)
    assert (ran.code, ran.out) == (0, "")
    assert "1 answer, the same as recorded" in ran.err
    # The old token was taken out of the recording; the profile's goes in its place.
    (sent,) = home.server.asked("/userinfo")
    assert sent.headers.get("authorization") == "Bearer at-held-0"
    assert "at-held-0" not in home.recordings + ran.err


def test_what_is_answered_differently_is_shown(home: Home) -> None:
    home.server.answers["/userinfo"] = reply(401, b"", WWW_Authenticate='Bearer error="invalid_token"')
    id_ = kept(home, ("userinfo", bearer("GET", f"{home.server.issuer}/userinfo"), reply(200, {"sub": "alice"})))
    ran = home.run("trace", "replay", id_)
    assert ran.code == 1
    assert "the status is 200 in A, 401 in B" in ran.out
    document = json.loads(home.run("trace", "replay", id_, "--json").out)
    (message,) = document["messages"]
    assert (message["key"], message["a"], document["verdict"]) == ("userinfo", 1, "different")
    assert "response.status" in [one["place"] for one in message["differences"]]
    shown = home.run("trace", "show", document["recording"])
    assert "401" in shown.out


def test_a_refresh_uses_the_profiles_token_and_keeps_what_comes(home: Home) -> None:
    issuer = home.server.issuer
    home.server.answers["/token"] = granting("at-fresh-1", refresh_token="rt-fresh-1")
    home.server.answers["/api/items"] = reply(200, [])
    id_ = kept(
        home,
        ("token", refresh_request(issuer), granting("at-then-1", refresh_token="rt-then-1")),
        ("api", bearer("GET", f"{issuer}/api/items", "at-then-1"), reply(200, [])),
    )
    ran = home.run("trace", "replay", id_, environ=WITH_SECRET)
    assert ran.code == 0, ran.out + ran.err
    (asked,) = home.server.asked("/token")
    assert asked.form.get("refresh_token") == "rt-held-0"
    assert asked.headers.get("authorization") == basic_credentials("app", SECRET)
    (called,) = home.server.asked("/api/items")
    assert called.headers.get("authorization") == "Bearer at-fresh-1"
    assert home.tokens is not None
    assert (home.tokens.access_token, home.tokens.refresh_token) == ("at-fresh-1", "rt-fresh-1")
    assert not any(secret in home.recordings for secret in ("at-fresh-1", "rt-fresh-1", "rt-held-0", SECRET))


def test_a_refresh_that_is_refused_is_an_answer_like_others(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_grant"})
    id_ = kept(home, ("token", refresh_request(home.server.issuer), granting("at-then-1", refresh_token="rt-then-1")))
    ran = home.run("trace", "replay", id_, environ=WITH_SECRET)
    assert ran.code == 1
    assert "invalid_grant" in ran.out
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-held-0"


@pytest.mark.parametrize(
    ("purpose", "method", "path", "form", "why"),
    [
        ("token", "POST", "/token", {"grant_type": "authorization_code", "code": "c0d3-of-then"}, "a code works once"),
        ("revocation", "POST", "/revocation", {"token": "rt-then-0"}, "it changes something at the server (revocation)"),
        ("api", "DELETE", "/api/items/1", {}, "`DELETE /api/items/1` may change something: `--unsafe`"),
        ("", "GET", "/style.css", {}, "it is no request of OAuth"),
    ],
)
def test_what_can_not_be_repeated_is_said_and_left_out(
    home: Home, purpose: str, method: str, path: str, form: dict[str, str], why: str
) -> None:
    url = home.server.issuer + path
    request = form_request(url, Params.of(form)) if form else bearer(method, url) if purpose else get_request(url)
    ran = home.run("trace", "replay", kept(home, (purpose, request, reply(200, {}))))
    assert ran.code == 2
    assert "nothing in the recording can be sent again" in ran.err
    assert why in ran.err
    assert home.server.requests == []


def test_json_lists_what_was_left_out_and_why(home: Home) -> None:
    issuer = home.server.issuer
    keys = reply(200, {"keys": []})
    home.server.answers["/jwks"] = keys
    pushed = form_request(f"{issuer}/par", Params.of({"client_id": "app", "response_type": "code"}))
    id_ = kept(home, ("jwks", get_request(f"{issuer}/jwks"), keys), ("pushed-authorization", pushed, reply(201, {"request_uri": "urn:x"})))
    ran = home.run("trace", "replay", id_, "--json")
    (left_out,) = json.loads(ran.out)["left_out"]
    assert (left_out["exchange"], left_out["message"]) == (2, "pushed authorization request")
    assert left_out["why"].startswith("a pushed authorization request is for one sign-in")


def test_a_call_that_may_change_something_is_sent_when_asked_for(home: Home) -> None:
    home.server.answers["/api/items/1"] = reply(204)
    id_ = kept(home, ("api", bearer("DELETE", f"{home.server.issuer}/api/items/1"), reply(204)))
    assert home.run("trace", "replay", id_, "--unsafe").code == 0
    assert [request.method for request in home.server.requests] == ["DELETE"]


def test_another_host_has_to_be_named(home: Home) -> None:
    id_ = kept(home, ("discovery", get_request("https://op.invalid/.well-known/openid-configuration"), reply(200, {})))
    ran = home.run("trace", "replay", id_)
    assert ran.code == 2
    assert "`op.invalid` was not named: `--host op.invalid`" in ran.err
    planned = home.run("trace", "replay", id_, "--host", "op.invalid", "--dry-run")
    assert (planned.code, "curl https://op.invalid/.well-known/openid-configuration" in planned.out) == (0, True)
    elsewhere = home.run("trace", "replay", id_, "--host", "invalid")
    assert "was not named" in elsewhere.err


def test_a_recording_can_not_lead_secrets_to_a_server_that_the_profile_does_not_know(home: Home) -> None:
    with scripted(token=granting()) as other:
        id_ = kept(home, ("token", refresh_request(other.issuer), granting()))
        ran = home.run("trace", "replay", id_, environ=WITH_SECRET)
        assert (ran.code, other.requests) == (2, [])
    assert "which the profile `work` does not know" in ran.err


def test_a_capture_of_others_can_not_lead_the_token_to_a_service_of_this_machine(home: Home) -> None:
    with scripted() as other:
        id_ = kept(home, ("api", bearer("GET", f"{other.issuer}/steal"), reply(200, [])), version="")
        ran = home.run("trace", "replay", id_)
        assert (ran.code, other.requests) == (2, [])
        assert "does not know" in ran.err


def test_a_dry_run_names_the_secrets_and_sends_nothing(home: Home) -> None:
    id_ = kept(home, ("token", refresh_request(home.server.issuer), granting()), ("api", bearer("POST", "http://127.0.0.1/x"), reply(200)))
    ran = home.run("trace", "replay", id_, "--dry-run")
    assert ran.code == 0
    assert "refresh_token=<refresh_token>" in ran.out
    assert "Basic base64(app:<client_secret>)" in ran.out
    assert home.server.requests == []
    document = json.loads(home.run("trace", "replay", id_, "--dry-run", "--json").out)
    assert [one["purpose"] for one in document["steps"]] == ["token request (refresh_token)"]
    assert document["left_out"][0]["exchange"] == 2


def test_without_a_token_it_says_so_before_anything_is_sent(home: Home) -> None:
    token_store.delete(home.locations, "work")
    issuer = home.server.issuer
    discovery = get_request(f"{issuer}/.well-known/openid-configuration")
    id_ = kept(home, ("discovery", discovery, reply(200, {})), ("userinfo", bearer("GET", f"{issuer}/userinfo"), reply(200, {})))
    ran = home.run("trace", "replay", id_)
    assert (ran.code, home.server.requests) == (2, [])
    assert "the profile `work` holds no tokens" in ran.err


def test_an_expired_token_is_told_of(home: Home) -> None:
    home.hold(seconds=-5)
    id_ = kept(home, ("userinfo", bearer("GET", f"{home.server.issuer}/userinfo"), reply(200, {"sub": "alice"})))
    assert "has expired: get a fresh one with `oauthctl refresh`" in home.run("trace", "replay", id_).err


def test_a_token_that_was_not_issued_again_keeps_later_calls_back(home: Home) -> None:
    issuer = home.server.issuer
    home.server.answers["/token"] = reply(401, {"error": "invalid_client"})
    own = form_request(f"{issuer}/token", Params.of({"grant_type": "client_credentials"}), headers=CREDENTIALS)
    id_ = kept(home, ("token", own, granting("at-own-1")), ("api", bearer("GET", f"{issuer}/api/items", "at-own-1"), reply(200, [])))
    ran = home.run("trace", "replay", id_, environ=WITH_SECRET)
    assert ran.code == 1
    assert "left out 2, API call GET /api/items: the token that it presents was not issued again" in ran.err
    assert home.server.paths == ["/token"]


def test_a_capture_that_still_has_its_secrets_is_sent_with_them(server: Scripted, tmp_path: Path) -> None:
    path = raw(tmp_path, Exchange(1, "userinfo", Channel.WIRE, bearer("GET", f"{server.issuer}/userinfo", "at-raw"), AT, 0.01))
    oauthctl("trace", "replay", path, environ=isolated(tmp_path))
    assert [one.headers.get("authorization") for one in server.asked("/userinfo")] == ["Bearer at-raw"]


def test_a_used_refresh_token_of_a_capture_is_never_sent_again(server: Scripted, tmp_path: Path) -> None:
    issuer = server.issuer
    spent = refresh_request(issuer, "rt-used-by-the-browser")
    path = raw(
        tmp_path,
        Exchange(1, "jwks", Channel.WIRE, get_request(f"{issuer}/jwks"), AT, 0.01, reply(200, {"keys": []})(spent)),
        Exchange(2, "token", Channel.WIRE, spent, AT, 0.01, granting("at-then-1", refresh_token="rt-then-1")(spent)),
    )
    ran = oauthctl("trace", "replay", path, environ=isolated(tmp_path))
    assert "left out 2, token request (refresh_token): its refresh token was used already" in ran.err
    assert server.paths == ["/jwks"]
    planned = oauthctl("trace", "replay", path, "--dry-run", environ=isolated(tmp_path))
    assert "refresh_token=<refresh_token>" in planned.out


def test_in_place_of_a_captures_used_refresh_token_goes_the_profiles(home: Home, tmp_path: Path) -> None:
    issuer = home.server.issuer
    home.server.answers["/token"] = granting("at-fresh-1", refresh_token="rt-fresh-1")
    spent = refresh_request(issuer, "rt-used-by-the-browser")
    path = raw(tmp_path, Exchange(1, "token", Channel.WIRE, spent, AT, 0.01, granting("at-then-1", refresh_token="rt-then-1")(spent)))
    ran = home.run("trace", "replay", path, environ=WITH_SECRET)
    assert ran.code == 0, ran.out + ran.err
    assert [one.form.get("refresh_token") for one in home.server.asked("/token")] == ["rt-held-0"]
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-fresh-1"


def own_token(issuer: str) -> tuple[str, Request, Any]:
    return (
        "token",
        form_request(f"{issuer}/token", Params.of({"grant_type": "client_credentials"}), headers=CREDENTIALS),
        granting("at-own-1"),
    )


def keys(issuer: str) -> tuple[str, Request, Any]:
    return "jwks", get_request(f"{issuer}/jwks"), reply(200, {"keys": []})


def without_profile(server: Scripted, folder: Path, *sent: tuple[str, Request, Any]) -> tuple[Home, str]:
    """A recording of ours on a machine that has no profile."""
    home = Home(folder, server)
    return home, kept(home, *sent, issuer=server.issuer)


def test_without_a_profile_what_needs_no_secret_is_sent(server: Scripted, tmp_path: Path) -> None:
    home, id_ = without_profile(server, tmp_path, own_token(server.issuer), keys(server.issuer))
    ran = oauthctl("trace", "replay", id_, environ=isolated(tmp_path))
    assert server.paths == ["/jwks"]
    assert ran.err.count("left out 1, token request (client_credentials): no profile has the client's secret") == 1
    assert home.tokens is None


def test_without_a_profile_a_recording_of_ours_gets_the_environments_secret(server: Scripted, tmp_path: Path) -> None:
    server.answers["/token"] = granting("at-own-2")
    _, id_ = without_profile(server, tmp_path, own_token(server.issuer))
    ran = oauthctl("trace", "replay", id_, environ=isolated(tmp_path) | WITH_SECRET)
    assert (ran.code, server.paths) == (0, ["/token"])
    assert server.requests[0].headers.get("authorization") == basic_credentials("app", SECRET)


@pytest.mark.parametrize("flags", [(), ("--host", "127.0.0.1")])
def test_without_a_profile_a_file_gets_the_environments_secret_for_a_named_host_alone(
    server: Scripted, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    server.answers["/token"] = granting("at-own-2")
    home, id_ = without_profile(server, tmp_path, own_token(server.issuer))
    path = tmp_path / "from-elsewhere.har"
    path.write_text(oauthctl("trace", "export", id_, "--format", "har", environ=isolated(tmp_path)).out, encoding="utf-8")
    ran = oauthctl("trace", "replay", str(path), *flags, environ=isolated(tmp_path) | WITH_SECRET)
    assert (ran.code, server.paths) == ((0, ["/token"]) if flags else (2, []))
    assert SECRET not in ran.out + ran.err
    assert home.tokens is None


def test_one_url_that_no_client_would_send_does_not_end_the_run(server: Scripted, tmp_path: Path) -> None:
    keys = get_request(f"{server.issuer}/jwks")
    torn = get_request(f"{server.issuer}\r\nX: y/jwks")
    path = raw(
        tmp_path, *(Exchange(n, "jwks", Channel.WIRE, one, AT, 0.01, reply(200, {})(keys)) for n, one in enumerate((keys, torn, keys), 1))
    )
    ran = oauthctl("trace", "replay", path, environ=isolated(tmp_path))
    assert "its URL is none" in ran.err
    assert server.paths == ["/jwks", "/jwks"]


def test_a_login_against_a_real_provider_is_replayed(tmp_path: Path) -> None:
    from oauthctl.provider.client import practice_clients, practice_users
    from oauthctl.provider.state import ProviderState, new_state
    from oauthctl.shell.serve import Server
    from tests.provider.world import keys

    def make(issuer: str) -> ProviderState:
        return new_state(issuer, clients=practice_clients(secret=SECRET), users=practice_users(), keys=keys())

    with Server(make) as provider:
        environ = isolated(tmp_path) | WITH_SECRET
        login = ("login", provider.issuer, "--client-id", "web", "--scope", "openid offline_access items.read")
        ran, _ = oauthctl_with(ALICE, *login, folder=tmp_path, environ=WITH_SECRET)
        assert ran.code == 0, ran.err
        replayed = oauthctl("trace", "replay", environ=environ)
        assert replayed.code == 0, replayed.out + replayed.err
        assert "a code works once" in replayed.err
        assert oauthctl("refresh", environ=environ).code == 0
        again = oauthctl("trace", "replay", environ=environ)
        assert again.code == 0, again.out + again.err
        where, name = locations(isolated(tmp_path)), name_for(provider.issuer)
        assert name in profiles.names(where)
        assert oauthctl("userinfo", environ=environ).code == 0
        assert oauthctl("trace", "replay", environ=environ).code == 0
