"""One wrong request of each kind that a server must refuse: our provider does, and `diagnose` names the rule in what was exchanged."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest

from oauthctl.findings import Finding
from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.jose.algorithms import sign_bytes
from oauthctl.jose.sign import encode_part, sign, unsecured
from oauthctl.messages.dpop import dpop_proof
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import OPENID_PATH
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.provider.test_request_object import KEY, inside, packed, world
from tests.provider.world import CALLBACK, ISSUER, START, VERIFIER, World

ITEMS = f"{ISSUER}/api/items"


class Wire:
    """A provider in memory, and all that is exchanged with it."""

    def __init__(self, there: World) -> None:
        self.there = there
        self.recording = Recording(tool_version="1")
        self.send("GET", f"{ISSUER}{OPENID_PATH}")

    def send(self, method: str, url: str, *, form: dict[str, str] | None = None, **headers: str) -> Response:
        kind = {"Content-Type": FORM} if form is not None else {}
        body = Params.of(form).encode().encode() if form is not None else b""
        request = Request(method, url, Headers.of(kind | headers), body)
        self.there.count += 1
        moment = Moment(self.there.now, f"{self.there.number}/{self.there.count}".encode().ljust(32))
        self.there.state, response = handle(self.there.state, request, moment)
        number = self.recording.next_id
        exchange = Exchange(number, "", Channel.WIRE, request, self.there.now + timedelta(milliseconds=number), 0.01, response)
        self.recording = self.recording.with_exchange(exchange)
        return response

    def found(self) -> tuple[Finding, ...]:
        """What `diagnose` finds, on the redacted recording as always."""
        return diagnose(scene_of(Material("recording", self.recording), now=None, salt=b"salt of a test")).findings


def bound(wire: Wire) -> str:
    """An access token that is bound to the key."""
    form = {"grant_type": "authorization_code", "code": wire.there.code(), "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    proof = dpop_proof(KEY, "POST", f"{ISSUER}/token", now=START, jti="first")
    response = wire.send("POST", f"{ISSUER}/token", form=form | {"client_id": "public"}, DPoP=proof)
    return response.text.partition('"access_token":')[2].split('"')[1]


def called(wire: Wire, token: str, proof: str, scheme: str = "DPoP") -> Response:
    return wire.send("GET", ITEMS, Authorization=f"{scheme} {token}", DPoP=proof)


def proved(token: str, **changes: object) -> str:
    given = {"now": START, "jti": "second", "access_token": token} | changes
    return dpop_proof(given.pop("key", KEY), given.pop("method", "GET"), given.pop("url", ITEMS), **given)  # type: ignore[arg-type]  # a table


def replayed(wire: Wire) -> Response:
    token = bound(wire)
    proof = proved(token)
    assert called(wire, token, proof).status == 200
    return called(wire, token, proof)


def with_proof(**changes: object) -> Callable[[Wire], Response]:
    def run(wire: Wire) -> Response:
        token = bound(wire)
        return called(wire, token, proved(token, **changes))

    return run


def without_proof(wire: Wire) -> Response:
    return wire.send("GET", ITEMS, Authorization=f"Bearer {bound(wire)}")


def doubled() -> str:
    """A request object in which `scope` stands twice."""
    payload = urlsafe_b64encode(b'{"scope":"openid",' + json.dumps(inside()).removeprefix("{").encode()).rstrip(b"=")
    head = encode_part({"alg": "ES256", "typ": "oauth-authz-req+jwt"})
    text = f"{head}.{payload.decode()}"
    return f"{text}.{urlsafe_b64encode(sign_bytes('ES256', KEY.as_dict(), text.encode())).rstrip(b'=').decode()}"


def asking(request: Callable[[], str], **beside: str) -> Callable[[Wire], Response]:
    """The authorization request with this request object."""

    def run(wire: Wire) -> Response:
        query = Params.of({"client_id": "public", "request": request(), "redirect_uri": CALLBACK, "state": "state-1", **beside})
        return wire.send("GET", f"{ISSUER}/authorize?{query.encode()}")

    return run


@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        (replayed, "dpop-proof-reused"),
        (with_proof(now=START - timedelta(hours=1)), "dpop-proof-stale"),
        (with_proof(method="POST"), "dpop-method-differs"),
        (with_proof(url=f"{ISSUER}/api/other"), "dpop-uri-differs"),
        (with_proof(access_token="another"), "dpop-token-hash-differs"),
        (without_proof, "dpop-token-sent-as-bearer"),
        (asking(doubled), "request-object-refused"),
        (asking(lambda: unsecured(inside())), "request-object-refused"),
        (asking(lambda: packed(aud="https://other.example")), "request-object-refused"),
        (asking(lambda: packed(exp=int(START.timestamp()) - 300)), "request-object-refused"),
        (asking(lambda: sign(inside(), KEY, header={"typ": "dpop+jwt"})), "request-object-refused"),
    ],
)
def test_a_wrong_request_is_refused_and_its_rule_named(wrong: Callable[[Wire], Response], slug: str) -> None:
    wire = Wire(world())
    response = wrong(wire)
    assert response.status >= 400 or "error=" in (response.headers.get("location") or "")
    assert [finding.rule for finding in wire.found()][:1] == [slug]


def test_what_stands_twice_in_a_request_object_is_named() -> None:
    wire = Wire(world())
    asking(doubled)(wire)
    assert "`scope` 2 times" in wire.found()[0].cause
