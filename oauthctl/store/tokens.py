"""The tokens that a profile holds: at most one set, in one private JSON file.

Here: `TokenSet`, its file, its lock, whether it still fits its profile. Not here: refreshing, verifying. `token` comes by here, and its
start-up is measured: nothing heavy is imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oauthctl.errors import StoreError
from oauthctl.store import files
from oauthctl.store.files import Warn
from oauthctl.store.locations import Locations
from oauthctl.store.names import checked_name

FORMAT = 1
_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What one token response gave, and to whom. Secrets stay out of its `repr`.

    `scope` is what was granted, `requested_scope` what was asked for (None: the same): servers rename and drop scopes. `token_endpoint` is
    where the refresh token may go. `expires_at` is None when the server did not say. `refresh_began_at` is when the refresh token was shown
    to the server in a refresh whose answer has not come. `dpop_key` is the private JWK to which the tokens are bound (RFC 9449), empty for
    bearer tokens; `certificate` the thumbprint of the certificate to which they are (RFC 8705), empty for all others.
    `extra` are further members of the response, raw.
    """

    issuer: str
    client_id: str
    access_token: str = field(repr=False)
    obtained_at: datetime
    token_type: str = "Bearer"
    refresh_token: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    scope: tuple[str, ...] = ()
    requested_scope: tuple[str, ...] | None = None
    resource: tuple[str, ...] = ()
    audience: str = ""
    expires_at: datetime | None = None
    subject: str = ""
    token_endpoint: str = ""
    refresh_began_at: datetime | None = None
    dpop_key: Mapping[str, Any] = field(default_factory=dict, repr=False)
    certificate: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def tokens_path(locations: Locations, name: str) -> Path:
    """The file of this profile's tokens, which need not exist; raises `ConfigError` for a name that is not allowed."""
    return locations.state / "tokens" / f"{checked_name(name)}.json"


def read(locations: Locations, name: str, *, warn: Warn) -> TokenSet | None:
    """The profile's tokens, or None when there are none.

    A damaged file is set aside, and `warn` is told where. Raises `StoreError` for a file of a newer oauthctl, which stays as it is.
    """
    path = tokens_path(locations, name)
    data = files.read_private(path, warn=warn, limit=_LIMIT)
    if data is None:
        return None
    try:
        document = json.loads(data)
        newer = isinstance(document, dict) and isinstance(document.get("format"), int) and document["format"] > FORMAT
        if not newer:
            return _from_json(document)
    except (ValueError, RecursionError) as error:
        reason = f"it is not JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else str(error)
        warn(f"`{path}` is damaged: {reason}; kept as `{files.set_aside(path)}`")
        return None
    raise StoreError(f"`{path}` was written by a newer oauthctl", notes=(f"its format is newer than {FORMAT}",), help="update oauthctl")


def write(locations: Locations, name: str, tokens: TokenSet) -> None:
    """Replaces the profile's tokens: they are on the disk when this returns. Takes no lock; see `lock`."""
    files.write_private(tokens_path(locations, name), json.dumps(_to_json(tokens), indent=1).encode())


def delete(locations: Locations, name: str) -> bool:
    """Whether the profile had tokens; it has none any more."""
    return files.delete(tokens_path(locations, name))


def lock(locations: Locations, name: str, *, timeout_seconds: float) -> AbstractContextManager[None]:
    """The lock of this profile's tokens; hold it from the read to the write of a refresh. Not reentrant."""
    return files.locked(tokens_path(locations, name), timeout_seconds=timeout_seconds)


def seconds_left(tokens: TokenSet, now: datetime) -> float | None:
    """How long the access token still lasts, negative when it has expired; None when the server did not say."""
    return None if tokens.expires_at is None else (tokens.expires_at - now).total_seconds()


def mismatch(
    tokens: TokenSet,
    *,
    issuer: str = "",
    client_id: str = "",
    scope: tuple[str, ...] = (),
    resource: tuple[str, ...] = (),
    audience: str = "",
    token_endpoint: str = "",
) -> str:
    """Why these tokens are not what the profile asks for now, or nothing when they are.

    Issuer and client are compared only when given (a profile may leave the client to a flag), the token endpoint only when both sides
    know one. Scopes and resources are compared as sets, empty ones too: another wish means another token.
    """
    for what, stored, wanted in (("issuer", tokens.issuer, issuer), ("client", tokens.client_id, client_id)):
        if wanted and stored != wanted:
            return f"they are of {what} `{stored}`, not `{wanted}`"
    if token_endpoint and tokens.token_endpoint and tokens.token_endpoint != token_endpoint:
        return f"they came from `{tokens.token_endpoint}`, not `{token_endpoint}`"
    asked = tokens.scope if tokens.requested_scope is None else tokens.requested_scope
    for what, had, wants in (("scope", asked, scope), ("resource", tokens.resource, resource)):
        if set(had) != set(wants):
            return f"they were asked for with {what} {_quoted(had)}, not {_quoted(wants)}"
    if tokens.audience != audience:
        return f"they were asked for with audience {_quoted((tokens.audience,))}, not {_quoted((audience,))}"
    return ""


def _quoted(words: tuple[str, ...]) -> str:
    text = " ".join(words)
    return f"`{text}`" if text else "none"


_MEMBERS = {member.name: str(member.type) for member in fields(TokenSet)}
_REQUIRED = ("issuer", "client_id", "access_token", "obtained_at")


def _to_json(tokens: TokenSet) -> dict[str, Any]:
    values = {name: getattr(tokens, name) for name in _MEMBERS}
    times = {name: value.astimezone(UTC).isoformat() for name, value in values.items() if isinstance(value, datetime)}
    return {"format": FORMAT} | values | times


def _from_json(document: object) -> TokenSet:
    """Raises `ValueError`, which never repeats a value."""
    if not isinstance(document, dict):
        raise ValueError("it holds no JSON object")  # noqa: TRY004 - one kind of error tells the caller that the file is damaged
    for name in _REQUIRED:
        if name not in document:
            raise ValueError(f"it has no `{name}`")
    return TokenSet(**{name: _member(name, kind, document[name]) for name, kind in _MEMBERS.items() if name in document})


def _member(name: str, kind: str, raw: object) -> Any:
    if raw is None and kind.endswith("| None"):
        return None
    match kind.removesuffix(" | None"), raw:
        case ("str", str()) | ("Mapping[str, Any]", dict()):
            return raw
        case "tuple[str, ...]", list() if all(isinstance(item, str) for item in raw):
            return tuple(raw)
        case "datetime", str():
            return _moment(name, raw)
    raise ValueError(f"its `{name}` is of the wrong type")


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"its `{name}` is no time") from None
    if moment.tzinfo is None:
        raise ValueError(f"its `{name}` has no offset from UTC")
    return moment.astimezone(UTC)
