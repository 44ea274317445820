"""`oauthctl trace redact` and `oauthctl trace import`: captures without their secrets, as a file or as a recording.

Here: where they come from and go to. Not here: hiding the secrets (`sharing`, `record.redact`), the store (`store.recordings`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.options import output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.cli.output import Output
    from oauthctl.rules.scene import Scene

KeepClaims = Annotated[
    bool,
    typer.Option(
        "--keep-claims/--drop-claims", help="Keep what JWTs and userinfo say of people, or put a word for its type in each value's place"
    ),
]


def redact(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="FILE|ID|-", help="HAR file, recording (its id or a part of it), or `-` for stdin", show_default=False)
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write it there; `-` is stdout")] = "-",
    keep_claims: KeepClaims = True,
) -> int:
    """Make a capture safe to attach to a bug report.

    \b
      oauthctl trace redact login.har -o safe.har
      oauthctl trace redact login.har --drop-claims -o safe.har    without names and addresses, too
      oauthctl trace redact login.har | oauthctl diagnose -        it tells the same

    Each secret becomes a fingerprint, the same for the same secret; JWTs lose their signature. What needs the secrets, such as whether the
    verifier fits the challenge and whether a signature holds, is worked out before and stands in the file. Of a browser's capture only the
    exchanges that matter are kept.
    """
    import json

    from oauthctl.cli.output_file import check_output, write_output
    from oauthctl.cli.sharing import shared_har

    out = output_of(ctx)
    check_output(output, reference)
    read = _read(out, reference)
    text = json.dumps(shared_har(read.material, drop_claims=not keep_claims), ensure_ascii=False, indent=None if output == "-" else 1)
    wrote = ""
    if output == "-":
        out.data(text)
    else:
        wrote = f"{write_output(output, text)}: "
    count = len(read.material.recording.exchanges)
    out.say(f"{wrote}{count} exchange{'' if count == 1 else 's'}, each secret as a fingerprint")
    if keep_claims:
        out.say("names and addresses in tokens and userinfo are still there: `--drop-claims` takes them out")
    return 0


def import_(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="FILE|-", help="HAR file, or `-` for stdin", show_default=False)],
    name: Annotated[str, typer.Option("--name", "-n", metavar="NAME", help="Call it this; goes where an id goes")] = "",
) -> int:
    """Keep a capture as a recording, without its secrets.

    \b
      oauthctl trace import login.har
      oauthctl trace import login.har --name works && oauthctl trace show works
      oauthctl diagnose $(oauthctl trace import login.har)

    Its id goes to stdout. The capture itself is not touched, and still holds its secrets.
    """
    out = output_of(ctx)
    from oauthctl.cli.clock import clock
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import is_name, save

    where = locations(out.terminal.environ)
    if name and not is_name(name):
        raise ConfigError(f"`--name` can't be `{name}`", help="use 1 to 64 letters, digits, `_` and `-`, and not `last`")
    _refuse_taken(out, name)
    read = _read(out, reference)
    if "id" in read.name:
        raise ConfigError(f"`{reference}` is a recording already", help=f"look at it with `oauthctl trace show {reference}`")
    document, outcome = _imported(read)
    id_ = save(where, document, command="import", started_at=clock(""), outcome=outcome, name=name)
    out.data(id_)
    found = "nothing wrong was found" if outcome == "done" else f"`{outcome}` was found"
    out.say(f"kept without secrets, {found}; look at it with `oauthctl trace show {name or id_}`")
    return 0


def _imported(read: Source) -> tuple[dict[str, Any], str]:
    """The document that is kept, and the slug of the worst that is wrong in it."""
    from dataclasses import replace
    from secrets import token_bytes

    from oauthctl.cli.sharing import shared_har
    from oauthctl.findings import Severity
    from oauthctl.rules.diagnosis import diagnose
    from oauthctl.rules.evidence import scene_of

    scene = scene_of(read.material, now=None, salt=token_bytes(32))
    errors = [finding.rule for finding in diagnose(scene).findings if finding.severity is Severity.ERROR]
    recording = read.material.recording
    known = replace(read.material, recording=replace(recording, issuer=recording.issuer or _issuer(scene)), facts=scene.facts)
    return shared_har(known), errors[0] if errors else "done"


def _issuer(scene: Scene) -> str:
    """Whom the capture is about: what its metadata says, else where the first sign-in went."""
    from oauthctl.http import origin

    stated = [document.issuer for document, _ in scene.metadata if document.issuer]
    asked = [attempt.asked.url for attempt in scene.attempts if attempt.asked is not None and attempt.asked.is_direct]
    if stated or not asked:
        return stated[0] if stated else ""
    try:
        return origin(asked[0])
    except ValueError:
        return ""


def _refuse_taken(out: Output, name: str) -> None:
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import summaries

    if name and any(one.name == name for one in summaries(locations(out.terminal.environ), warn=out.warn)):
        raise ConfigError(f"a recording is called `{name}` already", help=f"delete it with `oauthctl trace delete {name}`, or name another")


def _read(out: Output, reference: str) -> Source:
    from oauthctl.cli.diagnosing import read_source
    from oauthctl.views.lines import line

    read = read_source(out, reference)
    for note in read.material.notes:
        out.say_prose((line(f"note: {note}"),), indent=2)
    if not read.material.recording.exchanges:
        raise ConfigError(
            f"there is no exchange of OAuth in `{'stdin' if reference == '-' else reference}`",
            slug="nothing-to-share",
            help="save the sign-in in the browser's network panel with `Save all as HAR`",
        )
    return read
