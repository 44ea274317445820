from __future__ import annotations

import json

import pytest

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.redact import redact
from oauthctl.record.replaying import Need, Refill, Rules, host_of, needs_of, why_not
from oauthctl.record.used_up import used_up
from tests.record.played import AT, OP, jwt

FRESH = {Need.CLIENT_SECRET: "new/secret", Need.ACCESS_TOKEN: "new-at", Need.REFRESH_TOKEN: "new-rt"}


def exchange(purpose: str, request: Request, *, redacted: bool = True) -> Exchange:
    made = Exchange(1, purpose, Channel.WIRE, request, AT)
    return redact(Recording((made,)), salt=b"x").exchanges[0] if redacted else made


def with_header(name: str, value: str) -> Request:
    return Request("GET", f"{OP}/api", Headers(((name, value), ("Cookie", "session=0123456789abcdef"), ("Host", "op.example"))))


def refresh(**more: str) -> Request:
    params = Params.of({"grant_type": "refresh_token", "refresh_token": "old-refresh-token"} | more)
    return form_request(f"{OP}/token", params, headers=Headers((("Authorization", basic_credentials("a b", "old secret")),)))


def test_fresh_secrets_take_the_place_of_those_that_were_taken_out() -> None:
    sent = Refill(FRESH).request(exchange("token", refresh()).request)
    assert sent.form.get("refresh_token") == "new-rt"
    assert sent.headers.get("authorization") == basic_credentials("a b", "new/secret")
    assert sent.form.get("grant_type") == "refresh_token"


def test_secrets_that_are_there_are_sent_as_they_were() -> None:
    request = refresh(client_secret="old-secret-in-form")
    sent = Refill(FRESH).request(request)
    assert (sent.body, sent.headers) == (request.body, request.headers)


@pytest.mark.parametrize("token", ["opaque-access-token", jwt({"sub": "alice"})], ids=["opaque", "jwt"])
def test_a_bearer_token_is_the_profiles_unless_it_was_issued_anew(token: str) -> None:
    old = exchange("api", with_header("Authorization", f"Bearer {token}"))
    assert needs_of(old) == {Need.ACCESS_TOKEN}
    assert Refill(FRESH).request(old.request).headers.get("authorization") == "Bearer new-at"
    marked = (old.request.headers.get("authorization") or "").partition(" ")[2]
    assert needs_of(old, {marked: "issued"}) == frozenset()
    assert Refill(FRESH, {marked: "issued"}).request(old.request).headers.get("authorization") == "Bearer issued"


def test_cookies_and_what_belongs_to_the_old_connection_are_left_out() -> None:
    sent = Refill(FRESH).request(with_header(":authority", "op.example"))
    assert sent.headers.pairs == ()


@pytest.mark.parametrize(
    ("purpose", "request_", "why"),
    [
        ("userinfo", with_header("Authorization", "Bearer old-token-1234"), ""),
        ("token", refresh(), ""),
        ("token", form_request(f"{OP}/token", Params.of({"grant_type": "client_credentials", "client_secret": "old-secret"})), ""),
        ("token", form_request(f"{OP}/token", Params.of({"grant_type": "authorization_code", "code": "0123456789"})), "a code works once"),
        (
            "token",
            form_request(f"{OP}/token", Params.of({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"})),
            "a code works once",
        ),
        (
            "token",
            form_request(f"{OP}/token", Params.of({"grant_type": "password", "password": "0123456789"})),
            "what the grant `password` presents is a person's or works once",
        ),
        (
            "token",
            refresh(client_assertion=jwt({"sub": "app"})),
            "its client assertion is good for one request, and the key for another one is not in the recording",
        ),
        (
            "api",
            with_header("DPoP", jwt({"htm": "GET"})),
            "its DPoP proof is good for one request, and the key for another one is not in the recording",
        ),
        ("api", with_header("X-Api-Key", "0123456789abcdef"), "its `api_key` was taken out of the recording, and there is no fresh one"),
        (
            "pushed-authorization",
            form_request(f"{OP}/par", Params.of({"client_id": "app", "response_type": "code"})),
            "a pushed authorization request is for one sign-in",
        ),
        ("device-authorization", form_request(f"{OP}/device", Params.of({"client_id": "app"})), "a device authorization request begins"),
        ("jwks", Request("GET", "ftp://op.example/jwks"), "its URL is none of HTTP's"),
        ("jwks", Request("GET", ""), "only its answer was seen"),
        ("jwks", Request("GET", "https://op.example/jwks"), "`op.example` was not named: `--host op.example`"),
        ("jwks", Request("GET", "https://127.0.0.1.evil.example/jwks"), "`127.0.0.1.evil.example` was not named"),
    ],
)
def test_what_can_be_sent_again_and_why_not(purpose: str, request_: Request, why: str) -> None:
    found = why_not(exchange(purpose, request_), Rules())
    assert found.startswith(why)
    assert bool(found) is bool(why)


def test_secrets_never_go_over_plain_http_to_another_machine() -> None:
    named = Rules(frozenset(("op.example",)))
    request = Request("GET", "http://op.example/api", Headers((("Authorization", "Bearer 0123456789"),)))
    for is_redacted in (True, False):
        assert "plain http" in why_not(exchange("api", request, redacted=is_redacted), named)
    assert why_not(exchange("jwks", Request("GET", "http://op.example/jwks")), named) == ""
    assert why_not(exchange("jwks", Request("GET", "https://user@OP.example:8443/jwks")), named) == ""


def test_a_host_is_compared_whole() -> None:
    assert host_of("https://OP.example:8443/x") == "op.example"
    assert host_of("https://[::1") == ""
    assert "was not named" in why_not(exchange("jwks", Request("GET", "https://a.op.example/jwks")), Rules(frozenset(("op.example",))))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("GET", f"{OP}/api", Headers((("X-HTTP-Method-Override", "DELETE"),))), "X-HTTP-Method-Override: DELETE"),
        (Request("GET", f"{OP}/api", Headers((("x-method-override", "put"),))), "x-method-override: put"),
        (Request("GET", f"{OP}/api?_method=DELETE"), "_method=DELETE"),
        (form_request(f"{OP}/userinfo", Params.of({"_method": "PATCH"})), "_method=PATCH"),
    ],
)
def test_a_request_that_is_another_method_to_the_server_is_left_out(request_: Request, said: str) -> None:
    asked = exchange("userinfo" if request_.method == "POST" else "api", request_, redacted=False)
    assert why_not(asked, Rules()).startswith(f"`{said}` makes another method of `{request_.method}`")
    assert why_not(asked, Rules(unsafe=True)) == ""


def test_an_override_that_changes_nothing_is_none() -> None:
    asked = Request("GET", f"{OP}/api?_method=get", Headers((("X-HTTP-Method-Override", "GET"),)))
    assert why_not(exchange("api", asked), Rules()) == ""


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request("GET", "https://127.0.0.1:8000\r\nX: y/jwks"), "its URL is none"),
        (Request("GET", "http://evil.example\\@127.0.0.1/jwks"), "its URL is none"),
        (Request("GET", "https://127.0.0.1:port/jwks"), "its URL is none"),
        (Request("GET", "https:///jwks"), "its URL is none"),
        (Request("G ET", f"{OP}/jwks"), "its method is none of HTTP's"),
        (Request("GET", f"{OP}/jwks", Headers((("X-A", "b\r\nX-C: d"),))), "its header `X-A` holds a character"),
        (Request("GET", f"{OP}/jwks", Headers((("X A", "b"),))), "its header `X A` holds a character"),
        (Request("GET", f"{OP}/jwks", Headers(((":authority", "op.example"), ("X-A", "a\tb é")))), ""),
    ],
)
def test_what_no_client_would_send_is_left_out_before_anything_is_sent(request_: Request, why: str) -> None:
    found = why_not(exchange("jwks", request_, redacted=False), Rules(frozenset(("op.example",))))
    assert found.startswith(why)
    assert bool(found) is bool(why)


@pytest.mark.parametrize("name", ["code", "device_code", "deviceCode", "auth_req_id", "assertion", "ticket", "SAMLResponse"])
def test_what_works_once_is_not_sent_again_wherever_it_was_sent(name: str) -> None:
    asked = Request("GET", f"{OP}/api/finish?{name}=Zk3aa77aa9Q")
    assert why_not(exchange("api", asked, redacted=False), Rules(frozenset(("op.example",)))) == f"its `{name}` works once"
    assert why_not(exchange("api", Request("GET", f"{OP}/api?code=DE"), redacted=False), Rules(frozenset(("op.example",)))) == ""


def answered(request_: Request, number: int, **members: object) -> Exchange:
    body = json.dumps(members).encode()
    status = 200 if "access_token" in members else 400
    return Exchange(
        number, "token", Channel.WIRE, request_, AT, 0.1, Response(status, Headers.of({"Content-Type": "application/json"}), body)
    )


@pytest.mark.parametrize(
    ("answers", "is_spent"),
    [
        ([{"access_token": "a", "refresh_token": "another"}], True),
        ([{"error": "invalid_grant"}], True),
        ([{}], True),
        ([{"access_token": "a"}], False),
        ([{"access_token": "a", "refresh_token": "old-refresh-token"}], False),
        ([{"access_token": "a"}, {"error": "temporarily_unavailable"}], False),
        ([{"access_token": "a"}, {"access_token": "a", "refresh_token": "another"}], True),
    ],
)
def test_a_refresh_token_that_was_used_is_spent_unless_an_answer_shows_that_it_stays(answers: list[dict[str, str]], is_spent: bool) -> None:
    exchanges = [answered(refresh(), number, **members) for number, members in enumerate(answers, 1)]
    spent = used_up(exchanges)
    assert ("old-refresh-token" in spent) is is_spent
    assert needs_of(exchanges[0], spent=spent) == ({Need.REFRESH_TOKEN} if is_spent else frozenset())
    sent = Refill(FRESH, spent=spent).request(exchanges[0].request)
    assert sent.form.get("refresh_token") == ("new-rt" if is_spent else "old-refresh-token")


def test_a_refresh_token_in_a_call_of_an_application_is_spent_too() -> None:
    body = json.dumps({"refreshToken": "old-refresh-token"}).encode()
    call = exchange("api", Request("POST", f"{OP}/auth/refresh", Headers.of({"Content-Type": "application/json"}), body), redacted=False)
    spent = used_up([call])
    assert spent == {"old-refresh-token"}
    assert needs_of(call, spent=spent) == {Need.REFRESH_TOKEN}


def test_asking_about_a_token_does_not_use_it_up() -> None:
    asked = form_request(f"{OP}/introspect", Params.of({"token": "a-token", "refresh_token": "old-refresh-token"}))
    assert used_up([exchange("introspection", asked, redacted=False)]) == frozenset()
