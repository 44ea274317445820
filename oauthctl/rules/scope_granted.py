"""What was granted against what was asked for.

Here: scopes of the token answer, and the ID token that depends on one. Not here: scopes that were refused (`scope`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.rules.front_channel import refusal_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Certainty, Found, Severity, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.scope_words import OPENID_SCOPES, is_covered_by, scope_text, split_scopes
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_MISSES_OPENID = re.compile(r"(miss|requir|must|without|lack)[^.]{0,60}\bopenid\b|\bopenid\b[^.]{0,60}(miss|requir|must)", re.IGNORECASE)
_WANTS_ID_TOKEN = re.compile(r"id_?token|id token", re.IGNORECASE)


@rule(
    Section("OIDC Core", "3.1.2.1"),
    decisive=True,
    explains=("scope-insufficient", "api-call-refused", "authorization-refused", "scope-unknown"),
)
def openid_scope_missing(asked: Seen[AuthorizationRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """OpenID Connect is expected, yet the scope lacks openid."""
    scopes = split_scopes(scope_text(asked.sent))
    if "openid" in scopes or asked.sent.request_uri or asked.sent.request:
        return
    attempt = scene.attempt_of(asked.id)
    answers = [one for one in (attempt.redeemed if attempt else ()) if isinstance(one.back, TokenResponse) and one.back.access_token]
    answered = answers[-1] if answers else None
    if answered is not None and isinstance(answered.back, TokenResponse) and answered.back.id_token:
        return
    userinfo = _refused_userinfo(scene)
    refusal = refusal_of(asked, attempt.returned if attempt is not None else None)
    is_missed = bool(_WANTS_ID_TOKEN.search(given.local_error)) or (refusal is not None and refusal.says(_MISSES_OPENID))
    if not (is_missed or userinfo or (answered is not None and _means_openid(asked.sent))):
        return
    evidence = [asked.evidence(".scope", expected=" ".join(("openid", *scopes)), got=" ".join(scopes) or "missing")]
    if answered is not None:
        evidence.append(answered.evidence("response.body.id_token", expected="an ID token", got="missing"))
    if refusal is not None:
        evidence.append(refusal.seen.evidence(refusal.place, got=refusal.words[:200]))
    if userinfo is not None:
        evidence.append(userinfo.evidence("response", got=userinfo.reply.error or str(userinfo.reply.status)))
    yield Found(
        cause="The authorization request's scope lacks `openid`, so this was plain OAuth: the provider issues no ID token (and no access "
        "to "
        "userinfo).",
        help=f"In the client, add `openid` to the scope of the authorization request: `{' '.join(('openid', *scopes))}`.",
        evidence=tuple(evidence),
        certainty=Certainty.CERTAIN if is_missed else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "5.1"), severity=Severity.WARNING, explains=("scope-insufficient",))
def scope_narrowed(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest] | None, scene: Scene) -> Iterator[Found]:
    """Less was granted than was asked for."""
    back = redeemed.back
    wanted_by = asked if asked is not None and redeemed.sent.code else redeemed
    granted = split_scopes(" ".join(back.scope or ())) if isinstance(back, TokenResponse) and back.access_token else ()
    wanted = split_scopes(scope_text(wanted_by.sent))
    missing = [scope for scope in wanted if plain_name(scope) and not is_covered_by(scope, granted)]
    if not granted or not missing:
        return
    failed = next((seen for seen in scene.after(redeemed.id, ApiRequest) if seen.reply.status in (401, 403)), None)
    names = ", ".join(f"`{scope}`" for scope in missing)
    evidence = [
        wanted_by.evidence(".scope", got=" ".join(wanted)),
        redeemed.evidence("response.body.scope", expected=names, got=" ".join(granted)),
    ]
    if failed is not None:
        evidence.append(failed.evidence("response", got=str(failed.reply.status)))
    yield Found(
        cause=f"The granted scope is narrower than the requested one: {names} is missing from the answer. The person did not tick it, or "
        f"the "
        "provider dropped it without a word.",
        help="In the client, compare `scope` of the token answer with what was asked for, and ask again for what was not granted before "
        "calling what needs it.",
        evidence=tuple(evidence),
        severity=Severity.ERROR if failed is not None else None,
    )


def plain_name(scope: str) -> bool:
    """Whether an answer has to name this scope: neither OpenID Connect's own nor a stand-in for others (`.default`)."""
    return scope not in OPENID_SCOPES and not scope.endswith("/.default") and scope != ".default"


def _means_openid(sent: AuthorizationRequest) -> bool:
    """Whether the request is OpenID Connect's in all but its scope. `profile` or `email` alone other protocols use, too.

    So do they with `offline_access` (ilert's "profile service:w offline_access"), which asks for no identity.
    """
    scopes = set(split_scopes(scope_text(sent)))
    of_identity = OPENID_SCOPES - {"openid", "offline_access"}
    return bool(sent.nonce) or "id_token" in (sent.response_type or ()) or len(scopes & of_identity) > 1


def _refused_userinfo(scene: Scene) -> Seen[ApiRequest] | None:
    calls = [seen for seen in scene.each(ApiRequest) if seen.purpose == purposes.USERINFO and seen.reply.status in (401, 403)]
    return next((seen for seen in calls if seen.reply.error == "insufficient_scope" or "openid" in seen.reply.words.lower()), None)
