"""Every slug that an error of ours carries is a word that `oauthctl explain` knows: a rule's page, or a sentence of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import oauthctl
from oauthctl.messages.own_errors import OWN_ERRORS
from oauthctl.rules.pages import slugs as pages
from tests.cli.running import oauthctl as run

PACKAGE = Path(oauthctl.__file__).parent
# Slugs that are put together where they are raised, and all that can come of it.
MADE = {
    "f'{place.slug}-unreadable'": ("answer-jwt-unreadable", "signed-answer-unreadable"),
    "f'{place.slug}-{kind}'": (
        *(f"answer-jwt-{kind}" for kind in ("unsigned", "signature-wrong", "issuer-differs", "audience-differs", "expired")),
        *(f"signed-answer-{kind}" for kind in ("unsigned", "signature-wrong", "issuer-differs", "audience-differs", "expired")),
        "signed-answer-type-differs",
    ),
    "f\"no-{hint.replace('_', '-')}\"": ("no-access-token", "no-refresh-token"),
    "f\"no-{need.value.replace('_', '-')}\"": ("no-client-secret", "no-access-token", "no-refresh-token"),
    # Handed on from a place where it stands literally, from a table, or from another error.
    "slug": ("refreshed-subject-differs", "refreshed-issuer-differs", "refreshed-audience-differs"),
    "_slug(first, token)": (
        *("id-token-issuer-differs", "id-token-audience-differs", "authorized-party-differs", "authorized-party-missing"),
        *("nonce-differs", "nonce-not-returned", "at-hash-differs", "at-hash-missing", "c-hash-differs", "c-hash-missing"),
        *("s-hash-differs", "token-expired", "expiry-missing", "token-not-yet-valid", "token-issued-in-future", "sign-in-too-old"),
        *("signature-invalid", "algorithm-none"),
    ),
    "error.slug": (),
    "error.slug or 'demo-step'": ("demo-step",),
    "error.slug or _slug_of(error)": (),
    "conclusion.rule": (),
    "_NO_PROFILE": ("no-profile",),
}


def raised() -> Iterator[tuple[str, str]]:
    """Each slug in the source, and where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "rules" in path.relative_to(PACKAGE).parts:
            continue
        place = str(path.relative_to(PACKAGE))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call():
                    values = [one.value for one in node.keywords if one.arg in ("slug", "expired")]
                case ast.Assign(targets=[ast.Attribute(attr="slug", value=ast.Name(id="error"))]):
                    values = [node.value]
                case _:
                    continue
            for value in values:
                yield from ((slug, place) for slug in _slugs(value))


def _slugs(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str() as slug):
            yield slug
        case ast.IfExp():
            yield from (*_slugs(value.body), *_slugs(value.orelse))
        case _:
            # One that is made in a new way has to be listed above.
            yield from MADE[ast.unparse(value)]


def test_what_is_explained_is_what_is_raised() -> None:
    places = dict(sorted(raised()))
    known = {*pages(), *(error.slug for error in OWN_ERRORS)}
    assert {slug: place for slug, place in places.items() if slug and slug not in known} == {}
    assert [error.slug for error in OWN_ERRORS if error.slug not in places] == []


def test_no_slug_is_explained_twice() -> None:
    assert [error.slug for error in OWN_ERRORS if error.slug in pages()] == []


def test_what_is_advised_can_be_typed() -> None:
    words = set(re.findall(r"--[a-z][a-z-]*[a-z]", run("completions", "bash").out))
    advised = {option for error in OWN_ERRORS for option in re.findall(r"--[a-z][a-z-]*[a-z]", f"{error.meaning} {error.help}")}
    assert advised - words == set()
    commands = {command for error in OWN_ERRORS for command in re.findall(r"`oauthctl ([a-z]+(?: [a-z]+)?)", error.help)}
    for command in sorted(commands):
        known = run(*command.split(), "--help")
        # A second word may be what the command is about.
        assert known.code == 0 or run(command.split()[0], "--help").code == 0, command


@pytest.mark.parametrize("slug", ["no-viable-grant", "certificate-without-tls", "signed-answer-issuer-differs", "state-mismatch"])
def test_explain_tells_what_a_slug_means_and_what_to_do(slug: str) -> None:
    ran = run("explain", slug)
    assert ran.code == 0, ran.err
    assert slug in ran.out
    assert len(ran.out.splitlines()) >= 3
