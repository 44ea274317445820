from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.record.exchange import Recording
from oauthctl.views.participants import PARTICIPANTS, participants_of
from tests.record.played import played


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        (played(), PARTICIPANTS),
        (Recording(played().exchanges[1:2], "1.0"), ("oauthctl", "authorization server")),
        (Recording(played().exchanges[:1], "1.0"), ("oauthctl", "API")),
        (replace(played(), tool_version=""), ("browser", "application", "authorization server", "API")),
    ],
    ids=["login", "discover", "call", "browser's capture"],
)
def test_only_those_who_take_part_get_a_lifeline(recording: Recording, expected: tuple[str, ...]) -> None:
    assert participants_of(recording) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("login", ("you", "oauthctl", "authorization server")),
        ("call", ("oauthctl", "authorization server", "API")),
        ("demo", PARTICIPANTS),
        ("discover", ("oauthctl", "authorization server")),
    ],
)
def test_who_may_take_part_in_a_command_has_a_lifeline_before_anything_is_exchanged(command: str, expected: tuple[str, ...]) -> None:
    """A diagram that is drawn while the command runs can't get another lifeline later."""
    assert participants_of(Recording((), "1.0", command=command)) == expected
    assert participants_of(Recording(played().exchanges[1:2], "1.0", command=command)) == expected
    over = participants_of(Recording(played().exchanges[1:2], "1.0", command=command), is_over=True)
    assert over == tuple(one for one in expected if one != "you")
