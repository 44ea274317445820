"""What a rule is, and the list of all.

Here: the decorator, what rules yield, finding a rule's arguments by its annotations. Not here: any rule; running them in order and ranking
what they find (`diagnosis`).
"""

from __future__ import annotations

import importlib
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from oauthctl.findings import Candidate, Certainty, Evidence, Severity
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.record.tokens import HeldToken
from oauthctl.record.transaction import KeySet
from oauthctl.rules.given import Given
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

__all__ = ["Candidate", "Certainty", "Evidence", "Found", "Jwt", "Refuted", "Rule", "Run", "Severity", "all_rules", "rule", "spoken"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields: `cause` says in one or two sentences what is wrong, `help` what to change and where.

    `title` is the rule's own when it is empty, `severity` too. `candidates` and `probe` are for what the evidence can't decide.
    """

    cause: str
    help: str
    evidence: tuple[Evidence, ...]
    certainty: Certainty = Certainty.CERTAIN
    title: str = ""
    severity: Severity | None = None
    candidates: tuple[Candidate, ...] = ()
    probe: str = ""


@dataclass(frozen=True, slots=True)
class Refuted:
    """What a rule yields when the evidence speaks against its cause: a provider's words for it don't count then.

    `exchange` is the one that says so, where it isn't the subject's own: a token request's answer, for a rule about the sign-in before it.
    `rule` is another rule's slug, where the evidence speaks against that one.
    """

    exchange: int | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token as a rule's subject: where it was held, and the facts that were worked out before its signature went."""

    held: HeldToken
    facts: typing.Mapping[str, Any]

    @property
    def claims(self) -> dict[str, Any]:
        """The claims; empty for a token that has none to read."""
        return self.held.token.claims or {}

    @property
    def header(self) -> dict[str, Any]:
        """The header; empty for a token that has none to read."""
        return self.held.token.header or {}

    def evidence(self, place: str, expected: str = "", got: str = "") -> Evidence:
        """Evidence in this token: `.claims.exp`, `.header.alg`."""
        return Evidence(self.held.exchange, f"{self.held.place}{place}", expected, got)


Body = Callable[..., Iterator["Found | Refuted"]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `explains` are the slugs that are its consequences, `is_decisive` says that its silence refutes a provider's word.

    `needs` is what its parameters are annotated with, the subject first. Without a body it is one that only a provider's words tell.
    """

    slug: str
    title: str
    sections: tuple[Section, ...]
    severity: Severity
    explains: tuple[str, ...]
    is_decisive: bool
    body: Body | None
    needs: tuple[Need, ...]

    def runs(self, scene: Scene) -> Iterator[Run]:
        """The rule with each subject for which all that it needs is there."""
        if self.body is None:
            if scene.seen:
                yield Run(self, None, ())
            return
        if self.needs[0].kind is Scene:
            yield Run(self, None, (scene,))
            return
        subject, others = self.needs[0], self.needs[1:]
        for value, exchange in _subjects(subject, scene):
            arguments: list[object] = [value]
            for need in others:
                found = _argument(need, value, scene)
                if found is None and not need.is_optional:
                    break
                arguments.append(found)
            else:
                yield Run(self, exchange, tuple(arguments))

    def missing(self, scene: Scene) -> str:
        """What it would have needed, as a phrase: `no token request was seen`."""
        return next(
            (f"no {need.words} was seen" for need in self.needs if not need.is_optional and not _has(need, scene)),
            "nothing for it was seen",
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A rule with its arguments; `exchange` is its subject's."""

    rule: Rule
    exchange: int | None
    arguments: tuple[object, ...]

    def results(self) -> tuple[Found | Refuted, ...]:
        """What it finds, and what it knows not to be so."""
        return tuple(self.rule.body(*self.arguments)) if self.rule.body else ()


@dataclass(frozen=True, slots=True)
class Need:
    """One annotation: `Seen[TokenRequest]`, `AuthorizationRequest | None`, `Jwt`, `Given`, `Scene`."""

    kind: type
    message: type[Message] | None = None
    is_optional: bool = False

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        kind = self.message or self.kind
        return kind.title if issubclass(kind, Message) else "token" if kind is Jwt else kind.__name__.lower()


def rule(
    *sections: Section, severity: Severity = Severity.ERROR, explains: tuple[str, ...] = (), decisive: bool = False
) -> Callable[[Body], Rule]:
    """Declare a rule: its slug is the function's name, its title the docstring's first line."""

    def declare(body: Body) -> Rule:
        title = (body.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        slug = body.__name__.replace("_", "-")
        return Rule(slug, title, sections, severity, explains, decisive, body, _needs(body))

    return declare


def spoken(*sections: Section, severity: Severity = Severity.ERROR) -> Callable[[Callable[[], None]], Rule]:
    """Declare a rule that fires on a provider's words alone, as `dialects.toml` has them: a policy, say, that no message shows."""

    def declare(named: Callable[[], None]) -> Rule:
        title = (named.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        return Rule(named.__name__.replace("_", "-"), title, sections, severity, (), False, None, ())

    return declare


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule: what the modules of this package declare, in the order of their names."""
    import oauthctl.rules

    found: list[Rule] = []
    for name in sorted(module.name for module in pkgutil.iter_modules(oauthctl.rules.__path__)):
        module = importlib.import_module(f"oauthctl.rules.{name}")
        found += [value for value in vars(module).values() if isinstance(value, Rule)]
    return tuple(found)


def _needs(body: Body) -> tuple[Need, ...]:
    hints = typing.get_type_hints(body)
    hints.pop("return", None)
    return tuple(_need(hint) for hint in hints.values())


def _need(hint: Any) -> Need:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = _need(next(one for one in arguments if one is not types.NoneType))
        return Need(inner.kind, inner.message, is_optional=True)
    if typing.get_origin(hint) is Seen:
        return Need(Seen, arguments[0])
    return Need(hint)


def _subjects(need: Need, scene: Scene) -> list[tuple[object, int | None]]:
    if need.kind is Seen and need.message is not None:
        return [(seen, seen.id) for seen in scene.each(need.message)]
    if need.kind is Jwt:
        return [(Jwt(held, facts), held.exchange) for held, facts in scene.tokens]
    if issubclass(need.kind, Message):
        return [(message, seen.id) for seen in scene.seen for message in (seen.sent, seen.back) if type(message) is need.kind]
    raise TypeError(f"a rule's subject can't be `{need.kind.__name__}`")


def _argument(need: Need, subject: object, scene: Scene) -> object | None:
    if need.kind is Scene:
        return scene
    if need.kind is Given:
        return scene.given
    exchange, url = _place(subject, scene)
    if need.kind is Seen:
        return _partner(need.message, exchange, scene)
    if need.kind is ProviderMetadata:
        return scene.metadata_for(url) if url else scene.metadata[0][0] if len(scene.metadata) == 1 else None
    if need.kind is KeySet:
        return scene.key_sets[-1][0] if scene.key_sets else None
    own = scene.direct(exchange)
    if own is not None:
        for message in (own.sent, own.back):
            if type(message) is need.kind:
                return message
    partner = _partner(need.kind, exchange, scene)
    return partner.sent if partner is not None else None


def _place(subject: object, scene: Scene) -> tuple[int | None, str]:
    if isinstance(subject, Seen):
        return subject.id, subject.url
    if isinstance(subject, Jwt):
        exchange = subject.held.exchange
    elif isinstance(subject, Message):
        exchange = subject.exchange
    else:
        return None, ""
    seen = scene.order.by_number.get(exchange)
    return exchange, seen.url if seen is not None else ""


def _partner(kind: type[Message] | None, exchange: int | None, scene: Scene) -> Seen[Message] | None:
    """The message of this kind in the same attempt; for kinds outside of attempts the last one before."""
    attempt = scene.attempt_of(exchange)
    if attempt is not None:
        for seen in (attempt.asked, attempt.returned, *attempt.redeemed):
            if seen is not None and kind is not None and type(seen.sent) is kind:
                return seen
    others = scene.outside(kind or Message)
    found = others if exchange is None else scene.order.before(others, exchange + 1)
    return found[-1] if found else None


def _has(need: Need, scene: Scene) -> bool:
    if need.kind is Jwt:
        return bool(scene.tokens)
    if need.kind is Seen and need.message is not None:
        return bool(scene.each(need.message))
    if need.kind is ProviderMetadata:
        return bool(scene.metadata)
    if issubclass(need.kind, Message):
        return any(type(message) is need.kind for seen in scene.seen for message in (seen.sent, seen.back))
    return True
