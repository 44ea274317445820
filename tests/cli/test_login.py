"""`oauthctl login` when all goes well: what is sent, kept and said."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import subprocess
import sys
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus, unquote_plus, urljoin, urlsplit

import pytest

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.http import Params, Request, Response
from oauthctl.provider.client import Client
from tests.cli.page_scripts import form_posted, fragment_posted
from tests.cli.person import ALICE, Person, isolated, oauthctl_with
from tests.cli.running import Ran, Screen, oauthctl
from tests.cli.spoiled import SECRET, Provider, always, members, providing
from tests.interop.pages import Page, browse, browser
from tests.provider.world import last_form


def signed_in(provider: Provider, *argv: str, folder: Path, **more: object) -> Ran:
    """A login that has to succeed; the browser's page says so, too."""
    ran, pages = oauthctl_with(ALICE, "login", provider.issuer, *argv, folder=folder, **more)  # type: ignore[arg-type] - stdin, environ
    assert ran.code == 0, ran.err
    assert [page.text.startswith("You are signed in") for page in pages] == [True]
    return ran


def asked(provider: Provider) -> Params:
    """The first authorization request."""
    return provider.asked("/authorize")[0].query


def token_request(provider: Provider) -> Request:
    return provider.asked("/token")[-1]


def profile_text(folder: Path, name: str = "*") -> str:
    (path,) = (folder / "config" / "profiles").glob(f"{name}.toml")
    return path.read_text()


def profile(folder: Path, name: str = "*") -> dict[str, object]:
    """The profile; the only one unless it is named."""
    return tomllib.loads(profile_text(folder, name))


def stored(folder: Path, name: str = "*") -> dict[str, object]:
    """The tokens, likewise."""
    (path,) = (folder / "state" / "tokens").glob(f"{name}.json")
    return dict(json.loads(path.read_text()))


def test_the_request_carries_state_nonce_and_pkce(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, "--client-id", "public", "--scope", "openid email", folder=tmp_path)
    params = asked(provider)
    assert params.get("response_type") == "code"
    assert params.get("scope") == "openid email"
    assert params.get("code_challenge_method") == "S256"
    assert min(len(params.get(name) or "") for name in ("state", "nonce", "code_challenge")) >= 32
    sent = token_request(provider).form
    assert sent.get("redirect_uri") == params.get("redirect_uri")
    assert len(sent.get("code_verifier") or "") >= 43


def test_without_openid_no_nonce_is_sent(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, "--client-id", "public", "--scope", "items.read", folder=tmp_path)
    assert "nonce" not in asked(provider)


def test_two_logins_share_no_random_value(provider: Provider, tmp_path: Path) -> None:
    for _ in range(2):
        signed_in(provider, "--client-id", "public", "--scope", "openid", folder=tmp_path)
    starts = [request.query for request in provider.asked("/authorize") if request.query.get("state")]
    for name in ("state", "nonce", "code_challenge"):
        assert len({params.get(name) for params in starts}) == 2


def test_parameters_of_a_login_are_sent(provider: Provider, tmp_path: Path) -> None:
    argv = ("--prompt", "login consent", "--login-hint", "alice", "--max-age", "600", "--acr", "password", "--param", "ui_locales=de fr")
    signed_in(provider, "--client-id", "public", "-s", "openid", "-s", "email items.read", *argv, folder=tmp_path)
    params = asked(provider)
    expected = {"prompt": "login consent", "login_hint": "alice", "max_age": "600", "acr_values": "password", "ui_locales": "de fr"}
    assert {name: params.get(name) for name in expected} == expected
    assert params.get("scope") == "openid email items.read"


def test_a_resource_goes_into_both_requests(provider: Provider, tmp_path: Path) -> None:
    api = f"{provider.issuer}/api/items"
    signed_in(provider, "--client-id", "public", "-s", "items.read", "--resource", api, folder=tmp_path)
    assert asked(provider).all("resource") == (api,)
    assert token_request(provider).form.all("resource") == (api,)
    assert stored(tmp_path)["resource"] == [api]


@pytest.mark.parametrize(("method", "challenge"), [("plain", "plain"), ("none", None)])
def test_weaker_pkce_is_there_for_provoking(provider: Provider, tmp_path: Path, method: str, challenge: str | None) -> None:
    ran, _ = oauthctl_with(
        ALICE, "login", provider.issuer, "--client-id", "web", "--pkce", method, folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET}
    )
    params = asked(provider)
    assert params.get("code_challenge_method") == challenge
    assert ran.code == 0, ran.err
    assert token_request(provider).form.get("code_verifier") == params.get("code_challenge")
    assert f"PKCE is `{method}`" in ran.err
    assert "pkce" not in profile(tmp_path)


def test_the_profile_is_named_after_the_host_and_becomes_the_current_one(provider: Provider, tmp_path: Path) -> None:
    ran = signed_in(provider, "--client-id", "public", "--scope", "openid items.read", folder=tmp_path)
    assert profile(tmp_path) == {"issuer": provider.issuer, "client_id": "public", "scope": ["openid", "items.read"]}
    assert tomllib.loads((tmp_path / "config" / "config.toml").read_text()) == {"profile": provider.profile}
    assert f"kept as       profile `{provider.profile}`" in ran.err
    assert ran.out == ""


def test_a_profile_gets_the_name_that_is_wished_and_the_first_stays_current(provider: Provider, tmp_path: Path) -> None:
    first = signed_in(provider, "--client-id", "public", folder=tmp_path)
    second = signed_in(provider, "--client-id", "public", "--profile", "work", folder=tmp_path)
    assert profile(tmp_path, "work")["issuer"] == provider.issuer
    assert "next: `oauthctl token`, `oauthctl call URL`," in first.err
    assert "next: `oauthctl token --profile work`, `oauthctl call URL --profile work`," in second.err
    assert tomllib.loads((tmp_path / "config" / "config.toml").read_text()) == {"profile": provider.profile}


def test_signing_in_again_takes_everything_from_the_profile(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, "--client-id", "public", "--scope", "openid items.read", "--param", "ui_locales=de", folder=tmp_path)
    before, text = stored(tmp_path)["access_token"], profile_text(tmp_path)
    provider.reset()
    ran, _ = oauthctl_with(ALICE, "login", provider.profile, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert (asked(provider).get("scope"), asked(provider).get("ui_locales")) == ("openid items.read", "de")
    assert stored(tmp_path)["access_token"] != before
    assert profile_text(tmp_path) == text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_tokens_and_secret_are_in_private_files(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, "--client-id", "web", folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    for path in (tmp_path / "state").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def _file(folder: Path) -> tuple[tuple[str, ...], dict[str, object]]:
    (folder / "secret.txt").write_text(SECRET + "\n")
    return ("--client-secret-file", str(folder / "secret.txt")), {}


def _stdin(_folder: Path) -> tuple[tuple[str, ...], dict[str, object]]:
    return ("--client-secret-file", "-"), {"stdin": SECRET + "\nhttps://more.example\n"}


def _environment(_folder: Path) -> tuple[tuple[str, ...], dict[str, object]]:
    return (), {"environ": {"OAUTHCTL_CLIENT_SECRET": SECRET}}


@pytest.mark.parametrize("source", [_file, _stdin, _environment], ids=["file", "stdin", "environment"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_secret_comes_in_three_ways_and_is_sent_in_two(provider: Provider, tmp_path: Path, source: object, method: str) -> None:
    argv, more = source(tmp_path)  # type: ignore[operator] - one of the functions above
    signed_in(provider, "--client-id", "web", "--client-auth", method, *argv, folder=tmp_path, **more)
    request = token_request(provider)
    assert (request.form.get("client_secret") == SECRET) is (method == "client_secret_post")
    assert ("authorization" in request.headers) is (method == "client_secret_basic")
    assert SECRET not in profile_text(tmp_path)


def test_a_secret_that_was_given_once_is_kept_for_the_next_login(provider: Provider, tmp_path: Path) -> None:
    signed_in(provider, "--client-id", "web", folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    ran, _ = oauthctl_with(ALICE, "login", provider.profile, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "authorization" in token_request(provider).headers


def test_the_path_of_a_secret_is_kept_so_that_it_holds_in_every_folder(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "secret.txt").write_text(SECRET)
    monkeypatch.chdir(tmp_path / "here")
    signed_in(provider, "--client-id", "web", "--client-secret-file", "secret.txt", folder=tmp_path)
    assert profile(tmp_path)["client_secret_file"] == str(tmp_path / "here" / "secret.txt")
    assert not (tmp_path / "state" / "client_secrets").exists()
    monkeypatch.chdir(tmp_path)
    assert oauthctl_with(ALICE, "login", provider.profile, folder=tmp_path)[0].code == 0


def test_json_prints_the_record_and_masks_its_secrets(provider: Provider, tmp_path: Path) -> None:
    scope = "openid items.read offline_access"
    ran = signed_in(provider, "--client-id", "public", "--scope", scope, "--json", folder=tmp_path)
    document = json.loads(ran.out)
    assert document["issuer"] == provider.issuer
    assert document["scope"] == scope.split()
    assert [document[name] for name in ("access_token", "refresh_token", "id_token")] == ["***"] * 3
    kept = stored(tmp_path)
    assert [kept[name] for name in ("access_token", "refresh_token", "id_token") if str(kept[name]) in ran.out + ran.err] == []


def test_show_secrets_prints_them(provider: Provider, tmp_path: Path) -> None:
    ran = signed_in(provider, "--client-id", "public", "--json", "--show-secrets", folder=tmp_path)
    assert json.loads(ran.out)["access_token"] == stored(tmp_path)["access_token"]


def test_trace_prints_each_exchange_and_no_secret(provider: Provider, tmp_path: Path) -> None:
    ran = signed_in(provider, "--client-id", "web", "--trace", folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert "token request (authorization_code)  POST /token" in ran.err
    assert SECRET not in ran.err
    assert str(stored(tmp_path)["access_token"]) not in ran.err


@pytest.mark.parametrize("argv", [(), ("--json",)])
def test_a_dry_run_sends_nothing_and_keeps_nothing(provider: Provider, tmp_path: Path, argv: tuple[str, ...]) -> None:
    ran, pages = oauthctl_with(
        ALICE, "login", provider.issuer, "--client-id", "public", "-s", "openid", "--dry-run", *argv, folder=tmp_path
    )
    assert (ran.code, pages, provider.requests) == (0, [], [])
    assert ran.err == ("" if argv else "nothing was sent\n")
    assert "code_challenge_method" in ran.out
    assert list(tmp_path.rglob("*.toml")) + list(tmp_path.rglob("*.json")) == []
    if argv:
        json.loads(ran.out)


@pytest.mark.parametrize("source", [_file, _stdin, _environment], ids=["file", "stdin", "environment"])
@pytest.mark.parametrize("method", ["", "client_secret_basic", "client_secret_post", "none"])
def test_a_dry_run_shows_how_the_client_proves_itself(provider: Provider, tmp_path: Path, source: object, method: str) -> None:
    argv, more = source(tmp_path)  # type: ignore[operator] - one of the functions above
    chosen = ("--client-auth", method) if method else ()
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "web", *chosen, *argv, "--dry-run", folder=tmp_path, **more)
    assert ran.code == 0, ran.err
    assert ("Authorization: Basic" in ran.out) is (method in ("", "client_secret_basic"))
    assert ("client_secret=" in ran.out) is (method == "client_secret_post")
    assert SECRET not in ran.out + ran.err


def test_a_dry_run_names_what_only_a_real_one_has(provider: Provider, tmp_path: Path) -> None:
    argv = ("login", f"{provider.issuer}/tenant", "--client-id", "public", "-s", "openid", "--dry-run")
    lines = [line.strip() for line in oauthctl_with(ALICE, *argv, folder=tmp_path)[0].out.splitlines()]
    assert {"state=<state>", "nonce=<nonce>", "code_challenge=<S256 of code_verifier>", "code_challenge_method=S256"} <= set(lines)
    assert f"{provider.issuer}/tenant/.well-known/openid-configuration" in lines
    document = json.loads(oauthctl_with(ALICE, *argv, "--json", folder=tmp_path)[0].out)
    sent = {one["name"]: one["value"] for one in document["steps"][-1]["form"]}
    assert sent == {
        "grant_type": "authorization_code",
        "code": "<code>",
        "redirect_uri": "http://127.0.0.1:<port>/callback",
        "code_verifier": "<code_verifier>",
        "client_id": "public",
    }
    assert document["steps"][0]["then"][-1] == f"{provider.issuer}/tenant/.well-known/openid-configuration"


class TestRedirect:
    def free_port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            return int(sock.getsockname()[1])

    def test_localhost_is_listened_to_on_both_families(self, tmp_path: Path) -> None:
        port = self.free_port()
        seen: list[tuple[int, int]] = []

        def both(url: str) -> Page:
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                if family == socket.AF_INET6 and not _has_ipv6():
                    continue
                with socket.socket(family) as sock:
                    seen.append((family, sock.connect_ex((host, port))))
            return browse(url, ALICE)

        uri = f"http://localhost:{port}/callback"
        with providing(Client("exact", redirect_uris=(uri,), scopes=("openid",))) as provider:
            ran, _ = oauthctl_with(both, "login", provider.issuer, "--client-id", "exact", "--redirect-uri", uri, folder=tmp_path)
            assert ran.code == 0, ran.err
            assert asked(provider).get("redirect_uri") == uri
        assert {code for _, code in seen} == {0}

    def test_a_busy_port_is_named_with_who_holds_it(self, provider: Provider, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
            ran, pages = oauthctl_with(
                ALICE, "login", provider.issuer, "--client-id", "public", "--redirect-uri", f"http://127.0.0.1:{port}/cb", folder=tmp_path
            )
        assert (ran.code, ran.out, pages) == (2, "", [])
        assert f"port {port} of the redirect URI is in use" in ran.err
        if sys.platform.startswith("linux"):
            assert f"(process {os.getpid()})" in ran.err

    @pytest.mark.parametrize("uri", ["https://app.example/callback", "com.example.app:/callback"])
    def test_where_nobody_listens_and_nobody_can_paste_it_says_so(self, provider: Provider, tmp_path: Path, uri: str) -> None:
        quietly = lambda url: Page(url, 200, "", "")  # noqa: E731 - a person who does nothing
        ran, _ = oauthctl_with(quietly, "login", provider.issuer, "--client-id", "public", "--redirect-uri", uri, folder=tmp_path)
        assert ran.code == 2
        assert f"nothing listens at `{uri}`" in ran.err


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


class TestResponseModes:
    """The answer as a form, and behind the `#`, as a browser with scripts delivers it."""

    @pytest.mark.parametrize("mode", ["form_post", "fragment"])
    def test_the_answer_comes_as_a_post(self, provider: Provider, tmp_path: Path, mode: str) -> None:
        def deliver(url: str) -> Page:
            page = browse(url, ALICE)
            return form_posted(page) if mode == "form_post" else fragment_posted(page)

        ran, pages = oauthctl_with(
            deliver, "login", provider.issuer, "--client-id", "public", "--response-mode", mode, "-s", "openid", folder=tmp_path
        )
        assert ran.code == 0, ran.err
        assert asked(provider).get("response_mode") == mode
        assert "✓ You are signed in" in pages[0].text
        assert profile(tmp_path)["response_mode"] == mode


class Keyboard(io.TextIOWrapper):
    """A real terminal at which somebody types what it is told; it gives one line at a time, as a pipe would not."""

    def __init__(self) -> None:
        self._typing, reading = os.openpty()
        super().__init__(os.fdopen(reading, "rb"))

    def type(self, line: str) -> None:
        os.write(self._typing, line.encode() + b"\n")

    def put_away(self) -> None:
        os.close(self._typing)
        self.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
class TestPaste:
    """The browser is elsewhere: what it ends at is pasted into the terminal."""

    URI = "https://app.example/callback"

    def login(self, folder: Path, paste: Callable[[str], tuple[str, ...]], uri: str = URI) -> tuple[Ran, Provider]:
        keyboard, stdout = Keyboard(), io.StringIO()

        def sign_in(url: str) -> Page:
            with browser() as client:
                page = browse(url, ALICE[:1], client=client)
                action, hidden = last_form(Response(page.status, body=page.html.encode()))
                answer = client.post(urljoin(page.url, action), data=dict(hidden) | {"decision": "allow"})
                for line in paste(answer.headers["location"]):
                    keyboard.type(line)
                return page

        person = Person(sign_in)
        with providing(Client("elsewhere", redirect_uris=(uri,), scopes=("openid",))) as provider:
            argv = ["login", provider.issuer, "--client-id", "elsewhere", "--redirect-uri", uri, "-s", "openid"]
            code = main(argv, Terminal(keyboard, stdout, person, isolated(folder)))
            person.done()
        keyboard.put_away()
        return Ran(code, stdout.getvalue(), person.getvalue()), provider

    def test_the_address_is_taken(self, tmp_path: Path) -> None:
        ran, provider = self.login(tmp_path, lambda address: (address,))
        assert ran.code == 0, ran.err
        assert "or paste the address" in ran.err
        assert token_request(provider).form.get("redirect_uri") == self.URI

    def test_an_address_of_another_sign_in_is_refused_and_the_right_one_taken(self, tmp_path: Path) -> None:
        ran, _ = self.login(tmp_path, lambda address: (f"{self.URI}?code=evil&state=another", address))
        assert ran.code == 0, ran.err
        assert "not taken: its `state` is not the one that was sent; still waiting" in ran.err

    def test_a_bare_code_is_taken_and_what_that_means_is_said(self, tmp_path: Path) -> None:
        ran, _ = self.login(tmp_path, lambda address: (Params.parse(urlsplit(address).query).get("code") or "",))
        assert ran.code == 0, ran.err
        assert "taken without a check of `state`" in ran.err


class TestNobodyThere:
    def test_no_input_without_a_terminal_ends_at_once_and_says_what_to_use(self, provider: Provider, tmp_path: Path) -> None:
        for argv, environ in ((("--no-input",), {}), ((), {"CI": "true"})):
            ran, pages = oauthctl_with(ALICE, *argv, "login", provider.issuer, "--client-id", "public", folder=tmp_path, environ=environ)
            assert (ran.code, ran.out, pages, provider.requests) == (2, "", [], [])
            assert "error[no-person]" in ran.err
            assert "--grant client_credentials" in ran.err

    def test_without_a_terminal_it_says_how_long_it_waits_and_how_it_would_not(self, provider: Provider, tmp_path: Path) -> None:
        ran = signed_in(provider, "--client-id", "public", "--timeout", "7", folder=tmp_path)
        assert "waiting up to 7 s for the browser" in ran.err
        assert "`--timeout SECONDS`" in ran.err
        assert "`--no-input`" in ran.err

    @pytest.mark.skipif(sys.platform == "win32", reason="the null device can't be told apart there")
    def test_where_nobody_can_read_the_address_nobody_is_waited_for(self, provider: Provider, tmp_path: Path) -> None:
        argv = [sys.executable, "-m", "oauthctl", "login", provider.issuer, "--client-id", "public", "--json"]
        nowhere, environ = subprocess.DEVNULL, os.environ | isolated(tmp_path) | {"CI": ""}
        done = subprocess.run(argv, check=False, stdin=nowhere, stderr=nowhere, stdout=subprocess.PIPE, env=environ, timeout=20)
        assert (done.returncode, done.stdout) == (2, b"")
        assert provider.requests == []

    def test_a_client_id_is_asked_for_only_at_a_terminal(self, provider: Provider, tmp_path: Path) -> None:
        ran = oauthctl("login", provider.issuer, stdin="", environ=isolated(tmp_path))
        assert (ran.code, ran.out) == (2, "")
        assert "--client-id ID" in ran.err

    def test_at_a_terminal_the_client_id_is_typed(self, provider: Provider, tmp_path: Path) -> None:
        person = Person(lambda url: browse(url, ALICE))
        code = main(["login", provider.issuer], Terminal(Screen("public\n"), io.StringIO(), person, isolated(tmp_path)))
        person.done()
        assert code == 0, person.getvalue()
        assert profile(tmp_path)["client_id"] == "public"

    def test_nobody_comes_back_in_time(self, provider: Provider, tmp_path: Path) -> None:
        quietly = lambda url: Page(url, 200, "", "")  # noqa: E731 - a person who does nothing
        ran, _ = oauthctl_with(quietly, "login", provider.issuer, "--client-id", "public", "--timeout", "1", folder=tmp_path)
        assert (ran.code, ran.out) == (3, "")
        assert "error[callback-never-came]: nobody came back" in ran.err
        assert "--timeout SECONDS" in ran.err


def test_json_keeps_talk_off_stderr(provider: Provider, tmp_path: Path) -> None:
    """What is left is the address that a person has to open."""
    ran = signed_in(provider, "--client-id", "public", "--json", folder=tmp_path)
    (left,) = ran.err.split()
    assert left.startswith(f"{provider.issuer}/authorize?")
    assert json.loads(ran.out)["issuer"] == provider.issuer


def test_the_error_of_a_login_that_speaks_json_is_all_that_is_on_stderr(provider: Provider, tmp_path: Path) -> None:
    argv = ("login", provider.issuer, "--client-id", "public", "--token-endpoint", "http://127.0.0.1:9/", "--json", "--no-input")
    ran, _ = oauthctl_with(ALICE, *argv, folder=tmp_path)
    assert json.loads(ran.err)["exit_code"] == ran.code == 2


@pytest.mark.parametrize("target", ["ftp://op.example", "file:///etc/passwd", "https://"])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_target_of_another_scheme_is_the_mistake_that_is_named(tmp_path: Path, target: str, dry: tuple[str, ...]) -> None:
    ran, _ = oauthctl_with(ALICE, "login", target, "--client-id", "p", *dry, folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"`{target}` is no http or https URL" in ran.err


@pytest.mark.parametrize(("token_type", "word"), [("mac", "`mac`"), ("N_A", "`N_A`")])
def test_a_token_of_an_unknown_type_is_kept_and_warned_of(provider: Provider, tmp_path: Path, token_type: str, word: str) -> None:
    provider.spoils["/token"] = members(token_type=token_type)
    ran = signed_in(provider, "--client-id", "public", folder=tmp_path)
    provider.reset()
    assert "warning: the access token can't be used by oauthctl: " in ran.err
    assert word in ran.err
    assert stored(tmp_path)["token_type"] == token_type


def test_a_token_of_odd_characters_is_refused_and_nothing_kept(provider: Provider, tmp_path: Path) -> None:
    provider.spoils["/token"] = members(access_token="A\nB\x1b[2J")
    ran, pages = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "-s", "openid", folder=tmp_path)
    provider.reset()
    assert ran.code == 3
    assert "error[access-token-unusable]" in ran.err
    assert "signed in" not in pages[0].text
    assert not list((tmp_path / "state").glob("tokens/*.json"))


def test_a_secret_that_the_token_endpoint_repeats_is_nowhere_to_be_read(provider: Provider, tmp_path: Path) -> None:
    def repeat(request: Request, _response: Response) -> Response:
        credentials = (request.headers.get("authorization") or "").partition(" ")[2]
        pair = b64decode(credentials).decode()
        words = f"{credentials} {pair} {unquote_plus(pair)} {request.body.decode()}"
        return always(401, json.dumps({"error": "invalid_client", "error_description": words}))(request, _response)

    provider.spoils["/token"] = repeat
    argv = ("login", provider.issuer, "--client-id", "web", "-s", "openid", "--client-auth", "client_secret_basic", "--trace")
    ran, pages = oauthctl_with(ALICE, *argv, folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    provider.reset()
    assert ran.code == 4
    spelled = (SECRET, quote_plus(SECRET), b64encode(f"web:{quote_plus(SECRET)}".encode()).decode())
    for text in (ran.err, pages[0].text):
        assert [one for one in spelled if one in text] == []
