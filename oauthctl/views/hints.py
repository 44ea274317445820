"""What matters about a message in a few words: for the arrows of a diagram.

Here: short, masked phrases. Not here: whole messages (`annotated`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.messages.answer import read_answer
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse, PushedAuthorizationResponse
from oauthctl.messages.challenge import read_challenges
from oauthctl.messages.device import DeviceAuthorizationRequest, DeviceAuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.response_types import CODE, brings_token
from oauthctl.messages.token import IntrospectionResponse, TokenRequest, TokenResponse
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.har import PHRASES
from oauthctl.record.transaction import KeySet, UserinfoResponse, request_message, response_message
from oauthctl.views.lines import Style
from oauthctl.views.masked import masked, without_echoes

_CARRIED = (
    "code",
    "code_verifier",
    "refresh_token",
    "device_code",
    "token",
    "assertion",
    "subject_token",
    "client_secret",
    "client_assertion",
)

_LONGEST_REASON = 60
# Source: RFC 8628 section 3.5; RFC 9449 section 8.
_STEPS = ("authorization_pending", "slow_down", "use_dpop_nonce")
_TOLD = ("error", "scope", "error_description", "resource_metadata")
"""What a challenge says that leads on; its realm says nothing to a person."""


def request_hints(exchange: Exchange) -> tuple[str, ...]:
    """What the request brings: `scope openid profile`, `PKCE S256`, `with code, code_verifier`."""
    request = exchange.request
    message = request_message(exchange)
    proofs = ("DPoP proof" if "dpop" in request.headers else "", "TLS certificate" if exchange.certificate else "")
    match message:
        case AuthorizationRequest() if message.raw("request_uri") or message.raw("request"):
            # What stands in the request that is only referred to, or signed, is not told by what lies beside it.
            return (f"with {_names(message, ('request_uri', 'request'))}",)
        case AuthorizationRequest():
            scope = " ".join(message.scope or ())
            method = message.code_challenge_method or ("plain" if message.code_challenge else "")
            kind = " ".join(message.response_type or ())
            wanted = f"response_type {kind}" if brings_token(kind) else ""
            # Without a code there is nothing that a verifier could prove.
            pkce = f"PKCE {method}" if method else "" if wanted and CODE not in kind.split() else "no PKCE"
            found = (wanted, f"scope {scope}" if scope else "", pkce, _names(message, ("state", "nonce")))
            return tuple(hint for hint in found if hint)
        case AuthorizationResponse():
            return _answer_hints(message)
        case Message():
            scope = " ".join(message.scope or ()) if isinstance(message, TokenRequest | DeviceAuthorizationRequest) else ""
            carried = _names(message, _CARRIED)
            scheme = _scheme(exchange)
            brought = (carried and f"with {carried}", f"scope {scope}" if scope else "", f"client by {scheme}" if scheme else "", *proofs)
            return tuple(hint for hint in brought if hint)
        case None:
            scheme = _scheme(exchange)
            return tuple(hint for hint in (f"with {scheme} token" if scheme else "", *proofs) if hint)


def response_hints(exchange: Exchange) -> tuple[str, ...]:
    """What the response brings: `access_token, id_token`, `expires in 300 s`; of an error its code and words."""
    response = exchange.response
    if response is None or exchange.channel is Channel.CALLBACK:
        return ()
    message = response_message(exchange)
    challenges = tuple(_challenge_hint(challenge) for challenge in read_challenges(response)) if response.status in (401, 403) else ()
    if message is not None and message.raw("error") is not None:
        if is_waiting(exchange):
            return ()
        return (*(without_echoes(words, exchange) for words in _error_hints(message)), *challenges)
    match message:
        case TokenResponse():
            tokens = _names(message, ("access_token", "refresh_token", "id_token"))
            lifetime = f"expires in {message.expires_in:g} s" if message.expires_in is not None else ""
            return tuple(hint for hint in (tokens, lifetime) if hint)
        case DeviceAuthorizationResponse():
            codes = _names(message, ("device_code", "user_code"))
            where = f"for {message.verification_uri}" if message.verification_uri else ""
            return tuple(hint for hint in (codes, where, _every(message.interval)) if hint)
        case PushedAuthorizationResponse() if message.request_uri:
            return ("request_uri",)
        case ProviderMetadata() if message.issuer:
            return (f"issuer {message.issuer}",)
        case ResourceMetadata():
            return tuple(f"authorization server {server}" for server in message.authorization_servers or ())
        case KeySet():
            return (_keys_hint(message.keys),)
        case IntrospectionResponse() if message.active is not None:
            return ("active" if message.active else "not active",)
        case UserinfoResponse() if message.sub:
            return (f"sub {message.sub}",)
        case AuthorizationResponse():
            return _answer_hints(message)
    if challenges:
        return challenges
    location = response.headers.get("location")
    if location and 300 <= response.status < 400:
        return (f"to {location.partition('?')[0]}",)
    answer = read_answer(response) if response.status >= 400 else None
    return tuple(without_echoes(words, exchange) for words in _error_hints(Message(answer.fields))) if answer else ()


def is_waiting(exchange: Exchange) -> bool:
    """Whether a refusal is a step of the protocol's: nobody decided yet, or the server's nonce is missing in a proof."""
    return _step(exchange) in _STEPS


def _step(exchange: Exchange) -> str:
    if exchange.response is None or exchange.response.status not in (400, 401):
        return ""
    message = response_message(exchange)
    said = message.raw("error") if isinstance(message, TokenResponse) else None
    return said if isinstance(said, str) else ""


def status_of(exchange: Exchange) -> str:
    """`200 OK` in the server's own words where it has any, the failure, or nothing; of a step that is no failure its code."""
    if exchange.response is None:
        return exchange.failure
    if is_waiting(exchange):
        return f"{exchange.response.status} {_step(exchange)}"
    status = exchange.response.status
    return f"{status} {without_echoes(exchange.response.reason, exchange)[:_LONGEST_REASON] or PHRASES.get(status, '')}".rstrip()


def status_style(exchange: Exchange) -> Style:
    """Green for a success, red for an error, no colour for what is neither."""
    if exchange.response is None:
        return "error" if exchange.failure else "dim"
    status = exchange.response.status
    return "success" if 200 <= status < 300 else "error" if status >= 400 and not is_waiting(exchange) else ""


def duration(seconds: float) -> str:
    """`12 ms`, `1.4 s`."""
    return f"{seconds:.1f} s" if seconds >= 0.9995 else f"{seconds * 1000:.0f} ms"


def _answer_hints(message: AuthorizationResponse) -> tuple[str, ...]:
    if message.error:
        return _error_hints(message)
    code = f"code {masked(message.code)}" if message.code else ""
    rest = _names(message, ("state", "iss", "id_token", "access_token", "response"))
    return tuple(hint for hint in (code, rest) if hint)


def _error_hints(message: Message) -> tuple[str, ...]:
    code, words = message.raw("error"), message.raw("error_description")
    return tuple(text for text in (code, words) if isinstance(text, str) and text)


def _challenge_hint(challenge: Any) -> str:
    told = ", ".join(f"{name} {value}" for name, value in challenge.params if name.lower() in _TOLD)
    return f"{challenge.scheme}: {told}" if told else str(challenge.scheme)


def _keys_hint(keys: object) -> str:
    found = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    kinds = ", ".join(dict.fromkeys(str(key.get("alg") or key.get("kty") or "?") for key in found))
    count = "1 key" if len(found) == 1 else f"{len(found)} keys"
    return f"{count} ({kinds})" if kinds else count


def _every(seconds: float | None) -> str:
    return f"ask every {seconds:g} s" if seconds is not None else ""


def _names(message: Message, names: tuple[str, ...]) -> str:
    return ", ".join(name for name in names if message.raw(name))


def _scheme(exchange: Exchange) -> str:
    value = exchange.request.headers.get("authorization") or ""
    return value.partition(" ")[0] if " " in value else ""
