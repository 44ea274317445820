from __future__ import annotations

import json
from pathlib import Path

import pytest

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import generate
from tests.cli.specs import read_client


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [generate("ES256").with_(use="enc", alg="ECDH-ES").as_dict()]}))
    return str(path)


def test_a_client_says_how_it_wants_its_answers(keys: str) -> None:
    wishes = (
        "id_token_encrypted_response_alg=ECDH-ES,userinfo_signed_response_alg=ES256,authorization_signed_response_alg=ES256,"
        "request_object_signing_alg=ES256,require_signed_request_object=true,access_token_format=opaque,"
        "backchannel_client_notification_endpoint=http://127.0.0.1:8400/ciba,"
        "id_token_encrypted_response_enc=A256GCM,token_endpoint_auth_signing_alg=ES256,request_object_encryption_alg=ECDH-ES"
    )
    client = read_client(f"id=shop,keys-file={keys},{wishes}", {})
    assert (client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc) == ("ECDH-ES", "A256GCM")
    assert client.token_endpoint_auth_signing_alg == "ES256"
    assert (client.userinfo_signed_response_alg, client.authorization_signed_response_alg) == ("ES256", "ES256")
    assert (client.request_object_signing_alg, client.requires_signed_request) == ("ES256", True)
    assert client.notification_endpoint == "http://127.0.0.1:8400/ciba"
    assert (client.id_token_signed_response_alg, client.access_token_format) == ("RS256", "opaque")


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ("id_token_signed_response_alg=none", "which the provider does not do"),
        ("id_token_encrypted_response_alg=RSA1_5", "which the provider does not do"),
        ("id_token_encrypted_response_enc=A256GCM", "has `id_token_encrypted_response_enc` alone"),
        ("request_object_encryption_enc=A256", "which the provider does not do"),
        ("token_endpoint_auth_signing_alg=none", "which the provider does not do"),
        ("require_signed_request_object=perhaps", "which the provider does not do"),
        ("access_token_format=saml", "which the provider does not do"),
        ("backchannel_client_notification_endpoint=http://app.example/ciba", "neither https nor http on this machine"),
        ("userinfo_encrypted_response_alg=ECDH-ES", "which has no keys"),
        ("backchannel_token_delivery_mode=ping", "no endpoint to be told at"),
        ("backchannel_token_delivery_mode=push", "which the provider does not do"),
    ],
)
def test_what_can_not_be_done_is_refused(wish: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_client(f"id=shop,{wish}", {})


@pytest.mark.parametrize(
    ("mode", "is_told"), [("", True), (",backchannel_token_delivery_mode=ping", True), (",backchannel_token_delivery_mode=poll", False)]
)
def test_a_client_is_told_of_decisions_where_it_wants_to_be(mode: str, is_told: bool) -> None:
    """OpenID Connect CIBA Core 1.0 section 4."""
    endpoint = "http://127.0.0.1:8400/ciba"
    client = read_client(
        f"id=till,secret-env=TILL,grant=ciba,backchannel_client_notification_endpoint={endpoint}{mode}", {"TILL": "s" * 32}
    )
    assert client.notification_endpoint == (endpoint if is_told else "")
