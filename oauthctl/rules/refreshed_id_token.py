"""An ID token that came with a refresh, held against the first one: it is about the same person, of the same issuer, for the same client.

Here: OpenID Connect Core 1.0 section 12.2. Not here: what an ID token must hold anyhow (`id_token`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oauthctl.messages.param import texts
from oauthctl.messages.token import TokenRequest
from oauthctl.record.tokens import Role
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SECTION = Section("OIDC Core", "12.2")
_SAME = {
    "sub": "the tokens of one person were replaced by those of another",
    "iss": "another server answered, or the provider changed its name",
    "aud": "the token was made for another client",
}
_FIRST = ("required-claim-missing", "token-issuer-differs", "id-token-issuer-differs", "id-token-audience-differs", "audience-differs")


@rule(_SECTION, explains=_FIRST)
def refreshed_subject_differs(refreshed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The refreshed ID token is about another person than the first one."""
    yield from _differs(refreshed, scene, "sub")


@rule(_SECTION, explains=_FIRST)
def refreshed_issuer_differs(refreshed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The refreshed ID token is of another issuer than the first one."""
    yield from _differs(refreshed, scene, "iss")


@rule(_SECTION, explains=_FIRST)
def refreshed_audience_differs(refreshed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The refreshed ID token is not for the client of the first one."""
    yield from _differs(refreshed, scene, "aud")


def _differs(refreshed: Seen[TokenRequest], scene: Scene, name: str) -> Iterator[Found]:
    if refreshed.sent.grant_type != "refresh_token":
        return
    after = _claims(refreshed, scene)
    if after is None:
        return
    before = _first(refreshed, scene)
    # The first one may lie in another recording: then the client that compared them has said so.
    is_said = f"refreshed ID token has another `{name}`" in scene.given.local_error
    if not is_said and (before is None or name not in before or _is_same(name, before, after)):
        return
    expected = _written((before or {}).get(name)) or "as in the first ID token"
    yield Found(
        cause=f"The ID token that came with the refresh has the `{name}` `{_written(after.get(name)) or 'nothing at all'}`, and the first "
        f"one has another{f' (`{expected}`)' if before else ''}: {_SAME[name]}.",
        help="In the client, throw the new tokens away and sign in again. At the provider, look for what mixes sessions or sign-ins up at "
        "the refresh: a cache, a shared account, a changed issuer URL.",
        evidence=(refreshed.evidence(f"response.body.id_token.claims.{name}", expected, _written(after.get(name)) or "missing"),),
    )


def _claims(seen: Seen[TokenRequest], scene: Scene) -> Mapping[str, Any] | None:
    """The claims of the ID token in this answer."""
    held = (one.token for one, _ in scene.tokens_in(seen.id) if one.role is Role.ID_TOKEN and one.place.startswith("response."))
    return next((token.claims for token in held if token.claims is not None), None)


def _first(refreshed: Seen[TokenRequest], scene: Scene) -> Mapping[str, Any] | None:
    """The claims of the ID token that came with the refresh token, or before it along the chain of refreshes."""
    token, seen = refreshed.sent.refresh_token or "", refreshed
    while (issued := scene.issued_by(token, "refresh_token")) is not None and issued.id < seen.id:
        claims = _claims(issued, scene)
        if claims is not None:
            return claims
        token, seen = issued.sent.refresh_token or "", issued
    return None


def _is_same(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if name == "aud":
        return set(texts(before.get(name)) or ()) <= set(texts(after.get(name)) or ())
    return bool(before.get(name) == after.get(name))


def _written(value: object) -> str:
    return " ".join(texts(value) or ())[:200]
