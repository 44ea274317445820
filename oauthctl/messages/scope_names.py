"""Names of scopes, which providers spell in more ways than one.

Here: what two spellings have in common, and what may be one.
Not here: whether a scope was granted (`flows.granted_scope`, `rules.scope_granted`).
"""

from __future__ import annotations


def bare_name(scope: str) -> str:
    """A scope without what providers put around it: `https://www.googleapis.com/auth/userinfo.email` is `email`."""
    return scope.rstrip("/").rpartition("/")[2].removeprefix("userinfo.").lower()


def is_scope_token(name: str) -> bool:
    """Whether a scope may be called so. Source: RFC 6749 section 3.3, `scope-token`."""
    return bool(name) and all("!" <= char <= "~" and char not in '"\\' for char in name)
