"""Which faults can't strike at a provider, whatever a client asks."""

from __future__ import annotations

import pytest

from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.faults.occasions import hindrances, needs_of
from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.home_faults import faults_section
from oauthctl.provider.personas.table import all_personas, persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.state import ProviderState, new_state, with_legacy
from oauthctl.provider.switched import Switched
from tests.provider.faults.playing import played
from tests.provider.world import ISSUER, keys

_ALL = tuple(all_faults())


def _provider() -> ProviderState:
    return new_state(ISSUER, clients=practice_clients(secret="secret"), users=practice_users(), keys=keys())


def test_a_provider_with_everything_has_an_occasion_for_every_fault() -> None:
    assert hindrances(with_legacy(_provider()), _ALL) == {}


def test_without_legacy_nothing_comes_by_the_browser() -> None:
    hindered = hindrances(_provider(), _ALL)
    assert set(hindered) == {slug for slug, fault in all_faults().items() if needs_of(fault) == "--legacy"}
    assert hindered["front-c-hash-missing"] == "the provider sends no tokens by the browser without `--legacy`"


@pytest.mark.parametrize(
    ("slug", "why"),
    [
        ("metadata-html", "the provider has no metadata endpoint"),
        ("keys-empty", "the provider has no key set"),
        ("id-token-expired", "the provider makes no ID tokens"),
        ("registration-protected", "the provider has no registration endpoint"),
        ("token-error", ""),
    ],
)
def test_github_has_no_occasion_for_what_it_lacks(slug: str, why: str) -> None:
    assert hindrances(wear(_provider(), persona_named("github")), (slug,)).get(slug, "") == why


@pytest.mark.parametrize(
    ("name", "slug", "why"),
    [
        ("github", "refresh-spent", "no client of the provider refreshes"),
        ("slack", "refresh-other-subject", "no client of the provider refreshes"),
        ("apple", "device-denied", "no client of the provider polls with a device code"),
        ("apple", "device-slow-down", "no client of the provider polls with a device code"),
        ("github", "exchange-other-type", "no client of the provider exchanges tokens"),
        ("github", "device-denied", ""),
        ("apple", "refresh-spent", ""),
    ],
)
def test_a_fault_of_a_grant_needs_a_client_that_has_it(name: str, slug: str, why: str) -> None:
    assert hindrances(wear(_provider(), persona_named(name)), (slug,)).get(slug, "") == why


@pytest.mark.parametrize("name", all_personas())
def test_every_persona_has_an_occasion_for_an_error_of_its_token_endpoint(name: str) -> None:
    worn = wear(_provider(), persona_named(name))
    assert hindrances(worn, ("token-error",)) == {}


def test_the_start_page_says_which_faults_can_not_strike() -> None:
    shown = faults_section(wear(_provider(), persona_named("github")), csrf="")
    assert '<code>metadata-html</code> <span class="fine">can\'t strike: the provider has no metadata endpoint</span>' in shown
    assert '<code>token-error</code> <span class="fine">found as server-error</span>' in shown


@pytest.mark.parametrize("slug", [slug for slug, fault in all_faults().items() if needs_of(fault)])
def test_what_needs_legacy_has_no_occasion_in_a_sign_in_without(slug: str) -> None:
    assert played("code-flow", Switched(slug))[1][0].occasions == 0


def test_another_persons_id_token_may_come_in_any_sign_in() -> None:
    assert hindrances(_provider(), ("front-other-person",)) == {}
