"""`serve --config FILE` and `--print-config`."""

from __future__ import annotations

import json
import sys
import tomllib
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
    assert document["server"] | {"port": 9000, "token-seconds": 20, "refresh-grace": 1.5, "legacy": True} == document["server"]
    assert [one["id"] for one in document["client"]] == ["shop", "app", "robot"]
    assert [one["username"] for one in document["user"]] == ["dave", "carol"]


def test_no_secret_is_printed(whole: Path) -> None:
    ran = oauthctl("serve", "--config", str(whole), "--print-config", environ={"SHOP": SECRET, "DAVES": "another secret"})
    assert SECRET not in ran.out + ran.err
    assert "another secret" not in ran.out + ran.err
    assert 'secret-env = "SHOP"' in ran.out


def test_options_win_over_the_file(whole: Path) -> None:
    words = ("--token-seconds", "300", "--fault", "id-token-expired", "--client", "id=app,name=Other", "--user", "dave")
    document = tomllib.loads(oauthctl("serve", "--config", str(whole), *words, "--print-config").out)
    assert document["server"]["token-seconds"] == 300  # also where the option says the default
    assert document["server"]["fault"] == ["id-token-expired"]
    assert document["server"]["local-client"] == ["http://127.0.0.1:8000"]
    assert document["client"][1] == {"id": "app", "name": "Other"}
    assert document["user"] == [{"username": "dave"}]


def test_the_order_of_the_words_does_not_matter(whole: Path) -> None:
    assert tomllib.loads(oauthctl("serve", "--port", "9000", "--print-config", "--config", str(whole)).out)["server"]["port"] == 9000


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[sever]", "`sever` in"),
        ("server = 1", "`server` in"),
        ("[server]\nprot = 1", "`server.prot` in"),
        ("[server]\nlist-faults = true", "`server.list-faults` in"),
        ('[server]\nclient = ["id=a"]', "write `[[client]]`"),
        ('[server]\nport = "9000"', "is no whole number"),
        ("[server]\nport = true", "is no whole number"),
        ("[server]\nport = 70000", "`server.port` in"),
        ("[server]\ntoken-seconds = 0", "from 1 to 1000000000 seconds"),
        ("[server]\ntoken-seconds = nan", "`server.token-seconds` in"),
        ("[server]\nlegacy = 1", "is no `true` or `false`"),
        ('[server]\nfault = "id-token-expired"', "is no list of texts"),
        ("[server]\nhost = 1", "is no text"),
        ("[client]\nid = 'a'", "write `[[client]]`"),
        ("[[client]]\nname = 'a'", "has no `id`"),
        ("[[client]]\nid = 'a'\n[[client]]\nid = 'b'\nredirct = 'c'", "`redirct` of `client 2`"),
        ("[[client]]\nid = 'a'\nredirect = [1]", "is no text and no list of texts"),
        ("[[client]]\nid = ['a']", "is no text"),
        ("[[user]]\nname = 'a'", "has no `username`"),
        ("[[user]]\nusername = 'a'\nemail = 'b'", "`email` of `user 1`"),
        ("[[client]]\nid = 'a'\n[[client]]\nid = 'a'", "`client 2` in"),
        ("[[user]]\nusername = 'a'\n[[user]]\nusername = 'a'", "of an earlier one: `a`"),
        ("[server", "is no TOML"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(text)
    ran = oauthctl("serve", "--config", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


@pytest.mark.parametrize(("table", "key"), [("[[client]]\nid = 'a'", "secret"), ("[[user]]\nusername = 'a'", "password")])
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, table: str, key: str) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(f"{table}\n{key} = '{SECRET}'\n")
    ran = oauthctl("serve", "--config", str(path))
    assert ran.code == 2
    assert f"{key}-env" in ran.err
    assert SECRET not in ran.err


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = oauthctl("serve", "--config", str(tmp_path / "none.toml"))
    assert ran.code == 2
    assert "can't be read" in ran.err
