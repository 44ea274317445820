"""Secrets in foreign words that nothing announces: `request failed with GOCSPX-…`, `curl -u web:…`, a random-looking word.

Here: what tells such a secret by itself: its provider's mark, its place in a command line, its shape. Not here: secrets behind a word for
them (`prose`), under a name (`secret_assignments`). What tells the cause must stay: codes of errors, names of classes, hosts, paths, RFCs,
key ids, trace ids, UUIDs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import unquote

from oauthctl.record.secret_assignments import Substitute
from oauthctl.record.token_marks import marked, other_halves

# `-u` and `--user` of curl and wget, also behind other letters, `-a` and `--auth` of HTTPie. Source: the manuals of these programs.
_CREDENTIALS = re.compile(
    r"(?<!\S)(?:-(?:[A-Za-z]{0,3}[uU]|a)\s{0,9}|--(?:user|proxy-user|auth)(?:\s{1,9}|=))(?:"
    r"(?P<quote>\\?[\"'])[^:\"'\s\\]{0,200}:(?P<quoted>[^\"'\r\n\\]{1,1000})(?=\\?[\"'])|[^:\"'\s]{0,200}:(?P<bare>[^\s\"',;]{1,1000}))"
)
# `-b` and `--cookie` of curl.
_COOKIE = re.compile(r"(?<!\S)(?:-b\s{1,9}|--cookie(?:\s{1,9}|=))\\?[\"']?[\w.$-]{1,80}=(?P<value>[^\s;\"'\\]{1,4096})")
# What people are told in answers and what programs print. Source of the names: `error_description` of RFC 6749 section 5.2, and the
# members that providers have beside it.
_SAID = re.compile(
    r"\"(?P<name>error(?:_?description|_?message|Summary)?|message|detail|title|msg|errmsg|reason|local_error|log)\"\s{0,9}:\s{0,9}"
    r"(?P<value>\"(?:[^\"\\]++|\\.)*+\")|\berror_description=\"(?P<challenge>[^\"]{1,4096})\""
)
_WORD = re.compile(
    # What has a place of its own: addresses, paths, times.
    r"(?P<kept>[A-Za-z][A-Za-z0-9+.-]{0,30}:\\?/\\?/[^\s\"'<>]*|(?<![A-Za-z0-9+])\.{0,2}/[^\s\"'<>:]+|urn:[^\s\"'<>]+)"
    r"|(?<![A-Za-z0-9_@/.\\-])(?P<word>[A-Za-z0-9+/_~!$-]{12,4096}+={0,2}+)(?![A-Za-z0-9@(\\])(?!\.[A-Za-z])"
)
# What a word right before says that the next one is known to everybody: `kid 2fA9…`, `client_id=0oa1…`, `Trace ID: …`.
_PUBLIC = re.compile(
    r"(?:\b(?:kid|id|ids|client|app|application|tenant|user|username|account|pool|realm|org|organi[sz]ation|project|subject|sub|audience|aud"
    r"|issuer|iss|scope|scopes|role|arn|nonce|state|challenge|thumbprint|fingerprint|digest|etag|sha-?256|x5t|jti|ray|reference|ref|class"
    r"|method|function|module|file|host|server|pod|node|version|build|commit|image|package|principal|key ?id|matches|signing key|by key"
    r"|(?:public|verification|encryption|web) key)|(?<=[a-z_])(?:id|ID|Id)|_challenge|\b(?:state|nonce)(?: \w{2,12}){1,2})"
    r"(?:\s(?:is|was|with|of|for|value|the|named|called))?\s{0,2}(?:=>|[=:])?\s{0,2}\\?[\"'`(\[{<]{0,2}$",
    re.IGNORECASE,
)
_BEFORE = 40
# The form of a bot's token, known by no mark. Source: https://core.telegram.org/bots/api#authorizing-your-bot.
_OF_A_BOT = re.compile(r"(?:(?<=/bot)|(?<![\w:./%-]))\d{8,12}(?::|%3[Aa])[A-Za-z0-9_-]{35}(?![\w-])")
# UUIDs as well.
_HEX = re.compile(r"[0-9a-fA-F-]+")
# The pairs of letters that words are made of, English ones and those of protocols.
_PAIRS = frozenset(
    """
    ab ac ad ag ai al am an ap ar as at au av ay ba be bl bo br bu by ca ce ch ci ck cl co cr ct cu da de di do du ea
    ec ed ee ef ei el em en ep er es et ex ey fa fe ff fi fl fo fr fu ga ge gh gi gl go gr gu ha he hi ho hu ia ib ic
    id ie if ig il im in io ir is it iv iz ke ki ks la ld le li lk ll lo ls lt lu ly ma mb me mi mm mo mp mu na nc nd
    ne nf ng ni nk nn no ns nt nu oc od of og ok ol om on oo op or os ot ou ov ow pa pe ph pi pl po pp pr ps pt pu qu
    ra rc rd re rg ri rk rm rn ro rr rs rt ru rv ry sa sc se sh si sk sl so sp ss st su sy ta te th ti tl to tp tr ts
    tt tu ty ub uc ud ue ug ui ul um un up ur us ut va ve vi we wi wo ws wt ya ye
    """.split()  # noqa: SIM905 - one pair a line would be two hundred lines
)
_PAIR = re.compile(r"(?=([A-Za-z0-9]{2}))")
_LEAST_OF_A_TEXT = 0.55
# The name of a container, which ends with what was drawn for it: `web-7d9f8b6c5d-x2x9k`.
_POD = re.compile(r"[a-z0-9-]+-[a-z0-9]{8,10}-[a-z0-9]{5}")
# A number of a region or a pool is the beginning of a name that consoles show: `eu-west-1_AbCdEfGhI`.
_OF_A_REGION = re.compile(r"[a-z]{2}-[a-z]{4,12}-\d_\w+")
_LEAST_WITHOUT_CAPITALS, _DIGITS = 20, 3


def rewrite_marked(text: str, substitute: Substitute) -> str:
    """Any text without secrets that have their provider's mark, and without credentials on a command line."""
    # First what is known by what stands beside it.
    text = _without(_without(text, other_halves(text), substitute), marked(text), substitute)
    text = _OF_A_BOT.sub(lambda match: substitute("token", unquote(match[0])), text)
    if " -" not in text and text[:1] != "-":
        return text
    text = _COOKIE.sub(lambda match: match[0][: match.start("value") - match.start()] + substitute("cookie", match["value"]), text)
    return _CREDENTIALS.sub(lambda match: _without_password(match, substitute), text)


def _without(text: str, secrets: Iterator[re.Match[str]], substitute: Substitute) -> str:
    pieces, at = [], 0
    for match in secrets:
        pieces += [text[at : match.start()], substitute("token", match[0])]
        at = match.end()
    return "".join((*pieces, text[at:])) if pieces else text


def _without_password(match: re.Match[str], substitute: Substitute) -> str:
    group = "quoted" if match["quoted"] else "bare"
    # A user and group of a container, an address: `-u 1000:1000`.
    if match[group].isdigit():
        return match[0]
    start = match.start(group) - match.start()
    return match[0][:start] + substitute("password", match[group]) + match[0][match.end(group) - match.start() :]


def rewrite_said(text: str, change: Callable[[str], str]) -> str:
    """A body or header with what somebody says in it changed, and nothing else."""

    def replaced(match: re.Match[str]) -> str:
        if match["challenge"] is not None:
            return f'error_description="{change(match["challenge"])}"'
        try:
            value = str(json.loads(match["value"], strict=False))
        except ValueError:
            return match[0]
        new = change(value)
        return match[0] if new == value else match[0][: match.start("value") - match.start()] + json.dumps(new, ensure_ascii=False)

    return _SAID.sub(replaced, text)


def rewrite_random_words(text: str, substitute: Substitute, *, is_public: Callable[[str], bool] = lambda word: False) -> str:
    """Somebody's sentences without words that look as if they were drawn by lot. `is_public`: whether a word is shown elsewhere anyway."""

    def replaced(match: re.Match[str]) -> str:
        word = match["word"]
        if word is None or not looks_random(word) or _PUBLIC.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            return match[0]
        return match[0] if is_public(word) or _is_redacted_inside(word) else substitute("text", word)

    return _WORD.sub(replaced, text)


def _is_redacted_inside(word: str) -> bool:
    """Whether it is base64 of a text whose secret is gone: `user:redacted-…`."""
    standard = word.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    with suppress(ValueError):
        return b"redacted-" in base64.b64decode(standard + "=" * (-len(standard) % 4))
    return False


def looks_random(word: str) -> bool:
    """Whether nobody would choose such a word: too few of its pairs of letters are those of words."""
    if word.startswith(("redacted-", "ey")) or any(known.fullmatch(word) for known in (_HEX, _OF_A_REGION, _POD)):
        return False
    digits, has_small = sum(one.isdigit() for one in word), any(one.islower() for one in word)
    is_mixed = has_small and any(one.isupper() for one in word)
    if not (is_mixed or (has_small and digits >= _DIGITS and len(word) >= _LEAST_WITHOUT_CAPITALS)):
        return False
    # Where one part of a name ends and the next begins, two letters say nothing; a number is one thing.
    pairs = [pair for pair in _PAIR.findall(word) if not (pair.isdigit() or (pair[0].islower() and pair[1].isupper()))]
    return bool(pairs) and sum(pair.lower() in _PAIRS for pair in pairs) < _LEAST_OF_A_TEXT * len(pairs)
