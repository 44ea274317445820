from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from oauthctl.http import FORM, Headers, Params, Request, Response, form_request, get_request
from oauthctl.record.har import to_har
from oauthctl.record.redact import redact
from tests.record.test_redact import SALT, recorded

PASSWORD = "kR7vLm3xTpW9bNc5"
URL = f"https://usr:{PASSWORD}@a.example/cb"
TWICE = quote(quote(URL, safe=""), safe="")


def in_file(request: Request, response: Response | None = None) -> str:
    return json.dumps(to_har(redact(recorded(request, response), salt=SALT)), ensure_ascii=False)


def answering(body: str, kind: str = "application/json", **headers: str) -> Response:
    return Response(400, Headers((("Content-Type", kind), *headers.items())), body.encode())


@pytest.mark.parametrize("name", ["redirect_uri", "post_logout_redirect_uri", "resource", "audience", "target_link_uri", "anything"])
@pytest.mark.parametrize("written", [quote(URL, safe=""), quote(URL, safe=":/@"), URL, TWICE], ids=["encoded", "half", "raw", "twice"])
def test_a_url_in_a_parameter_loses_its_password(name: str, written: str) -> None:
    asked = Request("GET", f"https://op.example/authorize?client_id=c&{name}={written}&state=s")
    sent = Request("POST", "https://op.example/token", Headers((("Content-Type", FORM),)), f"client_id=c&{name}={written}".encode())
    for request in (asked, sent):
        told = in_file(request)
        assert PASSWORD not in told
        assert "usr" in told
        assert "a.example" in told


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"redirect_uris": [URL], "detail": f"no such URL: {URL}"}), "application/json"),
        (json.dumps({"next": URL}).replace("/", "\\/"), "application/json"),
        (f'<a href="{URL}">back</a><input name="continue" value="{URL}"><script>go(\'{URL}\')</script>', "text/html"),
        (f"<r><url>{URL}</url></r>", "application/xml"),
        (f"could not connect to {URL}: refused", "text/plain"),
        (f"data: {URL}\n\n", "text/event-stream"),
        (f"next={TWICE}", FORM),
    ],
)
def test_an_answer_loses_the_passwords_of_its_urls(body: str, kind: str) -> None:
    told = in_file(Request("GET", "https://op.example/x"), answering(body, kind))
    assert PASSWORD not in told
    assert "a.example" in told


def test_headers_and_a_failure_lose_the_passwords_of_their_urls() -> None:
    told = in_file(
        Request("GET", "https://op.example/x", Headers((("Referer", URL), ("Via", f"1.1 {URL}")))),
        answering("{}", Location=f"https://op.example/next?to={quote(URL, safe='')}", Link=f'<{URL}>; rel="next"'),
    )
    assert PASSWORD not in told


@pytest.mark.parametrize("password", ["p@ss-w0rd-long", "a:b:c-long-one", "p%40ss-w0rd-long", "p&amp-w0rd-long", "w(0)rd!*long"])
def test_a_password_goes_in_whole_whatever_is_in_it(password: str) -> None:
    told = in_file(Request("GET", f"https://usr:{password}@a.example/cb"))
    assert not any(part in told for part in ("w0rd", "b:c", "long"))


def test_a_token_in_the_users_place_goes() -> None:
    assert PASSWORD not in in_file(Request("GET", f"https://gh0_{PASSWORD}{PASSWORD}@git.example/x.git"))


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example:8443/cb?login_hint=ann@a.example",
        "https://op.example/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A3000&login_hint=ann%40a.example",
        "https://op.example/authorize?redirect_uri=http://localhost:3000&login_hint=ann@a.example",
        "https://op.example/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb&login_hint=ann%40a.example",
        "https://ann@a.example/x",
        "https://registry.example/@scope/package:1@2",
    ],
)
def test_a_port_beside_an_address_is_no_password(url: str) -> None:
    assert redact(recorded(Request("GET", url)), salt=SALT).exchanges[0].request.url == url


@pytest.mark.parametrize("name", ["t", "sid", "key", "x"])
@pytest.mark.parametrize("outer", ["https://op.example/authorize?client_id=c&redirect_uri={}&state=s", "{}"])
def test_a_fragment_loses_the_values_that_the_protocol_has_not_there(name: str, outer: str) -> None:
    url = f"https://a.example/cb#state=s1&{name}={PASSWORD}"
    told = in_file(Request("GET", outer.format(url if outer == "{}" else quote(url, safe=""))))
    assert PASSWORD not in told
    assert "s1" in told


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/#/orders?tab=open-ones",
        "https://a.example/#!/orders?tab=open-ones",
        "https://a.example/cb#state=abc&token_type=Bearer&expires_in=3600&session_state=12345678&scope=openid",
        "https://a.example/doc#section-4.2",
        "https://a.example/cb#page=3&ok=true",
    ],
)
def test_a_fragment_that_opens_nothing_stays(url: str) -> None:
    assert redact(recorded(Request("GET", url)), salt=SALT).exchanges[0].request.url == url


@pytest.mark.parametrize("value", [PASSWORD, "correcthorsebattery", "a1b2c3d4-e5f6-4711-8899-aabbccddeeff", "x" * 90])
def test_what_is_no_grant_stands_in_no_file(value: str) -> None:
    assert value not in in_file(form_request("https://op.example/token", Params((("grant_type", value), ("client_id", "c")))))


@pytest.mark.parametrize("name", ["response_type", "token_type_hint", "prompt", "code_challenge_method"])
def test_a_secret_in_the_place_of_a_word_stands_in_no_file(name: str) -> None:
    assert PASSWORD not in in_file(Request("GET", f"https://op.example/authorize?client_id=c&{name}={PASSWORD}"))
    assert PASSWORD not in in_file(form_request("https://op.example/token", Params(((name, PASSWORD), ("client_id", "c")))))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grant_type", "authorization_code"),
        ("grant_type", "authorisation-code"),
        ("grant_type", "Client Credentials"),
        ("grant_type", "ig_exchange_token"),
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("grant_type", "http://auth0.com/oauth/grant-type/password-realm"),
        ("grant_type", "account_credentials"),
        ("grant_type", "password\n"),
        ("response_type", "code id_token token"),
        ("code_challenge_method", "SHA-256"),
        ("code_challenge_method", "plain256"),
        ("prompt", "select_account consent"),
    ],
)
def test_words_stay_even_misspelled_ones(name: str, value: str) -> None:
    sent = (
        redact(recorded(form_request("https://op.example/token", Params(((name, value), ("client_id", "c"))))), salt=SALT)
        .exchanges[0]
        .request
    )
    assert sent.form.get(name) == value


@pytest.mark.parametrize("place", ["/reset-password/%s/confirm", "/verify/%s", "/en/magic-link/%s?x=1", "/invitations/%s#top"])
def test_what_opens_a_link_of_a_mail_goes(place: str) -> None:
    link = "https://app.example" + place % "Kx7aB3dE5fG9hJ2kL4"
    after = redact(recorded(get_request(link)), salt=SALT).exchanges[0].request.url
    assert "Kx7aB3dE5fG9hJ2kL4" not in after
    assert "redacted-link-" in after


@pytest.mark.parametrize("path", ["/verify/email-of-the-person", "/users/Kx7aB3dE5fG9hJ2kL4", "/join/our-community-of-people"])
def test_other_paths_stay(path: str) -> None:
    assert redact(recorded(get_request(f"https://app.example{path}")), salt=SALT).exchanges[0].request.url.endswith(path)


BOT = "1234567890:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
OPAQUE = "Kx7aB3dE5fG9hJ2kL4mN6pQ8rS1t"


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        (f"/bot{BOT}/getMe", BOT),
        (f"/file/bot{BOT}/photos/1.jpg", BOT),
        (f"/bot{quote(BOT, safe='')}/getMe", BOT),
        (f"/bot{OPAQUE}/getMe?x=1", OPAQUE),
        (f"/services/T024BE7LD/B024BE7LE/{OPAQUE}", OPAQUE),
        (f"/api/webhooks/123456789012345678/{OPAQUE}?wait=true", OPAQUE),
        (f"/v1/secret/hvs.{OPAQUE}", OPAQUE),
        (f"/u/ghp_{OPAQUE}/repos", OPAQUE),
        (f"/x/xoxb-{OPAQUE}", OPAQUE),
        (f"/cb/00Dxx0000001gPL%21AQ{OPAQUE}", OPAQUE),
    ],
)
def test_a_token_in_a_path_goes(path: str, secret: str) -> None:
    url = f"https://api.example{path}"
    told = in_file(Request("GET", url), answering(f"no answer from {url}", "text/plain", Location=url))
    assert secret not in told
    assert quote(secret, safe="") not in told
    assert "redacted-token-" in told
    assert path.split("/")[1][:3] in told


@pytest.mark.parametrize(
    "path",
    [
        "/bots/1234567890/getMe",
        "/bottles/1234567890/of-a-very-long-name-2024/x",
        "/robotManagementService2024/getMe",
        "/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS",
        "/npm_packages_of_the_year_2024/list",
        "/services/oauth2/token",
        "/webhooks/123/deliveries",
        "/realms/secret_store_configuration_of_2024/protocol",
        "/v1/0b1c2d3e-1111-2222-3333-444455556666/items",
    ],
)
def test_a_path_without_a_token_stays(path: str) -> None:
    assert path in in_file(Request("GET", f"https://api.example{path}"))


def test_a_bots_token_goes_from_a_sentence() -> None:
    told = in_file(
        Request("GET", "https://api.example/x"), answering(f"max retries exceeded with url: /bot{BOT}/getMe; bot {BOT}", "text/plain")
    )
    assert BOT not in told
    assert "/botredacted-token-" in told


CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["cap-id-77"]}},"id_token":{"acr":{"value":"c1"}}}'


@pytest.mark.parametrize(
    "query",
    [
        "code=404",
        "code=DE",
        *("page_token=abc", "next_page_token=Kx7aB3dE5fG9hJ2kL4", "pageToken=Kx7aB3dE5fG9hJ2kL4", "%24skiptoken=Kx7aB3dE5fG9hJ2kL4"),
        f"claims={quote(CLAIMS, safe='')}",
        f"claims={base64.b64encode(CLAIMS.encode()).decode()}",
    ],
)
def test_what_asks_and_opens_nothing_stays_in_a_query(query: str) -> None:
    assert f"items?{query}&limit=10" in in_file(Request("GET", f"https://api.example/items?{query}&limit=10"))


@pytest.mark.parametrize("query", ["code=4047", "code=abc", "code=SplxlOBe", "page_secret_token=abc", "token=404"])
def test_a_secret_of_any_length_goes_from_a_query(query: str) -> None:
    assert query not in in_file(Request("GET", f"https://api.example/items?{query}&limit=10"))


@pytest.mark.parametrize("claims", [base64.b64encode(CLAIMS.encode()).decode(), quote(CLAIMS, safe="")])
def test_a_claims_challenge_stays(claims: str) -> None:
    challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
    body = json.dumps({"error": "interaction_required", "claims": CLAIMS})
    told = in_file(Request("GET", "https://api.example/items"), answering(body, **{"WWW-Authenticate": challenge}))
    assert claims in told
    assert "redacted-" not in told
