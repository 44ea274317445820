"""What the application itself makes of an answer that was good.

Here: a callback that fails at the application. Not here: why its cookies or its `state` were lost (`cookies`, `callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_ERROR_PLACE = re.compile(r"[?&#/](?:error|oauth[_-]?error|auth[_-]?error|login[_-]?(?:error|failed))(?:=|[/?#]|$)", re.IGNORECASE)


@rule(Section("RFC 6749", "4.1.2"))
def callback_failed(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The application fails at its callback, though the provider sent a code."""
    attempt = scene.attempt_of(returned.id)
    if not returned.is_direct or not returned.sent.code or attempt is None or attempt.redeemed:
        return
    # A page of somebody else's may have a `code` and a `state` of its own.
    if attempt.asked is None and not (returned.sent.iss or returned.sent.session_state):
        return
    where = _error_page(returned)
    if where is None:
        return
    yield Found(
        cause=f"The provider sent a code to the callback, and there the application itself fails ({where[1]}). Redeeming the code at the "
        "token endpoint happens out of the browser's sight. Most likely the token request is refused (client secret, `redirect_uri`), or "
        "the session with `state` and verifier was not found, or the application has a fault of its own.",
        help="Read the application's own log at the time of this callback: it has the answer of the token endpoint or the exception. Then "
        "diagnose that answer, or give the line as `local_error`.",
        evidence=(returned.evidence(where[0], expected="a signed-in page", got=where[1]),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate(
                "The token endpoint refuses the code.", "Compare secret, `redirect_uri` and client authentication with the registration."
            ),
            Candidate("The application did not find the session that began the sign-in.", "See whether the callback carries its cookie."),
            Candidate("The application has a fault after the sign-in.", "Look for an exception in its log."),
        ),
        probe="The application's log at the time of the callback.",
    )


def _error_page(returned: Seen[AuthorizationResponse]) -> tuple[str, str] | None:
    """Where the application's answer says that it failed, and how; None when it does not."""
    reply = returned.reply
    if reply.status >= 400:
        return "response.status", f"status {reply.status}"
    if reply.status == 200 and reply.tells_of_failed_sign_in:
        return "response.body", "a page that says so"
    location = reply.header("location")
    if reply.status // 100 == 3 and _ERROR_PLACE.search(location):
        return "response.headers.Location", location[:200]
    return None
