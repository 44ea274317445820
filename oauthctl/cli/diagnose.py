"""`oauthctl diagnose`: the root cause of a failure.

Here: the command and its formats. Not here: reading the source (`diagnosing`), the rules, how findings look (`views`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.options import AsJson, Timeout, output_of
from oauthctl.errors import ConfigError, ExitCode, did_you_mean

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.cli.output import Output
    from oauthctl.rules.diagnosis import Diagnosis
    from oauthctl.rules.scene import Scene

_FORMATS = ("text", "json", "sarif", "markdown")
_THRESHOLDS = ("error", "warning")


def command(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="[SOURCE]", help="A recording's id, a HAR file, a file with what you have, or `-` (default: the last recording)"
        ),
    ] = "",
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, sarif or markdown")] = "text",
    json: AsJson = False,
    fail_on: Annotated[str, typer.Option("--fail-on", metavar="SEVERITY", help="Exit 1 from there on: error or warning")] = "warning",
    only: Annotated[list[str] | None, typer.Option("--rule", metavar="SLUG", help="Apply this rule alone; can be repeated")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="SLUG", help="Leave this rule out; can be repeated")] = None,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="Look at it as of then (default: the recording's own time)")] = "",
    jwks: Annotated[str, typer.Option("--jwks", metavar="FILE|URL", help="Check signatures with these keys")] = "",
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL", help="The issuer that the client expects")] = "",
    audience: Annotated[list[str] | None, typer.Option("--audience", metavar="AUD", help="An audience that the API goes by")] = None,
    alg: Annotated[list[str] | None, typer.Option("--alg", metavar="ALG", help="An algorithm that is accepted; can be repeated")] = None,
    given: Annotated[str, typer.Option("--given", metavar="FILE", help="JSON: what is known of the client and its registration")] = "",
    timeout: Timeout = 30.0,
) -> int:
    """Name the root cause of a failure, with evidence.

    \b
      oauthctl diagnose                        what went wrong in the last run
      oauthctl diagnose login.har              what a browser's network panel saved
      pbpaste | oauthctl diagnose -            a URL, an answer, curl -v output, a token, a log line
      oauthctl diagnose login.har --given app.json
          {"registered_redirect_uris": ["https://app.example/cb"], "client_id": "web"}
      oauthctl explain code-verifier-mismatch  the page of one rule

    \b
    exit codes: 0 nothing is wrong, 1 something is, 2 SOURCE or an option can't be used,
    3 nothing could be checked or explained
    """
    from oauthctl.cli.diagnosing import Asked, examine

    out = output_of(ctx)
    form = _one_of("--format", "json" if json else format_, _FORMATS)
    threshold = _one_of("--fail-on", fail_on, _THRESHOLDS)
    _known_slugs((*(only or ()), *(ignore or ())))
    asked = Asked(
        source=source,
        at=at,
        jwks=jwks,
        given=given,
        issuer=issuer,
        audiences=tuple(audience or ()),
        algorithms=tuple(alg or ()),
        timeout_seconds=timeout,
    )
    read, scene = examine(out, asked)
    from oauthctl.rules.diagnosis import diagnose

    diagnosis = diagnose(scene, only=only or (), ignore=ignore or ())
    _print(out, form, read, scene=scene, diagnosis=diagnosis)
    return int(_exit_code(diagnosis, threshold))


def _print(out: Output, form: str, read: Source, *, scene: Scene, diagnosis: Diagnosis) -> None:
    if form == "text":
        from oauthctl.views.diagnosed import diagnosed_lines
        from oauthctl.views.lines import line

        out.say_prose((line(f"taken for {read.words}"),), indent=2)
        out.say_prose((line(f"note: {note}") for note in read.material.notes), indent=2)
        out.lines(diagnosed_lines(diagnosis, scene.recording, width=out.width, is_verbose=out.terminal.verbose))
    elif form == "markdown":
        from oauthctl.views.diagnosis_markdown import diagnosis_markdown

        out.data(diagnosis_markdown(diagnosis, read.words))
    else:
        out.json(_document(form, read, scene=scene, diagnosis=diagnosis))


def _document(form: str, read: Source, *, scene: Scene, diagnosis: Diagnosis) -> dict[str, Any]:
    from oauthctl import __version__
    from oauthctl.rules.registry import all_rules
    from oauthctl.views.diagnosis_document import diagnosis_document, sarif_document

    if form == "sarif":
        return sarif_document(diagnosis, read.document(scene), rules=all_rules(), version=__version__)
    return diagnosis_document(diagnosis, read.document(scene))


def _exit_code(diagnosis: Diagnosis, threshold: str) -> ExitCode:
    from oauthctl.findings import Severity

    counted = (Severity.ERROR,) if threshold == "error" else (Severity.ERROR, Severity.WARNING)
    if any(finding.severity in counted for finding in diagnosis.findings):
        return ExitCode.NO
    return ExitCode.DONE if diagnosis.findings or (diagnosis.checked and not diagnosis.unexplained) else ExitCode.UNKNOWN


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ConfigError(f"`{option}` can't be `{value}`", help=f"use {', '.join(f'`{option} {one}`' for one in allowed)}")
    return value


def _known_slugs(slugs: tuple[str, ...]) -> None:
    if not slugs:
        return
    from difflib import get_close_matches

    from oauthctl.rules.registry import all_rules

    known = {rule.slug for rule in all_rules()}
    for slug in slugs:
        if slug not in known:
            near = get_close_matches(slug, known, 3)
            raise ConfigError(
                f"there is no rule `{slug}`",
                slug="unknown-rule",
                help=f"{did_you_mean(near)} all of them are listed by `oauthctl explain rules`".lstrip(),
            )
