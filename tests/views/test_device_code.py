"""What a person on another device is shown."""

from __future__ import annotations

import pytest

from oauthctl.views.device_code import device_code_lines, is_elsewhere
from oauthctl.views.lines import plain

PAGE = "https://op.example/device"


def told(complete_uri: str) -> str:
    return "\n".join(plain(one) for one in device_code_lines(PAGE, "WDJB-MJHT", complete_uri=complete_uri, seconds=600))


def test_the_code_the_address_with_it_and_a_warning_are_shown() -> None:
    text = told(f"{PAGE}?user_code=WDJB-MJHT")
    assert "  WDJB-MJHT\n" in text
    assert f"already: {PAGE}?user_code=WDJB-MJHT" in text
    assert "another place" not in text
    assert "both are good for 10 minutes" in text
    assert "already" not in told("")


@pytest.mark.parametrize(
    ("complete_uri", "is_other"),
    [
        (f"{PAGE}?user_code=W", False),
        ("https://OP.example/other?c=W", False),
        ("https://op.example.evil.test/device?user_code=W", True),
        ("http://op.example/device?user_code=W", True),
        ("https://op.example:8443/device?user_code=W", True),
    ],
)
def test_an_address_at_another_place_than_the_page_is_told(complete_uri: str, is_other: bool) -> None:
    assert is_elsewhere(PAGE, complete_uri) is is_other
    assert ("that address leads to another place than the page" in told(complete_uri)) is is_other
