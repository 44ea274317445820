"""`--client-attestation`, a draft, against our own provider: every request that proves the client, and what goes wrong with it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, ATTESTATION_TYPE, CHALLENGE_HEADER
from oauthctl.provider.state import ProviderState
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.specs import read_client
from tests.cli.spoiled import Provider, always, members, providing
from tests.cli.test_login_in_jwt import PUBLIC, everything, found_first
from tests.cli.test_no_leaks import forms

ATTESTER = "https://attester.example"
VOUCHING = generate("ES256").with_(kid="attester")
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
WALLET = replace(PUBLIC, id="wallet", auth_methods=("attest_jwt_client_auth",), grant_types=GRANTS)


def trusting(state: ProviderState) -> ProviderState:
    return replace(state, is_experimental=True, trusted_attesters={ATTESTER: (VOUCHING.public(),)})


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing(WALLET, change=trusting) as provider:
        yield provider


@pytest.fixture
def op(running: Provider) -> Iterator[Provider]:
    yield running
    running.reset()


def options(folder: Path, *, key: Jwk | None = None, by: Jwk = VOUCHING, **changed: Any) -> tuple[str, ...]:
    """An attestation and its key in files, and how they are named."""
    own, now = generate("ES256"), int(time.time())
    claims = {"iss": ATTESTER, "sub": "wallet", "iat": now, "exp": now + 300, "cnf": {"jwk": own.public().as_dict()}, **changed}
    (folder / "attestation.jwt").write_text(sign(claims, by, header={"typ": ATTESTATION_TYPE}))
    (folder / "key.json").write_text(json.dumps((key or own).as_dict()))
    return ("--client-attestation", str(folder / "attestation.jwt"), "--client-attestation-key", str(folder / "key.json"))


def token(op: Provider, folder: Path, *argv: str, client_id: str = "wallet") -> Ran:
    environ = isolated(folder) | {"OAUTHCTL_ISSUER": op.issuer, "OAUTHCTL_CLIENT_ID": client_id}
    return oauthctl("token", "--grant", "client_credentials", "--experimental", *argv, environ=environ)


def test_a_person_signs_in_and_all_that_follows_is_attested(op: Provider, tmp_path: Path) -> None:
    words = ("login", op.issuer, "--client-id", "wallet", "--scope", "openid offline_access", "--par", "always", "--timeout", "8")
    ran, _ = oauthctl_with(ALICE, *words, "--experimental", *options(tmp_path), folder=tmp_path)
    assert ran.code == 0, ran.err
    for argv in (("refresh",), ("introspect",), ("logout",)):
        assert oauthctl(*argv, environ=isolated(tmp_path)).code == 0
    for path in ("/par", "/token", "/introspect", "/revoke"):
        assert all(ATTESTATION_HEADER in one.headers for one in op.asked(path)), path
    diagnosed = oauthctl("diagnose", "--json", environ=isolated(tmp_path))
    assert json.loads(diagnosed.out)["findings"] == []


def test_challenges_are_fetched_where_they_are_announced_and_else_learned(op: Provider, tmp_path: Path) -> None:
    given = options(tmp_path)
    assert token(op, tmp_path, *given).code == 0
    assert (len(op.asked("/challenge")), len(op.asked("/token"))) == (1, 1)
    op.requests.clear()
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        op.spoils[path] = members(challenge_endpoint=None)
    ran = token(op, tmp_path / "other", *given)
    assert ran.code == 0, ran.err
    assert (len(op.asked("/challenge")), len(op.asked("/token"))) == (0, 2)


def test_neither_attestation_nor_proof_is_kept_whole(op: Provider, tmp_path: Path) -> None:
    ran = token(op, tmp_path, *options(tmp_path))
    proofs = [one.headers.get("OAuth-Client-Attestation-PoP") or "" for one in op.asked("/token")]
    for secret in ((tmp_path / "attestation.jwt").read_text().rpartition(".")[2], *(one.rpartition(".")[2] for one in proofs)):
        for form in forms(secret):
            assert form not in everything(tmp_path) + ran.err


def test_a_draft_is_only_spoken_where_it_is_allowed(op: Provider, tmp_path: Path) -> None:
    environ = isolated(tmp_path) | {"OAUTHCTL_ISSUER": op.issuer, "OAUTHCTL_CLIENT_ID": "wallet"}
    for words in (("token", "--grant", "client_credentials"), ("login", op.issuer, "--client-id", "wallet")):
        ran = oauthctl(*words, *options(tmp_path), environ=environ)
        assert (ran.code, "add `--experimental`" in ran.err, "attestation" in ran.err) == (2, True, True)
    assert not op.requests
    ran = oauthctl("serve", "--client", "id=w,token_endpoint_auth_method=attest_jwt_client_auth", environ=isolated(tmp_path))
    assert (ran.code, "--experimental" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": generate("ES256")}, "another key"),
        ({"sub": "another"}, "another client"),
        ({"cnf": {}}, "another key"),
    ],
)
def test_what_can_not_attest_is_refused_before_anything_is_sent(op: Provider, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    ran = token(op, tmp_path, *options(tmp_path, **changes))
    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert not op.asked("/token")
    missing = token(op, tmp_path, *options(tmp_path)[:2])
    assert (missing.code, "--client-attestation-key" in missing.err) == (2, True)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"exp": int(time.time()) - 600}, "attestation-expired"),
        ({"by": generate("ES256")}, "attestation-refused"),
        ({"iss": "https://stranger.example"}, "attestation-refused"),
    ],
)
def test_what_the_server_refuses_ends_with_its_rule(op: Provider, tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    ran = token(op, tmp_path, *options(tmp_path, **changes))
    assert ran.code == 4, ran.err
    assert f"error[{rule}]" in ran.err
    assert ("secret" in ran.err, "compare the attestation with what the server trusts" in ran.err) == (False, True)
    assert found_first(tmp_path) == rule


def test_a_server_that_is_never_content_is_asked_twice(op: Provider, tmp_path: Path) -> None:
    challenge = {CHALLENGE_HEADER.replace("-", "_"): "always another"}
    op.spoils["/token"] = always(400, '{"error":"use_attestation_challenge"}', **challenge)
    ran = token(op, tmp_path, *options(tmp_path))
    assert (ran.code, len(op.asked("/token"))) == (4, 2)
    assert "error[attestation-challenge-required]" in ran.err


def test_a_dry_run_shows_where_they_go_and_nothing_of_them(op: Provider, tmp_path: Path) -> None:
    words = ("login", op.issuer, "--client-id", "wallet", "--scope", "openid", "--experimental", *options(tmp_path), "--dry-run")
    ran = oauthctl(*words, environ=isolated(tmp_path))
    assert ran.code == 0, ran.err
    assert ran.out.count("OAuth-Client-Attestation: ") == 1
    assert ran.out.count("OAuth-Client-Attestation-PoP: ") == 1
    assert (tmp_path / "attestation.jwt").read_text() not in ran.out
    assert not op.requests


def test_a_practice_client_can_be_attested() -> None:
    client = read_client("id=w,grant=client_credentials,token_endpoint_auth_method=attest_jwt_client_auth", {})
    assert client.allowed_auth_methods == ("attest_jwt_client_auth",)
    assert not client.is_public
