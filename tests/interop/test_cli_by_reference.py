"""Request objects by reference on `canaille`, which fetches them, and on `oidc-provider`, which has given that up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oauthctl.jose.jwk import generate
from tests.interop.console import Console
from tests.interop.targets import Server


@pytest.mark.xdist_group("canaille")
def test_canaille_fetches_the_request_from_us(canaille: Server, tmp_path: Path) -> None:
    console = Console(canaille, canaille.clients["referring"], tmp_path)
    ran = console.login("--request-object", "reference", "--client-key", str(canaille.folder / "client-key.json"))
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"
    assert "request object" in console.type("trace", "show").out
    assert console.leaks() == []


@pytest.mark.xdist_group("canaille")
def test_a_key_that_canaille_does_not_know_is_its_no(canaille: Server, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(generate("ES256").as_dict()))
    console = Console(canaille, canaille.clients["referring"], tmp_path)
    ran = console.login("--request-object", "reference", "--client-key", str(path), "--timeout", "3", sign_in=canaille.agreeing[:2])
    assert (ran.code, console.pages[-1].status) == (3, 400), ran.err


@pytest.mark.xdist_group("oidc_provider")
def test_oidc_provider_fetches_none_and_the_rule_says_so(oidc_provider: Server, tmp_path: Path) -> None:
    console = Console(oidc_provider, oidc_provider.clients["public-jar"], tmp_path)
    keys = str(oidc_provider.folder / "client-keys.json")
    ran = console.login("--request-object", "reference", "--client-key", keys, "--timeout", "3", sign_in=())
    assert ran.code == 3, ran.err
    assert "error[request-uri-not-fetched]" in ran.err
    assert "it will probably refuse" in ran.err
