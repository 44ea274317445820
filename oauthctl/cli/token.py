"""`oauthctl token`: one access token on stdout, for scripts.

Here: the command. From the store it must be nearly as cheap as starting at all: nothing of the network is imported unless it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

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
from oauthctl.cli.options import ProfileName, Timeout, Trace, in_seconds, output_of
from oauthctl.cli.trade_options import (
    ActorTokenFile,
    ActorTokenProfile,
    ActorTokenSource,
    ActorTokenType,
    ActorTokenVariable,
    AssertionClaims,
    AssertionFile,
    AssertionFrom,
    AssertionIssuer,
    AssertionSubject,
    RequestedTokenType,
    SubjectTokenAudience,
    SubjectTokenFile,
    SubjectTokenProfile,
    SubjectTokenSource,
    SubjectTokenType,
    SubjectTokenVariable,
)
from oauthctl.errors import ConfigError

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
        Literal["client_credentials", "token_exchange", "jwt_bearer", "saml2_bearer", "auto"] | None,
        typer.Option("--grant", metavar="GRANT", help="client_credentials, token_exchange, jwt_bearer, saml2_bearer or auto; see above"),
    ] = None,
    standard: Annotated[
        StandardName | None,
        typer.Option("--standard", metavar="NAME", help="Ask as oauth2.1, fapi2 or mcp wants it, with --grant"),
    ] = None,
    scope: Scopes = None,
    audience: Annotated[
        list[str] | None, typer.Option("--audience", metavar="NAME", help="API's logical name, with --grant; repeatable for token_exchange")
    ] = None,
    resource: Resources = None,
    authorization_details: AuthorizationDetails = "",
    subject_token_source: SubjectTokenSource = None,
    subject_token_file: SubjectTokenFile = "",
    subject_token_variable: SubjectTokenVariable = "",
    subject_token_profile: SubjectTokenProfile = "",
    subject_token_type: SubjectTokenType = "",
    subject_token_audience: SubjectTokenAudience = "",
    actor_token_source: ActorTokenSource = None,
    actor_token_file: ActorTokenFile = "",
    actor_token_variable: ActorTokenVariable = "",
    actor_token_profile: ActorTokenProfile = "",
    actor_token_type: ActorTokenType = "",
    requested_token_type: RequestedTokenType = "",
    assertion_file: AssertionFile = "",
    assertion_from: AssertionFrom = "",
    assertion_issuer: AssertionIssuer = "",
    assertion_subject: AssertionSubject = "",
    assertion_claim: AssertionClaims = None,
    assertion_audience: AssertionAudience = "",
    client_certificate: ClientCertificate = "",
    client_key: ClientKey = "",
    client_attestation: ClientAttestation = "",
    client_attestation_key: ClientAttestationKey = "",
    experimental: Experimental = False,
    client_key_id: ClientKeyId = "",
    dpop: Dpop = False,
    timeout: Timeout = 30.0,
    trace: Trace = False,
) -> int:
    """Print one access token, refreshed if need be.

    \b
      oauthctl token --format header | curl -H @- https://api.example.com/items
      eval "$(oauthctl token --format env)"
      OAUTHCTL_ISSUER=… OAUTHCTL_CLIENT_ID=… OAUTHCTL_CLIENT_SECRET=… oauthctl token --grant client_credentials
      oauthctl token --grant token_exchange --subject-token-profile work --audience billing
      oauthctl token --grant token_exchange --subject-token-source github-actions
      oauthctl token --grant jwt_bearer --client-key key.pem --assertion-subject alice@example.com
      oauthctl token --grant saml2_bearer --assertion-file assertion.xml
      oauthctl token -p chat --grant jwt_bearer --assertion-from work    an ID-JAG of work's server, redeemed at chat's

    \b
    Grants     client_credentials  the client's own token         RFC 6749 section 4.4
               token_exchange      one token for another          RFC 8693
               jwt_bearer          a signed JWT for a token       RFC 7523
               saml2_bearer        a SAML assertion for a token   RFC 7522
               auto                what fits what is given; `--verbose` says why the others do not
    Sources    env, file, profile; github-actions, gcp, azure, aws, kubernetes: what the machine says of this program
    Types      access_token, refresh_token, id_token, saml1, saml2, jwt, or a URI (default: by the token's form)

    Without `--grant`, `--scope` and `--resource` ask for a token for less than the person granted: it is printed and kept nowhere.

    stdout holds the token and nothing else; it is empty when something fails. Nobody is ever asked anything.
    """
    from oauthctl.cli.experimental import ATTESTATION, require_experimental
    from oauthctl.cli.json_option import asking_in_json
    from oauthctl.cli.printed_token import formatted, tell_of_lost_key, tell_of_short_life
    from oauthctl.cli.settings import UNATTENDED, settings

    out = output_of(ctx)
    require_experimental(experimental, ATTESTATION, is_wanted=bool(client_attestation or client_attestation_key))
    given = {
        "grant": grant or "",
        "scope": tuple(" ".join(scope or ()).split()),
        "audience": (audience or [""])[0],
        "resource": tuple(resource or ()),
        "client_certificate_file": client_certificate,
        "client_key_file": client_key,
        "client_key_id": client_key_id,
        "client_attestation_file": client_attestation,
        "client_attestation_key_file": client_attestation_key,
        "assertion_audience": assertion_audience,
        "dpop": "ES256" if dpop else "",
        "params": asking_in_json(authorization_details, ""),
    }
    chosen = settings(out, profile=profile, flags=given if grant else {})
    options = {
        "scope": given["scope"],
        "resource": given["resource"],
        "audience": tuple(audience or ()),
        "authorization_details": authorization_details,
        "dpop": dpop,
        "subject_token_source": subject_token_source,
        "subject_token_file": subject_token_file,
        "subject_token_variable": subject_token_variable,
        "subject_token_profile": subject_token_profile,
        "subject_token_type": subject_token_type,
        "subject_token_audience": subject_token_audience,
        "actor_token_source": actor_token_source,
        "actor_token_file": actor_token_file,
        "actor_token_variable": actor_token_variable,
        "actor_token_profile": actor_token_profile,
        "actor_token_type": actor_token_type,
        "requested_token_type": requested_token_type,
        "assertion_file": assertion_file,
        "assertion_from": assertion_from,
        "assertion_issuer": assertion_issuer,
        "assertion_subject": assertion_subject,
        "assertion_claim": tuple(assertion_claim or ()),
    }
    if (grant or out.terminal.environ.get("OAUTHCTL_GRANT")) == "auto":
        from oauthctl.cli.grant_choosing import choose_for_token

        chosen = choose_for_token(out, chosen, options, min_ttl=min_ttl, timeout=timeout)
    _refuse_vain(options, chosen.profile.grant)
    if standard:
        chosen = _as_standard(out, chosen, standard)
        options["standard"] = standard
    if chosen.profile.grant in UNATTENDED:
        tokens = _own_token(out, chosen, min_ttl=min_ttl, trace=trace, timeout=timeout, options=options)
    elif scope or resource:
        scopes = tuple(" ".join(scope or ()).split())
        tokens = _narrowed_token(out, chosen, scope=scopes, resource=tuple(resource or ()), trace=trace, timeout=timeout)
    else:
        tokens = _held_token(out, chosen, min_ttl=min_ttl, trace=trace, timeout=timeout)
    out.data(formatted(tokens, format))
    if chosen.name:
        tell_of_short_life(out, tokens, min_ttl)
    tell_of_lost_key(out, chosen, tokens)
    return 0


def _as_standard(out: Output, chosen: Settings, standard: str) -> Settings:
    from oauthctl.cli.settings import UNATTENDED
    from oauthctl.cli.standard import enforced

    if chosen.profile.grant not in UNATTENDED:
        raise ConfigError(
            "`--standard` is for a token that is asked for anew, and this profile holds a person's",
            slug="option-in-vain",
            help=f"sign in by it: `oauthctl login {chosen.name} --standard {standard}`",
        )
    return enforced(out, chosen, standard)[0]


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


def _narrowed_token(
    out: Output, chosen: Settings, *, scope: tuple[str, ...], resource: tuple[str, ...], trace: bool, timeout: float
) -> TokenSet:
    """A token for less than the person granted, beside the one that the profile holds: each call asks for a new one."""
    from oauthctl.cli.holding import held
    from oauthctl.cli.narrowing import tell_malformed, tell_of_audience
    from oauthctl.cli.refreshing import Narrowing, refreshed
    from oauthctl.cli.session import Session

    tokens = held(out, chosen)
    tell_malformed(out, resource)
    with Session(out, "token", issuer=tokens.issuer, trace=trace, timeout_seconds=timeout) as session:
        narrowed = refreshed(session, chosen, stale=tokens, narrowing=Narrowing(scope, resource, apart=True))
    tell_of_audience(out, narrowed.access_token, resource)
    return narrowed


def _refuse_vain(options: Mapping[str, object], grant: str) -> None:
    """An option that another grant needs would be dropped in silence. Raises `ConfigError`."""
    exchanges, asserts = grant == "token_exchange", grant in ("jwt_bearer", "saml2_bearer")
    for name, value in options.items():
        is_ours = asserts if name.startswith("assertion_") else exchanges or (asserts and bool(options.get("assertion_from")))
        is_ours = is_ours or (name in ("authorization_details", "dpop") and bool(grant))
        if value and not is_ours and name not in ("scope", "resource", "audience"):
            flag = f"--{name.replace('_', '-').replace('-variable', '-env')}"
            raise ConfigError(
                f"`{flag}` is of no use with the grant `{grant or 'authorization_code'}`",
                slug="option-in-vain",
                help="add `--grant jwt_bearer`" if name.startswith("assertion_") else "add `--grant token_exchange`",
            )
    audience = options.get("audience")
    if isinstance(audience, tuple) and len(audience) > 1 and not exchanges:
        raise ConfigError(
            "`--audience` is taken once, except with `--grant token_exchange`", slug="option-in-vain", spec="RFC 8693 section 2.1"
        )


def _own_token(out: Output, chosen: Settings, *, min_ttl: float, trace: bool, timeout: float, options: Mapping[str, object]) -> TokenSet:
    """A client's own token; kept with the profile where there is one, so that a loop of calls asks once."""
    from oauthctl.cli.own_tokens import own_token
    from oauthctl.cli.session import Session

    with Session(out, "token", issuer=chosen.profile.issuer, trace=trace, timeout_seconds=timeout) as session:
        return own_token(session, chosen, min_ttl=min_ttl, options=options)
