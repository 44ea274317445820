"""`oauthctl profile`: the profiles that are stored here.

Here: listing, showing, choosing and deleting. Not here: making one (`login` does), changing one (it is a text file).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, At, complete_profiles, output_of
from oauthctl.errors import OauthctlError

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.store.locations import Locations
    from oauthctl.store.profiles import Profile
    from oauthctl.views.profiles import Held, Listed

_HELP = """List, show, choose and delete profiles.

\b
  oauthctl profile list
  oauthctl profile use work
  oauthctl profile show work --json | jq -r .issuer

A profile is a text file with what a login needs; `oauthctl login ISSUER --profile NAME` makes one.
"""

app = typer.Typer(help=_HELP, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Profile", autocompletion=complete_profiles)]

_LOCK_SECONDS = 10.0


@app.command("list")
def list_profiles(ctx: typer.Context, at: At = "", json: AsJson = False) -> int:
    """List the profiles, the current one marked.

    \b
      oauthctl profile list
      oauthctl profile list --json | jq -r '.profiles[].name'
    """
    from oauthctl.cli.clock import clock
    from oauthctl.cli.settings import named_profile
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations
    from oauthctl.views.profiles import profile_document, profiles_table

    out = output_of(ctx)
    where, now, current = locations(out.terminal.environ), clock(at), named_profile(out)
    found = [_listed(out, where, name, now=now, is_current=name == current) for name in profiles.names(where)]
    for one in found:
        if one.problem:
            out.warn(one.problem)
    if json:
        out.json({"profiles": [profile_document(one, now) for one in found]})
    elif found:
        out.table(profiles_table(found, now, out.width))
    else:
        out.say("there are no profiles yet: `oauthctl login ISSUER` makes one")
    return 0


@app.command("show")
def show(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Profile (default: the current one)", show_default=False, autocompletion=complete_profiles)
    ] = "",
    at: At = "",
    json: AsJson = False,
) -> int:
    """Show everything about a profile but its secrets.

    \b
      oauthctl profile show
      oauthctl profile show work --json
    """
    from oauthctl.cli.clock import clock
    from oauthctl.cli.settings import named_profile
    from oauthctl.errors import ConfigError
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations
    from oauthctl.store.tokens import tokens_path
    from oauthctl.views.profiles import profile_document, profile_lines

    out = output_of(ctx)
    where, now, current = locations(out.terminal.environ), clock(at), named_profile(out)
    chosen = name or current
    if not chosen:
        known = profiles.names(where)
        raise ConfigError(
            "no profile is chosen" if known else "there is no profile yet",
            slug="no-profile",
            notes=(f"profiles: {', '.join(known)}",) if known else (),
            help="name one: `oauthctl profile show NAME`" if known else "make one with `oauthctl login ISSUER`",
        )
    profiles.load(where, chosen)
    one = _listed(out, where, chosen, now=now, is_current=chosen == current)
    if json:
        out.json(profile_document(one, now))
        return 0
    files = [("profile", str(profiles.profile_path(where, chosen)))]
    if one.held.status != "none":
        files.append(("tokens", str(tokens_path(where, chosen))))
    out.lines(profile_lines(one, now, files=files))
    return 0


@app.command("use")
def use(ctx: typer.Context, name: Name) -> int:
    """Make a profile the current one.

    \b
      oauthctl profile use work
    """
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations

    out = output_of(ctx)
    profiles.use(locations(out.terminal.environ), name)
    out.say(f"`{name}` is the current profile now")
    other = out.terminal.environ.get("OAUTHCTL_PROFILE", "")
    if other and other != name:
        out.warn(f"`OAUTHCTL_PROFILE` is set and goes before it: `{other}`")
    return 0


@app.command("delete")
def delete(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask")] = False,
) -> int:
    """Delete a profile, its tokens and its client secret.

    \b
      oauthctl profile delete work
      oauthctl profile delete work --yes

    The tokens stay good at the server until they expire: `oauthctl logout` revokes them.
    """
    from oauthctl.shell.world import asker
    from oauthctl.store import client_secrets, profiles, registrations, tokens
    from oauthctl.store.locations import locations

    out = output_of(ctx)
    terminal, where = out.terminal, locations(out.terminal.environ)
    if not profiles.profile_path(where, name).exists():
        profiles.load(where, name)  # it says which profiles there are
    is_registered = registrations.registration_path(where, name).exists()
    if is_registered and not yes:
        out.warn(f"its client stays registered at the server; to delete it there, first: `oauthctl register --delete {name}`")
    if not yes:
        ask = asker(terminal.stdin, terminal.stderr, can_ask=terminal.can_ask, flag="`--yes`")
        answer = ask(f"delete the profile `{name}`, its tokens and its client secret? [y/N]", False)
        if answer.strip().lower() not in ("y", "yes"):
            out.say("nothing was deleted")
            return 1
    # Secrets go first: if anything comes between, what is left is a profile that one can see and delete again.
    with tokens.lock(where, name, timeout_seconds=_LOCK_SECONDS):
        had_tokens = tokens.delete(where, name)
    had_secret = client_secrets.delete(where, name)
    registrations.delete(where, name)
    profiles.delete(where, name)
    what = [f"the profile `{name}`", *(["its tokens"] if had_tokens else []), *(["its client secret"] if had_secret else [])]
    out.say(f"deleted {', '.join(what[:-1])}{' and ' if what[1:] else ''}{what[-1]}")
    if is_registered:
        out.warn("its client stays registered at the server, and what could delete it there is gone")
    if had_tokens:
        out.say("the server was not told: the tokens stay good there until they expire")
    return 0


def _listed(out: Output, where: Locations, name: str, *, now: datetime, is_current: bool) -> Listed:
    """The profile with what it holds; a file that can't be understood is a problem of this one alone."""
    from dataclasses import asdict

    from oauthctl.record.secret_names import is_secret_name
    from oauthctl.store import profiles
    from oauthctl.views.profiles import Listed

    try:
        profile = profiles.load(where, name)
        secret = _secret_place(where, profile)
    except OauthctlError as error:
        return Listed(name, is_current, problem=error.message)
    members = {key: value for key, value in asdict(profile).items() if key not in ("name", "client_secret_file", "client_secret_env")}
    # A person can write anything into the file, and a parameter's name tells what it is.
    members["params"] = tuple((key, "***" if is_secret_name(key) else value) for key, value in profile.params)
    return Listed(name, is_current, members, secret, _held(out, where, profile, now=now))


def _held(out: Output, where: Locations, profile: Profile, *, now: datetime) -> Held:
    from oauthctl.cli.holding import mismatch
    from oauthctl.store import tokens
    from oauthctl.views.profiles import Held

    try:
        found = tokens.read(where, profile.name, warn=out.warn)
    except OauthctlError as error:
        return Held("unreadable", why=error.message)
    if found is None:
        return Held()
    left = tokens.seconds_left(found, now)
    why = mismatch(found, profile)
    return Held(
        "misfit" if why else "good" if left is None or left > 0 else "expired",
        expires_at=found.expires_at,
        obtained_at=found.obtained_at,
        is_refreshable=bool(found.refresh_token),
        subject=found.subject,
        scope=found.scope,
        why=why,
    )


def _secret_place(where: Locations, profile: Profile) -> str:
    """Where the client secret is; it is not read."""
    from oauthctl.store.client_secrets import client_secret_path

    if profile.client_secret_env:
        return f"in the environment: {profile.client_secret_env}"
    if profile.client_secret_file:
        return f"in the file {profile.client_secret_file}"
    return "kept" if client_secret_path(where, profile.name).exists() else ""
