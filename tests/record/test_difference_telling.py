"""Which difference is told first: causes before their effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthctl.findings import Evidence
from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.record.difference import Comparison, Difference, Kind, MessagePair, Weight
from oauthctl.record.difference_recordings import Side, compare
from oauthctl.record.difference_telling import is_sent_alike, most_telling
from oauthctl.record.exchange import Channel, Exchange, Recording
from tests.played import BEGAN

ISSUER = "https://op.example"
LOGIN = Evidence(4, "request.query.error", expected="a code", got="login_required")


def sign_in(
    *, cookie: str = "op_s=1", attributes: str = "SameSite=None", scope: str = "openid", accept: str = "application/json", wait: float = 1
) -> tuple[Exchange, ...]:
    """Authorization request, sign-in form, callback, token request, as a browser and its application send them."""
    query = Params.of({"response_type": "code", "client_id": "web", "state": "s-1234567890", "scope": scope}).encode()
    page = Response(200, Headers((("Set-Cookie", f"op_s=1; {attributes}"),)))
    form = replace(form_request(f"{ISSUER}/login", Params.of({"user": "alice"})), headers=Headers((("Cookie", cookie),) if cookie else ()))
    redeemed = form_request(f"{ISSUER}/token", Params.of({"grant_type": "authorization_code", "code": "c-1"}))
    redeemed = replace(redeemed, headers=Headers((("Content-Type", "application/x-www-form-urlencoded"), ("Accept", accept))))
    return (
        Exchange(1, "authorization", Channel.BROWSER, Request("GET", f"{ISSUER}/authorize?{query}"), BEGAN, 0.1, page),
        Exchange(2, "", Channel.BROWSER, form, BEGAN + timedelta(seconds=1), 0.1, Response(303)),
        callback(code="c-1"),
        Exchange(5, "token", Channel.WIRE, redeemed, BEGAN + timedelta(seconds=2 + wait), 0.1, answer()),
    )


def callback(**params: str) -> Exchange:
    query = Params.of({"state": "s-1234567890"} | params).encode()
    return Exchange(4, "callback", Channel.BROWSER, Request("GET", f"https://app.example/cb?{query}"), BEGAN + timedelta(seconds=2))


def answer(error: str = "") -> Response:
    body = f'{{"error": "{error}"}}' if error else '{"access_token": "a", "token_type": "Bearer"}'
    return Response(400 if error else 200, Headers((("Content-Type", "application/json"),)), body.encode())


def refused(exchanges: tuple[Exchange, ...], error: str) -> tuple[Exchange, ...]:
    return (*exchanges[:3], replace(exchanges[3], response=answer(error)))


def lost(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    return (*exchanges[:2], callback(error="login_required"))


def between(a: tuple[Exchange, ...], b: tuple[Exchange, ...], *evidence: Evidence) -> Comparison:
    return compare(Side(Recording(a)), Side(Recording(b), evidence=evidence))


@pytest.mark.parametrize(
    ("fails", "evidence", "place"),
    [
        (lost(sign_in(cookie="")), LOGIN, "request.headers.Cookie"),
        (lost(sign_in(cookie="", attributes="SameSite=Lax")), LOGIN, "response.headers.Set-Cookie"),
        (lost(sign_in(attributes="SameSite=Lax")), LOGIN, "request.query.error"),
        (refused(sign_in(scope="openid other"), "invalid_scope"), None, "request.query.scope"),
        (refused(sign_in(scope="openid other"), "invalid_scope"), Evidence(5, "response.body.error"), "request.query.scope"),
        (refused(sign_in(accept="text/html"), "invalid_request"), Evidence(5, "response.body.error"), "request.headers.Accept"),
        (refused(sign_in(wait=900), "invalid_grant"), Evidence(5, "response.body.error"), "request.form.code"),
        (refused(sign_in(), "invalid_grant"), Evidence(5, "response.body.error"), "response.body.error"),
    ],
)
def test_what_was_sent_is_told_before_how_it_was_answered(fails: tuple[Exchange, ...], evidence: Evidence | None, place: str) -> None:
    compared = between(sign_in(), fails, *([evidence] if evidence else []))
    assert compared.telling is not None
    assert compared.telling[1].place == place


def test_a_challenge_made_otherwise_is_told_before_the_verifier_that_does_not_fit() -> None:
    fact = Difference("request.form.code_verifier", Kind.RELATION, "whether it fits", True, False, weight=Weight.RELATION)
    sent = Difference("request.query.code_challenge_method", Kind.VALUE, "another value", "S256", "plain")
    compared = Comparison((MessagePair("authorization request", 1, 1, (sent,)), MessagePair("token request", 2, 2, (fact,))))
    assert most_telling(compared) == (compared.messages[0], sent)
    assert most_telling(Comparison(compared.messages[1:])) == (compared.messages[1], fact)


@pytest.mark.parametrize("kind", [Kind.EXTRA, Kind.MISSING, Kind.WORDS])
def test_a_refusal_is_told_before_what_a_server_offers_besides(kind: Kind) -> None:
    offered = Difference("response.body.scopes_supported", kind, "it", weight=Weight.METADATA)
    refusal = Difference("response.body.error", Kind.EXTRA, "refused", None, "invalid_client", weight=Weight.ANSWER)
    discovery, token = MessagePair("discovery", 1, 1, (offered,)), MessagePair("token request", 2, 2, (refusal,))
    assert most_telling(Comparison((discovery, token))) == (token, refusal)
    assert most_telling(Comparison((discovery,))) == (discovery, offered)


@pytest.mark.parametrize(
    ("fails", "is_alike"),
    [
        (refused(sign_in(), "invalid_grant"), True),
        (lost(sign_in()), True),
        (refused(sign_in(accept="text/html"), "invalid_grant"), False),
        (refused(sign_in(wait=900), "invalid_grant"), False),
        (lost(sign_in(cookie="")), False),
    ],
)
def test_what_was_sent_is_alike_only_where_no_request_differs(fails: tuple[Exchange, ...], is_alike: bool) -> None:
    assert is_sent_alike(between(sign_in(), fails)) is is_alike
