"""What two sides may differ in: the tenants' own names, the ports of listeners."""

from __future__ import annotations

import pytest

from oauthctl.record.difference_ground import Ground

ENTRA = Ground("https://login.example/0a1b/v2.0", "https://login.example/9c8d/v2.0")
AUTH0 = Ground("https://one.eu.auth.example/", "https://two.eu.auth.example/")
PRACTICE = Ground("http://127.0.0.1:9000", "https://op.example")
DOWNGRADED = Ground("http://op.example", "https://op.example")
UNLIKE = Ground("https://op.example/realms/shop", "https://sso.example")


@pytest.mark.parametrize(
    ("ground", "a", "b", "is_same"),
    [
        (ENTRA, "https://login.example/0a1b/oauth2/token", "https://login.example/9c8d/oauth2/token", True),
        (ENTRA, "https://login.example/0a1b/oauth2/token", "https://login.example/0a1b/oauth2/token", True),
        (ENTRA, "https://login.example/0a1b/oauth2/token", "https://login.example/9c8d/oauth2/v2/token", False),
        # A client that asks the other tenant's endpoint is what one looks for.
        (ENTRA, "https://login.example/9c8d/token", "https://login.example/0a1b/token", False),
        (ENTRA, "https://login.example/0a1bc/token", "https://login.example/9c8dc/token", False),
        (AUTH0, "https://one.eu.auth.example/authorize", "https://two.eu.auth.example/authorize", True),
        (AUTH0, "https%3A%2F%2Fone.eu.auth.example%2F", "https%3A%2F%2Ftwo.eu.auth.example%2F", True),
        (AUTH0, "https://one.eu.auth.example.evil.test/", "https://two.eu.auth.example.evil.test/", False),
        (UNLIKE, "https://op.example/realms/shop/token", "https://sso.example/token", True),
        (PRACTICE, "http://127.0.0.1:9000/token", "https://op.example/token", True),
        (PRACTICE, "http://127.0.0.1:9000/token", "http://op.example/token", False),
        (DOWNGRADED, "http://op.example/token", "https://op.example/token", False),
        (Ground(), "https://a.example", "https://b.example", False),
        (Ground(), "http://127.0.0.1:49152/cb", "http://127.0.0.1:50000/cb", True),
        (Ground(), "http://127.0.0.1:8080/cb", "http://127.0.0.1:50000/cb", False),
        (Ground(), "http://127.0.0.1:49152/cb", "http://localhost:50000/cb", False),
        (Ground(), "http://127.0.0.1:49152/cb", "http://127.0.0.1:50000/other", False),
        (Ground(), "https://app.example:49152/cb", "https://app.example:50000/cb", False),
    ],
)
def test_the_same_place_of_two_tenants_is_the_same(ground: Ground, a: str, b: str, is_same: bool) -> None:
    assert ground.is_same(a, b) is is_same
    assert Ground(ground.issuer_b, ground.issuer_a).is_same(b, a) is is_same


@pytest.mark.parametrize("issuer", ["", "no url", "https://[", "https://op.example:x", "urn:a:b"])
def test_an_issuer_that_is_no_url_maps_nothing(issuer: str) -> None:
    assert not Ground(issuer, "https://op.example").is_same("https://a.example", "https://b.example")
