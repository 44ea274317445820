from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.mutual_tls import certified_urls, mutual_tls
from oauthctl.flows.steps import Flow, Listen, Send, listen, send
from oauthctl.http import Request
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import fields_of
from tests.played import callback, play, response

TOKEN, ALIAS = "https://op.example/token", "https://mtls.op.example/token"
RFC_8705_SECTION_5 = {
    "issuer": "https://server.example.com",
    "authorization_endpoint": "https://server.example.com/authz",
    "token_endpoint": "https://server.example.com/token",
    "introspection_endpoint": "https://server.example.com/introspect",
    "revocation_endpoint": "https://server.example.com/revo",
    "jwks_uri": "https://server.example.com/jwks",
    "mtls_endpoint_aliases": {
        "token_endpoint": "https://mtls.example.com/token",
        "revocation_endpoint": "https://mtls.example.com/revo",
        "introspection_endpoint": "https://mtls.example.com/introspect",
    },
}


def metadata(**members: object) -> ProviderMetadata:
    return ProviderMetadata(fields_of(members.items()))


def test_the_aliases_of_the_rfc_are_obeyed() -> None:
    assert certified_urls(metadata(**RFC_8705_SECTION_5)) == {
        "https://server.example.com/token": "https://mtls.example.com/token",
        "https://server.example.com/revo": "https://mtls.example.com/revo",
        "https://server.example.com/introspect": "https://mtls.example.com/introspect",
    }


def test_an_endpoint_without_an_alias_is_asked_itself() -> None:
    found = certified_urls(
        metadata(token_endpoint=TOKEN, revocation_endpoint="https://op.example/r", mtls_endpoint_aliases={"token_endpoint": ALIAS})
    )
    assert found == {TOKEN: ALIAS, "https://op.example/r": "https://op.example/r"}


@pytest.mark.parametrize("aliases", [None, "https://op.example", ["x"], {}])
def test_aliases_that_are_none_change_nothing(aliases: object) -> None:
    assert certified_urls(metadata(token_endpoint=TOKEN, mtls_endpoint_aliases=aliases)) == {TOKEN: TOKEN}


@pytest.mark.parametrize("alias", ["http://op.example/token", "https://me@evil.example/token", "ftp://op.example/", 7, None, ""])
def test_an_alias_that_is_no_https_url_is_refused(alias: object) -> None:
    with pytest.raises(BadAnswer) as caught:
        certified_urls(metadata(token_endpoint=TOKEN, mtls_endpoint_aliases={"token_endpoint": alias}))
    assert caught.value.slug == "endpoint-unusable"


def test_the_certificate_goes_to_the_named_addresses_alone() -> None:
    def flow() -> Flow[str]:
        for url in (TOKEN, "https://op.example/jwks", "https://api.example/items", f"{TOKEN}/more", f"{TOKEN}?x=1"):
            yield from send(Request("GET", url), "any")
        return "done"

    played = play(mutual_tls(flow(), {TOKEN: ALIAS}), [response(200, {})] * 5)
    assert [(step.request.url, step.with_certificate) for step in played.steps if isinstance(step, Send)] == [
        (ALIAS, True),
        ("https://op.example/jwks", False),
        ("https://api.example/items", False),
        (f"{TOKEN}/more", False),
        (f"{TOKEN}?x=1", False),
    ]


def test_a_client_names_itself_and_shows_nothing_else() -> None:
    client = Client("svc", method="tls_client_auth")
    played = play(
        mutual_tls(client_credentials(TOKEN, client), {TOKEN: ALIAS}), [response(200, {"access_token": "a", "token_type": "Bearer"})]
    )
    assert played.result.response.access_token == "a"
    (request,) = played.requests
    assert dict(request.form) == {"grant_type": "client_credentials", "client_id": "svc"}
    assert "authorization" not in request.headers


def test_no_connection_without_the_certificate_is_kept_for_it() -> None:
    def flow() -> Flow[str]:
        yield from listen(Listen("http://127.0.0.1/callback", "s", keep_open=(TOKEN, "https://op.example/jwks")))
        return "done"

    played = play(mutual_tls(flow(), {TOKEN: ALIAS}), [callback("http://127.0.0.1/callback", state="s")])
    (step,) = played.steps
    assert isinstance(step, Listen)
    assert step.keep_open == ("https://op.example/jwks",)
