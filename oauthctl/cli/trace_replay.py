"""`oauthctl trace replay`: a recording's back-channel requests once more, and what is answered differently.

Here: the order of things and what is said. Not here: which requests can be sent again (`record.replaying`), fresh secrets
(`replay_secrets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, DryRun, ProfileName, Timeout, Trace, output_of
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.replay_secrets import Secrets
    from oauthctl.cli.session import Session
    from oauthctl.record.difference import Comparison
    from oauthctl.record.exchange import Exchange, Recording
    from oauthctl.record.replaying import Rules
    from oauthctl.rules.scene import Scene


@dataclass(frozen=True, slots=True)
class _Plan:
    """The exchanges that are sent again, as they were read, and why the others are not."""

    chosen: tuple[Exchange, ...]
    skipped: Mapping[int, str]
    labels: Mapping[int, str]


def command(
    ctx: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="[ID|FILE|-]", help="Recording (its id or a part of it), a HAR file, or `-` for stdin")
    ] = "last",
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="HOST", help="Send to this host, too (default: this machine alone); can be repeated"),
    ] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Repeat API calls that may change something, too (POST, DELETE …)")] = False,
    profile: ProfileName = "",
    dry_run: DryRun = False,
    timeout: Timeout = 30.0,
    trace: Trace = False,
    json: AsJson = False,
) -> int:
    """Send a recording's requests again, compare answers.

    \b
      oauthctl trace replay 8f3a --dry-run             what would be sent
      oauthctl trace replay 8f3a --host op.example     each host has to be named
      oauthctl trace replay works.har --profile work   with this profile's secret and tokens

    Sent are requests for metadata, keys, userinfo, introspection, refresh and client credentials, and API calls that change nothing. In the
    place of secrets that were taken out come those of the profile, and in the place of a used refresh token: its second use can end the
    sign-in. Refreshed tokens are kept. Codes work once, so they are left out.
    Exit code 0: the answers are the same; 1: they differ.
    """
    from oauthctl.cli.diagnosing import Asked, examine
    from oauthctl.record.replaying import Rules
    from oauthctl.record.used_up import used_up

    out = output_of(ctx)
    read, scene = examine(out, Asked(source=reference))
    spent = used_up(read.material.recording.exchanges)
    rules = Rules(frozenset(one.lower().strip("[]") for one in host or ()), unsafe, spent)
    plan = _plan(read.material.recording, scene, rules)
    if not plan.chosen:
        raise _nothing_left(plan)
    _tell_left_out(out, plan, plan.skipped)
    if dry_run:
        _tell_plan(out, plan, spent, as_json=json)
        return 0
    from oauthctl.cli.replay_secrets import Secrets
    from oauthctl.cli.session import Session
    from oauthctl.record.difference_recordings import issuer_of

    recording = read.material.recording
    issuer = recording.issuer or issuer_of(recording)
    is_ours = "id" in read.name and bool(recording.tool_version)
    secrets = Secrets(out, profile, issuer=issuer, rules=rules, is_ours=is_ours)
    plan = _without(plan, secrets.prepare(plan.chosen), out)
    with Session(out, "replay", issuer=issuer, trace=trace, timeout_seconds=timeout) as session:
        answers, plan = _send(session, plan, secrets)
    compared = _compared(scene, plan, session.world.recording, answers=answers)
    _tell(out, compared, session, left_out=_left_out(plan) if json else None)
    return 0 if compared.is_equal else 1


def _plan(recording: Recording, scene: Scene, rules: Rules) -> _Plan:
    from oauthctl.record.difference_alignment import label_of
    from oauthctl.record.replaying import why_not

    known = {seen.id: seen.purpose for seen in scene.seen if seen.is_direct}
    exchanges = tuple(replace(one, purpose=known.get(one.id, one.purpose)) for one in recording.exchanges)
    reasons = {one.id: why_not(one, rules) for one in exchanges}
    return _Plan(
        tuple(one for one in exchanges if not reasons[one.id]),
        {number: why for number, why in reasons.items() if why},
        {one.id: label_of(one) for one in exchanges},
    )


def _tell_plan(out: Output, plan: _Plan, spent: frozenset[str], *, as_json: bool) -> None:
    """What would be sent; in the place of fresh secrets stand their names."""
    from oauthctl.flows.dry_run import DryRun as Planned
    from oauthctl.flows.steps import Send
    from oauthctl.record.exchange import Recording
    from oauthctl.record.replaying import Need, Refill
    from oauthctl.views.dry_run import dry_run_document, dry_run_lines

    names = {need: f"<{need.value}>" for need in Need}
    planned = Planned(tuple(Send(Refill(names, spent=spent).request(one.request), plan.labels[one.id]) for one in plan.chosen), Recording())
    if as_json:
        out.json(dry_run_document(planned) | {"left_out": _left_out(plan)})
    else:
        out.lines(dry_run_lines(planned))


def _without(plan: _Plan, reasons: Mapping[int, str], out: Output) -> _Plan:
    """The plan without those that there is no fresh secret for."""
    rest = replace(plan, chosen=tuple(one for one in plan.chosen if one.id not in reasons), skipped={**plan.skipped, **reasons})
    if not rest.chosen:
        raise _nothing_left(replace(plan, skipped=reasons), help="name a profile that holds fresh tokens for this server: `--profile NAME`")
    _tell_left_out(out, plan, reasons)
    return rest


def _nothing_left(plan: _Plan, *, help: str = "") -> ConfigError:  # noqa: A002 - the error's own name for it
    notes = tuple(f"exchange {number}, {plan.labels[number]}: {why}" for number, why in [*plan.skipped.items()][:8])
    return ConfigError("nothing in the recording can be sent again", slug="nothing-to-replay", notes=notes, help=help)


def _tell_left_out(out: Output, plan: _Plan, reasons: Mapping[int, str]) -> None:
    for number, why in reasons.items():
        out.say(f"left out {number}, {plan.labels[number]}: {why}")


def _left_out(plan: _Plan) -> list[dict[str, object]]:
    return [{"exchange": number, "message": plan.labels[number], "why": why} for number, why in plan.skipped.items()]


def _send(session: Session, plan: _Plan, secrets: Secrets) -> tuple[dict[int, Exchange], _Plan]:
    """The new exchange in the place of each old one, and the plan as it was carried out."""
    answers: dict[int, Exchange] = {}
    for exchange in plan.chosen:
        if why := secrets.missing_for(exchange):
            session.out.say(f"left out {exchange.id}, {plan.labels[exchange.id]}: {why}")
            plan = replace(plan, skipped={**plan.skipped, exchange.id: why})
            continue
        answers[exchange.id] = secrets.send(session, exchange)
    return answers, plan


def _compared(scene: Scene, plan: _Plan, replayed: Recording, *, answers: dict[int, Exchange]) -> Comparison:
    """The answers, each with the one to the same request; both without secrets."""
    from secrets import token_bytes

    from oauthctl.record.difference import Comparison, MessagePair, ranked
    from oauthctl.record.difference_answers import differences_of_answers
    from oauthctl.record.difference_ground import Ground
    from oauthctl.record.difference_recordings import issuer_of
    from oauthctl.record.difference_telling import most_telling
    from oauthctl.record.redact import redact

    before = {one.id: one for one in scene.recording.exchanges}
    after = {one.id: one for one in redact(replayed, salt=token_bytes(32)).exchanges}
    ground = Ground(issuer_of(scene.recording), issuer_of(replayed) or issuer_of(scene.recording))
    pairs = []
    for number, answer in answers.items():
        old = replace(before[number], purpose=answer.purpose)
        pairs.append(MessagePair(plan.labels[number], number, answer.id, ranked(differences_of_answers(old, after[answer.id], ground))))
    compared = Comparison(tuple(pairs))
    return replace(compared, telling=most_telling(compared))


def _tell(out: Output, compared: Comparison, session: Session, *, left_out: list[dict[str, object]] | None) -> None:
    """What is answered differently; with a list of what was left out as JSON."""
    from oauthctl.views.differences import Sides, comparison_document, comparison_lines

    sides = Sides("as recorded", f"as answered now ({session.recording_id})" if session.recording_id else "as answered now")
    if left_out is not None:
        out.json(comparison_document(compared, sides) | {"recording": session.recording_id, "left_out": left_out})
        return
    count = len(compared.messages)
    if compared.is_equal:
        out.say(f"{count} answer{'' if count == 1 else 's'}, {'the same' if count == 1 else 'all the same'} as recorded")
    else:
        out.lines(comparison_lines(compared, sides, out.width))
    if session.recording_id:
        out.say(f"recorded as {session.recording_id}")
