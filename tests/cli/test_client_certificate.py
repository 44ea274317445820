"""The client's TLS certificate on the command line: proving the client, and tokens that are bound to it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.http import Request, Response
from oauthctl.jose.certificate import thumbprint
from oauthctl.jose.jwk import from_public_key
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.provider.client import Client
from oauthctl.shell.serve_tls import MutualTls
from tests.certificates import authority, made, server
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, members, providing
from tests.provider.world import keys

SIGNED = made("CN=machine,O=Example", by=authority())
ALONE = made("CN=alone")
ENDED = made("CN=machine,O=Example", by=authority(), days=-1)
OTHER = made("CN=other,O=Example", by=authority())


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider with clients of both methods, one whose tokens are opaque, and a public one with bound tokens."""
    shared = {
        "scopes": ("openid", "items.read", "offline_access"),
        "grant_types": ("authorization_code", "refresh_token", "client_credentials"),
        "redirect_uris": ("http://127.0.0.1/callback",),
        "is_native": True,
        "binds_certificate": True,
    }
    key = from_public_key(ALONE.key.public_key()).with_(x5c=[b64encode(ALONE.der).decode()])
    name = ("subject_dn", "CN=machine,O=Example")
    clients = (
        Client("machine", certificate_name=name, **shared),  # type: ignore[arg-type]  # one table for all clients
        Client("opaque", certificate_name=name, access_token_format="opaque", **shared),  # type: ignore[arg-type]  # as above
        Client("alone", auth_methods=("self_signed_tls_client_auth",), keys=(key,), **shared),  # type: ignore[arg-type]  # as above
        Client("app", **shared),  # type: ignore[arg-type]  # as above
    )
    with providing(*clients, mtls=MutualTls(server().loaded, (authority().der,))) as provider:
        yield provider


@pytest.fixture
def environ(tmp_path: Path, provider: Provider) -> dict[str, str]:
    """The machine's own certificate, in one file with its key."""
    (tmp_path / "ca.pem").write_bytes(authority().pem)
    return isolated(tmp_path) | {
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "OAUTHCTL_ISSUER": provider.issuer,
        "OAUTHCTL_CLIENT_ID": "machine",
        "OAUTHCTL_CLIENT_CERTIFICATE_FILE": str(SIGNED.write(tmp_path, "machine")),
    }


def own(environ: dict[str, str], **changes: str) -> Ran:
    return oauthctl("token", "--grant", "client_credentials", environ=environ | changes)


def confirmed(token: str) -> object:
    return (take_apart(token.strip()).claims or {}).get("cnf")


def test_a_script_gets_a_bound_token_at_the_alias(provider: Provider, environ: dict[str, str]) -> None:
    ran = own(environ)
    assert ran.code == 0, ran.err
    assert confirmed(ran.out) == {"x5t#S256": thumbprint(SIGNED.der)}
    (request,) = provider.asked("/token")
    assert request.url == f"{provider.server.state.mtls_origin}/token"
    assert dict(request.form) == {"grant_type": "client_credentials", "client_id": "machine"}
    assert all(one.url.startswith("http://") for one in provider.requests if one is not request)


def test_certificate_and_key_may_lie_apart_and_the_key_be_encrypted(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "alone.crt").write_bytes(ALONE.pem)
    (tmp_path / "alone.key").write_bytes(ALONE.key_pem("open sesame"))
    apart = {"OAUTHCTL_CLIENT_CERTIFICATE_FILE": str(tmp_path / "alone.crt"), "OAUTHCTL_CLIENT_KEY_FILE": str(tmp_path / "alone.key")}
    ran = own(environ, OAUTHCTL_CLIENT_ID="alone", OAUTHCTL_CLIENT_KEY_PASSPHRASE="open sesame", **apart)
    assert ran.code == 0, ran.err
    assert confirmed(ran.out) == {"x5t#S256": thumbprint(ALONE.der)}
    wrong = own(environ, OAUTHCTL_CLIENT_ID="alone", OAUTHCTL_CLIENT_KEY_PASSPHRASE="let me in", **apart)
    assert (wrong.code, "let me in" in wrong.err) == (2, False)


def test_a_login_and_everything_after_it(provider: Provider, tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "ca.pem").write_bytes(authority().pem)
    trust = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    files = ("--client-certificate", str(SIGNED.write(tmp_path, "machine")))
    words = ("login", provider.issuer, "--client-id", "opaque", *files, "--scope", "openid items.read offline_access")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ=trust)
    assert ran.code == 0, ran.err
    later = isolated(tmp_path) | trust
    mtls = provider.server.state.mtls_origin
    called = oauthctl("call", f"{mtls}/api/items", environ=later)
    assert called.code == 0, called.err
    assert oauthctl("userinfo", "--json", environ=later).code == 0
    assert oauthctl("refresh", environ=later).code == 0
    assert oauthctl("call", f"{mtls}/api/items", environ=later).code == 0
    assert "revoke refresh token: done" in oauthctl("logout", "--no-browser", environ=later).err
    certified = [request.path for request in provider.requests if request.url.startswith("https:")]
    assert certified[:5] == ["/token", "/api/items", "/userinfo", "/token", "/api/items"]
    assert certified.count("/revoke") == 2
    assert {"/token", "/revoke", "/userinfo"}.isdisjoint(request.path for request in provider.requests if request.url.startswith("http:"))
    (profile,) = (tmp_path / "config" / "profiles").glob("*.toml")
    assert f'client_certificate_file = "{tmp_path / "machine.pem"}"' in profile.read_text()


def test_a_public_client_has_its_tokens_bound_and_stays_public(provider: Provider, tmp_path: Path, environ: dict[str, str]) -> None:
    files = ("--client-certificate", environ["OAUTHCTL_CLIENT_CERTIFICATE_FILE"], "--client-auth", "none")
    words = ("login", provider.issuer, "--client-id", "app", *files, "--scope", "openid items.read")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ={"SSL_CERT_FILE": environ["SSL_CERT_FILE"]})
    assert ran.code == 0, ran.err
    (stored,) = (tmp_path / "state" / "tokens").glob("*.json")
    assert json.loads(stored.read_text())["certificate"] == thumbprint(SIGNED.der)


@pytest.mark.parametrize(("pair", "words"), [(OTHER, "certificate-subject-differs"), (ALONE, "certificate-subject-differs")])
def test_another_certificate_is_refused_and_the_diagnosis_says_why(
    environ: dict[str, str], tmp_path: Path, pair: object, words: str
) -> None:
    path = OTHER.write(tmp_path, "other") if pair is OTHER else ALONE.write(tmp_path, "alone")
    ran = own(environ, OAUTHCTL_CLIENT_CERTIFICATE_FILE=str(path))
    assert ran.code == 4
    assert "the client proved itself by its TLS certificate" in ran.err
    assert (words in ran.err) is (pair is OTHER)


def test_no_certificate_is_refused_and_the_diagnosis_says_so(environ: dict[str, str]) -> None:
    environ.pop("OAUTHCTL_CLIENT_CERTIFICATE_FILE")
    ran = own(environ, OAUTHCTL_CLIENT_AUTH="none")
    assert ran.code == 4
    assert "error[client-certificate-missing]" in ran.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"OAUTHCTL_CLIENT_CERTIFICATE_FILE": "", "OAUTHCTL_CLIENT_AUTH": "tls_client_auth"}, "error[no-certificate]"),
        ({"OAUTHCTL_CLIENT_CERTIFICATE_FILE": "/nowhere/c.pem"}, "can't be read"),
        ({"OAUTHCTL_CLIENT_KEY_FILE": "", "OAUTHCTL_CLIENT_CERTIFICATE_FILE": "CA"}, "error[no-key]"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_sent(
    provider: Provider, environ: dict[str, str], changes: dict[str, str], words: str
) -> None:
    changes = {name: environ["SSL_CERT_FILE"] if value == "CA" else value for name, value in changes.items()}
    ran = own({name: value for name, value in (environ | changes).items() if value})
    assert ran.code == 2
    assert words in ran.err
    assert provider.requests == []


def test_a_bound_token_needs_its_certificate(environ: dict[str, str], tmp_path: Path, provider: Provider) -> None:
    words = ("login", provider.issuer, "--client-id", "opaque", "--client-certificate", environ["OAUTHCTL_CLIENT_CERTIFICATE_FILE"])
    trust = {"SSL_CERT_FILE": environ["SSL_CERT_FILE"]}
    ran, _ = oauthctl_with(ALICE, *words, "--scope", "openid items.read", folder=tmp_path, environ=trust)
    assert ran.code == 0, ran.err
    url = f"{provider.server.state.mtls_origin}/api/items"
    before = len(provider.requests)
    other = oauthctl(
        "call", url, environ=isolated(tmp_path) | trust | {"OAUTHCTL_CLIENT_CERTIFICATE_FILE": str(OTHER.write(tmp_path, "other"))}
    )
    assert (other.code, "error[certificate-binding-differs]" in other.err) == (2, True)
    plain = oauthctl("call", f"{provider.issuer}/api/items", environ=isolated(tmp_path) | trust)
    assert (plain.code, "error[certificate-without-tls]" in plain.err) == (2, True)
    assert len(provider.requests) == before


def test_a_token_that_is_bound_to_another_certificate_is_not_kept(provider: Provider, environ: dict[str, str]) -> None:
    def bound_elsewhere(request: Request, response: Response) -> Response:
        claims = take_apart(json.loads(response.body)["access_token"]).claims or {}
        token = sign(claims | {"cnf": {"x5t#S256": thumbprint(OTHER.der)}}, keys()[0], alg="RS256")
        return members(access_token=token)(request, response)

    provider.spoils["/token"] = bound_elsewhere
    ran = own(environ)
    provider.reset()
    assert (ran.code, ran.out) == (3, "")
    assert "error[certificate-token-bound-elsewhere]" in ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=environ).out)["findings"]
    assert found[0]["rule"] == "certificate-token-bound-elsewhere"


def test_the_end_of_a_certificate_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    ran = own(environ, OAUTHCTL_CLIENT_CERTIFICATE_FILE=str(ENDED.write(tmp_path, "ended")))
    assert ran.code != 0
    assert "`CN=machine,O=Example` ended on" in ran.err


def test_a_dry_run_says_where_the_certificate_goes(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "machine", "--client-certificate", "/nowhere/c.pem", "--dry-run")
    ran, _ = oauthctl_with((), *words, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.out.count("with the client's certificate") == 1
    document, _ = oauthctl_with((), *words, "--json", folder=tmp_path)
    steps = json.loads(document.out)["steps"]
    assert [step["purpose"] for step in steps if step.get("with_certificate")] == ["token"]


def test_no_key_is_in_what_is_kept_or_said(environ: dict[str, str], tmp_path: Path) -> None:
    ran = own(environ)
    secret = SIGNED.key_pem().decode().splitlines()[2][:40]
    everything = ran.out + ran.err + "".join(path.read_text() for path in (tmp_path / "state").rglob("*.*"))
    assert secret not in everything
    assert thumbprint(SIGNED.der) in everything


def test_the_certificate_proves_who_asks_about_a_token_and_who_revokes_it(provider: Provider, environ: dict[str, str]) -> None:
    token = own(environ).out.strip()
    asked = oauthctl("introspect", "-", "--json", environ=environ, stdin=token)
    assert asked.code == 0, asked.err
    assert json.loads(asked.out)["client_id"] == "machine"
    gone = oauthctl("revoke", "-", "--json", environ=environ, stdin=token)
    assert gone.code == 0, gone.err
    assert json.loads(gone.out)["proven"] is True
    assert oauthctl("introspect", "-", environ=environ, stdin=token).code == 1
