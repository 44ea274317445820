"""Sign-out that the provider hands on to the applications, by the browser or past it.

Here: front-channel logout in frames, logout tokens that an application can't use. Not here: the end-session request (`logout`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest, LogoutRequest
from oauthctl.messages.param import Message
from oauthctl.record.purposes import query_of, split_path
from oauthctl.record.tokens import Role
from oauthctl.rules.cookies import cookies_of, sent_cookies
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Candidate, Certainty, Evidence, Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_PLACE = re.compile(r"front-?channel|logout|sign-?out", re.IGNORECASE)
_OUT = re.compile(r"/(?:[\w-]*log-?out|sign-?out|sign_out)\b", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:log(?:ged|s)?|sign(?:ed|s)?)[ -]?(?:in|on)\b[^.\n]{0,40}(?:again|automatically|immediately|straight back)"
    r"|(?:after|on) (?:log|sign)\w*[ -]?out[^.\n]{0,80}(?:logged|signed|logs|signs) [^.\n]{0,20}(?:in|on)\b",
    re.IGNORECASE,
)
_STAYS = re.compile(
    r"(?:still|remain|stay)\w* (?:signed|logged) in|no session|session (?:not found|still)|not (?:signed|logged) out|front-?channel", re.I
)


@rule(Section("OIDC Back-Channel Logout", "2.4"), explains=("server-error", "request-refused", "token-opaque"))
def logout_token_without_session(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The application fails at a logout token that names the person and no session."""
    seen = scene.direct(jwt.held.exchange)
    if seen is None or jwt.held.role is not Role.LOGOUT_TOKEN or not jwt.claims.get("sub") or jwt.claims.get("sid"):
        return
    if seen.reply.status < 400 or scene.is_made_good(seen):
        return
    is_named = re.search(r"\bsid\b|session", seen.reply.words, re.IGNORECASE) is not None
    if not is_named and seen.reply.status < 500:
        return
    yield Found(
        cause=f"The logout token has a `sub` and no `sid`, and the application fails at it ({seen.reply.status}): most likely it looks for "
        "one session by its `sid` alone, where without one all sessions of the person are meant.",
        help="At the provider, have the session named (`backchannel_logout_session_required` for this client, so that `sid` is in ID and "
        "logout tokens); in the application, end all sessions of `iss` and `sub` when a logout token has no `sid`.",
        evidence=(jwt.evidence(".claims.sid", "the session", "missing"), seen.evidence("response.status", "200", str(seen.reply.status))),
        certainty=Certainty.LIKELY if is_named else Certainty.POSSIBLE,
        candidates=()
        if is_named
        else (
            Candidate("It looks for the session by its `sid`.", "Have the session named, or end all of the person's."),
            Candidate("It fails for a reason of its own.", "Read the application's log at that time."),
        ),
    )


@rule(Section("OIDC Front-Channel Logout", "4"))
def front_channel_logout_without_cookie(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The provider's frame calls the application's logout, and the session cookie is not sent along."""
    if not seen.is_direct or seen.request_header("sec-fetch-dest").lower() not in ("iframe", "frame"):
        return
    query = query_of(seen.url)
    is_logout = _PLACE.search(split_path(seen.url)) is not None and ("sid" in query or "iss" in query or "front" in seen.url.lower())
    if not is_logout or sent_cookies(seen) or "cross" not in seen.request_header("sec-fetch-site"):
        return
    host = host_of(seen.url)
    others = [one for one in scene.seen if one.is_direct and one.id != seen.id and host_of(one.url) == host]
    has_session = any(sent_cookies(one) or cookies_of(one) for one in others)
    if not has_session and not _STAYS.search(scene.given.local_error):
        return
    kept = next((cookie for one in others for cookie in cookies_of(one) if cookie.same_site != "none"), None)
    named = f"`{kept.name}` (SameSite={kept.same_site.capitalize() or 'Lax by default'})" if kept is not None else "with SameSite=Lax, say"
    yield Found(
        cause=f"For the front-channel logout the provider loads `{split_path(seen.url)}` in an iframe on its own page, and the browser "
        "sends no "
        f"cookie of `{host}` there: the session cookie {named} is a third-party cookie in that frame, so the application finds no session "
        "to "
        "end, and the person stays signed in.",
        help="Use back-channel logout (`backchannel_logout_uri`, ended by `sid` on the server), or end the session by the `sid` and `iss` "
        "of the "
        "request; with `SameSite=None; Secure` the cookie comes only in browsers that still allow third-party cookies.",
        evidence=(seen.evidence("request.headers.Cookie", "the session cookie", "missing"),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("OIDC RP-Initiated Logout", "2"), explains=("sign-in-loop",))
def logout_local_only(scene: Scene) -> Iterator[Found]:
    """Signing out ended the application's session alone, and the provider signs the person in again at once."""
    said = _AGAIN.search(scene.given.local_error)
    out = next((seen for seen in scene.seen if seen.is_direct and not seen.purpose and _OUT.search(split_path(seen.url))), None)
    since = out.id if out is not None else 0
    if said is None or any(seen.id > since for seen in scene.each(LogoutRequest)):
        return
    asked = next((one for one in scene.each(AuthorizationRequest) if one.is_direct and one.id > since), None)
    at_once = asked is not None and "code" in asked.reply.location and "login" not in (asked.sent.prompt or ())
    if scene.attempts and not at_once:
        return
    evidence = [Evidence(None, "given.local_error", "", said[0][:160])]
    if out is not None:
        evidence.append(out.evidence("response.headers.Location", "the provider's logout", out.reply.header("location")[:160]))
    if asked is not None:
        evidence.append(asked.evidence("response.headers.Location", "the sign-in page", "a code at once"))
    yield Found(
        cause="Signing out ended the session of the application alone; the session at the provider goes on (single sign-on), and so "
        "the next "
        "authorization request is answered with a code at once, without a password.",
        help="In the application's logout, also send the browser to the provider's logout (`end_session_endpoint` of the metadata, with "
        "`id_token_hint` and `post_logout_redirect_uri`); or start the next sign-in with `prompt=login` (or `select_account`) where the "
        "provider's session shall stay.",
        evidence=tuple(evidence),
        certainty=Certainty.LIKELY,
    )
