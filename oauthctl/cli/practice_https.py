"""`serve --tls DIR`: a practice provider that speaks https, by a certificate of an authority that exists for this run.

Here: the certificate, the file that tells whom to trust, what is said about it. Not here: client certificates (`practice_mtls`), TLS
itself (`shell.serve_tls`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """What the server shows, who signed it, and the folder where that is written."""

    certificate: ClientCertificate
    authority: Authority
    folder: Path

    @property
    def authority_file(self) -> Path:
        """Whom to trust."""
        return authority_file(self.folder)

    @property
    def trust(self) -> str:
        """What stands before a command that is to trust the provider."""
        return f"SSL_CERT_FILE={quote(str(self.authority_file))}"


def practice_https(folder: str, *, host: str, issuers: Iterable[str], now: datetime) -> PracticeHttps:
    """A fresh authority and its certificate for this host, and for those of the issuers that are URLs; the keys stay in memory.

    Raises: ConfigError, when an issuer says plain http.
    """
    from oauthctl.jose.practice_certificates import new_authority

    urls = [issuer for issuer in issuers if issuer and not issuer.startswith("/")]
    for issuer in urls:
        if not issuer.lower().startswith("https://"):
            raise ConfigError(
                f"`{issuer}` is plain http, and `--tls` is https",
                slug="issuer-unusable",
                help="write `--issuer https://…`, or leave one of the two out",
            )
    authority = new_authority("practice authority", now=now)
    certificate = server_certificate(authority, host=host, now=now, also=[split_url(issuer).hostname or "" for issuer in urls])
    # What is told is copied to other terminals, which are elsewhere.
    made = PracticeHttps(certificate, authority, Path(folder).absolute())
    write_authority(made.folder, authority)
    return made


def server_certificate(authority: Authority, *, host: str, now: datetime, also: Iterable[str] = ()) -> ClientCertificate:
    """A server's certificate for all names by which this machine may be called, and for those that are `also` given."""
    from oauthctl.jose.practice_certificates import new_certificate
    from oauthctl.shell.serve import host_of_url

    names = (*also, host.strip("[]"), host_of_url(host.strip("[]")).strip("[]"), "127.0.0.1", "::1", "localhost")
    return new_certificate("CN=practice provider", now=now, by=authority, hosts=tuple(dict.fromkeys(filter(None, names))))


def authority_file(folder: Path) -> Path:
    """Where the authority's certificate is written."""
    return folder / "ca.pem"


def write_authority(folder: Path, authority: Authority) -> None:
    """Write whom to trust, never the authority's key."""
    from oauthctl.jose.client_certificate import as_pem
    from oauthctl.store.files import write_private

    write_private(authority_file(folder), as_pem(authority.certificate), mend_parent=False)


def how_to_trust(https: PracticeHttps) -> Iterator[Line]:
    """For a person: which file makes programs trust the provider."""
    from oauthctl.views.lines import Span, line, literals

    yield line("its certificate is made for this run; trust ", Span(str(https.authority_file), "literal"), ", by setting")
    yield line("  ", Span(https.trust, "literal"))
    yield line(*literals("in front of `oauthctl`, curl, Python; for Node `NODE_EXTRA_CA_CERTS`"))
