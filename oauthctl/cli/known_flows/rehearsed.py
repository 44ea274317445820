"""A known flow carried through by its own code, with the practice provider in memory.

Here: the stage on which it begins. Not here: the rehearsal itself (`flows.rehearsal`), the provider and the person (`shell.partners`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from oauthctl.cli.known_flows.clients import ATTESTER, HOME, SECRET, attesters_key, providers_keys, registered
from oauthctl.cli.known_flows.flow import ISSUER, MTLS, REDIRECT_URI, Begin, KnownFlow, Stage, planned
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.discovery import discover
from oauthctl.flows.rehearsal import rehearse
from oauthctl.jose.practice_certificates import new_certificate
from oauthctl.record.exchange import Recording
from oauthctl.record.flow_changes import FlowChanges, changes_of_flow
from oauthctl.shell.partners import PracticePartners

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def rehearsed(begin: Begin, *, has_certificate: bool = False, is_draft: bool = False) -> Recording:
    """What the flow exchanges, from its own code; nothing is sent."""
    partners, stage = prepared(has_certificate=has_certificate, is_draft=is_draft)
    return rehearse(begin(stage), partners, issuer=ISSUER, at=AT)[0]


def changes_of(flow: KnownFlow) -> FlowChanges | None:
    """What the flow does otherwise than the plain code flow, from the code of both; None where there is nothing to compare."""
    if flow.plain is None:
        return None
    return changes_of_flow(rehearsed(flow.plain), rehearsed(flow.begin, has_certificate=flow.has_certificate, is_draft=flow.is_draft))


def prepared(*, issuer: str = ISSUER, has_certificate: bool = False, is_draft: bool = False) -> tuple[PracticePartners, Stage]:
    """The partners after a person has signed in at the provider that is called so, and what that brought."""
    certificate = new_certificate("CN=machine", now=AT) if has_certificate else None
    clients, keys = registered(certificate), providers_keys()
    partners = PracticePartners(issuer, secret=SECRET, redirect_uri=REDIRECT_URI, at=AT, clients=clients, keys=keys)
    if certificate is not None:
        partners.show_certificate(certificate.chain[0], mtls_origin=MTLS)
    partners.know(HOME, PracticePartners(HOME, secret=SECRET, redirect_uri=REDIRECT_URI, at=AT, keys=keys))
    partners.trust(HOME, keys[0].public())
    if is_draft:
        partners.trust_attester(ATTESTER, attesters_key().public())
    _, found = rehearse(discover(issuer), partners, issuer=issuer, at=AT)
    _, signed_in = rehearse(sign_in(planned(found.metadata)), partners, issuer=issuer, at=AT)
    return partners, Stage(found.metadata, signed_in)
