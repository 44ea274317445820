"""Each persona's errors on the wire: at the callback, at the token endpoint, at the API, and where a fault makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import JSON, Params, Response
from oauthctl.provider.personas.table import all_personas, persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.switched import Switched
from tests.provider.world import CALLBACK, SECRET, VERIFIER, World, callback, document, last_form, practice_state

# What each wants to be asked so that nothing but what is tested is wrong.
ASKED: dict[str, dict[str, str | None]] = {
    "github": {"scope": "read:user"},
    "slack": {"scope": "chat:write"},
    "discord": {"scope": "identify"},
    "linkedin": {"scope": "w_member_social"},
    "facebook": {"scope": "email"},
    "x": {"scope": "tweet.read users.read"},
    "atlassian": {"scope": "read:me", "audience": "api.atlassian.com"},
    "notion": {"scope": None, "owner": "user"},
    "tiktok": {"scope": "user.info.basic", "client_key": "web"},
    "ilert": {"scope": "profile"},
}
NAMES = tuple(name for name in all_personas() if name != "generic")


def world(name: str) -> World:
    return World(wear(practice_state(), persona_named(name)))


def asked(name: str, **changes: str | None) -> dict[str, str | None]:
    return {"client_id": "web", "scope": "openid", **ASKED.get(name, {}), **changes}


ACCESS_DENIED = {"error": "access_denied"}
DOORKEEPER = "The resource owner or authorization server denied the request."
DENIALS: dict[str, dict[str, str]] = {
    "github": {
        "error": "access_denied",
        "error_description": "The user has denied your application access.",
        "error_uri": "/apps/building-integrations/setting-up-and-registering-oauth-apps/troubleshooting-authorization-request-errors/"
        "#access-denied",
    },
    "facebook": {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    },
    "apple": {"error": "user_cancelled_authorize"},
    "linkedin": {"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization"},
    "gitlab": {"error": "access_denied", "error_description": DOORKEEPER},
    "discord": {"error": "access_denied", "error_description": DOORKEEPER.removesuffix(".")},
    "salesforce": {"error": "access_denied", "error_description": "end-user denied authorization"},
    "keycloak": {**ACCESS_DENIED, "iss": "http://127.0.0.1:9000/realms/main"},
    # Of these no words are known.
    **dict.fromkeys(("google", "slack", "slack-openid", "okta", "auth0", "cognito", "x", "atlassian", "notion", "tiktok"), ACCESS_DENIED),
    "ilert": {**ACCESS_DENIED, "error_description": "the user said no"},
}


def denied(name: str) -> dict[str, str]:
    there = world(name)
    page = there.ask(**asked(name))
    page = there.sign_in(page) if b'name="password"' in page.body else page
    back = dict(callback(there.submit(page, decision="deny")))
    assert back.pop("state") == "state-1"
    return back


@pytest.mark.parametrize("name", DENIALS)
def test_a_persons_no_comes_in_the_words_of_this_provider(name: str) -> None:
    assert denied(name) == DENIALS[name]


@pytest.mark.parametrize("name", ["entra-v2", "entra-v1"])
def test_a_persons_no_has_a_number_at_entra(name: str) -> None:
    back = denied(name)
    assert (back["error"], back["error_subcode"], set(back)) == ("access_denied", "cancel", {"error", "error_subcode", "error_description"})
    assert back["error_description"].startswith("AADSTS65004: User declined to consent to access the app. Trace ID: ")


def test_each_persona_has_a_way_to_say_no() -> None:
    assert {*DENIALS, "entra-v2", "entra-v1"} == set(NAMES)


# The persona, what is wrong with the authorization request, and what the client hears.
AT_CALLBACK: list[tuple[str, dict[str, str | None], str, str]] = [
    ("entra-v2", {"scope": "openid nonsense"}, "invalid_client", "AADSTS650053: The application 'web' asked for scope 'nonsense'"),
    ("entra-v2", {"prompt": "none"}, "login_required", "AADSTS50058: "),
    (
        "entra-v2",
        {"response_type": None},
        "invalid_request",
        "AADSTS900144: The request body must contain",
    ),
    ("okta", {"scope": "nonsense"}, "invalid_scope", "One or more scopes are not configured for the authorization server resource."),
    ("okta", {"prompt": "none"}, "login_required", "The client specified not to prompt, but the user is not logged in."),
    ("keycloak", {"scope": "openid nonsense"}, "invalid_scope", "Invalid scopes: openid nonsense"),
    ("gitlab", {"scope": "nonsense"}, "invalid_scope", "The requested scope is invalid, unknown, or malformed."),
    ("linkedin", {"scope": "r_ads"}, "unauthorized_scope_error", 'Scope "r_ads" is not authorized for your application'),
    ("cognito", {"scope": "nonsense"}, "invalid_scope", ""),
]


@pytest.mark.parametrize(("name", "changes", "error", "description"), AT_CALLBACK)
def test_a_wrong_request_is_told_at_the_callback(name: str, changes: dict[str, str | None], error: str, description: str) -> None:
    back = callback(world(name).ask(**asked(name, **changes)))
    assert back.get("error") == error
    assert (back.get("error_description") or "").startswith(description)


ON_PAGE = [
    ("entra-v2", {"redirect_uri": "https://other.example/"}, "AADSTS50011: The redirect URI &#x27;https://other.example/&#x27; specified"),
    ("entra-v1", {"client_id": "<b>"}, "AADSTS700016: Application with identifier &#x27;&lt;b&gt;&#x27; was not found"),
    ("google", {"redirect_uri": None}, "Missing required parameter: redirect_uri"),
    ("google", {"redirect_uri": "https://other.example/"}, "Error 400: redirect_uri_mismatch"),
    ("keycloak", {"redirect_uri": "https://other.example/"}, "Invalid parameter: redirect_uri"),
    ("auth0", {"redirect_uri": "https://other.example/"}, "Callback URL mismatch. The provided redirect_uri is not in the list of"),
    ("slack", {"redirect_uri": "https://other.example/"}, "any configured URIs. Passed URI: https://other.example/"),
    ("facebook", {"redirect_uri": "https://other.example/"}, "URL Blocked: This redirect failed"),
    ("x", {"redirect_uri": "https://other.example/"}, "You weren’t able to give access to the App."),
    ("salesforce", {"redirect_uri": "https://other.example/"}, "error=redirect_uri_mismatch&amp;error_description=redirect_uri%20must"),
    ("salesforce", {"client_id": "nobody"}, "error=invalid_client_id&amp;error_description=client%20identifier%20invalid"),
    ("gitlab", {"redirect_uri": "https://other.example/"}, "The redirect URI included is not valid."),
]


@pytest.mark.parametrize(("name", "changes", "said"), ON_PAGE)
def test_a_person_who_cant_be_sent_back_reads_the_words_of_this_provider(name: str, changes: dict[str, str | None], said: str) -> None:
    page = world(name).ask(**asked(name, **changes))
    assert (page.status, f"<dt>{persona_named(name).title} says</dt>" in page.text, said in page.text) == (400, True, True)


NO_CODE = {"code": None, "redirect_uri": None, "code_verifier": None}
WRONG: dict[str, dict[str, str | None]] = {
    "code": {"code": "nonsense"},
    "no code": {"code": None},
    "secret": {"client_secret": "wrong"},
    "no secret": {"client_secret": None},
    "client": {"client_id": "nobody"},
    "nobody": {"client_id": None, "client_secret": None},
    "redirect_uri": {"redirect_uri": "https://other.example/"},
    "no redirect_uri": {"redirect_uri": None},
    "verifier": {"code_verifier": "a" * 43},
    "no verifier": {"code_verifier": None},
    "refresh token": {"grant_type": "refresh_token", "refresh_token": "nonsense", **NO_CODE},
    "grant": {"grant_type": "nonsense", **NO_CODE},
    "no grant": {"grant_type": None},
    "scope": {"grant_type": "client_credentials", "scope": "nonsense", **NO_CODE},
    "other api": {"grant_type": "client_credentials", "scope": "api://other/.default", **NO_CODE},
}


def traded(there: World, name: str, *, form: Mapping[str, str | None] | None = None, **changes: str | None) -> Response:
    """The answer to a token request with these parameters changed, after an authorization request changed so."""
    code = there.answer(**asked(name, **changes)).get("code") or ""
    good: dict[str, str | None] = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    if name == "x":
        return there.token_request({**good, **(form or {})}, client_id="web", secret=SECRET)
    client = {"client_id": "web", "client_secret": SECRET, "client_key": "web" if name == "tiktok" else None}
    return there.token_request({**good, **client, **(form or {})})


AT_TOKEN: list[tuple[str, str, int, str, str]] = [
    ("google", "redirect_uri", 400, "redirect_uri_mismatch", "Bad Request"),
    ("google", "code", 400, "invalid_grant", "Malformed auth code."),
    ("google", "no verifier", 400, "invalid_grant", "Missing code verifier."),
    ("google", "refresh token", 400, "invalid_grant", "Token has been expired or revoked."),
    ("google", "secret", 401, "invalid_client", "The provided client secret is invalid."),
    ("google", "no secret", 400, "invalid_request", "client_secret is missing."),
    ("google", "client", 401, "invalid_client", "The OAuth client was not found."),
    ("google", "nobody", 400, "invalid_request", "Could not determine client ID from request."),
    ("google", "grant", 400, "unsupported_grant_type", "Invalid grant_type: nonsense"),
    ("google", "no grant", 400, "invalid_request", "Required parameter is missing: grant_type"),
    ("google", "no code", 400, "invalid_request", "Missing required parameter: code"),
    ("entra-v2", "grant", 400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type 'nonsense'."),
    ("entra-v2", "no grant", 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'grant_type'."),
    ("entra-v2", "no code", 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'code'."),
    ("entra-v2", "nobody", 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'client_id'."),
    ("entra-v2", "client", 400, "unauthorized_client", "AADSTS700016: "),
    ("entra-v2", "scope", 400, "invalid_scope", "AADSTS1002012: The provided value for scope nonsense is not valid."),
    ("entra-v2", "other api", 400, "invalid_resource", "AADSTS500011: The resource principal named api://other was not found"),
    ("entra-v1", "client", 400, "unauthorized_client", "AADSTS700016: "),
    ("entra-v1", "redirect_uri", 400, "invalid_client", "AADSTS500112: "),
    ("entra-v1", "secret", 401, "invalid_client", "AADSTS7000215: "),
    ("entra-v1", "no secret", 401, "invalid_client", "AADSTS7000218: "),
    ("entra-v1", "grant", 400, "unsupported_grant_type", "AADSTS70003: "),
    (
        "okta",
        "grant",
        400,
        "unsupported_grant_type",
        "The authorization grant type is not supported by the authorization server. ",
    ),
    ("slack-openid", "code", 200, "invalid_code", ""),
    ("slack", "refresh token", 200, "invalid_grant_type", ""),
    ("slack", "grant", 200, "invalid_grant_type", ""),
    ("facebook", "grant", 400, "unsupported_grant_type", "this grant_type is not supported"),
    ("facebook", "refresh token", 400, "unauthorized_client", "the client is not registered for the grant refresh_token"),
    ("slack-openid", "no redirect_uri", 200, "bad_redirect_uri", ""),
    ("okta", "refresh token", 400, "invalid_grant", "The refresh token is invalid or expired."),
    ("auth0", "code", 403, "invalid_grant", "Invalid authorization code"),
    ("auth0", "refresh token", 403, "invalid_grant", "Unknown or invalid refresh token."),
    ("auth0", "verifier", 403, "invalid_grant", "Failed to verify code verifier"),
    ("keycloak", "no grant", 400, "invalid_request", "Missing form parameter: grant_type"),
    ("keycloak", "no code", 400, "invalid_request", "Missing parameter: code"),
    ("keycloak", "grant", 400, "unsupported_grant_type", "Unsupported grant_type"),
    ("keycloak", "no verifier", 400, "invalid_grant", "PKCE code verifier not specified"),
    ("keycloak", "verifier", 400, "invalid_grant", "PKCE verification failed: Code mismatch"),
    ("cognito", "code", 400, "invalid_grant", ""),
    ("gitlab", "grant", 400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server."),
    ("gitlab", "no grant", 400, "invalid_request", "Missing required parameter: grant_type."),
    ("discord", "grant", 400, "unsupported_grant_type", "Grant type nonsense is not supported"),
    ("discord", "no grant", 400, "unsupported_grant_type", "Grant type None is not supported"),
    ("x", "no code", 400, "invalid_request", "Missing required parameter [code]."),
    ("x", "no verifier", 400, "invalid_request", "Missing required parameter [code_verifier]."),
    ("x", "verifier", 400, "invalid_request", "Value passed for the code verifier did not match the code challenge."),
    ("apple", "grant", 400, "unsupported_grant_type", ""),
    ("apple", "code", 400, "invalid_grant", "The code has expired or has been revoked."),
    ("tiktok", "code", 400, "invalid_grant", "Authorization code is expired."),
    ("tiktok", "verifier", 400, "invalid_grant", "code_verifier does not match the code_challenge"),
    ("salesforce", "refresh token", 400, "invalid_grant", "expired access/refresh token"),
    ("salesforce", "code", 400, "invalid_grant", "expired authorization code"),
    ("tiktok", "redirect_uri", 400, "invalid_request", "Redirect_uri is not matched with the uri when requesting code."),
    (
        "tiktok",
        "refresh token",
        400,
        "invalid_grant",
        "The provided authorization grant (for example, authorization code",
    ),
    ("atlassian", "refresh token", 403, "unauthorized_client", "refresh_token is invalid"),
]


@pytest.mark.parametrize(("name", "wrong", "status", "error", "description"), AT_TOKEN)
def test_a_wrong_token_request_is_told_in_the_words_of_this_provider(
    name: str, wrong: str, status: int, error: str, description: str
) -> None:
    response = traded(world(name), name, form=WRONG[wrong])
    said = document(response)
    assert (response.status, said["error"]) == (status, error)
    assert said.get("error_description", "").startswith(description)
    assert "None" not in said.get("error_description", "") or name == "discord"


API: list[tuple[str, str, int, Any]] = [
    ("entra-v2", "", 401, {"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty."}}),
    (
        "entra-v2",
        "x",
        401,
        {"error": {"code": "InvalidAuthenticationToken", "message": "CompactToken parsing failed with error code: 80049217"}},
    ),
    ("keycloak", "x", 401, {"error": "invalid_token", "error_description": "Token verification failed"}),
    ("cognito", "", 400, "Bad OAuth2 request at UserInfo Endpoint"),
    ("cognito", "x", 401, "Access token is expired, disabled, or deleted, or the user has globally signed out."),
    ("gitlab", "", 401, "The access token is invalid"),
    ("gitlab", "x", 401, "The access token is invalid"),
    ("linkedin", "x", 401, {"status": 401, "serviceErrorCode": 65600, "message": "Invalid access token"}),
    ("facebook", "", 400, {"error": {"type": "OAuthException", "code": 2500}}),
    ("facebook", "x", 400, {"error": {"type": "OAuthException", "code": 190}}),
    ("tiktok", "x", 401, {"error": {"code": "access_token_invalid"}}),
    ("slack-openid", "x", 200, {"ok": False, "error": "invalid_auth"}),
    ("google", "x", 401, {"error": "invalid_request", "error_description": "Invalid Credentials"}),
]


def _holds(whole: Any, part: Any) -> bool:
    return all(_holds(whole.get(name), value) for name, value in part.items()) if isinstance(part, dict) else bool(whole == part)


@pytest.mark.parametrize(("name", "token", "status", "said"), API)
def test_the_api_says_in_its_own_form_that_a_token_is_not_good(name: str, token: str, status: int, said: Any) -> None:
    there = world(name)
    response = there.get(there.state.endpoints.userinfo, **({"Authorization": f"Bearer {token}"} if token else {}))
    assert response.status == status
    if isinstance(said, str):
        assert (response.body, said in (response.headers.get("www-authenticate") or "")) == (b"", True)
    else:
        assert _holds(document(response), said), response.text
        assert "trace_id" not in document(response)


@pytest.mark.parametrize("wrong", ["redirect_uri", "verifier", "refresh token"])
def test_apple_says_no_word_of_a_code_where_the_code_is_good(wrong: str) -> None:
    assert document(traded(world("apple"), "apple", form=WRONG[wrong])) == {"error": "invalid_grant"}


def test_a_wrong_token_is_plain_text_at_salesforce() -> None:
    response = world("salesforce").get("/services/oauth2/userinfo", Authorization="Bearer x")
    assert (response.status, response.text, response.content_type) == (403, "Bad_OAuth_Token", "text/plain")


def test_a_scope_that_is_missing_has_each_apis_own_form() -> None:
    there = world("atlassian")
    answer = document(traded(there, "atlassian", scope="read:jira-work"))
    said = there.get("/me", Authorization=f"Bearer {answer['access_token']}")
    assert (said.status, document(said)) == (401, {"code": 401, "message": "Unauthorized; scope does not match"})


SPENT = {"entra-v2": 54005, "slack": "code_already_used", "apple": "The code has already been used.", "facebook": 36009}


@pytest.mark.parametrize("name", SPENT)
def test_a_fault_is_told_from_others_by_the_words_of_the_provider(name: str) -> None:
    there = world(name)
    there.state = replace(there.state, faults=(Switched("code-spent"),))
    assert str(SPENT[name]) in traded(there, name).text
    assert there.state.log[-1].endpoint == "fault"


@pytest.mark.parametrize("entrance", ["common", "organizations", "consumers"])
def test_a_fault_strikes_those_too_who_come_by_a_word_for_all_tenants(entrance: str) -> None:
    there = world("entra-v2")
    there.state = replace(there.state, faults=(Switched("token-secret-refused"), Switched("metadata-html")))
    assert there.get(f"/{entrance}/v2.0/.well-known/openid-configuration").content_type == "text/html"
    form = {
        "grant_type": "client_credentials",
        "client_id": "web",
        "client_secret": SECRET,
        "scope": "https://graph.microsoft.com/.default",
    }
    assert document(there.post(f"/{entrance}/oauth2/v2.0/token", form))["error_codes"] == [7000215]


def test_a_fault_is_form_encoded_where_the_provider_is() -> None:
    there = world("github")
    there.state = replace(there.state, faults=(Switched("code-spent"),))
    response = traded(there, "github")
    assert (response.status, Params.parse(response.text).get("error")) == (200, "bad_verification_code")


def test_what_a_fault_puts_into_an_error_is_not_reworded() -> None:
    there = world("google")
    there.state = replace(there.state, faults=(Switched("token-error-in-colours"),))
    assert "\x1b" in document(traded(there, "google"))["error_description"]


def test_a_page_for_a_person_says_what_apple_needs() -> None:
    page = world("apple").ask(client_id="web", scope="openid", response_mode="form_post", prompt="none")
    assert dict(last_form(page)[1])["error"] == "login_required"


@pytest.mark.parametrize(
    ("name", "path", "status", "said"),
    [
        ("github", "/user", 401, '"Bad credentials"'),
        ("slack", "/api/auth.test", 200, '"invalid_auth"'),
        ("linkedin", "/v2/userinfo", 401, '"Invalid access token"'),
    ],
)
def test_a_fault_refuses_a_good_token_in_the_words_of_this_provider(name: str, path: str, status: int, said: str) -> None:
    there = world(name)
    granted = traded(there, name)
    token = document(granted)["access_token"] if granted.content_type == JSON else Params.parse(granted.text).get("access_token")
    there.state = replace(there.state, faults=(Switched("userinfo-refuses"),))
    refused = there.get(path, **{"Authorization": f"Bearer {token}", "User-Agent": "test"})
    assert (refused.status, said in refused.text, there.state.faults[0].strikes) == (status, True, 1), refused.text
