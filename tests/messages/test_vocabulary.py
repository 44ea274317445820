"""Finding words: every role, every spelling, and nothing that has no source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Param
from oauthctl.messages.vocabulary import alike, cited_from, find, section_of, vocabulary
from oauthctl.messages.word import Group
from oauthctl.specs import Section, documents

WORDS = vocabulary()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "state",
            {("state", "in the authorization request"), ("state", "in the authorization response"), ("state", "in the logout request")},
        ),
        (
            "STATE",
            {("state", "in the authorization request"), ("state", "in the authorization response"), ("state", "in the logout request")},
        ),
        ("code-verifier", {("code_verifier", "in the token request")}),
        ("slow_down", {("slow_down", "error code of the token endpoint, to a device that polls")}),
        ("RS256", {("RS256", "signature algorithm")}),
        ("private_key_jwt", {("private_key_jwt", "client authentication")}),
        ("form_post", {("form_post", "response mode"), ("OAuth Form Post", "OAuth 2.0 Form Post Response Mode")}),
        ("PKCE", {("RFC 7636", "Proof Key for Code Exchange by OAuth Public Clients")}),
        ("rfc7636", {("RFC 7636", "Proof Key for Code Exchange by OAuth Public Clients")}),
        ("RFC 7636 section 4.2", {("RFC 7636", "Proof Key for Code Exchange by OAuth Public Clients")}),
        ("oidc", {("OIDC Core", "OpenID Connect Core 1.0")}),
        ("token_endpoint", {("token_endpoint", "in the provider metadata")}),
        ("realm", {("realm", "attribute of a `WWW-Authenticate` challenge")}),
        ("urn:ietf:params:oauth:grant-type:device_code", {("urn:ietf:params:oauth:grant-type:device_code", "grant type")}),
        ("a word that nobody knows", set()),
        ("7636", {("RFC 7636", "Proof Key for Code Exchange by OAuth Public Clients")}),
        ("RFC 1", set()),
        ("401", set()),
        ("", set()),
    ],
)
def test_a_word_is_found_in_all_its_roles(text: str, expected: set[tuple[str, str]]) -> None:
    assert {(word.word, word.role) for word in find(text, WORDS)} == expected


def test_one_word_can_be_parameter_error_response_type_and_standard() -> None:
    assert {word.group for word in find("code", WORDS)} >= {Group.PARAMETER, Group.VALUE}
    assert {word.group for word in find("DPoP", WORDS)} >= {Group.VALUE, Group.HTTP, Group.STANDARD}
    assert {word.role for word in find("access_denied", WORDS)} == {
        "error code of the authorization endpoint, in the callback",
        "error code of the token endpoint, to a device that polls",
    }


def test_the_whole_word_comes_before_its_other_spellings() -> None:
    assert find("refresh_token", WORDS)[0].word == "refresh_token"
    assert find("access_token", WORDS)[-1].word == "urn:ietf:params:oauth:token-type:access_token"


def test_every_declared_parameter_is_known() -> None:
    for value in vars(AuthorizationRequest).values():
        if isinstance(value, Param):
            assert any(word.meaning == value.meaning and word.section == value.section for word in find(value.name, WORDS)), value.name


def test_every_word_has_a_meaning_and_a_source_that_can_be_cited() -> None:
    for word in WORDS:
        assert word.meaning.strip(), word.word
        if word.group is Group.OWN_ERROR:
            assert word.help, word.word
            continue
        assert word.section is not None, word.word
        assert word.section.title, word.word


def test_every_standard_is_a_word() -> None:
    assert {word.word for word in WORDS if word.group is Group.STANDARD} == set(documents())


def test_no_word_is_there_twice_in_the_same_role_with_the_same_source() -> None:
    keys = [(word.word, word.role, word.section) for word in WORDS]
    assert [key for key in keys if keys.count(key) > 1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RFC 6749", Section("RFC 6749")),
        ("rfc6749", Section("RFC 6749")),
        ("6749", Section("RFC 6749")),
        ("6749 4.1.3", Section("RFC 6749", "4.1.3")),
        ("RFC 6749 section 4.1.3", Section("RFC 6749", "4.1.3")),
        ("rfc6749#section-4.1.3", Section("RFC 6749", "4.1.3")),
        ("RFC 6749 §5.2.", Section("RFC 6749", "5.2")),
        ("PKCE", None),
        ("RFC", None),
    ],
)
def test_a_citation_is_read(text: str, expected: Section | None) -> None:
    assert section_of(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("nonce", "in the authorization request", "in the JOSE header"),
        ("aud", "JWT claim", "in the JOSE header"),
        ("iss", "JWT claim", "in the JOSE header"),
        ("exp", "JWT claim", "in the JOSE header"),
        ("kid", "in the JOSE header", "in the JOSE header"),
    ],
)
def test_what_a_word_mostly_means_comes_first(text: str, first: str, last: str) -> None:
    roles = [word.role for word in find(text, WORDS)]
    assert (roles[0], roles[-1]) == (first, last)


def test_a_standard_names_the_words_that_it_defines() -> None:
    assert {"code_challenge", "code_challenge_method", "code_verifier", "S256"} <= set(cited_from(Section("RFC 7636"), WORDS))
    assert "code_challenge" not in cited_from(Section("RFC 7636", "4.5"), WORDS)
    assert "dpop_jkt" in cited_from(Section("RFC 9449", "10"), WORDS)
    # Section 10 is no part of section 1.
    assert "dpop_jkt" not in cited_from(Section("RFC 9449", "1"), WORDS)


@pytest.mark.parametrize(("text", "expected"), [("invalid_grnt", "invalid_grant"), ("stat", "state"), ("code_chalenge", "code_challenge")])
def test_a_misspelt_word_is_recognised(text: str, expected: str) -> None:
    assert expected in alike(text, WORDS)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_search(text: str) -> None:
    find(text, WORDS)
    section_of(text)
