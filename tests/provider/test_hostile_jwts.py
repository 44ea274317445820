"""Whatever a signed JWT says, its header or its claims: it is answered."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings

from oauthctl.http import JSON, Headers, Response
from oauthctl.jose.algorithms import sign_bytes
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.client_assertion import ASSERTION_TYPE, secret_key
from oauthctl.messages.token_exchange import JWT_BEARER, TOKEN_EXCHANGE, token_type_uri
from oauthctl.provider.client_references import KEYS, SECTOR, fetched
from oauthctl.provider.moment import Moment
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from tests.provider.test_hostile_json import AS_SERVICE, objects
from tests.provider.world import CALLBACK, ISSUER, SECRET, START, VERIFIER, World, keys, practice_state, with_client

IDP, IDP_KEY = "https://idp.example", generate("ES256").with_(kid="idp")
SHARED = "a secret of thirty-two bytes, or more"
NOW = int(START.timestamp())
OWN = keys()[0]


@cache
def known() -> World:
    state = replace(practice_state(), trusted_issuers={IDP: (IDP_KEY.public(),)}, takes_registrations=True)
    proof = {"secret": SHARED, "auth_methods": ("client_secret_jwt",), "grant_types": ("client_credentials",)}
    there = World(with_client(state, "sharer", **proof))
    there.code()
    return there


def packed(text: str, key: Jwk, *, alg: str, header: str = "{}") -> str:
    """A JWT with these claims, whatever they are, and these members of the header besides."""

    def part(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    head = json.dumps({"alg": alg})[:-1] + (f", {header[1:]}" if header != "{}" else "}")
    signed = f"{part(head.encode())}.{part(text.encode())}"
    return f"{signed}.{part(sign_bytes(alg, key.as_dict(), signed.encode()))}"


def _client(there: World, text: str) -> Response:
    assertion = packed(text, secret_key(SHARED), alg="HS256")
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return there.post("/token", {**form, "client_id": "sharer"})


def _bearer(there: World, text: str) -> Response:
    return there.post("/token", {"grant_type": JWT_BEARER, "assertion": packed(text, IDP_KEY, alg="ES256"), **AS_SERVICE})


def _subject(there: World, text: str) -> Response:
    form = {"grant_type": TOKEN_EXCHANGE, "subject_token": packed(text, IDP_KEY, alg="ES256"), "subject_token_type": token_type_uri("jwt")}
    return there.post("/token", {**form, **AS_SERVICE})


def _proof(there: World, text: str) -> Response:
    header = json.dumps({"typ": "dpop+jwt", "jwk": IDP_KEY.public().as_dict()})
    form = {"grant_type": "client_credentials", **AS_SERVICE}
    return there.post("/token", form, DPoP=packed(text, IDP_KEY, alg="ES256", header=header))


def _proof_header(there: World, text: str) -> Response:
    claims = json.dumps({"htm": "POST", "htu": f"{ISSUER}/token", "iat": NOW, "jti": "x"})
    form = {"grant_type": "client_credentials", **AS_SERVICE}
    return there.post(
        "/token", form, DPoP=packed(claims, IDP_KEY, alg="ES256", header=text if text.startswith("{") and text != "{}" else "{}")
    )


def _hint(there: World, text: str) -> Response:
    return there.ask(id_token_hint=packed(text, OWN, alg="RS256"))


def _logout_hint(there: World, text: str) -> Response:
    return there.get(f"/end_session?id_token_hint={packed(text, OWN, alg='RS256')}")


def _access(there: World, text: str) -> Response:
    token = packed(text, OWN, alg="RS256", header='{"typ":"at+jwt"}')
    answers = [there.get(path, Authorization=f"Bearer {token}") for path in ("/api/items", "/api/safe", "/api/transfers", "/userinfo")]
    return max(answers, key=lambda answer: answer.status)


def _fetched(there: World, text: str) -> Response:
    answer = Response(200, Headers.of({"Content-Type": JSON}), text.encode())
    there.state = with_client(there.state, "public", jwks_uri="https://app.example/x")
    there.state = fetched(there.state, "https://app.example/x", answer, Moment(START, bytes(32)))
    wishes = [{KEYS: "https://app.example/x"}, {SECTOR: "https://app.example/x"}]
    bodies = [json.dumps({"redirect_uris": [CALLBACK], **wish}).encode() for wish in wishes]
    answers = [there.send("POST", "/register", headers={"Content-Type": JSON}, body=body) for body in bodies]
    return max(answers, key=lambda answer: answer.status)


def _token_request(there: World, text: str) -> Response:
    dressed = World(wear(practice_state(), persona_named("atlassian")))
    return dressed.send("POST", "/oauth/token", headers={"Content-Type": JSON}, body=text.encode())


ABOUT = {"iss": f'"{IDP}"', "sub": '"alice"', "aud": f'"{ISSUER}"', "exp": f"{NOW + 60}", "iat": f"{NOW}", "jti": '"x"'}
REDEEMED = {"grant_type": '"authorization_code"', "code": '"x"', "redirect_uri": f'"{CALLBACK}"', "code_verifier": f'"{VERIFIER}"'}
WAYS: dict[str, tuple[Callable[[World, str], Response], dict[str, str]]] = {
    "client": (_client, {**ABOUT, "iss": '"sharer"', "sub": '"sharer"'}),
    "bearer": (_bearer, ABOUT),
    "subject": (_subject, ABOUT),
    "proof": (_proof, {"htm": '"POST"', "htu": f'"{ISSUER}/token"', "iat": f"{NOW}", "jti": '"x"'}),
    "proof header": (_proof_header, {"typ": '"dpop+jwt"', "jwk": json.dumps(IDP_KEY.public().as_dict())}),
    "hint": (_hint, {**ABOUT, "iss": f'"{ISSUER}"', "aud": '"public"'}),
    "logout hint": (_logout_hint, {**ABOUT, "iss": f'"{ISSUER}"', "aud": '"public"'}),
    "access": (_access, {**ABOUT, "iss": f'"{ISSUER}"', "scope": '"openid items.read"'}),
    "fetched": (_fetched, {"keys": "[]"}),
    "token request": (_token_request, {**REDEEMED, "client_id": '"web"', "client_secret": json.dumps(SECRET)}),
}


@pytest.mark.parametrize("way", WAYS)
def test_any_claims_are_answered(way: str) -> None:
    send, members = WAYS[way]

    @given(objects(**members))
    @settings(max_examples=40, deadline=None)
    def answered(text: str) -> None:
        there = World(known().state)
        there.cookies = dict(known().cookies)
        assert send(there, text).status < 500

    answered()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", ["5", "[]", "[5]", "{}", "1e300", "-1", "true", "null", '"\\ud800"', "NaN", "9" * 390])
def test_any_claim_may_be_of_any_kind(way: str, odd: str) -> None:
    send, members = WAYS[way]
    for name in (*members, *("act", "acr", "auth_time", "cnf", "client_id", "nonce", "nbf", "ath", "sid", "x5c")):
        there = World(known().state)
        there.cookies = dict(known().cookies)
        text = "{" + ",".join(f'"{one}":{value}' for one, value in {**members, name: odd}.items()) + "}"
        assert send(there, text).status < 500, name
