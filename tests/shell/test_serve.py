"""The provider over real loopback sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from time import perf_counter

import httpx
import pytest

from oauthctl.errors import ConfigError
from oauthctl.http import Headers, Request, Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Event
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.ports import holder
from oauthctl.shell.serve import Server
from oauthctl.shell.serve_app import MAX_BODY


@cache
def keys() -> tuple[Jwk, ...]:
    return generate("RS256"), generate("ES256")


def make_state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=practice_clients(secret="hush"), users=practice_users(), keys=keys())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(make_state) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.issuer, trust_env=False, timeout=5) as opened:
        yield opened


def has_ipv6_loopback() -> bool:
    """Python may know IPv6 where the machine has no such address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def service_token(client: httpx.Client) -> httpx.Response:
    return client.post("/token", data={"grant_type": "client_credentials", "scope": "items.read"}, auth=("service", "hush"))


def test_the_issuer_is_the_port_that_was_bound(server: Server, client: httpx.Client) -> None:
    assert server.issuer == f"http://127.0.0.1:{server.port}"
    assert client.get("/.well-known/openid-configuration").json()["issuer"] == server.issuer == server.state.issuer


def test_tokens_come_and_open_the_api(server: Server, client: httpx.Client) -> None:
    before = len(server.state.access_tokens)
    token = service_token(client).json()["access_token"]
    assert client.get("/api/items", headers={"Authorization": f"Bearer {token}"}).json()["for"] == "service"
    assert len(server.state.access_tokens) == before + 1


def test_faults_are_switched_while_it_runs(server: Server, client: httpx.Client) -> None:
    assert client.put("/control/faults", json={"faults": ["metadata-missing:times=1"]}).status_code == 200
    assert [client.get("/.well-known/openid-configuration").status_code for _ in range(2)] == [404, 200]
    assert client.delete("/control/faults").status_code == 204


@pytest.mark.parametrize(("issuer", "is_local"), [("", True), ("http://localhost:9000/tenant", True), ("https://id.example.com", False)])
def test_faults_are_switched_where_it_is_reached_from_this_machine_alone(issuer: str, is_local: bool) -> None:
    with Server(make_state, issuer=issuer) as running:
        assert running.state.is_controllable is is_local


def test_each_request_has_its_own_randomness(client: httpx.Client) -> None:
    assert len({service_token(client).json()["access_token"] for _ in range(5)}) == 5


def test_requests_at_the_same_time_are_all_in_the_state(server: Server, client: httpx.Client) -> None:
    before = len(server.state.access_tokens)
    threads = [threading.Thread(target=service_token, args=(client,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.state.access_tokens) == before + 10


def test_a_large_body_is_refused(client: httpx.Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/token", content=b"a=" + b"x" * MAX_BODY, headers=form).status_code == 413
    assert client.post("/token", content=b"a=" + b"x" * (MAX_BODY - 2), headers=form).status_code == 401


def test_a_large_head_is_refused(client: httpx.Client) -> None:
    assert client.get("/", headers={"X-Large": "x" * 70_000}).status_code in (400, 431)


@pytest.mark.parametrize(("host", "status"), [("evil.example", 421), ("localhost:1", 200), ("[::1]", 200), ("127.0.0.1", 200), ("[", 400)])
def test_another_host_is_not_answered(client: httpx.Client, host: str, status: int) -> None:
    assert client.get("/", headers={"Host": host}).status_code == status


def test_paths_and_queries_arrive_as_they_were_sent() -> None:
    seen: list[Request] = []

    def handler(state: ProviderState, request: Request, _moment: Moment) -> tuple[ProviderState, Response]:
        seen.append(request)
        return state, Response(200, Headers((("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))), b"yes")

    with Server(make_state, handler=handler) as server:
        answer = httpx.post(server.issuer + "/a%2Fb%20c?x=%41&y=+&x=2", content=b"body", headers={"X-A": "1"}, trust_env=False)
    assert seen[0].url == server.issuer + "/a%2Fb%20c?x=%41&y=+&x=2"
    assert (seen[0].method, seen[0].body, seen[0].headers.get("x-a")) == ("POST", b"body", "1")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_new_events_are_told() -> None:
    events: list[Event] = []
    with Server(make_state, on_log=events.append) as server:
        httpx.get(server.issuer + "/nowhere", trust_env=False)
        httpx.get(server.issuer + "/api/items", trust_env=False)
    assert [event.error for event in events] == ["not_found", "no_token"]


def test_the_clock_can_be_held() -> None:
    times = iter([datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(3)])
    events: list[Event] = []
    with Server(make_state, clock=lambda: next(times), on_log=events.append) as server:
        httpx.get(server.issuer + "/nowhere", trust_env=False)
    assert events[0].at.year == 2030


def test_keys_get_successors_when_their_time_is_over() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    with Server(lambda issuer: replace(make_state(issuer), key_seconds=60), clock=lambda: now) as server:
        counts = []
        for minutes in (0, 0, 1, 0, 1):
            now += timedelta(minutes=minutes)
            found = httpx.get(server.issuer + "/jwks", trust_env=False).json()["keys"]
            counts.append((len(found), found[0]["kid"]))
    assert [count - counts[0][0] for count, _ in counts] == [0, 0, 2, 2, 2]
    assert len({kid for _, kid in counts}) == 3


def test_latency_is_waited() -> None:
    with Server(make_state, latency_seconds=0.1) as server:
        started = perf_counter()
        httpx.get(server.issuer + "/jwks", trust_env=False)
        assert perf_counter() - started >= 0.1


def test_the_state_can_be_changed_between_requests(server: Server, client: httpx.Client) -> None:
    server.update(lambda state: replace(state, name="Renamed"))
    assert "Renamed" in client.get("/").text


def test_an_issuer_can_be_given() -> None:
    with Server(make_state, issuer="https://op.example/tenant/") as server:
        url = f"http://127.0.0.1:{server.port}/tenant/.well-known/openid-configuration"
        assert httpx.get(url, trust_env=False).json()["issuer"] == "https://op.example/tenant/"
        assert httpx.get(url, headers={"Host": "op.example"}, trust_env=False).status_code == 200


def test_localhost_is_answered_on_its_addresses() -> None:
    with Server(make_state, host="localhost") as server:
        assert server.issuer == f"http://localhost:{server.port}"
        assert httpx.get(f"http://127.0.0.1:{server.port}/jwks", trust_env=False).status_code == 200
        if has_ipv6_loopback():
            assert httpx.get(f"http://[::1]:{server.port}/jwks", trust_env=False).status_code == 200


def test_another_host_than_this_machine_has_to_be_asked_for() -> None:
    with pytest.raises(ConfigError) as caught:
        Server(make_state, host="0.0.0.0")
    assert caught.value.slug == "not-loopback"
    with Server(make_state, host="0.0.0.0", is_public=True) as server:
        assert "0.0.0.0" not in server.issuer
        assert httpx.get(f"http://127.0.0.1:{server.port}/jwks", trust_env=False).status_code == 200


def test_a_busy_port_names_what_holds_it(server: Server) -> None:
    with pytest.raises(ConfigError) as caught:
        Server(make_state, port=server.port).start()
    assert caught.value.slug == "port-busy"
    assert f"port {server.port} is busy" in caught.value.message
    if sys.platform.startswith("linux"):
        assert f"(process {os.getpid()})" in caught.value.message


def test_a_host_that_is_not_ours_can_not_be_bound() -> None:
    with pytest.raises(ConfigError) as caught:
        Server(make_state, host="192.0.2.1", is_public=True).start()
    assert caught.value.slug == "not-bound"


def test_nobody_holds_a_free_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert holder("127.0.0.1", free.getsockname()[1]) == ""


def test_starting_and_stopping_are_quick_and_leave_nothing() -> None:
    before = threading.active_count()
    started = perf_counter()
    server = Server(make_state)
    server.start()
    with httpx.Client(trust_env=False) as client:
        client.get(server.issuer + "/jwks")
        up = perf_counter()
        server.stop()
        stopped = perf_counter()
    assert up - started < 0.5
    assert stopped - up < 0.5
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.issuer + "/jwks", trust_env=False)
    server.stop()


def test_a_bug_in_the_handler_is_not_hidden() -> None:
    def handler(_state: ProviderState, _request: Request, _moment: Moment) -> tuple[ProviderState, Response]:
        raise ZeroDivisionError

    told: list[Event] = []
    server = Server(make_state, handler=handler, on_log=told.append)
    server.start()
    answer = httpx.get(server.issuer + "/token?code=hush", trust_env=False)
    assert (answer.status_code, "Zero" in answer.text) == (500, False)
    [event] = told
    assert (event.error, event.who, "ZeroDivisionError at" in event.reason) == ("server_error", "GET /token", True)
    assert __file__ in event.reason
    with pytest.raises(ZeroDivisionError):
        server.stop()


def test_a_server_that_ran_until_its_end_counts_bugs_and_raises_none() -> None:
    def handler(_state: ProviderState, _request: Request, _moment: Moment) -> tuple[ProviderState, Response]:
        raise ZeroDivisionError

    told: list[Event] = []
    server = Server(make_state, handler=handler, on_log=told.append)
    asked: list[int] = []

    def ask() -> None:
        asked.extend(httpx.get(server.issuer + path, trust_env=False).status_code for path in ("/a", "/b"))

    assert server.run_forever(on_ready=ask, is_over=lambda: True) == 2
    assert asked == [500, 500]
    assert len(told) == 2
    with pytest.raises(ZeroDivisionError):
        server.stop()


def test_a_header_that_cannot_go_onto_the_wire_is_a_bug_that_is_told() -> None:
    told: list[Event] = []
    server = Server(
        make_state, handler=lambda state, _request, _moment: (state, Response(200, Headers.of({"X": "\u20ac"}))), on_log=told.append
    )
    server.start()
    assert httpx.get(server.issuer, trust_env=False).status_code == 500
    assert [event.error for event in told] == ["server_error"]
    with pytest.raises(UnicodeEncodeError):
        server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_without_a_word(number: str) -> None:
    program = (
        "from oauthctl.shell.serve import Server\n"
        "from oauthctl.provider.state import ProviderState\n"
        "def make(issuer):\n"
        "    print(issuer, flush=True)\n"
        "    return ProviderState(issuer, {}, {}, ())\n"
        "Server(make).run_forever()\n"
        "print('ended')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport) as client:
            assert client.get(issuer + "/jwks").json() == {"keys": []}
        process.send_signal(getattr(signal, number))
        out, err = process.communicate(timeout=10)
    assert (out, err, process.returncode) == ("ended\n", "", 0)
