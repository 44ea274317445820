"""`login --grant device_code` at the terminal: what the person is shown.

Here: the page, the code, the QR code on stderr. Not here: the order of a login (`signing_in`), the protocol (`flows.device`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.flows.steps import Show


def shower(out: Output) -> Callable[[Show], None]:
    """Shows the page and the code on stderr. Both are printed even with `--quiet`: without them nobody can sign in."""
    from oauthctl.views.device_code import device_code_lines, is_elsewhere, qr_lines
    from oauthctl.views.lines import one_line, printable

    def show(step: Show) -> None:
        stderr = out.terminal.stderr
        out.say("on any device with a browser, open this page:")
        stderr.write(f"\n{one_line(step.verification_uri)}\n\n")
        if out.terminal.quiet or out.terminal.json_errors:
            stderr.write(f"{printable(one_line(step.user_code))}\n")
        stderr.flush()
        told = device_code_lines(step.verification_uri, step.user_code, complete_uri=step.complete_uri, seconds=step.seconds)
        out.say_prose(told, indent=2)
        if stderr.isatty():
            has_colors = out.terminal.colors(stderr)
            is_safe = step.complete_uri and not is_elsewhere(step.verification_uri, step.complete_uri)
            address = step.complete_uri if is_safe else step.verification_uri
            out.say_lines(qr_lines(address, width=out.width_of(stderr), has_colors=has_colors))
        out.say("waiting for it …")

    return show
