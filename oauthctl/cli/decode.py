"""`oauthctl decode`: what is in a token, without any key.

Here: text in, tokens out. Not here: what of the text stands for itself (`token_lines`), reading tokens (`jose`), their form
(`views.decoded`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, At, TokenText, output_of

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.cli.token_lines import Piece


def command(
    ctx: typer.Context,
    token: TokenText = "",
    other: Annotated[
        str, typer.Argument(metavar="TOKEN_B|@FILE", show_default=False, help="With `--diff`, the other token (default: the text's second)")
    ] = "",
    diff: Annotated[bool, typer.Option("--diff", help="Compare two tokens; exit code 1: they differ")] = False,
    key: Annotated[str, typer.Option("--key", metavar="FILE", help="Private key that opens what is encrypted: JWK, JWKS or PEM")] = "",
    at: At = "",
    json: AsJson = False,
) -> int:
    """Show what is in a token. Nothing is verified.

    \b
      oauthctl token | oauthctl decode
      oauthctl decode @answer.json          a token response, a URL, a cookie
      oauthctl decode --at 2026-01-31T12:00:00Z @token.txt
      oauthctl decode --json < tokens.txt   one JSON line for each line
      oauthctl decode --diff @works.txt @fails.txt
      oauthctl decode --diff < tokens.txt   two tokens, a line each
      oauthctl decode --key client.jwks @id-token.txt   with what is inside of an encrypted one

    Every JWT, JWS and JWE is read, whatever its algorithm: `none`, unknown or broken. Exit code 1: nothing in it could be read.
    """
    if diff or other:
        from oauthctl.cli.decode_diff import decode_diff

        return decode_diff(output_of(ctx), token, other, is_asked=diff, at=at, json=json)
    from oauthctl.cli.clock import clock
    from oauthctl.cli.token_input import token_text
    from oauthctl.cli.token_lines import pieces

    out, now = output_of(ctx), clock(at)
    text = token_text(out, token, command="decode")
    text = _opened(out, text, key) if key else text
    given = pieces(text)
    if not any(piece.found for piece in given) and not (json and len(given) > 1):
        raise _nothing(text)
    if json:
        return _documents(out, given, now)
    return _shown(out, given, now)


def _opened(out: Output, text: str, path: str) -> str:
    """The text with each encrypted token's inside in its place. Raises `CheckFailed` where the key opens none of them."""
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.errors import CheckFailed
    from oauthctl.jose.jwe import Undecryptable, decrypt
    from oauthctl.jose.jwk import load_key
    from oauthctl.jose.jwt import Kind, find_tokens, take_apart

    keys, why = load_key(read_bytes(path)), "there is no encrypted token in the text"
    sealed = [taken for taken in (take_apart(one.token_text) for one in find_tokens(text)) if taken.kind is Kind.JWE]
    opened = 0
    for taken in sealed:
        try:
            inner = decrypt(taken.compact, keys)
        except Undecryptable as error:
            why = str(error)
            continue
        opened += 1
        text = text.replace(taken.compact, inner)
        out.say(f"opened with `{taken.alg}` and `{taken.header_text('enc')}`: what follows was inside")
    if not opened:
        raise CheckFailed(f"nothing could be opened: {why}", slug="token-encrypted", where=path, spec="RFC 7516 section 5.2")
    return text


def _shown(out: Output, given: tuple[Piece, ...], now: datetime) -> int:
    from oauthctl.cli.token_lines import tell_empty
    from oauthctl.jose.jwt import take_apart
    from oauthctl.messages.remarks import remarks
    from oauthctl.views.decoded import decoded_lines

    readable, is_first = False, True
    for piece in given:
        for one in piece.found:
            taken = take_apart(one.token_text)
            readable = readable or taken.header is not None
            lines = decoded_lines(taken, piece.label(one.where), now=now, remarks=remarks(taken, now), width=out.width)
            out.lines(lines if is_first else ((), *lines))
            is_first = False
    tell_empty(out, given)
    if readable:
        out.say("nothing was verified: check signature and claims with `oauthctl verify`")
    return 0 if readable else 1


def _documents(out: Output, given: tuple[Piece, ...], now: datetime) -> int:
    """The one document; or one JSON line for each line of the text, in order, whatever stands in it."""
    from json import dumps

    some = False
    for piece in given:
        document, readable = _document(piece, now)
        some = some or readable
        if piece.line:
            out.data(dumps(document | {"line": piece.line}, ensure_ascii=False))
        else:
            out.json(document)
    return 0 if some else 1


def _document(piece: Piece, now: datetime) -> tuple[dict[str, object], bool]:
    """The first token's document, with those of further ones as `more`; and whether any of them could be read."""
    from oauthctl.jose.jwt import take_apart
    from oauthctl.messages.remarks import remarks
    from oauthctl.views.decoded import decoded_document

    found = [(one.where, take_apart(one.token_text)) for one in piece.found]
    if not found:
        return {"where": "", "kind": "none", "verified": False, "header": None, "claims": None, "problems": ["no token was found"]}, False
    documents = [decoded_document(taken, where, now=now, remarks=remarks(taken, now)) for where, taken in found]
    if len(documents) > 1:
        documents[0]["more"] = documents[1:]
    return documents[0], any(taken.header is not None for _, taken in found)


def _nothing(text: str) -> Exception:
    from oauthctl.errors import CheckFailed

    return CheckFailed(
        "no token was found in the text" if text.strip() else "the input is empty",
        slug="no-token",
        notes=("a token is looked for in headers, JSON answers, URLs, cookies and bare lines",),
        help="give the token alone, such as `oauthctl decode @token.txt`",
    )
