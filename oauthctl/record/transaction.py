"""Exchanges read as protocol messages, and messages put together into one attempt.

Here: which message an exchange holds, a short label for it, `Transaction`. Not here: what is wrong with a message (`rules`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from oauthctl.http import Params, Request, Response
from oauthctl.messages.answer import read_answer
from oauthctl.messages.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    LogoutRequest,
    PushedAuthorizationRequest,
    PushedAuthorizationResponse,
)
from oauthctl.messages.backchannel import BackchannelAuthenticationRequest, BackchannelAuthenticationResponse, BackchannelNotification
from oauthctl.messages.device import DeviceAuthorizationRequest, DeviceAuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata
from oauthctl.messages.param import Message, Param, anything, boolean, moment, text
from oauthctl.messages.registration import RegistrationRequest, RegistrationResponse
from oauthctl.messages.token import IntrospectionRequest, IntrospectionResponse, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.own_names import in_names_of_the_rfc
from oauthctl.record.page_answer import answer_in_page
from oauthctl.record.purposes import fragment_of, posted_fields, purpose_of, query_of
from oauthctl.specs import Section


class KeySet(Message):
    """A provider's public keys. Source: RFC 7517 section 5."""

    title: ClassVar[str] = "key set"

    keys = Param(anything, Section("RFC 7517", "5.1"), "the keys; a token names one of them by `kid`")


class UserinfoResponse(Message):
    """Claims about the person, or why there are none. Source: OpenID Connect Core 1.0 section 5.3.2."""

    title: ClassVar[str] = "userinfo response"

    sub = Param(text, Section("OIDC Core", "5.1"), "the person's identifier at the issuer")
    name = Param(text, Section("OIDC Core", "5.1"), "the full name")
    given_name = Param(text, Section("OIDC Core", "5.1"), "the first name or names")
    family_name = Param(text, Section("OIDC Core", "5.1"), "the last name or names")
    middle_name = Param(text, Section("OIDC Core", "5.1"), "the middle name or names")
    nickname = Param(text, Section("OIDC Core", "5.1"), "the casual name")
    preferred_username = Param(text, Section("OIDC Core", "5.1"), "the name that the person goes by; not to be relied on")
    profile = Param(text, Section("OIDC Core", "5.1"), "the person's profile page")
    picture = Param(text, Section("OIDC Core", "5.1"), "a picture of the person")
    website = Param(text, Section("OIDC Core", "5.1"), "the person's web site")
    email = Param(text, Section("OIDC Core", "5.1"), "the preferred address; not to be relied on as an identifier")
    email_verified = Param(boolean, Section("OIDC Core", "5.1"), "whether the provider made sure that the address is the person's")
    gender = Param(text, Section("OIDC Core", "5.1"), "the gender")
    birthdate = Param(text, Section("OIDC Core", "5.1"), "the birthday, YYYY-MM-DD")
    zoneinfo = Param(text, Section("OIDC Core", "5.1"), "the time zone, such as Europe/Paris")
    locale = Param(text, Section("OIDC Core", "5.1"), "the language, such as en-US")
    phone_number = Param(text, Section("OIDC Core", "5.1"), "the preferred telephone number")
    phone_number_verified = Param(boolean, Section("OIDC Core", "5.1"), "whether the provider made sure that the number is the person's")
    address = Param(anything, Section("OIDC Core", "5.1.1"), "the postal address")
    updated_at = Param(moment, Section("OIDC Core", "5.1"), "when these claims last changed")
    error = Param(text, Section("RFC 6750", "3.1"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 6750", "3.1"), "why it was refused, in words for the developer")


_FORMS: dict[str, type[Message]] = {
    purposes.TOKEN: TokenRequest,
    purposes.PUSHED_AUTHORIZATION: PushedAuthorizationRequest,
    purposes.DEVICE_AUTHORIZATION: DeviceAuthorizationRequest,
    purposes.BACKCHANNEL_AUTHENTICATION: BackchannelAuthenticationRequest,
    purposes.REGISTRATION: RegistrationRequest,
    purposes.INTROSPECTION: IntrospectionRequest,
    purposes.REVOCATION: RevocationRequest,
}
_ANSWERS: dict[str, type[Message]] = {
    purposes.TOKEN: TokenResponse,
    purposes.PUSHED_AUTHORIZATION: PushedAuthorizationResponse,
    purposes.DEVICE_AUTHORIZATION: DeviceAuthorizationResponse,
    purposes.BACKCHANNEL_AUTHENTICATION: BackchannelAuthenticationResponse,
    purposes.REGISTRATION: RegistrationResponse,
    purposes.CLIENT_CONFIGURATION: RegistrationResponse,
    purposes.INTROSPECTION: IntrospectionResponse,
    # An error is all that a revocation answers with, and it has the form of the token endpoint's (RFC 7009 section 2.2.1).
    purposes.REVOCATION: TokenResponse,
    purposes.DISCOVERY: ProviderMetadata,
    purposes.RESOURCE_METADATA: ResourceMetadata,
    purposes.JWKS: KeySet,
    purposes.USERINFO: UserinfoResponse,
}
_LABELS = {
    purposes.DISCOVERY: "discovery",
    purposes.RESOURCE_METADATA: "API metadata",
    purposes.JWKS: "keys",
    purposes.AUTHORIZATION: "authorization request",
    purposes.CALLBACK: "callback",
    purposes.PUSHED_AUTHORIZATION: "pushed authorization request",
    purposes.DEVICE_AUTHORIZATION: "device authorization request",
    purposes.BACKCHANNEL_AUTHENTICATION: "backchannel authentication request",
    purposes.NOTIFICATION: "backchannel notification",
    purposes.REQUEST_OBJECT: "request object",
    purposes.REGISTRATION: "registration",
    purposes.CLIENT_CONFIGURATION: "client configuration",
    purposes.CHALLENGE: "challenge",
    purposes.TOKEN: "token request",
    purposes.USERINFO: "userinfo",
    purposes.INTROSPECTION: "introspection",
    purposes.REVOCATION: "revocation",
    purposes.PROOF: "proof of revocation",
    purposes.LOGOUT: "logout",
    purposes.API: "API call",
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One attempt at an authorization: its four messages, as far as they were seen."""

    request: AuthorizationRequest | None = None
    response: AuthorizationResponse | None = None
    token_request: TokenRequest | None = None
    token_response: TokenResponse | None = None


def known_purpose(exchange: Exchange) -> str:
    """The exchange's purpose as one of the slugs of `purposes`; what the recorder said comes first."""
    said = exchange.purpose
    return said if said in _LABELS else purpose_of(exchange.request, exchange.response) or said


def request_message(exchange: Exchange) -> Message | None:
    """The message that the request carries; None when it carries none, as a request for metadata."""
    request = exchange.request
    if not request.url and not request.body:
        # Only the answer was seen: nothing about the request is known, not even that its parameters are missing.
        return None
    match known_purpose(exchange):
        case purposes.AUTHORIZATION:
            return AuthorizationRequest((request.form if is_asked_in_form(request) else query_of(request.url)).pairs, exchange.id)
        case purposes.CALLBACK:
            return AuthorizationResponse(_answer_params(exchange).pairs, exchange.id)
        case purposes.LOGOUT:
            return LogoutRequest((request.form if request.method == "POST" else query_of(request.url)).pairs, exchange.id)
        case purposes.NOTIFICATION:
            return BackchannelNotification(posted_fields(request), exchange.id)
        case purpose if purpose in _FORMS:
            # What belongs into the body is read from the query, too, when the body is empty: people do put it there.
            fields = posted_fields(request) or query_of(request.url).pairs
            if purpose == purposes.TOKEN:
                fields = in_names_of_the_rfc(fields, query_of(request.url) if posted_fields(request) else Params())
            return _FORMS[purpose](fields, exchange.id) if fields else None
        case _:
            return None


def is_asked_in_form(request: Request) -> bool:
    """Whether the body holds the authorization request; else it may be the sign-in page's, which many servers post to the same URL."""
    if request.method != "POST":
        return False
    in_query = query_of(request.url)
    return any(name in request.form for name in ("response_type", "client_id", "request_uri", "request")) or "client_id" not in in_query


def response_message(exchange: Exchange) -> Message | None:
    """The message that the response carries; None when there is none, or when its body can't be read as one."""
    response = exchange.response
    if response is None:
        return None
    purpose = known_purpose(exchange)
    if purpose == purposes.AUTHORIZATION:
        return _redirect_message(response, exchange.id)
    kind = _ANSWERS.get(purpose)
    if kind is None:
        return None
    answer = read_answer(response)
    return kind(answer.fields, exchange.id) if answer.fields else None


def describe(exchange: Exchange) -> str:
    """A short label: `token request (authorization_code)`, `API call`; method and path for what OAuth doesn't know."""
    purpose = known_purpose(exchange)
    if purpose == purposes.TOKEN:
        grant = exchange.request.form.get("grant_type") or ""
        return f"token request ({grant.rpartition(':')[2]})" if grant else "token request"
    if purpose == purposes.AUTHORIZATION and exchange.request.method == "POST" and not is_asked_in_form(exchange.request):
        return "form of the sign-in page"
    return _LABELS.get(purpose) or purpose.replace("-", " ") or f"{exchange.request.method} {purposes.split_path(exchange.request.url)}"


def transactions(recording: Recording) -> tuple[Transaction, ...]:
    """The attempts of a recording: one for each authorization request, callback or token request that belongs to no other.

    A callback belongs to the latest request that sent its `state`, a token request to the latest callback that brought its `code`.
    """
    found: list[Transaction] = []
    for exchange in recording.exchanges:
        sent, back = request_message(exchange), response_message(exchange)
        match sent:
            case AuthorizationRequest():
                found.append(Transaction(request=sent, response=back if isinstance(back, AuthorizationResponse) else None))
            case AuthorizationResponse():
                _put(found, Transaction(response=sent), _asked_for(found, sent))
            case TokenRequest() if sent.grant_type == "authorization_code":
                answer = back if isinstance(back, TokenResponse) else None
                _put(found, Transaction(token_request=sent, token_response=answer), _brought(found, sent))
            case _:
                pass
    return tuple(found)


def _asked_for(found: list[Transaction], back: AuthorizationResponse) -> int | None:
    places = [at for at, one in enumerate(found) if one.request is not None and one.request.state == back.state]
    return places[-1] if places else None


def _brought(found: list[Transaction], sent: TokenRequest) -> int | None:
    places = [at for at, one in enumerate(found) if sent.code and one.response is not None and one.response.code == sent.code]
    # A code that is sent again is an attempt of its own.
    return places[-1] if places and found[places[-1]].token_request is None else None


def _put(found: list[Transaction], new: Transaction, at: int | None) -> None:
    if at is None:
        found.append(new)
        return
    known = found[at]
    found[at] = Transaction(
        known.request, new.response or known.response, new.token_request or known.token_request, new.token_response or known.token_response
    )


def _answer_params(exchange: Exchange) -> Params:
    request = exchange.request
    if request.method == "POST" and request.body:
        return request.form
    return query_of(request.url) or fragment_of(request.url)


def _redirect_message(response: Response, exchange: int) -> AuthorizationResponse | None:
    location = response.headers.get("location") or ""
    params = query_of(location) or fragment_of(location)
    names = ("code", "error", "id_token", "access_token", "response")
    fields = params.pairs if any(name in params for name in names) else answer_in_page(response)
    return AuthorizationResponse(fields, exchange) if fields else None
