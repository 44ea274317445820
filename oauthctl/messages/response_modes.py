"""The ways in which an authorization response travels, with and without a JWT around it.

Here: their names, and what carries each. Not here: reading an answer (`flows.callback`), opening its JWT (`flows.answer_jwt`).
"""

from __future__ import annotations

PLAIN = ("query", "fragment", "form_post")
IN_JWT = ("query.jwt", "fragment.jwt", "form_post.jwt", "jwt")


def is_in_jwt(mode: str) -> bool:
    """Whether the answer stands in the one parameter `response`. Source: JARM section 2.3."""
    return mode in IN_JWT


def carrier(mode: str) -> str:
    """How the parameters travel, with or without the JWT: `query`, `fragment` or `form_post`.

    Source: JARM section 2.3.4: `jwt` alone is the default of the response type, which is the query for `code`.
    """
    return "query" if mode in ("", "jwt") else mode.removesuffix(".jwt")
