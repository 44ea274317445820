"""One wrong answer of each kind: the client refuses it with the slug of its rule, and `diagnose` names that rule first in the recording.

Here: the table of kinds. Not here: what else is said and kept then (the tests of the commands).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import Any

import pytest

from oauthctl.http import Params, Request, Response, split_url, with_query
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.provider.client import Client
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, Spoil, always, members, providing
from tests.provider.world import keys

STRANGER = generate("ES256").with_(kid="stranger")
SIGNED = Client("signed", secret=SECRET, is_resource_server=True, userinfo_signed_response_alg="RS256", is_native=True)
Run = Callable[[Provider, Path], Ran]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    web = replace(SIGNED, redirect_uris=("http://127.0.0.1/callback",), scopes=("openid", "email", "offline_access"))
    with providing(web, change=lambda state: replace(state, device_interval=0.01)) as running:
        yield running


def login(*argv: str, client: str = "public", scope: str = "openid items.read") -> Run:
    """A sign-in of alice."""

    def run(provider: Provider, folder: Path) -> Ran:
        words = ("login", provider.issuer, "--client-id", client, "--scope", scope, "--timeout", "1", *argv)
        return oauthctl_with(ALICE, *words, folder=folder, environ={} if client == "public" else {"OAUTHCTL_CLIENT_SECRET": SECRET})[0]

    return run


def afterwards(*argv: str, client: str = "public", scope: str = "openid items.read offline_access") -> Run:
    """Another command, after a sign-in to which nothing was done."""

    def run(provider: Provider, folder: Path) -> Ran:
        spoils, provider.spoils = provider.spoils, {}
        ran = login(client=client, scope=scope)(provider, folder)
        assert ran.code == 0, ran.err
        provider.spoils = spoils
        return oauthctl(*argv, environ=isolated(folder) | ({} if client == "public" else {"OAUTHCTL_CLIENT_SECRET": SECRET}))

    return run


def unattended(*argv: str, client: str = "service") -> Run:
    """A command without a person."""

    def run(provider: Provider, folder: Path) -> Ran:
        known = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": client, "OAUTHCTL_CLIENT_SECRET": SECRET}
        return oauthctl(*argv, environ=isolated(folder) | known)

    return run


def traded(provider: Provider, folder: Path) -> Ran:
    """An exchange of the token that a sign-in brought."""
    fetched = afterwards("token", client="web")
    spoils, provider.spoils = provider.spoils, {}
    token = fetched(provider, folder).out.strip()
    provider.spoils = spoils
    known = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    argv = ("token", "--grant", "token_exchange", "--requested-token-type", "access_token")
    return oauthctl(*argv, environ=isolated(folder) | known | {"OAUTHCTL_SUBJECT_TOKEN": token})


def discover(provider: Provider, folder: Path) -> Ran:
    """The metadata alone."""
    return oauthctl("discover", provider.issuer, environ=isolated(folder))


def signed(key: Jwk | None = None, alg: str = "", **changed: object) -> Callable[[dict[str, Any]], str]:
    """Signed by the provider, or by another key, with these claims changed; None takes one out."""

    def make(claims: dict[str, Any]) -> str:
        new = {name: value for name, value in (claims | changed).items() if value is not None}
        return sign(new, key) if key is not None else sign(new, keys()[0], alg=alg or "RS256")

    return make


def cut(claims: dict[str, Any]) -> str:
    return signed()(claims)[:-40]


def id_token(make: Callable[[dict[str, Any]], str], member: str = "id_token") -> Spoil:
    """The token answer with another token made from the claims of the right one."""

    def spoil(request: Request, response: Response) -> Response:
        document = json.loads(response.body)
        if member not in document:
            return response
        return members(**{member: make(dict(take_apart(document[member]).claims or {}))})(request, response)

    return spoil


def callback(change: Callable[[Params], Params]) -> Spoil:
    """The redirect to the client with other parameters."""

    def spoil(_request: Request, response: Response) -> Response:
        location = response.headers.get("location") or ""
        if "/callback" not in location.partition("?")[0]:
            return response
        new = with_query(location.partition("?")[0], change(Params.parse(split_url(location).query)))
        return replace(response, headers=response.headers.with_("Location", new))

    return spoil


def with_(**changed: str | None) -> Callable[[Params], Params]:
    """The parameters with these changed; None takes one out."""

    def change(params: Params) -> Params:
        kept = params.without(*changed)
        return Params((*kept.pairs, *((name, value) for name, value in changed.items() if value is not None)))

    return change


def jarm(make: Callable[[dict[str, Any]], str]) -> Spoil:
    """The answer's JWT made anew from its claims."""
    return callback(lambda params: with_(response=make(take_apart(params.get("response") or "").claims or {}))(params))


def plain(params: Params) -> Params:
    """What was in the JWT, outside of it."""
    claims = take_apart(params.get("response") or "").claims or {}
    return Params(tuple((name, str(value)) for name, value in claims.items() if name in ("code", "state", "iss")))


def body(make: Callable[[dict[str, Any]], str], typ: str = "") -> Spoil:
    """An answer that is a JWT, made anew from its claims."""

    def spoil(_request: Request, response: Response) -> Response:
        compact = make(take_apart(response.text.strip()).claims or {})
        return replace(response, body=compact.encode())

    return spoil


def introspected(key: Jwk | None = None, typ: str = "token-introspection+jwt", **changed: object) -> Spoil:
    """The signed introspection answer, signed anew."""

    def make(claims: dict[str, Any]) -> str:
        new = {name: value for name, value in (claims | changed).items() if value is not None}
        signing = key or keys()[0]
        return sign(new, signing, alg=signing.alg, header={"typ": typ})

    return body(make)


def repeated(name: str) -> Spoil:
    """The JSON with another value of this member before the right one."""
    return lambda _request, response: replace(
        response, body=response.body.replace(b"{", f'{{"{name}": "https://evil.example/", '.encode(), 1)
    )


@dataclass(frozen=True)
class Kind:
    """One wrong answer: where it comes, what it is, and the rule that tells of it."""

    slug: str
    path: str
    spoil: Spoil
    run: Run
    code: int = 1

    def __str__(self) -> str:
        return f"{self.slug} at {self.path.rpartition('/')[2]}"


TOKEN, AUTHORIZE = "/token", "/authorize"
JARM = login("--response-mode", "jwt")
METADATA = "/.well-known/oauth-authorization-server"
KINDS = (
    # Metadata, RFC 8414.
    Kind("metadata-issuer-differs", METADATA, members(issuer="http://127.0.0.1:1/other"), discover, 3),
    Kind("metadata-incomplete", METADATA, members(token_endpoint=None), login(), 3),
    Kind("endpoint-unusable", METADATA, members(authorization_endpoint="javascript:alert(1)"), login(), 3),
    Kind("metadata-member-repeated", METADATA, repeated("token_endpoint"), discover, 3),
    # ID tokens, OpenID Connect Core 1.0 section 3.1.3.7.
    Kind("nonce-not-returned", TOKEN, id_token(signed(nonce=None)), login()),
    Kind("nonce-differs", TOKEN, id_token(signed(nonce="another")), login()),
    Kind("id-token-audience-differs", TOKEN, id_token(signed(aud="another")), login()),
    Kind("authorized-party-differs", TOKEN, id_token(signed(aud=["public", "another"], azp="another")), login()),
    Kind("token-expired-on-arrival", TOKEN, id_token(signed(exp=int(time()) - 4000, iat=int(time()) - 4600)), login()),
    Kind("expiry-missing", TOKEN, id_token(signed(exp=None)), login()),
    Kind("at-hash-differs", TOKEN, id_token(signed(at_hash="77QmUPtjPfzWtF2AnpK9RQ")), login()),
    Kind("algorithm-none", TOKEN, id_token(unsecured), login()),
    Kind("key-unknown", TOKEN, id_token(signed(STRANGER)), login()),
    Kind("token-truncated", TOKEN, id_token(cut), login()),
    Kind("sign-in-too-old", TOKEN, id_token(signed(auth_time=int(time()) - 7200)), login("--max-age", "60")),
    Kind("refreshed-subject-differs", TOKEN, id_token(signed(sub="bob")), afterwards("refresh")),
    # The token endpoint, RFC 6749 section 5.1.
    Kind("token-answer-is-html", TOKEN, always(200, "<!doctype html><title>Sign in</title>", "text/html"), login(), 3),
    Kind("token-answer-incomplete", TOKEN, members(access_token=None, id_token=None, refresh_token=None), login(), 3),
    Kind("token-request-redirected", TOKEN, always(307, "", Location="https://evil.example/token"), login(), 3),
    Kind("access-token-unusable", TOKEN, members(access_token="no töken", id_token=None), login(scope="items.read"), 3),
    # The callback, RFC 6749 section 4.1.2 and RFC 9207.
    Kind("issuer-not-returned", AUTHORIZE, callback(with_(iss=None)), login()),
    Kind("issuer-mixed-up", AUTHORIZE, callback(with_(iss="https://evil.example")), login()),
    Kind("state-mismatch", AUTHORIZE, callback(with_(state="another-state")), login(), 3),
    Kind("callback-parameter-repeated", AUTHORIZE, callback(lambda params: Params((*params.pairs, ("code", "x")))), login(), 3),
    Kind("answer-without-code", AUTHORIZE, callback(with_(code=None)), login(), 3),
    # Answers in JWTs, JARM section 2.4.
    Kind("answer-jwt-issuer-differs", AUTHORIZE, jarm(signed(iss="https://evil.example")), JARM),
    Kind("answer-jwt-audience-differs", AUTHORIZE, jarm(signed(aud="another")), JARM),
    Kind("answer-jwt-expired", AUTHORIZE, jarm(signed(exp=1311281970)), JARM),
    Kind("answer-jwt-signature-wrong", AUTHORIZE, jarm(signed(STRANGER)), JARM),
    Kind("answer-jwt-unsigned", AUTHORIZE, jarm(unsecured), JARM),
    Kind("answer-jwt-missing", AUTHORIZE, callback(plain), JARM),
    # Beginnings on other ways: RFC 9126, RFC 8628, CIBA.
    Kind("pushed-answer-incomplete", "/par", members(request_uri=None), login("--par", "always"), 3),
    Kind("pushed-answer-incomplete", "/par", members(request_uri=5), login("--par", "always"), 3),
    Kind("device-answer-incomplete", "/device_authorization", members(device_code=5), login("--grant", "device_code"), 3),
    Kind("device-answer-incomplete", "/device_authorization", members(user_code=["a"]), login("--grant", "device_code"), 3),
    Kind(
        "backchannel-answer-incomplete",
        "/bc-authorize",
        members(auth_req_id=5),
        login("--grant", "ciba", "--login-hint", "alice", client="web"),
        3,
    ),
    Kind("token-answer-incomplete", TOKEN, members(access_token=5), unattended("token", "--grant", "client_credentials"), 3),
    Kind("device-answer-incomplete", "/device_authorization", members(user_code=None), login("--grant", "device_code"), 3),
    Kind(
        "backchannel-answer-incomplete",
        "/bc-authorize",
        members(auth_req_id=None),
        login("--grant", "ciba", "--login-hint", "alice", client="web"),
        3,
    ),
    # Binding, RFC 9449 section 6.1.
    Kind(
        "dpop-token-bound-elsewhere",
        TOKEN,
        id_token(signed(cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}), "access_token"),
        unattended("token", "--grant", "client_credentials", "--dpop"),
        3,
    ),
    # Token exchange, RFC 8693 section 2.2.1.
    Kind(
        "exchange-issued-type-differs",
        TOKEN,
        members(issued_token_type="urn:ietf:params:oauth:token-type:saml2"),
        traded,
        3,
    ),
    Kind("exchange-issued-type-missing", TOKEN, members(issued_token_type=None), traded, 3),
    Kind("exchange-issued-type-missing", TOKEN, members(issued_token_type=["urn:ietf:params:oauth:token-type:access_token"]), traded, 3),
    # The access token's type, RFC 6749 section 7.1.
    Kind("token-type-unknown", TOKEN, members(token_type="mac"), unattended("token", "--grant", "client_credentials"), 3),
    Kind("token-type-unknown", TOKEN, members(token_type=5), unattended("token", "--grant", "client_credentials", "--dpop"), 3),
    Kind("token-type-unknown", TOKEN, members(token_type=["Bearer"]), unattended("token", "--grant", "client_credentials"), 3),
    # Userinfo, OpenID Connect Core 1.0 section 5.3.
    Kind("userinfo-subject-differs", "/userinfo", members(sub="bob"), afterwards("userinfo")),
    Kind(
        "signed-answer-issuer-differs",
        "/userinfo",
        body(signed(iss="https://evil.example")),
        afterwards("userinfo", client="signed", scope="openid"),
    ),
    Kind(
        "signed-answer-audience-differs", "/userinfo", body(signed(aud="another")), afterwards("userinfo", client="signed", scope="openid")
    ),
    Kind("signed-answer-expired", "/userinfo", body(signed(exp=1311281970)), afterwards("userinfo", client="signed", scope="openid")),
    Kind("signed-answer-unsigned", "/userinfo", body(unsecured), afterwards("userinfo", client="signed", scope="openid")),
    Kind("signed-answer-signature-wrong", "/userinfo", body(signed(STRANGER)), afterwards("userinfo", client="signed", scope="openid")),
    Kind(
        "signed-answer-unreadable",
        "/userinfo",
        always(200, "no jwt", "application/jwt"),
        afterwards("userinfo", client="signed", scope="openid"),
        3,
    ),
    # Introspection, RFC 9701 section 5.
    Kind("signed-answer-type-differs", "/introspect", introspected(typ="at+jwt"), afterwards("introspect", "--signed", client="web")),
    Kind("signed-answer-audience-differs", "/introspect", introspected(aud="another"), afterwards("introspect", "--signed", client="web")),
    Kind(
        "signed-answer-issuer-differs",
        "/introspect",
        introspected(iss="https://evil.example"),
        afterwards("introspect", "--signed", client="web"),
    ),
    Kind("signed-answer-signature-wrong", "/introspect", introspected(STRANGER), afterwards("introspect", "--signed", client="web")),
    Kind("signed-answer-missing", "/introspect", always(200, '{"active": true}'), afterwards("introspect", "--signed", client="web")),
)


def first_found(folder: Path) -> str:
    """The rule that `diagnose` names first for the last recording."""
    findings = json.loads(oauthctl("diagnose", "--json", environ=isolated(folder)).out)["findings"]
    return str(findings[0]["rule"]) if findings else ""


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_wrong_answer_is_refused_by_the_name_of_its_rule(provider: Provider, tmp_path: Path, kind: Kind) -> None:
    provider.reset()
    provider.spoils[kind.path] = kind.spoil
    ran = kind.run(provider, tmp_path)
    assert ran.code == kind.code, ran.err
    assert f"error[{kind.slug}]" in ran.err
    assert first_found(tmp_path) == kind.slug
    assert oauthctl("explain", kind.slug).code == 0
