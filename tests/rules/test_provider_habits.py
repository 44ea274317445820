"""What single providers do in ways of their own, and the same exchanges with the one defect repaired."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest

from oauthctl.findings import Finding, Severity
from tests.rules.pages import play

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html; charset=utf-8"
BACK = "https://shop.example.org/signed-in"
GOOD = f"{BACK}?code=cd-71hQz0&state=st-5Kq2Zp9x"
TOKENS = '{"access_token": "at-7hQ2mWz9Kd4v", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt-9vBn3LxQ"}'


def _get(url: str, answer: str, *, status: int = 200, header: str = JSON, bearer: str = "") -> str:
    sent = f"Authorization: Bearer {bearer}\n" if bearer else ""
    return f"```http\nGET {url}\n{sent}\n=> {status}\n{header}\n\n{answer}\n```\n\n"


def _ask(url: str, back: str = GOOD, **parameters: str) -> str:
    query = urlencode({"client_id": "shop", "redirect_uri": BACK, "state": "st-5Kq2Zp9x", **parameters})
    return f"```http\nGET {url}?{query}\n\n=> 302\nLocation: {back}\n```\n\n"


def _post(url: str, answer: str, *, status: int = 400, headers: str = "", **form: str) -> str:
    return f"```http\nPOST {url}\n{headers}{FORM}\n\n{urlencode(form)}\n\n=> {status}\n{JSON}\n\n{answer}\n```\n\n"


def _redeem(url: str, answer: str, *, status: int = 400, **form: str) -> str:
    return _post(url, answer, status=status, **{"client_id": "shop", "client_secret": "s-hidden-1", "code": "cd-71hQz0", **form})


def _first(section: str) -> Finding:
    return play(section).diagnosis().findings[0]


def _rules(section: str) -> list[str]:
    return [finding.rule for finding in play(section).diagnosis().findings if finding.severity is not Severity.NOTE]


SLACK = "https://slack.com/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access"


def test_slack_misses_the_redirect_uri_that_its_authorization_url_had() -> None:
    asked = _ask(SLACK[0], scope="chat:write")
    found = _first(asked + _redeem(SLACK[1], '{"ok": false, "error": "bad_redirect_uri"}', status=200))
    assert found.rule == "redirect-uri-missing-at-token"
    assert BACK in found.cause
    good = _redeem(SLACK[1], '{"ok": true, "access_token": "xoxb-1", "token_type": "bot"}', status=200, redirect_uri=BACK)
    assert _rules(asked + good) == []


def test_slack_wants_https_and_takes_a_get() -> None:
    query = urlencode(
        {"client_id": "1.2", "client_secret": "s-hidden-1", "code": "cd-71hQz0", "redirect_uri": "http://shop.example.org/cb"}
    )
    warning = "[WARN] Auth request OAuth redirect url must use https"
    said = f'{{"ok": false, "error": "bad_redirect_uri", "response_metadata": {{"messages": ["{warning}"]}}}}'
    found = _rules(_get(f"https://slack.com/api/oauth.access?{query}", said))
    assert found[0] == "redirect-uri-insecure"
    assert "token-request-by-get" not in found


def test_a_get_whose_values_were_judged_was_read() -> None:
    url = "https://login.example.org/token?grant_type=authorization_code&client_id=shop&client_secret=s-hidden-1&code=cd-71hQz0"
    assert "token-request-by-get" not in _rules(_get(url, '{"error": "invalid_grant", "error_description": "code expired"}', status=400))
    assert "token-request-by-get" in _rules(_get(url, '{"error": "invalid_request", "error_description": "not allowed"}', status=405))


HUBSPOT = "https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v1/token"
MISMATCH = (
    '{"status": "MISMATCH_REDIRECT_URI_AUTH_CODE", "message": "redirect_uri does not match redirect_uri used to create authorization code"}'
)


@pytest.mark.parametrize(("redirect_uri", "rules"), [(f"{BACK}?tenant=4", ["redirect-uri-differs-between-legs"]), (BACK, [])])
def test_the_two_legs_are_compared_where_no_response_type_is_sent(redirect_uri: str, rules: list[str]) -> None:
    sent = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
    found = _rules(_ask(HUBSPOT[0], scope="oauth") + _redeem(HUBSPOT[1], MISMATCH, **sent))
    assert [rule for rule in found if rule.startswith("redirect-uri")] == rules


def test_a_stripe_key_of_the_other_mode_is_not_blamed_on_the_redirect_uri() -> None:
    words = "Passed in livemode API key but authorization code only supports returning test keys"
    said = f'{{"error": "invalid_grant", "error_description": "{words}"}}'
    asked = _ask("https://connect.stripe.com/oauth/authorize", response_type="code", scope="read_write")
    redeemed = _post(
        "https://connect.stripe.com/oauth/token", said, grant_type="authorization_code", code="cd-71hQz0", client_secret="sk_live_1"
    )
    found = _first(asked + redeemed)
    assert (found.rule, "livemode" in found.cause, "test" in found.cause) == ("client-secret-wrong", True, True)


def test_a_client_known_by_its_secret_alone_may_have_another_clients_code() -> None:
    said = '{"error": "invalid_grant", "error_description": "Authorization code provided does not belong to you"}'
    found = _first(
        _post("https://connect.stripe.com/oauth/token", said, grant_type="authorization_code", code="ac_1", client_secret="sk_test_1")
    )
    assert found.rule == "code-of-another-client"
    assert "another platform account" in found.cause


@pytest.mark.parametrize(("sent", "is_named"), [("cd-71hQz0", True), ("rt-9vBn3LxQ", False)])
def test_a_code_is_no_refresh_token(sent: str, *, is_named: bool) -> None:
    asked = _ask("https://www.dropbox.com/oauth2/authorize", response_type="code", token_access_type="offline")
    said = '{"error": "invalid_grant", "error_description": "refresh token is malformed"}'
    refresh = {"grant_type": "refresh_token", "refresh_token": sent, "client_id": "shop", "client_secret": "s-hidden-1"}
    found = _rules(asked + _post("https://api.dropboxapi.com/oauth2/token", said, **refresh))
    assert ("access-token-as-refresh-token" in found) is is_named


@pytest.mark.parametrize(
    ("url", "status", "answer", "wanted"),
    [
        (
            "https://api.dropboxapi.com/2/files/list_folder",
            401,
            '{"error_summary": "missing_scope/...", "error": {".tag": "missing_scope", "required_scope": "files.metadata.read"}}',
            "`files.metadata.read`",
        ),
        (
            "https://www.strava.com/api/v3/athlete/activities",
            401,
            '{"message": "No", "errors": [{"resource": "AccessToken", "field": "activity:read_permission", "code": "missing"}]}',
            "`activity:read`",
        ),
        (
            "https://api.example.org/v1/notes",
            403,
            '{"message": "scope does not match", "requiredScopes": ["notes.write"]}',
            "`notes.write`",
        ),
    ],
)
def test_the_scope_that_an_answer_names_in_a_member_is_named(url: str, status: int, answer: str, wanted: str) -> None:
    found = _first(_get(url, answer, status=status, bearer="at-opaque-1"))
    assert found.rule == "scope-insufficient"
    assert wanted in found.cause


BY_INTEGRATION = '{"message": "Resource not accessible by integration", "status": "403"}'
INSTALLED = f"""```http
POST https://api.github.com/app/installations/4711/access_tokens

=> 201
{JSON}

{{"token": "ghs_16C7e42F292c6912E7710c838347Ae178B4a", "expires_at": "2026-11-02T10:14:00Z"}}
```

"""


def test_an_installation_has_no_user() -> None:
    call = _get("https://api.github.com/user", BY_INTEGRATION, status=403, bearer="ghs_16C7e42F292c6912E7710c838347Ae178B4a")
    found = _first(INSTALLED + call)
    assert (found.rule, found.certainty.value) == ("app-token-for-user-endpoint", "certain")
    assert _rules(call)[0] == "app-token-for-user-endpoint"


def test_a_permission_that_github_names_is_named() -> None:
    header = f"{JSON}\nX-Accepted-GitHub-Permissions: pull_requests=write"
    call = _get("https://api.github.com/repos/a/b/pulls", BY_INTEGRATION, status=403, header=header, bearer="ghu_1")
    found = _first(call)
    assert found.rule == "scope-insufficient"
    assert "`pull_requests=write`" in found.cause


def test_advice_to_sign_in_again_is_no_demand_of_a_policy() -> None:
    words = "AADB2C90080: The provided grant has expired. Please re-authenticate and try again."
    said = f'{{"error": "invalid_grant", "error_description": "{words}"}}'
    refresh = {"grant_type": "refresh_token", "refresh_token": "rt-9vBn3LxQ", "client_id": "shop"}
    url = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_in/oauth2/v2.0/token"
    assert _rules(_post(url, said, **refresh)) == ["refresh-token-expired"]


ERROR_PAGE = f"""```http
GET https://id.example.org/home/error?errorId=CfDJ8

=> 200
{HTML}

<html><body><h1>Sorry, there was an error : invalid_request</h1></body></html>
```

"""


def _authorize(**more: str) -> str:
    to = "https://id.example.org/home/error?errorId=CfDJ8"
    return _ask("https://id.example.org/connect/authorize", to, response_type="code", scope="openid", **more)


def test_a_refusal_on_the_providers_own_error_page_is_heard() -> None:
    found = _first(_authorize() + ERROR_PAGE)
    assert found.rule == "authorization-refused"
    assert found.candidates[0].cause.startswith("The server requires PKCE")
    with_challenge = _first(
        _authorize(code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method="S256") + ERROR_PAGE
    )
    assert not any("PKCE" in one.cause for one in with_challenge.candidates)


def test_a_page_with_a_password_is_no_error_page() -> None:
    sign_in = ERROR_PAGE.replace("</h1>", '</h1><form><input type="password"></form>')
    assert _rules(_authorize() + sign_in) == []


def test_a_scope_that_linkedin_retired_is_told_from_one_of_a_missing_product() -> None:
    def refused(scope: str) -> Finding:
        said = quote(f'Scope "{scope}" is not authorized for your application')
        back = f"{BACK}?error=unauthorized_scope_error&error_description={said}&state=st-5Kq2Zp9x"
        return _first(_ask("https://www.linkedin.com/oauth/v2/authorization", back, response_type="code", scope=f"openid {scope}"))

    assert (refused("r_liteprofile").rule, refused("w_member_social").rule) == ("scope-retired", "scope-not-allowed")
    assert "w_member_social" in refused("w_member_social").cause


@pytest.mark.parametrize(("times", "is_malformed"), [(2, True), (1, False)])
def test_credentials_that_were_encoded_twice_are_named(times: int, *, is_malformed: bool) -> None:
    written = b"shop:s-hidden-1"
    for _ in range(times):
        written = base64.b64encode(written)
    headers = f"Authorization: Basic {written.decode()}\n"
    form = {"grant_type": "authorization_code", "code": "cd-71hQz0", "redirect_uri": BACK}
    section = _post("https://shop.auth.eu-west-1.amazoncognito.com/oauth2/token", '{"error": "invalid_client"}', headers=headers, **form)
    found = _first(section)
    assert ("Base64-encoded twice" in found.cause) is is_malformed


def test_a_method_that_the_registration_does_not_allow_names_the_other() -> None:
    said = (
        '{"error": "invalid_client", "error_description": "The request was determined to be using token_endpoint_auth_method '
        'client_secret_basic, however the OAuth 2.0 client registration does not allow this method."}'
    )
    headers = f"Authorization: Basic {base64.b64encode(b'shop:s-hidden-1').decode()}\n"
    form = {"grant_type": "authorization_code", "code": "cd-71hQz0", "redirect_uri": BACK}
    found = _first(_post("https://auth.example.org/api/oidc/token", said, status=401, headers=headers, **form))
    assert found.rule == "client-auth-method-mismatch"
    assert "client_secret_post" in found.cause


@pytest.mark.parametrize(
    ("host", "seconds", "is_late"),
    [("api.box.com", 40, True), ("api.box.com", 20, False), ("github.com", 200, False), ("id.example.org", 200, True)],
)
def test_a_code_is_as_late_as_its_provider_says(host: str, seconds: int, *, is_late: bool) -> None:
    asked = _ask(f"https://{host}/oauth2/authorize", response_type="code").replace("```http", "```http 2026-11-02T09:10:00Z", 1)
    said = '{"error": "invalid_grant", "error_description": "The authorization code has expired"}'
    redeemed = _redeem(f"https://{host}/oauth2/token", said, grant_type="authorization_code", redirect_uri=BACK)
    late = redeemed.replace("```http", f"```http 2026-11-02T09:{10 + seconds // 60}:{seconds % 60:02}Z", 1)
    assert ("code-expired" in _rules(asked + late)) is is_late


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.", "code-expired"),
        ("The code has expired or has been revoked.", "code-expired"),
        ("Code is expired", "code-expired"),
        ("expired authorization code", "code-expired"),
        ("The authorization code is invalid or has expired.", "token-request-refused"),
        ("The code passed is incorrect or expired.", "token-request-refused"),
        ("The provided authorization grant is invalid, expired, revoked, or was issued to another client.", "token-request-refused"),
        ("The code has been revoked.", "token-request-refused"),
    ],
)
def test_a_young_code_has_expired_where_the_provider_says_that_and_nothing_else(said: str, rule: str) -> None:
    asked = _ask("https://id.example.org/oauth2/authorize", response_type="code")
    answer = json.dumps({"error": "invalid_grant", "error_description": said})
    redeemed = _redeem("https://id.example.org/oauth2/token", answer, grant_type="authorization_code", redirect_uri=BACK)
    assert _rules(asked + redeemed)[0] == rule


@pytest.mark.parametrize(
    ("path", "is_named"),
    [("/api/v10/guilds/5834/members/4452", True), ("/api/users/@me/guilds", False), ("/api/guilds/5/widget.json", False)],
)
def test_discords_endpoints_for_bots_take_no_users_token(path: str, *, is_named: bool) -> None:
    found = _rules(_get(f"https://discord.com{path}", '{"message": "401: Unauthorized", "code": 0}', status=401, bearer="at-7hQ2mWz9Kd4v"))
    assert ("user-token-for-app-endpoint" in found) is is_named


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_a_page_may_have_typographic_apostrophes(apostrophe: str) -> None:
    page = f"<html><body><p>You weren{apostrophe}t able to give access to the App. Go back and try logging in again.</p></body></html>"
    query = urlencode({"client_id": "shop", "response_type": "code", "redirect_uri": BACK, "state": "st-1", "scope": "users.read"})
    assert "redirect-uri-not-registered" in _rules(_get(f"https://x.com/i/oauth2/authorize?{query}", page, status=400, header=HTML))


def test_an_origin_that_google_misses_is_no_redirect_uri() -> None:
    said = "register the JavaScript origin in the Google Cloud Console. Request details: origin=http://localhost:4000 flowName=General"
    query = urlencode({"client_id": "1-a.apps.googleusercontent.com", "response_type": "token", "redirect_uri": "storagerelay://http/x"})
    page = f"<html><body><p>Error 400: redirect_uri_mismatch. If you're the app developer, {said}</p></body></html>"
    found = _first(_get(f"https://accounts.google.com/o/oauth2/v2/auth?{query}", page, status=400, header=HTML))
    assert "`http://localhost:4000`" in found.cause
    assert "JavaScript origins" in found.help


def test_a_403_of_the_sign_in_may_be_about_the_user() -> None:
    query = urlencode({"client_id": "shop", "redirect_uri": BACK, "response_type": "code", "state": "st-5Kq2Zp9x"})
    page = "<html><body><h1>Access denied</h1><p>You do not have permission to use this application.</p></body></html>"
    found = _first(_get(f"https://id.example.org/authorize?{query}", page, status=403, header=HTML))
    assert found.certainty.value == "possible"
    assert "not assigned" in found.candidates[0].cause


def test_a_public_client_may_not_act_for_itself() -> None:
    said = '{"error": "unauthorized_client", "error_description": "Public client not allowed to retrieve service account"}'
    found = _first(
        _post("https://sso.example.org/token", said, status=401, grant_type="client_credentials", client_id="spa", client_secret="x")
    )
    assert found.rule == "grant-not-allowed"
    assert "the client is public" in found.cause


def test_scopes_of_openid_connect_are_no_suspects_beside_others() -> None:
    back = f"{BACK}?error=invalid_scope&error_description=The+requested+scope+is+invalid&state=st-5Kq2Zp9x"
    found = _first(_ask("https://id.example.org/authorize", back, response_type="code", scope="openid profile orders.read"))
    assert found.rule == "scope-unknown"
    assert "`orders.read`" in found.cause
    assert "`openid`" not in found.cause


def test_a_default_user_agent_is_no_reason_among_many_requests() -> None:
    def asked(agent: str) -> str:
        return _post(
            "https://www.reddit.com/api/v1/access_token",
            '{"message": "Too Many Requests", "error": 429}',
            status=429,
            headers=f"User-Agent: {agent}\n",
            grant_type="client_credentials",
        )

    assert _rules(asked("python-requests/2.31.0"))[0] == "user-agent-refused"
    assert _rules(asked("orders-sync/1.2 (by /u/orders)")) == ["rate-limited"]
    busy = "".join(_get("https://www.reddit.com/r/python.json", "{}") for _ in range(12))
    assert "user-agent-refused" not in _rules(busy + asked("python-requests/2.31.0"))


def test_what_facebook_says_of_a_session_is_no_matter_of_a_revocation_request() -> None:
    said = '{"error": {"message": "The session has been invalidated because the user changed their password", "code": 190}}'
    assert _rules(_get("https://graph.facebook.com/v19.0/me", said, status=400, bearer="at-7hQ2mWz9Kd4v"))[0] == "token-revoked"


def test_a_page_that_says_no_with_status_200_is_a_refusal() -> None:
    query = urlencode({"client_id": "8101", "redirect_uri": BACK, "response_type": "code", "state": "st-5Kq2Zp9x"})
    page = "<html><body><h1>App not active</h1><p>App not active: This app is not accessible right now.</p></body></html>"
    assert _rules(_get(f"https://www.facebook.com/v19.0/dialog/oauth?{query}", page, header=HTML))[0] == "app-in-testing"


@pytest.mark.parametrize(("path", "rule"), [("oauth2/v2.0/token", "request-fault-named")])
def test_a_parameter_of_an_older_endpoint_is_no_unknown_api(path: str, rule: str) -> None:
    said = '{"error": "invalid_request", "error_description": "AADSTS901002: The \'resource\' request parameter is not supported."}'
    url = f"https://login.microsoftonline.com/8f4a1d2e-3b5c-4d6e-9f70-112233445566/{path}"
    form = {"client_id": "5d0c7a1e-94b2-4c38-8a17-0e6b2f9d4c55", "client_secret": "s-hidden-1", "resource": "https://graph.microsoft.com"}
    found = _first(_post(url, said, grant_type="client_credentials", **form))
    assert found.rule == rule
    assert "v2.0" in found.cause


def test_a_shop_that_issued_the_code_is_where_it_is_redeemed() -> None:
    def sign_in(host: str) -> list[str]:
        back = f"{GOOD}&shop=acme.myshopify.com"
        asked = _ask("https://acme.myshopify.com/admin/oauth/authorize", back, scope="read_products")
        said = '{"error": "invalid_request", "error_description": "The authorization code was not found or was already used"}'
        return _rules(asked + _redeem(f"https://{host}/admin/oauth/access_token", said))

    assert sign_in("other.myshopify.com")[0] == "code-of-another-region"
    assert "code-of-another-region" not in sign_in("acme.myshopify.com")


@pytest.mark.parametrize(("host", "rule"), [("www.linkedin.com", "code-expired"), ("id.example.org", "code-unknown")])
def test_a_code_that_is_not_found_has_ended_where_the_provider_means_that(host: str, rule: str) -> None:
    said = '{"error": "invalid_request", "error_description": "Unable to retrieve access token: authorization code not found"}'
    redeemed = _redeem(f"https://{host}/oauth/v2/accessToken", said, grant_type="authorization_code", redirect_uri=BACK)
    assert _rules(redeemed)[:1] == [rule]
