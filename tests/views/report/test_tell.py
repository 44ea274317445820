"""What is told of a recording: participants, derivations, tokens, time lines; and that it can be told of every rule's own examples."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.pages import page, slugs
from oauthctl.views.report.markup import fragment
from oauthctl.views.report.page import report_html
from oauthctl.views.report.tell import tell
from oauthctl.views.report.timeline_svg import timeline_svg
from oauthctl.views.report.told import Derivation, Mark, Told
from tests.record.played import AT, VERIFIER, jwt, played
from tests.rules.pages import play
from tests.views.report.parsed import Parsed
from tests.views.report.told import played_report, report_of


def told(number: int, recording: Recording | None = None) -> Told:
    report, _ = report_of(recording) if recording is not None else played_report()
    return next(one for one in report.messages if one.id == number)


def derivations(number: int, recording: Recording | None = None) -> dict[str, Derivation]:
    return {one.name: one for one in told(number, recording).derivations}


def changed(number: int, old: str, new: str) -> Recording:
    """The run with another text in one request."""

    def edit(one: Exchange) -> Exchange:
        request = one.request
        body = request.body.replace(old.encode(), new.encode())
        return (
            replace(one, request=Request(request.method, request.url.replace(old, new), request.headers, body)) if one.id == number else one
        )

    return replace(played(), exchanges=tuple(edit(one) for one in played().exchanges))


def test_a_verifier_that_fits_is_shown_with_its_challenge_and_never_itself() -> None:
    one = derivations(7)["PKCE verifier"]
    assert (one.outcome, one.formula) == (Outcome.PASS, "code_challenge = BASE64URL(SHA-256(ASCII(code_verifier)))")
    assert re.fullmatch(r"redacted-code_verifier-[0-9a-f]{8} \(43 characters\)", one.rows[0].value)
    assert VERIFIER not in str(one)


@pytest.mark.parametrize(
    ("challenge", "outcome", "why"),
    [
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", Outcome.FAIL, "padded with `=`"),
        ("13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3", Outcome.FAIL, "hexadecimal digits"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Outcome.FAIL, "made from another verifier"),
    ],
)
def test_a_verifier_that_does_not_fit_says_why(challenge: str, outcome: Outcome, why: str) -> None:
    # Source: RFC 7636 appendix B, whose challenge is spelled in ways that clients get wrong.
    one = derivations(7, changed(3, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", challenge))["PKCE verifier"]
    assert one.outcome is outcome
    assert why in one.why


def test_a_state_that_came_back_changed_does_not_fit() -> None:
    assert derivations(6)["state"].outcome is Outcome.PASS
    assert derivations(6, changed(6, "af0ifjsldkj", "another"))["state"].outcome is Outcome.FAIL


def test_a_nonce_is_compared_with_the_one_that_was_sent() -> None:
    assert derivations(7)["nonce"].outcome is Outcome.PASS
    assert derivations(7, changed(3, "n-0S6_WzA2Mj", "another"))["nonce"].outcome is Outcome.FAIL


def test_client_credentials_are_told_without_the_secret() -> None:
    one = derivations(7)["client credentials"]
    assert [(row.name, row.value) for row in one.rows] == [("client_id", "app"), ("client_secret", "kept out of the recording")]
    assert one.why == "both parts must be form-encoded first; they are encoded here"


def test_each_claim_has_its_meaning_and_a_time_its_date() -> None:
    token = next(one for one in told(7).tokens if one.role == "id_token")
    claims = {row.name: row for row in token.claims}
    assert claims["exp"].value == "1772366700  2026-03-01 12:05:00 UTC (in 4 minutes)"
    assert claims["aud"].meaning.startswith("audience: who may accept the token")
    assert [mark.name for mark in token.marks] == ["iat", "recorded", "exp"]
    assert token.what == "a JWT that says it is signed with `RS256`"


def test_a_time_in_milliseconds_and_one_out_of_the_calendar_do_no_harm() -> None:
    body = f'{{"access_token": "{jwt({"iat": 1772366700000, "exp": 1e40, "nbf": "soon"})}", "token_type": "Bearer"}}'.encode()
    one = Exchange(
        1, "token", Channel.WIRE, Request("POST", "https://op.example/token", body=b"grant_type=x"), AT, 0.1, Response(200, body=body)
    )
    (token,) = told(1, Recording((one,))).tokens
    assert [mark.name for mark in token.marks] == ["recorded", "iat"]


def test_the_time_line_stands_in_the_order_of_time() -> None:
    moments = {"iat": 0, "nbf": 0, "recorded": 90, "exp": 300}
    marks = tuple(Mark(name, datetime.fromtimestamp(1772366400 + seconds, UTC)) for name, seconds in moments.items())
    drawn = timeline_svg(marks)
    assert drawn is not None
    parsed = Parsed(fragment(drawn))
    assert parsed.all("svg")[0]["aria-label"].startswith(
        "Time line, to scale: iat 2026-03-01T12:00:00Z, nbf 2026-03-01T12:00:00Z, recorded "
    )
    places = [float(one["x"]) for one in parsed.all("text") if one["class"].startswith("mark")]
    assert places == sorted(set(places))
    assert min(after - before for before, after in pairwise(places)) >= 60
    moments_at = [float(one["d"].split(" L")[1].split(" ")[0]) for one in parsed.all("path")]
    first, nbf, recorded, last = moments_at
    assert nbf == first
    assert (recorded - first) / (last - first) == pytest.approx(0.3, abs=0.01)
    assert parsed.all("rect", **{"class": "valid"})
    assert "3 minutes" in parsed.text
    assert "at once" in parsed.text


def test_a_moment_alone_is_no_time_line() -> None:
    assert timeline_svg((Mark("exp", AT),)) is None


def test_what_is_long_is_cut_and_what_is_no_text_is_counted() -> None:
    big, octets = Response(200, body=b"x" * 30_000), Response(200, body=b"\xff\x00")
    exchanges = tuple(
        Exchange(number, "", Channel.WIRE, Request("GET", "https://a.example/x"), AT, 0.1, answer)
        for number, answer in enumerate((big, octets), 1)
    )
    first, second = (one.answer for one in report_of(Recording(exchanges))[0].messages)
    assert first is not None
    assert second is not None
    assert first.body.endswith("… (10000 characters more)")
    assert second.body == "2 bytes of no known type"


@pytest.mark.parametrize("slug", slugs()[::20])
def test_the_examples_of_the_rules_have_a_report(slug: str) -> None:
    found = page(slug)
    assert found is not None
    played = play(found.sections["Fires"])
    scene = scene_of(Material("har", played.recording, played.pasted), now=played.now, salt=b"a salt", given=played.given, keys=played.keys)
    diagnosis = diagnose(scene)
    parsed = Parsed(report_html(tell(scene, diagnosis, source="a page")))
    assert parsed.open == []
    assert len(parsed.all("article")) == len(played.recording.exchanges)
    assert diagnosis.findings[0].message.replace("`", "") in parsed.text


def test_a_page_that_only_has_such_parameters_is_told_as_a_page() -> None:
    asked = Request(
        "GET", "https://op.example/authorize?response_type=code&client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s-1"
    )
    requests = (
        asked,
        Request("GET", "https://app.example/cb?code=c0de-of-it&state=s-1"),
        Request("GET", "https://app.example/stats?code=5&state=x"),
    )
    capture = Recording(tuple(Exchange(n, "", Channel.WIRE, one, AT, 0.1, Response(200)) for n, one in enumerate(requests, 1)))
    report, _ = report_of(capture)
    assert [one.label for one in report.messages] == ["authorization request", "callback", "GET /stats"]
    assert report.messages[2].request.fields == ()
    assert [arrow.target for arrow in report.diagrams[0].arrows if not arrow.is_answer] == [2, 1, 1]
