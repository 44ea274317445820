"""`oauthctl register`: its options. What they set off stands in `registering`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from oauthctl.cli.client_options import ClientKey, Scopes
from oauthctl.cli.options import AsJson, DryRun, ShowSecrets, Timeout, Trace, complete_profiles, output_of


def command(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="Issuer URL; with --read, --update or --delete the profile (default: the current one)",
            autocompletion=complete_profiles,
        ),
    ] = "",
    read: Annotated[bool, typer.Option("--read", help="Fetch what the server has of the profile's client")] = False,
    update: Annotated[bool, typer.Option("--update", help="Change what the other options say, and leave the rest")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Take the registration back")] = False,
    profile: Annotated[
        str, typer.Option("--profile", "-p", metavar="NAME", help="Name of the profile to make (default: after the issuer's host)")
    ] = "",
    client_name: Annotated[str, typer.Option("--client-name", metavar="NAME", help="Name that people see (default: oauthctl)")] = "",
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option("--redirect-uri", metavar="URI", help="Where answers may go, repeatable (default: http://127.0.0.1/callback)"),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option("--grant", metavar="GRANT", help="Grant that it may use, repeatable (default: authorization_code, refresh_token)"),
    ] = None,
    scope: Scopes = None,
    client_auth: Annotated[
        Literal["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"] | None,
        typer.Option(
            "--client-auth", metavar="METHOD", help="How it proves itself (default: private_key_jwt with a key, else none, or a secret)"
        ),
    ] = None,
    client_key: ClientKey = "",
    application_type: Annotated[
        Literal["native", "web"] | None, typer.Option("--application-type", metavar="TYPE", help="native or web (default: by redirect URI)")
    ] = None,
    metadata: Annotated[
        str, typer.Option("--metadata", metavar="FILE", help="JSON object with further members of client metadata, `-` for stdin")
    ] = "",
    initial_access_token_file: Annotated[
        str, typer.Option("--initial-access-token-file", metavar="FILE", help="File with the token that the server wants first")
    ] = "",
    registration_endpoint: Annotated[
        str, typer.Option("--registration-endpoint", metavar="URL", help="Endpoint, for providers without metadata")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --delete: don't ask")] = False,
    timeout: Timeout = 30.0,
    dry_run: DryRun = False,
    trace: Trace = False,
    show_secrets: ShowSecrets = False,
    json: AsJson = False,
) -> int:
    """Register a client at a provider, or look after it.

    \b
      oauthctl register https://op.example
      oauthctl register https://op.example --client-name "My app" --redirect-uri https://app.example/callback
      oauthctl register https://op.example --grant client_credentials --scope items.read --profile robot
      oauthctl register --read robot
      oauthctl register --update robot --scope "items.read items.write"
      oauthctl register --delete robot

    Without wishes it becomes a native client that signs people in (RFC 7591). The `client_id` is kept as a profile, its secret and the
    token with which the registration can be changed (RFC 7592) in private files. The initial access token, where the server wants one,
    comes from a file, OAUTHCTL_INITIAL_ACCESS_TOKEN or a prompt; never from an option's value.
    """
    from oauthctl.cli.registering import Order, look_after, register
    from oauthctl.cli.registration_wishes import only_one, read_wishes

    out = output_of(ctx)
    action = only_one({"read": read, "update": update, "delete": delete})
    wishes = read_wishes(
        out,
        client_name=client_name,
        redirect_uris=tuple(redirect_uri or ()),
        grants=tuple(grant or ()),
        scope=tuple(" ".join(scope or ()).split()),
        client_auth=client_auth or "",
        application_type=application_type or "",
        metadata=metadata,
    )
    order = Order(
        profile=profile,
        client_key=client_key,
        initial_access_token_file=initial_access_token_file,
        registration_endpoint=registration_endpoint,
        is_sure=yes,
        timeout_seconds=timeout,
        dry_run=dry_run,
        trace=trace,
        show_secrets=show_secrets,
        json=json,
    )
    return look_after(out, target, action, wishes=wishes, order=order) if action else register(out, target, wishes=wishes, order=order)
