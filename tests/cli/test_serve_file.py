"""`serve --config FILE` and `--print-config`."""

from __future__ import annotations

import json
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.running import oauthctl
from tests.cli.test_serve import serving

SECRET = "correct horse battery staple"
WHOLE = """
[server]
token-seconds = 20
refresh-grace = 1.5
legacy = true
fault = ["token-throttled:after=1,times=2"]
local-client = ["http://127.0.0.1:8000"]

[[client]]
id = "shop"
name = "Shop, Inc."
redirect = ["http://localhost:5000/callback", "https://shop.test/cb?a=1,2"]
scope = "openid items.read"
grant = ["authorization_code", "client_credentials"]
secret-env = "SHOP"
resource = ["/api/items"]
asserts-users = true

[[client]]
id = "app"
redirect = "http://127.0.0.1/callback"

[[user]]
username = "dave"
name = "Dave, the Dale"
password-env = "DAVES"
"""


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "provider.toml"
    path.write_text(WHOLE)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the process is ended by force there")
def test_what_the_file_says_is_served(whole: Path) -> None:
    environ = {"SHOP": SECRET, "DAVES": "another secret"}
    with serving("--config", str(whole), "--json", "--fault", "metadata-issuer-slash:after=1000", environ=environ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with httpx.Client(base_url=told["issuer"], trust_env=False, timeout=5) as client:
            basic = ("shop", SECRET.replace(" ", "+"))
            granted = client.post("/token", data={"grant_type": "client_credentials", "scope": "items.read"}, auth=basic)
    assert granted.json()["expires_in"] == 20
    shop = next(one for one in told["clients"] if one["client_id"] == "shop")
    assert shop["name"] == "Shop, Inc."
    assert shop["redirect_uris"][1] == "https://shop.test/cb?a=1,2"
    assert {"username": "dave", "password_is_username": False} in told["users"]


def test_what_is_printed_reads_back_to_the_same(whole: Path, tmp_path: Path) -> None:
    words = ("--port", "9000", "--client", "id=robot,secret-env=ROBOT,grant=client_credentials", "--user", "carol")
    printed = oauthctl("serve", "--config", str(whole), *words, "--print-config")
    assert printed.code == 0, printed.err
    again = tmp_path / "again.toml"
    again.write_text(printed.out)
    assert oauthctl("serve", "--config", str(again), "--print-config").out == printed.out
    document = tomllib.loads(printed.out)
    assert document["server"] | {"port": 9000, "legacy": True} == document["server"]
    assert document["lifetimes"] == {"access-token": 20, "refresh-grace": 1.5, "key": 0}
    assert [one["id"] for one in document["client"]] == ["shop", "app", "robot"]
    assert [one["username"] for one in document["user"]] == ["dave", "carol"]


def test_what_is_there_without_being_told_is_printed_too(tmp_path: Path) -> None:
    printed = oauthctl("serve", "--print-config").out
    comments = [line for line in printed.splitlines() if line.startswith("#")]
    assert [line.split()[1] for line in comments if line.startswith("#   ")] == ["public", "web", "service", "api"]
    assert "# Users: alice and bob, each with the name as the password." in comments
    assert "# Keys: RS256 and ES256, made for each run, and kept with --state." in comments
    path = tmp_path / "provider.toml"
    path.write_text("[[client]]\nid = 'web'\n[[user]]\nusername = 'bob'\n[[key]]\nalg = 'ES512'\n")
    fewer = oauthctl("serve", "--config", str(path), "--print-config").out
    assert "#   web " not in fewer
    assert "# Users: alice, each" in fewer
    assert "# Keys" not in fewer


def test_no_secret_is_printed(whole: Path) -> None:
    ran = oauthctl("serve", "--config", str(whole), "--print-config", environ={"SHOP": SECRET, "DAVES": "another secret"})
    assert SECRET not in ran.out + ran.err
    assert "another secret" not in ran.out + ran.err
    assert 'secret-env = "SHOP"' in ran.out


def test_options_win_over_the_file(whole: Path) -> None:
    words = ("--token-seconds", "300", "--fault", "id-token-expired", "--client", "id=app,name=Other", "--user", "dave")
    document = tomllib.loads(oauthctl("serve", "--config", str(whole), *words, "--print-config").out)
    assert document["lifetimes"]["access-token"] == 300  # also where the option says the default
    assert document["server"]["fault"] == ["id-token-expired"]
    assert document["server"]["local-client"] == ["http://127.0.0.1:8000"]
    assert document["client"][1] == {"id": "app", "name": "Other"}
    assert document["user"] == [{"username": "dave"}]


def test_the_order_of_the_words_does_not_matter(whole: Path) -> None:
    assert tomllib.loads(oauthctl("serve", "--port", "9000", "--print-config", "--config", str(whole)).out)["server"]["port"] == 9000


@pytest.fixture(scope="module")
def busy() -> Iterator[str]:
    """A port that is taken: whatever is not refused before ends there, instead of serving for ever."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("text", "complaint", "line"),
    [
        ("[sever]", "`sever` is not known", 1),
        ("server = 1", "`server` is no table", 1),
        ("[server]\nprot = 1", "`server.prot` is not known", 2),
        ("[server]\nlist-faults = true", "`server.list-faults` is not known", 2),
        ('[server]\nclient = ["id=a"]', "write `[[client]]`", 2),
        ('[server]\nport = "9000"', "`server.port` is no whole number", 2),
        ("[server]\nport = true", "is no whole number", 2),
        ("[server]\n\nport = 70000", "`server.port` can't be", 3),
        ("[server]\ntoken-seconds = 0", "from 1 to 1000000000 seconds", 2),
        ("[server]\ntoken-seconds = nan", "`server.token-seconds`", 2),
        ("[server]\nlegacy = 1", "is no `true` or `false`", 2),
        ("[server]\nfault = 1", "is no text or list of texts", 2),
        ("[server]\nfault = [1]", "is no text or list of texts", 2),
        ("[server]\nfault = 'id-token-expird'", "did you mean `id-token-expired`", 2),
        ("[server]\npersona = 'gihub'", "`github`", 2),
        ("[[issuer]]\nurl = '/one'\nfault = ['id-token-expired:times=x']", "`times", 3),
        ("[server]\nhost = 1", "`server.host` is no text", 2),
        ("[client]\nid = 'a'", "write `[[client]]`", 1),
        ("[[client]]\nname = 'a'", "`client 1` has no `id`", 1),
        ("[[client]]\nid = 'a'\n[[client]]\nid = 'b'\nredirct = 'c'", "`client 2.redirct` is not known", 5),
        ("[[client]]\nid = 'a'\nredirect = [1]", "is no text or list of texts", 3),
        ("[[client]]\nid = ['a']", "`client 1.id` is no text", 2),
        ("[[client]]\nid = ''", "`client 1.id` is no text", 2),
        ("[[client]]\nid = 'a'\nclient_id = 'b'", "`client 1.client_id` says what `id` says, too", 3),
        ("[[client]]\nid = 'a'\nsubject_type = 'pair'", "is none of `public`, `pairwise`", 3),
        ("[[client]]\nid = 'a'\ndpop_bound_access_tokens = 'yes'", "is no `true` or `false`", 3),
        ("[[client]]\nid = 'a'\njwks = {keys = 1}", "`client 1.jwks` can't be: jwks has no array keys", 3),
        ("[[client]]\nid = 'a'\nid-token-seconds = -1", "is no number of seconds from 0", 3),
        ("[[client]]\nid = 'a'\ntoken_endpoint_auth_method = 'tls_client_auth'", "has no name for its certificate", 3),
        ("[[client]]\nid = 'a'\ngrant = 'code'", "unknown grant `code`", 3),
        ("[[client]]\nid = 'a'\nid_token_signed_response_alg = 'PS256'", "`id_token_signed_response_alg` is `PS256`", 3),
        ("[[user]]\nname = 'a'", "has no `username`", 1),
        ("[[user]]\nusername = 'a'\nemail = 'b'", "`user 1.email` is not known", 3),
        ("[[user]]\nusername = 'a'\n[user.claims]\nsub = 'b'", "can't set `sub`", 4),
        ("[[user]]\nusername = 'a'\nclaims = {born = 1999-01-01}", "is no table of values that JSON has", 3),
        ("[[client]]\nid = 'a'\n[[client]]\nid = 'a'", "`client 2.id` is that of an earlier one: `a`", 4),
        ("[[user]]\nusername = 'a'\n[[user]]\nusername = 'a'", "of an earlier one: `a`", 4),
        ("[[claim]]\nname = 'groups'\nin = ['id-token']", "is no list of some of `id_token`", 3),
        ("[[claim]]\nname = 'iss'", "can't set `iss`", 2),
        ("[[claim]]\nname = 'groups'\nscope = 'group'", "is no scope of this provider", 3),
        ("[[scope]]\nname = 'groups'\noffered = 'no'", "is no `true` or `false`", 3),
        ("[[key]]\nalg = 'HS256'", "is none of `RS256`", 2),
        ("[[key]]\nkid = 'k'", "has neither `alg` nor `file`", 1),
        ("[[key]]\nfile = 'none.pem'", "can't be read", 2),
        ("[[resource]]\npath = 'api'", "is no path that begins with `/`", 2),
        ("[server]\ntls = ''", "`server.tls` is empty", 2),
        ("[[issuer]]\nurl = '/one'\nstate = ''", "`issuer 1.state` is empty", 3),
        ("[endpoints]\ntoken = '//evil/x'", "`endpoints.token` is no path", 2),
        ("[endpoints]\ntoken = '/a/../x'", "`endpoints.token` is no path", 2),
        ("[endpoints]\ntoken = '/a/%2E%2e/x'", "`endpoints.token` is no path", 2),
        ("[[issuer]]\nurl = '/../x'", "`issuer 1.url` is no http or https URL", 2),
        ("[[issuer]]\nurl = 'https://op.example/a/..'", "`issuer 1.url` is no http or https URL", 2),
        ("[[scope]]\nname = 'a b'", "`scope 1.name` is no scope", 2),
        ("[[scope]]\nname = 'a\\b'", "`scope 1.name` is no scope", 2),
        ("[[client]]\nid = 'a'\nredirect = 'javascript:alert(1)'", "no absolute URI", 3),
        ("[[client]]\nid = 'a'\nredirect = 'https://a@b.example/'", "no absolute URI", 3),
        ("[[resource]]\npath = '/token'", "is taken by an endpoint", 2),
        ("[[resource]]\npath = '/orders'\nscope = 'items.raed'", "is no scope of this provider", 3),
        ("[[resource]]\npath = '/orders'\nmax-age = 1.5", "is no whole number of seconds", 3),
        ("[lifetimes]\ncode = '60'", "`lifetimes.code` is no number of seconds", 2),
        ("[lifetimes]\naccess-token = 0", "`lifetimes.access-token` is no number of seconds from 1", 2),
        ("[server]\ntoken-seconds = 5\n[lifetimes]\naccess-token = 5", "says what `token-seconds` says, too", 4),
        ("[lifetimes]\nacess-token = 5", "did you mean `access-token`", 2),
        ("[provider]\npkce-methods = []", "is no list of some of `S256`", 2),
        ("[endpoints]\ntoken = '/authorize'", "`endpoints.token` is the path of two endpoints", 2),
        ("[issuer]\nurl = '/one'", "write `[[issuer]]`", 1),
        ("[[issuer]]\nurl = '/one'\n[[issuer]]\nurl = '/one'", "has the `url` of an earlier one", 4),
        ("[[issuer]]\nurl = 'one'", "`issuer 1.url` is no http or https URL without query", 2),
        ("[[issuer]]\nurl = 1", "`issuer 1.url` is no http or https URL without query", 2),
        ("[[issuer]]\nurl = '/one'\nport = 1", "`issuer 1.port` is not known", 3),
        ("[[issuer]]\nurl = '/a'\n[[issuer]]\nurl = '/b'\n[[issuer.client]]\nid = 1", "`issuer 2.client 1.id` is no text", 6),
        ("[server]\nissuer = '/one'\n[[issuer]]\nurl = '/one'", "is said by `[[issuer]]`, too", 2),
        ("[server\n", "is no TOML: expected `]` at the end of a table declaration, at column 8", 1),
        ("[server]\nport = 90 00", "is no TOML", 2),
        ("[server]\nport = [\n", "is no TOML", 3),
        ("[server]\nport = 1\nport = 2", "is no TOML: cannot overwrite a value", 3),
        ("[a.b]\n[a.b]", "is no TOML: cannot declare `a.b` twice", 2),
        ("\n[[clients]]\nid = 'a'", "did you mean `client`", 2),
        ("\n[[server]]\nport = 1", "`server` is no table", 2),
        ("[server]\nport = -1", "`server.port` can't be: `--port` takes 0 or more, not `-1`", 2),
        ("[server]\nport = '9000'", 'got   "9000"', 2),
        ("[server]\nissuer = ['/one',\n'/two?x']", "`/two?x` can't be an issuer", 3),
        ("[server]\nlocal-client = 'http://a.example'", "takes an origin on this machine", 2),
        ("[server]\ntrust = ['a']", "takes an issuer and a file", 2),
        ("[server]\nfault = [\n'id-token-expired',\n'id-token-expird',\n]", "did you mean `id-token-expired`", 4),
        ("[[client]]\nid = 'a'\nredirect = [\n'https://a.example/',\n'localhost:5000/b',\n]", "`localhost:5000/b`", 5),
        ("[[client]]\nid = 'a'\nredirect_uris = 'localhost:5000/b'", "`localhost:5000/b`", 3),
        ("[[client]]\nid = 'a'\nrequest-uri = 'http://a.example/'", "is not https", 3),
        ("[[client]]\nid = 'a'\nresource = '/api/none'", "is no part of the API", 3),
        ("[[client]]\nid = 'a'\ngrant_types = ['authorisation_code']", "did you mean `authorization_code`", 3),
        ("[[client]]\nid = 'a'\ngrant = 'client_credentials'", "has no secret", 3),
        ("[[client]]\nid = 'a'\nsecret-env = 'NOT_SET'", "is not set", 3),
        ("[[client]]\nid = 'a'\nsecret-file = 'none'", "can't be read", 3),
        ("[[client]]\nid = 'a'\nkeys-file = 'none'", "can't be read", 3),
        ("[[client]]\nid = 'a'\ntoken_endpoint_auth_method = 'basic'", "the client `a` has the `token_endpoint_auth_method` `basic`", 3),
        ("[[client]]\nid = 'a'\ntoken_endpoint_auth_method = 'attest_jwt_client_auth'", "add `--experimental`", 3),
        ("[[client]]\nid = 'a'\naccess_token_format = 'jwe'", "did you mean `jwt`", 3),
        (
            "[[client]]\nid = 'a'\nbackchannel_client_notification_endpoint = 'http://a.example'",
            "is neither https nor http on this machine",
            3,
        ),
        ("[[client]]\nid = 'a'\nscope = 'openid nosuch'", "`client 1.scope` names `nosuch`, which is no scope of this provider", 3),
        ("[[client]]\nid = 'a'\nscope = ['openid',\n'item.read']", "did you mean `items.read`", 4),
        ("[[user]]\nusername = 'a'\npassword-env = 'NOT_SET'", "is not set", 3),
        ("[[user]]\nusername = 'a'\n[user.claims]\na = 1\nsub = 'b'", "can't set `sub`", 5),
        ("[[claim]]\nname = 'groups'\nin = [\n'userinfo',\n'id-token',\n]", "did you mean `id_token`", 5),
        ("[[key]]\nalg = 'RS257'", 'got   "RS257"', 2),
        ("[[key]]\nalg = 'RS257'", "did you mean `RS256`", 2),
        ('[[key]]\nalg = "RS\\u001b[31m"', 'got   "RS\\u001b[31m"', 2),
        ("[[key]]\nalg = 'RS256'\nkid = 'a'\n[[key]]\nalg = 'ES256'\nkid = 'a'", "`key 2.kid` is that of an earlier key: `a`", 6),
        ("[lifetimes]\ncode = -5", "got   -5", 2),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, busy: str, text: str, complaint: str, line: int) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(text)
    ran = oauthctl("serve", "--config", str(path), "--port", busy)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err
    assert f"--> {path}, line {line}\n" in ran.err


def test_an_unknown_key_names_the_nearest_one(tmp_path: Path, busy: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text("[[client]]\nid = 'a'\nredirct = 'b'\n")
    assert "help: did you mean `redirect` or `redirect_uris`?" in oauthctl("serve", "--config", str(path), "--port", busy).err


@pytest.mark.parametrize(
    ("text", "got"),
    [
        (f"[[client]]\nid = 'a'\nsecret-env = ['{SECRET}']", "a list"),
        (f"[[client]]\nid = 'a'\nsecret-file = \"{SECRET}\\n\"", "a text with what can't be seen"),
        (f'[[key]]\nfile = "{SECRET}\\n"', "a text with what can't be seen"),
        (f"[[client]]\nid = 'a'\njwks = '{SECRET}'", "a text"),
        ("[[client]]\nid = ''", "an empty text"),
    ],
)
def test_what_may_be_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, busy: str, text: str, got: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(text)
    ran = oauthctl("serve", "--config", str(path), "--port", busy)
    assert f"      got   {got}\n" in ran.err
    assert SECRET not in ran.err


def test_a_wrong_value_is_shown_up_to_a_length(tmp_path: Path, busy: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(f"[server]\nport = '{'9' * 1000}'")
    (got,) = (line for line in oauthctl("serve", "--config", str(path), "--port", busy).err.splitlines() if "got" in line)
    assert got.startswith('      got   "999')
    assert len(got) < 100
    assert got.endswith("…")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[user]]\nusername = 'André'".encode("latin-1"), "is no UTF-8 text"),
        ("\n\n".encode("utf-16"), "is no UTF-8 text"),
    ],
)
def test_what_is_no_utf_8_is_told_with_its_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_bytes(content)
    ran = oauthctl("serve", "--config", str(path), "--print-config")
    assert ran.code == 2
    assert complaint in ran.err
    assert f"--> {path}, line {content.count(bytes((10,)), 0, content.find(0xE9)) + 1 if 0xE9 in content else 1}\n" in ran.err


@pytest.mark.parametrize("depth", [60, 400, 5000])
def test_what_nests_too_deep_is_refused(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(f"[[user]]\nusername = 'a'\nclaims = {{a = {'[' * depth}{']' * depth}}}\n")
    ran = oauthctl("serve", "--config", str(path), "--print-config")
    assert (ran.code, ran.out) == (2, "")
    assert "nests values too deep" in ran.err


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "provider.toml"
    path.write_text("[server]\nport = 9000\n", encoding="utf-8-sig")
    assert "port = 9000" in oauthctl("serve", "--config", str(path), "--print-config").out


@pytest.mark.parametrize(("table", "key"), [("[[client]]\nid = 'a'", "secret"), ("[[user]]\nusername = 'a'", "password")])
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, table: str, key: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(f"{table}\n{key} = '{SECRET}'\n")
    ran = oauthctl("serve", "--config", str(path), "--print-config")
    assert ran.code == 2
    assert f"{key}-env" in ran.err
    assert SECRET not in ran.err


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = oauthctl("serve", "--config", str(tmp_path / "none.toml"))
    assert ran.code == 2
    assert "can't be read" in ran.err
