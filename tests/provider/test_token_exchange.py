"""Tokens in exchange for tokens, at the provider."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE, token_type_uri
from oauthctl.provider.state import ProviderState
from tests.provider.world import ISSUER, SECRET, World, practice_state, with_client

OTHER = "https://original-issuer.example.net"
OTHER_KEY: Jwk = generate("ES256").with_(kid="16")
API = f"{ISSUER}/api/items"


def trusting(**changes: Any) -> World:
    return World(replace(practice_state(), trusted_issuers={OTHER: (OTHER_KEY.public(),)}, **changes))


def exchange(world: World, token: str, kind: str = "access_token", *, client_id: str = "web", **more: str | None) -> Response:
    form: dict[str, str | None] = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": token_type_uri(kind)}
    named = {name: token_type_uri(value) if value and name.endswith("_type") else value for name, value in more.items()}
    return world.token_request({**form, **named}, client_id=client_id, secret=SECRET)


def sign_in(world: World, scope: str = "openid items.read items.write offline_access") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(world.redeem(world.code(client_id="web", scope=scope), client_id="web", secret=SECRET).body)
    return document


def body(response: Response) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(response.body)
    return document


def claims(document: dict[str, Any]) -> dict[str, Any]:
    return dict(take_apart(document["access_token"]).claims or {})


def with_backend(state: ProviderState, **changes: Any) -> ProviderState:
    """A second service, which the API of items calls."""
    own = {"secret": SECRET, "scopes": ("items.read", "items.write"), "grant_types": ("client_credentials", TOKEN_EXCHANGE)}
    return with_client(state, "backend", **{**own, "resources": ("/api/items",), **changes})


def own_token(world: World, client_id: str) -> str:
    """What a client gets in its own name."""
    answer = world.token_request({"grant_type": "client_credentials"}, client_id=client_id, secret=SECRET)
    return str(body(answer)["access_token"])


def theirs(world: World, *, typ: str = "JWT", **changes: Any) -> str:
    now = int(world.now.timestamp())
    own = {"iss": OTHER, "sub": "alice", "aud": ISSUER, "exp": now + 60, "iat": now}
    return sign({name: value for name, value in (own | changes).items() if value is not None}, OTHER_KEY, header={"typ": typ})


@pytest.mark.parametrize(("typ", "is_taken"), [("JWT", True), ("at+jwt", True), ("logout+jwt", False), ("dpop+jwt", False)])
def test_a_foreign_jwt_is_traded_for_what_it_is(typ: str, is_taken: bool) -> None:
    """RFC 8725 section 3.11: a logout token is signed by the same key, and says nothing of who may do what."""
    world = trusting()
    answer = body(exchange(world, theirs(world, typ=typ), "jwt", scope="items.read"))
    assert ("access_token" in answer, "another kind" in answer.get("error_description", "")) == (is_taken, not is_taken)


def test_a_persons_token_becomes_another_services_own() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], client_id="service", resource=API, scope="items.read"))
    assert (answer["issued_token_type"], answer["token_type"]) == (token_type_uri("access_token"), "Bearer")
    assert "refresh_token" not in answer
    found = claims(answer)
    assert (found["sub"], found["client_id"], found["aud"], found["scope"]) == ("alice", "service", API, "items.read")
    assert "act" not in found
    assert world.get("/api/items", Authorization=f"Bearer {answer['access_token']}").status == 200
    assert world.get("/api/photos", Authorization=f"Bearer {answer['access_token']}").status == 401


def test_scopes_never_grow_and_need_not_be_named() -> None:
    world = World()
    token = sign_in(world, "openid items.read offline_access")["access_token"]
    assert body(exchange(world, token))["scope"] == "items.read"
    assert body(exchange(world, token, scope="items.write"))["error"] == "invalid_scope"


def test_who_acts_is_said_with_those_who_acted_before() -> None:
    """RFC 8693 section 4.1: person, web site, first service, second service, each with a token that is for it."""
    world = World(with_backend(practice_state()))
    person = sign_in(world)["access_token"]
    service, backend = own_token(world, "service"), own_token(world, "backend")
    first = body(exchange(world, person, client_id="service", actor_token=service, actor_token_type="access_token"))
    assert claims(first)["act"] == {"sub": "service"}
    second = body(exchange(world, first["access_token"], client_id="backend", actor_token=backend, actor_token_type="access_token"))
    assert claims(second)["act"] == {"sub": "backend", "act": {"sub": "service"}}
    kept = body(exchange(world, second["access_token"], client_id="backend"))
    assert claims(kept)["act"] == claims(second)["act"]
    told = body(world.post("/introspect", {"token": second["access_token"], "client_id": "api", "client_secret": SECRET}))
    assert (told["sub"], told["act"]) == ("alice", claims(second)["act"])


@pytest.mark.parametrize(("may_act", "status"), [({"sub": "bob"}, 200), ({"sub": "carol"}, 400)])
def test_who_may_act_is_heeded(may_act: dict[str, str], status: int) -> None:
    """RFC 8693 section 4.4 and appendix A.2.1."""
    world = trusting()
    actor = theirs(world, sub="bob")
    answer = exchange(world, theirs(world, may_act=may_act), "jwt", actor_token=actor, actor_token_type="jwt")
    assert answer.status == status
    if status == 200:
        assert claims(body(answer))["act"] == {"sub": "bob"}


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token", "jwt"])
def test_each_type_of_ours_can_be_traded(kind: str) -> None:
    world = World()
    tokens = sign_in(world)
    answer = body(exchange(world, tokens["access_token" if kind == "jwt" else kind], kind, scope="items.read"))
    assert claims(answer)["sub"] == "alice"
    assert "refresh_token" not in answer


@pytest.mark.parametrize(("kind", "lives"), [("access_token", 300), ("jwt", 300), ("id_token", 600)])
def test_nothing_outlives_what_it_was_traded_for(kind: str, lives: int) -> None:
    """Else a client could trade its token again and again, and would never need the person any more."""
    world = World()
    tokens = sign_in(world)
    token = tokens["access_token" if kind == "jwt" else kind]
    world.wait(lives - 40.5)
    answer = body(exchange(world, token, kind, scope="items.read"))
    assert 39 <= answer["expires_in"] <= 41
    assert claims(answer)["exp"] <= (take_apart(token).claims or {})["exp"]
    further = body(exchange(world, token, kind, requested_token_type="jwt", audience="https://chat.example"))
    assert claims(further)["exp"] <= (take_apart(token).claims or {})["exp"]


def test_an_id_token_comes_as_what_it_is() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], requested_token_type="id_token"))
    assert (answer["issued_token_type"], answer["token_type"]) == (token_type_uri("id_token"), "N_A")
    assert (claims(answer)["sub"], claims(answer)["aud"]) == ("alice", "web")
    assert "id_token" not in answer


def test_a_machine_that_a_trusted_issuer_speaks_for_gets_a_token_in_its_own_name() -> None:
    world = trusting()
    answer = body(exchange(world, theirs(world, sub="repo:octo/site:ref:refs/heads/main"), "jwt", client_id="service", scope="items.read"))
    assert claims(answer)["sub"] == "repo:octo/site:ref:refs/heads/main"
    seen = body(world.get("/api/items", Authorization=f"Bearer {answer['access_token']}"))
    assert seen["for"] == "repo:octo/site:ref:refs/heads/main"


def test_an_id_jag_is_made_for_another_server() -> None:
    """draft-ietf-oauth-identity-assertion-authz-grant: what is in it, and that it is no access token."""
    world = World(with_client(practice_state(), "web", scopes=("openid", "items.read", "items.write", "offline_access", "chat.read")))
    answer = body(
        exchange(
            world,
            sign_in(world)["id_token"],
            "id_token",
            requested_token_type="id-jag",
            audience="https://chat.example",
            scope="chat.read",
            resource="https://chat.example/api",
        )
    )
    assert (answer["issued_token_type"], answer["token_type"], answer["scope"]) == (token_type_uri("id-jag"), "N_A", "chat.read")
    token = take_apart(answer["access_token"])
    assert token.typ == "oauth-id-jag+jwt"
    found = claims(answer)
    assert (found["iss"], found["sub"], found["aud"], found["client_id"]) == (ISSUER, "alice", "https://chat.example", "web")
    assert (found["scope"], found["resource"], found["email"]) == ("chat.read", "https://chat.example/api", "alice@example.com")
    assert found["exp"] - found["iat"] == 300
    assert world.get("/api/items", Authorization=f"Bearer {answer['access_token']}").status == 401


def test_a_chained_identity_is_a_plain_jwt_for_another_server() -> None:
    """draft-ietf-oauth-identity-chaining."""
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], requested_token_type="jwt", audience="https://b.example"))
    assert (answer["issued_token_type"], answer["token_type"], claims(answer)["aud"]) == (token_type_uri("jwt"), "N_A", "https://b.example")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"subject_token": None}, "invalid_request", "belong together"),
        ({"subject_token_type": None}, "invalid_request", "belong together"),
        ({"actor_token": "x"}, "invalid_request", "actor_token_type"),
        ({"actor_token_type": "access_token"}, "invalid_request", "actor_token"),
        ({"subject_token_type": "saml2"}, "invalid_request", "subject_token_type is unsupported"),
        ({"requested_token_type": "saml2"}, "invalid_request", "requested_token_type is unsupported"),
        ({"audience": "nobody"}, "invalid_target", "unknown"),
        ({"resource": "https://elsewhere.example"}, "invalid_target", "unknown"),
        ({"requested_token_type": "id-jag"}, "invalid_request", "audience"),
        ({"requested_token_type": "id-jag", "audience": ISSUER}, "invalid_target", "this very server"),
        ({"subject_token": "not-a-token"}, "invalid_request", "no access token of this server"),
    ],
)
def test_what_is_wrong_with_the_request_is_said(changes: dict[str, str | None], error: str, words: str) -> None:
    world = World()
    good: dict[str, str | None] = {"subject_token": sign_in(world)["access_token"], "subject_token_type": "access_token"}
    form = {name: token_type_uri(value) if value and name.endswith("_type") else value for name, value in (good | changes).items()}
    answer = body(world.token_request({"grant_type": TOKEN_EXCHANGE, **form}, client_id="web", secret=SECRET))
    assert answer["error"] == error
    assert words in answer["error_description"]


def test_a_token_that_is_over_or_revoked_is_not_traded() -> None:
    world = World()
    tokens = sign_in(world)
    world.post("/revoke", {"token": tokens["refresh_token"], "client_id": "web", "client_secret": SECRET})
    assert "revoked" in body(exchange(world, tokens["access_token"]))["error_description"]
    later = sign_in(world)
    world.wait(301)
    assert "expired" in body(exchange(world, later["access_token"]))["error_description"]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_what_was_traded_ends_with_what_it_was_traded_for(kind: str) -> None:
    """RFC 8693 section 2.1 leaves to the server whether the two hang together: revoking a sign-in has to end what came of it."""
    world = World(with_backend(practice_state()))
    tokens, other = sign_in(world), sign_in(world)
    first = body(exchange(world, tokens[kind], kind, scope="items.read"))["access_token"]
    second = body(exchange(world, first, client_id="backend"))["access_token"]
    unrelated = body(exchange(world, other["access_token"], scope="items.read"))["access_token"]
    world.post("/revoke", {"token": tokens["refresh_token"], "client_id": "web", "client_secret": SECRET})
    opened = [world.get("/api/items", Authorization=f"Bearer {one}").status for one in (first, second, unrelated)]
    assert opened == [401, 401, 200]
    assert "revoked" in body(exchange(world, second, client_id="backend"))["error_description"]


def test_an_id_token_is_for_its_own_client_alone() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["id_token"], "id_token", client_id="service", scope="items.read"))
    assert (answer["error"], "another client" in answer["error_description"]) == ("invalid_request", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://stranger.example"}, "not trusted"),
        ({"aud": "https://elsewhere.example"}, "another audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no exp"),
        ({"sub": None}, "no sub"),
        ({"nbf": 4102444800}, "future"),
        ({"nbf": "x"}, "nbf of the subject_token does not count seconds"),
        ({"jti": [1]}, "jti of the subject_token is no string"),
        ({"act": [1]}, "act of the subject_token names nobody"),
        ({"may_act": "x"}, "may_act of the subject_token names nobody"),
        ({"may_act": {"sub": []}}, "may_act of the subject_token names nobody"),
        ({"scope": [1]}, "scope of the subject_token is no string"),
    ],
)
def test_a_token_of_another_issuer_is_judged(changes: dict[str, Any], words: str) -> None:
    world = trusting()
    answer = body(exchange(world, theirs(world, **changes), "jwt", scope="items.read"))
    assert answer["error"] == "invalid_request"
    assert words in answer["error_description"]


def test_another_key_under_a_trusted_name_is_no_good() -> None:
    world = trusting(clients=practice_state().clients)
    forged = sign(dict(take_apart(theirs(world)).claims or {}), generate("ES256").with_(kid="16"))
    assert "signature" in body(exchange(world, forged, "jwt", scope="items.read"))["error_description"]
    unsigned = theirs(world).rpartition(".")[0] + "."
    assert body(exchange(world, unsigned, "jwt", scope="items.read"))["error"] == "invalid_request"


@pytest.mark.parametrize("role", ["subject", "actor"])
def test_a_token_is_traded_by_those_alone_whom_it_is_for(role: str) -> None:
    """RFC 8693 section 5: client authentication is there so that the server can check who may act for others."""
    world = World(with_backend(practice_state(), resources=()))
    foreign, own = sign_in(world)["access_token"], own_token(world, "backend")
    tokens = {"subject": foreign} if role == "subject" else {"subject": own, "actor": foreign}
    form = {"actor_token": tokens["actor"], "actor_token_type": "access_token"} if role == "actor" else {}
    answer = body(exchange(world, tokens["subject"], client_id="backend", scope="items.read", **form))
    assert answer["error"] == "invalid_request"
    assert f"{role}_token was issued to another client" in answer["error_description"]
    assert "audience" in answer["error_description"]


@pytest.mark.parametrize(
    ("resource", "status"), [(None, 200), (ISSUER, 200), (API, 200), (f"{ISSUER}/api/photos", 400), (f"{ISSUER}/photos", 400)]
)
def test_a_service_trades_the_tokens_that_reach_it(resource: str | None, status: int) -> None:
    """RFC 8693 section 2.3: a resource server trades the token that it was called with."""
    world = World(with_backend(practice_state()))
    code = world.code(client_id="web", scope="openid items.read", resource=resource)
    token = body(world.redeem(code, client_id="web", secret=SECRET, resource=resource))["access_token"]
    assert exchange(world, token, client_id="backend").status == status


@pytest.mark.parametrize("asked", ["items.write", "photos.read", "items.read photos.write", "offline_access"])
def test_an_id_token_opens_no_more_than_its_person_allowed(asked: str) -> None:
    world = World()
    token = sign_in(world, "openid items.read")["id_token"]
    answer = body(exchange(world, token, "id_token", scope=asked))
    assert (answer["error"], "has not allowed" in answer["error_description"]) == ("invalid_scope", True)
    assert body(exchange(world, token, "id_token"))["scope"] == "items.read"


def test_an_id_token_needs_a_sign_in_behind_it() -> None:
    world = World(with_backend(practice_state(), scopes=("openid", "items.read")))
    mine = body(exchange(world, sign_in(world, "items.read")["access_token"], requested_token_type="id_token"))
    assert (mine["error"], "openid" in mine["error_description"]) == ("invalid_scope", True)
    for scope in ("items.read", "openid items.read"):
        token = sign_in(world, scope)["access_token"]
        passed_on = body(exchange(world, token, client_id="backend", requested_token_type="id_token"))
        assert (passed_on["error"], "signed in" in passed_on["error_description"]) == ("invalid_request", True)


@pytest.mark.parametrize(("kind", "status"), [("id_token", 200), ("refresh_token", 200), ("access_token", 400), ("jwt", 400)])
def test_an_id_jag_is_given_for_what_says_who_signed_in(kind: str, status: int) -> None:
    """draft-ietf-oauth-identity-assertion-authz-grant: an ID token, or the refresh token of the same sign-in."""
    world = World()
    token = sign_in(world)["access_token" if kind == "jwt" else kind]
    answer = exchange(world, token, kind, requested_token_type="id-jag", audience="https://chat.example")
    assert answer.status == status
    if status == 400:
        assert "ID token or a refresh token" in body(answer)["error_description"]


@pytest.mark.parametrize(
    ("kind", "wanted", "scope", "status"),
    [
        ("id_token", "id-jag", "items.read photos.read", 200),
        ("id_token", "id-jag", "chat.write", 400),
        ("refresh_token", "id-jag", "photos.read", 200),
        ("id_token", "jwt", "photos.read", 200),
        ("id_token", "jwt", "chat.write", 400),
        ("access_token", "jwt", "photos.read", 200),
        ("access_token", "jwt", "chat.write", 400),
    ],
)
def test_the_scopes_of_an_assertion_have_an_end(kind: str, wanted: str, scope: str, status: int) -> None:
    """Another server's scopes are those that are registered for the client."""
    world = World()
    token = sign_in(world, "openid items.read offline_access")[kind]
    answer = exchange(world, token, kind, requested_token_type=wanted, audience="https://chat.example", scope=scope)
    assert answer.status == status
    if status == 400:
        assert body(answer)["error"] == "invalid_scope"
    else:
        assert claims(body(answer))["scope"] == scope


@pytest.mark.parametrize(("scope", "status"), [("items.read", 200), ("items.write", 400)])
def test_what_is_passed_on_does_not_grow_on_its_way_to_another_server(scope: str, status: int) -> None:
    """draft-ietf-oauth-identity-chaining: a service goes on with what it was called with."""
    world = World(with_backend(practice_state()))
    token = sign_in(world, "openid items.read")["access_token"]
    asked = {"requested_token_type": "jwt", "audience": "https://b.example", "scope": scope}
    assert exchange(world, token, client_id="backend", **asked).status == status


@pytest.mark.parametrize("wanted", ["id-jag", "jwt"])
def test_no_assertion_is_made_that_a_client_here_could_take_for_an_id_token(wanted: str) -> None:
    """A client may be named by a URL, as a server is."""
    world = World(with_client(practice_state(), "https://app.example/client.json"))
    asked = {"requested_token_type": wanted, "audience": "https://app.example/client.json"}
    answer = body(exchange(world, sign_in(world)["id_token"], "id_token", **asked))
    assert (answer["error"], "a client of this server" in answer["error_description"]) == ("invalid_target", True)


@pytest.mark.parametrize("mode", ["query.jwt", "form_post.jwt"])
def test_what_is_signed_here_and_is_no_id_token_is_none(mode: str) -> None:
    """The answer of an authorization request as a JWT has the same issuer and audience, and is about nobody."""
    world = World()
    sign_in(world)
    answer = world.ask(client_id="web", response_mode=mode, prompt="none")
    found = re.search(r"[\w-]+\.[\w-]+\.[\w-]{20,}", answer.text or answer.headers.get("location") or "")
    assert found is not None
    refused = body(exchange(world, found[0], "id_token"))
    assert (refused["error"], "no ID token" in refused["error_description"]) == ("invalid_request", True)


def test_a_public_client_exchanges_nothing() -> None:
    world = World()
    form = {"grant_type": TOKEN_EXCHANGE, "client_id": "public", "subject_token": "x", "subject_token_type": token_type_uri("jwt")}
    assert body(world.post("/token", form))["error"] == "unauthorized_client"


def test_the_metadata_says_so() -> None:
    document = json.loads(World().get("/.well-known/openid-configuration").body)
    assert TOKEN_EXCHANGE in document["grant_types_supported"]
    assert token_type_uri("id-jag") in document["identity_chaining_requested_token_types_supported"]
