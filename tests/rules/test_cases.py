"""Every rule's page is a test: it fires where the page says so, first and the same after redaction, and is quiet where it says so."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from oauthctl.findings import Severity
from oauthctl.rules.pages import SECTIONS, Page, page
from oauthctl.rules.registry import all_rules
from tests.rules.pages import play

RULES = {rule.slug: rule for rule in all_rules()}
SLUG = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")


def _page(slug: str) -> Page:
    found = page(slug)
    assert found is not None, f"oauthctl/rules/cases/{slug}.md is missing"
    return found


def test_each_page_has_its_rule() -> None:
    names = {item.name.removesuffix(".md") for item in files("oauthctl.rules").joinpath("cases").iterdir()}
    assert names == set(RULES)


def test_a_page_tells_what_its_rule_says() -> None:
    for slug, rule in RULES.items():
        read = _page(slug)
        assert tuple(read.sections) == SECTIONS, slug
        assert read.title == rule.title, slug
        assert all(read.sections.values()), slug
        assert read.sections["Section"].splitlines() == [str(section) for section in rule.sections], slug


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_fires_first_on_its_page_and_alike_after_redaction(slug: str) -> None:
    played = play(_page(slug).sections["Fires"])
    findings = played.diagnosis().findings
    assert [finding.rule for finding in findings][:1] == [slug]
    assert findings[0].cause.endswith(".")
    assert findings[0].help.endswith(".")
    assert findings[0].evidence
    assert [(one.rule, one.certainty) for one in played.diagnosis_of_redacted().findings] == [(one.rule, one.certainty) for one in findings]


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_is_quiet_on_its_page(slug: str) -> None:
    """Nothing is found there, unless the page names another rule: that one is then the first."""
    section = _page(slug).sections["Quiet"]
    findings = [finding for finding in play(section).diagnosis().findings if finding.severity is not Severity.NOTE]
    assert slug not in [finding.rule for finding in findings]
    others = [name for name in SLUG.findall(re.sub(r"```.*?```", "", section, flags=re.DOTALL)) if name in RULES]
    assert [finding.rule for finding in findings][:1] == others[:1]
