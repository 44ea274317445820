"""The `resource` parameter itself: its form, and that both legs name the same API.

Here: what the requests show. Not here: whether the provider knows the API (`resource`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message, texts
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.front_channel import refusal_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import asked_of, is_refused, says
from oauthctl.specs import Section

_CLAUSE, _AT_TOKEN = Section("RFC 8707", "2"), Section("RFC 8707", "2.2")
_OF_TARGET = re.compile(r"invalid_(?:target|resource)|\bresource\b|\baudience\b", re.IGNORECASE)
_NOT_GRANTED = r"(?:resource|audience|target)[^.]{0,60}\b(?:not|never) (?:been |was )?granted|not granted[^.]{0,40}(?:resource|audience)"
_FOLDED = (
    "resource-unknown",
    "authorization-refused",
    "token-request-refused",
    "request-fault-named",
    "scope-unknown",
    "resource-scope-mismatch",
)


@rule(_CLAUSE, explains=_FOLDED)
def resource_malformed(seen: Seen[Message], returned: Seen[AuthorizationResponse] | None, scene: Scene) -> Iterator[Found]:
    """The resource parameter is no absolute URI, or has a fragment."""
    if isinstance(seen.sent, AuthorizationRequest):
        asked = seen.as_(AuthorizationRequest)
        refusal = refusal_of(asked, returned)
        words = f"{refusal.seen.reply.error} {refusal.words}" if refusal is not None else ""
    elif isinstance(seen.sent, TokenRequest) and is_refused(seen, scene):
        words = f"{seen.reply.error} {seen.reply.words}"
    else:
        return
    if not _OF_TARGET.search(words):
        return
    for value in _resources(seen.sent):
        scheme = split_url(value).scheme
        if "#" in value:
            what, how = f"has a fragment (`#{value.partition('#')[2][:60]}`), which it must not have", value.partition("#")[0]
        elif not scheme:
            what, how = "is no absolute URI: it has no scheme", "the API's whole URI, such as `https://api.example.com`"
        else:
            continue
        yield Found(
            cause=f"The `resource` parameter `{value[:200]}` {what}.",
            help=f"In the client, send `resource` as an absolute URI without a fragment: {how if ' ' in how else f'`{how[:200]}`'}.",
            evidence=(seen.evidence(".resource", how[:200], value),),
        )
        return


@rule(_AT_TOKEN, explains=_FOLDED)
def resource_not_granted(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request names a resource that the sign-in was not granted for."""
    wanted = _resources(seen.sent)
    if not wanted or not is_refused(seen, scene) or not says(seen, _NOT_GRANTED):
        return
    yield Found(
        cause=f"The token request asks for the `resource` `{', '.join(wanted)[:200]}`, and what was granted before (the code, the refresh "
        "token, or the traded token) is not for it: a token request can narrow the granted resources, and not add to them.",
        help="In the client, name this `resource` in the authorization request as well, and sign in again; or leave it out of the token "
        "request.",
        evidence=(seen.evidence(".resource", expected="a resource that was granted", got=", ".join(wanted)[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(_AT_TOKEN, explains=(*_FOLDED, "resource-not-granted"))
def resource_differs_between_legs(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token request names another resource than the authorization request did."""
    asked = asked_of(seen, scene)
    if asked is None or not is_refused(seen, scene) or not _OF_TARGET.search(f"{seen.reply.error} {seen.reply.words}"):
        return
    first, second = _resources(asked.sent), _resources(seen.sent)
    strange = [one for one in second if one not in first]
    if not first or not strange:
        return
    near = next((one for one in first if one.rstrip("/").lower() == strange[0].rstrip("/").lower()), "")
    how = " (they differ in a slash or in letter case alone, which counts)" if near else ""
    yield Found(
        cause=f"The token request's `resource` is `{strange[0][:200]}`, while the authorization request (exchange {asked.id}) named "
        f"`{', '.join(first)[:200]}`{how}: the token can be for what was authorized, or a part of it, only.",
        help=f"In the client, send the same `resource` in both requests, `{(near or first[0])[:200]}`, character for character.",
        evidence=(seen.evidence(".resource", ", ".join(first)[:200], strange[0]), asked.evidence(".resource", got=", ".join(first)[:200])),
        certainty=Certainty.CERTAIN,
    )


def _resources(sent: Message) -> tuple[str, ...]:
    """All values of the parameter, which may be there several times."""
    found: list[str] = []
    for name, value in sent.fields:
        if name == "resource":
            found += [value] if isinstance(value, str) else texts(value) or ()
    return tuple(one for one in found if one)
