from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.rehearsal import rehearse
from oauthctl.flows.steps import Flow, Listen, Offer, Show, ask, draw, listen, send, show, visit, wait
from oauthctl.http import Request, Response, get_request
from oauthctl.record.exchange import Channel

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Echo:
    """Answers with the path that is asked for, and comes back with the URL that was visited."""

    told = ""
    waited = 0.0
    offer: Offer | None = None
    came: tuple[tuple[Request, Response], ...] = ()

    def answer(self, request: Request) -> Response:
        return Response(200, body=request.path.encode())

    def come_back(self, url: str) -> Request:
        if self.offer is not None:
            self.came = ((get_request(self.offer.uri), Response(200, body=self.offer.body)),)
        return Request("GET", f"http://127.0.0.1/callback?visited={url}")

    def shown(self, step: Show) -> None:
        self.told = step.user_code

    def wait(self, seconds: float) -> None:
        self.waited = seconds

    def offered(self, offer: Offer) -> None:
        self.offer = offer

    def fetched(self) -> tuple[tuple[Request, Response], ...]:
        news, self.came = self.came, ()
        return news


def whole() -> Flow[str]:
    first = yield from send(get_request("https://op.example/a"), "discovery")
    yield from wait(5)
    yield from show(Show("https://op.example/device", "WDJB-MJHT"))
    yield from visit("https://op.example/authorize")
    back = yield from listen(Listen("http://127.0.0.1/callback", "state"))
    drawn = yield from draw()
    answer = yield from ask("name")
    text = first.response.text if first.response else ""
    return f"{text} {back.request.query.get('visited')} {drawn.now:%Y} {len(drawn.random)} {answer!r}"


def test_each_step_is_answered_and_what_goes_over_the_wire_is_recorded() -> None:
    partners, later = Echo(), AT + timedelta(seconds=5)
    recording, result = rehearse(whole(), partners, issuer="https://op.example", at=AT)
    assert (partners.waited, partners.told) == (5, "WDJB-MJHT")
    assert result == "/a https://op.example/authorize 2026 43 ''"
    assert [(one.id, one.purpose, one.channel, one.started_at) for one in recording.exchanges] == [
        (1, "discovery", Channel.WIRE, AT),
        (2, "authorization", Channel.BROWSER, later),
        (3, "callback", Channel.CALLBACK, later),
    ]
    assert recording.tool_version


def test_no_two_drawings_are_the_same() -> None:
    def twice() -> Flow[set[str]]:
        found = set()
        for _ in range(2):
            drawn = yield from draw()
            found.add(drawn.random)
            yield from send(get_request("https://op.example/"), "api")
        return found

    assert len(rehearse(twice(), Echo(), issuer="", at=AT)[1]) == 2


def test_the_error_of_a_flow_is_not_hidden() -> None:
    def failing() -> Flow[None]:
        yield from send(get_request("https://op.example/"), "api")
        raise BadAnswer("no good")

    with pytest.raises(BadAnswer):
        rehearse(failing(), Echo(), issuer="", at=AT)


def test_what_a_server_comes_for_stands_before_the_callback() -> None:
    def offering() -> Flow[int]:
        yield from visit("https://op.example/authorize", offer=Offer("http://127.0.0.1:8500/request.jwt", "text/plain", b"it"))
        back = yield from listen(Listen("http://127.0.0.1/callback", "state"))
        return back.id

    recording, number = rehearse(offering(), Echo(), issuer="https://op.example", at=AT)
    told = [(one.id, one.purpose, one.request.path) for one in recording.exchanges]
    assert told == [(1, "authorization", "/authorize"), (2, "request-object", "/request.jwt"), (3, "callback", "/callback")]
    assert number == 3
