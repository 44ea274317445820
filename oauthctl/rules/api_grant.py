"""Whether a client may get tokens for an API at all, which some providers' consoles list for each client.

Here: the list of APIs. Not here: grants such as `client_credentials` (`grant`), single scopes (`scope`), APIs nobody knows (`resource`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_ASKING = (purposes.TOKEN, purposes.AUTHORIZATION, purposes.CALLBACK, purposes.PUSHED_AUTHORIZATION, purposes.DEVICE_AUTHORIZATION)
_API = r"(?:\bapis?\b|resource|audience|[\"'`]?https?://|[\"'`]?api://|[\"'`]?urn:)"
_SAYS = re.compile(
    r"\b(?:client|app(?:lication)?)\b[^.]{0,80}\b(?:not|isn't|n't|never)\b(?: been| yet)? "
    r"(?:authori[sz]ed|allowed|permitted|granted|entitled|assigned)"
    rf"(?: access)?(?: to| for)?(?: access| use| call| request)?(?: tokens? for)?(?: the| this| that)?[^.]{{0,20}}{_API}"
    r"|\bclient[ _-]grant\b"
    r"|\b(?:client|app(?:lication)?)\b[^.]{0,60}"
    rf"\b(?:has no|lacks|without) (?:access|permission|grant)s? (?:to|for|on)\b[^.]{{0,20}}{_API}",
    re.IGNORECASE,
)
_ABOUT_OTHERS = re.compile(r"\bscopes?\b|redirect|grant.?type|response.?type|origin|userinfo|introspect|service account", re.IGNORECASE)


@rule(Section("RFC 8707", "2"), explains=("token-request-refused", "authorization-refused", "scope-not-allowed", "resource-unknown"))
def api_not_granted(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The client has no grant for this API."""
    if seen.purpose not in _ASKING or seen.id not in scene.failed:
        return
    said = _SAYS.search(seen.reply.words)
    if said is None or _ABOUT_OTHERS.search(said[0]):
        return
    asked = _asked_for(seen)
    if asked and _was_given(seen, asked, scene):
        yield Refuted()
        return
    api = f" `{asked[:200]}`" if asked else " that the request names (`audience`, `resource`)"
    yield Found(
        cause=f"The client is known, and it has no grant for the API{api}: it is not authorized to get access tokens with that audience.",
        help="In the provider's console, at the API (or at the application), authorize this application for it and choose the permissions "
        "(Auth0: *APIs*, the API, *Application Access*, which makes the client grant); or request the API that the client was given.",
        evidence=(
            *((seen.evidence(_place(seen), expected="an API that is granted to the client", got=asked[:200]),) if asked else ()),
            seen.evidence("response", got=said[0][:200]),
        ),
        certainty=Certainty.LIKELY,
    )


def _place(seen: Seen[Message]) -> str:
    return next(f".{name}" for name in ("audience", "resource") if seen.sent.raw(name))


def _asked_for(seen: Seen[Message]) -> str:
    found = (seen.sent.raw(name) for name in ("audience", "resource"))
    return next((str(value) for value in found if value), "")


def _was_given(seen: Seen[Message], asked: str, scene: Scene) -> bool:
    """Whether the same client got a token for the same API."""
    own = seen.as_(TokenRequest)
    return own is not None and any(
        _asked_for(one.as_(Message) or seen) == asked and proof_of(one).client_id == proof_of(own).client_id
        for one in scene.each(TokenRequest)
        if one.reply.has_answer and not one.reply.failed
    )
