"""Where an answer says what was refused and also why, the reason is the finding, whatever phrase of a provider's stands before it."""

from __future__ import annotations

import json

import pytest

from oauthctl.rules.dialects import said_in_log
from tests.rules.test_pasted_words import _first as first

LEGS = "redirect-uri-differs-between-legs"
METHOD = "client-auth-method-mismatch"
VERIFIER = "code-verifier-mismatch"
JOINED = ("{}: {}", "{} ({})", "{}. {}.", "{} because {}")
# What a server says of any refusal, and what it may add.
REASONS = (
    (
        "invalid_grant",
        ("Code not valid", "Invalid authorization code", "Authorization code is invalid or expired", "Bad Request"),
        (
            ("redirect_uri does not match", LEGS),
            ("code_verifier is missing", "code-verifier-missing"),
            ("PKCE verification failed", VERIFIER),
            ("the authorization code was issued to another client", "code-of-another-client"),
            ("the authorization code has already been used", "code-reused"),
        ),
    ),
    (
        "invalid_client",
        ("Client authentication failed", "Invalid client credentials", "Invalid client", "Unauthorized"),
        (
            ("client_secret_post is not allowed for this client", METHOD),
            ("expected private_key_jwt but got client_secret_basic", METHOD),
            ("the client secret has expired", "client-secret-expired"),
            ("unknown client_id", "client-unknown"),
            ("the client is disabled", "app-disabled"),
            ("the client assertion has expired", "assertion-expired"),
        ),
    ),
    (
        "invalid_grant",
        ("Invalid refresh token", "Unknown or invalid refresh token", "Token is not active"),
        (
            ("the token has been revoked", "refresh-token-revoked"),
            ("the token was already used", "refresh-token-reused"),
            ("session idle timeout", "session-ended"),
        ),
    ),
    (
        "invalid_request",
        ("Invalid request", "Malformed request", "Bad Request"),
        (
            ("code_challenge is required", "pkce-required"),
            ("redirect_uri is not registered for this client", "redirect-uri-not-registered"),
            ("grant_type is missing", "grant-type-missing"),
        ),
    ),
)
ANSWERS = (
    ("invalid_grant", "Invalid auth code - the redirect URI provided does not match the one used when the code was issued", LEGS),
    ("invalid_grant", "The authorization code is not valid because the redirect URI differs from the authorization request's", LEGS),
    ("invalid_grant", 'Authorization code is invalid: "code_challenge_method" is missing', "code-challenge-method-missing"),
    ("invalid_grant", "Grant code rejected (code has been redeemed before)", "code-reused"),
    ("invalid_grant", "Authorization code validation failed: client mismatch", "code-of-another-client"),
    ("invalid_grant", "The code was issued for client abc but redeemed by client xyz", "code-of-another-client"),
    ("invalid_grant", "The refresh token is invalid. It has already been used.", "refresh-token-reused"),
    ("invalid_grant", "Bad refresh token: token belongs to another client", "refresh-token-of-another-client"),
    ("invalid_grant", "Unknown or invalid refresh token: rotated token was replayed", "refresh-token-reused"),
    ("invalid_grant", "The refresh token is invalid. Requested scope exceeds what was granted", "scope-not-allowed"),
    ("invalid_grant", "Token is not active. SSO session max lifespan exceeded", "session-ended"),
    ("invalid_grant", "The user session has timed out due to inactivity", "session-ended"),
    ("invalid_grant", "Invalid device code: already used", "device-code-reused"),
    ("invalid_grant", "Device code is expired", "device-code-expired"),
    ("invalid_grant", "PKCE verification failed: Code mismatch", VERIFIER),
    ("invalid_grant", "PKCE verification failed: code_verifier is missing", "code-verifier-missing"),
    ("invalid_grant", "code_verifier does not match code_challenge for authorization code", VERIFIER),
    ("invalid_grant", "The 'code_verifier' parameter didn't correspond to the expected value", VERIFIER),
    ("invalid_request", "The code_challenge is valid but the code_verifier is missing", "code-verifier-missing"),
    ("invalid_grant", "code_verifier was provided but no code_challenge was used in the authorization request", "code-challenge-missing"),
    ("invalid_request", "Invalid query: code_challenge: must be 43 to 128 characters", "code-challenge-not-base64url"),
    ("invalid_client", "Client is registered for private_key_jwt but used client_secret_basic", METHOD),
    ("invalid_client", "The client 'web' is configured with client_secret_basic, but client_secret_post was used", METHOD),
    ("invalid_client", "token_endpoint_auth_method mismatch: registered client_secret_post, received client_secret_basic", METHOD),
    ("invalid_client", "The request used the method 'client_secret_post', however the client does not allow this method.", METHOD),
    ("invalid_client", "Client must authenticate using client_secret_basic", METHOD),
    ("invalid_client", "Client credentials are invalid (auth method 'none' not permitted for confidential client)", METHOD),
    ("invalid_client", "Client authentication failed with more than one authentication method in the request", "client-auth-twice"),
    ("invalid_client", "Client authentication failed: missing credentials", "client-auth-missing"),
    ("invalid_client", "Client authentication failed: client_assertion jti has already been used", "assertion-reused"),
    ("unauthorized_client", "Invalid client: grant type client_credentials not allowed for this client", "grant-not-allowed"),
    ("unauthorized_client", "Unauthorized: the client may not use the refresh_token grant", "grant-not-allowed"),
    ("invalid_grant", "Auth code rejected: client_id in request is not the client the code was issued to", "code-of-another-client"),
    ("invalid_grant", "The authorization code could not be redeemed. The code verifier supplied does not match", VERIFIER),
    ("invalid_grant", "Grant is invalid: the authorization code was redeemed more than 60 seconds after it was issued", "code-expired"),
    ("invalid_grant", "Failed to validate refresh token: session terminated by logout", "session-ended"),
    ("invalid_grant", "Refresh token rejected. It belongs to a different client", "refresh-token-of-another-client"),
    ("invalid_client", "Could not authenticate client: no such client", "client-unknown"),
    ("invalid_client", "Client authentication failed: public clients must not send a client_secret", "public-client-sends-secret"),
    ("invalid_grant", "redirect_uri matches but client_id differs from the one of the authorization request", "client-id-mismatch"),
    ("invalid_client", "client_secret_basic required for this client", METHOD),
    ("invalid_grant", "Invalid assertion: token audience is wrong", "assertion-audience-wrong"),
    ("invalid_grant", "Both code and redirect_uri are valid, but the code_verifier is wrong", VERIFIER),
    ("invalid_request", "Failed decoding Authorization header", "basic-header-malformed"),
    ("invalid_scope", "Invalid scope: client is not allowed to request scope admin", "scope-not-allowed"),
)
OPEN = (
    ("invalid_grant", "Invalid authorization code", "code-expired"),
    ("invalid_grant", "Code not valid", "code-expired"),
    ("invalid_grant", "Authorization code is invalid or expired", "code-expired"),
    ("invalid_grant", "Invalid authorization code or redirect_uri mismatch", "code-expired"),
    ("invalid_grant", "Code is expired or redirect_uri mismatch", "code-expired"),
    ("invalid_grant", "Invalid authorization code. Please check that your client_id and redirect_uri are correct", "code-expired"),
    ("invalid_client", "Client authentication failed", "error-without-request"),
    ("invalid_client", "Invalid client or Invalid client credentials", "client-secret-wrong"),
    ("invalid_grant", "Bad Request", "error-without-request"),
    ("invalid_grant", "Token is not active", "refresh-token-expired"),
    ("invalid_grant", "Unknown or invalid refresh token.", "refresh-token-revoked"),
)
LINES = (
    ("invalid_grant: Code not valid (redirect_uri mismatch)", LEGS),
    ("invalid_grant: Code not valid (already used)", "code-reused"),
    ("10:00:01 ERROR oauth: token request failed: 400 invalid_grant: Invalid authorization code: redirect_uri mismatch", LEGS),
    ("Invalid Refresh Token: Already Used", "refresh-token-reused"),
    ("Invalid Refresh Token: Refresh Token Not Found", "refresh-token-expired"),
    ("https://app.example.com/cb?error=invalid_request&error_description=Malformed%3A+state+is+required&state=", "state-missing"),
    (
        "https://app.example.com/cb?error=unauthorized_client&error_description=Not+authorized%3A+response_type+token+is+disabled",
        "response-type-unsupported",
    ),
    ("https://app.example.com/cb?error=invalid_request&error_description=Bad+Request%3A+code_challenge+is+missing", "pkce-required"),
)
STANDARD = (
    "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, "
    "revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
)


def _answer(error: str, description: str) -> str:
    return json.dumps({"error": error, "error_description": description})


@pytest.mark.parametrize(("error", "refusals", "reasons"), REASONS, ids=["code", "client", "refresh-token", "request"])
def test_a_reason_goes_before_any_refusal(error: str, refusals: tuple[str, ...], reasons: tuple[tuple[str, str], ...]) -> None:
    said = [(joined.format(refusal, reason), rule) for refusal in refusals for reason, rule in reasons for joined in JOINED]
    assert [(words, found) for words, rule in said if (found := first(_answer(error, words)).rule) != rule] == []


@pytest.mark.parametrize(("error", "description", "rule"), ANSWERS)
def test_the_more_specific_statement_of_an_answer_counts(error: str, description: str, rule: str) -> None:
    assert first(_answer(error, description)).rule == rule


@pytest.mark.parametrize(("error", "description", "rule"), OPEN)
def test_a_refusal_without_a_reason_of_its_own_stays_what_it_is(error: str, description: str, rule: str) -> None:
    assert first(_answer(error, description)).rule == rule


@pytest.mark.parametrize(("line", "rule"), LINES)
def test_the_more_specific_statement_of_a_line_counts(line: str, rule: str) -> None:
    assert first(line).rule == rule


def test_a_reason_may_stand_in_another_member() -> None:
    answer = {"error": "invalid_grant", "error_description": "Invalid authorization code", "error_hint": "redirect_uri does not match"}
    assert first(json.dumps(answer)).rule == LEGS


def test_a_later_line_of_a_log_explains_no_earlier_one() -> None:
    said = said_in_log("ERROR oauth: Code not valid\nERROR oauth: client_secret_post is not allowed for this client")
    assert [entry.rule for entry, _ in said] == ["code-expired"]


def test_the_standards_sentence_says_nothing_of_the_line_that_it_stands_in() -> None:
    line = f"invalid_grant: {STANDARD} The PKCE code verifier must be at least 43 characters."
    assert first(line).rule == "code-verifier-too-short"
