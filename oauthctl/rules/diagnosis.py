"""From the evidence to a ranked diagnosis: the root cause first, its consequences folded under it.

Here: running the rules, what a provider's own words add, ranking. Not here: any rule; where the evidence comes from (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from oauthctl.findings import Certainty, Finding
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.exchange import is_body_unseen
from oauthctl.record.log_words import TROUBLE
from oauthctl.record.transaction import describe
from oauthctl.rules.check_order import in_order_of_checks
from oauthctl.rules.dialects import said_in_log
from oauthctl.rules.hidden_parts import with_note_on_hidden
from oauthctl.rules.ranked import Ranked, from_dialects, from_log, without_readings
from oauthctl.rules.registry import Found, Jwt, Refuted, Rule, Run, all_rules
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import PageRequest, Seen
from oauthctl.rules.whole_literals import whole_sentences, with_whole_literals

# What a silent try is answered with when nobody is signed in. Source: OpenID Connect Core 1.0 section 3.1.2.6.
_PROBED = ("login_required", "interaction_required", "consent_required", "account_selection_required")


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule that could not be applied, and why."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, ranked; the slugs of the rules that were applied; those that were not, and why; what was out of sight.

    `unexplained` are failures that no rule has a cause for.
    """

    findings: tuple[Finding, ...] = ()
    checked: tuple[str, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    unseen: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()


def diagnose(scene: Scene, *, only: Iterable[str] = (), ignore: Iterable[str] = ()) -> Diagnosis:
    """Everything that is wrong, as far as it can be told. `only` and `ignore` are slugs of rules."""
    wanted, unwanted = frozenset(only), frozenset(ignore)
    rules = tuple(rule for rule in all_rules() if (not wanted or rule.slug in wanted) and rule.slug not in unwanted)
    ranked: list[Ranked] = []
    checked: list[str] = []
    not_checked: list[NotChecked] = []
    refuted: set[tuple[str, int | None]] = set()
    for rule in rules:
        runs = tuple(rule.runs(scene))
        if not runs:
            not_checked.append(NotChecked(rule.slug, rule.missing(scene)))
            continue
        checked.append(rule.slug)
        for run in runs:
            results = run.results()
            ranked += [_ranked(rule, one, run.exchange, scene.failed) for one in results if isinstance(one, Found)]
            refuted |= {(one.rule or rule.slug, one.exchange or run.exchange) for one in results if isinstance(one, Refuted)}
            if not results and rule.is_decisive and _is_readable(run, scene):
                refuted.add((rule.slug, run.exchange))
    by_slug = {rule.slug: rule for rule in rules}
    ranked += from_dialects(scene, by_slug, refuted)
    ranked += from_log(scene, by_slug, {slug for slug, _ in refuted}, ranked)
    findings = with_whole_literals(_fold(_without_guesses(_merged(without_readings(ranked))), scene), scene)
    if not findings and not has_evidence(scene):
        return Diagnosis(not_checked=tuple(NotChecked(rule.slug, "there is nothing of the protocol in it") for rule in rules))
    unexplained = () if findings or wanted or unwanted else whole_sentences(_unexplained(scene), scene)
    return Diagnosis(findings, tuple(checked), tuple(not_checked), _unseen(scene), unexplained)


def has_evidence(scene: Scene) -> bool:
    """Whether there is anything to judge: a message of the protocol, a token, or what somebody gave beside the recording."""
    return bool(scene.tokens or scene.given.members or any(seen.purpose for seen in scene.seen))


def _unexplained(scene: Scene) -> tuple[str, ...]:
    """The failures that concern the protocol, else what a log complains of.

    What an API answers to a good token, be it 404 or 500, is its own affair.
    """
    theirs = (purposes.API, purposes.USERINFO)
    concerning = (seen for seen in scene.failures if seen.purpose not in theirs or seen.reply.status in (401, 403))
    unsent = (seen for seen in scene.seen if seen.purpose and seen.is_direct and not seen.reply.has_answer and not _is_url(seen.url))
    found = tuple(_sentence(seen) for seen in (*concerning, *unsent) if seen.reply.error not in _PROBED)[:10]
    said = scene.given.local_error
    is_alone = not scene.tokens and not any(seen.purpose for seen in scene.seen)
    # Beside messages of the protocol, any program's warning may stand in a log; what the table knows is about a sign-in, if another one.
    if found or not (is_alone or said_in_log(said)):
        return found
    line = next(
        (line.strip() for line in said.splitlines() if TROUBLE.search(line)), said.strip().partition("\n")[0] if not is_alone else ""
    )
    return (f"the log: {line[:200]}",) if line else ()


def _is_url(url: str) -> bool:
    """Whether a request can go there at all; of what was pasted a part may be missing."""
    try:
        return "://" not in url or bool(urlsplit(url).hostname and (urlsplit(url).port or True))
    except ValueError:
        return False


def _is_readable(run: Run, scene: Scene) -> bool:
    """Whether the rule could read what it judges: silence about an opaque token, or a request that nobody saw, refutes nobody's word."""
    subject = run.arguments[0] if run.arguments else None
    if isinstance(subject, Seen):
        if isinstance(subject.sent, AuthorizationResponse) and run.rule.needs[0].message is Message:
            # Of a rule on any message: here it reads the answer to a request that may not be there.
            attempt = scene.attempt_of(subject.id)
            return attempt is not None and attempt.asked is not None
        if isinstance(subject.sent, AuthorizationResponse) and not subject.reply.has_answer and not len(subject.exchange.request.headers):
            # The first line of a request, as an access log has it: no cookie, no answer.
            return False
        return bool(subject.url) and not isinstance(subject.sent, PageRequest)
    return not isinstance(subject, Jwt) or subject.held.token.claims is not None


def _ranked(rule: Rule, found: Found, exchange: int | None, failed: frozenset[int]) -> Ranked:
    finding = Finding(
        rule.slug,
        found.severity or rule.severity,
        found.title or rule.title,
        found.evidence,
        with_note_on_hidden(found.help),
        rule.sections,
        certainty=found.certainty,
        cause=found.cause,
        candidates=found.candidates,
        probe=found.probe,
    )
    touched = [one.exchange for one in found.evidence if one.exchange in failed]
    explained = exchange if exchange in failed else (touched[0] if touched else None)
    return Ranked(finding, rule, explained if explained is not None else exchange, explained is not None)


def _merged(ranked: list[Ranked]) -> list[Ranked]:
    """One finding for each rule: the best of them, with the evidence of all."""
    best: dict[str, Ranked] = {}
    for one in sorted(ranked, key=lambda one: one.key):
        known = best.setdefault(one.finding.rule, one)
        if known is one:
            continue
        # Equally sure, the entry of a code says more: it knows that provider's console.
        is_better = one.is_by_code and not known.is_by_code and one.key == known.key
        kept, other = (one, known) if is_better else (known, one)
        best[one.finding.rule] = replace(kept, finding=_joined(kept, other))
    return list(best.values())


def _joined(kept: Ranked, other: Ranked) -> Finding:
    """One finding with the evidence of both; of the same exchange, what the other says is open stays open."""
    finding = replace(kept.finding, evidence=tuple(dict.fromkeys((*kept.finding.evidence, *other.finding.evidence)))[:12])
    if finding.candidates or finding.certainty is Certainty.CERTAIN or kept.exchange != other.exchange:
        return finding
    return replace(finding, candidates=other.finding.candidates, probe=other.finding.probe)


def _without_guesses(ranked: list[Ranked]) -> list[Ranked]:
    """Without possibilities for failures whose cause is known, and without what another finding explains."""
    known = {one.exchange for one in ranked if one.explains_failure and one.finding.certainty is not Certainty.POSSIBLE}
    kept = [
        one for one in ranked if one.finding.certainty is not Certainty.POSSIBLE or one.exchange not in known or not one.explains_failure
    ]
    slugs = {one.finding.rule for one in kept}
    explained = {slug for one in kept for slug in one.rule.explains if slug in slugs and slug != one.finding.rule}
    folded = [one for one in kept if one.finding.rule in explained]
    kept = [
        replace(
            one,
            finding=replace(
                one.finding,
                consequences=tuple(
                    dict.fromkeys(
                        f"{other.finding.rule}: {other.finding.message}" for other in folded if other.finding.rule in one.rule.explains
                    )
                ),
            ),
        )
        for one in kept
        if one.finding.rule not in explained
    ]
    return in_order_of_checks(sorted(kept, key=lambda one: one.key), slug=lambda one: one.finding.rule, group=lambda one: one.key[:3])


def _fold(ranked: list[Ranked], scene: Scene) -> tuple[Finding, ...]:
    """The failures that follow from the first finding are its consequences; those that only might be explained are no findings then."""
    if not ranked or not ranked[0].explains_failure:
        return tuple(one.finding for one in ranked)
    root, rest = ranked[0], ranked[1:]
    chain = _following(scene, root.exchange)
    own = {one.exchange for one in rest if one.finding.certainty is not Certainty.POSSIBLE}
    consequences = [_sentence(seen) for seen in chain if seen.id not in own]
    kept = [
        one.finding for one in rest if not (one.finding.certainty is Certainty.POSSIBLE and one.exchange in {seen.id for seen in chain})
    ]
    first = replace(root.finding, consequences=tuple(dict.fromkeys((*root.finding.consequences, *consequences))))
    return (first, *kept)


def _following(scene: Scene, exchange: int | None) -> list[Seen[Message]]:
    """The later failures of the same attempt, or of what was done with what it brought; a refused one brings nothing."""
    if exchange is None:
        return []
    attempt = scene.attempt_of(exchange)
    later = (seen for seen in scene.failures if seen.id > exchange and scene.attempt_of(seen.id) is attempt)
    is_barren = attempt is not None and attempt.returned is not None and bool(attempt.returned.sent.error)
    return [seen for seen in later if not is_barren or scene.is_in_attempt(seen.id)]


def _sentence(seen: Seen[Message]) -> str:
    reply = seen.reply
    answer = f"answered {reply.status}" if reply.status else "had no answer"
    said = f" `{reply.error[:80]}`" if reply.error else ""
    return f"exchange {seen.id}: {describe(seen.exchange)} {answer}{said}"


def _unseen(scene: Scene) -> tuple[str, ...]:
    """What the evidence can't show. Source: RFC 6749 section 4.1 for the two channels."""
    found: list[str] = []
    if any(one.returned is not None and one.returned.sent.code and not one.redeemed for one in scene.attempts):
        found.append("the token request for the code: a server-side application makes it out of the browser's sight")
    if scene.attempts and not any(seen.purpose == purposes.DISCOVERY for seen in scene.seen):
        found.append("the provider's metadata, hence nothing was compared with it")
    missing = [seen.id for seen in scene.seen if seen.purpose and seen.is_direct and _lacks_body(seen)]
    if missing:
        found.append(f"the answer's body in exchange {', '.join(str(one) for one in missing[:10])}")
    return tuple(found)


def _lacks_body(seen: Seen[Message]) -> bool:
    response = seen.exchange.response
    return response is not None and response.status == 200 and is_body_unseen(seen.exchange)
