from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Headers, Response
from oauthctl.messages.answer import read_answer
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata, issuer_of_url, metadata_urls, resource_metadata_url

RFC8414_3_2 = {
    "issuer": "https://server.example.com",
    "authorization_endpoint": "https://server.example.com/authorize",
    "token_endpoint": "https://server.example.com/token",
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
    "userinfo_endpoint": "https://server.example.com/userinfo",
    "jwks_uri": "https://server.example.com/jwks.json",
    "registration_endpoint": "https://server.example.com/register",
    "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
    "response_types_supported": ["code", "code token"],
    "service_documentation": "http://server.example.com/service_documentation.html",
    "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"],
}


@pytest.fixture
def rfc8414_3_2() -> ProviderMetadata:
    response = Response(200, Headers((("Content-Type", "application/json"),)), json.dumps(RFC8414_3_2).encode())
    return ProviderMetadata(read_answer(response).fields, 1)


def test_the_example_metadata_is_known_to_the_last_member(rfc8414_3_2: ProviderMetadata) -> None:
    assert rfc8414_3_2.issuer == "https://server.example.com"
    assert rfc8414_3_2.jwks_uri == "https://server.example.com/jwks.json"
    assert rfc8414_3_2.token_endpoint_auth_methods_supported == ("client_secret_basic", "private_key_jwt")
    assert rfc8414_3_2.response_types_supported == ("code", "code token")
    assert rfc8414_3_2.code_challenge_methods_supported is None
    assert rfc8414_3_2.unknown() == ()


@pytest.mark.parametrize(
    ("issuer", "urls"),
    [
        (
            "https://example.com",
            (
                "https://example.com/.well-known/oauth-authorization-server",
                "https://example.com/.well-known/openid-configuration",
            ),
        ),
        (
            "https://example.com/issuer1",
            (
                "https://example.com/.well-known/oauth-authorization-server/issuer1",
                "https://example.com/.well-known/openid-configuration/issuer1",
                "https://example.com/issuer1/.well-known/openid-configuration",
            ),
        ),
        (
            "http://127.0.0.1:8080/a/b/",
            (
                "http://127.0.0.1:8080/.well-known/oauth-authorization-server/a/b",
                "http://127.0.0.1:8080/.well-known/openid-configuration/a/b",
                "http://127.0.0.1:8080/a/b/.well-known/openid-configuration",
            ),
        ),
        (
            "https://example.com/a%2Fb",
            (
                "https://example.com/.well-known/oauth-authorization-server/a%2Fb",
                "https://example.com/.well-known/openid-configuration/a%2Fb",
                "https://example.com/a%2Fb/.well-known/openid-configuration",
            ),
        ),
        # An issuer has no query by RFC 8414 section 2; one that has all the same keeps it where a query stands.
        (
            "https://example.com/t?p=x",
            (
                "https://example.com/.well-known/oauth-authorization-server/t?p=x",
                "https://example.com/.well-known/openid-configuration/t?p=x",
                "https://example.com/t/.well-known/openid-configuration?p=x",
            ),
        ),
    ],
)
def test_metadata_is_looked_for_in_this_order(issuer: str, urls: tuple[str, ...]) -> None:
    assert metadata_urls(issuer) == urls


@pytest.mark.parametrize("issuer", ["https://example.com", "https://example.com/issuer1", "https://example.com/a/b"])
def test_a_trailing_slash_changes_no_place(issuer: str) -> None:
    assert metadata_urls(issuer + "/") == metadata_urls(issuer)


@pytest.mark.parametrize("issuer", ["https://example.com", "https://example.com/issuer1", "https://example.com/a/b", "http://[::1]:8080/x"])
def test_each_place_leads_back_to_its_issuer(issuer: str) -> None:
    assert {issuer_of_url(url) for url in metadata_urls(issuer)} == {issuer}


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://example.com/.well-known/openid-configuration?p=B2C_1_signin", "https://example.com"),
        ("https://example.com/t/v2.0/.well-known/openid-configuration", "https://example.com/t/v2.0"),
        ("https://example.com/metadata.json", "https://example.com/metadata.json"),
        ("https://example.com/.well-known/other", "https://example.com/.well-known/other"),
        ("https://example.com/.well-known/openid-configurations", "https://example.com/.well-known/openid-configurations"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_the_issuer_of_a_url_is_the_url_without_its_well_known_part(url: str, issuer: str) -> None:
    assert issuer_of_url(url) == issuer


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ("https://resource.example.com", "https://resource.example.com/.well-known/oauth-protected-resource"),
        ("https://resource.example.com/", "https://resource.example.com/.well-known/oauth-protected-resource"),
        ("https://resource.example.com/resource1", "https://resource.example.com/.well-known/oauth-protected-resource/resource1"),
        ("https://resource.example.com/r?a=1", "https://resource.example.com/.well-known/oauth-protected-resource/r?a=1"),
    ],
)
def test_the_metadata_of_an_api_lies_between_host_and_path(resource: str, url: str) -> None:
    assert resource_metadata_url(resource) == url


@given(st.text(max_size=30))
def test_no_target_makes_it_raise(text: str) -> None:
    for target in (text, f"https://{text}"):
        assert metadata_urls(target)
        issuer_of_url(target)
        resource_metadata_url(target)


def test_an_api_names_its_authorization_servers() -> None:
    metadata = ResourceMetadata((("resource", "https://api.example"), ("authorization_servers", ["https://op.example"])))
    assert metadata.authorization_servers == ("https://op.example",)


@pytest.mark.parametrize("name", ["backchannel_token_delivery_modes_supported", "backchannel_user_code_parameter_supported"])
def test_what_a_provider_says_of_ciba_has_a_meaning(name: str) -> None:
    assert "CIBA" in ProviderMetadata.params()[name].meaning
