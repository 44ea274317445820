"""The practice provider with programs that Debian packages: oidc-agent, and mod_auth_openidc in Apache."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from oauthctl.provider.client import DEVICE_CODE, Client
from oauthctl.provider.state import with_legacy
from tests.cli.spoiled import Provider, providing
from tests.interop import environments
from tests.interop.foreign import ALICE
from tests.interop.forms import Button, Form
from tests.interop.pages import browse, browser
from tests.interop.processes import free_ports

SECRET = "a-practice-secret-of-more-than-32-bytes"
SCOPES = ("openid", "profile", "email", "offline_access", "items.read")
GRANTS = ("authorization_code", "refresh_token", DEVICE_CODE)
MODULES = Path("/usr/lib/apache2/modules")
SECONDS = 30
HTTPD = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
{user}
DocumentRoot {folder}/www
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret {secret}
OIDCRedirectURI http://127.0.0.1:{port}/callback
OIDCCryptoPassphrase {secret}
OIDCPKCEMethod S256
OIDCScope "openid profile email"
OIDCRemoteUserClaim email
<Location />
  AuthType openid-connect
  Require claim preferred_username:alice
</Location>
"""


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which an `oidc-agent` of its own answers."""
    if shutil.which("oidc-agent") is None:
        environments.missing("oidc-agent is not installed (Debian's package oidc-agent-cli)")
    folder = str(tmp_path)
    environ = {"PATH": os.environ["PATH"], "HOME": folder, "OIDC_CONFIG_DIR": folder, "OIDC_ENCRYPTION_PW": "x", "TERM": "dumb"}
    started = subprocess.run(["oidc-agent", "--quiet"], env=environ, capture_output=True, text=True, timeout=SECONDS, check=True)
    socket, process_id = re.search(r"OIDC_SOCK=([^;]+);", started.stdout), re.search(r"OIDCD_PID=(\d+);", started.stdout)
    assert socket is not None, started.stdout + started.stderr
    assert process_id is not None
    try:
        yield environ | {"OIDC_SOCK": socket[1]}
    finally:
        os.kill(int(process_id[1]), signal.SIGTERM)


@pytest.fixture
def provider() -> Iterator[Provider]:
    shared = {"secret": SECRET, "scopes": SCOPES, "grant_types": GRANTS}
    device = Client("device", "Agent on a device", auth_methods=("client_secret_basic",), **shared)  # type: ignore[arg-type] - one table
    with providing(device, change=lambda state: replace(state, device_interval=1)) as running:
        yield running


def generating(environ: dict[str, str], *argv: str) -> Iterator[str]:
    """The lines that `oidc-gen` prints, as they come; it has to end well."""
    words = ["stdbuf", "-oL", "-eL", "oidc-gen", "--pw-env", "--prompt=none", "--confirm-default", "--no-url-call", *argv]
    process = subprocess.Popen(
        words, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    watch = threading.Timer(SECONDS, process.kill)
    watch.start()
    assert process.stdout is not None
    try:
        yield from process.stdout
        assert process.wait(SECONDS) == 0
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def call(provider: Provider, environ: dict[str, str], *argv: str) -> tuple[str, int]:
    """A token from the agent, and the API's answer to it."""
    token = subprocess.run(["oidc-token", *argv], env=environ, capture_output=True, text=True, timeout=SECONDS, check=True).stdout.strip()
    answer = httpx.get(f"{provider.issuer}/api/items", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    return token, answer.status_code


@pytest.mark.xdist_group("foreign")
def test_oidc_agent_registers_itself_signs_in_and_refreshes(agent: dict[str, str], provider: Provider) -> None:
    argv = ["--issuer", provider.issuer, "--flow=code", "--no-scheme", "--port", str(free_ports(1))]
    argv += ["--scope", "openid offline_access items.read"]
    said = []
    for line in generating(agent, *argv, "practice"):
        said.append(line)
        if line.startswith(f"{provider.issuer}/authorize"):
            browse(line.strip(), ALICE)
    (client_id,) = provider.server.state.registrations
    assert provider.server.state.clients[client_id].name.startswith("oidc-agent:practice"), said
    first, status = call(provider, agent, "practice")
    assert status == 200
    # Valid for longer than any token is: it has to refresh.
    second, status = call(provider, agent, "--time", "3600", "practice")
    assert (status, second != first) == (200, True)


@pytest.mark.xdist_group("foreign")
def test_oidc_agent_signs_in_on_another_device(agent: dict[str, str], provider: Provider) -> None:
    argv = ["--issuer", provider.issuer, "--flow=device", "--client-id=device", f"--client-secret={SECRET}", "--manual"]
    argv += ["--redirect-uri", "http://localhost:28123", "--scope", "openid offline_access items.read"]
    for line in generating(agent, *argv, "practice"):
        if found := re.match(r"And enter the code: (\S+)", line):
            browse(f"{provider.issuer}/device", (*ALICE, Form({"user_code": found[1]})))
    assert call(provider, agent, "practice")[1] == 200


@contextlib.contextmanager
def apache(provider: Provider, folder: Path, port: int, *more: str) -> Iterator[str]:
    """Apache with one page, for Alice alone, and these further lines of configuration."""
    program = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if program is None or not (MODULES / "mod_auth_openidc.so").is_file():
        environments.missing("Apache with mod_auth_openidc is not installed (Debian's package libapache2-mod-auth-openidc)")
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("<!doctype html><title>Inside</title><p>hello from inside</p>", "utf-8")
    # A server that root starts goes on as somebody else, who must be able to read.
    folder.chmod(0o755)
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    text = HTTPD.format(port=port, folder=folder, modules=MODULES, issuer=provider.issuer, secret=SECRET, user=user)
    (folder / "httpd.conf").write_text(f"{text}{chr(10).join(more)}\n", "utf-8")
    process = subprocess.Popen(
        [program, "-d", str(folder), "-f", str(folder / "httpd.conf"), "-DFOREGROUND"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process, folder / "error.log")
        yield url
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/callback", trust_env=False, timeout=5)
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8", "replace") if log.exists() else "apache did not start")


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize(("user", "status"), [("alice", 200), ("bob", 401)])
def test_mod_auth_openidc_guards_a_page(user: str, status: int) -> None:
    port = free_ports(1)
    redirect_uri = f"http://127.0.0.1:{port}/callback"
    client = Client("apache", "Web server", SECRET, redirect_uris=(redirect_uri,), scopes=SCOPES)
    log_in = (Form({"username": user, "password": user}), *ALICE[1:])
    with (
        tempfile.TemporaryDirectory() as folder,
        providing(client) as provider,
        apache(provider, Path(folder), port) as url,
        browser() as person,
    ):
        page = browse(f"{url}/", log_in, client=person)
        assert (page.status, "hello from inside" in page.text) == (status, status == 200), page.text
        asked = provider.asked("/authorize")[0].query
        assert asked.get("code_challenge_method") == "S256"
        assert provider.asked("/userinfo")
        # A second visit is a session of Apache's own.
        before = len(provider.requests)
        assert person.get(f"{url}/").status_code == status
        assert len(provider.requests) == before


@pytest.mark.xdist_group("foreign")
@pytest.mark.parametrize("response_type", ["id_token", "id_token token", "code id_token", "code token", "code id_token token"])
def test_mod_auth_openidc_takes_tokens_by_the_browser(response_type: str) -> None:
    port = free_ports(1)
    client = Client("apache", "Web server", SECRET, redirect_uris=(f"http://127.0.0.1:{port}/callback",), scopes=SCOPES)
    lines = (f'OIDCResponseType "{response_type}"', "OIDCResponseMode form_post")
    with (
        tempfile.TemporaryDirectory() as folder,
        providing(client, change=with_legacy) as provider,
        apache(provider, Path(folder), port, *lines) as url,
        browser() as person,
    ):
        page = browse(f"{url}/", (*ALICE, Form(button=Button(""))), client=person)
        assert (page.status, "hello from inside" in page.text) == (200, True), page.text
        asked = provider.asked("/authorize")[0].query
        assert set((asked.get("response_type") or "").split()) == set(response_type.split())
        assert bool(provider.asked("/token")) is ("code" in response_type.split())
