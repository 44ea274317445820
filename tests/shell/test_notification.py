"""What the listener for notifications takes, and what it refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from oauthctl.errors import ConfigError
from oauthctl.shell.awaited import Refusal
from oauthctl.shell.notification import NotificationListener

TOKEN, REFERENCE = "8d67dc78-7faa-4d41-aabd-67707b374255", "1c266114-a1be-4252-8ad1-04986c5b9ac1"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def listener() -> Iterator[NotificationListener]:
    one = NotificationListener("http://127.0.0.1/ciba")
    one.open()
    yield one
    one.close()


def send(listener: NotificationListener, body: object, *, method: str = "POST", path: str = "", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **headers}
    with httpx.Client(trust_env=False) as provider:
        return provider.request(method, path or listener.uri, content=content, headers=given)


def expecting(listener: NotificationListener) -> list[Refusal]:
    """Somebody has waited already, and in vain."""
    refused: list[Refusal] = []
    assert listener.wait(TOKEN, REFERENCE, 0.0, on_refused=refused.append) is None
    return refused


def test_the_right_notification_is_taken_and_needs_no_content(listener: NotificationListener) -> None:
    expecting(listener)
    answer = send(listener, {"auth_req_id": REFERENCE}, **BEARER)
    assert (answer.status_code, answer.content) == (204, b"")
    request = listener.wait(TOKEN, REFERENCE, 5.0, on_refused=print)
    assert request is not None
    assert json.loads(request.body) == {"auth_req_id": REFERENCE}


def test_one_that_comes_before_anybody_waits_is_held(listener: NotificationListener) -> None:
    answers: list[httpx.Response] = []
    early = threading.Thread(target=lambda: answers.append(send(listener, {"auth_req_id": REFERENCE}, **BEARER)))
    early.start()
    assert listener.wait(TOKEN, REFERENCE, 10.0, on_refused=print) is not None
    early.join(10)
    assert answers[0].status_code == 204


@pytest.mark.parametrize(
    ("headers", "body", "status", "slug"),
    [
        ({}, {"auth_req_id": REFERENCE}, 401, "notification-token-missing"),
        ({"Authorization": "Basic eDp5"}, {"auth_req_id": REFERENCE}, 401, "notification-token-missing"),
        ({"Authorization": "Bearer"}, {"auth_req_id": REFERENCE}, 401, "notification-token-missing"),
        ({"Authorization": "Bearer another"}, {"auth_req_id": REFERENCE}, 401, "notification-token-differs"),
        ({"Authorization": f"Bearer {TOKEN}x"}, {"auth_req_id": REFERENCE}, 401, "notification-token-differs"),
        (BEARER, {"auth_req_id": "another"}, 400, "notification-request-differs"),
        (BEARER, {}, 400, "notification-unreadable"),
        (BEARER, [REFERENCE], 400, "notification-unreadable"),
        (BEARER, {"auth_req_id": 1}, 400, "notification-unreadable"),
        (BEARER, b"", 400, "notification-unreadable"),
        (BEARER, b"[" * 5000, 400, "notification-unreadable"),
    ],
)
def test_a_wrong_one_is_refused_and_the_waiting_goes_on(
    listener: NotificationListener, headers: dict[str, str], body: object, status: int, slug: str
) -> None:
    expecting(listener)
    answer = send(listener, body, **headers)
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    refused: list[Refusal] = []
    assert listener.wait(TOKEN, REFERENCE, 0.0, on_refused=refused.append) is None
    assert [one.slug for one in refused] == [slug]
    send(listener, {"auth_req_id": REFERENCE}, **BEARER)
    assert listener.wait(TOKEN, REFERENCE, 5.0, on_refused=refused.append) is not None


def test_other_paths_and_methods_are_nothing_here(listener: NotificationListener) -> None:
    assert send(listener, {}, path=listener.uri.replace("/ciba", "/other")).status_code == 404
    assert send(listener, {}, method="PUT").status_code == 405
    assert listener.refused == []


@pytest.mark.parametrize("uri", ["https://127.0.0.1:8400/ciba", "http://app.example/ciba", "http://127.0.0.1:x/ciba", "nowhere"])
def test_an_address_at_which_nobody_can_listen_is_told(uri: str) -> None:
    with pytest.raises(ConfigError, match="notification endpoint"):
        NotificationListener(uri).open()


def test_a_busy_port_is_told_with_the_right_option(listener: NotificationListener) -> None:
    with pytest.raises(ConfigError, match="of the notification endpoint is in use") as caught:
        NotificationListener(listener.uri).open()
    assert "--notification-endpoint" in (caught.value.help or "")
