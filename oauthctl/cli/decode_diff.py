"""`oauthctl decode --diff`: in what two tokens differ.

Here: finding both tokens, comparing them. Not here: what differs (`record.difference_tokens`), its form (`views.differences`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.output import Output
    from oauthctl.jose.jwt import Found, Token
    from oauthctl.record.difference import Difference


def decode_diff(out: Output, first: str, second: str, *, is_asked: bool, at: str, json: bool) -> int:
    """Compare two tokens, of one text or of two; 0 when they differ in nothing but what is new in each token, 3 when they can't be read."""
    from oauthctl.cli.clock import clock
    from oauthctl.jose.jwt import take_apart
    from oauthctl.views.differences import Sides, difference_lines, differences_document

    if not is_asked:
        raise ConfigError("two tokens were given", help="compare them with `oauthctl decode --diff`, or give one alone")
    now = clock(at)
    a, b = _both(out, first, second)
    tokens = take_apart(a.token_text), take_apart(b.token_text)
    if all(token.header is None for token in tokens) and not all(map(_looks_like_a_token, (a.token_text, b.token_text))):
        raise ConfigError(
            "neither A nor B is a token that can be read, hence nothing can be compared",
            slug="no-token",
            help="give two tokens, or name two files: `oauthctl decode --diff @works.txt @fails.txt`",
        )
    found = _differences(*tokens, now)
    if json:
        out.json(differences_document(found))
    else:
        from oauthctl.views.decoded import what_it_is

        words = tuple(
            f"{_label(given, one.where)}: {what_it_is(token)}" for given, one, token in zip((first, second), (a, b), tokens, strict=True)
        )
        out.lines(difference_lines(found, Sides(words[0], words[1]), out.width))
        out.say(_summary(found, tokens))
    return 1 if found else 0 if _is_readable(tokens) else 3


def _both(out: Output, first: str, second: str) -> tuple[Found, Found]:
    """Both tokens; of two answers with several tokens each those of the same name."""
    from oauthctl.cli.token_input import token_text

    if first == second == "-":
        raise ConfigError("stdin can't be both tokens", help="give both in one text: `oauthctl decode --diff < tokens.txt`")
    if not second:
        found = _tokens(token_text(out, first, command="decode --diff"))
        if len(found) < 2:
            raise ConfigError(
                "the text holds one token" if found else "no token was found in the text",
                slug="no-token",
                help="give two, a line each, or name two files: `oauthctl decode --diff @works.txt @fails.txt`",
            )
        return found[0], found[1]
    sides = tuple(_tokens(token_text(out, text, command="decode --diff")) for text in (first, second))
    for name, tokens in zip(("A", "B"), sides, strict=True):
        if not tokens:
            raise ConfigError(f"no token was found in {name}", slug="no-token", help="give the token alone, such as `@token.txt`")
    same = next(((one, other) for one in sides[0] for other in sides[1] if one.where == other.where), None)
    return same or (sides[0][0], sides[1][0])


def _looks_like_a_token(text: str) -> bool:
    """Whether it may be an opaque token, and no word of a sentence."""
    from oauthctl.record.secret_assignments import looks_like_a_secret

    return looks_like_a_secret(text) or text.count(".") > 1


def _label(given: str, where: str) -> str:
    """Where a token stood, its file first."""
    return ", ".join(part for part in (given[1:] if given.startswith("@") else "", where) if part) or "token"


def _tokens(text: str) -> tuple[Found, ...]:
    from oauthctl.cli.token_lines import pieces

    return tuple(found for piece in pieces(text) for found in piece.found)


def _differences(a: Token, b: Token, now: datetime) -> tuple[Difference, ...]:
    from oauthctl.record.difference import ranked
    from oauthctl.record.difference_ground import Ground
    from oauthctl.record.difference_tokens import differences_of_tokens

    ground = Ground(a.claim_text("iss"), b.claim_text("iss"), moments=(now.timestamp(), now.timestamp()))
    return ranked(differences_of_tokens(a, b, place="token", ground=ground))


def _is_readable(tokens: tuple[Token, Token]) -> bool:
    return all(token.header is not None for token in tokens)


def _summary(found: tuple[Difference, ...], tokens: tuple[Token, Token]) -> str:
    if found:
        return f"{len(found)} difference{'' if len(found) == 1 else 's'}; nothing was verified"
    if not _is_readable(tokens):
        return "nothing in them can be compared: they can't be read"
    return "nothing differs but what is new in each token"
