"""The authority in Entra's URLs: whose accounts it serves.

Here: what the URL says against a provider's word about it. Not here: tenants that don't exist (`metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.messages.param import Message
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SHARED = ("common", "organizations", "consumers")
_PERSONAL_ONLY = re.compile(r"AADSTS(?:9002331|9002346)\b")


@rule(Section("RFC 6749", "4.1.2.1"))
def tenant_not_multi(seen: Seen[Message], scene: Scene) -> Iterator[Refuted]:
    """The authority and the account types of the application do not go together."""
    if seen.id not in scene.failed or not host_of(seen.url).startswith("login.microsoftonline."):
        return
    tenant = split_url(seen.url).path.strip("/").partition("/")[0].lower()
    is_for_personal = _PERSONAL_ONLY.search(seen.reply.words) is not None
    if (tenant == "consumers") if is_for_personal else (tenant not in _SHARED):
        yield Refuted()
