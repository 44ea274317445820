from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.http import FORM, Headers, Params, Request, Response, form_request
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import Client, basic_credentials, client_request
from oauthctl.messages.param import Message
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.facts.flow import flow_facts
from oauthctl.record.har import from_har, to_har
from oauthctl.record.redact import redact, words_without_secrets
from tests.record.arbitrary import recordings
from tests.record.played import CODE, ID_TOKEN, REFRESH_TOKEN, SECRETS, SIGNATURES, jwt, played

SALT = b"a salt of the test"
AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "s3cr3t/Value+of=24chars~"


def recorded(request: Request, response: Response | None = None) -> Recording:
    return Recording((Exchange(1, "", Channel.WIRE, request, AT, 0.1, response),))


def shared(recording: Recording) -> str:
    return json.dumps(to_har(redact(recording, salt=SALT), facts=facts(recording)), ensure_ascii=False)


def spellings(secret: str) -> tuple[str, ...]:
    octets = secret.encode()
    encoded = base64.b64encode(octets).decode(), base64.urlsafe_b64encode(octets).decode().rstrip("=")
    basic = basic_credentials("app", secret).partition(" ")[2], base64.b64encode(f"app:{secret}".encode()).decode()
    return (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), *encoded, *basic)


@pytest.mark.parametrize("secret", [*SECRETS, *SIGNATURES], ids=range(len(SECRETS) + len(SIGNATURES)))
def test_no_secret_of_a_run_is_in_its_file_in_any_spelling(secret: str) -> None:
    before, after = json.dumps(to_har(played()), ensure_ascii=False), shared(played())
    assert any(spelling in before for spelling in spellings(secret))
    assert [spelling for spelling in spellings(secret) if spelling in after] == []


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        f"it was <b>{LONG}</b>",
        f"https://x.example/?q={quote(LONG, safe='')}",
        quote(quote(LONG, safe=""), safe=""),
        base64.b64encode(LONG.encode()).decode(),
        LONG.encode().hex(),
        f"dump: {LONG.encode().hex().upper()};",
        base64.urlsafe_b64encode(f"prefix {LONG} suffix".encode()).decode(),
        basic_credentials("someone else", LONG),
        json.dumps({"echo": [LONG]}).replace("/", "\\/"),
        LONG.replace("+", "%2b"),
    ],
)
def test_a_known_secret_is_found_at_places_that_nobody_knows(text: str) -> None:
    request = Request(
        "POST", f"https://op.example/token#{quote(text)}", Headers((("X-Echo", text),)), f"client_secret={quote(LONG)}".encode()
    )
    recording = recorded(request, Response(500, Headers((("X-Echo", text),)), text.encode()))
    after = shared(recording)
    assert LONG not in after
    decoded = [
        base64.b64decode(word + "==", altchars=b"-_")
        for word in after.replace("%", '"').split('"')
        if len(word) % 4 != 1 and word.isalnum()
    ]
    assert not any(LONG.encode() in word for word in decoded)
    assert text not in after


def bodies() -> dict[str, tuple[str, bytes]]:
    return {
        "form": (FORM, b"username=alice&password=pw1&remember=1"),
        "multipart": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\npw1\r\n--x--\r\n'),
        "json": ("application/json", b'{"user": {"password" : "pw1"}}'),
        "json with an escaped name": ("application/json", b'{"passw\\u006frd":"pw1"}'),
        "json number": ("application/json", b'{"client_secret": 91822}'),
        "html": ("text/html", b"<form><input type=hidden value='pw1' name=\"password\"></form>"),
    }


@pytest.mark.parametrize("name", bodies())
def test_a_short_secret_is_replaced_where_it_is_known_to_stand(name: str) -> None:
    kind, body = bodies()[name]
    after = redact(recorded(Request("POST", "https://op.example/", Headers((("Content-Type", kind),)), body)), salt=SALT)
    new = after.exchanges[0].request.body
    assert b"pw1" not in new
    assert b"91822" not in new
    assert b"redacted-" in new
    assert len(new) - len(body) == len("redacted-password-01234567") - 3 or name == "json number"


def test_the_same_secret_keeps_the_same_fingerprint() -> None:
    after = redact(played(), salt=SALT)
    by_id = {exchange.id: exchange.request for exchange in after.exchanges}
    assert by_id[6].query.get("code") == by_id[7].form.get("code") == by_id[11].form.get("code")
    assert by_id[10].form.get("refresh_token") == by_id[12].form.get("token")
    assert by_id[7].form.get("code") != by_id[10].form.get("refresh_token")
    assert (by_id[7].form.get("code") or "").startswith("redacted-code-")


def test_another_salt_gives_other_fingerprints() -> None:
    assert redact(played(), salt=b"1") != redact(played(), salt=b"2")


def test_what_is_no_secret_stays() -> None:
    before, after = played(), redact(played(), salt=SALT)
    authorization, callback = after.exchanges[2].request, after.exchanges[5].request
    assert authorization == before.exchanges[2].request
    assert callback.query.get("state") == "af0ifjsldkj"
    assert after.exchanges[1] == before.exchanges[1]
    assert after.exchanges[4].request.form.get("username") == "alice"
    cookie = after.exchanges[4].response
    assert cookie is not None
    assert (cookie.headers.get("set-cookie") or "").startswith("session=redacted-cookie-")
    assert (cookie.headers.get("set-cookie") or "").endswith("; HttpOnly; Path=/")


def test_basic_keeps_the_user_and_bearer_keeps_the_scheme() -> None:
    after = redact(played(), salt=SALT)
    scheme, _, encoded = (after.exchanges[6].request.headers.get("authorization") or "").partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode().startswith("app:redacted-client_secret-")
    assert (after.exchanges[7].request.headers.get("authorization") or "").startswith("Bearer eyJ")


def test_a_jwt_can_be_decoded_but_not_used() -> None:
    after = redact(played(), salt=SALT)
    answer = after.exchanges[6].response
    assert answer is not None
    token = json.loads(answer.body)["id_token"]
    assert token != ID_TOKEN
    assert take_apart(token).claims == take_apart(ID_TOKEN).claims
    assert take_apart(token).problems == ()


def test_a_code_inside_a_jwt_goes_too() -> None:
    answer = jwt({"iss": "https://op.example", "code": LONG, "state": "s"})
    after = redact(recorded(Request("GET", f"https://app.example/cb?response={answer}")), salt=SALT)
    claims = take_apart(after.exchanges[0].request.query.get("response") or "").claims or {}
    assert claims["code"].startswith("redacted-code-")
    assert claims["state"] == "s"


@pytest.mark.parametrize(
    "url", ["https://h.example/k?token=Zq9secretX7", "https://u:Zq9secretX7@h.example/k", "https://h.example/k?key=Zq9secretX7"]
)
@pytest.mark.parametrize("alg", ["RS256", "none"])
def test_a_secret_in_a_url_inside_a_jwt_goes_from_header_and_claims(url: str, alg: str) -> None:
    parts = {"alg": alg, "jku": url, "x5u": url}, {"aud": ["app", url], "jku": url, "act": {"sub": url}}
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    token += ".c2lnbmF0dXJlb2Z0aGV0b2tlbg" if alg != "none" else "."
    after = redact(recorded(Request("GET", f"https://app.example/cb?id_token={token}")), salt=SALT)
    read = take_apart(after.exchanges[0].request.query.get("id_token") or "")
    assert read.header["alg"] == alg
    assert read.claims is not None
    assert "Zq9secretX7" not in json.dumps([dict(read.header), dict(read.claims)])
    assert str(read.header["jku"]).startswith("https://")


def test_credentials_that_a_callback_spells_out_are_gone() -> None:
    written = base64.b64encode(f"app:{CODE}".encode()).decode()
    url = f"https://app.example/cb?error=access_denied&error_description={quote('Basic ' + written)}"
    assert quote(written) not in redact(recorded(Request("GET", url)), salt=SALT).exchanges[0].request.url


def test_an_unsecured_jwt_keeps_header_and_claims() -> None:
    unsecured = jwt({"iss": "https://op.example", "aud": "api"}).rpartition(".")[0] + "."
    request = Request("GET", f"https://app.example/cb#access_token={unsecured}", Headers((("Authorization", f"Bearer {unsecured}"),)))
    after = redact(recorded(request), salt=SALT)
    assert after.exchanges[0].request.headers.get("authorization") == f"Bearer {unsecured}"
    assert after.exchanges[0].request.url.endswith(f"#access_token={unsecured}")
    assert redact(after, salt=b"another") == after


def test_a_code_inside_an_unsecured_jwt_goes_too() -> None:
    answer = jwt({"iss": "https://op.example", "code": LONG}).rpartition(".")[0] + "."
    in_words = Response(400, Headers(), f"cannot read {answer} as an answer".encode())
    after = redact(recorded(Request("GET", f"https://app.example/cb?response={answer}"), in_words), salt=SALT)
    kept = after.exchanges[0].request.query.get("response") or ""
    assert kept.endswith(".")
    assert (take_apart(kept).claims or {})["code"].startswith("redacted-code-")
    assert after.exchanges[0].response is not None
    assert kept.encode() in after.exchanges[0].response.body


def test_a_jwe_keeps_its_header_alone() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"RSA-OAEP","enc":"A256GCM"}').decode().rstrip("=")
    after = redact(recorded(Request("GET", f"https://app.example/cb#id_token={header}.a2V5.aXY.dGV4dA.dGFn")), salt=SALT)
    assert after.exchanges[0].request.url.startswith(f"https://app.example/cb#id_token={header}.redacted.redacted.redacted.redacted-sig-")


def test_error_codes_in_json_are_no_secrets() -> None:
    body = b'{"code": "invalid_request", "error": {"code": 404}, "token": "missing", "message": "invalid_request"}'
    recording = recorded(Request("GET", "https://api.example/"), Response(400, Headers((("Content-Type", "application/json"),)), body))
    assert redact(recording, salt=SALT) == recording


@pytest.mark.parametrize("secret", ["password", "client_secret", "access_token", "code"])
def test_a_secret_that_is_a_parameters_name_does_not_take_the_names_with_it(secret: str) -> None:
    body = Params.of({"grant_type": "password", "username": "u", "password": secret, "client_secret": secret}).encode().encode()
    after = redact(recorded(Request("POST", "https://op.example/token", body=body)), salt=SALT).exchanges[0].request.form
    assert [name for name, _ in after] == ["grant_type", "username", "password", "client_secret"]
    assert after.get("grant_type") == "password"
    assert after.get("password") == after.get("client_secret") != secret


def test_private_members_of_a_key_go_and_public_ones_stay() -> None:
    body = json.dumps({"keys": [{"kty": "EC", "x": "public", "d": LONG}], "d": "no key"}).encode()
    after = redact(recorded(Request("GET", "https://op.example/jwks"), Response(200, body=body)), salt=SALT).exchanges[0].response
    assert after is not None
    document = json.loads(after.body)
    assert document["keys"][0]["d"].startswith("redacted-private_key-")
    assert (document["keys"][0]["x"], document["d"]) == ("public", "no key")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "x", "redacted-credentials-"),
        ("Proxy-Authorization", "Basic !!!", "Basic redacted-credentials-"),
        ("Authorization", "DPoP abc", "DPoP redacted-access_token-"),
        ("Authorization", "Digest username=a, response=b", "Digest redacted-credentials-"),
        ("Cookie", "a=1; b=2", "a=redacted-cookie-"),
        ("X-Api-Key", "k", "redacted-api_key-"),
        ("Referer", "https://a.example/?code=1&x=2", "https://a.example/?code=redacted-code-"),
        ("Location", "https://u:pw@a.example/", "https://u:redacted-password-"),
        (
            "Location",
            "https://a.example/?next=https%3A%2F%2Fb.example%2F%3Fcode%3Dq9",
            "https://a.example/?next=https%3A%2F%2Fb.example%2F%3Fcode%3Dredacted",
        ),
    ],
)
def test_headers_lose_their_secrets(name: str, value: str, expected: str) -> None:
    after = redact(recorded(Request("GET", "https://op.example/", Headers(((name, value),)))), salt=SALT)
    assert (after.exchanges[0].request.headers.get(name) or "").startswith(expected)


def test_redacting_twice_changes_nothing() -> None:
    once = redact(played(), salt=SALT)
    assert redact(once, salt=b"another") == once


def test_a_redacted_recording_survives_its_file() -> None:
    once = redact(played(), salt=SALT)
    assert from_har(json.loads(json.dumps(to_har(once)))) == once


@given(recordings())
@settings(max_examples=60, deadline=None)
def test_any_recording_can_be_redacted_twice(recording: Recording) -> None:
    once = redact(recording, salt=SALT)
    assert redact(once, salt=b"another") == once


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=8, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_secret_of_some_length_is_gone(secret: str) -> None:
    body = Params.of({"client_id": "1", "client_secret": f"{secret}9Zq"}).encode().encode()
    answer = Response(400, body=f"you sent {secret}9Zq".encode())
    assert f"{secret}9Zq" not in shared(recorded(Request("POST", "https://op.example/token", body=body), answer))


SENT: dict[str, Callable[[str], Request]] = {
    "code": lambda secret: form_request("https://op.example/token", Params.of({"grant_type": "authorization_code", "code": secret})),
    "post": lambda secret: client_request("https://op.example/token", Params(), Client("app", secret, "client_secret_post")),
    "basic": lambda secret: client_request("https://op.example/token", Params(), Client("app", secret, "client_secret_basic")),
    "url": lambda secret: Request("GET", f"https://app.example/cb?code={quote(secret, safe='')}&state=s"),
}
ECHOED: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in a JSON text": lambda text: json.dumps({"error": "invalid_grant", "error_description": f"no such thing: {text}!"}),
    "in a JSON text of Unicode": lambda text: json.dumps({"error_description": f"({text})"}, ensure_ascii=False),
    "in HTML": lambda text: f'<html><p title="{html.escape(text)}">{html.escape(text)}</p></html>',
    "in a URL": lambda text: f"see https://op.example/help?for={quote(text, safe='')}&lang=en",
    "in a form": lambda text: f"error=invalid&error_description={quote_plus(text)}",
}


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=8, max_size=24),
    st.sampled_from([*SENT]),
    st.sampled_from([*ECHOED]),
)
@settings(max_examples=150, deadline=None)
def test_what_was_sent_is_gone_wherever_a_server_echoes_it(text: str, sent: str, echoed: str) -> None:
    secret = f"Q7{text}9Zq"
    request = SENT[sent](secret)
    for spelling in spellings(secret):
        body = ECHOED[echoed](spelling)
        recording = recorded(request, Response(400, Headers((("X-Echo", quote(spelling, safe="")),)), body.encode()))
        after = redact(recording, salt=SALT).exchanges[0]
        assert after.response is not None
        seen = [after.response.text, after.response.headers.get("x-echo") or "", after.request.url, after.request.body.decode()]
        for form in (spelling, ECHOED[echoed](spelling), quote(spelling, safe=""), secret):
            assert [place for place in seen if form in place] == []


def test_facts_are_worked_out_before_the_secrets_go() -> None:
    told = flow_facts(played())
    assert told[6] == {"code_characters": len(CODE)}
    expected = {"code_verifier_characters": 43, "code_verifier_is_unreserved": True, "pkce_matches": True, "pkce_fit": "S256"}
    assert told[7] == expected
    assert 10 not in told
    after = json.loads(shared(played()))
    assert after["log"]["entries"][6]["_oauthctl"]["facts"]["pkce_matches"] is True
    assert REFRESH_TOKEN not in json.dumps(told)


@pytest.mark.parametrize("unit", [b"eyey", b"<input ", b'name="password"\n', b'"a":"', b"//a:", b"a&b=", b"<p name=\n\n"], ids=repr)
def test_bodies_made_to_be_slow_are_not(unit: bytes) -> None:
    body = b"<" + unit * (100_000 // len(unit))
    kinds = ("multipart/form-data", "text/html")
    answers = tuple(
        Exchange(at, "", Channel.WIRE, Request("GET", ""), AT, 0, Response(200, Headers((("Content-Type", kind),)), body))
        for at, kind in enumerate(kinds, 1)
    )
    before = time.process_time()
    redact(Recording(answers), salt=SALT)
    assert time.process_time() - before < 2


@pytest.mark.parametrize("secret", ["my-very-secret", "the_password", "at/held+0=secret", "web-token"])
def test_a_secret_that_ends_like_a_parameters_name_is_found_everywhere(secret: str) -> None:
    sent = form_request("https://op.example/token", Params.of({"client_secret": secret, "grant_type": "client_credentials"}))
    answer = Response(401, Headers.of({"Content-Type": "text/plain"}), f"{secret} is wrong".encode())
    redacted = redact(recorded(sent, answer), salt=SALT).exchanges[0]
    assert redacted.response is not None
    assert secret not in redacted.response.text
    said = words_without_secrets(recorded(sent, answer), salt=SALT)(f"it said {secret}")
    assert said == f"it said {redacted.request.form.get('client_secret')}"


@pytest.mark.parametrize("secret", ["secret", "password", "client_secret", "token"])
def test_a_secret_that_is_a_parameters_name_leaves_the_names(secret: str) -> None:
    sent = form_request("https://op.example/token", Params.of({"client_secret": secret, "grant_type": "client_credentials"}))
    redacted = redact(recorded(sent), salt=SALT).exchanges[0]
    assert "client_secret=" in redacted.request.body.decode()
    assert redacted.request.form.get("client_secret") != secret


WORDED = ("wrong", "invalid", "expired", "Secret", "unauthorized", "https", "oauth", "revoked", "unknown", "client")


@pytest.mark.parametrize("secret", WORDED)
def test_a_secret_that_is_a_word_leaves_the_servers_sentences(secret: str) -> None:
    said = f"The client {secret} is unknown: wrong secret, invalid or expired, unauthorized; see https://op.example/oauth/client/revoked"
    answer = Response(401, Headers((("Content-Type", "application/json"),)), json.dumps({"error_description": said}).encode())
    request = form_request("https://op.example/oauth/token", Params((("client_id", "web"), ("client_secret", secret))))
    hidden = redact(recorded(request, answer), salt=SALT).exchanges[0]
    assert hidden.response is not None
    assert json.loads(hidden.response.body)["error_description"] == said
    assert hidden.request.url == request.url
    assert (hidden.request.form.get("client_secret") or "").startswith("redacted-")


@pytest.mark.parametrize("secret", [word for word in WORDED if word != "Secret"])
@pytest.mark.parametrize(
    "echo",
    [
        "sent: client_secret={}",
        "see https://op.example/?next=https%3A%2F%2Fx%2F%3Fq%3D{}",
        "the password '{}' is not yours",
        "app:{} is not known",
        "Bearer {}",
    ],
)
def test_a_secret_that_is_a_word_is_hidden_wherever_a_value_stands(secret: str, echo: str) -> None:
    def hidden(written: str) -> str:
        request = form_request("https://op.example/token", Params((("client_secret", secret),)))
        response = redact(recorded(request, Response(400, Headers(), written.encode())), salt=SALT).exchanges[0].response
        return response.text if response else ""

    assert hidden(echo.format(secret)) == echo.format(hidden(f"x={secret}").removeprefix("x="))
    assert hidden(echo.format("other")) == echo.format("other")
    packed = hidden(base64.b64encode(f"app:{secret}".encode()).decode())
    assert base64.b64decode(packed + "==").startswith(b"app:redacted-client_secret-")


@pytest.mark.parametrize("spelled", [str, quote, quote_plus, html.escape, lambda text: json.dumps(text)[1:-1]])
def test_a_huge_secret_full_of_odd_characters_is_found_again_in_a_bounded_time(spelled: Callable[[str], str]) -> None:
    secret = 'https://a/?b="&' * 3000
    where = Request("GET", f"https://app.example/cb?code={quote(secret, safe='')}&state=s")
    body = Response(400, Headers(), f"refused: {spelled(secret)} was said".encode())
    begun = time.perf_counter()
    hidden = redact(recorded(where, body), salt=SALT).exchanges[0]
    assert time.perf_counter() - begun < 3
    assert hidden.response is not None
    assert "/a/" not in hidden.request.url
    assert "a/?b" not in hidden.response.text
    assert "%2Fa%2F" not in hidden.response.text
    assert hidden.response.text.startswith("refused: ")


def every_message(base: type[Message] = Message) -> set[type[Message]]:
    return {base}.union(*(every_message(one) for one in base.__subclasses__()))


@pytest.mark.parametrize("name", sorted({name for one in every_message() for name, param in one.params().items() if param.secret}))
def test_every_parameter_that_a_message_declares_as_secret_is_redacted(name: str) -> None:
    form = form_request("https://op.example/x", Params.of({name: LONG}))
    query = Request("GET", f"https://op.example/x?{name}={quote(LONG, safe='')}")
    answer = Response(200, Headers((("Content-Type", "application/json"),)), json.dumps({name: LONG}).encode())
    for recording in (recorded(form), recorded(query), recorded(Request("GET", "https://op.example/x"), answer)):
        text = shared(recording)
        assert "redacted-" in text
        assert [one for one in spellings(LONG) if one in text] == []


@pytest.mark.parametrize(
    "name",
    [
        *("X-Amz-Security-Token", "Ocp-Apim-Subscription-Key", "X-Auth-Key", "X-Auth-Session", "Api-Key", "X-Goog-Api-Key", "X-CSRFToken"),
        *("X-XSRF-TOKEN", "Private-Token", "X-Vault-Token", "Proxy-Authorization", "X-Forwarded-Access-Token", "X-Original-Authorization"),
        *("X-Functions-Key", "X-Client-Secret", "X-Session-Id"),
    ],
)
def test_the_header_that_carries_a_secret_keeps_its_name_alone(name: str) -> None:
    text = shared(recorded(Request("GET", "https://api.example/", Headers(((name, LONG),)))))
    assert name in text
    assert LONG not in text


@pytest.mark.parametrize("name", ["Cookie2", "Set-Cookie2", "Cookie"])
def test_a_cookies_value_goes(name: str) -> None:
    text = shared(recorded(Request("GET", "https://api.example/", Headers(((name, f"sid={LONG}"),)))))
    assert "sid=redacted-cookie-" in text
    assert LONG not in text


@pytest.mark.parametrize("name", ["Sec-WebSocket-Key", "Idempotency-Key", "Surrogate-Key", "X-Request-Id", "DPoP-Nonce"])
def test_a_header_that_opens_nothing_stays(name: str) -> None:
    assert LONG in shared(recorded(Request("GET", "https://api.example/", Headers(((name, LONG),)))))


@pytest.mark.parametrize(
    "name",
    [
        *("sessionToken", "session_token", "userPassword", "clientSecret", "apiKey", "accessKey", "secretKey", "subscription-key"),
        *("x-amz-signature", "csrfToken", "user_code", "auth_req_id", "registration_access_token", "software_statement"),
    ],
)
def test_a_secrets_name_may_be_spelled_as_in_javascript_and_stand_at_any_depth(name: str) -> None:
    body = json.dumps({"session": [{name: LONG}]}).encode()
    text = shared(recorded(Request("GET", "https://api.example/"), Response(200, Headers(), body)))
    assert name in text
    assert LONG not in text


@pytest.mark.parametrize(
    "name", ["publicKey", "partition_key", "token_type", "tokenEndpoint", "passwordChangedAt", "signing_keys", "monkey"]
)
def test_a_name_that_only_sounds_like_a_secrets_stays(name: str) -> None:
    body = json.dumps({name: LONG}).encode()
    assert LONG in shared(recorded(Request("GET", "https://api.example/"), Response(200, Headers(), body)))


def test_a_pushed_requests_reference_says_still_that_it_was_pushed_and_which() -> None:
    reference = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"
    pushed = Response(201, Headers((("Content-Type", "application/json"),)), json.dumps({"request_uri": reference}).encode())
    used = Request("GET", f"https://op.example/authorize?client_id=app&request_uri={quote(reference, safe='')}")
    recording = recorded(form_request("https://op.example/par", Params.of({"client_id": "app"})), pushed)
    recording = replace(recording, exchanges=(*recording.exchanges, Exchange(2, "", Channel.WIRE, used, AT, 0.1)))
    first, second = redact(recording, salt=SALT).exchanges
    assert first.response is not None
    given: str = json.loads(first.response.body)["request_uri"]
    assert given.startswith("urn:ietf:params:oauth:request_uri:redacted-request_uri-")
    assert quote(given, safe="-._~") in second.request.url


def test_a_request_object_at_an_address_keeps_the_address() -> None:
    url = "https://op.example/authorize?request_uri=https%3A%2F%2Fapp.example%2Frequest.jwt"
    assert redact(recorded(Request("GET", url)), salt=SALT).exchanges[0].request.url == url


def test_a_devices_answer_tells_neither_code() -> None:
    members = {
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://op.example/device",
        "verification_uri_complete": "https://op.example/device?user_code=WDJB-MJHT",
    }
    shown = json.loads(answered(members))
    assert shown["verification_uri"] == members["verification_uri"]
    assert shown["verification_uri_complete"] == f"https://op.example/device?user_code={shown['user_code']}"
    assert shown["user_code"].startswith("redacted-user_code-")


def test_the_address_of_a_registration_keeps_the_client_and_loses_what_opens_it() -> None:
    text = answered({"registration_client_uri": "https://op.example/register?client_id=s6BhdRkqt3&t=this.is.a.token-value"})
    assert "client_id=s6BhdRkqt3&t=redacted-registration_access_token-" in text
    assert "this.is.a" not in text


def answered(members: dict[str, str]) -> str:
    response = Response(200, Headers((("Content-Type", "application/json"),)), json.dumps(members).encode())
    found = redact(recorded(Request("POST", "https://op.example/x"), response), salt=SALT).exchanges[0].response
    assert found is not None
    return found.body.decode()


def test_a_code_has_one_fingerprint_in_all_headers_that_lead_to_it() -> None:
    url = f"https://app.example/cb?code={quote(LONG, safe='')}&state=x"
    headers = Headers((("Location", url), ("Refresh", f"0;url={url}"), ("Link", f"<{url}>; rel=next")))
    found = redact(recorded(Request("GET", url), Response(302, headers)), salt=SALT).exchanges[0]
    assert found.response is not None
    assert found.response.headers.get("refresh") == f"0;url={found.request.url}"
    assert found.response.headers.get("location") == found.request.url


@pytest.mark.parametrize("url", ["http://127.0.0.1:19700@10.1.2.3/", "http://app:443@op.example/"])
def test_a_number_like_a_port_in_a_urls_user_part_stays_a_port_elsewhere(url: str) -> None:
    port = url.partition("@")[0].rpartition(":")[2]
    elsewhere = f"https://other.example:{port}/callback"
    body = json.dumps({"issuer": elsewhere, "expires_in": int(port)}).encode()
    found = redact(recorded(Request("GET", url), Response(200, Headers(), body)), salt=SALT).exchanges[0]
    assert "redacted-password-" in found.request.url
    assert found.response is not None
    assert found.response.body == body


def test_a_secret_that_a_sentence_repeats_goes_in_whole_whatever_is_in_it() -> None:
    token = "ya29.a0Af/H6+SMB==xyzzy12345"
    request = form_request("https://op.example/token", Params.of({"grant_type": "refresh_token", "refresh_token": token}))
    found = redact(recorded(request, Response(400, Headers(), f"no such token: {token}".encode())), salt=SALT).exchanges[0]
    assert found.response is not None
    assert found.response.text == f"no such token: {found.request.form.get('refresh_token')}"
