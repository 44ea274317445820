"""`oauthctl discover --diff`: two servers, or one now and before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, providing

ONE = {
    "issuer": "https://login.example/one/v2",
    "authorization_endpoint": "https://login.example/one/authorize",
    "token_endpoint": "https://login.example/one/token",
    "scopes_supported": ["openid", "email"],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


def diff(folder: Path, *argv: str) -> Ran:
    return oauthctl("discover", "--diff", *argv, environ=isolated(folder))


def saved(path: Path, document: dict[str, Any]) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def of_tenant(name: str) -> dict[str, Any]:
    """The same product's metadata for another tenant."""
    return dict(json.loads(json.dumps(ONE).replace("/one/", f"/{name}/")))


def test_two_tenants_of_one_product_differ_in_their_issuer_alone(tmp_path: Path) -> None:
    ran = diff(tmp_path, saved(tmp_path / "a.json", ONE), saved(tmp_path / "b.json", of_tenant("two")), "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["verdict"]) == (1, "different")
    assert [(one["place"], one["kind"]) for one in document["differences"]] == [("metadata.issuer", "path")]


@pytest.mark.parametrize(
    ("change", "place", "kind"),
    [
        ({"scopes_supported": ["email", "openid"]}, "", ""),
        ({"scopes_supported": ["email", "openid", "phone"]}, "metadata.scopes_supported", "words"),
        ({"token_endpoint": "https://login.example/one/v1/token"}, "metadata.token_endpoint", "path"),
        ({"token_endpoint": "http://login.example/one/token"}, "metadata.token_endpoint", "scheme"),
        ({"code_challenge_methods_supported": ["S256"]}, "metadata.code_challenge_methods_supported", "extra"),
        ({"require_pushed_authorization_requests": True}, "metadata.require_pushed_authorization_requests", "extra"),
        # What absence means anyway.
        ({"require_pushed_authorization_requests": False}, "", ""),
        ({"grant_types_supported": ["implicit", "authorization_code"]}, "", ""),
        ({"house_of_cards": 1}, "metadata.house_of_cards", "extra"),
    ],
)
def test_a_member_differs_in_a_certain_way(tmp_path: Path, change: dict[str, Any], place: str, kind: str) -> None:
    ran = diff(tmp_path, saved(tmp_path / "a.json", ONE), f"@{saved(tmp_path / 'b.json', ONE | change)}", "--json")
    found = [(one["place"], one["kind"]) for one in json.loads(ran.out)["differences"]]
    assert found == ([(place, kind)] if place else [])
    assert ran.code == (1 if place else 0)


def test_a_server_is_compared_with_itself(tmp_path: Path, provider: Provider) -> None:
    ran = diff(tmp_path, provider.issuer, provider.issuer)
    assert (ran.code, ran.err) == (0, "nothing differs\n")


def test_what_was_saved_is_compared_with_now(tmp_path: Path, provider: Provider) -> None:
    now = json.loads(oauthctl("discover", provider.issuer, "--json", environ=isolated(tmp_path)).out)
    now["metadata"]["scopes_supported"] = [*now["metadata"]["scopes_supported"], "gone"]
    ran = diff(tmp_path, saved(tmp_path / "before.json", now))
    assert ran.code == 1
    assert ran.out.startswith(f"A  {tmp_path / 'before.json'}\nB  {provider.issuer}/.well-known/")
    assert "`scopes_supported` (scopes that can be asked for; not always all): A alone has `gone`" in ran.out
    assert ran.err == "1 difference; each URL was compared as its own issuer's\n"


def test_a_recording_is_what_was_saved_too(tmp_path: Path, provider: Provider) -> None:
    oauthctl("discover", provider.issuer, environ=isolated(tmp_path))
    ran = diff(tmp_path, "last", provider.issuer)
    assert ran.code == 0
    assert ran.out.startswith("A  the recording ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--diff", "https://one.example"), "`--diff` takes two of them"),
        (("https://one.example", "https://two.example"), "two targets were given"),
        (("--diff", "@none.json"), "`none.json` can't be read"),
    ],
)
def test_what_can_not_be_compared_is_refused(tmp_path: Path, argv: tuple[str, ...], message: str) -> None:
    ran = oauthctl("discover", *argv, environ=isolated(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


@pytest.mark.parametrize("text", ["{", "[]", '{"log": {"entries": []}}', "{}"])
def test_a_file_without_metadata_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text, encoding="utf-8")
    assert diff(tmp_path, str(path), str(path)).code == 2
