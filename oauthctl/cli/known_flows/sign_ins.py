"""The authorization code flow, plain and with each of its extensions.

Here: how each begins. Not here: sign-ins by another grant (`grants`), the drawing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.clients import APP, KEYED, OFFERED_AT, READER, opening_key, signing_key
from oauthctl.cli.known_flows.flow import Begin, KnownFlow, Stage, planned
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.discovery import discover
from oauthctl.flows.steps import Flow
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client
from oauthctl.specs import Section

_DETAILS = '[{"type":"items","actions":["read"],"identifier":"item-1"}]'
_CLAIMS = '{"id_token":{"acr":{"value":"password"}},"userinfo":{"email":{"essential":true}}}'


def code(client: Client = APP, *, is_known: bool = False, **changes: Any) -> Begin:
    """The code flow of this client with these changes of the plan. The server `is_known` where it need not be discovered first."""

    def begin(stage: Stage) -> Flow[Any]:
        metadata = stage.metadata if is_known else (yield from discover(stage.issuer)).metadata
        return (yield from sign_in(replace(planned(metadata), client=client, **changes)))

    return begin


def _code_and_userinfo(*, claims: str = "") -> Begin:
    """The code flow, then what userinfo says of the person."""

    def begin(stage: Stage) -> Flow[Any]:
        metadata = (yield from discover(stage.issuer)).metadata
        asked = Params((("claims", claims),)) if claims else Params()
        signed_in = yield from sign_in(replace(planned(metadata), params=asked))
        return (yield from userinfo(metadata.userinfo_endpoint or "", signed_in.granted.response.access_token or ""))

    return begin


# Keys are made when they are needed, not where the flows are listed.
def _packed(way: str) -> Begin:
    def begin(stage: Stage) -> Flow[Any]:
        return code(KEYED, request_object=way, keys=(signing_key(),))(stage)

    return begin


def _referenced(stage: Stage) -> Flow[Any]:
    return code(KEYED, request_object="reference", request_uri=OFFERED_AT, keys=(signing_key(),))(stage)


def _sealed(stage: Stage) -> Flow[Any]:
    return code(KEYED, response_mode="jwt", keys=(opening_key(),))(stage)


def _with_sealed_id_token(stage: Stage) -> Flow[Any]:
    return code(READER, keys=(opening_key(),))(stage)


_plain = code()


SIGN_INS = (
    KnownFlow(
        "code-flow",
        "the authorization code flow with PKCE",
        "a person signs in in the browser, and the application gets tokens for a code",
        Section("RFC 6749", "4.1"),
        _plain,
        ("authorization-code-flow", "login-flow", "sign-in-flow"),
    ),
    KnownFlow(
        "pushed-flow",
        "the code flow with a pushed authorization request (PAR)",
        "the application gives the server its request before the browser takes a reference to it there",
        Section("RFC 9126", "1"),
        code(is_pushed=True),
        ("par-flow", "pushed-authorization-request-flow"),
        plain=_plain,
    ),
    KnownFlow(
        "signed-request-flow",
        "the code flow with its request in a signed JWT (JAR)",
        "the browser carries a request that nobody on the way can change, signed by the client",
        Section("RFC 9101", "1"),
        _packed("signed"),
        ("jar-flow", "request-object-flow"),
        plain=code(KEYED),
    ),
    KnownFlow(
        "encrypted-request-flow",
        "the code flow with its request in an encrypted JWT (JAR)",
        "the request is signed by the client, then encrypted for the server: nobody on the way can read it, either",
        Section("RFC 9101", "4"),
        _packed("encrypted"),
        ("encrypted-request-object-flow",),
        plain=code(KEYED),
    ),
    KnownFlow(
        "referenced-request-flow",
        "the code flow with its request in a signed JWT that the server fetches (JAR by reference)",
        "the browser carries the address of the signed request alone, and the server comes to the client for it",
        Section("RFC 9101", "5.2"),
        _referenced,
        ("request-uri-flow", "request-by-reference-flow"),
        plain=code(KEYED),
    ),
    KnownFlow(
        "signed-answer-flow",
        "the code flow with its answer in a signed JWT (JARM)",
        "the browser brings back a JWT, and nothing in it is believed before its signature, issuer, audience and time are",
        Section("OAuth JARM", "2"),
        code(response_mode="jwt"),
        ("jarm-flow", "answer-in-jwt-flow"),
        plain=_plain,
    ),
    KnownFlow(
        "encrypted-answer-flow",
        "the code flow with its answer in an encrypted JWT (JARM)",
        "the provider signs its answer, then encrypts it for the client: no proxy and no log on the way can read the code",
        Section("OAuth JARM", "2.2"),
        _sealed,
        ("encrypted-answer-in-jwt-flow",),
        plain=code(KEYED),
    ),
    KnownFlow(
        "encrypted-id-token-flow",
        "the code flow with an encrypted ID token (JWE)",
        "the provider signs the ID token, then encrypts it for the client, which alone can read what it says of the person",
        Section("OIDC Core", "10.2"),
        _with_sealed_id_token,
        ("jwe-flow", "nested-jwt-flow"),
        plain=code(KEYED),
    ),
    KnownFlow(
        "posted-answer-flow",
        "the code flow with a posted answer (form_post)",
        "the browser brings the answer in a form that it posts, so that the code stands in no URL",
        Section("OAuth Form Post", "2"),
        code(response_mode="form_post"),
        ("form-post-flow",),
        plain=_plain,
    ),
    KnownFlow(
        "detailed-flow",
        "the code flow with a request in detail (RAR)",
        "the application says in JSON what exactly it wants to do, the person sees that, and the token says it",
        Section("RFC 9396", "1"),
        code(params=Params((("authorization_details", _DETAILS),))),
        ("rar-flow", "rich-authorization-request-flow"),
        plain=_plain,
    ),
    KnownFlow(
        "resource-flow",
        "the code flow for one API (resource indicators)",
        "the application names the API that it will call, and the token is good for no other",
        Section("RFC 8707", "2"),
        lambda stage: code(params=Params((("resource", stage.api),)))(stage),
        ("resource-indicators-flow", "resource-indicator-flow", "audience-flow"),
        plain=_plain,
    ),
    KnownFlow(
        "claims-flow",
        "the code flow with single claims asked for (claims)",
        "the application names the claims that it wants, and how much it needs each",
        Section("OIDC Core", "5.5"),
        _code_and_userinfo(claims=_CLAIMS),
        ("claims-request-flow", "claims-parameter-flow"),
        plain=_code_and_userinfo(),
    ),
    KnownFlow(
        "recent-sign-in-flow",
        "the code flow with a limit on the age of the sign-in (max_age)",
        "a person who signed in too long ago has to do it again, and the ID token says when they did",
        Section("OIDC Core", "3.1.2.1"),
        code(max_age=300),
        ("max-age-flow", "re-authentication-flow"),
        plain=_plain,
    ),
)
"""A person signs in in the browser."""
