"""Requests that nothing came back from, and nobody says why: a sign-in of ours, a script's token request.

Here: what the browser may have shown or done instead. Not here: a callback that came and is wrong (`callback`), a listener that can't be
reached (`callback_listener`), failures that have words (`transport`, `cors`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.token import TokenRequest
from oauthctl.record.exchange import Channel
from oauthctl.rules.front_channel import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Preflight, Seen
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


_WITHHELD = (
    Candidate(
        "The token endpoint does not let scripts of this origin call it (CORS): no `Access-Control-Allow-Origin` for it in the answer, or "
        "its answer to the preflight (OPTIONS) refuses; Firefox records both with the status 0 and without headers.",
        "At the provider, add the application's origin to the allowed origins (CORS, web origins) of this client, or redeem the code on "
        "the application's server.",
    ),
    Candidate(
        "The browser blocked it: the page's Content Security Policy (`connect-src`), an extension, or http in an https page.",
        "Read the line in the browser's console; try a private window without extensions.",
    ),
    Candidate(
        "The connection broke, or the page was left before the answer came.", "Don't navigate or reload before the tokens are there."
    ),
)


@rule(Section("Fetch"))
def script_request_unanswered(asked: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """A script's token request got no answer that the browser would show."""
    place = asked.request_header("origin")
    if not asked.is_direct or asked.reply.has_answer or asked.reply.failure or not place.startswith("http"):
        return
    if origin(place) == origin(asked.url) or any(one.url == asked.url for one in scene.each(Preflight)):
        return
    if any(one.id > asked.id and one.reply.has_answer and one.url == asked.url for one in scene.each(TokenRequest)):
        return
    yield Found(
        cause=f"The token request was sent by a script of the origin `{place}` to `{host_of(asked.url)}`, and the browser shows no answer "
        "(status 0, no headers): most likely the token endpoint does not allow that origin (CORS, `Access-Control-Allow-Origin`), so that "
        "the browser withholds the answer; else a policy or an extension blocked it, or the connection broke.",
        help=f"At the provider, add `{place}` to the client's allowed origins (CORS, web origins), or redeem the code on the application's "
        "server; the browser's console has the reason.",
        evidence=(
            asked.evidence("request.headers.Origin", got=place),
            asked.evidence("response.status", expected="an answer", got="0"),
        ),
        certainty=Certainty.POSSIBLE,
        candidates=_WITHHELD,
        probe="The line in the browser's console; the same request by curl, which knows no CORS, tells whether the endpoint answers.",
    )
