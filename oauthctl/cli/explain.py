"""`oauthctl explain`: a word of the protocol in plain words.

Here: finding the word and printing it. Not here: the words (`messages.vocabulary`), their form (`views.explained`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, output_of

if TYPE_CHECKING:
    from oauthctl.errors import ConfigError
    from oauthctl.messages.word import Word


def command(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="WORD", help="A parameter, claim, error code, algorithm or standard")] = None,
    json: AsJson = False,
) -> int:
    """Explain a word of the protocol, with its source.

    \b
      oauthctl explain invalid_grant     what the error means, its usual causes, what to do
      oauthctl explain state             every message in which it stands
      oauthctl explain PKCE              a standard and the words that it defines
      oauthctl explain RFC 6749 4.1.3    the words of one section
      oauthctl explain                   all words that are known
    """
    from oauthctl.messages.vocabulary import cited_from, find, section_of, vocabulary
    from oauthctl.messages.word import Group
    from oauthctl.specs import Section
    from oauthctl.views.explained import defined_lines, explained_lines, word_document, word_list

    out = output_of(ctx)
    known = vocabulary()
    if not words:
        if json:
            out.json({"words": [word_document(word) for word in known]})
        else:
            out.lines(word_list(known, width=out.width))
            out.say("explain one of them with `oauthctl explain WORD`")
        return 0
    text = " ".join(words)
    found = find(text, known)
    if not found:
        raise _unknown(text, known)
    standard = next((word.word for word in found if word.group is Group.STANDARD), "")
    cited = (section_of(text) or Section(standard)) if standard else None
    defined = cited_from(cited, known) if cited else ()
    if json:
        document: dict[str, object] = {"word": text, "entries": [word_document(word) for word in found]}
        out.json(document | ({"defines": list(defined)} if cited else {}))
    else:
        out.lines((*explained_lines(found, width=out.width), *(defined_lines(cited, defined, width=out.width) if cited else ())))
    return 0


def _unknown(text: str, known: tuple[Word, ...]) -> ConfigError:
    from oauthctl.errors import ConfigError
    from oauthctl.messages.vocabulary import alike

    near = alike(text, known)
    guess = f"did you mean {' or '.join(f'`{name}`' for name in near)}? " if near else ""
    return ConfigError(
        f"`{text}` is not a word that oauthctl knows", slug="unknown-word", help=f"{guess}see all words with `oauthctl explain`"
    )
