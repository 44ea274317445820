"""Redirect URIs that a server in between checks itself, before the provider sees a request: a secrets store, a deployment tool.

Here: such a server's own list. Not here: what the provider has registered (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.rules.registry import Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_NOT_ALLOWED = re.compile(r"unauthorized redirect_uri:?\s*['\"]?(https?://[^\s'\"<>\\]{1,300})?", re.IGNORECASE)


@rule(Section("RFC 6749", "3.1.2"), explains=("redirect-uri-not-registered", "api-call-refused"))
def role_redirect_uri_not_allowed(scene: Scene) -> Iterator[Found]:
    """The role of the server in between does not list the redirect URI."""
    for seen in scene.seen:
        said = _NOT_ALLOWED.search(seen.reply.words) if seen.reply.status in (400, 403) else None
        if said is not None and seen.is_direct:
            yield _found(said[1] or "", seen.evidence("response.body", got=said[0][:200]))
            return
    said = _NOT_ALLOWED.search(scene.given.local_error[:4000])
    if said is not None:
        yield _found(said[1] or "", Evidence(None, "given.local_error", "", said[0][:200]))


def _found(uri: str, evidence: Evidence) -> Found:
    named = f" `{uri}`" if uri else ""
    return Found(
        cause=f"The server that begins the sign-in (Vault's JWT/OIDC method says it so) refuses the redirect_uri{named} itself: its role "
        "does not list it in `allowed_redirect_uris`, and the provider was not asked yet.",
        help=f"In the role's configuration add{named or ' the redirect URI'} to `allowed_redirect_uris`, to the letter (the command line "
        "uses `http://localhost:8250/oidc/callback`, the web interface its own), and register the same one at the provider.",
        evidence=(evidence,),
        certainty=Certainty.LIKELY,
    )
