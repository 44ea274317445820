from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.metadata import metadata_urls
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.store.locations import Locations
from oauthctl.store.profiles import Profile, save
from oauthctl.store.recordings import summaries
from tests.cli.running import Ran, oauthctl
from tests.shell.servers import Talk, always, read_request, serving


@cache
def keys() -> tuple[Jwk, ...]:
    return (generate("ES256"),)


def make_state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=practice_clients(secret="hush"), users=practice_users(), keys=keys())


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with Server(make_state) as running:
        yield running.issuer


@pytest.fixture
def where(tmp_path: Path) -> Locations:
    return Locations(tmp_path / "config", tmp_path / "state")


def run(where: Locations, *argv: str, columns: int = 0) -> Ran:
    environ = {"OAUTHCTL_CONFIG_DIR": str(where.config), "OAUTHCTL_STATE_DIR": str(where.state)}
    return oauthctl("discover", *argv, columns=columns, environ=environ)


def answer(body: object, status: str = "200 OK") -> bytes:
    octets = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(octets)}\r\n\r\n".encode() + octets


def by_path(answers: dict[str, bytes]) -> Talk:
    """Answers each path with its bytes, others with 404."""

    def talk(sock: Any) -> None:
        while request := read_request(sock):
            sock.sendall(answers.get(request.split(b" ")[1].decode(), answer({}, "404 Not Found")))

    return talk


def test_the_metadata_is_a_table_and_the_places_that_were_asked_are_talk(where: Locations, issuer: str) -> None:
    ran = run(where, issuer)
    assert ran.code == 0
    rows = [row.split("\t") for row in ran.out.splitlines()]
    assert rows[0] == ["issuer", issuer, "the server's identifier; tokens and answers carry the very same string"]
    assert ["response_types_supported", "code", "the response types that work"] in rows
    assert ran.err == f"asked:\n  ✓ {issuer}/.well-known/oauth-authorization-server  answered\n✓ nothing is missing\n"


@pytest.mark.parametrize("columns", [60, 100, 160])
def test_it_fits_the_terminal(where: Locations, issuer: str, columns: int) -> None:
    ran = run(where, issuer, columns=columns)
    assert max(map(len, ran.out.splitlines())) <= columns
    assert ("where the browser goes to sign in" in ran.out) == (columns == 160)


def test_json_is_one_document(where: Locations, issuer: str) -> None:
    ran = run(where, issuer, "--json")
    document = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert document["issuer"] == issuer
    assert document["url"] == f"{issuer}/.well-known/oauth-authorization-server"
    assert document["attempts"] == [{"url": document["url"], "result": "answered", "exchange": 1}]
    assert document["metadata"]["token_endpoint"] == f"{issuer}/token"
    assert (document["remarks"], document["findings"]) == ([], [])


@pytest.mark.parametrize("spelling", ["{issuer}/.well-known/openid-configuration", "{host}", "work"], ids=["document", "host", "profile"])
def test_a_document_a_bare_host_and_a_profile_are_targets_too(where: Locations, issuer: str, spelling: str) -> None:
    save(where, Profile("work", issuer=issuer, client_id="cli"))
    ran = run(where, spelling.format(issuer=issuer, host=issuer.removeprefix("http://")), "--json")
    assert (ran.code, json.loads(ran.out)["issuer"]) == (0, issuer)


def test_what_is_missing_is_said_the_worst_first(where: Locations) -> None:
    metadata = {"issuer": "https://op.example", "token_endpoint": "http://op.example/token", "code_challenge_methods_supported": ["plain"]}
    with serving(always(answer(metadata))) as server:
        ran = run(where, server.url, "--expect-issuer", "https://op.example", "--json")
        talk = run(where, server.url, "--expect-issuer", "https://op.example").err
    findings = json.loads(ran.out)["findings"]
    assert [finding["severity"] for finding in findings] == sorted(
        (finding["severity"] for finding in findings), key=["error", "warning", "note"].index
    )
    assert {
        "rule": "endpoint-without-tls",
        "severity": "error",
        "message": "`token_endpoint` is plain http: http://op.example/token",
        "sections": ["RFC 6749 section 3.2"],
    } in findings
    assert "error: `response_types_supported` is required and missing  RFC 8414 section 2\n" in talk
    assert "warning: PKCE without S256: `plain`  RFC 7636 section 4.2\n" in talk


def test_what_only_the_openid_document_has_is_added_and_said(where: Locations) -> None:
    answers: dict[str, bytes] = {}
    with serving(by_path(answers)) as server:
        answers["/.well-known/oauth-authorization-server"] = answer({"issuer": server.url, "token_endpoint": f"{server.url}/token"})
        answers["/.well-known/openid-configuration"] = answer({"issuer": server.url, "userinfo_endpoint": f"{server.url}/me"})
        document = json.loads(run(where, server.url, "--json").out)
    assert document["metadata"]["userinfo_endpoint"] == f"{server.url}/me"
    assert [one["result"] for one in document["attempts"]] == ["answered", "answered too"]
    assert document["remarks"] == [f"only {server.url}/.well-known/openid-configuration has `userinfo_endpoint`"]


def test_members_that_are_there_twice_are_warned_of_or_refused(where: Locations) -> None:
    twice = {"whole": ""}

    def talk(sock: socket.socket) -> None:
        while read_request(sock):
            octets = f'{{"issuer":"{server.url}","token_endpoint":"{server.url}/t",{twice["whole"]}}}'.encode()
            sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(octets)}\r\n\r\n".encode() + octets)

    with serving(talk) as server:
        twice["whole"] = '"scopes_supported":["a"],"scopes_supported":["b"]'
        ran = run(where, server.url)
        assert (ran.code, ran.err.count("warning: ")) == (0, 2)
        assert "has `scopes_supported` 2 times, and they differ: the first is used" in ran.err
        twice["whole"] = '"issuer":"https://evil.example"'
        refused = run(where, server.url)
    assert (refused.code, refused.out) == (3, "")
    assert "error[metadata-member-repeated]: the metadata has `issuer` more than once, and they differ" in refused.err


def test_another_issuer_is_refused_and_the_way_out_named(where: Locations) -> None:
    with serving(always(answer({"issuer": "https://other.example", "token_endpoint": "https://other.example/token"}))) as server:
        ran = run(where, server.url)
        again = run(where, server.url, "--expect-issuer", "https://other.example", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("error[metadata-issuer-internal-name]: the metadata names another issuer than the one asked for\n")
    assert "`--expect-issuer https://other.example`" in ran.err
    assert (again.code, json.loads(again.out)["issuer"]) == (0, "https://other.example")


def test_the_issuer_that_a_profile_expects_is_taken(where: Locations) -> None:
    with serving(always(answer({"issuer": "https://other.example", "token_endpoint": "https://other.example/token"}))) as server:
        save(where, Profile("tenant", issuer=server.url, client_id="cli", expect_issuer="https://other.example"))
        assert run(where, "tenant").code == 0


def test_a_server_without_metadata_is_told_with_every_place_that_was_asked(where: Locations) -> None:
    with serving(by_path({})) as server:
        ran = run(where, f"{server.url}/tenant")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"error[metadata-not-found]: `{server.url}/tenant` publishes no metadata\n")
    assert ran.err.count(": status 404 (exchange ") == 3


def test_a_server_that_does_not_run_is_unreachable(where: Locations) -> None:
    with serving(by_path({})) as server:
        pass
    ran = run(where, server.url, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert json.loads(ran.err)["error"]["slug"] == "connection-refused"


def test_control_characters_of_a_server_never_reach_the_terminal(where: Locations) -> None:
    answers: dict[str, bytes] = {}
    with serving(by_path(answers)) as server:
        hostile = {"issuer": server.url, "token_endpoint": "https://op.example/\x1b]0;gone\x07", "x\x1b[2J": "\x9b31m"}
        answers["/.well-known/oauth-authorization-server"] = answer(hostile)
        for argv in ([server.url], [server.url, "--json"]):
            ran = run(where, *argv, columns=200)
            assert ran.code == 0
            assert (ran.out + ran.err).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("wrok", "there is no profile `wrok`"),
        ("ftp://op.example", "`ftp://op.example` is no http or https URL"),
        ("https://", "`https://` is no http or https URL"),
        ("by-hand", "the profile `by-hand` names no issuer"),
    ],
)
def test_a_target_that_is_none_is_a_usage_error(where: Locations, target: str, said: str) -> None:
    save(where, Profile("by-hand", client_id="cli", endpoints=(("token_endpoint", "https://op.example/token"),)))
    ran = run(where, target)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_what_was_asked_is_recorded_under_its_issuer(where: Locations, issuer: str) -> None:
    run(where, f"{issuer}/.well-known/openid-configuration")
    [recorded] = summaries(where, warn=pytest.fail)
    assert (recorded.command, recorded.issuer, recorded.exchange_count, recorded.outcome) == ("discover", issuer, 1, "done")


def test_the_help_names_the_places_in_the_order_in_which_they_are_asked(where: Locations) -> None:
    shown = [line.strip() for line in run(where, "--help").out.splitlines()]
    places = [line for line in shown if line.startswith("https://op.example/")]
    assert places == list(metadata_urls("https://op.example/staff"))


def test_without_metadata_only_options_are_named_that_somebody_takes(where: Locations) -> None:
    with serving(by_path({})) as server:
        ran = run(where, server.url)
    assert ran.code == 3
    assert "`oauthctl login` takes `--authorization-endpoint URL --token-endpoint URL`" in ran.err
