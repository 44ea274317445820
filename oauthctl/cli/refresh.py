"""`oauthctl refresh`: a fresh access token now, whether the old one has ended or not."""

from __future__ import annotations

from typing import Annotated

import typer

from oauthctl.cli.options import AsJson, ProfileName, ShowSecrets, Timeout, Trace, output_of


def command(
    ctx: typer.Context,
    profile: ProfileName = "",
    scope: Annotated[list[str] | None, typer.Option("--scope", "-s", metavar="SCOPES", help="Fewer scopes than were granted")] = None,
    resource: Annotated[
        list[str] | None, typer.Option("--resource", metavar="URI", help="One API of those that were granted; repeatable")
    ] = None,
    timeout: Timeout = 30.0,
    trace: Trace = False,
    show_secrets: ShowSecrets = False,
    json: AsJson = False,
) -> int:
    """Trade the refresh token for fresh tokens.

    \b
      oauthctl refresh                       the current profile
      oauthctl refresh --profile work --scope "items.read"
      oauthctl refresh --resource https://api.example.com

    What `--scope` and `--resource` narrow is kept as the profile's access token until the next refresh, which asks for all again;
    `oauthctl token` takes the same options and gives such a token apart.
    One process refreshes at a time; a rotated refresh token is on the disk before anything is said.
    """
    from oauthctl.cli.holding import held, tokens_document
    from oauthctl.cli.narrowing import tell_malformed, tell_of_audience
    from oauthctl.cli.refreshing import Narrowing, refreshed
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.views.moments import relative

    out = output_of(ctx)
    chosen = settings(out, profile=profile)
    before = held(out, chosen)
    narrowing = Narrowing(tuple(" ".join(scope or ()).split()), tuple(resource or ()))
    with Session(out, "refresh", issuer=before.issuer, trace=trace, timeout_seconds=timeout) as session:
        tell_malformed(out, narrowing.resource)
        tokens = refreshed(session, chosen, stale=before, narrowing=narrowing if scope or resource else None)
        tell_of_audience(out, tokens.access_token, narrowing.resource)
    until = f", expires {relative(tokens.expires_at, tokens.obtained_at)}" if tokens.expires_at else ""
    rotated = "rotated" if tokens.refresh_token != before.refresh_token else "stays the same"
    out.say(f"refreshed `{chosen.name}`{until}; the refresh token {rotated}")
    if json:
        out.json(dict(tokens_document(tokens, profile=chosen.name, show_secrets=show_secrets)))
    return 0
