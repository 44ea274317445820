from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from oauthctl.shell.handover import Handover

TARGET = "https://op.example/logout?id_token_hint=e30.e30.c2ln&client_id=app"


@pytest.fixture
def handover() -> Iterator[Handover]:
    one = Handover(TARGET, secret_path="Zk3dPQ7rZb1Cw5sX9Q")
    yield one
    one.close()


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}, trust_env=False)


def test_the_first_who_comes_is_led_on(handover: Handover) -> None:
    address = handover.open()
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/Zk3dPQ7rZb1Cw5sX9Q")
    assert "e30" not in address
    answer = get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, TARGET)
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert handover.wait(0)


def test_the_second_gets_nothing_and_is_told(handover: Handover) -> None:
    address = handover.open()
    get(address)
    answer = get(address)
    assert answer.status_code == 410
    assert "Location" not in answer.headers
    assert "c2ln" not in answer.text
    assert "somebody was here before" in answer.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 404),
        ("/Zk3dPQ7rZb1Cw5sX9q", {}, 404),
        ("/Zk3dPQ7rZb1Cw5sX9Q/x", {}, 404),
        ("/favicon.ico", {}, 404),
        (None, {"Host": "evil.example"}, 421),
        (None, {"Host": "localhost"}, 421),
        (None, {"Sec_Purpose": "prefetch;prerender"}, 503),
    ],
)
def test_everything_else_leaves_it_for_the_right_one(handover: Handover, path: str | None, headers: dict[str, str], status: int) -> None:
    address = handover.open()
    answer = get(address if path is None else address.replace("/Zk3dPQ7rZb1Cw5sX9Q", path), **headers)
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert not handover.wait(0)
    assert get(address).status_code == 303


def test_a_form_is_no_visit(handover: Handover) -> None:
    address = handover.open()
    assert httpx.post(address, trust_env=False).status_code == 404
    assert not handover.wait(0)


def test_it_leaves_no_port_and_no_thread(handover: Handover) -> None:
    before = threading.active_count()
    port = urlsplit(handover.open()).port or 0
    handover.close()
    handover.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
