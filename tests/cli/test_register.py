"""`oauthctl register` against our own provider: made, read, changed, deleted; refused by rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthctl.http import Request, Response
from oauthctl.jose.jwk import generate
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, Spoil, always, members, providing
from tests.cli.test_no_leaks import forms

META = "/.well-known/oauth-authorization-server"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def op(running: Provider) -> Iterator[Provider]:
    yield running
    running.reset()


def run(folder: Path, *argv: str, stdin: str = "", **environ: str) -> Ran:
    return oauthctl(*argv, stdin=stdin, environ=isolated(folder) | environ)


def sent(op: Provider, method: str = "POST") -> dict[str, Any]:
    asked = next(one for one in reversed(op.asked("/register")) if one.method == method)
    found = json.loads(asked.body)
    assert isinstance(found, dict)
    return found


def kept_secrets(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, name in (("registrations", "registration_access_token"), ("client_secrets", "client_secret")):
        for path in (folder / "state" / place).glob("*.json"):
            assert path.stat().st_mode & 0o077 == 0
            found[name] = json.loads(path.read_text())[name]
    return found


def test_a_new_client_signs_in_at_once(op: Provider, tmp_path: Path) -> None:
    ran = run(tmp_path, "register", op.issuer, "--profile", "mine", "--scope", "openid", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["profile"] == "mine"
    assert told["registration"]["token_endpoint_auth_method"] == "none"
    assert sent(op)["application_type"] == "native"
    assert "registration_access_token" not in kept_secrets(tmp_path) or "…" in told["registration"]["registration_access_token"]
    signed_in, _ = oauthctl_with(ALICE, "login", "mine", "--timeout", "8", folder=tmp_path)
    assert signed_in.code == 0, signed_in.err


def test_a_service_gets_a_secret_and_a_token_with_it(op: Provider, tmp_path: Path) -> None:
    ran = run(tmp_path, "register", op.issuer, "--profile", "robot", "--grant", "client_credentials", "--scope", "items.read")
    assert ran.code == 0, ran.err
    assert "✓ registered as" in ran.err
    assert "next: `oauthctl token --profile robot`" in ran.err
    assert set(kept_secrets(tmp_path)) == {"registration_access_token", "client_secret"}
    token = run(tmp_path, "token", "--profile", "robot")
    assert token.code == 0, token.err
    assert token.out.count(".") == 2


def test_a_key_becomes_the_public_half(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(generate("ES256").with_(kid="k1").as_dict()))
    ran = run(tmp_path, "register", op.issuer, "--grant", "client_credentials", "--client-key", str(path), "--profile", "keyed")
    assert ran.code == 0, ran.err
    assert (sent(op)["token_endpoint_auth_method"], sent(op)["jwks"]["keys"][0]["kid"]) == ("private_key_jwt", "k1")
    assert "d" not in sent(op)["jwks"]["keys"][0]
    assert run(tmp_path, "token", "--profile", "keyed").code == 0


def test_it_is_read_changed_and_deleted(op: Provider, tmp_path: Path) -> None:
    assert run(tmp_path, "register", op.issuer, "-p", "mine", "--scope", "openid items.read").code == 0
    read = run(tmp_path, "register", "--read", "mine", "--json", "--show-secrets")
    assert json.loads(read.out)["registration"]["scope"] == "openid items.read"
    changed = run(tmp_path, "register", "--update", "mine", "--scope", "openid", "--client-name", "Other name")
    assert changed.code == 0, changed.err
    assert (sent(op, "PUT")["scope"], sent(op, "PUT")["client_name"]) == ("openid", "Other name")
    assert not {"registration_access_token", "registration_client_uri", "client_id_issued_at"} & set(sent(op, "PUT"))
    gone = run(tmp_path, "register", "--delete", "mine", "--yes")
    assert gone.code == 0, gone.err
    assert kept_secrets(tmp_path) == {}
    again = run(tmp_path, "register", "--read", "mine")
    assert (again.code, "no registration is kept" in again.err) == (2, True)


def test_the_files_metadata_go_and_options_go_before_them(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(json.dumps({"client_name": "From the file", "contacts": ["ops@app.example"], "software_id": "x"}))
    ran = run(tmp_path, "register", op.issuer, "--metadata", str(path), "--client-name", "From the option")
    assert ran.code == 0, ran.err
    assert (sent(op)["client_name"], sent(op)["contacts"], sent(op)["software_id"]) == ("From the option", ["ops@app.example"], "x")
    assert run(tmp_path, "register", op.issuer, "--metadata", "-", stdin='{"client_name": "Of stdin"}').code == 0
    assert sent(op)["client_name"] == "Of stdin"


def test_the_initial_access_token_comes_from_the_environment_or_a_file(op: Provider, tmp_path: Path) -> None:
    path = tmp_path / "iat"
    path.write_text("of-a-file-1234567890\n")
    cases = (((), {"OAUTHCTL_INITIAL_ACCESS_TOKEN": "of-the-environment-12"}), (("--initial-access-token-file", str(path)), {}))
    for argv, environ in cases:
        assert run(tmp_path, "register", op.issuer, *argv, **environ).code == 0
    shown = [one.headers.get("authorization") for one in op.asked("/register")]
    assert shown == ["Bearer of-the-environment-12", "Bearer of-a-file-1234567890"]
    assert "of-a-file-1234567890" not in everything(tmp_path)


def test_nothing_secret_is_shown_or_recorded(op: Provider, tmp_path: Path) -> None:
    ran = run(tmp_path, "register", op.issuer, "-p", "robot", "--grant", "client_credentials")
    more = run(tmp_path, "register", "--update", "robot", "--client-name", "Other")
    secrets = kept_secrets(tmp_path)
    for secret in secrets.values():
        for form in forms(secret):
            assert form not in ran.out + ran.err + more.out + more.err
            assert form not in everything(tmp_path)


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in (folder / "state" / "recordings").rglob("*"))


@pytest.mark.parametrize(
    ("spoil", "argv", "code", "rule"),
    [
        (always(401, "", **{"WWW_Authenticate": "Bearer"}), (), 4, "registration-needs-token"),
        (always(403, '{"error":"access_denied"}'), (), 4, "registration-needs-token"),
        (None, ("--redirect-uri", "https://app.example/cb#part"), 4, "registration-redirect-uri-malformed"),
        (None, ("--scope", "nonsense"), 4, "registration-scope-refused"),
    ],
)
def test_a_refusal_ends_with_its_rule(
    op: Provider, tmp_path: Path, spoil: Spoil | None, argv: tuple[str, ...], code: int, rule: str
) -> None:
    if spoil is not None:
        op.spoils["/register"] = spoil
    ran = run(tmp_path, "register", op.issuer, *argv)
    assert ran.code == code, ran.err
    assert f"error[{rule}]" in ran.err
    assert not (tmp_path / "config" / "profiles").exists()


def test_where_nobody_can_type_the_token_the_other_ways_are_named(op: Provider, tmp_path: Path) -> None:
    def once(request: Request, response: Response) -> Response:
        return response if request.headers.get("authorization") else always(401, '{"error":"invalid_token"}')(request, response)

    op.spoils["/register"] = once
    ran = run(tmp_path, "register", op.issuer)
    assert (ran.code, "--initial-access-token-file" in ran.err) == (4, True)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (members(scope="openid"), "`scope` became `openid`, where"),
        (members(client_secret="s" * 20), "`client_secret_expires_at` is missing"),
        (members(registration_client_uri=None), "go together"),
        (members(registration_client_uri=None, registration_access_token=None), "can't be changed or deleted from here"),
    ],
)
def test_what_the_server_made_of_it_is_told(op: Provider, tmp_path: Path, spoil: Spoil, said: str) -> None:
    op.spoils["/register"] = spoil
    ran = run(tmp_path, "register", op.issuer, "--scope", "openid items.read")
    assert ran.code == 0, ran.err
    assert said in ran.err


@pytest.mark.parametrize(
    ("spoil", "code", "slug"),
    [
        (members(client_id=None), 3, "registration-answer-incomplete"),
        (always(200, "<html>"), 3, "request-refused"),
        (always(500, "{}"), 3, "server-error"),
    ],
)
def test_an_unusable_answer_is_not_kept(op: Provider, tmp_path: Path, spoil: Spoil, code: int, slug: str) -> None:
    op.spoils["/register"] = spoil
    ran = run(tmp_path, "register", op.issuer, "--json")
    assert (ran.code, json.loads(ran.err.splitlines()[-1])["error"]["slug"]) == (code, slug)
    assert not (tmp_path / "config" / "profiles").exists()


def test_another_client_than_the_profiles_is_not_taken(op: Provider, tmp_path: Path) -> None:
    assert run(tmp_path, "register", op.issuer, "-p", "mine").code == 0
    op.spoils["/register"] = members(client_id="another")
    ran = run(tmp_path, "register", "--read", "mine")
    assert (ran.code, "client-id-differs" in ran.err) == (1, True)


def test_a_server_without_registration_is_told_of(op: Provider, tmp_path: Path) -> None:
    op.spoils[META] = members(registration_endpoint=None)
    op.spoils["/.well-known/openid-configuration"] = members(registration_endpoint=None)
    ran = run(tmp_path, "register", op.issuer)
    assert (ran.code, "`registration_endpoint`" in ran.err, "console" in ran.err) == (3, True, True)
    assert run(tmp_path, "register", op.issuer, "--registration-endpoint", f"{op.issuer}/register").code == 0


@pytest.mark.parametrize("action", ["", "--read", "--update", "--delete"])
def test_a_dry_run_sends_nothing(op: Provider, tmp_path: Path, action: str) -> None:
    if action:
        assert run(tmp_path, "register", op.issuer, "-p", "mine").code == 0
        op.requests.clear()
    words = (action, "mine") if action else (op.issuer,)
    ran = run(tmp_path, "register", *words, *(("--scope", "openid") if action in ("", "--update") else ()), "--dry-run")
    assert ran.code == 0, ran.err
    shown = {"": "send: registration", "--read": "send: client-configuration", "--update": "PUT", "--delete": "DELETE"}
    assert shown[action] in ran.out
    assert not op.asked("/register")
    for secret in kept_secrets(tmp_path).values():
        assert secret not in ran.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--read", "--delete", "x"), "don't go together"),
        ((), "no provider is named"),
        (("https://op.example", "--grant", "nonsense"), "there is no grant"),
        (("https://op.example", "--metadata", "/nowhere"), "can't be read"),
        (("--read", "nobody"), "nobody"),
    ],
)
def test_what_can_not_be_meant_is_said(tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    ran = run(tmp_path, "register", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_profile_with_a_client_is_not_overwritten(op: Provider, tmp_path: Path) -> None:
    assert run(tmp_path, "register", op.issuer, "-p", "mine").code == 0
    ran = run(tmp_path, "register", op.issuer, "-p", "mine")
    assert (ran.code, "has a client already" in ran.err) == (2, True)
    assert run(tmp_path, "register", op.issuer).code == 0
    assert run(tmp_path, "register", op.issuer).code == 0
    assert len(json.loads(run(tmp_path, "profile", "list", "--json").out)["profiles"]) == 3


def test_a_token_that_is_no_longer_good_ends_with_its_rule(op: Provider, tmp_path: Path) -> None:
    assert run(tmp_path, "register", op.issuer, "-p", "mine").code == 0
    path = tmp_path / "state" / "registrations" / "mine.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"registration_access_token": "another-token-of-old"}))
    path.chmod(0o600)
    ran = run(tmp_path, "register", "--read", "mine")
    assert ran.code == 4
    assert "error[registration-token-refused]" in ran.err


def test_a_profile_that_goes_leaves_its_client_and_says_so(op: Provider, tmp_path: Path) -> None:
    assert run(tmp_path, "register", op.issuer, "-p", "mine").code == 0
    kept = run(tmp_path, "profile", "delete", "mine")
    assert (kept.code, "oauthctl register --delete mine" in kept.err) == (2, True)
    gone = run(tmp_path, "profile", "delete", "mine", "--yes")
    assert (gone.code, "stays registered at the server" in gone.err) == (0, True)
    assert kept_secrets(tmp_path) == {}
