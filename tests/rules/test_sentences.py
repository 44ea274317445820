"""A parameter's name and what is wrong with it are understood in whatever words a server says them."""

from __future__ import annotations

import json
import re

import pytest

from oauthctl.record import purposes
from oauthctl.rules.registry import all_rules
from oauthctl.rules.sentence_grammar import spellings
from oauthctl.rules.sentences import LOG, cells, spelled_out

PARAMETERS = {one["name"] for one in (*spellings("names"), *spellings("bare_names"))} - {""}
FAULTS = {one["name"] for one in (*spellings("behind"), *spellings("before"))}
PURPOSES = {value for name, value in vars(purposes).items() if name.isupper() and isinstance(value, str)}
NAMED = (
    ("Missing code verifier.", "token", "code-verifier-missing"),
    ("redirect_uri mismatch", "token", "redirect-uri-differs-between-legs"),
    ("redirect_uri mismatch", "authorization", "redirect-uri-not-registered"),
    ("The redirect_uri from this request does not match the one from the authorize request.", "token", "redirect-uri-differs-between-legs"),
    ("redirect_uri did not match URI from initial request.", "token", "redirect-uri-differs-between-legs"),
    ("unknown, invalid, or expired refresh token", "token", "refresh-token-expired"),
    ("Custom URI scheme is not enabled for your Android client.", "authorization", "redirect-uri-scheme-refused"),
    ('{ "error": "redirect_uri_mismatch", "error_description": "Bad Request" }', "token", "redirect-uri-differs-between-legs"),
    ('{"error":"invalid_redirect_uri"}', "authorization", "redirect-uri-not-registered"),
    ("Invalid parameter value for redirect_uri: Missing scheme: abc", "authorization", "redirect-uri-not-registered"),
    ("Missing required parameter: scope", "authorization", "scope-unknown"),
    ("The 'redirect_uri' parameter must be an absolute URI", "authorization", "redirect-uri-not-absolute"),
    ("redirect uri must use https", "authorization", "redirect-uri-insecure"),
    ("The redirect URI must not contain a fragment", "authorization", "redirect-uri-fragment"),
    ("PKCE verification failed", "token", "code-verifier-mismatch"),
    ("PKCE is required for public clients", "authorization", "pkce-required"),
    ("code challenge required", "authorization", "pkce-required"),
    ("code_challenge_method must be S256", "authorization", "code-challenge-plain-refused"),
    ("transform algorithm not supported", "authorization", "code-challenge-plain-refused"),
    ("code_verifier does not match code_challenge", "token", "code-verifier-mismatch"),
    ("code_verifier must be between 43 and 128 characters", "token", "code-verifier-too-short"),
    ("client secret is invalid", "token", "client-secret-wrong"),
    ("Bad client secret", "token", "client-secret-wrong"),
    ("Invalid client credentials", "token", "client-secret-wrong"),
    ("The client secret has expired", "token", "client-secret-expired"),
    ("Unknown client_id", "authorization", "client-unknown"),
    ("Client not found", "authorization", "client-unknown"),
    ("No client with requested id found: abc", "authorization", "client-unknown"),
    ("client is disabled", "token", "app-disabled"),
    ("Authorization code has already been used", "token", "code-reused"),
    ("authorization code expired", "token", "code-expired"),
    ("Code not found", "token", "code-expired"),
    ("The authorization code is invalid or has expired", "token", "code-expired"),
    ("Auth code was issued to another client", "token", "code-of-another-client"),
    ("The code passed is incorrect or expired.", "token", "code-expired"),
    ("missing code", "token", "grant-parameter-missing"),
    ("Refresh token already used", "token", "refresh-token-reused"),
    ("Refresh token has been revoked", "token", "refresh-token-revoked"),
    ("refresh_token is required", "token", "refresh-token-never-issued"),
    ("Invalid refresh token", "token", "refresh-token-expired"),
    ("Refresh token not found", "token", "refresh-token-expired"),
    ("Refresh token was issued to a different client", "token", "refresh-token-of-another-client"),
    ("Unsupported grant type: foo", "token", "grant-unsupported"),
    ("grant type not allowed for this client", "token", "grant-not-allowed"),
    ("Missing grant_type", "token", "grant-type-missing"),
    ("The grant_type parameter is missing", "token", "grant-type-missing"),
    ("unsupported response type", "authorization", "response-type-unsupported"),
    ("The scope 'foo' is not allowed", "authorization", "scope-not-allowed"),
    ("Unknown scope: foo", "authorization", "scope-unknown"),
    ("Invalid scope(s): foo", "token", "scope-unknown"),
    ("Missing state parameter", "authorization", "state-missing"),
    ("state mismatch", "callback", "state-mismatch"),
    ("invalid flow state", "callback", "state-mismatch"),
    ("Invalid state parameter", "log", "state-mismatch"),
    ("nonce is required", "authorization", "nonce-missing"),
    ("audience is required", "token", "audience-parameter-required"),
    ("Unknown resource", "token", "resource-unknown"),
    ("client_assertion has expired", "token", "assertion-expired"),
    ("Invalid client assertion signature", "token", "assertion-key-unknown"),
    ("device code expired", "token", "device-code-expired"),
    ("Invalid username or password", "token", "password-wrong"),
    ("User account is locked", "token", "account-locked"),
    ("Unsupported content type", "token", "token-request-mislabelled"),
    ('{"redirect_uri": ["This field is required."]}', "token", "redirect-uri-missing-at-token"),
    ("redirectUriMismatch", "token", "redirect-uri-differs-between-legs"),
    ("Token request has no code_verifier", "token", "code-verifier-missing"),
    ("client_id and redirect_uri do not match", "authorization", "redirect-uri-not-registered"),
    ("Callback URL not approved by app", "authorization", "redirect-uri-not-registered"),
    ("reply url is not registered", "authorization", "redirect-uri-not-registered"),
    ("The requested redirect URI is not whitelisted", "authorization", "redirect-uri-not-registered"),
    ("error=invalid_request&error_description=code_challenge+required", "callback", "pkce-required"),
    ("Invalid scope: Requested scope is invalid (oauth2)", "log", "scope-unknown"),
    ("Requested scopes are not valid: http://localhost:9001/mcp", "registration", "registration-scope-refused"),
    ("Only mcp:read and mcp:write scopes are supported.", "registration", "registration-scope-refused"),
    ("Client does not have permission to use the requested grant", "token", "grant-not-allowed"),
    ("Client does not support device authorization", "device-authorization", "device-flow-disabled"),
    ("Code verifier from session is empty", "log", "code-verifier-missing"),
    ("oauth devicetoken: Error while retrieving OAuth token: Code Expired", "log", "device-code-expired"),
    ("Cookie is invalid or does not exist.", "log", "cookie-not-returned"),
    ("Invalid Token!", "token", "refresh-token-expired"),
    ("The token was issued to a different client", "token", "refresh-token-of-another-client"),
    ("The client is not authorized to use the authorization_code grant", "token", "grant-not-allowed"),
    ("Content-Type must be application/x-www-form-urlencoded", "token", "token-request-mislabelled"),
    ("Only POST requests are allowed", "token", "token-request-by-get"),
    ("duplicated parameter", "authorization", "authorization-parameter-duplicated"),
    ("Parameter not allowed for this message type: code_verifier", "token", "code-challenge-missing"),
    ("invalid_request_uri", "authorization", "request-uri-expired"),
    ("Wrong password", "token", "password-wrong"),
    ("verifier is invalid, challengeAnswer: [abc], token.CodeChallenge: [def]", "token", "code-verifier-mismatch"),
    ("PKCE is mandatory for this application. PKCE Challenge is not provided", "callback", "pkce-required"),
    ("Redirect URI 'https://chat.example.com/cb' does not match allowed patterns.", "authorization", "redirect-uri-not-registered"),
)
# RFC 6749 sections 4.1.2.1 and 5.2.
STANDARD = (
    "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, "
    "revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
    "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is "
    "otherwise malformed.",
    "The request is missing a required parameter, includes an unsupported parameter value (other than grant type), repeats a parameter, "
    "includes multiple credentials, utilizes more than one mechanism for authenticating the client, or is otherwise malformed.",
    "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).",
    "The authenticated client is not authorized to use this authorization grant type.",
    "The authorization grant type is not supported by the authorization server.",
    "The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner.",
    "The requested scope is invalid, unknown, or malformed.",
    "The client is not authorized to request an authorization code using this method.",
    "The authorization server does not support obtaining an authorization code using this method.",
    "The resource owner or authorization server denied the request.",
)
OPEN = (
    ('{"message": "This invoice is locked"}', "api"),
    ('{"message":"Missing required field: state"}', "api"),
    ("user signed in, redirect_uri https://a/b ok", "log"),
    ("the process ended with code 137, scope of the job unknown", "log"),
    ("INFO oauth: refresh token expired, a new one was fetched", "log"),
    (
        "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).",
        "token",
    ),
)


@pytest.mark.parametrize(("words", "purpose", "rule"), NAMED)
def test_a_fault_of_a_parameter_is_named(words: str, purpose: str, rule: str) -> None:
    found = spelled_out(words, purpose)
    assert found is not None
    assert found.cell.rule == rule


def test_the_sentences_of_the_standard_leave_the_cause_open() -> None:
    for sentence in STANDARD:
        assert spelled_out(sentence, "token") is None, sentence


@pytest.mark.parametrize(("words", "purpose"), OPEN)
def test_what_names_no_fault_of_a_parameter_stays_open(words: str, purpose: str) -> None:
    assert spelled_out(words, purpose) is None


def test_a_cell_is_whole() -> None:
    slugs = {rule.slug for rule in all_rules()}
    for cell in cells():
        assert cell.parameter in PARAMETERS, cell
        assert cell.faults, cell
        assert set(cell.faults) <= FAULTS, cell
        assert set(cell.open) <= set(cell.faults), cell
        assert cell.rule in slugs, cell
        assert set(cell.only) <= {*PURPOSES, LOG, ""}, cell
        assert cell.means.endswith("."), cell
        assert cell.help.endswith("."), cell
        re.compile(cell.beside)


def test_no_cell_stands_behind_one_that_takes_all_it_is_for() -> None:
    for number, cell in enumerate(cells()):
        earlier = [one for one in cells()[:number] if one.parameter == cell.parameter and not one.beside]
        for fault in cell.faults:
            assert not [one for one in earlier if fault in one.faults and (not one.only or set(cell.only or PURPOSES) <= set(one.only))], (
                cell.rule,
                fault,
            )


def test_a_long_sentence_costs_little() -> None:
    words = "invalid redirect_uri " * 100_000
    assert spelled_out(json.dumps({"error_description": words}), "token") is not None
    assert spelled_out("no " * 2000 + "code" * 1000, "token") is None
