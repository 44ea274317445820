from __future__ import annotations

from base64 import standard_b64encode, urlsafe_b64decode
from typing import Any

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.record.facts.key import flaws_of, key_clues

OWN = generate("RS256").with_(kid="own", alg="RS256", use="sig")
OTHER = generate("RS256").with_(kid="other", alg="RS256", use="sig")
CURVE = generate("ES256").with_(kid="curve", alg="ES256", use="sig")
CLAIMS = {"iss": "https://idp.example.com"}
NAMED = take_apart(sign(CLAIMS, OWN, alg="RS256", header={"kid": "own"}))
UNNAMED = take_apart(sign(CLAIMS, Jwk(tuple(pair for pair in OWN.members if pair[0] != "kid")), alg="RS256"))


def _published(**members: Any) -> Jwk:
    return OWN.public().with_(**members)


def test_a_token_without_kid_is_told_how_many_keys_fit() -> None:
    assert key_clues(UNNAMED, (OWN.public(), OTHER.public(), CURVE.public())) == {
        "keys_to_choose": 2,
        "key_types": ["EC P-256", "RSA"],
    }
    assert "keys_to_choose" not in key_clues(UNNAMED, (OWN.public(), CURVE.public()))


def test_keys_of_one_name_are_counted_when_they_differ() -> None:
    assert key_clues(NAMED, (OWN.public(), OTHER.public().with_(kid="own"))) == {"keys_named": 2}
    assert key_clues(NAMED, (OWN.public(), OWN.public())) == {}


@pytest.mark.parametrize(
    ("key", "flaws"),
    [
        (_published(), ()),
        (_published(n=urlsafe_b64decode(OWN.as_dict()["n"] + "==").hex()), ("n-hex",)),
        (_published(n=standard_b64encode(urlsafe_b64decode(OWN.as_dict()["n"] + "==")).decode()), ("n-base64",)),
        (_published(key_ops=["sign"]), ("key-ops",)),
        (_published(key_ops=["verify"]), ()),
        (_published(use=""), ("no-use",)),
        (_published(x5c=["no certificate"]), ()),
    ],
)
def test_what_is_odd_about_a_key_is_told(key: Jwk, flaws: tuple[str, ...]) -> None:
    assert flaws_of(key) == flaws
