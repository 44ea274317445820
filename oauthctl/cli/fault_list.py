"""The faults of the practice provider, for a person at a terminal: listing them, and reading those that are asked for.

Here: what `serve --list-faults` prints. Not here: the faults (`provider.faults`), serving (`serving`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauthctl.cli.output import Output
    from oauthctl.provider.state import ProviderState
    from oauthctl.provider.switched import Switched


def read_faults(specs: Iterable[str]) -> tuple[Switched, ...]:
    """The faults of `--fault`, switched on. Loads them only when there are any.

    Raises: ConfigError.
    """
    written = tuple(specs)
    if not written:
        return ()
    from oauthctl.provider.faults.spec import read_fault

    return tuple(read_fault(text) for text in written)


def tell_hindered(out: Output, state: ProviderState, slugs: Iterable[str]) -> None:
    """Warn of each fault that can't strike at this provider, whatever a client asks: nobody should wait for it."""
    wanted = tuple(slugs)
    if not wanted:
        return
    from oauthctl.provider.faults.occasions import hindrances

    by_reason: dict[str, list[str]] = {}
    for slug, why in hindrances(state, wanted).items():
        by_reason.setdefault(why, []).append(f"`{slug}`")
    for why, hindered in by_reason.items():
        out.warn(f"{'the fault' if len(hindered) == 1 else 'the faults'} {', '.join(hindered)} can't strike: {why}")


def tell_faults(out: Output, *, json: bool) -> int:
    """Every fault: what is wrong then, and the rule that `oauthctl diagnose` finds it by."""
    from oauthctl.provider.faults.occasions import needs_of
    from oauthctl.provider.faults.registry import all_faults
    from oauthctl.views.lines import Span, Table, line, literals

    faults = all_faults().values()
    if json:
        out.json(
            {
                "faults": [
                    {
                        "fault": fault.slug,
                        "title": fault.title,
                        "subject": fault.subject,
                        "places": list(fault.places),
                        "rule": fault.rule,
                        "flow": fault.flow,
                        "is_dangerous": fault.is_dangerous,
                        "needs": needs_of(fault),
                    }
                    for fault in faults
                ]
            }
        )
        return ExitCode.DONE
    rows = tuple(
        (
            line(Span(fault.slug, "literal")),
            literals(f"{fault.title}; only with `{needs_of(fault)}`" if needs_of(fault) else fault.title),
            line(fault.rule),
            line("refuses" if fault.is_dangerous else ""),
        )
        for fault in sorted(faults, key=lambda one: (one.subject, one.slug))
    )
    out.table(Table(("fault", "what is wrong", "rule", "client"), rows))
    refused = sum(fault.is_dangerous for fault in faults)
    out.say(f"{len(rows)} faults, of which a careful client refuses {refused}; switch one on with `oauthctl serve --fault SLUG`")
    return ExitCode.DONE
