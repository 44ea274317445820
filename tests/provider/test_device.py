from __future__ import annotations

from typing import Any

import pytest

from oauthctl.http import Params, Response
from oauthctl.provider.client import DEVICE_CODE
from tests.provider.world import CHALLENGE, VERIFIER, World, document, practice_state, with_client


def begin(there: World, **changes: str | None) -> dict[str, Any]:
    response = there.post("/device_authorization", Params.of({"client_id": "public", "scope": "openid items.read", **changes}))
    assert response.status == 200, response.text
    return document(response)


def poll(there: World, codes: dict[str, Any], **changes: str | None) -> Response:
    form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"], "client_id": "public"}
    return there.token_request({**form, **changes})


def error(response: Response) -> str:
    return str(document(response).get("error"))


def typed(there: World, codes: dict[str, Any], code: str = "") -> Response:
    """The page after the code was typed in."""
    return there.submit(there.browse(codes["verification_uri"]), user_code=code or codes["user_code"])


def decided(there: World, codes: dict[str, Any], decision: str = "allow") -> Response:
    page = typed(there, codes)
    if b'name="password"' in page.body:
        page = there.sign_in(page)
    return there.submit(page, decision=decision)


def test_a_device_gets_tokens_once_its_person_has_said_yes() -> None:
    there = World()
    codes = begin(there)
    assert error(poll(there, codes)) == "authorization_pending"
    assert b"is connected" in decided(there, codes).body
    there.wait(5)
    tokens = document(poll(there, codes))
    assert tokens["scope"] == "openid items.read"
    assert tokens["id_token"]


def test_a_device_code_is_good_once() -> None:
    there = World()
    codes = begin(there)
    decided(there, codes)
    assert poll(there, codes).status == 200
    there.wait(5)
    assert error(poll(there, codes)) == "invalid_grant"


def test_the_code_may_be_in_the_address_and_is_shown_for_comparison() -> None:
    there = World()
    codes = begin(there)
    page = there.sign_in(there.browse(codes["verification_uri_complete"]))
    assert codes["user_code"].encode() in page.body
    there.submit(page, decision="allow")
    assert poll(there, codes).status == 200


def test_who_polls_too_fast_is_told_to_slow_down_for_good() -> None:
    there = World()
    codes = begin(there)
    assert error(poll(there, codes)) == "authorization_pending"
    there.wait(1)
    assert error(poll(there, codes)) == "slow_down"
    there.wait(5)
    assert error(poll(there, codes)) == "slow_down"
    there.wait(15)
    assert error(poll(there, codes)) == "authorization_pending"


def test_a_no_is_told_to_the_device() -> None:
    there = World()
    codes = begin(there)
    decided(there, codes, "deny")
    assert error(poll(there, codes)) == "access_denied"


def test_codes_expire() -> None:
    there = World()
    codes = begin(there)
    there.wait(601)
    assert error(poll(there, codes)) == "expired_token"
    assert b"No device waits" in typed(there, codes).body


def test_that_a_code_expired_is_told_hours_later() -> None:
    there = World()
    codes = begin(there)
    there.wait(5 * 3600)
    begin(there)
    assert error(poll(there, codes)) == "expired_token"


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} "])
def test_a_code_may_be_typed_in_any_way(write: Any) -> None:
    there = World()
    codes = begin(there)
    assert b'name="password"' in typed(there, codes, write(codes["user_code"])).body


@pytest.mark.parametrize("code", ["XXXX-XXXX", "", "<script>", "x" * 100_000])
def test_a_wrong_code_leads_nowhere(code: str) -> None:
    there = World()
    codes = begin(there)
    page = typed(there, codes, code or "-")
    assert page.status == 400
    assert b"<script>" not in page.body


def test_a_decided_code_can_not_be_decided_again() -> None:
    there = World()
    codes = begin(there)
    page = there.sign_in(typed(there, codes))
    there.submit(page, decision="allow")
    assert b"not good any more" in there.submit(page, decision="deny").body
    assert poll(there, codes).status == 200


def test_a_form_of_another_site_decides_nothing() -> None:
    there = World()
    codes = begin(there)
    there.sign_in(typed(there, codes))
    path = f"/device?user_code={codes['user_code']}"
    forged = there.browse(there.state.url(path), Params((("step", "decide"), ("csrf", "guess"), ("decision", "allow"))))
    assert forged.status == 403
    assert error(poll(there, codes)) == "authorization_pending"


def test_another_client_can_not_use_the_code() -> None:
    there = World(with_client(practice_state(), "other", grant_types=(DEVICE_CODE,), scopes=("items.read",)))
    codes = begin(there)
    decided(there, codes)
    assert error(poll(there, codes, client_id="other")) == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "service"}, "invalid_client"),
        ({"scope": "nothing"}, "invalid_scope"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_a_bad_request_gets_no_code(changes: dict[str, str], expected: str) -> None:
    response = World().post("/device_authorization", Params.of({"client_id": "public", **changes}))
    assert error(response) == expected


def test_a_client_without_the_grant_gets_no_code() -> None:
    there = World(with_client(practice_state(), "public", grant_types=("authorization_code",)))
    assert error(there.post("/device_authorization", Params.of({"client_id": "public"}))) == "unauthorized_client"


def test_a_challenge_ties_the_polling_to_the_request() -> None:
    there = World()
    codes = begin(there, code_challenge=CHALLENGE, code_challenge_method="S256")
    decided(there, codes)
    assert error(poll(there, codes)) == "invalid_grant"
    there.wait(5)
    assert poll(there, codes, code_verifier=VERIFIER).status == 200


def test_the_password_is_asked_for_until_it_is_right() -> None:
    there = World()
    codes = begin(there)
    page = there.sign_in(typed(there, codes), password="wrong")
    assert page.status == 403
    assert b"Connect this device?" in there.sign_in(page).body
