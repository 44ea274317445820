"""The device code itself: whose it is, and how often it works; and clients that stop asking too soon.

Here: RFC 8628 section 3.4 and 3.5, by what the recording shows of the code. Not here: the pace of polling and the code's end (`device`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.device import DeviceAuthorizationRequest, DeviceAuthorizationResponse
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says, seconds_between
from oauthctl.specs import Section

_FOLDED = ("token-request-refused", "device-code-expired", "request-fault-named", "grant-not-allowed", "code-of-another-client")
_SLOWED, _MORE = 3, 4.0
# What says nothing of the code itself.
_OTHERWISE = ("slow_down", "authorization_pending", "access_denied", "authorization_declined", "expired_token", "unsupported_grant_type")
_OF_TYPE = (
    r"\bclients? (?:of|with)(?: the)? type\b|\b(?:client|application|app)[ _-]?type\b[^.]{0,60}(?:not|wrong|invalid|must|only|required)"
    r"|(?:limited.input|tv) devices?\b"
)
_STOPPED = re.compile(r"authorization[_ ](?:is )?(?:still )?pending|AADSTS70016\b", re.IGNORECASE)


def _is_refused(poll: Seen[TokenRequest], scene: Scene) -> bool:
    return bool(poll.sent.device_code) and is_refused(poll, scene) and poll.reply.error not in _OTHERWISE and poll.reply.status < 500


@rule(Section("RFC 8628", "3.5"), explains=_FOLDED)
def device_code_reused(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device goes on polling after it got its tokens."""
    if not poll.sent.device_code or not poll.reply.failed or poll.reply.error in _OTHERWISE or poll.reply.status >= 500:
        return
    done = next(
        (
            one
            for one in scene.before(poll.id, TokenRequest)
            if one.sent.device_code == poll.sent.device_code and isinstance(one.back, TokenResponse) and one.back.access_token
        ),
        None,
    )
    if done is None:
        return
    yield Found(
        cause=f"The device polls again with a `device_code` that was already redeemed: exchange {done.id} brought the tokens, and a device "
        "code works once.",
        help="In the client, stop polling at the first answer that has tokens (one poller for each device code), and keep those tokens.",
        evidence=(
            poll.evidence(".device_code", "a code that was not redeemed", "the same as before"),
            done.evidence("response.body.access_token", got="issued"),
        ),
    )


@rule(Section("RFC 8628", "3.4"), explains=(*_FOLDED, "client-unknown", "client-id-mismatch"))
def device_code_of_another_client(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device code was issued to another client than the one that polls."""
    if not _is_refused(poll, scene):
        return
    for asked in reversed(scene.before(poll.id, DeviceAuthorizationRequest)):
        back = asked.back
        if not isinstance(back, DeviceAuthorizationResponse) or back.device_code != poll.sent.device_code:
            continue
        first, second = proof_of(asked).client_id, proof_of(poll).client_id
        if first and second and first != second:
            yield Found(
                cause=f"The `device_code` was issued to the `client_id` `{first[:80]}` (exchange {asked.id}), and another one, "
                f"`{second[:80]}`, polls with it.",
                help="In the client, poll with the `client_id` that asked for the device code.",
                evidence=(poll.evidence(".client_id", first, second), asked.evidence(".client_id", got=first)),
            )
        return


@rule(Section("RFC 8628", "3.4"), explains=_FOLDED)
def device_code_changed(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device polls with a device code that the server did not issue."""
    if not _is_refused(poll, scene) or refuses_client(poll):
        return
    issued = [
        (one, one.back)
        for one in scene.before(poll.id, DeviceAuthorizationRequest)
        if isinstance(one.back, DeviceAuthorizationResponse) and one.back.device_code
    ]
    sent = poll.sent.device_code
    if not issued or any(sent in (back.device_code, back.user_code) for _, back in issued):
        return
    asked = issued[-1][0]
    yield Found(
        cause=f"The `device_code` of the poll is not the one that the server issued in exchange {asked.id}: it was changed, cut off or "
        "belongs to another sign-in.",
        help="In the client, keep the `device_code` of the latest device authorization response unchanged (encode it once in the "
        "form), and "
        "poll with that one.",
        evidence=(
            poll.evidence(".device_code", "the code of the response", "a different one"),
            asked.evidence("response.body.device_code", got="issued"),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8628", "3.5"))
def device_polling_stopped(poll: Seen[TokenRequest], given: Given, scene: Scene) -> Iterator[Found]:
    """The client takes authorization_pending for a failure and stops polling."""
    if poll.reply.error != "authorization_pending" or not _STOPPED.search(given.local_error):
        return
    if any(one.sent.raw("device_code") == poll.sent.raw("device_code") for one in scene.after(poll.id, TokenRequest)):
        return
    yield Found(
        cause="The client gives up on `authorization_pending`, which is no failure: the person has not yet typed in and approved the user "
        "code, and the client has to poll on until then.",
        help="In the client, take `authorization_pending` (status 400, too) as «ask again»: wait for the interval of the device "
        "authorization response and poll until tokens come or the code's lifetime is over.",
        evidence=(poll.evidence("response.body.error", got="authorization_pending"),),
    )


@rule(
    Section("RFC 8628", "3.1"),
    explains=("request-refused", "confidential-client-without-secret", "client-unknown", "device-flow-disabled", "grant-not-allowed"),
)
def device_client_type_wrong(asked: Seen[DeviceAuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The client is registered as a type that has no device flow."""
    if not is_refused(asked, scene) or not says(asked, _OF_TYPE):
        return
    yield Found(
        cause="The provider gives device codes only to clients of a certain type, and this `client_id` is registered as another one (a web "
        "application, say).",
        help="In the provider's console, create a client of the type for devices (Google: *TVs and Limited Input devices*; "
        "elsewhere a native "
        "or public client with the device grant) and use its `client_id`; a type can't be changed afterwards.",
        evidence=(asked.evidence("response.body.error_description", got=asked.reply.description[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8628", "3.5"))
def device_slowed_for_ever(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The server says slow_down to every poll, however slow."""
    code = poll.sent.device_code
    if not code or poll.reply.error != "slow_down" or any(one.sent.device_code == code for one in scene.after(poll.id, TokenRequest)):
        return
    polls = [one for one in scene.before(poll.id, TokenRequest) if one.sent.device_code == code]
    slowed = [*itertools.takewhile(lambda one: one.reply.error == "slow_down", reversed(polls))][:_SLOWED]
    gaps = [seconds_between(earlier, later) for earlier, later in zip(slowed, (poll, *slowed), strict=False)]
    # Each gap longer than the one before it: the client does what it is told.
    if len(slowed) < _SLOWED or any(later < earlier + _MORE for later, earlier in itertools.pairwise(gaps)):
        return
    yield Found(
        cause=f"The token endpoint answers every poll with `slow_down`, though the device waits longer each time (last {gaps[0]:.0f} "
        "seconds): the device code ends before the client ever hears of the decision.",
        help="At the server, count a poll as too early against the time of the last poll of the same `device_code`, not against its "
        "client or address; check that no second process polls with the same `device_code`, and no proxy repeats requests.",
        evidence=(
            poll.evidence("response.body.error", "authorization_pending", "slow_down"),
            slowed[0].evidence("response.body.error", got="slow_down"),
        ),
        certainty=Certainty.LIKELY,
    )
