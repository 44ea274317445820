"""Authorization in detail, and answers inside of a JWT.

Here: `authorization_details` (RFC 9396), JARM. Not here: requests inside of a JWT (`authorization_by_reference`), scopes (`scope`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.authorization_details import details_of, problem_of
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import texts
from oauthctl.record.purposes import fragment_of, query_of
from oauthctl.rules.front_channel import refusal_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_SAYS_DETAILS = re.compile(r"authorization[_ ]details", re.IGNORECASE)
_SAYS_LACKING = re.compile(
    r"(?:no|missing|without|undefined|lacks?|not (?:found|present)|invalid|mismatch)\W[^.]{0,60}\b(?:code|state)\b"
    r"|\b(?:code|state)\b[^.]{0,60}(?:missing|not (?:found|present|returned)|undefined|empty|mismatch|invalid|did not match)",
    re.IGNORECASE,
)


@rule(
    Section("RFC 9396", "5"),
    explains=("authorization-refused", "request-fault-named", "scope-unknown", "scope-not-allowed", "request-refused"),
)
def authorization_details_refused(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """The provider does not take the authorization_details of the request."""
    refusal = refusal_of(asked, returned)
    sent = asked.sent.raw("authorization_details")
    if refusal is None or not sent:
        return
    if refusal.seen.reply.error != "invalid_authorization_details" and not refusal.says(_SAYS_DETAILS):
        return
    details, problem = details_of(str(sent)), problem_of(str(sent))
    types = [str(one.get("type")) for one in details if one.get("type")]
    supported = (texts(metadata.raw("authorization_details_types_supported")) or ()) if metadata is not None else ()
    strange = [one for one in types if supported and one not in supported]
    named = ", ".join(f"`{one[:80]}`" for one in dict.fromkeys(strange or types)) or "none"
    if problem:
        why, instead, certainty = problem, "send a JSON array of objects, each with its `type`, encoded once in the URL", Certainty.CERTAIN
    elif strange:
        why = (
            f"the type {named} is not among those that the server's metadata lists in `authorization_details_types_supported` "
            f"({', '.join(f'`{one[:60]}`' for one in supported)})"
        )
        instead, certainty = "use a type that the server lists, or let the server be set up for this one", Certainty.CERTAIN
    else:
        why = f"the server knows no such type ({named}), does not allow it to this client, or misses a member that the type asks for"
        instead = "compare each object with the API's documentation of its type, and let the client's registration "
        instead += "(`authorization_details_types`) allow the type"
        certainty = Certainty.LIKELY
    yield Found(
        cause=f"The provider refuses `authorization_details`: {why}.",
        help=f"In the client, {instead}.",
        evidence=(asked.evidence(".authorization_details", expected=", ".join(supported)[:200], got=str(sent)[:300]),),
        certainty=certainty,
    )


@rule(
    Section("OAuth JARM", "2.3"),
    explains=("state-not-returned", "state-mismatch", "callback-failed", "authorization-refused"),
)
def answer_in_jwt_not_read(asked: Asked, given: Given, scene: Scene) -> Iterator[Found]:
    """The answer comes inside of a JWT, and the client looks for its parameters outside."""
    mode = asked.sent.response_mode or ""
    if not mode.endswith("jwt") or not _SAYS_LACKING.search(given.local_error):
        return
    places = [asked.reply.header("location"), *(seen.url for seen in scene.after(asked.id, AuthorizationResponse))]
    where = next((url for url in places if _has_jwt(url)), "")
    posted = any(seen.sent.raw("response") for seen in scene.after(asked.id, AuthorizationResponse))
    if not where and not posted:
        return
    yield Found(
        cause=f"The request asks for `response_mode={mode}` (JARM), so `code` and `state` come inside of the JWT in the parameter "
        "`response`; "
        "the client looks for them as plain parameters of the callback and finds none.",
        help="In the client, take `response` from the callback, verify that JWT (signature, `iss`, `aud`, `exp`) and read `code` "
        "and `state` "
        "from its claims; or leave `response_mode` out.",
        evidence=(asked.evidence(".response_mode", "a mode that the client reads", mode),),
        certainty=Certainty.LIKELY,
    )


def _has_jwt(url: str) -> bool:
    return any((params.get("response") or "").startswith("ey") and not params.get("code") for params in (query_of(url), fragment_of(url)))
