from __future__ import annotations

import pytest

from oauthctl.views.report.lettering import fitted, fitted_host, folded, width_of

HOST = "api-0.very-long-name.eu-central-1.example"


def test_what_fits_stays_whole() -> None:
    assert fitted("POST /token", width_of("POST /token", 13), 13) == "POST /token"
    assert fitted_host(HOST, width_of(HOST, 11), 11) == HOST


@pytest.mark.parametrize("room", [30, 60, 90, 120, 160])
def test_what_is_cut_shows_that_it_is_and_fits(room: float) -> None:
    for shown in (fitted("authorization server", room, 13), fitted_host(HOST, room, 11)):
        assert "…" in shown or shown == "authorization server"
    assert width_of(fitted(HOST, room, 13, is_bold=True), 13, is_bold=True) <= room
    assert width_of(fitted_host(HOST, room, 11), 11) <= room


@pytest.mark.parametrize("room", [60, 90, 120, 160, 200])
def test_a_cut_host_never_reads_as_another_host(room: float) -> None:
    shown = fitted_host(HOST, room, 11)
    before, ellipsis, after = shown.partition("…")
    assert ellipsis
    assert before
    assert HOST.startswith(before)
    assert HOST.endswith(after)
    assert after


def test_letters_that_are_wide_take_more_room() -> None:
    assert width_of("www", 10) > width_of("iii", 10) * 2
    assert width_of("日本", 10) >= 20
    assert width_of("a", 10, is_bold=True) > width_of("a", 10)


def test_words_are_folded_at_spaces() -> None:
    assert folded("authorization server", 90, 10.5, is_bold=True) == ("authorization", "server")


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (80, ("authorizat-", "ion server")),
        (63, ("authori-", "zation", "server")),
        (45, ("aut-", "horiz…", "server")),
        (20, ("a…", "s…")),
    ],
)
def test_a_word_without_room_is_broken_once(room: float, expected: tuple[str, ...]) -> None:
    shown = folded("authorization server", room, 10.5, is_bold=True)
    assert shown == expected
    assert all(width_of(line, 10.5, is_bold=True) <= room for line in shown)
