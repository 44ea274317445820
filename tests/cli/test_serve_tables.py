"""What the tables of a provider's file make of the provider."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from oauthctl.cli.client_table import CLIENT
from oauthctl.cli.provider_making import maker_of
from oauthctl.cli.serve_tables import LISTS, SINGLE, read_provider
from oauthctl.cli.serve_wanted import WantedProvider
from oauthctl.cli.toml_place import Place
from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.client import Client
from oauthctl.provider.client_metadata import MEMBERS
from oauthctl.provider.local_clients import local_origins
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import sector_of
from tests.cli.running import oauthctl
from tests.provider.world import ISSUER, SECRET, World, claims_of, document

WHOLE = """
[lifetimes]
code = 5
refresh-token = 3600
id-token = 120
device-code = 90
device-interval = 1
pushed-request = 30
backchannel-request = 40

[provider]
name = "Acme ID"
registration = false
pkce-methods = ["S256"]
requires-dpop-nonce = true

[endpoints]
token = "/oauth/token"
device-authorization = "/oauth/device"

[[scope]]
name = "groups"
description = "See your groups"
claims = ["groups"]

[[scope]]
name = "orders.read"

[[scope]]
name = "phone"
offered = false

[[claim]]
name = "tenant"
in = ["access_token", "id_token"]
value = "t1"

[[claim]]
name = "roles"
in = ["access_token"]
scope = "orders.read"

[[resource]]
path = "/api/orders"
scope = "orders.read"
audience = "urn:orders"
max-age = 300
items = ["Ink", "Paper"]

[[user]]
username = "dave"
name = "Dave Dale"
[user.claims]
groups = ["staff"]
roles = ["buyer"]
email = "dave@shop.test"

[[client]]
client_id = "shop"
client_name = "Shop"
redirect_uris = ["http://127.0.0.1/callback"]
post_logout_redirect_uris = "https://shop.test/bye"
grant_types = ["authorization_code", "refresh_token"]
subject_type = "pairwise"
contacts = ["someone@shop.test"]
require_pushed_authorization_requests = true
dpop_bound_access_tokens = true
application_type = "native"
trusted = true
requires-pkce = true
always-refresh-token = true
resource-server = true
access-token-seconds = 7
id-token-seconds = 8

[[client]]
id = "machine"
token_endpoint_auth_method = "tls_client_auth"
tls_client_auth_san_dns = "machine.test"
tls_client_certificate_bound_access_tokens = true
scope = "items.read"
"""


def made(text: str, *, takes_registrations: bool = True, warned: list[str] | None = None, **changes: Any) -> ProviderState:
    """The provider that `serve` makes of this file."""
    given: dict[str, Any] = {"issuer": "", "token_seconds": 300, "refresh_grace": 0, "key_seconds": 0, "state": "", "persona": ""}
    given |= {"legacy": False, "experimental": False, "opaque_tokens": False}
    given |= dict.fromkeys(("fault", "trust", "trust_attester", "local_client"), ())
    wanted = WantedProvider(**given | changes, tables=read_provider(Place("provider.toml", text), tomllib.loads(text)))
    warn = (warned if warned is not None else []).append
    return maker_of(wanted, {}, secret=SECRET, certified=(), takes_registrations=takes_registrations, warn=warn)(ISSUER)


@pytest.mark.parametrize(
    ("said", "is_alone", "is_warned"),
    [("true", False, True), ("true", True, False), ("false", False, False), ("", False, False)],
)
def test_a_registration_that_the_file_wants_is_not_refused_in_silence(said: str, is_alone: bool, is_warned: bool) -> None:
    warned: list[str] = []
    made(f"[provider]\nregistration = {said}" if said else "", takes_registrations=is_alone, warned=warned)
    assert ["registration = true" in one for one in warned] == [True] * is_warned


def test_the_grants_that_a_client_names_are_all_it_gets_of_a_legacy_provider() -> None:
    named = 'redirect = "http://127.0.0.1/callback"\ngrant = '
    tables = (
        '[[client]]\nid = "open"\nredirect = "http://127.0.0.1/callback"\n'
        f'[[client]]\nid = "plain"\n{named}"authorization_code"\n[[client]]\nid = "old"\n{named}["authorization_code", "implicit"]\n'
    )
    clients = made(tables, legacy=True).clients
    assert {"password", "implicit"} <= set(clients["open"].grant_types)
    assert (clients["plain"].grant_types, clients["plain"].response_types) == (("authorization_code",), ("code",))
    assert clients["old"].grant_types == ("authorization_code", "implicit")
    assert clients["old"].response_types == clients["open"].response_types != ("code",)


@pytest.fixture(scope="module")
def whole() -> ProviderState:
    return made(WHOLE)


def test_lifetimes_endpoints_and_the_rest_are_as_the_file_says(whole: ProviderState) -> None:
    seconds = (whole.code_seconds, whole.refresh_seconds, whole.device_seconds, whole.pushed_seconds, whole.backchannel_seconds)
    assert seconds == (5, 3600, 90, 30, 40)
    assert (whole.name, whole.takes_registrations, whole.requires_dpop_nonce) == ("Acme ID", False, True)
    metadata = document(World(whole).get("/.well-known/openid-configuration"))
    assert metadata["token_endpoint"] == f"{ISSUER}/oauth/token"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert "groups" in metadata["scopes_supported"]
    assert "phone" not in metadata["scopes_supported"]
    assert "registration_endpoint" not in metadata


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_file_lets_nobody_register_who_comes_from_elsewhere(is_alone: bool) -> None:
    assert made("[provider]\nregistration = true", takes_registrations=is_alone).takes_registrations is is_alone
    assert made("", takes_registrations=is_alone).takes_registrations is is_alone


def test_a_client_is_what_its_metadata_say(whole: ProviderState) -> None:
    shop = whole.clients["shop"]
    expected = Client(
        "shop",
        "Shop",
        redirect_uris=("http://127.0.0.1/callback",),
        post_logout_redirect_uris=("https://shop.test/bye",),
        scopes=shop.scopes,
        subject_type="pairwise",
        requires_pushed_requests=True,
        requires_dpop=True,
        is_native=True,
        is_trusted=True,
        requires_pkce=True,
        always_gets_refresh_token=True,
        is_resource_server=True,
        token_seconds=7,
        id_token_seconds=8,
    )
    assert shop == expected
    assert {"groups", "orders.read"} <= set(shop.scopes)
    machine = whole.clients["machine"]
    assert machine.certificate_name == ("san_dns", "machine.test")
    assert (machine.allowed_auth_methods, machine.binds_certificate, machine.scopes) == (("tls_client_auth",), True, ("items.read",))
    assert (machine.id_token_seconds, whole.clients["public"].id_token_seconds) == (120, 120)


def _told() -> str:
    """The file in README.md that shows what a file may say."""
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    return dedent(readme.partition("One TOML file can say it all")[2].partition("```toml\n")[2].partition("  ```\n")[0])


@pytest.mark.parametrize("name", sorted({*LISTS, *SINGLE} - {"client"}))
def test_every_key_is_told_where_the_file_is(name: str) -> None:
    table = _told().partition(f"[{name}]")[2].partition("\n\n")[0]
    assert {**LISTS, **SINGLE}[name].keys() <= set(re.findall(r"[\w-]+", table))


def test_the_file_that_is_shown_can_be_used() -> None:
    state = made(_told().partition("[[issuer]]")[0])
    assert (state.name, state.endpoints.token, state.takes_registrations) == ("Acme ID", "/oauth/token", False)


@pytest.mark.parametrize("name", ["provider", "endpoints"])
def test_what_only_a_file_says_is_in_the_help(name: str) -> None:
    assert SINGLE[name].keys() <= set(re.findall(r"[\w-]+", oauthctl("serve", "--help").out))


def test_a_file_knows_all_metadata_that_a_client_may_register_with() -> None:
    assert set(MEMBERS) <= set(CLIENT)


def test_a_client_may_have_its_keys_and_its_sector_elsewhere() -> None:
    places = "jwks_uri = 'http://127.0.0.1:3000/jwks'\nsector_identifier_uri = 'https://app.example/sector.json'\n"
    state = made(f"[[client]]\nid = 'a'\ntoken_endpoint_auth_method = 'private_key_jwt'\n{places}")
    client = state.clients["a"]
    assert (client.jwks_uri, client.is_public, sector_of(client)) == ("http://127.0.0.1:3000/jwks", False, "app.example")
    assert "http://127.0.0.1:3000" in local_origins(state)


def test_a_client_has_the_context_classes_that_it_wants_by_itself() -> None:
    state = made("[[client]]\nid = 'a'\ndefault_acr_values = ['password']\nrequire_auth_time = true\n")
    assert state.clients["a"].default_acr_values == ("password",)


@pytest.mark.parametrize("name", [*LISTS, *SINGLE])
def test_every_key_refuses_what_it_can_not_be_and_says_where(name: str) -> None:
    header = f"[[{name}]]" if name in LISTS else f"[{name}]"
    for key, kind in {**LISTS, **SINGLE}[name].items():
        # TOML has dates, and no key takes one.
        text = f"{header}\n\n{key} = 1999-01-01\n"
        with pytest.raises(ConfigError) as caught:
            read_provider(Place("provider.toml", text), tomllib.loads(text))
        way = f"{name} 1.{key}" if name in LISTS else f"{name}.{key}"
        expected = kind.what.removeprefix("one of ")
        assert caught.value.message in (f"`{way}` is no {expected}", f"`{way}` is none of {expected}")
        assert (caught.value.where, caught.value.got) == ("provider.toml, line 3", "a date or time")


def test_every_option_refuses_what_it_can_not_be_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "provider.toml"
    told = tomllib.loads(oauthctl("serve", "--print-config", "--tls", "a", "--fault", "b", "--state", "c", "--issuer", "/d").out)["server"]
    assert {"tls", "fault", "state", "issuer", "port", "legacy", "scenario-timeout"} <= set(told)
    for key in told:
        path.write_text(f"[server]\n{key} = 1999-01-01\n")
        ran = oauthctl("serve", "--config", str(path), "--print-config")
        assert ran.code == 2
        assert f"`server.{key}` is no " in ran.err
        assert f"{path}, line 2\n      got   a date or time" in ran.err


def test_custom_scopes_open_claims_and_the_api(whole: ProviderState) -> None:
    world = World(whole)
    page = world.sign_in(world.ask(scope="openid groups orders.read email", resource="urn:orders"), "dave", "dave")
    assert "See your groups" in page.text
    code = dict(World.allow(world, page).headers.pairs)["Location"].partition("code=")[2].partition("&")[0]
    tokens = document(world.redeem(code))
    id_token, access = claims_of(tokens["id_token"]), claims_of(tokens["access_token"])
    assert (id_token["groups"], id_token["tenant"], id_token["email"]) == (["staff"], "t1", "dave@shop.test")
    assert (access["roles"], access["tenant"], access["aud"]) == (["buyer"], "t1", "urn:orders")
    assert "groups" not in access
    assert "API of orders" in world.get("/").text
    answer = document(world.get("/api/orders", Authorization=f"Bearer {tokens['access_token']}"))
    assert answer == {"orders": [{"id": "1", "name": "Ink"}, {"id": "2", "name": "Paper"}], "for": "dave"}


def test_keys_come_from_files_with_their_names_and_sign_in_their_order(tmp_path: Path) -> None:
    key = generate("ES256")
    (tmp_path / "key.jwk").write_text(json.dumps(key.as_dict()))
    mine = f"[[key]]\nfile = '{tmp_path / 'key.jwk'}'\nkid = 'mine'\n[[key]]\nalg = 'EdDSA'\n"
    state = made(f"{mine}[[client]]\nid = 'a'\nid_token_signed_response_alg = 'EdDSA'\n")
    assert [(one.alg, one.kid == "mine") for one in state.keys] == [("ES256", True), ("EdDSA", False)]
    assert state.keys[0].thumbprint() == key.thumbprint()
    assert state.clients["a"].id_token_signed_response_alg == "EdDSA"
    world = World(state)
    tokens = world.tokens()
    assert [take_apart(tokens[name]).alg for name in ("id_token", "access_token")] == ["ES256", "ES256"]
    assert document(world.get("/.well-known/openid-configuration"))["id_token_signing_alg_values_supported"] == ["ES256", "EdDSA", "HS256"]
    assert document(world.get("/jwks"))["keys"][0]["kid"] == "mine"


def test_a_public_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "key.jwk").write_text(json.dumps(generate("ES256").public().as_dict()))
    with pytest.raises(ConfigError, match="holds no private key"):
        made(f"[[key]]\nfile = '{tmp_path / 'key.jwk'}'")
    (tmp_path / "key.jwk").write_text(json.dumps(generate("ES256").as_dict()))
    with pytest.raises(ConfigError, match="can't sign `RS256`") as caught:
        made(f"[[key]]\nalg = 'RS256'\nfile = '{tmp_path / 'key.jwk'}'")
    assert caught.value.where == "provider.toml, line 3"


ISSUERS = """
[server]
token-seconds = 60
fault = ["metadata-issuer-slash"]

[[client]]
id = "everywhere"

[[issuer]]
url = "/one"
fault = []
legacy = true

[issuer.lifetimes]
access-token = 20

[[issuer.client]]
id = "shop"
name = "Shop of one"

[[issuer.user]]
username = "carol"

[[issuer]]
url = "/two"
state = "two.db"

[[issuer.key]]
alg = "ES256"
"""


@pytest.mark.parametrize("text", [WHOLE, ISSUERS])
def test_what_is_printed_reads_back_to_the_same(tmp_path: Path, text: str) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(text)
    printed = oauthctl("serve", "--config", str(first), "--print-config")
    assert printed.code == 0, printed.err
    second.write_text(printed.out)
    assert oauthctl("serve", "--config", str(second), "--print-config").out == printed.out
    said, kept = tomllib.loads(text), tomllib.loads(printed.out)
    assert kept.get("issuer") == said.get("issuer")
    assert kept.get("resource") == said.get("resource")
    assert [one.get("id") for one in kept["client"]] == [one.get("id") or one["client_id"] for one in said["client"]]


def test_the_command_line_chooses_among_issuers_and_wins(tmp_path: Path) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(ISSUERS)
    ran = oauthctl("serve", "--config", str(path), "--issuer", "/two", "--issuer", "/three", "--print-config")
    assert [one["url"] for one in tomllib.loads(ran.out)["issuer"]] == ["/two", "/three"]


def test_what_is_printed_has_the_command_line_before_the_issuers(tmp_path: Path) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(ISSUERS)
    words = ("--token-seconds", "5", "--fault", "id-token-expired", "--client", "id=shop,name=Other", "--user", "carol,name=Carola")
    printed = tomllib.loads(oauthctl("serve", "--config", str(path), *words, "--print-config").out)
    assert printed["issuer"] == [{"url": "/one", "legacy": True}, {"url": "/two", "state": "two.db", "key": [{"alg": "ES256"}]}]
    assert printed["client"] == [{"id": "everywhere"}, {"id": "shop", "name": "Other"}]
    assert (printed["lifetimes"]["access-token"], printed["server"]["fault"]) == (5, ["id-token-expired"])
