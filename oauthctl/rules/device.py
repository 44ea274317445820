"""The device flow: polling, and what ends it.

Here: RFC 8628. Not here: how the client proves who it is (`client_auth`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.device import DeviceAuthorizationRequest, DeviceAuthorizationResponse
from oauthctl.messages.param import number
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.clock_precision import PRECISION
from oauthctl.rules.missed_endpoints import is_method_wrong
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import in_words, is_refused, refuses_client, says, seconds_between
from oauthctl.specs import Section

_DEFAULT_INTERVAL, _LONGER = 5.0, 5.0
_NEARLY = 0.8
# What servers say of a device code that they no longer have.
_MAY_BE_OVER = ("invalid_grant", "invalid_request", "bad_verification_code", "incorrect_device_code", "code_expired", "invalid_device_code")
# With other words than these it is a policy that said no, and not the person.
_DENIED = re.compile(r"\b(user|owner|person|denied|declined|cancell?ed|rejected|refused)\b(?!.{0,80}polic)", re.IGNORECASE)
_OFF = r"device.{0,40}(disabled|not (enabled|allowed|supported|permitted)|unauthorized)|device_flow_disabled|(enable|disabled).{0,40}device"


@rule(Section("RFC 8628", "3.5"))
def device_polls_too_fast(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device polls before the interval is over."""
    found = _too_soon(poll, scene)
    if found is None:
        return
    gap, interval, was_slowed = found
    if was_slowed and gap < interval * _NEARLY:
        return
    yield Found(
        cause=f"The device polls too early: {gap:.2f} seconds after its last poll, before the interval of {interval:.0f} seconds is over; "
        "the server answers `slow_down` and raises the interval each time.",
        help="In the client, wait for the interval of the latest response plus a margin of a second between the end of one poll and the "
        "start of the next.",
        evidence=(poll.evidence("request", expected=f"{interval:.0f} seconds after the last poll", got=f"{gap:.2f} seconds"),),
    )


@rule(Section("RFC 8628", "3.5"), explains=("device-code-expired",))
def slow_down_ignored(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device goes on polling as fast as before after slow_down."""
    found = _too_soon(poll, scene)
    if found is None:
        return
    gap, interval, was_slowed = found
    if not was_slowed or gap >= interval * _NEARLY:
        return
    yield Found(
        cause=f"The server said `slow_down`, and the device polled again {in_words(gap)} later instead of after {interval:.0f}: it does "
        "not lengthen its polling interval.",
        help="In the client, add five seconds to the interval for every `slow_down` (or take the `interval` of that answer) and keep the "
        "larger value for the rest of the polling.",
        evidence=(poll.evidence("request", expected=f"{interval:.0f} seconds after the last poll", got=in_words(gap)),),
    )


@rule(Section("RFC 8628", "3.5"))
def device_code_expired(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The device code ended before the person approved."""
    if not poll.sent.device_code or not is_refused(poll, scene):
        return
    issued = _issued(poll, scene)
    life = issued.back.expires_in if issued is not None and isinstance(issued.back, DeviceAuthorizationResponse) else None
    waited = seconds_between(issued, poll) if issued is not None else 0.0
    if life and issued is not None and waited < life - PRECISION:
        yield Refuted()
        return
    is_over = bool(life) and poll.reply.error in _MAY_BE_OVER and not refuses_client(poll)
    if poll.reply.error != "expired_token" and not says(poll, r"expired") and not is_over:
        return
    told = f": it was good for {in_words(life)}, and {in_words(waited)} had passed" if life and waited > life + PRECISION else ""
    yield Found(
        cause=f"The device code has expired before the person typed in and approved the user code{told}.",
        help="In the client, ask for a new device code when this happens, and show its user code again; make the address and the code easy "
        "to copy.",
        evidence=(poll.evidence(".device_code", expected="a device code that is still good", got="expired"),),
        certainty=Certainty.CERTAIN if told or poll.reply.error == "expired_token" else Certainty.LIKELY,
    )


@rule(Section("RFC 8628", "3.4"), explains=("token-request-refused", "device-code-expired"))
def user_code_as_device_code(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The device polls with the code that is for the person."""
    sent = poll.sent.device_code
    if not sent or not is_refused(poll, scene):
        return
    for issued in scene.before(poll.id, DeviceAuthorizationRequest):
        if isinstance(issued.back, DeviceAuthorizationResponse) and sent == issued.back.user_code != issued.back.device_code:
            yield Found(
                cause=f"The poll's `device_code` is the `user_code` of exchange {issued.id}, the short code that the person types in: the "
                "server looks for the long `device_code` and finds none.",
                help="In the client, poll with the `device_code` of the device authorization response, and only show the `user_code`.",
                evidence=(
                    poll.evidence(".device_code", expected="the device_code of the response", got="its user_code"),
                    issued.evidence("response.body.user_code", got="the same value"),
                ),
            )
            return


@rule(Section("RFC 8628", "3.5"), decisive=True)
def device_sign_in_denied(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The person denied the device's request."""
    if not poll.sent.device_code or not is_refused(poll, scene) or not is_declined(poll):
        return
    yield Found(
        cause="The person denied the device's request on the page where the user code is typed in: the server ends the polling with "
        f"`{poll.reply.error}`.",
        help="Start the sign-in again, and approve the request; in the client, stop polling on this answer and say so.",
        evidence=(poll.evidence("response.body.error", got=poll.reply.error),),
    )


@rule(Section("RFC 8628", "3.1"), explains=("grant-not-allowed",))
def device_flow_disabled(asked: Seen[DeviceAuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The device flow is switched off for this client."""
    if not is_refused(asked, scene) or is_method_wrong(asked):
        return
    if asked.reply.error not in ("unauthorized_client", "device_flow_disabled") and not says(asked, _OFF):
        return
    yield Found(
        cause="The provider refuses a device code to this client: the device flow (device authorization grant) is not enabled for it.",
        help="In the provider's registration of the client, enable the device flow; or sign in by the browser with a loopback redirect.",
        evidence=(asked.evidence("response.body.error", got=(asked.reply.description or asked.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
    )


def is_declined(poll: Seen[TokenRequest]) -> bool:
    """Whether the answer says that the person said no, and not that a policy did."""
    said = poll.reply.description
    return poll.reply.error in ("access_denied", "authorization_declined") and (not said or bool(_DENIED.search(said)))


def _issued(poll: Seen[TokenRequest], scene: Scene) -> Seen[DeviceAuthorizationRequest] | None:
    """The request that brought the device code."""
    for one in reversed(scene.before(poll.id, DeviceAuthorizationRequest)):
        if isinstance(one.back, DeviceAuthorizationResponse) and one.back.device_code == poll.sent.device_code:
            return one
    return None


def _too_soon(poll: Seen[TokenRequest], scene: Scene) -> tuple[float, float, bool] | None:
    """Of the last poll that was slowed down: the gap before it, the interval in force, whether the poll before had been slowed as well."""
    code = poll.sent.device_code
    if not code or poll.reply.error != "slow_down" or not is_refused(poll, scene):
        return None
    polls = [one for one in scene.each(TokenRequest) if one.sent.device_code == code]
    if any(one.id > poll.id and one.reply.error == "slow_down" for one in polls):
        return None
    issued = _issued(poll, scene)
    back = issued.back if issued is not None else None
    interval = (back.interval if isinstance(back, DeviceAuthorizationResponse) else None) or _DEFAULT_INTERVAL
    last: tuple[float, float, bool] | None = None
    previous: Seen[TokenRequest] | None = None
    for one in (one for one in polls if one.id <= poll.id):
        if previous is not None:
            was_slowed = previous.reply.error == "slow_down"
            if was_slowed:
                interval = max(number(previous.reply.members.get("interval")) or 0, interval + _LONGER)
            gap = seconds_between(previous, one)
            last = (gap, interval, was_slowed) if gap < interval else None
        elif issued is not None and seconds_between(issued, one) < interval:
            last = (seconds_between(issued, one), interval, False)
        previous = one
    return last
