"""Faults are switched by who may: by JSON and by the page's form, from this machine, and by no page of another origin."""

from __future__ import annotations

import json

import pytest

from oauthctl.http import JSON, Params, Response
from oauthctl.provider.faults.spec import read_fault
from tests.provider.world import ISSUER, World, document, last_form, practice_state

URL = f"{ISSUER}/control/faults"


def _world(*faults: str) -> World:
    return World(practice_state(is_controllable=True, faults=tuple(read_fault(one) for one in faults)))


def _send(world: World, method: str, body: str = "", **headers: str) -> Response:
    sent = {"Content-Type": JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return world.send(method, URL, headers=sent, body=body.encode())


def _on(world: World) -> list[str]:
    return [one.slug for one in world.state.faults]


def test_faults_are_put_in_the_place_of_those_that_were_on() -> None:
    world = _world("keys-empty")
    answer = _send(world, "PUT", '{"faults": ["code-expired:times=1", "metadata-missing"]}')
    assert document(answer)["faults"][0] == {"fault": "code-expired:times=1", "occasions": 0, "strikes": 0}
    assert _on(world) == ["code-expired", "metadata-missing"]
    assert world.get(f"{ISSUER}/.well-known/openid-configuration").status == 404


def test_what_is_on_can_be_asked_for_with_how_often_it_struck() -> None:
    world = _world("keys-empty")
    world.get("/jwks")
    assert document(_send(world, "GET"))["faults"] == [{"fault": "keys-empty", "occasions": 1, "strikes": 1}]


def test_all_are_switched_off_at_once() -> None:
    world = _world("keys-empty", "code-expired")
    assert _send(world, "DELETE").status == 204
    assert _on(world) == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ('{"faults": ["keys-empty"]}', {"Content_Type": "text/plain"}, 415),
        ('{"faults": ["keys-empty"]}', {"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ('{"faults": ["keys-empty"]}', {"Origin": "https://elsewhere.example"}, 403),
        ('{"faults": ["keys-empty"]}', {"Origin": "null"}, 403),
        ('{"faults": ["keys-empty"]}', {"Sec_Fetch_Site": "cross-site"}, 403),
        ('{"faults": ["keys-empty"]}', {"Sec_Fetch_Site": "same-site"}, 403),
        ('{"faults": ["no-such-fault"]}', {}, 400),
        ('{"faults": [1]}', {}, 400),
        ('["keys-empty"]', {}, 400),
        ("[" * 100_000, {}, 400),
    ],
)
def test_what_may_not_or_can_not_be_switched_is_refused(body: str, headers: dict[str, str], status: int) -> None:
    world = _world("code-expired")
    assert _send(world, "PUT", body, **headers).status == status
    assert _on(world) == ["code-expired"]


def test_a_slip_of_the_pen_is_answered_with_what_was_meant() -> None:
    refused = _send(_world(), "PUT", '{"faults": ["id-token-nonse-wrong"]}')
    assert "did you mean `id-token-nonce-wrong`" in document(refused)["error_description"]


@pytest.mark.parametrize("fault", ["{}", "code-spent:{}", "code-spent:times={}", "code-spent:rate={}"])
def test_what_a_request_writes_is_repeated_shortly(fault: str) -> None:
    world = _world()
    refused = _send(world, "PUT", json.dumps({"faults": [fault.format("x" * 100_000)]}))
    assert refused.status == 400
    assert len(refused.body) < 400
    assert len(world.state.log[-1].reason) < 300


def test_browsers_get_no_permission_for_pages_of_other_origins() -> None:
    world = _world()
    asked = _send(world, "OPTIONS", Origin="https://elsewhere.example", Access_Control_Request_Method="PUT")
    assert asked.status == 405
    assert not [name for name, _ in asked.headers if name.lower().startswith("access-control")]
    assert not [name for name, _ in _send(world, "GET").headers if name.lower().startswith("access-control")]


def test_a_provider_that_others_reach_has_no_such_endpoint() -> None:
    world = World(practice_state())
    assert _send(world, "PUT", '{"faults": ["keys-empty"]}').status == 404
    assert b'name="fault"' not in world.browse(f"{ISSUER}/").body
    assert world.browse(f"{ISSUER}/", last_form(_world().browse(f"{ISSUER}/"))[1]).status == 403


def test_the_form_switches_what_is_ticked_and_keeps_settings() -> None:
    world = _world("keys-empty:times=3")
    action, hidden = last_form(world.browse(f"{ISSUER}/"))
    ticked = (("fault", "keys-empty"), ("fault", "code-spent"))
    world.browse(action, Params((("csrf", hidden.get("csrf") or ""), *ticked)))
    assert [(one.slug, one.times) for one in world.state.faults] == [("keys-empty", 3), ("code-spent", None)]


def test_the_form_takes_faults_with_settings_and_shows_them() -> None:
    world = _world("keys-empty:times=3")
    action, hidden = last_form(world.browse(f"{ISSUER}/"))
    written = (("spec", " code-spent:after=2,client=web  metadata-missing "), ("fault", "keys-empty"))
    world.browse(action, Params((("csrf", hidden.get("csrf") or ""), *written)))
    assert [(one.slug, one.after, one.times, one.client) for one in world.state.faults] == [
        ("keys-empty", 0, 3, ""),
        ("code-spent", 2, None, "web"),
        ("metadata-missing", 0, None, ""),
    ]
    page = world.browse(f"{ISSUER}/").text
    assert "on with after=2,client=web, struck 0 times on 0 occasions" in page


def test_what_is_on_shows_its_conditions_and_how_often_it_struck() -> None:
    world = _world("keys-empty:times=1")
    world.get("/jwks")
    world.get("/jwks")
    alert = world.browse(f"{ISSUER}/").text.partition("Wrong on purpose: ")[2].partition("</p>")[0]
    assert alert.startswith("<code>keys-empty:times=1</code> (struck 1 time on ")
    assert ", is over)" in alert


def test_a_slip_in_the_form_changes_nothing_and_the_page_comes_again_with_what_was_filled_in() -> None:
    world = _world("keys-empty")
    action, hidden = last_form(world.browse(f"{ISSUER}/"))
    filled = (("fault", "code-spent"), ("spec", 'keys-emtpy:times=1 metadata-missing "><img>'))
    page = world.browse(action, Params((("csrf", hidden.get("csrf") or ""), *filled)))
    assert page.status == 400
    alert = page.text.partition('role="alert">')[2].partition("</p>")[0]
    assert alert.startswith("Nothing was switched. There is no fault <code>keys-emtpy</code>; did you mean <code>keys-empty</code>")
    assert "application" not in alert
    assert 'value="code-spent" checked' in page.text
    assert 'value="keys-empty" checked' not in page.text
    assert 'value="keys-emtpy:times=1 metadata-missing &quot;&gt;&lt;img&gt;"' in page.text
    assert _on(world) == ["keys-empty"]
    assert action.endswith("/#faults")


def test_a_tick_that_is_no_fault_switches_nothing() -> None:
    world = _world("keys-empty")
    action, hidden = last_form(world.browse(f"{ISSUER}/"))
    page = world.browse(action, Params((("csrf", hidden.get("csrf") or ""), ("fault", "code-spent"), ("fault", "code-spnt"))))
    assert page.status == 400
    assert "There is no fault <code>code-spnt</code>; did you mean" in page.text
    assert _on(world) == ["keys-empty"]


def test_the_last_form_of_the_page_switches_all_off() -> None:
    world = _world("keys-empty", "code-spent")
    world.submit(world.browse(f"{ISSUER}/"))
    assert _on(world) == []


def test_a_form_of_another_browser_switches_nothing() -> None:
    world, other = _world("keys-empty"), _world()
    page = other.browse(f"{ISSUER}/")
    world.browse(f"{ISSUER}/")
    refused = world.submit(page, fault="code-spent")
    assert refused.status == 403
    assert "Nothing was switched" in refused.text
    assert 'value="code-spent" checked' not in refused.text
    assert _on(world) == ["keys-empty"]


def test_what_the_body_has_to_be_is_said_without_what_a_description_must_not_hold() -> None:
    refused = _send(_world(), "PUT", '{"faults": "code-expired"}')
    assert document(refused)["error_description"].endswith("whose member faults is an array of texts: SLUG or SLUG:times=1")
