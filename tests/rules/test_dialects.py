"""The table of the providers' words: whole, sourced, and matched as it says."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from urllib.parse import quote

import pytest

from oauthctl.http import Headers, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.piece import UNSEEN
from oauthctl.rules.dialects import LOG, Dialect, called, dialects, meanings, said_by_provider
from oauthctl.rules.provider_names import is_told, names_provider, unnamed
from oauthctl.rules.registry import all_rules
from oauthctl.rules.scene import Scene
from tests.cli.running import oauthctl
from tests.rules.pages import NOW, play

AUTHORIZE = "/authorize?client_id=web&response_type=code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&scope=openid&state=s1"
PURPOSES = {value for name, value in vars(purposes).items() if name.isupper() and isinstance(value, str)}
SLUGS = {rule.slug for rule in all_rules()}
NAMES = re.compile(r"\{([a-z_]+)\}")
MADE_UP = re.compile(r"//[^/]*\bexample\b|localhost|\b(todo|xxx|placeholder)\b", re.IGNORECASE)
COMMON = {"invalid_grant", "invalid_client", "invalid_request", "unauthorized_client", "server_error", "login_required"}


def _said(section: str) -> list[tuple[Dialect, str]]:
    """What is found in the words of the last exchange of a page's section."""
    scene = Scene(play(section).recording, NOW)
    return list(said_by_provider(scene.seen[-1]))


def _token_error(description: str, *, error: str = "invalid_grant", host: str = "idp.example.com") -> str:
    answer = json.dumps({"error": error, "error_description": description})
    return f"""```http
POST https://{host}/token
Content-Type: application/x-www-form-urlencoded

grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&client_id=web

=> 400
Content-Type: application/json

{answer}
```"""


def _page(text: str, *, status: int = 400, host: str = "idp.example.com") -> str:
    return f"""```http
GET https://{host}{AUTHORIZE}

=> {status}
Content-Type: text/html; charset=utf-8

<html><body>{text}</body></html>
```"""


def test_there_are_enough_entries() -> None:
    counted = Counter(entry.provider for entry in dialects())
    assert counted.total() >= 270
    assert counted["entra"] >= 90
    assert len(counted) >= 30


# One test for the whole table, not one for each entry: collecting those would take longer than all that is asked of them.


def test_an_entry_is_whole() -> None:
    for entry in dialects():
        assert [bool(entry.code), bool(entry.phrase), bool(entry.pattern)].count(True) == 1, entry
        assert entry.means.endswith("."), entry
        assert entry.help.endswith("."), entry
        assert not entry.means[0].islower() or entry.means.startswith(("dex", "oauth2-proxy")), entry
        assert re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/[^\s<>{}…]*", entry.source), entry
        assert not MADE_UP.search(entry.source), entry
        assert set(entry.only) <= {*PURPOSES, "", LOG}, entry
        assert all(part == part.lower() for part in entry.at), entry


def test_an_entry_stands_for_a_rule() -> None:
    assert [entry for entry in dialects() if entry.rule not in SLUGS] == []


def test_an_entry_is_no_common_word() -> None:
    """A phrase of a few letters would be found in answers that say something else; a code stands in no RFC."""
    for entry in dialects():
        assert len(entry.code or entry.phrase or entry.pattern) >= 6, entry
        assert entry.code or len(entry.phrase or entry.pattern) >= 12 or entry.only, entry
        assert entry.code not in COMMON, entry
        assert entry.code not in {"access_denied", "invalid_scope"} or entry.at, entry


def test_an_entry_quotes_only_what_its_phrase_names() -> None:
    for entry in dialects():
        named = set(NAMES.findall(entry.phrase)) | set(re.compile(entry.pattern).groupindex)
        spelled_out = set(NAMES.findall(entry.means + entry.help)) - named
        assert spelled_out <= {"tenant", "client_id", "port", "name"}, entry


def test_a_phrase_alone_makes_nobody_the_provider() -> None:
    """Others say the same sentence: the provider is called by its name where its host, a header or a code of its own tells it."""
    for entry in dialects():
        if entry.code or not names_provider(entry.provider) or is_told(entry.provider, entry.phrase.lower()):
            continue
        said = called(entry, entry.phrase, purposes.TOKEN, "")
        assert unnamed(entry.provider, said.means) == said.means, entry
        assert unnamed(entry.provider, said.help) == said.help, entry


@pytest.mark.parametrize(("host", "is_named"), [("acme.eu.auth0.com", True), ("login.example.com", False)])
def test_the_provider_is_named_where_its_host_tells_it(host: str, is_named: bool) -> None:
    said = _said(_page("Callback URL mismatch.", host=host))
    assert [entry.rule for entry, _ in said] == ["redirect-uri-not-registered"]
    assert ("Auth0" in said[0][0].help) is is_named


def test_no_provider_says_one_thing_twice() -> None:
    said = Counter((entry.provider, (entry.code or entry.phrase or entry.pattern).lower()) for entry in dialects())
    assert [one for one, times in said.items() if times > 1] == []


def test_a_word_of_several_providers_is_told_apart_by_their_hosts() -> None:
    entries: dict[str, list[Dialect]] = {}
    for entry in dialects():
        if entry.code:
            entries.setdefault(entry.code.lower(), []).append(entry)
    shared = [one for group in entries.values() if len(group) > 1 for one in group]
    assert [f"{entry.provider}: {entry.code}" for entry in shared if not entry.at] == []


@pytest.mark.parametrize(
    "description",
    ["AADSTS54005: it was redeemed", "aadsts54005: it was redeemed", "(AADSTS54005)", "error_codes=AADSTS54005."],
)
def test_a_code_is_found_as_a_word_of_its_own(description: str) -> None:
    assert [(entry.rule, words.upper()) for entry, words in _said(_token_error(description))] == [("code-reused", "AADSTS54005")]


@pytest.mark.parametrize("description", ["AADSTS540051: another one", "XAADSTS54005", "my_AADSTS54005_x"])
def test_a_code_is_not_found_inside_a_longer_word(description: str) -> None:
    assert _said(_token_error(description)) == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>Callback URL mismatch.</p>",
        "<p>callback url MISMATCH</p>",
        "<h1>Callback\n   URL</h1>\n<b>mismatch</b>",
        "<p>Callback&nbsp;URL&#32;mismatch</p>",
    ],
)
def test_a_phrase_is_found_whatever_its_case_lines_and_markup(text: str) -> None:
    assert [(entry.provider, entry.rule) for entry, _ in _said(_page(text))] == [("auth0", "redirect-uri-not-registered")]


def test_a_phrase_is_found_behind_entities_that_were_escaped_twice() -> None:
    back = quote("https://app.example.com/cb?error=unauthorized_scope_error&error_description=", safe=":/?=&")
    section = f"""```http
GET https://www.linkedin.com{AUTHORIZE}

=> 302
Location: {back}Scope+%26quot%3Br_liteprofile%26quot%3B+is+not+authorized+for+your+application&state=s1
```"""
    retired = next(entry for entry, _ in _said(section) if entry.rule == "scope-retired")
    assert "scope `r_liteprofile`" in retired.means
    assert retired.help.endswith("in place of `r_liteprofile`.")


def test_two_names_are_filled() -> None:
    description = (
        "The OAuth 2.0 Client supports client authentication method 'client_secret_basic', but method 'client_secret_post' was requested."
    )
    ((entry, _),) = _said(_token_error(description, error="invalid_client"))
    assert entry.rule == "client-auth-method-mismatch"
    assert "to authenticate by `client_secret_basic`, and the request used `client_secret_post`" in entry.means


def test_an_ellipsis_is_anything_in_between() -> None:
    phrases = [entry.phrase for entry in dialects() if "…" in entry.phrase]
    assert all(part.strip() for phrase in phrases for part in phrase.split("…"))


def test_codes_go_first_and_longer_phrases_before_shorter_ones() -> None:
    section = _token_error("Invalid refresh token. Token client and authorized client don't match", host="sso.example.com/realms/shop")
    assert [entry.rule for entry, _ in _said(section)] == ["refresh-token-of-another-client"]
    section = _token_error("PKCE verification failed: Invalid code verifier")
    assert [entry.rule for entry, _ in _said(section)] == ["code-verifier-too-short", "code-verifier-mismatch"]
    both = _said(_token_error("AADSTS50011: The reply URL specified in the request does not match the reply URLs configured"))
    assert [bool(entry.code) for entry, _ in both] == [True, False]


@pytest.mark.parametrize(
    ("host", "provider"),
    [("accounts.google.com", "google"), ("github.com", "github"), ("login.salesforce.com", "salesforce")],
)
def test_a_shared_word_is_read_as_its_host_means_it(host: str, provider: str) -> None:
    assert [entry.provider for entry, _ in _said(_page("Error 400: redirect_uri_mismatch", host=host))] == [provider]


def test_a_code_that_leaves_the_fault_to_the_message_is_silent_beside_words_that_name_it() -> None:
    host = "login.microsoftonline.com"
    assert [entry.rule for entry, _ in _said(_token_error("AADSTS90023: Invalid STS request.", host=host))] == ["request-fault-named"]
    told = _token_error("AADSTS90023: Public clients can't send a client secret.", host=host)
    assert [entry.rule for entry, _ in _said(told)] == ["public-client-sends-secret"]


def test_a_shared_word_of_an_unknown_host_says_what_it_says_of_no_provider() -> None:
    said = _said(_page("redirect_uri_mismatch", host="idp.example.com"))
    assert [(entry.provider, entry.rule) for entry, _ in said] == [("", "redirect-uri-not-registered")]


def test_a_pasted_answer_names_its_provider_itself() -> None:
    answer = {"error": "bad_refresh_token", "error_uri": "https://docs.github.com/apps/x"}
    exchange = Exchange(1, purposes.TOKEN, Channel.WIRE, UNSEEN, NOW, response=Response(200, Headers(), json.dumps(answer).encode()))
    (seen,) = Scene(Recording((exchange,)), NOW).seen
    assert [entry.provider for entry, _ in said_by_provider(seen)] == ["github"]


def test_an_entry_for_one_purpose_is_silent_elsewhere() -> None:
    text = "Invalid redirect uri"
    host = "sso.example.com/realms/shop"
    logout = f"""```http
GET https://{host}/logout?post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2F&client_id=web

=> 400
Content-Type: text/html

<p>{text}</p>
```"""
    assert [entry.rule for entry, _ in _said(logout)] == ["logout-redirect-not-registered"]
    said = _said(_token_error(text, host=host))
    assert [(entry.provider, entry.rule) for entry, _ in said] == [("", "redirect-uri-differs-between-legs")]


@pytest.mark.parametrize("word", ["AADSTS50011", "aadsts50011", " 50011 "])
def test_a_code_is_explained_with_or_without_its_prefix(word: str) -> None:
    assert [entry.rule for entry in meanings(word)] == ["redirect-uri-not-registered"]


def test_an_unknown_code_has_no_meaning() -> None:
    assert meanings("AADSTS99999999") == ()
    assert meanings("") == ()


def test_a_page_of_entra_tells_its_error_in_a_script_with_status_200() -> None:
    config = json.dumps({"strServiceExceptionMessage": "AADSTS50105: acme blocks users unless they're assigned", "iErrorCode": 50105})
    findings = play(_page(f"<script>$Config={config};</script>", status=200, host="login.microsoftonline.com")).diagnosis().findings
    assert [finding.rule for finding in findings][:1] == ["user-not-assigned"]


def test_a_sign_in_page_that_fails_nothing_is_no_failure() -> None:
    config = json.dumps({"strServiceExceptionMessage": None, "sErrorCode": "", "urlLogin": "https://login.microsoftonline.com/x"})
    scene = Scene(play(_page(f"<script>$Config={config};</script><p>Sign in</p>", status=200)).recording, NOW)
    assert scene.failures == ()


def test_google_tells_its_error_in_the_redirect_to_its_page() -> None:
    message = b"\n\x0forg_internal\x12\x40This client is restricted to users within its organization.\x1a\x10"
    coded = base64.urlsafe_b64encode(message).decode().rstrip("=")
    section = f"""```http
GET https://accounts.google.com{AUTHORIZE}

=> 302
Location: https://accounts.google.com/signin/oauth/error?authError={coded}&client_id=web
```"""
    played = play(section)
    assert [finding.rule for finding in played.diagnosis().findings][:1] == ["account-not-in-tenant"]
    assert [finding.rule for finding in played.diagnosis_of_redacted().findings][:1] == ["account-not-in-tenant"]


def test_a_policy_goes_before_what_a_rule_reads_into_the_same_words() -> None:
    text = "AADSTS50020: User account 'a@live.com' from identity provider 'live.com' does not exist in tenant 'Contoso'."
    findings = play(_page(text, host="login.microsoftonline.com")).diagnosis().findings
    assert findings[0].rule == "account-not-in-tenant"


def test_a_code_says_more_than_a_rule_that_reads_the_same_words() -> None:
    section = """```http
POST https://login.microsoftonline.com/8f4a1d2e-3b5c-4d6e-9f70-112233445566/oauth2/v2.0/token
Content-Type: application/x-www-form-urlencoded

grant_type=client_credentials&client_id=5d0c7a1e-94b2-4c38-8a17-0e6b2f9d4c55&client_secret=s3cret-1&scope=api%3A%2F%2Facme%2F.default

=> 401
Content-Type: application/json

{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
```"""
    first = play(section).diagnosis().findings[0]
    assert first.rule == "client-secret-wrong"
    assert "*Secret ID*" in first.cause


def test_a_code_of_everybodys_is_no_providers_in_a_callback_alone() -> None:
    (entry,) = (one for one in dialects() if one.provider == "slack" and one.code == "invalid_scope")
    ran = oauthctl("diagnose", "-", stdin="https://app.example/cb?error=invalid_scope&state=zz")
    assert entry.help not in ran.out
    assert "Slack" not in ran.out
