"""Tokens that need nobody at a browser: one grant each, kept with the profile where there is one.

Here: which flow a grant's name stands for, and what each needs. Not here: the protocol (`flows`), the options (`token`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.credentials import Credentials, credentials
from oauthctl.cli.granted_details import tell_of_details
from oauthctl.cli.holding import is_fresh, mismatch
from oauthctl.cli.presenting import check_certificate, present
from oauthctl.cli.printed_token import require_known_type
from oauthctl.cli.proving import check_binding, new_key, tell_of_binding
from oauthctl.cli.refreshing import LOCK_SECONDS, client_for, metadata_for, require_client, tell_remarks, token_set
from oauthctl.cli.settings import ASSERTING, SECRET_VARIABLE, TRADING, UNATTENDED, Settings
from oauthctl.cli.standard import fit_key, report
from oauthctl.errors import ConfigError, Refused
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.token_endpoint import with_usable_token
from oauthctl.http import Params
from oauthctl.messages.client_auth import ATTESTING, CERTIFYING, Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.store import profiles
from oauthctl.store import tokens as store
from oauthctl.store.tokens import TokenSet

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.flows.steps import Flow
    from oauthctl.flows.token_endpoint import Granted


@dataclass(frozen=True, slots=True)
class Asking:
    """All that a grant may draw on; `options` are those of the command that belong to the grant."""

    session: Session
    chosen: Settings
    metadata: ProviderMetadata
    client: Client
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def token_endpoint(self) -> str:
        """Where to ask."""
        return endpoint(self.metadata, "token_endpoint")

    @property
    def extras(self) -> Params:
        """The profile's further parameters, the API's logical name among them."""
        return Params.of((("audience", self.chosen.profile.audience or None), *self.chosen.profile.params))


def own_token(session: Session, chosen: Settings, *, min_ttl: float, options: Mapping[str, Any] | None = None) -> TokenSet:
    """The token of an unattended grant: the one that the profile holds while it is fresh, else a new one.

    Without a profile nothing is read from disk or kept there; nor is what was traded for a token of somebody else's, or what was asked for
    in detail.
    """
    if not chosen.name or chosen.profile.grant in TRADING or (options or {}).get("authorization_details"):
        return _ask(session, chosen, options or {})
    with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS):
        found = store.read(chosen.locations, chosen.name, warn=session.out.warn)
        is_a_persons = found is not None and bool(found.refresh_token or found.id_token)
        fits = found is not None and not is_a_persons and not mismatch(found, chosen.profile)
        # A token that was asked for otherwise may not be as the standard wants it.
        fits = fits and not (options or {}).get("standard")
        fits = fits and found is not None and bool(found.dpop_key) >= bool(chosen.profile.dpop)
        if found is not None and fits and is_fresh(found, session.world.now(), min_ttl):
            return found
        fresh = _ask(session, chosen, options or {})
        # What a person signed in for is not given up for a token of the client's own, nor is that one taken for a person's later.
        if not is_a_persons and profiles.load(chosen.locations, chosen.name).grant in UNATTENDED:
            store.write(chosen.locations, chosen.name, fresh)
        return fresh


def _ask(session: Session, chosen: Settings, options: Mapping[str, Any]) -> TokenSet:
    profile = chosen.profile
    if profile.grant not in ASSERTING:
        require_client(profile)
    standard = str(options.get("standard") or "")
    given = fit_key(standard, credentials(session.out, chosen))
    if profile.grant == "client_credentials":
        _require_proof(profile.client_auth, given)
    metadata = metadata_for(session, chosen)
    report(session, standard, metadata, resources=profile.resource)
    asking = Asking(session, chosen, metadata, client_for(chosen, metadata, given), options)
    flow = _FLOWS[profile.grant](asking)
    # Not before: what is traded may have to be fetched elsewhere, without this key.
    present(session, given, metadata)
    session.proof_key = new_key(profile.dpop)
    try:
        granted = session.run(flow)
    except Refused as error:
        _tell_how_client_was_proved(error, asking.client)
        raise
    with_usable_token(granted)
    tell_remarks(session, granted)
    # "A refresh token SHOULD NOT be included" (RFC 6749 section 4.4.3), and it would be taken for the mark of a person's tokens.
    certificate = session.world.certificate
    whole = token_set(granted, profile, metadata, proof_key=session.proof_key, certificate=certificate)
    tokens = replace(whole, refresh_token="", id_token="")
    require_known_type(tokens)
    check_certificate(session, tokens, metadata)
    check_binding(session, tokens)
    tell_of_binding(session, tokens)
    _tell_of_protection(session)
    tell_of_details(session.out, chosen, granted)
    return tokens


def _tell_of_protection(session: Session) -> None:
    """What the token is protected by: for a person who watches; a script's log has it with `--verbose`."""
    from oauthctl.record.protection import protection_of
    from oauthctl.views.lines import plain
    from oauthctl.views.signed_in import protection_lines

    tell = session.out.say if session.out.terminal.stderr.isatty() else session.out.detail
    for told in protection_lines(protection_of(session.world.recording)):
        tell("note: ", plain(told).strip())


def _require_proof(client_auth: str, given: Credentials) -> None:
    if given.are_there or client_auth:
        return
    raise ConfigError(
        f"the client credentials grant needs a client secret, and `{SECRET_VARIABLE}` is not set",
        slug="no-secret",
        notes=("the grant is for clients that can prove who they are",),
        spec="RFC 6749 section 4.4",
        help=f"give the secret in `{SECRET_VARIABLE}`; to try it without one all the same, say `OAUTHCTL_CLIENT_AUTH=none`",
    )


def _tell_how_client_was_proved(error: Refused, client: Client) -> None:
    if error.data.get("oauth_error") != "invalid_client":
        return
    if client.method in CERTIFYING:
        error.notes = (*error.notes, f"the client proved itself by its TLS certificate (`{client.method}`)")
        error.help = (
            "compare the certificate with the registration: its subject (`tls_client_auth_subject_dn`), or its key in `jwks` (`x5c`)"
        )
        return
    if client.method == ATTESTING:
        error.notes = (*error.notes, f"the client proved itself by an attestation and the proof of its key (`{client.method}`)")
        error.help = (
            "compare the attestation with what the server trusts: who signed it, its `sub` (the client's id), `exp` and the key in `cnf`"
        )
        return
    if client.asserts:
        error.notes = (*error.notes, f"the client proved itself by `{client.method}`, with an assertion for `{client.audience}`")
        what = "the secret, which signs it," if client.method == "client_secret_jwt" else "key, `kid` and algorithm"
        error.help = f"compare {what} with the registration; older servers want `OAUTHCTL_ASSERTION_AUDIENCE=token-endpoint`"
        return
    other = "client_secret_post" if client.method == "client_secret_basic" else "client_secret_basic"
    tried = f"the client's secret was sent as `{client.method}`" if client.secret else "no secret was sent (`none`)"
    error.notes = (*error.notes, tried)
    error.help = f"compare the secret with the registration, or send it the other way with `OAUTHCTL_CLIENT_AUTH={other}`"


def _client_credentials(asking: Asking) -> Flow[Granted]:
    from oauthctl.flows.client_credentials import client_credentials

    profile = asking.chosen.profile
    return client_credentials(asking.token_endpoint, asking.client, scope=profile.scope, resource=profile.resource, params=asking.extras)


def _token_exchange(asking: Asking) -> Flow[Granted]:
    from oauthctl.cli.trading import token_exchange

    return token_exchange(asking)


def _jwt_bearer(asking: Asking) -> Flow[Granted]:
    from oauthctl.cli.trading import jwt_bearer

    return jwt_bearer(asking)


def _saml2_bearer(asking: Asking) -> Flow[Granted]:
    from oauthctl.cli.trading import saml2_bearer

    return saml2_bearer(asking)


_FLOWS: Mapping[str, Callable[[Asking], Flow[Granted]]] = {
    "client_credentials": _client_credentials,
    "token_exchange": _token_exchange,
    "jwt_bearer": _jwt_bearer,
    "saml2_bearer": _saml2_bearer,
}
"""One for each of `settings.UNATTENDED`."""
