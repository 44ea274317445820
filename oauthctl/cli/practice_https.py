"""`serve --tls DIR`: a practice provider that speaks https, by a certificate of the authority that is kept in a folder.

Here: the certificate, what is said about whom to trust. Not here: the authority's files (`store.authority_files`), client certificates
(`practice_mtls`), TLS itself (`shell.serve_tls`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError
from oauthctl.http import split_url

if TYPE_CHECKING:
    from datetime import datetime

    from oauthctl.jose.client_certificate import ClientCertificate
    from oauthctl.jose.practice_certificates import Authority
    from oauthctl.views.lines import Line


@dataclass(frozen=True, slots=True)
class PracticeHttps:
    """What the server shows, who signed it, and the folder where that one is kept."""

    certificate: ClientCertificate
    authority: Authority
    folder: Path

    @property
    def authority_file(self) -> Path:
        """Whom to trust."""
        from oauthctl.store.authority_files import CERTIFICATE

        return self.folder / CERTIFICATE

    @property
    def trust(self) -> str:
        """What stands before a command that is to trust the provider."""
        return f"SSL_CERT_FILE={quote(str(self.authority_file))}"


def practice_https(
    folder: str, *, host: str, issuers: Iterable[str], now: datetime, warn: Callable[[str], None] = lambda _: None
) -> PracticeHttps:
    """A fresh certificate of the folder's authority for this host, and for those of the issuers that are URLs; its key stays in memory.

    `warn` is told what is wrong with the folder and was mended.
    Raises: ConfigError, when an issuer says plain http. StoreError, when the folder is no place for an authority.
    """
    from oauthctl.store.authority_files import authority_of

    urls = [issuer for issuer in issuers if issuer and not issuer.startswith("/")]
    for issuer in urls:
        if not issuer.lower().startswith("https://"):
            raise ConfigError(
                f"`{issuer}` is plain http, and `--tls` is https",
                slug="issuer-unusable",
                help="write `--issuer https://…`, or leave one of the two out",
            )
    hosts = names_of(host, also=[split_url(issuer).hostname or "" for issuer in urls])
    # What is told is copied to other terminals, which are elsewhere.
    place = Path(folder).absolute()
    authority = authority_of(place, hosts, now=now, warn=warn)
    return PracticeHttps(server_certificate(authority, hosts, now=now), authority, place)


def names_of(host: str, *, also: Iterable[str] = ()) -> tuple[str, ...]:
    """All names by which a machine that listens on this host may be called, and those that are `also` given."""
    from oauthctl.shell.serve import host_of_url

    names = (*also, host.strip("[]"), host_of_url(host.strip("[]")).strip("[]"), "127.0.0.1", "::1", "localhost")
    return tuple(dict.fromkeys(filter(None, names)))


def server_certificate(authority: Authority, hosts: tuple[str, ...], *, now: datetime) -> ClientCertificate:
    """A fresh certificate for a server of these names."""
    from oauthctl.jose.practice_certificates import new_certificate

    return new_certificate("CN=practice provider", now=now, by=authority, hosts=hosts)


def how_to_trust(https: PracticeHttps) -> Iterator[Line]:
    """For a person: which file makes programs trust the provider."""
    from oauthctl.views.lines import Span, line, literals

    yield line("its authority is kept from run to run; trust ", Span(str(https.authority_file), "literal"), ", by setting")
    yield line("  ", Span(https.trust, "literal"))
    yield line(*literals("in front of `oauthctl`, curl, Python; for Node `NODE_EXTRA_CA_CERTS`"))
