"""Clients that others wrote, requests_oauth2client and openid-client, prove themselves to the practice provider by TLS certificates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oauthctl.cli.practice_mtls import PracticeTls, practice_tls
from oauthctl.jose.certificate import thumbprint
from oauthctl.jose.client_certificate import load_client_certificate
from oauthctl.jose.jwt import take_apart
from tests.cli.spoiled import Provider, providing
from tests.interop import environments
from tests.interop.foreign import CLIENTS, run_client
from tests.interop.processes import free_ports

pytestmark = pytest.mark.xdist_group("foreign")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> PracticeTls:
    return practice_tls(str(tmp_path_factory.mktemp("certificates")), host="127.0.0.1", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def provider(tls: PracticeTls) -> Iterator[Provider]:
    with providing(*tls.clients, mtls=tls.server) as running:
        yield running


def order(tls: PracticeTls, provider: Provider, client_id: str, certificate: Path, *, script: str = "mutual_tls.py") -> dict[str, Any]:
    given = {"issuer": provider.issuer, "client_id": client_id, "authority": str(tls.authority_file), "certificate": str(certificate)}
    unwanted = ("PYTHON", "OAUTHCTL_", "REQUESTS_", "CURL_", "SSL_")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    program = environments.node() if script.endswith(".mjs") else str(environments.python_of("clients"))
    command = (program, str(CLIENTS / script))
    return run_client(command, given, redirect_uri=f"http://127.0.0.1:{free_ports(1)}/callback", environment=environment)


@pytest.mark.parametrize("client_id", ["machine", "alone"])
def test_requests_oauth2client_proves_itself_by_a_certificate(tls: PracticeTls, provider: Provider, client_id: str) -> None:
    certificate = tls.client_file(client_id)
    own = load_client_certificate(certificate.read_bytes(), passphrase=str).chain[0]
    assert order(tls, provider, client_id, certificate) == {"items": 200, "confirmed": {"x5t#S256": thumbprint(own)}, "without": 401}


def test_requests_oauth2client_is_refused_with_the_certificate_of_another(tls: PracticeTls, provider: Provider) -> None:
    with pytest.raises(AssertionError, match="InvalidClient"):
        order(tls, provider, "machine", tls.client_file("alone"))


@pytest.mark.parametrize("client_id", ["machine", "alone"])
def test_openid_client_proves_itself_by_a_certificate(tls: PracticeTls, provider: Provider, client_id: str) -> None:
    certificate = tls.client_file(client_id)
    own = load_client_certificate(certificate.read_bytes(), passphrase=str).chain[0]
    result = order(tls, provider, client_id, certificate, script="openid_client_mtls.mjs")
    assert (result["items"], result["without"]) == (200, 401)
    assert (take_apart(result["token"]).claims or {})["cnf"] == {"x5t#S256": thumbprint(own)}
