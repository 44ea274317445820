"""Which grant is taken where: a table."""

from __future__ import annotations

from typing import Any

import pytest

from oauthctl.flows.grant_choice import CIBA, DEVICE_CODE, TYPES, Surroundings, best, for_sign_in, for_token, why_not_taken
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import fields_of

CODE = {"authorization_endpoint": "https://op.example/authorize", "token_endpoint": "https://op.example/token"}
DEVICE = {"device_authorization_endpoint": "https://op.example/device"}
BACKCHANNEL = {"backchannel_authentication_endpoint": "https://op.example/bc"}
SSH, CI = "this is an SSH session", "nobody is here to sign in: no terminal, and `--no-input` or CI"


def metadata(*members: dict[str, Any], grants: tuple[str, ...] | None = None) -> ProviderMetadata:
    listed = {"grant_types_supported": list(grants)} if grants is not None else {}
    whole = {name: value for one in (*members, listed) for name, value in one.items()}
    return ProviderMetadata(fields_of(whole.items()))


@pytest.mark.parametrize(
    ("known", "around", "taken"),
    [
        pytest.param(metadata(CODE), Surroundings(), "authorization_code", id="a browser"),
        pytest.param(metadata(CODE, DEVICE), Surroundings(), "authorization_code", id="a browser goes before another device"),
        pytest.param(metadata(CODE, DEVICE), Surroundings(no_browser=SSH), "device_code", id="another device where no browser opens"),
        pytest.param(metadata(CODE), Surroundings(no_browser=SSH), "authorization_code", id="the page elsewhere where nothing else is"),
        pytest.param(metadata(DEVICE), Surroundings(), "device_code", id="no authorization endpoint"),
        pytest.param(metadata(CODE, DEVICE, grants=(DEVICE_CODE,)), Surroundings(), "device_code", id="only one is listed"),
        pytest.param(
            metadata(CODE, DEVICE, grants=("authorization_code",)),
            Surroundings(no_browser=SSH),
            "authorization_code",
            id="unlisted",
        ),
        pytest.param(
            metadata(CODE, BACKCHANNEL),
            Surroundings(no_person=CI, is_confidential=True, has_login_hint=True),
            "ciba",
            id="the person is elsewhere",
        ),
        pytest.param(metadata(CODE, BACKCHANNEL), Surroundings(no_person=CI, is_confidential=True), "", id="nobody is named"),
        pytest.param(metadata(CODE, BACKCHANNEL), Surroundings(no_person=CI, has_login_hint=True), "", id="a public client"),
        pytest.param(metadata(CODE, DEVICE), Surroundings(no_person=CI), "", id="nobody is here"),
        pytest.param(metadata(), Surroundings(), "", id="a server without any way in"),
        pytest.param(metadata(CODE, grants=("password", "client_credentials")), Surroundings(), "", id="never the password"),
        pytest.param(None, Surroundings(), "authorization_code", id="nothing is known of the server"),
        pytest.param(None, Surroundings(no_browser=SSH), "device_code", id="nothing is known, and no browser"),
    ],
)
def test_a_person_signs_in_by_the_best_grant(known: ProviderMetadata | None, around: Surroundings, taken: str) -> None:
    found = best(for_sign_in(known, around))
    assert (found.grant if found else "") == taken


@pytest.mark.parametrize(
    ("known", "around", "taken"),
    [
        pytest.param(metadata(CODE), Surroundings(is_confidential=True), "client_credentials", id="a secret"),
        pytest.param(metadata(CODE), Surroundings(), "", id="nothing at all"),
        pytest.param(metadata(CODE), Surroundings(is_confidential=True, has_subject_token=True), "token_exchange", id="a token to trade"),
        pytest.param(metadata(CODE), Surroundings(assertion="jwt_bearer"), "jwt_bearer", id="a JWT"),
        pytest.param(metadata(CODE), Surroundings(assertion="saml2_bearer"), "saml2_bearer", id="XML"),
        pytest.param(
            metadata(CODE, grants=("client_credentials",)),
            Surroundings(is_confidential=True, has_subject_token=True),
            "client_credentials",
            id="what is given is not wanted",
        ),
        pytest.param(metadata(CODE, grants=("authorization_code",)), Surroundings(is_confidential=True), "", id="not listed"),
    ],
)
def test_a_program_gets_its_token_by_what_is_given(known: ProviderMetadata, around: Surroundings, taken: str) -> None:
    found = best(for_token(known, around))
    assert (found.grant if found else "") == taken


def test_each_grant_that_is_not_taken_has_its_reason() -> None:
    weighed = {one.grant: one.why_not for one in for_sign_in(metadata(CODE, grants=("authorization_code", CIBA)), Surroundings())}
    assert weighed["authorization_code"] == ""
    assert weighed["device_code"] == "the server names no `device_authorization_endpoint`"
    assert "can't prove itself" in weighed["ciba"]
    assert "RFC 9700" in weighed["password"]
    assert "RFC 9700" in weighed["implicit"]
    assert "RFC 9700" in weighed["hybrid"]
    assert "signs nobody in" in weighed["client_credentials"]
    tokens = {one.grant: one.why_not for one in for_token(metadata(CODE, grants=()), Surroundings(is_confidential=True))}
    assert f"`{TYPES['client_credentials']}`" in tokens["client_credentials"]
    assert all(tokens.values())


@pytest.mark.parametrize("no_browser", ["", SSH])
@pytest.mark.parametrize("known", [None, metadata(CODE, DEVICE), metadata(CODE), metadata(DEVICE), metadata(CODE, DEVICE, BACKCHANNEL)])
def test_each_grant_but_the_one_that_is_taken_is_told_of(known: ProviderMetadata | None, no_browser: str) -> None:
    weighed = for_sign_in(known, Surroundings(no_browser=no_browser, is_confidential=True, has_login_hint=True))
    taken = best(weighed)
    assert taken is not None
    assert [one.grant for one in weighed if not why_not_taken(one, taken)] == [taken.grant]
