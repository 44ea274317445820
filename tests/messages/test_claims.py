from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS
from oauthctl.messages.claims import Claims
from oauthctl.messages.jose_header import ALGORITHMS, JoseHeader
from oauthctl.messages.param import Message, fields_of


def test_claims_are_read_by_their_type() -> None:
    claims = Claims(
        fields_of({"iss": "https://op.example", "aud": "app", "exp": 1300819380, "email_verified": "true", "scope": "a b", "x": 1})
    )
    assert claims.aud == ("app",)
    assert claims.exp == datetime(2011, 3, 22, 18, 43, tzinfo=UTC)
    assert claims.email_verified is True
    assert claims.scope == ("a", "b")
    assert claims.unknown() == ("x",)


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "exp", "nonce", "at_hash", "email", "address", "cnf", "act", "roles", "events", "_sd", "htm"]
)
def test_the_claims_people_meet_are_known(name: str) -> None:
    assert name in Claims.params()


def test_the_header_knows_the_thumbprint_by_its_odd_name() -> None:
    assert JoseHeader(fields_of({"x5t#S256": "abc"})).x5t_s256 == "abc"


@pytest.mark.parametrize("message", [Claims, JoseHeader])
def test_every_parameter_has_a_meaning_and_a_document_that_can_be_read(message: type[Message]) -> None:
    for param in message.params().values():
        assert param.meaning
        assert not param.meaning.endswith(".")
        assert param.section.title
        assert param.section.url.startswith("https://")


def test_every_signature_algorithm_is_explained() -> None:
    assert set(SIGNATURE_ALGORITHMS) <= set(ALGORITHMS)
    assert all(meaning and section.title for meaning, section in ALGORITHMS.values())
