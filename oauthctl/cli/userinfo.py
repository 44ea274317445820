"""`oauthctl userinfo`: who the access token speaks for, from the provider itself."""

from __future__ import annotations

import typer

from oauthctl.cli.options import AsJson, ProfileName, Timeout, Trace, output_of


def command(ctx: typer.Context, profile: ProfileName = "", timeout: Timeout = 30.0, trace: Trace = False, json: AsJson = False) -> int:
    """Fetch the claims about the person.

    \b
      oauthctl userinfo
      oauthctl userinfo --profile work --json | jq .email

    The access token is refreshed if need be; `sub` is compared with the ID token's. A signed answer is verified, an encrypted one opened
    with the client's key.
    """
    from oauthctl.cli.holding import held, is_fresh
    from oauthctl.cli.own_keys import own_keys
    from oauthctl.cli.presenting import present_for_tokens
    from oauthctl.cli.proving import prove
    from oauthctl.cli.refreshing import metadata_for, refreshed
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.flows.answer_jwt import Party
    from oauthctl.flows.endpoints import endpoint, key_set_uri
    from oauthctl.flows.mutual_tls import certified_urls
    from oauthctl.flows.token_endpoint import check_usable
    from oauthctl.flows.userinfo import userinfo
    from oauthctl.messages.claims_wanted import lacking
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
        issuer = chosen.profile.expect_issuer or metadata.issuer or tokens.issuer
        party = Party(issuer, tokens.client_id, key_set_uri(metadata), keys=own_keys(out, chosen))
        algs = tuple(metadata.userinfo_signing_alg_values_supported or ())
        flow = userinfo(url, tokens.access_token, subject=tokens.subject, token_type=tokens.token_type, party=party, algs=algs)
        claims = session.run(flow)
        for remark in lacking(dict(chosen.profile.params).get("claims", ""), "userinfo", claims):
            out.warn(session.without_secrets(remark))
    if json:
        out.json(dict(claims))
    else:
        out.table(claims_table(claims))
    return 0
