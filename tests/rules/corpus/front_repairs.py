"""Repairs of failures that show in the browser, in documents and at APIs: the mutation controls, as data.

Here: one `Repair` for an entry of `failures.jsonl` each. Not here: the edits that they are made of (`repairs`), the others
(`back_repairs`).
"""

from __future__ import annotations

from tests.rules.corpus.repairs import (
    CHALLENGE,
    Repair,
    answer,
    everywhere,
    given,
    header,
    redirect,
    request,
    tokens,
    without,
    without_exchange,
)

_NOW = 1793610840
_OK = answer({"orders": []})
_TENANT = "8f4a1d2e-3b5c-4d6e-9f70-112233445566"
_APP = "https://app.example.com/cb?code=c-1&state="
_CALLBACK = answer("<p>Signed in</p>", 200, Content_Type="text/html")

API = (
    Repair("api-authorization-dropped-on-redirect", (header("Authorization", "Bearer fbOtMv6QtXG8Ade7lsPjrO0OY03NiWAKzygsH771"),), _OK),
    Repair(
        "api-authorization-header-stripped-mod-wsgi",
        (given(app_seen_headers={"Host": "api.example.com", "Authorization": "Bearer 76kMoU2asmTv4wJDc-bwFgwy9KpCU9ATkjiPNw2b"}),),
        _OK,
    ),
    Repair("api-insufficient-scope-reported-as-expired", (), _OK, keeps_text=False),
    Repair(
        "api-mtls-bound-token-wrong-certificate",
        (given(presented_cert_sha256_b64url="S2ArY2E4qD_l5lCuMhLh50DCxjVJmNFJbLI2RRzigDz"),),
        _OK,
    ),
    Repair(
        "introspection-client-not-the-api-resource",
        (),
        answer({"active": True, "client_id": "web", "exp": _NOW + 300, "aud": "https://api.example.com"}),
        keeps_text=False,
    ),
    Repair(
        "mcp-401-without-resource-metadata",
        (answer({"resource": "https://mcp.example.com/mcp", "authorization_servers": ["https://auth.example.com"]}, at=0),),
        answer(
            "",
            401,
            WWW_Authenticate='Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
        ),
        keeps_text=False,
    ),
    Repair(
        "mcp-prm-blocked-by-auth-middleware",
        (),
        answer({"resource": "https://mcp.example.com", "authorization_servers": ["https://mcp.example.com"]}),
        keeps_text=False,
    ),
    Repair("mcp-prm-resource-mismatch", (given(server_url="https://mcp.example.com/mcp"),), keeps_text=False),
)

AUTHORIZATION = (
    Repair(
        "authz-auth0-callback-url-mismatch",
        (given(registered_redirect_uris=["http://localhost:5173/callback"]),),
        redirect("http://localhost:5173/callback?code=c-1&state=au0"),
    ),
    Repair("authz-comma-separated-scopes", (request("openid%2Cprofile%2Cemail", "openid%20profile%20email"),), redirect(f"{_APP}sc1Z8qL0")),
    Repair("authz-double-encoded-scope", (request("openid%2520profile", "openid%20profile"),), redirect(f"{_APP}de1Z8qL0")),
    Repair(
        "authz-entra-50011-https-proxy",
        (request("http%3A%2F%2Fapp", "https%3A%2F%2Fapp"),),
        redirect("https://app.example.com/oauth2/callback?code=c-1&state=r5TgY7uJ"),
    ),
    Repair("authz-entra-50020-foreign-user", (), redirect(f"{_APP}cc33"), keeps_text=False),
    Repair("authz-entra-50194-single-tenant-common", (request("/common/", f"/{_TENANT}/"),), redirect(f"{_APP}bb22")),
    Repair("authz-entra-53003-conditional-access", (), tokens(scope="openid"), keeps_text=False),
    Repair(
        "authz-entra-9010010-resource-vs-scope",
        (request("azure.com%2Facme&code", "azure.com&code"),),
        redirect("http://127.0.0.1:50389/?code=c-1&state=ff66"),
    ),
    Repair(
        "authz-google-disallowed-useragent",
        (header("User-Agent", "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"),),
        redirect("https://app.example.com/cb?code=c-1&scope=openid"),
    ),
    Repair(
        "authz-google-private-ip-redirect",
        (request("http%3A%2F%2F192.168.1.20%3A8080", "https%3A%2F%2Fapp.example.com"),),
        redirect("https://app.example.com/oauth2/callback?code=c-1&scope=openid"),
    ),
    Repair(
        "authz-google-redirect-uri-mismatch",
        (request("www.app.", "app."),),
        redirect("https://app.example.com/auth/google/callback?code=c-1&state=f3Kq9Xw2Lm"),
    ),
    Repair("authz-google-testing-not-test-user", (), redirect("http://127.0.0.1:8085/?code=c-1"), keeps_text=False),
    Repair(
        "authz-keycloak-invalid-redirect-uri",
        (given(registered_redirect_uris=["https://app.example.com/callback"]),),
        redirect("https://app.example.com/callback?code=c-1&state=kk12&session_state=s&iss=https%3A%2F%2Fsso.example.com%2Frealms%2Fshop"),
    ),
    Repair(
        "authz-linkedin-deprecated-scope",
        (request("r_liteprofile%20r_emailaddress", "openid%20profile%20email"),),
        redirect("http://localhost:3000/?code=c-1&state=_linkedin"),
    ),
    Repair(
        "authz-missing-openid-scope-no-id-token",
        (request("scope=profile", "scope=openid%20profile", at=0),),
        tokens(scope="openid profile email", id_token="<jwt>"),
        keeps_text=False,
    ),
    Repair("authz-pkce-method-lowercase-s256", (request("method=s256", "method=S256", at=0),), tokens(scope="tweet.read users.read")),
    Repair(
        "authz-pkce-required",
        (request("&state=", f"&code_challenge={CHALLENGE}&code_challenge_method=S256&state="),),
        redirect(f"{_APP}pk1Z8qL0"),
    ),
    Repair(
        "authz-salesforce-rejects-loopback-ip",
        (request("127.0.0.1", "localhost"),),
        redirect("http://localhost:3118/callback?code=c&state=sf1"),
    ),
    Repair(
        "authz-spotify-localhost-redirect",
        (request("localhost", "127.0.0.1"),),
        redirect("http://127.0.0.1:8888/callback?code=c-1&state=sp1"),
    ),
    Repair(
        "authz-zitadel-http-redirect-without-dev-mode",
        (given(dev_mode=True),),
        redirect("http://localhost:5300?code=c-1&state=zt1"),
    ),
    Repair(
        "logout-keycloak-missing-id-token-hint",
        (request("logout?", "logout?client_id=web&"),),
        redirect("https://app.example.com/"),
    ),
)

CALLBACK = (
    Repair(
        "callback-cookie-host-localhost-vs-127",
        (everywhere("127.0.0.1", "localhost"), header("Cookie", "sid=77")),
        redirect("http://localhost:3000/"),
    ),
    Repair(
        "callback-cookie-lost-samesite-form-post-apple",
        (everywhere("SameSite=Lax", "SameSite=None"), header("Cookie", "__Secure-state=apl9")),
        redirect("https://app.example.com/"),
    ),
    Repair("callback-cookie-too-big-502", (without("local_error"),), redirect("https://app.example.com/")),
    Repair("callback-ipv6-localhost-swallowed", (given(listener="[::1]:3000"),), _CALLBACK),
    Repair(
        "callback-response-in-fragment",
        (everywhere("&response_mode=fragment", ""), everywhere("cb#code", "cb?code"), request("/cb", "/cb?code=abc&state=fr1Z8q")),
        _CALLBACK,
    ),
    Repair(
        "callback-secure-cookie-on-http",
        (
            everywhere("http://nginxnew", "https://nginxnew"),
            everywhere("http%3A%2F%2Fn", "https%3A%2F%2Fn"),
            header("Cookie", "_oauth2_proxy_csrf=xyz"),
        ),
        redirect("https://nginxnew.test.example.com/"),
    ),
    Repair(
        "callback-state-mismatch-two-tabs",
        (without_exchange(1), header("Cookie", "_oauth2_proxy_csrf=AAAA1111")),
        redirect("https://app.example.com/a"),
    ),
    Repair(
        "callback-user-denied",
        (request("error=access_denied&error_description=The+resource+owner+or+authorization+server+denied+the+request.", "code=c-1"),),
        _CALLBACK,
    ),
)

DISCOVERY = (
    Repair(
        "discovery-entra-b2c-policy-missing",
        (request("/v2.0/.well-known", "/B2C_1_signin/v2.0/.well-known"),),
        answer(
            {
                "issuer": f"https://acme.b2clogin.com/{_TENANT}/v2.0/",
                "authorization_endpoint": "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/oauth2/v2.0/authorize",
                "token_endpoint": "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/oauth2/v2.0/token",
                "jwks_uri": "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/discovery/v2.0/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        ),
        keeps_text=False,
    ),
    Repair("discovery-issuer-trailing-slash", (given(issuer="https://acme.eu.auth0.com/"),), keeps_text=False),
    Repair("discovery-keycloak-http-issuer-behind-tls-proxy", (everywhere("http://sso", "https://sso"),), keeps_text=False),
    Repair("discovery-keycloak-internal-hostname", (given(issuer="http://localhost:8080/realms/shop"),), _OK),
    Repair(
        "discovery-rfc8414-path-insertion-404",
        (
            answer(
                {
                    "issuer": "https://mcp.example.com/mcp",
                    "authorization_endpoint": "https://mcp.example.com/authorize",
                    "token_endpoint": "https://mcp.example.com/token",
                    "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                },
                at=0,
            ),
            without_exchange(2),
            without_exchange(1),
        ),
        answer({"jsonrpc": "2.0", "id": 1, "result": {}}),
        keeps_text=False,
    ),
    Repair(
        "registration-endpoint-absent-cognito",
        (
            everywhere(
                '"token_endpoint"', '"registration_endpoint": "https://acme.auth.us-east-2.amazoncognito.com/register", "token_endpoint"'
            ),
        ),
        without("local_error"),
    ),
)

FRONT = (*API, *AUTHORIZATION, *CALLBACK, *DISCOVERY)
