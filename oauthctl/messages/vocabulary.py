"""Every word that oauthctl knows, and finding one.

Here: collecting the words from the messages' declarations and the lists beside this file. Not here: the words themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.param import Message, Param
from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section

_BASE = frozenset({"RFC 6749", "RFC 7519", "OIDC Core"})
_JOSE = frozenset({"RFC 7515", "RFC 7516", "RFC 7517", "RFC 7518"})
_PRIVATE_NAMES = "4.3"
"""RFC 7515's section on header parameters that no document defines."""


def vocabulary() -> tuple[Word, ...]:
    """All words, those of messages first. A word that means the same in several messages is there once."""
    from oauthctl.messages.error_codes import ERROR_CODES
    from oauthctl.messages.glossary import glossary
    from oauthctl.messages.jose_header import ALGORITHMS
    from oauthctl.messages.own_errors import OWN_ERRORS
    from oauthctl.messages.registered_names import REGISTERED_NAMES
    from oauthctl.messages.registered_values import REGISTERED_VALUES

    errors = tuple(
        Word(one.code, Group.ERROR, f"error code of {one.sender}", one.meaning, one.section, causes=one.causes, help=one.help)
        for one in ERROR_CODES
    )
    algorithms = tuple(
        Word(name, Group.JOSE, f"{_what_for(name)} algorithm", meaning, section) for name, (meaning, section) in ALGORITHMS.items()
    )
    own = tuple(error.word for error in OWN_ERRORS)
    return (*_declared(), *errors, *own, *REGISTERED_VALUES, *algorithms, *REGISTERED_NAMES, *glossary())


def find(text: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words that are spelled so, in all their roles; upper and lower case, `_`, `-` and spaces don't matter.

    A clause (`RFC 6749 section 4.1.3`) gives its document.
    """
    wanted = _key(text)
    found = tuple(word for word in words if wanted in (_key(word.word), *map(_key, word.aliases)))
    if found or not (clause := section_of(text)):
        # The whole of what one is after comes before its other spellings, what it mostly means before what it means somewhere.
        return tuple(sorted(found, key=lambda word: (_key(word.word) != wanted, _rarity(word))))
    return tuple(word for word in words if word.group is Group.STANDARD and word.word == clause.document)


def _rarity(word: Word) -> int:
    """How far a meaning is from what most people ask about: the parameters and claims of the base documents come first.

    A header has parameters of its own (`kid`), and such as have their place elsewhere (`aud`, a private `nonce`).
    """
    document, number = (word.section.document, word.section.number) if word.section else ("", "")
    if word.group in (Group.PARAMETER, Group.CLAIM) and document in _BASE:
        return 0
    if word.group is not Group.JOSE:
        return 2
    return 1 if document in _JOSE and number != _PRIVATE_NAMES else 3


def section_of(text: str) -> Section | None:
    """The clause that the text cites, if it is of an RFC: `RFC 6749 section 4.1.3`, `rfc6749#section-4.1.3`, `6749 4.1.3`, `6749`."""
    match = re.fullmatch(r"(?:rfc[\s-]*)?(\d{2,})[\s,#]*(?:section|sec\.|§)?[\s-]*([\d.]*)", text.strip().lower())
    return Section(f"RFC {int(match[1])}", match[2].rstrip(".")) if match else None


def cited_from(section: Section, words: tuple[Word, ...]) -> tuple[str, ...]:
    """The words that this document, or this clause and those below it, defines."""
    return tuple(
        dict.fromkeys(
            word.word
            for word in words
            if word.group is not Group.STANDARD
            and word.section is not None
            and word.section.document == section.document
            and (not section.number or f"{word.section.number}.".startswith(f"{section.number}."))
        )
    )


def alike(text: str, words: tuple[Word, ...]) -> tuple[str, ...]:
    """Up to three words that are spelled much like this."""
    from difflib import get_close_matches

    spelled: dict[str, str] = {}
    for word in words:
        for name in (word.word, *word.aliases):
            spelled.setdefault(_key(name), name)
    return tuple(spelled[key] for key in get_close_matches(_key(text), spelled, n=3, cutoff=0.7))


def _key(text: str) -> str:
    squeezed = re.sub(r"[\s_-]+", " ", text.strip().strip("`'\"").lower())
    return re.sub(r"^rfc ?(?=\d)", "rfc ", squeezed)


def _declared() -> Iterator[Word]:
    """The parameters of all messages; one whose meaning and section are the same in several messages is given once."""
    roles: dict[tuple[str, Group, str, Section], list[str]] = {}
    for message in _messages():
        group = _group(message.title)
        for param in (value for value in vars(message).values() if isinstance(value, Param)):
            roles.setdefault((param.name, group, param.meaning, param.section), []).append(message.title)
    for (name, group, meaning, section), titles in roles.items():
        yield Word(name, group, _role(tuple(dict.fromkeys(titles))), meaning, section)


def _messages() -> list[type[Message]]:
    """All classes of messages, in the order of their modules' names."""
    import pkgutil
    from importlib import import_module

    import oauthctl.messages

    for module in pkgutil.iter_modules(oauthctl.messages.__path__):
        import_module(f"oauthctl.messages.{module.name}")
    waiting: list[type[Message]] = [Message]
    found: list[type[Message]] = []
    while waiting:
        message = waiting.pop(0)
        found.append(message)
        waiting += message.__subclasses__()
    return [message for message in found if message.__module__.startswith("oauthctl.messages.")]


def _role(titles: tuple[str, ...]) -> str:
    if all(title.endswith("claims") for title in titles):
        return " and ".join(title.removesuffix("s") for title in titles)
    return f"in the {' and the '.join(titles)}"


def _what_for(alg: str) -> str:
    from oauthctl.jose.algorithms import SIGNATURE_ALGORITHMS

    return "signature" if alg in SIGNATURE_ALGORITHMS or alg == "none" else "encryption"


def _group(title: str) -> Group:
    if title.endswith("metadata"):
        return Group.METADATA
    if title.endswith("claims"):
        return Group.CLAIM
    return Group.JOSE if title.startswith("JOSE") else Group.PARAMETER
