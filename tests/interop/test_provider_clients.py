"""The practice provider with clients that others wrote: each runs as a process of its own, a person signs in on the real pages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.jose.jwk import generate
from oauthctl.provider.client import DEVICE_CODE, Client
from oauthctl.provider.state import ProviderState, with_legacy
from tests.cli.spoiled import Provider, providing
from tests.interop import environments
from tests.interop.foreign import CLIENTS, run_client
from tests.interop.processes import free_ports
from tests.provider.world import keys

SECRET = "a practice secret of more than 32 bytes, +/%:"
SCOPES = ("openid", "profile", "email", "offline_access", "items.read")
KEY = keys()[1]
OPENING = generate("ES256").with_(kid="opens", use="enc", alg="ECDH-ES")
REDIRECT_URI = f"http://127.0.0.1:{free_ports(1)}/callback"
REQUEST_URI = f"http://127.0.0.1:{free_ports(1)}/request.jwt"
MORE_GRANTS = ("client_credentials", DEVICE_CODE)


def known(client_id: str, method: str, *, secret: str = SECRET, **more: Any) -> Client:
    """A client of this name that proves itself by this method alone."""
    secret = secret if method.startswith("client_secret") else ""
    grants = ("authorization_code", "refresh_token", *(MORE_GRANTS if method != "none" else (DEVICE_CODE,)))
    shared = {"redirect_uris": (REDIRECT_URI,), "post_logout_redirect_uris": (REDIRECT_URI,), "scopes": SCOPES, "grant_types": grants}
    return Client(client_id, "Foreign app", secret, auth_methods=(method,), **{**shared, **more})


PLAIN = "a-practice-secret-of-more-than-32-bytes"
"""For clients that put their secret into the Basic header as it is, without the form encoding of RFC 6749 section 2.3.1."""
METHODS = ("none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")
FOREIGN = (
    *(known(method, method, keys=(KEY.public(),) if method == "private_key_jwt" else ()) for method in METHODS),
    known("plain", "client_secret_basic", secret=PLAIN),
    known("referring", "private_key_jwt", keys=(KEY.public(),), request_uris=(REQUEST_URI,)),
    known("sealed", "private_key_jwt", keys=(KEY.public(), OPENING.public()), id_token_encrypted_response_alg="ECDH-ES"),
    known("opaque", "client_secret_post", access_token_format="opaque"),
)


def quick(state: ProviderState) -> ProviderState:
    return replace(state, device_interval=1)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(*FOREIGN, change=quick) as running:
        yield running


@pytest.fixture(scope="module")
def strict() -> Iterator[Provider]:
    """A provider that wants requests pushed, and its nonce in each proof."""
    with providing(
        *FOREIGN, change=lambda state: replace(quick(state), requires_dpop_nonce=True, requires_pushed_requests=True)
    ) as running:
        yield running


def environment() -> dict[str, str]:
    unwanted = ("PYTHON", "NODE_", "OAUTHCTL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted) and not name.lower().endswith("_proxy")}


def by_node(script: str, provider: Provider, flow: str, **order: Any) -> dict[str, Any]:
    order = {"issuer": provider.issuer, "flow": flow, "secret": SECRET, "key": KEY.as_dict(), **order}
    command = (environments.node(), str(CLIENTS / script))
    return run_client(command, order, redirect_uri=REDIRECT_URI, environment=environment())


SIGNED_IN = {"sub": "alice", "email": "alice@example.com", "items": 200, "refreshed": True, "gone": "invalid_grant", "farewell": "bye"}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", METHODS)
def test_openid_client_signs_in_with_each_authentication(provider: Provider, method: str) -> None:
    result = by_node("openid_client.mjs", provider, "code", client_id=method, method=method)
    asked = {} if method == "none" else {"before": True, "after": False}
    assert result == {**SIGNED_IN, **asked, "token_type": "bearer"}


@pytest.fixture(scope="module")
def legacy() -> Iterator[Provider]:
    """A provider that lets tokens come by the browser."""
    with providing(*FOREIGN, change=with_legacy) as running:
        yield running


@pytest.mark.xdist_group("foreign")
def test_openid_client_takes_an_id_token_from_the_fragment(legacy: Provider) -> None:
    result = by_node("openid_client.mjs", legacy, "implicit", client_id="none", response_type="id_token", scope="openid email")
    assert result == {"sub": "alice", "brought": ["id_token", "iss", "state"]}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("response_type", ["code id_token", "detached"])
def test_openid_client_verifies_the_id_token_beside_a_code(legacy: Provider, response_type: str) -> None:
    result = by_node("openid_client.mjs", legacy, "hybrid", client_id="none", response_type=response_type)
    assert result == {"sub": "alice", "email": "alice@example.com", "token_type": "bearer"}
    assert legacy.asked("/authorize")[-1].query.get("response_type") == "code id_token"


@pytest.mark.xdist_group("foreign")
def test_openid_client_brings_opaque_tokens_to_the_api(provider: Provider) -> None:
    result = by_node("openid_client.mjs", provider, "code", client_id="opaque", method="client_secret_post")
    assert result == {**SIGNED_IN, "before": True, "after": False, "token_type": "bearer"}


@pytest.mark.xdist_group("foreign")
def test_openid_client_pushes_its_request_and_binds_its_tokens_with_nonces(strict: Provider) -> None:
    result = by_node("openid_client.mjs", strict, "code", client_id="none", par=True, dpop=True)
    assert result == {**SIGNED_IN, "token_type": "dpop"}
    assert strict.asked("/par")


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("order", [{"jar": True}, {"jarm": True}], ids=["request", "answer"])
def test_openid_client_signs_its_request_and_reads_a_signed_answer(provider: Provider, order: dict[str, bool]) -> None:
    result = by_node("openid_client.mjs", provider, "code", client_id="private_key_jwt", method="private_key_jwt", **order)
    assert result["sub"] == "alice"


@pytest.mark.xdist_group("foreign")
def test_openid_client_has_its_request_fetched(provider: Provider) -> None:
    order = {"client_id": "referring", "method": "private_key_jwt", "jar": True, "request_uri": REQUEST_URI}
    assert by_node("openid_client.mjs", provider, "code", **order)["sub"] == "alice"
    asked = [one.query for one in provider.asked("/authorize") if "request_uri" in one.query]
    assert "request" not in asked[-1]


@pytest.mark.xdist_group("foreign")
def test_openid_client_asks_in_detail_and_takes_what_is_encrypted_and_signed(provider: Provider) -> None:
    details = [{"type": "items", "identifier": "i-1", "actions": ["read"]}]
    order = {
        "opening_key": OPENING.as_dict(),
        "parameters": {"authorization_details": json.dumps(details)},
        "metadata": {"introspection_signed_response_alg": "RS256"},
    }
    result = by_node("openid_client.mjs", provider, "sealed", client_id="sealed", method="private_key_jwt", **order)
    assert result == {"sub": "alice", "parts": 5, "details": details, "active": True}
    assert provider.asked("/introspect")[-1].headers.get("accept") == "application/token-introspection+jwt"


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("dpop", [False, True])
def test_openid_client_signs_in_on_another_device(provider: Provider, dpop: bool) -> None:
    result = by_node("openid_client.mjs", provider, "device", client_id="none", dpop=dpop)
    assert result == {"sub": "alice", "token_type": "dpop" if dpop else "bearer"}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", METHODS[1:])
def test_openid_client_gets_a_token_of_its_own(provider: Provider, method: str) -> None:
    result = by_node("openid_client.mjs", provider, "service", client_id=method, method=method)
    assert result == {"scope": "items.read", "token_type": "bearer", "items": 200}


@pytest.mark.xdist_group("foreign")
def test_openid_client_registers_itself(provider: Provider) -> None:
    wanted = {
        "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    }
    result = by_node("openid_client.mjs", provider, "code", register=wanted)
    assert result == {**SIGNED_IN, "token_type": "bearer"}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", ["client_secret_basic", "private_key_jwt"])
def test_oauth4webapi_finds_the_provider_by_the_api_and_judges_its_tokens(provider: Provider, method: str) -> None:
    result = by_node("oauth4webapi.mjs", provider, "code", client_id=method, method=method)
    expected = {"sub": "alice", "name": "Alice Adams", "items": 2, "token_type": "bearer", "judged": method}
    assert result == {**expected, "before": True, "after": False}


@pytest.mark.xdist_group("foreign")
def test_oauth4webapi_pushes_its_request_and_answers_nonces(strict: Provider) -> None:
    result = by_node("oauth4webapi.mjs", strict, "code", client_id="none", par=True, dpop=True, algorithm="oidc")
    assert result == {"sub": "alice", "name": "Alice Adams", "items": 2, "token_type": "dpop", "judged": None}


def by_python(environment_name: str, script: str, provider: Provider, flow: str, **order: Any) -> dict[str, Any]:
    order = {"issuer": provider.issuer, "flow": flow, "secret": SECRET, "key": KEY.as_dict(), **order}
    if order.get("method") == "client_secret_basic" and environment_name == "clients":
        order |= {"client_id": "plain", "secret": PLAIN}
    command = (str(environments.python_of(environment_name)), str(CLIENTS / script))
    return run_client(command, order, redirect_uri=REDIRECT_URI, environment=environment())


def of_python(method: str) -> dict[str, Any]:
    return {"sub": "alice", "name": "Alice Adams", "items": 200, "introspected": [] if method == "none" else [True, False]}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", METHODS)
def test_authlib_signs_in_with_each_authentication(provider: Provider, method: str) -> None:
    assert by_python("clients", "authlib_client.py", provider, "code", client_id=method, method=method) == of_python(method)


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", METHODS)
def test_requests_oauth2client_signs_in_with_each_authentication(provider: Provider, method: str) -> None:
    result = by_python("clients", "requests_oauth2client_client.py", provider, "code", client_id=method, method=method)
    assert result == {**of_python(method), "token": "BearerToken"}


@pytest.mark.xdist_group("foreign")
def test_requests_oauth2client_pushes_its_request_and_binds_its_tokens(strict: Provider) -> None:
    order = {"client_id": "none", "method": "none", "par": True, "dpop": True}
    result = by_python("clients", "requests_oauth2client_client.py", strict, "code", **order)
    assert result == {"items": 200, "introspected": [], "token": "DPoPToken"}


@pytest.mark.xdist_group("foreign")
def test_requests_oauth2client_signs_in_on_another_device_and_gets_a_token_of_its_own(provider: Provider) -> None:
    method = "client_secret_basic"
    script = ("clients", "requests_oauth2client_client.py", provider)
    assert by_python(*script, "device", client_id=method, method=method) == {"sub": "alice"}
    assert by_python(*script, "service", client_id=method, method=method) == {"scope": "items.read", "items": 200}


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
def test_the_mcp_client_finds_its_way_from_an_api_that_it_knows_nothing_of(provider: Provider, method: str) -> None:
    before = len(provider.requests)
    result = by_python("mcp", "mcp_client.py", provider, "code", method=method)
    assert result["first"]["for"] == "alice"
    assert (result["second"], result["asked"]) == (200, 1)
    assert result["client_id"] in provider.server.state.registrations
    token_request = next(one for one in provider.requests[before:] if one.path == "/token")
    assert token_request.form.get("resource") == f"{provider.issuer}/api/items"
