from __future__ import annotations

import pytest

from oauthctl.flows.still_good import Proof, Where, still_good
from oauthctl.http import Response
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import Played, play, response

ENDPOINTS = ("token_endpoint", "introspection_endpoint", "userinfo_endpoint", "revocation_endpoint")
METADATA = tuple((name, f"https://op.example/{name.removesuffix('_endpoint')}") for name in ENDPOINTS)
CONFIDENTIAL, PUBLIC = Client("app", "secret", "client_secret_basic"), Client("app")


def where(*, client: Client = PUBLIC, without: tuple[str, ...] = (), opens_userinfo: bool = True) -> Where:
    metadata = ProviderMetadata((("issuer", "https://op.example"), *(pair for pair in METADATA if pair[0] not in without)), 1)
    return Where(metadata, client, client, client, opens_userinfo=opens_userinfo)


def refused(status: int, error: str) -> Response:
    return response(status, {"error": error})


def asked(played: Played[Proof]) -> list[str]:
    return [request.path for request in played.requests]


@pytest.mark.parametrize(("active", "holds"), [(False, True), (True, False)])
def test_introspection_tells(active: bool, holds: bool) -> None:
    played = play(still_good(where(client=CONFIDENTIAL), "t", hint="access_token"), [response(200, {"active": active})])
    assert played.result.holds is holds
    assert asked(played) == ["/introspection"]


def test_a_public_client_does_not_try_introspection() -> None:
    played = play(still_good(where(), "t", hint="access_token"), [response(401, {})])
    assert played.result.holds is True
    assert asked(played) == ["/userinfo"]


def test_a_refused_introspection_leads_to_the_userinfo_endpoint() -> None:
    played = play(still_good(where(client=CONFIDENTIAL), "t"), [refused(403, "access_denied"), response(200, {"sub": "alice"})])
    assert played.result == Proof(False, played.result.evidence)
    assert "still takes it" in played.result.evidence
    assert asked(played) == ["/introspection", "/userinfo"]


def test_an_access_token_without_openid_is_shown_to_nobody() -> None:
    played = play(still_good(where(opens_userinfo=False), "t", hint="access_token"), [])
    assert played.result.holds is None
    assert "nothing harmless" in played.result.evidence


@pytest.mark.parametrize(
    ("answer", "holds", "evidence"),
    [
        (refused(400, "invalid_grant"), True, "a refresh is refused with `invalid_grant`"),
        (refused(400, "invalid_scope"), False, "still takes it: of a refresh it refused the scope alone"),
        (refused(401, "invalid_client"), None, "refused with `invalid_client`, which does not tell"),
        (response(502, "<html>"), None, "status 502"),
    ],
)
def test_a_refresh_token_is_tried_with_a_scope_that_nobody_granted(answer: Response, holds: bool | None, evidence: str) -> None:
    played = play(still_good(where(), "rt", hint="refresh_token"), [answer])
    assert played.result.holds is holds
    assert evidence in played.result.evidence
    form = played.requests[0].form
    assert (form.get("grant_type"), form.get("refresh_token")) == ("refresh_token", "rt")
    assert (form.get("scope") or "").startswith("never-granted-")


def test_what_a_server_gives_all_the_same_is_revoked_at_once() -> None:
    granted = response(200, {"access_token": "at-2", "token_type": "Bearer", "refresh_token": "rt-2"})
    played = play(still_good(where(), "rt", hint="refresh_token"), [granted, response(200), response(200)])
    assert played.result.holds is False
    assert [request.form.get("token") for request in played.requests[1:]] == ["rt-2", "at-2"]


def test_what_can_not_be_revoked_is_told() -> None:
    granted = response(200, {"access_token": "at-2", "token_type": "Bearer"})
    played = play(still_good(where(), "rt", hint="refresh_token"), [granted, response(503, "")])
    assert played.result == Proof(False, "the token endpoint still refreshes with it, and what came of it could not be revoked")


def test_a_server_that_is_gone_tells_nothing() -> None:
    played = play(still_good(where(), "t", hint="access_token"), ["connection refused"])
    assert played.result.holds is None
