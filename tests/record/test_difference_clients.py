"""How the client proves itself: the method as one difference, and secrets whose fingerprints can't be compared."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.difference import Comparison, Difference
from oauthctl.record.difference_recordings import Side, compare
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.redact import redact
from tests.record.played import AT, OP

REFUSED = Response(401, Headers.of({"Content-Type": "application/json"}), json.dumps({"error": "invalid_client"}).encode())
GRANTED = Response(200, Headers.of({"Content-Type": "application/json"}), json.dumps({"access_token": "a-token-of-the-run"}).encode())
SECRET, OTHER, ODD = "a-secret-of-24-characters", "another-of-24-characters.", "p%c+t: x&=\u00e9 and so on"


def basic(secret: str, client: str = "app") -> Request:
    form = Params.of({"grant_type": "client_credentials"})
    return form_request(f"{OP}/token", form, headers=Headers((("Authorization", basic_credentials(client, secret)),)))


def posted(secret: str = "", client: str = "app") -> Request:
    more = {"client_secret": secret} if secret else {}
    return form_request(f"{OP}/token", Params.of({"grant_type": "client_credentials", "client_id": client} | more))


def compared(a: Request, b: Request, *, answers: tuple[Response, Response] = (GRANTED, REFUSED), salts: tuple[bytes, bytes]) -> Comparison:
    sides = []
    for request, answer, salt in zip((a, b), answers, salts, strict=True):
        recording = Recording((Exchange(1, "token", Channel.WIRE, request, AT, 0.1, answer),), "", OP)
        sides.append(Side(redact(recording, salt=salt), facts(recording), (), is_salted=salts[0] == salts[1]))
    return compare(*sides)


def told(found: Comparison) -> Difference:
    assert found.telling is not None
    return found.telling[1]


def of_requests(found: Comparison) -> list[Difference]:
    return [one for pair in found.messages for one in pair.differences if one.place.startswith("request")]


APART, TOGETHER = (b"a", b"b"), (b"a", b"a")


@pytest.mark.parametrize("salts", [APART, TOGETHER], ids=["apart", "together"])
@pytest.mark.parametrize(
    ("a", "b", "methods"),
    [
        (basic(SECRET), posted(SECRET), ("client_secret_basic", "client_secret_post")),
        (posted(SECRET), basic(SECRET), ("client_secret_post", "client_secret_basic")),
        (posted(), basic(SECRET), ("none", "client_secret_basic")),
        (posted(SECRET), posted(), ("client_secret_post", "none")),
    ],
)
def test_another_method_is_one_difference(a: Request, b: Request, methods: tuple[str, str], salts: tuple[bytes, bytes]) -> None:
    found = compared(a, b, salts=salts)
    assert [one.meaning for one in of_requests(found)] == [f"client authentication: `{methods[0]}` in A, `{methods[1]}` in B"]
    assert told(found).meaning.startswith("client authentication")


def test_another_client_is_told_beside_the_method() -> None:
    found = compared(posted(SECRET), posted(SECRET, client="other"), salts=APART)
    assert "request.form.client_id" in [one.place for one in of_requests(found)]


@pytest.mark.parametrize("make", [basic, posted], ids=["basic", "posted"])
def test_secrets_that_can_not_be_compared_are_told_of_where_one_is_refused(make: Callable[[str], Request]) -> None:
    found = compared(make(SECRET), make(OTHER), salts=APART)
    assert told(found).meaning.startswith("the client's secret is taken in A and refused in B; whether it is the same can't be told")
    assert of_requests(compared(make(SECRET), make(OTHER), salts=APART, answers=(GRANTED, GRANTED))) == []
    assert "another secret" in told(compared(make(SECRET), make(OTHER), salts=TOGETHER)).meaning


@pytest.mark.parametrize("salts", [APART, TOGETHER], ids=["apart", "together"])
def test_a_secret_that_is_written_otherwise_is_another_secret_and_not_another_encoding(salts: tuple[bytes, bytes]) -> None:
    found = compared(basic(SECRET), basic(ODD), salts=salts)
    assert "another" in told(found).meaning
    assert not any("whether id and secret are percent-encoded" in one.meaning for one in of_requests(found))


def test_one_odd_secret_in_two_encodings_is_told_by_the_encoding() -> None:
    raw = base64.b64encode(f"app:{ODD}".encode()).decode()
    unencoded = form_request(
        f"{OP}/token", Params.of({"grant_type": "client_credentials"}), headers=Headers((("Authorization", f"Basic {raw}"),))
    )
    found = compared(basic(ODD), unencoded, salts=APART)
    assert "percent-encoded" in told(found).meaning


def test_nothing_failed_where_both_were_granted() -> None:
    assert not compared(basic(SECRET), basic(SECRET), salts=APART, answers=(GRANTED, GRANTED)).has_failure
    assert compared(basic(SECRET), basic(SECRET), salts=APART).has_failure
