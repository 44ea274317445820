"""Which words belong to one provider, and what to call it where nothing tells that it is that one.

Here: the signs of providers in addresses and answers, a cause and a help without a provider's name. Not here: the table of their words
(`dialects`), reading such tables (`tables`).
"""

from __future__ import annotations

import re
from functools import cache

from oauthctl.rules.tables import table

_PLACE = (
    r"(?:admin(?:istration)? console|admin (?:center|interface|UI)|(?:app )?dashboard|console|portal|settings|configuration"
    r"|developer (?:portal|site|console))"
)
_CONSOLE = r"(?:(?:In|At|On) (?:the )?(?:{name})(?:'s)?(?: {place})?|(?:in|at|on) (?:the )?(?:{name})(?:'s)? {place})(?=[\s,.;:)])"
# Labels of a console and literals stay as they are.
_QUOTED = re.compile(r"(\*[^*]+\*|`[^`]*`)")
_BEHIND_ARTICLE = re.compile(r"\b(this|personal|another|an?|each|every|any|several|two|the) the provider\b")


def names_provider(provider: str) -> bool:
    """Whether the table's texts for this provider may call it by its name."""
    return provider in _providers()


def is_told(provider: str, *places: str) -> bool:
    """Whether one of these (lower-case) texts, an address or what was answered, has a sign of the provider."""
    return any(sign in place for sign in _providers()[provider]["signs"] for place in places)


def unnamed(provider: str, text: str) -> str:
    """The text with `the provider` in the place of the provider's name."""
    pieces = _QUOTED.split(text)
    return "".join(piece if number % 2 else _unnamed(provider, piece, is_first=not number) for number, piece in enumerate(pieces))


def _unnamed(provider: str, text: str, *, is_first: bool) -> str:
    console, possessive, before_noun, name = _patterns(provider)
    text = console.sub(lambda match: f"{'I' if match[0][0].isupper() else 'i'}n the provider's console", text)
    text = possessive.sub("the provider's", text)
    text = before_noun.sub("the provider's ", text)
    text = _BEHIND_ARTICLE.sub(r"\1 provider", name.sub("the provider", text))
    text = text.replace(". the provider", ". The provider")
    return text[:1].upper() + text[1:] if is_first else text


@cache
def _providers() -> dict[str, dict[str, list[str]]]:
    """The `signs` and the `names` of each."""
    return {provider: entry for provider, (entry,) in table("provider_names.toml").items()}


@cache
def _patterns(provider: str) -> tuple[re.Pattern[str], ...]:
    name = "|".join(re.escape(one) for one in _providers()[provider]["names"])
    edge, end = r"(?<![\w.`/-])", r"(?![\w`/-])"
    return (
        re.compile(edge + _CONSOLE.format(name=name, place=_PLACE)),
        re.compile(rf"{edge}(?:{name})'s{end}"),
        re.compile(rf"{edge}(?:the |an? )(?:{name}) (?=[a-z])"),
        re.compile(rf"{edge}(?:{name}){end}(?!\.\w)"),
    )
