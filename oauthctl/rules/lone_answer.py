"""A callback that was pasted by itself or beside one request: what its URL alone shows.

Here: answers that answer nothing, and two URLs that do not belong together. Not here: callbacks of a recording (`callback`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse, LogoutRequest
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_ANSWER = ("code", "error", "id_token", "access_token", "response")


@rule(Section("RFC 6749", "4.1.2"))
def answer_without_code(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The callback has neither a code nor an error."""
    if not returned.is_direct or any(str(returned.sent.raw(name) or "") for name in _ANSWER):
        return
    # A sign-out comes back with its `state` alone.
    if not returned.sent.state or scene.each(LogoutRequest) or any(one.sent.code for one in scene.each(AuthorizationResponse)):
        return
    is_empty = returned.sent.raw("code") is not None
    yield Found(
        cause=("The callback's `code` is empty" if is_empty else "The callback has a `state` alone, no code")
        + ": there is neither a code nor an error in it. The answer came in another place (the fragment behind `#`, a POST for "
        "`form_post`), "
        "a page or proxy in between dropped it, or the URL is not the one that the provider sent the browser to.",
        help="In the browser's network panel look at the redirect that the provider answers with: compare its `Location` with this "
        "URL. Ask "
        "for `response_type=code` and `response_mode=query`, and keep rewrites and redirects in front of the callback from dropping "
        "the query.",
        evidence=(returned.evidence(".code", expected="a code or an error", got="empty" if is_empty else "missing"),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The answer is in the fragment (an implicit `response_type`, `response_mode=fragment`).", "Ask for `query`."),
            Candidate("A redirect (http to https, another host, a router) dropped the query.", "Redirect with the whole query."),
            Candidate("It is the return from a sign-out, which has a `state` alone.", "Nothing is to be done then."),
        ),
    )


@rule(Section("RFC 6749", "10.12"), explains=("answer-without-code",))
def answer_to_another_request(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The callback is not the answer to the request beside it."""
    requests = [one for one in scene.each(AuthorizationRequest) if one.is_direct]
    answers = [one for one in scene.each(AuthorizationResponse) if one.is_direct]
    if len(requests) != 1 or len(answers) != 1 or len([one for one in scene.seen if one.is_direct]) != 2:
        return
    asked = requests[0]
    if asked.reply.has_answer or returned.reply.has_answer:
        return
    sent, got = asked.sent.state or "", returned.sent.state or ""
    wanted = base_of(asked.sent.redirect_uri or "").rstrip("/")
    # Of one and the same redirect URI, the rule on states tells more.
    if not sent or not got or sent == got or not wanted or wanted == base_of(returned.url).rstrip("/"):
        return
    yield Found(
        cause=f"The callback is not the answer to this authorization request: its `state` is `{got[:80]}` and does not match the one "
        "that was "
        f"sent, `{sent[:80]}` (a state mismatch), and it came to `{base_of(returned.url)[:120]}` instead of the redirect_uri "
        f"`{wanted[:120]}`. "
        "It belongs to another sign-in, or the client changed its redirect_uri in between.",
        help="Do not redeem its code. Take the request and the callback of one sign-in in a single window; in the client keep one "
        "`state` for "
        "each sign-in and compare it.",
        evidence=(asked.evidence(".state", got=sent[:200]), returned.evidence(".state", expected=sent[:200], got=got[:200])),
        certainty=Certainty.LIKELY,
    )
