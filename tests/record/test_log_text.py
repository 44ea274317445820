from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record import purposes
from oauthctl.record.log_words import hidden
from oauthctl.record.material import Material
from oauthctl.record.pasted import read_pasted
from oauthctl.record.piece import UNSEEN
from oauthctl.rules.reply import Reply

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)


def read(text: str) -> Material:
    return read_pasted(text, now=NOW)


# A line, and of the answer that it tells: the purpose, the status and the error.
ANSWERS = {
    'WARN [org.keycloak.events] type="LOGIN_ERROR", clientId="app", error="invalid_redirect_uri", redirect_uri="http://localhost/"': (
        purposes.AUTHORIZATION,
        400,
        "invalid_redirect_uri",
    ),
    "WARN type=CODE_TO_TOKEN_ERROR, realmId=x, clientId=app, userId=null, error=invalid_code": (purposes.TOKEN, 400, "invalid_code"),
    "type=REFRESH_TOKEN_ERROR, clientId=app, error=invalid_token, reason='Session not active'": (purposes.TOKEN, 400, "invalid_token"),
    'oauth2: cannot fetch token: 400 Bad Request Response: {"error":"invalid_grant"}': (purposes.TOKEN, 400, "invalid_grant"),
    'oauth2: "invalid_client" "Client authentication failed"': (purposes.TOKEN, 400, "invalid_client"),
    'level=error body="{\\"error\\":\\"invalid_grant\\"}"': (purposes.TOKEN, 400, "invalid_grant"),
    'ERROR data: {"body": "{\\\\\\"error\\\\\\":\\\\\\"invalid_scope\\\\\\"}"}': (purposes.TOKEN, 400, "invalid_scope"),
    "Error 400: redirect_uri_mismatch": (purposes.AUTHORIZATION, 400, "redirect_uri_mismatch"),
    "AADSTS50011: The redirect URI is not valid.": (purposes.AUTHORIZATION, 400, ""),
    "ServerError: AADSTS7000215: Invalid client secret provided.": (purposes.TOKEN, 400, ""),
    'failed with 401: Bearer error="invalid_token", error_description="expired"': (purposes.API, 401, "invalid_token"),
    "request failed with status code 403 insufficient_scope": (purposes.API, 403, "insufficient_scope"),
    "error: redirected to https://app.example/cb?error=access_denied&state=1, giving up": (purposes.CALLBACK, 0, "access_denied"),
}


@pytest.mark.parametrize("line", ANSWERS, ids=range(len(ANSWERS)))
def test_a_line_tells_of_the_answer_that_it_complains_of(line: str) -> None:
    found = read(line)
    (exchange,) = found.recording.exchanges
    reply = Reply(exchange, exchange.purpose)
    assert (exchange.purpose, reply.status, reply.error) == ANSWERS[line]
    assert reply.failed
    assert found.kind == "log-line"
    assert found.known["local_error"]


FAILURES = {
    'Get "https://op.example/jwks": x509: certificate signed by unknown authority': ("https://op.example/jwks", purposes.JWKS),
    "HTTPSConnectionPool(host='op.example', port=443): Max retries exceeded with url: /token (Caused by SSLError(…))": (
        "https://op.example/token",
        purposes.TOKEN,
    ),
    "FetchError: request to http://op.example:8080/token failed, reason: connect ECONNREFUSED": (
        "http://op.example:8080/token",
        purposes.TOKEN,
    ),
    'I/O error on GET request for "https://op.example/a": PKIX path building failed': ("https://op.example/a", purposes.API),
    "Error: getaddrinfo ENOTFOUND op.exampel": ("", purposes.API),
}


@pytest.mark.parametrize("line", FAILURES, ids=range(len(FAILURES)))
def test_a_line_tells_of_the_connection_that_came_to_nothing(line: str) -> None:
    (exchange,) = read(line).recording.exchanges
    assert (exchange.request.url, exchange.purpose) == FAILURES[line]
    assert exchange.failure in line
    assert exchange.response is None


WORDS = [
    "SecurityTokenSignatureKeyNotFoundException: IDX10503: Signature validation failed.",
    "JsonWebTokenError: jwt malformed\n    at verify (verify.js:70:17)",
    "java.lang.IllegalStateException: the issuer does not match\n\tat a.b.C(C.java:1)",
    'E0501 authentication.go:63] "Unable to authenticate the request" err="oidc: id token issued by a different provider"',
    "panic: runtime error\n\ngoroutine 1 [running]:",
]


@pytest.mark.parametrize("text", WORDS, ids=range(len(WORDS)))
def test_what_a_client_says_of_itself_is_no_exchange(text: str) -> None:
    found = read(text)
    assert (found.kind, found.recording.exchanges) == ("log-line", ())
    assert found.known["local_error"].split() == text.split()


def test_a_proxy_that_gave_up_on_a_callback_shows_the_callback() -> None:
    found = read(
        "[error] upstream sent too big header while reading response header from upstream, client: 192.0.2.1, server: app.example, "
        'request: "GET /cb?code=SplxlOBeZQQYbYS6WxSbIA&state=a HTTP/1.1", upstream: "http://127.0.0.1:4180/", host: "app.example"'
    )
    (exchange,) = found.recording.exchanges
    assert exchange.request.url == "https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=a"
    assert (exchange.purpose, exchange.response.status if exchange.response else 0) == (purposes.CALLBACK, 502)
    assert "SplxlOBe" not in found.known["local_error"]


def test_a_request_and_its_answer_on_two_lines_are_one_exchange() -> None:
    found = read(
        "DEBUG o.s.web.client.RestTemplate : HTTP POST https://op.example/token\n"
        "DEBUG o.s.web.client.RestTemplate : Response 400 BAD_REQUEST\nERROR it failed\n"
    )
    (exchange,) = found.recording.exchanges
    assert exchange.request.url == "https://op.example/token"
    assert exchange.response is not None
    assert exchange.response.status == 400


def test_the_words_of_googles_page_are_read_from_its_url() -> None:
    found = read("https://accounts.google.com/signin/oauth/error?authError=ChVyZWRpcmVjdF91cmlfbWlzbWF0Y2gSA0Jhcg&client_id=1")
    (exchange,) = found.recording.exchanges
    assert exchange.request == UNSEEN
    assert exchange.response is not None
    assert b"redirect_uri_mismatch" in exchange.response.body
    assert read("https://accounts.google.com/signin/oauth/error?authError=%%%").recording.exchanges != (exchange,)


def test_a_token_in_a_line_is_held_and_not_repeated() -> None:
    compact = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL29wLmV4YW1wbGUifQ.c2lnbmF0dXJl"
    found = read(f"ERROR could not verify {compact} of alice")
    (held,) = found.tokens
    assert held.token.compact == compact
    assert found.known["local_error"] == "ERROR could not verify … of alice"


SECRET_IN_LOG = "Zx9+Sekret/Val=ue99%w"


@pytest.mark.parametrize(
    "line",
    [
        "POST /token grant_type=authorization_code code={} client_id=web -> 400 invalid_grant",
        "POST /token 401 invalid_client body: grant_type=client_credentials&client_secret={}&client_id=a",
        'oauth: request {{"client_id":"a","client_secret":"{}"}} failed invalid_client',
        'oauth: request {{\\"client_secret\\":\\"{}\\"}} failed invalid_client',
        "invalid_grant {{'password': 'with blanks {}'}}",
        'oauth invalid_grant refresh_token="{}" user=bob',
        "invalid_grant apikey={} user=bob",
        "invalid_token X-Api-Key: {}",
        "invalid_token Cookie: lang=en; sid={}; theme=dark",
        "invalid_token Set-Cookie: sid={}; Path=/",
        "token exchange failed for code {} invalid_grant",
        "clientSecret: {} invalid_client",
    ],
)
def test_no_line_shows_a_secret_in_its_words(line: str) -> None:
    assert "Sekret" not in hidden("ERROR " + line.format(SECRET_IN_LOG))


@pytest.mark.parametrize(
    "line",
    [
        "invalid_grant: token: expired",
        "status code=400 invalid_request",
        "password: incorrect",
        "bad client_secret: mismatch",
        "code=invalid_code",
    ],
)
def test_words_of_a_log_stay(line: str) -> None:
    assert hidden(line) == line
