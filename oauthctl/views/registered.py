"""A client as the server knows it, as a table of members with their meaning.

Here: the answer to a registration, its secrets masked. Not here: profiles, which keep a part of it (`profiles`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oauthctl.messages.registration import RegistrationResponse
from oauthctl.views.lines import Span, Table, line
from oauthctl.views.masked import masked
from oauthctl.views.moments import dated


def registered_document(members: Mapping[str, Any], *, show_secrets: bool) -> dict[str, Any]:
    """The members, secrets masked unless they are to be shown."""
    params = RegistrationResponse.params()
    hidden = {name for name, param in params.items() if param.secret and not show_secrets}
    return {name: masked(str(value)) if name in hidden and value else value for name, value in members.items()}


def registered_table(members: Mapping[str, Any], *, show_secrets: bool, now: datetime) -> Table:
    """Each member with its value and, where the standards know it, its meaning."""
    params = RegistrationResponse.params()
    rows = []
    for name, value in registered_document(members, show_secrets=show_secrets).items():
        moment = params[name].reader(value) if name in params and name.endswith("_at") and value else None
        shown = f"{value}  {dated(moment, now)}" if isinstance(moment, datetime) else _text(value)
        meaning = params[name].meaning if name in params else ""
        rows.append((line(Span(name, "bold")), line(Span(shown, "literal")), line(Span(meaning, "dim"))))
    return Table(("MEMBER", "VALUE", "MEANING"), tuple(rows))


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
