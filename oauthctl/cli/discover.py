"""`oauthctl discover`: what a provider publishes about itself.

Here: the command. Not here: where documents lie and how they are checked (`flows.discovery`), what is missing (`messages.metadata_gaps`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.client_options import StandardName
from oauthctl.cli.options import AsJson, Timeout, Trace, complete_profiles, output_of

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.findings import Finding
    from oauthctl.flows.discovery import Discovered


def command(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="Issuer URL, URL of a metadata document, or profile (default: the current profile)",
            autocompletion=complete_profiles,
        ),
    ] = "",
    other: Annotated[
        str, typer.Argument(metavar="B", show_default=False, help="With `--diff`, the other one", autocompletion=complete_profiles)
    ] = "",
    diff: Annotated[
        bool, typer.Option("--diff", help="Compare two servers, or one with saved metadata (a file, a recording); exit 1: they differ")
    ] = False,
    expect_issuer: Annotated[
        str, typer.Option("--expect-issuer", metavar="ISSUER", help="Issuer that the metadata carries, where it is not TARGET")
    ] = "",
    standard: Annotated[
        StandardName | None,
        typer.Option(
            "--standard", metavar="NAME", help="Tell only how it meets oauth2.1, fapi2, mcp or rfc8252; exit 1: it lacks something"
        ),
    ] = None,
    timeout: Timeout = 30.0,
    trace: Trace = False,
    json: AsJson = False,
) -> int:
    """Show a provider's metadata, and what is missing.

    \b
      oauthctl discover https://accounts.google.com
      oauthctl discover https://op.example/realms/staff/.well-known/openid-configuration
      oauthctl discover work --json | jq -r .metadata.token_endpoint
      oauthctl discover --diff https://test.op.example https://op.example
      oauthctl discover --diff saved.json         what was saved with `--json`, and now
      oauthctl discover https://op.example --standard fapi2

    Places are asked in this order until one answers with metadata; of an issuer `https://op.example/staff`:

    \b
      https://op.example/.well-known/oauth-authorization-server/staff
      https://op.example/.well-known/openid-configuration/staff
      https://op.example/staff/.well-known/openid-configuration

    That is the order of RFC 8414 sections 3.1 and 5, then OpenID Connect Discovery section 4. What OpenID Connect needs and the first
    document lacks is looked for in the places after it. The document must name the issuer that was asked for. Exit 3 when no place
    answers, or what answers can't be used; single members that are missing or wrong are told, and the exit code stays 0.
    """
    from oauthctl.cli.login_target import naming_near_profile
    from oauthctl.cli.session import Session
    from oauthctl.flows.discovery import discover
    from oauthctl.messages.metadata import issuer_of_url
    from oauthctl.messages.metadata_gaps import metadata_gaps
    from oauthctl.store.locations import locations

    out = output_of(ctx)
    if diff or other:
        return _compared(out, (target, other), is_asked=diff, trace=trace, timeout=timeout, json=json)
    url, expected = _settled(out, target)
    with Session(out, "discover", issuer=issuer_of_url(url), trace=trace, timeout_seconds=timeout) as session:
        with naming_near_profile(target, locations(out.terminal.environ), "discover"):
            found = session.run(discover(url, expected_issuer=expect_issuer or expected, whole=True))
        session.issuer = found.issuer or session.issuer
    if standard:
        return _held_against(out, found, standard, json=json)
    gaps = metadata_gaps(found.metadata)
    for warning in found.warnings:
        out.warn(warning)
    if json:
        out.json(_document(found, gaps))
    else:
        _print(out, found, gaps)
    return 0


def _held_against(out: Output, found: Discovered, name: str, *, json: bool) -> int:
    from oauthctl.messages.standards import STANDARDS, judged, lacking
    from oauthctl.views.standards import standard_document, standard_lines

    standard = STANDARDS[name]
    told = judged(standard, found.metadata)
    for warning in found.warnings:
        out.warn(warning)
    if json:
        out.json({"issuer": found.issuer or None} | standard_document(standard, told))
    else:
        out.lines(standard_lines(standard, told))
    return 1 if lacking(told) else 0


def _compared(out: Output, targets: tuple[str, str], *, is_asked: bool, trace: bool, timeout: float, json: bool) -> int:
    from oauthctl.cli.discover_diff import discover_diff
    from oauthctl.cli.session import Session
    from oauthctl.errors import ConfigError
    from oauthctl.flows.discovery import discover
    from oauthctl.messages.metadata import issuer_of_url

    if not is_asked:
        raise ConfigError("two targets were given", help="compare them with `oauthctl discover --diff`, or give one alone")

    def fetch(target: str) -> tuple[str, dict[str, Any]]:
        url, expected = _settled(out, target)
        with Session(out, "discover", issuer=issuer_of_url(url), trace=trace, timeout_seconds=timeout) as session:
            found = session.run(discover(url, expected_issuer=expected, whole=True))
        for warning in found.warnings:
            out.warn(warning)
        return found.url, dict(found.metadata.fields)

    return discover_diff(out, targets, fetch, as_json=json)


def _settled(out: Output, target: str) -> tuple[str, str]:
    """The URL to ask, and the issuer that a profile says the metadata carries. Raises `ConfigError`."""
    from oauthctl.cli.login_target import issuer_of_host, no_target
    from oauthctl.cli.settings import named_profile
    from oauthctl.errors import ConfigError
    from oauthctl.http import is_http_url
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations

    target = target or out.terminal.environ.get("OAUTHCTL_ISSUER", "") or named_profile(out)
    if is_http_url(target):
        return target, ""
    where = locations(out.terminal.environ)
    known = profiles.names(where)
    if not target:
        raise no_target("discover", known, example="oauthctl discover https://issuer.example")
    if target not in known:
        issuer = issuer_of_host(target)
        if issuer:
            return issuer, ""
        if "/" in target or ":" in target:
            raise ConfigError(f"`{target}` is no http or https URL", help="give the issuer in full: `https://issuer.example`")
    profile = profiles.load(where, target)
    if not profile.issuer:
        raise ConfigError(
            f"the profile `{target}` names no issuer",
            notes=("its endpoints were given by hand, so there is no metadata to look for",),
            help=f"look at it with `oauthctl profile show {target}`",
        )
    return profile.issuer, profile.expect_issuer


def _print(out: Output, found: Discovered, gaps: tuple[Finding, ...]) -> None:
    from oauthctl.views.discovered import attempt_lines, finding_lines, metadata_table
    from oauthctl.views.lines import Span, line, literals

    out.say("asked:")
    out.say_lines(attempt_lines(found))
    out.table(metadata_table(found, out.width))
    out.say_lines([line(Span("note", "dim"), ": ", *literals(remark)) for remark in found.remarks])
    out.say_lines(finding_lines(gaps))
    if not gaps:
        out.say(Span("✓", "success"), " nothing is missing")


def _document(found: Discovered, gaps: tuple[Finding, ...]) -> dict[str, Any]:
    metadata = found.metadata
    return {
        "issuer": found.issuer or None,
        "url": found.url,
        "attempts": [{"url": one.url, "result": one.result, "exchange": one.exchange} for one in found.attempts],
        "metadata": {name: metadata.raw(name) for name, _ in metadata.fields},
        "remarks": [*found.warnings, *found.remarks],
        "findings": [
            {"rule": gap.rule, "severity": gap.severity.value, "message": gap.message, "sections": [str(one) for one in gap.sections]}
            for gap in gaps
        ],
    }
