"""Which tokens of a text are checked, and as what."""

from __future__ import annotations

import pytest

from oauthctl.cli.verifying import kind_of, selected
from oauthctl.jose.jwt import Found, take_apart
from oauthctl.jose.sign import unsecured


@pytest.mark.parametrize(
    ("claims", "header", "where", "expected"),
    [
        ({}, {"typ": "at+jwt"}, "bare token", "access"),
        ({"nonce": "n"}, {"typ": "at+jwt"}, "bare token", "access"),
        ({"nonce": "n"}, {}, "bare token", "id"),
        ({"at_hash": "h"}, {}, "bare token", "id"),
        ({}, {}, "id_token of a token response", "id"),
        ({"nonce": "n"}, {}, "Authorization header", "access"),
        ({}, {}, "Bearer token", "access"),
        ({"scope": "read"}, {}, "bare token", "access"),
        ({"scp": ["read"]}, {}, "cookie session", "access"),
        ({"sub": "alice"}, {}, "bare token", "jwt"),
    ],
)
def test_the_kind_of_a_token_shows(claims: dict[str, object], header: dict[str, object], where: str, expected: str) -> None:
    assert kind_of(take_apart(unsecured(claims, header=header)), where) == expected


def test_a_token_without_claims_is_some_jwt() -> None:
    assert kind_of(take_apart("opaque"), "opaque token") == "jwt"


ID, ACCESS, OPAQUE = (
    Found(unsecured({"sub": "i"}), "id_token of a token response"),
    Found(unsecured({"sub": "a"}), "access_token of a token response"),
    Found("opaque-0123", "access_token of a token response"),
)


@pytest.mark.parametrize(
    ("found", "kind", "expected"),
    [
        ((ACCESS, ID), "", (ACCESS, ID)),
        ((ACCESS, ID), "id", (ID,)),
        ((ID, ACCESS), "access", (ACCESS,)),
        ((OPAQUE, ID), "", (ID, OPAQUE)),
        ((OPAQUE, ID), "access", (OPAQUE,)),
        ((ACCESS,), "id", (ACCESS,)),
        ((OPAQUE,), "", (OPAQUE,)),
        ((), "", ()),
    ],
)
def test_the_tokens_of_the_wanted_kind_are_selected(found: tuple[Found, ...], kind: str, expected: tuple[Found, ...]) -> None:
    assert selected(found, kind) == expected
