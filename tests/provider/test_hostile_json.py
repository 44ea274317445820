"""Whatever JSON a client sends, and wherever: it is answered, and with JSON that everybody can read."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.http import JSON, Headers, Response
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.client_document import learned
from oauthctl.provider.client_metadata import MEMBERS
from oauthctl.provider.moment import Moment
from tests.provider.world import CALLBACK, CHALLENGE, SECRET, START, World, callback, practice_state, with_client

AS_SERVICE = {"client_id": "service", "client_secret": SECRET}
LEAVES = (
    "NaN", "-Infinity", "1e999", "9" * 500, "9" * 30, "-0", "1.5", "null", "true", '""', '"a"', '"\\ud800"', '"\\u0000\\u001b\\u202e"',
    '"items"', '"openid"', '"alice"', '"none"', '"https://app.example/cb"', "[" * 1000 + "]" * 1000, "[", "'a'",
)  # fmt: skip
NAMES = (
    "id_token", "userinfo", "acr", "sub", "name", "essential", "value", "values", "type", "actions", "locations", "keys", "kty", "x5c",
    "claims", "authorization_details", "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "max_age", "resource",
    "aud", "iss", "exp", "nbf", "jti", "faults", "\\udc00", *MEMBERS,
)  # fmt: skip


def _inside(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(st.sampled_from(NAMES), inner), max_size=4)
    return st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]") | members.map(
        lambda pairs: "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"
    )


def objects(**members: str) -> st.SearchStrategy[str]:
    """JSON texts of all kinds, objects with these members (their values are JSON) among them."""
    anything = st.recursive(st.sampled_from(LEAVES), _inside, max_leaves=6)
    several = st.dictionaries(st.sampled_from(NAMES), anything, max_size=3)
    known = several.map(lambda more: "{" + ",".join(f'"{name}":{value}' for name, value in {**members, **more}.items()) + "}")
    return anything | known | known.map("[{}]".format)


@cache
def signed_in() -> World:
    """Alice is there, and her clients may do anything, so that much comes to pass of what is asked."""
    state = practice_state(is_controllable=True)
    for name in ("public", "web"):
        state = with_client(state, name, is_trusted=True, request_object_signing_alg="none")
    there = World(state)
    there.code()
    return there


def _authorize(world: World, **asked: str) -> Response:
    answer = world.ask(client_id="web", **asked)
    assert answer.status in (200, 303, 400), answer.text
    code = callback(answer).get("code") if answer.status == 303 else None
    return world.redeem(code, client_id="web", secret=SECRET) if code else answer


def _as_request_object(world: World, text: str) -> Response:
    def part(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    return _authorize(world, request=f"{part(json.dumps({'alg': 'none'}).encode())}.{part(text.encode())}.")


def _as_document(world: World, text: str) -> Response:
    document = Response(200, Headers.of({"Content-Type": JSON}), text.encode())
    state = learned(world.state, "https://app.example/client", document, Moment(START, bytes(32)))
    assert state.log[-1].reason
    return Response(200)


def _grant(world: World, text: str) -> Response:
    return world.post("/token", {"grant_type": "client_credentials", "authorization_details": text, **AS_SERVICE})


def _json(method: str, path: str) -> Callable[[World, str], Response]:
    return lambda world, text: world.send(method, path, headers={"Content-Type": JSON}, body=text.encode())


def _item(world: World, text: str) -> Response:
    form = {"grant_type": "client_credentials", "scope": "items.write", **AS_SERVICE}
    token = json.loads(world.post("/token", form).body)["access_token"]
    return world.send("POST", "/api/items", headers={"Authorization": f"Bearer {token}"}, body=text.encode())


def _pushed(name: str) -> Callable[[World, str], Response]:
    asked = {"response_type": "code", "redirect_uri": "http://127.0.0.1/callback", "scope": "openid"}
    secret = {"Authorization": basic_credentials("web", SECRET)}
    return lambda world, text: world.post("/par", {**asked, name: text}, **secret)


WAYS: dict[str, tuple[Callable[[World, str], Response], dict[str, str]]] = {
    "claims": (lambda world, text: _authorize(world, claims=text), {"id_token": "{}"}),
    "details": (lambda world, text: _authorize(world, authorization_details=text), {"type": '"items"'}),
    "pushed claims": (_pushed("claims"), {"id_token": "{}"}),
    "pushed details": (_pushed("authorization_details"), {"type": '"items"'}),
    "request object": (
        _as_request_object,
        {"client_id": '"web"', "response_type": '"code"', "redirect_uri": f'"{CALLBACK}"', "code_challenge": f'"{CHALLENGE}"'},
    ),
    "grant": (_grant, {"type": '"items"'}),
    "registration": (_json("POST", "/register"), {"redirect_uris": '["https://app.example/cb"]'}),
    "document": (_as_document, {"client_id": '"https://app.example/client"', "redirect_uris": '["https://app.example/cb"]'}),
    "control": (_json("PUT", "/control/faults"), {"faults": "[]"}),
    "item": (_item, {"name": '"a"'}),
}


def _no_constant(word: str) -> Any:
    raise AssertionError(f"{word} in an answer")


def _check(way: str, text: str) -> None:
    world = World(signed_in().state)
    world.cookies = dict(signed_in().cookies)
    answer = WAYS[way][0](world, text)
    assert answer.status < 500, answer.text
    if answer.content_type == JSON:
        json.dumps(json.loads(answer.body, parse_constant=_no_constant), ensure_ascii=False).encode()


@pytest.mark.parametrize("way", WAYS)
def test_any_json_is_answered(way: str) -> None:
    @given(objects(**WAYS[way][1]))
    @settings(max_examples=60, deadline=None)
    def answered(text: str) -> None:
        _check(way, text)

    answered()


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("claims", '{"id_token":{"acr":{"essential":true,"values":[[]]}}}'),
        ("claims", '{"id_token":{"acr":{"essential":true,"value":{}}}}'),
        ("claims", '{"id_token":{"name":{"values":[[], {}]}}}'),
        *((way, f'[{{"type":"items","x":{odd}}}]') for way in ("details", "grant") for odd in ('"\\ud800"', "NaN", "1e999", "9" * 500)),
        ("item", "[" * 100_000),
    ],
)
def test_what_once_was_too_much(way: str, text: str) -> None:
    _check(way, text)
