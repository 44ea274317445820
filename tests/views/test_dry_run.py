from __future__ import annotations

import json

import pytest

from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.dry_run import DryRun, dry_run
from oauthctl.flows.steps import Ask, Flow, Listen, Send, Step, Visit, Wait, listen, send, visit, wait
from oauthctl.http import FORM, JSON, Headers, Params, Request, form_request, get_request
from oauthctl.messages.client_auth import Client
from oauthctl.record.exchange import Recording
from oauthctl.views.dry_run import dry_run_document, dry_run_lines
from oauthctl.views.lines import plain
from tests.played import BEGAN

REDIRECT_URI = "http://127.0.0.1:8080/callback"
STEPS: tuple[Step, ...] = (
    Visit("https://op.example/authorize?client_id=app&scope=openid%20email&state=s-1", "authorization"),
    Listen(REDIRECT_URI, "s-1", "form_post"),
    Send(form_request("https://op.example/token", Params.of({"grant_type": "authorization_code", "code": "c-s3cret-code"})), "token"),
    Wait(5),
    Ask("the code that the page shows"),
)


def shown(*steps: Step) -> str:
    return "\n".join(plain(one) for one in dry_run_lines(DryRun(steps, Recording())))


def test_each_step_stands_under_its_number() -> None:
    titles = [line for line in shown(*STEPS).splitlines() if line[:1].isdigit()]
    assert titles == [
        "1. hand the browser this page",
        f"2. listen for the answer (form_post) at {REDIRECT_URI}",
        "3. send: token",
        "4. wait 5 s",
        "5. ask: the code that the page shows",
    ]


def test_a_page_is_shown_with_one_parameter_a_line() -> None:
    assert shown(STEPS[0]).splitlines() == [
        "1. hand the browser this page",
        "   https://op.example/authorize",
        "     client_id=app",
        "     scope=openid%20email",
        "     state=s-1",
    ]


def test_a_request_is_a_curl_command_whose_secrets_are_masked() -> None:
    text = shown(STEPS[2])
    assert "curl" in text
    assert "grant_type=authorization_code" in text
    assert "c-s3cret-code" not in text


def test_the_document_names_the_steps_in_order() -> None:
    steps = dry_run_document(DryRun(STEPS, Recording()))["steps"]
    assert steps == [
        {"step": "visit", "purpose": "authorization", "method": "GET", "url": STEPS[0].url if isinstance(STEPS[0], Visit) else ""},
        {"step": "listen", "redirect_uri": REDIRECT_URI, "response_mode": "form_post"},
        {
            "step": "send",
            "purpose": "token",
            "method": "POST",
            "url": "https://op.example/token",
            "headers": [{"name": "Accept", "value": JSON}, {"name": "Content-Type", "value": FORM}],
            "form": [{"name": "grant_type", "value": "authorization_code"}, {"name": "code", "value": "…"}],
        },
        {"step": "wait", "seconds": 5},
        {"step": "ask", "question": "the code that the page shows"},
    ]
    assert json.loads(json.dumps(steps)) == steps


def test_no_steps_are_no_lines() -> None:
    assert dry_run_lines(DryRun((), Recording())) == ()
    assert dry_run_document(DryRun((), Recording())) == {"steps": []}


def test_a_clients_secret_is_neither_in_the_lines_nor_in_the_document() -> None:
    for method in ("client_secret_basic", "client_secret_post"):
        client = Client("app", "s3cret-of-the-client", method)
        planned = dry_run(client_credentials("https://op.example/token", client, scope=("a",)), issuer="", started_at=BEGAN)
        text = shown(*planned.steps) + json.dumps(dry_run_document(planned))
        assert "s3cret-of-the-client" not in text
        assert "czNjcmV0LW9mLXRoZS1jbGllbnQ" not in text
        assert "grant_type=client_credentials" in text


def test_a_url_that_cannot_be_taken_apart_is_shown_all_the_same() -> None:
    assert "[broken" in shown(Visit("https://[broken/authorize?a=1", "authorization"))


def whole() -> Flow[str]:
    yield from visit("https://op.example/authorize?state=s")
    yield from wait(1)
    answered = yield from listen(Listen(REDIRECT_URI, "s"))
    yield from send(Request("GET", f"https://api.example/{answered.request.query.get('code')}"), "api")
    return "done"


def test_what_the_provider_would_choose_stands_in_angle_brackets() -> None:
    planned = dry_run(whole(), issuer="https://op.example", started_at=BEGAN)
    assert "https://api.example/<code>" in shown(*planned.steps)


PLACES = ("https://op.example/.well-known/oauth-authorization-server", "https://op.example/.well-known/openid-configuration")


def test_every_place_of_the_metadata_is_listed_in_the_order_of_asking() -> None:
    planned = DryRun((Send(get_request(PLACES[0]), "discovery"), Send(get_request("https://op.example/jwks"), "jwks")), Recording())
    lines = [plain(one).strip() for one in dry_run_lines(planned, PLACES)]
    assert lines[lines.index("where that gives no metadata, then in this order:") + 1] == PLACES[1]
    assert [step.get("then") for step in dry_run_document(planned, PLACES)["steps"]] == [[PLACES[1]], None]
    assert "then" not in dry_run_document(planned, PLACES[:1])["steps"][0]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_place_holders_are_shown_as_what_they_are(method: str) -> None:
    flow = client_credentials("https://op.example/<token_endpoint>", Client("app", "<client_secret>", method), scope=("<scope>",))
    planned = dry_run(flow, issuer="", started_at=BEGAN)
    for text in (shown(*planned.steps), json.dumps(dry_run_document(planned))):
        assert "https://op.example/<token_endpoint>" in text
        assert "<client_secret>" in text
        assert "<scope>" in text
        assert "%3C" not in text


def test_secrets_are_shown_where_that_is_asked_for() -> None:
    body = "grant_type=client_credentials&client_assertion=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"
    headers = Headers((("Content-Type", FORM), ("Authorization", "Basic YXBwOnMzY3IzdC05OQ==")))
    planned = DryRun((Send(Request("POST", "https://op.example/token", headers, body.encode()), "token"),), Recording())
    shown = "\n".join(plain(one) for one in dry_run_lines(planned, show_secrets=True))
    assert "client_assertion=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl" in shown
    assert "Basic YXBwOnMzY3IzdC05OQ==" in shown
    (step,) = dry_run_document(planned, show_secrets=True)["steps"]
    assert {"name": "client_assertion", "value": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"} in step["form"]
    assert "c2lnbmF0dXJl" not in str(dry_run_document(planned))
