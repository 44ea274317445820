from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from functools import cache

import pytest

from oauthctl.record.exchange import Channel, Recording
from oauthctl.rules.diagnosis import diagnose
from oauthctl.views.markdown_report import markdown_report
from oauthctl.views.report.page import report_html
from oauthctl.views.report.tell import tell
from tests.record.played import SECRETS, SIGNATURES, played
from tests.views.report.parsed import Parsed
from tests.views.report.told import PAYLOADS, as_capture, hostile_report, played_report, report_of, scene, twice

LINK = re.compile(r"#(message-\d+|diagrams)|https://(www\.rfc-editor\.org|openid\.net|datatracker\.ietf\.org|fetch\.spec\.whatwg\.org)/\S+")


@cache
def usual() -> Parsed:
    return Parsed(report_html(played_report()[0]))


def page(recording: Recording) -> Parsed:
    return Parsed(report_html(report_of(recording)[0]))


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else() -> None:
    parsed = usual()
    policy = parsed.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"].split("; ")
    for name, texts in (("style", parsed.styles), ("script", parsed.scripts)):
        digest = b64encode(hashlib.sha256("".join(texts).encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy[0] == "default-src 'none'"
    assert "unsafe" not in "".join(policy)
    assert "form-action 'none'" in policy


def test_nothing_is_loaded_and_links_lead_to_standards_alone() -> None:
    parsed = usual()
    assert [
        name for name, _ in parsed.elements if name in ("link", "img", "iframe", "object", "embed", "form", "base", "image", "use")
    ] == []
    assert [one["href"] for one in parsed.all("a") if not LINK.fullmatch(one["href"])] == []
    assert "url(" not in "".join(parsed.styles)
    assert "@import" not in "".join(parsed.styles)


def test_each_message_is_an_arrow_an_article_and_a_line_of_the_list() -> None:
    parsed = usual()
    for number in range(1, 13):
        assert len(parsed.all("a", **{"class": "step", "data-message": str(number)})) == 2
        assert len(parsed.all("article", **{"id": f"message-{number}"})) == 1
        assert len(parsed.all("a", **{"data-go": str(number), "href": f"#message-{number}"})) >= 1
    assert all(one["aria-label"] for one in parsed.all("a", **{"class": "step"}))


def test_every_id_is_there_once_and_every_link_within_the_page_leads_somewhere() -> None:
    parsed = page(twice())
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {one["href"][1:] for one in parsed.all("a") if one["href"].startswith("#")} <= set(ids)


def test_parameters_are_told_with_meaning_and_section() -> None:
    text = usual().text
    assert "opaque" in text
    assert "RFC 7636 section 4.3" in text
    assert "the verifier fits the challenge: it is the SHA-256 of this verifier" in text
    assert "issuer: who made and signed the token" in text


def test_basic_credentials_are_shown_decoded_with_the_secret_s_fingerprint() -> None:
    assert re.search(r"Basic base64\(app:redacted-client_secret-[0-9a-f]{8}\)", usual().text)


def test_a_finding_is_told_with_cause_help_and_section_beside_its_arrow() -> None:
    parsed = usual()
    assert "The same code is redeemed a second time" in parsed.text
    assert "Help: " in parsed.text
    spoken = parsed.all("a", **{"class": "step", "data-message": "11"})[0]["aria-label"]
    assert "error: The same code is redeemed a second time" in spoken


def test_two_sign_ins_are_two_diagrams() -> None:
    parsed = page(twice())
    assert len(parsed.all("figure")) == 3
    assert "Other exchanges" in parsed.text
    assert "Sign-in 1 of 2: client app, at 127.0.0.1:9400" in parsed.text
    assert "Sign-in 2 of 2: client app, at 127.0.0.1:9400" in parsed.text


def test_the_reply_to_a_callback_is_drawn_where_it_came() -> None:
    recording = played()
    slow = tuple(replace(one, seconds=2.0) if one.channel is Channel.CALLBACK else one for one in recording.exchanges)
    parsed = page(replace(recording, exchanges=slow))
    drawn = [(one["data-message"], one["class"]) for one in parsed.all("a") if one.get("class", "").startswith("step")]
    assert drawn[5:9] == [("6", "step"), ("7", "step"), ("6", "step reply"), ("8", "step")]
    assert "6 reply" in parsed.text


def test_a_second_redemption_marks_itself_and_not_the_first_one() -> None:
    report, _ = played_report()
    at = next(at for at, finding in enumerate(report.findings) if finding.rule == "code-reused")
    marked = {told.id for told in report.messages if at in told.findings}
    assert (marked, {told.id for told in report.messages if at in told.related}) == ({11}, {7})
    first, second = (usual().all("a", **{"class": "step", "data-message": number})[0]["aria-label"] for number in ("7", "11"))
    assert "error: The same code" not in first
    assert "concerned by: The same code" in first
    assert "error: The same code" in second


def test_a_capture_shows_no_secret() -> None:
    html = report_html(report_of(as_capture(played()))[0])
    assert [one for one in (*SECRETS, *SIGNATURES) if one in html] == []


def test_an_empty_recording_is_a_page_too() -> None:
    assert "Nothing could be checked" in page(Recording()).text or "0 exchanges" in page(Recording()).text


def test_the_same_recording_gives_the_same_page() -> None:
    assert report_html(report_of(played())[0]) == report_html(report_of(played())[0])


@pytest.mark.parametrize("rotation", range(len(PAYLOADS)))
def test_no_recorded_text_becomes_markup(rotation: int) -> None:
    plain = usual()
    report, _ = hostile_report(rotation)
    parsed = Parsed(report_html(report))
    # All of them are there, as the words that they are.
    assert [number for number in range(1, 9) if parsed.text.count(f"window.broken={number}") < 10] == []
    assert {name for name, _ in parsed.elements} <= {name for name, _ in plain.elements} | {"pre", "ol", "br", "figcaption"}
    names = {name for _, attributes in plain.elements for name in attributes}
    assert {name for _, attributes in parsed.elements for name in attributes} <= names
    assert [one["href"] for one in parsed.all("a") if not LINK.fullmatch(one["href"])] == []
    assert (parsed.scripts, parsed.styles, parsed.comments) == (plain.scripts, plain.styles, [])
    assert parsed.open == []


def test_what_a_file_says_of_itself_is_told_as_its_own_account() -> None:
    seen = scene(played())
    diagnosis = diagnose(seen)
    html, markdown = (
        [write(tell(seen, diagnosis, source="a file", is_own_account=own)) for own in (True, False)]
        for write in (report_html, lambda report: markdown_report(report, diagnosis))
    )
    assert ["by the file's own account" in Parsed(one).text for one in html] == [True, False]
    assert ["by the file's own account" in one for one in markdown] == [True, False]
