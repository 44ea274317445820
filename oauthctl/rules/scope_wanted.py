"""Which scope or permission an API says that it wants: in its challenge, in a header, in a member of its answer, in a sentence.

Here: reading it. Not here: judging whether the token has it (`api`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.param import Message
from oauthctl.rules.seen import Seen

# A scope that is named in a sentence: in quotes, or one that everybody knows.
_NAMED = re.compile(
    r"\bscopes?\b[^.'\"`]{0,30}['\"`]([\w:./-]{3,100})['\"`]|\b(openid|profile|email|offline_access)\b['\"`]? scope"
    r"|\bscopes?:? ([a-z]\w*[:.][\w:./-]{2,100})",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:missing|requires?d?|needs?|lacks?|not (?:contain|have|include))[^.\[(]{0,40}\bscopes?:? ?[\[(]([\w:./,'\" -]{3,300})[\])]",
    re.IGNORECASE,
)
# Members by which APIs name them: `required_scope`, `missingScopes`, `requiredGranularScopes`, `needed_permissions`.
_MEMBER = re.compile(
    r"^(?:required|missing|needed|expected|requires?)_?(?:\w{0,12}_?)?(?:scope|permission)s?$|^(?:scope|permission)s?_?(?:required|missing|needed)$",
    re.IGNORECASE,
)
# Strava names what is missing as a field of the token.
_FIELD = re.compile(r"^([a-z]+(?::[a-z_]+?)?)_permission$")
_SCOPE = re.compile(r"[A-Za-z][\w:./*-]{2,120}")
_MANY = 20


def wanted_scopes(seen: Seen[Message]) -> str:
    """The scopes that the API asks for, separated by blanks or commas; empty when it names none."""
    said = seen.reply.challenge.get("scope") if seen.reply.challenge else ""
    if said:
        return said
    accepted, has = seen.reply.header("x-accepted-oauth-scopes"), seen.reply.header("x-oauth-scopes")
    if accepted and not {one.strip() for one in accepted.split(",")} & {one.strip() for one in has.split(",")}:
        return accepted
    needed = seen.reply.members.get("needed")
    if isinstance(needed, str):
        return needed
    listed_there = _LIST.search(seen.reply.words)
    if listed_there:
        return " ".join(re.split(r"[\s,'\"]+", listed_there[1].strip(" '\"")))
    named = _NAMED.search(seen.reply.words) if seen.reply.verdict in (401, 403) else None
    if named is not None:
        return next(one for one in named.groups() if one)
    return " ".join(dict.fromkeys(list(_members(seen.reply.members, 4))[:_MANY])) if seen.reply.status in (400, 401, 403) else ""


def wanted_permissions(seen: Seen[Message]) -> str:
    """The permissions of an app that the API says would do, as GitHub's header has them: `issues=write; pull_requests=write`."""
    return seen.reply.header("x-accepted-github-permissions")[:200] if seen.reply.status in (403, 404) else ""


def _members(value: object, depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(value, dict):
        field = _FIELD.match(str(value.get("field", "")))
        if field and value.get("code") == "missing":
            yield field[1]
        if isinstance(value.get("granted"), list) and isinstance(value.get("required"), list):
            # Bitbucket: {"granted": [...], "required": [...]}.
            yield from _scopes(value["required"])
        for name, inner in value.items():
            yield from _scopes(inner) if _MEMBER.match(str(name)) else _members(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value[:_MANY]:
            yield from _members(inner, depth - 1)


def _scopes(value: object) -> Iterator[str]:
    values = value[:_MANY] if isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, str):
            yield from (part for part in re.split(r"[\s,]+", one) if _SCOPE.fullmatch(part))
