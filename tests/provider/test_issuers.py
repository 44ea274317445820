"""Several issuers on one server: which of them a request is for."""

from __future__ import annotations

import pytest

from oauthctl.errors import ConfigError
from oauthctl.http import Request
from oauthctl.provider.issuers import chosen, issuers_page, require_distinct

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


def test_who_asks_for_none_is_shown_where_they_are() -> None:
    start, elsewhere = (issuers_page((ONE, TWO), asked(path)) for path in ("/", "/<b>"))
    assert (start.status, elsewhere.status) == (200, 404)
    assert f'<a href="{TWO}/">{TWO}</a>' in start.body.decode()
    assert "&lt;b&gt;" in elsewhere.body.decode()
