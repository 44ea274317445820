"""`oauthctl login` with requests and answers in JWTs: JARM, JAR, encrypted ID tokens; with details and single claims."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.http import Params, Request, Response, split_url
from oauthctl.jose.jwe import encrypt
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.jose.sign import sign
from oauthctl.provider.client import practice_clients
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, Spoil, always, members, providing
from tests.cli.test_no_leaks import forms
from tests.provider.world import keys as provider_keys

SIGNING = generate("ES256")
ENCRYPTING = generate("ES256").with_(use="enc", alg="ECDH-ES")
PUBLIC = next(client for client in practice_clients(secret=SECRET) if client.id == "public")
KEYED = replace(PUBLIC, id="keyed", keys=(SIGNING.public(), ENCRYPTING.public()), auth_methods=("none",))
CLIENTS = (
    KEYED,
    replace(KEYED, id="strict", requires_signed_request=True),
    replace(KEYED, id="careless", request_object_signing_alg="none"),
    replace(KEYED, id="sealed", id_token_encrypted_response_alg="ECDH-ES", authorization_encrypted_response_alg="ECDH-ES"),
    replace(KEYED, id="private", userinfo_signed_response_alg="ES256", userinfo_encrypted_response_alg="ECDH-ES"),
    replace(PUBLIC, id="sharer", secret="a-secret-that-is-long-enough-for-hs256"),
)
DETAILS: list[dict[str, Any]] = [
    {"type": "payment_initiation", "instructedAmount": {"currency": "EUR", "amount": "123.50"}, "creditorName": "Merchant A"},
    {"type": "items", "identifier": "i-1", "actions": ["read"]},
]


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing(*CLIENTS) as provider:
        yield provider


@pytest.fixture
def op(running: Provider) -> Iterator[Provider]:
    yield running
    running.reset()


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [SIGNING.as_dict(), ENCRYPTING.as_dict()]}))
    return str(path)


def login(op: Provider, folder: Path, *argv: str, client: str = "public", scope: str = "openid offline_access", **more: Any) -> Ran:
    words = ("login", op.issuer, "--client-id", client, "--scope", scope, "--timeout", "8", *argv)
    ran, _ = oauthctl_with(more.pop("sign_in", ALICE), *words, folder=folder, **more)
    return ran


def query(op: Provider) -> Params:
    return op.asked("/authorize")[0].query


def inside(op: Provider) -> dict[str, Any]:
    return take_apart(query(op).get("request") or "").claims or {}


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in (folder / "state" / "recordings").rglob("*.har"))


def found_first(folder: Path) -> str:
    """The rule that names the root cause of the last run."""
    found = oauthctl("diagnose", "--json", environ=isolated(folder))
    return str(json.loads(found.out)["findings"][0]["rule"])


@pytest.mark.parametrize("mode", ["query.jwt", "jwt"])
def test_an_answer_in_a_jwt_is_taken(op: Provider, tmp_path: Path, mode: str) -> None:
    ran = login(op, tmp_path, "--response-mode", mode)
    assert ran.code == 0, ran.err
    assert query(op).get("response_mode") == mode
    sent = op.asked("/token")[0].form.get("code") or ""
    assert sent
    assert not [form for form in forms(sent) if form in everything(tmp_path) + ran.err]


def test_an_encrypted_answer_and_an_encrypted_id_token_are_opened(op: Provider, tmp_path: Path, keys: str) -> None:
    argv = ("--client-key", keys, "--client-auth", "none", "--response-mode", "jwt")
    ran = login(op, tmp_path, *argv, client="sealed")
    assert ran.code == 0, ran.err
    assert "signed in as alice" in ran.err
    assert "✓ signature" in ran.err
    (stored,) = (tmp_path / "state").rglob("tokens/*.json")
    kept = json.loads(stored.read_text())
    assert (kept["subject"], take_apart(kept["id_token"]).kind) == ("alice", Kind.JWS)
    refreshed = oauthctl("refresh", environ=isolated(tmp_path))
    assert refreshed.code == 0, refreshed.err
    assert take_apart(json.loads(stored.read_text())["id_token"]).kind is Kind.JWS
    for secret in (SIGNING.as_dict()["d"], ENCRYPTING.as_dict()["d"]):
        assert str(secret) not in ran.err + everything(tmp_path)


def test_an_encrypted_id_token_without_its_key_is_told_of(op: Provider, tmp_path: Path) -> None:
    ran = login(op, tmp_path, client="sealed")
    assert ran.code == 0, ran.err
    assert "the ID token is encrypted and was not opened: give the private key with `--client-key FILE`" in ran.err


def spoil(key: Jwk | None = None, **changed: object) -> Spoil:
    """The answer's JWT with other claims, signed by the provider unless another key is given."""

    def change(_request: Request, response: Response) -> Response:
        location = response.headers.get("location") or ""
        if "response=" not in location:
            return response
        before, _, rest = location.partition("response=")
        claims = {**(take_apart(rest.partition("&")[0]).claims or {}), **changed}
        signing = key or provider_keys()[0]
        compact = sign({name: value for name, value in claims.items() if value is not None}, signing, alg=signing.alg)
        return replace(response, headers=response.headers.with_("Location", f"{before}response={compact}"))

    return change


@pytest.mark.parametrize(
    ("spoiled", "slug"),
    [
        (spoil(iss="https://evil.example"), "answer-jwt-issuer-differs"),
        (spoil(aud="another"), "answer-jwt-audience-differs"),
        (spoil(exp=1311281970), "answer-jwt-expired"),
        (spoil(SIGNING), "answer-jwt-signature-wrong"),
    ],
)
def test_an_answer_that_must_not_be_believed_is_refused_by_its_slug(op: Provider, tmp_path: Path, spoiled: Spoil, slug: str) -> None:
    op.spoils["/authorize"] = spoiled
    ran = login(op, tmp_path, "--response-mode", "jwt")
    assert ran.code == 1, ran.err
    assert f"error[{slug}]" in ran.err
    assert op.asked("/token") == []
    assert found_first(tmp_path) == slug


def test_a_plain_answer_where_one_in_a_jwt_was_asked_for_is_refused(op: Provider, tmp_path: Path) -> None:
    def plain(_request: Request, response: Response) -> Response:
        location = response.headers.get("location") or ""
        compact = Params.parse(split_url(location).query).get("response") or ""
        claims = take_apart(compact).claims or {}
        if not claims:
            return response
        query = Params.of({name: str(claims[name]) for name in ("code", "state", "iss")}).encode()
        return replace(response, headers=response.headers.with_("Location", f"{location.partition('?')[0]}?{query}"))

    op.spoils["/authorize"] = plain
    ran = login(op, tmp_path, "--response-mode", "jwt")
    assert ran.code == 1
    assert "error[answer-jwt-missing]" in ran.err
    assert op.asked("/token") == []


def test_a_signed_request_travels_as_one_jwt(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(
        op, tmp_path, "--request-object", "signed", "--client-key", keys, "--client-auth", "none", "--max-age", "600", client="strict"
    )
    assert ran.code == 0, ran.err
    assert "protected by  PKCE S256, JAR (signed), iss in the answer" in ran.err
    assert [name for name, _ in query(op)] == ["client_id", "request"]
    claims = inside(op)
    assert take_apart(query(op).get("request") or "").typ == "oauth-authz-req+jwt"
    assert (claims["iss"], claims["aud"], claims["client_id"]) == ("strict", op.issuer, "strict")
    assert claims["exp"] - claims["iat"] == 300
    assert (claims["max_age"], claims["code_challenge_method"], claims["response_type"]) == (600, "S256", "code")
    assert claims["jti"]


def test_a_signed_request_is_pushed(op: Provider, tmp_path: Path, keys: str) -> None:
    argv = ("--request-object", "signed", "--client-key", keys, "--client-auth", "none", "--par", "always")
    ran = login(op, tmp_path, *argv, client="strict")
    assert ran.code == 0, ran.err
    assert "protected by  PKCE S256, PAR, JAR (signed), iss in the answer" in ran.err
    assert {name for name, _ in op.asked("/par")[0].form} == {"client_id", "request"}
    assert {name for name, _ in query(op)} == {"client_id", "request_uri"}
    compact = op.asked("/par")[0].form.get("request") or ""
    assert not [form for form in forms(compact) if form in everything(tmp_path) + ran.err]


def test_an_encrypted_request_can_be_read_by_the_provider_alone(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(op, tmp_path, "--request-object", "encrypted", "--client-key", keys, "--client-auth", "none", client="strict")
    assert ran.code == 0, ran.err
    assert "protected by  PKCE, JAR (encrypted), iss in the answer" in ran.err
    assert take_apart(query(op).get("request") or "").kind is Kind.JWE


def test_a_secret_signs_as_well(op: Provider, tmp_path: Path) -> None:
    environ = {"OAUTHCTL_CLIENT_SECRET": "a-secret-that-is-long-enough-for-hs256"}
    ran = login(op, tmp_path, "--request-object", "secret", client="sharer", environ=environ)
    assert ran.code == 0, ran.err
    assert take_apart(query(op).get("request") or "").alg == "HS256"


def test_a_request_that_is_not_signed_is_for_provoking(op: Provider, tmp_path: Path) -> None:
    assert login(op, tmp_path, "--request-object", "none", client="careless").code == 0
    op.reset()
    ran = login(op, tmp_path / "other", "--request-object", "none", "--redirect-uri", "http://127.0.0.1/callback", client="keyed")
    assert ran.code == 4, ran.err
    assert "invalid_request_object" in ran.err
    assert "not signed" in ran.err
    assert found_first(tmp_path / "other") == "request-object-refused"


def test_a_key_that_nobody_registered_is_refused(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(generate("ES256").as_dict()))
    ran = login(op, tmp_path, "--request-object", "signed", "--client-key", str(path), "--client-auth", "none", client="keyed")
    assert ran.code == 4
    assert "invalid_request_object" in ran.err


def test_a_signed_request_without_a_key_is_refused_before_anything_is_asked(op: Provider, tmp_path: Path) -> None:
    ran = login(op, tmp_path, "--request-object", "signed")
    assert ran.code == 2
    assert "error[no-key]" in ran.err
    assert op.asked("/authorize") == []


def test_auto_signs_where_the_server_takes_nothing_else(op: Provider, tmp_path: Path, keys: str) -> None:
    op.spoils["/.well-known/openid-configuration"] = members(require_signed_request_object=True)
    op.spoils["/.well-known/oauth-authorization-server"] = members(require_signed_request_object=True)
    assert login(op, tmp_path, "--client-key", keys, "--client-auth", "none", client="keyed").code == 0
    assert "request" in query(op)
    op.requests.clear()
    ran = login(op, tmp_path / "other")
    assert "takes signed request objects alone" in ran.err
    assert "request" not in query(op)


def test_what_was_granted_in_detail_is_shown_against_what_was_asked_for(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "details.json"
    path.write_text(json.dumps(DETAILS, indent=2))
    narrowed = [{**DETAILS[0], "instructedAmount": {"currency": "EUR", "amount": "100.00"}}, {"type": "photo_album"}]
    op.spoils["/token"] = members(authorization_details=narrowed)
    ran = login(op, tmp_path, "--authorization-details", f"@{path}")
    assert ran.code == 0, ran.err
    assert json.loads(query(op).get("authorization_details") or "") == DETAILS
    lines = ran.err[ran.err.index("in detail") :].splitlines()
    assert lines[1:6] == [
        "  ~ payment_initiation  granted otherwise than it was asked for",
        '      - instructedAmount: {"currency": "EUR", "amount": "123.50"}',
        '      + instructedAmount: {"currency": "EUR", "amount": "100.00"}',
        "  ✗ items  not granted",
        '  + photo_album  granted without being asked for: {"type": "photo_album"}',
    ]


def test_details_that_are_granted_as_asked_for_are_said_to_be(op: Provider, tmp_path: Path) -> None:
    ran = login(op, tmp_path, "--authorization-details", json.dumps(DETAILS))
    assert ran.code == 0, ran.err
    assert "✓ payment_initiation  granted as it was asked for" in ran.err
    again = login(op, tmp_path)
    assert "✓ items  granted as it was asked for" in again.err


@pytest.mark.parametrize(
    ("option", "value", "slug"),
    [
        ("--authorization-details", "{", "authorization-details-refused"),
        ("--authorization-details", '{"type": "items"}', "authorization-details-refused"),
        ("--authorization-details", '["items"]', "authorization-details-refused"),
        ("--claims", "[]", "claims-unreadable"),
        ("--claims", '{"id_token": {"email": true}}', "claims-unreadable"),
    ],
)
def test_json_that_can_not_be_right_is_not_sent(op: Provider, tmp_path: Path, option: str, value: str, slug: str) -> None:
    ran = login(op, tmp_path, option, value)
    assert ran.code == 2
    assert f"error[{slug}]" in ran.err
    assert op.asked("/authorize") == []


def test_types_that_the_server_does_not_know_are_refused_by_it(op: Provider, tmp_path: Path) -> None:
    ran = login(op, tmp_path, "--authorization-details", '[{"type": "moon_landing"}]')
    assert ran.code == 4
    assert "invalid_authorization_details" in ran.err
    assert found_first(tmp_path) == "authorization-details-refused"


def test_single_claims_are_asked_for_and_missing_ones_are_told(op: Provider, tmp_path: Path) -> None:
    wanted = {"id_token": {"email": {"essential": True}, "hair_colour": {"essential": True}}, "userinfo": {"nickname": {"essential": True}}}
    ran = login(op, tmp_path, "--claims", json.dumps(wanted))
    assert ran.code == 0, ran.err
    assert json.loads(query(op).get("claims") or "") == wanted
    assert "`hair_colour` was asked for as essential in `id_token`, and did not come" in ran.err
    assert "`email`" not in ran.err
    told = oauthctl("userinfo", environ=isolated(tmp_path))
    assert "`nickname` was asked for as essential in `userinfo`, and did not come" in told.err


def test_an_essential_way_of_authentication_that_is_not_offered_is_the_servers_no(op: Provider, tmp_path: Path) -> None:
    ran = login(op, tmp_path, "--claims", '{"id_token": {"acr": {"essential": true, "value": "hardware"}}}')
    assert ran.code == 4
    assert "unmet_authentication_requirements" in ran.err


def test_a_dry_run_shows_request_object_and_answer(op: Provider, tmp_path: Path, keys: str) -> None:
    ran = login(
        op, tmp_path, "--request-object", "signed", "--client-key", keys, "--client-auth", "none", "--response-mode", "jwt", "--dry-run"
    )
    assert ran.code == 0, ran.err
    assert "request=ey" in ran.out
    assert "send: token" in ran.out
    plain = login(op, tmp_path, "--response-mode", "fragment.jwt", "--dry-run")
    assert "response_mode=fragment.jwt" in plain.out
    assert str(SIGNING.as_dict()["d"]) not in ran.out


def test_signed_and_encrypted_userinfo_is_verified(op: Provider, tmp_path: Path, keys: str) -> None:
    environ = isolated(tmp_path)
    ran = login(op, tmp_path, "--client-key", keys, "--client-auth", "none", client="private", scope="openid email")
    assert ran.code == 0, ran.err
    told = oauthctl("userinfo", "--json", environ=environ)
    assert (told.code, json.loads(told.out)["email"]) == (0, "alice@example.com")
    assert "aud" not in json.loads(told.out)

    op.spoils["/userinfo"] = always(200, sign({"iss": op.issuer, "aud": "private", "sub": "alice"}, SIGNING), "application/jwt")
    forged = oauthctl("userinfo", environ=environ)
    assert forged.code == 1
    assert "error[signed-answer-signature-wrong]" in forged.err


def test_a_signed_introspection_answer_is_verified(op: Provider, tmp_path: Path) -> None:
    environ = isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": SECRET}
    assert login(op, tmp_path, client="web", environ=environ).code == 0
    told = oauthctl("introspect", "--signed", "--json", environ=environ)
    assert (told.code, json.loads(told.out)["active"]) == (0, True), told.err
    asked = op.asked("/introspect")[-1]
    assert asked.headers.get("accept") == "application/token-introspection+jwt"
    said = oauthctl("introspect", "--signed", environ=environ).err
    assert "the answer is signed (RS256); verified: signature, type, issuer, audience, times\n" in said

    op.spoils["/introspect"] = always(200, '{"active": true}')
    plain = oauthctl("introspect", "--signed", environ=environ)
    assert plain.code == 1
    assert "error[signed-answer-missing]" in plain.err

    op.spoils["/introspect"] = always(200, sign({"iss": op.issuer, "aud": "web"}, SIGNING), "application/token-introspection+jwt")
    other = oauthctl("introspect", "--signed", environ=environ)
    assert "error[signed-answer-type-differs]" in other.err


def test_an_encrypted_token_is_opened_for_looking_at_it(tmp_path: Path, keys: str) -> None:
    compact = encrypt(sign({"sub": "alice"}, SIGNING), ENCRYPTING.public(), alg="ECDH-ES", header={"cty": "JWT"})
    shown = oauthctl("decode", "--key", keys, "--json", stdin=f'{{"id_token": "{compact}"}}')
    assert (shown.code, json.loads(shown.out)["claims"]["sub"]) == (0, "alice"), shown.err
    assert "opened with `ECDH-ES`" in oauthctl("decode", "--key", keys, stdin=compact).err
    other = tmp_path / "other.json"
    other.write_text(json.dumps(generate("ES256").with_(use="enc", alg="ECDH-ES").as_dict()))
    closed = oauthctl("decode", "--key", str(other), stdin=compact)
    assert (closed.code, closed.out) == (1, "")
    assert "error[token-encrypted]" in closed.err


def test_a_client_asks_for_itself_in_detail(op: Provider, tmp_path: Path) -> None:
    environ = isolated(tmp_path) | {"OAUTHCTL_ISSUER": op.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = oauthctl("token", "--grant", "client_credentials", "--authorization-details", json.dumps(DETAILS[1:]), environ=environ)
    assert ran.code == 0, ran.err
    assert take_apart(ran.out.strip()).claims is not None
    assert (take_apart(ran.out.strip()).claims or {})["authorization_details"] == DETAILS[1:]
    assert "✓ items  granted as it was asked for" in ran.err
    refused = oauthctl("token", "--grant", "client_credentials", "--authorization-details", '[{"type": "x"}]', environ=environ)
    assert refused.code == 4
    assert "invalid_authorization_details" in refused.err


def test_a_key_for_requests_alone_that_is_taken_for_a_proof_too_is_told_of(op: Provider, keys: str, tmp_path: Path) -> None:
    ran = login(op, tmp_path, "--request-object", "signed", "--client-key", keys, client="strict")
    assert ran.code == 4
    assert "if the client is registered as public, and its key signs requests alone, say `--client-auth none`" in " ".join(ran.err.split())
