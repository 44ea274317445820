"""Claims about a person as a table.

Here: name, value, meaning. Not here: claims of a token (`decoded`), which have times and remarks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oauthctl.messages.claims import Claims
from oauthctl.views.lines import Span, Table, line


def claims_table(claims: Mapping[str, Any]) -> Table:
    """Each claim with its value and, where the standards know it, its meaning."""
    known = Claims.params()
    return Table(
        ("CLAIM", "VALUE", "MEANING"),
        tuple(
            (
                line(Span(name, "bold")),
                line(Span(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), "literal")),
                line(Span(known[name].meaning if name in known else "", "dim")),
            )
            for name, value in claims.items()
        ),
    )
