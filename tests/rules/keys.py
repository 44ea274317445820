"""Keys for the tokens in the rules' pages, made once per run."""

from __future__ import annotations

from oauthctl.jose.jwk import generate

TEST_KEYS = {
    "rsa-1": generate("RS256").with_(kid="rsa-1", alg="RS256", use="sig"),
    "rsa-2": generate("RS256").with_(kid="rsa-2", alg="RS256", use="sig"),
    "ec-1": generate("ES256").with_(kid="ec-1", alg="ES256", use="sig"),
    "ed-1": generate("EdDSA").with_(kid="ed-1", alg="EdDSA", use="sig"),
    "k1-1": generate("ES256K").with_(kid="k1-1", alg="ES256K", use="sig"),
}
TEST_KEYS["ps-1"] = TEST_KEYS["rsa-1"].with_(kid="ps-1", alg="PS256")
