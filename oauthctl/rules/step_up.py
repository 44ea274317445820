"""Step-up: an API that wants a stronger or a more recent sign-in than the one behind the token.

Here: RFC 9470. Not here: a provider that can't sign the person in as asked (`authorization_person`), scopes (`api`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.claim_values import length
from oauthctl.messages.param import Message
from oauthctl.rules.presented import server_time
from oauthctl.rules.registry import Found, rule
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
