from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote, unquote

import pytest

from oauthctl.http import JSON, Headers, Params, Request, Response, form_request, get_request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.shell.request_log import RequestLog
from oauthctl.shell.verdicts import Received
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
    assert token not in page
    # Its header and claims help to see what is wrong, and are no use without the signature.
    assert token.rpartition(".")[2] not in page
    assert "a-secret-in-the-query" not in page


def registration(redirect_uri: str) -> Request:
    return Request("POST", f"{ISSUER}/register", Headers.of({"Content-Type": JSON}), json.dumps({"redirect_uris": [redirect_uri]}).encode())


PLANTED = "sEcReTv38valueZZ"
MISPLACED = {
    "a part of the path": get_request(f"{ISSUER}/api/items/{PLANTED}"),
    "an encoded part of the path": get_request(f"{ISSUER}/api/items/%73{PLANTED[1:]}"),
    "a client id": get_request(f"{ISSUER}/authorize?client_id={PLANTED}"),
    "a client id in a form": form_request(f"{ISSUER}/token", Params.of({"grant_type": "x", "client_id": PLANTED})),
    "a user name": Request("POST", f"{ISSUER}/token", Headers.of({"Authorization": basic_credentials(PLANTED, "")})),
    "a registered redirect URI": registration(f"https://a/cb?client_secret={PLANTED}"),
}


@pytest.mark.parametrize("request_", MISPLACED.values(), ids=MISPLACED.keys())
@pytest.mark.parametrize("waits", [True, False], ids=["judged", "not yet judged"])
def test_no_secret_gets_into_the_page_that_stands_where_a_name_should(request_: Request, waits: bool) -> None:
    running = Running()
    running.send(request_)
    page = running.send(START_PAGE, waits=waits).body.decode()
    assert f"{request_.method} {request_.path.rpartition('/')[0]}" in page
    assert PLANTED[1:] not in unquote(page)


def test_a_clients_secret_that_looks_like_a_name_gets_into_no_page() -> None:
    running = Running()
    running.send(get_request(f"{ISSUER}/authorize?client_id={quote(SECRET)}"))
    assert SECRET not in (page := unquote(running.page()))
    assert "(secret)" in page


@pytest.mark.parametrize("name", ["service", "shop-2", "7b1c2d54-9a8e-4a6e-9a27-1c38b7a8f111", "https://client.example/document"])
def test_the_ids_of_clients_stay_readable(name: str) -> None:
    running = Running()
    running.send(get_request(f"{ISSUER}/authorize?client_id={quote(name, safe='')}"))
    assert f'<span class="fine">{name}</span>' in running.page()


def test_the_id_of_a_client_that_registered_itself_stays_readable() -> None:
    running = Running()
    answer = json.loads(running.send(registration("https://a/cb")).body)
    running.send(get_request(answer["registration_client_uri"]))
    assert f'<span class="fine">{answer["client_id"]}</span>' in running.page()


def test_only_the_latest_are_kept_and_no_state_grows() -> None:
    running = Running("keys-empty")
    for _ in range(120):
        running.send(get_request(f"{ISSUER}/jwks"))
    page = running.send(get_request(f"{ISSUER}/?requests")).body.decode()
    assert page.count("GET /jwks") + int(page.partition("the latest of ")[2].partition(" ")[0] or 1) - 1 == 50
    assert running.state.arrivals == ()


def test_harmless_requests_push_no_mistake_off_and_are_one_row() -> None:
    running = Running()
    running.send(RIGHT)
    running.send(WRONG)
    for number in range(120):
        running.send(get_request(f"{ISSUER}/jwks" if number % 2 else f"{ISSUER}/.well-known/openid-configuration"))
    page = running.page()
    assert "client-secret-wrong" in page
    assert page.count("<summary>") == 3
    assert page.count("the latest of 25 alike") == 2


def test_a_mistake_that_stayed_is_judged_by_what_came_before_it() -> None:
    running, form = Running(), {"grant_type": "password"}
    proof = Params.of({"grant_type": "client_credentials", "client_id": "service", "client_secret": SECRET})
    running.send(form_request(f"{ISSUER}/token", proof))
    running.send(form_request(f"{ISSUER}/token", Params.of(form)))
    for _ in range(60):
        running.send(get_request(f"{ISSUER}/jwks"))
    early = running.page()
    assert 'class="wrong"' in early
    assert running.page().count('class="wrong"') == early.count('class="wrong"')


def test_mistakes_are_kept_within_bounds() -> None:
    running = Running()
    for _ in range(150):
        running.send(get_request(f"{ISSUER}/nowhere"))
    assert running.send(get_request(f"{ISSUER}/?requests"), waits=False).body.decode().count("GET /nowhere") == 80


def test_a_body_that_takes_long_to_judge_is_told_and_left_out() -> None:
    running = Running()
    seen: list[tuple[Received, ...]] = []

    def find_wrong(received: tuple[Received, ...], _: str) -> tuple[tuple[str, str], ...]:
        seen.append(received)
        return ()

    running.log = RequestLog(handle, patience=60, find_wrong=find_wrong)
    for size in (60_000, 15_000, 15_000, 15_000):
        running.send(replace(RIGHT, body=RIGHT.body + b"&filled=" + b"x" * size))
    page = running.page()
    assert f"its body of {60_000 + len(RIGHT.body) + len('&filled=')} bytes is too long to be judged" in page
    assert len(seen) == 3
    assert max(sum(len(one.request.body) for one in received) for received in seen) < 32_000


def test_a_row_opens_to_what_was_sent_and_answered_without_its_secrets() -> None:
    running = Running()
    basic = {"Authorization": basic_credentials("service", "a-wrong-secret"), "Cookie": "session=a-cookie"}
    form = Params.of({"grant_type": "client_credentials", "scope": "items.read"})
    running.send(form_request(f"{ISSUER}/token?trace=1", form, headers=Headers.of(basic)))
    opened = running.page().partition("<details>")[2].partition("</details>")[0]
    for name, value in (("grant_type", "client_credentials"), ("scope", "items.read"), ("trace", "1"), ("error", "invalid_client")):
        assert f"<dt>{name}</dt><dd><code>{value}</code>" in opened
    assert "<dt>error_description</dt>" in opened
    assert "<dt>Authorization (base64 decoded)</dt><dd><code>Basic service:redacted-" in opened
    for secret in ("a-wrong-secret", basic["Authorization"].removeprefix("Basic "), "a-cookie"):
        assert secret not in opened


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
def test_the_same_secret_looks_the_same_in_every_row_and_no_row_has_it(grant: str) -> None:
    running, name = Running(), {"authorization_code": "code", "refresh_token": "refresh_token"}[grant]
    for _ in range(2):
        form = Params.of({"grant_type": grant, name: "a-value-that-was-never-issued", "client_id": "public"})
        running.send(form_request(f"{ISSUER}/token", form))
    page = running.page()
    first, second = (row.partition("</code>")[0] for row in page.split(f"<dt>{name}</dt><dd><code>")[1:])
    assert first == second
    assert first.startswith("redacted-")
    assert "a-value-that-was-never-issued" not in page


def test_what_a_person_types_at_the_pages_is_in_no_row() -> None:
    running = Running()
    form = Params.of({"username": "in-the-wrong-field", "password": "wonderland-4711", "csrf": "a-token-of-the-form", "step": "sign-in"})
    running.send(form_request(f"{ISSUER}/authorize?client_id=public&response_type=code", form))
    page = running.page()
    assert "POST /authorize" in page
    assert "<dt>step</dt><dd><code>sign-in</code>" in page
    assert not any(typed in page for typed in ("in-the-wrong-field", "wonderland-4711", "a-token-of-the-form"))


def test_a_request_that_brings_out_a_bug_of_a_rule_says_so_and_the_others_are_judged() -> None:
    def find(received: tuple[Received, ...], _issuer: str) -> tuple[tuple[str, str], ...]:
        if received[-1].endpoint == "jwks":
            raise KeyError("a secret")
        return (("some-rule", "Something is wrong"),)

    running = Running()
    running.log = RequestLog(handle, patience=60, find_wrong=find)
    running.send(RIGHT)
    running.send(get_request(f"{ISSUER}/jwks"))
    page = running.page()
    assert "oauthctl has a bug: this request can&#x27;t be judged (KeyError)" in page
    assert "a secret" not in page
    assert "some-rule" in page


def test_what_arrives_after_the_page_shows_in_its_frame() -> None:
    running = Running()
    running.send(RIGHT)
    address = running.page().partition('<iframe class="live" src="')[2].partition('"')[0]
    frame = get_request(f"{ISSUER}{address}")
    assert "Waiting for requests" in running.send(frame).body.decode()
    running.send(WRONG)
    shown = running.send(frame)
    assert "client-secret-wrong" in shown.body.decode()
    assert shown.body.decode().count("POST /token") == 1
    assert int(shown.headers.get("refresh") or 0) in (1, 2, 3)


def test_a_row_of_the_frame_leads_to_the_start_page_where_it_is_open() -> None:
    running = Running()
    running.send(RIGHT)
    running.send(WRONG)
    frame = running.send(get_request(f"{ISSUER}/?requests=0")).body.decode()
    address = frame.partition('<a target="_top" href="')[2].partition('"')[0]
    page = running.send(get_request(f"{ISSUER}{address}")).body.decode()
    assert f'<li id="{address.partition("#")[2]}" class="wrong"><details open>' in page
    assert page.partition('id="faults"')[0].count("<details open>") == 1


def test_a_request_opens_however_many_came_since_and_be_they_alike() -> None:
    running = Running()
    for _ in range(3):
        running.send(get_request(f"{ISSUER}/jwks"))
    for _ in range(20):
        running.send(RIGHT)
    page = running.send(get_request(f"{ISSUER}/?open=2")).body.decode()
    assert '<li id="request-2"><details open>' in page


def test_the_page_can_be_held_still() -> None:
    running = Running()
    running.send(WRONG)
    assert '<a href="/?still">hold still</a>' in running.page()
    still = running.send(get_request(f"{ISSUER}/?still"), waits=False)
    assert "refresh" not in still.headers
    assert "<iframe" not in still.body.decode()
    assert '<a href="/">Show requests as they arrive</a>' in still.body.decode()


def test_a_frame_of_an_earlier_run_shows_what_there_is() -> None:
    running = Running()
    running.send(WRONG)
    assert "POST /token" in running.send(get_request(f"{ISSUER}/?requests=99")).body.decode()


def test_a_page_that_knows_no_verdict_yet_comes_again_by_itself() -> None:
    running = Running()
    running.send(WRONG)
    early = running.send(START_PAGE, waits=False)
    assert "being judged" in early.body.decode()
    assert early.headers.get("refresh")
    assert "refresh" not in running.send(START_PAGE).headers


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
    assert "None came until now" in running.page()
    running.send(get_request(f"{ISSUER}/hooks/ghp_{'aB3dE5gH7jK9mN1pQ4sT6vX8yZ0bC2dF4hJ6'}"))
    page = running.page()
    assert "/hooks/" in page
    assert "aB3dE5gH7jK9" not in page
