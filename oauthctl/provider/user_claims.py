"""The claims about users: those that scopes open, and a provider's own.

Here: which of them are told where. Not here: the tokens and answers that carry them (`id_token`, `userinfo`, `issue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from oauthctl.provider.client import User

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

Place: TypeAlias = Literal["id_token", "userinfo", "access_token"]
PLACES: tuple[Place, ...] = ("id_token", "userinfo", "access_token")

# Source: OIDC Core section 5.4.
_NAMES = "name family_name given_name middle_name nickname preferred_username"
_PERSON = "profile picture website gender birthdate zoneinfo locale updated_at"
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (*_NAMES.split(), *_PERSON.split()),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A claim that is told in these places whenever this scope is granted; with an empty scope always.

    Its `value` is everybody's, and that of clients' own tokens; None: each user's own, if there is one.
    """

    name: str
    places: tuple[Place, ...] = ("id_token", "userinfo")
    scope: str = ""
    value: Any = None


def opened_by(state: ProviderState, scopes: tuple[str, ...]) -> frozenset[str]:
    """The names of the claims that these scopes open."""
    return frozenset(name for scope in scopes for name in state.scope_claims.get(scope, ()))


def claims_for(state: ProviderState, place: Place, user: User | None, *, scopes: tuple[str, ...]) -> dict[str, Any]:
    """What is told of the user in this place, where these scopes are granted; the scopes themselves open nothing in access tokens."""
    names = opened_by(state, scopes) if place != "access_token" else frozenset()
    known = user.claims if user is not None else {}
    found = {name: value for name, value in known.items() if name in names} if names else {}
    for claim in state.own_claims:
        value = claim.value if claim.value is not None else known.get(claim.name)
        if place in claim.places and value is not None and (not claim.scope or claim.scope in scopes):
            found[claim.name] = value
    return found
