"""What a refresh brings and what it can't bring: refresh tokens themselves, scopes, ID tokens.

Here: refreshes and grants that succeed, and still lack something. Not here: refused refresh tokens (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty, Severity
from oauthctl.http import split_url
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.token_refused import asked_of, is_refused, stands
from oauthctl.specs import Section


@rule(Section("RFC 6749", "1.5"), Section("OIDC Core", "11"))
def refresh_token_never_issued(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider never issued a refresh token."""
    if seen.facts.get("refresh_token_is_placeholder") and stands(seen, scene):
        yield Found(
            cause="The refresh request has no refresh token, only an empty or placeholder value such as `undefined`: the sign-in never "
            "brought one, or the client did not store it.",
            help="Ask for offline access with the authorization request (scope `offline_access`; Google: `access_type=offline` and "
            "`prompt=consent`), store the `refresh_token`, and start a new sign-in where there is none.",
            evidence=(seen.evidence(".refresh_token", expected="a refresh token", got="empty or a placeholder"),),
        )
        return
    back, asked = seen.back, asked_of(seen, scene)
    if asked is None or not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or back.refresh_token:
        return
    granted = back.scope if back.scope is not None else (asked.sent.scope or ())
    if asked.sent.access_type == "offline" and "consent" not in (asked.sent.prompt or ()):
        cause = (
            "The token response has no `refresh_token`: the request had `access_type=offline` but not `prompt=consent`, and for an account "
            "that has granted access before, a refresh token is issued only with the consent screen."
        )
        todo = "In the client, send `access_type=offline` and `prompt=consent` once, and store the refresh token that comes."
        evidence = asked.evidence(".prompt", expected="consent", got=" ".join(asked.sent.prompt or ()) or "missing")
    elif "offline_access" in (asked.sent.scope or ()) and "offline_access" not in granted:
        cause = (
            "The token response has no `refresh_token`: `offline_access` was asked for, but not granted, so the provider issues none to "
            "this client."
        )
        todo = (
            "In the provider's registration, allow the client the refresh token grant and the scope `offline_access` (and the API offline "
            "access); some providers want `prompt=consent` with it."
        )
        evidence = asked.evidence(".scope", got=" ".join(asked.sent.scope or ())[:200])
    else:
        return
    yield Found(
        cause=cause,
        help=todo,
        evidence=(evidence, seen.evidence("response.body.refresh_token", expected="a refresh token", got="missing")),
        certainty=Certainty.LIKELY,
        severity=Severity.WARNING,
    )


@rule(Section("RFC 6749", "6"), explains=("scope-unknown", "scope-not-allowed"))
def refresh_widens_scope(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """A refresh asks for scopes that the sign-in did not grant."""
    wanted = seen.sent.scope
    if not seen.sent.refresh_token or not is_refused(seen, scene):
        return
    if not wanted:
        yield Refuted()
        return
    issued = scene.issued_by(seen.sent.refresh_token, "refresh_token")
    if issued is None or not isinstance(issued.back, TokenResponse) or seen.reply.error not in ("invalid_scope", "invalid_grant", ""):
        return
    asked = asked_of(issued, scene)
    granted = issued.back.scope or (asked.sent.scope if asked is not None else None)
    more = [one for one in wanted if granted is not None and one not in granted]
    if granted is None:
        return
    if not more or any("," in one for one in more):
        yield Refuted()
        return
    yield Found(
        cause=f"The refresh asks for the scope `{' '.join(more)[:120]}`, which the original grant does not include: a refresh can only "
        "keep or narrow the scope.",
        help="In the client, leave `scope` out when refreshing, and start a new authorization request for more access.",
        evidence=(
            issued.evidence("response.body.scope", got=" ".join(granted)[:200]),
            seen.evidence(".scope", expected="no more than was granted", got=" ".join(wanted)[:200]),
        ),
    )


@rule(Section("RFC 6749", "6"), Section("RFC 6750", "3.1"), explains=("scope-insufficient",), decisive=True)
def refresh_cannot_add_scope(call: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """A challenge for more scope is answered by a refresh."""
    challenge = call.reply.challenge
    if challenge is None or challenge.get("error") != "insufficient_scope" or not stands(call, scene):
        return
    wanted = challenge.get("scope")
    before = [
        one
        for one in scene.before(call.id, ApiRequest)
        if one.url == call.url and one.reply.challenge is not None and one.reply.challenge.get("scope") == wanted and one.reply.failed
    ]
    if not before:
        return
    between = [one for one in scene.each(TokenRequest) if before[-1].id < one.id < call.id and not one.reply.failed]
    refreshed = [one for one in between if one.sent.refresh_token]
    if refreshed and isinstance(refreshed[-1].back, TokenResponse) and set(wanted.split()) <= set(refreshed[-1].back.scope or ()):
        return
    if not refreshed or any(one.sent.code for one in between):
        return
    yield Found(
        cause=f"The API asks for the scope `{wanted[:120]}`, the client answers by refreshing its token, and the same 403 comes again: a "
        "refresh never adds a scope to what was granted.",
        help="In the client, start a new authorization request that includes the scope of the challenge, and let the person consent.",
        evidence=(
            before[-1].evidence("response.headers.WWW-Authenticate", got=f"scope={wanted[:120]}"),
            refreshed[-1].evidence(".refresh_token", got="a refresh in between"),
            call.evidence("response.headers.WWW-Authenticate", expected="an answer", got=f"scope={wanted[:120]}"),
        ),
    )


@rule(Section("OIDC Core", "12.2"))
def refresh_without_id_token(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """A refresh brings no ID token, and the client needs one."""
    back, said = seen.back, given.local_error.lower()
    if not seen.sent.refresh_token or not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or back.id_token:
        return
    if "id_token" not in said and "id token" not in said and "idtoken" not in said:
        return
    lacks = back.scope is not None and "openid" not in back.scope
    more = " The scope that it grants lacks `openid`, too." if lacks else ""
    yield Found(
        cause="The refresh response has an access token and no `id_token`, which OpenID Connect allows, yet the client insists on an ID "
        f"token.{more}",
        help="In the client, go on with the access token and the claims of the first ID token; if a fresh ID token is needed, ask for "
        "`openid` together with `offline_access`, or sign in again.",
        evidence=(seen.evidence("response.body.id_token", expected="an ID token (the client)", got="missing"),),
    )


@rule(Section("RFC 6749", "6"))
def refreshed_at_another_server(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The refresh token is sent to another token endpoint than the one that issued it."""
    if not seen.sent.refresh_token or not is_refused(seen, scene):
        return
    issued = scene.issued_by(seen.sent.refresh_token, "refresh_token")
    if issued is None:
        return
    one, other = (split_url(url)._replace(query="", fragment="").geturl() for url in (issued.url, seen.url))
    if one == other:
        return
    is_same_path = split_url(one).path == split_url(other).path
    twin = (
        " If both are one server under an internal and a public address, it writes the address that it was called at into the token as its "
        "issuer, and takes it back only there."
        if is_same_path
        else ""
    )
    yield Found(
        cause=f"The refresh token was issued by `{one[:120]}`, yet it is sent to `{other[:120]}`: another server, tenant or region "
        f"doesn't know it.{twin}",
        help="In the client, refresh at the token endpoint that issued the token"
        + ("; give the provider one public hostname for all its addresses." if is_same_path else "."),
        evidence=(
            issued.evidence("request.url", got=one[:200]),
            seen.evidence("request.url", expected=one[:200], got=other[:200]),
        ),
        certainty=Certainty.LIKELY,
    )
