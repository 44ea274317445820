"""`oauthctl login --grant implicit` and `--grant hybrid`: legacy, for servers that still want it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from oauthctl.http import Params, Request, Response
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.response_types import HYBRID, IMPLICIT
from oauthctl.provider.state import with_legacy
from tests.cli.page_scripts import form_posted, fragment_posted
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, Spoil, members, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import Page, browse
from tests.provider.world import keys

STRANGER = generate("RS256").with_(kid="forged")
DENY = (Form({"username": "alice", "password": "alice"}), Form(button=Button("decision", "deny")))


@pytest.fixture(scope="module")
def legacy_running() -> Iterator[Provider]:
    with providing(change=with_legacy) as started:
        yield started


@pytest.fixture
def legacy(legacy_running: Provider) -> Provider:
    """A provider that was told to speak it."""
    legacy_running.reset()
    return legacy_running


def by_fragment(url: str) -> Page:
    return fragment_posted(browse(url, ALICE))


def by_form(url: str) -> Page:
    return form_posted(browse(url, ALICE))


def login(op: Provider, folder: Path, *argv: str, scope: str = "openid items.read", by: Callable[[str], Page] = by_form) -> Ran:
    words = ("login", op.issuer, "--client-id", "public", "--scope", scope, "--timeout", "8", *argv)
    ran, _ = oauthctl_with(by, *words, folder=folder)
    return ran


def tokens(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "state" / "tokens").glob("*.json")
    return dict(json.loads(path.read_text()))


def profile(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "config" / "profiles").glob("*.toml")
    return tomllib.loads(path.read_text())


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in (folder / "state" / "recordings").rglob("*.har"))


def found_first(folder: Path) -> str:
    """The rule that names the root cause of the last run."""
    found = oauthctl("diagnose", "--json", environ=isolated(folder))
    return str(json.loads(found.out)["findings"][0]["rule"])


class TestSigningIn:
    @pytest.mark.parametrize("response_type", [*IMPLICIT, *HYBRID])
    def test_each_response_type_signs_in_by_the_form_that_the_server_announces(
        self, legacy: Provider, tmp_path: Path, response_type: str
    ) -> None:
        ran = login(legacy, tmp_path, "--response-type", response_type)
        assert ran.code == 0, ran.err
        asked = legacy.asked("/authorize")[0].query
        assert (asked.get("response_type"), asked.get("response_mode")) == (response_type, "form_post")
        assert ("code_challenge" in asked) == ("code" in response_type)
        assert bool(legacy.asked("/token")) == ("code" in response_type)
        assert bool(tokens(tmp_path)["access_token"]) == (response_type != "id_token")
        assert ("✓ signature" in ran.err) == (response_type != "token")

    def test_a_fragment_is_handed_over_by_the_page_of_our_own(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--grant", "implicit", "--response-mode", "fragment", by=by_fragment)
        assert ran.code == 0, ran.err
        asked = legacy.asked("/authorize")[0].query
        assert asked.get("response_type") == "id_token token"
        assert "response_mode" not in asked
        assert "✓ signature" in ran.err
        assert "at-hash" in ran.err
        assert "refresh token none" in ran.err

    def test_a_server_that_announces_no_form_is_asked_for_a_fragment(self, legacy: Provider, tmp_path: Path) -> None:
        for path in ("openid-configuration", "oauth-authorization-server"):
            legacy.spoils[f"/.well-known/{path}"] = members(response_modes_supported=None)
        assert login(legacy, tmp_path, "--grant", "hybrid", by=by_fragment).code == 0
        assert "response_mode" not in legacy.asked("/authorize")[0].query

    def test_an_answer_in_a_jwt_comes_behind_the_hash(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--grant", "hybrid", "--response-mode", "jwt", by=by_fragment)
        assert ran.code == 0, ran.err
        assert legacy.asked("/authorize")[0].query.get("response_mode") == "fragment.jwt"

    def test_both_legs_are_held_against_each_other(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--response-type", "code id_token token")
        assert ran.code == 0, ran.err
        assert "c-hash" in ran.err
        assert "same-person" in ran.err
        assert "another access token came by the browser" in ran.err

    def test_a_pushed_request_and_a_dpop_key_go_with_a_code(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--grant", "hybrid", "--par", "always", "--dpop")
        assert ran.code == 0, ran.err
        assert tokens(tmp_path)["token_type"] == "DPoP"

    def test_the_profile_signs_in_the_same_way_again(self, legacy: Provider, tmp_path: Path) -> None:
        login(legacy, tmp_path, "--response-type", "token id_token code")
        assert (profile(tmp_path)["grant"], profile(tmp_path)["response_type"]) == ("hybrid", "code id_token token")
        legacy.reset()
        again, _ = oauthctl_with(by_form, "login", folder=tmp_path)
        assert again.code == 0, again.err
        assert legacy.asked("/authorize")[0].query.get("response_type") == "code id_token token"

    def test_the_code_flow_takes_the_place_of_what_the_profile_holds(self, legacy: Provider, tmp_path: Path) -> None:
        login(legacy, tmp_path, "--grant", "implicit")
        ran, _ = oauthctl_with(ALICE, "login", "--grant", "authorization_code", folder=tmp_path)
        assert ran.code == 0, ran.err
        assert "response_type" not in profile(tmp_path)
        assert "legacy" not in ran.err


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("response_type", "why"),
        [
            ("id_token token", "RFC 9700 section 2.1.2"),
            ("code token", "RFC 9700 section 2.1.2"),
            ("code id_token", "OAuth 2.1 and FAPI 2.0"),
        ],
    )
    def test_it_is_legacy_and_why_and_what_to_do_instead(self, legacy: Provider, tmp_path: Path, response_type: str, why: str) -> None:
        ran = login(legacy, tmp_path, "--response-type", response_type)
        assert f"`response_type={response_type}` is legacy" in ran.err
        assert why in ran.err
        assert "`--grant authorization_code`" in ran.err

    def test_an_id_token_alone_leaves_no_access_token_and_says_so(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--response-type", "id_token")
        assert "access token  none" in ran.err
        for command in (("token",), ("userinfo",), ("call", f"{legacy.issuer}/api/items")):
            tried = oauthctl(*command, environ=isolated(tmp_path))
            assert tried.code == 2
            assert "holds no access token" in tried.err
            assert tried.out == ""

    def test_the_access_token_is_as_good_as_any(self, legacy: Provider, tmp_path: Path) -> None:
        login(legacy, tmp_path, "--response-type", "token", scope="items.read")
        called = oauthctl("call", f"{legacy.issuer}/api/items", environ=isolated(tmp_path))
        assert called.code == 0, called.err

    @pytest.mark.parametrize(
        ("argv", "said"),
        [
            (("--grant", "implicit", "--response-type", "code id_token"), "contradict each other"),
            (("--response-type", "coupon"), "no response type"),
            (("--grant", "implicit", "--dpop"), "asks no token endpoint"),
            (("--grant", "hybrid", "--standard", "oauth2.1"), "contradicts the standard"),
            (("--param", "response_type=token"), "`--response-type TYPE`"),
        ],
    )
    def test_what_does_not_go_together_is_refused_before_anything_is_sent(
        self, legacy: Provider, tmp_path: Path, argv: tuple[str, ...], said: str
    ) -> None:
        ran = login(legacy, tmp_path, *argv)
        assert ran.code == 2
        assert said in ran.err
        assert legacy.requests == []

    def test_an_id_token_needs_its_scope(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--response-type", "code id_token", scope="items.read")
        assert ran.code == 2
        assert "--scope openid" in ran.err

    @pytest.mark.parametrize(("grant", "steps"), [("implicit", 0), ("hybrid", 1)])
    def test_a_dry_run_shows_what_would_be_sent(self, legacy: Provider, tmp_path: Path, grant: str, steps: int) -> None:
        ran = login(legacy, tmp_path, "--grant", grant, "--dry-run")
        assert ran.code == 0, ran.err
        assert "response_type=" in ran.out
        assert ran.out.count("grant_type") == steps
        assert legacy.requests == []

    def test_no_token_is_in_recording_terminal_or_trace(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--response-type", "code id_token token")
        assert ran.code == 0
        kept = tokens(tmp_path)
        shown = oauthctl("trace", "show", environ=isolated(tmp_path))
        texts = everything(tmp_path) + ran.err + ran.out + shown.out
        code = legacy.asked("/token")[0].form.get("code") or ""
        signature = kept["id_token"].rpartition(".")[2]
        assert code
        assert [one for one in (kept["access_token"], signature, code) if one in unquote(texts)] == []
        # Nor any other signed JWT, such as the access token that came by the browser.
        assert not re.search(r"eyJ[\w-]+\.eyJ[\w-]+\.(?!redacted-)[\w-]{20,}", unquote(texts))
        assert "id_token" in shown.out

    def test_a_query_for_tokens_is_refused_by_the_server_behind_the_hash(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--grant", "implicit", "--response-mode", "query", by=by_fragment)
        assert ran.code == 4, ran.err
        assert "invalid_request" in ran.err
        assert found_first(tmp_path) == "query-mode-for-tokens"

    def test_a_no_of_the_person_is_told(self, legacy: Provider, tmp_path: Path) -> None:
        ran = login(legacy, tmp_path, "--grant", "implicit", "--prompt", "consent", by=lambda url: form_posted(browse(url, DENY)))
        assert ran.code == 4
        assert "access_denied" in ran.err

    def test_a_provider_that_has_put_it_aside_says_so(self, provider: Provider, tmp_path: Path) -> None:
        ran = login(provider, tmp_path, "--grant", "implicit")
        assert ran.code == 4
        assert "unsupported_response_type" in ran.err


def spoiled(change: Callable[[Params], Params], *, way: str = "#") -> Spoil:
    """The redirect to the client with another answer."""

    def spoil(_request: Request, response: Response) -> Response:
        location = response.headers.get("location") or ""
        if "id_token=" not in location:
            return response
        before, _, fragment = location.partition("#")
        return replace(response, headers=response.headers.with_("Location", f"{before}{way}{change(Params.parse(fragment)).encode()}"))

    return spoil


def with_claims(signed_by: Callable[[dict[str, Any]], str] | None = None, **changed: object) -> Callable[[Params], Params]:
    def change(answer: Params) -> Params:
        claims = {**(take_apart(answer.get("id_token") or "").claims or {}), **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        token = signed_by(claims) if signed_by else sign(claims, keys()[0], alg="RS256")
        return Params(tuple((name, token if name == "id_token" else value) for name, value in answer))

    return change


class TestWrongAnswers:
    """Each is refused by the client with the slug of its rule, and found by `diagnose` in the recording."""

    @pytest.mark.parametrize(
        ("change", "slug"),
        [
            (with_claims(nonce="another"), "nonce-differs"),
            (with_claims(nonce=None), "nonce-not-returned"),
            (with_claims(aud="another"), "id-token-audience-differs"),
            (with_claims(at_hash="77QmUPtjPfzWtF2AnpK9RQ"), "at-hash-differs"),
            (with_claims(at_hash=None), "at-hash-missing"),
            (with_claims(c_hash="LDktKdoQak3Pk0cnXxCltA"), "c-hash-differs"),
            (with_claims(c_hash=None), "c-hash-missing"),
            (with_claims(s_hash="LDktKdoQak3Pk0cnXxCltA"), "s-hash-differs"),
            (with_claims(unsecured), "algorithm-none"),
            (lambda answer: answer.without("id_token"), "answer-incomplete"),
            (lambda answer: answer.without("access_token"), "answer-incomplete"),
        ],
        ids=[
            "nonce",
            "no nonce",
            "audience",
            "at_hash",
            "no at_hash",
            "c_hash",
            "no c_hash",
            "s_hash",
            "unsigned",
            "no ID token",
            "no access token",
        ],
    )
    def test_a_wrong_answer_is_refused_before_the_code_is_traded(
        self, legacy: Provider, tmp_path: Path, change: Callable[[Params], Params], slug: str
    ) -> None:
        legacy.spoils["/authorize"] = spoiled(change)
        ran = login(legacy, tmp_path, "--response-type", "code id_token token", "--response-mode", "fragment", by=by_fragment)
        assert ran.code in (1, 3), ran.err
        assert f"error[{slug}]" in ran.err
        assert legacy.asked("/token") == []
        assert list((tmp_path / "state" / "tokens").glob("*.json")) == []
        assert found_first(tmp_path) == slug

    def test_an_id_token_of_a_strangers_key_is_refused(self, legacy: Provider, tmp_path: Path) -> None:
        legacy.spoils["/authorize"] = spoiled(with_claims(lambda claims: sign(claims, STRANGER)))
        ran = login(legacy, tmp_path, "--grant", "implicit", "--response-mode", "fragment", by=by_fragment)
        assert ran.code == 1, ran.err
        assert f"error[{found_first(tmp_path)}]" in ran.err

    def test_tokens_in_the_query_are_thrown_away(self, legacy: Provider, tmp_path: Path) -> None:
        legacy.spoils["/authorize"] = spoiled(lambda answer: answer, way="?")
        ran = login(legacy, tmp_path, "--grant", "implicit", "--response-mode", "fragment", by=lambda url: browse(url, ALICE))
        assert ran.code == 1, ran.err
        assert "error[token-in-callback-query]" in ran.err
        assert found_first(tmp_path) == "token-in-callback-query"

    def test_two_id_tokens_of_two_people_are_refused(self, legacy: Provider, tmp_path: Path) -> None:
        def of_bob(request: Request, response: Response) -> Response:
            claims = take_apart(json.loads(response.body)["id_token"]).claims or {}
            return members(id_token=sign({**claims, "sub": "bob"}, keys()[0], alg="RS256"))(request, response)

        legacy.spoils["/token"] = of_bob
        ran = login(legacy, tmp_path, "--grant", "hybrid")
        assert ran.code == 1, ran.err
        assert "error[id-tokens-differ]" in ran.err
        assert found_first(tmp_path) == "id-tokens-differ"
