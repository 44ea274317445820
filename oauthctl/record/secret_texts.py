"""Secrets in texts of no known form: private keys in PEM, forms in the middle of a line, blocks of YAML and TOML, what
PHP wrote, names and marks that are percent-encoded.

Here: `-----BEGIN PRIVATE KEY-----`, `data: access_token=…&x=1`, `access%5Ftoken=…`, `access_token%3D…`; and texts that are wholly base64.
Not here: texts with quotes (`secret_assignments`), sentences (`prose`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import quote, unquote, unquote_plus

from oauthctl.record.secret_assignments import Substitute, is_secret_of
from oauthctl.record.secret_names import in_words, is_ambiguous, is_secret_name

# Source: RFC 7468 section 2. The key ends at its last line, or where a text that was cut off does.
_PEM = re.compile(
    r"(?P<before>-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\{1,8}[rn]){0,20})"
    r"(?P<value>(?:-(?!----)|[^-\"'<>`]){1,65536}+)"
)
# A form in the middle of a text: another parameter follows, or it is all of an event's line.
_IN_LINE = re.compile(
    r"(?<![\w.%$-])(?P<name>[A-Za-z][\w.-]{1,80}+)=(?P<value>[\w.~%+*/!:-]{1,8192}+={0,2})(?=&[\w.%-]{1,80}+=)"
    r"|^data:[ ]?(?P<name_of_line>[A-Za-z][\w.-]{1,80}+)=(?P<value_of_line>[\w.~%+*/!:-]{1,8192}+={0,2})(?=\r?$)",
    re.MULTILINE,
)
# Source: YAML 1.2 section 8.1 (block scalars); TOML 1.0, multi-line strings.
_BLOCK = re.compile(
    r"^(?P<indent>[ \t]{0,40}+)(?:- )?[\"']?(?P<name>[A-Za-z_][\w.-]{1,80}+)[\"']?[ \t]{0,9}+"
    r"(?::[ \t]{0,9}+(?:!!?\w{1,20} )?[>|][-+0-9]{0,2}[ \t]*+\r?\n(?P<lines>(?:(?P=indent)[ \t]++\S[^\n]*+\n?)++)"
    r"|=[ \t]{0,9}+(?P<quote>\"\"\"|\'\'\')\r?\n?(?P<string>(?:(?!(?P=quote)).){1,65536}+)(?=(?P=quote)))",
    re.MULTILINE | re.DOTALL,
)
_BLOCK_SIGN = re.compile(r"[>|][-+0-9]{0,2}[ \t]{0,9}\r?\n|\"\"\"|\'\'\'")
_SERIALIZED = re.compile(r's:\d{1,3}:\\?"(?P<name>[\w.-]{1,80}+)\\?";s:\d{1,6}:(?P<quote>\\?")(?P<value>[^"\\]{1,65536}+)')
_NAME = r"(?P<name>[A-Za-z](?:[\w.-]|%(?:25){0,4}(?:5[FfBbDd]|2[DdEe])){1,80}+)"
_ENCODED = re.compile(
    rf"(?<![\w.%$-]){_NAME}(?P<sign>=|%(?:25){{0,4}}3[Dd])(?P<value>(?:[\w.~+*/!:-]|%(?!(?:25){{0,4}}(?:26|3[Bb]|23))){{1,8192}}+)"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}+={0,2}\s*+")
_FORM = re.compile(r"[\w.%-]{1,80}+=")


def rewrite_texts(text: str, substitute: Substitute) -> str:
    """The text without such secrets; every other character stays."""
    if "PRIVATE KEY" in text:
        text = _PEM.sub(lambda match: match["before"] + substitute("private_key", match["value"].rstrip()), text)
    if _BLOCK_SIGN.search(text):
        text = _BLOCK.sub(lambda match: _in_block(match, substitute), text)
    if ";s:" in text:
        text = _SERIALIZED.sub(lambda match: _serialized(match, substitute), text)
    if "=" in text:
        text = _IN_LINE.sub(lambda match: _in_line(match, substitute), text)
    return _ENCODED.sub(lambda match: _encoded(match, substitute), text) if "%" in text else text


def _in_block(match: re.Match[str], substitute: Substitute) -> str:
    """A YAML block or a TOML string of several lines whose name is a secret's, as one line of the same form."""
    group = "lines" if match["lines"] else "string"
    value = " ".join(match[group].split())
    if not is_secret_name(match["name"]) or not value or value.startswith("redacted-"):
        return match[0]
    written = match[group]
    before = written[: len(written) - len(written.lstrip())]
    after = written[len(written.rstrip()) :]
    return match[0][: match.start(group) - match.start()] + before + substitute(in_words(match["name"]), value) + after


def _serialized(match: re.Match[str], substitute: Substitute) -> str:
    """What PHP's `serialize` wrote, with the length that fits."""
    if not is_secret_name(match["name"]) or not is_secret_of(match["name"], match["value"]):
        return match[0]
    new = substitute(in_words(match["name"]), match["value"])
    if new == match["value"]:
        return match[0]
    head = match[0][: match.start("value") - match.start()]
    return re.sub(r"s:\d+:(?=\\?\"$)", f"s:{len(new.encode())}:", head) + new


def _in_line(match: re.Match[str], substitute: Substitute) -> str:
    part = "" if match["name"] else "_of_line"
    return _rewritten(match, match[f"name{part}"], f"value{part}", substitute)


def _encoded(match: re.Match[str], substitute: Substitute) -> str:
    if "%" not in match["name"] + match["sign"]:
        return match[0]
    return _rewritten(match, _plain(match["name"]), "value", substitute)


def _rewritten(match: re.Match[str], name: str, group: str, substitute: Substitute) -> str:
    value = _plain(match[group])
    if is_ambiguous(name) or not is_secret_name(name) or not is_secret_of(name, value):
        return match[0]
    new = substitute(in_words(name), value)
    start = match.start(group) - match.start()
    return match[0] if new == value else match[0][:start] + quote(new, safe="-._~") + match[0][match.end(group) - match.start() :]


def _plain(written: str) -> str:
    """Without escapes, once or often."""
    value = unquote_plus(written)
    while (plain := unquote(value)) != value:
        value = plain
    return value


def in_base64(text: str, change: Callable[[str], str]) -> str:
    """A text that is wholly base64 of a text, which is changed inside; any other as it is."""
    if not _BASE64.fullmatch(text):
        return text
    written = text.strip().rstrip("=")
    is_url_safe = "-" in written or "_" in written
    try:
        content = base64.b64decode(written.translate({ord("-"): "+", ord("_"): "/"}) + "=" * (-len(written) % 4), validate=True)
        return text if (new := in_octets(content, change)) == content else _again(new, is_url_safe=is_url_safe)
    except (binascii.Error, ValueError):
        return text


def _again(content: bytes, *, is_url_safe: bool) -> str:
    return (base64.urlsafe_b64encode if is_url_safe else base64.b64encode)(content).decode("ascii")


def in_octets(content: bytes, change: Callable[[str], str]) -> bytes:
    """Octets changed as the text that they are if they look like a body: JSON, a form, a page."""
    coding = coding_of(content)
    text = content.decode(coding, "surrogateescape" if coding == "utf-8" else "strict")
    start = text.lstrip("\ufeff \r\n\t")
    if start[:1] not in ("{", "[", "<", '"') and not _FORM.match(start):
        return content
    return change(text).encode(coding, "surrogateescape" if coding == "utf-8" else "strict")


def coding_of(content: bytes) -> str:
    """UTF-16 where the first octets tell, else UTF-8. Source: RFC 8259 section 8.1, the older RFC 4627 section 3."""
    if len(content) % 2 == 0 and len(content) > 2:
        # `utf-16-le` and not `utf-16`: the mark of the order stays a character of the text.
        if content.startswith(b"\xff\xfe") or (content[1] == 0 and content[0] != 0):
            return "utf-16-le"
        if content.startswith(b"\xfe\xff") or (content[0] == 0 and content[1] != 0):
            return "utf-16-be"
    return "utf-8"
