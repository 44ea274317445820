"""Secrets in sentences: `password=… wrong for alice`, `token … is expired`, `Refresh token not found: …`.

Here: values behind the words that announce a secret, and those whose place in a sentence tells what they are, in what servers and logs
say. Not here: parameters, members and headers (`secret_places`). Error codes, numbers and words of the language stay, for they tell what
is wrong: behind a mere word for a secret a value must look like one, anywhere else it must be none of the servers' words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from oauthctl.record.secret_names import in_words, is_ambiguous, is_name_itself, is_secret_name
from oauthctl.record.server_words import is_made_of_server_words, is_server_word, stands_for_nothing

_OPEN = r"(?:\\?[\"'`]|[\[(<\u201c\u2018])?"
_CLOSE = r"(?:\\?[\"'`]|[\])>\u201d\u2019])?"
_VALUE = r"(?P<value>[A-Za-z0-9+/_~!$*-](?:[A-Za-z0-9+/_~!$*.-]{0,4095}[A-Za-z0-9+/_~!$*-])?={0,2})"
_ANNOUNCED = re.compile(
    r"(?P<before>(?<![A-Za-z0-9])(?P<name>password|passwd|passphrase|pwd|secret|token|code|assertion"
    r"|(?:api|access|secret|shared|private|subscription)[_ -]?key)"
    rf"(?P<between>\s?[=:]\s?|\s(?:(?:is|was|value)\s)?){_OPEN}){_VALUE}",
    re.IGNORECASE,
)
_PASSWORDS = ("password", "passwd", "passphrase", "pwd")
_LEAST, _LEAST_OF_A_PASSWORD, _LEAST_OF_A_WORD = 12, 6, 5
_HEX = re.compile(r"[0-9a-fA-F]{24,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# A token or a code may have such an id beside it; a secret is never called by one.
_OPENING = ("secret", "api", "access", "private", "subscription", "shared", *_PASSWORDS)

# What is said of a value: right behind it, and between a word for it and the colon before it.
_SAYS = (
    r"(?:is|was|has|had|does|did|(?:is|was|has|had|does|did|ca)n['\u2019]?t|cannot|could|not|no longer|already|expired|unknown|revoked"
    r"|rejected|refused|invalid|wrong|mismatch\w*)"
)
_VERDICT = (
    rf"(?:{_SAYS}|longer|found|known|been|used|spent|valid|bad|incorrect|consumed|redeemed|reused|blocked|blacklisted|inactive|active|deleted"
    r"|received|presented|provided|given|supplied|sent|got|exists?|match(?:es|ed)?|recogni[sz]ed|unrecogni[sz]ed|malformed|disabled|value)"
)
_JUDGED = "(?:invalid|unknown|bad|wrong|expired|revoked|unrecogni[sz]ed|incorrect|no such)"
_KIND = (
    # The first letters of all that follows: most words are passed over at once.
    rf"(?<![A-Za-z0-9_.-])(?=[a-ehil-np-w])(?P<judged>{_JUDGED} )?"
    r"(?:(?P<other>error|status|response|reason|result|exit|country|language|region|http|source|server|unexpected)[ _-])?"
    r"(?:(?:access|refresh|bearer|id|device|client|shared|authori[sz]ation|auth|user|session|security|registration|verification)[ _-])?"
    r"(?P<name>token|code|secret|password|passwd|passphrase|passcode)"
)
_OWNER = r"(?: (?:of|for|from|by)(?: (?!(?:is|was|has)\b)\S{1,200}){1,3})?"
_QUALITY = (
    r"(?:(?:in)?valid|(?:un)?known|wrong|right|correct|current|expired"
    r"|(?:access|refresh|bearer|client|authorization|device|user)(?:['\u2019]s)?)"
)
# Where a value ends a clause, or is what the rest of it is about.
_END = rf"(?={_CLOSE}[ \t]{{0,2}}(?:$|[\r\n,;.)\]}}\"'\\|&#]|[\w.-]{{1,80}}=|(?:{_SAYS}|of|for|from|by|in)\b))"
_NAMED = re.compile(r"token|code|secret|pass(?:word|wd|phrase|code)", re.IGNORECASE)
_PLACES = (
    # `Refresh token not found: …`, `client secret: …`.
    re.compile(rf"(?P<before>{_KIND}(?P<verdict>(?: {_VERDICT}){{0,6}}) ?: {_OPEN}){_VALUE}{_END}", re.IGNORECASE),
    # `secret … is wrong for alice`, `password … of bob was refused`.
    re.compile(rf"(?P<before>{_KIND} (?:value )?{_OPEN}){_VALUE}(?={_CLOSE}{_OWNER} {_SAYS}\b)", re.IGNORECASE),
    # `Bad secret …`.
    re.compile(rf"(?P<before>(?={_JUDGED} ){_KIND} {_OPEN}){_VALUE}{_END}", re.IGNORECASE),
    # `… is not the client's secret`.
    re.compile(
        rf"(?P<before>(?<![\w./:@~!$*+=-]){_OPEN}){_VALUE}(?={_CLOSE} (?:is|was|isn['\u2019]t|wasn['\u2019]t)(?: no| not)?"
        rf"(?: an?| the| your)?(?: {_QUALITY}){{0,2}} (?P<name>token|code|secret|password|passphrase|passcode)"
        r"(?:$|[.,;!\"'\\\r\n]| (?:of|for)\b))",
        re.IGNORECASE,
    ),
)
# Right behind the sign stands the value whatever follows; behind a blank a sentence may begin.
_LABELLED = re.compile(
    r"(?<![A-Za-z0-9_.$%-])(?P<before>(?P<name>[A-Za-z][A-Za-z0-9_-]{2,60}+)(?:[=:](?!\s)|(?P<spaced>[ \t]?[:=][ \t]?)))"
    rf"(?P<value>[^\s\"'`<>(){{}}\[\],;&\\#:=…]{{4,4096}}+={{0,2}})(?![(\[{{:])(?(spaced){_END})"
)
_PATH_IN_A_SCRIPT = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+")


def rewrite_prose(text: str, substitute: Callable[[str, str], str]) -> str:
    """The sentences with the secrets replaced that they spell out."""

    def replaced(match: re.Match[str]) -> str:
        name, value = match["name"].lower(), match["value"]
        if not (_is_secret(value, is_assigned_password=match["between"] in ("=", ":") and name in _PASSWORDS) or _is_opening(name, value)):
            return match[0]
        return match["before"] + substitute(name.replace(" ", "_").replace("-", "_"), value)

    text = rewrite_labelled(_ANNOUNCED.sub(replaced, text), substitute)
    if _NAMED.search(text) is None:
        return text
    for place in _PLACES:
        text = place.sub(lambda match: _at_its_place(match, substitute), text)
    return text


def rewrite_labelled(text: str, substitute: Callable[[str, str], str]) -> str:
    """Any text without the words that stand behind a secret's own name: `client_secret=lilacwine does not match`."""

    def replaced(match: re.Match[str]) -> str:
        name, written = match["name"], match["value"]
        value = written.rstrip(".!?")
        if not is_secret_name(name) or is_ambiguous(name) or _PATH_IN_A_SCRIPT.fullmatch(value):
            return match[0]
        if not _is_no_word(value, may_be_words=match["spaced"] is None):
            return match[0]
        return match["before"] + substitute(in_words(name), value) + written[len(value) :]

    return _LABELLED.sub(replaced, text)


def _at_its_place(match: re.Match[str], substitute: Callable[[str, str], str]) -> str:
    groups, value = match.groupdict(), match["value"]
    # `code: E0000011`, `token: 5 left`: such words announce other things too unless something is said of them.
    is_mere_label = groups.get("verdict") == "" and not groups["judged"] and match["before"].lower().startswith(("code", "token"))
    if groups.get("other") or is_mere_label or len(value) < _LEAST_OF_A_WORD or not _is_no_word(value):
        return match[0]
    if "verdict" not in groups and _UUID.fullmatch(value):
        return match[0]
    return match["before"] + substitute(match["name"].lower(), value)


def _is_no_word(value: str, *, may_be_words: bool = False) -> bool:
    """Whether it is none of the words, codes and names by which a server says what is wrong; `may_be_words`: one made of several counts."""
    if value.startswith("redacted-") or (value.startswith("ey") and "." in value) or "://" in value or value[:1] in "/*":
        return False
    if is_name_itself(value) or is_secret_name(value) or is_server_word(value):
        return False
    return not (stands_for_nothing(value) if may_be_words else is_made_of_server_words(value))


def _is_secret(value: str, *, is_assigned_password: bool) -> bool:
    # A JWT loses its signature elsewhere, and keeps what can be decoded.
    if value.startswith("redacted-") or (value.startswith("ey") and "." in value):
        return False
    if is_assigned_password:
        return len(value) >= _LEAST_OF_A_PASSWORD and not is_server_word(value) and any(one.isalnum() for one in value)
    if _HEX.fullmatch(value):
        return any(one.isdigit() for one in value)
    return len(value) >= _LEAST and _is_mixed(value)


def _is_opening(name: str, value: str) -> bool:
    """Whether it is what opens something, right behind the word for that: short ones, and ids that serve as a secret, too."""
    if not name.startswith(_OPENING):
        return False
    return _UUID.fullmatch(value) is not None or (len(value) >= _LEAST_OF_A_PASSWORD and _is_mixed(value) and value.isalnum())


def _is_mixed(value: str) -> bool:
    """Whether small and capital letters and digits stand in it as in no word or name: `Zx9kQ2…`, and not `AADSTS50011`."""
    kinds = (any(one.islower() for one in value), any(one.isupper() for one in value), any(one.isdigit() for one in value))
    return all(kinds) and "://" not in value and not value.startswith("/")
