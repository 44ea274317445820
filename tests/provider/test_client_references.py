"""Keys and redirect URIs that a client's metadata name by URL."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import JSON, Headers, Params, Request, Response, get_request
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.client_assertion import ASSERTION_TYPE, client_assertion
from oauthctl.provider.client_references import SECONDS, fetched, named_in, needed, opened
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of
from oauthctl.shell.running_provider import RunningProvider
from tests.provider.world import CALLBACK, ISSUER, START, World, document, practice_state, with_client

KEYS, SECTOR = "https://app.example/jwks.json", "https://app.example/sector.json"
OLD, NEW = generate("ES256"), generate("ES256")
SERVICE = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt", "scope": "items.read", "jwks_uri": KEYS}
PAIRWISE = {"subject_type": "pairwise", "redirect_uris": ["https://a.example/cb", "https://b.example/cb"]}
NOW = Moment(START, bytes(32))


def answer(value: object, status: int = 200) -> Response:
    body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return Response(status, Headers.of({"Content-Type": JSON}), body)


def jwks(*keys: Jwk) -> Response:
    return answer({"keys": [key.public().as_dict() for key in keys]})


class Web(World):
    """A provider that fetches from these places."""

    def __init__(self, places: dict[str, Response | None], state: ProviderState | None = None) -> None:
        super().__init__(state)
        self.places = places

    def handled(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        for url in needed(state, request, lambda: moment):
            state = fetched(state, url, self.places.get(url), moment, local=opened(state, request))
        return super().handled(state, request, moment)

    def register(self, metadata: dict[str, Any]) -> Response:
        return self.send("POST", "/register", headers={"Content-Type": JSON}, body=json.dumps(metadata).encode())

    def prove(self, client_id: str, key: Jwk) -> int:
        """What the token endpoint says to an assertion of this key."""
        assertion = client_assertion(client_id, key, audience=ISSUER, now=self.now, jti=f"{self.count}")
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return self.post("/token", form).status


def test_keys_are_fetched_and_fetched_anew() -> None:
    there = Web({KEYS: jwks(OLD)})
    registered = document(there.register(SERVICE))
    assert registered["jwks_uri"] == KEYS
    client_id = registered["client_id"]
    assert (there.prove(client_id, OLD), there.prove(client_id, NEW)) == (200, 401)
    there.places[KEYS] = jwks(NEW)
    there.wait(SECONDS + 1)
    assert (there.prove(client_id, NEW), there.prove(client_id, OLD)) == (200, 401)
    assert any("other keys" in event.reason for event in there.state.log)


def test_a_client_that_was_set_up_has_its_keys_fetched_when_it_first_comes() -> None:
    known = {"jwks_uri": KEYS, "auth_methods": ("private_key_jwt",), "grant_types": ("client_credentials",), "scopes": ("items.read",)}
    there = Web({KEYS: jwks(OLD)}, with_client(practice_state(), "set-up", **known))
    assert (there.prove("set-up", OLD), there.prove("set-up", NEW)) == (200, 401)


@pytest.mark.parametrize("broken", [None, answer("{"), answer({}), answer({"keys": [{"kty": "EC"}]}), answer({}, 500)])
def test_keys_stay_as_they_are_while_others_can_not_be_had(broken: Response | None) -> None:
    there = Web({KEYS: jwks(OLD)})
    client_id = document(there.register(SERVICE))["client_id"]
    there.wait(SECONDS + 1)
    there.places[KEYS] = broken
    assert there.prove(client_id, OLD) == 200
    assert any(event.error == "invalid_client_metadata" for event in there.state.log)


@pytest.mark.parametrize(
    ("place", "metadata", "said"),
    [
        (None, SERVICE, "jwks_uri is of no use: it could not be fetched"),
        (answer({}, 404), SERVICE, "its answer is not 200"),
        (answer("<html>"), SERVICE, "is no JSON"),
        (answer('{"keys": [NaN]}'), SERVICE, "NaN"),
        (answer([]), SERVICE, "no array keys"),
        (jwks(OLD), {**SERVICE, "jwks": {"keys": []}}, "can't be used together"),
        (None, {**SERVICE, "jwks_uri": "http://app.example/jwks"}, "jwks_uri has to be an https URL"),
        (None, {**SERVICE, "jwks_uri": 5}, "jwks_uri has to be an https URL"),
        (None, {**SERVICE, "jwks_uri": "http://127.0.0.1:3000/jwks"}, "it could not be fetched (it is asked again after 10 seconds)"),
        (None, PAIRWISE, "at one host, or in the array of a sector_identifier_uri"),
    ],
)
def test_what_leads_to_no_keys_is_refused_with_the_reason(place: Response | None, metadata: dict[str, Any], said: str) -> None:
    refused = Web({KEYS: place}).register(metadata)
    assert (refused.status, document(refused)["error"]) == (400, "invalid_client_metadata")
    assert said in document(refused)["error_description"]


def test_of_what_is_on_this_machine_a_program_may_name_any_in_any_order() -> None:
    here = "http://127.0.0.1:3000"
    keys, objects = {**SERVICE, "jwks_uri": f"{here}/jwks"}, {"redirect_uris": [CALLBACK], "request_uris": [f"{here}/x"]}
    for order in ((keys, objects), (objects, keys), ({**keys, **objects, "grant_types": ["authorization_code"]},)):
        there = Web({f"{here}/jwks": jwks(OLD)})
        assert [there.register(metadata).status for metadata in order] == [201] * len(order)


def test_a_document_of_a_stranger_may_not_and_nothing_is_kept_of_that() -> None:
    url = "http://127.0.0.1:3000/jwks"
    state = fetched(practice_state(), url, None, NOW)
    assert "--local-client http://127.0.0.1:3000" in state.log[-1].reason
    body = json.dumps({**SERVICE, "jwks_uri": url}).encode()
    assert named_in(state, body, NOW) == (url,)
    state = fetched(replace(state, local_origins=frozenset({"http://127.0.0.1:3000"})), url, None, NOW)
    assert named_in(state, body, NOW) == ()


def test_how_another_machine_answers_is_for_the_log_alone() -> None:
    there = Web({KEYS: answer({}, 418)})
    assert "418" not in there.register(SERVICE).text
    assert any("418" in event.reason for event in there.state.log)


@pytest.mark.parametrize(
    ("listed", "status", "said"),
    [
        ([*PAIRWISE["redirect_uris"], "https://c.example/cb"], 201, ""),
        (PAIRWISE["redirect_uris"][:1], 400, "https://b.example/cb is not in the array"),
        ({}, 400, "no JSON array"),
        ("[", 400, "no JSON"),
    ],
)
def test_a_sector_joins_hosts_that_it_lists(listed: object, status: int, said: str) -> None:
    there = Web({SECTOR: answer(listed)})
    registered = there.register({**PAIRWISE, "sector_identifier_uri": SECTOR})
    assert (registered.status, said in registered.text) == (status, True)


def test_clients_of_one_sector_know_a_person_by_the_same_name() -> None:
    there = Web({SECTOR: answer(["https://a.example/cb", "https://b.example/cb"])})
    ids = [
        document(there.register({"subject_type": "pairwise", "redirect_uris": [uri], **sector}))["client_id"]
        for uri in PAIRWISE["redirect_uris"]
        for sector in ({"sector_identifier_uri": SECTOR}, {})
    ]
    subjects = [subject_of(there.state, client_id, "alice") for client_id in ids]
    assert subjects[0] == subjects[2]
    assert len(set(subjects)) == 3


def test_a_page_does_not_make_the_provider_knock_at_this_machine() -> None:
    state = practice_state(local_origins=frozenset({"http://127.0.0.1:3000"}))
    body = json.dumps({"jwks_uri": "http://127.0.0.1:3000/jwks", "sector_identifier_uri": SECTOR}).encode()
    for headers, urls in (({}, 2), ({"Origin": "https://evil.example"}, 1)):
        request = Request("POST", f"{ISSUER}/register", Headers.of(headers), body)
        assert len(needed(state, request, lambda: NOW)) == urls


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b'{"jwks_uri": []}', b'{"jwks_uri": "file:///etc/passwd"}', b'{"jwks_uri": "https://a@b/"}']
)
def test_nothing_else_is_fetched(body: bytes) -> None:
    assert needed(practice_state(), Request("POST", f"{ISSUER}/register", Headers(), body), lambda: NOW) == ()
    assert needed(practice_state(takes_registrations=False), Request("POST", f"{ISSUER}/register", Headers(), body), lambda: NOW) == ()


def test_the_document_of_a_client_may_name_its_keys() -> None:
    url = "https://app.example/client.json"
    metadata = {
        "client_id": url,
        "redirect_uris": ["https://app.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": KEYS,
    }
    places = {url: answer(metadata), KEYS: jwks(OLD)}
    running = RunningProvider(practice_state(), fetch=places.get, clock=lambda: START)
    asked = Params.of({"client_id": url, "response_type": "code", "redirect_uri": "https://app.example/cb", "scope": "openid"})
    page, _ = asyncio.run(running.answer(get_request(f"{ISSUER}/authorize?{asked.encode()}")))
    assert b'name="password"' in page.body
    assert running.state.clients[url].keys == (OLD.public(),)
