"""One server with several issuers: each is a provider of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import httpx
import pytest

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.client import Client, person, practice_clients
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.records import Event
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Hosted, Server

TENANTS = ("/tenant-a", "/tenant-b")
events: list[Event] = []


@cache
def keys_of(issuer: str) -> tuple[Jwk, ...]:
    return (generate("RS256"),)


def tenant(issuer: str) -> ProviderState:
    """A provider whose secret and whose person are named for it."""
    name = issuer[-1]
    return new_state(issuer, clients=practice_clients(secret=f"hush-{name}"), users=(person(f"person-{name}"),), keys=keys_of(issuer))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    first, second = TENANTS
    with Server(tenant, issuer=first, beside=(Hosted(tenant, second, {"on_log": events.append}),)) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=5) as opened:
        yield opened


def service_token(client: httpx.Client, path: str, secret: str) -> httpx.Response:
    return client.post(f"{path}/token", data={"grant_type": "client_credentials", "scope": "items.read"}, auth=("service", secret))


def test_a_path_is_an_issuer_on_this_server(server: Server) -> None:
    assert [state.issuer for state in server.states] == [f"http://127.0.0.1:{server.port}{path}" for path in TENANTS]
    assert server.issuer == server.states[0].issuer
    assert server.states[0].neighbours == (server.states[1].issuer,)


def test_a_slash_at_the_end_is_the_issuers(client: httpx.Client) -> None:
    with Server(tenant, issuer="/a/", beside=(Hosted(tenant, "/b"),)) as running:
        a, b = running.states
        assert a.issuer == f"http://127.0.0.1:{running.port}/a/"
        assert (a.neighbours, b.neighbours) == ((b.issuer,), (a.issuer.removesuffix("/"),))
        told = client.get(f"{a.issuer}.well-known/openid-configuration").json()
    assert (told["issuer"], told["token_endpoint"]) == (a.issuer, f"{a.issuer}token")


def test_no_issuer_lies_where_another_has_an_endpoint() -> None:
    with pytest.raises(ConfigError, match="takes the path `/token`"), Server(tenant, beside=(Hosted(tenant, "/token"),)):
        pass


@pytest.mark.parametrize("path", TENANTS)
def test_metadata_is_at_both_well_known_places(client: httpx.Client, path: str) -> None:
    appended = client.get(f"{path}/.well-known/openid-configuration").json()
    for inserted in ("oauth-authorization-server", "openid-configuration"):
        assert client.get(f"/.well-known/{inserted}{path}").json() == appended
    assert appended["issuer"].endswith(path)
    assert {url.partition(path)[1] for name, url in appended.items() if name.endswith("_endpoint") or name == "jwks_uri"} == {path}


def test_a_resource_names_the_issuer_that_it_belongs_to(client: httpx.Client, server: Server) -> None:
    challenge = client.get("/tenant-b/api/items").headers["www-authenticate"]
    url = f"http://127.0.0.1:{server.port}/.well-known/oauth-protected-resource/tenant-b/api/items"
    assert f'resource_metadata="{url}"' in challenge
    assert client.get(url).json()["authorization_servers"] == [server.states[1].issuer]


def test_nothing_of_one_counts_at_the_other(client: httpx.Client) -> None:
    granted = service_token(client, "/tenant-a", "hush-a").json()
    header = {"Authorization": f"Bearer {granted['access_token']}"}
    assert client.get("/tenant-a/api/items", headers=header).status_code == 200
    elsewhere = client.get("/tenant-b/api/items", headers=header)
    assert (elsewhere.status_code, 'error="invalid_token"' in elsewhere.headers["www-authenticate"]) == (401, True)
    assert service_token(client, "/tenant-b", "hush-a").json()["error"] == "invalid_client"
    introspected = client.post("/tenant-b/introspect", data={"token": granted["access_token"]}, auth=("api", "hush-b"))
    assert introspected.json() == {"active": False}
    kids = [{key["kid"] for key in client.get(f"{path}/jwks").json()["keys"]} for path in TENANTS]
    assert kids[0].isdisjoint(kids[1])


def test_a_client_that_registers_at_one_is_unknown_to_the_other(client: httpx.Client, server: Server) -> None:
    metadata = {"redirect_uris": ["http://127.0.0.1/callback"], "token_endpoint_auth_method": "none"}
    client_id = client.post("/tenant-a/register", json=metadata).json()["client_id"]
    assert [client_id in state.clients for state in server.states] == [True, False]


def test_a_browser_has_a_session_of_its_own_at_each(client: httpx.Client) -> None:
    for path in TENANTS:
        client.get(
            f"{path}/authorize", params={"client_id": "public", "response_type": "code", "redirect_uri": "http://127.0.0.1/callback"}
        )
        client.get(f"{path}/")
    cookies = sorted(client.cookies.jar, key=lambda one: one.path)
    assert [cookie.path for cookie in cookies] == list(TENANTS)
    assert len({cookie.name for cookie in cookies}) == 2


def test_a_fault_of_one_is_no_fault_of_the_other(client: httpx.Client, server: Server) -> None:
    switched = client.put("/tenant-b/control/faults", json={"faults": ["metadata-issuer-slash"]})
    try:
        told = [client.get(f"{path}/.well-known/openid-configuration").json()["issuer"] for path in TENANTS]
    finally:
        client.delete("/tenant-b/control/faults")
    assert switched.status_code == 200
    assert told == [server.states[0].issuer, f"{server.states[1].issuer}/"]


def test_each_tells_its_own_log(client: httpx.Client) -> None:
    events.clear()
    service_token(client, "/tenant-a", "hush-a")
    assert not events
    service_token(client, "/tenant-b", "hush-b")
    assert [event.endpoint for event in events] == ["token"]


def test_start_pages_show_each_other(client: httpx.Client, server: Server) -> None:
    assert f'<a href="{server.states[1].issuer}/">' in client.get("/tenant-a/").text
    start = client.get("/").text
    assert all(f'<a href="{state.issuer}/">' in start for state in server.states)


def test_an_access_token_says_which_issuer_it_is_of(client: httpx.Client, server: Server) -> None:
    tokens = [service_token(client, path, f"hush-{path[-1]}").json()["access_token"] for path in TENANTS]
    assert [take_apart(token).claim_text("iss") for token in tokens] == [state.issuer for state in server.states]


def test_two_of_one_name_are_refused_and_leave_the_port() -> None:
    server = Server(tenant, issuer="/a", beside=(Hosted(tenant, "/a/"),))
    with pytest.raises(ConfigError, match="differ by the slash at the end alone"):
        server.start()
    assert server.issuer == ""


def test_hosts_tell_issuers_of_one_path_apart() -> None:
    alone = Client("alone", scopes=("items.read",))
    names = ("http://a.localhost", "http://b.localhost")
    made = [Hosted(lambda issuer: new_state(issuer, clients=(alone,), keys=keys_of("host")), name) for name in names]
    with Server(made[0].make_state, issuer=names[0], beside=made[1:]) as running, httpx.Client(trust_env=False, timeout=5) as client:
        for name in names:
            url = f"http://127.0.0.1:{running.port}/.well-known/openid-configuration"
            assert client.get(url, headers={"Host": name.removeprefix("http://")}).json()["issuer"] == name


def _worn(name: str, issuer: str) -> ProviderState:
    return wear(tenant(issuer), persona_named(name))


def test_known_providers_stand_side_by_side() -> None:
    """Their issuers say other paths and hosts than those by which they are told apart."""
    names = ("okta", "entra-v1", "github")
    hosted = [Hosted(partial(_worn, name), f"/{name}") for name in names]
    with Server(hosted[0].make_state, issuer=hosted[0].issuer, beside=hosted[1:]) as running, httpx.Client(trust_env=False) as client:
        okta, entra, github = running.states
        for state in (okta, entra):
            metadata = client.get(f"{state.reached_at}{state.persona.metadata[0]}" if state.persona else "").json()
            assert metadata["issuer"] == state.issuer
            assert metadata["token_endpoint"].startswith(f"{state.reached_at}/")
        told = client.post(f"{github.reached_at}/login/oauth/access_token", data={"client_id": "web", "code": "none"})
        assert "bad_verification_code" in told.text or "incorrect_client_credentials" in told.text
        assert okta.neighbours == (entra.reached_at, github.reached_at)
