"""`serve --mtls`: certificates to practise with."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oauthctl.cli.practice_mtls import practice_tls
from oauthctl.cli.serve_introduction import document, introduction
from oauthctl.jose.certificate import is_issued_by, is_self_signed
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.store import profiles
from oauthctl.store.locations import locations
from oauthctl.store.profiles import Profile
from oauthctl.views.lines import plain
from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.cli.test_serve import serving
from tests.provider.world import keys


def test_both_clients_prove_themselves_by_what_is_in_the_folder(tmp_path: Path) -> None:
    tls = practice_tls(str(tmp_path / "certificates"), host="127.0.0.1", now=datetime.now(UTC))

    def make(issuer: str) -> ProviderState:
        return new_state(issuer, clients=(*practice_clients(secret="s"), *tls.clients), users=practice_users(), keys=keys())

    with Server(make, mtls=tls.server) as server:
        # What somebody has signed in for here is another client's, and changes nothing.
        theirs = Profile("work", issuer=server.issuer, client_id="public", scope=("openid", "offline_access"), resource=("urn:other",))
        profiles.save(locations(isolated(tmp_path)), theirs)
        for client in ("machine", "alone"):
            environ = isolated(tmp_path) | {
                "SSL_CERT_FILE": str(tls.authority_file),
                "OAUTHCTL_ISSUER": server.issuer,
                "OAUTHCTL_CLIENT_ID": client,
            }
            words = ("token", "--grant", "client_credentials", "--client-certificate", str(tls.client_file(client)))
            ran = oauthctl(*words, environ=environ)
            assert ran.code == 0, ran.err
            assert "x5t#S256" in (take_apart(ran.out.strip()).claims or {})["cnf"]
        assert document(server.state, "s")["mtls_url"] == server.state.mtls_origin
        shown = "\n".join(plain(one) for one in introduction(server.state, "s"))
    assert "machine  has a certificate" in shown


def test_the_certificates_are_what_they_are_called(tmp_path: Path) -> None:
    tls = practice_tls(str(tmp_path), host="localhost", now=datetime.now(UTC))
    (authority,) = tls.server.authorities
    assert is_issued_by(tls.server.certificate.chain[0], authority)
    registered = {client.id: client for client in tls.clients}
    assert registered["machine"].allowed_auth_methods == ("tls_client_auth",)
    assert registered["alone"].allowed_auth_methods == ("self_signed_tls_client_auth",)
    assert is_self_signed(authority)
    assert "PRIVATE KEY" not in tls.authority_file.read_text()
    if sys.platform != "win32":
        assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.pem")} == {
            "ca.pem": 0o644,
            **dict.fromkeys(("ca-key.pem", "machine.pem", "alone.pem"), 0o600),
        }


@pytest.mark.skipif(sys.platform == "win32", reason="the process is ended by force there")
def test_the_command_tells_where_they_are(tmp_path: Path) -> None:
    with serving("--mtls", str(tmp_path), "--json") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
    assert told["mtls_url"].startswith("https://127.0.0.1:")
    assert {path.name for path in tmp_path.glob("*.pem")} == {"ca.pem", "ca-key.pem", "machine.pem", "alone.pem"}
