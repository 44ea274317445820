"""`serve` carried out: make the providers, tell what goes wrong.

Here: the order of things. Not here: the options (`serve`), one provider's making (`provider_making`), what the providers are said to be
(`serve_introduction`), how each thing that happens is told (`serve_events`), the sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError, ExitCode
from oauthctl.http import is_http_url, is_loopback_host

if TYPE_CHECKING:
    from oauthctl.cli.client_trial import Trial
    from oauthctl.cli.output import Output
    from oauthctl.cli.provider_memory import Memory
    from oauthctl.cli.serve_wanted import Wanted, WantedProvider
    from oauthctl.provider.client import Client
    from oauthctl.provider.state import ProviderState
    from oauthctl.shell.serve import Hosted


def serve(out: Output, wanted: Wanted) -> int:
    """Serve until Ctrl-C or SIGTERM, both of which are its normal end."""
    if wanted.scenario and len(wanted.providers) > 1:
        raise ConfigError("a scenario is for one issuer, and several are asked for", slug="several-issuers")
    with ExitStack() as stack:
        return _served(out, wanted, _memories(wanted.providers, stack))


def _memories(providers: tuple[WantedProvider, ...], stack: ExitStack) -> tuple[Memory, ...]:
    """The memory of each provider; those that have one file have parts of it."""
    from oauthctl.cli.provider_memory import remembering

    found: dict[str, Memory] = {}
    for path in dict.fromkeys(provider.state for provider in providers):
        issuers = [provider.issuer for provider in providers if provider.state == path]
        # One that is alone has the file to itself, whatever it is called.
        names = issuers if len(providers) > 1 else [""]
        found.update(zip(issuers, stack.enter_context(remembering(path, names)), strict=True))
    return tuple(found[provider.issuer] for provider in providers)


def _served(out: Output, wanted: Wanted, memories: tuple[Memory, ...]) -> int:
    from datetime import UTC, datetime

    from oauthctl.cli.client_trial import trial_of
    from oauthctl.cli.fault_list import tell_hindered
    from oauthctl.cli.serve_introduction import introduce
    from oauthctl.shell.serve import Server

    if wanted.tls:
        from oauthctl.cli.practice_https import practice_https
    if wanted.mtls:
        from oauthctl.cli.practice_mtls import practice_tls
    now = datetime.now(UTC)
    issuers = tuple(provider.issuer for provider in wanted.providers)
    https = practice_https(wanted.tls, host=wanted.host, issuers=issuers, now=now, warn=out.warn) if wanted.tls else None
    tls = practice_tls(wanted.mtls, host=wanted.host, now=now, beside=https, warn=out.warn) if wanted.mtls else None
    trial = trial_of(wanted.scenario, junit=wanted.junit, seconds=wanted.scenario_seconds)
    certified = tls.clients if tls is not None else ()
    first, *others = (
        _hosted(out, wanted, number, memory=memory, certified=certified, trial=trial) for number, memory in enumerate(memories)
    )
    server = Server(
        first.make_state,
        host=wanted.host,
        port=wanted.port or (0 if is_http_url(first.issuer) else memories[0].port("https" if wanted.tls else "http")),
        issuer=first.issuer,
        is_public=not is_loopback_host(wanted.host),
        certificate=https.certificate if https is not None else None,
        mtls=tls.server if tls is not None else None,
        beside=others,
        **first.means,
    )
    secrets = tuple(memory.secret for memory in memories)

    def tell_ready() -> None:
        introduce(out, wanted, server, secrets=secrets, tls=tls, https=https)
        for state in server.states:
            tell_hindered(out, state, (one.slug for one in state.faults))
        if trial is not None:
            trial.introduce(out, server.state)

    bugs = server.run_forever(
        on_ready=tell_ready,
        is_over=trial.is_over if trial is not None else lambda: False,
    )
    out.say("the provider ended")
    code = trial.tell(out) if trial is not None else 0
    if bugs:
        where = "" if out.terminal.quiet else ": the log says where, as `server_error`"
        out.warn(f"{bugs} request{'s' if bugs > 1 else ''} met a bug of oauthctl{where}")
        return int(ExitCode.BUG)
    return code


def _hosted(out: Output, wanted: Wanted, number: int, *, memory: Memory, certified: tuple[Client, ...], trial: Trial | None) -> Hosted:
    """One of the providers, as the server takes it."""
    from oauthctl.cli.provider_making import maker_of
    from oauthctl.cli.serve_events import tell_answer, tell_event
    from oauthctl.provider.handle import handle
    from oauthctl.shell.request_log import RequestLog
    from oauthctl.shell.serve import Hosted

    provider = wanted.providers[number]
    name = (provider.issuer or "/") if len(wanted.providers) > 1 else ""
    log = RequestLog(trial.answer if trial is not None else handle)
    make = maker_of(
        provider,
        out.terminal.environ,
        secret=memory.secret,
        certified=certified,
        takes_registrations=wanted.is_for_this_machine,
        warn=out.warn,
    )
    return Hosted(
        _remembering(out, provider, memory, make),
        provider.issuer,
        {
            "handler": log.answer,
            "before": log.before,
            "keep": memory.keep,
            "on_log": lambda event: tell_event(out, event, name),
            **({"on_answer": lambda *answered: tell_answer(out, name, *answered)} if out.terminal.verbose else {}),
        },
    )


def _remembering(
    out: Output, provider: WantedProvider, memory: Memory, make: Callable[[str], ProviderState]
) -> Callable[[str], ProviderState]:
    from oauthctl.cli.provider_tables import keys_of_files

    def make_state(issuer: str) -> ProviderState:
        if memory.issuer and memory.issuer != issuer:
            out.warn(f"`{provider.state}` is the memory of `{memory.issuer}`: the tokens in it don't count at `{issuer}`")
        state = memory.begun(make(issuer), fixed=keys_of_files(provider.tables))
        for fault in state.faults:
            if fault.client and fault.client not in state.clients:
                out.warn(f"`{fault.slug}` strikes `{fault.client}` alone, and there is no such client until it registers")
        return state

    return make_state
