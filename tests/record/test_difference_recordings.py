"""Two recordings: what is new in each run stays out, what explains a failure comes first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings

from oauthctl.findings import Evidence
from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.record.difference import Comparison, Difference, Kind, ranked
from oauthctl.record.difference_recordings import Side, compare
from oauthctl.record.difference_telling import differences_at
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.material import Material
from oauthctl.record.redact import redact
from oauthctl.rules import diagnosis as diagnoses
from oauthctl.rules.evidence import scene_of
from oauthctl.rules.pages import page, slugs
from tests.played import BEGAN
from tests.record.arbitrary import recordings
from tests.record.played import played
from tests.rules.pages import SALT, Played, play

# Rules whose defect is a parameter, a header or a claim of a message.
DEFECTS = {
    "access-token-as-id-token": "response.body.id_token.claims.aud",
    "assertion-audience-wrong": "request.form.client_assertion.claims.aud",
    "assertion-expired": "request.form.client_assertion.claims.exp",
    "assertion-issuer-not-client": "request.form.client_assertion.claims.iss",
    "assertion-reused": "request.form.client_assertion.claims.jti",
    "assertion-type-missing": "request.form.client_assertion_type",
    "at-hash-differs": "response.body.id_token.claims.at_hash",
    "audience-differs": "request.headers.Authorization.claims.aud",
    "audience-parameter-required": "request.form.audience",
    "authorization-parameter-duplicated": "request.query.scope",
    "authorization-scheme-wrong": "request.headers.Authorization",
    "authorized-party-differs": "response.body.id_token.claims.azp",
    "basic-header-malformed": "request.headers.Authorization",
    "client-auth-missing": "request.form.client_id",
    "client-id-mismatch": "request.form.client_id",
    "code-challenge-method-case": "request.query.code_challenge_method",
    "code-challenge-missing": "request.query.code_challenge",
    "code-challenge-not-base64url": "request.query.code_challenge",
    "code-mangled": "request.form.code",
    "code-of-another-client": "request.form.client_id",
    "code-verifier-malformed": "request.form.code_verifier",
    "code-verifier-mismatch": "request.form.code_verifier",
    "code-verifier-missing": "request.form.code_verifier",
    "code-verifier-too-short": "request.form.code_verifier",
    "dpop-method-differs": "request.headers.DPoP.claims.htm",
    "dpop-proof-missing": "request.headers.DPoP",
    "dpop-uri-differs": "request.headers.DPoP.claims.htu",
    "grant-unsupported": "request.form.grant_type",
    "id-token-audience-differs": "response.body.id_token.claims.aud",
    "id-token-issuer-differs": "response.body.id_token.claims.iss",
    "issuer-mixed-up": "request.query.iss",
    "issuer-not-returned": "request.query.iss",
    "metadata-issuer-over-http": "response.body.issuer",
    "nonce-differs": "response.body.id_token.claims.nonce",
    "nonce-missing": "request.query.nonce",
    "nonce-not-returned": "response.body.id_token.claims.nonce",
    "openid-scope-missing": "request.query.scope",
    "pkce-required": "request.query.code_challenge",
    "redirect-uri-case-differs": "request.query.redirect_uri",
    "redirect-uri-differs-between-legs": "request.form.redirect_uri",
    "redirect-uri-double-encoded": "request.query.redirect_uri",
    "redirect-uri-fragment": "request.query.redirect_uri",
    "redirect-uri-missing-at-token": "request.form.redirect_uri",
    "redirect-uri-port-differs": "request.query.redirect_uri",
    "redirect-uri-scheme-differs": "request.query.redirect_uri",
    "redirect-uri-trailing-slash": "request.query.redirect_uri",
    "refresh-widens-scope": "request.form.scope",
    "scope-comma-separated": "request.query.scope",
    "scope-double-encoded": "request.query.scope",
    "scope-narrowed": "response.body.scope",
    "scope-unknown": "request.query.scope",
    "state-missing": "request.query.state",
    "state-mismatch": "request.query.state",
    "state-not-returned": "request.query.state",
    "token-expired": "request.headers.Authorization.claims.exp",
    "token-in-query": "request.query.access_token",
    "token-request-in-query": "request.query.grant_type",
    "token-type-missing": "response.body.token_type",
}


@cache
def side_of(slug: str, title: str) -> Side:
    return side(section(slug, title))


def section(slug: str, title: str) -> Played:
    found = page(slug)
    assert found is not None
    return play(found.sections[title])


def side(shown: Played) -> Side:
    scene = scene_of(Material("har", shown.recording, shown.pasted), now=shown.now, salt=SALT, given=shown.given, keys=shown.keys)
    recording = replace(scene.recording, exchanges=tuple(seen.exchange for seen in scene.seen if seen.is_direct))
    found = diagnoses.diagnose(scene).findings
    return Side(recording, scene.facts, tuple(one for finding in found for one in finding.evidence), is_salted=True)


def plain_side(recording: Recording) -> Side:
    return Side(redact(recording, salt=SALT), facts(recording), is_salted=True)


def in_order(compared: Comparison, evidence: tuple[Evidence, ...] = ()) -> tuple[Difference, ...]:
    """All differences, the most telling first."""
    at_evidence = [one for _, one in differences_at(compared, (), evidence)]
    every = ranked(one for pair in compared.messages for one in pair.differences)
    return (*at_evidence, *(one for one in every if not any(one is known for known in at_evidence)))


@pytest.mark.parametrize(("slug", "place"), DEFECTS.items(), ids=DEFECTS)
def test_what_a_rule_fires_at_is_among_the_first_differences(slug: str, place: str) -> None:
    works, fails = side_of(slug, "Quiet"), side_of(slug, "Fires")
    compared = compare(works, fails)
    assert place in [one.place for one in in_order(compared, fails.evidence)[:3]]
    assert not compared.is_equal


# What a finding says is not needed to tell these.
@pytest.mark.parametrize("slug", sorted(set(DEFECTS) - {"scope-narrowed", "token-type-missing"}))
def test_without_findings_the_defect_stands_in_the_first_place_but_two(slug: str) -> None:
    compared = compare(replace(side_of(slug, "Quiet"), evidence=()), replace(side_of(slug, "Fires"), evidence=()))
    assert DEFECTS[slug] in [one.place for one in in_order(compared)[:3]]


@pytest.mark.parametrize("slug", DEFECTS)
def test_from_the_other_side_the_same_differs(slug: str) -> None:
    one, other = side_of(slug, "Quiet"), side_of(slug, "Fires")
    assert spread(compare(one, other)) == mirrored(compare(other, one))


def spread(compared: Comparison) -> list[tuple[str, str]]:
    return sorted((found.place, found.kind.value) for pair in compared.messages for found in pair.differences)


def mirrored(compared: Comparison) -> list[tuple[str, str]]:
    swapped = {"missing": "extra", "extra": "missing"}
    return sorted((place, swapped.get(kind, kind)) for place, kind in spread(compared))


@settings(max_examples=30, deadline=None)
@given(recordings())
def test_a_recording_does_not_differ_from_itself(recording: Recording) -> None:
    compared = compare(plain_side(recording), plain_side(recording))
    assert compared.is_equal
    assert compared.telling is None


@settings(max_examples=30, deadline=None)
@given(recordings(), recordings())
def test_any_two_recordings_can_be_compared_from_both_sides(a: Recording, b: Recording) -> None:
    forth, back = compare(plain_side(a), plain_side(b)), compare(plain_side(b), plain_side(a))
    assert forth.is_equal == back.is_equal


def test_a_whole_run_equals_itself_although_it_was_redacted_with_another_salt() -> None:
    run = played()
    one, other = Side(redact(run, salt=b"one"), facts(run)), Side(redact(run, salt=b"other"), facts(run))
    assert compare(one, other).is_equal


def exchange(id_: int, purpose: str, request: Request, response: Response | None = None, seconds: float = 0.1) -> Exchange:
    channel = Channel.WIRE if response else Channel.BROWSER
    return Exchange(id_, purpose, channel, request, BEGAN + timedelta(seconds=id_), seconds, response)


def authorization(**params: str) -> Exchange:
    query = Params.of({"response_type": "code", "client_id": "web", "state": "s-1234567890"} | params).encode()
    return exchange(1, "authorization", Request("GET", f"https://op.example/authorize?{query}"))


def token(id_: int = 2, *, body: bytes = b'{"access_token": "a"}', status: int = 200, seconds: float = 0.1, **params: str) -> Exchange:
    request = form_request("https://op.example/token", Params.of({"grant_type": "authorization_code", "code": "c-1"} | params))
    headers = Headers((("Content-Type", "application/json"),))
    return exchange(id_, "token", request, Response(status, headers, body), seconds)


def between(a: Recording | Exchange, b: Recording | Exchange) -> Comparison:
    sides = [plain_side(one if isinstance(one, Recording) else Recording((one,))) for one in (a, b)]
    return compare(sides[0], sides[1])


def told(a: Exchange, b: Exchange) -> list[tuple[str, Kind]]:
    return [(one.place, one.kind) for pair in between(a, b).messages for one in pair.differences]


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("https://app.example/cb", "https://app.example/cb/", Kind.SLASH),
        ("https://app.example/cb", "http://app.example/cb", Kind.SCHEME),
        ("https://app.example/cb", "https://app.example/CB", Kind.CASE),
        ("https://app.example/cb", "https://www.app.example/cb", Kind.HOST),
        ("https://app.example/cb", "https://app.example:8443/cb", Kind.PORT),
        ("https://app.example/cb", "https://app.example/callback", Kind.PATH),
        ("https://app.example/cb", "https%3A%2F%2Fapp.example%2Fcb", Kind.ENCODING),
        ("https://app.example/cb", " https://app.example/cb", Kind.BLANKS),
        ("https://app.example/cb", "https://app.example/cb?x=1", Kind.VALUE),
        ("http://127.0.0.1:3000/cb", "http://127.0.0.1:8080/cb", Kind.PORT),
    ],
)
def test_a_redirect_uri_differs_in_a_certain_way(a: str, b: str, kind: Kind) -> None:
    assert told(authorization(redirect_uri=a), authorization(redirect_uri=b)) == [("request.query.redirect_uri", kind)]


def test_the_port_of_a_listener_is_new_in_each_run() -> None:
    assert told(authorization(redirect_uri="http://127.0.0.1:41235/cb"), authorization(redirect_uri="http://127.0.0.1:57001/cb")) == []


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("openid email", "openid", Kind.WORDS),
        ("openid email", "email openid", Kind.ORDER),
        ("openid email", "openid,email", Kind.SEPARATOR),
        ("openid email", "openid%20email", Kind.ENCODING),
        ("openid email", "openid  email", Kind.BLANKS),
        ("openid email", "openid Email", Kind.CASE),
        ("openid email", "openid email email", Kind.REPEATED),
    ],
)
def test_a_scope_differs_in_a_certain_way(a: str, b: str, kind: Kind) -> None:
    assert told(authorization(scope=a), authorization(scope=b)) == [("request.query.scope", kind)]


@pytest.mark.parametrize("name", ["state", "nonce", "code_challenge"])
def test_random_values_differ_only_in_their_form(name: str) -> None:
    a, b = authorization(**{name: "Zk3v9QXY-hTnB0pLq8"}), authorization(**{name: "pQ81mnXcT_a7ss0Krl"})
    assert told(a, b) == []
    padded = authorization(**{name: "pQ81mnXcT+a7ss0Krl=="})
    assert told(a, padded) == [(f"request.query.{name}", Kind.FORM)]


def test_a_code_that_comes_twice_is_told_of_the_message_that_is_too_many() -> None:
    once = Recording((token(1),))
    twice = Recording((token(1), token(2, body=b'{"error": "invalid_grant"}', status=400)))
    compared = between(once, twice)
    assert [(one.exchange, one.why) for one in compared.only_b] == [(2, "it sends a `code` that was sent before")]


@pytest.mark.parametrize(("seconds", "differs"), [((0.2, 0.7), True), ((0.3, 0.7), False), ((0.01, 0.4), False), ((2.0, 5.0), False)])
def test_time_tells_from_three_times_and_half_a_second_on(seconds: tuple[float, float], differs: bool) -> None:
    found = told(token(seconds=seconds[0]), token(seconds=seconds[1]))
    assert found == ([("response", Kind.TIMING)] if differs else [])


@pytest.mark.parametrize(("a", "b", "differs"), [(3600, 3599, False), (3600, 3400, False), (3600, 300, True)])
def test_lifetimes_tell_from_a_tenth_on(a: int, b: int, differs: bool) -> None:
    bodies = [b'{"access_token": "a", "expires_in": %d}' % seconds for seconds in (a, b)]
    found = told(token(body=bodies[0]), token(body=bodies[1]))
    assert found == ([("response.body.expires_in", Kind.LIFETIME)] if differs else [])


def test_another_secret_tells_only_where_fingerprints_can() -> None:
    a, b = token(client_id="web", client_secret="one-secret-of-it"), token(client_id="web", client_secret="another-secret-of-it")
    assert told(a, b) == [("request.form.client_secret", Kind.VALUE)]
    salts = [Side(redact(Recording((one,)), salt=salt)) for one, salt in ((a, b"one"), (b, b"other"))]
    assert compare(salts[0], salts[1]).is_equal


def test_numbers_of_incidents_in_error_texts_are_left_out() -> None:
    bodies = [
        b'{"error": "invalid_grant", "error_description": "AADSTS70000: no. Trace ID: %s Timestamp: %s"}' % (trace, when)
        for trace, when in (
            (b"0b1a2c3d-0000-4000-8000-1234567890ab", b"2026-11-02 09:14:00Z"),
            (b"1b1a2c3d-0000-4000-8000-1234567890ac", b"2026-11-03 10:15:01Z"),
        )
    ]
    assert told(token(body=bodies[0], status=400), token(body=bodies[1], status=400)) == []


def test_the_same_difference_is_told_again_as_such() -> None:
    def run(host: str) -> Recording:
        pages = [
            exchange(1, "discovery", Request("GET", f"{host}/.well-known/openid-configuration"), answer(f'{{"issuer": "{host}"}}')),
            exchange(2, "discovery", Request("GET", f"{host}/.well-known/openid-configuration"), answer(f'{{"issuer": "{host}"}}')),
        ]
        return Recording(tuple(pages))

    compared = between(run("https://one.example"), run("https://two.example"))
    assert [[(one.place, one.is_again) for one in pair.differences] for pair in compared.messages] == [
        [("response.body.issuer", False)],
        [("response.body.issuer", True)],
    ]
    assert compared.count == 1


def answer(text: str) -> Response:
    return Response(200, Headers((("Content-Type", "application/json"),)), text.encode())


def test_every_page_of_a_rule_can_be_compared() -> None:
    for slug in slugs()[::7]:
        compare(side_of(slug, "Quiet"), side_of(slug, "Fires"))


def test_a_certificate_that_one_side_alone_shows_is_told() -> None:
    recording = played()
    at = next(one.id for one in recording.exchanges if one.purpose == "token")
    shown = tuple(replace(one, certificate="4aR…" * (one.id == at)) for one in recording.exchanges)
    compared = compare(Side(recording, is_salted=True), Side(replace(recording, exchanges=shown), is_salted=True))
    (found,) = [one for pair in compared.messages for one in pair.differences]
    assert (found.place, found.kind, found.a, found.b) == ("request.certificate", Kind.EXTRA, None, "shown")


def signed_by(kid: str, *published: str) -> Recording:
    """An ID token whose header names a key, and the key set that was fetched afterwards."""
    parts = ({"alg": "RS256", "kid": kid}, {"sub": "alice"})
    compact = ".".join((*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2lnbmF0dXJl"))
    issued = token(1, body=json.dumps({"access_token": "a", "id_token": compact}).encode())
    keys = json.dumps({"keys": [{"kty": "RSA", "kid": one, "n": "AQAB", "e": "AQAB"} for one in published]}).encode()
    answer = Response(200, Headers((("Content-Type", "application/json"),)), keys)
    return Recording((issued, exchange(2, "jwks", Request("GET", "https://op.example/jwks"), answer)))


@pytest.mark.parametrize(
    ("fails", "shown"),
    [
        (signed_by("old", "new"), "old (published: new)"),
        (signed_by("new", "newer", "newest"), "new (published: newer, newest)"),
        (signed_by("newer", "newer"), None),
    ],
)
def test_a_key_that_nobody_published_is_named(fails: Recording, shown: str | None) -> None:
    found = [(one.place, one.a, one.b) for pair in between(signed_by("new", "new"), fails).messages for one in pair.differences]
    place = "response.body.id_token.header.kid"
    assert [one for one in found if one[0] == place] == ([(place, "new (published)", shown)] if shown else [])


def test_headers_for_scripts_are_compared_where_a_script_asks() -> None:
    def asked(origin: tuple[tuple[str, str], ...], allowed: str) -> Exchange:
        one = token(1)
        headers = Headers((("Content-Type", "application/json"), ("Access-Control-Allow-Origin", allowed)))
        assert one.response is not None
        request = replace(one.request, headers=Headers((*one.request.headers, *origin)))
        return replace(one, request=request, response=replace(one.response, headers=headers))

    script = (("Origin", "https://app.example"),)
    assert told(asked((), "https://app.example"), asked((), "*")) == []
    assert [place for place, _ in told(asked(script, "https://app.example"), asked(script, "*"))] == [
        "response.headers.Access-Control-Allow-Origin"
    ]
