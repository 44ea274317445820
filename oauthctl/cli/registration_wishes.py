"""What the command line wants of a client that registers itself.

Here: options and a JSON file made into wishes, and what contradicts itself. Not here: sending them (`registering`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.messages.client_metadata import Wishes


def only_one(actions: Mapping[str, bool]) -> str:
    """The action that is asked for; empty for a new registration. Raises `ConfigError` for two."""
    chosen = [name for name, is_asked in actions.items() if is_asked]
    if len(chosen) > 1:
        raise ConfigError(f"{' and '.join(f'`--{name}`' for name in chosen)} don't go together", help="give one of them")
    return "".join(chosen)


def read_wishes(
    out: Output,
    *,
    client_name: str,
    redirect_uris: tuple[str, ...],
    grants: tuple[str, ...],
    scope: tuple[str, ...],
    client_auth: str,
    application_type: str,
    metadata: str,
) -> Wishes:
    """The wishes; raises `ConfigError` for a grant that is none, and for a file that holds no JSON object."""
    from oauthctl.messages.client_metadata import Wishes

    return Wishes(
        client_name=client_name,
        redirect_uris=redirect_uris,
        grant_types=tuple(dict.fromkeys(_grant_type(name) for name in grants)),
        scope=scope,
        auth_method=client_auth,
        application_type=application_type,
        document=_document(out, metadata) if metadata else None,
    )


def _grant_type(name: str) -> str:
    from oauthctl.flows.grant_choice import TYPES

    if name in TYPES:
        return TYPES[name]
    if name == "refresh_token" or ":" in name:
        return name
    raise ConfigError(f"there is no grant `{name[:40]}`", help=f"the grants are {', '.join((*TYPES, 'refresh_token'))}, and URNs")


def _document(out: Output, path: str) -> dict[str, Any]:
    import json

    from oauthctl.cli.token_input import LIMIT, read_text

    text = out.terminal.stdin.read(LIMIT) if path == "-" else read_text(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"line {error.lineno}: {error.msg.lower()}" if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
        raise ConfigError(f"`{path}` holds no JSON: {what}", slug="metadata-unreadable", spec="RFC 7591 section 2") from None
    if not isinstance(value, dict):
        raise ConfigError(f"`{path}` holds no JSON object", slug="metadata-unreadable", spec="RFC 7591 section 2")
    return value
