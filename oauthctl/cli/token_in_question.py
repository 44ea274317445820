"""The token that `introspect` and `revoke` are about, and who we are to the endpoint that is told of it.

Here: from argument, file, stdin or profile to one token; that it goes to no server but its own. Not here: the endpoints (`flows`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.messages.client_auth import Client
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet

_LONE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Question:
    """One token, what kind it probably is (empty where nobody said), and the profile's tokens where it is one of them."""

    token: str = field(repr=False)
    hint: str = ""
    held: TokenSet | None = None


def given_token(out: Output, given: str, *, command: str) -> str:
    """The one token in what was given: bare, or in an answer, a header or a URL. Raises `ConfigError` for none, and for several."""
    from oauthctl.cli.token_input import token_text
    from oauthctl.jose.jwt import find_tokens

    text = token_text(out, given, command=command).strip()
    if _LONE.fullmatch(text) and text[0] not in "{[\"'" and "://" not in text:
        return text
    found = {one.token_text: one.where for one in find_tokens(text)}
    if len(found) == 1:
        return next(iter(found))
    raise ConfigError(
        f"there are {len(found)} tokens in it, and only one can be meant" if found else "there is no token in it",
        notes=(f"found: {', '.join(found.values())}",) if found else (),
        help="give the one that is meant, alone",
    )


def held_token(out: Output, chosen: Settings, *, is_refresh: bool) -> Question:
    """The profile's access token or refresh token. Raises `ConfigError` when it holds none, or one that fits it no more."""
    from oauthctl.cli.holding import held

    tokens = held(out, chosen)
    hint = "refresh_token" if is_refresh else "access_token"
    value = tokens.refresh_token if is_refresh else tokens.access_token
    if not value:
        raise ConfigError(f"the profile `{chosen.name}` holds no {hint.replace('_', ' ')}", slug=f"no-{hint.replace('_', '-')}")
    return Question(value, hint, tokens)


def refuse_foreign(chosen: Settings, token: str) -> None:
    """A token that names another issuer is not told to this server: whoever sees a bearer token can use it. Raises `ConfigError`."""
    from oauthctl.cli.settings import same_issuer
    from oauthctl.jose.jwt import take_apart

    issuer = take_apart(token).claim_text("iss")
    ours = tuple(one for one in (chosen.profile.issuer, chosen.profile.expect_issuer) if one)
    if not issuer or not ours or any(same_issuer(issuer, one) for one in ours):
        return
    raise ConfigError(
        "the token names another issuer than the server that would be told of it",
        slug="token-issuer-differs",
        sent=ours[0],
        got=issuer,
        spec="RFC 6750 section 5.3",
        help="choose that issuer's profile with `--profile NAME`; if the token is this server's all the same, add `--any-issuer`",
    )


def asker(session: Session, chosen: Settings, name: str, *, tokens: TokenSet | None = None) -> tuple[ProviderMetadata, Client]:
    """The server's metadata, and the client as it shows itself at this endpoint: `name` is `revocation` or `introspection`.

    With the profile's own `tokens` the metadata must name the server that they came from. Raises as the steps to it do.
    """
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.presenting import present
    from oauthctl.cli.refreshing import check_token_endpoint, client_at, client_for, metadata_for

    metadata = metadata_for(session, chosen)
    if tokens is not None:
        check_token_endpoint(tokens, chosen, metadata)
    given = credentials(session.out, chosen)
    present(session, given, metadata)
    client = client_for(chosen, metadata, given)
    return metadata, client_at(client, metadata, name, explicit=session.out.terminal.environ.get("OAUTHCTL_CLIENT_AUTH", ""))
