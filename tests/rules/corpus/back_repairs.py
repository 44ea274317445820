"""Repairs of failures in tokens and at the endpoints that a client calls itself: the mutation controls, as data.

Here: one `Repair` for an entry of `failures.jsonl` each. Not here: the edits that they are made of (`repairs`), the others
(`front_repairs`).
"""

from __future__ import annotations

import base64
import hashlib

from tests.rules.corpus.repairs import (
    CHALLENGE,
    TOKENS,
    VERIFIER,
    Repair,
    answer,
    basic,
    body,
    claims,
    everywhere,
    form,
    given,
    header,
    request,
    signed,
    tokens,
    without_exchange,
)

_NOW = 1793610840
_HALF = base64.urlsafe_b64encode(hashlib.sha256(b"MMi0YfLbVYmGTJ5FRBEThKopZH_aD40DqaaoMdJda39f74dG0wt2zVgv5zMR").digest()[:16])
_LIVE = {"iss": "https://idp.example.com", "sub": "u-42", "aud": "https://api.example.com", "iat": _NOW - 30, "exp": _NOW + 3570}
_OK = answer({"orders": []})
_TENANT = "8f4a1d2e-3b5c-4d6e-9f70-112233445566"
_PAIR = (request("code_challenge=AXWbTaNRC6dMTsQZ_9DTAXHA-OB7rdPpWNfwmUVDZ38", f"code_challenge={CHALLENGE}", at=0),)

DEVICE = (
    Repair(
        "device-github-polls-a-hair-early",
        (header("X-Recorded-At", "09:14:06.200", at=1), header("X-Recorded-At", "09:14:17.900")),
        tokens(scope="read:user"),
    ),
    Repair(
        "device-slow-down-ignored",
        (header("X-Recorded-At", "09:14:11", at=2), header("X-Recorded-At", "09:14:27")),
        tokens(scope="openid", id_token="<jwt>"),
    ),
)

REGISTRATION = (
    Repair(
        "registration-keycloak-trusted-hosts",
        (),
        answer(
            {
                "client_id": "c-1",
                "client_name": "Claude",
                "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
                "token_endpoint_auth_method": "none",
            },
            201,
        ),
        keeps_text=False,
    ),
    Repair(
        "registration-response-auth-method-ignored",
        (
            header("Authorization"),
            form(client_id="dyn-42", client_secret="Zk3-secret"),
        ),
        tokens(),
    ),
    Repair(
        "registration-secret-expiry-missing",
        (everywhere('"token_endpoint_auth_method"', '"client_secret_expires_at": 0, "token_endpoint_auth_method"'),),
        keeps_text=False,
    ),
)

KEYS = (
    Repair(
        "jwks-cached-after-rotation",
        (lambda entry: entry["config"].update(jwks_cached=entry["http"]["response"]["body"]),),
        keeps_text=False,
    ),
    Repair("jwks-key-without-alg", (everywhere('"use": "sig",', '"use": "sig", "alg": "RS256",'),), keeps_text=False),
    Repair("jwks-uri-unreachable-from-container", (), answer({"keys": []}), keeps_text=False),
)

TOKENS_OF = (
    Repair("jwt-alg-confusion-public-key-as-secret", (signed(_LIVE),), keeps_text=False),
    Repair("jwt-alg-none", (signed(_LIVE),), keeps_text=False),
    Repair("jwt-at-hash-full-digest", (claims(at_hash=_HALF.decode().rstrip("=")),), keeps_text=False),
    Repair(
        "jwt-auth0-jwe-missing-audience",
        (
            request("&scope=", "&audience=https%3A%2F%2Fapi.example.com&scope=", at=0),
            signed({**_LIVE, "iss": "https://acme.eu.auth0.com/"}),
        ),
        keeps_text=False,
    ),
    Repair("jwt-bearer-prefix-inside-token", (header("Authorization", "Bearer <jwt below>"), signed(_LIVE)), _OK),
    Repair(
        "jwt-entra-graph-nonce-header",
        (claims(aud="api://5d0c7a1e-94b2-4c38-8a17-0e6b2f9d4c55"),),
        keeps_text=False,
    ),
    Repair(
        "jwt-entra-v1-access-token-for-v2-api",
        (claims(ver="2.0", iss=f"https://login.microsoftonline.com/{_TENANT}/v2.0", aud="5d0c7a1e-94b2-4c38-8a17-0e6b2f9d4c55"),),
        keeps_text=False,
    ),
    Repair("jwt-exp-in-milliseconds", (claims(exp=_NOW + 3600),), keeps_text=False),
    Repair("jwt-expired-cached-by-kube-plugin", (claims(exp=_NOW + 3600),), _OK),
    Repair(
        "jwt-id-token-sent-to-api",
        (signed({**_LIVE, "client_id": "web", "scope": "orders.read", "jti": "t-1"}, typ="at+jwt"),),
        _OK,
    ),
    Repair("jwt-nbf-one-second-ahead", (claims(nbf=_NOW - 1, iat=_NOW - 1),), keeps_text=False),
    Repair("jwt-nonce-present-but-not-expected", (given(expected_nonce="AxRlw9"),), keeps_text=False),
    Repair("jwt-opaque-token-passed-to-decoder", (signed(_LIVE),), keeps_text=False),
    Repair("jwt-truncated-by-storage", (signed(_LIVE),), keeps_text=False),
)

REFRESH = (
    Repair("refresh-entra-700082-inactive", (), tokens(refresh_token="rt-new", scope="openid"), keeps_text=False),
    Repair("refresh-google-invalid-rapt", (), tokens(scope="openid"), keeps_text=False),
    Repair(
        "refresh-insufficient-scope-step-up-loop",
        (answer({**TOKENS, "access_token": "at2", "scope": "products:read products:write"}, at=1),),
        _OK,
    ),
    Repair("refresh-keycloak-session-not-active", (), tokens(refresh_token="rt-new"), keeps_text=False),
    Repair("refresh-keycloak-stale-token-rotation", (request("RT-old", "RT-new"),), tokens(refresh_token="RT-3")),
    Repair("refresh-okta-no-id-token-on-refresh", (), tokens(scope="openid offline_access", id_token="<jwt>"), keeps_text=False),
    Repair("refresh-rotation-concurrent-processes", (without_exchange(1),), tokens(refresh_token="RT-9")),
    Repair("refresh-rotation-new-token-not-stored", (request("RT-1", "RT-2"),), tokens(refresh_token="RT-3", scope="offline_access")),
    Repair("refresh-salesforce-five-token-limit", (given(newer_authorizations_same_user_and_app=0),), tokens()),
    Repair("store-fresh-token-erased-by-loser", (given(store_events=None), request("RT-1", "RT-2")), tokens(refresh_token="RT-3")),
)

CLIENT = (
    Repair("token-apple-client-secret-too-long-lived", (claims(exp=_NOW + 86400 * 150),), tokens(id_token="<jwt>")),
    Repair(
        "token-authorization-header-stripped-by-proxy",
        (header("Authorization"), form(client_id="svc", client_secret="plain-secret")),
        tokens(scope="orders.read"),
    ),
    Repair("token-basic-secret-not-form-encoded", (basic("svc", "z%2FtZ9VwFZqApmIQ%2BZH1I5pLk"),), tokens()),
    Repair("token-basic-server-does-not-decode", (basic("svc", "paword1"), given(client_secret="paword1")), tokens()),
    Repair(
        "token-entra-7000218-web-platform-public-client",
        (form(client_secret="abc8Q~value-of-the-secret-000000000000"),),
        tokens(id_token="<jwt>"),
    ),
    Repair("token-entra-9002326-cross-origin", (header("Origin"), header("Sec-Fetch-Mode")), tokens()),
    Repair("token-entra-secret-expired", (given(client_secret_expires_at=_NOW + 86400 * 90),), tokens()),
    Repair("token-github-error-with-200", (given(client_secret="wrong"),), tokens(scope="")),
    Repair(
        "token-invalid-client-method-post-vs-basic-hydra",
        (request("&client_secret=correct-secret", ""), basic("web", "correct-secret")),
        tokens(),
    ),
    Repair("token-mtls-cert-not-presented", (request("https://idp.", "https://mtls.idp."),), tokens()),
    Repair(
        "token-private-key-jwt-wrong-audience",
        (claims(aud="https://bsky.social"),),
        answer({"request_uri": "urn:ietf:params:oauth:request_uri:r1", "expires_in": 60}, 201),
    ),
    Repair(
        "token-slack-secret-in-basic-header",
        (header("Authorization"), form(client_id="111.222", client_secret="right-secret")),
        tokens(ok=True),
    ),
    Repair("token-unauthorized-client-grant-disabled", (given(grant_types=["client_credentials"]),), tokens()),
    Repair("token-google-service-account-clock", (claims(iat=_NOW - 2, exp=_NOW + 3500),), tokens()),
)

CODE = (
    Repair(
        "token-discord-redirect-omitted-at-authorize",
        (request("&scope=", "&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fapi%2Fdiscord-callback&scope=", at=0),),
        tokens(scope="identify"),
    ),
    Repair(
        "token-dpop-nonce-required",
        (claims(nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v"),),
        tokens(token_type="DPoP"),
        keeps_text=False,
    ),
    Repair("token-endpoint-html-200", (), tokens(id_token="<jwt>"), keeps_text=False),
    Repair("token-entra-v1-string-expires-in", (), tokens(id_token="<jwt>"), keeps_text=False),
    Repair(
        "token-form-header-but-json-payload",
        (body("client_id=7326&client_secret=d&grant_type=authorization_code&code=rITZ1Jt&redirect_uri=http%3A%2F%2Flocalhost%3A53134"),),
        tokens(scope="identify"),
    ),
    Repair("token-gitlab-redirect-uri-with-callback-params", (request("%3Fcode%3Dgl1%26state%3Dst1Z8qL0", ""),), tokens(scope="read_user")),
    Repair(
        "token-invalid-grant-code-expired",
        (everywhere("09:21:40", "09:14:02"), lambda entry: entry.update(now="2026-11-02T09:14:02Z")),
        tokens(id_token="<jwt>"),
    ),
    Repair("token-invalid-grant-code-reused-strictmode", (without_exchange(1),), tokens(id_token="<jwt>")),
    Repair(
        "token-invalid-grant-verifier-mismatch-new-verifier",
        (*_PAIR, request("AwW4jF53ejPpQQEgGqgi9JDReuGgUIVrXJb4_2R8mis", VERIFIER)),
        tokens(id_token="<jwt>"),
    ),
    Repair("token-json-body-instead-of-form", (body("grant_type=client_credentials&client_id=svc&client_secret=s"),), tokens()),
    Repair(
        "token-no-refresh-token-google",
        (),
        tokens(refresh_token="1//0g", scope="https://www.googleapis.com/auth/calendar"),
        keeps_text=False,
    ),
    Repair(
        "token-params-in-query-string",
        (request("?grant_type=refresh_token&refresh_token=XXX", ""), body("grant_type=refresh_token&refresh_token=XXX")),
        tokens(),
    ),
    Repair(
        "token-pkce-challenge-standard-base64",
        (request("3vR06S%2F9Pl7n2JC05gOgwuuQMFhQZJ3tfJVURadE6bg%3D", "3vR06S_9Pl7n2JC05gOgwuuQMFhQZJ3tfJVURadE6bg", at=0),),
        tokens(id_token="<jwt>"),
    ),
    Repair("token-redirect-uri-differs-between-legs", (request("cb%2F", "cb"),), tokens(id_token="<jwt>")),
    Repair(
        "token-scope-narrowed-silently",
        (),
        tokens(
            scope="openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/calendar.readonly",
            id_token="<jwt>",
        ),
        keeps_text=False,
    ),
    Repair(
        "token-verifier-without-challenge",
        (
            request("&state=", f"&code_challenge={CHALLENGE}&code_challenge_method=S256&state=", at=0),
            request("JgRtpI8toKUypDAa1A0_sVRA8JA3U3JZVEfes_CuyoA", VERIFIER),
        ),
        tokens(id_token="<jwt>"),
    ),
    Repair(
        "tls-corporate-proxy-ca-unknown",
        (request("&client_id", "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8085&client_id"),),
        tokens(),
        keeps_text=False,
    ),
    Repair(
        "tls-self-signed-development-idp",
        (),
        answer(
            {
                "issuer": "https://localhost:8443/realms/dev",
                "authorization_endpoint": "https://localhost:8443/realms/dev/protocol/openid-connect/auth",
                "token_endpoint": "https://localhost:8443/realms/dev/protocol/openid-connect/token",
                "jwks_uri": "https://localhost:8443/realms/dev/protocol/openid-connect/certs",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        ),
        keeps_text=False,
    ),
)

BACK = (*DEVICE, *REGISTRATION, *KEYS, *TOKENS_OF, *REFRESH, *CLIENT, *CODE)
