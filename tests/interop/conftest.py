"""Here: the real servers, each started once by the test process that needs it. Not here: what is asked of them.

Mark the tests of a server with `@pytest.mark.xdist_group("<fixture's name>")`, so that one process runs them all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.interop import environments
from tests.interop.chromium import Chromium
from tests.interop.forms import Button, Form
from tests.interop.processes import free_ports, running
from tests.interop.targets import Client, Server, clients_of

SERVERS = Path(__file__).parent / "servers"


@pytest.fixture(scope="session")
def oidc_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The certified npm package `oidc-provider`: any loopback port, a sign-in page, consent unasked."""
    node = environments.node()
    if shutil.which("openssl") is None:
        environments.missing("openssl is not installed, which makes oidc-provider's certificates")
    folder = tmp_path_factory.mktemp("oidc-provider")
    command = (node, str(SERVERS / "oidc_provider.mjs"), str(free_ports(3)))
    with running(command, folder=folder, environment=_environment()) as issuer:
        secret = json.loads((folder / "info.json").read_text("utf-8"))["secret"]
        yield Server(
            name="oidc-provider",
            issuer=issuer,
            metadata_url=f"{issuer}/.well-known/openid-configuration",
            redirect_uri=f"http://127.0.0.1:{free_ports(1)}/callback",
            scope="openid profile email offline_access",
            user="alice",
            subject="alice",
            clients=clients_of(
                (
                    Client("public"),
                    Client("public-es256"),
                    Client("public-eddsa"),
                    Client("public-par"),
                    Client("public-jar"),
                    Client("public-jarm"),
                    Client("public-pairwise"),
                    Client("public-hybrid"),
                    Client("public-enc"),
                    Client("public-dpop"),
                    Client("public-dpop-nonce"),
                    Client("basic", secret, "client_secret_basic"),
                    Client("odd: id", f"%+: {secret}", "client_secret_basic"),
                    Client("post", secret, "client_secret_post"),
                    Client("secret-jwt", secret, "client_secret_jwt"),
                    Client("key-jwt", None, "private_key_jwt"),
                    Client("attested", None, "attest_jwt_client_auth"),
                    Client("ciba-ping", secret, "client_secret_basic"),
                    Client("resource-server", secret, "client_secret_basic"),
                )
            ),
            agreeing=(Form({"login": "alice", "password": "any"}), Form(button=Button("logout", "yes"))),
            refusing=(Form({"login": "deny", "password": "any"}),),
            folder=folder,
            parameters={"prompt": "consent"},
        )


@pytest.fixture(scope="session")
def django_oauth_toolkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PyPI's django-oauth-toolkit: any loopback port, a sign-in page and a consent page, a protected API."""
    folder = tmp_path_factory.mktemp("django-oauth-toolkit")
    command = (str(environments.python_of("django-oauth-toolkit")), str(SERVERS / "django_oauth_toolkit.py"), str(free_ports(1)))
    log_in = Form({"username": "alice", "password": "alice-pass"})
    with running(command, folder=folder, environment=_environment()) as issuer:
        yield Server(
            name="django-oauth-toolkit",
            issuer=issuer,
            metadata_url=f"{issuer}/.well-known/openid-configuration",
            redirect_uri=f"http://127.0.0.1:{free_ports(1)}/callback",
            scope="openid profile email read",
            user="alice",
            subject="alice",
            clients=clients_of(
                (
                    Client("public"),
                    Client("device"),
                    Client("implicit"),
                    Client("hybrid"),
                    Client("basic", "dev-secret", "client_secret_basic"),
                    Client("machine", "dev-secret", "client_secret_basic"),
                )
            ),
            agreeing=(log_in, Form(button=Button("allow", "Authorize"))),
            refusing=(log_in, Form({"code_challenge": ""}, Button(""))),
            folder=folder,
            parameters={},
            api_url=f"{issuer.removesuffix('/o')}/api/hello",
        )


@pytest.fixture(scope="session")
def canaille(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PyPI's canaille: an exact redirect URI, a page each for login, password and consent."""
    folder = tmp_path_factory.mktemp("canaille")
    redirect_uri = f"http://127.0.0.1:{free_ports(1)}/callback"
    command = (str(environments.python_of("canaille")), str(SERVERS / "canaille_server.py"), str(free_ports(1)), redirect_uri)
    log_in = (Form({"login": "alice"}), Form({"password": "correct-horse-9"}))
    with running(command, folder=folder, environment=_environment()) as issuer:
        yield Server(
            name="canaille",
            issuer=issuer,
            metadata_url=f"{issuer}/.well-known/openid-configuration",
            redirect_uri=redirect_uri,
            scope="openid profile email",
            user="alice",
            subject="alice",
            clients=clients_of(
                (
                    Client("public"),
                    Client("referring"),
                    Client("trusted"),
                    Client("basic", "dev-secret", "client_secret_basic"),
                    Client("post", "dev-secret", "client_secret_post"),
                    Client("key-jwt", None, "private_key_jwt"),
                )
            ),
            agreeing=(*log_in, Form(button=Button("answer", "accept"))),
            refusing=(*log_in, Form(button=Button("answer", "deny"))),
            folder=folder,
            # Without it a consent that was given once is not asked for again.
            parameters={"prompt": "consent"},
        )


@pytest.fixture(scope="session")
def mcp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PyPI's `mcp`: RFC 8414 metadata only, no sign-in page, tokens for one resource, which speaks MCP."""
    folder = tmp_path_factory.mktemp("mcp")
    redirect_uri = f"http://127.0.0.1:{free_ports(1)}/callback"
    command = (str(environments.python_of("mcp")), str(SERVERS / "mcp_server.py"), str(free_ports(1)), redirect_uri)
    with running(command, folder=folder, environment=_environment()) as issuer:
        yield Server(
            name="mcp",
            issuer=issuer,
            metadata_url=f"{issuer}/.well-known/oauth-authorization-server",
            redirect_uri=redirect_uri,
            scope="read write",
            user="alice",
            subject=None,
            clients=clients_of(
                (Client("public"), Client("post", "dev-secret", "client_secret_post"), Client("basic", "dev-secret", "client_secret_basic"))
            ),
            agreeing=(),
            refusing=None,
            folder=folder,
            parameters={"resource": f"{issuer}/mcp"},
            api_url=f"{issuer}/mcp",
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Headless Chromium."""
    browser = Chromium(environments.node(), environments.chromium())
    yield browser
    browser.end()


def _environment() -> Mapping[str, str]:
    """The environment without what would make Python or Node behave otherwise, or proxies that loopback doesn't need."""
    unwanted = ("PYTHON", "NODE_", "OAUTHCTL_", "DJANGO_", "FLASK_", "CANAILLE_", "MCP_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted) and not name.lower().endswith("_proxy")}
