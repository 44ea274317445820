"""What stands in braces in the table of personas: `{email}`, `{scope_list}`, `{milliseconds}`.

Here: the words that there are, and putting them in. Not here: where they stand (`table.toml`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.subject import subject_of

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

_NULL = "{nothing}"
_WORD = re.compile(r"\{([a-z_0-9]+)(!s)?\}")
_OF_USERS = ("name", "given_name", "family_name", "email", "email_verified", "preferred_username", "locale")


def words_of(state: ProviderState, moment: Moment, grant: Grant | None = None, *, scopes: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The words of one answer; those of a person or of a client are None where the answer is about nobody.

    `scopes` are those of the answer's token, if not all of the grant. `nothing` is null.
    """
    uuids = {name: _uuid(moment.token(name)) for name in ("uuid", "uuid2")}
    utc = f"{moment.now:%Y-%m-%d %H:%M:%SZ}"
    place: dict[str, Any] = {
        "home": state.reached_at,
        "issuer": state.issuer,
        "now": int(moment.seconds),
        "milliseconds": int(moment.seconds * 1000),
        "utc": utc,
        "iso_time": f"{moment.now:%Y-%m-%dT%H:%M:%S}",
        "trace": f"Trace ID: {uuids['uuid']} Correlation ID: {uuids['uuid2']} Timestamp: {utc}",
        **uuids,
        "nothing": None,
    }
    return place | _of_grant(state, grant, scopes)


def _of_grant(state: ProviderState, grant: Grant | None, scopes: tuple[str, ...] | None) -> dict[str, Any]:
    user = state.users.get(grant.username) if grant is not None else None
    claims = user.claims if user is not None else {}
    granted = public_scopes(state, scopes if scopes is not None else grant.scopes if grant is not None else ())
    return {
        "username": user.username if user is not None else None,
        "number": int(digest(user.username)[:7], 16) if user is not None else None,
        "user_uuid": _uuid(f"user {user.username}") if user is not None else None,
        "sub": subject_of(state, grant.client_id, grant.who) if grant is not None else None,
        "client_id": grant.client_id if grant is not None else None,
        "session_uuid": _uuid(f"session {grant.session_id}") if grant is not None and grant.session_id else None,
        "scope": " ".join(granted),
        "scope_list": list(granted),
        "scope_by_comma": ",".join(granted),
        "scope_by_comma_and_space": ", ".join(granted),
        **{name: claims.get(name) for name in _OF_USERS},
        "email_if_granted": claims.get("email") if "email" in granted else None,
    }


def public_scopes(state: ProviderState, scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes without the one that stands for a refresh token where the provider has no such scope."""
    persona = state.persona
    is_hidden = persona is not None and persona.endpoints is not None and state.offline_scope not in persona.scopes
    return tuple(scope for scope in scopes if not (is_hidden and scope == state.offline_scope))


def filled(template: Any, words: Mapping[str, Any]) -> Any:
    """The template with its words put in: a text that is one word becomes its value, of whatever type; members go whose text has a word
    without a value, but for `{nothing}`, which is null.

    `{word!s}` gives the value as text. A word that is not known stays as it stands.
    """
    match template:
        case str():
            return _text(template, words)
        case Mapping():
            made = {name: filled(value, words) for name, value in template.items()}
            return {name: value for name, value in made.items() if value is not None or template[name] == _NULL}
        case list() | tuple():
            return [filled(one, words) for one in template]
        case _:
            return template


def words_in(template: Any) -> frozenset[str]:
    """All words that stand in a template."""
    match template:
        case str():
            return frozenset(found[1] for found in _WORD.finditer(template))
        case Mapping():
            return frozenset().union(*(words_in(value) for value in template.values()))
        case list() | tuple():
            return frozenset().union(*(words_in(one) for one in template))
        case _:
            return frozenset()


def _text(template: str, words: Mapping[str, Any]) -> Any:
    alone = _WORD.fullmatch(template)
    if alone is not None and alone[1] in words:
        value = words[alone[1]]
        return str(value) if alone[2] and value is not None else value
    if any(words.get(found[1], "") is None for found in _WORD.finditer(template)):
        return None
    return _WORD.sub(lambda found: str(words[found[1]]) if found[1] in words else found[0], template)


def _uuid(text: str) -> str:
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
