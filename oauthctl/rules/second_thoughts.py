"""A person who says no at first, and signs in after all.

Here: whether a later sign-in of the same client came to its end. Not here: refusals (`callback`).
"""

from __future__ import annotations

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen


def signed_in_later(refused: Seen[Message], scene: Scene) -> bool:
    """Whether the same client got a code afterwards, and nothing went wrong with it."""
    attempt = scene.attempt_of(refused.id)
    asked = attempt.asked if attempt is not None and refused.id in attempt.ids() else refused.as_(AuthorizationRequest)
    client_id = asked.sent.client_id if asked is not None else None
    for one in scene.attempts:
        returned = one.returned
        if one.asked is None or returned is None or one.asked.id <= refused.id or (client_id and one.asked.sent.client_id != client_id):
            continue
        if (returned.sent.code or returned.sent.id_token) and not any(number in scene.failed for number in one.ids()):
            return True
    return False
