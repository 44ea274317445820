"""What somebody pastes of a log or an answer alone is heard: by the words, else as one failure of several explanations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oauthctl.findings import Certainty, Finding
from oauthctl.record.material import Material
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import Diagnosis, diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.registry import all_rules

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)


def _diagnosis(text: str) -> Diagnosis:
    return diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s"))


def _first(text: str) -> Finding:
    findings = _diagnosis(text).findings
    assert findings, f"nothing is heard in: {text}"
    return findings[0]


LOGS = [
    (
        '"Unable to authenticate" err="[invalid bearer token, oidc: token is expired (Token Expiry: 2026)]"',
        "token-expired",
    ),
    ('Unable to authenticate: oidc: expected audience "kube" got ["kube-test"]', "logged-audience-differs"),
    (r'err="[invalid bearer token, oidc: parse username claims \"email\": claim not present]"', "required-claim-missing"),
    ('"Unable to authenticate the request" err="failed to verify signature: failed to verify id token signature"', "key-unknown"),
    (
        r'msg="failed to verify token: error for aud \"argo\": oidc: id token issued by a different provider, expected \"https://dex\" got '
        r'\"https://cd/dex\""',
        "logged-issuer-differs",
    ),
    (
        'issuer did not match the issuer returned by provider, expected "https://op.example/" got "https://op.example"',
        "logged-issuer-differs",
    ),
    (
        "InvalidBearerTokenException: An error occurred while decoding: The iss claim is not valid",
        "token-issuer-differs",
    ),
    ("OAuth2AuthenticationException: [authorization_request_not_found]", "cookie-not-returned"),
    ("[invalid_id_token] An error occurred while attempting to decode the Jwt: Jwt expired at 2026-05-14T09:00:00Z", "token-expired"),
    ("BadJOSEException: Signed JWT rejected: Another algorithm expected, or no matching key(s) found", "key-unknown"),
    (
        "System.Exception: An error was encountered.\n ---> Exception: Correlation failed.",
        "cookie-not-returned",
    ),
    ("IDX10501: Signature validation failed. Unable to match key: kid: 'k1'.", "key-unknown"),
    ("IDX21323: RequireNonce is 'True'. Nonce was null, ValidatedIdToken.Payload.Nonce was not null.", "cookie-not-returned"),
    ("[12:00:01 ERR] AuthorizeRequestValidator\nInvalid redirect_uri: https://localhost:5002/signin-oidc", "redirect-uri-not-registered"),
    ("fail: TokenRequestValidator[0] No client with id 'mvc2' found. aborting", "client-unknown"),
    ("fail: DefaultResourceValidator[0] Scope api2 not found in store. Invalid scopes requested", "scope-unknown"),
    (
        'type="LOGIN_ERROR", error="invalid_redirect_uri", redirect_uri="https://a.example/cb"',
        "redirect-uri-not-registered",
    ),
    ('WARN type="LOGIN_ERROR", clientId="web", error="cookie_not_found"', "cookie-not-returned"),
    ('WARN type="CODE_TO_TOKEN_ERROR", clientId="web", error="invalid_code", grant_type="authorization_code"', "code-expired"),
    ("type=CODE_TO_TOKEN_ERROR, clientId=web, error=invalid_client_credentials", "client-secret-wrong"),
    ("[next-auth][error][OAUTH_CALLBACK_ERROR] State cookie was missing.", "cookie-not-returned"),
    ("RPError: id_token issued in the future, now 1715678000, iat 1715678003", "token-issued-in-future"),
    ("JsonWebTokenError: jwt audience invalid. expected: https://api.example.com", "audience-differs"),
    ("BrowserAuthError: interaction_in_progress: Interaction is currently in progress.", "parallel-sign-ins"),
    ("""InternalOAuthError: { statusCode: 400, data: '{"error":"redirect_uri_mismatch"}' }""", "redirect-uri-differs-between-legs"),
    ("MismatchingStateError: mismatching_state: CSRF Warning! State not equal in request and response.", "state-mismatch"),
    ("ImmatureSignatureError: The token is not yet valid (iat)", "token-issued-in-future"),
    ('Warning: Scope has changed from "openid email" to "openid".', "scope-narrowed"),
    ("omniauth: (google) Authentication failure! csrf_detected: CallbackError", "state-mismatch"),
    ("Error creating session during OAuth2 callback: email in id_token (bob@example.com) isn't verified", "email-unverified-in-token"),
    ("Invalid authentication via OAuth2: unable to obtain CSRF cookie", "cookie-not-returned"),
    ("[auth_openidc:error] oidc_authorization_request_match_state: unable to restore state", "cookie-not-returned"),
    ('level=warning msg="Error validating csrf cookie" error="Invalid CSRF cookie"', "state-mismatch"),
    ("Jwt verification fails: Jwks doesn't have key to match kid or alg from Jwt", "key-unknown"),
    ("Jwt issuer is not configured", "token-issuer-differs"),
    ('Could not authenticate you from OpenIDConnect because "Id token issuer does not match".', "id-token-issuer-differs"),
    ("Refused to display 'https://op.example/' in a frame because it set 'X-Frame-Options' to 'deny'.", "sign-in-page-framed"),
    ('Error: Subject mismatch: userinfo sub "123" does not match id_token sub "456"', "userinfo-subject-differs"),
    ("MSIS9223: Received invalid OAuth authorization request.", "client-unknown"),
    ("INVALID_CLIENT: Invalid redirect URI", "redirect-uri-not-registered"),
    ("The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).", "redirect-uri-not-registered"),
    (
        "[error] connect() failed (111: Connection refused) while connecting to upstream, server: sso.example, "
        'request: "POST /realms/x/protocol/openid-connect/token HTTP/1.1", upstream: "http://10.0.0.9:8080/realms/x", host: "sso.example"',
        "gateway-error",
    ),
    ("[error] connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.5", "gateway-error"),
]


@pytest.mark.parametrize(("text", "slug"), LOGS, ids=[f"{number}-{slug}" for number, (_, slug) in enumerate(LOGS)])
def test_a_log_line_names_its_cause(text: str, slug: str) -> None:
    finding = _first(text)
    assert (finding.rule, finding.certainty) == (slug, Certainty.LIKELY)


@pytest.mark.parametrize(("text", "slug"), LOGS, ids=[f"{number}-{slug}" for number, (_, slug) in enumerate(LOGS)])
def test_a_log_line_that_is_given_beside_nothing_else_says_the_same(text: str, slug: str) -> None:
    scene = scene_of(Material("har"), now=NOW, salt=b"s", given={"local_error": text})
    finding = diagnose(scene).findings[0]
    assert finding.rule == slug
    assert {one.place for one in finding.evidence} == {"given.local_error"}


ANSWERS = [
    ('WWW-Authenticate: Bearer error="invalid_token", error_description="The token expired at \'05/14/2026 09:00:00\'"', "token-expired"),
    ('WWW-Authenticate: Bearer error="invalid_token", error_description="The audience \'https://a\' is invalid"', "audience-differs"),
    ('WWW-Authenticate: Bearer error="invalid_token", error_description="The signature key was not found"', "key-unknown"),
    ('Bearer error="invalid_token", error_description="Another algorithm expected, or no matching key(s) found"', "key-unknown"),
    ('WWW-Authenticate: Bearer realm="x", error="insufficient_scope", scope="admin"', "scope-insufficient"),
    (
        {"error": {"code": "InvalidToken", "message": "Access token validation failure. Invalid audience."}},
        "audience-differs",
    ),
    ({"error": {"status": 401, "message": "The access token expired"}}, "token-expired"),
    ({"error": "redirect_uri_mismatch", "error_description": "Bad Request"}, "redirect-uri-not-registered"),
    ({"error": "invalid_grant", "error_description": "Callback url mismatch"}, "redirect-uri-differs-between-legs"),
    ({"error": "invalid_request", "error_description": "Invalid redirect_uri"}, "redirect-uri-not-registered"),
    ({"error": "invalid_client", "email_verified": False}, "error-without-request"),
    ({"error_description": "unknown, invalid, or expired refresh token", "error": "invalid_grant"}, "refresh-token-expired"),
    ({"status": 400, "message": "missing client secret"}, "client-auth-missing"),
    ({"status": "BAD_AUTH_CODE", "message": "missing or unknown auth code"}, "code-expired"),
    ({"message": "Bad Request", "errors": [{"resource": "AuthorizationCode", "field": "code", "code": "invalid"}]}, "code-expired"),
    ({"object": "error", "status": 401, "code": "unauthorized", "message": "API token is invalid."}, "token-inactive"),
    ("HTTP/1.1 403 Forbidden\nServer: cloudflare\nContent-Type: text/html\n\n<title>Just a moment...</title>", "captive-portal"),
    ({"error_description": "code has expired (within the last hour)", "error": "invalid_grant"}, "code-expired"),
    ({"reason": "Invalid client_id or client_secret", "error": "invalid_client"}, "client-secret-wrong"),
    ({"error_description": "Authorization code is invalid or expired.", "error": "invalid_grant"}, "code-expired"),
    ({"error": "invalid_grant", "error_description": "authentication failure"}, "password-wrong"),
    ({"error": "invalid_client", "error_description": "the client secret is wrong"}, "client-secret-wrong"),
    ({"error": "invalid_scope", "error_description": "the scope bogus does not exist here"}, "scope-unknown"),
    ({"error": "unsupported_grant_type", "error_description": "this grant_type is not supported"}, "grant-unsupported"),
    ({"ok": False, "error": "bad_redirect_uri"}, "redirect-uri-differs-between-legs"),
    ({"ok": False, "error": "invalid_code"}, "code-expired"),
    ({"error": "unauthorized_client", "error_description": "Invalid redirect_uri"}, "redirect-uri-not-registered"),
    (
        ""
        "https://app.example/cb?error=unauthorized&error_description=Service%20not%20enabled%20within%20domain%3A%20https%3A%2F%2Fapi&state=x",
        "resource-unknown",
    ),
    (
        "http://localhost:8080/cb?state=s1&error=invalid_scope"
        "&error_description=One+or+more+scopes+are+not+configured+for+the+authorization+server+resource.",
        "scope-unknown",
    ),
]


@pytest.mark.parametrize(("answer", "slug"), ANSWERS, ids=[f"{number}-{slug}" for number, (_, slug) in enumerate(ANSWERS)])
def test_an_answer_alone_names_its_cause(answer: str | dict[str, Any], slug: str) -> None:
    finding = _first(answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":")))
    assert finding.rule == slug


@pytest.mark.parametrize(
    "text",
    [
        'HTTP/2 401\ncontent-type: application/json\nwww-authenticate: Bearer error="invalid_token"\n\n{"message":"Unauthorized"}',
        'WWW-Authenticate: Bearer error="invalid_token", error_description="no"',
        'WWW-Authenticate: Bearer realm="api"',
        '{"message":"no","status":403}',
        '{"error":"invalid_grant"}',
        "<html><title>Sorry</title><body>We are unable to sign you in</body></html>",
    ],
)
def test_a_refusal_that_no_rule_knows_has_candidates(text: str) -> None:
    finding = _first(text)
    assert (finding.rule, finding.certainty) == ("error-without-request", Certainty.POSSIBLE)
    assert finding.candidates
    assert finding.probe


def test_a_log_that_nothing_knows_is_unexplained_and_not_all_right() -> None:
    diagnosis = _diagnosis("2026-11-02 09:14:00 ERROR auth.Session - sign-in failed: quux 17 is not allowed here")
    assert diagnosis.findings == ()
    assert [one for one in diagnosis.unexplained if "quux 17" in one]


def test_a_form_behind_a_refusal_is_a_log_line_of_that_refusal() -> None:
    text = "POST /token 401 invalid_client body: grant_type=client_credentials&client_id=a&client_secret=Zebra99secret"
    finding = _first(text)
    assert "invalid_client" in finding.cause
    assert "Zebra99" not in repr(_diagnosis(text))


def test_the_values_of_a_log_line_are_quoted() -> None:
    assert "`mvc2`" in _first("fail: No client with id 'mvc2' found. aborting").cause
    assert "`email`" in _first(r'Unable to authenticate err="oidc: parse username claims \"email\": claim not present"').cause
    named = _first('WARN type="LOGIN_ERROR", error="invalid_redirect_uri", redirect_uri="https://a.example/cb"')
    assert "`https://a.example/cb`" in named.cause


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}, "not accepted"),
        ({"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."}, "not accepted"),
        ({"error": "invalid_grant", "error_description": 'Invalid "code" in request.'}, "not accepted"),
        ({"errorCode": "E0000011", "errorSummary": "Invalid token provided", "errorLink": "E0000011"}, "does not take the token"),
    ],
)
def test_a_title_says_no_more_than_the_words(answer: dict[str, str], words: str) -> None:
    assert words in _first(json.dumps(answer)).message


def test_what_the_recording_refutes_is_not_taken_from_a_log() -> None:
    # The rule on the callback's state could read both, and found them equal.
    back = "https://app.example/cb?code=c-1&state=s1"
    asked = "https://op.example/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s1"
    alike = read_pasted(f"{asked}\n{back}", now=NOW)
    said = {"local_error": "mismatching_state: CSRF Warning!"}
    assert "state-mismatch" in {rule.slug for rule in all_rules() if rule.is_decisive}
    diagnosis = diagnose(scene_of(alike, now=NOW, salt=b"s", given=said))
    assert "state-mismatch" not in [one.rule for one in diagnosis.findings]
    assert diagnosis.findings or diagnosis.unexplained
    other = read_pasted(f"{asked}\n{back.replace('s1', 's2')}", now=NOW)
    assert "state-mismatch" in [one.rule for one in diagnose(scene_of(other, now=NOW, salt=b"s", given=said)).findings]


def test_what_a_log_says_stands_behind_what_is_proved() -> None:
    asked = "https://op.example/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s1"
    other = read_pasted(f"{asked}\nhttps://app.example/cb?code=c-1&state=s2", now=NOW)
    said = {"local_error": "System.Exception: Correlation failed. IDX10501: no key"}
    found = [(one.rule, one.certainty) for one in diagnose(scene_of(other, now=NOW, salt=b"s", given=said)).findings]
    proved = [number for number, (_, certainty) in enumerate(found) if certainty is Certainty.CERTAIN]
    heard = [number for number, (slug, _) in enumerate(found) if slug == "key-unknown"]
    assert proved
    assert heard
    assert max(proved) < min(heard)
