from __future__ import annotations

from typing import Any

import pytest

from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.standards import FAPI2, MCP, NATIVE, OAUTH21, STANDARDS, Met, Standard, judged, lacking
from oauthctl.specs import documents

GOOD: dict[str, Any] = {
    "issuer": "https://op.example",
    "authorization_endpoint": "https://op.example/authorize",
    "token_endpoint": "https://op.example/token",
    "jwks_uri": "https://op.example/jwks",
    "pushed_authorization_request_endpoint": "https://op.example/par",
    "require_pushed_authorization_requests": True,
    "registration_endpoint": "https://op.example/register",
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
    "dpop_signing_alg_values_supported": ["ES256"],
    "authorization_response_iss_parameter_supported": True,
}


def metadata(**changes: Any) -> ProviderMetadata:
    members = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return ProviderMetadata(tuple(members.items()), 1)


def met(standard: Standard, what: str, **changes: Any) -> Met:
    (found,) = [one for one in judged(standard, metadata(**changes)) if one.demand.what == what]
    return found.met


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_a_server_that_does_all_meets_each_standard(standard: Standard) -> None:
    assert {one.met for one in judged(standard, metadata())} == {Met.OK}


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_every_clause_is_of_a_document_that_is_known(standard: Standard) -> None:
    cited = {one.section.document for one in standard.demands} | {one.section.document for one in standard.choices}
    assert cited <= set(documents())
    assert all(one.section.number for one in standard.demands)


@pytest.mark.parametrize(
    ("standard", "what", "changes", "expected"),
    [
        (OAUTH21, "PKCE with S256", {"code_challenge_methods_supported": ["plain"]}, Met.LACKS),
        (OAUTH21, "PKCE with S256", {"code_challenge_methods_supported": None}, Met.UNTOLD),
        (OAUTH21, "no tokens by the browser", {"response_types_supported": ["code", "id_token token"]}, Met.LACKS),
        (OAUTH21, "no tokens by the browser", {"response_types_supported": ["code", "id_token", "code id_token"]}, Met.OK),
        (OAUTH21, "neither password nor implicit grant", {"grant_types_supported": ["password"]}, Met.LACKS),
        (OAUTH21, "neither password nor implicit grant", {"grant_types_supported": None}, Met.UNTOLD),
        (FAPI2, "neither password nor implicit grant", {"grant_types_supported": ["password"]}, Met.LACKS),
        (OAUTH21, "TLS", {"token_endpoint": "http://op.example/token"}, Met.LACKS),
        (OAUTH21, "TLS", {"token_endpoint": "http://127.0.0.1:9000/token"}, Met.UNTOLD),
        (OAUTH21, "`iss` against mix-up", {"authorization_response_iss_parameter_supported": False}, Met.LACKS),
        (FAPI2, "tokens bound to their sender", {"dpop_signing_alg_values_supported": None}, Met.LACKS),
        (
            FAPI2,
            "tokens bound to their sender",
            {"dpop_signing_alg_values_supported": None, "tls_client_certificate_bound_access_tokens": True},
            Met.OK,
        ),
        (FAPI2, "private_key_jwt or mutual TLS", {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}, Met.LACKS),
        (FAPI2, "private_key_jwt or mutual TLS", {"token_endpoint_auth_methods_supported": ["tls_client_auth"]}, Met.OK),
        (FAPI2, "pushed authorization requests", {"pushed_authorization_request_endpoint": None}, Met.LACKS),
        (FAPI2, "takes no other requests", {"require_pushed_authorization_requests": False}, Met.UNTOLD),
        (FAPI2, "`iss` in the answer", {"authorization_response_iss_parameter_supported": None}, Met.LACKS),
        (FAPI2, "assertions signed by PS256, ES256 or EdDSA", {"token_endpoint_auth_signing_alg_values_supported": ["RS256"]}, Met.LACKS),
        (MCP, "PKCE with S256, announced", {"code_challenge_methods_supported": None}, Met.LACKS),
        (MCP, "clients that nobody registered by hand", {"registration_endpoint": None}, Met.LACKS),
        (NATIVE, "public clients", {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}, Met.LACKS),
        (NATIVE, "the code grant", {"response_types_supported": ["token"]}, Met.LACKS),
    ],
)
def test_what_the_metadata_tells(standard: Standard, what: str, changes: dict[str, Any], expected: Met) -> None:
    assert met(standard, what, **changes) is expected


def test_what_a_server_should_do_is_not_lacking() -> None:
    found = judged(OAUTH21, metadata(authorization_response_iss_parameter_supported=False))
    assert lacking(found) == ()


def test_a_server_of_several_profiles_may_offer_other_clients_what_fapi_refuses() -> None:
    found = judged(FAPI2, metadata(grant_types_supported=["authorization_code", "implicit"]))
    assert (Met.LACKS in {one.met for one in found}, lacking(found)) == (True, ())


def test_endpoints_that_were_given_by_hand_are_no_metadata_document() -> None:
    found = judged(FAPI2, ProviderMetadata(tuple(GOOD.items()), None))
    assert [one.demand.what for one in lacking(found)] == ["metadata document"]
