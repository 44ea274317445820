"""The scope of an application that asks for itself, at Microsoft Entra.

Here: `/.default`. Not here: scopes that are unknown or not allowed (`scope`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client
from oauthctl.specs import Section

_HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.windows.net")


@rule(
    Section("RFC 6749", "4.4.2"),
    explains=("scope-unknown", "scope-not-allowed", "resource-unknown", "resource-scope-mismatch", "token-request-refused"),
)
def default_scope_missing(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """An application asks for itself with another scope than `/.default`."""
    host, scopes = host_of(seen.url), str(seen.sent.raw("scope") or "").split()
    is_there = host in _HOSTS or host.endswith(".ciamlogin.com")
    if not is_there or "/v2.0/" not in split_url(seen.url).path or not is_refused(seen, scene) or refuses_client(seen):
        return
    if seen.sent.grant_type != "client_credentials" or not scopes or all(one.endswith("/.default") for one in scopes):
        return
    got = " ".join(scopes)[:200]
    yield Found(
        cause=f"The request is a `client_credentials` grant with the scope `{got}`: an application that asks for itself gets its "
        "application permissions as a whole, by the one scope `<resource>/.default`, and no delegated scope.",
        help="In the client, set `scope` to the API's identifier and `/.default` (for Microsoft Graph "
        "`https://graph.microsoft.com/.default`); in the app registration, add the application permissions and have an administrator "
        "grant them.",
        evidence=(seen.evidence(".scope", expected="<resource>/.default", got=got),),
        certainty=Certainty.CERTAIN if ".default" in seen.reply.words else Certainty.LIKELY,
    )
