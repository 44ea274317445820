"""Client attestation (a draft) at `oidc-provider`, by the commands that a person types; the test is the attester."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign
from oauthctl.messages.client_attestation import ATTESTATION_TYPE
from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.interop.pages import browse
from tests.interop.targets import Server

pytestmark = pytest.mark.xdist_group("oidc_provider")


def options(server: Server, folder: Path, *, attester: Jwk | None = None) -> tuple[str, ...]:
    """The attestation of a fresh key, and how it is named on the command line."""
    known = Jwk.from_dict(json.loads((server.folder / "attester-key.json").read_text()))
    key, now = generate("ES256"), int(time.time())
    claims = {"sub": "attested", "iat": now, "exp": now + 300, "cnf": {"jwk": key.public().as_dict()}}
    (folder / "attestation.jwt").write_text(sign(claims, attester or known, header={"typ": ATTESTATION_TYPE}))
    (folder / "instance.json").write_text(json.dumps(key.as_dict()))
    return (
        *("--experimental", "--client-attestation", str(folder / "attestation.jwt")),
        *("--client-attestation-key", str(folder / "instance.json")),
    )


def test_an_attested_client_signs_in_refreshes_asks_and_revokes(oidc_provider: Server, tmp_path: Path) -> None:
    words = ("login", oidc_provider.issuer, "--client-id", "attested", "--scope", "openid offline_access", "--prompt", "consent")
    ran, _ = oauthctl_with(
        lambda url: browse(url, oidc_provider.agreeing), *words, "--timeout", "15", *options(oidc_provider, tmp_path), folder=tmp_path
    )
    assert ran.code == 0, ran.err
    for argv in (("refresh",), ("introspect",), ("logout",)):
        later = oauthctl(*argv, environ=isolated(tmp_path))
        assert later.code == 0, later.err
    recorded = "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "state" / "recordings").rglob("*.har"))
    attestation = (tmp_path / "attestation.jwt").read_text()
    assert attestation not in recorded
    assert attestation.rpartition(".")[2] not in recorded


def test_the_client_gets_a_token_of_its_own(oidc_provider: Server, tmp_path: Path) -> None:
    environ = isolated(tmp_path) | {"OAUTHCTL_ISSUER": oidc_provider.issuer, "OAUTHCTL_CLIENT_ID": "attested"}
    ran = oauthctl("token", "--grant", "client_credentials", *options(oidc_provider, tmp_path), environ=environ)
    assert ran.code == 0, ran.err
    assert ran.out.strip()


def test_another_attester_is_not_believed(oidc_provider: Server, tmp_path: Path) -> None:
    environ = isolated(tmp_path) | {"OAUTHCTL_ISSUER": oidc_provider.issuer, "OAUTHCTL_CLIENT_ID": "attested"}
    given = options(oidc_provider, tmp_path, attester=generate("ES256"))
    ran = oauthctl("token", "--grant", "client_credentials", *given, environ=environ)
    assert ran.code == 4
    assert "invalid_client" in ran.err
    print(ran.err)
