"""What can't be seen, or turns the text around it, plays no tricks on who reads a page."""

from __future__ import annotations

import json

import pytest

from oauthctl.http import Params
from tests.provider.world import World, practice_state, with_client


@pytest.mark.parametrize("char", ["\0", "\x1b", "\r", "\x7f", "\x85", "\u061c", "\u202e", "\u2066"])
def test_what_can_not_be_seen_is_shown_all_the_same(char: str) -> None:
    text = f"a{char}b"
    world = World(with_client(practice_state(), "public", name=text))
    page = world.ask(login_hint=text, claims=json.dumps({"userinfo": {text: None}}), authorization_details=_details(text))
    seen = [page, world.sign_in(page, text, text), world.sign_in(page), world.get("/authorize?" + Params.of({"client_id": text}).encode())]
    for one in seen:
        assert char not in one.text
        assert "a\ufffdb" in one.text


def _details(text: str) -> str:
    return json.dumps([{"type": "items", "x": text}], ensure_ascii=False)


def test_a_form_posts_it_as_it_is() -> None:
    world = World()
    posted = world.allow(world.sign_in(world.ask(state="a\u202eb", response_mode="form_post")))
    assert 'name="state" value="a\u202eb"' in posted.text
