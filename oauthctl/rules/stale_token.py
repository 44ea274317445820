"""Tokens that are used after something better, or nothing, took their place.

Here: what the recording shows to have happened to the very token before. Not here: its times (`token_time`), refresh tokens (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import IntrospectionRequest, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section


def _token(seen: Seen[ApiRequest], scene: Scene) -> str:
    """The token that was sent and refused; empty when none was."""
    if seen.id not in scene.failed or seen.reply.verdict != 401:
        return ""
    return str(seen.sent.raw("token") or "")


@rule(Section("RFC 7009", "2.1"), explains=("api-call-refused", "api-rejects-valid-token", "token-expired"))
def token_revoked(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The token was revoked before it was used."""
    token = _token(seen, scene)
    revoked = [one.sent.token for one in scene.before(seen.id, RevocationRequest)]
    if revoked and token not in revoked:
        # What was revoked is another token. Where no revocation was seen, the provider may know of one (a new password, an administrator).
        yield Refuted()
    issued = scene.issued_by(token, "access_token")
    partner = issued.back.refresh_token if issued is not None and isinstance(issued.back, TokenResponse) else None
    for one in scene.before(seen.id, RevocationRequest):
        if one.reply.failed or not token or one.sent.token not in (token, partner):
            continue
        what = "The access token" if one.sent.token == token else "The refresh token of the same grant"
        yield Found(
            cause=f"{what} was revoked (exchange {one.id}) before this call: the API rightly refuses the access token.",
            help="In the client forget the access token when it, or its refresh token, is revoked, and begin a new sign-in.",
            evidence=(
                one.evidence(".token", got="revoked"),
                seen.evidence("request.headers.Authorization", "a token that is alive", "revoked"),
            ),
        )
        return
    asked = [one for one in scene.before(seen.id, IntrospectionRequest) if token and one.sent.token == token]
    if asked and asked[-1].reply.members.get("active") is False:
        yield Found(
            cause=f"The access token is no longer active: the introspection endpoint said so (exchange {asked[-1].id}), since it was "
            "revoked or has ended.",
            help="In the client get a new access token with the refresh token, or begin a new sign-in.",
            evidence=(asked[-1].evidence("response.body.active", "true", "false"),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 6749", "6"), decisive=True, explains=("api-call-refused", "token-expired", "api-rejects-valid-token"))
def old_token_still_used(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The client goes on with the old access token after a refresh."""
    token = _token(seen, scene)
    if not token:
        return
    refreshed = [
        one
        for one in scene.before(seen.id, TokenRequest)
        if one.sent.grant_type == "refresh_token" and isinstance(one.back, TokenResponse) and one.back.access_token
    ]
    if not refreshed or not isinstance(refreshed[-1].back, TokenResponse) or refreshed[-1].back.access_token == token:
        return
    last, issued = refreshed[-1], scene.issued_by(token, "access_token")
    used_before = any(one.sent.raw("token") == token for one in scene.each(ApiRequest) if one.id < last.id)
    if not used_before and (issued is None or issued.id >= last.id):
        return
    yield Found(
        cause=f"The call still carries the old access token, although a refresh (exchange {last.id}) brought a new one before it.",
        help="In the client replace the stored access token with the one of the refresh before the call is repeated; requests that "
        "are queued meanwhile must read it anew.",
        evidence=(
            last.evidence("response.body.access_token", got="the new token"),
            seen.evidence("request.headers.Authorization", "the new token", "the old one"),
        ),
    )
