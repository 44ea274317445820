"""Assertions that our provider refuses when they are traded: `diagnose` names what is wrong with each."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from oauthctl.messages.client_auth import basic_credentials
from oauthctl.messages.token_exchange import JWT_BEARER
from tests.provider.test_jwt_bearer import IDP_KEY, OWN_KEY, assertion
from tests.provider.test_jwt_bearer import world as trusting
from tests.provider.world import ISSUER, SECRET
from tests.rules.test_wrong_requests import Wire

SERVICE = basic_credentials("service", SECRET)


def test_an_assertion_that_comes_again() -> None:
    wire = Wire(trusting())
    form = {"grant_type": JWT_BEARER, "assertion": assertion(wire.there, OWN_KEY, sub="robot"), "scope": "items.read"}
    assert wire.send("POST", f"{ISSUER}/token", form=form).status == 200
    assert wire.found() == ()
    assert wire.send("POST", f"{ISSUER}/token", form=form).status == 400
    assert [one.rule for one in wire.found()] == ["assertion-reused"]
    assert "in exchange 2" in wire.found()[0].cause


def test_a_client_that_may_not_speak_for_people() -> None:
    wire = Wire(trusting())
    form = {"grant_type": JWT_BEARER, "assertion": assertion(wire.there, OWN_KEY, sub="alice"), "scope": "items.read"}
    assert wire.send("POST", f"{ISSUER}/token", form=form).status == 400
    assert [one.rule for one in wire.found()] == ["delegation-not-granted"]


def test_an_identity_assertion_of_another_client() -> None:
    wire = Wire(trusting())
    token = assertion(wire.there, IDP_KEY, typ="oauth-id-jag+jwt", client_id="another", resource=None)
    form = {"grant_type": JWT_BEARER, "assertion": token, "scope": "items.read"}
    assert wire.send("POST", f"{ISSUER}/token", form=form, Authorization=basic_credentials("web", SECRET)).status == 400
    assert [one.rule for one in wire.found()] == ["assertion-of-another-client"]
    assert "client-secret-in-ignored-header" not in str(wire.found())


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({"audience": "https://another.example"}, ["saml-assertion-audience-wrong"]),
        ({"recipient": "https://app.example/acs"}, ["saml-assertion-recipient-wrong"]),
        ({"ends": "2026-04-30T12:00:00Z", "begins": "2026-04-30T11:00:00Z"}, ["saml-assertion-expired"]),
        ({"confirmed": "2026-04-30T12:00:00Z"}, ["saml-assertion-expired"]),
        (None, ["saml-assertion-signature-wrong"]),
    ],
    ids=["audience", "recipient", "expired", "confirmation expired", "unsigned"],
)
def test_a_saml_assertion_that_is_refused(changed: dict[str, str] | None, rules: list[str]) -> None:
    wire, made = saml(changed)
    assert wire.send("POST", f"{ISSUER}/token", form=made, Authorization=SERVICE).status == 400
    assert [one.rule for one in wire.found()] == rules


def test_a_saml_assertion_that_comes_again() -> None:
    wire, made = saml({})
    assert wire.send("POST", f"{ISSUER}/token", form=made, Authorization=SERVICE).status == 200
    assert wire.found() == ()
    wire.send("POST", f"{ISSUER}/token", form=made, Authorization=SERVICE)
    assert [one.rule for one in wire.found()] == ["assertion-reused"]


def saml(changed: dict[str, str] | None) -> tuple[Wire, dict[str, str]]:
    """A provider that trusts an identity provider, and the request with an assertion of its; without changes it is not signed."""
    pytest.importorskip("signxml", reason="the extra `saml` is not installed")
    from tests.provider.test_saml2_bearer import signed, there, unsigned

    content = signed(unsigned(**changed)) if changed is not None else unsigned().encode()
    packed = urlsafe_b64encode(content).rstrip(b"=").decode()
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": packed, "scope": "items.read"}
    return Wire(there()), form
