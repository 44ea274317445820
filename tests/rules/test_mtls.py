"""What is known of the certificate that went with a request of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from oauthctl.http import JSON, Headers, Params, Request, Response, form_request
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import unsecured
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import from_har, to_har
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

AT = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
OWN, OTHER = "C3UQTNTXn9sPArgUu_cnQ-esYmaf5edTtZshLZoRdr8", "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"


def first(exchange: Exchange) -> str:
    """The root cause's rule, after a trip through the file."""
    recording = from_har(to_har(Recording((exchange,), tool_version="0")))
    findings = diagnose(scene_of(Material("recording", recording, facts={}), now=None, salt=b"s")).findings
    return findings[0].rule if findings else ""


def refused(certificate: str, **more: str) -> Exchange:
    form = Params.of({"grant_type": "client_credentials", "client_id": "svc"} | more)
    body = json.dumps({"error": "invalid_client", "error_description": "client authentication failed"}).encode()
    response = Response(401, Headers.of({"Content-Type": JSON}), body)
    return Exchange(1, "token", Channel.WIRE, form_request("https://op.example/token", form), AT, 0.1, response, certificate=certificate)


def called(presented: str, *, bound: str = OWN) -> Exchange:
    token = unsecured({"iss": "https://op.example", "aud": "https://api.example", "sub": "svc", "exp": 2e9, "cnf": {"x5t#S256": bound}})
    assert take_apart(token).claims
    headers = Headers.of({"Authorization": f"Bearer {token}"})
    challenge = 'Bearer error="invalid_token", error_description="certificate thumbprint does not match cnf"'
    response = Response(401, Headers.of({"WWW-Authenticate": challenge}))
    return Exchange(1, "api", Channel.WIRE, Request("GET", "https://api.example/items", headers), AT, 0.1, response, certificate=presented)


@pytest.mark.parametrize(
    ("exchange", "rule"),
    [
        (refused(OWN), "certificate-not-registered"),
        (refused(""), "confidential-client-without-secret"),
        (refused(OWN, client_secret="s3cret-of-the-client"), "token-request-refused"),
        (called(OTHER), "certificate-binding-differs"),
        (called(OWN), "certificate-not-forwarded"),
        (called(""), "certificate-not-forwarded"),
    ],
)
def test_the_certificate_that_was_presented_is_evidence(exchange: Exchange, rule: str) -> None:
    assert first(exchange) == rule


def test_the_thumbprint_survives_the_file() -> None:
    (back,) = from_har(to_har(Recording((refused(OWN),)))).exchanges
    assert back.certificate == OWN


@pytest.mark.parametrize(
    ("failure", "certificate", "rule"),
    [
        ("`https://op.example` broke the connection off", OTHER, "client-certificate-refused"),
        ("`https://op.example` closed the connection without an answer", OTHER, "client-certificate-refused"),
        ("no TLS connection to `https://op.example` comes about: TLSV1_ALERT_UNKNOWN_CA", OTHER, "client-certificate-refused"),
        ("no TLS connection to `https://op.example` comes about: TLSV1_ALERT_UNKNOWN_CA", "", "client-certificate-refused"),
        ("no TLS connection to `https://op.example` comes about: TLSV13_ALERT_CERTIFICATE_REQUIRED", OTHER, "client-certificate-refused"),
        ("no TLS connection to `https://op.example` comes about: TLSV13_ALERT_CERTIFICATE_REQUIRED", "", "client-certificate-demanded"),
        ("`https://op.example` broke the connection off", "", "connection-reset"),
        ("`https://op.example` refuses the connection", OTHER, "connection-refused"),
    ],
)
def test_a_handshake_that_ends_over_the_clients_certificate(failure: str, certificate: str, rule: str) -> None:
    form = Params.of({"grant_type": "client_credentials", "client_id": "svc"})
    request = form_request("https://op.example/token", form)
    assert first(Exchange(1, "token", Channel.WIRE, request, AT, 0.1, failure=failure, certificate=certificate)) == rule
