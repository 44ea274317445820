"""A refresh that is under way: marked on the disk, so that one whose answer was lost can be told from one that was refused.

Here: the mark and what follows from it. Not here: the lock, under which all this happens, and the refresh itself (`refreshing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError, OauthctlError, Refused
from oauthctl.store import tokens as store
from oauthctl.store.tokens import TokenSet

_NEVER_SENT = frozenset(
    ("host-not-found", "connection-refused", "network-unreachable", "proxy-refused", "tls-failed", "certificate-authority-unknown")
) | {"certificate-self-signed", "certificate-expired", "certificate-not-yet-valid", "certificate-name-differs"}


@contextmanager
def under_way(chosen: Settings, tokens: TokenSet, *, now: datetime) -> Iterator[None]:
    """The block shows the tokens' refresh token to the server; whoever it grants new tokens writes them, and so takes the mark away.

    A process that is killed, a timeout or a connection that breaks leaves the mark: the server may have rotated the refresh token, and
    may take the old one for stolen when it is shown again (RFC 9700 section 4.14.2). A clear no takes it away.
    """
    # On the disk before anything is sent: where it is full or read-only, the server must not rotate what we could not keep.
    store.write(chosen.locations, chosen.name, replace(tokens, refresh_began_at=tokens.refresh_began_at or now))
    try:
        yield
    except Refused as error:
        if tokens.refresh_began_at is not None and error.data.get("oauth_error") == "invalid_grant":
            _explain(error, tokens.refresh_began_at)
        else:
            store.write(chosen.locations, chosen.name, tokens)
        raise
    except OauthctlError as error:
        if isinstance(error, ConfigError) or error.slug in _NEVER_SENT:
            store.write(chosen.locations, chosen.name, tokens)
        raise


def _explain(error: Refused, began_at: datetime) -> None:
    from oauthctl.messages.claim_values import utc_text

    error.slug = "refresh-answer-lost"
    error.notes = (
        *error.notes,
        f"the refresh of {began_at:%Y-%m-%d %H:%M:%S} UTC got no answer of use: the run or the connection ended before it came",
        "very probably the server gave a new refresh token then, and the old one, which is all that is kept here, is used up",
    )
    error.data["refresh_began_at"] = utc_text(began_at)
