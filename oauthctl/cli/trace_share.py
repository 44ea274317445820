"""`oauthctl trace redact` and `oauthctl trace import`: captures without their secrets, as a file or as a recording.

Here: where they come from and go to. Not here: hiding the secrets (`sharing`, `record.redact`), the store (`store.recordings`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.diagnosing import Source
    from oauthctl.cli.output import Output

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

    from oauthctl.cli.sharing import shared_har

    out = output_of(ctx)
    read = _read(out, reference, output)
    text = json.dumps(shared_har(read.material, drop_claims=not keep_claims), ensure_ascii=False, indent=None if output == "-" else 1)
    if output == "-":
        out.data(text)
    else:
        _write(output, text + "\n")
    count = len(read.material.recording.exchanges)
    out.say(f"{f'wrote `{output}`: ' if output != '-' else ''}{count} exchange{'' if count == 1 else 's'}, each secret as a fingerprint")
    if keep_claims:
        out.say("names and addresses in tokens and userinfo are still there: `--drop-claims` takes them out")
    return 0


def _read(out: Output, reference: str, output: str) -> Source:
    from pathlib import Path

    from oauthctl.cli.diagnosing import read_source

    if "-" not in (reference, output) and Path(reference).resolve() == Path(output).resolve():
        raise ConfigError("`--output` is the capture itself, which would be lost", help="name another file")
    read = read_source(out, reference)
    for note in read.material.notes:
        out.say(f"note: {note}")
    if not read.material.recording.exchanges:
        raise ConfigError(
            f"there is no exchange of OAuth in `{'stdin' if reference == '-' else reference}`",
            slug="nothing-to-share",
            help="save the sign-in in the browser's network panel with `Save all as HAR`",
        )
    return read


def _write(path: str, text: str) -> None:
    from pathlib import Path

    try:
        Path(path).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"`{path}` can't be written: {(error.strerror or 'unknown').lower()}") from None
