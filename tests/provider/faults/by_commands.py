"""Prints how many faults are found first after our ordinary commands: `python -m tests.provider.faults.by_commands [WORD…]`.

Here: the command lines by flow, at a server with sockets, and what `diagnose` says then. Not here: the flows themselves, which are faster
(`playing`). With words, only faults whose name has one of them, and what was found in each. Exits 1 when one was missed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import httpx

from oauthctl.provider.client import practice_clients
from oauthctl.provider.faults.registry import Fault, all_faults
from oauthctl.provider.second_factor import CODE
from oauthctl.provider.state import ProviderState, with_legacy
from oauthctl.provider.switched import Switched
from tests.cli.page_scripts import form_posted
from tests.cli.person import ALICE, oauthctl_with
from tests.cli.spoiled import Provider, providing
from tests.interop.forms import Form
from tests.interop.pages import Page, browse, browser

Way: TypeAlias = tuple[tuple[str, ...], ...]
"""Command lines, one after the other. `{issuer}` is the provider."""

_SECRET = "of-the-practice-clients"
"""Without a character that has to be encoded: that is another story."""
_PATIENCE = 2.0
"""Seconds that a person waits for a page."""
_LOGIN = ("login", "{issuer}", "--timeout", "4", "--scope", "openid profile items.read offline_access")
_PUBLIC = (*_LOGIN, "--client-id", "public")
_WEB = (*_LOGIN, "--client-id", "web")
_PLAIN = ("login", "{issuer}", "--timeout", "4", "--client-id", "public", "--scope", "openid items.read")
_CALL = ("call", "{issuer}/api/items")
_REGISTER = (
    ("register", "{issuer}"),
    ("register", "--read"),
    ("register", "--update", "--client-name", "Shop"),
    ("register", "--delete", "--yes"),
)
_REVOKE = ("revoke", "--access-token")

WAYS: dict[str, tuple[Way, ...]] = {
    "code-flow": ((_PUBLIC,),),
    "discovery-flow": ((("discover", "{issuer}", "--timeout", "1"),),),
    "client-credentials-flow": ((("token", "--grant", "client_credentials", "--timeout", "1"),),),
    "refresh-flow": ((_PUBLIC, ("refresh",)), (_WEB, ("refresh",))),
    "claims-flow": ((_PUBLIC, ("userinfo",)), (_WEB, ("userinfo",))),
    "api-flow": ((_PUBLIC, _CALL),),
    "mtls-flow": ((_PUBLIC, _CALL),),
    "api-discovery-flow": (((*_PLAIN, "--resource", "{issuer}/api/items", "--standard", "mcp"),),),
    "dpop-flow": (((*_PUBLIC, "--dpop"), _CALL),),
    "introspection-flow": ((_WEB, ("introspect",)),),
    "signed-introspection-flow": ((_WEB, ("introspect", "--signed")),),
    "revocation-flow": ((_PUBLIC, _REVOKE), (_WEB, _REVOKE), (_WEB, ("logout",))),
    "registration-flow": (_REGISTER,),
    "pushed-flow": (((*_PUBLIC, "--par", "always"),), ((*_WEB, "--par", "always"),)),
    "signed-answer-flow": (((*_PUBLIC, "--response-mode", "jwt"),),),
    "signed-userinfo-flow": (((*_LOGIN, "--client-id", "claimant"), ("userinfo",)),),
    "hybrid-flow": (((*_PLAIN, "--grant", "hybrid"),),),
    "implicit-flow": (((*_PLAIN, "--grant", "implicit"),),),
    "device-flow": (((*_PUBLIC, "--grant", "device_code"),),),
    "ciba-flow": (((*_WEB, "--grant", "ciba", "--login-hint", "alice"),),),
    "step-up-flow": (((*_PLAIN, "--acr", "second-factor"),),),
    "recent-sign-in-flow": (((*_PLAIN, "--max-age", "300"),),),
}
"""By the names that faults give to flows. The others are those of clients that we don't have, or wouldn't."""


def found_by_commands(folder: Path, flow: str, way: Way, *faults: Switched) -> tuple[list[str], bool]:
    """The rules that are found after the first command after which any is, and whether each of the faults has struck."""

    def spoiled(state: ProviderState) -> ProviderState:
        legacy = with_legacy(state) if flow in ("hybrid-flow", "implicit-flow") else state
        return replace(legacy, faults=faults, device_interval=0.05)

    practice = practice_clients(secret=_SECRET)
    claimant = next(replace(one, id="claimant", userinfo_signed_response_alg="RS256") for one in practice if one.id == "public")
    with providing(*practice, claimant, change=spoiled) as provider:
        environ = _environ(provider, flow, way)
        found = next(filter(None, (_found_after(folder, provider, argv, environ) for argv in way)), [])
        return found, all(one.strikes for one in provider.server.state.faults)


def _environ(provider: Provider, flow: str, way: Way) -> dict[str, str]:
    secret = {"OAUTHCTL_CLIENT_SECRET": _SECRET}
    if flow == "client-credentials-flow":
        return {**secret, "OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_SCOPE": "items.read"}
    return secret if any("web" in argv for argv in way) else {}


def _found_after(folder: Path, provider: Provider, argv: tuple[str, ...], environ: dict[str, str]) -> list[str]:
    words = (word.format(issuer=provider.issuer) for word in argv)
    ran = oauthctl_with(_person(provider), *words, folder=folder, environ=environ)[0]
    told = oauthctl_with(ALICE, "diagnose", "--json", folder=folder)[0]
    found = [finding["rule"] for finding in json.loads(told.out)["findings"]] if told.out else []
    # What a command refuses by itself, without a request, it names itself.
    return found or re.findall(r"^error\[([a-z0-9-]+)\]", ran.err, re.MULTILINE)


def _person(provider: Provider) -> Callable[[str], Page]:
    """Signs in and agrees, types in a code, and has a browser that runs the script of a page that posts itself."""

    def visit(url: str) -> Page:
        devices = list(provider.server.state.device_codes.values())
        typed = (Form({"user_code": devices[-1].user_code}),) if devices else (Form({"code": CODE}),) if "acr_values=" in url else ()
        # A page that can't be had, or begins anew for ever, is one at which people give up.
        with suppress(httpx.TransportError, AssertionError), browser() as client:
            client.timeout = httpx.Timeout(_PATIENCE)
            page = browse(url, (*typed, *ALICE), client=client)
            is_posted = "/authorize" in page.url and 'name="csrf"' not in page.html and "<form" in page.html
            return form_posted(page) if is_posted else page
        return Page(url, 0, "", "")

    return visit


def main(words: list[str]) -> int:
    """The score; 1 when something was missed."""
    good = every = 0
    for slug, fault in all_faults().items():
        if words and not any(word in slug for word in words):
            continue
        for told, is_first in _judged(fault):
            every += 1
            good += is_first
            if words or not is_first:
                print(f"{'ok  ' if is_first else 'MISS'}  {slug}: {fault.rule}, {told}", flush=True)
    print(f"in all {good} of {every}")
    return int(good < every)


def _judged(fault: Fault) -> Iterator[tuple[str, bool]]:
    """What is found after each way of our commands in which the fault strikes, and whether its rule is first."""
    # What is never answered makes a command wait, mostly for half a minute: `on_the_wire`.
    ways, struck = () if fault.subject == "wire" else WAYS.get(fault.flow, ()), 0
    for way in ways:
        with TemporaryDirectory() as folder:
            found, has_struck = found_by_commands(Path(folder), fault.flow, way, Switched(fault.slug))
        struck += has_struck
        if has_struck:
            yield f"after {_shown(way)} found {', '.join(found) or 'nothing'}", found[:1] == [fault.rule]
    if ways and not struck:
        yield "which has not struck", False


def _shown(way: Way) -> str:
    clients = (f" as {argv[argv.index('--client-id') + 1]}" if "--client-id" in argv else "" for argv in way)
    return ", ".join(f"`{argv[0]}`{client}" for argv, client in zip(way, clients, strict=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
