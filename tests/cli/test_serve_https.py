"""`serve --tls`: https by an authority that is kept in a folder."""

from __future__ import annotations

import json
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from oauthctl.cli.practice_https import how_to_trust, practice_https
from oauthctl.cli.practice_mtls import practice_tls
from oauthctl.cli.provider_memory import remembering
from oauthctl.errors import ConfigError
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.views.lines import plain
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.test_serve import serving
from tests.interop.pages import Page, browse
from tests.provider.world import keys

NOW = datetime.now(UTC)


def _state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=practice_clients(secret="s"), users=practice_users(), keys=keys())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_login_works_once_the_authority_is_trusted(tmp_path: Path, host: str) -> None:
    https = practice_https(str(tmp_path / "certificates"), host=host, issuers=(), now=NOW)
    with Server(_state, host=host, certificate=https.certificate) as server:
        assert server.issuer == f"https://{host}:{server.port}"
        trust = {"SSL_CERT_FILE": str(https.authority_file)}
        words = ("login", server.issuer, "--client-id", "public", "--scope", "openid items.read offline_access")
        ran, pages = oauthctl_with(lambda url: _signed_in(url, https.authority_file), *words, folder=tmp_path, environ=trust)
        assert ran.code == 0, ran.err
        assert pages
        called = oauthctl("call", f"{server.issuer}/api/items", environ=isolated(tmp_path) | trust)
        assert called.code == 0, called.err
        assert json.loads(called.out)


def test_nobody_who_does_not_know_the_authority_signs_in(tmp_path: Path) -> None:
    https = practice_https(str(tmp_path / "certificates"), host="127.0.0.1", issuers=(), now=NOW)
    with Server(_state, certificate=https.certificate) as server:
        ran = oauthctl("login", server.issuer, "--client-id", "public", environ=isolated(tmp_path))
    assert ran.code != 0
    assert "SSL_CERT_FILE" in ran.err


def test_the_folder_has_the_authority_alone_and_the_servers_key_is_in_no_file(tmp_path: Path) -> None:
    https = practice_https(str(tmp_path), host="0.0.0.0", issuers=("https://auth.test:9000/team",), now=NOW)
    assert {path.name for path in tmp_path.iterdir()} - {"ca-key.pem.lock"} == {"ca.pem", "ca-key.pem"}
    assert "PRIVATE KEY" not in https.authority_file.read_text()
    assert https.certificate.key != https.authority.key
    told = "\n".join(plain(line) for line in how_to_trust(https))
    assert f"SSL_CERT_FILE={tmp_path}" in told


def test_what_was_trusted_once_is_trusted_after_a_restart_and_beside_another(tmp_path: Path) -> None:
    first, second = (practice_https(str(tmp_path), host="127.0.0.1", issuers=(), now=NOW) for _ in range(2))
    assert first.certificate.key != second.certificate.key
    with Server(_state, certificate=first.certificate) as one, Server(_state, certificate=second.certificate) as other:
        for server in (one, other):
            with _client(first.authority_file) as trusting:
                assert trusting.get(f"{server.issuer}/jwks").status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_key_that_others_could_read_is_told(tmp_path: Path) -> None:
    practice_https(str(tmp_path), host="127.0.0.1", issuers=(), now=NOW)
    (tmp_path / "ca-key.pem").chmod(0o644)
    told: list[str] = []
    practice_https(str(tmp_path), host="127.0.0.1", issuers=(), now=NOW, warn=told.append)
    practice_tls(str(tmp_path), host="127.0.0.1", now=NOW, warn=told.append)
    assert [f"`{tmp_path}/ca-key.pem` was open to others" in one for one in told] == [True]


def test_the_file_is_told_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    https = practice_https("certificates", host="127.0.0.1", issuers=(), now=NOW)
    assert https.authority_file == tmp_path / "certificates" / "ca.pem"


def test_the_certificate_has_the_name_of_the_issuer_too(tmp_path: Path) -> None:
    https = practice_https(str(tmp_path), host="127.0.0.1", issuers=("https://auth.test/team",), now=NOW)
    with Server(_state, certificate=https.certificate, issuer="https://auth.test/team") as server, _client(https.authority_file) as client:
        answer = client.get(
            f"https://127.0.0.1:{server.port}/team/.well-known/openid-configuration",
            headers={"Host": "auth.test"},
            extensions={"sni_hostname": "auth.test"},
        )
    assert answer.json()["issuer"] == "https://auth.test/team"


def test_client_certificates_are_signed_by_the_same_authority(tmp_path: Path) -> None:
    https = practice_https(str(tmp_path / "tls"), host="127.0.0.1", issuers=(), now=NOW)
    mutual = practice_tls(str(tmp_path / "mtls"), host="127.0.0.1", now=NOW, beside=https)
    assert mutual.authority_file.read_bytes() == https.authority_file.read_bytes()
    with Server(_state, certificate=https.certificate, mtls=mutual.server) as server:
        for origin in (server.issuer, server.state.mtls_origin):
            with _client(https.authority_file) as client:
                assert client.get(f"{origin}/.well-known/openid-configuration").status_code == 200


def test_an_issuer_of_plain_http_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="plain http, and `--tls` is https"):
        practice_https(str(tmp_path), host="127.0.0.1", issuers=("http://auth.test",), now=NOW)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="the process is ended by force there")
def test_the_command_tells_how_it_is_trusted(tmp_path: Path) -> None:
    with serving("--tls", str(tmp_path), "--json") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["issuer"].startswith("https://127.0.0.1:")
        assert told["metadata_url"].startswith(told["issuer"])
        with _client(Path(told["ca_file"])) as client:
            assert client.get(told["metadata_url"]).json()["issuer"] == told["issuer"]


@pytest.mark.skipif(sys.platform == "win32", reason="the process is ended by force there")
def test_a_person_is_told_the_variable_and_a_command_that_has_it(tmp_path: Path) -> None:
    with serving("--tls", str(tmp_path)) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        process.terminate()
        _, err = process.communicate(timeout=10)
    assert f"SSL_CERT_FILE={tmp_path}/ca.pem oauthctl login {issuer} " in err


def test_with_a_memory_the_port_of_another_scheme_is_not_taken(tmp_path: Path) -> None:
    with remembering(str(tmp_path / "provider.db")) as (memory,):
        memory.begun(_state("https://127.0.0.1:9443"))
    with remembering(str(tmp_path / "provider.db")) as (memory,):
        assert (memory.port("https"), memory.port("http")) == (9443, 0)


def _signed_in(url: str, authority: Path) -> Page:
    with _client(authority) as browser:
        return browse(url, ALICE, client=browser)


def _client(authority: Path) -> httpx.Client:
    return httpx.Client(verify=ssl.create_default_context(cafile=str(authority)), trust_env=False, timeout=5)
