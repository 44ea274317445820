"""Scopes as they are asked for, named in a refusal, and granted.

Here: finding and comparing them. Not here: judging (`scope`, `scope_granted`, `resource`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.device import DeviceAuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.messages.scope_names import bare_name
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.dialects import said_by_provider
from oauthctl.rules.front_channel import Refusal, refusal_of, spoken_words
from oauthctl.rules.seen import Seen

SAYS_SCOPE = re.compile(r"scope|AADSTS70011|AADSTS650053", re.IGNORECASE)
SAYS_NOT_ALLOWED = re.compile(
    r"unauthori[sz]ed.scope|(?:not|n't|cannot|isn.t)\s+(?:been\s+|be\s+|to\s+)?(?:allowed|authori[sz]ed|permitted|granted|assigned|enabled"
    r"|entitled|approved|available|request)\b.{0,80}scope|scope.{0,120}(?:not|n't)\s+(?:been\s+|currently\s+)?(?:allowed|authori[sz]ed"
    r"|permitted|granted|assigned|enabled|entitled|approved|available)",
    re.IGNORECASE,
)
# What OpenID Connect defines: servers leave these out of an answer's `scope` as they like.
OPENID_SCOPES = frozenset(("openid", "profile", "email", "address", "phone", "offline_access"))
_QUOTED = re.compile(r"[\"'`“‘]([^\"'`”’\s]{2,120})[\"'`”’]")
_LISTED = re.compile(r"scopes?\W{0,2}:\s*([^;)]{1,400})", re.IGNORECASE)
# More names than anybody asks for cost time alone.
_MANY = 100
_SEPARATORS = re.compile(r"[\s,]+")


def scope_text(sent: Message) -> str:
    """The `scope` parameter as it was sent; empty for a message that has none."""
    if isinstance(sent, AuthorizationRequest | TokenRequest | DeviceAuthorizationRequest):
        raw = sent.raw("scope")
        return raw if isinstance(raw, str) else ""
    return ""


def scope_refusal(seen: Seen[Message], returned: Seen[AuthorizationResponse] | None) -> Refusal | None:
    """The refusal of a request on account of its scope: the code says `scope`, or the words do."""
    if isinstance(seen.sent, AuthorizationRequest):
        refusal = refusal_of(seen.as_(AuthorizationRequest), returned)
    elif seen.reply.failed:
        refusal = Refusal(seen, spoken_words(seen))
    else:
        return None
    if refusal is None or refusal.says(SAYS_SCOPE):
        return refusal
    return refusal if any(entry.rule.startswith("scope-") for entry, _ in said_by_provider(refusal.seen)) else None


def named_in(words: str, scopes: Iterable[str]) -> tuple[str, ...]:
    """Those of the scopes that the words name; names shorter than three characters only in quotes."""
    found = []
    for scope in tuple(scopes)[:_MANY]:
        quoted = rf"(?<![A-Za-z0-9_.:/%,+-]){re.escape(scope)}(?![A-Za-z0-9_:/%+-]|[.,][A-Za-z0-9])"
        if len(scope) > 2 and scope.lower() not in ("scope", "scopes") and re.search(quoted, words, re.IGNORECASE):
            found.append(scope)
    return tuple(found)


def names_other(words: str, scopes: Iterable[str]) -> bool:
    """Whether the words quote something, and none of these scopes."""
    quoted = {one.lower() for one in _QUOTED.findall(words)}
    for listed in _LISTED.findall(words):
        quoted |= {one.lower().strip(".;'\"") for one in listed.split()}
    return bool(quoted) and not quoted & {scope.lower() for scope in scopes}


def split_scopes(text: str) -> tuple[str, ...]:
    """Scopes of an answer; commas separate, too, as GitHub has it."""
    return tuple(one for one in _SEPARATORS.split(text) if one)


def resource_of(scope: str) -> str:
    """The API that a scope's name begins with: `https://graph.microsoft.com` of `https://graph.microsoft.com/User.Read`; empty for "
    "others."""
    head, slash, tail = scope.rpartition("/")
    return head if slash and tail and "://" in head and len(head.partition("://")[2]) > 0 else ""


def is_covered_by(wanted: str, granted: Iterable[str]) -> bool:
    """Whether a scope was granted under its name, another spelling of it, or as a part of a wider one (`read:org` of `admin:org`)."""
    names = {bare_name(one) for one in granted}
    name = bare_name(wanted)
    parent, colon, child = name.partition(":")
    wider = (
        {parent, f"admin:{child}", f"write:{child}", f"{parent}:*", f"manage:{child}"}
        if colon
        else {"repo"}
        if name == "public_repo"
        else set()
    )
    return name in names or bool(wider & names) or (colon == ":" and parent == "repo" and "repo" in names)
