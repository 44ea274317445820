"""Clients that prove themselves by a certificate, and tokens that are bound to one, at the provider."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest

from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.jose.certificate import thumbprint
from oauthctl.jose.jwk import from_public_key
from oauthctl.provider.client import Client
from oauthctl.provider.client_certificate import registered_certificates
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from tests.certificates import Pair, authority, made
from tests.provider.world import START, World, claims_of, document, practice_state, with_client

MTLS = "https://127.0.0.1:9443"
SIGNED = made("CN=service,O=Example", by=authority(), names=("service.example", "https://service.example/id", "192.0.2.1"))
ALONE = made("CN=alone")
STRANGER = made("CN=service,O=Example", by=made("CN=test authority,O=Example", is_authority=True))
SPOOFING = made("CN=service,O=Example")


def world(**changes: Any) -> World:
    state = replace(practice_state(), mtls_origin=MTLS, certificate_authorities=(authority().der,))
    machine = {"grant_types": ("client_credentials",), "scopes": ("items.read",), "binds_certificate": True}
    registered = from_public_key(ALONE.key.public_key()).with_(x5c=[b64encode(ALONE.der).decode()])
    state = with_client(state, "signed", **{"certificate_name": ("subject_dn", "CN=service,O=Example")} | machine | changes)
    state = with_client(state, "alone", auth_methods=("self_signed_tls_client_auth",), keys=(registered,), **machine)
    return World(with_client(state, "opaque", certificate_name=("san_dns", "service.example"), access_token_format="opaque", **machine))


def send(there: World, path: str, form: dict[str, str] | None, *, shown: Pair | None = None, **headers: str) -> Response:
    """A request over TLS in which this certificate was shown."""
    there.count += 1
    moment = Moment(START, hashlib.sha256(f"mtls/{there.number}/{there.count}".encode()).digest(), shown.der if shown else b"")
    body = Params.of(form).encode().encode() if form is not None else b""
    kind = {"Content-Type": FORM} if form is not None else {}
    request = Request("GET" if form is None else "POST", urljoin(MTLS, path), Headers.of(kind | headers), body)
    there.state, response = handle(there.state, request, moment)
    return response


def ask(there: World, client_id: str, *, shown: Pair | None = None, **headers: str) -> Response:
    return send(there, "/token", {"grant_type": "client_credentials", "client_id": client_id}, shown=shown, **headers)


@pytest.mark.parametrize(("client_id", "shown"), [("signed", SIGNED), ("alone", ALONE), ("opaque", SIGNED)])
def test_a_certificate_proves_its_client_and_the_token_is_bound_to_it(client_id: str, shown: Pair) -> None:
    there = world()
    answer = document(ask(there, client_id, shown=shown))
    assert answer["token_type"] == "Bearer"
    if client_id != "opaque":
        assert claims_of(answer["access_token"])["cnf"] == {"x5t#S256": thumbprint(shown.der)}
    good = send(there, "/api/items", None, shown=shown, Authorization=f"Bearer {answer['access_token']}")
    assert good.status == 200


@pytest.mark.parametrize("x5c", [["no base64"], ["AAAA"], ["ä"], [None], "text", []])
def test_a_key_whose_certificate_can_not_be_read_proves_nobody(x5c: Any) -> None:
    there = world()
    key = from_public_key(ALONE.key.public_key()).with_(x5c=x5c)
    there.state = with_client(there.state, "alone", keys=(key,))
    assert registered_certificates(there.state) == ()
    assert ask(there, "alone", shown=ALONE).status == 401


@pytest.mark.parametrize(
    ("client_id", "shown", "words"),
    [
        ("signed", None, "no client certificate was shown"),
        ("alone", None, "no client certificate was shown"),
        ("signed", ALONE, "not issued by an authority"),
        ("signed", STRANGER, "not issued by an authority"),
        ("signed", SPOOFING, "not issued by an authority"),
        ("alone", SIGNED, "does not match any of the client's keys"),
        ("alone", made("CN=alone"), "does not match any of the client's keys"),
        ("opaque", made("CN=service,O=Example", by=authority()), "subject of the client certificate does not match"),
        ("signed", made("CN=other", by=authority()), "subject of the client certificate does not match"),
    ],
)
def test_any_other_certificate_proves_nobody(client_id: str, shown: Pair | None, words: str) -> None:
    refused = ask(world(), client_id, shown=shown)
    assert refused.status == 401
    assert document(refused)["error"] == "invalid_client"
    assert words in document(refused)["error_description"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("subject_dn", "CN=service,O=Example"),
        ("san_dns", "service.example"),
        ("san_uri", "https://service.example/id"),
        ("san_ip", "192.0.2.1"),
    ],
)
def test_a_client_is_known_by_one_name_of_its_certificate(kind: str, value: str) -> None:
    there = world(certificate_name=(kind, value))
    assert ask(there, "signed", shown=SIGNED).status == 200
    assert ask(world(certificate_name=(kind, f"{value}x")), "signed", shown=SIGNED).status == 401


FORGED = ("X-Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "Client-Cert", "oauthctl.certificate", "Ssl-Client-Cert")


@pytest.mark.parametrize("header", FORGED)
def test_no_header_is_taken_for_a_certificate(header: str) -> None:
    there = world()
    for value in (
        SIGNED.der.hex(),
        b64encode(SIGNED.der).decode(),
        f":{b64encode(SIGNED.der).decode()}:",
        'Subject="CN=service,O=Example"',
    ):
        assert ask(there, "signed", **{header: value}).status == 401
    answer = document(ask(there, "signed", shown=SIGNED))
    headers = {header: b64encode(SIGNED.der).decode(), "Authorization": f"Bearer {answer['access_token']}"}
    assert send(there, "/api/items", None, **headers).status == 401


@pytest.mark.parametrize("client_id", ["signed", "opaque"])
@pytest.mark.parametrize(("shown", "words"), [(None, "none was shown"), (ALONE, "another one was shown")])
def test_a_bound_token_opens_nothing_without_its_certificate(client_id: str, shown: Pair | None, words: str) -> None:
    there = world()
    token = document(ask(there, client_id, shown=SIGNED))["access_token"]
    refused = send(there, "/api/items", None, shown=shown, Authorization=f"Bearer {token}")
    assert refused.status == 401
    challenge = refused.headers.get("www-authenticate") or ""
    assert 'error="invalid_token"' in challenge
    assert words in challenge


def test_a_token_out_of_the_books_is_judged_by_its_own_confirmation() -> None:
    there = world()
    token = document(ask(there, "signed", shown=SIGNED))["access_token"]
    there.state = replace(there.state, access_tokens={})
    assert send(there, "/api/items", None, shown=SIGNED, Authorization=f"Bearer {token}").status == 200
    assert send(there, "/api/items", None, shown=ALONE, Authorization=f"Bearer {token}").status == 401


def test_a_public_client_binds_its_tokens_and_its_refresh_token() -> None:
    there = world()
    there.state = with_client(there.state, "public", binds_certificate=True)
    code = there.code(scope="openid items.read offline_access")
    form = {"grant_type": "authorization_code", "code": code, "client_id": "public"}
    more = {"redirect_uri": "http://127.0.0.1:49152/callback", "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}
    without = send(there, "/token", form | more)
    assert "no client certificate was shown" in document(without)["error_description"]
    answer = document(send(there, "/token", form | more, shown=ALONE))
    assert claims_of(answer["access_token"])["cnf"] == {"x5t#S256": thumbprint(ALONE.der)}
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"], "client_id": "public"}
    assert document(send(there, "/token", refresh, shown=SIGNED))["error"] == "invalid_grant"
    assert send(there, "/token", refresh, shown=ALONE).status == 200


def test_introspection_tells_the_binding() -> None:
    there = world()
    token = document(ask(there, "opaque", shown=SIGNED))["access_token"]
    told = document(send(there, "/introspect", {"token": token, "client_id": "opaque"}, shown=SIGNED))
    assert told["cnf"] == {"x5t#S256": thumbprint(SIGNED.der)}


def test_the_metadata_names_the_aliases_only_where_certificates_are_seen() -> None:
    published = document(world().get("/.well-known/openid-configuration"))
    assert published["mtls_endpoint_aliases"]["token_endpoint"] == f"{MTLS}/token"
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(published["token_endpoint_auth_methods_supported"])
    assert published["tls_client_certificate_bound_access_tokens"] is True
    plain = document(World().get("/.well-known/openid-configuration"))
    assert "mtls_endpoint_aliases" not in plain
    assert "tls_client_auth" not in plain["token_endpoint_auth_methods_supported"]
    assert plain["tls_client_certificate_bound_access_tokens"] is False


def test_a_client_with_a_certificates_name_proves_itself_by_it() -> None:
    assert Client("x", certificate_name=("subject_dn", "CN=x")).allowed_auth_methods == ("tls_client_auth",)
