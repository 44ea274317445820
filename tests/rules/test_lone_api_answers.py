"""What an API answers, pasted by itself, is heard in the words of the library that verifies tokens there."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)


def _slugs(answer: object) -> list[str]:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return [one.rule for one in diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s")).findings]


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        ({"statusCode": 401, "message": "Unauthorized", "error": "jwt malformed"}, "token-opaque"),
        ({"statusCode": 401, "message": "Unauthorized", "error": "jwt expired"}, "token-expired"),
        ({"message": "invalid signature"}, "signature-invalid"),
        ({"detail": "Not enough segments"}, "token-opaque"),
        ({"msg": "Token has expired"}, "token-expired"),
        ({"errors": [{"code": 89, "message": "Invalid or expired token."}]}, "token-inactive"),
        ({"errors": [{"errorType": "expired_token", "message": "Access token expired: x"}], "success": False}, "token-expired"),
        ({"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid: x"}], "success": False}, "refresh-token-expired"),
        ({"msg": "Signature verification failed"}, "signature-invalid"),
        ({"detail": "Authentication credentials were not provided."}, "token-not-sent"),
        ({"message": "No authorization token was found", "status": 401}, "token-not-sent"),
        ({"error": "access_denied", "message": "Denied.", "hint": "The JWT string must have two dots"}, "token-opaque"),
        ({"error": "access_denied", "message": "Denied.", "hint": "Access token has been revoked"}, "token-revoked"),
        (
            {
                "error": "access_denied",
                "error_description": "The resource owner or authorization server denied the request.",
                "hint": "Access token could not be verified",
            },
            "signature-invalid",
        ),
        ({"error": "invalid_grant", "hint": "Failed to verify `code_verifier`."}, "code-verifier-mismatch"),
        ({"error": "invalid_request", "hint": "Authorization code has expired"}, "code-expired"),
        (
            {"error": "invalid_request", "message": "The refresh token is invalid.", "hint": "Token is not linked to client"},
            "refresh-token-of-another-client",
        ),
        (
            'HTTP/2 401\nwww-authenticate: Bearer scope="" error="invalid_token" error_description="JWKS communication error"\n\n{}',
            "key-set-unreachable",
        ),
    ],
)
def test_the_words_of_a_verifier_name_the_cause(answer: object, slug: str) -> None:
    assert _slugs(answer)[:1] == [slug]


@pytest.mark.parametrize(
    "answer",
    [
        {"message": "Unauthorized"},
        {"statusCode": 401, "message": "Unauthorized", "error": "Unauthorized"},
        {"detail": "Could not validate credentials"},
    ],
)
def test_words_that_say_nothing_leave_the_causes_open(answer: object) -> None:
    assert _slugs(answer) == ["error-without-request"]


def test_a_denial_by_the_person_stays_one() -> None:
    assert _slugs({"error": "access_denied", "error_description": "The user denied the request"})[:1] != ["token-opaque"]
