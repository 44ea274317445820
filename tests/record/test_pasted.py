from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.jose.sign import encode_part
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.material import Material
from oauthctl.record.pasted import PIECES_LIMIT, TITLES, read_pasted
from oauthctl.record.piece import UNSEEN
from oauthctl.record.tokens import Role
from oauthctl.rules.evidence import scene_of
from tests.record.played import jwt

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
AUTHORIZATION = "https://op.example/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=a"
CALLBACK = "https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=a"
JWT = jwt({"iss": "https://op.example", "sub": "alice", "aud": "app", "exp": 1793610000})
CURL = """$ curl -v https://op.example/token -u app:s3cr3t-of-app -d grant_type=client_credentials
*   Trying 192.0.2.1:443...
* Connected to op.example (192.0.2.1) port 443 (#0)
> POST /token HTTP/2
> Host: op.example
> Authorization: Basic YXBwOnMzY3IzdC1vZi1hcHA=
>
< HTTP/2 401
< content-type: application/json
<
{"error":"invalid_client"}* Connection #0 to host op.example left intact
"""


def read(text: str) -> Material:
    return read_pasted(text, now=NOW)


def only(text: str) -> Exchange:
    (exchange,) = read(text).recording.exchanges
    return exchange


KINDS = {
    CALLBACK: ("callback-url", [purposes.CALLBACK]),
    "http://localhost:8080/cb?error=access_denied&state=1": ("callback-url", [purposes.CALLBACK]),
    "https://app.example/#id_token=x.y.z&state=1": ("callback-url", [purposes.CALLBACK]),
    "code=SplxlOBeZQQYbYS6WxSbIA&state=a": ("callback-url", [purposes.CALLBACK]),
    "com.example.app:/cb?code=SplxlOBe&state=a": ("callback-url", [purposes.CALLBACK]),
    AUTHORIZATION: ("authorization-url", [purposes.AUTHORIZATION]),
    f'Location: "{AUTHORIZATION}"': ("authorization-url", [purposes.AUTHORIZATION]),
    "https://op.example/logout?id_token_hint=x&post_logout_redirect_uri=https%3A%2F%2Fa": ("logout-url", [purposes.LOGOUT]),
    '{"error":"invalid_grant"}': ("error-body", [purposes.TOKEN]),
    '{"error":"invalid_token"}': ("error-body", [purposes.API]),
    '{"error":"invalid_client_metadata"}': ("error-body", [purposes.REGISTRATION]),
    '{"error":{"code":401,"message":"no","status":"UNAUTHENTICATED"}}': ("error-body", [purposes.API]),
    "error=bad_verification_code&error_description=expired": ("error-body", [purposes.TOKEN]),
    '{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}': ("token-response", [purposes.TOKEN]),
    "access_token=gho_x&scope=&token_type=bearer": ("token-response", [purposes.TOKEN]),
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\n": ("http-response", [purposes.API]),
    'HTTP/2 400\n\n{"error":"invalid_scope"}': ("http-response", [purposes.TOKEN]),
    "GET /userinfo HTTP/1.1\nHost: op.example\nAuthorization: Bearer x\n": ("http-request", [purposes.USERINFO]),
    "GET /userinfo HTTP/1.1\nHost: op.example\n\nHTTP/1.1 401 Unauthorized\n": ("http-exchange", [purposes.USERINFO]),
    CURL: ("curl-output", [purposes.TOKEN]),
    "curl https://op.example/token -d grant_type=client_credentials": ("curl-command", [purposes.TOKEN]),
    'fetch("https://op.example/token", {"body": "grant_type=authorization_code", "method": "POST"});': ("fetch-call", [purposes.TOKEN]),
    "grant_type=authorization_code&code=x": ("form", [purposes.TOKEN]),
    "grant_type=authorization_code\n&code=x\n": ("form", [purposes.TOKEN]),
    '{"error":{"message":"Invalid verification code","type":"OAuthException","code":1}}': ("error-body", [purposes.TOKEN]),
    '{"errorCode":"E0000011","errorSummary":"Invalid token provided"}': ("error-body", [purposes.API]),
    '[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]': ("error-body", [purposes.API]),
    "> HTTP/1.1 401 Unauthorized\n> WWW-Authenticate: Bearer": ("http-response", [purposes.API]),
    "POST https://op.example/token\n400\n12 ms\nPOST /token HTTP/1.1\nHost: op.example\n\nHTTP/1.1 400 Bad Request\n\n{}": (
        "http-exchange",
        [purposes.TOKEN],
    ),
    JWT: ("token", []),
    "gho_16C7e42F292c6912E7710c838347Ae178B4a": ("token", []),
    'WWW-Authenticate: Bearer realm="x", error="invalid_token"': ("challenge", [purposes.API]),
    'Bearer error="insufficient_scope", scope="read"': ("challenge", [purposes.API]),
    '{"issuer":"https://op.example","token_endpoint":"https://op.example/token"}': ("metadata", [purposes.DISCOVERY]),
    '{"resource":"https://api.example","authorization_servers":["https://op.example"]}': ("metadata", [purposes.RESOURCE_METADATA]),
    '{"keys":[]}': ("key-set", [purposes.JWKS]),
    '{"device_code":"x","user_code":"y","verification_uri":"https://op.example/device"}': ("answer", [purposes.DEVICE_AUTHORIZATION]),
    '{"active":false}': ("answer", [purposes.INTROSPECTION]),
    "<!DOCTYPE html><html><h1>redirect_uri mismatch</h1></html>": ("error-page", [purposes.AUTHORIZATION]),
    "JsonWebTokenError: jwt malformed\n    at verify (verify.js:70:17)": ("log-line", []),
    f"{AUTHORIZATION}\n{CALLBACK}": ("mixed", [purposes.AUTHORIZATION, purposes.CALLBACK]),
    "hello world": ("unknown", []),
    '{"colour": "red"}': ("unknown", []),
    "https://www.example/?q=1": ("unknown", []),
    " \n\t\n": ("unknown", []),
    "": ("unknown", []),
}


@pytest.mark.parametrize("text", KINDS, ids=range(len(KINDS)))
def test_a_text_is_taken_for_what_it_is(text: str) -> None:
    kind, expected = KINDS[text]
    found = read(text)
    assert found.kind == kind
    assert [exchange.purpose for exchange in found.recording.exchanges] == expected
    assert kind in TITLES


@pytest.mark.parametrize("text", KINDS, ids=range(len(KINDS)))
def test_colours_prompts_quotes_and_line_ends_change_nothing(text: str) -> None:
    kind, expected = KINDS[text]
    coloured = "".join(f"\x1b[1;32m{line}\x1b[0m\r\n" for line in text.splitlines())
    fenced = f"```\n{text}\n```\n"
    for changed in (coloured, f"\ufeff{text}\x00", fenced):
        found = read(changed)
        assert (found.kind, [exchange.purpose for exchange in found.recording.exchanges]) == (kind, expected)


def test_an_answer_alone_has_a_request_of_which_nothing_is_said() -> None:
    found = read('{"error":"invalid_grant","error_description":"no"}')
    (exchange,) = found.recording.exchanges
    assert exchange.request == UNSEEN
    assert exchange.response is not None
    assert exchange.response.status == 400
    assert "the request was not pasted: nothing about it was checked" in found.notes


def test_what_is_written_around_the_evidence_does_not_hide_it() -> None:
    found = read('Hi all,\n\nI am getting this:\n\n{\n  "error": "invalid_grant"\n}\n\nAny ideas?\n')
    assert found.kind == "error-body"
    assert len(found.recording.exchanges) == 1


def test_pieces_become_one_recording_in_their_order() -> None:
    found = read(f'{AUTHORIZATION}\n\n{CALLBACK}\n\n{{"access_token": "abcdefgh12345", "token_type": "Bearer"}}\n')
    assert found.kind == "mixed"
    assert [(one.id, one.purpose, one.channel) for one in found.recording.exchanges] == [
        (1, purposes.AUTHORIZATION, Channel.BROWSER),
        (2, purposes.CALLBACK, Channel.CALLBACK),
        (3, purposes.TOKEN, Channel.WIRE),
    ]


def test_a_command_and_its_output_are_one_exchange_with_the_body_that_only_the_command_shows() -> None:
    exchange = only(CURL)
    assert exchange.request.url == "https://op.example/token"
    assert exchange.request.body == b"grant_type=client_credentials"
    assert exchange.request.headers.all("authorization") == ("Basic YXBwOnMzY3IzdC1vZi1hcHA=",)
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (401, b'{"error":"invalid_client"}')


def test_a_command_is_answered_by_the_body_behind_it() -> None:
    found = read('$ curl https://op.example/token -d grant_type=refresh_token -d refresh_token=r\n{"error":"invalid_grant"}\n')
    (exchange,) = found.recording.exchanges
    assert exchange.request.form.get("grant_type") == "refresh_token"
    assert exchange.response is not None
    assert found.notes == ("the answer's status was not pasted: 400 was taken",)


def test_an_authorization_url_is_answered_by_the_page_behind_it() -> None:
    exchange = only(f"{AUTHORIZATION}\n\n<!doctype html>\n<html><body>Error</body></html>")
    assert exchange.request.url == AUTHORIZATION
    assert exchange.response is not None


def test_an_exchange_began_when_the_server_says_and_its_neighbours_with_it() -> None:
    dated = "HTTP/1.1 400 Bad Request\nDate: Sun, 01 Nov 2026 10:00:00 GMT\n\n"
    assert [one.started_at for one in read(f"{CALLBACK}\n\n{dated}").recording.exchanges] == [datetime(2026, 11, 1, 10, tzinfo=UTC)] * 2
    assert only(CALLBACK).started_at == NOW
    assert only("HTTP/1.1 400 Bad Request\nDate: Sun, 99 Foo 2026\n\n").started_at == NOW


def test_a_redirect_to_the_application_is_read_as_its_callback() -> None:
    found = read("HTTP/1.1 302 Found\nLocation: https://app.example/cb?error=invalid_scope&state=a\n")
    assert [one.purpose for one in found.recording.exchanges] == ["", purposes.CALLBACK]
    assert found.kind == "http-response"


@pytest.mark.parametrize("before", ["https://op.example/authorize?\n  ", "https://op.example/authorize\n  ?"])
def test_a_url_that_is_written_over_lines_is_one(before: str) -> None:
    exchange = only(f"{before}response_type=code\n  &client_id=app\n  &state=a\n")
    assert exchange.request.query.pairs == (("response_type", "code"), ("client_id", "app"), ("state", "a"))


def test_a_url_that_was_broken_at_the_width_of_a_terminal_is_one() -> None:
    assert only(f"{AUTHORIZATION[:80]}\n{AUTHORIZATION[80:]}\n").request.url == AUTHORIZATION


TYPED = f"{encode_part({'alg': 'RS256', 'typ': 'at+jwt'})}.{encode_part({'iss': 'https://op.example'})}.c2lnbmF0dXJl"
TOKENS = {
    JWT: (Role.UNKNOWN, JWT),
    f'"{JWT}"': (Role.UNKNOWN, JWT),
    f"Authorization: Bearer {JWT}": (Role.ACCESS_TOKEN, JWT),
    f"Bearer {JWT}": (Role.ACCESS_TOKEN, JWT),
    f"Bearer Bearer {JWT}": (Role.ACCESS_TOKEN, f"Bearer{JWT}"),
    f"Authorization: Bearer Bearer {JWT}": (Role.ACCESS_TOKEN, f"Bearer{JWT}"),
    f'Authorization: Bearer "{JWT}"': (Role.ACCESS_TOKEN, f'"{JWT}"'),
    f"-H 'Authorization: Bearer {JWT}'": (Role.UNKNOWN, JWT),
    f"{JWT[:60]}\n{JWT[60:]}": (Role.UNKNOWN, JWT),
    f"id_token: {JWT}": (Role.ID_TOKEN, JWT),
    f"export ACCESS_TOKEN={JWT}": (Role.UNKNOWN, JWT),
    TYPED: (Role.ACCESS_TOKEN, TYPED),
    "refresh_token = 8xLOxBtZp8": (Role.REFRESH_TOKEN, "8xLOxBtZp8"),
}


@pytest.mark.parametrize("text", TOKENS, ids=range(len(TOKENS)))
def test_a_token_keeps_its_form_and_has_the_role_of_its_place(text: str) -> None:
    (held,) = read(text).tokens
    assert (held.role, held.token.compact) == TOKENS[text]
    assert held.exchange is None


def test_several_tokens_on_lines_are_several() -> None:
    other = jwt({"sub": "bob"})
    assert [held.token.compact for held in read(f"{JWT}\n{other}\n").tokens] == [JWT, other]


SECRET = "Zx9Yw8Vu7Ts6Rq5Po4"
SECRETS = [
    f"https://app.example/cb?code={SECRET}&state=a",
    f'{{"access_token":"{SECRET}","token_type":"Bearer","refresh_token":"{SECRET}"}}',
    f"Authorization: Bearer {SECRET}{SECRET}",
    f"curl https://op.example/token -u app:{SECRET} -d client_secret={SECRET}",
    f"POST /token HTTP/1.1\nHost: op.example\n\ngrant_type=password&password={SECRET}\n\nHTTP/1.1 400 Bad Request\n",
    f'ERROR request failed: GET "/cb?code={SECRET}&state=1 HTTP/1.1" 500',
    f"error: token exchange failed, client_secret={SECRET} access_token: {SECRET} password='{SECRET}'",
    f'level=error body="{{\\"error\\":\\"x\\",\\"refresh_token\\":\\"{SECRET}\\"}}"',
    f"error: https://app:{SECRET}@op.example/ failed with Basic {SECRET}",
    f"dial tcp: connection refused: https://op.example/?access_token={SECRET}",
]


@pytest.mark.parametrize("text", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_nowhere_but_in_exchanges_and_tokens(text: str) -> None:
    found = read(text)
    assert SECRET not in json.dumps([found.kind, list(found.notes), dict(found.known)])
    assert not any(SECRET in exchange.failure for exchange in found.recording.exchanges)
    assert found.kind != "unknown"


@pytest.mark.parametrize("text", SECRETS, ids=range(len(SECRETS)))
def test_rules_see_no_secret_of_a_paste(text: str) -> None:
    scene = scene_of(read(text), now=None, salt=b"salt of a test")
    assert SECRET not in repr([scene.recording, dict(scene.given.members), [held.token.compact for held in scene.pasted]])


def test_the_words_of_a_log_keep_what_is_no_secret() -> None:
    words = "error: code: expired, token: invalid, status=400 x509: certificate signed by unknown authority"
    assert read(words).known == {"local_error": words}


HTML_ESCAPED = (
    "https://op.example/authorize?client_id=web&amp;response_type=code&#38;redirect_uri=https%3A%2F%2Fapp.example%2Fcb&#x26;state=s-1"
)


@pytest.mark.parametrize("text", [HTML_ESCAPED, f'<a class="button" href="{HTML_ESCAPED}">Sign in</a>', f"Location: {HTML_ESCAPED}"])
def test_a_url_that_is_escaped_for_html_is_read_as_it_was_meant(text: str) -> None:
    found = read(text)
    assert found.kind == "authorization-url"
    assert "&state=s-1" in found.recording.exchanges[0].request.url
    assert any("&amp;" in note for note in found.notes)


def test_an_escaped_url_that_the_server_refuses_stays_as_it_was_sent() -> None:
    found = read(f"{HTML_ESCAPED}\n\n<html><h1>Error</h1>missing response_type</html>")
    assert found.recording.exchanges[0].request.url == HTML_ESCAPED
    assert not any("&amp;" in note for note in found.notes)


def test_only_so_many_things_are_read() -> None:
    found = read(f"{CALLBACK}\n" * (PIECES_LIMIT + 5))
    assert len(found.recording.exchanges) == PIECES_LIMIT
    assert found.notes == (f"only the first {PIECES_LIMIT} things in the text were read",)


HOSTILE = [
    "[",
    "[\n",
    '{"a":\n',
    "{\n",
    '"',
    "curl '",
    'curl "\\\n',
    "Bearer ",
    "Bearer\n",
    "> GET / HTTP/1.1\n",
    "* SSL \n",
    "HTTP/1.1 200\n",
    "a=1&",
]
HOSTILE += [
    "https://a?",
    "&a=",
    "eyJ",
    "eyJhbGciOiJub25lIn0.",
    "<html>",
    "<",
    "\x1b[",
    "\x1b]",
    "{ [",
    "GET ",
    "www-authenticate:",
    " ",
    "\n",
    "curl (",
    "x" * 30,
]
HOSTILE += [
    "abcdefghijklmnopqrstuvwxyz0123\n",
    "error=",
    '{"error',
    '{\\"error\\":',
    'a="',
    "//",
    "HTTPConnectionPool(",
    '^"',
    "$'\\u",
    'fetch("',
    "1a\n",
]


@pytest.mark.parametrize("part", HOSTILE, ids=range(len(HOSTILE)))
def test_repetition_is_read_and_answered(part: str) -> None:
    assert read(part * (60_000 // len(part))).kind in TITLES


fragments = st.sampled_from(
    [*KINDS, *TOKENS, *HOSTILE, *SECRETS, "\n", "\n\n", " ", "Transfer-Encoding: chunked\n", "ffffffff\n", "Content-Length: 9\n"]
)


@given(st.lists(fragments | st.text(max_size=20), max_size=8).map("".join))
def test_no_text_is_too_odd(text: str) -> None:
    found = read(text)
    assert found.kind in TITLES
    assert [exchange.id for exchange in found.recording.exchanges] == list(range(1, len(found.recording.exchanges) + 1))
    assert (found.kind == "unknown") == (not found.recording.exchanges and not found.tokens and not found.known)
    assert not any(re.search(r"\{|\}|=|eyJ", note) for note in found.notes)


def test_a_client_librarys_line_is_the_request_of_the_body_behind_it() -> None:
    said = 'Client error: `POST https://op.example/auth/token` resulted in a `400 Bad Request` response:\n{"error":"invalid_client"}'
    (exchange,) = read(said).recording.exchanges
    assert (exchange.request.method, exchange.request.url) == ("POST", "https://op.example/auth/token")
    assert exchange.purpose == purposes.TOKEN
    assert exchange.response is not None
    assert exchange.response.body == b'{"error":"invalid_client"}'
