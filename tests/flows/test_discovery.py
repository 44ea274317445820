from __future__ import annotations

import time

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.discovery import Discovered, discover, discover_resource
from oauthctl.http import Response
from tests.played import Played, play, response

ISSUER = "https://op.example"
TENANT = "https://op.example/tenant"
OAUTH = f"{ISSUER}/.well-known/oauth-authorization-server"
OIDC = f"{ISSUER}/.well-known/openid-configuration"
NOTHING = response(404)


def document(issuer: object = ISSUER, **members: object) -> Response:
    return response(200, {"issuer": issuer, "token_endpoint": f"{ISSUER}/token", **members})


def asked(played: Played[Discovered]) -> list[str]:
    return [request.url for request in played.requests]


def test_the_first_document_that_answers_is_taken() -> None:
    played = play(discover(ISSUER), [document()])
    assert played.result.issuer == ISSUER
    assert played.result.url == OAUTH
    assert played.result.metadata.exchange == 1
    assert played.result.remarks == ()
    assert asked(played) == [OAUTH]
    assert played.requests[0].headers.get("Accept") == "application/json"


def test_places_are_asked_in_order_with_the_path_inserted_and_then_appended() -> None:
    played = play(discover(TENANT), [NOTHING, response(200, "<html>"), document(TENANT)])
    assert asked(played) == [f"{OAUTH}/tenant", f"{OIDC}/tenant", f"{TENANT}/.well-known/openid-configuration"]
    assert [attempt.result for attempt in played.result.attempts] == ["status 404", "an HTML page", "answered"]
    assert [attempt.exchange for attempt in played.result.attempts] == [1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (response(500, "broken"), "status 500"),
        (response(302, headers={"Location": "https://evil.example/"}), "status 302, redirects to https://evil.example/"),
        (response(200), "an empty body"),
        (response(200, "[]"), "JSON that is no object"),
        (response(200, {"keys": []}), "JSON without `issuer` or any endpoint"),
        (response(200, {"issuer": ["https://op.example"]}), "JSON without `issuer` or any endpoint"),
        (response(200, "{"), "broken JSON (expecting property name enclosed in double quotes)"),
    ],
)
def test_where_nothing_can_be_used_the_error_lists_each_place(answer: Response, why: str) -> None:
    played = play(discover(ISSUER), [answer, NOTHING])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == "no-metadata"
    assert played.error.notes == (f"{OAUTH}: {why} (exchange 1)", f"{OIDC}: status 404 (exchange 2)")


@pytest.mark.parametrize(
    "said", ["https://evil.example", "https://op.example/other", "http://op.example", "HTTPS://op.example", "https://op.example."]
)
def test_a_document_of_another_issuer_is_refused_at_once(said: str) -> None:
    played = play(discover(ISSUER), [document(said)])
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.sent, played.error.got) == ("metadata-issuer-differs", ISSUER, said)
    assert played.error.where == "exchange 1, response.issuer"
    assert f"--expect-issuer {said}" in played.error.help


def test_a_document_without_issuer_is_refused() -> None:
    played = play(discover(ISSUER), [response(200, {"token_endpoint": f"{ISSUER}/token"})])
    assert played.error is not None
    assert (played.error.slug, played.error.got) == ("metadata-issuer-differs", "nothing")


@pytest.mark.parametrize(("target", "said"), [(ISSUER, ISSUER + "/"), (ISSUER + "/", ISSUER)])
def test_a_trailing_slash_is_forgiven_and_told(target: str, said: str) -> None:
    played = play(discover(target), [document(said)])
    assert played.result.issuer == said
    assert played.result.remarks == (f"the issuer is spelled `{said}`; asked was `{target}`",)


def test_an_expected_issuer_is_compared_to_the_letter() -> None:
    played = play(discover(ISSUER, expected_issuer=ISSUER), [document(ISSUER + "/")])
    assert played.error is not None
    assert played.error.slug == "metadata-issuer-differs"


def test_an_expected_issuer_stands_in_for_the_target() -> None:
    played = play(discover("https://login.example/common", expected_issuer="https://sts.example/1"), [document("https://sts.example/1")])
    assert played.result.issuer == "https://sts.example/1"


def test_the_url_of_a_document_is_asked_alone_and_gives_the_issuer() -> None:
    url = f"{TENANT}/.well-known/openid-configuration?p=policy"
    played = play(discover(url), [document(TENANT)])
    assert asked(played) == [url]
    assert played.result.issuer == TENANT


def test_the_url_of_a_document_does_not_excuse_another_issuer() -> None:
    played = play(discover(OIDC), [document("https://evil.example")])
    assert played.error is not None
    assert played.error.sent == ISSUER


def test_whole_adds_what_only_the_openid_document_has() -> None:
    first = document(jwks_uri=f"{ISSUER}/keys", token_endpoint=f"{ISSUER}/first")
    second = document(userinfo_endpoint=f"{ISSUER}/me", token_endpoint=f"{ISSUER}/second")
    played = play(discover(ISSUER, whole=True), [first, second])
    assert asked(played) == [OAUTH, OIDC]
    assert played.result.metadata.userinfo_endpoint == f"{ISSUER}/me"
    assert played.result.metadata.token_endpoint == f"{ISSUER}/first"
    assert played.result.remarks == (f"only {OIDC} has `userinfo_endpoint`",)
    assert [attempt.result for attempt in played.result.attempts] == ["answered", "answered too"]


def test_whole_takes_nothing_from_another_issuer() -> None:
    played = play(discover(ISSUER, whole=True), [document(), document("https://evil.example", userinfo_endpoint="https://evil.example/me")])
    assert played.result.metadata.userinfo_endpoint is None
    assert played.result.attempts[-1].result == "names the issuer `https://evil.example`"


def test_whole_asks_no_more_when_nothing_is_missing() -> None:
    full = document(
        userinfo_endpoint="https://op.example/me",
        jwks_uri="https://op.example/keys",
        end_session_endpoint="https://op.example/end",
        id_token_signing_alg_values_supported=["RS256"],
    )
    assert len(play(discover(ISSUER, whole=True), [full]).requests) == 1


def test_whole_lives_without_a_second_document() -> None:
    played = play(discover(ISSUER, whole=True), [document(), NOTHING])
    assert played.result.issuer == ISSUER
    assert [attempt.result for attempt in played.result.attempts] == ["answered", "status 404"]


def test_two_huge_documents_are_joined_in_linear_time() -> None:
    many = {f"a{index}": 0 for index in range(50_000)}
    other = {f"b{index}": 0 for index in range(50_000)}
    began = time.process_time()
    played = play(discover(ISSUER, whole=True), [document(**many), document(**other)])
    assert len(played.result.metadata.fields) == 100_002
    assert time.process_time() - began < 3
    assert len(played.result.remarks[0]) < 4000


def test_what_the_document_does_against_the_rules_is_remarked() -> None:
    body = f'{{"issuer":"{ISSUER}","issuer":"{ISSUER}","token_endpoint":"{ISSUER}/token"}}'
    played = play(discover(ISSUER), [response(200, body, headers={"Content-Type": "text/plain"})])
    assert played.result.remarks == ("JSON is labelled `text/plain`",)
    assert played.result.warnings == (
        f"{ISSUER}/.well-known/oauth-authorization-server has `issuer` 2 times, all the same: "
        "the first is used, other programs may use another",
    )


@pytest.mark.parametrize("name", ["issuer", "token_endpoint", "authorization_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize("other_first", [True, False])
def test_a_document_that_names_two_issuers_or_endpoints_is_refused(name: str, other_first: bool) -> None:
    right = {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token"} | ({name: f"{ISSUER}/x"} if name != "issuer" else {})
    pairs = [*right.items()]
    pairs = [(name, "https://evil.example"), *pairs] if other_first else [*pairs, (name, "https://evil.example")]
    body = "{" + ",".join(f'"{key}":"{value}"' for key, value in pairs) + "}"
    played = play(discover(ISSUER), [response(200, body)])
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.spec) == ("metadata-member-repeated", "RFC 8259 section 4")
    assert f"`{name}` more than once" in played.error.message
    if name != "issuer":
        assert play(discover(ISSUER, by_hand=frozenset((name,))), [response(200, body)]).error is None


def test_another_member_that_is_there_twice_is_a_warning() -> None:
    body = f'{{"issuer":"{ISSUER}","token_endpoint":"{ISSUER}/token","scopes_supported":["a"],"scopes_supported":["b"]}}'
    [warning] = play(discover(ISSUER), [response(200, body)]).result.warnings
    assert "has `scopes_supported` 2 times, and they differ" in warning


def test_the_metadata_of_an_api_is_found_by_rule() -> None:
    played = play(discover_resource("https://api.example/v1"), [response(200, {"resource": "https://api.example/v1"})])
    assert played.result is not None
    assert played.result.resource == "https://api.example/v1"
    assert played.requests[0].url == "https://api.example/.well-known/oauth-protected-resource/v1"


def test_the_metadata_of_an_api_is_asked_where_its_challenge_says() -> None:
    answer = response(200, {"resource": "https://api.example/"})
    played = play(discover_resource("https://api.example/v1/items?a=1", url="https://api.example/meta"), [answer])
    assert played.requests[0].url == "https://api.example/meta"
    assert played.result is not None


@pytest.mark.parametrize(
    "said",
    [
        "https://evil.example",
        "http://api.example/v1",
        "https://api.example:8443/v1",
        "https://api.example/v",
        "https://api.example/v1/other",
        "",
        None,
    ],
)
def test_metadata_of_another_api_is_refused(said: str | None) -> None:
    """RFC 9728 section 3.3: "If these values are not identical, the data contained in the response MUST NOT be used"."""
    answer = response(200, {"resource": said, "authorization_servers": ["https://evil.example"]})
    played = play(discover_resource("https://api.example/v1", url="https://evil.example/meta"), [answer])
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.sent, played.error.got) == ("resource-differs", "https://api.example/v1", said or "nothing")


@pytest.mark.parametrize("answer", [response(404), response(200, "<html>"), response(302, headers={"Location": "https://x.example"})])
def test_an_api_without_metadata_has_none(answer: Response) -> None:
    played = play(discover_resource("https://api.example"), [answer])
    assert played.error is None
    assert played.value is None
