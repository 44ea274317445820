"""`login` against every persona, told what the table says that its real provider needs; what comes back is clean to `diagnose`."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.provider.personas.advice import sign_in_words
from oauthctl.provider.personas.table import all_personas, persona_named
from oauthctl.provider.personas.wearing import wear
from tests.cli.page_scripts import form_posted
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.spoiled import SECRET, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import Page, browse

# What the standards have otherwise, though it breaks nothing: told as notes.
ODDITIES = {
    "entra-v1": {"expires-in-not-a-number"},
}


def _browse(url: str) -> Page:
    page = browse(url, ALICE)
    return form_posted(page) if "form-post.js" in page.html else page


@pytest.mark.parametrize("name", all_personas())
def test_login_signs_in_as_the_table_says_and_diagnose_raises_no_alarm(name: str, tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named(name))) as provider:
        words = shlex.split(sign_in_words(provider.server.state))
        environ = {} if "public" in words else {"OAUTHCTL_CLIENT_SECRET": SECRET}
        ran, _ = oauthctl_with(_browse, "login", *words, "--json", "--timeout", "10", folder=tmp_path, environ=environ)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["access_token"], ran.out
    found = oauthctl("diagnose", "--json", environ=isolated(tmp_path))
    assert {one["rule"]: one["severity"] for one in json.loads(found.out)["findings"]} == dict.fromkeys(ODDITIES.get(name, ()), "note")
    assert found.code == 0


# What login is told too little of, and what its error says to do.
WITHOUT = {
    "entra-v2": ("{home}/common/v2.0 --client-id public --scope openid", "in place of `common`"),
    "linkedin": ("{issuer} --client-id web --client-auth client_secret_post --scope openid", "without `openid` in `--scope`"),
    "github": ("{home} --client-id web", "`--authorization-endpoint URL --token-endpoint URL`"),
    "notion": ("--token-request json", "`--token-request json`"),
    "tiktok": ("--token-param client_key=web", "`--param client_key=ID --token-param client_key=ID`"),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_login_says_what_it_has_to_be_told(name: str, tmp_path: Path) -> None:
    given, advice = WITHOUT[name]
    with providing(change=lambda state: wear(state, persona_named(name))) as provider:
        state = provider.server.state
        whole = sign_in_words(state)
        words = whole.replace(given, "") if given in whole else given.replace("{home}", state.reached_at).replace("{issuer}", state.issuer)
        environ = {} if "public" in words else {"OAUTHCTL_CLIENT_SECRET": SECRET}
        ran, _ = oauthctl_with(_browse, "login", *shlex.split(words), "--timeout", "10", folder=tmp_path, environ=environ)
    assert ran.code in (1, 3, 4), ran.err
    assert advice in ran.err.replace("\n", " ").replace("  ", " ")


# What a device is told beside its client, and what its answer has.
DEVICES = {
    "google": ("{home} --scope openid", "refresh_token"),
    "entra-v2": ("{issuer} --scope openid", "id_token"),
    "github": (
        "{home} --scope user --device-authorization-endpoint {home}/login/device/code --token-endpoint {home}/login/oauth/access_token",
        "access_token",
    ),
}


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_signs_in_as_this_provider_has_it(name: str, tmp_path: Path) -> None:
    told, member = DEVICES[name]
    with providing(change=lambda state: replace(wear(state, persona_named(name)), device_interval=0.05)) as provider:

        def typing(url: str) -> Page:
            code = list(provider.server.state.device_codes.values())[-1].user_code
            return browse(url, (Form({"user_code": code}), *ALICE))

        state = provider.server.state
        words = shlex.split(told.replace("{home}", state.reached_at).replace("{issuer}", state.issuer))
        device = ("--client-id", "public", "--grant", "device_code", "--timeout", "10", "--json")
        ran, _ = oauthctl_with(typing, "login", *words, *device, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)[member]
    found = oauthctl("diagnose", "--json", environ=isolated(tmp_path))
    assert (found.code, json.loads(found.out)["findings"]) == (0, [])


def test_a_token_request_in_json_is_recorded_without_its_secrets(tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named("notion"))) as provider:
        words = shlex.split(sign_in_words(provider.server.state))
        ran, _ = oauthctl_with(_browse, "login", *words, "--timeout", "10", folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
        (sent,) = provider.asked("/v1/oauth/token")
    assert ran.code == 0, ran.err
    assert sent.headers.get("content-type") == "application/json"
    secrets = [json.loads(sent.body)[name] for name in ("code", "code_verifier")]
    recorded = "".join(path.read_text() for path in (tmp_path / "state").rglob("*.har"))
    assert "oauth/token" in recorded
    assert not any(secret in recorded for secret in secrets)


# Whose words for a wrong secret tell it from all else; the others' (a code alone, a header that is not valid) leave it open.
PLAIN_WORDS = ("google", "entra-v2", "entra-v1", "okta", "auth0", "keycloak", "facebook", "salesforce", "atlassian")


@pytest.mark.parametrize("name", PLAIN_WORDS)
def test_diagnose_knows_a_wrong_secret_by_the_words_of_the_provider(name: str, tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named(name))) as provider:
        words = shlex.split(sign_in_words(provider.server.state).replace("--client-id public", "--client-id web"))
        environ = {"OAUTHCTL_CLIENT_SECRET": "wrong-secret-000"}
        ran, _ = oauthctl_with(_browse, "login", *words, "--timeout", "10", folder=tmp_path, environ=environ)
    assert ran.code == 4, ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"]
    assert found[0]["rule"] == "client-secret-wrong"


NO = (ALICE[0], Form({}, Button("decision", "deny")))


def _declined(url: str) -> Page:
    page = browse(url, NO)
    return form_posted(page) if "form-post.js" in page.html else page


@pytest.mark.parametrize("name", ["github", "entra-v2", "entra-v1", "facebook", "apple", "linkedin", "gitlab", "salesforce"])
def test_diagnose_knows_a_persons_no_by_the_words_of_the_provider(name: str, tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named(name))) as provider:
        words = shlex.split(sign_in_words(provider.server.state))
        environ = {} if "public" in words else {"OAUTHCTL_CLIENT_SECRET": SECRET}
        ran, _ = oauthctl_with(_declined, "login", *words, "--timeout", "10", folder=tmp_path, environ=environ)
    assert ran.code == 4, ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"]
    assert [one["rule"] for one in found] == ["user-denied"]


# What a public client hears that sends a secret, and which rule says so; Keycloak does not look at it.
WITH_A_SECRET = {"entra-v2": "public-client-sends-secret", "entra-v1": "public-client-sends-secret", "keycloak": ""}


@pytest.mark.parametrize("name", WITH_A_SECRET)
def test_a_public_client_that_sends_a_secret_hears_what_the_real_provider_says(name: str, tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named(name))) as provider:
        words = shlex.split(sign_in_words(provider.server.state))
        environ = {"OAUTHCTL_CLIENT_SECRET": SECRET}
        ran, _ = oauthctl_with(_browse, "login", *words, "--timeout", "10", folder=tmp_path, environ=environ)
    assert ran.code == (4 if WITH_A_SECRET[name] else 0), ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"]
    assert next((one["rule"] for one in found), "") == WITH_A_SECRET[name]


def test_the_other_host_of_a_first_version_is_told_where_the_client_did_not_expect_it(tmp_path: Path) -> None:
    with providing(change=lambda state: wear(state, persona_named("entra-v1"))) as provider:
        words = sign_in_words(provider.server.state).partition(" --expect-issuer")[0]
        ran, _ = oauthctl_with(_browse, "login", words, "--client-id", "public", "--timeout", "10", folder=tmp_path)
    assert ran.code in (1, 3), ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)["findings"]
    assert found[0]["rule"].startswith("metadata-issuer-")
