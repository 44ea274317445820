from __future__ import annotations

import pytest

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse, LogoutRequest
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import IntrospectionRequest, IntrospectionResponse, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.specs import Section, documents


def test_a_section_reads_as_it_is_cited() -> None:
    assert str(Section("RFC 6749", "4.1.3")) == "RFC 6749 section 4.1.3"
    assert str(Section("RFC 9700")) == "RFC 9700"


@pytest.mark.parametrize(
    ("section", "title", "url"),
    [
        (Section("RFC 6749", "4.1.3"), "The OAuth 2.0 Authorization Framework", "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3"),
        (Section("RFC 7636"), "Proof Key for Code Exchange by OAuth Public Clients", "https://www.rfc-editor.org/rfc/rfc7636"),
        (
            Section("OIDC Core", "3.1.3.7"),
            "OpenID Connect Core 1.0",
            "https://openid.net/specs/openid-connect-core-1_0.html#rfc.section.3.1.3.7",
        ),
        (Section("OIDC Discovery"), "OpenID Connect Discovery 1.0", "https://openid.net/specs/openid-connect-discovery-1_0.html"),
    ],
)
def test_a_section_knows_its_title_and_its_address(section: Section, title: str, url: str) -> None:
    assert section.title == title
    assert section.url == url


@pytest.mark.parametrize("document", ["RFC 1", "OIDC Cores"])
def test_a_document_that_is_not_cited_has_no_title(document: str) -> None:
    with pytest.raises(KeyError):
        _ = Section(document).title


@pytest.mark.parametrize("document", documents())
def test_every_document_has_a_title_and_a_secure_address(document: str) -> None:
    assert Section(document).title
    assert Section(document, "1").url.startswith("https://")


@pytest.mark.parametrize(
    "message",
    [
        AuthorizationRequest,
        AuthorizationResponse,
        LogoutRequest,
        TokenRequest,
        TokenResponse,
        IntrospectionRequest,
        IntrospectionResponse,
        RevocationRequest,
        ProviderMetadata,
        ResourceMetadata,
    ],
)
def test_every_parameter_cites_a_known_document_and_says_what_it_means(message: type[Message]) -> None:
    assert message.params()
    for name, param in message.params().items():
        assert param.section.title, name
        # A draft numbers its sections anew from one version to the next: of drafts it is the heading.
        assert param.section.number, name
        assert not (param.section.title.endswith("(draft)") and param.section.number[0].isdigit()), name
        assert param.meaning, name
        assert not param.meaning.endswith("."), name
