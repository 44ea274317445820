"""What our own transport says of a broken connection is understood by the rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.http import Request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

AT = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
WHOM = "`https://op.example`"


@pytest.mark.parametrize(
    ("failure", "slug"),
    [
        (f"{WHOM} refuses the connection", "connection-refused"),
        (f"the host name of {WHOM} is unknown", "host-not-found"),
        (f"{WHOM} gave no complete answer within 30 s", "server-too-slow"),
        (f"{WHOM} broke the connection off", "connection-reset"),
        (f"{WHOM} closed the connection without an answer", "connection-reset"),
        (f"the certificate of {WHOM} is signed by nobody we trust: self-signed certificate", "certificate-self-signed"),
        (
            f"the certificate of {WHOM} is signed by nobody we trust: unable to get local issuer certificate",
            "certificate-authority-unknown",
        ),
        (f"the certificate of {WHOM} is out of date: certificate has expired", "certificate-expired"),
        (f"the certificate of {WHOM} is for another host: Hostname mismatch, certificate is not valid for 'x'", "certificate-name-differs"),
        (f"no TLS connection to {WHOM} comes about: WRONG_VERSION_NUMBER", "tls-to-plain-port"),
    ],
)
def test_a_broken_connection_of_ours_is_diagnosed(failure: str, slug: str) -> None:
    request = Request("GET", "https://op.example/.well-known/openid-configuration")
    recording = Recording((Exchange(1, "discovery", Channel.WIRE, request, AT, failure=failure),), tool_version="0")
    findings = diagnose(scene_of(Material("recording", recording, facts={}), now=None, salt=b"s")).findings
    assert [one.rule for one in findings][:1] == [slug]
