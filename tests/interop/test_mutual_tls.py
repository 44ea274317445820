"""Clients that prove themselves by a TLS certificate, on a real server (RFC 8705)."""

from __future__ import annotations

from pathlib import Path

import pytest

from oauthctl.jose.client_certificate import load_client_certificate
from oauthctl.jose.jwt import take_apart
from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.interop.targets import Server

pytestmark = pytest.mark.xdist_group("oidc_provider")
FILES = {"mtls": "mtls", "mtls-ca": "tlsca"}


def environ(server: Server, client: str, folder: Path, *, shown: str = "") -> dict[str, str]:
    """The client's certificate and key, as the server made them, unless another client's are `shown`."""
    name = FILES[shown or client]
    return isolated(folder) | {
        "SSL_CERT_FILE": str(server.folder / "server.crt"),
        "OAUTHCTL_ISSUER": server.issuer,
        "OAUTHCTL_CLIENT_ID": client,
        "OAUTHCTL_CLIENT_CERTIFICATE_FILE": str(server.folder / f"{name}.crt"),
        "OAUTHCTL_CLIENT_KEY_FILE": str(server.folder / f"{name}.key"),
    }


def own(given: dict[str, str]) -> Ran:
    return oauthctl("token", "--grant", "client_credentials", "--resource", "urn:example:jwt", environ=given)


def own_thumbprint(given: dict[str, str]) -> str:
    return thumbprint_of(Path(given["OAUTHCTL_CLIENT_CERTIFICATE_FILE"]), Path(given["OAUTHCTL_CLIENT_KEY_FILE"]))


def thumbprint_of(certificate: Path, key: Path) -> str:
    return load_client_certificate(certificate.read_bytes(), key=key.read_bytes(), passphrase=str).thumbprint


@pytest.mark.parametrize("client", ["mtls", "mtls-ca"])
def test_a_certificate_proves_its_client_and_binds_the_token(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    given = environ(oidc_provider, client, tmp_path)
    ran = own(given)
    assert ran.code == 0, ran.err
    assert (take_apart(ran.out.strip()).claims or {})["cnf"] == {"x5t#S256": own_thumbprint(given)}


@pytest.mark.parametrize(("client", "shown"), [("mtls", "mtls-ca"), ("mtls-ca", "mtls")])
def test_another_clients_certificate_is_refused_and_named_as_the_cause(
    oidc_provider: Server, client: str, shown: str, tmp_path: Path
) -> None:
    ran = own(environ(oidc_provider, client, tmp_path, shown=shown))
    assert ran.code == 4
    assert "error[certificate-not-registered]" in ran.err


@pytest.mark.parametrize("client", ["mtls", "mtls-ca"])
def test_a_missing_certificate_is_named_as_the_cause(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    given = environ(oidc_provider, client, tmp_path)
    bare = {name: value for name, value in given.items() if not name.startswith(("OAUTHCTL_CLIENT_CERT", "OAUTHCTL_CLIENT_KEY"))}
    ran = own(bare | {"OAUTHCTL_CLIENT_AUTH": "none"})
    assert ran.code == 4
    assert "error[client-certificate-missing]" in ran.err


@pytest.mark.parametrize("client", ["mtls", "mtls-ca"])
def test_a_sign_in_and_everything_after_it(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    """The access token is opaque, and the server takes it with the certificate alone."""
    given = environ(oidc_provider, client, tmp_path)
    words = ["login", oidc_provider.issuer, "--client-id", client, "--scope", oidc_provider.scope, "--timeout", "20"]
    words += ["--redirect-uri", oidc_provider.redirect_uri, "--prompt", "consent"]
    ran, _ = oauthctl_with(oidc_provider.agreeing, *words, folder=tmp_path, environ=given)
    assert ran.code == 0, ran.err
    trust = isolated(tmp_path) | {"SSL_CERT_FILE": given["SSL_CERT_FILE"]}
    asked = oauthctl("userinfo", "--json", environ=trust)
    assert asked.code == 0, asked.err
    assert '"sub": "alice"' in asked.out
    refreshed = oauthctl("refresh", environ=trust)
    assert refreshed.code == 0, refreshed.err
    other = oidc_provider.folder / ("tlsca" if client == "mtls" else "mtls")
    foreign = {
        "OAUTHCTL_CLIENT_CERTIFICATE_FILE": str(other.with_suffix(".crt")),
        "OAUTHCTL_CLIENT_KEY_FILE": str(other.with_suffix(".key")),
    }
    refused = oauthctl("userinfo", environ=trust | foreign)
    assert (refused.code, "error[certificate-binding-differs]" in refused.err) == (2, True)
