"""`oauthctl trace`: what the commands recorded, and captures of browsers.

Here: the group and the list. Not here: its other commands (`trace_show` …), the file format (`record.har`).
"""

from __future__ import annotations

import typer

from oauthctl.cli import trace_diff, trace_export, trace_replay, trace_share, trace_show, trace_tidy
from oauthctl.cli.options import AsJson, output_of

_HELP = """Look at the exchanges that were recorded.

\b
  oauthctl trace list
  oauthctl trace show                      the latest recording
  oauthctl trace show login.har            what a browser's network panel saved
  oauthctl trace import login.har          the same kept as a recording, without its secrets
  oauthctl trace redact login.har          the same to be attached to a bug report
  oauthctl trace export -o report.html     a page to look at in a browser, or to show others
  oauthctl trace diff 8f3a last            why one sign-in worked and the other failed
  oauthctl trace replay 8f3a               its requests once more: is it still answered like that?

Every command that talks to a server records what it sent and got; secrets are replaced before anything is written. `trace show` draws it:

\b
   you                         oauthctl                authorization server
    │                              │                              │
    │ 1 hands over the address     │                              │
    │◀─────────────────────────────│                              │
    │ authorization request  GET /authorize                       │
    │   scope openid · PKCE S256 · state, nonce                   │
    │╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶│
    │                              │                              │
    │ 2 callback  GET /callback    │                              │
    │   code Spl…IA · state, iss   │                              │
    │─────────────────────────────▶│                              │
    │ 200 OK                       │                              │
    │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│                              │
    │                              │                              │
    │                              │ 3 token request (authorization_code)
    │                              │   with code, code_verifier   │
    │                              │─────────────────────────────▶│
    │                              │ ✗ error[code-verifier-mismatch]: The
    │                              │   code_verifier is not the one whose
    │                              │   hash was the code_challenge
    │                              │ 400 Bad Request · 12 ms      │
    │                              │   invalid_grant              │
    │                              │   code_verifier does not match the
    │                              │   code_challenge of the authorization
    │                              │   request                    │
    │                              │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│
"""

app = typer.Typer(help=_HELP, no_args_is_help=True)


@app.command("list")
def list_recordings(ctx: typer.Context, json: AsJson = False) -> int:
    """List the recordings, the latest first.

    \b
      oauthctl trace list
      oauthctl trace list --json | jq -r '.recordings[].id'
    """
    from oauthctl.cli.clock import clock
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import summaries
    from oauthctl.views.recordings import Recorded, recordings_document, recordings_table

    out = output_of(ctx)
    found = tuple(
        Recorded(one.id, one.started_at, one.command, one.issuer, exchanges=one.exchange_count, outcome=one.outcome, name=one.name)
        for one in summaries(locations(out.terminal.environ), warn=out.warn)
    )
    if json:
        out.json(recordings_document(found))
    elif found:
        out.table(recordings_table(found, out.width, now=clock("")))
        out.say("look at one with `oauthctl trace show ID`")
    else:
        out.say("nothing is recorded yet: every command that talks to a server records its exchanges; try `oauthctl demo`")
    return 0


app.command("show")(trace_show.command)
app.command("export")(trace_export.command)
app.command("redact")(trace_share.redact)
app.command("import")(trace_share.import_)
app.command("delete")(trace_tidy.delete)
app.command("prune")(trace_tidy.prune)
app.command("diff")(trace_diff.command)
app.command("replay")(trace_replay.command)
