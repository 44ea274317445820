from __future__ import annotations

import json

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Params
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.request_object import SECONDS, request_claims, request_object
from tests.played import BEGAN

RFC9101_SECTION_4 = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsyYmRjIn0.ewogICAgImlzcyI6ICJzNkJoZF"
    "JrcXQzIiwKICAgICJhdWQiOiAiaHR0cHM6Ly9zZXJ2ZXIuZXhhbXBsZS5jb20iLAog"
    "ICAgInJlc3BvbnNlX3R5cGUiOiAiY29kZSBpZF90b2tlbiIsCiAgICAiY2xpZW50X2"
    "lkIjogInM2QmhkUmtxdDMiLAogICAgInJlZGlyZWN0X3VyaSI6ICJodHRwczovL2Ns"
    "aWVudC5leGFtcGxlLm9yZy9jYiIsCiAgICAic2NvcGUiOiAib3BlbmlkIiwKICAgIC"
    "JzdGF0ZSI6ICJhZjBpZmpzbGRraiIsCiAgICAibm9uY2UiOiAibi0wUzZfV3pBMk1q"
    "IiwKICAgICJtYXhfYWdlIjogODY0MDAKfQ.Nsxa_18VUElVaPjqW_ToI1yrEJ67BgK"
    "b5xsuZRVqzGkfKrOIX7BCx0biSxYGmjK9KJPctH1OC0iQJwXu5YVY-vnW0_PLJb1C2"
    "HG-ztVzcnKZC2gE4i0vgQcpkUOCpW3SEYXnyWnKzuKzqSb1wAZALo5f89B_p6QA6j6"
    "JwBSRvdVsDPdulW8lKxGTbH82czCaQ50rLAg3EYLYaCb4ik4I1zGXE4fvim9FIMs8O"
    "CMmzwIB5S-ujFfzwFjoyuPEV4hJnoVUmXR_W9typPf846lGwA8h9G9oNTIuX8Ft2jf"
    "pnZdFmLg3_wr3Wa5q3a-lfbgF3S9H_8nN3j1i7tLR_5Nz-g"
)
RFC9101_SECTION_4_KEY = Jwk.from_dict(
    {
        "kty": "RSA",
        "kid": "k2bdc",
        "n": "x5RbkAZkmpRxia65qRQ1wwSMSxQUnS7gcpVTV_cdHmfmG2ltd2yabEO9XadD8"
        "pJNZubINPpmgHh3J1aD9WRwS05ucmFq3CfFsluLt13_7oX5yDRSKX7poXmT_5"
        "ko8k4NJZPMAO8fPToDTH7kHYbONSE2FYa5GZ60CUsFhSonI-dcMDJ0Ary9lxI"
        "w5k2z4TAdARVWcS7sD07VhlMMshrwsPHBQgTatlkxyIHXbYdtak8fqvNAwr7O"
        "lVEvM_Ipf5OfmdB8Sd-wjzaBsyP4VhJKoi_qdgSzpC694XZeYPq45Sw-q51iF"
        "UlcOlTCI7z6jltUtnR6ySn6XDGFnzH5Fe5ypw",
        "e": "AQAB",
    }
)
ASKED = Params(
    (
        ("response_type", "code id_token"),
        ("client_id", "s6BhdRkqt3"),
        ("redirect_uri", "https://client.example.org/cb"),
        ("scope", "openid"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("max_age", "86400"),
    )
)


def made(params: Params) -> dict[str, object]:
    return request_claims(params, client_id="s6BhdRkqt3", audience="https://server.example.com", now=BEGAN, jti="once")


def test_the_example_of_rfc9101_section_4_verifies_with_its_key() -> None:
    token = take_apart(RFC9101_SECTION_4)
    assert check_signature(token, (RFC9101_SECTION_4_KEY,), allowed_algs=("RS256",)).outcome is Outcome.PASS


def test_the_same_parameters_make_the_claims_of_that_example() -> None:
    claims = made(ASKED)
    example = take_apart(RFC9101_SECTION_4).claims or {}
    assert {name: claims[name] for name in example} == example
    assert claims.keys() - example.keys() == {"iat", "nbf", "exp", "jti"}
    assert claims["exp"] == int(BEGAN.timestamp()) + SECONDS


@pytest.mark.parametrize(
    ("params", "claims"),
    [
        ((("claims", '{"id_token": {"email": null}}'),), {"claims": {"id_token": {"email": None}}}),
        ((("authorization_details", '[{"type": "a"}]'),), {"authorization_details": [{"type": "a"}]}),
        ((("authorization_details", "{broken"),), {"authorization_details": "{broken"}),
        ((("resource", "https://a.example"),), {"resource": "https://a.example"}),
        ((("resource", "https://a.example"), ("resource", "https://b.example")), {"resource": ["https://a.example", "https://b.example"]}),
        ((("max_age", "soon"),), {"max_age": "soon"}),
        ((("login_hint", "123"),), {"login_hint": "123"}),
    ],
)
def test_values_keep_their_kind(params: tuple[tuple[str, str], ...], claims: dict[str, object]) -> None:
    found = made(Params(params))
    assert {name: found[name] for name in claims} == claims
    assert json.dumps(found)


def test_a_request_object_holds_no_other() -> None:
    assert not made(Params((("request", "ey"), ("request_uri", "urn:x")))).keys() & {"request", "request_uri"}


def test_it_has_its_own_type_and_may_be_unsigned() -> None:
    key = generate("ES256")
    assert take_apart(request_object(made(ASKED), key)).typ == "oauth-authz-req+jwt"
    assert take_apart(request_object(made(ASKED), None)).kind is Kind.UNSECURED
