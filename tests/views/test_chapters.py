from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from oauthctl.http import Headers, Request
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.scene import Scene
from oauthctl.views.chapters import OTHERS, chapters
from oauthctl.views.markdown_report import markdown_report
from oauthctl.views.mermaid import mermaid
from oauthctl.views.report.page import report_html
from oauthctl.views.report.tell import tell
from tests.record.played import ACCESS_TOKEN, CODE, REFRESH_TOKEN, played


def scene(*exchanges: Exchange) -> Scene:
    return scene_of(Material("har", Recording(exchanges)), now=None, salt=b"x")


def again(exchange: Exchange, *, later: timedelta = timedelta(minutes=1), **replaced: str) -> Exchange:
    """The exchange some time later, of another sign-in."""
    request, response = exchange.request, exchange.response

    def changed(text: str) -> str:
        for old, new in replaced.items():
            text = text.replace(old, new)
        return text

    asked = Request(
        request.method,
        changed(request.url),
        Headers(tuple((name, changed(value)) for name, value in request.headers)),
        changed(request.body.decode()).encode(),
    )
    answered = response and replace(response, body=changed(response.body.decode()).encode())
    return replace(exchange, id=exchange.id + 20, request=asked, response=answered, started_at=exchange.started_at + later)


def two_sign_ins(later: timedelta = timedelta(minutes=1)) -> Scene:
    first = played().exchanges
    other = {
        "af0ifjsldkj": "zzzzzzzzzzz",
        "SplxlOBeZQ": "TqymmPCfAR",
        ACCESS_TOKEN: "another-access-token",
        REFRESH_TOKEN: "another-refresh",
    }
    second = tuple(again(one, later=later, **other) for one in first[2:10])
    return scene(*first[:7], *second, first[7])


def test_a_single_sign_in_is_one_chapter_without_a_heading() -> None:
    (only,) = chapters(scene(*played().exchanges[:10]))
    assert only.title == ""
    assert only.exchanges == tuple(range(1, 11))


def test_each_sign_in_is_a_chapter_with_what_it_brought() -> None:
    assert CODE in str(played())
    first, second, others = chapters(two_sign_ins())
    # Exchange 8 calls the API late, with the first sign-in's token; 28 and 30 present what the second one brought.
    assert first.exchanges == (3, 4, 5, 6, 7, 8)
    assert second.exchanges == (23, 24, 25, 26, 27, 28, 29, 30)
    assert (others.title, others.exchanges) == (OTHERS, (1, 2))


def test_a_heading_says_which_client_where_and_when() -> None:
    first, second, _ = chapters(two_sign_ins())
    assert first.title == "sign-in 1 of 2: client app, at 127.0.0.1:9400, 12:00:03 UTC"
    assert second.title == "sign-in 2 of 2: client app, at 127.0.0.1:9400, 12:01:03 UTC"


def test_headings_of_sign_ins_on_several_days_have_the_date() -> None:
    first, second, _ = chapters(two_sign_ins(timedelta(days=1)))
    assert first.title.endswith(", at 127.0.0.1:9400, 2026-03-01 12:00:03 UTC")
    assert second.title.endswith(", at 127.0.0.1:9400, 2026-03-02 12:00:03 UTC")


def test_every_exchange_is_in_one_chapter() -> None:
    shown = [number for chapter in chapters(two_sign_ins()) for number in chapter.exchanges]
    assert sorted(shown) == sorted(exchange.id for exchange in two_sign_ins().recording.exchanges)


def test_the_terminal_and_every_exported_form_group_alike() -> None:
    seen = two_sign_ins()
    expected = [chapter.exchanges for chapter in chapters(seen)]
    diagnosis = diagnose(seen)
    report = tell(seen, diagnosis, source="a file")
    assert [tuple(exchange for exchange, _ in diagram.steps) for diagram in report.diagrams] == expected
    assert [_of_mermaid(part) for part in re.split(r"Note over [\w,]+: (?=Sign-in|Other)", mermaid(report))[1:]] == expected
    drawings = markdown_report(report, diagnosis).split("```mermaid")[1:]
    assert [_of_mermaid(drawing.partition("```")[0]) for drawing in drawings] == expected
    figures = report_html(report).split("<figure")[1:]
    listed = [re.findall(r'data-go="(\d+)"', figure.partition("</figure>")[0]) for figure in figures]
    assert [tuple(int(number) for number in numbers) for numbers in listed] == expected


def _of_mermaid(text: str) -> tuple[int, ...]:
    # Statuses have three digits, and a reply that came late repeats its number.
    return tuple(int(number) for number in re.findall(r">>\w+: (\d{1,2}) (?!reply)", text))
