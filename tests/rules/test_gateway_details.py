"""Envoy writes in one column of its access log, without spaces, what it answers in a sentence: both are heard alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.heard import heard

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
LINE = '[2026-11-02T09:13:56.165Z] "GET /hello HTTP/1.1" 401 - {} - "-" 0 22 0 - "10.0.0.1" "curl/8.4" "c4cf" "hello.example" "-"'


def _first(text: str) -> str:
    found = diagnose(scene_of(heard(read_pasted(text, now=NOW), text), now=NOW, salt=b"s")).findings
    return found[0].rule if found else ""


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Jwt verification fails", "signature-invalid"),
        ("Jwt is expired", "token-expired"),
        ("Jwt is missing", "token-not-sent"),
        ("Jwt not yet valid", "token-not-yet-valid"),
        ("Jwt issuer is not configured", "token-issuer-differs"),
        ("Audiences in Jwt are not allowed", "audience-differs"),
        ("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections", "token-opaque"),
        ("Jwt header is an invalid JSON", "token-opaque"),
        ("Jwt header [alg] is not supported", "algorithm-not-accepted"),
        ("Jwt header [alg] field is required and must be a string", "token-header-unusable"),
        ("Jwt payload is an invalid Base64url encoded", "token-altered"),
        ("Jwt signature is an invalid Base64url encoded input", "token-not-base64url"),
        ("Jwks doesn't have key to match kid or alg from Jwt", "key-unknown"),
        ("Jwks doesn't have any valid public key", "key-set-empty"),
        ("Jwks remote fetch is failed", "key-set-unreachable"),
        ("Jwks is an invalid JSON", "key-set-misshapen"),
    ],
)
def test_a_status_is_heard_with_and_without_spaces(sentence: str, rule: str) -> None:
    assert _first(f"[debug][jwt] Jwt authentication completed with: {sentence}") == rule
    assert _first(LINE.format(f"jwt_authn_access_denied{{{sentence.replace(' ', '_')}}}")) == rule


def test_a_policy_that_denies_is_heard() -> None:
    assert _first(LINE.format("rbac_access_denied_matched_policy[none]").replace(" 401 ", " 403 ")) == "scope-insufficient"
