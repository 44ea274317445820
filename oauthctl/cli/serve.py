"""`oauthctl serve`: its options. What they set off stands in `serving`."""

from __future__ import annotations

from typing import Annotated

import typer

from oauthctl.cli.options import AsJson, filled, in_seconds, output_of


def _from_file(ctx: typer.Context, param: typer.CallbackParam, path: str) -> str:
    """Let the file say what the command line does not."""
    filled(ctx, param, path)
    if path and not ctx.resilient_parsing:
        from oauthctl.cli.serve_file import take

        take(ctx, path)
    return path


def _complete_personas(incomplete: str) -> list[str]:
    """The names of personas that begin so."""
    from oauthctl.provider.personas.table import all_personas

    return [name for name in all_personas() if name.startswith(incomplete)]


def command(
    ctx: typer.Context,
    config: Annotated[
        str,
        typer.Option(
            "--config", metavar="FILE", is_eager=True, callback=_from_file, help="Take from this TOML file what is not said here; see above"
        ),
    ] = "",
    print_config: Annotated[bool, typer.Option("--print-config", help="Print all of that as TOML for --config, and end")] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, show_default=False, help="Port to listen on (default: a free one)")
    ] = 0,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Host or address to listen on", callback=filled)] = "127.0.0.1",
    issuer: Annotated[
        list[str] | None,
        typer.Option(
            "--issuer",
            metavar="URL",
            help="Issuer to speak as, to the letter, behind a proxy, or with a path (`/one`); repeatable",
            callback=filled,
        ),
    ] = None,
    token_seconds: Annotated[
        float, typer.Option("--token-seconds", metavar="SECONDS", help="How long access tokens are good for", callback=in_seconds(1, 1e9))
    ] = 300.0,
    refresh_grace: Annotated[
        float,
        typer.Option(
            "--refresh-grace", metavar="SECONDS", help="How long a used refresh token may come again", callback=in_seconds(0, 1e9)
        ),
    ] = 0.0,
    key_seconds: Annotated[
        float,
        typer.Option("--key-seconds", metavar="SECONDS", help="How long a key signs; 0 for ever", callback=in_seconds(0, 1e9)),
    ] = 0.0,
    client: Annotated[list[str] | None, typer.Option("--client", metavar="SPEC", help="Further client, repeatable; see above")] = None,
    user: Annotated[list[str] | None, typer.Option("--user", metavar="SPEC", help="Further user, repeatable; see above")] = None,
    legacy: Annotated[bool, typer.Option("--legacy", help="Speak legacy grants, too: password, implicit, hybrid")] = False,
    experimental: Annotated[
        bool, typer.Option("--experimental", help="Speak a draft, too: client attestation, by --trust-attester")
    ] = False,
    opaque_tokens: Annotated[bool, typer.Option("--opaque-tokens", help="Give access tokens that say nothing, instead of JWTs")] = False,
    trust: Annotated[
        list[str] | None, typer.Option("--trust", metavar="ISSUER=FILE", help="Take assertions of this issuer, by its keys; repeatable")
    ] = None,
    trust_attester: Annotated[
        list[str] | None,
        typer.Option("--trust-attester", metavar="ISSUER=FILE", help="Let it vouch for clients, by its keys; repeatable; --experimental"),
    ] = None,
    local_client: Annotated[
        list[str] | None,
        typer.Option("--local-client", metavar="ORIGIN", help="Fetch documents of clients at this origin of this machine, too; repeatable"),
    ] = None,
    tls: Annotated[
        str,
        typer.Option(
            "--tls", metavar="DIR", help="Speak https, by a CA that is made once and kept in DIR; trust DIR/ca.pem", callback=filled
        ),
    ] = "",
    mtls: Annotated[
        str,
        typer.Option("--mtls", metavar="DIR", help="See TLS certificates, too; fresh ones for clients are written to DIR", callback=filled),
    ] = "",
    state: Annotated[
        str,
        typer.Option("--state", metavar="FILE", help="Keep clients, users, codes, tokens and keys in FILE over restarts", callback=filled),
    ] = "",
    persona: Annotated[
        str,
        typer.Option(
            "--persona",
            metavar="NAME",
            autocompletion=_complete_personas,
            help="Wear a known provider's quirks: github, google, entra-v2, slack …",
        ),
    ] = "",
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="SLUG", help="Misbehave so, SLUG[:after=N,times=N,rate=R,client=ID]; repeatable"),
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", metavar="FILE", help="Answer by this script, judge the client by it and end; see above", callback=filled
        ),
    ] = "",
    junit: Annotated[str, typer.Option("--junit", metavar="FILE", help="Write the scenario's verdicts as JUnit XML", callback=filled)] = "",
    scenario_timeout: Annotated[
        float,
        typer.Option(
            "--scenario-timeout", metavar="SECONDS", help="How long to wait for the client's next request", callback=in_seconds(1, 86400)
        ),
    ] = 60.0,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults and end")] = False,
    list_scenarios: Annotated[bool, typer.Option("--list-scenarios", help="List the scenarios that are here and end")] = False,
    list_personas: Annotated[bool, typer.Option("--list-personas", help="List the personas with their quirks and end")] = False,
    json: AsJson = False,
) -> int:
    """Run a provider to practise with, until Ctrl-C.

    \b
      oauthctl serve
      oauthctl serve --port 9000 --token-seconds 20     tokens that expire while you watch
      oauthctl serve --key-seconds 60                   keys that get successors
      oauthctl serve --client id=shop,redirect=http://localhost:5000/callback
      oauthctl serve --client id=shop,redirect=https://shop.test/cb,secret-env=SHOP_SECRET
      oauthctl serve --client id=robot,grant=jwt-bearer,keys-file=robot.jwks --trust https://idp.example=idp.jwks
      oauthctl serve --client id=till,secret-env=TILL,grant=ciba,backchannel_client_notification_endpoint=http://127.0.0.1:8400/ciba
      oauthctl serve --tls certificates                https; trusted with SSL_CERT_FILE=certificates/ca.pem
      oauthctl serve --mtls certificates               clients machine and alone prove themselves by certificates
      oauthctl serve --issuer /one --issuer /two       two issuers at once, each a provider of its own
      oauthctl serve --state provider.db               tokens that outlive a restart
      oauthctl serve --fault id-token-expired          what does your client do then?
      oauthctl serve --fault token-throttled:times=2   say 429 twice, then be well
      oauthctl serve --persona github                  answers as GitHub does, with all its quirks
      oauthctl serve --scenario careful-client --junit verdicts.xml   exit 1 unless your client is
      oauthctl serve --user carol --user dave,name=Dave Dale,password-env=DAVES
      oauthctl serve --config provider.toml            all of that in a file

    An OpenID Connect provider with real sign-in pages and an API, in memory. It speaks plain http unless `--tls` is given, and to this
    machine alone unless `--host` says otherwise. The issuer is printed on stdout; requests that go wrong are told on stderr, with
    `--verbose` all of them.

    \b
    Config        [server] with the options' names (port = 9000, fault = ["…"]), [[client]] and [[user]] with the keys of the SPECs
                  (username = for a user's NAME) and more: all client metadata, a user's claims. Only a file says
                  [lifetimes], [[scope]], [[claim]] (without a value each user's own), [[key]], [[resource]];
                  [provider]: name, registration (on this machine alone), pkce-methods, requires-pushed-requests,
                  requires-signed-requests, requires-dpop-nonce; [endpoints], as paths: authorize, token, jwks, userinfo,
                  pushed, device-authorization, device, register, introspect, revoke, end-session, backchannel, approvals,
                  challenge; and [[issuer]] with a url, options and tables of its own. The command line wins over an
                  [[issuer]], that over the rest of the file; --client and --user add to it, --issuer chooses
    Client SPEC   id=ID, then any of name=, redirect=, request-uri= (both repeatable), scope=, grant= (repeatable),
                  secret-env=NAME or secret-file=FILE, keys-file=FILE (public keys: JWKS, JWK, PEM),
                  asserts-users=yes, resource=/api/items (a part of the API that it serves: it may trade the tokens
                  that come there), token_endpoint_auth_method=, and members of client metadata that say how it
                  wants its answers, such as id_token_encrypted_response_alg=ECDH-ES or access_token_format=opaque;
                  without a secret or keys the client is a public one
    Fault         --list-faults names them; SLUG strikes each time, with after=N not at the first N occasions, with times=N
                  N times in all, with rate=R (0.2) now and then, with client=ID at the requests of that client alone
    Persona       --list-personas names them, each with its quirks; with --persona NAME that one alone
    Scenario      a TOML file, or the name of one that is here, by --list-scenarios: careful-client, careful-callback …
    User SPEC     NAME, then any of name=, password-env=NAME; without it the password is the NAME
    """
    if list_faults:
        from oauthctl.cli.fault_list import tell_faults

        return tell_faults(output_of(ctx), json=json)
    if list_personas:
        from oauthctl.cli.persona_list import tell_personas

        return tell_personas(output_of(ctx), persona, json=json)
    if list_scenarios:
        from oauthctl.cli.scenario_list import tell_scenarios

        return tell_scenarios(output_of(ctx), json=json)
    from oauthctl.cli.serve_file import as_toml, providers_of
    from oauthctl.cli.serve_tables import Tables
    from oauthctl.cli.serve_wanted import Wanted, WantedProvider
    from oauthctl.cli.serving import serve

    base = WantedProvider(
        issuer="",
        token_seconds=token_seconds,
        refresh_grace=refresh_grace,
        key_seconds=key_seconds,
        legacy=legacy,
        experimental=experimental,
        opaque_tokens=opaque_tokens,
        fault=tuple(fault or ()),
        trust=tuple(trust or ()),
        trust_attester=tuple(trust_attester or ()),
        local_client=tuple(local_client or ()),
        persona=persona,
        state=state,
        tables=Tables(),
    )
    clients, users = tuple(client or ()), tuple(user or ())
    providers = providers_of(ctx, base, issuers=issuer or (), clients=clients, users=users)
    if print_config:
        from oauthctl.cli.serve_practice import comments_of

        output_of(ctx).data((as_toml(ctx, providers, clients=clients, users=users) + "\n" + comments_of(providers)).rstrip("\n"))
        return 0

    wanted = Wanted(
        providers=providers,
        host=host,
        port=port,
        json=json,
        tls=tls,
        mtls=mtls,
        scenario=scenario,
        junit=junit,
        scenario_seconds=scenario_timeout,
    )
    return serve(output_of(ctx), wanted)
