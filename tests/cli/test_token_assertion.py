"""`oauthctl token --grant jwt_bearer` and `saml2_bearer`: assertions of one's own, of others, and of another server."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk, from_private_key, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.jose.verify import check_signature
from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER
from oauthctl.provider.client import Client
from oauthctl.shell.world import utc_now
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import Home, granting
from tests.cli.spoiled import SECRET, Provider, providing
from tests.cli.test_no_leaks import forms
from tests.messages.test_assertion_grant import RFC7522_SECTION_4
from tests.provider.world import keys

KEY: Jwk = generate("ES256").with_(kid="robots")
BEARER = ("token", "--grant", "jwt_bearer")
IDP_NAME = "work"
FAR = 4102444800


@pytest.fixture(scope="module")
def idp() -> Iterator[Provider]:
    """Where people sign in."""
    with providing() as running:
        yield running


@pytest.fixture(scope="module")
def chat(idp: Provider) -> Iterator[Provider]:
    """A server that trusts the former, and a client that signs its own assertions, also for people."""
    robot = Client("robot", keys=(KEY.public(),), grant_types=(JWT_BEARER,), scopes=("items.read",), speaks_for_users=True)
    trusted = {idp.issuer: tuple(key.public() for key in keys())}
    with providing(robot, change=lambda state: replace(state, trusted_issuers=trusted)) as running:
        yield running


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "robot.jwk"
    path.write_text(json.dumps(KEY.as_dict()))
    return str(path)


def robot(chat: Provider, folder: Path, *argv: str, **environ: str) -> Ran:
    chat.reset()
    return oauthctl(*BEARER, *argv, environ=isolated(folder) | {"OAUTHCTL_ISSUER": chat.issuer, "OAUTHCTL_CLIENT_ID": "robot"} | environ)


def claims(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    return dict(take_apart(ran.out.strip()).claims or {})


def test_the_clients_key_makes_the_assertion(chat: Provider, tmp_path: Path, key_file: str) -> None:
    ran = robot(chat, tmp_path, "--client-key", key_file, "--assertion-subject", "alice", "--scope", "items.read")
    assert (claims(ran)["sub"], claims(ran)["client_id"]) == ("alice", "robot")
    (request,) = chat.asked("/token")
    assert {name for name, _ in request.form} == {"grant_type", "assertion", "scope", "client_id"}
    sent = take_apart(request.form.get("assertion") or "").claims or {}
    assert (sent["iss"], sent["sub"], sent["aud"]) == ("robot", "alice", chat.issuer)
    seen = ran.err + "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    signature = (request.form.get("assertion") or "").rpartition(".")[2]
    for secret in (signature, ran.out.strip().rpartition(".")[2], str(KEY.as_dict()["d"])):
        assert not [form for form in forms(secret) if form in seen]


def test_an_assertion_as_service_accounts_send_it(home: Home, key_file: str) -> None:
    """Google's: no client, the address as issuer, the token endpoint as audience, the scope among the claims."""
    home.server.answers["/token"] = granting()
    ran = home.run(
        *BEARER,
        "--client-key",
        key_file,
        "--assertion-issuer",
        "robot@project.iam.example",
        "--assertion-audience",
        "token-endpoint",
        "--assertion-claim",
        "scope=https://www.example.com/auth/drive",
        "--assertion-claim",
        "sub=",
        "--assertion-claim",
        "groups:=[1, 2]",
        environ={"OAUTHCTL_ISSUER": home.server.issuer},
    )
    assert (ran.code, ran.out) == (0, "at-fresh-1\n"), ran.err
    (request,) = home.server.asked("/token")
    assert {name for name, _ in request.form} == {"grant_type", "assertion"}
    sent = take_apart(request.form.get("assertion") or "").claims or {}
    assert (sent["iss"], sent["aud"]) == ("robot@project.iam.example", f"{home.server.issuer}/token")
    assert (sent["scope"], sent["groups"], "sub" in sent) == ("https://www.example.com/auth/drive", [1, 2], False)


@pytest.mark.parametrize("way", ["file", "stdin", "env"])
def test_an_assertion_that_somebody_else_made(chat: Provider, idp: Provider, tmp_path: Path, way: str) -> None:
    chat.reset()
    token = sign({"iss": idp.issuer, "sub": "bob", "aud": chat.issuer, "exp": int(utc_now().timestamp()) + 600}, keys()[1])
    path = tmp_path / "assertion.jwt"
    path.write_text(f"{token}\n")
    environ = isolated(tmp_path) | {"OAUTHCTL_ISSUER": chat.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    words = {"file": ("--assertion-file", str(path)), "stdin": ("--assertion-file", "-"), "env": ()}[way]
    ran = oauthctl(
        *BEARER,
        *words,
        stdin=token if way == "stdin" else "",
        environ=environ | ({"OAUTHCTL_ASSERTION": token} if way == "env" else {}),
    )
    assert (claims(ran)["sub"], claims(ran)["client_id"]) == ("bob", "service")


@pytest.fixture
def signed_in(idp: Provider, chat: Provider, tmp_path: Path) -> dict[str, str]:
    """Alice has signed in at work, and nowhere else."""
    secret = {"OAUTHCTL_CLIENT_SECRET": SECRET}
    words = ("login", idp.issuer, "--profile", IDP_NAME, "--client-id", "web", "--scope", "openid offline_access")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ=secret)
    assert ran.code == 0, ran.err
    idp.reset()
    chat.reset()
    return isolated(tmp_path) | secret


@pytest.mark.parametrize("requested", ["id-jag", "jwt"])
def test_a_sign_in_at_one_server_opens_another(
    idp: Provider, chat: Provider, signed_in: dict[str, str], tmp_path: Path, requested: str
) -> None:
    """One command: exchange there, redeem here."""
    environ = signed_in | {"OAUTHCTL_ISSUER": chat.issuer, "OAUTHCTL_CLIENT_ID": "web"}
    words = ("--assertion-from", IDP_NAME, "--scope", "items.read", "--resource", f"{chat.issuer}/api/items")
    ran = oauthctl(*BEARER, *words, *(() if requested == "id-jag" else ("--requested-token-type", requested)), environ=environ)
    found = claims(ran)
    assert (found["iss"], found["sub"], found["aud"], found["scope"]) == (chat.issuer, "alice", f"{chat.issuer}/api/items", "items.read")
    (exchanged,), (redeemed,) = idp.asked("/token"), chat.asked("/token")
    assert (exchanged.form.get("audience"), exchanged.form.get("resource")) == (chat.issuer, f"{chat.issuer}/api/items")
    token = take_apart(redeemed.form.get("assertion") or "")
    assert token.typ == ("oauth-id-jag+jwt" if requested == "id-jag" else "jwt")
    call = UrlRequest(f"{chat.issuer}/api/items", headers={"Authorization": f"Bearer {ran.out.strip()}"})
    with urlopen(call, timeout=5) as response:
        assert json.load(response)["for"] == "alice"
    seen = ran.err + "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    for secret in (
        (redeemed.form.get("assertion") or "").rpartition(".")[2],
        (exchanged.form.get("subject_token") or "").rpartition(".")[2],
    ):
        assert not [form for form in forms(secret) if form in seen]


def test_the_same_as_two_commands_and_a_pipe(idp: Provider, chat: Provider, signed_in: dict[str, str]) -> None:
    first = oauthctl(
        "token",
        "--profile",
        IDP_NAME,
        *("--grant", "token_exchange", "--subject-token-profile", IDP_NAME, "--subject-token-type", "id_token"),
        *("--requested-token-type", "id-jag", "--audience", chat.issuer, "--scope", "items.read"),
        environ=signed_in,
    )
    assert first.code == 0, first.err
    environ = signed_in | {"OAUTHCTL_ISSUER": chat.issuer, "OAUTHCTL_CLIENT_ID": "web"}
    second = oauthctl(*BEARER, "--assertion-file", "-", stdin=first.out, environ=environ)
    assert (claims(second)["sub"], claims(second)["scope"]) == ("alice", "items.read")


def test_a_server_that_does_not_trust_the_other_says_no(idp: Provider, chat: Provider, signed_in: dict[str, str]) -> None:
    """The other way round: the sign-in is at `chat`, and `work` trusts nobody."""
    environ = signed_in | {"OAUTHCTL_ISSUER": idp.issuer, "OAUTHCTL_CLIENT_ID": "web"}
    ran = oauthctl(*BEARER, "--assertion-from", IDP_NAME, environ=environ)
    assert (ran.code, ran.out) == (4, "")
    assert "this very server" in ran.err
    assert "error[exchange-target-unknown]" in ran.err


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ((), "no-key"),
        (("--assertion-file", os.devnull), "no-assertion"),
        (("--assertion-claim", "x", "--assertion-subject", "a"), ""),
        (("--assertion-claim", "x:={", "--assertion-subject", "a"), ""),
    ],
)
def test_what_is_missing_is_told_before_anything_is_sent(chat: Provider, tmp_path: Path, words: tuple[str, ...], slug: str) -> None:
    ran = robot(chat, tmp_path, *words)
    assert (ran.code, ran.out) == (2, "")
    assert not slug or f"error[{slug}]" in ran.err
    assert chat.asked("/token") == []


def test_an_assertion_that_names_nobody_is_told(home: Home, key_file: str) -> None:
    ran = home.run(*BEARER, "--client-key", key_file, environ={"OAUTHCTL_ISSUER": home.server.issuer})
    assert (ran.code, "error[assertion-claim-missing]" in ran.err) == (2, True)
    assert home.server.asked("/token") == []


def saml(home: Home, content: bytes, *argv: str, stdin: str = "") -> Ran:
    path = home.folder / "assertion.xml"
    path.write_bytes(content)
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_ID": "app", "OAUTHCTL_CLIENT_SECRET": SECRET}
    words = argv or ("--assertion-file", str(path))
    return home.run("token", "--grant", "saml2_bearer", *words, stdin=stdin, environ=environ)


def test_a_saml_assertion_is_traded(home: Home) -> None:
    """RFC 7522 section 4."""
    home.server.answers["/token"] = granting()
    assert saml(home, RFC7522_SECTION_4).out == "at-fresh-1\n"
    assert saml(home, b"", "--assertion-file", "-", "--scope", "a", stdin=RFC7522_SECTION_4.decode()).out == "at-fresh-1\n"
    first, second = home.server.asked("/token")
    for request in (first, second):
        assert request.form.get("grant_type") == SAML2_BEARER
        packed = request.form.get("assertion") or ""
        assert urlsafe_b64decode(packed + "=" * (-len(packed) % 4)) == RFC7522_SECTION_4
        assert packed not in home.recordings
    assert "brian@example.com" not in home.recordings
    assert second.form.get("scope") == "a"


@pytest.mark.parametrize(
    "content", [b"", b"not xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>', b"<Response/>"]
)
def test_what_is_no_saml_assertion_goes_nowhere(home: Home, content: bytes) -> None:
    ran = saml(home, content)
    assert (ran.code, ran.out) == (2, "")
    assert "error[saml-unusable]" in ran.err
    assert home.server.asked("/token") == []


@pytest.mark.parametrize(
    ("changes", "typ", "slug"),
    [
        ({"iss": "https://stranger.example"}, "JWT", "assertion-issuer-not-trusted"),
        ({"aud": "https://elsewhere.example"}, "JWT", "assertion-audience-wrong"),
        ({"iat": 1, "exp": 1000}, "JWT", "assertion-expired"),
        ({"exp": None}, "JWT", "assertion-claim-missing"),
        ({"exp": FAR}, "JWT", "assertion-lives-too-long"),
        ({"client_id": "service"}, "oauth-id-jag+jwt", "assertion-of-another-client"),
    ],
)
def test_a_refused_assertion_is_explained_by_its_rule(
    chat: Provider, idp: Provider, tmp_path: Path, changes: dict[str, Any], typ: str, slug: str
) -> None:
    now = int(time())
    claims = {"iss": idp.issuer, "sub": "bob", "aud": chat.issuer, "iat": now, "exp": now + 600} | changes
    token = sign({name: value for name, value in claims.items() if value is not None}, keys()[1], header={"typ": typ})
    environ = {"OAUTHCTL_ISSUER": chat.issuer, "OAUTHCTL_CLIENT_ID": "web", "OAUTHCTL_CLIENT_SECRET": SECRET, "OAUTHCTL_ASSERTION": token}
    ran = oauthctl(*BEARER, environ=isolated(tmp_path) | environ)
    assert (ran.code, ran.out) == (4, "")
    assert f"error[{slug}]" in ran.err


def test_the_file_of_a_service_account_says_all_that_is_needed(home: Home) -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = home.folder / "account.json"
    account = {"type": "service_account", "private_key_id": "k-1", "private_key": pem, "client_email": "robot@project.iam.example"}
    path.write_text(json.dumps(account | {"token_uri": "https://oauth2.example/token"}))
    home.server.answers["/token"] = granting()
    words = ("--client-key", str(path), "--assertion-claim", "scope=drive")
    assert home.run(*BEARER, *words, environ={"OAUTHCTL_ISSUER": home.server.issuer}).out == "at-fresh-1\n"
    token = take_apart(home.server.asked("/token")[0].form.get("assertion") or "")
    claims = token.claims or {}
    assert (claims["iss"], claims["aud"], claims["scope"]) == ("robot@project.iam.example", "https://oauth2.example/token", "drive")
    assert (token.header or {})["kid"] == "k-1"
    assert check_signature(token, (from_private_key(private).public(),)).outcome is Outcome.PASS
