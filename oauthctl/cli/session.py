"""`Session`: one command's dealings with the world, which end up in one recording.

Here: the world that a command runs its flows in, live tracing, saving the recording. Not here: which profile is meant (`settings`).
"""

from __future__ import annotations

from dataclasses import replace
from secrets import token_bytes
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from oauthctl.errors import ExitCode, OauthctlError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauthctl.cli.conclusion import Conclusion
    from oauthctl.cli.live_diagram import LiveDiagram
    from oauthctl.cli.output import Output
    from oauthctl.findings import Finding
    from oauthctl.flows.client_attestation import Server
    from oauthctl.flows.steps import Flow
    from oauthctl.jose.client_certificate import ClientCertificate
    from oauthctl.jose.jwk import Jwk
    from oauthctl.messages.client_attestation import Attestation
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
        self.proof_key: Jwk | None = None
        """The key with which requests are proved (DPoP), if there is one."""
        self.attesting: tuple[Attestation, Server] | None = None
        """The attestation that goes with requests that prove the client, if there is one, and for whom its proofs are."""
        self.certified_urls: dict[str, str] = {}
        """The addresses that get the client's certificate, each with the one to ask instead of it, or itself."""
        self.world: World = live_world(out.terminal.environ, timeout_seconds=timeout_seconds)
        # One salt for the whole run: a secret has the same fingerprint in the live trace as in the recording. It is kept nowhere.
        self._salt = token_bytes(32)
        self._diagram = self._traced() if trace else None

    def run(self, flow: Flow[T]) -> T:
        """What the flow returns."""
        from oauthctl.shell.driver import run

        if self.attesting is not None:
            from oauthctl.flows.client_attestation import attested

            flow = attested(flow, *self.attesting)
        if self.certified_urls:
            from oauthctl.flows.mutual_tls import mutual_tls

            # Before the proofs: they name the address that is truly asked.
            flow = mutual_tls(flow, self.certified_urls)
        if self.proof_key is not None:
            from oauthctl.flows.dpop import dpop

            flow = dpop(flow, self.proof_key)
        return run(flow, self.world)

    def present(self, certificate: ClientCertificate, urls: Mapping[str, str]) -> None:
        """Present this certificate in requests to these addresses, and to nobody else."""
        from oauthctl.shell.world import present

        if self.world.certificate != certificate.thumbprint:
            # Where another client's was presented, this one is not.
            self.certified_urls = {}
            present(self.world, certificate, self.out.terminal.environ)
        self.certified_urls = {**self.certified_urls, **urls}

    def without_secrets(self, text: str) -> str:
        """A text about an exchange without any secret of this run, however it is spelled: servers repeat what they were sent."""
        from oauthctl.record.redact import words_without_secrets

        return words_without_secrets(self.world.recording, salt=self._salt)(text)

    def cleaned(self, error: OauthctlError) -> OauthctlError:
        """The same error, without any secret of this run."""
        from oauthctl.record.redact import words_without_secrets

        clean = words_without_secrets(self.world.recording, salt=self._salt)
        error.message, error.got, error.where = clean(error.message), clean(error.got), clean(error.where)
        error.notes = tuple(clean(note) for note in error.notes)
        error.data = {name: clean(value) if isinstance(value, str) else value for name, value in error.data.items()}
        error.args = (error.message,)
        return error

    def _traced(self) -> LiveDiagram:
        from oauthctl.cli.live_diagram import LiveDiagram
        from oauthctl.record.redact import redact

        return LiveDiagram(self.out, self.world, self.command, redacted=lambda recording: redact(recording, salt=self._salt))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.world.close()
        if isinstance(error, OauthctlError):
            self.cleaned(error)
        if isinstance(error, OauthctlError) and error.exit_code in _EXPLAINED:
            self.world.recording = replace(self.world.recording, error=error.message)
            self.out.conclusion = self.conclusion()
            _name_as_found(error, self.out.conclusion)
        self.keep("" if error is None else getattr(error, "slug", "") or getattr(error, "message", "") or "interrupted")
        if self._diagram is not None:
            # What was still to come when a person ended it is nothing that went wrong.
            self._diagram.end(() if isinstance(error, KeyboardInterrupt) else self._findings())
        if isinstance(error, KeyboardInterrupt):
            recorded = f"; recorded as {self.recording_id}: `oauthctl trace show {self.recording_id}`" if self.recording_id else ""
            self.out.say(f"interrupted{recorded}")
        if isinstance(error, OauthctlError) and self.recording_id:
            error.notes = (*error.notes, f"recorded as {self.recording_id}: `oauthctl trace show {self.recording_id}`")

    def _findings(self) -> tuple[Finding, ...]:
        from oauthctl.cli.conclusion import examined

        recording = self.world.recording
        return examined(recording, self._facts(), salt=self._salt)[1] if recording.exchanges else ()

    def conclusion(self) -> Conclusion | None:
        """The root cause of what went wrong so far, as `oauthctl diagnose` sees it."""
        from oauthctl.cli.conclusion import conclude

        recording = self.world.recording
        return conclude(recording, self._facts(), salt=self._salt) if recording.exchanges else None

    def _facts(self) -> dict[int, dict[str, object]]:
        """What must be worked out while the secrets are there; whether signatures hold, too, when the keys came by."""
        from oauthctl.record.facts import facts
        from oauthctl.rules.evidence import key_finder

        recording = self.world.recording
        return facts(recording, keys=key_finder(recording, ()))

    def keep(self, outcome: str = "") -> None:
        """Save the recording; that this fails is said, and is no reason to fail."""
        from oauthctl.record.har import to_har
        from oauthctl.record.redact import redact
        from oauthctl.store.locations import locations
        from oauthctl.store.recordings import save

        recording = replace(self.world.recording, issuer=self.issuer, command=self.command)
        if not recording.exchanges:
            return
        document = to_har(redact(recording, salt=self._salt), facts=self._facts())
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


def _name_as_found(error: OauthctlError, conclusion: Conclusion | None) -> None:
    """Call a wrong answer as `diagnose` does, so that one word leads to its page: a flow tells that an answer is of no use, a rule why."""
    from oauthctl.messages.own_errors import gives_way

    if conclusion is not None and error.slug and error.slug not in conclusion.rules and gives_way(error.slug):
        error.slug = conclusion.rule
