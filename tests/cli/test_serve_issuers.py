"""`serve` with several issuers, and `login` at each of them."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from oauthctl.http import Request, Response
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Hosted, Server
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.test_serve import serving
from tests.cli.test_serve_tables import ISSUERS
from tests.interop.pages import browse
from tests.provider.world import keys

asked: list[str] = []


def _state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=practice_clients(secret="hush"), users=practice_users(), keys=keys())


def _answer(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
    asked.append(request.path)
    return handle(state, request, moment)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    beside = (Hosted(_state, "/two", {"handler": _answer}), Hosted(_state, "/slash/"))
    with Server(_state, issuer="/one", handler=_answer, beside=beside) as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_all_of_them_are_told(tmp_path: Path) -> None:
    with serving("--issuer", "/one", "--issuer", "/two", "--json", "--tls", str(tmp_path)) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        secrets = [next(one["client_secret"] for one in each["clients"] if one["client_id"] == "service") for each in told["issuers"]]
        with httpx.Client(trust_env=False, timeout=5, verify=ssl.create_default_context(cafile=told["ca_file"])) as client:
            form = {"grant_type": "client_credentials"}
            granted = [client.post(f"{each['issuer']}/token", data=form, auth=("service", secrets[0])) for each in told["issuers"]]
        process.terminate()
        process.communicate(timeout=10)
    assert [each["issuer"].rpartition("/")[2] for each in told["issuers"]] == ["one", "two"]
    assert told["issuer"] == told["issuers"][0]["issuer"]
    assert [answer.status_code for answer in granted] == [200, 401]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_the_ready_lines_are_one_for_each() -> None:
    with serving("--issuer", "/one", "--issuer", "https://op.example/two") as process:
        assert process.stdout is not None
        ready = [process.stdout.readline(), process.stdout.readline()]
        httpx.post(f"{ready[0].strip()}/token", data={"grant_type": "client_credentials"}, auth=("service", "wrong"), trust_env=False)
        process.terminate()
        _, err = process.communicate(timeout=10)
    assert ready[0].startswith("http://127.0.0.1:")
    assert ready[0].endswith("/one\n")
    assert ready[1] == "https://op.example/two\n"
    assert "Issuer https://op.example/two" in err
    assert "/one token service: invalid_client" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_each_issuer_of_a_file_is_as_its_tables_say(tmp_path: Path) -> None:
    (tmp_path / "provider.toml").write_text(ISSUERS.replace("two.db", str(tmp_path / "two.db")))
    with serving("--config", str(tmp_path / "provider.toml"), "--json") as process:
        assert process.stdout is not None
        one, two = json.loads(process.stdout.readline())["issuers"]
        with httpx.Client(trust_env=False, timeout=5) as client:
            metadata = [client.get(told["metadata_url"]).json() for told in (one, two)]
        process.terminate()
        process.communicate(timeout=10)
    assert [told["token_seconds"] for told in (one, two)] == [20, 60]
    known = [{client["client_id"] for client in told["clients"]} & {"everywhere", "shop"} for told in (one, two)]
    assert known == [{"everywhere", "shop"}, {"everywhere"}]
    assert ["carol" in {user["username"] for user in told["users"]} for told in (one, two)] == [True, False]
    assert [document["issuer"].endswith("/") for document in metadata] == [False, True]
    assert ["password" in document["grant_types_supported"] for document in metadata] == [True, False]
    assert [document["id_token_signing_alg_values_supported"] for document in metadata] == [["RS256", "ES256", "HS256"], ["ES256", "HS256"]]
    assert (tmp_path / "two.db").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--issuer", "/one", "--issuer", "/one"), "the issuer `http://127.0.0.1:"),
        (("--issuer", "/one", "--issuer", "two"), "`two` can't be an issuer"),
        (("--issuer", "//op.example"), "`//op.example` can't be an issuer"),
        (("--issuer", "/one?two"), "`/one?two` can't be an issuer"),
        (("--issuer", "/ä"), "help: write `/%C3%A4`"),
        (("--issuer", "https://öp.example"), "`https://öp.example` can't be an issuer"),
        (("--issuer", "/", "--issuer", "/token"), "/token` takes the path `/token` of `http://127.0.0.1:"),
        (("--issuer", "/one", "--issuer", "/two", "--scenario", "careful-client"), "a scenario is for one issuer"),
    ],
)
def test_what_several_can_not_be_is_said(words: tuple[str, ...], complaint: str) -> None:
    ran = oauthctl("serve", *words)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


def test_a_person_signs_in_at_both_and_each_takes_its_own_tokens(server: Server, tmp_path: Path) -> None:
    one, two = (state.issuer for state in server.states[:2])
    for issuer in (one, two):
        ran, _ = oauthctl_with(ALICE, "login", issuer, "--client-id", "public", "--scope", "openid items.read", folder=tmp_path)
        assert ran.code == 0, ran.err
    called = [oauthctl("call", f"{issuer}/api/items", environ=isolated(tmp_path)) for issuer in (one, two)]
    assert [ran.code for ran in called] == [0, 4]
    assert "The access token is from another issuer" in called[1].err


def test_a_person_signs_in_at_one_that_ends_with_a_slash(server: Server, tmp_path: Path) -> None:
    issuer = server.states[2].issuer
    ran, _ = oauthctl_with(ALICE, "login", issuer, "--client-id", "public", "--scope", "openid items.read", "--json", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "spelled" not in ran.err
    assert json.loads(ran.out)["issuer"] == issuer
    assert oauthctl("call", f"{issuer}api/items", environ=isolated(tmp_path)).code == 0


def test_a_browser_that_is_led_to_the_other_issuer_is_noticed(server: Server, tmp_path: Path) -> None:
    """Source: RFC 9700 section 4.4.1: the mix-up attack; section 4.4.2.1: the defence by `iss` (RFC 9207)."""
    asked.clear()
    one, two = (state.issuer for state in server.states[:2])
    words = ("login", one, "--client-id", "public")
    ran, _ = oauthctl_with(lambda url: browse(url.replace(f"{one}/authorize", f"{two}/authorize"), ALICE), *words, folder=tmp_path)
    assert ran.code != 0
    assert "error[issuer-mixed-up]" in ran.err
    assert {"/two/authorize"} <= set(asked)
    assert not {"/one/token", "/two/token"} & set(asked)
