"""All private keys of the client's file: they sign request objects, and open what was encrypted for the client.

Here: reading them. Not here: the one key that proves the client (`credentials`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.cli.credentials import private_key
from oauthctl.cli.settings import Settings

if TYPE_CHECKING:
    from oauthctl.cli.credentials import Credentials
    from oauthctl.cli.output import Output
    from oauthctl.jose.jwk import Jwk


def own_keys(out: Output, chosen: Settings, given: Credentials | None = None) -> tuple[Jwk, ...]:
    """The keys; none where no file is named. A passphrase that was asked for already (`given`) is not asked for again.

    Raises `ConfigError` for a file that can't be read.
    """
    path = chosen.profile.client_key_file
    if not path:
        return ()
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.jwk import load_key

    proving = (given.key,) if given is not None and given.key is not None else ()
    content = read_bytes(path)
    if content.lstrip()[:1] not in (b"{", b"["):
        return proving or (private_key(out, chosen),)
    held = tuple(key for key in load_key(content) if key.is_private and key.kty != "oct")
    return (*proving, *(key for key in held if key.thumbprint() not in {one.thumbprint() for one in proving}))
