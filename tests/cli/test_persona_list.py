"""Personas at the terminal: listing them, and serving one."""

from __future__ import annotations

import json
from pathlib import Path

from oauthctl.cli.serve_introduction import document, introduction
from oauthctl.provider.home_page import start_page
from oauthctl.provider.personas.table import all_personas, persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.views.lines import plain
from tests.cli.running import oauthctl
from tests.provider.world import SECRET, practice_state


def test_each_persona_is_listed_with_its_quirks() -> None:
    ran = oauthctl("serve", "--list-personas")
    assert ran.code == 0
    for persona in all_personas().values():
        assert f"{persona.name}  {persona.title}\n" in ran.out
        assert persona.says[0] in ran.out
    assert "22 personas" in ran.err


def test_one_persona_is_told_in_whole() -> None:
    ran = oauthctl("serve", "--list-personas", "--persona", "slack")
    assert (ran.code, "github  GitHub" in ran.out) == (0, False)
    assert "unlike the real one: Redirects over http" in ran.out
    assert "https://docs.slack.dev/reference/methods/oauth.v2.access" in ran.out


def test_a_program_gets_the_personas_as_json() -> None:
    listed = json.loads(oauthctl("serve", "--list-personas", "--json").out)["personas"]
    assert [one["persona"] for one in listed] == list(all_personas())
    github = next(one for one in listed if one["persona"] == "github")
    assert github.keys() == {"persona", "provider", "says", "differs", "quirks", "login", "sources"}
    assert {"quirk": "form-answers", "title": "Answers are form-encoded unless JSON is asked for"} in github["quirks"]


def test_a_persona_that_is_none_ends_before_anything_is_served() -> None:
    ran = oauthctl("serve", "--persona", "guthub")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean `github`" in ran.err


def test_file_and_print_config_name_the_persona(tmp_path: Path) -> None:
    (tmp_path / "provider.toml").write_text('[server]\npersona = "okta"\n')
    printed = oauthctl("serve", "--config", str(tmp_path / "provider.toml"), "--print-config").out
    assert 'persona = "okta"\n' in printed
    assert 'persona = "x"\n' in oauthctl("serve", "--config", str(tmp_path / "provider.toml"), "--persona", "x", "--print-config").out


def test_the_introduction_and_the_start_page_name_the_persona_and_how_to_sign_in() -> None:
    state = wear(practice_state(), persona_named("github"))
    said = "\n".join(plain(line) for line in introduction(state, SECRET))
    assert said.strip().startswith("as GitHub; its quirks: oauthctl serve --list-personas --persona github")
    assert "try oauthctl login http://127.0.0.1:9000 --client-id web --client-auth client_secret_post" in said
    page = start_page(state, csrf="").text
    assert "As GitHub" in page
    assert "Errors have status 200" in page
    assert "oauthctl login http://127.0.0.1:9000 --client-id web" in page
    assert "/login/oauth/access_token" in page


def test_a_program_is_told_what_there_is_and_what_is_not() -> None:
    told = document(wear(practice_state(), persona_named("github")), SECRET)
    assert (told["persona"], told["metadata_url"], told["approvals_url"]) == ("github", None, None)
    assert told["api_url"] == "http://127.0.0.1:9000/user"
    okta = document(wear(practice_state(), persona_named("okta")), SECRET)
    assert okta["metadata_url"] == "http://127.0.0.1:9000/oauth2/default/.well-known/openid-configuration"
    assert (okta["issuer"], okta["url"]) == ("http://127.0.0.1:9000/oauth2/default", "http://127.0.0.1:9000")
