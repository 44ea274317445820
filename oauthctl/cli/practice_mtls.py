"""`serve --mtls DIR`: a practice provider that sees TLS certificates, and two clients that have one.

Here: the certificates, their files, the clients. Not here: TLS (`shell.serve_tls`), the option (`serve`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.cli.practice_https import names_of, server_certificate

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.cli.practice_https import PracticeHttps
    from oauthctl.provider.client import Client
    from oauthctl.shell.serve_tls import MutualTls

SUBJECT = "CN=machine,O=Practice"
_HOST = "machine.localhost"
"""OpenSSL takes the name of a certificate that is for no host for one, and the authority is for hosts of this machine."""
_GRANTS = ("authorization_code", "refresh_token", "client_credentials")
_SCOPES = ("openid", "profile", "email", "offline_access", "items.read", "items.write")


@dataclass(frozen=True, slots=True)
class PracticeTls:
    """What the server is given, its clients, whom to trust, and the folder with the files for those who practise."""

    server: MutualTls
    clients: tuple[Client, ...]
    authority_file: Path
    folder: Path

    def client_file(self, client_id: str) -> Path:
        """The client's certificate with its key."""
        return self.folder / f"{client_id}.pem"


def practice_tls(
    folder: str, *, host: str, now: datetime, beside: PracticeHttps | None = None, warn: Callable[[str], None] = lambda _: None
) -> PracticeTls:
    """Fresh certificates, the clients' written to private files in this folder: they are for practice and die with the provider.

    They are signed by the authority of the https that is spoken `beside`, or else by the folder's own; `warn` is told what was wrong
    with that one and was mended.
    Raises: StoreError, when the folder is no place for them.
    """
    from oauthctl.jose.practice_certificates import new_certificate
    from oauthctl.provider.client import Client
    from oauthctl.shell.serve_tls import MutualTls
    from oauthctl.store.authority_files import CERTIFICATE, authority_of
    from oauthctl.store.files import write_private

    hosts = names_of(host)
    authority = beside.authority if beside is not None else authority_of(Path(folder), hosts, now=now, warn=warn)
    server = MutualTls(server_certificate(authority, hosts, now=now), (authority.certificate,))
    signed, alone = new_certificate(SUBJECT, now=now, by=authority, hosts=(_HOST,)), new_certificate("CN=alone", now=now)
    loopback = ("http://127.0.0.1/callback", "http://[::1]/callback")
    machine = Client(
        "machine",
        "Practice machine",
        redirect_uris=loopback,
        certificate_name=("subject_dn", SUBJECT),
        binds_certificate=True,
        scopes=_SCOPES,
        grant_types=_GRANTS,
        is_native=True,
    )
    by_itself = Client(
        "alone",
        "Practice machine without an authority",
        redirect_uris=loopback,
        auth_methods=("self_signed_tls_client_auth",),
        keys=(alone.as_jwk(),),
        binds_certificate=True,
        scopes=_SCOPES,
        grant_types=_GRANTS,
        is_native=True,
    )
    trusted = beside.authority_file if beside is not None else Path(folder) / CERTIFICATE
    made = PracticeTls(server, (machine, by_itself), trusted, Path(folder))
    for client, certificate in ((machine, signed), (by_itself, alone)):
        write_private(made.client_file(client.id), certificate.opened(), mend_parent=False)
    return made
