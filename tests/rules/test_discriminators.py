"""What tells failures apart that look alike, and what nobody can tell without the provider's console."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import pytest

from oauthctl.findings import Certainty
from tests.rules.corpus.failures import diagnosis_of, load
from tests.rules.corpus.repairs import CHALLENGE, VERIFIER, Edit, Entry, answer, basic, claims, given, header, repaired, request

_CONSOLE = frozenset(
    (
        "app_seen_headers",
        "app_type",
        "client_secret",
        "dev_mode",
        "jwks_cached",
        "listener",
        "newer_authorizations_same_user_and_app",
        "presented_cert_sha256_b64url",
        "registered_redirect_uris",
        "store_events",
    )
)
"""Members that only the provider's console, or the inside of a program, could tell."""


@cache
def failures() -> dict[str, Entry]:
    return {entry["id"]: entry for entry in load()}


NEEDY = tuple(name for name, entry in failures().items() if _CONSOLE & set(entry.get("config") or ()))


@pytest.mark.parametrize("name", NEEDY)
def test_what_only_the_console_knows_is_never_certain_without_it(name: str) -> None:
    findings = diagnosis_of(failures()[name], with_config=False).findings
    assert all(one.certainty is not Certainty.CERTAIN for one in findings)
    # Of a key set that is as it should be nothing can be said, unless somebody knows the copy that the API has kept.
    if name != "jwks-cached-after-rotation":
        assert len(findings[0].candidates) >= 2
        assert findings[0].probe


def test_enough_failures_need_the_console() -> None:
    assert len(NEEDY) >= 13


@pytest.mark.parametrize("name", [name for name in NEEDY if failures()[name]["config"].get("registered_redirect_uris")])
def test_what_the_console_lists_makes_a_redirect_uri_certain(name: str) -> None:
    first = diagnosis_of(failures()[name]).findings[0]
    assert first.certainty is Certainty.CERTAIN
    assert not first.candidates


ALIKE: tuple[tuple[str, ...], ...] = (
    # One message, `Unable to find a valid CSRF token`, or none at all.
    (
        "callback-state-mismatch-two-tabs",
        "callback-secure-cookie-on-http",
        "callback-cookie-lost-samesite-form-post-apple",
        "callback-cookie-host-localhost-vs-127",
    ),
    ("callback-cookie-too-big-502", "callback-ipv6-localhost-swallowed", "callback-response-in-fragment", "callback-user-denied"),
    # A verifier that the server does not take.
    (
        "token-invalid-grant-verifier-mismatch-new-verifier",
        "token-pkce-challenge-standard-base64",
        "authz-pkce-method-lowercase-s256",
        "token-verifier-without-challenge",
        "authz-pkce-required",
    ),
    # `invalid_grant` for a code.
    (
        "token-invalid-grant-code-expired",
        "token-invalid-grant-code-reused-strictmode",
        "token-redirect-uri-differs-between-legs",
        "token-gitlab-redirect-uri-with-callback-params",
        "token-discord-redirect-omitted-at-authorize",
    ),
    # `invalid_grant` for a refresh token.
    (
        "refresh-rotation-concurrent-processes",
        "refresh-rotation-new-token-not-stored",
        "store-fresh-token-erased-by-loser",
        "refresh-keycloak-session-not-active",
        "refresh-google-invalid-rapt",
        "refresh-entra-700082-inactive",
        "refresh-salesforce-five-token-limit",
    ),
    # A redirect URI that is not registered.
    (
        "authz-google-redirect-uri-mismatch",
        "authz-entra-50011-https-proxy",
        "authz-salesforce-rejects-loopback-ip",
        "authz-spotify-localhost-redirect",
        "authz-zitadel-http-redirect-without-dev-mode",
        "authz-keycloak-invalid-redirect-uri",
        "authz-google-private-ip-redirect",
    ),
    # `invalid_client`.
    (
        "token-basic-secret-not-form-encoded",
        "token-basic-server-does-not-decode",
        "token-invalid-client-method-post-vs-basic-hydra",
        "token-authorization-header-stripped-by-proxy",
        "token-slack-secret-in-basic-header",
        "token-entra-secret-expired",
        "token-entra-7000218-web-platform-public-client",
        "token-mtls-cert-not-presented",
        "registration-response-auth-method-ignored",
    ),
    # A time that does not fit.
    ("jwt-exp-in-milliseconds", "jwt-expired-cached-by-kube-plugin", "jwt-nbf-one-second-ahead", "token-google-service-account-clock"),
    # A key that is not found, a signature that does not fit.
    (
        "jwks-cached-after-rotation",
        "jwks-key-without-alg",
        "jwks-uri-unreachable-from-container",
        "jwt-alg-confusion-public-key-as-secret",
        "jwt-alg-none",
        "jwt-truncated-by-storage",
        "jwt-entra-graph-nonce-header",
    ),
    # What is no JWT of this API's.
    (
        "jwt-opaque-token-passed-to-decoder",
        "jwt-auth0-jwe-missing-audience",
        "jwt-bearer-prefix-inside-token",
        "jwt-id-token-sent-to-api",
        "jwt-entra-v1-access-token-for-v2-api",
    ),
    # 401 and 403 of an API.
    (
        "api-insufficient-scope-reported-as-expired",
        "api-authorization-dropped-on-redirect",
        "api-authorization-header-stripped-mod-wsgi",
        "api-mtls-bound-token-wrong-certificate",
        "refresh-insufficient-scope-step-up-loop",
        "mcp-401-without-resource-metadata",
    ),
    # An issuer that is another one.
    ("discovery-issuer-trailing-slash", "discovery-keycloak-http-issuer-behind-tls-proxy", "discovery-keycloak-internal-hostname"),
    # Scopes.
    (
        "authz-comma-separated-scopes",
        "authz-double-encoded-scope",
        "authz-linkedin-deprecated-scope",
        "authz-entra-9010010-resource-vs-scope",
    ),
    # A body that is not read.
    ("token-json-body-instead-of-form", "token-form-header-but-json-payload", "token-params-in-query-string", "token-endpoint-html-200"),
    ("tls-corporate-proxy-ca-unknown", "tls-self-signed-development-idp", "jwks-uri-unreachable-from-container"),
    ("device-github-polls-a-hair-early", "device-slow-down-ignored"),
)
PAIRS = tuple(sorted({pair for group in ALIKE for pair in combinations(group, 2)}))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_failures_that_look_alike_are_told_apart(one: str, other: str) -> None:
    found, others = (diagnosis_of(failures()[name]).findings for name in (one, other))
    assert found[0].rule != others[0].rule
    assert found[0].cause != others[0].cause


TURNED: tuple[tuple[str, tuple[Edit, ...], str], ...] = (
    # The evidence of another cause, the same words of the server.
    ("token-invalid-grant-code-expired", (request("-oCI_L6b", "-oCI_L6c"),), "code-verifier-mismatch"),
    (
        "token-invalid-grant-code-expired",
        (request("app.example.com%2Fcb", "app.example.com%2Fcb%2F"),),
        "redirect-uri-differs-between-legs",
    ),
    ("token-basic-secret-not-form-encoded", (given(client_secret="another/secret+"),), "client-secret-wrong"),
    (
        "token-basic-server-does-not-decode",
        (basic("svc", "pa$$word%2B1"), given(client_secret="pa$$word%2B1")),
        "client-secret-not-encoded",
    ),
    ("token-entra-9002326-cross-origin", (header("Origin"),), "token-request-refused"),
    (
        "token-verifier-without-challenge",
        (request("&state=", f"&code_challenge={CHALLENGE}&code_challenge_method=S256&state=", at=0),),
        "code-verifier-mismatch",
    ),
    (
        "authz-pkce-method-lowercase-s256",
        (request("method=s256", "method=S256", at=0), request("36rFzasbXziI4tjlLt2iU6xY01ErMzRC6oJTZmhOAJQ", VERIFIER)),
        "code-verifier-mismatch",
    ),
    ("jwt-expired-cached-by-kube-plugin", (claims(exp=1793614410, nbf=1793614000),), "token-not-yet-valid"),
    (
        "authz-entra-50011-https-proxy",
        (given(registered_redirect_uris=["http://app.example.com/oauth2/callback/"]),),
        "redirect-uri-trailing-slash",
    ),
    (
        "authz-google-redirect-uri-mismatch",
        (given(registered_redirect_uris=["https://www.app.example.com/auth/google/callback/"]),),
        "redirect-uri-trailing-slash",
    ),
    ("api-insufficient-scope-reported-as-expired", (answer("", 401, WWW_Authenticate='Bearer error="invalid_token"'),), "api-call-refused"),
)


@pytest.mark.parametrize(("name", "edits", "cause"), TURNED, ids=[f"{name}:{cause}" for name, _, cause in TURNED])
def test_other_evidence_under_the_same_words_has_another_cause(name: str, edits: tuple[Edit, ...], cause: str) -> None:
    assert diagnosis_of(repaired(failures()[name], *edits)).findings[0].rule == cause
