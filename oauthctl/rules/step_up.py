"""Step-up: somebody wants a stronger or a more recent sign-in than the one behind the token.

Here: RFC 9470, an essential `acr` that the ID token has not. Not here: a provider that can't sign the person in as asked
(`authorization_person`), scopes (`api`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.claim_values import length
from oauthctl.messages.param import Message
from oauthctl.record.tokens import Role
from oauthctl.rules.presented import server_time
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section

_CODE = "insufficient_user_authentication"


@rule(
    Section("RFC 9470", "3"),
    explains=("api-call-refused", "api-rejects-valid-token", "request-fault-named", "scope-insufficient", "sign-in-loop"),
)
def sign_in_too_weak(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API wants a stronger or a more recent sign-in than the one behind the token."""
    challenge = seen.reply.challenge
    if seen.reply.error != _CODE or seen.id not in scene.failed:
        return
    # Of several calls that were refused for it the last one tells what was tried in between.
    if any(one.reply.error == _CODE and one.url == seen.url for one in scene.after(seen.id, ApiRequest)):
        return
    wanted, age = (
        (challenge.get(name) if challenge else "") or str(seen.reply.members.get(name) or "") for name in ("acr_values", "max_age")
    )
    claims = next((held.token.claims or {} for held, _ in scene.tokens if held.exchange == seen.id and held.token.claims), {})
    has, since = claims.get("acr"), claims.get("auth_time")
    asked = _asked_since(seen, scene)
    names = [name for name, value in (("acr_values", wanted), ("max_age", age)) if value] or ["acr_values"]
    parts = []
    if wanted:
        held = f", and the token's `acr` is `{has[:80]}`" if isinstance(has, str) else ""
        parts.append(f"a sign-in of the level `{wanted[:120]}` (`acr_values`){held}")
    if age:
        now = server_time(seen) or seen.exchange.started_at.timestamp()
        old = f", and the person signed in {length(now - since)} ago (`auth_time`)" if isinstance(since, int) and since < now else ""
        parts.append(f"a sign-in that is at most {age[:20]} seconds old (`max_age`){old}")
    lacking = [name for name in names if asked is not None and asked.sent.raw(name) is None]
    again = (
        f" The client has authorized again since (exchange {asked.id}), but without `{'` and `'.join(lacking)}`, so the provider asked for "
        "nothing more."
        if asked is not None and lacking
        else ""
    )
    values = " and ".join(f"`{name}={value}`" for name, value in (("acr_values", wanted), ("max_age", age)) if value)
    yield Found(
        cause=f"The API takes the token but wants a step-up (`{_CODE}`): {' and '.join(parts) or 'a stronger or more recent sign-in'}."
        f"{again}",
        help=f"In the client start a new authorization request with {values or 'the `acr_values` that the API documents'} as the challenge "
        "has it, let the person authenticate again, and repeat the call with the new token: a refresh keeps the old sign-in.",
        evidence=(
            seen.evidence("response.headers.WWW-Authenticate", got=_CODE),
            *(asked.evidence(f".{name}", "as in the challenge", "missing") for name in lacking if asked is not None),
        ),
        certainty=Certainty.CERTAIN,
    )


def _asked_since(seen: Seen[Message], scene: Scene) -> Seen[AuthorizationRequest] | None:
    """The authorization request that followed the first challenge of this kind."""
    first = min((one.id for one in scene.each(ApiRequest) if one.reply.error == _CODE), default=seen.id)
    return next((one for one in reversed(scene.before(seen.id, AuthorizationRequest)) if one.id > first), None)


@rule(Section("OIDC Core", "5.5.1.1"), explains=("sign-in-too-weak",))
def authentication_context_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The sign-in is of another level than the essential `acr` that was asked for."""
    attempt = scene.attempt_of(jwt.held.exchange)
    if jwt.held.role is not Role.ID_TOKEN or jwt.held.token.claims is None or attempt is None or attempt.asked is None:
        return
    if not jwt.held.place.startswith("response.") and jwt.held.exchange != getattr(attempt.returned, "id", None):
        return
    # A wish for a level (`acr_values`) may be passed over; a client that insists says so.
    insists = re.search(r"\bacr\b", scene.given.local_error) is not None
    essential = _essential(attempt.asked.sent.claims or "")
    wanted = essential or (tuple((attempt.asked.sent.raw("acr_values") or "").split()) if insists else ())
    got = jwt.claims.get("acr")
    if not wanted or got in wanted:
        return
    listed = " or ".join(f"`{one[:120]}`" for one in wanted[:3])
    what = f"essential claim `acr` with {listed} (in `claims`)" if essential else f"level {listed} (`acr_values`)"
    has = f"has `acr` `{got[:120]}`" if isinstance(got, str) else "has no `acr`"
    yield Found(
        cause=f"The request asks for the {what}, and the ID token {has}: the provider signed "
        "the person in at another level (such as by password alone, without the second factor), where it should have answered with an "
        "error.",
        help="In the client refuse this ID token and ask again; at the provider map that acr value to a way of signing in (its "
        "`acr_values_supported`), and see that it honours the `claims` parameter (`claims_parameter_supported`).",
        evidence=(
            attempt.asked.evidence(".claims" if essential else ".acr_values", got=" ".join(wanted)[:200]),
            jwt.evidence(".claims.acr", " ".join(wanted)[:200], got if isinstance(got, str) else "missing"),
        ),
    )


def _essential(text: str) -> tuple[str, ...]:
    """The values of which the ID token's `acr` must be one. Source: OpenID Connect Core 1.0 section 5.5.1.1."""
    try:
        asked = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return ()
    members = asked.get("id_token") if isinstance(asked, dict) else None
    acr = members.get("acr") if isinstance(members, dict) else None
    if not isinstance(acr, dict) or acr.get("essential") is not True:
        return ()
    values = acr.get("values") if isinstance(acr.get("values"), list) else [acr.get("value")]
    return tuple(one for one in values or () if isinstance(one, str) and one)
