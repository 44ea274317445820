"""A known flow carried through by its own code, with the practice provider in memory.

Here: the stage on which it begins. Not here: the rehearsal itself (`flows.rehearsal`), the provider and the person (`shell.partners`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from oauthctl.cli.known_flows.certificates import machine
from oauthctl.cli.known_flows.flow import ISSUER, MTLS, REDIRECT_URI, SECRET, Begin, Stage, planned
from oauthctl.cli.known_flows.trades import robots
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.discovery import discover
from oauthctl.flows.rehearsal import rehearse
from oauthctl.jose.practice_certificates import new_certificate
from oauthctl.record.exchange import Recording
from oauthctl.shell.partners import PracticePartners

_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def rehearsed(begin: Begin, *, has_certificate: bool = False) -> Recording:
    """What the flow exchanges, from its own code; nothing is sent."""
    certificate = new_certificate("CN=machine", now=_AT) if has_certificate else None
    clients = robots() if certificate is None else (*robots(), machine(certificate))
    partners = PracticePartners(ISSUER, secret=SECRET, redirect_uri=REDIRECT_URI, at=_AT, clients=clients)
    if certificate is not None:
        partners.show_certificate(certificate.chain[0], mtls_origin=MTLS)
    _, found = rehearse(discover(ISSUER), partners, issuer=ISSUER, at=_AT)
    _, signed_in = rehearse(sign_in(planned(found.metadata)), partners, issuer=ISSUER, at=_AT)
    return rehearse(begin(Stage(found.metadata, signed_in)), partners, issuer=ISSUER, at=_AT)[0]
