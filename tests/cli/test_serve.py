from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from oauthctl.cli.practice_specs import read_trust
from oauthctl.cli.serve_introduction import document, introduction
from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import generate
from oauthctl.messages.token_exchange import JWT_BEARER
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import new_state
from oauthctl.views.lines import plain
from tests.cli.running import oauthctl
from tests.cli.specs import read_client, read_user

SECRET = "correct horse battery staple"


@contextmanager
def serving(*argv: str, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, since only the main thread gets signals."""
    process = subprocess.Popen(
        [sys.executable, "-m", "oauthctl", "serve", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"} | (environ or {}),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended_and_that_is_no_error(ending: signal.Signals) -> None:
    with serving("--client", "id=shop,secret-env=SHOP", "--user", "carol", environ={"SHOP": SECRET}) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        with httpx.Client(base_url=issuer, trust_env=False, timeout=5) as client:
            assert client.get("/.well-known/openid-configuration").json()["issuer"] == issuer
            granted = client.post("/token", data={"grant_type": "client_credentials"}, auth=("shop", SECRET.replace(" ", "+")))
            assert granted.status_code == 200, granted.text
            assert client.post("/token", data={"grant_type": "password", "client_id": "public"}).status_code == 400
        process.send_signal(ending)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    assert "token public: unsupported_grant_type" in err
    assert "carol  password: the same" in err
    assert SECRET not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_verbose_tells_each_request_and_without_it_those_that_go_wrong() -> None:
    told = []
    for words in ((), ("--verbose",)):
        with serving(*words) as process:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            httpx.get(f"{issuer}/jwks?token={SECRET}", trust_env=False)
            httpx.get(f"{issuer}/jwks?token={SECRET}", headers={"Host": "host.docker.internal"}, trust_env=False)
            process.send_signal(signal.SIGTERM)
            told.append(process.communicate(timeout=10)[1])
    refused = "http GET /jwks: 421 Misdirected Request, this server does not answer for the host host.docker.internal"
    assert [("GET /jwks 200" in err, refused in err, SECRET in err) for err in told] == [(False, True, False), (True, True, False)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_json_tells_a_program_what_it_needs_to_get_a_token() -> None:
    with serving("--json", "--quiet", "--token-seconds", "7", "--opaque-tokens") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        service = next(one for one in told["clients"] if one["client_id"] == "service")
        with httpx.Client(base_url=told["issuer"], trust_env=False, timeout=5) as client:
            granted = client.post("/token", data={"grant_type": "client_credentials"}, auth=("service", service["client_secret"])).json()
        assert (granted["expires_in"], "." in granted["access_token"]) == (7, False)
        process.terminate()
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_a_host_that_others_reach_is_warned_about() -> None:
    with serving("--host", "0.0.0.0", "--issuer", "https://op.example/team") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "https://op.example/team\n"
        process.terminate()
        _, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert err.startswith("warning: `0.0.0.0` is more than this machine")
    assert "https://op.example/team/.well-known/openid-configuration" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that ends a process in good order")
def test_behind_a_proxy_nobody_registers_and_all_of_it_is_closed_to_others() -> None:
    with serving("--issuer", "/one", "--issuer", "https://op.example/two", "--fault", "code-expired:client=nobody") as process:
        assert process.stdout is not None
        here = process.stdout.readline().strip()
        there = f"{here.removesuffix('/one')}/two"
        with httpx.Client(trust_env=False, timeout=5, headers={"Host": "op.example"}) as client:
            body = {"redirect_uris": ["http://127.0.0.1/callback"]}
            assert [client.post(f"{issuer}/register", json=body).status_code for issuer in (here, there)] == [403, 403]
            assert [client.get(f"{issuer}/?requests").status_code for issuer in (here, there)] == [403, 403]
            assert not any("alice" in client.get(f"{issuer}/").text for issuer in (here, there))
            assert client.get(f"{there}/control/faults").status_code == 404
            assert "registration_endpoint" not in client.get(f"{there}/.well-known/openid-configuration").json()
        process.terminate()
        _, err = process.communicate(timeout=10)
    assert "warning: `https://op.example/two` is more than this machine" in err
    assert err.count("warning: `code-expired` strikes `nobody` alone, and there is no such client until it registers") == 2


@pytest.mark.parametrize(
    ("issuer", "works"),
    [
        ("http://127.0.0.1:9477", True),
        ("http://localhost:9477/team", True),
        ("https://op.example", True),
        ("http://vm:9477", False),
        ("http://192.0.2.7:9477", False),
    ],
)
def test_no_command_is_named_that_login_would_refuse(issuer: str, works: bool) -> None:
    state = new_state(issuer, clients=practice_clients(secret=SECRET), users=practice_users(), keys=(generate("ES256"),))
    text = "\n".join(plain(line) for line in introduction(state, SECRET))
    assert (f"oauthctl login {issuer} " in text) is works
    assert ("put TLS in front of it" in text) is not works


def test_a_busy_port_is_said_before_anything_is_served() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = oauthctl("serve", "--port", str(taken.getsockname()[1]))
    assert (ran.code, ran.out) == (2, "")
    assert "is busy" in ran.err


@pytest.mark.parametrize("issuer", ["op", "ftp://op.example", "https://op.example?tenant=a", "https://op.example#a", "/../x", "//op"])
def test_what_is_no_issuer_is_refused(issuer: str) -> None:
    ran = oauthctl("serve", "--issuer", issuer)
    assert (ran.code, ran.out) == (2, "")
    assert "issuer-unusable" in ran.err


@pytest.mark.parametrize("option", ["--tls", "--mtls", "--state", "--scenario", "--junit", "--host", "--issuer", "--config"])
def test_an_empty_value_is_none(option: str) -> None:
    ran = oauthctl("serve", option, "")
    assert (ran.code, ran.out) == (2, "")
    assert f"`{option}` is empty" in ran.err


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("name=Shop", "has no id"),
        ("shop", "not `KEY=VALUE`"),
        ("id=shop,colour=red", "not `KEY=VALUE` with a known key"),
        ("id=shop,id=other", "given 2 times"),
        ("id=shop,redirect=/callback", "no absolute URI"),
        ("id=shop,redirect=javascript:alert(1)", "no absolute URI"),
        ("id=shop,redirect=http://localhost/#here", "no absolute URI"),
        ("id=shop,secret-env=NOT_SET", "`NOT_SET` is not set"),
        ("id=shop,secret-env=SHOP,secret-file=x", "both"),
        ("id=shop,secret-file=/nowhere/secret", "can't be read"),
        ("id=shop,grant=telepathy", "unknown grant `telepathy`"),
        ("id=shop,grant=client_credentials", "has no secret"),
        (f"id=shop,secret={SECRET}", "takes no secret"),
        ("id=shop,redirct=http://localhost:5000/cb", "the 2nd part"),
        ("id=shop,secret-env=SHOP,logo_uri=https://shop.test/logo", "`logo_uri`, the 3rd part of `--client`, can't be set here"),
        (f"id=shop,{SECRET}", "the 2nd part"),
        ("id=shop,secret-env=SHOP,token_endpoint_auth_method=sworn_oath", "which the provider does not do"),
        ("id=shop,token_endpoint_auth_method=client_secret_jwt", "has no secret"),
        ("id=shop,token_endpoint_auth_method=private_key_jwt", "has no keys"),
        ("id=shop,secret-env=SHOP,token_endpoint_auth_method=none", "has a secret"),
        ("id=shop,resource=/api/nowhere", "`/api/nowhere` is no part of the API"),
    ],
)
def test_a_client_that_cannot_be_is_refused(spec: str, complaint: str) -> None:
    ran = oauthctl("serve", "--client", spec, environ={"SHOP": SECRET})
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err
    assert SECRET not in ran.err


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [("", "does not begin with a name"), ("name=Carol", "does not begin with a name"), (f"carol,password={SECRET}", "takes no password")],
)
def test_a_user_that_cannot_be_is_refused(spec: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        read_user(spec, {})
    assert SECRET not in str(vars(caught.value))


def test_a_client_has_everything_that_its_spec_says(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    spec = f"id=shop,name=The Shop,redirect=https://shop.test/cb,redirect=app.shop:/cb,scope=openid email,secret-file={tmp_path}/secret.txt"
    client = read_client(spec, {})
    assert (client.id, client.name) == ("shop", "The Shop")
    assert client.redirect_uris == ("https://shop.test/cb", "app.shop:/cb")
    assert client.scopes == ("openid", "email")
    assert client.has_secret(SECRET)
    assert "client_credentials" in client.grant_types
    assert not client.is_native


@pytest.mark.parametrize(
    ("redirect", "asked", "goes"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:4711/cb", True),
        ("http://[::1]/cb", "http://[::1]:4711/cb", True),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:4711/cb", False),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:8080/cb", True),
        ("http://localhost/cb", "http://localhost:4711/cb", False),
    ],
)
def test_a_loopback_ip_without_a_port_takes_any(redirect: str, asked: str, goes: bool) -> None:
    client = read_client(f"id=shop,redirect={redirect}", {})
    assert client.is_public
    assert client.may_redirect_to(asked) is goes


def test_a_user_has_the_name_and_the_password_that_are_given() -> None:
    user = read_user("dave,name=Dave Dale,password-env=DAVES", {"DAVES": SECRET})
    assert user.has_password(SECRET)
    assert user.claims["name"] == "Dave Dale"
    assert read_user("carol", {}).has_password("carol")


def test_of_the_secrets_only_the_generated_one_is_told() -> None:
    own: tuple[Any, ...] = (read_client("id=shop,secret-env=SHOP", {"SHOP": SECRET}),)
    users = (*practice_users(), read_user("dave,password-env=DAVES", {"DAVES": "another secret"}))
    state = new_state("http://127.0.0.1:9000", clients=(*practice_clients(secret="made"), *own), users=users, keys=(generate("ES256"),))
    told = json.dumps(document(state, "made"))
    shown = "\n".join(plain(one) for one in introduction(state, "made"))
    assert '"client_secret": "made"' in told
    assert shown.count("made") == 2
    for text in (told, shown):
        assert SECRET not in text
        assert "another secret" not in text


def test_a_client_may_have_keys_and_speak_for_people(tmp_path: Path) -> None:
    key = generate("ES256").with_(kid="robot")
    path = tmp_path / "robot.jwks"
    path.write_text(json.dumps({"keys": [key.as_dict()]}))
    client = read_client(f"id=robot,grant=jwt-bearer,grant=client_credentials,keys-file={path},asserts-users=yes", {})
    assert client.keys == (key.public(),)
    assert (client.is_public, client.speaks_for_users, client.allowed_auth_methods) == (False, True, ("private_key_jwt",))
    assert client.grant_types == (JWT_BEARER, "client_credentials")


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("client_secret_jwt", "has a secret, for client_secret_jwt"),
        ("client_secret_post", "has a secret, for client_secret_post"),
        ("private_key_jwt", "has keys"),
        ("attest_jwt_client_auth", "has an attestation"),
        ("", "has a secret and keys"),
    ],
)
def test_how_a_client_proves_itself_can_be_said_and_is_told(tmp_path: Path, method: str, kind: str) -> None:
    path = tmp_path / "keys.jwks"
    path.write_text(json.dumps({"keys": [generate("ES256").as_dict()]}))
    spec = f"id=shop,secret-env=SHOP,keys-file={path}" + (f",token_endpoint_auth_method={method}" if method else "")
    client = read_client(spec, {"SHOP": SECRET})
    assert not method or client.allowed_auth_methods == (method,)
    state = new_state("http://127.0.0.1:9000", clients=(client,), users=practice_users(), keys=(generate("ES256"),))
    shown = "\n".join(plain(line) for line in introduction(state, "made"))
    assert f"shop  {kind}; " in shown
    (told,) = document(state, "made")["clients"]
    assert told["token_endpoint_auth_methods"] == list(client.allowed_auth_methods)


def test_a_client_serves_a_part_of_the_api() -> None:
    client = read_client("id=gateway,secret-env=SHOP,grant=token-exchange,resource=/api/items,resource=/api/photos", {"SHOP": SECRET})
    assert client.resources == ("/api/items", "/api/photos")


def test_the_page_where_people_answer_is_told() -> None:
    state = new_state("http://127.0.0.1:9000/team", clients=practice_clients(secret="x"), users=practice_users(), keys=(generate("ES256"),))
    assert document(state, "x")["approvals_url"] == "http://127.0.0.1:9000/team/approvals"
    (shown,) = [plain(line) for line in introduction(state, "x") if "/approvals" in plain(line)]
    assert "http://127.0.0.1:9000/team/approvals" in shown
    assert "CIBA" in shown


@pytest.mark.parametrize("origin", ["http://app.example", "http://127.0.0.1:8000/path", "127.0.0.1:8000", "http://user@localhost:1", "x"])
def test_what_is_no_origin_of_this_machine_is_refused(origin: str) -> None:
    ran = oauthctl("serve", "--local-client", origin)
    assert (ran.code, ran.out) == (2, "")
    assert "--local-client" in ran.err


def test_an_issuer_is_trusted_by_its_keys(tmp_path: Path) -> None:
    key = generate("ES256").with_(kid="idp")
    path = tmp_path / "idp=keys.jwks"
    path.write_text(json.dumps({"keys": [key.as_dict()]}))
    assert read_trust(f"https://idp.example={path}") == ("https://idp.example", (key.public(),))


@pytest.mark.parametrize(
    "spec", ["", "https://idp.example", "https://idp.example=", "idp=keys.json", "https://idp.example=/nowhere/keys.json"]
)
def test_an_issuer_that_cannot_be_trusted_is_refused(spec: str) -> None:
    for flag, more in (("--trust", ()), ("--trust-attester", ("--experimental",))):
        ran = oauthctl("serve", flag, spec, *more)
        assert (ran.code, ran.out) == (2, "")
        assert f"`{flag}`" in ran.err or "can't be read" in ran.err


def test_attesters_belong_to_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "attester.jwks"
    path.write_text(json.dumps(generate("ES256").as_dict()))
    ran = oauthctl("serve", "--trust-attester", f"https://attester.example={path}")
    assert (ran.code, ran.out) == (2, "")
    assert "`--trust-attester`" in ran.err
    assert "--experimental" in ran.err
