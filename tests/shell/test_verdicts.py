"""One mistake of each kind at the practice provider: the verdict on the request names it, whatever came before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from oauthctl.http import Request, Response
from oauthctl.jose.sign import sign
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.shell.verdicts import Received, diagnosed, of_client, wrong_with_last
from tests.provider.test_request_object import KEY
from tests.provider.world import CALLBACK, CHALLENGE, ISSUER, SECRET, VERIFIER, World, with_client

GRANT = {"grant_type": "client_credentials"}
WEB = basic_credentials("web", SECRET)
ASKED = (
    f"response_type=code&client_id=web&redirect_uri={CALLBACK}&scope=openid&state=s&code_challenge={CHALLENGE}&code_challenge_method=S256"
)
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class Watched(World):
    """A provider in memory that keeps what it received."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Received] = []

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        sent = {"Host": "127.0.0.1:9000", **({"Content-Length": str(len(body))} if method == "POST" else {}), **(headers or {})}
        return super().send(method, path, headers=sent, body=body)

    def handled(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        after, response = super().handled(state, request, moment)
        at = moment.now + timedelta(milliseconds=len(self.received))
        self.received.append(Received(place_of(state, request), request, response, at))
        return after, response

    def token(self, client_id: str = "web", **form: str | None) -> Response:
        return self.token_request(form, client_id=client_id, secret=SECRET)

    def redeemed(self, code: str, **headers: str) -> Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.post("/token", form, Authorization=basic_credentials("web", SECRET), **headers)

    @property
    def rules(self) -> list[str]:
        """What is wrong with the last request."""
        return [rule for rule, _ in wrong_with_last(tuple(self.received), self.state.issuer)]

    @property
    def problems(self) -> list[str]:
        return [finding.rule for finding in of_client(diagnosed(self.received, self.state.issuer))]


def without_the_grant(there: Watched) -> None:
    grants = ("authorization_code",)
    there.state = with_client(there.state, "shop", secret=SECRET, redirect_uris=(CALLBACK,), grant_types=grants)
    there.token("shop", grant_type="client_credentials")


def with_an_old_code(there: Watched) -> None:
    there.state = replace(there.state, code_seconds=1)
    code = there.code(client_id="web")
    there.wait(2)
    there.redeemed(code)


def with_a_fault(there: Watched) -> None:
    there.state = replace(there.state, faults=(read_fault("code-expired"),))
    there.redeemed(there.code(client_id="web"))


def made_at(iat: object) -> Callable[[Watched], object]:
    def run(there: Watched) -> Response:
        claims = {"jti": "j-1", "htm": "POST", "htu": f"{ISSUER}/token", "iat": iat}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.public().as_dict()}
        return there.redeemed(there.code(client_id="web"), DPoP=sign(claims, KEY, alg="ES256", header=header))

    return run


def at_userinfo(scheme: str) -> Callable[[Watched], object]:
    def run(there: Watched) -> Response:
        now = int(there.now.timestamp())
        made_at(now)(there)
        token = there.received[-1].response.text.partition('"access_token": "')[2].partition('"')[0]
        return there.get("/userinfo", Authorization=f"{scheme} {token}")

    return run


def registered(there: Watched) -> Response:
    return there.send("POST", "/register", headers={"Content-Type": "application/json"}, body=b'{"redirect_uris": ["http://x.example/#f"]}')


MISTAKES: dict[str, tuple[Callable[[Watched], object], str]] = {
    "a grant that the client lacks": (without_the_grant, "grant-not-allowed"),
    "a code too late for this server": (with_an_old_code, "code-expired"),
    "a code that the server calls expired": (with_a_fault, "code-expired"),
    "a code from nowhere": (lambda there: there.redeemed("bogus"), "code-unknown"),
    "a device code from nowhere": (lambda there: there.post("/token", poll("x")), "device-code-unknown"),
    "a refresh token from nowhere": (lambda there: there.token(grant_type="refresh_token", refresh_token="never"), "refresh-token-unknown"),
    "a token request for another path": (
        lambda there: there.post("/oauth/token", {"grant_type": "client_credentials"}),
        "token-endpoint-wrong",
    ),
    "nothing for another path": (lambda there: there.send("POST", "/oauth/token"), "endpoint-not-found"),
    "another path for authorization": (lambda there: there.get(f"/oauth2/v1/authorize?{ASKED}"), "endpoint-not-found"),
    "another name of the metadata": (lambda there: there.get("/.well-known/openid_configuration"), "endpoint-not-found"),
    "an authorization without parameters": (lambda there: there.get("/authorize"), "authorization-parameter-missing"),
    "an authorization without response_type": (lambda there: there.ask(response_type=None), "authorization-parameter-missing"),
    "an authorization without client_id": (lambda there: there.ask(client_id=None), "authorization-parameter-missing"),
    "PUT for tokens": (lambda there: there.send("PUT", "/token"), "method-not-allowed"),
    "PUT for an authorization": (lambda there: there.send("PUT", "/authorize"), "method-not-allowed"),
    "POST for metadata": (lambda there: there.send("POST", "/.well-known/openid-configuration"), "method-not-allowed"),
    "POST for keys": (lambda there: there.send("POST", "/jwks"), "method-not-allowed"),
    "GET for a device code": (lambda there: there.get("/device_authorization"), "method-not-allowed"),
    "a device code for nobody": (lambda there: there.post("/device_authorization", {"scope": "openid"}), "client-auth-missing"),
    "introspection for nobody": (lambda there: there.post("/introspect", {"token": "x"}), "client-auth-missing"),
    "an empty body": (lambda there: there.send("POST", "/token"), "request-form-missing"),
    "a revocation of nothing": (lambda there: there.post("/revoke", {"x": "y"}, Authorization=WEB), "token-parameter-missing"),
    **{f"a proof made at {iat!r}": (made_at(iat), "dpop-proof-stale") for iat in (-5, 0, 1, 1.5, 10**10)},
    **{f"a proof made at {iat!r}": (made_at(iat), "dpop-claim-missing") for iat in (None, "soon", True, 10**18)},
    "a proof in milliseconds": (made_at(1793610831000), "dpop-time-in-milliseconds"),
    "a bound token without a proof": (at_userinfo("DPoP"), "dpop-scheme-without-proof"),
    "a bound token as a bearer's": (at_userinfo("Bearer"), "dpop-token-sent-as-bearer"),
    "credentials that are no Base64": (lambda there: there.post("/token", GRANT, Authorization="Basic !!!"), "basic-header-malformed"),
    "a challenge that is none": (lambda there: there.ask(code_challenge="abc"), "code-challenge-malformed"),
    "a padded challenge": (lambda there: there.ask(code_challenge=f"{CHALLENGE}="), "code-challenge-not-base64url"),
    "a method that PKCE lacks": (lambda there: there.ask(code_challenge_method="S512"), "code-challenge-method-unknown"),
    "a method in the wrong case": (lambda there: there.ask(code_challenge_method="s256"), "code-challenge-method-case"),
    "a registration with a fragment": (registered, "registration-redirect-uri-malformed"),
    "a grant that there is not": (lambda there: there.token(grant_type="code"), "grant-unsupported"),
}


def poll(device_code: str) -> dict[str, str]:
    return {"grant_type": DEVICE, "device_code": device_code, "client_id": "public"}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_verdict_names_the_mistake_and_no_other(name: str) -> None:
    there, (mistake, rule) = Watched(), MISTAKES[name]
    mistake(there)
    assert there.rules == [rule]
    assert there.problems == [rule]


def mistypes(there: Watched) -> None:
    there.submit(there.ask(), username="alice", password="nope", decision="allow")


def declines(there: Watched) -> None:
    there.submit(there.sign_in(there.ask()), decision="deny")


@pytest.mark.parametrize("person", [mistypes, declines])
def test_what_a_person_does_is_no_mistake_of_the_client(person: Callable[[Watched], None]) -> None:
    there = Watched()
    person(there)
    assert there.rules == []
    assert there.problems == []


BEFORE: tuple[Callable[[Watched], object], ...] = (mistypes, declines, without_the_grant, MISTAKES["a code from nowhere"][0])


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", ["a grant that there is not", "introspection for nobody", "PUT for tokens", "a code from nowhere"])
def test_a_verdict_rests_on_its_own_request(before: Callable[[Watched], object], name: str) -> None:
    there, (mistake, rule) = Watched(), MISTAKES[name]
    before(there)
    mistake(there)
    assert there.rules == [rule]


def test_a_request_for_another_path_is_not_judged_by_a_sign_in_that_waits() -> None:
    there = Watched()
    there.code(client_id="web")
    there.ask(client_id="web")
    there.post("/oauth/token", {"grant_type": "authorization_code"}, Authorization=WEB)
    assert there.rules == ["token-endpoint-wrong"]
    there.post("/token", {"grant_type": "authorization_code"}, Authorization="Basic !!!")
    assert there.rules == ["basic-header-malformed"]


@pytest.mark.parametrize("form", [{}, {"redirect_uri": CALLBACK, "code_verifier": "x" * 43}], ids=["bare", "with another verifier"])
def test_a_code_from_nowhere_is_not_taken_for_that_of_a_sign_in(form: dict[str, str]) -> None:
    there = Watched()
    there.code(client_id="web")
    there.post("/token", {"grant_type": "authorization_code", "code": "bogus", **form}, Authorization=WEB)
    assert there.rules == ["code-unknown"]


def test_a_wrong_start_is_no_part_of_a_sign_in_that_waits_with_the_same_state() -> None:
    there = Watched()
    there.sign_in(there.ask(client_id="web"))
    there.ask(client_id="web", response_type=None)
    assert there.rules == ["authorization-parameter-missing"]


def test_a_second_use_of_a_code_is_told_by_the_first() -> None:
    there = Watched()
    code = there.code(client_id="web")
    there.token(grant_type="client_credentials", scope="nosuch")
    assert there.redeemed(code).status == 200
    there.redeemed(code)
    assert there.rules == ["code-reused"]


def test_what_browsers_and_clients_look_for_by_themselves_is_no_mistake() -> None:
    there = Watched()
    for path in (
        "/robots.txt",
        "/app.js.map",
        "/sitemap.xml",
        "/manifest.json",
        "/.well-known/security.txt",
        "/.well-known/change-password",
    ):
        there.get(path)
    there.get("/.well-known/oauth-authorization-server/mcp")
    there.get("/.well-known/openid-configuration")
    assert there.problems == []


@pytest.mark.parametrize("header", ["hunter2SECRET", "BearerSECRET", "hunter2SECRET Bearer", "SECRET more"])
def test_a_token_in_the_schemes_place_is_repeated_nowhere(header: str) -> None:
    watched = Watched()
    for answer in (watched.get("/userinfo", Authorization=header), watched.send("POST", "/token", headers={"Authorization": header})):
        assert answer.status in (400, 401)
    found = diagnosed(watched.received, ISSUER).findings
    assert "authorization-scheme-wrong" in {one.rule for one in found}
    said = [*(one.reason for one in watched.state.log), *(f"{one.message}{one.cause}{one.help}{one.evidence}" for one in found)]
    assert "SECRET" not in "".join(said)


def test_preflights_are_no_requests_for_tokens() -> None:
    there = Watched()
    there.send("OPTIONS", "/token", headers={"Origin": "http://127.0.0.1:5000", "Access-Control-Request-Method": "POST"})
    there.send("HEAD", "/authorize")
    assert there.problems == []
