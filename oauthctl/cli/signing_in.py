"""`login` carried out: settle, listen, sign in, store, tell the truth in the browser.

Here: the order of things. Not here: the options (`login`), the protocol (`flows.authorization_code`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli import front_channel
from oauthctl.cli.credentials import credentials
from oauthctl.cli.grant_choosing import AUTO, choose_for_sign_in
from oauthctl.cli.granted_details import tell_of_details
from oauthctl.cli.holding import tokens_document
from oauthctl.cli.login_target import naming_near_profile, settle
from oauthctl.cli.own_keys import own_keys
from oauthctl.cli.own_params import refuse_own_params
from oauthctl.cli.planning import (
    ELSEWHERE,
    PASSWORD,
    Wishes,
    flow_of,
    has_proof,
    make_plan,
    print_dry_run,
    refuse_vain_notification,
)
from oauthctl.cli.presenting import check_certificate, present
from oauthctl.cli.proving import check_binding, new_key, tell_of_binding
from oauthctl.cli.refreshing import LOCK_SECONDS, metadata_for, token_set
from oauthctl.cli.request_by_reference import check_reference, open_offers
from oauthctl.cli.session import Session
from oauthctl.cli.settings import Settings, prompt, variable_text
from oauthctl.cli.standard import enforced, fit_key, report
from oauthctl.cli.way_back import refuse_without_person, way_back
from oauthctl.errors import OauthctlError
from oauthctl.flows.authorization_code import SignedIn, SignIn
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet


PASSWORD_VARIABLE = "OAUTHCTL_PASSWORD"


def login(out: Output, target: str, *, flags: Mapping[str, Any], profile: str, wishes: Wishes) -> int:
    """Sign in and keep the tokens; the exit code."""
    chosen = settle(out, target, flags=flags, named=profile)
    refuse_own_params(chosen.profile.params, chosen.profile.token_params)
    refuse_vain_notification(chosen.profile.grant, wishes)
    chosen = front_channel.with_response_type(chosen, flags)
    chosen, par = enforced(out, chosen, wishes.standard, par=wishes.par)
    wishes = replace(wishes, par=par)
    if not chosen.profile.client_id:
        client_id = prompt(out, "`--client-id ID`")("client_id", False)
        chosen = replace(chosen, profile=replace(chosen.profile, client_id=client_id))
    front_channel.warn(out, chosen.profile)
    check_reference(wishes, chosen.profile.grant)
    if wishes.dry_run:
        if chosen.profile.grant == AUTO:
            chosen = choose_for_sign_in(out, chosen, None, wishes=wishes, is_confidential=has_proof(out, chosen))
        return print_dry_run(out, chosen, wishes)
    if chosen.profile.grant not in (*ELSEWHERE, AUTO):
        refuse_without_person(out, wishes)
    if chosen.profile.grant == PASSWORD:
        wishes = _with_password(out, wishes)
    given = fit_key(wishes.standard, credentials(out, chosen, ask=True, flag_file=flags.get("client_secret_file", "")))
    with Session(out, "login", issuer=chosen.profile.issuer, trace=wishes.trace) as session:
        with naming_near_profile(target, chosen.locations, "login"):
            metadata = metadata_for(session, chosen)
        chosen = _adopt_issuer(out, chosen, metadata)
        session.issuer = chosen.profile.issuer
        if chosen.profile.grant == AUTO:
            chosen = choose_for_sign_in(out, chosen, metadata, wishes=wishes, is_confidential=given.are_there)
            wishes = replace(wishes, chose_grant=True)
            if chosen.profile.grant not in ELSEWHERE:
                refuse_without_person(out, wishes)
        report(session, wishes.standard, metadata, resources=chosen.profile.resource)
        if wishes.par == "never":
            _tell_of_pushed_requests(out, metadata)
        present(session, given, metadata)
        redirect_uri = way_back(session.world, out, chosen, wishes)
        session.proof_key = new_key(chosen.profile.dpop)
        plan = make_plan(
            chosen,
            metadata,
            given=given,
            redirect_uri=redirect_uri,
            wishes=wishes,
            world=session.world,
            dpop_jkt=session.proof_key.thumbprint() if session.proof_key is not None else "",
            request_uri=open_offers(session.world, out, metadata, wishes),
            keys=own_keys(out, chosen, given),
        )
        if metadata.require_signed_request_object and not plan.request_object:
            _tell_of_signed_requests(out)
        tokens, signed_in = _sign_in(session, plan, chosen, metadata, wishes)
        _report(out, session, chosen, tokens, signed_in, wishes)
    return 0


def _with_password(out: Output, wishes: Wishes) -> Wishes:
    """The wishes with a name and a password, from option, environment or prompt. Source: RFC 9700 section 2.4."""
    out.warn("the password grant hands the person's password to this program; it must not be used where there is a choice (RFC 9700)")
    username = wishes.login_hint or prompt(out, "`--login-hint USER`")("username", False)
    password = variable_text(out.terminal.environ, PASSWORD_VARIABLE) or prompt(out, f"`{PASSWORD_VARIABLE}`")("password", True)
    return replace(wishes, login_hint=username, password=password)


def _tell_of_pushed_requests(out: Output, metadata: ProviderMetadata) -> None:
    if metadata.require_pushed_authorization_requests:
        out.warn(
            "this server takes pushed authorization requests alone (RFC 9126 section 5), and `--par never` sends none: "
            "the server will probably refuse the page"
        )


def _tell_of_signed_requests(out: Output) -> None:
    out.warn(
        "this server takes signed request objects alone (RFC 9101 section 10.5), and there is no key to sign one with "
        "(`--client-key FILE`): the server will probably refuse the request"
    )


def _adopt_issuer(out: Output, chosen: Settings, metadata: ProviderMetadata) -> Settings:
    """The issuer as the metadata spells it, where a person left a slash out or gave the document's URL."""
    said = metadata.issuer or ""
    if metadata.exchange is None or not said or said in (chosen.profile.issuer, chosen.profile.expect_issuer):
        return chosen
    out.detail("note: ", f"the issuer spells itself `{said}`")
    return replace(chosen, profile=replace(chosen.profile, issuer=said))


def _sign_in(session: Session, plan: SignIn, chosen: Settings, metadata: ProviderMetadata, wishes: Wishes) -> tuple[TokenSet, SignedIn]:
    """Run the flow, store what it gave, and only then tell the browser so; or tell it what went wrong."""
    from oauthctl.shell.callback_page import failure_page, success_page
    from oauthctl.shell.driver import finish

    try:
        signed_in = session.run(flow_of(chosen.profile.grant, plan, wishes))
        tokens = token_set(signed_in.granted, chosen.profile, metadata, proof_key=session.proof_key, certificate=session.world.certificate)
        check_certificate(session, tokens, metadata)
        check_binding(session, tokens)
        # The next sign-in may be elsewhere: it chooses anew.
        kept = replace(chosen, profile=replace(chosen.profile, grant=AUTO)) if wishes.chose_grant else chosen
        _store(session.out, kept, tokens, plan)
    except OauthctlError as error:
        error.help = _other_client_auth(error, plan, chosen) or _other_token_request(error, plan) or error.help
        finish(session.world, failure_page(session.cleaned(error)))
        raise
    finally:
        _tell_of_refused_notifications(session)
    finish(session.world, success_page(profile=chosen.name, issuer=tokens.issuer, subject=tokens.subject))
    return tokens, signed_in


def _tell_of_refused_notifications(session: Session) -> None:
    listener = session.world.notifications
    for slug, why in dict.fromkeys((refusal.slug, refusal.why) for refusal in (listener.refused if listener is not None else ())):
        session.out.warn(f"a notification was refused: {why} (`oauthctl explain {slug}`)")


def _other_client_auth(error: OauthctlError, plan: SignIn, chosen: Settings) -> str:
    """What to type where the way in which the client proved itself was only taken for granted, and the server does not know the client.

    GitHub's documentation names the secret as a parameter of the form, others take the header alone; neither announces it.
    """
    is_unknown = error.data.get("oauth_error") in ("invalid_client", "incorrect_client_credentials")
    if is_unknown and plan.request_object and plan.client.asserts and not chosen.profile.client_auth:
        # A key that is there for the request object alone is taken for the client's proof as well.
        return "if the client is registered as public, and its key signs requests alone, say `--client-auth none`"
    was_chosen = chosen.profile.client_auth or plan.metadata.token_endpoint_auth_methods_supported is not None
    if was_chosen or not plan.client.secret or not is_unknown:
        return ""
    return "check the client's secret, or send it the other way with `--client-auth client_secret_post`"


def _other_token_request(error: OauthctlError, plan: SignIn) -> str:
    """What to type where the server wants token requests otherwise, and says so: as JSON (Notion), with a `client_key` (TikTok)."""
    said = str(error.data.get("oauth_error_description") or "")
    if "JSON" in said and not plan.client.writes_json:
        return "have the token request written as JSON: `--token-request json`"
    if "client_key" in said and "client_key" not in plan.client.params:
        return "send the client's identifier as `client_key`, too: `--param client_key=ID --token-param client_key=ID`"
    return ""


def _store(out: Output, chosen: Settings, tokens: TokenSet, plan: SignIn) -> None:
    from oauthctl.store import client_secrets

    profile = chosen.profile
    with token_store.lock(chosen.locations, profile.name, timeout_seconds=LOCK_SECONDS):
        # A weaker PKCE is for provoking this once: only a person's own hand writes it into the profile.
        pkce = profiles.load(chosen.locations, profile.name).pkce if chosen.exists else ""
        _tell_of_replaced(out, chosen, tokens)
        profiles.save(
            chosen.locations,
            replace(
                profile,
                pkce=pkce,
                client_secret_file=_kept_path(profile.client_secret_file),
                client_certificate_file=_kept_path(profile.client_certificate_file),
                client_key_file=_kept_path(profile.client_key_file),
                client_attestation_file=_kept_path(profile.client_attestation_file),
                client_attestation_key_file=_kept_path(profile.client_attestation_key_file),
            ),
        )
        token_store.write(chosen.locations, profile.name, tokens)
        lies_elsewhere = profile.client_secret_env or (profile.client_secret_file and profile.client_secret_file != "-")
        if plan.client.secret and not lies_elsewhere:
            client_secrets.write(chosen.locations, profile, plan.client.secret, token_endpoint=plan.metadata.token_endpoint or "")
    if not profiles.current(chosen.locations):
        profiles.use(chosen.locations, profile.name)


def _tell_of_replaced(out: Output, chosen: Settings, tokens: TokenSet) -> None:
    """Somebody else's tokens are about to go: each profile holds those of one person."""
    before = token_store.read(chosen.locations, chosen.name, warn=out.warn)
    is_known = before is not None and (before.subject or before.id_token)
    if before is None or not is_known or (before.subject and before.subject == tokens.subject):
        return
    if not (before.subject and tokens.subject):
        why = "no ID token came that names a person" if before.subject else "the stored ID token can't be read"
        out.warn(
            f"this replaces the tokens kept in profile `{chosen.name}`, perhaps another person's ({why}); they are not revoked; "
            "use `--profile NAME` to keep both"
        )
        return
    out.warn(
        f"this replaces the tokens of `{before.subject[:80]}` in profile `{chosen.name}`, which are not revoked; "
        "use `--profile NAME` to keep both"
    )


def _kept_path(path: str) -> str:
    """The secret's file so that it is found from every folder; stdin can't be read again."""
    from pathlib import Path

    return str(Path(path).absolute()) if path and path != "-" else ""


def _report(out: Output, session: Session, chosen: Settings, tokens: TokenSet, signed_in: SignedIn, wishes: Wishes) -> None:
    from oauthctl.cli.settings import named_profile
    from oauthctl.jose.jwt import take_apart
    from oauthctl.record.protection import protection_of
    from oauthctl.views.signed_in import check_lines, person_shown, protection_lines, summary_lines

    claims = (take_apart(tokens.id_token).claims or {}) if tokens.id_token else {}
    out.say_lines(
        summary_lines(
            who=person_shown(claims),
            issuer=tokens.issuer or tokens.token_endpoint,
            scope=tuple(session.without_secrets(scope) for scope in tokens.scope),
            expires_at=tokens.expires_at,
            now=signed_in.granted.received_at,
            has_refresh_token=bool(tokens.refresh_token),
            has_access_token=bool(tokens.access_token),
        )
    )
    out.say_prose((*protection_lines(protection_of(session.world.recording)), *check_lines(signed_in.verdicts)), indent=16)
    tell_of_binding(session, tokens)
    tell_of_details(out, chosen, signed_in.granted)
    for remark in signed_in.remarks:
        out.warn(session.without_secrets(remark))
    # What follows goes by the current profile, which a second sign-in does not change.
    with_profile = "" if named_profile(out) == chosen.name else f" --profile {chosen.name}"
    commands = ("oauthctl token{}", "oauthctl call URL{}", "oauthctl token{} | oauthctl decode")
    with_token = ", ".join(f"`{command.format(with_profile)}`" for command in commands)
    follows = with_token if tokens.access_token else "`oauthctl trace show`"
    out.say(f"  kept as       profile `{chosen.name}`; next: {follows}")
    if wishes.json:
        out.json(dict(tokens_document(tokens, profile=chosen.name, show_secrets=wishes.show_secrets)))
