"""What the client proves itself with: its secret, or its private key.

Here: from files, environment and prompts to values. Not here: the methods (`messages.client_auth`), the secret's many places (`settings`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.cli.settings import Settings, client_secret, prompt, variable_text
from oauthctl.errors import ConfigError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.jose.jwk import Jwk

PASSPHRASE_VARIABLE = "OAUTHCTL_CLIENT_KEY_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A secret, a private key, or neither; they never show in the value's text."""

    secret: str = field(default="", repr=False)
    key: Jwk | None = field(default=None, repr=False)

    @property
    def are_there(self) -> bool:
        """Whether the client can prove itself at all."""
        return bool(self.secret) or self.key is not None


def credentials(out: Output, chosen: Settings, *, ask: bool = False, flag_file: str = "") -> Credentials:
    """The client's credentials; a key goes before a secret. With `ask` a person at the terminal may be asked for what is missing.

    Raises `ConfigError` for a key that can't be read, and for a method whose credentials are nowhere.
    """
    profile = chosen.profile
    if profile.client_key_file and profile.client_auth in ("", "private_key_jwt"):
        return Credentials(key=_key(out, chosen))
    if profile.client_auth == "private_key_jwt":
        raise ConfigError(
            "`private_key_jwt` needs the client's private key, and none is named",
            slug="no-key",
            help="give it with `--client-key FILE`, or in `OAUTHCTL_CLIENT_KEY_FILE`",
        )
    return Credentials(client_secret(out, chosen, ask=ask, flag_file=flag_file))


def _key(out: Output, chosen: Settings) -> Jwk:
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.key_file import load_private_key

    path = chosen.profile.client_key_file

    def passphrase() -> str:
        return variable_text(out.terminal.environ, PASSPHRASE_VARIABLE) or prompt(out, f"`{PASSPHRASE_VARIABLE}`")(
            f"passphrase of `{path}`", True
        )

    try:
        key = load_private_key(read_bytes(path), passphrase=passphrase)
    except ConfigError as error:
        error.where = error.where or path
        raise
    return key.with_(kid=chosen.profile.client_key_id) if chosen.profile.client_key_id else key
