from __future__ import annotations

from oauthctl.views.key_table import key_table

RSA = {"kid": "r1", "kty": "RSA", "use": "sig", "alg": "RS256", "n": "A" * 342, "e": "AQAB"}
EC = {"kid": "e1", "kty": "EC", "crv": "P-256", "key_ops": ["verify"], "x": "x", "y": "y"}


def test_keys_are_rows_with_what_tells_them_apart() -> None:
    head, *rows = key_table("keys", [RSA, EC])
    assert head == ("kid", "kty", "use", "alg", "crv", "key_ops", "size")
    assert rows == [("r1", "RSA", "sig", "RS256", "", "", "2048 bits"), ("e1", "EC", "", "", "P-256", "verify", "")]


def test_what_is_no_key_set_is_no_table() -> None:
    assert key_table("other", [RSA]) == ()
    assert key_table("keys", []) == ()
    assert key_table("keys", ["x"]) == ()
    assert key_table("keys", [{"kid": "no type"}]) == ()
