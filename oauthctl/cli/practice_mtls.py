"""`serve --mtls DIR`: a practice provider that sees TLS certificates, and two clients that have one.

Here: the certificates, their files, the clients. Not here: TLS (`shell.serve_tls`), the option (`serve`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.cli.practice_https import authority_file, server_certificate, write_authority

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.jose.practice_certificates import Authority
    from oauthctl.provider.client import Client
    from oauthctl.shell.serve_tls import MutualTls

SUBJECT = "CN=machine,O=Practice"
_GRANTS = ("authorization_code", "refresh_token", "client_credentials")
_SCOPES = ("openid", "profile", "email", "offline_access", "items.read", "items.write")


@dataclass(frozen=True, slots=True)
class PracticeTls:
    """What the server is given, its clients, and the folder with the files for those who practise."""

    server: MutualTls
    clients: tuple[Client, ...]
    folder: Path

    @property
    def authority_file(self) -> Path:
        """Whom to trust: the server's certificate is signed by it."""
        return authority_file(self.folder)

    def client_file(self, client_id: str) -> Path:
        """The client's certificate with its key."""
        return self.folder / f"{client_id}.pem"


def practice_tls(folder: str, *, host: str, now: datetime, by: Authority | None = None) -> PracticeTls:
    """Fresh certificates, the clients' written to private files in this folder: they are for practice and die with the provider.

    `by` signs them, or else an authority of their own.
    """
    from oauthctl.jose.practice_certificates import new_authority, new_certificate
    from oauthctl.provider.client import Client
    from oauthctl.shell.serve_tls import MutualTls
    from oauthctl.store.files import write_private

    authority = by or new_authority("practice authority", now=now)
    server = MutualTls(server_certificate(authority, host=host, now=now), (authority.certificate,))
    signed, alone = new_certificate(SUBJECT, now=now, by=authority), new_certificate("CN=alone", now=now)
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
    made = PracticeTls(server, (machine, by_itself), Path(folder))
    write_authority(made.folder, authority)
    for client, certificate in ((machine, signed), (by_itself, alone)):
        write_private(made.client_file(client.id), certificate.opened(), mend_parent=False)
    return made
