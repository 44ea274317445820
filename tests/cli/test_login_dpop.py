"""`--dpop`: tokens that are bound to a key, from the sign-in to the call (RFC 9449)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.http import Request
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.dpop import token_hash
from oauthctl.provider.faults.spec import Switched
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, members, providing

SCOPE = "openid items.read offline_access"


@pytest.fixture(scope="module")
def strict() -> Iterator[Provider]:
    """A provider that wants its nonce in each proof."""
    with providing(change=lambda state: replace(state, requires_dpop_nonce=True)) as running:
        yield running


def login(provider: Provider, *argv: str, folder: Path, code: int = 0) -> Ran:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", SCOPE, "--dpop", *argv)
    ran, _ = oauthctl_with(ALICE, *words, folder=folder)
    assert ran.code == code, ran.err
    return ran


def run(*argv: str, folder: Path) -> Ran:
    return oauthctl(*argv, environ=isolated(folder))


def claims(request: Request) -> dict[str, object]:
    return dict(take_apart(request.headers.get("dpop") or "").claims or {})


def held(folder: Path) -> dict[str, object]:
    (path,) = (folder / "state" / "tokens").glob("*.json")
    return dict(json.loads(path.read_text()))


def test_the_code_and_the_tokens_are_bound_to_one_key(provider: Provider, tmp_path: Path) -> None:
    login(provider, folder=tmp_path)
    header = take_apart(provider.asked("/token")[0].headers.get("dpop") or "").header or {}
    asked = provider.asked("/authorize")[0].query
    tokens = held(tmp_path)
    bound = (take_apart(str(tokens["access_token"])).claims or {})["cnf"]
    assert bound == {"jkt": asked.get("dpop_jkt")}
    assert tokens["token_type"] == "DPoP"
    assert "d" not in header["jwk"]


def test_a_call_proves_the_key_beside_the_token(provider: Provider, tmp_path: Path) -> None:
    login(provider, folder=tmp_path)
    ran = run("call", f"{provider.issuer}/api/items", folder=tmp_path)
    assert ran.code == 0, ran.err
    request = provider.asked("/api/items")[-1]
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    assert scheme == "DPoP"
    assert claims(request)["ath"] == token_hash(token)
    assert run("userinfo", folder=tmp_path).code == 0


def test_a_refresh_is_proved_with_the_same_key(provider: Provider, tmp_path: Path) -> None:
    login(provider, folder=tmp_path)
    before = held(tmp_path)
    ran = run("refresh", folder=tmp_path)
    assert ran.code == 0, ran.err
    after = held(tmp_path)
    assert after["dpop_key"] == before["dpop_key"]
    assert after["access_token"] != before["access_token"]
    assert run("call", f"{provider.issuer}/api/items", folder=tmp_path).code == 0


def test_the_servers_nonce_is_learned_at_every_endpoint(strict: Provider, tmp_path: Path) -> None:
    strict.reset()
    login(strict, folder=tmp_path)
    assert [claims(request).get("nonce") is not None for request in strict.asked("/token")] == [False, True]
    assert run("call", f"{strict.issuer}/api/items", folder=tmp_path).code == 0
    assert [claims(request).get("nonce") is not None for request in strict.asked("/api/items")] == [False, True]


def test_no_private_key_is_recorded_or_printed(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "--json", "--trace", folder=tmp_path)
    key = held(tmp_path)["dpop_key"]
    assert isinstance(key, dict)
    everything = ran.out + ran.err + "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    assert str(key["d"]) not in everything


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", None])
def test_a_bearer_token_is_no_answer_to_who_wants_a_bound_one(provider: Provider, tmp_path: Path, token_type: str | None) -> None:
    provider.spoils["/token"] = members(token_type=token_type)
    ran = login(provider, folder=tmp_path, code=1)
    provider.reset()
    assert "error[dpop-proof-ignored]: the server ignored the DPoP proof" in ran.err
    assert not list(tmp_path.rglob("tokens/*.json"))


def test_a_refresh_that_brings_a_bearer_token_keeps_the_new_refresh_token_alone(provider: Provider, tmp_path: Path) -> None:
    login(provider, folder=tmp_path)
    before = held(tmp_path)
    provider.spoils["/token"] = members(token_type="Bearer")
    ran = run("refresh", folder=tmp_path)
    provider.reset()
    after = held(tmp_path)
    assert (ran.code, "error[dpop-proof-ignored]" in ran.err) == (1, True), ran.err
    assert (after["access_token"], after["token_type"]) == (before["access_token"], "DPoP")
    assert after["refresh_token"] != before["refresh_token"]
    assert run("refresh", folder=tmp_path).code == 0


def test_a_bearer_token_in_spite_of_the_proof_is_told_of_once(provider: Provider, tmp_path: Path) -> None:
    """Nothing is said of a key that was lost: the token is bound to none."""
    provider.spoils["/token"] = members(token_type="Bearer")
    own = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET} | isolated(tmp_path)
    ran = oauthctl("token", "--grant", "client_credentials", "--dpop", environ=own)
    provider.reset()
    assert (ran.code, ran.out) == (1, "")
    assert [line.partition(":")[0] for line in ran.err.splitlines() if "the DPoP proof" in line] == ["error[dpop-proof-ignored]"]


def test_a_stolen_bound_token_opens_nothing(provider: Provider, tmp_path: Path) -> None:
    login(provider, folder=tmp_path)
    path = next((tmp_path / "state" / "tokens").glob("*.json"))
    stolen = json.loads(path.read_text()) | {"token_type": "Bearer", "dpop_key": {}, "refresh_token": ""}
    path.write_text(json.dumps(stolen))
    ran = run("call", f"{provider.issuer}/api/items", folder=tmp_path)
    assert ran.code == 4
    assert "bound to a key" in ran.err


def test_an_api_that_wants_bound_tokens_is_named_and_no_refresh_is_wasted(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", "openid items.read offline_access", "--profile", "work")
    assert oauthctl_with(ALICE, *words, folder=tmp_path)[0].code == 0
    before = len(provider.asked("/token"))
    ran = oauthctl("call", f"{provider.issuer}/api/vault", environ=isolated(tmp_path))
    assert ran.code == 4
    assert "sign in for one with `oauthctl login work --dpop`" in ran.err
    assert "error[dpop-bound-token-required]" in ran.err
    assert len(provider.asked("/token")) == before


def test_a_program_calls_such_an_api_with_a_bound_token_of_its_own(provider: Provider, tmp_path: Path) -> None:
    own = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    own |= isolated(tmp_path) | {"OAUTHCTL_GRANT": "client_credentials", "OAUTHCTL_SCOPE": "items.read"}
    url = f"{provider.issuer}/api/vault"
    refused = oauthctl("call", url, environ=own)
    assert refused.code == 4
    assert "(DPoP, RFC 9449 section 7.1): add `--dpop`" in refused.err
    called = oauthctl("call", url, "--dpop", environ=own)
    assert called.code == 0, called.err


def test_a_bound_token_that_is_printed_alone_is_of_no_use(provider: Provider, tmp_path: Path) -> None:
    own = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET} | isolated(tmp_path)
    ran = oauthctl("token", "--grant", "client_credentials", "--dpop", "--format", "header", environ=own)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Authorization: DPoP ")
    assert "bound to a key (DPoP) that is kept nowhere" in ran.err


def test_dpop_is_in_vain_for_tokens_that_are_held_already(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", "openid", "--profile", "work")
    assert oauthctl_with(ALICE, *words, folder=tmp_path)[0].code == 0
    for argv in (("call", f"{provider.issuer}/api/items", "--dpop"), ("token", "--dpop")):
        ran = oauthctl(*argv, environ=isolated(tmp_path))
        assert (ran.code, "error[option-in-vain]" in ran.err) == (2, True), ran.err


def test_a_server_that_ignores_proof_and_bound_code_is_diagnosed_as_that(tmp_path: Path) -> None:
    """The sign-in names `dpop_jkt`: who passes the proof over must pass that over as well."""
    with providing(change=lambda state: replace(state, faults=(Switched("dpop-ignored"),))) as there:
        login(there, "--trace", folder=tmp_path, code=1)
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"]
    assert [one["rule"] for one in found] == ["dpop-proof-ignored"]
