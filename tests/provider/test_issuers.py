"""Several issuers on one server: which of them a request is for."""

from __future__ import annotations

import pytest

from oauthctl.errors import ConfigError
from oauthctl.http import Request
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.issuers import chosen, is_issuer, issuers_page, require_apart, require_distinct
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from tests.provider.world import World, claims_of, document, practice_state

ONE, TWO, INNER = "http://127.0.0.1:9000/one", "http://127.0.0.1:9000/two", "http://127.0.0.1:9000/one/inner"
ROOT, NAMED = "http://127.0.0.1:9000", "https://op.example/one"


def asked(path: str, host: str = "127.0.0.1:9000") -> Request:
    return Request("GET", f"http://{host}{path}")


@pytest.mark.parametrize(
    ("issuers", "path", "issuer"),
    [
        ((ONE, TWO), "/one/token", ONE),
        ((ONE, TWO), "/two/token", TWO),
        ((ONE, TWO), "/two/", TWO),
        ((ONE, TWO), "/two", TWO),
        ((ONE, TWO), "/twofold/token", None),
        ((ONE, TWO), "/token", None),
        ((ONE, TWO), "/", None),
        ((ONE, TWO), "/favicon.ico", None),
        ((ONE, INNER), "/one/inner/token", INNER),
        ((INNER, ONE), "/one/token", ONE),
        ((ONE, TWO, ROOT), "/token", ROOT),
        ((ROOT, ONE), "/one/token", ONE),
        # RFC 8414 section 3.1 puts the path behind the well-known part, OpenID Connect Discovery section 4 in front of it.
        ((ONE, TWO), "/.well-known/oauth-authorization-server/two", TWO),
        ((ONE, TWO), "/.well-known/openid-configuration/two", TWO),
        ((ONE, TWO), "/two/.well-known/openid-configuration", TWO),
        ((ONE, TWO), "/.well-known/oauth-protected-resource/two/api/items", TWO),
        ((ONE, TWO), "/.well-known/oauth-authorization-server", None),
        ((ONE, ROOT), "/.well-known/oauth-authorization-server", ROOT),
        ((ONE,), "/two/token", ONE),
    ],
)
def test_the_longest_path_that_fits_decides(issuers: tuple[str, ...], path: str, issuer: str | None) -> None:
    which = chosen(issuers, asked(path))
    assert (None if which is None else issuers[which]) == issuer


@pytest.mark.parametrize(
    ("host", "issuer"), [("op.example", NAMED), ("OP.EXAMPLE", NAMED), ("127.0.0.1:9000", ONE), ("localhost:9000", ONE)]
)
def test_where_the_path_is_the_same_the_host_decides(host: str, issuer: str) -> None:
    assert (ONE, NAMED)[chosen((ONE, NAMED), asked("/one/token", host)) or 0] == issuer


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="asked for twice"):
        require_distinct((ONE, TWO, ONE))


def test_two_that_differ_by_the_slash_at_the_end_have_one_place() -> None:
    with pytest.raises(ConfigError, match=f"`{ONE}` and `{ONE}/` differ by the slash at the end alone"):
        require_distinct((ONE, f"{ONE}/"))


@pytest.mark.parametrize(
    ("issuers", "problem"),
    [
        ((ROOT, ONE, INNER), ""),
        ((ROOT, f"{ROOT}/tokens"), ""),
        ((ONE, f"{ROOT}/token"), ""),
        ((ROOT, f"{ROOT}/token"), f"`{ROOT}/token` takes the path `/token` of `{ROOT}`"),
        ((f"{ROOT}/api/", f"{ROOT}/"), f"`{ROOT}/api/` takes the path `/api/items` of `{ROOT}/`"),
        ((f"{ONE}/control", ONE), f"`{ONE}/control` takes the path `/one/control/faults` of `{ONE}`"),
        ((ROOT, f"{ROOT}/.well-known/openid-configuration"), "takes the path"),
        ((ROOT, "https://op.example/jwks"), "takes the path `/jwks`"),
    ],
)
def test_no_issuer_lies_where_another_has_an_endpoint(issuers: tuple[str, ...], problem: str) -> None:
    states = [practice_state(issuer, is_controllable=True) for issuer in issuers]
    if not problem:
        require_apart(states)
        return
    with pytest.raises(ConfigError) as caught:
        require_apart(states)
    assert problem in caught.value.message


@pytest.mark.parametrize(
    ("issuer", "can_be"),
    [
        ("/one", True),
        ("/one/", True),
        ("/", True),
        ("/%C3%A4/~a:b@c,(d)", True),
        ("https://op.example/one", True),
        ("https://op.example/one/", True),
        ("https://op.example", True),
        ("http://[::1]:9000/", True),
        ("/ä", False),
        ("/a b", False),
        ("/a|b", False),
        ("/a%2", False),
        ("/[a]", False),
        ("/a?b", False),
        ("//a", False),
        ("/a/../b", False),
        ("https://op.example/ä", False),
        ("https://öp.example", False),
        ("https://op.example/#a", False),
        ("ftp://op.example", False),
    ],
)
def test_an_issuer_has_what_a_uri_may_have(issuer: str, can_be: bool) -> None:
    assert is_issuer(issuer) is can_be


@pytest.mark.parametrize("issuer", [f"{ROOT}/", f"{ONE}/"])
def test_an_issuer_may_end_with_a_slash(issuer: str) -> None:
    world = World(practice_state(issuer))
    below = world.state.base_path
    assert not below.endswith("/")
    # OpenID Connect Discovery section 4.1, RFC 8414 section 3.1: "any terminating "/" MUST be removed".
    places = (f"{below}/.well-known/openid-configuration", f"/.well-known/oauth-authorization-server{below}")
    told = [document(world.get(path)) for path in places]
    assert [one["issuer"] for one in told] == [issuer, issuer]
    assert told[0]["token_endpoint"] == f"{issuer}token"
    assert world.get(f"{below}/").status == 200
    tokens = world.tokens()
    assert (claims_of(tokens["id_token"])["iss"], take_apart(tokens["access_token"]).claim_text("iss")) == (issuer, issuer)
    assert world.answer().get("iss") == issuer
    api = world.get(f"{below}/api/items", Authorization=f"Bearer {tokens['access_token']}")
    assert api.status == 200


@pytest.mark.parametrize(("issuer", "said"), [(ROOT, f"{ROOT}/"), (f"{ROOT}/", ROOT)])
@pytest.mark.parametrize("fault", ["metadata-issuer-slash", "id-token-issuer-slash"])
def test_the_fault_about_the_slash_turns_it_round(issuer: str, said: str, fault: str) -> None:
    world = World(practice_state(issuer, faults=(read_fault(fault),)))
    if fault.startswith("metadata"):
        assert document(world.get("/.well-known/openid-configuration"))["issuer"] == said
    else:
        assert claims_of(world.tokens()["id_token"])["iss"] == said


def test_a_persona_has_its_own_slash_alone() -> None:
    issuers = {wear(practice_state(home), persona_named("auth0")).issuer for home in (ROOT, f"{ROOT}/")}
    assert issuers == {f"{ROOT}/"}


def test_who_asks_for_none_is_shown_where_they_are() -> None:
    start, elsewhere = (issuers_page((ONE, TWO), asked(path)) for path in ("/", "/<b>"))
    assert (start.status, elsewhere.status) == (200, 404)
    assert f'<a href="{TWO}/">{TWO}</a>' in start.body.decode()
    assert "&lt;b&gt;" in elsewhere.body.decode()
