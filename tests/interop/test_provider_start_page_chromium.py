"""The practice provider's start page in a real browser, without scripts: it shows what came, and switches faults."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.handle import handle
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.request_log import RequestLog
from oauthctl.shell.serve import Server
from tests.interop.chromium import Chromium
from tests.interop.look import Looked, look

pytestmark = pytest.mark.xdist_group("start-page")
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
FITS = {"ask": "document.documentElement.scrollWidth <= window.innerWidth"}
CONTRASTS = {
    "ask": """(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/^rgba\\(.*, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [...document.querySelectorAll('main *')].filter((one) => one.getClientRects().length
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }).reduce((least, one) => Math.min(least, one), 21);
})()"""
}


@pytest.fixture
def server() -> Iterator[Server]:
    def make_state(issuer: str) -> ProviderState:
        return new_state(issuer, clients=practice_clients(secret="hush"), users=practice_users())

    log = RequestLog(handle, patience=60)
    with Server(make_state, handler=log.answer, before=log.before) as running:
        form = {"grant_type": "client_credentials"}
        httpx.post(f"{running.issuer}/token", json=form, auth=("service", "hush"), trust_env=False)
        httpx.post(f"{running.issuer}/token", data=form, auth=("service", "hush"), trust_env=False)
        # The first look loads the rules, which takes its time, and browsers wait for so long only.
        httpx.get(running.url, trust_env=False, timeout=60)
        yield running


def shown(chromium: Chromium, *steps: dict[str, Any], **looks: Any) -> Looked:
    """What was answered to the steps, by a browser that runs no script of the page and complains of nothing."""
    looked = look(chromium, *steps, scripts=False, **looks)
    assert looked.trouble == []
    return looked


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_can_be_read_at_every_size_in_both_themes(
    chromium: Chromium, server: Server, tmp_path: Path, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    shot = str(Path(os.environ.get("OAUTHCTL_TEST_SCREENSHOTS") or tmp_path) / f"start-page-{size}-{theme}.png")
    httpx.put(f"{server.issuer}/control/faults", json={"faults": ["keys-empty"]}, trust_env=False)
    looked = shown(chromium, {"visit": server.url}, FITS, CONTRASTS, {"shot": shot, "full": True}, width=width, height=height, theme=theme)
    fits, contrast = looked.answers
    assert fits
    assert contrast >= 4.5


def test_it_tells_what_was_wrong_with_a_request(chromium: Chromium, server: Server) -> None:
    marked = {"ask": "[...document.querySelectorAll('li.wrong')].map((one) => one.innerText)"}
    looked = shown(chromium, {"visit": server.url}, marked, {"click": "li.wrong summary"}, marked)
    (closed,), (opened,) = looked.answers
    assert "POST /token" in closed
    assert "token-request-as-json" in closed
    assert "error_description" not in closed
    assert "error_description" in opened
    assert "Basic service:redacted-" in opened


def test_a_slip_of_the_pen_is_told_above_the_form_which_keeps_what_was_filled_in(chromium: Chromium, server: Server) -> None:
    shows = {"ask": "[document.querySelector('#faults ~ .alert').innerText, document.querySelector('#spec').value, location.hash]"}
    looked = look(
        chromium,
        {"visit": server.url},
        {"click": "#spec"},
        *({"press": key} for key in "token-eror:times=1"),
        {"click": "button:has-text('Switch on')"},
        shows,
        scripts=False,
    )
    alert, value, where = looked.answers[0]
    assert alert.startswith("Nothing was switched. There is no fault token-eror; did you mean token-error")
    assert (value, where) == ("token-eror:times=1", "#faults")


def test_faults_are_switched_on_and_off_by_the_form(chromium: Chromium, server: Server) -> None:
    alert = {"ask": "document.querySelector('.alert')?.innerText ?? ''"}
    looked = shown(
        chromium,
        {"visit": server.url},
        {"click": "#faults ~ form summary:has-text('Metadata')"},
        {"click": "input[value=metadata-missing]"},
        {"click": "button:has-text('Switch on')"},
        alert,
        {"click": "button:has-text('Switch all off')"},
        alert,
    )
    on, off = looked.answers
    assert on.startswith("Wrong on purpose: metadata-missing (struck 0 times on 0 occasions).")
    assert off == ""
    assert server.state.faults == ()


def test_a_request_shows_with_its_verdict_as_it_arrives_and_opens(chromium: Chromium, server: Server) -> None:
    row = "iframe.live >> internal:control=enter-frame >> a:has-text('client-secret-wrong')"
    form = {"grant_type": "client_credentials"}
    asking = threading.Timer(1, lambda: httpx.post(f"{server.issuer}/token", data=form, auth=("service", "no"), trust_env=False))
    asking.start()
    opened = {"ask": "[...document.querySelectorAll('details[open]')].map((one) => one.innerText)"}
    ((text,),) = shown(chromium, {"visit": server.url}, {"click": row}, {"click": "details[open] h3"}, opened).answers
    asking.join()
    assert "client-secret-wrong" in text
    assert "In the body" in text


def test_requests_show_as_they_arrive_without_a_script(chromium: Chromium, server: Server) -> None:
    looked = shown(
        chromium,
        {"visit": server.url},
        {"click": "a:has-text('Watch them all arrive')"},
        {"aria": "main"},
        {"click": "a:has-text('Stop')"},
        {"ask": "document.querySelectorAll('details').length > 10"},
    )
    tree, is_back = looked.answers
    assert "POST /token" in tree
    assert 'heading "Requests" [level=1]' in tree
    assert is_back
