"""The provider behind TLS, and the transport that shows a certificate to whom it is meant for."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.errors import ConfigError, OauthctlError
from oauthctl.http import Headers, Params, Request, form_request, get_request
from oauthctl.jose.certificate import thumbprint
from oauthctl.provider.client import Client
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Hosted, Server
from oauthctl.shell.serve_tls import MutualTls
from oauthctl.shell.transport import Transport
from tests.certificates import Pair, authority, made, server
from tests.provider.world import claims_of, keys

SERVICE = made("CN=service", by=authority())
STRANGER = made("CN=service", by=made("CN=test authority,O=Example", is_authority=True))


def state(issuer: str) -> ProviderState:
    service = Client(
        "service",
        certificate_name=("subject_dn", "CN=service"),
        binds_certificate=True,
        grant_types=("client_credentials",),
        scopes=("items.read",),
    )
    return new_state(issuer, clients=(service,), keys=keys())


@pytest.fixture(scope="module")
def provider() -> Iterator[Server]:
    with Server(state, mtls=MutualTls(server().loaded, (authority().der,))) as running:
        yield running


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(authority().pem)
    return str(path)


def asked(url: str, transport: Transport, *, headers: Headers | None = None) -> dict[str, Any]:
    form = Params.of({"grant_type": "client_credentials", "client_id": "service"})
    response, _ = transport.send(form_request(url, form, headers=headers), timeout_seconds=5)
    return dict(json.loads(response.body))


def test_the_certificate_of_the_handshake_reaches_the_provider(provider: Server, ca_file: str) -> None:
    transport = Transport(ca_file=ca_file, client_certificate=SERVICE.loaded)
    try:
        answer = asked(f"{provider.state.mtls_origin}/token", transport)
        assert claims_of(answer["access_token"])["cnf"] == {"x5t#S256": thumbprint(SERVICE.der)}
        call = get_request(
            f"{provider.state.mtls_origin}/api/items", headers=Headers.of({"Authorization": f"Bearer {answer['access_token']}"})
        )
        assert transport.send(call, timeout_seconds=5)[0].status == 200
    finally:
        transport.close()


def test_without_a_certificate_the_handshake_succeeds_and_the_client_is_refused(provider: Server, ca_file: str) -> None:
    transport = Transport(ca_file=ca_file)
    try:
        forged = Headers.of({"oauthctl.certificate": b64encode(SERVICE.der).decode(), "Client-Cert": b64encode(SERVICE.der).decode()})
        for headers in (None, forged):
            assert asked(f"{provider.state.mtls_origin}/token", transport, headers=headers)["error"] == "invalid_client"
        assert asked(f"{provider.issuer}/token", transport, headers=forged)["error"] == "invalid_client"
    finally:
        transport.close()


def test_a_certificate_that_nobody_knows_ends_the_handshake(provider: Server, ca_file: str) -> None:
    transport = Transport(ca_file=ca_file, client_certificate=STRANGER.loaded)
    try:
        with pytest.raises(OauthctlError) as caught:
            asked(f"{provider.state.mtls_origin}/token", transport)
        assert "does not accept the client certificate" in " ".join(caught.value.notes)
    finally:
        transport.close()


def test_the_certificate_of_one_connection_is_not_the_next_ones(provider: Server, ca_file: str) -> None:
    certified, plain = Transport(ca_file=ca_file, client_certificate=SERVICE.loaded), Transport(ca_file=ca_file)
    try:
        for _ in range(3):
            assert "access_token" in asked(f"{provider.state.mtls_origin}/token", certified)
            assert asked(f"{provider.state.mtls_origin}/token", plain)["error"] == "invalid_client"
    finally:
        certified.close()
        plain.close()


def test_plain_http_gets_no_certificate(provider: Server) -> None:
    transport = Transport(client_certificate=SERVICE.loaded)
    with pytest.raises(ConfigError) as caught:
        transport.send(Request("GET", f"{provider.issuer}/jwks"), timeout_seconds=5)
    assert caught.value.slug == "certificate-without-tls"
    transport.close()


@pytest.mark.parametrize("pair", [SERVICE, made("CN=alone")])
def test_the_key_is_never_on_the_disk_unencrypted(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenSSL is given is read while it is there: it is sealed, for its owner alone, and gone afterwards."""
    import ssl
    import tempfile

    from oauthctl.shell.client_certificate import load_into

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[tuple[bytes, int]] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
            seen.append((Path(certfile).read_bytes(), Path(certfile).stat().st_mode & 0o777))
            super().load_cert_chain(certfile, keyfile, password)

    load_into(Context(ssl.PROTOCOL_TLS_CLIENT), pair.loaded)
    ((content, mode),) = seen
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content
    assert mode in (0o600, 0o666)  # Windows knows no others
    assert list(tmp_path.iterdir()) == []


def test_a_registered_certificate_without_an_authority_gets_through(ca_file: str) -> None:
    from oauthctl.jose.jwk import from_public_key

    alone = made("CN=alone", is_authority=False)
    key = from_public_key(alone.key.public_key()).with_(x5c=[b64encode(alone.der).decode()])

    def with_alone(issuer: str) -> ProviderState:
        made_state = state(issuer)
        client = replace(
            made_state.clients["service"], certificate_name=("", ""), auth_methods=("self_signed_tls_client_auth",), keys=(key,)
        )
        return replace(made_state, clients={"service": client})

    with Server(with_alone, mtls=MutualTls(server().loaded)) as running:
        transport = Transport(ca_file=ca_file, client_certificate=alone.loaded)
        try:
            assert "access_token" in asked(f"{running.state.mtls_origin}/token", transport)
        finally:
            transport.close()


def test_all_issuers_of_a_server_see_the_certificate(ca_file: str) -> None:
    seeing = MutualTls(server().loaded, (authority().der,))
    transport = Transport(ca_file=ca_file, client_certificate=SERVICE.loaded)
    with Server(state, issuer="/one", beside=(Hosted(state, "/two"),), mtls=seeing) as running:
        try:
            for known in running.states:
                url = f"{known.mtls_origin}{known.base_path}/.well-known/openid-configuration"
                metadata, _ = transport.send(get_request(url), timeout_seconds=5)
                token_endpoint = json.loads(metadata.body)["mtls_endpoint_aliases"]["token_endpoint"]
                assert token_endpoint == f"{known.mtls_origin}{known.base_path}/token"
                assert claims_of(asked(token_endpoint, transport)["access_token"])["iss"] == known.issuer
        finally:
            transport.close()
