"""Refusals in the browser as providers word them, and flows that are none."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest

from oauthctl.findings import Severity
from oauthctl.provider.pages import error_page
from tests.rules.pages import play

REQUEST = {
    "client_id": "web",
    "response_type": "code",
    "redirect_uri": "https://app.example.com/cb",
    "scope": "openid profile",
    "state": "s1Z8qL0xx",
}


def _rules(*blocks: str) -> list[str]:
    found = play("\n\n".join(blocks)).diagnosis().findings
    return [finding.rule for finding in found if finding.severity is not Severity.NOTE]


def _asked(answer: str, *, place: str = "https://idp.example.com/authorize", agent: str = "", **changed: str) -> str:
    header = f"\nUser-Agent: {agent}" if agent else ""
    return f"```http\nGET {place}?{urlencode({**REQUEST, **changed})}{header}\n\n=> {answer}\n```"


def _page(status: int, words: str) -> str:
    return f"{status}\nContent-Type: text/html\n\n<p>{words}</p>"


def _back(query: str, *, to: str = "https://app.example.com/cb") -> str:
    return f"302\nLocation: {to}?{query}"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings"),
        (200, "redirect_uri did not match any configured URIs. Passed URI: https://app.example.com/cb"),
        (200, "URL Blocked: This redirect failed because the redirect URI is not whitelisted"),
        (400, "Can't Load URL: The domain of this URL isn't included in the app's domains."),
        (401, "The requested redirect uri is malformed or doesn't match client redirect URI."),
        (403, "Callback URL not approved for this client application."),
        (400, "invalid_request Mismatching redirect URI."),
        (400, '{"errors": [{"field": "redirect_uri", "code": "invalid"}]}'),
    ],
)
def test_a_refused_redirect_uri_is_known_in_any_wording(status: int, words: str) -> None:
    assert _rules(_asked(_page(status, words)))[:1] == ["redirect-uri-not-registered"]


def test_the_sentence_in_the_script_of_an_error_page_is_read() -> None:
    sentence = "AADSTS50011: The redirect URI 'https://app.example.com/cb' does not match"
    page = f'200\nContent-Type: text/html\n\n<script>$Config={{"m": "{sentence}"}}</script>'
    assert _rules(_asked(page))[:1] == ["redirect-uri-not-registered"]


def test_the_error_that_google_packs_into_an_address_is_read() -> None:
    packed = base64.urlsafe_b64encode(b"\n\x15redirect_uri_mismatch\x12\xb0\x01no").decode().rstrip("=")
    assert _rules(_asked(_back(f"authError={packed}", to="https://accounts.example.com/error")))[:1] == ["redirect-uri-not-registered"]


def test_a_refusal_that_goes_to_the_registered_uri_shows_which_one_that_is() -> None:
    back = _back("error=redirect_uri_mismatch", to="https://app.example.com:8443/cb")
    assert _rules(_asked(back))[:1] == ["redirect-uri-port-differs"]


@pytest.mark.parametrize(
    "words",
    [
        "The OAuth client was not found. Error 401: invalid_client",
        "unauthorized_client: Unknown client: web",
        "We are sorry... Client not found.",
        "The OAuth 2.0 Client could not be found",
        "invalid_client: Invalid value for 'client_id' parameter.",
        "Error: invalid_request Invalid client_id parameter value.",
        "There is no application with this ID",
        "No client with this client_id is registered here.",
    ],
)
def test_an_unknown_client_is_known_in_any_wording(words: str) -> None:
    assert _rules(_asked(_page(400, words)))[:1] == ["client-unknown"]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("No client with this client_id.", "client-unknown"),
        ("The redirect URI is not registered for this client.", "redirect-uri-not-registered"),
        ("The redirect_uri https://app.example.com/cb is not registered for the client_id web.", "redirect-uri-not-registered"),
        ("response_type: unsupported.", "response-type-unsupported"),
    ],
)
@pytest.mark.parametrize("form", ["<dt>{}</dt><dd><code>{}</code></dd>", "{}={} ", "<br>{}: '{}'"])
def test_a_list_of_the_requests_parameters_tells_of_no_fault(words: str, rule: str, form: str) -> None:
    restated = "".join(form.format(*pair) for pair in REQUEST.items())
    assert _rules(_asked(_page(400, f"{words}{restated}")))[:1] == [rule]


def test_the_error_page_of_the_practice_provider_is_read() -> None:
    page = error_page(
        "op", "invalid_client", "no client with this client_id is registered here", facts={name: (REQUEST[name],) for name in REQUEST}
    )
    assert _rules(_asked(_page(page.status, page.text)))[:1] == ["client-unknown"]


@pytest.mark.parametrize(
    ("answer", "changed", "rule"),
    [
        (_back("error=invalid_scope&error_description=Invalid+scopes%3A+fooo"), {"scope": "openid fooo"}, "scope-unknown"),
        (_back("error=invalid_scope&error_description=unknown+openid%2Bprofile"), {"scope": "openid+profile"}, "scope-double-encoded"),
        (_back("error=invalid_target"), {"resource": "https://api.example.com/"}, "resource-unknown"),
        (_back("error=invalid_scope&error_description=Missing+required+scope+openid"), {"scope": "profile email"}, "openid-scope-missing"),
        (_back("error=unsupported_response_type"), {"response_type": "token"}, "response-type-unsupported"),
        (
            _page(400, "must end with a public top-level domain"),
            {"redirect_uri": "http://nas.local:8123/auth"},
            "redirect-uri-private-address",
        ),
        (_page(400, "invalid redirect_uri"), {"redirect_uri": "https://app.example.com/#/cb"}, "redirect-uri-fragment"),
        (_page(400, "bad request"), {"client_id": "YOUR_CLIENT_ID"}, "client-unknown"),
    ],
)
def test_what_the_request_shows_decides(answer: str, changed: dict[str, str], rule: str) -> None:
    assert _rules(_asked(answer, **changed))[:1] == [rule]


@pytest.mark.parametrize(
    ("answer", "changed", "slug"),
    [
        (_back("error=invalid_scope&error_description=Invalid+scopes%3A+openid%2Cprofile"), {}, "scope-comma-separated"),
        (_back("error=invalid_scope&error_description=Invalid+scopes%3A+openid%2Cprofile"), {}, "scope-unknown"),
        (_page(403, "disallowed_useragent"), {"agent": "Mozilla/5.0 Chrome/130.0 Safari/537.36"}, "embedded-browser-refused"),
        (_page(400, "INVALID_CLIENT: Insecure redirect URI"), {}, "redirect-uri-localhost-refused"),
        (_page(400, "device_id and device_name are required for private IP"), {}, "redirect-uri-private-address"),
        (_back("error=redirect_uri_mismatch"), {"redirect_uri": "https://app.example.com/cb/"}, "redirect-uri-case-differs"),
    ],
)
def test_words_without_the_defect_are_not_believed(answer: str, changed: dict[str, str], slug: str) -> None:
    assert slug not in _rules(_asked(answer, **changed))


@pytest.mark.parametrize(
    "answer",
    [
        '200\nContent-Type: text/html\n\n<form>Sign in. Error?<input type="password"></form>',
        _back("code=c-1&state=s1Z8qL0xx"),
        "302\nLocation: /login",
    ],
)
def test_an_answer_that_goes_on_is_no_refusal(answer: str) -> None:
    given = '```json given\n{"registered_redirect_uris": ["https://app.example.com/other"]}\n```'
    assert _rules(_asked(answer), given) == []


def test_a_state_that_was_damaged_on_its_way_is_told_from_a_foreign_one() -> None:
    asked = _asked(_back("code=c-1&state=s1%208qL0xx"), state="s1+8qL0xx")
    assert _rules(asked)[:1] == ["state-mismatch"]


def test_two_sign_ins_one_after_the_other_are_no_parallel_ones() -> None:
    first, second = _asked(_back("code=c-1&state=s1Z8qL0xx")), _asked(_back("code=c-2&state=s2Y7pK1xx"), state="s2Y7pK1xx")
    callbacks = [
        f"```http\nGET https://app.example.com/cb?code=c-{n}&state={state}\n\n=> 200\n```"
        for n, state in ((1, "s1Z8qL0xx"), (2, "s2Y7pK1xx"))
    ]
    assert _rules(first, callbacks[0], second, callbacks[1]) == []
