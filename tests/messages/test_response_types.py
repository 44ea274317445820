from __future__ import annotations

import pytest

from oauthctl.messages.response_types import (
    HYBRID,
    IMPLICIT,
    brought,
    default_mode,
    flow_of,
    hashes_needed,
    out_of_query,
    spelled,
    why_legacy,
)


@pytest.mark.parametrize("words", ["token code id_token", "id_token token code", "code id_token token", "code code token id_token"])
def test_the_order_of_the_words_does_not_matter(words: str) -> None:
    """Source: RFC 6749 section 3.1.1."""
    assert spelled(words.split()) == "code id_token token"


def test_words_that_nobody_knows_are_kept_and_come_last() -> None:
    assert spelled(("vp_token", "id_token")) == "id_token vp_token"


@pytest.mark.parametrize(
    ("response_type", "flow", "parameters", "mode", "hashes"),
    [
        ("code", "authorization_code", ("code",), "query", ()),
        ("none", "authorization_code", (), "query", ()),
        ("token", "implicit", ("access_token",), "fragment", ()),
        ("id_token", "implicit", ("id_token",), "fragment", ()),
        ("id_token token", "implicit", ("id_token", "access_token"), "fragment", ("at_hash",)),
        ("code token", "hybrid", ("code", "access_token"), "fragment", ()),
        ("code id_token", "hybrid", ("code", "id_token"), "fragment", ("c_hash",)),
        ("code id_token token", "hybrid", ("code", "id_token", "access_token"), "fragment", ("at_hash", "c_hash")),
    ],
)
def test_what_follows_from_a_response_type(
    response_type: str, flow: str, parameters: tuple[str, ...], mode: str, hashes: tuple[str, ...]
) -> None:
    """Source: OpenID Connect Core 1.0 section 3, its table of response types; sections 3.2.2.10 and 3.3.2.11."""
    assert flow_of(response_type) == flow
    assert brought(response_type) == parameters
    assert default_mode(response_type) == mode
    assert hashes_needed(response_type) == hashes
    assert bool(why_legacy(response_type)) is (response_type in (*IMPLICIT, *HYBRID))


@pytest.mark.parametrize(
    ("response_type", "mode", "kept"),
    [
        ("code", "query", "query"),
        ("code", "jwt", "jwt"),
        ("code token", "query", "fragment"),
        ("id_token", "query.jwt", "fragment.jwt"),
        ("id_token", "jwt", "fragment.jwt"),
        ("id_token", "form_post", "form_post"),
        ("token", "form_post.jwt", "form_post.jwt"),
    ],
)
def test_tokens_are_kept_out_of_the_query(response_type: str, mode: str, kept: str) -> None:
    assert out_of_query(response_type, mode) == kept
