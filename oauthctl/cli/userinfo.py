"""`oauthctl userinfo`: who the access token speaks for, from the provider itself."""

from __future__ import annotations

import typer

from oauthctl.cli.options import AsJson, ProfileName, Timeout, Trace, output_of


def command(ctx: typer.Context, profile: ProfileName = "", timeout: Timeout = 30.0, trace: Trace = False, json: AsJson = False) -> int:
    """Fetch the claims about the person.

    \b
      oauthctl userinfo
      oauthctl userinfo --profile work --json | jq .email

    The access token is refreshed if need be; `sub` is compared with the ID token's.
    """
    from oauthctl.cli.holding import held, is_fresh
    from oauthctl.cli.presenting import present_for_tokens
    from oauthctl.cli.proving import prove
    from oauthctl.cli.refreshing import metadata_for, refreshed
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.flows.endpoints import endpoint
    from oauthctl.flows.mutual_tls import certified_urls
    from oauthctl.flows.token_endpoint import check_usable
    from oauthctl.flows.userinfo import userinfo
    from oauthctl.views.claims import claims_table

    out = output_of(ctx)
    chosen = settings(out, profile=profile)
    tokens = held(out, chosen)
    with Session(out, "userinfo", issuer=tokens.issuer, trace=trace, timeout_seconds=timeout) as session:
        if tokens.refresh_token and not is_fresh(tokens, session.world.now(), 0):
            tokens = refreshed(session, chosen, stale=tokens)
        check_usable(tokens.access_token, tokens.token_type)
        prove(session, tokens)
        metadata = metadata_for(session, chosen)
        url = endpoint(metadata, "userinfo_endpoint")
        present_for_tokens(session, chosen, tokens, certified_urls(metadata, "userinfo_endpoint"))
        claims = session.run(userinfo(url, tokens.access_token, subject=tokens.subject, token_type=tokens.token_type))
    if json:
        out.json(dict(claims))
    else:
        out.table(claims_table(claims))
    return 0
