"""The tokens that an exchange carries, each with its place and its role.

Here: finding them. Not here: what is wrong with them (`rules`), hiding them (`redact`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from oauthctl.jose.jwt import Token, take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, PROOF_HEADER
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.record.purposes import fragment_of, posted_fields, query_of


class Role(StrEnum):
    """What a token is there for."""

    ACCESS_TOKEN = "access_token"
    ID_TOKEN = "id_token"
    REFRESH_TOKEN = "refresh_token"
    CLIENT_ASSERTION = "client_assertion"
    ASSERTION = "assertion"
    DPOP_PROOF = "dpop_proof"
    ATTESTATION = "attestation"
    ATTESTATION_PROOF = "attestation_proof"
    LOGOUT_TOKEN = "logout_token"
    REQUEST_OBJECT = "request"
    RESPONSE = "response"
    ANSWER = "answer"
    """What userinfo and introspection answer, where that is a JWT."""
    UNKNOWN = "token"


@dataclass(frozen=True, slots=True)
class HeldToken:
    """One token where it was seen. `place` is `request.headers.Authorization`, `response.body.id_token` …; None is no exchange: pasted."""

    role: Role
    place: str
    token: Token
    exchange: int | None = None


_FORM_ROLES = {
    "client_assertion": Role.CLIENT_ASSERTION,
    "assertion": Role.ASSERTION,
    "id_token_hint": Role.ID_TOKEN,
    "logout_token": Role.LOGOUT_TOKEN,
    "request": Role.REQUEST_OBJECT,
    "response": Role.RESPONSE,
    "id_token": Role.ID_TOKEN,
    "access_token": Role.ACCESS_TOKEN,
    "refresh_token": Role.REFRESH_TOKEN,
    "token": Role.UNKNOWN,
    "subject_token": Role.UNKNOWN,
    "actor_token": Role.UNKNOWN,
    "WebIdentityToken": Role.UNKNOWN,
    "subjectToken": Role.UNKNOWN,
    "jwt": Role.UNKNOWN,
}
# What sign-in buttons and mobile SDKs call it.
_HANDED_OVER = ("id_token", "idToken", "credential")
_ANSWER_ROLES = {
    "access_token": Role.ACCESS_TOKEN,
    "id_token": Role.ID_TOKEN,
    "refresh_token": Role.REFRESH_TOKEN,
    "response": Role.RESPONSE,
}
_BARE = re.compile(rb"\s*ey[\w-]+\.[\w-]*\.[\w.-]*\s*$")
_ANSWERING = (purposes.TOKEN, purposes.AUTHORIZATION, purposes.CALLBACK)


_COMPACT = re.compile(r"ey[^.]*\.[^.]*\.[^.]*$")


def _role_by_refusal(name: str, status: int) -> Role | None:
    """What a token is that is posted to an application itself and refused there."""
    if name == "logout_token":
        return Role.LOGOUT_TOKEN
    return Role.ID_TOKEN if name in _HANDED_OVER and status in (400, 401, 403) else None


def tokens_of(exchange: Exchange, purpose: str) -> tuple[HeldToken, ...]:
    """All tokens of an exchange, JWTs and opaque ones, in the order of request and response."""
    request, response = exchange.request, exchange.response
    found: list[tuple[Role, str, str]] = []
    scheme, _, credentials = (request.headers.get("authorization") or "").strip().partition(" ")
    if scheme.lower() in ("bearer", "dpop", "token"):
        found.append((Role.ACCESS_TOKEN, "request.headers.Authorization", credentials.strip()))
    if proof := request.headers.get("dpop"):
        found.append((Role.DPOP_PROOF, "request.headers.DPoP", proof))
    for header, role in ((ATTESTATION_HEADER, Role.ATTESTATION), (PROOF_HEADER, Role.ATTESTATION_PROOF)):
        if shown := request.headers.get(header):
            found.append((role, f"request.headers.{header}", shown))
    if purpose:
        for place, fields in (("query", query_of(request.url)), ("fragment", fragment_of(request.url)), ("form", posted_fields(request))):
            found += [
                (_FORM_ROLES[name], f"request.{place}.{name}", value)
                for name, value in fields
                if name in _FORM_ROLES and isinstance(value, str)
            ]
    elif response is not None and response.status >= 400:
        # A page hands the ID token to its own server, or the provider its logout token to the application, which refuses it.
        found += [
            (posted, f"request.form.{name}", value)
            for name, value in posted_fields(request)
            if (posted := _role_by_refusal(name, response.status)) and isinstance(value, str) and _COMPACT.match(value)
        ]
    if response is not None and purpose in _ANSWERING:
        location = response.headers.get("location") or ""
        for place, fields in (
            ("body", read_answer(response).fields),
            ("headers.Location", (*query_of(location).pairs, *fragment_of(location).pairs)),
        ):
            found += [
                (_ANSWER_ROLES[name], f"response.{place}.{name}", value)
                for name, value in fields
                if name in _ANSWER_ROLES and isinstance(value, str)
            ]
    if response is not None and purpose in (purposes.USERINFO, purposes.INTROSPECTION) and _BARE.match(response.body[:65536]):
        found.append((Role.ANSWER, "response.body", response.text.strip()))
    return tuple(HeldToken(role, place, take_apart(text), exchange.id) for role, place, text in found if text)
