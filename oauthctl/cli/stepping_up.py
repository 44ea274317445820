"""Signing in again because an API wants more: another level, a fresher sign-in (RFC 9470), or more scopes.

Here: asking the person, signing in, comparing what came with what was wanted. Not here: the call (`call`), the sign-in (`signing_in`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oauthctl.errors import CheckFailed, OauthctlError

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.api_call import Called
    from oauthctl.store.tokens import TokenSet

When = Literal["ask", "auto", "never"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sign-in is to bring; `scope` is the whole of it, or empty where the profile's is enough."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    scope: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The options of `login` that ask for it."""
        found = [word for value in self.acr_values for word in ("--acr", value)]
        if self.max_age is not None:
            found += ["--max-age", str(self.max_age)]
        return (*found, *(("--scope", " ".join(self.scope)) if self.scope else ()))


def wanted(session: Session, chosen: Settings, called: Called) -> Wanted | None:
    """What a refusal asks for that a sign-in can bring; None for any other answer. What the API wrote may repeat a secret."""
    clean = session.without_secrets
    sign_in = called.wanted_sign_in
    if sign_in is not None:
        return Wanted(tuple(clean(value) for value in sign_in.acr_values), sign_in.max_age)
    if called.lacking_scope:
        return Wanted(scope=tuple(dict.fromkeys((*chosen.profile.scope, *(clean(scope) for scope in called.lacking_scope)))))
    return None


def command_for(chosen: Settings, want: Wanted) -> str:
    """The `login` that a person may type instead."""
    from shlex import join

    return join(("oauthctl", "login", chosen.name, *want.options))


def agreed(session: Session, chosen: Settings, want: Wanted, *, when: When) -> bool:
    """Whether to sign in for it now: nobody is asked, and no browser opened, without a terminal.

    More scopes are never asked for unseen: an API may name any, and a person is to decide what it gets.
    """
    from oauthctl.cli.settings import prompt

    out = session.out
    if when == "never" or not out.terminal.can_ask:
        return False
    out.say(_said(want))
    if when == "auto" and not want.scope:
        return True
    answer = prompt(out, "`--step-up`")(f"sign in again as `{chosen.name}` for it? [y/N]", False)
    return answer.strip().lower() in ("y", "yes")


def _said(want: Wanted) -> str:
    if want.scope:
        return f"the API wants more scopes; the sign-in would ask for `{' '.join(want.scope)}`"
    parts = [f"of the level {' or '.join(f'`{value}`' for value in want.acr_values)}"] if want.acr_values else []
    parts += [f"that is at most {want.max_age} seconds old"] if want.max_age is not None else []
    return f"the API wants a sign-in {' and '.join(parts) or 'that is stronger or more recent'} (RFC 9470)"


def signed_in_again(session: Session, chosen: Settings, want: Wanted, *, before: TokenSet, no_browser: bool = False) -> TokenSet:
    """The tokens of a new sign-in, kept with the profile. Raises as `login` does, and `CheckFailed` when somebody else signed in."""
    from oauthctl.cli.holding import stored
    from oauthctl.cli.planning import Wishes
    from oauthctl.cli.signing_in import login

    wishes = Wishes(acr=want.acr_values, max_age=want.max_age, no_browser=no_browser)
    login(session.out, chosen.name, flags={"scope": want.scope} if want.scope else {}, profile="", wishes=wishes)
    fresh = stored(session.out, chosen)
    if before.subject and fresh.subject and before.subject != fresh.subject:
        raise CheckFailed(
            "somebody else signed in than the one for whom the call was made",
            slug="step-up-subject-differs",
            sent=before.subject,
            got=fresh.subject,
            spec="RFC 9470 section 5",
            help="the call was not repeated; repeat it if this is the right person",
        )
    _compare(session, want, fresh)
    return fresh


def _compare(session: Session, want: Wanted, fresh: TokenSet) -> None:
    """Say what came: level and time of the ID token, where there is one, and the scopes."""
    from oauthctl.jose.jwt import take_apart

    out = session.out
    lacking = [scope for scope in want.scope if scope not in fresh.scope]
    if lacking:
        out.warn(f"the new token lacks `{' '.join(lacking)}`, which was asked for")
    claims = take_apart(fresh.id_token).claims or {}
    if want.acr_values:
        acr = claims.get("acr")
        out.say(f"asked for the level `{' '.join(want.acr_values)}`, got " + (f"`{acr}`" if isinstance(acr, str) else "no `acr`"))
    if want.max_age is not None:
        since = claims.get("auth_time")
        age = f"{max(session.world.now().timestamp() - since, 0):.0f} s old" if isinstance(since, int | float) else "of unknown age"
        out.say(f"asked for a sign-in that is at most {want.max_age} s old, got one {age}")


def tried(session: Session, chosen: Settings, want: Wanted, *, before: TokenSet, when: When) -> TokenSet | None:
    """The tokens of a sign-in that the person agreed to; None where none came about, which is told and is no error of the call."""
    if not agreed(session, chosen, want, when=when):
        return None
    try:
        return signed_in_again(session, chosen, want, before=before)
    except CheckFailed:
        raise
    except OauthctlError as error:
        session.out.warn(f"the sign-in did not bring it: {session.cleaned(error).message}")
        return None
