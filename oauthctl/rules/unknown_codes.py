"""Codes and refresh tokens that the server says it does not know.

Here: authorization codes, device codes and refresh tokens for which nothing but the server's word speaks. Not here: what the recording
shows to be changed, used or too old (`code`, `device`, `device_code`, `refresh`, `refresh_token_sent`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.device import DeviceAuthorizationRequest
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.rules.dialects import said_for_rule
from oauthctl.rules.provider_names import is_told, names_provider
from oauthctl.rules.refresh import is_refused_refresh
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import grant_of, is_refused, refuses_client, returned_of, says
from oauthctl.specs import Section

_UNKNOWN = r"(?:unknown|not (?:known|found|recogni[sz]ed)|(?:does|do) ?n.t exist|does not exist|no such)"
_SAYS_UNKNOWN_CODE = rf"(?<!device )\bcode\b[^.]{{0,20}}\b{_UNKNOWN}\b|\b{_UNKNOWN} (?:authorization )?code\b"
_SAYS_UNKNOWN_DEVICE_CODE = rf"device.?code\b[^.]{{0,20}}\b{_UNKNOWN}\b|\b{_UNKNOWN} device.?code\b"
_SAYS_UNKNOWN_REFRESH_TOKEN = rf"refresh.?token\b[^.]{{0,20}}\b{_UNKNOWN}\b|\b{_UNKNOWN} refresh.?token\b"
_SAYS_ENDED = r"expire|too old|timed? ?out"


def says_code_unknown(redeemed: Seen[TokenRequest]) -> bool:
    """Whether the server says that it knows no such authorization code, and is none of those that are known to say so of old ones."""
    return says(redeemed, _SAYS_UNKNOWN_CODE) and not says(redeemed, _SAYS_ENDED) and not _is_said_of_old_ones(redeemed, "code-expired")


def _is_said_of_old_ones(seen: Seen[TokenRequest], expired: str) -> bool:
    """Whether a provider answers that is known to say so for what this rule is about."""
    meant = (entry.provider for entry, _ in said_for_rule(seen, expired) if names_provider(entry.provider))
    return any(is_told(provider, seen.url.lower()) for provider in meant)


@rule(Section("RFC 6749", "4.1.3"), Section("RFC 6749", "5.2"), explains=("token-request-refused",))
def code_unknown(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The server does not know the authorization code."""
    if grant_of(redeemed.sent) != "authorization_code" or not is_refused(redeemed, scene) or refuses_client(redeemed):
        return
    # A code that came and was sent unchanged has been lost at the server: `refusal` weighs how.
    if not redeemed.sent.code or returned_of(redeemed, scene) is not None or not says_code_unknown(redeemed):
        return
    attempt = scene.attempt_of(redeemed.id)
    came = attempt.returned if attempt is not None and attempt.returned is not None and attempt.returned.sent.code else None
    beside = f", and it is not the one that came in exchange {came.id}" if came is not None and came.id < redeemed.id else ""
    yield Found(
        cause=f"The server does not know the authorization code of the token request{beside}: it is made up, cut off or left over from "
        "another run, another server (environment, tenant) issued it, or the server forgot it: when it was redeemed or expired before, or "
        "in a restart.",
        help="In the client, redeem the `code` of the callback that has just arrived, unchanged, at once and just once, at the token "
        "endpoint of the server that sent it.",
        evidence=(redeemed.evidence(".code", expected="a code that this server issued", got="one that it does not know"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8628", "3.4"), explains=("token-request-refused",))
def device_code_unknown(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The server does not know the device code."""
    if not poll.sent.device_code or not is_refused(poll, scene) or refuses_client(poll) or says(poll, _SAYS_ENDED):
        return
    # Where the recording shows what was issued, it tells more than the server's words.
    if scene.before(poll.id, DeviceAuthorizationRequest) or not says(poll, _SAYS_UNKNOWN_DEVICE_CODE):
        return
    yield Found(
        cause="The server does not know the `device_code` of the poll: it is made up, cut off or changed, another server issued it, it "
        "brought its tokens already, or the server forgot it in a restart.",
        help="In the client, poll with the `device_code` (not the `user_code`) of the latest device authorization response, unchanged, and "
        "stop at the first answer that has tokens.",
        evidence=(poll.evidence(".device_code", expected="a device code that this server issued", got="one that it does not know"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "5.2"), Section("RFC 6749", "6"), explains=("token-request-refused", "refresh-token-expired"))
def refresh_token_unknown(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The server does not know the refresh token."""
    if not is_refused_refresh(seen, scene) or not says(seen, _SAYS_UNKNOWN_REFRESH_TOKEN) or says(seen, rf"{_SAYS_ENDED}|revoked"):
        return
    if _is_said_of_old_ones(seen, "refresh-token-expired"):
        return
    # Where the recording shows where tokens come from, it tells more than the server's words.
    if any(one.back.refresh_token for one in scene.before(seen.id, TokenRequest) if isinstance(one.back, TokenResponse)):
        return
    yield Found(
        cause="The server does not know the refresh token: it is made up, arrived changed or cut off, was issued to another client or by "
        "another server (environment, tenant), or the server forgot it: when it expired, was revoked or replaced by a newer one "
        "(rotation), or in a restart.",
        help="In the client, look whether the stored refresh token is the newest whole one that this server issued to this `client_id`; "
        "then drop the tokens and send the person through a new sign-in.",
        evidence=(seen.evidence(".refresh_token", expected="a refresh token that this server issued", got="one that it does not know"),),
        certainty=Certainty.LIKELY,
    )
