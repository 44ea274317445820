"""Whose certificate goes where, when a session deals with more than one client."""

from __future__ import annotations

import io

from oauthctl.cli.credentials import Credentials
from oauthctl.cli.output import Output
from oauthctl.cli.presenting import bound_to, present
from oauthctl.cli.session import Session
from oauthctl.cli.terminal import Terminal
from oauthctl.jose.sign import unsecured
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import fields_of
from tests.certificates import made

HERE, THERE = "https://here.example/token", "https://there.example/token"
ONE, OTHER = made("CN=one").loaded, made("CN=other").loaded


def metadata(**members: object) -> ProviderMetadata:
    return ProviderMetadata(fields_of(members.items()))


def session() -> Session:
    return Session(Output(Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})), "token")


def test_one_clients_certificate_is_never_shown_for_another() -> None:
    with session() as running:
        present(running, Credentials(certificate=ONE), metadata(token_endpoint=THERE))
        assert (running.world.certificate, running.certified_urls) == (ONE.thumbprint, {THERE: THERE})
        present(running, Credentials(certificate=OTHER), metadata(token_endpoint=HERE))
        assert (running.world.certificate, running.certified_urls) == (OTHER.thumbprint, {HERE: HERE})
        present(running, Credentials("a secret"), metadata(token_endpoint=HERE))
        assert running.certified_urls == {}


def test_a_token_tells_its_binding_itself_and_an_opaque_one_by_the_metadata() -> None:
    binds, silent = metadata(tls_client_certificate_bound_access_tokens=True), metadata()
    bound = unsecured({"cnf": {"x5t#S256": "thumb"}})
    assert bound_to(bound, silent, presented="") == "thumb"
    assert bound_to(unsecured({"sub": "a"}), binds, presented="mine") == ""
    assert bound_to("opaque", binds, presented="mine") == "mine"
    assert bound_to("opaque", silent, presented="mine") == ""
