"""A sign-in of ours from which nobody came back.

Here: what the browser may have shown instead. Not here: a callback that came and is wrong (`callback`), a listener that can't be reached
(`callback_listener`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.record.exchange import Channel
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_CANDIDATES = (
    Candidate(
        "The provider showed an error page instead: the `redirect_uri` is not registered for this client, or the `client_id` is unknown.",
        "Read the page in the browser, or paste its text into `oauthctl diagnose -`; compare both values with the provider's registration.",
    ),
    Candidate("The person did not finish signing in, or closed the page.", "Sign in again, with a longer `--timeout` if need be."),
    Candidate(
        "The browser runs on another machine than the command, so that the loopback address led elsewhere.",
        "Paste the address of the browser's last page into the waiting `oauthctl login`, or forward the port with `ssh -L`.",
    ),
)


@rule(Section("RFC 6749", "4.1.2"))
def callback_never_came(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """Nobody came back from the authorization endpoint."""
    # Only of our own runs it is known that an answer was waited for.
    if not scene.recording.tool_version or asked.exchange.channel is not Channel.BROWSER:
        return
    attempt = scene.attempt_of(asked.id)
    if attempt is not None and attempt.returned is not None:
        return
    place = asked.evidence(".redirect_uri", expected="an answer", got=asked.sent.redirect_uri or "")
    if asked.sent.response_mode == "fragment":
        yield Found(
            cause="The answer was asked for in the fragment (`response_mode=fragment`), and browsers never send what stands behind `#` to "
            "the listener at the `redirect_uri`.",
            help="In the client, ask for `response_mode=query` or `form_post`, or paste the address of the browser's last page.",
            evidence=(asked.evidence(".response_mode", expected="query or form_post", got="fragment"),),
            certainty=Certainty.LIKELY,
        )
        return
    yield Found(
        cause="The authorization request went to the browser, and no answer reached the `redirect_uri`. Most likely the provider shows an "
        "error page of its own, as it must when the `redirect_uri` is not registered for this `client_id` or the client is unknown; or the "
        "person did not finish; or the browser is on another machine.",
        help="Look at the browser's page: its text can be pasted into `oauthctl diagnose -`. Compare `client_id` and `redirect_uri` with "
        "the provider's registration, character for character.",
        evidence=(place,),
        certainty=Certainty.POSSIBLE,
        candidates=_CANDIDATES,
        probe="What the browser shows now.",
    )
