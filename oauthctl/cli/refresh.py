"""`oauthctl refresh`: a fresh access token now, whether the old one has ended or not."""

from __future__ import annotations

from typing import Annotated

import typer

from oauthctl.cli.options import AsJson, ProfileName, ShowSecrets, Timeout, Trace, output_of


def command(
    ctx: typer.Context,
    profile: ProfileName = "",
    scope: Annotated[list[str] | None, typer.Option("--scope", "-s", metavar="SCOPES", help="Fewer scopes than were granted")] = None,
    timeout: Timeout = 30.0,
    trace: Trace = False,
    show_secrets: ShowSecrets = False,
    json: AsJson = False,
) -> int:
    """Trade the refresh token for fresh tokens.

    \b
      oauthctl refresh                       the current profile
      oauthctl refresh --profile work --scope "items.read"

    One process refreshes at a time; a rotated refresh token is on the disk before anything is said.
    """
    from oauthctl.cli.holding import held, tokens_document
    from oauthctl.cli.refreshing import refreshed
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.views.moments import relative

    out = output_of(ctx)
    chosen = settings(out, profile=profile)
    before = held(out, chosen)
    with Session(out, "refresh", issuer=before.issuer, trace=trace, timeout_seconds=timeout) as session:
        tokens = refreshed(session, chosen, stale=before, scope=tuple(" ".join(scope or ()).split()))
    until = f", expires {relative(tokens.expires_at, tokens.obtained_at)}" if tokens.expires_at else ""
    rotated = "rotated" if tokens.refresh_token != before.refresh_token else "stays the same"
    out.say(f"refreshed `{chosen.name}`{until}; the refresh token {rotated}")
    if json:
        out.json(dict(tokens_document(tokens, profile=chosen.name, show_secrets=show_secrets)))
    return 0
