"""`oauthctl login` at a provider that misbehaves: a clear error, nothing stored, and a browser page that tells the same."""

from __future__ import annotations

import base64
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import httpx
import pytest

from oauthctl.http import FORM, JSON, Headers, Params, Request, Response
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, Spoil, always, members
from tests.interop.forms import Button, Form
from tests.interop.pages import Page, browse
from tests.provider.world import keys
from tests.shell.servers import read_request, serving

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
EC = generate("ES256").with_(kid="forged")
CANCEL = (Form(button=Button("decision", "deny")),)
DENY = (Form({"username": "alice", "password": "alice"}, Button("decision", "allow")), *CANCEL)


def login(provider: Provider, *argv: str, folder: Path, by: object = ALICE) -> tuple[Ran, list[Page]]:
    """A login of the confidential client with an ID token."""
    argv = ("login", provider.issuer, "--client-id", "web", "--scope", "openid items.read", *argv)
    return oauthctl_with(by, *argv, folder=folder, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})  # type: ignore[arg-type] - a recipe or a person


def kept(folder: Path) -> list[str]:
    """What a login stores, if anything was."""
    return [path.name for kind in ("config/profiles", "state/tokens", "state/client_secrets") for path in (folder / kind).glob("*.*")]


def assert_nothing_kept(folder: Path) -> None:
    assert [name for name in kept(folder) if not name.endswith(".lock")] == []


def assert_no_secret(folder: Path, *texts: str) -> None:
    """No file and no text holds the client's secret, plain or in any coat that it was sent in."""
    basic = base64.b64encode(f"web:{quote(SECRET, safe='')}".encode()).decode()
    coats = {SECRET, quote(SECRET, safe=""), quote_plus(SECRET), basic, base64.b64encode(SECRET.encode()).decode().rstrip("=")}
    files = [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    assert [coat for coat in coats if any(coat in text for text in (*files, *texts))] == []


def id_token(change: Callable[[dict[str, object]], str]) -> Spoil:
    """The token answer with an ID token made from the claims of the right one."""

    def spoil(request: Request, response: Response) -> Response:
        document = json.loads(response.body)
        claims = dict(take_apart(document["id_token"]).claims or {})
        return members(id_token=change(claims))(request, response)

    return spoil


def signed(**changes: object) -> Callable[[dict[str, object]], str]:
    """Signed by the provider's own key, with these claims changed."""

    def make(claims: dict[str, object]) -> str:
        return sign({name: value for name, value in (claims | changes).items() if value is not None}, keys()[0], alg="RS256")

    return make


def _before(claims: dict[str, object], seconds: int) -> int:
    return int(str(claims["iat"])) - seconds


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (signed(nonce="another"), "nonce-differs"),
        (signed(nonce=None), "nonce-not-returned"),
        (signed(aud="another"), "id-token-audience-differs"),
        (signed(aud=["web", "another"], azp="another"), "authorized-party-differs"),
        (signed(iss="https://evil.example"), "id-token-issuer-differs"),
        (lambda claims: signed(iat=_before(claims, 7200), exp=_before(claims, 3600))(claims), "token-expired-on-arrival"),
        (signed(exp=1), "expiry-before-issue"),
        (signed(sub=None), "required-claim-missing"),
        (signed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at-hash-differs"),
        (lambda claims: sign(claims, EC), "key-unknown"),
        (lambda claims: sign(claims, keys()[0], alg="RS256")[:-12] + "AAAAAAAAAAAA", "signature-invalid"),
        (unsecured, "algorithm-none"),
    ],
    ids=[
        "nonce",
        "no nonce",
        "audience",
        "azp",
        "issuer",
        "expired",
        "over before it began",
        "no subject",
        "at_hash",
        "unknown key",
        "signature",
        "none",
    ],
)
def test_a_wrong_id_token_is_refused(provider: Provider, tmp_path: Path, change: Callable[[dict[str, object]], str], slug: str) -> None:
    provider.spoils["/token"] = id_token(change)
    ran, pages = login(provider, folder=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert f"error[{slug}]" in ran.err
    assert "the tokens were thrown away" in ran.err
    assert_nothing_kept(tmp_path)
    assert pages[0].text.partition("! ")[2].startswith("Signing in did not work")
    assert "Nothing was stored" in pages[0].text


TEXT = "text/plain"


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (always(200, "<!doctype html><title>Hello</title>", "text/html"), 3, "answered with an HTML page"),
        (always(502, "<html><h1>Bad Gateway</h1>", "text/html"), 3, "answered with status 502 with an HTML page"),
        (always(200), 3, "answered with an empty body"),
        (always(200, "[1]"), 3, "JSON that is no object"),
        (always(200, '{"access_token": "x'), 3, "broken JSON"),
        (always(200, "{}"), 3, "holds no `access_token`"),
        (always(500, '{"error": "server_error"}'), 3, "broke down with status 500"),
        (always(302, "", Location="https://evil.example/token"), 3, "https://evil.example/token"),
        (always(307, "", Location="https://evil.example/token"), 3, "https://evil.example/token"),
        (always(200, '{"error": "invalid_grant", "error_description": "used"}'), 4, "refused: `invalid_grant`"),
        (always(400, '{"error": "invalid_client"}'), 4, "refused: `invalid_client`"),
        (always(200, b'{"a": "' + b" " * 3_000_000 + b'"}'), 3, "the answer is larger than we read (1024 KiB)"),
        (always(200, b"[" * 100_000), 3, "answered with"),
    ],
    ids=[
        "html", "html 502", "empty", "array", "truncated", "no members", "500", "302", "307", "error with 200", "error", "huge", "deep",
    ],
)  # fmt: skip
def test_a_useless_token_answer_is_named(provider: Provider, tmp_path: Path, spoil: Spoil, code: int, said: str) -> None:
    provider.spoils["/token"] = spoil
    ran, pages = login(provider, folder=tmp_path)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert pages[0].text.partition("! ")[2].startswith("Signing in did not work")
    assert_nothing_kept(tmp_path)
    assert_no_secret(tmp_path, ran.err, pages[0].html)
    assert len(provider.asked("/token")) == 1


def _as_form(_request: Request, response: Response) -> Response:
    pairs = {name: str(value) for name, value in json.loads(response.body).items()}
    return replace(response, headers=Headers.of({"Content-Type": FORM}), body=Params.of(pairs).encode().encode())


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (_as_form, "form-encoded, where JSON is due"),
        (members(expires_in="300"), "`expires_in` is a string"),
        (members(expires_in="soon"), "`expires_in` can't be read as seconds"),
        (members(expires_in=None), ""),
        (members(token_type=None), "`token_type` is missing"),
        (members(error=None), ""),
        (members(scope="openid"), "asked for and not granted: `items.read`"),
    ],
    ids=["form", "string", "no number", "no expiry", "no type", "null error", "less scope"],
)
def test_a_crooked_token_answer_is_taken_and_said(provider: Provider, tmp_path: Path, spoil: Spoil, remark: str) -> None:
    provider.spoils["/token"] = spoil
    ran, pages = login(provider, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert remark in ran.err
    assert len(kept(tmp_path)) >= 3
    assert pages[0].text.startswith("You are signed in")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (always(200, "<!doctype html>", "text/html"), "an HTML page"),
        (members(issuer="https://evil.example"), "https://evil.example"),
        (members(authorization_endpoint=None), "`authorization_endpoint`"),
        (members(token_endpoint=None), "`token_endpoint`"),
        (always(404, "not here", TEXT), "404"),
        (always(500, "", TEXT), "500"),
    ],
    ids=["html", "issuer", "no authorization endpoint", "no token endpoint", "404", "500"],
)
def test_useless_metadata_is_named_before_anybody_signs_in(provider: Provider, tmp_path: Path, spoil: Spoil, said: str) -> None:
    provider.spoils = {OPENID: spoil, OAUTH: spoil}
    ran, pages = login(provider, folder=tmp_path)
    assert ran.code in (1, 3)
    assert (ran.out, pages) == ("", [])
    assert said in ran.err
    assert_nothing_kept(tmp_path)


@pytest.mark.parametrize("name", ["token_endpoint", "authorization_endpoint", "jwks_uri"])
def test_an_endpoint_that_is_named_twice_gets_nothing(provider: Provider, tmp_path: Path, name: str) -> None:
    def twice(_request: Request, response: Response) -> Response:
        return replace(response, body=response.body.replace(b"{", f'{{"{name}": "https://evil.example/x", '.encode(), 1))

    provider.spoils = {OPENID: twice, OAUTH: twice}
    ran, pages = login(provider, folder=tmp_path)
    assert (ran.code, ran.out, pages) == (3, "", [])
    assert f"error[metadata-member-repeated]: the metadata has `{name}` more than once" in ran.err
    assert "https://evil.example/x" in ran.err
    assert_nothing_kept(tmp_path)


def test_a_member_that_is_twice_the_same_does_no_harm(provider: Provider, tmp_path: Path) -> None:
    def twice(_request: Request, response: Response) -> Response:
        token_endpoint = json.dumps(json.loads(response.body)["token_endpoint"]).encode()
        return replace(response, body=response.body.replace(b"{", b'{"token_endpoint": ' + token_endpoint + b", ", 1))

    provider.spoils = {OPENID: twice, OAUTH: twice}
    ran, _ = login(provider, folder=tmp_path)
    assert ran.code == 0
    assert "has `token_endpoint` 2 times, all the same: the first is used" in ran.err


def test_keys_that_cannot_be_reached_leave_the_login_as_it_is_and_are_told(provider: Provider, tmp_path: Path) -> None:
    down = members(jwks_uri="http://127.0.0.1:9/jwks")
    provider.spoils = {OPENID: down, OAUTH: down}
    ran, pages = login(provider, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert [page.text.startswith("You are signed in") for page in pages] == [True]
    assert "the provider's keys can't be had: `http://127.0.0.1:9` refuses the connection" in ran.err
    assert list((tmp_path / "state" / "tokens").glob("*.json"))


@pytest.mark.parametrize(
    ("spoil", "problem"), [(always(500), "status 500"), (always(200, '{"keys":[]}'), "no key"), (always(200, "<"), "no JSON")]
)
def test_an_answer_without_keys_leaves_the_login_as_it_is_and_is_told(
    provider: Provider, tmp_path: Path, spoil: Spoil, problem: str
) -> None:
    provider.spoils["/jwks"] = spoil
    ran, pages = login(provider, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert [page.text.startswith("You are signed in") for page in pages] == [True]
    assert (
        f"warning: the signature of the ID token is not verified: the provider's keys can't be had: `{provider.issuer}/jwks` gave {problem}"
        in ran.err
    )
    assert list((tmp_path / "state" / "tokens").glob("*.json"))


def test_a_key_set_that_did_not_make_the_signature_is_a_reason_to_end(provider: Provider, tmp_path: Path) -> None:
    def others(_request: Request, response: Response) -> Response:
        keys = [
            generate(key["alg"]).with_(kid=key["kid"]).public().as_dict()
            for key in json.loads(response.body)["keys"]
            if key["use"] == "sig"
        ]
        return replace(response, body=json.dumps({"keys": keys}).encode())

    provider.spoils["/jwks"] = others
    ran, _ = login(provider, folder=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert_nothing_kept(tmp_path)


def test_a_key_set_that_says_keys_twice_is_warned_of(provider: Provider, tmp_path: Path) -> None:
    provider.spoils["/jwks"] = lambda _request, response: replace(response, body=b'{"keys":[],' + response.body[1:])
    ran, _ = login(provider, folder=tmp_path)
    assert ran.code == 0
    assert "warning: the key set has the member `keys` 2 times; the last one was used" in ran.err


@pytest.mark.parametrize("required", [True, False])
def test_a_server_that_wants_pushed_requests_is_told_of_before_the_page_is_shown(
    provider: Provider, tmp_path: Path, required: bool
) -> None:
    wants = members(require_pushed_authorization_requests=required)
    provider.spoils = {OPENID: wants, OAUTH: wants}
    ran, _ = login(provider, "--par", "never", folder=tmp_path)
    said = ran.err.partition("open this page to sign in")[0]
    assert ("warning: this server takes pushed authorization requests alone (RFC 9126" in said) is required


class TestConnections:
    """Token endpoints that break off, drip or are not there; endpoints given by hand."""

    def login(self, provider: Provider, token_endpoint: str, *, folder: Path) -> tuple[Ran, list[Page]]:
        hand = ("--authorization-endpoint", f"{provider.issuer}/authorize", "--token-endpoint", token_endpoint)
        return oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "-s", "items.read", *hand, folder=folder)

    def test_reset(self, provider: Provider, tmp_path: Path) -> None:
        def reset(sock: socket.socket) -> None:
            read_request(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        with serving(reset) as server:
            ran, pages = self.login(provider, server.url + "/token", folder=tmp_path)
        self.check(ran, pages, folder=tmp_path)

    def test_closed_in_the_middle(self, provider: Provider, tmp_path: Path) -> None:
        def half(sock: socket.socket) -> None:
            read_request(sock)
            sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token": "x')

        with serving(half) as server:
            ran, pages = self.login(provider, server.url + "/token", folder=tmp_path)
        self.check(ran, pages, folder=tmp_path)

    def test_no_http(self, provider: Provider, tmp_path: Path) -> None:
        def ssh(sock: socket.socket) -> None:
            read_request(sock)
            sock.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        with serving(ssh) as server:
            ran, pages = self.login(provider, server.url + "/token", folder=tmp_path)
        self.check(ran, pages, folder=tmp_path)

    def test_refused(self, provider: Provider, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        ran, pages = self.login(provider, f"http://127.0.0.1:{port}/token", folder=tmp_path)
        self.check(ran, pages, folder=tmp_path)
        assert str(port) in ran.err

    def check(self, ran: Ran, pages: list[Page], *, folder: Path) -> None:
        assert (ran.code, ran.out) == (3, "")
        assert "Traceback" not in ran.err
        assert "POST /token" in ran.err
        assert pages[0].text.partition("! ")[2].startswith("Signing in did not work")
        assert_nothing_kept(folder)


class TestCallback:
    @pytest.mark.parametrize(("by", "argv"), [(CANCEL, ()), (DENY, ("--prompt", "consent"))], ids=["sign-in page", "consent page"])
    def test_access_denied_is_the_servers_no(self, provider: Provider, tmp_path: Path, by: object, argv: tuple[str, ...]) -> None:
        ran, pages = login(provider, *argv, folder=tmp_path, by=by)
        assert (ran.code, ran.out) == (4, "")
        assert "refused: `access_denied`" in ran.err
        assert "access_denied" in pages[0].text
        assert provider.asked("/token") == []
        assert_nothing_kept(tmp_path)

    def test_a_callback_with_another_state_is_refused_and_the_right_one_still_taken(self, provider: Provider, tmp_path: Path) -> None:
        seen: list[httpx.Response] = []

        def attacked(url: str) -> Page:
            redirect_uri = Params.parse(urlsplit(url).query).get("redirect_uri") or ""
            seen.append(httpx.get(redirect_uri, params={"code": "evil", "state": "another"}, trust_env=False))
            return browse(url, ALICE)

        ran, pages = login(provider, folder=tmp_path, by=attacked)
        assert ran.code == 0, ran.err
        assert (seen[0].status_code, "not the answer we wait for" in seen[0].text) == (400, True)
        assert pages[0].text.startswith("You are signed in")
        assert [request.form.get("code") == "evil" for request in provider.asked("/token")] == [False]

    def test_another_issuer_in_the_callback_is_a_mix_up(self, provider: Provider, tmp_path: Path) -> None:
        def mixed_up(url: str) -> Page:
            params = Params.parse(urlsplit(url).query)
            back = {"code": "c", "state": params.get("state") or "", "iss": "https://evil.example"}
            response = httpx.get(params.get("redirect_uri") or "", params=back, trust_env=False)
            return Page(str(response.url), response.status_code, response.text, response.text)

        ran, pages = login(provider, folder=tmp_path, by=mixed_up)
        assert ran.code == 1
        assert "error[issuer-mixed-up]" in ran.err
        assert "https://evil.example" in pages[0].html
        assert provider.asked("/token") == []
        assert_nothing_kept(tmp_path)

    def test_markup_and_control_characters_of_a_server_do_nothing(self, provider: Provider, tmp_path: Path) -> None:
        nasty = "<script>alert(1)</script>\x1b]0;owned\x07\x1b[31m\u202ered"

        def denied(url: str) -> Page:
            params = Params.parse(urlsplit(url).query)
            back = {"error": "access_denied", "error_description": nasty, "state": params.get("state") or "", "iss": provider.issuer}
            response = httpx.get(params.get("redirect_uri") or "", params=back, trust_env=False)
            return Page(str(response.url), response.status_code, response.text, response.text)

        ran, pages = login(provider, folder=tmp_path, by=denied)
        assert ran.code == 4
        assert {"\x1b", "\x07", "\u202e"}.isdisjoint(ran.err + pages[0].html)
        assert "<script>alert" in ran.err
        assert "<script>alert" not in pages[0].html
        assert "&lt;script&gt;alert" in pages[0].html

    def test_control_characters_of_the_token_endpoint_are_escaped(self, provider: Provider, tmp_path: Path) -> None:
        document = json.dumps({"error": "invalid_grant", "error_description": "no\x1b[2J\x9b31m\x00"})
        provider.spoils["/token"] = always(400, document)
        ran, pages = login(provider, "--trace", folder=tmp_path)
        assert ran.code == 4
        assert {"\x1b", "\x9b", "\x00"}.isdisjoint(ran.err + pages[0].html)


class TestSecrets:
    def test_a_server_that_echoes_the_secret_does_not_get_it_printed(self, provider: Provider, tmp_path: Path) -> None:
        def echo(request: Request, _response: Response) -> Response:
            words = f"bad secret {request.form.get('client_secret')} and code {request.form.get('code')}"
            body = json.dumps({"error": "invalid_client", "error_description": words}).encode()
            return Response(401, Headers.of({"Content-Type": JSON}), body)

        provider.spoils["/token"] = echo
        ran, pages = login(provider, "--client-auth", "client_secret_post", "--trace", folder=tmp_path)
        code = provider.asked("/token")[0].form.get("code") or ""
        assert ran.code == 4
        assert "[secret]" in ran.err
        assert_no_secret(tmp_path, ran.err, pages[0].html)
        assert code not in ran.err + pages[0].html

    @pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
    def test_no_recording_holds_a_secret(self, provider: Provider, tmp_path: Path, method: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        source = tmp_path / "elsewhere" / "secret"
        source.write_text(SECRET)
        inside = tmp_path / "home"
        argv = ("login", provider.issuer, "--client-id", "web", "--client-auth", method, "--client-secret-file", str(source), "--trace")
        ran, _ = oauthctl_with(ALICE, *argv, "--scope", "openid offline_access", folder=inside)
        assert ran.code == 0, ran.err
        assert_no_secret(inside, ran.err)
        (path,) = (inside / "state" / "tokens").glob("*.json")
        tokens = json.loads(path.read_text())
        request = provider.asked("/token")[0].form
        secrets = [tokens["access_token"], tokens["refresh_token"], tokens["id_token"], request.get("code"), request.get("code_verifier")]
        recordings = [file.read_text() for file in (inside / "state").rglob("*.har*")]
        assert recordings
        assert [one for one in secrets if not one or any(one in text for text in recordings)] == []

    def test_an_option_for_the_secret_itself_does_not_exist(self, provider: Provider, tmp_path: Path) -> None:
        ran = oauthctl("login", provider.issuer, "--client-secret", "x", environ=isolated(tmp_path))
        assert ran.code == 2
        assert "--client-secret-file" in ran.err


class TestRecordings:
    def test_a_failure_is_recorded_and_its_note_names_the_recording(self, provider: Provider, tmp_path: Path) -> None:
        provider.spoils["/token"] = always(200, "<!doctype html>", "text/html")
        ran, _ = login(provider, folder=tmp_path)
        (note,) = [line for line in ran.err.splitlines() if line.startswith("note: recorded as ")]
        command = note.partition("`oauthctl ")[2].rstrip("`").split()
        shown = oauthctl(*command, environ=isolated(tmp_path))
        assert shown.code == 0, shown.err
        assert "token request (authorization_code)" in shown.out
        (row,) = oauthctl("trace", "list", environ=isolated(tmp_path)).out.splitlines()
        assert row.split("\t")[1:3] == ["login", "token-answer-is-html"]

    def test_a_success_is_recorded_with_the_page_that_the_browser_saw(self, provider: Provider, tmp_path: Path) -> None:
        assert login(provider, folder=tmp_path)[0].code == 0
        shown = oauthctl("trace", "show", "--json", environ=isolated(tmp_path))
        entries = json.loads(shown.out)["log"]["entries"]
        assert [entry["_oauthctl"]["purpose"] for entry in entries][-3:] == ["jwks", "callback", "token"]
        callback = next(entry for entry in entries if entry["_oauthctl"]["purpose"] == "callback")
        assert callback["response"]["status"] == 200

    def test_errors_are_json_where_json_is_spoken(self, provider: Provider, tmp_path: Path) -> None:
        ran, _ = login(provider, "--json", folder=tmp_path, by=CANCEL)
        document = json.loads(ran.err[ran.err.index('{"error"') :])
        assert (ran.code, ran.out, document["exit_code"]) == (4, "", 4)
        assert document["error"]["oauth_error"] == "access_denied"


class TestWhatWasThereStays:
    def test_a_login_that_does_not_work_leaves_the_tokens_of_before(self, provider: Provider, tmp_path: Path) -> None:
        assert login(provider, folder=tmp_path)[0].code == 0
        files = [
            path for path in tmp_path.rglob("*") if path.is_file() and path.suffix in (".toml", ".json") and "recording" not in str(path)
        ]
        before = {path: path.read_bytes() for path in files}
        provider.spoils["/token"] = id_token(signed(nonce="another"))
        assert login(provider, "--scope", "email", folder=tmp_path)[0].code == 1
        assert {path: path.read_bytes() for path in files} == before


def test_a_token_that_comes_twice_is_told(provider: Provider, tmp_path: Path) -> None:
    def twice(_request: Request, response: Response) -> Response:
        return replace(response, body=b'{"access_token": "at-first-of-two", ' + response.body.strip()[1:])

    provider.spoils["/token"] = twice
    ran, _ = login(provider, folder=tmp_path, by=ALICE)
    # With an ID token `at_hash` is of the other one, so that the login ends there.
    assert "at-first-of-two" not in ran.err
    provider.reset()
    provider.spoils["/token"] = twice
    argv = ("login", provider.issuer, "--client-id", "web", "--scope", "items.read")
    ran, _ = oauthctl_with(ALICE, *argv, folder=tmp_path, environ={"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 0, ran.err
    assert "warning: `access_token` came 2 times, and they differ: the first was used" in ran.err
    assert "at-first-of-two" not in ran.err
