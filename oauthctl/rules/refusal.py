"""The last resort: a refusal that no other rule explains, with what it may be.

Here: candidates in the order of their likelihood, without those that the evidence refutes. Not here: anything that the evidence can tell,
nor the reading of a server's own words, which may be about something that was repaired meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from oauthctl.findings import Candidate, Certainty, Severity
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.error_codes import error_codes
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.record.transaction import describe
from oauthctl.rules.made_good import is_first_contact
from oauthctl.rules.refusal_causes import api_suspects, authorization_suspects, unseen_suspects
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.reply import Reply
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.suspects import Suspects
from oauthctl.rules.token_refused import is_refused, refuses_client, stands
from oauthctl.rules.token_suspects import client_suspects, token_suspects
from oauthctl.specs import Section

_OTHERS = (
    purposes.PUSHED_AUTHORIZATION,
    purposes.DEVICE_AUTHORIZATION,
    purposes.REGISTRATION,
    purposes.INTROSPECTION,
    purposes.REVOCATION,
    purposes.LOGOUT,
)
_NAMED = 3
# What `prompt=none` is answered with when nobody is signed in: that is how an application asks. Source: OpenID Connect Core 3.1.2.6.
_UNSEEN = ("login_required", "interaction_required", "consent_required", "account_selection_required")
_OF_TOKEN = re.compile(
    r"(?:\b|_)tokens?(?:\b|_)|\bauthori[sz]|\bauthenticat|\bscopes?\b|\baudience|\bjwt|\binvalid_request\b", re.IGNORECASE
)
_OF_THE_WAY = (407, 429)
"""Statuses that say nothing of the request itself."""
_FIRST_CONTACT = "The API asks for a token, and says where to get one: that is no failure by itself"
_WHOSE = {purposes.TOKEN: "The token endpoint", purposes.API: "The API", purposes.AUTHORIZATION: "The authorization server"}


@rule(Section("RFC 6749", "5.2"))
def token_request_refused(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The token endpoint refuses, and the evidence doesn't tell why."""
    if seen.reply.error == "slow_down":
        return
    if is_refused(seen, scene) and seen.reply.status < 500 and seen.reply.status not in _OF_THE_WAY:
        yield _found(seen, "The token endpoint refuses the request", token_suspects(seen, scene))


@rule(Section("RFC 6749", "4.1.2.1"))
def authorization_refused(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The authorization endpoint refuses, and the evidence doesn't tell why."""
    attempt = scene.attempt_of(asked.id)
    returned = attempt.returned if attempt is not None and attempt.asked is not None and attempt.asked.id == asked.id else None
    refused: Seen[Message] | None = returned if returned is not None and returned.sent.error else None
    if refused is None and stands(asked, scene) and asked.reply.has_answer and asked.reply.status < 500:
        refused = asked
    is_probe = "none" in (asked.sent.prompt or ()) and refused is not None and refused.reply.error in _UNSEEN
    if refused is None or is_probe:
        return
    # Where the request is pushed, the client proves itself, and may be refused for that alone.
    if refuses_client(refused):
        suspects = client_suspects(refused)
    else:
        suspects = authorization_suspects(asked, refused, registered=scene.given.registered_redirect_uris)
    yield _found(refused, "The authorization server refuses the request", suspects)


@rule(Section("RFC 6749", "4.1.2.1"))
def callback_refused(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The callback brings an error, and nobody saw what was asked for."""
    attempt = scene.attempt_of(returned.id)
    if not returned.sent.error or (attempt is not None and attempt.asked is not None and returned.id in attempt.ids()):
        return
    # Other pages have parameters of these names, too: a shop's `error=card_declined&state=retry`.
    if not (error_codes(returned.sent.error) or returned.sent.error_description):
        return
    yield _found(returned, "The authorization server sends an error to the callback", authorization_suspects(None, returned))


@rule(Section("RFC 6750", "3.1"))
def api_call_refused(call: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API refuses the call, and the evidence doesn't tell why."""
    # A call without a token is how a client learns where to get one.
    if not is_refused(call, scene) or not call.sent.raw("token"):
        return
    if call.reply.verdict in (401, 403) or (call.reply.status == 400 and _is_about_token(call.reply)):
        yield _found(call, "The API refuses the call", api_suspects(call))


@rule(Section("RFC 6749", "5.2"))
def error_without_request(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """An error answer is all that was seen, and it has more than one explanation."""
    reply = seen.reply
    if not is_refused(seen, scene) or reply.error == "slow_down" or reply.status >= 500 or reply.status in _OF_THE_WAY:
        return
    is_lone = not seen.url and seen.purpose not in (*_OTHERS, purposes.CALLBACK)
    if is_lone or (seen.purpose == purposes.TOKEN and not isinstance(seen.sent, TokenRequest) and reply.error):
        whose = _WHOSE.get(seen.purpose, "The server")
        found = _found(seen, f"{whose} refuses a request that was not recorded", unseen_suspects(seen))
        is_beginning = is_first_contact(seen) and not reply.error
        yield replace(found, severity=Severity.NOTE, title=_FIRST_CONTACT) if is_beginning else found


@rule(Section("RFC 6749", "5.2"))
def request_refused(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The server refuses a request, and the evidence doesn't tell why."""
    if seen.purpose not in _OTHERS or not is_refused(seen, scene) or seen.reply.status >= 500:
        return
    suspects = Suspects(
        (
            Candidate("The client may not use this endpoint, or its credentials are refused.", "Look up the client at the provider."),
            Candidate(
                "A parameter is missing, or has a value that the server does not take.", "Compare the request with the documentation."
            ),
        ),
        "Look into the provider's log at the time of this request.",
    )
    yield _found(seen, f"The server refuses the {describe(seen.exchange)}", suspects)


def _is_about_token(reply: Reply) -> bool:
    """Whether a 400 is for the token's sake, and not for what else the request says."""
    return reply.challenge is not None or _OF_TOKEN.search(f"{reply.error} {reply.words}") is not None


def _found(seen: Seen[Message], what: str, suspects: Suspects) -> Found:
    reply = seen.reply
    code = f" with `{reply.error[:60]}`" if reply.error else f" with the status {reply.status}" if reply.status else ""
    odd = ", although the status is 200" if reply.status == 200 and seen.purpose == purposes.TOKEN else ""
    likely = suspects.candidates[:_NAMED]
    listed = " ".join(f"({number}) {one.cause}" for number, one in enumerate(likely, 1))
    return Found(
        cause=f"{what}{code}{odd}, and the evidence leaves open why. Most likely first: {listed}",
        help=" ".join(f"({number}) {one.help}" for number, one in enumerate(likely, 1)),
        evidence=(seen.evidence("response", got=(reply.description or reply.error or str(reply.status))[:300]),),
        certainty=Certainty.POSSIBLE,
        candidates=suspects.candidates,
        probe=suspects.probe,
    )
