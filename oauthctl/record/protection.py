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

_HIDDEN_PKCE = "PKCE"
"""Where the challenge was encrypted: the verifier in the token request shows that there was one, not by which method."""


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
    redeemed = Params(_sent(token)) if token is not None else Params()
    packed = asked.get("request") or _fetched(exchanges)
    found = (
        (_pkce(asked, packed), "code_verifier" in redeemed or _pkce(asked, packed) != _HIDDEN_PKCE),
        ("PAR", any(one.purpose == purposes.PUSHED_AUTHORIZATION for one in exchanges)),
        (f"JAR ({_form(packed)})", packed),
        (f"JARM ({_form(back.get('response'))})", back.get("response")),
        ("iss in the answer", back.get("iss")),
        ("DPoP", token is not None and "dpop" in token.request.headers and _token_type(token).lower() == "dpop"),
        ("a token bound to the certificate", token is not None and token.certificate and "x5t#S256" in _confirmed(token)),
    )
    return Protection(tuple(name for name, is_there in found if is_there), client_authentication(token) if token is not None else "")


def _sent(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    posted = ((name, value) for name, value in posted_fields(exchange.request) if isinstance(value, str))
    return (*query_of(exchange.request.url).pairs, *fragment_of(exchange.request.url).pairs, *posted)


def _fetched(exchanges: tuple[Exchange, ...]) -> str:
    """The request object that the server came for; empty where it came for none."""
    handed_out = (one.response for one in exchanges if one.purpose == purposes.REQUEST_OBJECT)
    return next((one.text for one in handed_out if one is not None and one.status == 200), "")


def _pkce(asked: Params, packed: str) -> str:
    """PKCE with its method, which the challenge tells where it can be read, also inside of a request object."""
    inside = take_apart(packed).claims or {}
    if not (asked.get("code_challenge") or inside.get("code_challenge")):
        return _HIDDEN_PKCE
    return f"{_HIDDEN_PKCE} {asked.get('code_challenge_method') or inside.get('code_challenge_method') or 'plain'}"


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
