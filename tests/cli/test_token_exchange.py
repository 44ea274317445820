"""`oauthctl token --grant token_exchange`: what is traded and where it comes from, what comes of it, what is refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthctl.cli.settings import UNATTENDED
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE, token_type_uri
from oauthctl.provider.client import Client
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import Home, Scripted, reply, scripted
from tests.cli.spoiled import SECRET, Provider, members, providing
from tests.cli.test_no_leaks import forms
from tests.messages.test_assertion_grant import RFC7522_SECTION_4

CI = "https://ci.example"
CI_KEY: Jwk = generate("ES256").with_(kid="ci")
EXCHANGE = ("token", "--grant", "token_exchange")
FAR = 4102444800


def machine(audience: str, **changes: Any) -> str:
    """What a CI system or a cloud says of a program."""
    return sign({"iss": CI, "sub": "repo:octo/site", "aud": audience, "exp": FAR} | changes, CI_KEY)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    stranger = Client("stranger", secret=SECRET, scopes=("items.read",), grant_types=("client_credentials", TOKEN_EXCHANGE))
    with providing(stranger, change=lambda state: replace(state, trusted_issuers={CI: (CI_KEY.public(),)})) as running:
        yield running


@pytest.fixture
def folder(provider: Provider, tmp_path: Path) -> Path:
    """A folder where alice has signed in to the client `web`."""
    provider.reset()
    words = ("login", provider.issuer, "--client-id", "web", "--scope", "openid items.read offline_access")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 0, ran.err
    provider.requests.clear()
    return tmp_path


def alone(provider: Provider, folder: Path, *argv: str, stdin: str = "", **environ: str) -> Ran:
    """A CI job: variables alone, no profile."""
    known = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    return oauthctl(*EXCHANGE, *argv, stdin=stdin, environ=isolated(folder) | known | environ)


def claims(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    return dict(take_apart(ran.out.strip()).claims or {})


def everything(folder: Path, ran: Ran) -> str:
    return ran.err + "".join(path.read_text("utf-8") for path in folder.rglob("*.har"))


def test_a_profiles_token_is_traded_for_one_for_another_api(provider: Provider, folder: Path) -> None:
    ran = oauthctl(
        *EXCHANGE,
        "--subject-token-profile",
        provider.profile,
        "--resource",
        f"{provider.issuer}/api/items",
        "--resource",
        f"{provider.issuer}/api/photos",
        environ=isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET},
    )
    found = claims(ran)
    assert (found["sub"], found["aud"]) == ("alice", [f"{provider.issuer}/api/items", f"{provider.issuer}/api/photos"])
    (request,) = provider.asked("/token")
    assert request.form.get("subject_token_type") == token_type_uri("access_token")
    # What the profile says of the sign-in is no wish of this exchange.
    assert request.form.get("scope") is None


def test_what_is_traded_leaves_the_profiles_own_tokens_alone(provider: Provider, folder: Path) -> None:
    environ = isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET}
    before = oauthctl("token", environ=environ).out
    assert oauthctl(*EXCHANGE, "--subject-token-profile", provider.profile, environ=environ).out != before
    assert oauthctl("token", environ=environ).out == before


@pytest.mark.parametrize(("kind", "issued"), [("id_token", "N_A"), ("jwt", "Bearer"), ("id-jag", "N_A")])
def test_other_types_can_be_asked_for(provider: Provider, folder: Path, kind: str, issued: str) -> None:
    environ = isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET}
    words = ("--subject-token-profile", provider.profile, "--subject-token-type", "id_token", "--requested-token-type", kind)
    ran = oauthctl(*EXCHANGE, *words, *(("--audience", "https://chat.example") if kind == "id-jag" else ()), "--verbose", environ=environ)
    assert claims(ran)["sub"] == "alice"
    assert ("no access token" in ran.err) is (issued == "N_A")
    assert "warning" not in ran.err


@pytest.mark.parametrize("way", ["env", "own variable", "file", "stdin", "aws", "azure", "kubernetes"])
def test_where_a_token_may_lie(provider: Provider, tmp_path: Path, way: str) -> None:
    provider.reset()
    token, path = machine(provider.issuer), tmp_path / "token"
    path.write_text(f"{token}\n")
    words, environ = {
        "env": ((), {"OAUTHCTL_SUBJECT_TOKEN": token}),
        "own variable": (("--subject-token-env", "JOB_TOKEN"), {"JOB_TOKEN": f" {token}\n"}),
        "file": (("--subject-token-file", str(path)), {}),
        "stdin": (("--subject-token-file", "-"), {}),
        "aws": (("--subject-token-source", "aws"), {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path)}),
        # Before the machine's own identity, which is there as well.
        "azure": (
            ("--subject-token-source", "azure"),
            {"AZURE_FEDERATED_TOKEN_FILE": str(path), "IDENTITY_ENDPOINT": "http://127.0.0.1:9/msi/token", "IDENTITY_HEADER": "x"},
        ),
        "kubernetes": (("--subject-token-source", "kubernetes", "--subject-token-file", str(path)), {}),
    }[way]
    ran = alone(provider, tmp_path, *words, "--scope", "items.read", stdin=token if way == "stdin" else "", **environ)
    assert claims(ran)["sub"] == "repo:octo/site"
    assert provider.asked("/token")[-1].form.get("subject_token_type") == token_type_uri("jwt")


@pytest.fixture
def cloud(provider: Provider) -> Iterator[Scripted]:
    """The metadata servers of the clouds, on this machine."""
    token = machine(provider.issuer)
    path = "/computeMetadata/v1/instance/service-accounts/default/identity"
    with scripted() as server:
        server.answers["/job"] = reply(200, {"count": 1, "value": token})
        server.answers[path] = reply(200, token, kind="text/html", Metadata_Flavor="Google")
        server.answers["/msi/token"] = reply(200, {"access_token": token, "expires_on": "1", "resource": "x", "token_type": "Bearer"})
        yield server


def surroundings(cloud: Scripted) -> dict[str, dict[str, str]]:
    return {
        "github-actions": {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{cloud.issuer}/job?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "token-of-the-job",
        },
        "gcp": {"GCE_METADATA_HOST": cloud.issuer.removeprefix("http://")},
        "azure": {"IDENTITY_ENDPOINT": f"{cloud.issuer}/msi/token", "IDENTITY_HEADER": "header-of-the-app", "AZURE_CLIENT_ID": "id-7"},
    }


@pytest.mark.parametrize("source", ["github-actions", "gcp", "azure"])
def test_a_machine_is_asked_for_its_identity(provider: Provider, cloud: Scripted, tmp_path: Path, source: str) -> None:
    environ = surroundings(cloud)[source] | {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    ran = alone(provider, tmp_path, "--subject-token-source", source, "--scope", "items.read", **environ)
    assert claims(ran)["sub"] == "repo:octo/site"
    (request,) = cloud.requests
    asked = request.query.get("resource" if source == "azure" else "audience")
    assert asked == provider.issuer
    seen = everything(tmp_path, ran)
    for secret in (
        machine(provider.issuer).rpartition(".")[2],
        ran.out.strip().rpartition(".")[2],
        "token-of-the-job",
        "header-of-the-app",
        SECRET,
    ):
        assert not [form for form in forms(secret) if form in seen], secret[:4]


def test_whom_a_machines_token_is_for_can_be_said(provider: Provider, cloud: Scripted, tmp_path: Path) -> None:
    words = ("--subject-token-source", "github-actions", "--subject-token-audience", "sts.example")
    alone(provider, tmp_path, *words, "--scope", "items.read", **surroundings(cloud)["github-actions"])
    assert cloud.requests[0].query.get("audience") == "sts.example"


def test_a_job_without_the_permission_is_told_which(provider: Provider, cloud: Scripted, tmp_path: Path) -> None:
    provider.reset()
    cloud.answers["/job"] = reply(403, {"message": "Resource not accessible by integration"})
    ran = alone(provider, tmp_path, "--subject-token-source", "github-actions", **surroundings(cloud)["github-actions"])
    assert (ran.code, ran.out) == (3, "")
    assert "id-token: write" in ran.err
    assert provider.asked("/token") == []


def test_an_actor_is_a_second_token(provider: Provider, folder: Path) -> None:
    environ = isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET, "OAUTHCTL_ACTOR_TOKEN": machine(provider.issuer)}
    ran = oauthctl(*EXCHANGE, "--subject-token-profile", provider.profile, environ=environ)
    assert claims(ran)["act"] == {"sub": "repo:octo/site"}
    assert provider.asked("/token")[-1].form.get("actor_token_type") == token_type_uri("jwt")


def test_a_token_that_is_over_is_named_by_its_rule_and_sent_all_the_same(provider: Provider, tmp_path: Path) -> None:
    ran = alone(provider, tmp_path, "--scope", "items.read", OAUTHCTL_SUBJECT_TOKEN=machine(provider.issuer, exp=1))
    assert (ran.code, ran.out) == (4, "")
    assert "(exchange-token-expired)" in ran.err
    assert "error[exchange-token-expired]" in ran.err


@pytest.mark.parametrize("role", ["subject", "actor"])
def test_a_token_that_is_for_others_is_named_with_whom_it_is_for(provider: Provider, folder: Path, role: str) -> None:
    environ = isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET}
    theirs = oauthctl("token", environ=environ).out.strip()
    own = {"OAUTHCTL_CLIENT_ID": "stranger", "OAUTHCTL_SUBJECT_TOKEN": theirs}
    if role == "actor":
        own = {"OAUTHCTL_CLIENT_ID": "stranger", "OAUTHCTL_SUBJECT_TOKEN": machine(provider.issuer), "OAUTHCTL_ACTOR_TOKEN": theirs}
    ran = alone(provider, folder, "--scope", "items.read", **own)
    assert (ran.code, ran.out) == (4, "")
    assert "error[exchange-token-for-another]" in ran.err
    assert f"The `{role}_token` is for `{provider.issuer}/api` (`aud`), and `stranger` trades it" in ran.err


def test_a_token_that_says_nothing_is_named_as_another_clients_by_what_the_server_says(tmp_path: Path) -> None:
    stranger = Client("stranger", secret=SECRET, scopes=("items.read",), grant_types=(TOKEN_EXCHANGE,))
    with providing(stranger, change=lambda state: replace(state, access_token_format="opaque")) as provider:
        environ = isolated(tmp_path) | {
            "OAUTHCTL_ISSUER": provider.issuer,
            "OAUTHCTL_CLIENT_ID": "service",
            "OAUTHCTL_CLIENT_SECRET": SECRET,
        }
        theirs = oauthctl("token", "--grant", "client_credentials", environ=environ).out.strip()
        ran = alone(provider, tmp_path, OAUTHCTL_CLIENT_ID="stranger", OAUTHCTL_SUBJECT_TOKEN=theirs)
    assert (ran.code, ran.out) == (4, "")
    assert "error[exchange-token-for-another]" in ran.err
    assert "issued to another client than `stranger`" in ran.err


def test_a_wish_for_more_than_the_token_has_is_named(provider: Provider, folder: Path) -> None:
    environ = isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = oauthctl(*EXCHANGE, "--subject-token-profile", provider.profile, "--scope", "items.read photos.read", environ=environ)
    assert (ran.code, ran.out) == (4, "")
    assert "error[exchange-widens-scope]" in ran.err
    assert "`photos.read`" in ran.err


def test_a_token_of_another_kind_than_is_said_is_warned_of(provider: Provider, tmp_path: Path) -> None:
    ran = alone(provider, tmp_path, "--subject-token-type", "id_token", OAUTHCTL_SUBJECT_TOKEN="opaque-and-no-jwt")
    assert ran.code == 4
    assert "(exchange-token-kind-differs)" in ran.err


@pytest.mark.parametrize(
    ("words", "environ", "slug"),
    [
        ((), {}, "exchange-parameter-missing"),
        ((), {"OAUTHCTL_SUBJECT_TOKEN": "  "}, "exchange-parameter-missing"),
        (("--subject-token-source", "aws"), {}, "subject-token-missing"),
        (("--subject-token-source", "github-actions"), {}, "subject-token-missing"),
        (("--subject-token-source", "kubernetes"), {}, "subject-token-missing"),
        (("--subject-token-source", "gcp"), {"GCE_METADATA_HOST": "metadata.example"}, "token-without-tls"),
        (("--subject-token-profile", "nobody"), {}, ""),
        (("--subject-token-source", "file"), {}, ""),
        (("--subject-token-file", "/nowhere/token"), {}, ""),
    ],
)
def test_a_token_that_is_not_there_is_told_before_the_server_is_asked(
    provider: Provider, tmp_path: Path, words: tuple[str, ...], environ: dict[str, str], slug: str
) -> None:
    provider.reset()
    ran = alone(provider, tmp_path, *words, **environ)
    assert (ran.code, ran.out) == (2, "")
    assert not slug or f"error[{slug}]" in ran.err
    assert provider.asked("/token") == []


@pytest.mark.parametrize(
    ("changes", "words", "slug"),
    [
        (
            {"issued_token_type": token_type_uri("refresh_token")},
            ("--requested-token-type", "access_token"),
            "exchange-issued-type-differs",
        ),
        ({"token_type": "N_A"}, (), "exchange-token-type-contradicts"),
    ],
)
def test_a_wrong_answer_is_refused_under_the_name_of_its_rule(
    provider: Provider, tmp_path: Path, changes: dict[str, object], words: tuple[str, ...], slug: str
) -> None:
    provider.reset()
    provider.spoils["/token"] = members(**changes)
    ran = alone(provider, tmp_path, "--scope", "items.read", *words, OAUTHCTL_SUBJECT_TOKEN=machine(provider.issuer))
    provider.reset()
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"error[{slug}]")
    diagnosed = oauthctl("diagnose", "--json", environ=isolated(tmp_path))
    assert json.loads(diagnosed.out)["findings"][0]["rule"] == slug


def test_an_option_of_another_grant_is_not_dropped_in_silence(home: Home) -> None:
    home.hold()
    for words in (
        ("--subject-token-file", "x"),
        ("--grant", "client_credentials", "--assertion-file", "x"),
        ("--grant", "token_exchange", "--assertion-subject", "x"),
        ("--grant", "client_credentials", "--audience", "a", "--audience", "b"),
    ):
        ran = home.run("token", *words)
        assert (ran.code, ran.out) == (2, "")
        assert "error[option-in-vain]" in ran.err


def test_no_token_can_be_given_as_an_argument() -> None:
    ran = oauthctl(*EXCHANGE, "--subject-token", "eyJ.e30.x")
    assert ran.code == 2
    assert "eyJ.e30.x" not in ran.err


def test_a_profile_may_be_made_for_exchanging(home: Home) -> None:
    """`call` then trades what the environment holds, each time anew."""
    assert "token_exchange" in UNATTENDED
    home.profile(grant="token_exchange", scope=("items.read",))
    home.server.answers["/token"] = reply(
        200, {"access_token": "at-traded-1", "token_type": "Bearer", "issued_token_type": token_type_uri("access_token")}
    )
    home.server.answers["/api"] = reply(200, {"hello": "you"})
    environ = {"OAUTHCTL_SUBJECT_TOKEN": "st-of-a-caller-1"}
    ran = home.run("call", f"{home.server.issuer}/api", environ=environ)
    assert ran.code == 0, ran.err
    assert home.server.asked("/api")[0].headers.get("authorization") == "Bearer at-traded-1"
    assert home.server.asked("/token")[0].form.get("scope") == "items.read"
    assert home.tokens is None
    assert "st-of-a-caller-1" not in home.recordings


@pytest.mark.parametrize("kind", ["saml1", "saml2"])
def test_a_saml_assertion_is_sent_encoded(home: Home, kind: str) -> None:
    """RFC 8693 section 3: base64url."""
    home.server.answers["/token"] = reply(200, {"access_token": "at-1-of-saml", "token_type": "Bearer", "issued_token_type": "urn:x"})
    path = home.folder / "assertion.xml"
    path.write_bytes(RFC7522_SECTION_4)
    environ = {"OAUTHCTL_ISSUER": home.server.issuer, "OAUTHCTL_CLIENT_ID": "app"}
    ran = home.run(*EXCHANGE, "--subject-token-file", str(path), "--subject-token-type", kind, environ=environ)
    assert ran.out == "at-1-of-saml\n", ran.err
    sent = home.server.asked("/token")[0].form
    assert sent.get("subject_token_type") == token_type_uri(kind)
    packed = sent.get("subject_token") or ""
    assert urlsafe_b64decode(packed + "=" * (-len(packed) % 4)) == RFC7522_SECTION_4
    assert packed not in home.recordings
