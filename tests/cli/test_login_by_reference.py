"""`oauthctl login --request-object reference`: the server comes to fetch what is asked for (RFC 9101 section 5.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, members, providing
from tests.cli.test_login_in_jwt import PUBLIC, SIGNING, found_first, query
from tests.interop.processes import free_ports

PORT = free_ports(1)
URI = f"http://127.0.0.1:{PORT}/request.jwt"
KEYED = replace(PUBLIC, id="keyed", keys=(SIGNING.public(),), auth_methods=("none",))
CLIENTS = (
    replace(KEYED, id="referring", request_uris=(URI,)),
    replace(KEYED, id="tunnelled", request_uris=("https://tunnel.example/there/request.jwt",)),
    KEYED,
)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing(*CLIENTS) as provider:
        yield provider


@pytest.fixture
def op(running: Provider) -> Iterator[Provider]:
    yield running
    running.reset()


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [SIGNING.as_dict()]}))
    return str(path)


def login(op: Provider, folder: Path, *argv: str, client: str = "referring", sign_in: Any = ALICE) -> Ran:
    words = ("login", op.issuer, "--client-id", client, "--scope", "openid", "--timeout", "4")
    how = ("--request-object", "reference", "--client-auth", "none")
    return oauthctl_with(sign_in, *words, *how, *argv, folder=folder)[0]


def exchanges(folder: Path, purpose: str) -> list[dict[str, Any]]:
    files = (folder / "state" / "recordings").rglob("*.har")
    entries = [entry for path in files for entry in json.loads(path.read_text("utf-8"))["log"]["entries"]]
    return [entry for entry in entries if entry["_oauthctl"]["purpose"] == purpose]


def test_the_server_fetches_the_request_from_here(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(op, tmp_path, "--client-key", keys, "--request-uri", URI)
    assert ran.code == 0, ran.err
    assert f"the server fetches the request object from {URI}" in ran.err
    assert "protected by  PKCE S256, JAR (signed), iss in the answer" in ran.err
    assert {name for name, _ in query(op)} == {"client_id", "request_uri"}
    fetched = exchanges(tmp_path, "request-object")
    assert {entry["response"]["content"]["mimeType"] for entry in fetched} == {"application/oauth-authz-req+jwt"}
    assert [entry["request"]["url"] for entry in fetched] == [URI]
    assert oauthctl("diagnose", environ=isolated(tmp_path)).code == 0


def test_the_fragment_is_the_hash_and_the_recording_holds_no_signature(op: Provider, tmp_path: Path, keys: str) -> None:
    assert login(op, tmp_path, "--client-key", keys, "--request-uri", URI).code == 0
    assert len((query(op).get("request_uri") or "").partition("#")[2]) == 43
    shown = exchanges(tmp_path, "request-object")[0]["response"]["content"]["text"]
    apart = take_apart(shown)
    assert (apart.claims or {})["client_id"] == "referring"
    assert check_signature(apart, (SIGNING.public(),), allowed_algs=("ES256",)).outcome is not Outcome.PASS


def test_a_place_that_is_not_registered_is_not_fetched_and_named_by_its_rule(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(op, tmp_path, "--client-key", keys, "--request-uri", URI, client="keyed", sign_in=())
    assert ran.code == 3
    assert "request_uri is not registered" in op.server.state.log[-1].reason
    assert found_first(tmp_path) == "request-uri-not-fetched"


def test_a_key_that_nobody_registered_is_refused_and_named_by_its_rule(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(generate("ES256").as_dict()))
    ran = login(op, tmp_path, "--client-key", str(path), "--request-uri", URI)
    assert ran.code == 4
    assert "invalid_request_object" in ran.err
    assert found_first(tmp_path) == "request-object-refused"


def test_a_tunnel_leads_to_a_port_of_ours(op: Provider, tmp_path: Path, keys: str) -> None:
    url = "https://tunnel.example/there/request.jwt"
    place = ("--request-uri", url, "--request-port", str(free_ports(1)))
    ran = login(op, tmp_path, "--client-key", keys, *place, "--dry-run", client="tunnelled")
    assert ran.code == 0, ran.err
    assert f"the server fetches the request object from {url}" in ran.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--request-uri", "http://app.example/r"), "it has to be https"),
        (("--request-uri", "https://app.example/r"), "--request-port N"),
        (("--request-uri", f"{URI}#part"), "without a fragment"),
        (("--par", "always"), "not both"),
        (("--grant", "device_code"), "no browser brings a reference"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_opened(
    op: Provider, tmp_path: Path, keys: str, argv: tuple[str, ...], said: str
) -> None:
    ran = login(op, tmp_path, "--client-key", keys, *argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not op.asked("/authorize")


def test_a_port_that_is_free_by_chance_is_no_place_for_a_server_that_wants_it_registered(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(op, tmp_path, "--client-key", keys)
    assert (ran.code, ran.out) == (2, "")
    assert "`require_request_uri_registration`" in ran.err
    assert "--request-uri http://127.0.0.1:" in ran.err
    assert not op.asked("/authorize")


def test_a_server_that_says_it_fetches_nothing_is_told_of(op: Provider, tmp_path: Path, keys: str) -> None:
    op.spoils["/.well-known/oauth-authorization-server"] = members(request_uri_parameter_supported=False)
    op.spoils["/.well-known/openid-configuration"] = members(request_uri_parameter_supported=False)
    ran = login(op, tmp_path, "--client-key", keys, "--request-uri", URI)
    assert "fetches no request objects" in ran.err
