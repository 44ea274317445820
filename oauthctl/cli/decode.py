"""`oauthctl decode`: what is in a token, without any key.

Here: text in, tokens out, one at a time or line by line. Not here: finding and reading them (`jose`), their form (`views.decoded`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, At, output_of

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output


def command(
    ctx: typer.Context,
    token: Annotated[
        str,
        typer.Argument(
            metavar="TOKEN|@FILE|-", help="Token, or text with tokens in it; `-` is stdin. Other users can see arguments (`ps`)"
        ),
    ] = "",
    at: At = "",
    json: AsJson = False,
) -> int:
    """Show what is in a token. Nothing is verified.

    \b
      oauthctl token | oauthctl decode
      oauthctl decode @answer.json          a token response, a URL, a cookie
      oauthctl decode --at 2026-01-31T12:00:00Z @token.txt
      oauthctl decode --json < tokens.txt   one JSON line for each line

    Every JWT, JWS and JWE is read, whatever its algorithm: `none`, unknown or broken. Exit code 1: nothing in it could be read.
    """
    from oauthctl.cli.clock import clock
    from oauthctl.cli.token_input import token_text

    out, now = output_of(ctx), clock(at)
    text = token_text(out, token, command="decode")
    lines = _lines(text) if json else ()
    if lines:
        return _each_line(out, lines, now)
    return _one(out, text, now=now, json=json)


def _one(out: Output, text: str, *, now: datetime, json: bool) -> int:
    from oauthctl.jose.jwt import find_tokens, take_apart
    from oauthctl.messages.remarks import remarks
    from oauthctl.views.decoded import decoded_lines

    found = find_tokens(text)
    if not found:
        raise _nothing(text)
    if json:
        document, readable = _document(text, now)
        out.json(document)
        return 0 if readable else 1
    readable = False
    for index, one in enumerate(found):
        taken = take_apart(one.token_text)
        readable = readable or taken.header is not None
        shown = decoded_lines(taken, one.where, now=now, remarks=remarks(taken, now), width=out.width)
        out.lines(((), *shown) if index else shown)
    if readable:
        out.say("nothing was verified: check signature and claims with `oauthctl verify`")
    return 0 if readable else 1


def _each_line(out: Output, lines: tuple[str, ...], now: datetime) -> int:
    """One JSON line for each line, in order, whatever stands in it."""
    from json import dumps

    some = False
    for text in lines:
        document, readable = _document(text, now)
        some = some or readable
        out.data(dumps(document, ensure_ascii=False))
    return 0 if some else 1


def _document(text: str, now: datetime) -> tuple[dict[str, object], bool]:
    """The first token's document, with those of further ones as `more`; and whether any of them could be read."""
    from oauthctl.jose.jwt import find_tokens, take_apart
    from oauthctl.messages.remarks import remarks
    from oauthctl.views.decoded import decoded_document

    found = [(one.where, take_apart(one.token_text)) for one in find_tokens(text)]
    if not found:
        return {"where": "", "kind": "none", "verified": False, "header": None, "claims": None, "problems": ["no token was found"]}, False
    documents = [decoded_document(taken, where, now=now, remarks=remarks(taken, now)) for where, taken in found]
    if len(documents) > 1:
        documents[0]["more"] = documents[1:]
    return documents[0], any(taken.header is not None for _, taken in found)


def _lines(text: str) -> tuple[str, ...]:
    """The lines when each is an input of its own; empty when the text is one thing: JSON, an HTTP message, a command, a wrapped token."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or _is_json(text) or "HTTP/" in lines[0] or any(line.rstrip("\r").endswith("\\") for line in lines):
        return ()
    return () if _is_wrapped(text, lines) else tuple(lines)


def _is_wrapped(text: str, lines: list[str]) -> bool:
    """Whether all lines together are one token, and none is one by itself."""
    from oauthctl.jose.jwt import find_tokens, take_apart

    found = find_tokens(text)
    if len(found) != 1 or not take_apart(found[0].token_text).is_jwt:
        return False
    return len("".join(text.split())) == len(found[0].token_text) and not any(take_apart(line).is_jwt for line in lines)


def _is_json(text: str) -> bool:
    from json import loads

    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _nothing(text: str) -> Exception:
    from oauthctl.errors import CheckFailed

    return CheckFailed(
        "no token was found in the text" if text.strip() else "the input is empty",
        slug="no-token",
        notes=("a token is looked for in headers, JSON answers, URLs, cookies and bare lines",),
        help="give the token alone, such as `oauthctl decode @token.txt`",
    )
