"""`oauthctl trace export`: a recording as a file for other tools and other people.

Here: the options, and where the text goes. Not here: the forms (`views.report`, `views.mermaid`, `views.markdown_report` …).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.rules.scene import Scene

_FORMATS = ("html", "mermaid", "markdown", "json", "har", "curl")
_ENDINGS = {".html": "html", ".htm": "html", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "markdown", ".json": "json"} | {
    ".har": "har",
    ".sh": "curl",
}


def command(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="[ID|FILE|-]", help="Recording (its id or a part of it), a HAR file, or `-` for stdin")
    ] = "last",
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="html, mermaid, markdown, json, har or curl (default: by the file's ending)")
    ] = "",
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write it there; `-` is stdout")] = "-",
) -> int:
    """Write a recording as HTML, Mermaid, Markdown and more.

    \b
      oauthctl trace export -o report.html               the latest recording, to look at in a browser
      oauthctl trace export 8f3a --format mermaid        a diagram that code hosts draw
      oauthctl trace export login.har -o report.md       what a browser's network panel saved, for a bug report
      oauthctl trace export --format curl -o replay.sh   each back-channel request; secrets are shell variables

    Secrets are replaced by fingerprints in every form. The HTML file is complete in itself and loads nothing. Of a browser's capture only
    the exchanges that matter are written, in HAR, too; how many others there are is said.
    """
    out = output_of(ctx)
    chosen = _format(form, output)
    from oauthctl.cli.diagnosing import Asked, examine
    from oauthctl.cli.output_file import check_output, write_output
    from oauthctl.views.lines import line

    check_output(output, reference)
    read, scene = examine(out, Asked(source=reference))
    for note in read.material.notes:
        out.say_prose((line(f"note: {note}"),), indent=2)
    text = _text(chosen, read, scene)
    if output == "-":
        out.data(text.removesuffix("\n"))
        return 0
    out.say(write_output(output, text))
    return 0


def _format(form: str, output: str) -> str:
    from pathlib import PurePath

    chosen = form or _ENDINGS.get(PurePath(output).suffix.lower(), "")
    if chosen in _FORMATS:
        return chosen
    ending = PurePath(output).suffix
    asked = (
        f"`--format` can't be `{form}`" if form else f"the ending `{ending}` stands for no format" if ending else "`--format` is missing"
    )
    raise ConfigError(asked, slug="unknown-format", help=f"use {', '.join(f'`--format {one}`' for one in _FORMATS)}")


def _text(form: str, read: Source, scene: Scene) -> str:
    if form == "har":
        return _har(scene)
    if form == "curl":
        from oauthctl.views.curl_script import curl_script

        return curl_script(scene, source=read.words)
    from oauthctl.rules.diagnosis import diagnose
    from oauthctl.views.report.tell import tell

    diagnosis = diagnose(scene)
    report = tell(scene, diagnosis, source=read.words, is_own_account=read.is_own_account)
    match form:
        case "html":
            from oauthctl.views.report.page import report_html

            return report_html(report)
        case "mermaid":
            from oauthctl.views.mermaid import mermaid

            return mermaid(report)
        case "markdown":
            from oauthctl.views.markdown_report import markdown_report

            return markdown_report(report, diagnosis)
        case _:
            import json

            from oauthctl.views.report_document import report_document

            return json.dumps(report_document(report), ensure_ascii=False, indent=2)


def _har(scene: Scene) -> str:
    import json

    from oauthctl.record.har import to_har

    return json.dumps(to_har(scene.recording, facts=scene.facts), ensure_ascii=False, indent=2)
