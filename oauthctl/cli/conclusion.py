"""How a failing command ends: with the top finding of `oauthctl diagnose` on what it recorded.

Here: finding it. Not here: printing (`output`), the whole diagnosis (`diagnose`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oauthctl.views.lines import Line

if TYPE_CHECKING:
    from oauthctl.findings import Finding
    from oauthctl.record.exchange import Recording
    from oauthctl.rules.scene import Scene


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The finding, and the redacted recording in which its evidence stands."""

    finding: Finding
    recording: Recording
    rules: tuple[str, ...]
    """The slugs of all rules that found something, the root cause's first."""

    @property
    def rule(self) -> str:
        """The slug of its rule."""
        return self.finding.rule

    def lines(self, width: int) -> tuple[Line, ...]:
        """The finding as text."""
        from oauthctl.views.found import found_lines

        return found_lines(self.finding, self.recording, width=width)

    def document(self) -> dict[str, Any]:
        """The finding as JSON."""
        from oauthctl.views.diagnosis_document import finding_document

        return finding_document(self.finding)


def conclude(recording: Recording, facts: Mapping[int, Mapping[str, Any]], *, salt: bytes) -> Conclusion | None:
    """The root cause of what went wrong in a recording of ours; None when no rule knows one. `salt` is for the fingerprints of secrets."""
    from oauthctl.findings import Severity

    scene, findings = examined(recording, facts, salt=salt)
    if not findings or findings[0].severity is not Severity.ERROR:
        return None
    return Conclusion(findings[0], scene.recording, tuple(finding.rule for finding in findings))


def examined(recording: Recording, facts: Mapping[int, Mapping[str, Any]], *, salt: bytes) -> tuple[Scene, tuple[Finding, ...]]:
    """What the rules may look at of a recording of ours, and what they find, the root cause first."""
    from oauthctl.record.material import Material
    from oauthctl.rules.diagnosis import diagnose
    from oauthctl.rules.evidence import scene_of

    scene = scene_of(Material("recording", recording, facts=facts), now=None, salt=salt)
    return scene, diagnose(scene).findings
