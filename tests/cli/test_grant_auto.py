"""`--grant auto` for `login` and `token`: what is chosen, and the reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.spoiled import SECRET, Provider, members

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


def without(provider: Provider, *names: str, **changes: object) -> None:
    for path in (OPENID, OAUTH):
        provider.spoils[path] = members(**dict.fromkeys(names), **changes)


def test_a_browser_that_opens_is_taken(provider: Provider, tmp_path: Path) -> None:
    words = ("--verbose", "login", provider.issuer, "--client-id", "public", "--scope", "openid", "--grant", "auto")
    # The person visits whatever URL is printed; no program is started.
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path, environ={"BROWSER": "true-browser-that-does-not-exist"})
    assert ran.code == 0, ran.err
    assert "grant: `authorization_code`" in ran.err
    assert "not `password`: it hands a person's password to this program" in ran.err
    assert "not `device_code`: it is possible, but with a browser here" in ran.err
    (profile,) = (tmp_path / "config" / "profiles").glob("*.toml")
    assert 'grant = "auto"' in profile.read_text()
    assert oauthctl("token", environ=isolated(tmp_path)).code == 0


def test_without_a_browser_it_is_another_device(provider: Provider, tmp_path: Path) -> None:
    words = ("--verbose", "login", provider.issuer, "--client-id", "public", "--grant", "auto", "--timeout", "1")
    without(provider, device_authorization_endpoint=f"{provider.issuer}/nowhere")
    ran, _ = oauthctl_with((), *words, folder=tmp_path)
    assert "grant: `device_code`" in ran.err
    assert "not `authorization_code`: no browser opens here: this is an SSH session" in ran.err
    assert [request.path for request in provider.requests][-1] == "/nowhere"


def test_the_only_way_is_taken_although_it_is_doubtful(provider: Provider, tmp_path: Path) -> None:
    without(provider, "device_authorization_endpoint")
    words = ("--verbose", "login", provider.issuer, "--client-id", "public", "--scope", "openid", "--grant", "auto")
    ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "grant: `authorization_code`, although no browser opens here: this is an SSH session" in ran.err


def test_in_ci_nobody_signs_in_and_each_reason_is_told(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--grant", "auto")
    ran = oauthctl(*words, environ=isolated(tmp_path) | {"CI": "true"})
    assert ran.code == 2
    assert "error[no-viable-grant]" in ran.err
    for grant in ("authorization_code", "device_code", "ciba", "password", "client_credentials"):
        assert f"not `{grant}`: " in ran.err


def test_a_dry_run_tells_the_reasons_without_asking_the_server(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--grant", "auto", "--dry-run")
    ran, _ = oauthctl_with((), *words, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "grant: `device_code`" in ran.err
    assert "not `authorization_code`: no browser opens here" in ran.err
    assert "send: device-authorization" in ran.out
    assert provider.requests == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OAUTHCTL_CLIENT_SECRET": SECRET}, "grant: `client_credentials`"),
        ({"OAUTHCTL_CLIENT_SECRET": SECRET}, "not `token_exchange`: no token is given that could be traded"),
        ({"OAUTHCTL_CLIENT_SECRET": SECRET, "OAUTHCTL_SUBJECT_TOKEN": "x.y.z"}, "grant: `token_exchange`"),
        ({"OAUTHCTL_ASSERTION": "x.y.z"}, "grant: `jwt_bearer`"),
        ({"OAUTHCTL_ASSERTION": "<saml/>"}, "grant: `saml2_bearer`"),
        ({}, "error[no-viable-grant]"),
    ],
)
def test_a_script_gets_what_fits_what_is_given(provider: Provider, tmp_path: Path, environ: dict[str, str], words: str) -> None:
    given = isolated(tmp_path) | {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service"} | environ
    ran = oauthctl("--verbose", "token", "--grant", "auto", environ=given)
    assert words in ran.err
    assert (ran.code == 0) is (environ == {"OAUTHCTL_CLIENT_SECRET": SECRET}), ran.err


def test_the_environment_may_say_so(provider: Provider, tmp_path: Path) -> None:
    given = isolated(tmp_path) | {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = oauthctl("--verbose", "token", environ=given | {"OAUTHCTL_GRANT": "auto"})
    assert ran.code == 0, ran.err
    assert "grant: `client_credentials`" in ran.err


def test_a_profile_with_a_persons_tokens_needs_no_grant(provider: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--scope", "openid", folder=tmp_path)
    assert ran.code == 0, ran.err
    asked = len(provider.requests)
    token = oauthctl("--verbose", "token", "--grant", "auto", environ=isolated(tmp_path))
    assert (token.code, token.out) == (0, oauthctl("token", environ=isolated(tmp_path)).out)
    assert "no grant is needed" in token.err
    assert len(provider.requests) == asked


@pytest.mark.parametrize("secret", ["", SECRET])
def test_a_persons_tokens_that_are_over_and_can_not_be_renewed_are_weighed_with_the_others(
    provider: Provider, tmp_path: Path, secret: str
) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", "openid", "--profile", "ref")
    assert oauthctl_with(ALICE, *words, folder=tmp_path)[0].code == 0
    given = {"OAUTHCTL_CLIENT_SECRET": secret} if secret else {}
    ran = oauthctl("token", "--grant", "auto", "-p", "ref", "--min-ttl", "999999", environ=isolated(tmp_path) | given)
    assert ("no refresh token" in ran.err, "no grant is needed" in ran.err) == (True, False)
    if secret:
        assert "warning: this token is by `client_credentials`, not the person's" in ran.err
        return
    assert ran.code == 2
    assert "error[no-viable-grant]" in ran.err
    assert "not the person's tokens in the profile `ref`: its access token lasts" in ran.err
    for grant in ("token_exchange", "jwt_bearer", "saml2_bearer", "client_credentials"):
        assert f"not `{grant}`: " in ran.err
    assert "oauthctl login ref" in ran.err


def test_beside_anothers_profile_a_clients_own_token_is_got(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--scope", "openid items.read")
    assert oauthctl_with(ALICE, *words, folder=tmp_path)[0].code == 0
    kept = next((tmp_path / "config" / "profiles").glob("*.toml")).read_text()
    own = isolated(tmp_path) | {"OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran = oauthctl("token", "--grant", "auto", "--scope", "items.read", environ=own)
    assert ran.code == 0, ran.err
    assert provider.asked("/token")[-1].form.get("grant_type") == "client_credentials"
    assert next((tmp_path / "config" / "profiles").glob("*.toml")).read_text() == kept
    assert oauthctl("token", environ=isolated(tmp_path)).code == 0


def test_a_secret_for_another_server_is_warned_of_once(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--grant", "auto", "--dry-run")
    environ = {"OAUTHCTL_ISSUER": "https://another.example", "OAUTHCTL_CLIENT_SECRET": SECRET}
    ran, _ = oauthctl_with((), *words, folder=tmp_path, environ=environ)
    assert ran.err.count("`OAUTHCTL_CLIENT_SECRET` is not used") == 1
