from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.http import Headers, Params, Request, Response, form_request, get_request
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.shell.request_log import RequestLog
from tests.provider.world import ISSUER, SECRET, START, practice_state

WRONG = form_request(f"{ISSUER}/token", Params.of({"grant_type": "client_credentials", "client_id": "service", "client_secret": "no"}))
RIGHT = form_request(f"{ISSUER}/token", Params.of({"grant_type": "client_credentials", "client_id": "service", "client_secret": SECRET}))
START_PAGE = get_request(f"{ISSUER}/")


class Running:
    def __init__(self, *faults: str) -> None:
        self.log = RequestLog(handle, patience=60)
        self.state: ProviderState = replace(practice_state(is_controllable=True), faults=tuple(read_fault(one) for one in faults))
        self.count = 0

    def send(self, request: Request, *, waits: bool = True) -> Response:
        self.count += 1
        work = self.log.before(self.state, request)
        if work is not None and waits:
            work()
        self.state, response = self.log.answer(self.state, request, Moment(START, f"{self.count:032}".encode()))
        return response

    def page(self, *, waits: bool = True) -> str:
        """The start page up to its list of faults, whose names are those of rules now and then."""
        return self.send(START_PAGE, waits=waits).body.decode().partition('id="faults"')[0]


def test_the_page_shows_what_came_and_what_was_wrong_with_it() -> None:
    running = Running()
    running.send(WRONG)
    page = running.page()
    assert "POST /token" in page
    assert "client-secret-" in page
    assert "401" in page


def test_a_request_that_meets_a_bug_is_listed_too() -> None:
    def broken(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        if request.path == "/token":
            raise KeyError("a secret")
        return handle(state, request, moment)

    running = Running()
    running.log = RequestLog(broken, patience=60)
    with pytest.raises(KeyError):
        running.send(RIGHT)
    page = running.page()
    assert "the provider has a bug" in page
    assert ">500<" in page
    assert "a secret" not in page


def test_what_was_wrong_stays_wrong_when_the_client_does_better() -> None:
    running = Running()
    running.send(WRONG)
    running.send(RIGHT)
    assert "client-secret-" in running.page()


def test_the_page_comes_without_what_is_not_judged_yet() -> None:
    running = Running()
    running.send(WRONG)
    assert running.log.before(running.state, WRONG) is None
    assert "client-secret-" not in (page := running.page(waits=False))
    assert "POST /token" in page
    assert "client-secret-" in running.page()


def test_a_good_client_is_told_nothing() -> None:
    running = Running()
    running.send(get_request(f"{ISSUER}/.well-known/openid-configuration"))
    running.send(RIGHT)
    assert 'class="wrong"' not in running.page()


def test_no_secret_gets_into_the_page() -> None:
    running = Running()
    token = running.send(RIGHT).body.decode().partition('"access_token": "')[2].partition('"')[0]
    running.send(Request("GET", f"{ISSUER}/api/items", Headers.of({"Authorization": f"Bearer {token}x"})))
    running.send(get_request(f"{ISSUER}/token?client_secret=a-secret-in-the-query"))
    page = running.page()
    assert token
    assert token[:40] not in page
    assert "a-secret-in-the-query" not in page


def test_only_the_latest_are_kept_and_no_state_grows() -> None:
    running = Running("keys-empty")
    for _ in range(120):
        running.send(get_request(f"{ISSUER}/jwks"))
    page = running.send(get_request(f"{ISSUER}/?requests"))
    assert page.body.decode().count("GET /jwks") == 50
    assert page.headers.get("refresh") == "3"
    assert running.state.arrivals == ()


def test_names_that_a_request_brings_are_text_in_the_page() -> None:
    running = Running()
    running.send(form_request(f"{ISSUER}/token", Params.of({"grant_type": "password", "client_id": "<img src=x>"})))
    page = running.page()
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/oauth2/token", "perhaps /token is meant"),
        ("/authorise", "perhaps /authorize is meant"),
        ("/.well-known/openid-config", "perhaps /.well-known/openid-configuration is meant"),
        ("/nowhere", "the endpoints are in the metadata"),
    ],
)
def test_a_path_that_is_none_is_listed_with_the_one_that_may_be_meant(path: str, said: str) -> None:
    running = Running()
    answer = running.send(get_request(f"{ISSUER}{path}"))
    page = running.page()
    assert f"GET {path}</code>" in page
    assert f"nothing is at {path}; {said}" in page
    assert said in answer.body.decode()


def test_what_a_test_switches_on_is_listed() -> None:
    running = Running()
    headers = Headers.of({"Content-Type": "application/json"})
    running.send(Request("PUT", f"{ISSUER}/control/faults", headers, b'{"faults": ["keys-empty"]}'))
    page = running.page()
    assert "PUT /control/faults" in page
    assert "faults that are on: keys-empty" in page


def test_what_browsers_ask_for_by_themselves_is_not_listed_and_no_token_in_a_path_is_shown() -> None:
    running = Running()
    for path in ("/favicon.ico", "/apple-touch-icon.png", "/.well-known/appspecific/com.chrome.devtools.json"):
        running.send(get_request(f"{ISSUER}{path}"))
    assert "None came yet" in running.page()
    running.send(get_request(f"{ISSUER}/hooks/ghp_{'aB3dE5gH7jK9mN1pQ4sT6vX8yZ0bC2dF4hJ6'}"))
    page = running.page()
    assert "/hooks/" in page
    assert "aB3dE5gH7jK9" not in page
