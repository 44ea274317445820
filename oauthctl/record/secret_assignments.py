"""Secrets in any text that gives them a name: scripts, XML, events, logs, pages, JSON inside of other things.

Here: a secret's name, what stands between, and the value: `accessToken = "…"`, `setItem('refresh_token', '…')`,
`<accessToken>…</accessToken>`, `<meta name="csrf-token" content="…">`, `Bearer …`. Not here: forms, headers and the structure of JSON
(`secret_places`), values whose name is a member's value (`named_values`), sentences (`prose`). A text is read from its beginning to its
end, whatever is in it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from oauthctl.record.secret_names import in_words, is_ambiguous, is_name_itself, is_secret_name, says_nothing
from oauthctl.record.server_words import is_server_word

Substitute: TypeAlias = Callable[[str, str], str]
"""From a kind (`code`) and a secret to what stands in its place."""

# A quote as it is, escaped for the text that it is in, or written as an entity.
_QUOTE = r"(?:(?:(?<!\\)\\++(?:[\"'`]|u00(?:22|27|60)|x(?:22|27|60))|[\"'`])|&(?:quot|apos|\#0*3[49]|\#[xX]0*2[27]);)"
# What languages write before a string to say of which kind it is: `u'…'` and `b'…'` in Python, `@"…"` in C#.
_PREFIX = r"(?:[bBfFrRuU]{1,2}|[@$]{1,2})"
_NAME = r"(?:(?<![A-Za-z0-9_$.-])|(?<=u00(?:22|27))|(?<=x2[27]))(?P<name>[A-Za-z_$][A-Za-z0-9_$.-]{1,120}+)"
_ASSIGNED = re.compile(
    rf"(?P<call>[(\[]\s{{0,20}}+)?(?P<open>{_QUOTE})?{_NAME}(?P<close>{_QUOTE})?(?P<between>\s{{0,20}}+[\])]{{0,2}}(?:\.\w{{1,20}}+)?"
    rf"\s{{0,20}}+(?P<sign>=>|:=|[:=,])\s{{0,20}}+(?:{_PREFIX}(?={_QUOTE}))?)(?P<quote>{_QUOTE})?"
)
_BARE = re.compile(r"[A-Za-z0-9+/_~!$*.-]{10,}+={0,2}")
_ELEMENT = re.compile(
    r"<(?:[A-Za-z_][\w.-]{0,60}+:)?(?P<name>[A-Za-z_][\w.-]{1,120}+)(?P<rest>\s[^<>]{0,4096}+)?>(?:<!\[CDATA\[)?(?P<value>[^<>\]]{1,65536}+)"
    r"(?=(?:\]\]>)?</)"
)
# A page sets in `<code>` what it names, and a key is named by an id that everybody may see.
_KEY_BEFORE = re.compile(r"\b(?:by key|kid|key id) $", re.IGNORECASE)
_FAR_ENOUGH = 10
_TAG = re.compile(r"<[A-Za-z][\w:.-]{0,60}+(?=\s)(?P<rest>[^<>]{0,8192}+)")
_ATTRIBUTE = re.compile(
    r"""(?<![\w:.-])(?P<name>name|id|key|property|itemprop|value|content)\s{0,9}=\s{0,9}"""
    r"""(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s"'<>=`]++))""",
    re.IGNORECASE,
)
# A name that people read, and the value in the next cell of a table, the next element or the next line.
_SHOWN = re.compile(
    r"(?<![A-Za-z0-9_$.-])(?P<name>[A-Za-z_][A-Za-z0-9_.-]{1,60}+(?: [A-Za-z]{2,12}+)?)\s{0,9}+:?\s{0,9}+"
    r"(?P<between>(?:</?[A-Za-z][^<>]{0,300}+>\s{0,20}+){1,5}+:?\s{0,9}+)(?P<value>[A-Za-z0-9+/_~.-]{12,}+={0,2})"
)
_SCHEME = re.compile(
    r"(?<![A-Za-z0-9_-])(?P<scheme>Bearer|DPoP|Basic)(?P<space>[ +]|%20)(?P<value>[A-Za-z0-9+/_~.-]{10,}+={0,2})", re.IGNORECASE
)
# What is done with a secret in a script: `setToken("…")`, `document.cookie = "sid=…"`, `btoa("user:…")`.
_DONE = re.compile(
    rf"(?<![\w$])(?:(?:set|with|use|save|store|put|decode|verify)(?P<name>[A-Z]\w{{1,60}}+)\(\s{{0,9}}+(?P<quote>{_QUOTE})"
    rf"|document\.cookie\s{{0,9}}+=\s{{0,9}}+(?P<cookie_quote>{_QUOTE})[\w.$-]{{1,80}}+="
    rf"|btoa\(\s{{0,9}}+(?P<basic_quote>{_QUOTE})[^:\"'`\\]{{0,200}}+:)"
)
_PASSWORDS = ("password", "passwd", "passphrase", "pwd", "secret", "mnemonic", "seed_phrase")
# `E4031`, `ERR-403-12`, `AUTH_ERROR.0012`, `InvalidToken401`; one letter and six digits are what is sent to a telephone.
_CODE_OF_AN_ERROR = re.compile(
    r"(?![A-Z]-\d{6}$)[A-Z]{1,30}(?:[-_.][A-Z]{2,30}){0,4}[-_.]?\d{1,12}(?:[-_.]\d{1,6}){0,2}|(?:[A-Z][a-z]{2,30}){1,6}\d{1,6}"
)
_HEX = re.compile(r"[0-9a-fA-F-]{24,}")
_ENTITIES = ("&quot;", "&apos;", "&#")


@dataclass(frozen=True, slots=True)
class _Found:
    """A secret's place in a text: where its value begins and ends, what it means, and how it is called."""

    start: int
    end: int
    kind: str
    secret: str


def rewrite_assignments(text: str, substitute: Substitute) -> str:
    """The text with the values replaced that stand behind a secret's name, from one mark to the other; every other character stays."""
    for places in (_quoted, _done, _elements, _attributes):
        text = _replaced(text, places(text), substitute)
    return text


def rewrite_bare_values(text: str, substitute: Substitute) -> str:
    """The same for values that nothing closes, which must look like secrets. What is known should be gone from the text before."""
    for places in (_bare, _shown, _schemes):
        text = _replaced(text, places(text), substitute)
    return text


def _replaced(text: str, places: Iterator[_Found], substitute: Substitute) -> str:
    pieces, at = [], 0
    for found in places:
        new = substitute(found.kind, found.secret) if found.start >= at else found.secret
        if new != found.secret:
            pieces += [text[at : found.start], new]
            at = found.end
    return "".join((*pieces, text[at:])) if pieces else text


def _quoted(text: str) -> Iterator[_Found]:
    for match in _assignments(text):
        # A list of names is no assignment: with a comma it must be a call, or the value must look like a secret.
        is_sure = match["sign"] != "," or (match["call"] or "").startswith("(")
        quote, start = match["quote"], match.end()
        end = _end_of_quoted(text, start, quote) if quote else start
        if quote and end < 0 and (cut := _BARE.match(text, start)) is not None and cut.end() == len(text):
            # The text was cut off in the value.
            end = len(text)
        value = _meant(text[start:end], quote) if end > start else ""
        if is_secret_of(_own_name(match["name"]), value, is_sure=is_sure):
            yield _Found(start, end, in_words(_own_name(match["name"])), value)


def _bare(text: str) -> Iterator[_Found]:
    for match in _assignments(text):
        value = None if match["quote"] else _BARE.match(text, match.end())
        # What is called or looked up is a piece of a script.
        if value is None or text[value.end() : value.end() + 1] in ("(", "["):
            continue
        if is_secret_of(_own_name(match["name"]), value[0], is_sure=False):
            yield _Found(value.start(), value.end(), in_words(_own_name(match["name"])), value[0])


def _assignments(text: str) -> Iterator[re.Match[str]]:
    """Where a secret's name stands, and what makes the next thing its value."""
    at = 0
    while (match := _ASSIGNED.search(text, at)) is not None:
        at = match.end("name")
        if _is_secret_name(_own_name(match["name"])):
            yield match


def _done(text: str) -> Iterator[_Found]:
    for match in _DONE.finditer(text):
        kind = in_words(match["name"]) if match["name"] else "cookie" if match["cookie_quote"] else "password"
        quote, start = match["quote"] or match["cookie_quote"] or match["basic_quote"], match.end()
        ends = [end for end in (_end_of_quoted(text, start, quote), text.find(";", start) if kind == "cookie" else -1) if end > start]
        value = _meant(text[start : min(ends)], quote) if ends else ""
        if match["name"] and not (_is_secret_name(match["name"]) and is_secret_of(match["name"], value, is_sure=False)):
            continue
        if value and not value.startswith("redacted-"):
            yield _Found(start, min(ends), kind, value)


def _elements(text: str) -> Iterator[_Found]:
    if "</" not in text:
        return
    for match in _ELEMENT.finditer(text):
        named = _labels(match["rest"] or "").get("label", "")
        is_element = _is_secret_name(match["name"])
        name = match["name"] if is_element else named
        value = html.unescape(match["value"]).strip()
        # A part of a page can be called like a secret and show words.
        is_sure = is_element and not is_ambiguous(name)
        if match["name"] == "code" and _KEY_BEFORE.search(text[max(0, match.start() - _FAR_ENOUGH) : match.start()]):
            continue
        if name and _is_secret_name(name) and " " not in value and is_secret_of(name, value, is_sure=is_sure or _is_of_a_password(named)):
            yield _Found(match.start("value"), match.end("value"), in_words(name), value)


def _attributes(text: str) -> Iterator[_Found]:
    if "<" not in text:
        return
    for tag in _TAG.finditer(text):
        found = {"label" if one["name"].lower() not in ("value", "content") else "value": one for one in _ATTRIBUTE.finditer(tag["rest"])}
        if "label" not in found or "value" not in found:
            continue
        name = _labels(tag["rest"])["label"]
        group = found["value"].lastgroup or "bare"
        value = html.unescape(found["value"][group])
        if _is_secret_name(name) and value and not says_nothing(name, value):
            at = tag.start("rest")
            yield _Found(at + found["value"].start(group), at + found["value"].end(group), in_words(name), value)


def _labels(rest: str) -> dict[str, str]:
    """What an element is called by its attributes: the name that is a secret's, if one is."""
    if "=" not in rest:
        return {}
    names = [
        html.unescape(one[one.lastgroup or "bare"]) for one in _ATTRIBUTE.finditer(rest) if one["name"].lower() not in ("value", "content")
    ]
    return {"label": next((name for name in names if _is_secret_name(name)), names[0])} if names else {}


def _shown(text: str) -> Iterator[_Found]:
    if "<" not in text:
        return
    for match in _SHOWN.finditer(text):
        words = match["name"].split(" ")
        name = "_".join(words)
        if any(_is_secret_name(one) for one in (name, words[-1])) and looks_like_a_secret(match["value"], is_mixed=True):
            yield _Found(match.start("value"), match.end("value"), in_words(name), match["value"])


def _schemes(text: str) -> Iterator[_Found]:
    for match in _SCHEME.finditer(text):
        if looks_like_a_secret(match["value"]) or match["value"].startswith("ey"):
            kind = "credentials" if match["scheme"].lower() == "basic" else "access_token"
            yield _Found(match.start("value"), match.end("value"), kind, match["value"])


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    return is_secret_name(name)


def _own_name(written: str) -> str:
    """The name at the end of a path: `accessToken` of `window.auth.accessToken`, and of `form.password.value` the `password`."""
    parts = written.split(".")
    return parts[-2] if len(parts) > 1 and parts[-1] in ("value", "textContent", "innerText") else parts[-1]


def _end_of_quoted(text: str, start: int, quote: str) -> int:
    """Where the same quote closes the value; -1 when it does not."""
    end = text.find(quote, start)
    while end > start and text[end - 1] == "\\":
        before = end - 1
        while before > start and text[before - 1] == "\\":
            before -= 1
        if len(quote) == 1 and (end - before) % 2 == 0:
            break
        end = text.find(quote, end + 1)
    return end


def _meant(written: str, quote: str) -> str:
    """A value without the escapes of the text that it stands in."""
    if "&" in written and (quote.startswith(_ENTITIES) or quote in ('"', "'")):
        written = html.unescape(written)
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written.replace("\\/", "/")


def is_secret_of(name: str, value: str, *, is_sure: bool = True) -> bool:
    """Whether what stands behind a secret's name is one: words about it and other names are not."""
    if not value or value.startswith("redacted-") or says_nothing(name, value) or is_name_itself(value) or is_server_word(value):
        return False
    if _is_of_a_scheme(value) or _is_secret_name(value):
        return False
    if is_ambiguous(name):
        return looks_like_a_secret(value) and not is_error_code(value)
    if is_sure:
        return _is_of_a_password(name) or not any(one.isspace() for one in value)
    return looks_like_a_secret(value)


def is_error_code(value: str) -> bool:
    """Whether a value has the form that codes of errors have."""
    return _CODE_OF_AN_ERROR.fullmatch(value) is not None


def _is_of_a_password(name: str) -> bool:
    return name.lower().endswith(_PASSWORDS)


def _is_of_a_scheme(value: str) -> bool:
    """Whether it begins with a scheme: what follows is looked at by itself."""
    return value.partition(" ")[0].lower() in ("bearer", "basic", "dpop")


def looks_like_a_secret(value: str, *, is_mixed: bool = False) -> bool:
    """Whether letters and digits stand in it as in no word; with dots also small and capital ones, else it is a path in a script."""
    if value.startswith("redacted-") or "://" in value or len(value) < 10:
        return False
    has_digit, has_letter = any(one.isdigit() for one in value), any(one.isalpha() for one in value)
    if not (has_digit and has_letter):
        return False
    if _HEX.fullmatch(value):
        return True
    is_both = any(one.islower() for one in value) and any(one.isupper() for one in value)
    return is_both or not (is_mixed or "." in value or "/" in value)
