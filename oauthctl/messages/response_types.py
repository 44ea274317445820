"""Response types: what comes back by the browser, a code or tokens or both.

Here: their names, and what follows from each. Not here: how an answer travels (`response_modes`), what it holds (`authorization`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.messages.response_modes import carrier, is_in_jwt

CODE = "code"
IMPLICIT = ("id_token", "id_token token", "token")
"""Tokens by the browser and nothing else. Source: RFC 6749 section 4.2; OpenID Connect Core 1.0 section 3.2."""
HYBRID = ("code id_token", "code token", "code id_token token")
"""A code and tokens. Source: OpenID Connect Core 1.0 section 3.3."""
_MEMBERS = {"code": "code", "id_token": "id_token", "token": "access_token"}


def spelled(words: Iterable[str]) -> str:
    """The response type as the registry spells it; words that nobody knows come last.

    Source: RFC 6749 section 3.1.1: the order of the words does not matter.
    """
    given = tuple(dict.fromkeys(words))
    return " ".join((*(word for word in _MEMBERS if word in given), *sorted(word for word in given if word not in _MEMBERS)))


def words_of(response_type: str) -> tuple[str, ...]:
    """Its words."""
    return tuple(response_type.split())


def brought(response_type: str) -> tuple[str, ...]:
    """The parameters that the answer must have: `code`, `id_token`, `access_token`."""
    return tuple(_MEMBERS[word] for word in words_of(response_type) if word in _MEMBERS)


def brings_token(response_type: str) -> bool:
    """Whether a token comes by the browser."""
    return bool({"id_token", "token"} & set(words_of(response_type)))


def default_mode(response_type: str) -> str:
    """How the answer travels when nobody says. Source: OAuth 2.0 Multiple Response Type Encoding Practices sections 2.1, 3 and 5."""
    return "fragment" if brings_token(response_type) else "query"


def out_of_query(response_type: str, mode: str) -> str:
    """The mode, or where tokens would stand in the query by it, the one that keeps them out: also an error then comes there.

    Source: OAuth 2.0 Multiple Response Type Encoding Practices section 5; JARM section 2.3.1, section 2.3.4 for `jwt` alone.
    """
    if not brings_token(response_type) or carrier(mode) != "query":
        return mode
    return "fragment.jwt" if is_in_jwt(mode) else "fragment"


def flow_of(response_type: str) -> str:
    """`authorization_code`, `implicit` or `hybrid`."""
    if not brings_token(response_type):
        return "authorization_code"
    return "hybrid" if CODE in words_of(response_type) else "implicit"


def hashes_needed(response_type: str) -> tuple[str, ...]:
    """The claims by which the ID token that comes by the browser must name what comes with it.

    Source: OpenID Connect Core 1.0 section 3.2.2.10 (`at_hash`), section 3.3.2.11 (`at_hash` and `c_hash`).
    """
    words = set(words_of(response_type))
    if "id_token" not in words:
        return ()
    return (*(("at_hash",) if "token" in words else ()), *(("c_hash",) if "code" in words else ()))


def why_legacy(response_type: str) -> str:
    """Why a response type should not be chosen any more, as a sentence's end; empty for `code`.

    Source: RFC 9700 section 2.1.2, which speaks of access tokens; OAuth 2.1 and FAPI 2.0 section 5.3.2.2 know `code` alone.
    """
    if "token" in words_of(response_type):
        return (
            "the access token comes by the browser, where histories, extensions and scripts can read it and nothing binds it to this "
            "client (RFC 9700 section 2.1.2)"
        )
    if "id_token" in words_of(response_type):
        return "the ID token, and what it says of the person, comes by the browser; OAuth 2.1 and FAPI 2.0 know `code` alone"
    return ""
