"""`oauthctl diagnose` on raw captures of clients that others could have written: each flow and extension that real servers offer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from oauthctl import __version__
from oauthctl.cli.diagnosing import material_of_har
from oauthctl.jose.jwt import take_apart
from oauthctl.record.facts import facts
from oauthctl.record.har import to_har
from oauthctl.record.redact import redact
from oauthctl.rules.evidence import key_finder
from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.interop.forms import Form
from tests.interop.pages import browse
from tests.interop.targets import Client, Server
from tests.interop.wire import Wire, wire

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
PLAIN = [
    pytest.param("oidc_provider", "post", marks=pytest.mark.xdist_group("oidc_provider")),
    pytest.param("django_oauth_toolkit", "basic", marks=pytest.mark.xdist_group("django_oauth_toolkit")),
    pytest.param("canaille", "basic", marks=pytest.mark.xdist_group("canaille")),
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def assert_clean(wired: Wire, folder: Path) -> None:
    """Diagnose the capture, and what is left of it when it was redacted to be shared: no alarm, and the same in both."""
    raw = diagnosed(wired.save(folder / "wire.har"))
    assert raw["source"]["exchanges"] > 2
    recording = material_of_har(json.loads((folder / "wire.har").read_bytes())).recording
    known = facts(recording, keys=key_finder(recording, ()))
    shared = folder / "shared.har"
    ours = replace(redact(recording, salt=b"salt of a test"), tool_version=__version__)
    shared.write_text(json.dumps(to_har(ours, facts=known)))
    redacted = diagnosed(shared)
    assert (raw["findings"], raw["checked"]) == (redacted["findings"], redacted["checked"])


def diagnosed(har: Path) -> dict[str, Any]:
    """The diagnosis of a capture, in which nothing may be wrong."""
    ran = oauthctl("diagnose", str(har), "--json", environ=isolated(har.parent))
    assert ran.out, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    alarms = [(one["rule"], one["cause"], one["evidence"]) for one in document["findings"] if one["severity"] != "note"]
    assert (ran.code, alarms) == (0, []), ran.err
    return document


def use_up(wired: Wire, tokens: dict[str, Any]) -> None:
    """All that can be done with tokens: userinfo, refresh, introspection, revocation, introspection of what is gone."""
    wired.userinfo(tokens)
    if tokens.get("refresh_token"):
        tokens |= wired.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    # The toolkit names neither of the two in its OpenID Connect metadata.
    if wired.client.secret and "introspection_endpoint" in wired.metadata:
        assert wired.post("introspection_endpoint", {"token": tokens["access_token"]})["active"] is True
    if "revocation_endpoint" in wired.metadata:
        wired.post("revocation_endpoint", {"token": tokens["access_token"]})
        wired.post("revocation_endpoint", {"token": "never-issued-by-anybody"})


@pytest.mark.parametrize(("server", "client"), PLAIN, indirect=["server"])
def test_a_capture_of_a_whole_session_is_clean(server: Server, client: str, tmp_path: Path) -> None:
    with wire(server, server.clients[client]) as wired:
        back = wired.authorize(wired.parameters())
        use_up(wired, wired.redeem(back["code"]))
        assert_clean(wired, tmp_path)


@pytest.mark.xdist_group("oidc_provider")
@pytest.mark.parametrize("client", ["public-par", "public-jar", "public-dpop", "public-dpop-nonce", "key-jwt", "public-es256"])
def test_a_capture_of_an_extension_is_clean(oidc_provider: Server, client: str, tmp_path: Path) -> None:
    with wire(oidc_provider, Client(client, None, "private_key_jwt" if client == "key-jwt" else "none")) as wired:
        parameters = wired.parameters()
        if client == "public-par":
            parameters = wired.push(parameters)
        elif client == "public-jar":
            parameters = wired.signed(parameters)
        use_up(wired, wired.redeem(wired.authorize(parameters)["code"]))
        assert_clean(wired, tmp_path)


@pytest.mark.xdist_group("oidc_provider")
def test_a_capture_of_a_signed_answer_is_clean(oidc_provider: Server, tmp_path: Path) -> None:
    with wire(oidc_provider, Client("public-jarm")) as wired:
        back = wired.authorize(wired.parameters(response_mode="jwt"))
        claims = take_apart(back["response"]).claims or {}
        use_up(wired, wired.redeem(claims["code"]))
        assert_clean(wired, tmp_path)


@pytest.mark.xdist_group("oidc_provider")
@pytest.mark.parametrize("response_type", ["code id_token", "id_token"])
def test_a_capture_of_an_old_flow_is_clean(oidc_provider: Server, response_type: str, tmp_path: Path) -> None:
    with wire(oidc_provider, Client("public-hybrid")) as wired:
        parameters = wired.parameters(response_type=response_type, scope="openid profile")
        if "code" not in response_type:
            parameters = {name: value for name, value in parameters.items() if not name.startswith("code_challenge")}
        back = wired.authorize(parameters)
        assert back["id_token"]
        if "code" in response_type:
            wired.userinfo(wired.redeem(back["code"]))
        assert_clean(wired, tmp_path)


@pytest.mark.xdist_group("oidc_provider")
def test_a_capture_of_a_silent_try_before_the_sign_in_is_clean(oidc_provider: Server, tmp_path: Path) -> None:
    with wire(oidc_provider, oidc_provider.clients["public"]) as wired:
        assert wired.authorize(wired.parameters(prompt="none"))["error"] == "login_required"
        wired.userinfo(wired.redeem(wired.authorize(wired.parameters())["code"]))
        assert_clean(wired, tmp_path)


@pytest.mark.xdist_group("oidc_provider")
def test_a_capture_of_a_device_that_waits_is_clean(oidc_provider: Server, tmp_path: Path) -> None:
    with wire(oidc_provider, oidc_provider.clients["public"]) as wired:
        begun = wired.post("device_authorization_endpoint", {"scope": "openid profile"})
        form = {"grant_type": DEVICE, "device_code": begun["device_code"]}
        wired.later = 6
        assert wired.post("token_endpoint", form, status=(400,))["error"] == "authorization_pending"
        wired.later = 8
        user_code = dict(parse_qsl(urlsplit(begun["verification_uri_complete"]).query))["user_code"]
        confirm = Form({"user_code": user_code})
        browse(begun["verification_uri"], (*oidc_provider.agreeing, confirm), client=wired.http)
        wired.later = 12
        tokens = wired.post("token_endpoint", form)
        wired.userinfo(tokens)
        assert_clean(wired, tmp_path)
