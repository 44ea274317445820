from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.jose.jwk import parse_key_set
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import from_har
from oauthctl.record.material import Material
from oauthctl.record.redact import redact
from oauthctl.record.redact_claims import without_claims
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.record.played import AT, OP, jwt, played
from tests.rules.corpus.failures import har_of, load

CLAIMS = {
    "iss": OP,
    "aud": "app",
    "exp": 1772366700,
    "nonce": "n-0S6_WzA2Mj",
    "sub": "248289761001",
    "email": "jane@people.example",
    "email_verified": True,
    "updated_at": 1311280970,
    "address": {"locality": "Springfield", "lines": ["Main Street 1"]},
    "roles": ["items.read", "head-gardener"],
}


def decoded(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def hidden(*exchanges: Exchange, salt: bytes = b"x") -> tuple[Exchange, ...]:
    return without_claims(redact(Recording(exchanges), salt=b"y"), salt=salt).exchanges


def granted(claims: dict[str, Any], request: Request | None = None) -> Exchange:
    body = json.dumps({"access_token": "at-0", "token_type": "Bearer", "id_token": jwt(claims)}).encode()
    asked = request or form_request(f"{OP}/token", Params.of({"grant_type": "client_credentials", "scope": "items.read"}))
    return Exchange(1, "token", Channel.WIRE, asked, AT, 0.1, Response(200, Headers((("Content-Type", "application/json"),)), body))


def shown(exchange: Exchange) -> dict[str, Any]:
    assert exchange.response is not None
    return decoded(json.loads(exchange.response.body)["id_token"])


def test_claims_of_the_protocol_stay_and_others_become_words_of_their_type() -> None:
    claims = shown(hidden(granted(CLAIMS))[0])
    assert {name: claims[name] for name in ("iss", "aud", "exp", "nonce")} == {
        name: CLAIMS[name] for name in ("iss", "aud", "exp", "nonce")
    }
    assert claims["sub"].startswith("redacted-string-")
    assert claims["email"].startswith("redacted-email-")
    assert (claims["email_verified"], claims["updated_at"]) == (True, 0)
    assert claims["address"]["locality"].startswith("redacted-string-")
    assert claims["address"]["lines"][0].startswith("redacted-string-")


def test_the_same_value_has_the_same_word_everywhere_and_another_salt_another_one() -> None:
    userinfo = Exchange(
        2,
        "userinfo",
        Channel.WIRE,
        Request("GET", f"{OP}/userinfo"),
        AT,
        0.1,
        Response(200, body=json.dumps({"sub": CLAIMS["sub"]}).encode()),
    )
    one, other = hidden(granted(CLAIMS), userinfo)
    assert other.response is not None
    assert json.loads(other.response.body)["sub"] == shown(one)["sub"]
    assert shown(hidden(granted(CLAIMS), salt=b"z")[0])["sub"] != shown(one)["sub"]


@pytest.mark.parametrize(
    "written",
    ["jane@people.example", "jane%40people.example", "jane%2540people.example", base64.b64encode(b"to: jane@people.example;").decode()],
)
def test_a_value_is_found_wherever_else_it_stands(written: str) -> None:
    page = Exchange(
        2, "", Channel.WIRE, Request("GET", f"{OP}/page?for={written}"), AT, 0.1, Response(200, body=f"<p>{written}</p>".encode())
    )
    _, swept = hidden(granted(CLAIMS), page)
    assert written not in f"{swept}"
    assert "jane" not in f"{swept}"


def test_a_short_value_is_found_where_it_is_a_whole_value_of_json() -> None:
    """`bo` in any text would be half of `body`."""
    members = {"user": {"login": "bo", "name": "Bob Bo"}, "bo": ["bo", "about"], "scope": "bo"}
    answer = Response(200, body=json.dumps(members).encode())
    keys = Response(200, body=b'{"keys": [{"kty": "bo"}]}')
    exchanges = (
        granted(CLAIMS | {"sub": "bo", "nickname": "bo"}),
        Exchange(2, "api", Channel.WIRE, Request("POST", f"{OP}/api", Headers(), b'{"for": "bo"}'), AT, 0.1, answer),
        Exchange(3, "jwks", Channel.WIRE, Request("GET", f"{OP}/jwks"), AT, 0.1, keys),
    )
    one, swept, kept = hidden(*exchanges)
    word = shown(one)["sub"]
    assert swept.response is not None
    found = json.loads(swept.response.body)
    assert (found["user"]["login"], found["user"]["name"], found["bo"], found["scope"]) == (word, "Bob Bo", [word, "about"], "bo")
    assert json.loads(swept.request.body) == {"for": word}
    assert kept.response == keys


def test_what_the_protocol_goes_by_is_not_swept_away_because_a_claim_says_it_too() -> None:
    (exchange,) = hidden(granted(CLAIMS | {"sub": "app", "groups": ["token", "app"]}))
    assert exchange.request.form.get("scope") == "items.read"
    assert exchange.request.url == f"{OP}/token"


def test_a_hint_and_a_user_name_are_personal_without_any_token() -> None:
    request = Request("GET", f"{OP}/authorize?client_id=app&response_type=code&login_hint=jane%40people.example")
    (exchange,) = hidden(Exchange(1, "authorization", Channel.BROWSER, request, AT))
    assert "jane" not in exchange.request.url
    assert "client_id=app&response_type=code" in exchange.request.url


@pytest.mark.parametrize("name", ["bob", "al", "jane@people.example"])
def test_a_name_of_any_length_is_gone_from_the_request_that_gives_it(name: str) -> None:
    written = name.replace("@", "%40")
    headers = Headers((("Referer", f"{OP}/login?continue=%2Fauthorize%3Flogin_hint%3D{written}%26client_id%3Dapp"),))
    requests = (
        form_request(f"{OP}/token", Params.of({"grant_type": "password", "username": name, "password": "correct-horse"})),
        form_request(f"{OP}/bc-authorize", Params.of({"login_hint": name, "scope": "openid"})),
        Request("POST", f"{OP}/login?login_hint={written}", headers, json.dumps({"username": name}).encode()),
    )
    found = hidden(*(Exchange(number, "", Channel.WIRE, request, AT) for number, request in enumerate(requests, 1)))
    for request in (one.request for one in found):
        text = f"{request.url} {request.headers.get('referer')} {request.body.decode()}"
        assert not any(f"{sign}{name}" in text or f"{sign}{written}" in text for sign in ("=", '"', "%3D"))
        assert "redacted-email-" in text or "redacted-string-" in text
    words = {found[0].request.form.get("username"), found[1].request.form.get("login_hint"), json.loads(found[2].request.body)["username"]}
    assert len(words) == 1
    assert "%26client_id%3Dapp" in (found[2].request.headers.get("referer") or "")


@pytest.mark.parametrize("before", ["", "(", "id_token=", "https%3A%2F%2Fa.example%3Ft%3D"])
def test_a_token_is_found_in_any_text(before: str) -> None:
    token = jwt({"iss": OP, "given": "Jane Doe-Something"})
    exchange = Exchange(1, "", Channel.WIRE, Request("POST", f"{OP}/x", Headers(), f"{before}{token} ends".encode()), AT)
    (found,) = hidden(exchange)
    assert base64.urlsafe_b64encode(b"Jane Doe-Something").decode()[4:-4] not in found.request.body.decode()
    text = found.request.body.decode().removeprefix(before).removesuffix(" ends")
    assert decoded(text)["given"].startswith("redacted-string-")


def test_once_more_changes_nothing_but_numbers() -> None:
    once = without_claims(redact(played(), salt=b"y"), salt=b"x")
    assert without_claims(once, salt=b"other") == once


def test_what_looks_like_a_token_and_is_none_stays() -> None:
    text = b"eyes.are.here eyJ.abc. ey" + bytes(range(128, 160))
    exchange = Exchange(1, "", Channel.WIRE, Request("POST", f"{OP}/x", Headers(), text), AT)
    assert hidden(exchange) == (replace(exchange),)


ASSERTED = {"jti": "j-1", "exp": 1772366700}
POSTED = {"grant_type": "authorization_code", "client_id": "0oaShop77"}


def claims_sent(claims: dict[str, Any], *, name: str = "client_assertion", **posted: str) -> dict[str, Any]:
    (found,) = hidden(granted(CLAIMS, form_request(f"{OP}/token", Params.of({**posted, name: jwt(claims)}))))
    return decoded(str(found.request.form.get(name)))


@pytest.mark.parametrize(
    ("name", "claims", "posted"),
    [
        ("client_assertion", {"iss": "0oaShop77", "sub": "0oaShop77"}, POSTED),
        ("client_assertion", {"iss": "0oaShop77", "sub": "0oaShop77"}, {"grant_type": "client_credentials"}),
        ("client_assertion", {"iss": "https://attester.example", "sub": "0oaShop77"}, POSTED),
        ("assertion", {"iss": "robot@project.example", "sub": "robot@project.example"}, {}),
        ("assertion", {"iss": "https://sts.example", "sub": "0oaShop77"}, POSTED),
        ("subject_token", {"iss": OP, "sub": "0oaShop77", "azp": "0oaShop77"}, {}),
        ("subject_token", {"iss": OP, "sub": "0oaShop77@clients", "azp": "0oaShop77"}, {}),
        ("subject_token", {"iss": OP, "sub": "0oaShop77", "cid": "0oaShop77"}, {}),
    ],
)
def test_a_client_is_no_person(name: str, claims: dict[str, Any], posted: dict[str, str]) -> None:
    assert claims_sent(claims | ASSERTED, name=name, **posted) == claims | ASSERTED


def test_a_clients_name_stays_in_its_attestation() -> None:
    claims = {"iss": "https://attester.example", "sub": "0oaShop77", "cnf": {"jwk": {"kty": "EC"}}}
    request = form_request(f"{OP}/token", Params.of(POSTED))
    request = replace(request, headers=Headers((*request.headers, ("OAuth-Client-Attestation", jwt(claims)))))
    (found,) = hidden(Exchange(1, "token", Channel.WIRE, request, AT))
    assert decoded(found.request.headers.get("oauth-client-attestation") or "") == claims


def test_a_person_for_whom_a_client_asserts_goes_and_the_client_who_acts_stays() -> None:
    claims = claims_sent(
        {"iss": "0oaShop77", "sub": "jane-77", "act": {"sub": "0oaShop77", "name": "Jane Doe"}}, name="assertion", **POSTED
    )
    assert claims["sub"].startswith("redacted-string-")
    assert claims["act"]["sub"] == "0oaShop77"
    assert claims["act"]["name"].startswith("redacted-string-")


def test_a_name_at_an_api_makes_no_client_of_a_person() -> None:
    basic = base64.b64encode(b"jane-77:correct-horse").decode()
    called = Exchange(2, "api", Channel.WIRE, Request("GET", f"{OP}/api", Headers((("Authorization", f"Basic {basic}"),))), AT)
    assert shown(hidden(granted(CLAIMS | {"sub": "jane-77"}), called)[0])["sub"].startswith("redacted-string-")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("roles", ["items.read", "uma_authorization"]),
        ("groups", ["/staff/gardeners", "0b1c2d3e-1111-2222-3333-444455556666"]),
        ("realm_access", {"roles": ["offline_access", "uma_authorization"]}),
        ("resource_access", {"account": {"roles": ["manage-account"]}}),
        ("https://shop.example/claims/roles", ["admin"]),
        ("cognito:groups", ["admins"]),
        ("permissions", ["read:items"]),
        ("entitlements", "items"),
    ],
)
def test_words_of_an_application_for_what_one_may_do_stay(claim: str, value: Any) -> None:
    assert shown(hidden(granted(CLAIMS | {claim: value}))[0])[claim] == value


@pytest.mark.parametrize("word", ["jane@people.example", "CN=Jane Doe,OU=Staff,DC=example", "Jane Doe"])
def test_a_person_among_roles_goes(word: str) -> None:
    (found,) = hidden(granted(CLAIMS | {"groups": ["staff", word], "realm_access": {"roles": [word]}}))
    assert shown(found)["groups"][0] == "staff"
    assert [one.startswith("redacted-") for one in (shown(found)["groups"][1], *shown(found)["realm_access"]["roles"])] == [True, True]


def rules_found(recording: Recording) -> list[str]:
    scene = scene_of(Material("har", recording, ()), now=AT, salt=b"s", given={}, keys=parse_key_set({}))
    return [one.rule for one in diagnose(scene).findings]


def test_no_failure_of_a_client_is_told_otherwise_without_the_claims() -> None:
    entries = [entry for entry in load() if re.search("client_assertion|userinfo|ey[A-Za-z0-9]{20}", json.dumps(entry))]
    recordings = [redact(from_har(har_of(entry)), salt=b"y") for entry in entries]
    assert len(recordings) > 9
    assert [rules_found(without_claims(one, salt=b"x")) for one in recordings] == [rules_found(one) for one in recordings]


@pytest.mark.parametrize(("subject", "is_wrong"), [("0oaShop77", False), ("jane-77", True)])
def test_a_clients_assertion_is_judged_as_before(subject: str, is_wrong: bool) -> None:
    """What stays and what goes is told from the whole: a word stands for another value than the client's only where it is another one."""
    claims = ASSERTED | {
        "iss": "0oaShop77",
        "sub": subject,
        "aud": f"{OP}/token",
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 60,
    }
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    sent = form_request(f"{OP}/token", Params.of({**POSTED, "client_assertion_type": kind, "client_assertion": jwt(claims)}))
    refused = Response(401, Headers((("Content-Type", "application/json"),)), b'{"error": "invalid_client"}')
    recording = redact(Recording((Exchange(1, "token", Channel.WIRE, sent, AT, 0.1, refused),)), salt=b"y")
    for one in (recording, without_claims(recording, salt=b"x")):
        assert ("assertion-issuer-not-client" in rules_found(one)) == is_wrong
