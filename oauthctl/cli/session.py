"""`Session`: one command's dealings with the world, which end up in one recording.

Here: the world that a command runs its flows in, live tracing, saving the recording. Not here: which profile is meant (`settings`).
"""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from oauthctl.errors import ExitCode, OauthctlError, StoreError

if TYPE_CHECKING:
    from oauthctl.cli.conclusion import Conclusion
    from oauthctl.cli.output import Output
    from oauthctl.flows.steps import Flow
    from oauthctl.shell.world import World

T = TypeVar("T")

_EXPLAINED = (ExitCode.NO, ExitCode.UNKNOWN, ExitCode.REFUSED)


class Session:
    """Runs flows in one world; at the end whatever was exchanged is kept as a recording, secrets redacted, however it went."""

    def __init__(self, out: Output, command: str, *, issuer: str = "", trace: bool = False, timeout_seconds: float = 30.0) -> None:
        from oauthctl.shell.world import live_world

        self.out = out
        self.command = command
        self.issuer = issuer
        self.recording_id = ""
        self.world: World = live_world(out.terminal.environ, timeout_seconds=timeout_seconds)
        if trace:
            from oauthctl.views.trace_lines import exchange_lines

            self.world.on_exchange = lambda exchange: out.say_lines(exchange_lines(exchange, out.width or 100))

    def run(self, flow: Flow[T]) -> T:
        """What the flow returns."""
        from oauthctl.shell.driver import run

        return run(flow, self.world)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.world.close()
        if isinstance(error, OauthctlError) and error.exit_code in _EXPLAINED:
            self.out.conclusion = self.conclusion()
        self.keep("" if error is None else getattr(error, "slug", "") or getattr(error, "message", "") or "interrupted")
        if isinstance(error, OauthctlError) and self.recording_id:
            error.notes = (*error.notes, f"recorded as {self.recording_id}: `oauthctl trace show {self.recording_id}`")

    def conclusion(self) -> Conclusion | None:
        """The root cause of what went wrong so far, as `oauthctl diagnose` sees it."""
        from oauthctl.cli.conclusion import conclude
        from oauthctl.record.facts import facts

        recording = self.world.recording
        return conclude(recording, facts(recording)) if recording.exchanges else None

    def keep(self, outcome: str = "") -> None:
        """Save the recording; that this fails is said, and is no reason to fail."""
        from secrets import token_bytes

        from oauthctl.record.facts import facts
        from oauthctl.record.har import to_har
        from oauthctl.record.redact import redact
        from oauthctl.store.locations import locations
        from oauthctl.store.recordings import save

        recording = replace(self.world.recording, issuer=self.issuer, command=self.command)
        if not recording.exchanges:
            return
        document = to_har(redact(recording, salt=token_bytes(32)), facts=facts(recording))
        try:
            self.recording_id = save(
                locations(self.out.terminal.environ),
                document,
                command=self.command,
                started_at=recording.exchanges[0].started_at,
                outcome=outcome or "done",
            )
        except StoreError as problem:
            self.out.warn(f"the exchanges were not recorded: {problem.message}")
