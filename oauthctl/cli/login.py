"""`oauthctl login`: its options. What they set off stands in `signing_in`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from oauthctl.cli.client_options import (
    AssertionAudience,
    AuthorizationDetails,
    ClientAttestation,
    ClientAttestationKey,
    ClientCertificate,
    ClientKey,
    ClientKeyId,
    Dpop,
    Experimental,
    Resources,
    Scopes,
    StandardName,
)
from oauthctl.cli.endpoint_options import (
    AuthorizationEndpoint,
    BackchannelAuthenticationEndpoint,
    DeviceAuthorizationEndpoint,
    EndSessionEndpoint,
    IntrospectionEndpoint,
    JwksUri,
    PushedAuthorizationRequestEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
    UserinfoEndpoint,
)
from oauthctl.cli.options import AsJson, DryRun, Leeway, ProfileName, ShowSecrets, Trace, complete_profiles, in_seconds, is_given, output_of


def command(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="Profile, or issuer URL (default: the current profile)",
            autocompletion=complete_profiles,
        ),
    ] = "",
    grant: Annotated[
        Literal["authorization_code", "device_code", "ciba", "password", "implicit", "hybrid", "auto"] | None,
        typer.Option(
            "--grant",
            metavar="GRANT",
            help="authorization_code (default), device_code, ciba; legacy: password, implicit, hybrid; auto: what is possible here",
        ),
    ] = None,
    standard: Annotated[
        StandardName | None,
        typer.Option("--standard", metavar="NAME", help="Do all as oauth2.1, fapi2, mcp or rfc8252 wants it; tell what the server lacks"),
    ] = None,
    client_id: Annotated[str, typer.Option("--client-id", metavar="ID", help="Client identifier at the provider")] = "",
    scope: Scopes = None,
    profile: ProfileName = "",
    redirect_uri: Annotated[
        str, typer.Option("--redirect-uri", metavar="URI", help="Exact redirect URI (default: http://127.0.0.1:PORT/callback, a free port)")
    ] = "",
    client_secret_file: Annotated[
        str, typer.Option("--client-secret-file", metavar="FILE", help="File with the client secret, `-` for stdin")
    ] = "",
    client_auth: Annotated[
        Literal[
            "none",
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth",
        ]
        | None,
        typer.Option("--client-auth", metavar="METHOD", help="Client authentication (default: from the metadata)"),
    ] = None,
    client_certificate: ClientCertificate = "",
    client_key: ClientKey = "",
    client_attestation: ClientAttestation = "",
    client_attestation_key: ClientAttestationKey = "",
    experimental: Experimental = False,
    client_key_id: ClientKeyId = "",
    assertion_audience: AssertionAudience = "",
    audience: Annotated[str, typer.Option("--audience", metavar="NAME", help="API's logical name (Auth0 and others)")] = "",
    resource: Resources = None,
    prompt: Annotated[str, typer.Option("--prompt", metavar="VALUES", help="none, login, consent, select_account")] = "",
    login_hint: Annotated[str, typer.Option("--login-hint", metavar="USER", help="Whom to sign in")] = "",
    binding_message: Annotated[
        str, typer.Option("--binding-message", metavar="TEXT", help="With the grant ciba: what both devices show")
    ] = "",
    notification_endpoint: Annotated[
        str,
        typer.Option(
            "--notification-endpoint", metavar="URL", help="With ciba: where on this machine the provider tells of the decision (ping)"
        ),
    ] = "",
    max_age: Annotated[
        float | None, typer.Option("--max-age", metavar="SECONDS", help="Oldest sign-in that will do", callback=in_seconds(0, 1e9))
    ] = None,
    acr: Annotated[list[str] | None, typer.Option("--acr", metavar="VALUE", help="Way of authentication that is wanted")] = None,
    authorization_details: AuthorizationDetails = "",
    claims: Annotated[
        str, typer.Option("--claims", metavar="JSON|@FILE", help="Single claims that are wanted in the ID token or from userinfo")
    ] = "",
    param: Annotated[
        list[str] | None, typer.Option("--param", metavar="K=V", help="Further parameter of the request, none that has an option")
    ] = None,
    token_param: Annotated[
        list[str] | None,
        typer.Option("--token-param", metavar="K=V", help="Further parameter of token requests (TikTok: client_key), repeatable"),
    ] = None,
    token_request: Annotated[
        Literal["form", "json"] | None,
        typer.Option("--token-request", metavar="FORMAT", help="How token requests are written: form (default), json (Notion)"),
    ] = None,
    response_type: Annotated[
        str,
        typer.Option(
            "--response-type", metavar="TYPE", help='What comes by the browser, such as "code id_token" (implicit, hybrid: legacy)'
        ),
    ] = "",
    response_mode: Annotated[
        Literal["query", "form_post", "fragment", "query.jwt", "form_post.jwt", "fragment.jwt", "jwt"] | None,
        typer.Option("--response-mode", metavar="MODE", help="How the answer travels; with `jwt` signed by the provider (JARM)"),
    ] = None,
    pkce: Annotated[
        Literal["S256", "plain", "none"] | None,
        typer.Option("--pkce", metavar="METHOD", help="PKCE method; plain and none are for provoking"),
    ] = None,
    dpop: Dpop = False,
    par: Annotated[
        Literal["auto", "always", "never"],
        typer.Option("--par", metavar="WHEN", help="Push the request first: auto (where demanded), always, never"),
    ] = "auto",
    request_object: Annotated[
        Literal["signed", "encrypted", "reference", "secret", "none"] | None,
        typer.Option(
            "--request-object",
            metavar="HOW",
            help="Send the request in a JWT (RFC 9101): signed, encrypted, reference (fetched from here); secret, none to provoke",
        ),
    ] = None,
    request_uri: Annotated[
        str,
        typer.Option(
            "--request-uri", metavar="URL", help="Where the server fetches it (default: http://127.0.0.1:PORT/request.jwt, a free port)"
        ),
    ] = "",
    request_port: Annotated[
        int,
        typer.Option(
            "--request-port",
            metavar="N",
            min=0,
            max=65535,
            show_default=False,
            help="Port on this machine to which a `--request-uri` of elsewhere leads",
        ),
    ] = 0,
    authorization_endpoint: AuthorizationEndpoint = "",
    pushed_authorization_request_endpoint: PushedAuthorizationRequestEndpoint = "",
    device_authorization_endpoint: DeviceAuthorizationEndpoint = "",
    backchannel_authentication_endpoint: BackchannelAuthenticationEndpoint = "",
    token_endpoint: TokenEndpoint = "",
    userinfo_endpoint: UserinfoEndpoint = "",
    jwks_uri: JwksUri = "",
    revocation_endpoint: RevocationEndpoint = "",
    introspection_endpoint: IntrospectionEndpoint = "",
    end_session_endpoint: EndSessionEndpoint = "",
    expect_issuer: Annotated[
        str, typer.Option("--expect-issuer", metavar="ISSUER", help="Issuer that metadata and tokens carry, where it is not TARGET")
    ] = "",
    leeway: Leeway = 60.0,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long to wait for the person", callback=in_seconds(1))
    ] = 300.0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the URL")] = False,
    dry_run: DryRun = False,
    trace: Trace = False,
    show_secrets: ShowSecrets = False,
    json: AsJson = False,
) -> int:
    """Sign in by the browser and keep the tokens.

    \b
      oauthctl login https://accounts.example.com --client-id my-app --scope "openid email"
      oauthctl login work                       sign in again, with everything from the profile
      oauthctl login https://github.com --client-id ID --client-secret-file secret.txt --client-auth client_secret_post \\
          --authorization-endpoint https://github.com/login/oauth/authorize \\
          --token-endpoint https://github.com/login/oauth/access_token --scope "read:user user:email"

    Without TARGET it signs in with the current profile. Without a terminal on stdin the page's address is printed on stderr, and the
    browser is waited for as long as `--timeout` says; with `--no-input`, and in CI, nobody is waited for: exit 2. A person on another
    device is waited for until the code expires, or as long as `--timeout` says where it is given.
    The profile of an issuer's host is used and updated, and so is the one that `--profile` names; each holds the tokens of one person.
    The client secret comes from a file, stdin, OAUTHCTL_CLIENT_SECRET or a prompt; never from an option's value.
    The flow is the authorization code flow with state, PKCE, and a nonce where `openid` is asked for, unless `--grant` names another.
    """
    from oauthctl.cli.experimental import ATTESTATION, require_experimental
    from oauthctl.cli.json_option import asking_in_json
    from oauthctl.cli.planning import Wishes
    from oauthctl.cli.settings import key_values
    from oauthctl.cli.signing_in import login

    require_experimental(experimental, ATTESTATION, is_wanted=bool(client_attestation or client_attestation_key))
    endpoints = {
        "authorization_endpoint": authorization_endpoint,
        "pushed_authorization_request_endpoint": pushed_authorization_request_endpoint,
        "device_authorization_endpoint": device_authorization_endpoint,
        "backchannel_authentication_endpoint": backchannel_authentication_endpoint,
        "token_endpoint": token_endpoint,
        "userinfo_endpoint": userinfo_endpoint,
        "jwks_uri": jwks_uri,
        "revocation_endpoint": revocation_endpoint,
        "introspection_endpoint": introspection_endpoint,
        "end_session_endpoint": end_session_endpoint,
    }
    flags = {
        "grant": grant or "",
        "client_id": client_id,
        "scope": tuple(" ".join(scope or ()).split()),
        "redirect_uri": redirect_uri,
        "client_secret_file": client_secret_file,
        "client_auth": client_auth or "",
        "client_certificate_file": client_certificate,
        "client_key_file": client_key,
        "client_key_id": client_key_id,
        "client_attestation_file": client_attestation,
        "client_attestation_key_file": client_attestation_key,
        "assertion_audience": assertion_audience,
        "audience": audience,
        "resource": tuple(resource or ()),
        "params": (*asking_in_json(authorization_details, claims), *key_values(param or (), "--param")),
        "token_params": key_values(token_param or (), "--token-param"),
        "token_request": token_request or "",
        "response_type": response_type,
        "response_mode": response_mode or "",
        "pkce": pkce or "",
        "dpop": "ES256" if dpop else "",
        "expect_issuer": expect_issuer,
        "endpoints": {name: url for name, url in endpoints.items() if url},
    }
    wishes = Wishes(
        prompt=prompt,
        login_hint=login_hint,
        binding_message=binding_message,
        notification_endpoint=notification_endpoint,
        max_age=max_age,
        acr=tuple(" ".join(acr or ()).split()),
        par=par,
        standard=standard or "",
        request_object=request_object or ("reference" if request_uri else ""),
        request_uri=request_uri,
        request_port=request_port,
        leeway_seconds=leeway,
        timeout_seconds=timeout,
        has_timeout=is_given(ctx, "timeout"),
        no_browser=no_browser,
        dry_run=dry_run,
        trace=trace,
        show_secrets=show_secrets,
        json=json,
    )
    return login(output_of(ctx), target, flags=flags, profile=profile, wishes=wishes)
