"""An API that wants a stronger or a fresher sign-in, or a bound token, and the sign-in that gives it (RFC 9470)."""

from __future__ import annotations

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.second_factor import CODE
from tests.provider.world import SECRET, World, callback, document, last_form, practice_state, with_client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token(world: World, **changes: str | None) -> str:
    return str(document(world.redeem(world.code(**changes)))["access_token"])


def stepped_up(world: World) -> str:
    """An access token of a sign-in with both factors."""
    page = world.ask(acr_values="second-factor")
    if "username" in page.text:
        page = world.sign_in(page)
    page = world.submit(page, code=CODE, decision="allow")
    if "Allow access?" in page.text:
        page = world.allow(page)
    return str(document(world.redeem(code_of(page)))["access_token"])


def code_of(response: Response) -> str:
    return callback(response).get("code") or ""


def test_the_level_that_is_missing_is_named() -> None:
    world = World()
    response = world.get("/api/safe", **bearer(token(world)))
    challenge = bearer_challenge(response)
    assert response.status == 401
    assert challenge is not None
    assert challenge.get("error") == "insufficient_user_authentication"
    assert challenge.get("acr_values") == "second-factor"
    assert challenge.get("max_age") == ""


def test_a_sign_in_with_both_factors_opens_it() -> None:
    world = World()
    access_token = stepped_up(world)
    claims = take_apart(access_token).claims or {}
    assert claims["acr"] == "second-factor"
    assert world.get("/api/safe", **bearer(access_token)).status == 200


def test_the_id_token_says_how_the_person_signed_in() -> None:
    world = World()
    page = world.submit(world.sign_in(world.ask(acr_values="second-factor")), code=CODE, decision="allow")
    answer = document(world.redeem(code_of(world.allow(page))))
    claims = take_apart(str(answer["id_token"])).claims or {}
    assert (claims["acr"], claims["amr"]) == ("second-factor", ["pwd", "otp", "mfa"])


def test_who_is_signed_in_gives_the_second_factor_alone() -> None:
    world = World()
    token(world)
    page = world.ask(acr_values="second-factor")
    assert "One more step" in page.text
    assert code_of(world.submit(page, code=CODE, decision="allow"))


def test_the_second_factor_is_asked_for_once() -> None:
    world = World()
    stepped_up(world)
    assert code_of(world.ask(acr_values="second-factor"))


@pytest.mark.parametrize("code", ["", "000000", "１２３４５６", "123456 7"])
def test_a_wrong_code_leads_back_to_the_page(code: str) -> None:
    world = World()
    page = world.submit(world.sign_in(world.ask(acr_values="second-factor")), code=code, decision="allow")
    assert page.status == 403
    assert "That is not the code." in page.text


def test_the_consent_form_does_not_lead_around_the_second_factor() -> None:
    world = World()
    consent = world.sign_in(world.ask())
    assert "Allow access?" in consent.text
    page = world.sign_in(world.ask(acr_values="second-factor", prompt="login"))
    assert "One more step" in page.text
    action, hidden = last_form(page)
    forged = world.browse(action, hidden.with_("step", "consent").with_("decision", "allow"))
    assert "One more step" in forged.text


def test_who_says_no_at_the_second_factor_is_sent_back() -> None:
    world = World()
    page = world.submit(world.sign_in(world.ask(acr_values="second-factor")), decision="deny")
    assert "error=access_denied" in (page.headers.get("location") or "")


def test_nobody_is_asked_with_prompt_none() -> None:
    world = World()
    token(world)
    assert "error=interaction_required" in (world.ask(acr_values="second-factor", prompt="none").headers.get("location") or "")


@pytest.mark.parametrize(("wanted", "acr"), [("gold", "password"), ("password second-factor", "password"), (None, "password")])
def test_the_first_level_that_is_known_decides(wanted: str | None, acr: str) -> None:
    world = World()
    assert (take_apart(token(world, acr_values=wanted)).claims or {})["acr"] == acr


def test_a_sign_in_that_is_too_old_is_told() -> None:
    world = World()
    access_token = token(world)
    assert world.get("/api/transfers", **bearer(access_token)).status == 200
    world.wait(61)
    response = world.get("/api/transfers", **bearer(access_token))
    challenge = bearer_challenge(response)
    assert response.status == 401
    assert challenge is not None
    assert (challenge.get("error"), challenge.get("max_age")) == ("insufficient_user_authentication", "60")
    page = world.ask(max_age="60")
    assert "username" in page.text
    assert world.get("/api/transfers", **bearer(str(document(world.redeem(code_of(world.sign_in(page))))["access_token"]))).status == 200


def test_a_refresh_keeps_the_old_sign_in() -> None:
    world = World()
    answer = document(world.redeem(world.code(scope="openid items.read offline_access")))
    world.wait(61)
    fresh = document(world.post("/token", {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"], "client_id": "public"}))
    assert world.get("/api/transfers", **bearer(fresh["access_token"])).status == 401


def test_a_token_that_no_person_signed_in_for_is_never_fresh() -> None:
    world = World()
    basic = basic_credentials("service", SECRET)
    answer = document(world.post("/token", {"grant_type": "client_credentials", "scope": "items.read"}, Authorization=basic))
    assert world.get("/api/transfers", **bearer(answer["access_token"])).status == 401


def test_an_opaque_token_is_judged_by_its_grant() -> None:
    world = World(with_client(practice_state(), "public", access_token_format="opaque"))
    assert world.get("/api/safe", **bearer(token(world))).status == 401
    world.cookies.clear()
    assert world.get("/api/safe", **bearer(stepped_up(world))).status == 200


def test_the_vault_wants_a_bound_token() -> None:
    world = World()
    response = world.get("/api/vault", **bearer(token(world)))
    challenge = bearer_challenge(response)
    assert (response.status, challenge.scheme if challenge else "") == (401, "DPoP")


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer unknown"}, {"Authorization": "DPoP unknown"}]
)
def test_the_vault_names_its_scheme_to_whoever_has_no_good_token(header: dict[str, str]) -> None:
    challenge = bearer_challenge(World().get("/api/vault", **header))
    assert challenge is not None
    assert challenge.scheme == "DPoP"
    assert "ES256" in (challenge.get("algs") or "").split()


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("/api/safe", {"acr_values": ["second-factor"]}),
        ("/api/transfers", {"max_age": 60}),
        ("/api/vault", {"dpop_bound_access_tokens_required": True}),
    ],
)
def test_each_path_publishes_what_it_wants(path: str, members: dict[str, object]) -> None:
    world = World()
    found = document(world.get(f"/.well-known/oauth-protected-resource{path}"))
    assert found.items() >= members.items()
    assert "acr_values" not in document(world.get("/.well-known/oauth-protected-resource/api/items"))


def test_introspection_tells_level_and_time() -> None:
    world = World()
    answer = document(world.post("/introspect", {"token": stepped_up(world)}, Authorization=basic_credentials("api", SECRET)))
    assert (answer["acr"], answer["auth_time"]) == ("second-factor", int(world.now.timestamp()))
