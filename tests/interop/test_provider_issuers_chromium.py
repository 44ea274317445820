"""Several issuers on one port, in a real browser: the page that leads to them, and sessions that don't get into each other's way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Hosted, Server
from tests.interop.chromium import Chromium
from tests.interop.test_provider_start_page_chromium import CONTRASTS, FITS, SIZES, shown

pytestmark = pytest.mark.xdist_group("start-page")
ALERT = {"ask": "document.querySelector('.alert')?.innerText ?? ''"}
SWITCH_ON, SWITCH_OFF = {"click": "button:has-text('Switch on')"}, {"click": "button:has-text('Switch all off')"}
OPEN, TICK = {"click": "summary:has-text('Metadata')"}, {"click": "input[value=metadata-missing]"}


def _state(issuer: str) -> ProviderState:
    return new_state(issuer, clients=practice_clients(secret="hush"), users=practice_users())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(_state, issuer="/one", beside=(Hosted(_state, "/two"),)) as running:
        yield running


@pytest.mark.parametrize(("size", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_the_page_that_leads_to_them_fits_and_can_be_read(
    chromium: Chromium, server: Server, tmp_path: Path, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    shot = str(Path(os.environ.get("OAUTHCTL_TEST_SCREENSHOTS") or tmp_path) / f"issuers-{size}-{theme}.png")
    root = f"http://127.0.0.1:{server.port}/"
    looked = shown(chromium, {"visit": root}, FITS, CONTRASTS, {"shot": shot, "full": True}, width=width, height=height, theme=theme)
    fits, contrast = looked.answers
    assert fits
    assert contrast >= 4.5


def test_a_browser_works_at_both_by_turns(chromium: Chromium, server: Server) -> None:
    one, two = (state.reached_at for state in server.states)
    steps = (
        *({"visit": f"http://127.0.0.1:{server.port}/"}, {"click": "a:has-text('/one')"}, OPEN, TICK, SWITCH_ON, ALERT),
        *({"click": "a:has-text('/two')"}, ALERT, OPEN, TICK, SWITCH_ON, ALERT),
        # The session of the first one is still there, or the form would be refused.
        *({"visit": f"{one}/"}, SWITCH_OFF, ALERT),
        *({"visit": f"{two}/"}, ALERT),
    )
    on = "Wrong on purpose: metadata-missing (struck 0 times on 0 occasions). Change that"
    assert shown(chromium, *steps).answers == [on, "", on, "", on]
