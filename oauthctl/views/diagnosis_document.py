"""A diagnosis as JSON and as SARIF.

Here: the documents; members are added, never renamed. Not here: text (`diagnosed`), Markdown (`diagnosis_markdown`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.findings import Evidence, Finding, Severity
from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.rules.registry import Rule

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def diagnosis_document(diagnosis: Diagnosis, source: Mapping[str, Any]) -> dict[str, Any]:
    """`{"source", "findings", "checked", "not_checked", "unseen", "unexplained"}`; findings are ranked, the root cause first."""
    return {
        "source": dict(source),
        "findings": [finding_document(finding) for finding in diagnosis.findings],
        "checked": list(diagnosis.checked),
        "not_checked": [{"rule": one.rule, "why": one.why} for one in diagnosis.not_checked],
        "unseen": list(diagnosis.unseen),
        "unexplained": list(diagnosis.unexplained),
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "title": finding.message,
        "cause": finding.cause,
        "help": finding.help,
        "evidence": [_evidence_document(evidence) for evidence in finding.evidence],
        "sections": [str(section) for section in finding.sections],
        "consequences": list(finding.consequences),
        "candidates": [{"cause": one.cause, "help": one.help} for one in finding.candidates],
        "probe": finding.probe,
    }


def sarif_document(diagnosis: Diagnosis, source: Mapping[str, Any], *, rules: tuple[Rule, ...], version: str) -> dict[str, Any]:
    """The findings in SARIF 2.1.0, with the rules that they are of. Source: OASIS SARIF 2.1.0 section 3."""
    found = {finding.rule for finding in diagnosis.findings}
    driver = {
        "name": "oauthctl",
        "version": version,
        "semanticVersion": version,
        "rules": [
            {
                "id": rule.slug,
                "shortDescription": {"text": rule.title},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                **({"helpUri": rule.sections[0].url} if rule.sections else {}),
            }
            for rule in rules
            if rule.slug in found
        ],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [_invocation(diagnosis)],
                "results": [_result(finding, source) for finding in diagnosis.findings],
            }
        ],
    }


def _invocation(diagnosis: Diagnosis) -> dict[str, Any]:
    """Whether anything could be judged: an empty list of results alone doesn't tell. Source: SARIF 2.1.0 section 3.20."""
    said = [*diagnosis.unexplained, *diagnosis.unseen] if diagnosis.checked else ["nothing could be checked"]
    notifications = [{"level": "note", "message": {"text": text}} for text in said]
    return {"executionSuccessful": bool(diagnosis.checked), "toolExecutionNotifications": notifications}


def _evidence_document(evidence: Evidence) -> dict[str, Any]:
    return {"exchange": evidence.exchange, "place": evidence.place, "expected": evidence.expected, "got": evidence.got}


def _result(finding: Finding, source: Mapping[str, Any]) -> dict[str, Any]:
    name = str(source.get("file") or "")
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join(part for part in (finding.message + ".", finding.cause, finding.help) if part)},
        "locations": [_location(evidence, name) for evidence in finding.evidence] or [_location(Evidence(None, ""), name)],
        "properties": {
            "certainty": finding.certainty.value,
            "sections": [str(section) for section in finding.sections],
            "consequences": list(finding.consequences),
            "candidates": [one.cause for one in finding.candidates],
            "probe": finding.probe,
        },
    }


def _location(evidence: Evidence, name: str) -> dict[str, Any]:
    where = f"exchange {evidence.exchange} {evidence.place}".strip() if evidence.exchange else evidence.place or "source"
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": where, "kind": "member"}]}
    # What came from stdin, or from the store, is no artifact that a reader could open.
    return location | ({"physicalLocation": {"artifactLocation": {"uri": _file_uri(name)}}} if name else {})


def _file_uri(name: str) -> str:
    """A relative reference, or a `file:` URI for an absolute path. Source: SARIF 2.1.0 section 3.4.3."""
    from urllib.parse import quote

    path = quote(name.replace("\\", "/"), safe="/:")
    return f"file://{path}" if path.startswith("/") else f"file:///{path}" if path[1:3] == ":/" else path
