"""Registrations that a server made and then no longer has.

Here: a client that was known before. Not here: a registration that is refused (`registration`), identifiers that were never known
(`authorization`, `client_auth`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.rules.client_proof import proof_of, registration_of
from oauthctl.rules.front_channel import refusal_in
from oauthctl.rules.registry import Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import in_words, is_refused, seconds_between
from oauthctl.specs import Section

_ASKING = (purposes.AUTHORIZATION, purposes.PUSHED_AUTHORIZATION, purposes.TOKEN, purposes.DEVICE_AUTHORIZATION)
_UNKNOWN = re.compile(
    r"(?:unknown|un-?recogni[sz]ed|un-?registered|no such|not find|find no|nonexistent)[ _]?(?:oauth[ _]?)?"
    r"(?:the )?(?:client|application|app)\b|invalid client[ _]?id\b"
    r"|(?:client|application)(?:[ _]?id)?\b(?:(?!secret|credential|assertion|certificate|\bkeys?\b|method)[^.]){0,60}"
    r"(?:not (?:be )?(?:found|registered|known|recogni[sz]ed|exist)|n't (?:exist|registered)|unknown|unrecogni|no longer)",
    re.IGNORECASE,
)
# Examples, and lists of alternatives of which the unknown client is only the first.
_EXAMPLES = re.compile(r"\(\s*e\.g\.[^()]{0,400}\)|\bunknown client,[^.\"]{0,160}?\bor\b", re.IGNORECASE)


@rule(
    Section("RFC 7591", "3.2.1"),
    explains=(
        "client-unknown",
        "client-secret-wrong",
        "authorization-refused",
        "token-request-refused",
        "registration-changed-auth-method",
        "confidential-client-without-secret",
    ),
)
def registration_lost(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server no longer knows a client that it had registered."""
    client_id = proof_of(seen).client_id if seen.purpose in _ASKING and seen.is_direct else ""
    said = _refusal(seen, scene) if client_id else ""
    registered = registration_of(client_id, scene) if said else None
    made = registered[0] if registered is not None and registered[0].id < seen.id else None
    used = _last_use(seen, client_id, scene) if said else None
    known = used or made
    if known is None or (made is not None and origin(made.url) != origin(seen.url)):
        return
    # Of a client that has nothing to prove, `invalid_client` can say nothing else.
    is_public = used is not None and isinstance(used.sent, TokenRequest) and not proof_of(used).has_secret
    is_public = is_public or (registered is not None and made is not None and registered[1].token_endpoint_auth_method == "none")
    if not _UNKNOWN.search(_EXAMPLES.sub(" ", said)) and not (
        is_public and seen.reply.error == "invalid_client" and not proof_of(seen).has_secret
    ):
        return
    gone = _deletion(seen, made, scene)
    ago = in_words(max(seconds_between(known, seen), 0.0))
    before = f"exchange {made.id} registered it" if made is not None else ""
    before += f"{' and ' if before and used is not None else ''}{f'exchange {used.id} used it with success' if used is not None else ''}"
    if gone is not None:
        why = f"exchange {gone.id} deleted the registration"
    else:
        why = (
            "the server has lost the registration, as one does that keeps clients in memory and was restarted or redeployed, that cleans "
            "up old clients, or whose instances don't share them"
        )
    yield Found(
        cause=f"The client `{client_id[:80]}` is unknown to the server now, although {before}, {ago} before: {why}. The client goes on "
        "with its stored, stale registration.",
        help="In the client, delete the stored registration and register again (do so by itself when a `client_id` is no longer known); on "
        "the server, keep registered clients in a lasting store that all instances share.",
        evidence=(
            *((made.evidence("response.body.client_id", got=client_id),) if made is not None else ()),
            *((used.evidence(".client_id", got=client_id),) if used is not None else ()),
            _evidence(seen, client_id),
        ),
        certainty=Certainty.CERTAIN if gone is not None else Certainty.LIKELY,
    )


@rule(Section("RFC 7592", "2.1"), explains=("request-refused", "api-call-refused", "error-without-request"))
def registration_forgotten(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The address of a registration leads nowhere any more."""
    is_gone = seen.purpose == purposes.CLIENT_CONFIGURATION and seen.reply.status in (404, 410)
    if not is_gone or seen.id not in scene.failed or seen.exchange.request.method == "DELETE":
        return
    deleted = next((one for one in scene.seen if one.id < seen.id and _is_deletion(one, seen.url)), None)
    if deleted is not None:
        why, certainty = f"exchange {deleted.id} deleted the registration", Certainty.CERTAIN
    else:
        why = (
            "the server has lost the registration (it kept clients in memory and restarted, or cleaned up old ones), or the address was "
            "changed by a proxy or by hand"
        )
        certainty = Certainty.LIKELY
    yield Found(
        cause=f"The client's registration at its `registration_client_uri` is not found (status {seen.reply.status}): {why}.",
        help="In the client, register again and put the new `client_id`, `registration_client_uri` and `registration_access_token` in the "
        "place of the stored ones; on the server, keep registered clients in a lasting store.",
        evidence=(
            seen.evidence("request.url", "the `registration_client_uri` of a client that is registered", seen.url[:160]),
            seen.evidence("response.status", "200", str(seen.reply.status)),
        ),
        certainty=certainty,
    )


def _refusal(seen: Seen[Message], scene: Scene) -> str:
    if isinstance(seen.sent, AuthorizationRequest) and seen.purpose == purposes.AUTHORIZATION:
        refusal = refusal_in(seen)
        return f"{refusal.words} {seen.reply.error}" if refusal is not None else ""
    return f"{seen.reply.words} {seen.reply.error}" if is_refused(seen, scene) else ""


def _last_use(seen: Seen[Message], client_id: str, scene: Scene) -> Seen[Message] | None:
    """The last request that the same server took from this client."""
    uses = scene.once(_uses).get((origin(seen.url), client_id), ())
    return next((one for one in reversed(uses) if one.id < seen.id), None)


def _uses(scene: Scene) -> dict[tuple[str, str], list[Seen[Message]]]:
    """By server and client: the requests that were taken."""
    found: dict[tuple[str, str], list[Seen[Message]]] = {}
    for one in scene.seen:
        if not one.is_direct or one.purpose not in _ASKING or one.reply.failed or not one.reply.has_answer:
            continue
        is_token = isinstance(one.back, TokenResponse) and bool(one.back.access_token)
        if is_token if isinstance(one.sent, TokenRequest) else one.back is not None:
            found.setdefault((origin(one.url), proof_of(one).client_id), []).append(one)
    return found


def _deletion(seen: Seen[Message], made: Seen[RegistrationRequest] | None, scene: Scene) -> Seen[Message] | None:
    where = made.reply.members.get("registration_client_uri") if made is not None else None
    return next(
        (one for one in scene.seen if isinstance(where, str) and one.id < seen.id and _is_deletion(one, where)),
        None,
    )


def _is_deletion(seen: Seen[Message], where: str) -> bool:
    """Whether it deleted the registration at this address. Source: RFC 7592 section 2.3."""
    return seen.url == where and seen.exchange.request.method == "DELETE" and seen.reply.status in (200, 204)


def _evidence(seen: Seen[Message], client_id: str) -> Evidence:
    return seen.evidence(proof_of(seen).id_place, expected="a client that the server knows", got=client_id[:200])
