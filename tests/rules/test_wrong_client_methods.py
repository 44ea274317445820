"""A client that proves itself by another method than its own: the server's word of what it saw is believed."""

from __future__ import annotations

import pytest

from oauthctl.messages.client_auth import basic_credentials
from tests.provider.world import CALLBACK, ISSUER, SECRET, VERIFIER, World
from tests.rules.test_wrong_requests import Wire


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {"Authorization": basic_credentials("public", "a secret")}),
        ({"client_id": "public", "client_secret": "a secret"}, {}),
    ],
    ids=["basic", "post"],
)
def test_a_public_client_that_sends_a_secret(form: dict[str, str], headers: dict[str, str]) -> None:
    wire = Wire(World())
    sent = {"grant_type": "authorization_code", "code": wire.there.code(), "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert wire.send("POST", f"{ISSUER}/token", form=sent | form, **headers).status == 401
    first = wire.found()[0]
    assert first.rule == "client-auth-method-mismatch"
    assert "none (a public client" in first.cause


def test_a_client_with_a_secret_that_sends_none() -> None:
    wire = Wire(World())
    wire.send("POST", f"{ISSUER}/token", form={"grant_type": "client_credentials", "client_id": "service"})
    assert wire.found()[0].rule in ("client-auth-method-mismatch", "confidential-client-without-secret")
    assert SECRET not in str(wire.found())
