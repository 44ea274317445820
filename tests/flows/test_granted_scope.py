from __future__ import annotations

import pytest

from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.messages.token import TokenResponse


@pytest.mark.parametrize(
    ("asked", "granted", "said"),
    [
        ("a b", "a b", ()),
        ("a b", None, ()),
        ("", "a", ()),
        ("a b", "a,b", ()),
        ("a,b", "a,b", ()),
        ("openid email", "https://www.googleapis.com/auth/userinfo.email openid", ()),
        ("https://graph.microsoft.com/User.Read", "User.Read", ()),
        ("a,b", "a,b c", ("granted and not asked for: `c`",)),
        ("a,b", "a", ("asked for and not granted: `b`",)),
        ("a a", "a c c", ("granted and not asked for: `c`",)),
        ("a b", "a c", ("asked for and not granted: `b`", "granted and not asked for: `c`")),
    ],
)
def test_both_differences_are_told(asked: str, granted: str | None, said: tuple[str, ...]) -> None:
    response = TokenResponse((("scope", granted),) if granted is not None else ())
    assert scope_remarks(tuple(asked.split()), response) == said


def test_what_is_lacking_can_be_passed_over() -> None:
    assert scope_remarks(("a", "b"), TokenResponse((("scope", "a c"),)), tells_lacking=False) == ("granted and not asked for: `c`",)
