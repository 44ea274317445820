"""`oauthctl verify`: its options. What they set off stands in `verifying`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from oauthctl.cli.options import AsJson, At, Leeway, Timeout, TokenText, Trace, complete_profiles, output_of


def command(
    ctx: typer.Context,
    token: TokenText = "",
    issuer: Annotated[
        str,
        typer.Option("--issuer", metavar="ISSUER", help="Who must have made the token (default: OAUTHCTL_ISSUER); its keys are fetched"),
    ] = "",
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help="Profile that names issuer and client (default: OAUTHCTL_PROFILE)",
            autocompletion=complete_profiles,
        ),
    ] = "",
    jwks: Annotated[str, typer.Option("--jwks", metavar="FILE|URL", help="The issuer's key set, instead of looking for it")] = "",
    key: Annotated[list[str] | None, typer.Option("--key", metavar="FILE", help="Key: JWK, PEM, or a raw shared secret")] = None,
    secret_env: Annotated[str, typer.Option("--secret-env", metavar="NAME", help="Environment variable with a shared secret")] = "",
    audience: Annotated[str, typer.Option("--audience", metavar="NAME", help="For whom the token must be; of an ID token the client")] = "",
    alg: Annotated[
        list[str] | None, typer.Option("--alg", metavar="ALG", help="Algorithm that is allowed (default: what the keys fit)")
    ] = None,
    kind: Annotated[
        Literal["id", "access", "jwt"] | None, typer.Option("--type", metavar="KIND", help="id, access or jwt (default: by its looks)")
    ] = None,
    nonce: Annotated[str, typer.Option("--nonce", metavar="VALUE", help="Nonce that the request sent")] = "",
    leeway: Leeway = 60.0,
    at: At = "",
    timeout: Timeout = 30.0,
    trace: Trace = False,
    json: AsJson = False,
) -> int:
    """Check a token: signature, issuer, audience, times.

    \b
      oauthctl token | oauthctl verify --issuer https://op.example --audience api
      oauthctl verify --jwks keys.json --issuer https://op.example @token.txt
      oauthctl verify --key secret.txt @token.txt   HMAC with a shared secret
      oauthctl verify --type id --audience CLIENT --nonce N @answer.json

    What no option says is taken from the environment, then from the profile that is named; the current profile does not count. Where
    nothing names an issuer or keys, the issuer that the token itself names is asked: that shows whether the token holds together, not
    whether it may be trusted. Keys that the token brings along are never used, and keys that came over plain http from another
    machine prove nothing: the signature is unclear then.

    Of several tokens each is checked. A check that needs what was not given, such as `--audience`, is unclear and warned of, and so is
    the expiry of a token without `exp`.

    Exit code 0: no check failed. 1: one failed. 3: the signature can't be told, or the issuer: you named none, or the token
    names none. The worst counts.
    """
    from oauthctl.cli.trusted_keys import Trust
    from oauthctl.cli.verifying import verify

    trust = Trust(
        issuer=issuer,
        profile=profile,
        jwks=jwks,
        keys=tuple(key or ()),
        secret_env=secret_env,
        audience=audience,
        algs=tuple(" ".join(alg or ()).replace(",", " ").split()),
        kind=kind or "",
        nonce=nonce,
        leeway_seconds=leeway,
        at=at,
        timeout_seconds=timeout,
        trace=trace,
    )
    return verify(output_of(ctx), token, trust=trust, json=json)
