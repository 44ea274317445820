"""The client's private key on the command line: private_key_jwt and client_secret_jwt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from oauthctl.http import Params
from oauthctl.jose.jwk import from_private_key
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.client import Client
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, always, providing

PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = from_private_key(PRIVATE).with_(kid="mine")
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
LOOPBACK = ("http://127.0.0.1/callback",)
LONG_SECRET = "a secret that is thirty-two bytes or longer"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider with a client that has a key, and one that signs with its secret."""
    shared = {"scopes": ("openid", "items.read", "offline_access"), "grant_types": GRANTS, "redirect_uris": LOOPBACK, "is_native": True}
    signer = Client("signer", keys=(KEY.public(),), **shared)  # type: ignore[arg-type] - one table for both clients
    sharer = Client("sharer", secret=LONG_SECRET, auth_methods=("client_secret_jwt",), **shared)  # type: ignore[arg-type] - as above
    with providing(signer, sharer) as provider:
        yield provider


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "client.jwk"
    path.write_text(json.dumps(KEY.as_dict()))
    return path


def own(provider: Provider, folder: Path, **environ: str) -> Ran:
    variables = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "signer", **environ}
    return oauthctl("token", "--grant", "client_credentials", environ=isolated(folder) | variables)


def assertion(form: Params) -> dict[str, object]:
    return dict(take_apart(form.get("client_assertion") or "").claims or {})


def test_a_script_gets_its_token_by_a_key(provider: Provider, tmp_path: Path, key_file: Path) -> None:
    ran = own(provider, tmp_path, OAUTHCTL_CLIENT_KEY_FILE=str(key_file))
    assert ran.code == 0, ran.err
    form = provider.asked("/token")[-1].form
    assert assertion(form)["aud"] == provider.issuer
    header = take_apart(form.get("client_assertion") or "").header or {}
    assert (header["kid"], header["alg"]) == ("mine", "ES256")


def test_an_older_server_gets_its_own_endpoint_as_audience(provider: Provider, tmp_path: Path, key_file: Path) -> None:
    ran = own(provider, tmp_path, OAUTHCTL_CLIENT_KEY_FILE=str(key_file), OAUTHCTL_ASSERTION_AUDIENCE="token-endpoint")
    assert ran.code == 0, ran.err
    assert assertion(provider.asked("/token")[-1].form)["aud"] == f"{provider.issuer}/token"


def test_an_encrypted_key_takes_its_passphrase_from_the_environment(provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "client.pem"
    path.write_bytes(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")))
    environ = {"OAUTHCTL_CLIENT_KEY_FILE": str(path), "OAUTHCTL_CLIENT_KEY_ID": "mine"}
    ran = own(provider, tmp_path, OAUTHCTL_CLIENT_KEY_PASSPHRASE="open sesame", **environ)
    assert ran.code == 0, ran.err
    wrong = own(provider, tmp_path, OAUTHCTL_CLIENT_KEY_PASSPHRASE="let me in", **environ)
    assert wrong.code == 2
    assert "passphrase is wrong" in wrong.err
    assert "let me in" not in wrong.err
    asked = own(provider, tmp_path, **environ)
    assert asked.code == 2
    assert "OAUTHCTL_CLIENT_KEY_PASSPHRASE" in asked.err


def test_a_login_with_a_key_and_everything_after_it(provider: Provider, tmp_path: Path, key_file: Path) -> None:
    words = (
        "login",
        provider.issuer,
        "--client-id",
        "signer",
        "--client-key",
        str(key_file),
        "--scope",
        "openid items.read offline_access",
    )
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path)
    assert ran.code == 0, ran.err
    environ = isolated(tmp_path)
    assert oauthctl("refresh", environ=environ).code == 0
    out = oauthctl("logout", "--no-browser", environ=environ)
    assert "revoke refresh token: done" in out.err
    jtis = [assertion(request.form)["jti"] for request in (*provider.asked("/token"), *provider.asked("/revoke"))]
    assert len(set(jtis)) == len(jtis) >= 4
    everything = ran.out + ran.err + "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    assert str(KEY.as_dict()["d"]) not in everything
    (profile,) = (tmp_path / "config" / "profiles").glob("*.toml")
    assert f'client_key_file = "{key_file}"' in profile.read_text()


def test_a_secret_can_sign_instead_of_being_shown(provider: Provider, tmp_path: Path) -> None:
    ran = own(
        provider,
        tmp_path,
        OAUTHCTL_CLIENT_ID="sharer",
        OAUTHCTL_CLIENT_SECRET=LONG_SECRET,
        OAUTHCTL_CLIENT_AUTH="client_secret_jwt",
    )
    assert ran.code == 0, ran.err
    request = provider.asked("/token")[-1]
    assert LONG_SECRET.encode() not in request.body
    assert "authorization" not in request.headers


def test_another_key_is_refused_and_the_help_says_where_to_look(provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "other.jwk"
    path.write_text(json.dumps(from_private_key(ec.generate_private_key(ec.SECP256R1())).as_dict()))
    ran = own(provider, tmp_path, OAUTHCTL_CLIENT_KEY_FILE=str(path))
    assert ran.code == 4
    assert "private_key_jwt" in ran.err
    assert "token-endpoint" in ran.err


@pytest.mark.parametrize(
    ("description", "rule"),
    [
        ("no key is registered for the client", "assertion-key-unknown"),
        ("client authentication was not successful", "authorization-refused"),
    ],
)
def test_who_is_refused_where_the_request_is_pushed_learns_it_of_the_client(
    provider: Provider, tmp_path: Path, key_file: Path, description: str, rule: str
) -> None:
    provider.spoils["/par"] = always(401, json.dumps({"error": "invalid_client", "error_description": description}))
    words = ("login", provider.issuer, "--client-id", "signer", "--client-key", str(key_file), "--par", "always")
    ran, _ = oauthctl_with((), *words, folder=tmp_path)
    provider.reset()
    assert ran.code == 4, ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"][0]
    assert found["rule"] == rule
    assert "key" in found["cause"]
    assert "redirect_uri" not in found["cause"]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OAUTHCTL_CLIENT_AUTH": "private_key_jwt"}, "OAUTHCTL_CLIENT_KEY_FILE"),
        ({"OAUTHCTL_CLIENT_KEY_FILE": "/nowhere/key.pem"}, "can't be read"),
        ({"OAUTHCTL_CLIENT_AUTH": "client_secret_jwt", "OAUTHCTL_CLIENT_SECRET": "short"}, "too short"),
    ],
)
def test_a_missing_key_is_told_before_anything_is_sent(provider: Provider, tmp_path: Path, environ: dict[str, str], words: str) -> None:
    ran = own(provider, tmp_path, **environ)
    assert ran.code == 2
    assert words in ran.err
    assert provider.asked("/token") == []


def test_a_dry_run_needs_no_key(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "signer", "--client-key", "/nowhere/key.pem", "--dry-run")
    ran, _ = oauthctl_with((), *words, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "client_assertion_type" in ran.out
