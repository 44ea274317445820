"""Guessing has an end: passwords at every form, and the codes of devices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.http import Response
from oauthctl.provider.attempts import ALL_CODES, CODES, PASSWORDS
from oauthctl.provider.client import DEVICE_CODE, User
from oauthctl.provider.state import with_legacy
from tests.provider.world import SECRET, World, document, practice_state

CAROL = User("carol", "a password of her own")


def world() -> World:
    state = practice_state()
    return World(replace(state, users={**state.users, "carol": CAROL}))


def form_of(there: World, place: str) -> Response:
    """A page with the form for username and password."""
    if place == "authorize":
        return there.ask()
    if place == "approvals":
        return there.browse(there.state.url("/approvals"))
    return there.browse(started(there)["verification_uri_complete"])


def started(there: World) -> dict[str, str]:
    """What a device is told."""
    return document(there.post("/device_authorization", {"client_id": "public", "scope": "items.read"}))


@pytest.mark.parametrize("place", ["authorize", "device", "approvals"])
def test_after_many_wrong_passwords_the_right_one_has_to_wait(place: str) -> None:
    there = world()
    page = form_of(there, place)
    for _ in range(PASSWORDS):
        page = there.sign_in(page, "carol", "guess")
        assert "go together" in page.text
    page = there.sign_in(page, "carol", CAROL.password)
    assert (page.status, "Wait a minute" in page.text) == (403, True)
    assert (there.state.log[-1].who, there.state.log[-1].error) == ("carol", "access_denied")
    assert 'name="password"' not in there.sign_in(page, "alice", "alice").text
    there.cookies.clear()
    there.wait(61)
    assert 'name="password"' not in there.sign_in(form_of(there, place), "carol", CAROL.password).text


def test_all_forms_count_together_and_for_every_browser() -> None:
    there = world()
    for place in ("authorize", "device", "approvals") * 3 + ("authorize",):
        there.cookies.clear()
        there.sign_in(form_of(there, place), "carol", "guess")
    there.cookies.clear()
    assert "Wait a minute" in there.sign_in(form_of(there, "authorize"), "carol", CAROL.password).text


def test_waiting_does_not_tell_which_names_exist() -> None:
    there = world()
    pages = {}
    for name in ("carol", "nobody"):
        page = there.ask()
        for _ in range(PASSWORDS + 1):
            page = there.sign_in(page, name, "guess")
        pages[name] = page.text.replace(name, "NAME")
    assert pages["carol"] == pages["nobody"]
    assert "nobody" not in "".join(there.state.attempts)


def test_the_password_grant_counts_as_well() -> None:
    there = World(with_legacy(world().state))
    form = {"grant_type": "password", "username": "carol", "client_id": "public", "scope": "items.read"}
    for _ in range(PASSWORDS):
        assert there.post("/token", {**form, "password": "guess"}).status == 400
    refused = document(there.post("/token", {**form, "password": CAROL.password}))
    assert (refused["error"], "Wait a minute" in refused["error_description"]) == ("invalid_grant", True)
    there.wait(61)
    assert there.post("/token", {**form, "password": CAROL.password}).status == 200


def typed(there: World, code: str) -> Response:
    """What follows when a person types a code in a page that was opened for that."""
    return there.submit(there.browse(there.state.url("/device")), user_code=code)


@pytest.mark.parametrize("way", ["typed", "link"])
def test_a_browser_that_guesses_codes_has_to_wait(way: str) -> None:
    """RFC 8628 section 5.1."""
    there = world()
    right = started(there)

    def give(code: str) -> Response:
        return typed(there, code) if way == "typed" else there.browse(there.state.url(f"/device?user_code={code}"))

    for _ in range(CODES):
        assert "No device waits" in give("BBBB-BBBB").text
    assert "Wait a minute" in give(right["user_code"]).text
    there.wait(61)
    assert "Wait a minute" not in give(right["user_code"]).text


def test_many_browsers_that_guess_codes_have_to_wait_together() -> None:
    there = world()
    right = started(there)
    for _ in range(ALL_CODES):
        there.cookies.clear()
        there.browse(there.state.url("/device?user_code=BBBB-BBBB"))
    there.cookies.clear()
    assert "Wait a minute" in there.browse(right["verification_uri_complete"]).text
    polled = {"grant_type": DEVICE_CODE, "device_code": right["device_code"], "client_id": "public"}
    assert document(there.post("/token", polled))["error"] == "authorization_pending"


def test_whoever_has_signed_in_is_not_kept_out_by_others_who_guess() -> None:
    """But guesses no more codes than one browser, whichever and however many are used."""
    there = world()
    there.sign_in(there.ask())
    signed_in, right = dict(there.cookies), started(there)
    for _ in range(ALL_CODES):
        there.cookies.clear()
        there.browse(there.state.url("/device?user_code=BBBB-BBBB"))
    there.cookies = dict(signed_in)
    assert "Wait a minute" not in there.browse(right["verification_uri_complete"]).text
    for _ in range(CODES):
        there.browse(there.state.url("/device?user_code=BBBB-BBBB"))
    there.wait(1)
    there.cookies.clear()
    there.sign_in(there.ask())
    assert "Wait a minute" in there.browse(right["verification_uri_complete"]).text


def test_a_form_without_a_code_counts_for_nothing() -> None:
    there = world()
    for _ in range(CODES + 1):
        there.browse(there.state.url("/device"))
    assert there.state.attempts == {}
    assert SECRET not in repr(there.state.attempts)
