"""What protected a sign-in or a token request, read from what was sent and what came back.

Here: the names of the protections that were at work, and how the client proved itself. Not here: whether that was enough (`rules`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import Params
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.answer import read_answer
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, METHOD
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.purposes import fragment_of, posted_fields, query_of

_ASKING = (purposes.AUTHORIZATION, purposes.PUSHED_AUTHORIZATION, purposes.DEVICE_AUTHORIZATION, purposes.BACKCHANNEL_AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Protection:
    """`measures` in the order in which they work, `client` the method by which the client proved itself (`none`: a public one)."""

    measures: tuple[str, ...] = ()
    client: str = ""


def protection_of(recording: Recording) -> Protection:
    """Of the last token request, and of what led to it."""
    exchanges = recording.exchanges
    asked = Params(tuple(pair for one in exchanges if one.purpose in _ASKING for pair in _sent(one)))
    back = Params(tuple(pair for one in exchanges if one.purpose == purposes.CALLBACK for pair in _sent(one)))
    token = next((one for one in reversed(exchanges) if one.purpose == purposes.TOKEN), None)
    found = (
        (f"PKCE {_pkce(asked)}", _pkce(asked)),
        ("PAR", any(one.purpose == purposes.PUSHED_AUTHORIZATION for one in exchanges)),
        (f"JAR ({_form(asked.get('request'))})", asked.get("request")),
        (f"JARM ({_form(back.get('response'))})", back.get("response")),
        ("iss in the answer", back.get("iss")),
        ("DPoP", token is not None and "dpop" in token.request.headers and _token_type(token).lower() == "dpop"),
        ("a token bound to the certificate", token is not None and token.certificate and "x5t#S256" in _confirmed(token)),
    )
    return Protection(tuple(name for name, is_there in found if is_there), client_authentication(token) if token is not None else "")


def _sent(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    posted = ((name, value) for name, value in posted_fields(exchange.request) if isinstance(value, str))
    return (*query_of(exchange.request.url).pairs, *fragment_of(exchange.request.url).pairs, *posted)


def _pkce(asked: Params) -> str:
    """The method; inside of a request object it can be read where that is not encrypted."""
    inside = take_apart(asked.get("request") or "").claims or {}
    if asked.get("code_challenge"):
        return asked.get("code_challenge_method") or "plain"
    return str(inside.get("code_challenge_method") or "plain") if inside.get("code_challenge") else ""


def _form(compact: str | None) -> str:
    token = take_apart(compact or "")
    return {Kind.JWE: "encrypted", Kind.UNSECURED: "not signed"}.get(token.kind, "signed")


def _token_type(token: Exchange) -> str:
    return next((str(value) for name, value in _answer(token) if name == "token_type"), "")


def _confirmed(token: Exchange) -> dict[str, object]:
    access_token = next((value for name, value in _answer(token) if name == "access_token" and isinstance(value, str)), "")
    confirmed = (take_apart(access_token).claims or {}).get("cnf")
    return confirmed if isinstance(confirmed, dict) else {}


def _answer(exchange: Exchange) -> tuple[tuple[str, object], ...]:
    return read_answer(exchange.response).fields if exchange.response is not None else ()


def client_authentication(token: Exchange) -> str:
    """The method by which the client of a request proves itself; with the algorithm where it signs."""
    sent = Params(_sent(token))
    if (token.request.headers.get("authorization") or "").lower().startswith("basic "):
        return "client_secret_basic"
    if assertion := sent.get("client_assertion"):
        alg = take_apart(assertion).alg
        return f"{'client_secret_jwt' if alg.startswith('HS') else 'private_key_jwt'} ({alg})"
    if sent.get("client_secret"):
        return "client_secret_post"
    if ATTESTATION_HEADER in token.request.headers:
        return METHOD
    return "a TLS certificate" if token.certificate else "none"
