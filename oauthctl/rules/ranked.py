"""Findings with what decides their place, and those that stand in words alone: a provider's, a log's.

Here: ranks, what the tables of words add to the rules. Not here: running the rules, folding consequences (`diagnosis`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from oauthctl.findings import Certainty, Evidence, Finding, Severity
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.cookies import is_refused
from oauthctl.rules.dialects import Dialect, said_by_provider, said_in_log
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_RANKS = (
    # A certain flaw that explains no failure stands behind the certain and likely causes of one, and before mere possibilities.
    (True, Certainty.CERTAIN),
    (True, Certainty.LIKELY),
    (False, Certainty.CERTAIN),
    (False, Certainty.LIKELY),
    (True, Certainty.POSSIBLE),
    (False, Certainty.POSSIBLE),
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finding with what decides its place: the exchange that it explains, whether that one failed, how sure it is.

    `is_by_code` is for one that a provider's own code tells, `is_reading` for one that only the grammar of a server's sentence tells.
    """

    finding: Finding
    rule: Rule
    exchange: int | None
    explains_failure: bool
    is_by_code: bool = False
    is_reading: bool = False

    @property
    def key(self) -> tuple[int, int, int, bool]:
        finding = self.finding
        rank = _RANKS.index((self.explains_failure, finding.certainty))
        # A policy is the provider's alone to tell: its word for one goes before what a rule reads into the same words.
        return (_SEVERITIES.index(finding.severity), rank, self.exchange or 0, self.rule.body is not None)


def from_dialects(scene: Scene, rules: dict[str, Rule], refuted: set[tuple[str, int | None]]) -> list[Ranked]:
    """What a provider's own words tell of its failures."""
    found: list[Ranked] = []
    # An application that refuses a good answer often says so in the address that it sends the browser to.
    hosts = " ".join(sorted({host_of(seen.url) for seen in scene.seen}))
    sent_away = (seen for seen in scene.each(AuthorizationResponse) if seen.id not in scene.failed and is_refused(seen))
    for seen in (*scene.failures, *sent_away):
        for entry, phrase in said_by_provider(seen, hosts) or _said_by_verifier(seen, scene):
            rule = rules.get(entry.rule)
            if not entry.provider and seen.id not in scene.failed:
                continue
            if rule is not None and (rule.slug, seen.id) not in refuted:
                found.append(_spoken(entry, rule, seen.evidence("response", got=phrase), seen.id))
    return found


def _said_by_verifier(seen: Seen[Message], scene: Scene) -> tuple[tuple[Dialect, str], ...]:
    """What an API's answer that stands alone says in the words of the library that verified the token, which is what logs say."""
    if seen.url or seen.purpose not in (purposes.API, purposes.USERINFO) or seen.reply.status not in (400, 401, 403, 500):
        return ()
    said = said_in_log(seen.reply.words)
    return tuple(one for one in said if one[0].unless_seen != "cause" and not _is_judged(one[0], scene))


def from_log(scene: Scene, rules: dict[str, Rule], refuted: set[str], ranked: list[Ranked]) -> list[Ranked]:
    """What a program printed: about the last failure that was seen, and behind whatever is certain; what any exchange refutes is not so."""
    is_proved = any(one.finding.certainty is Certainty.CERTAIN and one.finding.severity is Severity.ERROR for one in ranked)
    exchanges = scene.failures or scene.seen
    found: list[Ranked] = []
    said = said_in_log(scene.given.local_error)
    is_explained = is_proved or any(entry.unless_seen != "cause" for entry, _ in said) or any(_is_sure(one) for one in ranked)
    for entry, phrase in said:
        rule = rules.get(entry.rule)
        if entry.unless_seen == "cause" and is_explained:
            continue
        # A sentence of a log that is only read says nothing against what was seen.
        is_beside = not entry.provider and (scene.tokens or any(seen.purpose and seen.url and seen.reply.has_answer for seen in scene.seen))
        if rule is not None and rule.slug not in refuted and not is_beside and not _is_judged(entry, scene):
            one = _spoken(entry, rule, Evidence(None, "given.local_error", "", phrase), exchanges[-1].id if exchanges else None)
            found.append(replace(one, explains_failure=bool(scene.failures) and not is_proved))
    return found


def _is_sure(one: Ranked) -> bool:
    return one.finding.certainty is not Certainty.POSSIBLE and one.finding.severity is Severity.ERROR


def _is_judged(entry: Dialect, scene: Scene) -> bool:
    """Whether the matter that the words are about was seen itself, so that the rules know better."""
    has_token = any(held.token.claims is not None for held, _ in scene.tokens)
    match entry.unless_seen:
        case "token":
            return has_token
        case "keys":
            return has_token and bool(scene.key_sets)
        case "metadata":
            return bool(scene.metadata)
        case _:
            return False


def _spoken(entry: Dialect, rule: Rule, evidence: Evidence, exchange: int | None) -> Ranked:
    finding = Finding(
        rule.slug,
        Severity.ERROR,
        entry.title or rule.title,
        (evidence,),
        entry.help,
        rule.sections,
        certainty=Certainty.LIKELY,
        cause=entry.means,
    )
    return Ranked(
        finding, rule, exchange, explains_failure=True, is_by_code=bool(entry.code) or entry.is_quoting, is_reading=not entry.provider
    )


def without_readings(ranked: list[Ranked]) -> list[Ranked]:
    """Without what is read into a sentence that something else, which knows more, explains."""
    known = [one for one in ranked if not one.is_reading and one.explains_failure and _is_sure(one)]
    return [one for one in ranked if not one.is_reading or not any(_are_about_one(one, other) for other in known)]


def _are_about_one(one: Ranked, other: Ranked) -> bool:
    """Whether two findings are about the same failure; what a log says is about any."""
    return one.exchange == other.exchange or None in (one.finding.evidence[0].exchange, other.finding.evidence[0].exchange)
