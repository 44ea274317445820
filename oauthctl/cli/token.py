"""`oauthctl token`: one access token on stdout, for scripts.

Here: the command. From the store it must be nearly as cheap as starting at all: nothing of the network is imported unless it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oauthctl.cli.options import ProfileName, Timeout, Trace, in_seconds, output_of

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.settings import Settings
    from oauthctl.store.tokens import TokenSet


def command(
    ctx: typer.Context,
    profile: ProfileName = "",
    min_ttl: Annotated[
        float, typer.Option("--min-ttl", metavar="SECONDS", help="Refresh when less than this is left", callback=in_seconds(0, 1e9))
    ] = 60.0,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["bare", "header", "json", "env"], typer.Option("--format", metavar="FORMAT", help="bare, header, json or env")
    ] = "bare",
    grant: Annotated[
        Literal["client_credentials"] | None, typer.Option("--grant", metavar="GRANT", help="client_credentials: the client's own token")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", "-s", metavar="SCOPES", help="Scopes, with --grant")] = None,
    audience: Annotated[str, typer.Option("--audience", metavar="NAME", help="API's logical name, with --grant")] = "",
    resource: Annotated[list[str] | None, typer.Option("--resource", metavar="URI", help="API for which it is meant, with --grant")] = None,
    timeout: Timeout = 30.0,
    trace: Trace = False,
) -> int:
    """Print one access token, refreshed if need be.

    \b
      oauthctl token --format header | curl -H @- https://api.example.com/items
      eval "$(oauthctl token --format env)"
      OAUTHCTL_ISSUER=… OAUTHCTL_CLIENT_ID=… OAUTHCTL_CLIENT_SECRET=… oauthctl token --grant client_credentials

    stdout holds the token and nothing else; it is empty when something fails. Nobody is ever asked anything.
    """
    from oauthctl.cli.settings import UNATTENDED, settings

    out = output_of(ctx)
    flags = {
        "grant": grant or "",
        "scope": tuple(" ".join(scope or ()).split()) if grant else (),
        "audience": audience if grant else "",
        "resource": tuple(resource or ()) if grant else (),
    }
    chosen = settings(out, profile=profile, flags=flags)
    if chosen.profile.grant in UNATTENDED:
        tokens = _own_token(out, chosen, min_ttl=min_ttl, trace=trace, timeout=timeout)
    else:
        tokens = _held_token(out, chosen, min_ttl=min_ttl, trace=trace, timeout=timeout)
    out.data(_formatted(tokens, format))
    if chosen.name:
        _tell_of_short_life(out, tokens, min_ttl)
    return 0


def _tell_of_short_life(out: Output, tokens: TokenSet, min_ttl: float) -> None:
    """A fresh token that is too old already: every call asks the server, and nobody sees why it is slow."""
    from datetime import UTC, datetime

    from oauthctl.cli.holding import is_fresh

    if tokens.expires_at is None or is_fresh(tokens, datetime.now(UTC), min_ttl):
        return
    lasts = (tokens.expires_at - tokens.obtained_at).total_seconds()
    out.say(
        f"note: this server's tokens last {lasts:g} s, less than `--min-ttl {min_ttl:g}`, so that each call asks it for a new one; "
        "take what is left with a smaller `--min-ttl SECONDS`"
    )


def _held_token(out: Output, chosen: Settings, *, min_ttl: float, trace: bool, timeout: float) -> TokenSet:
    from datetime import UTC, datetime

    from oauthctl.cli.holding import held, is_fresh

    tokens = held(out, chosen)
    if is_fresh(tokens, datetime.now(UTC), min_ttl):
        return tokens
    from oauthctl.cli.refreshing import refreshed
    from oauthctl.cli.session import Session

    with Session(out, "token", issuer=tokens.issuer, trace=trace, timeout_seconds=timeout) as session:
        return refreshed(session, chosen, stale=tokens)


def _own_token(out: Output, chosen: Settings, *, min_ttl: float, trace: bool, timeout: float) -> TokenSet:
    """A client's own token; kept with the profile where there is one, so that a loop of calls asks once."""
    from oauthctl.cli.own_tokens import own_token
    from oauthctl.cli.session import Session

    with Session(out, "token", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
        return own_token(session, chosen, min_ttl=min_ttl)


def _formatted(tokens: TokenSet, form: str) -> str:
    """One line. Raises `BadAnswer` for a token that is none: scripts put it into headers and commands."""
    if not (tokens.access_token.isascii() and tokens.access_token.isprintable() and tokens.token_type.isprintable()):
        from oauthctl.errors import BadAnswer

        raise BadAnswer(
            "the access token holds characters that no header can carry",
            slug="access-token-unusable",
            spec="RFC 6749 appendix A.12",
            help="sign in again with `oauthctl login`; if it comes again, the provider is at fault",
        )
    scheme = "Bearer" if tokens.token_type.lower() == "bearer" else tokens.token_type
    match form:
        case "header":
            return f"Authorization: {scheme} {tokens.access_token}"
        case "env":
            from shlex import quote

            return f"ACCESS_TOKEN={quote(tokens.access_token)}"
        case "json":
            import json

            from oauthctl.messages.claim_values import utc_text

            expires_at = utc_text(tokens.expires_at) if tokens.expires_at else None
            members = {"access_token": tokens.access_token, "token_type": scheme, "expires_at": expires_at, "scope": list(tokens.scope)}
            return json.dumps(members)
        case _:
            return tokens.access_token
