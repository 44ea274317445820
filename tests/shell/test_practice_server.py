"""The provider for other people's tests, used as they would."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.shell.practice_server import PracticeServer, dangerous_faults

CALLBACK = "http://localhost:8080/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


class CarefulClient:
    """As small a client as does it right."""

    def __init__(self, issuer: str, **params: str) -> None:
        self.http = httpx.Client(trust_env=False)
        self.metadata = self.http.get(f"{issuer}/.well-known/openid-configuration").json()
        self.params = params

    def url(self) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {"response_type": "code", "client_id": "public", "redirect_uri": CALLBACK, "scope": "openid", "state": "s-0123456789abcdef"}
        asked |= {"nonce": "n-0123456789abcdef", "code_challenge": challenge, "code_challenge_method": "S256"} | self.params
        return f"{self.metadata['authorization_endpoint']}?{urlencode(asked)}"

    def redeem(self, callback: str, **changes: str) -> httpx.Response:
        code = parse_qs(urlsplit(callback).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": "public",
            "code_verifier": VERIFIER,
        }
        return self.http.post(self.metadata["token_endpoint"], data=form | changes)


@pytest.fixture
def client(oauth_provider: PracticeServer) -> Iterator[CarefulClient]:
    made = CarefulClient(oauth_provider.issuer)
    yield made
    made.http.close()


def test_a_client_signs_somebody_in(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    callback = oauth_provider.sign_in(client.url(), "bob")
    assert callback.startswith(f"{CALLBACK}?")
    assert client.redeem(callback).json()["token_type"] == "Bearer"
    assert oauth_provider.findings() == ()


def test_the_test_sees_what_the_client_sent(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    client.redeem(oauth_provider.sign_in(client.url()))
    (sent,) = oauth_provider.requests("token")
    assert sent.form["code_verifier"] == sent.form.get("code_verifier") == VERIFIER
    with pytest.raises(KeyError, match="no_such_parameter"):
        sent.form["no_such_parameter"]
    assert oauth_provider.received[0].endpoint == "metadata"
    oauth_provider.forget()
    assert oauth_provider.requests("token") == ()


def test_an_endpoint_that_is_none_is_no_silence(oauth_provider: PracticeServer) -> None:
    with pytest.raises(ValueError, match="no endpoint 'tokens'"):
        oauth_provider.requests("tokens")


def test_what_the_client_does_wrong_is_found(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    refused = client.redeem(oauth_provider.sign_in(client.url()), code_verifier="another-verifier-of-forty-three-characters-x")
    assert refused.status_code == 400
    assert oauth_provider.findings()[0].rule == "code-verifier-mismatch"
    assert oauth_provider.problems()[0].startswith("code-verifier-mismatch: ")


def test_somebody_can_refuse(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    assert "error=access_denied" in oauth_provider.sign_in(client.url(), is_willing=False)


def test_that_somebody_refuses_is_no_problem_of_the_client(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    oauth_provider.sign_in(client.url(), is_willing=False)
    assert oauth_provider.problems() == ()
    assert [one.rule for one in oauth_provider.diagnosis().findings] == ["user-denied"]


class Waiting:
    """A client that asks for a person who is elsewhere, and polls."""

    def __init__(self, client: CarefulClient, secret: str) -> None:
        self._client, self._secret = client, secret

    def post(self, endpoint: str, **form: str) -> dict[str, str]:
        who = {"client_id": "web", "client_secret": self._secret}
        return dict(self._client.http.post(self._client.metadata[endpoint], data=form | who).json())

    def ask_device(self) -> dict[str, str]:
        return self.post("device_authorization_endpoint", scope="openid")

    def poll_device(self, asked: dict[str, str]) -> dict[str, str]:
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        return self.post("token_endpoint", grant_type=grant, device_code=asked["device_code"])

    def ask_person(self, username: str = "alice") -> dict[str, str]:
        return self.post("backchannel_authentication_endpoint", scope="openid", login_hint=username)

    def poll_person(self, asked: dict[str, str]) -> dict[str, str]:
        return self.post("token_endpoint", grant_type="urn:openid:params:grant-type:ciba", auth_req_id=asked["auth_req_id"])


@pytest.fixture
def waiting(oauth_provider: PracticeServer, client: CarefulClient) -> Waiting:
    grants = ("urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba")
    oauth_provider.add_client("web", CALLBACK, secret=oauth_provider.secret, grant_types=grants)
    return Waiting(client, oauth_provider.secret)


@pytest.mark.parametrize(("is_willing", "member", "value"), [(True, "token_type", "Bearer"), (False, "error", "access_denied")])
@pytest.mark.parametrize("is_complete", [True, False])
def test_somebody_connects_a_device_or_does_not(
    oauth_provider: PracticeServer, waiting: Waiting, is_complete: bool, is_willing: bool, member: str, value: str
) -> None:
    asked = waiting.ask_device()
    if is_complete:
        oauth_provider.connect_device(asked["verification_uri_complete"], "bob", is_willing=is_willing)
    else:
        oauth_provider.connect_device(asked["verification_uri"], user_code=asked["user_code"], is_willing=is_willing)
    assert waiting.poll_device(asked)[member] == value
    assert oauth_provider.problems() == ()


@pytest.mark.parametrize("user_code", ["", "BCDF-GHJK"])
def test_a_code_that_no_device_shows_connects_nothing(oauth_provider: PracticeServer, waiting: Waiting, user_code: str) -> None:
    with pytest.raises(BadAnswer, match="the user code is unknown"):
        oauth_provider.connect_device(waiting.ask_device()["verification_uri"], user_code=user_code)


@pytest.mark.parametrize(("is_willing", "member", "value"), [(True, "token_type", "Bearer"), (False, "error", "access_denied")])
def test_somebody_answers_what_clients_ask(
    oauth_provider: PracticeServer, waiting: Waiting, is_willing: bool, member: str, value: str
) -> None:
    asked = [waiting.ask_person("bob"), waiting.ask_person("bob")]
    assert oauth_provider.answer_approvals("bob", is_willing=is_willing) == 2
    assert [waiting.poll_person(one)[member] for one in asked] == [value, value]
    assert oauth_provider.problems() == ()


def test_what_was_decided_long_ago_and_forgotten_hides_no_later_decision(oauth_provider: PracticeServer, waiting: Waiting) -> None:
    first = waiting.ask_device()
    waiting.ask_person()
    oauth_provider.connect_device(first["verification_uri_complete"])
    assert oauth_provider.answer_approvals() == 1
    oauth_provider.change(device_seconds=10**6, backchannel_seconds=10**6)
    later = waiting.ask_device()
    waiting.ask_person()
    oauth_provider.advance(100_000)
    oauth_provider.connect_device(later["verification_uri_complete"])
    assert waiting.poll_device(later)["token_type"] == "Bearer"
    assert oauth_provider.answer_approvals() == 1


def test_somebody_answers_as_many_clients_as_ask(oauth_provider: PracticeServer, waiting: Waiting) -> None:
    for _ in range(20):
        waiting.ask_person()
    assert oauth_provider.answer_approvals() == 20


def test_an_approval_that_nobody_asked_for_is_no_success(oauth_provider: PracticeServer, waiting: Waiting) -> None:
    waiting.ask_person("bob")
    with pytest.raises(BadAnswer, match="nothing waits for an answer of alice"):
        oauth_provider.answer_approvals()


LEFT = "http://localhost:8080/left"


@pytest.mark.parametrize(("is_willing", "left"), [(True, f"{LEFT}?state=s"), (False, "")])
def test_somebody_signs_out_in_the_browser_in_which_they_signed_in(
    oauth_provider: PracticeServer, client: CarefulClient, is_willing: bool, left: str
) -> None:
    oauth_provider.add_client("public", CALLBACK, post_logout_redirect_uris=(LEFT,))
    oauth_provider.sign_in(client.url())
    url = f"{oauth_provider.url('end_session')}?{urlencode({'client_id': 'public', 'post_logout_redirect_uri': LEFT, 'state': 's'})}"
    assert oauth_provider.sign_out(url, is_willing=is_willing) == left
    assert oauth_provider.sign_out(url) == f"{LEFT}?state=s"


def test_a_sign_out_that_the_provider_refuses_is_told(oauth_provider: PracticeServer) -> None:
    with pytest.raises(BadAnswer, match="post_logout_redirect_uri is not registered"):
        oauth_provider.sign_out(f"{oauth_provider.url('end_session')}?client_id=public&post_logout_redirect_uri=https%3A%2F%2Fe.example")


def test_the_provider_misbehaves_when_told_to_and_stops_when_told_to(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    oauth_provider.misbehave("callback-state-changed")
    assert "state=a-state-of-another-sign-in" in oauth_provider.sign_in(client.url())
    oauth_provider.misbehave()
    assert "state=s-0123456789abcdef" in oauth_provider.sign_in(client.url())


def test_a_fault_that_is_none_is_refused(oauth_provider: PracticeServer) -> None:
    with pytest.raises(ConfigError, match="no fault") as refused:
        oauth_provider.misbehave("callback-state-change")
    assert "`callback-state-changed`" in refused.value.__notes__[0]


@pytest.mark.parametrize("fault", dangerous_faults("careful-callback"))
def test_a_dangerous_fault_shows_in_what_the_client_gets(oauth_provider: PracticeServer, client: CarefulClient, fault: str) -> None:
    def signed_in() -> list[tuple[str, str]]:
        params = parse_qsl(urlsplit(oauth_provider.sign_in(client.url())).query)
        return [(name, value if name != "code" else "") for name, value in params]

    well = signed_in()
    oauth_provider.misbehave(fault)
    assert signed_in() != well


def test_a_kind_of_client_that_is_none_has_no_faults() -> None:
    with pytest.raises(ValueError, match="there are careful-api-discovery"):
        dangerous_faults("careful")


def test_codes_grow_old_without_waiting(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    callback = oauth_provider.sign_in(client.url())
    oauth_provider.advance(120)
    assert client.redeem(callback).json()["error"] == "invalid_grant"
    assert oauth_provider.findings()[0].rule == "code-expired"


def test_clients_and_users_are_added(oauth_provider: PracticeServer) -> None:
    oauth_provider.add_client("shop", CALLBACK, secret="shop-secret")
    oauth_provider.add_user("carol", "Carol Cole", locale="de")
    client = CarefulClient(oauth_provider.issuer, client_id="shop", scope="openid profile")
    answer = client.redeem(oauth_provider.sign_in(client.url(), "carol"), client_id="shop", client_secret="shop-secret").json()
    claims = client.http.get(client.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {answer['access_token']}"}).json()
    assert (claims["sub"], claims["name"], claims["locale"]) == ("carol", "Carol Cole", "de")
    client.http.close()


def test_the_provider_itself_is_changed(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    oauth_provider.change(token_seconds=5)
    assert client.redeem(oauth_provider.sign_in(client.url())).json()["expires_in"] == 5


def test_a_page_that_leads_nowhere_is_told(oauth_provider: PracticeServer) -> None:
    client = CarefulClient(oauth_provider.issuer, redirect_uri="https://elsewhere.example/callback")
    with pytest.raises(BadAnswer, match="does not leave the provider: it says `invalid_request`, this redirect_uri is not registered"):
        oauth_provider.sign_in(client.url())
    client.http.close()


@pytest.mark.parametrize("url", ["", "nowhere", "http://127.0.0.1:1/authorize?client_id=public"])
@pytest.mark.parametrize("method", ["sign_in", "connect_device", "sign_out"])
def test_a_url_of_somebody_else_is_no_success(oauth_provider: PracticeServer, method: str, url: str) -> None:
    with pytest.raises(
        ValueError, match=f"no URL of this provider, which is at {oauth_provider.url('authorize').removesuffix('authorize')}"
    ):
        getattr(oauth_provider, method)(url)


def test_a_page_that_another_method_is_for_is_left_alone(oauth_provider: PracticeServer, waiting: Waiting, client: CarefulClient) -> None:
    asked = waiting.ask_device()
    for method, url, right in (
        (oauth_provider.sign_in, asked["verification_uri_complete"], "connect_device"),
        (oauth_provider.sign_out, client.url(), "sign_in"),
        (oauth_provider.sign_in, oauth_provider.url("end_session"), "sign_out"),
        (oauth_provider.connect_device, oauth_provider.url("approvals"), "answer_approvals"),
    ):
        with pytest.raises(ValueError, match=f"a person does what `{right}` is for"):
            method(url)
    assert waiting.poll_device(asked)["error"] == "authorization_pending"


def test_nobody_signs_in_who_is_not_known(oauth_provider: PracticeServer, client: CarefulClient) -> None:
    with pytest.raises(ValueError, match="no user 'carol'"):
        oauth_provider.sign_in(client.url(), "carol")


def test_a_value_of_the_provider_that_is_none_is_refused(oauth_provider: PracticeServer) -> None:
    with pytest.raises(AttributeError, match="no setting `token_secs`; did you mean `token_seconds`"):
        oauth_provider.change(token_secs=5)


def test_a_second_factor_is_given_where_it_is_asked_for(oauth_provider: PracticeServer) -> None:
    client = CarefulClient(oauth_provider.issuer, acr_values="second-factor")
    assert "code=" in oauth_provider.sign_in(client.url())
    client.http.close()


def test_a_posted_answer_is_given_as_a_url(oauth_provider: PracticeServer) -> None:
    client = CarefulClient(oauth_provider.issuer, response_mode="form_post")
    assert client.redeem(oauth_provider.sign_in(client.url())).status_code == 200
    client.http.close()


def test_a_posted_answer_keeps_the_query_of_the_redirect_uri(oauth_provider: PracticeServer) -> None:
    at = f"{CALLBACK}?tenant=one"
    oauth_provider.add_client("public", at)
    client = CarefulClient(oauth_provider.issuer, response_mode="form_post", redirect_uri=at)
    callback = oauth_provider.sign_in(client.url())
    assert callback.startswith(f"{at}&")
    assert client.redeem(callback, redirect_uri=at).status_code == 200
    client.http.close()


def test_a_client_meets_a_known_providers_quirks(oauth_provider: PracticeServer) -> None:
    oauth_provider.wear("okta")
    assert oauth_provider.issuer.endswith("/oauth2/default")
    client = CarefulClient(oauth_provider.issuer)
    answer = client.redeem(oauth_provider.sign_in(client.url())).json()
    client.http.close()
    payload = answer["access_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["cid"] == "public"
    assert oauth_provider.findings() == ()
    with pytest.raises(RuntimeError, match="wears one persona"):
        oauth_provider.wear("github")


def test_a_persona_that_is_none_is_refused(oauth_provider: PracticeServer) -> None:
    with pytest.raises(ConfigError, match="there is no persona `oktaa`"):
        oauth_provider.wear("oktaa")
