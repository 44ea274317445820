"""The HTML report and the Mermaid diagram in a real browser: they show, can be used by keyboard, load nothing, run nothing recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from oauthctl.views.mermaid import mermaid
from oauthctl.views.report.page import report_html
from tests.interop.chromium import Chromium
from tests.interop.look import Looked, look
from tests.views.report.told import PAYLOADS, hostile_report, played_report, report_of, twice

pytestmark = pytest.mark.xdist_group("report")
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
CHOSEN = {"ask": "document.querySelector('.message.chosen')?.id ?? ''"}
FOCUSED = {"ask": "document.activeElement.dataset.message ?? document.activeElement.textContent.trim().slice(0, 20)"}
VISIBLE = {"ask": "[...document.querySelectorAll('article.message')].filter((one) => one.getClientRects().length).length"}
TINY = Path(__file__).parent / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"

DRAW = """async (texts) => {
  const found = [];
  for (const [at, text] of texts.entries()) {
    document.body.innerHTML = (await mermaid.render(`drawn-${at}`, text)).svg;
    found.push(document.body.textContent);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(played_report()[0]), "utf-8")
    return str(path)


def press(*keys: str) -> tuple[dict[str, Any], ...]:
    return tuple({"press": key} for key in keys)


def kept(folder: Path, name: str) -> str:
    """Where a screenshot goes: to a folder that a person named to look at them, or to one that is thrown away."""
    return str(Path(os.environ.get("OAUTHCTL_TEST_SCREENSHOTS") or folder) / name)


def is_quiet(looked: Looked) -> bool:
    assert looked.trouble == []
    assert looked.requests == []
    return True


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_report_shows_at_every_size_in_both_themes(chromium: Chromium, page: str, tmp_path: Path, size: str, theme: str) -> None:
    width, height = SIZES[size]
    drawn = "svg.wide" if size == "desktop" else "svg.narrow"
    looked = look(
        chromium,
        {"open": page},
        {"shot": kept(tmp_path, f"{size}-{theme}-whole.png"), "full": True},
        {"click": f"{drawn} a[data-message='7']"},
        {"shot": kept(tmp_path, f"{size}-{theme}-message.png")},
        CHOSEN,
        {"ask": "document.documentElement.scrollWidth"},
        {"ask": "getComputedStyle(document.body).backgroundColor"},
        {"ask": "[...document.querySelectorAll('svg.sequence')].filter((one) => one.getClientRects().length).length"},
        {"ask": "document.querySelector('.chosen h3').getBoundingClientRect().top"},
        width=width,
        height=height,
        theme=theme,
    )
    assert is_quiet(looked)
    chosen, scrolled, ground, drawings, top = looked.answers
    assert chosen == "message-7"
    assert scrolled == width
    assert (sum(int(part) for part in ground.strip("rgb()").split(", ")) > 384) is (theme == "light")
    assert drawings == 1
    assert 0 <= top < height


def test_the_keyboard_chooses_reads_and_leaves(chromium: Chromium, page: str) -> None:
    looked = look(
        chromium,
        {"open": page},
        *press("ArrowDown", "ArrowDown", "ArrowDown"),
        CHOSEN,
        FOCUSED,
        *press("End"),
        CHOSEN,
        *press("ArrowDown", "ArrowUp"),
        CHOSEN,
        *press("Home"),
        CHOSEN,
        *press("Enter"),
        FOCUSED,
        *press("ArrowDown"),
        CHOSEN,
        *press("Escape"),
        FOCUSED,
        CHOSEN,
        *press("Escape"),
        CHOSEN,
        {"ask": "getComputedStyle(document.getElementById('overview')).display"},
    )
    assert is_quiet(looked)
    assert looked.answers[:5] == ["message-3", "3", "message-12", "message-11", "message-1"]
    assert looked.answers[5].startswith("1 API call")
    # Whoever reads scrolls with the arrow keys, and comes back to the arrow.
    assert looked.answers[6:] == ["message-1", "1", "message-1", "", "block"]


def test_the_buttons_show_all_messages_and_change_the_theme(chromium: Chromium, page: str) -> None:
    ground = {"ask": "getComputedStyle(document.body).backgroundColor"}
    looked = look(
        chromium,
        {"open": page},
        VISIBLE,
        {"click": "#all"},
        VISIBLE,
        {"ask": "document.getElementById('all').getAttribute('aria-pressed')"},
        ground,
        {"click": "#theme"},
        ground,
        {"ask": "document.getElementById('theme').textContent"},
        {"ask": "document.cookie + Object.keys(sessionStorage).length"},
    )
    assert is_quiet(looked)
    assert looked.answers[:3] == [0, 12, "true"]
    assert looked.answers[3] != looked.answers[4]
    assert looked.answers[5:] == ["Theme: dark", "0"]


def test_a_fingerprint_shows_where_else_the_same_secret_stands(chromium: Chromium, page: str) -> None:
    looked = look(
        chromium,
        {"open": page},
        {"click": "svg.wide a[data-message='7']"},
        {"click": ".chosen mark[data-secret]:visible"},
        {"ask": "[...new Set([...document.querySelectorAll('mark.same')].map((one) => one.textContent))].length"},
        {"ask": "document.querySelectorAll('mark.same').length"},
    )
    assert is_quiet(looked)
    assert looked.answers[0] == 1
    assert looked.answers[1] > 1


def test_who_hears_the_page_hears_every_message(chromium: Chromium, page: str) -> None:
    looked = look(chromium, {"open": page}, {"aria": "body"}, {"click": "summary:text('The same as a list')"}, {"aria": "figure"})
    assert is_quiet(looked)
    heard, opened = looked.answers
    assert 'group "Sequence diagram of 12 exchanges; the same as a list follows"' in heard
    assert "11: token request (authorization_code), POST http://127.0.0.1:9400/token, answered 400" in heard
    assert "error: The same code is redeemed a second time" in heard
    assert 'region "The chosen message"' in heard
    assert 'link "12 revocation"' in opened


def test_without_scripts_and_on_paper_all_messages_are_there(chromium: Chromium, page: str, tmp_path: Path) -> None:
    seen = look(chromium, {"open": page}, {"aria": "body"}, scripts=False)
    assert seen.requests == []
    assert seen.answers[0].count("article ") == 12
    assert "button" not in seen.answers[0]
    printed = look(
        chromium,
        {"open": page},
        *press("End"),
        {"media": "print"},
        VISIBLE,
        {"ask": "getComputedStyle(document.body).backgroundColor"},
        {"ask": "document.querySelector('.headers').getBoundingClientRect().height > 0"},
        {"shot": kept(tmp_path, "paper.png")},
        {"pdf": kept(tmp_path, "report.pdf")},
        width=794,
        height=1123,
        theme="dark",
    )
    assert is_quiet(printed)
    assert printed.answers == [12, "rgb(255, 255, 255)", True]


def test_two_sign_ins_are_walked_through_as_one_list(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "twice.html"
    report = report_of(twice())[0]
    path.write_text(report_html(report), "utf-8")
    looked = look(chromium, {"open": str(path)}, *press(*["ArrowDown"] * 30), CHOSEN, {"shot": kept(tmp_path, "twice.png"), "full": True})
    assert is_quiet(looked)
    assert looked.answers == [f"message-{report.diagrams[-1].steps[-1][0]}"]


def test_nothing_that_was_recorded_runs(chromium: Chromium, tmp_path: Path) -> None:
    steps: list[dict[str, Any]] = []
    for rotation in range(len(PAYLOADS)):
        path = tmp_path / f"{rotation}.html"
        path.write_text(report_html(hostile_report(rotation)[0]), "utf-8")
        steps += [{"open": str(path)}, *press(*["ArrowDown"] * 12), {"click": "#all"}, {"ask": "window.broken ?? 'whole'"}, VISIBLE]
        steps += [{"ask": "document.querySelectorAll('script, style, img, iframe, math, link').length"}]
    steps.append({"shot": kept(tmp_path, "hostile.png")})
    looked = look(chromium, *steps)
    assert is_quiet(looked)
    assert looked.answers == ["whole", 12, 2] * len(PAYLOADS)


def test_mermaid_draws_the_diagrams(chromium: Chromium, tmp_path: Path) -> None:
    texts = [
        mermaid(report) for report in (played_report()[0], report_of(twice())[0], *(hostile_report(at)[0] for at in range(len(PAYLOADS))))
    ]
    path = tmp_path / "empty.html"
    path.write_text("<!doctype html><title>empty</title><body></body>", "utf-8")
    drawn = f"({DRAW})({json.dumps(texts)})"
    looked = look(
        chromium,
        {"open": str(path)},
        {"script": str(TINY)},
        {"ask": "mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' })"},
        {"ask": drawn},
        {"ask": "window.broken ?? 'whole'"},
    )
    shown = looked.answers[1]
    assert looked.answers[2] == "whole"
    assert looked.requests == []
    assert len(shown) == 2 + len(PAYLOADS)
    assert "7 token request (authorization_code)" in shown[0]
    assert "error: The same code is redeemed a second time" in shown[0]
    assert "127.0.0.1:9400" in shown[0]
    assert "Sign-in 2 of 2: client app" in shown[1]
    assert all("12 revocation" in one for one in shown[2:])
