"""Device grant, CIBA, PAR, DPoP and client assertions on real servers, with the commands that a person types."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.jose.jwt import take_apart
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.interop.console import Console
from tests.interop.forms import Button, Form, Recipe
from tests.interop.pages import Page, browse
from tests.interop.targets import Server

OIDC_PROVIDER = pytest.mark.xdist_group("oidc_provider")
DJANGO = pytest.mark.xdist_group("django_oauth_toolkit")
KEYS = ("EC", "RSA")


def console_of(server: Server, client: str, folder: Path) -> Console:
    return Console(server, server.clients[client], folder)


def key_of(server: Server, folder: Path, kty: str) -> str:
    """The path of one of the private keys that the server's clients share."""
    keys = json.loads((server.folder / "client-keys.json").read_text("utf-8"))["keys"]
    path = folder / f"{kty}.jwk"
    path.write_text(json.dumps(next(key for key in keys if key["kty"] == kty and key["use"] == "sig")), "utf-8")
    return str(path)


class Reader(io.StringIO):
    """A stderr at which somebody sits with another device: opens the page that was named, types in the code that was shown."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.pages: list[Page] = []
        self.thread: Thread | None = None

    def write(self, text: str) -> int:
        written = super().write(text)
        said = self.getvalue()
        page, code = re.search(r"^(http\S+)$", said, re.M), re.search(r"^  ([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)$", said, re.M)
        if page and code and self.thread is None:
            self.thread = Thread(target=self._visit, args=(page[1], code[1]))
            self.thread.start()
        return written

    def _visit(self, url: str, code: str) -> None:
        # The field for the code comes first, or else the recipe's empty field of the same name would be sent.
        self.pages.append(browse(url, (*self.recipe, Form({"user_code": code}))))


def on_another_device(server: Server, folder: Path, *argv: str, recipe: Recipe) -> tuple[Ran, Page]:
    stdout, person = io.StringIO(), Reader(recipe)
    words = ["login", server.issuer, "--grant", "device_code", "--timeout", "40", *argv]
    code = main(words, Terminal(io.StringIO(), stdout, person, isolated(folder)))
    assert person.thread is not None, person.getvalue()
    person.thread.join(20)
    return Ran(code, stdout.getvalue(), person.getvalue()), person.pages[0]


def kept(folder: Path) -> dict[str, object]:
    """The tokens as they lie in the store."""
    (path,) = (folder / "state" / "tokens").glob("*.json")
    return dict(json.loads(path.read_text("utf-8")))


def claims_of(token: object) -> dict[str, object]:
    return dict(take_apart(str(token)).claims or {})


@OIDC_PROVIDER
def test_a_device_signs_in_with_a_bound_token(oidc_provider: Server, tmp_path: Path) -> None:
    recipe = (Form({"login": "alice", "password": "any"}), Form(button=Button("confirm")))
    argv = ("--client-id", "public-dpop", "--dpop", "--scope", "openid profile")
    ran, page = on_another_device(oidc_provider, tmp_path, *argv, recipe=recipe)
    assert ran.code == 0, ran.err + page.text
    assert "signed in as alice" in ran.err
    assert kept(tmp_path)["token_type"] == "DPoP"
    asked = oauthctl("userinfo", "--json", environ=isolated(tmp_path))
    assert (asked.code, json.loads(asked.out)["sub"]) == (0, "alice"), asked.err


@DJANGO
def test_a_device_signs_in_where_the_metadata_does_not_name_its_endpoint(django_oauth_toolkit: Server, tmp_path: Path) -> None:
    recipe = (Form({"username": "alice", "password": "alice-pass"}), Form(button=Button("action", "accept")))
    endpoint = f"{django_oauth_toolkit.issuer}/device-authorization/"
    argv = ("--client-id", "device", "--scope", "openid read", "--device-authorization-endpoint", endpoint)
    ran, page = on_another_device(django_oauth_toolkit, tmp_path, *argv, recipe=recipe)
    assert ran.code == 0, ran.err + page.text
    called = oauthctl("call", str(django_oauth_toolkit.api_url), environ=isolated(tmp_path))
    assert called.code == 0, called.err
    assert "alice" in called.out


@OIDC_PROVIDER
@pytest.mark.parametrize(("client", "more"), [("public-par", ()), ("public", ("--par", "always")), ("basic", ("--par", "always"))])
def test_a_request_is_pushed_first(oidc_provider: Server, client: str, more: Sequence[str], tmp_path: Path) -> None:
    console = console_of(oidc_provider, client, tmp_path)
    ran = console.login(*(more or ("--par", "always")))
    assert ran.code == 0, ran.err
    shown = console.type("trace", "show")
    assert "pushed authorization request  POST /request" in shown.out
    # The reference that the browser took along belongs to the same sign-in, and nothing about it is an error.
    assert ("sign-in 1 of 2" in shown.out, shown.err) == (False, "")
    assert console.leaks() == []


@OIDC_PROVIDER
def test_a_client_that_has_to_push_is_refused_without(oidc_provider: Server, tmp_path: Path) -> None:
    refused = console_of(oidc_provider, "public-par", tmp_path).login("--par", "never", "--timeout", "8")
    assert refused.code != 0
    assert "Pushed Authorization Request must be used" in refused.err


@OIDC_PROVIDER
@pytest.mark.parametrize("client", ["public-dpop", "public-dpop-nonce"])
def test_bound_tokens_are_used_and_refreshed_with_their_key(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    console = console_of(oidc_provider, client, tmp_path)
    ran = console.login("--dpop")
    assert ran.code == 0, ran.err
    first = kept(tmp_path)
    assert first["token_type"] == "DPoP"
    assert json.loads(console.type("userinfo", "--json").out)["sub"] == "alice"
    refreshed = console.type("refresh")
    assert refreshed.code == 0, refreshed.err
    second = kept(tmp_path)
    assert second["token_type"] == "DPoP"
    assert second["access_token"] != first["access_token"]
    assert second["dpop_key"] == first["dpop_key"]
    assert console.type("userinfo").code == 0
    console.remember(second)
    assert console.leaks() == []


@OIDC_PROVIDER
def test_a_client_that_has_to_prove_a_key_is_refused_without(oidc_provider: Server, tmp_path: Path) -> None:
    refused = console_of(oidc_provider, "public-dpop", tmp_path).login()
    assert refused.code == 4
    assert "invalid_grant" in refused.err


@OIDC_PROVIDER
@pytest.mark.parametrize("audience", [(), ("--assertion-audience", "token-endpoint")], ids=["issuer", "token-endpoint"])
@pytest.mark.parametrize("kty", KEYS)
def test_a_key_proves_the_client(oidc_provider: Server, kty: str, audience: Sequence[str], tmp_path: Path) -> None:
    console = console_of(oidc_provider, "key-jwt", tmp_path)
    ran = console.login("--client-key", key_of(oidc_provider, tmp_path, kty), *audience)
    assert ran.code == 0, ran.err
    for argv in (("userinfo",), ("refresh",), ("logout",)):
        done = console.type(*argv)
        assert done.code == 0, done.err
    assert console.leaks() == []


@OIDC_PROVIDER
def test_a_secret_proves_the_client_without_being_sent(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "secret-jwt", tmp_path)
    ran = console.login()
    assert ran.code == 0, ran.err
    assert console.leaks() == []


@OIDC_PROVIDER
@pytest.mark.parametrize("client", ["key-jwt", "secret-jwt"])
def test_a_service_gets_its_token_by_an_assertion(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    known = oidc_provider.clients[client]
    environ = {"OAUTHCTL_ISSUER": oidc_provider.issuer, "OAUTHCTL_CLIENT_ID": client, "OAUTHCTL_CLIENT_AUTH": known.method}
    if known.secret:
        environ["OAUTHCTL_CLIENT_SECRET"] = known.secret
    else:
        environ["OAUTHCTL_CLIENT_KEY_FILE"] = key_of(oidc_provider, tmp_path, "EC")
    argv = ("token", "--grant", "client_credentials", "--scope", "read", "--resource", "urn:example:jwt")
    ran = oauthctl(*argv, environ=isolated(tmp_path) | environ)
    assert ran.code == 0, ran.err
    assert claims_of(ran.out.strip())["client_id"] == client


@OIDC_PROVIDER
def test_a_person_elsewhere_is_asked(oidc_provider: Server, tmp_path: Path) -> None:
    """CIBA: at this server everybody agrees after two seconds."""
    key = key_of(oidc_provider, tmp_path, "EC")
    argv = ["login", oidc_provider.issuer, "--grant", "ciba", "--client-id", "key-jwt", "--client-auth", "private_key_jwt"]
    argv += ["--client-key", key, "--scope", "openid", "--timeout", "30", "--login-hint"]
    agreed = oauthctl(*argv, "alice", environ=isolated(tmp_path / "yes"))
    assert agreed.code == 0, agreed.err
    assert "signed in as alice" in agreed.err


@OIDC_PROVIDER
@pytest.mark.parametrize(("who", "code"), [("alice", 0), ("deny-alice", 4)])
def test_the_server_tells_when_the_person_elsewhere_has_decided(oidc_provider: Server, tmp_path: Path, who: str, code: int) -> None:
    """CIBA in ping mode."""
    place = f"http://127.0.0.1:{(urlsplit(oidc_provider.issuer).port or 0) + 2}/ciba"
    argv = ["login", oidc_provider.issuer, "--grant", "ciba", "--client-id", "ciba-ping", "--scope", "openid", "--login-hint", who]
    secret = oidc_provider.clients["ciba-ping"].secret or ""
    ran = oauthctl(*argv, "--notification-endpoint", place, environ=isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": secret})
    assert ran.code == code, ran.err
    assert "no notification" not in ran.err
    recording = json.loads(next(tmp_path.rglob("*.har")).read_text("utf-8"))
    purposes = [entry["_oauthctl"]["purpose"] for entry in recording["log"]["entries"]]
    assert purposes[1:4] == ["backchannel-authentication", "notification", "token"]


CANAILLE = pytest.mark.xdist_group("canaille")


@CANAILLE
def test_canaille_knows_the_client_by_its_key(canaille: Server, tmp_path: Path) -> None:
    """private_key_jwt, and the request in a signed JWT, by one key. This server takes assertions for its token endpoint alone."""
    console = console_of(canaille, "key-jwt", tmp_path)
    words = ("--client-key", str(canaille.folder / "client-key.json"), "--request-object", "signed")
    refused = console.login(*words)
    assert refused.code == 4
    assert "error[assertion-audience-wrong]" in refused.err
    assert "--assertion-audience token-endpoint" in refused.err
    ran = console.login(*words, "--assertion-audience", "token-endpoint")
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"
    recording = json.loads(next(tmp_path.rglob("*.har")).read_text("utf-8"))
    asked = [entry["request"]["url"] for entry in recording["log"]["entries"]]
    assert any("request=ey" in url and "scope=" not in url for url in asked)
    assert console.leaks() == []


@CANAILLE
def test_canaille_takes_a_signed_request_of_a_public_client(canaille: Server, tmp_path: Path) -> None:
    console = console_of(canaille, "referring", tmp_path)
    ran = console.login("--client-key", str(canaille.folder / "client-key.json"), "--request-object", "signed")
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"


@CANAILLE
@pytest.mark.parametrize(("typed", "code"), [("correct-horse-9", 0), ("wrong", 4)])
def test_canaille_takes_a_password(canaille: Server, tmp_path: Path, typed: str, code: int) -> None:
    """The legacy grant."""
    argv = ["login", canaille.issuer, "--grant", "password", "--client-id", "basic", "--client-auth", "client_secret_basic"]
    environ = isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": "dev-secret", "OAUTHCTL_PASSWORD": typed}
    ran = oauthctl(*argv, "--scope", "openid profile", "--login-hint", "alice", environ=environ)
    assert ran.code == code, ran.err
    assert "must not be used where there is a choice" in ran.err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and typed in path.read_text("utf-8", "replace")] == []


@OIDC_PROVIDER
def test_a_person_has_another_name_for_each_site(oidc_provider: Server, tmp_path: Path) -> None:
    """Pairwise subjects: ID token and userinfo agree on one that is not the user's name."""
    console = console_of(oidc_provider, "public-pairwise", tmp_path)
    assert console.login().code == 0
    subject = console.tokens["subject"]
    assert len(subject) == 64
    told = console.type("userinfo", "--json")
    assert (told.code, json.loads(told.out)["sub"]) == (0, subject), told.err
