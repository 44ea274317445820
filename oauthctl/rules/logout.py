"""Signing out at the provider.

Here: the end-session request. Not here: revoking tokens, front- and back-channel logout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin
from oauthctl.messages.authorization import LogoutRequest
from oauthctl.record.tokens import HeldToken, Role
from oauthctl.rules.presented import Use, audience_of, listed, use_of
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_REQUEST = Section("OIDC RP-Initiated Logout", "2")
_OF_REDIRECT = re.compile(r"redirect[ _-]?ur[il]|post_logout|returnto|return_to|logout_uri|return url", re.IGNORECASE)
_MISSING = re.compile(r"missing|required", re.IGNORECASE)
_SIGNED_OUT = re.compile(r"(?:signed|logged)[ -]?(?:out|off)|log(?:ged)? ?out (?:success|complete)|session (?:has )?ended", re.IGNORECASE)
_OF_HINT = re.compile(r"id[_ ]?token[_ ]?hint|id[_ ]token|hint", re.IGNORECASE)


def _is_refused(asked: Seen[LogoutRequest], scene: Scene) -> bool:
    if asked.reply.status >= 400:
        return asked.id in scene.failed
    location = asked.reply.header("location")
    said = f"{asked.reply.words} {location}" if asked.reply.status in (200, 302, 303) else ""
    return (
        re.search(r"invalid (?:parameter|redirect|post|id_token|request)|missing parameter|error=|not registered", said, re.I) is not None
    )


def _hint(asked: Seen[LogoutRequest], scene: Scene) -> tuple[HeldToken, Jwt] | None:
    for held, facts in scene.tokens:
        if held.exchange == asked.id and held.place.endswith("id_token_hint"):
            return held, Jwt(held, facts)
    return None


@rule(_REQUEST, decisive=True, explains=("request-refused",))
def logout_hint_missing(asked: Seen[LogoutRequest], scene: Scene) -> Iterator[Found]:
    """The logout request names neither the session nor the client."""
    sent = asked.sent
    if sent.id_token_hint or sent.client_id or not sent.post_logout_redirect_uri or not _is_refused(asked, scene):
        return
    yield Found(
        cause="The logout request has a `post_logout_redirect_uri`, and neither `id_token_hint` nor `client_id` (both are missing): the "
        "provider can't tell whose redirect URI that is, and refuses.",
        help="In the client, send `id_token_hint` (the last ID token, kept for this purpose) or `client_id` together with "
        "`post_logout_redirect_uri`.",
        evidence=(asked.evidence(".id_token_hint", "the last ID token", "missing"), asked.evidence(".client_id", "or this", "missing")),
    )


@rule(_REQUEST)
def logout_stays_at_provider(asked: Seen[LogoutRequest], scene: Scene) -> Iterator[Found]:
    """The provider signs the person out and does not send them back, for it can't tell whose request this is."""
    sent = asked.sent
    back = sent.post_logout_redirect_uri or ""
    if sent.id_token_hint or not back or asked.exchange.request.method != "GET" or not asked.is_direct or _is_refused(asked, scene):
        return
    later = [one for one in scene.seen if one.id > asked.id and one.is_direct]
    if any(one.url.startswith(back.rstrip("/")) or one.reply.header("location").startswith(back.rstrip("/")) for one in (asked, *later)):
        return
    own = [one for one in (asked, *later) if origin(one.url) == origin(asked.url)]
    end = next((one for one in own if one.reply.status == 200 and _SIGNED_OUT.search(one.reply.words)), None)
    if end is None:
        return
    with_client = " with `client_id` alone" if sent.client_id else ""
    yield Found(
        cause=f"The logout request{with_client} has a `post_logout_redirect_uri` (`{back[:120]}`), and no `id_token_hint`: the provider "
        "signs the person out, shows a page of its own and does not redirect, since it does not know which client's registered URI that "
        "could be.",
        help="In the client, keep the last ID token and send it as `id_token_hint` with the logout request (an expired one will do), and "
        "register the `post_logout_redirect_uri` for this client.",
        evidence=(
            asked.evidence(".id_token_hint", "the last ID token", "missing"),
            end.evidence("response.status", "a redirect", "200, a page"),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(_REQUEST, decisive=True, explains=("request-refused",))
def logout_redirect_not_registered(asked: Seen[LogoutRequest], scene: Scene) -> Iterator[Found]:
    """The URI to return to after logout is not registered."""
    sent = asked.sent
    uri, name = _where_to(sent)
    registered = scene.given.texts("registered_post_logout_redirect_uris") or scene.given.texts("post_logout_redirect_uris")
    if not uri or uri in registered or not _is_refused(asked, scene) or not (sent.id_token_hint or sent.client_id):
        return
    if not registered and not _OF_REDIRECT.search(asked.reply.words):
        return
    close = next((one for one in registered if one.rstrip("/") == uri.rstrip("/")), "")
    also = f"; registered is {listed(registered)}" if registered else ""
    slash = " They differ in the trailing slash." if close else ""
    yield Found(
        cause=f"The `{name}` `{uri[:200]}` is not one that is registered for this client{also}.{slash} The list is "
        "separate from the redirect URIs of sign-in.",
        help=f"In the provider's console add `{uri[:200]}`, character for character, to the client's post-logout redirect URIs "
        "(sign-out or logout URLs), or send one that is there.",
        evidence=(asked.evidence(f".{name}", " ".join(registered) or "a registered one", uri),),
        certainty=Certainty.CERTAIN if registered else Certainty.LIKELY,
    )


@rule(_REQUEST, explains=("request-refused", "logout-redirect-not-registered"))
def logout_hint_unusable(asked: Seen[LogoutRequest], scene: Scene) -> Iterator[Found]:
    """The id_token_hint is not an ID token of this client and provider."""
    hint = _hint(asked, scene)
    if hint is None or not _is_refused(asked, scene):
        return
    held, jwt = hint
    client_id = asked.sent.client_id or scene.given.client_id
    metadata = scene.metadata_for(asked.url)
    issuer = (metadata.issuer or "") if metadata is not None else ""
    if jwt.facts.get("kind") == "opaque" or use_of(jwt, scene.given) is Use.ACCESS_TOKEN or _is_access_token(held, scene):
        why, certainty = "it is an access token and no ID token", Certainty.CERTAIN
    elif client_id and held.token.claims and client_id not in audience_of(jwt):
        why, certainty = f"it was issued to {listed(audience_of(jwt))} and not to the client `{client_id[:80]}`", Certainty.CERTAIN
    elif issuer and held.token.claim_text("iss") and held.token.claim_text("iss") != issuer:
        why, certainty = f"its issuer is `{held.token.claim_text('iss')[:120]}` and not `{issuer[:120]}`", Certainty.CERTAIN
    elif _OF_HINT.search(asked.reply.words) and not _OF_REDIRECT.search(asked.reply.words) and not _MISSING.search(asked.reply.words):
        why, certainty = "the server can't verify it (an old key or realm, or it was altered)", Certainty.LIKELY
    else:
        return
    yield Found(
        cause=f"The `id_token_hint` of the logout request is refused: {why}.",
        help="In the client keep the ID token of the latest sign-in of this client and send that one; without it send `client_id` alone.",
        evidence=(asked.evidence(".id_token_hint", "the latest ID token of this client", "another token"),),
        certainty=certainty,
        candidates=()
        if certainty is Certainty.CERTAIN
        else (
            Candidate("The key that signed it is gone from the key set.", "Sign in again, then sign out with the new ID token."),
            Candidate("It comes from another environment.", "Compare its `iss` with the provider's."),
        ),
    )


def _where_to(sent: LogoutRequest) -> tuple[str, str]:
    """Where the person goes afterwards, and the parameter that says so: Auth0 and Cognito have names of their own for it."""
    said = ((sent.raw(name), name) for name in ("post_logout_redirect_uri", "returnTo", "logout_uri"))
    return next(((uri, name) for uri, name in said if isinstance(uri, str) and uri), ("", ""))


def _is_access_token(held: HeldToken, scene: Scene) -> bool:
    return any(other.role is Role.ACCESS_TOKEN and other.token.compact == held.token.compact for other, _ in scene.tokens)
