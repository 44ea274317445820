"""What the client proves itself with: its secret, its private key, its certificate.

Here: from files, environment and prompts to values. Not here: the methods (`messages.client_auth`), the secret's many places (`settings`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.cli.settings import Settings, client_secret, prompt, variable_text
from oauthctl.errors import ConfigError
from oauthctl.messages.client_auth import ATTESTING, CERTIFYING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.jose.client_certificate import ClientCertificate
    from oauthctl.jose.jwk import Jwk
    from oauthctl.messages.client_attestation import Attestation

PASSPHRASE_VARIABLE = "OAUTHCTL_CLIENT_KEY_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A secret, a private key, a certificate with its key, or nothing; none shows in the value's text."""

    secret: str = field(default="", repr=False)
    key: Jwk | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = field(default=None, repr=False)
    attestation: Attestation | None = field(default=None, repr=False)

    @property
    def are_there(self) -> bool:
        """Whether the client can prove itself at all."""
        return bool(self.secret) or self.key is not None or self.certificate is not None or self.attestation is not None


def credentials(out: Output, chosen: Settings, *, ask: bool = False, flag_file: str = "") -> Credentials:
    """The client's credentials; a key goes before a secret, and may be a certificate's alone.

    With `ask` a person at the terminal may be asked for what is missing.
    Raises `ConfigError` for a key that can't be read, and for a method whose credentials are nowhere.
    """
    profile = chosen.profile
    held = certificate(out, chosen)
    if profile.client_attestation_file and profile.client_auth in ("", ATTESTING):
        return Credentials(certificate=held, attestation=attestation(out, chosen))
    if profile.client_auth == ATTESTING:
        raise ConfigError(
            f"`{ATTESTING}` needs the client's attestation, and none is named",
            slug="no-attestation",
            help="give it with `--client-attestation FILE --client-attestation-key FILE`",
        )
    if profile.client_auth in CERTIFYING:
        if held is None:
            raise ConfigError(
                f"`{profile.client_auth}` needs the client's certificate, and none is named",
                slug="no-certificate",
                help="give it with `--client-certificate FILE`, or in `OAUTHCTL_CLIENT_CERTIFICATE_FILE`",
            )
        return Credentials(certificate=held)
    if profile.client_key_file and (profile.client_auth == "private_key_jwt" or (not profile.client_auth and held is None)):
        return Credentials(key=private_key(out, chosen), certificate=held)
    if profile.client_auth == "private_key_jwt":
        raise ConfigError(
            "`private_key_jwt` needs the client's private key, and none is named",
            slug="no-key",
            help="give it with `--client-key FILE`, or in `OAUTHCTL_CLIENT_KEY_FILE`",
        )
    return Credentials(client_secret(out, chosen, ask=ask, flag_file=flag_file), certificate=held)


def certificate(out: Output, chosen: Settings) -> ClientCertificate | None:
    """The client's certificate with its key, if the profile names one. Raises `ConfigError` for one that can't be read or has no key."""
    path, key_path = chosen.profile.client_certificate_file, chosen.profile.client_key_file
    if not path:
        return None
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.client_certificate import load_client_certificate

    try:
        return load_client_certificate(
            read_bytes(path), key=read_bytes(key_path) if key_path else b"", passphrase=_passphrase(out, key_path or path)
        )
    except ConfigError as error:
        error.where = error.where or path
        raise


def attestation(out: Output, chosen: Settings) -> Attestation:
    """The attestation and its key. Raises `ConfigError` where they don't belong together, or to another client."""
    from oauthctl.cli.token_input import read_bytes, read_text
    from oauthctl.jose.key_file import load_private_key
    from oauthctl.messages.client_attestation import ATTESTATION_TYPE, Attestation, attested_key

    profile = chosen.profile
    path, key_path = profile.client_attestation_file, profile.client_attestation_key_file
    if not key_path:
        raise ConfigError(
            "the attestation needs the key that it is about", slug="no-key", help="give it with `--client-attestation-key FILE`"
        )
    held = Attestation(read_text(path).strip(), load_private_key(read_bytes(key_path), passphrase=_passphrase(out, key_path)))
    token, known = held.token, attested_key(held.token)
    why = ""
    if token.claims is None or token.typ != ATTESTATION_TYPE:
        why = f"it is no JWT of the type `{ATTESTATION_TYPE}`"
    elif known is None or known.thumbprint() != held.key.thumbprint():
        why = f"it is about another key than that in `{key_path}`"
    elif profile.client_id and token.claim_text("sub") != profile.client_id:
        why = f"it is about another client (`sub` is `{token.claim_text('sub')[:80]}`)"
    if why:
        raise ConfigError(
            f"`{path}` can't attest this client: {why}", slug="attestation-unusable", spec="draft-ietf-oauth-attestation-based-client-auth"
        )
    return held


def _passphrase(out: Output, path: str) -> Callable[[], str]:
    def passphrase() -> str:
        return variable_text(out.terminal.environ, PASSPHRASE_VARIABLE) or prompt(out, f"`{PASSPHRASE_VARIABLE}`")(
            f"passphrase of `{path}`", True
        )

    return passphrase


def private_key(out: Output, chosen: Settings) -> Jwk:
    """The key in the file that the profile names. Raises `ConfigError` for one that can't be read."""
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.key_file import load_private_key

    path = chosen.profile.client_key_file
    try:
        key = load_private_key(read_bytes(path), passphrase=_passphrase(out, path))
    except ConfigError as error:
        error.where = error.where or path
        raise
    return key.with_(kid=chosen.profile.client_key_id) if chosen.profile.client_key_id else key
