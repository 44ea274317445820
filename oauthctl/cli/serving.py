"""`serve` carried out: make the provider, tell what goes wrong.

Here: the order of things. Not here: the options (`serve`), their small languages (`practice_specs`), what the provider is said to be
(`serve_introduction`), the sockets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError
from oauthctl.http import has_user_info, is_http_url, is_loopback, is_loopback_host, origin, split_url

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.practice_specs import Values
    from oauthctl.cli.provider_memory import Memory
    from oauthctl.provider.records import Event
    from oauthctl.provider.state import ProviderState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a provider is asked for."""

    host: str
    port: int
    issuer: str
    token_seconds: float
    clients: tuple[Values, ...]
    users: tuple[Values, ...]
    json: bool
    mtls: str = ""
    legacy: bool = False
    experimental: bool = False
    opaque_tokens: bool = False
    faults: tuple[str, ...] = ()
    state: str = ""
    scenario: str = ""
    junit: str = ""
    scenario_seconds: float = 60
    trust: tuple[str, ...] = ()
    attesters: tuple[str, ...] = ()
    refresh_grace_seconds: float = 0
    key_seconds: float = 0
    local_clients: tuple[str, ...] = ()
    tls: str = ""


def serve(out: Output, wanted: Wanted) -> int:
    """Serve until Ctrl-C or SIGTERM, both of which are its normal end."""
    from oauthctl.cli.provider_memory import remembering

    with remembering(wanted.state) as memory:
        return _served(out, wanted, memory)


def _served(out: Output, wanted: Wanted, memory: Memory) -> int:
    from dataclasses import replace
    from datetime import UTC, datetime

    from oauthctl.cli.client_trial import trial_of
    from oauthctl.cli.experimental import require_experimental
    from oauthctl.cli.fault_list import read_faults
    from oauthctl.cli.practice_specs import client_of, read_trust, user_of
    from oauthctl.cli.serve_introduction import introduce
    from oauthctl.messages.client_auth import ATTESTING
    from oauthctl.provider.client import practice_clients, practice_users
    from oauthctl.provider.handle import handle
    from oauthctl.provider.state import new_state, with_legacy
    from oauthctl.shell.request_log import RequestLog
    from oauthctl.shell.serve import Server

    if wanted.tls:
        from oauthctl.cli.practice_https import practice_https
    if wanted.mtls:
        from oauthctl.cli.practice_mtls import practice_tls
    _check_issuer(wanted.issuer)
    local_origins = frozenset(_local_origin(one) for one in wanted.local_clients)
    environ = out.terminal.environ
    secret = memory.secret
    clients = (*practice_clients(secret=secret), *(client_of(values, environ) for values in wanted.clients))
    attested = any(ATTESTING in client.auth_methods for client in clients)
    require_experimental(wanted.experimental, f"`token_endpoint_auth_method={ATTESTING}`", is_wanted=attested)
    require_experimental(wanted.experimental, "`--trust-attester`", is_wanted=bool(wanted.attesters))
    now = datetime.now(UTC)
    https = practice_https(wanted.tls, host=wanted.host, issuer=wanted.issuer, now=now) if wanted.tls else None
    by = https.authority if https is not None else None
    tls = practice_tls(wanted.mtls, host=wanted.host, now=now, by=by) if wanted.mtls else None
    clients = (*clients, *(tls.clients if tls is not None else ()))
    users = (*practice_users(), *(user_of(values, environ) for values in wanted.users))

    faults = read_faults(wanted.faults)
    trial = trial_of(wanted.scenario, junit=wanted.junit, seconds=wanted.scenario_seconds)
    trusted = dict(read_trust(spec) for spec in wanted.trust)
    attesters = dict(read_trust(spec, "--trust-attester") for spec in wanted.attesters)

    def make_state(issuer: str) -> ProviderState:
        state = new_state(issuer, clients=clients, users=users, token_seconds=wanted.token_seconds)
        state = replace(state, takes_registrations=is_loopback_host(wanted.host), trusted_issuers=trusted)
        state = replace(state, local_origins=local_origins)
        state = replace(state, refresh_grace_seconds=wanted.refresh_grace_seconds, key_seconds=wanted.key_seconds)
        state = replace(state, is_experimental=wanted.experimental, trusted_attesters=attesters)
        state = replace(state, access_token_format="opaque" if wanted.opaque_tokens else "jwt", faults=faults)
        state = with_legacy(state) if wanted.legacy else state
        if memory.issuer and memory.issuer != issuer:
            out.warn(f"`{wanted.state}` is the memory of `{memory.issuer}`: the tokens in it don't count at `{issuer}`")
        return memory.begun(state)

    server = Server(
        make_state,
        host=wanted.host,
        port=wanted.port or (0 if wanted.issuer else memory.port("https" if wanted.tls else "http")),
        issuer=wanted.issuer,
        is_public=not is_loopback_host(wanted.host),
        certificate=https.certificate if https is not None else None,
        mtls=tls.server if tls is not None else None,
        on_log=lambda event: _tell_event(out, event),
        handler=RequestLog(trial.answer if trial is not None else handle).answer,
        keep=memory.keep,
    )
    server.run_forever(
        on_ready=lambda: introduce(out, wanted, server, secret, tls=tls, https=https),
        is_over=trial.is_over if trial is not None else lambda: False,
    )
    out.say("the provider ended")
    return trial.tell(out) if trial is not None else 0


def _check_issuer(issuer: str) -> None:
    """Source: RFC 8414 section 2: an issuer has no query and no fragment. Plain http is allowed here, since it is for practice."""
    if issuer and (not is_http_url(issuer) or "?" in issuer or "#" in issuer):
        raise ConfigError(
            f"`{issuer}` can't be an issuer: it is no http or https URL without query and fragment",
            slug="issuer-unusable",
            spec="RFC 8414 section 2",
        )


def _local_origin(given: str) -> str:
    """The origin of a `--local-client`."""
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


def _tell_event(out: Output, event: Event) -> None:
    """One line for each failure as it happens; the rest with `--verbose`. Called from the server's thread."""
    from oauthctl.views.lines import Span

    at = Span(f"{event.at:%H:%M:%S} ", "dim")
    who = f" {event.who}" if event.who else ""
    if event.error:
        out.say(at, f"{event.endpoint}{who}: ", Span(event.error, "error"), f", {event.reason}")
    else:
        out.detail(at, f"{event.endpoint}{who}: {event.reason}")
