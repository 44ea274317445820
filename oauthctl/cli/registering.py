"""`register` carried out: ask the server, keep what it says, tell what it made of the wishes.

Here: the order of things. Not here: the options (`register`), the protocol (`flows.registration`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.registration_keeping import forget, keep, kept, new_profile
from oauthctl.cli.session import Session
from oauthctl.cli.settings import UNATTENDED, Settings, prompt, settings, variable_text
from oauthctl.errors import ConfigError, OauthctlError, Refused

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.flows.registration import Registered
    from oauthctl.flows.steps import Flow
    from oauthctl.messages.client_metadata import Wishes
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.registrations import Registration

TOKEN_VARIABLE = "OAUTHCTL_INITIAL_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Order:
    """How it is to be done."""

    profile: str = ""
    client_key: str = ""
    initial_access_token_file: str = ""
    registration_endpoint: str = ""
    is_sure: bool = False
    timeout_seconds: float = 30.0
    dry_run: bool = False
    trace: bool = False
    show_secrets: bool = False
    json: bool = False


def register(out: Output, target: str, *, wishes: Wishes, order: Order) -> int:
    """Register a new client and keep it as a profile; the exit code."""
    from oauthctl.flows.registration import register as asking

    chosen = new_profile(out, target, named=order.profile, client_key=order.client_key)
    wishes = _with_keys(out, chosen, wishes)
    if order.dry_run:
        return _print_dry_run(out, chosen, wishes, order)
    token = _initial_access_token(out, order)
    with _session(out, chosen, order) as session:
        place, document = _plan(_metadata(session, chosen, order), wishes)
        try:
            registered = session.run(asking(place, document, token=token))
        except Refused as refused:
            if token or refused.data.get("status") != 401 or not out.terminal.can_ask:
                raise _helped(refused) from None
            out.say("this server registers nobody without an initial access token")
            token = prompt(out)("initial access token", True)
            registered = session.run(asking(place, document, token=token))
        profile = keep(out, chosen, registered, wishes=wishes)
        _tell(session, registered)
    _show(out, profile.name, registered, order)
    then = f"oauthctl token --profile {profile.name}" if profile.grant in UNATTENDED else f"oauthctl login {profile.name}"
    out.say(f"✓ registered as `{registered.response.client_id}`; kept as profile `{profile.name}`; next: `{then}`")
    return 0


def look_after(out: Output, target: str, action: str, *, wishes: Wishes, order: Order) -> int:
    """Read, change or delete the registration of a profile's client; the exit code."""
    chosen = settings(out, profile=target or order.profile)
    registration = kept(out, chosen)
    wishes = _with_keys(out, replace(chosen, profile=replace(chosen.profile, client_key_file=order.client_key)), wishes)
    if action == "delete":
        return _delete(out, chosen, registration, order)
    # The imagined answer is one to a client that is imagined, too.
    asking = replace(registration, client_id="<client_id>") if order.dry_run else registration
    flow = _updating(asking, wishes) if action == "update" else _reading(asking)
    if order.dry_run:
        return _print_flow(out, chosen, flow, order)
    with _session(out, chosen, order) as session:
        registered = session.run(flow)
        keep(out, chosen, registered, wishes=wishes)
        _tell(session, registered)
    _show(out, chosen.name, registered, order)
    if action == "update":
        out.say(f"✓ the registration of profile `{chosen.name}` is changed")
    return 0


def _reading(registration: Registration) -> Flow[Registered]:
    from oauthctl.flows.registration import read_registration

    return read_registration(registration.registration_client_uri, registration.registration_access_token, client_id=registration.client_id)


def _updating(registration: Registration, wishes: Wishes) -> Flow[Registered]:
    """Source: RFC 7592 section 2.2: what is left out may go, so that all is sent that was there."""
    from oauthctl.flows.registration import update_registration
    from oauthctl.messages.client_metadata import said

    changes = said(wishes)
    if not changes:
        raise ConfigError("nothing is said to be changed", help="give `--scope`, `--redirect-uri` and their like, or `--metadata FILE`")

    def flow() -> Flow[Registered]:
        before = yield from _reading(registration)
        # A server may have given a new token, with which the old one ends.
        token = before.response.registration_access_token or registration.registration_access_token
        place = before.response.registration_client_uri or registration.registration_client_uri
        return (yield from update_registration(place, token, {**before.document, **changes}, client_id=registration.client_id))

    return flow()


def _delete(out: Output, chosen: Settings, registration: Registration, order: Order) -> int:
    from oauthctl.flows.registration import delete_registration

    flow = delete_registration(registration.registration_client_uri, registration.registration_access_token)
    if order.dry_run:
        return _print_flow(out, chosen, flow, order)
    if not order.is_sure:
        answer = prompt(out, "`--yes`")(f"delete the client `{registration.client_id[:80]}` at the server? [y/N]", False)
        if answer.strip().lower() not in ("y", "yes"):
            out.say("nothing was deleted")
            return 1
    with _session(out, chosen, order) as session:
        session.run(flow)
        forget(chosen)
    if order.json:
        out.json({"profile": chosen.name, "deleted": registration.client_id})
    out.say(f"✓ the client is deleted; the profile `{chosen.name}` is left without: `oauthctl profile delete {chosen.name}`")
    return 0


def _session(out: Output, chosen: Settings, order: Order) -> Session:
    return Session(out, "register", issuer=chosen.profile.issuer, trace=order.trace, timeout_seconds=order.timeout_seconds)


def _with_keys(out: Output, chosen: Settings, wishes: Wishes) -> Wishes:
    from oauthctl.cli.own_keys import own_keys

    return replace(wishes, keys=own_keys(out, chosen))


def _metadata(session: Session, chosen: Settings, order: Order) -> ProviderMetadata:
    from oauthctl.cli.refreshing import metadata_for
    from oauthctl.messages.metadata import ProviderMetadata

    found = metadata_for(session, chosen)
    if not order.registration_endpoint:
        return found
    return ProviderMetadata(
        (*(pair for pair in found.fields if pair[0] != "registration_endpoint"), ("registration_endpoint", order.registration_endpoint)),
        found.exchange,
    )


def _plan(metadata: ProviderMetadata, wishes: Wishes) -> tuple[str, dict[str, Any]]:
    """Where to register, and as what."""
    from oauthctl.flows.endpoints import endpoint
    from oauthctl.messages.client_auth import choose_method
    from oauthctl.messages.client_metadata import said, whole

    try:
        place = endpoint(metadata, "registration_endpoint")
    except OauthctlError as error:
        error.help = "register at the provider's console, and give the client to `oauthctl login ISSUER --client-id ID`"
        raise
    announced = metadata.token_endpoint_auth_methods_supported
    grants = said(wishes).get("grant_types", ["authorization_code"])
    # Source: RFC 7591 section 2: without a method the server takes client_secret_basic. An app on a person's machine keeps no secret.
    can_be_public = "none" in (announced or ()) and "authorization_code" in grants
    has_key = bool(wishes.keys) and (announced is None or "private_key_jwt" in announced)
    method = (
        "none"
        if can_be_public and not has_key
        else choose_method(tuple(announced) if announced is not None else None, has_secret=True, has_key=has_key)
    )
    return place, whole(wishes, auth_method=method)


def _initial_access_token(out: Output, order: Order) -> str:
    if not order.initial_access_token_file:
        return variable_text(out.terminal.environ, TOKEN_VARIABLE).strip()
    from oauthctl.cli.token_input import read_text

    path = order.initial_access_token_file
    token = (out.terminal.stdin.readline() if path == "-" else read_text(path)).strip()
    if not token or any(char.isspace() for char in token):
        raise ConfigError(f"`{path}` holds no token: {'it is empty' if not token else 'there are blanks in it'}", slug="no-token")
    return token


def _helped(refused: Refused) -> Refused:
    if refused.data.get("status") == 401:
        refused.help = f"give the initial access token in a file (`--initial-access-token-file`) or in `{TOKEN_VARIABLE}`"
    return refused


def _tell(session: Session, registered: Registered) -> None:
    for remark in registered.remarks:
        session.out.warn(session.without_secrets(remark))


def _show(out: Output, name: str, registered: Registered, order: Order) -> None:
    from datetime import UTC, datetime

    from oauthctl.views.registered import registered_document, registered_table

    if order.json:
        out.json({"profile": name, "registration": registered_document(registered.document, show_secrets=order.show_secrets)})
    else:
        out.table(registered_table(registered.document, show_secrets=order.show_secrets, now=datetime.now(UTC)))


def _print_dry_run(out: Output, chosen: Settings, wishes: Wishes, order: Order) -> int:
    from oauthctl.flows.discovery import discover
    from oauthctl.flows.registration import register as asking
    from oauthctl.messages.metadata import ProviderMetadata

    def flow() -> Flow[Registered]:
        found = yield from discover(chosen.profile.issuer)
        fields = dict(found.metadata.fields)
        if order.registration_endpoint:
            fields["registration_endpoint"] = order.registration_endpoint
        place, document = _plan(ProviderMetadata(tuple(fields.items())), wishes)
        has_token = bool(order.initial_access_token_file or out.terminal.environ.get(TOKEN_VARIABLE))
        return (yield from asking(place, document, token="<initial_access_token>" if has_token else ""))

    return _print_flow(out, chosen, flow(), order)


def _print_flow(out: Output, chosen: Settings, flow: Flow[Any], order: Order) -> int:
    from oauthctl.flows.discovery import metadata_places
    from oauthctl.flows.dry_run import dry_run
    from oauthctl.shell.world import utc_now
    from oauthctl.views.dry_run import dry_run_document, dry_run_lines

    planned = dry_run(flow, issuer=chosen.profile.issuer, started_at=utc_now())
    places = metadata_places(chosen.profile.issuer)
    if order.json:
        out.json({"profile": chosen.name or None} | dry_run_document(planned, places))
    else:
        out.lines(dry_run_lines(planned, places))
    out.say("nothing was sent")
    return 0
