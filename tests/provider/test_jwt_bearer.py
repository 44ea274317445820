"""Assertions in exchange for tokens, at the provider."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import JWT_BEARER
from tests.provider.world import ISSUER, SECRET, World, practice_state, with_client

IDP = "https://idp.example"
IDP_KEY: Jwk = generate("ES256").with_(kid="idp")
OWN_KEY: Jwk = generate("ES256").with_(kid="own")


def world(**changes: Any) -> World:
    """A provider that trusts an identity provider, and a client that signs assertions itself."""
    state = replace(practice_state(), trusted_issuers={IDP: (IDP_KEY.public(),)})
    own: dict[str, Any] = {"keys": (OWN_KEY.public(),), "grant_types": (JWT_BEARER,), "scopes": ("openid", "items.read", "photos.read")}
    return World(with_client(state, "robot", **(own | changes)))


def assertion(there: World, key: Jwk, *, typ: str = "JWT", **changes: Any) -> str:
    now = int(there.now.timestamp())
    issuer = IDP if key is IDP_KEY else "robot"
    own = {"iss": issuer, "sub": "alice", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": f"jti-{there.count}"}
    return sign({name: value for name, value in (own | changes).items() if value is not None}, key, header={"typ": typ})


def redeem(there: World, token: str, *, secret: str = "", client_id: str = "web", **more: str | None) -> dict[str, Any]:
    form: dict[str, str | None] = {"grant_type": JWT_BEARER, "assertion": token, **more}
    document: dict[str, Any] = json.loads(there.token_request(form, client_id=client_id, secret=secret).body)
    return document


def claims(document: dict[str, Any]) -> dict[str, Any]:
    return dict(take_apart(document["access_token"]).claims or {})


def test_a_client_gets_its_own_token_by_its_signature_alone() -> None:
    """RFC 7523 section 2.1: neither a name nor another proof beside the assertion."""
    there = world()
    answer = redeem(there, assertion(there, OWN_KEY, sub="robot"), scope="items.read")
    assert (claims(answer)["sub"], claims(answer)["client_id"], answer["token_type"]) == ("robot", "robot", "Bearer")
    assert "refresh_token" not in answer
    assert there.get("/api/items", Authorization=f"Bearer {answer['access_token']}").status == 200


def test_a_client_speaks_for_people_only_where_that_is_granted() -> None:
    there = world()
    refused = redeem(there, assertion(there, OWN_KEY))
    assert refused["error"] == "unauthorized_client"
    there = world(speaks_for_users=True)
    assert claims(redeem(there, assertion(there, OWN_KEY)))["sub"] == "alice"


def test_an_issuer_that_is_trusted_speaks_for_people_to_any_client() -> None:
    there = world()
    answer = redeem(there, assertion(there, IDP_KEY), secret=SECRET, scope="items.read")
    assert (claims(answer)["sub"], claims(answer)["client_id"]) == ("alice", "web")


def test_no_refresh_token_comes_of_an_assertion_whoever_the_client_is() -> None:
    """RFC 7521 section 4.1: the assertion is what brings the next access token."""
    grants = (JWT_BEARER, "refresh_token")
    there = world(grant_types=grants, speaks_for_users=True, always_gets_refresh_token=True)
    answer = redeem(there, assertion(there, OWN_KEY), scope="items.read")
    assert (claims(answer)["sub"], "refresh_token" in answer) == ("alice", False)


def test_an_id_jag_brings_scope_and_resource_along() -> None:
    """draft-ietf-oauth-identity-assertion-authz-grant."""
    there = world()
    jag = {"typ": "oauth-id-jag+jwt", "client_id": "web", "scope": "items.read", "resource": f"{ISSUER}/api/items"}
    answer = redeem(there, assertion(there, IDP_KEY, **jag), secret=SECRET)
    assert (answer["scope"], claims(answer)["aud"]) == ("items.read", f"{ISSUER}/api/items")
    wider = redeem(there, assertion(there, IDP_KEY, **jag), secret=SECRET, scope="items.read items.write")
    assert wider["error"] == "invalid_scope"
    elsewhere = redeem(there, assertion(there, IDP_KEY, **jag), secret=SECRET, resource=f"{ISSUER}/api/photos")
    assert elsewhere["error"] == "invalid_target"


def test_a_chained_assertion_that_has_scopes_opens_no_others() -> None:
    """draft-ietf-oauth-identity-chaining: what was allowed in the one domain is kept in the other."""
    there = world()
    token = assertion(there, IDP_KEY, scope="items.read")
    assert redeem(there, token, secret=SECRET, scope="items.write")["error"] == "invalid_scope"
    assert redeem(there, assertion(there, IDP_KEY, scope="items.read"), secret=SECRET)["scope"] == "items.read"


@pytest.mark.parametrize("odd", [{"resource": 1}, {"resource": {}}, {"resource": [None, 2]}, {"scope": 7}, {"scope": []}, {"act": "x"}])
def test_odd_members_of_an_assertion_do_no_harm(odd: dict[str, Any]) -> None:
    there = world()
    answer = redeem(there, assertion(there, IDP_KEY, typ="oauth-id-jag+jwt", **{"client_id": "web", **odd}), secret=SECRET)
    assert answer.get("error", "invalid_scope") == "invalid_scope"


@pytest.mark.parametrize("client_id", [None, "service"])
def test_an_id_jag_of_another_client_is_refused(client_id: str | None) -> None:
    there = world()
    answer = redeem(there, assertion(there, IDP_KEY, typ="oauth-id-jag+jwt", client_id=client_id), secret=SECRET)
    assert (answer["error"], "another client" in answer["error_description"]) == ("invalid_grant", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"jti": None}, "jti"),
        ({"jti": 5}, "jti"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"aud": f"{ISSUER}/token"}, "nobody else"),
        ({"aud": [ISSUER, "https://elsewhere.example"]}, "nobody else"),
        ({"aud": [ISSUER, 5]}, "nobody else"),
    ],
)
def test_an_id_jag_has_all_that_its_draft_requires(changes: dict[str, Any], words: str) -> None:
    there = world()
    good: dict[str, Any] = {"typ": "oauth-id-jag+jwt", "client_id": "web", "scope": "items.read"}
    refused = redeem(there, assertion(there, IDP_KEY, **(good | changes)), secret=SECRET)
    assert (refused["error"], words in refused["error_description"]) == ("invalid_grant", True)
    assert "access_token" in redeem(there, assertion(there, IDP_KEY, **good), secret=SECRET)


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "dpop+jwt", "oauth-authz-req+jwt", "client-authentication+jwt"])
def test_a_jwt_of_another_kind_is_no_assertion(typ: str) -> None:
    there = world()
    answer = redeem(there, assertion(there, IDP_KEY, typ=typ), secret=SECRET)
    assert (answer["error"], "another kind" in answer["error_description"]) == ("invalid_grant", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://stranger.example"}, "not trusted"),
        ({"aud": "https://elsewhere.example"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no exp"),
        ({"exp": 4102444800}, "more than 3600"),
        ({"iat": 4102444800}, "future"),
        ({"nbf": "x"}, "nbf of the assertion does not count seconds"),
        ({"iat": [1]}, "iat of the assertion does not count seconds"),
        ({"jti": [1]}, "jti of the assertion is no string"),
        ({"typ": 5}, "typ of the assertion is no string"),
        ({"sub": None}, "no sub"),
        ({"sub": "mallory"}, "nobody who is known"),
    ],
)
def test_what_is_wrong_with_an_assertion_is_said(changes: dict[str, Any], words: str) -> None:
    there = world()
    answer = redeem(there, assertion(there, IDP_KEY, **changes), secret=SECRET)
    assert answer["error"] == "invalid_grant"
    assert words in answer["error_description"]


def test_an_assertion_with_a_number_works_once() -> None:
    there = world()
    token = assertion(there, IDP_KEY)
    assert "access_token" in redeem(there, token, secret=SECRET)
    assert "used before" in redeem(there, token, secret=SECRET)["error_description"]
    bare = assertion(there, IDP_KEY, jti=None)
    assert "access_token" in redeem(there, bare, secret=SECRET)


@pytest.mark.parametrize("token", ["no-jwt", "e30.e30.", "a.b.c"])
def test_what_is_no_assertion_is_refused(token: str) -> None:
    assert redeem(world(), token, secret=SECRET)["error"] == "invalid_grant"


def test_a_missing_assertion_is_a_fault_of_the_request() -> None:
    there = world()
    assert redeem(there, "", secret=SECRET, assertion=None)["error"] == "invalid_request"


def test_a_forged_assertion_proves_no_client() -> None:
    there = world()
    forged = sign(dict(take_apart(assertion(there, OWN_KEY, sub="robot")).claims or {}), generate("ES256").with_(kid="own"))
    answer = redeem(there, forged)
    assert (answer["error"], "signature" in answer["error_description"]) == ("invalid_grant", True)
    unsigned = assertion(there, OWN_KEY, sub="robot").rpartition(".")[0] + "."
    assert redeem(there, unsigned)["error"] == "invalid_grant"


def test_a_client_with_a_secret_is_not_taken_at_its_issuers_word() -> None:
    """An assertion of a trusted issuer proves the person, not the client."""
    there = world()
    assert redeem(there, assertion(there, IDP_KEY), client_id="web", secret="")["error"] == "invalid_client"
    form: dict[str, str | None] = {"grant_type": JWT_BEARER, "assertion": assertion(there, OWN_KEY, sub="robot"), "client_id": "web"}
    assert json.loads(there.token_request(form).body)["error"] == "invalid_client"
