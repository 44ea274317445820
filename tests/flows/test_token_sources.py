from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_sources import azure, github_actions, google
from tests.played import play, response

JWT = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


def test_github_actions_is_asked_with_the_jobs_own_token() -> None:
    flow = github_actions("https://pipelines.example/token?api-version=2.0", "job-token", audience="https://as.example")
    played = play(flow, [response(200, {"count": 1, "value": JWT})])
    (request,) = played.requests
    assert request.url == "https://pipelines.example/token?api-version=2.0&audience=https%3A%2F%2Fas.example"
    assert request.headers.get("authorization") == "bearer job-token"
    assert played.result == JWT


def test_google_is_asked_by_address_with_its_header() -> None:
    played = play(google(audience="https://as.example"), [response(200, JWT + "\n", headers={"Metadata-Flavor": "Google"})])
    (request,) = played.requests
    assert request.url == (
        "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/identity?audience=https%3A%2F%2Fas.example&format=full"
    )
    assert request.headers.get("metadata-flavor") == "Google"
    assert played.result == JWT


def test_whoever_does_not_say_that_it_is_google_is_not_believed() -> None:
    played = play(google(audience="x"), [response(200, JWT)])
    with pytest.raises(BadAnswer, match="no token"):
        _ = played.result


def test_azures_machines_and_apps_are_asked_in_two_ways() -> None:
    played = play(azure(resource="api://x", client_id="id-1"), [response(200, {"access_token": JWT})])
    assert played.requests[0].url == (
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2Fx&client_id=id-1"
    )
    assert played.requests[0].headers.get("metadata") == "true"
    played = play(
        azure(resource="api://x", endpoint="http://169.254.129.2:8081/msi/token", secret="s3"), [response(200, {"access_token": JWT})]
    )
    assert played.requests[0].url == "http://169.254.129.2:8081/msi/token?api-version=2019-08-01&resource=api%3A%2F%2Fx"
    assert played.requests[0].headers.get("x-identity-header") == "s3"


@pytest.mark.parametrize(
    "flow",
    [
        github_actions("http://pipelines.example/token?v=1", "t", audience="x"),
        google(audience="x", origin="http://metadata.google.internal"),
        google(audience="x", origin="http://169.254.169.254.example.com"),
        azure(resource="x", endpoint="http://10.0.0.1/token", secret="s"),
    ],
    ids=["github", "google by name", "google by a lookalike", "azure"],
)
def test_plain_http_goes_no_farther_than_the_link(flow: Flow[str]) -> None:
    played = play(flow, [])
    with pytest.raises(ConfigError) as caught:
        _ = played.result
    assert caught.value.slug == "token-without-tls"
    assert played.requests == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"message": "no \u001b[31mpermission"}),
        (200, {}),
        (200, {"value": 7}),
        (200, {"value": "a b"}),
        (500, "<html>"),
        (200, {"value": ""}),
    ],
)
def test_an_answer_without_a_token_is_told_with_what_to_do(status: int, body: object) -> None:
    played = play(github_actions("https://pipelines.example/token?v=1", "job-token", audience="x"), [response(status, body)])
    with pytest.raises(BadAnswer) as caught:
        _ = played.result
    assert caught.value.slug == "subject-token-missing"
    assert caught.value.help
    assert "\u001b" not in str(caught.value.notes)
    assert "job-token" not in str((caught.value.message, caught.value.notes, caught.value.got))
