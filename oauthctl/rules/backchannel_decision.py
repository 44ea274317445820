"""What a person decided whom a client asked by CIBA.

Here: the answers to its polls that tell. Not here: the notification (`backchannel_notification`), the device flow (`device`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.token import TokenRequest
from oauthctl.rules.device import is_declined
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section


@rule(Section("OIDC CIBA", "11"), explains=("token-request-refused",))
def backchannel_sign_in_denied(poll: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The person denied what a client asked by CIBA."""
    if not poll.sent.auth_req_id or not is_refused(poll, scene) or not is_declined(poll):
        return
    yield Found(
        cause="The person denied the backchannel authentication request (CIBA) on their own device: the server ends the polling with "
        f"`{poll.reply.error}`.",
        help="Start a new request, and approve it; in the client, stop polling on this answer and say so.",
        evidence=(poll.evidence("response.body.error", got=poll.reply.error),),
    )
