"""The callback pages in a real browser: the fragment comes back, the policy stops nothing of ours, the address bar is clean."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.callback_page import success_page

STATE = "a b+/&=ü"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


@pytest.fixture
def chromium(tmp_path: Path):
    if not CHROMIUM:
        if os.environ.get("CI") == "true":
            pytest.fail("this test needs Chromium")
        pytest.skip("this test needs Chromium")
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path}/user",
    ]
    with (tmp_path / "stderr").open("w+") as stderr:
        process = subprocess.Popen([CHROMIUM, *options, "--enable-logging=stderr", "about:blank"], stderr=stderr, stdout=subprocess.DEVNULL)
        try:
            yield Chromium(tmp_path)
        finally:
            process.terminate()
            process.wait(10)


class Chromium:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "stderr"
        found = until(lambda: re.search(r"DevTools listening on ws://([^/]+)/", self.log.read_text()))
        self.address = found.group(1)

    def open(self, url: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"http://{self.address}/json/new?{quote(url, safe='')}", method="PUT")).close()

    def address_of(self, title: str) -> str:
        """The address bar of the tab with this title."""

        def look() -> str:
            with urllib.request.urlopen(f"http://{self.address}/json/list") as answer:
                return next((tab["url"] for tab in json.load(answer) if title in tab["title"] and "?" not in tab["url"]), "")

        return until(look)


def until(look):
    ends = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < ends
        time.sleep(0.02)
    return found


@pytest.mark.parametrize(("mode", "mark", "method"), [("query", "?", "GET"), ("fragment", "#", "POST")])
def test_the_answer_arrives_and_leaves_the_address_bar(chromium, mode, mark, method):
    listener = CallbackListener("http://localhost/callback")
    uri = listener.open()
    listener.expect(STATE, mode)
    try:
        chromium.open(f"{uri}{mark}code=c%2F1&state={quote(STATE, safe='')}")
        request = listener.wait(20)
        params = request.form if method == "POST" else request.query
        assert (request.method, params.pairs) == (method, (("code", "c/1"), ("state", STATE)))
        listener.reply(success_page(profile="work"))
        assert chromium.address_of("You are signed in") == uri
        assert [refusal.slug for refusal in listener.refused] == []
    finally:
        listener.close()
    assert "Content Security Policy" not in chromium.log.read_text()
