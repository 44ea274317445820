"""Finding the keys of an issuer, and whom a stranger's word may make us ask."""

from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.issuer_keys import issuer_keys, named_keys
from tests.played import play, response

KEY = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "k1"}


def metadata(issuer: str, jwks_uri: str | None) -> dict[str, str]:
    known = {"issuer": issuer, "token_endpoint": f"{issuer}/t", "authorization_endpoint": f"{issuer}/a"}
    return known | ({"jwks_uri": jwks_uri} if jwks_uri else {})


def test_metadata_then_keys() -> None:
    answers = [response(200, metadata("https://op.example", "https://keys.example/jwks")), response(200, {"keys": [KEY]})]
    played = play(issuer_keys("https://op.example", is_trusted=False), answers)
    assert [key.kid for key in played.result.keys] == ["k1"]
    assert played.requests[-1].url == "https://keys.example/jwks"


@pytest.mark.parametrize(
    "issuer", ["http://op.example", "file:///etc/passwd", "ftp://x", "op.example", "joe", "", "http://127.0.0.1.example"]
)
def test_a_strangers_issuer_is_asked_over_https_or_on_this_machine_alone(issuer: str) -> None:
    played = play(issuer_keys(issuer, is_trusted=False), [])
    assert isinstance(played.error, ConfigError)
    assert (played.error.slug, played.requests) == ("issuer-not-asked", [])


@pytest.mark.parametrize(
    "jwks_uri", ["http://keys.example/jwks", "http://127.0.0.1:8500/v1/kv", "https://localhost/x", "file:///etc/passwd"]
)
def test_a_strangers_metadata_cannot_send_us_elsewhere(jwks_uri: str) -> None:
    played = play(issuer_keys("https://op.example", is_trusted=False), [response(200, metadata("https://op.example", jwks_uri))])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == ("jwks-uri-not-asked" if jwks_uri.startswith("http") else "endpoint-unusable")
    assert len(played.requests) == 1


@pytest.mark.parametrize(
    ("issuer", "jwks_uri"), [("http://op.internal", "http://op.internal/jwks"), ("http://127.0.0.1:1", "http://localhost:2/k")]
)
def test_a_named_issuer_and_one_of_this_machine_may(issuer: str, jwks_uri: str) -> None:
    answers = [response(200, metadata(issuer, jwks_uri)), response(200, {"keys": [KEY]})]
    found = play(issuer_keys(issuer, is_trusted="internal" in issuer), answers).result
    assert found.jwks_uri == jwks_uri
    assert bool(found.doubt) is ("internal" in issuer)


def test_keys_prove_nothing_where_the_way_to_them_was_plain_http() -> None:
    for issuer, jwks_uri in (("http://op.internal", "https://op.internal/jwks"), ("https://op.example", "http://op.example/jwks")):
        answers = [response(200, metadata(issuer, jwks_uri)), response(200, {"keys": [KEY]})]
        assert "came over plain http" in play(issuer_keys(issuer, is_trusted=True), answers).result.doubt
    assert "`http://op.example/jwks`" in play(named_keys("http://op.example/jwks"), [response(200, {"keys": [KEY]})]).result.doubt
    assert not play(named_keys("https://op.example/jwks"), [response(200, {"keys": [KEY]})]).result.doubt


def test_a_key_set_with_two_lists_of_keys_is_remarked() -> None:
    body = '{"keys":[],"keys":[{"kty":"EC","kid":"k1"}]}'
    found = play(named_keys("https://op.example/jwks"), [response(200, body)]).result
    assert [key.kid for key in found.keys] == ["k1"]
    assert found.remarks == ("the key set has the member `keys` 2 times; the last one was used",)


@pytest.mark.parametrize("jwks_uri", ["file:///etc/passwd", "ftp://x", ["https://op.example/jwks"], {}])
def test_keys_are_asked_for_over_http_alone(jwks_uri: object) -> None:
    document = metadata("https://op.example", None) | {"jwks_uri": jwks_uri}
    played = play(issuer_keys("https://op.example", is_trusted=True), [response(200, document)])
    assert isinstance(played.error, BadAnswer)
    assert played.error.message == "`jwks_uri` is no http or https URL"


def test_metadata_without_keys_is_told() -> None:
    played = play(issuer_keys("https://op.example", is_trusted=True), [response(200, metadata("https://op.example", None))])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == "no-jwks-uri"
