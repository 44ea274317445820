"""What a login is going to do: the wishes of the command line, the plan made of them, the plan printed instead of carried out.

Here: from settings to a `SignIn`. Not here: carrying it out (`signing_in`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.front_channel import GRANTS, response_mode
from oauthctl.cli.refreshing import client_for
from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.flows.authorization_code import SignIn, sign_in
from oauthctl.http import Params
from oauthctl.messages.client_auth import ATTESTING, CERTIFYING

if TYPE_CHECKING:
    from oauthctl.cli.credentials import Credentials
    from oauthctl.cli.output import Output
    from oauthctl.flows.authorization_code import SignedIn
    from oauthctl.flows.dry_run import DryRun
    from oauthctl.flows.steps import Flow
    from oauthctl.jose.jwk import Jwk
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.shell.world import World

_VERIFIER = "<code_verifier>"
DEVICE = "device_code"
CIBA = "ciba"
PASSWORD = "password"
ELSEWHERE = (DEVICE, CIBA, PASSWORD)
"""The grants in which no browser comes back here."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one login wants beyond what a profile keeps."""

    prompt: str = ""
    login_hint: str = ""
    max_age: float | None = None
    acr: tuple[str, ...] = ()
    binding_message: str = ""
    notification_endpoint: str = ""
    password: str = field(default="", repr=False)
    par: str = "auto"
    """`auto`, `always` or `never`."""
    standard: str = ""
    request_object: str = ""
    request_uri: str = ""
    request_port: int = 0
    leeway_seconds: float = 60.0
    timeout_seconds: float = 300.0
    has_timeout: bool = False
    no_browser: bool = False
    chose_grant: bool = False
    """Whether the grant was chosen by what there is around."""
    dry_run: bool = False
    trace: bool = False
    show_secrets: bool = False
    json: bool = False


def refuse_vain_notification(grant: str, wishes: Wishes) -> None:
    """Raises `ConfigError` for an address at which nobody would be notified: CIBA alone has a provider that tells of a decision."""
    if wishes.notification_endpoint and grant not in (CIBA, "auto"):
        raise ConfigError(
            "`--notification-endpoint` is where a provider tells of a decision, and this grant has none to tell of",
            slug="option-in-vain",
            spec="CIBA Core section 10.2",
            help="use it with `--grant ciba`, or leave it out",
        )


def make_plan(
    chosen: Settings,
    metadata: ProviderMetadata,
    *,
    given: Credentials,
    redirect_uri: str,
    wishes: Wishes,
    world: World,
    dpop_jkt: str = "",
    request_uri: str = "",
    keys: tuple[Jwk, ...] = (),
) -> SignIn:
    """Everything that is settled before the browser opens, with fresh random values of this world.

    `dpop_jkt` binds the code to a DPoP key (RFC 9449 section 10), the server fetches a request object from `request_uri` where it goes by
    reference, `keys` are the client's private ones.
    """
    profile = chosen.profile
    extras = Params.of(
        (
            ("audience", profile.audience or None),
            *(("resource", resource) for resource in profile.resource),
            ("prompt", wishes.prompt or None),
            ("login_hint", wishes.login_hint or None),
            ("dpop_jkt", dpop_jkt or None),
            *profile.params,
        )
    )
    return SignIn(
        metadata=metadata,
        client=client_for(chosen, metadata, given),
        redirect_uri=redirect_uri,
        state=world.token(24),
        nonce=world.token(24),
        # With the device grant only where it is asked for: most servers do not know PKCE there.
        code_verifier=world.token(48) if profile.grant not in ELSEWHERE or profile.pkce == "S256" else "",
        pkce_method=profile.pkce or "S256",
        scope=profile.scope,
        response_type=profile.response_type or "code",
        response_mode=response_mode(profile, metadata),
        params=extras,
        max_age=wishes.max_age,
        acr_values=wishes.acr,
        leeway_seconds=wishes.leeway_seconds,
        patience_seconds=wishes.timeout_seconds if wishes.has_timeout else 0.0,
        expected_issuer=profile.expect_issuer,
        asked=profile.issuer,
        is_pushed=_pushes(metadata, wishes),
        request_object=wishes.request_object or _demanded(metadata, keys),
        request_uri=request_uri,
        keys=keys,
    )


def _pushes(metadata: ProviderMetadata, wishes: Wishes) -> bool:
    """Whether the request goes to the server first. Source: RFC 9126 section 5: the server says so when it takes nothing else."""
    return wishes.par == "always" or (wishes.par == "auto" and bool(metadata.require_pushed_authorization_requests))


def _demanded(metadata: ProviderMetadata, keys: tuple[Jwk, ...]) -> str:
    """Signed where the server takes nothing else and the client can sign. Source: RFC 9101 section 10.5."""
    from oauthctl.flows.request_object import signing_key

    return "signed" if metadata.require_signed_request_object and signing_key(keys) is not None else ""


def flow_of(grant: str, plan: SignIn, wishes: Wishes) -> Flow[SignedIn]:
    """The flow by which this grant signs a person in. Raises `ConfigError` when it lacks what it needs."""
    if grant == CIBA:
        from oauthctl.flows.ciba import Backchannel, backchannel_sign_in

        if not wishes.login_hint:
            raise ConfigError(
                "nobody is named who is to be asked", slug="no-login-hint", spec="CIBA Core section 7.1", help="give `--login-hint USER`"
            )
        return backchannel_sign_in(plan, Backchannel(wishes.login_hint, wishes.binding_message, wishes.notification_endpoint))
    if grant == PASSWORD:
        from oauthctl.flows.password import Owner, password_sign_in

        return password_sign_in(plan, Owner(wishes.login_hint or "<username>", wishes.password or "<password>"))
    if grant in GRANTS:
        from oauthctl.flows.front_channel import front_channel_sign_in

        return front_channel_sign_in(plan)
    if grant != DEVICE:
        return sign_in(plan)
    from oauthctl.flows.device import device_sign_in

    return device_sign_in(plan)


def print_dry_run(out: Output, chosen: Settings, wishes: Wishes) -> int:
    """Print each step with what it would send; in the place of each value that only a real run has stands its name in angle brackets."""
    from oauthctl.flows.client_attestation import Server, attested
    from oauthctl.flows.discovery import metadata_places
    from oauthctl.flows.dry_run import dry_run
    from oauthctl.flows.mutual_tls import certified_urls, mutual_tls
    from oauthctl.shell.offered import DEFAULT_URI
    from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI
    from oauthctl.shell.world import live_world, utc_now
    from oauthctl.views.dry_run import dry_run_document, dry_run_lines

    world = live_world(out.terminal.environ)
    given = _imagined_credentials(out, chosen)
    redirect_uri = chosen.profile.redirect_uri or DEFAULT_REDIRECT_URI.replace("127.0.0.1/", "127.0.0.1:<port>/")
    issuer = chosen.profile.expect_issuer or chosen.profile.issuer

    def whole() -> Any:
        metadata = yield from _imagined_metadata(chosen)
        keys = _imagined_keys(chosen, wishes, given)
        plan = make_plan(
            chosen,
            metadata,
            given=given,
            redirect_uri=redirect_uri,
            wishes=wishes,
            world=world,
            keys=keys,
            request_uri=wishes.request_uri or DEFAULT_URI.replace("127.0.0.1/", "127.0.0.1:<port>/"),
        )
        plan = replace(plan, state="<state>", nonce="<nonce>", code_verifier=_VERIFIER if plan.code_verifier else "")
        plan = _with_plain_answer(plan)
        urls = certified_urls(metadata) if chosen.profile.client_certificate_file else {}
        # Nobody but the server can make an ID token that a code could be tied to: it is traded as if one had come.
        grant = "authorization_code" if chosen.profile.grant == "hybrid" else chosen.profile.grant
        flow = mutual_tls(flow_of(grant, plan, wishes), urls)
        return (yield from (attested(flow, given.attestation, Server(issuer)) if given.attestation is not None else flow))

    planned = _with_named_challenge(dry_run(whole(), issuer=issuer, started_at=utc_now()))
    places = metadata_places(chosen.profile.issuer)
    if wishes.json:
        out.json({"profile": chosen.name if chosen.exists else None} | dry_run_document(planned, places, show_secrets=wishes.show_secrets))
    else:
        out.lines(dry_run_lines(planned, places, show_secrets=wishes.show_secrets))
    if given.key is not None:
        out.say("its assertions are signed by a key that was made for it: yours was not touched")
    out.say("nothing was sent")
    return 0


def _with_named_challenge(planned: DryRun) -> DryRun:
    """The challenge of a verifier that is no verifier would look like one, and be good for nothing."""
    from oauthctl.flows.pkce import challenge
    from oauthctl.flows.steps import Visit
    from oauthctl.http import Params

    real, named = challenge(_VERIFIER, "S256"), Params.of({"code_challenge": f"<S256 of {_VERIFIER.strip('<>')}>"}).encode()
    steps = tuple(
        replace(step, url=step.url.replace(f"code_challenge={real}", named)) if isinstance(step, Visit) else step for step in planned.steps
    )
    return replace(planned, steps=steps)


def _imagined_credentials(out: Output, chosen: Settings) -> Credentials:
    """Credentials of the same kind as the real ones, which a dry run need not touch."""
    from oauthctl.cli.credentials import Credentials

    if chosen.profile.client_attestation_file and chosen.profile.client_auth in ("", ATTESTING):
        from oauthctl.jose.jwk import generate
        from oauthctl.messages.client_attestation import Attestation

        return Credentials(attestation=Attestation("<client_attestation>", generate("ES256")))
    is_for_certificate = bool(chosen.profile.client_certificate_file) and not chosen.profile.client_auth
    if (chosen.profile.client_key_file and not is_for_certificate) or chosen.profile.client_auth == "private_key_jwt":
        from oauthctl.jose.jwk import generate

        return Credentials(key=generate("ES256"))
    return Credentials("<client_secret>" if _has_secret(out, chosen) else "")


def _imagined_keys(chosen: Settings, wishes: Wishes, given: Credentials) -> tuple[Jwk, ...]:
    """A key that signs, where the client has one, or is to have one."""
    if given.key is not None:
        return (given.key,)
    if not chosen.profile.client_key_file and wishes.request_object not in ("signed", "encrypted", "reference"):
        return ()
    from oauthctl.jose.jwk import generate

    return (generate("ES256"),)


def _with_plain_answer(plan: SignIn) -> SignIn:
    """The same request; its answer is imagined outside of the JWT, which nobody but the server can sign."""
    from oauthctl.messages.response_modes import carrier, is_in_jwt

    if not is_in_jwt(plan.response_mode):
        return plan
    params = Params((*plan.params.pairs, ("response_mode", plan.response_mode)))
    return replace(plan, response_mode=carrier(plan.response_mode), params=params)


def has_proof(out: Output, chosen: Settings) -> bool:
    """Whether the client will have anything to prove itself with."""
    profile = chosen.profile
    return bool(profile.client_key_file or profile.client_certificate_file) or _has_secret(out, chosen)


def _has_secret(out: Output, chosen: Settings) -> bool:
    """Whether the client will have a secret, without reading what can be read only once or asking anybody."""
    from oauthctl.cli.settings import client_secret

    profile = chosen.profile
    if profile.client_auth:
        return profile.client_auth not in ("none", *CERTIFYING)
    return bool(profile.client_secret_file or profile.client_secret_env or client_secret(out, chosen))


def _imagined_metadata(chosen: Settings) -> Any:
    from oauthctl.cli.settings import metadata_of_profile
    from oauthctl.flows.discovery import discover

    by_hand = metadata_of_profile(chosen.profile)
    if by_hand is not None:
        return by_hand
    found = yield from discover(chosen.profile.issuer, expected_issuer=chosen.profile.expect_issuer)
    return found.metadata
