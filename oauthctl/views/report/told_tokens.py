"""The tokens of an exchange, decoded, each member with its meaning.

Here: header, claims, moments, what is known of the signature. Not here: finding tokens (`record.tokens`), judging them (`rules`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from oauthctl.findings import Outcome
from oauthctl.jose.jwt import Kind
from oauthctl.messages.claims import Claims
from oauthctl.messages.jose_header import ALGORITHMS, JoseHeader
from oauthctl.messages.param import Message
from oauthctl.record.exchange import Exchange
from oauthctl.record.tokens import HeldToken
from oauthctl.rules.scene import Scene
from oauthctl.views.decoded import moment_of, what_it_is
from oauthctl.views.moments import dated
from oauthctl.views.report.told import RECORDED, Mark, Row, ToldToken

_MARKS = {"iat": "issued", "nbf": "valid from", "exp": "expires"}


def told_tokens(scene: Scene) -> dict[int, tuple[ToldToken, ...]]:
    """By exchange its JWTs. Nothing can be said of an opaque token that its parameter does not say."""
    exchanges = {exchange.id: exchange for exchange in scene.recording.exchanges}
    found: dict[int, tuple[ToldToken, ...]] = {}
    for held, facts in scene.tokens:
        if held.exchange is not None and held.token.kind is not Kind.OPAQUE:
            known = found.get(held.exchange, ())
            told = _told(held, facts, exchanges[held.exchange])
            found[held.exchange] = known if told in known else (*known, told)
    return found


def written(value: Any) -> str:
    """A parameter's value as text: JSON for what is no string."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told(held: HeldToken, facts: Mapping[str, Any], exchange: Exchange) -> ToldToken:
    token, said = held.token, facts.get("signature")
    return ToldToken(
        role=held.role.value,
        place=held.place,
        what=what_it_is(token).removesuffix("; nothing was verified"),
        header=tuple(_rows(token.header or {}, JoseHeader, exchange.started_at)),
        claims=tuple(_rows(token.claims or {}, Claims, exchange.started_at)),
        marks=_marks(token.claims or {}, exchange.started_at),
        problems=token.problems,
        signature=Outcome(said) if said in tuple(Outcome) else None,
        signature_why=str(facts.get("signature_why") or ""),
    )


def _rows(members: Mapping[str, Any], message: type[Message], now: datetime) -> Iterable[Row]:
    params = message.params()
    for name, value in members.items():
        param = params.get(name)
        at = moment_of(param, value)
        shown = f"{written(value)}  {dated(at, now)}" if at is not None else written(value)
        meaning, section = (param.meaning, param.section) if param else ("", None)
        if message is JoseHeader and name in ("alg", "enc") and isinstance(value, str) and value in ALGORITHMS:
            meaning, section = ALGORITHMS[value]
        yield Row(name, shown, meaning, section, "" if param else "not a registered name")


def _marks(claims: Mapping[str, Any], now: datetime) -> tuple[Mark, ...]:
    params = Claims.params()
    moments = [(name, meaning, moment_of(params[name], claims.get(name))) for name, meaning in _MARKS.items()]
    found = [Mark(name, at, meaning) for name, meaning, at in moments if at is not None]
    return tuple(sorted((*found, Mark(RECORDED, now, "seen here")), key=lambda mark: mark.at)) if found else ()
