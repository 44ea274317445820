"""The table of personas: nothing in it is misspelled, and each fact has a place where it can be read."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields

import pytest

from oauthctl.errors import ConfigError
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.moment import Moment
from oauthctl.provider.personas.advice import call_words, discover_words, sign_in_words, target_of
from oauthctl.provider.personas.persona import Persona
from oauthctl.provider.personas.quirk import all_quirks
from oauthctl.provider.personas.table import all_personas, persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.personas.words import words_in, words_of
from oauthctl.provider.state import ProviderState
from tests.provider.world import START, practice_state

PERSONAS = tuple(all_personas().values())
NAMES = (
    *("generic", "github", "google", "entra-v2", "entra-v1", "slack", "slack-openid", "okta", "auth0", "keycloak", "cognito", "gitlab"),
    *("discord", "linkedin", "facebook", "x", "apple", "salesforce", "atlassian", "notion", "tiktok", "ilert"),
)
TENANT, REALM = "6babcaad-604b-40ac-a9d7-9fd97c0b779f", "http://127.0.0.1:9000/realms/main"
SHAPES = {"metadata", "token", "device_authorization", "userinfo", "callback", "access_token", "id_token", "app_token", "app_access_token"}
PLACES = {"token", "authorize", "page", "userinfo", "pages", "revoke", "device_authorization"}
# Members of the object that is shaped, and what an error is made of.
OF_OBJECTS = {"jti", "iat", "sub", "expires_in", "verification_uri", "user_code", "expires_at", "issued_at", "seconds_left"}
OF_ERRORS = {"error", "description", "named", "grant_type", "client_id", "asked_scope", "redirect_uri"}


def test_the_providers_are_there() -> None:
    assert tuple(all_personas()) == NAMES


def test_each_quirk_has_somebody_and_each_name_is_a_quirk() -> None:
    assert {name for persona in PERSONAS for name in persona.quirks} == set(all_quirks())
    assert all(quirk.title for quirk in all_quirks().values())


@pytest.mark.parametrize("persona", PERSONAS, ids=NAMES)
def test_nothing_in_a_persona_is_misspelled(persona: Persona) -> None:
    known = set(words_of(practice_state(), Moment(START, b"0" * 32))) | OF_OBJECTS | OF_ERRORS
    templates = [shape.members for shape in persona.shapes.values()]
    templates += [refusal.body for refusal in persona.refusals] + [page.body for page in persona.pages]
    templates += [page.headers for page in persona.pages] + [persona.always_refused]
    assert words_in(templates) - {"tenantid"} <= known
    assert set(persona.shapes) <= SHAPES
    assert {refusal.at for refusal in persona.refusals} <= PLACES
    assert all(re.compile(refusal.about) for refusal in persona.refusals)
    assert set(persona.settings) <= {field.name for field in fields(ProviderState)}
    assert {scope for page in persona.pages for scope in (*page.scopes, *page.any_scope)} <= set(persona.scopes)
    assert set(persona.grants) <= {"authorization_code", "refresh_token", "client_credentials", DEVICE_CODE}


@pytest.mark.parametrize("persona", PERSONAS, ids=NAMES)
def test_a_persona_says_what_it_does_and_where_that_can_be_read(persona: Persona) -> None:
    assert persona.says
    assert all(said.endswith(".") for said in (*persona.says, *persona.differs))
    assert persona.differs or persona.endpoints is None
    assert persona.sources
    assert all(source.startswith(("https://", "http://stackoverflow.com/")) for source in persona.sources)


@pytest.mark.parametrize("persona", PERSONAS, ids=NAMES)
def test_endpoints_are_told_from_each_other_and_clients_are_left(persona: Persona) -> None:
    state = wear(practice_state(), persona)
    paths = [path for path in (getattr(state.endpoints, field.name) for field in fields(state.endpoints)) if path]
    assert len(set(paths)) == len(paths)
    words = shlex.split(sign_in_words(state))
    assert words[words.index("--client-id") + 1] in state.clients
    assert target_of(state).startswith("http://127.0.0.1:9000")


@pytest.mark.parametrize(
    ("name", "discover", "call"),
    [
        ("apple", "http://127.0.0.1:9000", ""),
        ("linkedin", "http://127.0.0.1:9000/oauth", ""),
        ("entra-v1", f"http://127.0.0.1:9000/{TENANT} --expect-issuer https://sts.windows.net/{TENANT}/", ""),
        ("notion", "http://127.0.0.1:9000", "http://127.0.0.1:9000/v1/users/me --header 'Notion-Version: 2022-06-28'"),
        ("github", "http://127.0.0.1:9000", "http://127.0.0.1:9000/user"),
        ("generic", "http://127.0.0.1:9000", "http://127.0.0.1:9000/api/items"),
        ("keycloak", f"{REALM}", f"{REALM}/protocol/openid-connect/userinfo"),
    ],
)
def test_the_commands_that_are_advised_are_what_this_provider_takes(name: str, discover: str, call: str) -> None:
    state = wear(practice_state("http://127.0.0.1:9000"), persona_named(name))
    assert (discover_words(state), call_words(state)) == (discover, call)


def test_no_name_stands_for_two_personas_and_entra_is_the_second_version() -> None:
    names = [*NAMES, *(alias for persona in PERSONAS for alias in persona.aliases)]
    assert len(set(names)) == len(names)
    assert persona_named("entra").name == "entra-v2"


def test_the_first_version_says_errors_as_the_second_does() -> None:
    second = persona_named("entra-v2").refusals
    assert persona_named("entra-v1").refusals[-len(second) :] == second


def test_a_persona_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="there is no persona `gogle`") as raised:
        persona_named("gogle")
    assert "`google`" in raised.value.help
