"""`oauthctl trace diff`: why does it work here and not there.

Here: both recordings read, diagnosed and compared. Not here: what differs (`record.difference_recordings`), its form (`views.differences`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, output_of

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.findings import Finding
    from oauthctl.record.difference_recordings import Side
    from oauthctl.rules.scene import Scene


def command(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="Recording (its id or a part of it, `last`), a HAR file, or `-` for stdin")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one")] = "last",
    json: AsJson = False,
) -> int:
    """Compare two recordings: why it works in one alone.

    \b
      oauthctl trace diff 8f3a last             a sign-in that worked, and the latest
      oauthctl trace diff works.har fails.har   what a browser's network panel saved, twice
      oauthctl trace diff 8f3a c1d2 --json | jq .telling

    Messages are matched, then parameters, headers, claims, metadata, answers and times compared. What is new in each run (state, nonce,
    codes, tokens, ids, dates) is left out, unless its form or what it must equal differs. Exit code 0: nothing differs; 1: something does.
    """
    from secrets import token_bytes

    from oauthctl.cli.diagnosing import Asked, examine
    from oauthctl.errors import ConfigError
    from oauthctl.record.capture import LEFT_OUT
    from oauthctl.record.difference_recordings import compare
    from oauthctl.views.differences import Sides, comparison_document, comparison_lines, summary, unseen_notes
    from oauthctl.views.lines import line

    if a == b == "-":
        raise ConfigError("stdin can't be both A and B")
    out, salt = output_of(ctx), token_bytes(32)
    read = tuple(examine(out, Asked(source=source, salt=salt)) for source in (a, b))
    for source, (taken, scene) in zip((a, b), read, strict=True):
        _require_messages(source, taken, scene)
    findings = tuple(_findings(scene) for _, scene in read)
    only_a, only_b = _alone(findings[0], findings[1]), _alone(findings[1], findings[0])
    compared = compare(_side(*read[0], only_a), _side(*read[1], only_b))
    sides = Sides(_words(read[0][0]), _words(read[1][0]), only_a, only_b)
    notes = [f"{name}: {note}" for name, (taken, _) in zip("AB", read, strict=True) for note in taken.material.notes if LEFT_OUT in note]
    is_cut = bool(notes)
    notes += unseen_notes(compared)
    for note in notes:
        out.say_prose((line(f"note: {note}"),), indent=2)
    if json:
        out.json(comparison_document(compared, sides) | {"notes": notes})
    else:
        out.lines(comparison_lines(compared, sides, out.width))
        out.say_prose((line(summary(compared) + ("; what was left out is not compared" if is_cut else "")),), indent=2)
    return 0 if compared.is_equal else 1


def _require_messages(source: str, taken: Source, scene: Scene) -> None:
    """Raises `ConfigError` for what holds no message: nothing would differ from nothing."""
    from oauthctl.errors import ConfigError

    if scene.tokens and not scene.recording.exchanges:
        raise ConfigError(f"`{source}` holds tokens and no message", help="compare tokens with `oauthctl decode --diff`")
    if not any(one.purpose for one in scene.seen):
        raise ConfigError(
            f"`{source}` holds no message of OAuth or OpenID Connect",
            slug="nothing-to-compare",
            notes=(f"it was taken for {taken.words}",),
            help="give a recording (`oauthctl trace list`) or what the browser's network panel saves as HAR",
        )


def _words(source: Source) -> str:
    name = source.name.get("file", "")
    return f"{name}: {source.words}" if name else source.words


def _findings(scene: Scene) -> tuple[Finding, ...]:
    from oauthctl.rules.diagnosis import diagnose

    return diagnose(scene).findings


def _alone(findings: tuple[Finding, ...], others: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that the other side does not have; hints are none of a failure."""
    from oauthctl.findings import Severity

    known = {one.rule for one in others}
    return tuple(one for one in findings if one.rule not in known and one.severity is not Severity.NOTE)


def _side(source: Source, scene: Scene, findings: tuple[Finding, ...]) -> Side:
    from dataclasses import replace

    from oauthctl.record.difference_recordings import Side

    # What the scene took an exchange for is more than its bytes tell: a request to a redirect URI is a callback whatever it brings.
    exchanges = tuple(seen.exchange for seen in scene.seen if seen.is_direct)
    recording = replace(scene.recording, exchanges=exchanges)
    return Side(recording, scene.facts, tuple(one for found in findings for one in found.evidence), _is_salted(source))


def _is_salted(source: Source) -> bool:
    """Whether all fingerprints are made now: those of a recording that was redacted before have a salt of their own."""
    recording = source.material.recording
    if recording.tool_version:
        return False
    texts = (text for one in recording.exchanges for text in (one.request.url.encode("utf-8", "replace"), one.request.body))
    return not any(b"redacted-" in text for text in texts)
