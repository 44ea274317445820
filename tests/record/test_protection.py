"""What protected a sign-in, read from its own code's exchanges."""

from __future__ import annotations

import pytest

from oauthctl.cli.known_flows.every import flow_named
from oauthctl.cli.known_flows.rehearsed import rehearsed
from oauthctl.record.exchange import Recording
from oauthctl.record.protection import Protection, protection_of

PLAIN = ("PKCE S256", "iss in the answer")


@pytest.mark.parametrize(
    ("name", "measures", "client"),
    [
        ("code-flow", PLAIN, "none"),
        ("pushed-flow", ("PKCE S256", "PAR", "iss in the answer"), "none"),
        ("signed-request-flow", ("PKCE S256", "JAR (signed)", "iss in the answer"), "none"),
        # By which method an encrypted request asks nobody here can read again; the verifier tells that it did.
        ("encrypted-request-flow", ("PKCE", "JAR (encrypted)", "iss in the answer"), "none"),
        ("signed-answer-flow", ("PKCE S256", "JARM (signed)"), "none"),
        ("encrypted-answer-flow", ("PKCE S256", "JARM (encrypted)"), "none"),
        ("dpop-flow", (*PLAIN, "DPoP"), "none"),
        ("mtls-flow", (*PLAIN, "a token bound to the certificate"), "a TLS certificate"),
        ("assertion-client-flow", PLAIN, "private_key_jwt (ES256)"),
        ("attested-client-flow", PLAIN, "attest_jwt_client_auth"),
        ("device-flow", ("PKCE S256",), "none"),
        ("ciba-flow", (), "client_secret_basic"),
        ("client-credentials-flow", (), "client_secret_basic"),
    ],
)
def test_each_measure_is_named_where_it_was_at_work(name: str, measures: tuple[str, ...], client: str) -> None:
    flow = flow_named(name)
    assert flow is not None
    assert protection_of(rehearsed(flow.begin, has_certificate=flow.has_certificate, is_draft=flow.is_draft)) == Protection(
        measures, client
    )


def test_nothing_is_said_of_what_did_not_happen() -> None:
    assert protection_of(Recording()) == Protection()
