"""The authorization code flow, plain and with each of its extensions.

Here: how each begins. Not here: sign-ins by another grant (`grants`), the drawing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.flow import API, ISSUER, KnownFlow, Stage, confidential, planned
from oauthctl.flows.api_call import call
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.discovery import discover
from oauthctl.flows.dpop import dpop
from oauthctl.flows.steps import Flow
from oauthctl.http import Params, get_request
from oauthctl.jose.jwk import generate
from oauthctl.specs import Section


def _code(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(planned(found.metadata)))


def _pushed(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(planned(found.metadata), is_pushed=True)))


def _signed_request(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(planned(found.metadata), client=confidential("web"), request_object="secret")))


def _signed_answer(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    return (yield from sign_in(replace(planned(found.metadata), response_mode="jwt")))


def _in_detail(_stage: Stage) -> Flow[Any]:
    found = yield from discover(ISSUER)
    asked = Params((("authorization_details", '[{"type":"items","actions":["read"],"identifier":"item-1"}]'),))
    return (yield from sign_in(replace(planned(found.metadata), params=asked)))


def _proved(_stage: Stage) -> Flow[Any]:
    def whole() -> Flow[Any]:
        found = yield from discover(ISSUER)
        signed_in = yield from sign_in(planned(found.metadata))
        tokens = signed_in.granted.response
        return (yield from call(get_request(API), tokens.access_token or "", token_type=tokens.token_type or ""))

    return dpop(whole(), generate("ES256"))


SIGN_INS = (
    KnownFlow(
        "code-flow",
        "the authorization code flow with PKCE",
        "a person signs in in the browser, and the application gets tokens for a code",
        Section("RFC 6749", "4.1"),
        _code,
        ("authorization-code-flow", "login-flow", "sign-in-flow"),
    ),
    KnownFlow(
        "pushed-flow",
        "the code flow with a pushed authorization request (PAR)",
        "the application gives the server its request before the browser takes a reference to it there",
        Section("RFC 9126", "1"),
        _pushed,
        ("par-flow", "pushed-authorization-request-flow"),
    ),
    KnownFlow(
        "signed-request-flow",
        "the code flow with its request in a signed JWT (JAR)",
        "the browser carries a request that nobody on the way can change, signed by the client",
        Section("RFC 9101", "1"),
        _signed_request,
        ("jar-flow", "request-object-flow"),
    ),
    KnownFlow(
        "signed-answer-flow",
        "the code flow with its answer in a signed JWT (JARM)",
        "the browser brings back a JWT, and nothing in it is believed before its signature, issuer, audience and time are",
        Section("OAuth JARM", "2"),
        _signed_answer,
        ("jarm-flow", "answer-in-jwt-flow"),
    ),
    KnownFlow(
        "detailed-flow",
        "the code flow with a request in detail (RAR)",
        "the application says in JSON what exactly it wants to do, the person sees that, and the token says it",
        Section("RFC 9396", "1"),
        _in_detail,
        ("rar-flow", "rich-authorization-request-flow"),
    ),
    KnownFlow(
        "dpop-flow",
        "the code flow with tokens that are bound to a key (DPoP)",
        "each request proves that who sends it has the key, so that a stolen token is of no use",
        Section("RFC 9449", "1"),
        _proved,
        ("proof-of-possession-flow", "sender-constrained-flow"),
    ),
)
"""A person signs in in the browser."""
