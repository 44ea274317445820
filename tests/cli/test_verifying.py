"""Which tokens of a text are checked, and as what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.cli.trusted_keys import Keys, Trust
from oauthctl.cli.verifying import judged, kind_of, selected
from oauthctl.findings import Outcome
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import Found, take_apart
from oauthctl.jose.sign import sign, unsecured


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


def test_keys_that_anybody_could_have_replaced_leave_the_signature_unclear() -> None:
    key, other = generate("ES256").with_(kid="k1"), generate("ES256").with_(kid="k1")
    token, now = take_apart(sign({"sub": "alice"}, key)), datetime(2026, 1, 1, tzinfo=UTC)

    def signature(keys: Keys) -> tuple[Outcome, str]:
        verdict = judged(token, keys, trust=Trust(), now=now)[0]
        return verdict.outcome, verdict.why

    doubtful = "the keys came over plain http"
    public = (key.public(),)
    assert signature(Keys(fetched=public))[0] is Outcome.PASS
    assert signature(Keys(fetched=public, doubt=doubtful)) == (
        Outcome.UNCLEAR,
        f"made by key `k1` with `ES256`, but {doubtful}: give them as a file with `--jwks FILE`",
    )
    assert signature(Keys(given=public, fetched=public, doubt=doubtful))[0] is Outcome.PASS
    assert signature(Keys(fetched=(other.public(),), doubt=doubtful))[0] is Outcome.FAIL
