"""A provider made of what `serve` is asked for.

Here: from names and files to the state that a provider begins with. Not here: its memory (`provider_memory`), the server (`serving`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError
from oauthctl.http import has_user_info, is_http_url, is_loopback, origin, split_url

if TYPE_CHECKING:
    from oauthctl.cli.serve_tables import Tables
    from oauthctl.cli.serve_wanted import WantedProvider
    from oauthctl.provider.client import Client
    from oauthctl.provider.personas.persona import Persona
    from oauthctl.provider.state import ProviderState


def maker_of(
    wanted: WantedProvider,
    environ: Mapping[str, str],
    *,
    secret: str,
    certified: tuple[Client, ...],
    takes_registrations: bool,
    warn: Callable[[str], None],
) -> Callable[[str], ProviderState]:
    """What makes the first state once the issuer is known. All that can be wrong is found before.

    `secret` is that of the practice clients; `certified` are clients that have certificates.

    Raises: ConfigError.
    """
    from oauthctl.cli.experimental import require_experimental
    from oauthctl.cli.fault_list import read_faults
    from oauthctl.cli.practice_algs import SIGNING
    from oauthctl.cli.practice_specs import read_trust
    from oauthctl.cli.practice_words import METHOD
    from oauthctl.cli.provider_tables import changes_of, check_scopes, keys_of, user_from
    from oauthctl.cli.toml_place import placed
    from oauthctl.messages.client_auth import ATTESTING
    from oauthctl.provider.client import practice_users
    from oauthctl.provider.state import new_state, with_legacy

    check_issuer(wanted.issuer)
    local_origins = frozenset(local_origin(one) for one in wanted.local_client)
    changes = changes_of(wanted.tables)
    # A file may say no to them, and never yes where others reach the provider.
    is_said = changes.get("takes_registrations")
    changes["takes_registrations"] = takes_registrations and is_said is not False
    if is_said and not takes_registrations:
        warn("`registration = true` counts on this machine alone: where others reach the provider no client can register itself")
    keys = keys_of(wanted.tables)
    algs = tuple(dict.fromkeys(key.alg for key in keys)) or SIGNING
    clients = _clients(wanted.tables, environ, secret=secret, certified=certified, api=changes["api"], algs=algs)
    settled = {entry.values["id"] for entry in wanted.tables.all("client") if "grant" in entry.values}
    for entry in wanted.tables.all("client"):
        with placed(entry.place.at(METHOD)):
            is_attested = entry.values.get(METHOD) == ATTESTING
            require_experimental(wanted.experimental, f"`{METHOD}={ATTESTING}`", is_wanted=is_attested)
    require_experimental(wanted.experimental, "`--trust-attester`", is_wanted=bool(wanted.trust_attester))
    users = (*practice_users(), *(user_from(entry, environ) for entry in wanted.tables.all("user")))
    faults = read_faults(wanted.fault)
    persona = persona_of(wanted)
    for entry in wanted.tables.all("client"):
        check_scopes(entry, "scope", (*changes["scopes"], *(persona.scopes if persona is not None else ())))
    trusted = dict(read_trust(spec) for spec in wanted.trust)
    attesters = dict(read_trust(spec, "--trust-attester") for spec in wanted.trust_attester)

    def make_state(issuer: str) -> ProviderState:
        state = new_state(issuer, clients=clients, users=users, token_seconds=wanted.token_seconds, keys=keys)
        state = replace(state, trusted_issuers=trusted, local_origins=local_origins, **changes)
        state = replace(state, refresh_grace_seconds=wanted.refresh_grace, key_seconds=wanted.key_seconds)
        state = replace(state, is_experimental=wanted.experimental, trusted_attesters=attesters)
        state = replace(state, access_token_format="opaque" if wanted.opaque_tokens else "jwt", faults=faults)
        state = with_legacy(state, settled=settled) if wanted.legacy else state
        if persona is None:
            return state
        from oauthctl.provider.personas.wearing import wear

        return wear(state, persona)

    return make_state


def _clients(
    tables: Tables, environ: Mapping[str, str], *, secret: str, certified: tuple[Client, ...], api: Iterable[str], algs: tuple[str, ...]
) -> tuple[Client, ...]:
    """The practice clients, those of the tables, and those that have certificates."""
    from oauthctl.cli.client_table import client_from
    from oauthctl.cli.provider_tables import fitted
    from oauthctl.cli.toml_place import placed
    from oauthctl.provider.client import practice_clients

    paths, own = tuple(api), []
    for entry in tables.all("client"):
        with placed(entry.place):
            own.append(client_from(entry, environ, api=paths, algs=algs))
    with_scopes = {entry.values["id"] for entry in tables.all("client") if "scope" in entry.values}
    return tuple(
        fitted(client, tables, algs=algs, takes_scopes=bool(client.scopes) and client.id not in with_scopes)
        for client in (*practice_clients(secret=secret), *own, *certified)
    )


def persona_of(wanted: WantedProvider) -> Persona | None:
    """The known provider that is to be played. The table is read only when there is one.

    Raises: ConfigError, when there is none of this name.
    """
    if not wanted.persona:
        return None
    from oauthctl.provider.personas.table import persona_named

    return persona_named(wanted.persona)


def check_issuer(issuer: str) -> None:
    """Raises: ConfigError, for what can't be an issuer on this server."""
    from urllib.parse import quote

    from oauthctl.provider.issuers import is_issuer

    if not issuer or is_issuer(issuer):
        return
    encoded = quote(issuer, safe="/:@%!$&'()*+,;=~")
    raise ConfigError(
        f"`{issuer}` can't be an issuer: it is no http or https URL without query and fragment, nor a path on this server",
        slug="issuer-unusable",
        spec="RFC 8414 section 2",
        help=f"write `{encoded}`" if issuer.startswith("/") and is_issuer(encoded) else "",
    )


def local_origin(given: str) -> str:
    """The origin of a `--local-client`. Raises: ConfigError."""
    parts = split_url(given)
    if (
        not is_http_url(given)
        or not is_loopback(given)
        or has_user_info(given)
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise ConfigError(
            f"`--local-client` takes an origin on this machine, and `{given[:80]}` is none",
            help="write `--local-client http://127.0.0.1:8000`",
        )
    return origin(given)
