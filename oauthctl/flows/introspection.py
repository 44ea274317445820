"""Introspection: asking the authorization server about a token.

Here: RFC 7662. Not here: reading a JWT by oneself (`jose`).
"""

from __future__ import annotations

from oauthctl.errors import CheckFailed, OauthctlError
from oauthctl.flows.answer_jwt import Party, Place, believed
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import refusal, unusable
from oauthctl.http import Params
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.client_auth import Client
from oauthctl.messages.param import fields_of
from oauthctl.messages.token import IntrospectionResponse
from oauthctl.record.exchange import Exchange

JWT = "application/token-introspection+jwt"


def introspect(
    introspection_endpoint: str, token: str, client: Client, *, hint: str = "", party: Party | None = None, algs: tuple[str, ...] = ()
) -> Flow[IntrospectionResponse]:
    """What the server knows of a token. Raises `Refused`, `BadAnswer`, or `ConfigError` for plain http off loopback.

    With a `party` a signed answer is asked for and nothing else is believed (RFC 9701); `CheckFailed` where it must not be.

    Source: RFC 7662 section 2.
    """
    require_tls(introspection_endpoint, "the token")
    params = Params.of((("token", token), ("token_type_hint", hint or None)))
    accept = JWT if party is not None else ""
    exchange = yield from send_authenticated(introspection_endpoint, params, client, purpose="introspection", accept=accept)
    if party is not None and exchange.response is not None and exchange.response.status == 200:
        return (yield from _from_jwt(exchange, party, algs))
    answer = read_answer(exchange.response) if exchange.response else Answer(problem=exchange.failure)
    if exchange.response is None or exchange.response.status != 200:
        raise _refused(exchange, answer, client)
    # An error with status 200 says nothing about the token.
    if any(name == "error" for name, _ in answer.fields) and not any(name == "active" for name, _ in answer.fields):
        raise _refused(exchange, answer, client)
    if answer.problem:
        raise unusable("the introspection endpoint", exchange, answer.problem)
    return IntrospectionResponse(answer.fields, exchange.id)


def _refused(exchange: Exchange, answer: Answer, client: Client) -> OauthctlError:
    """The refusal; of a client without credentials, what it may do. Source: RFC 7662 section 2.1."""
    error = refusal("the introspection endpoint", exchange, answer)
    if client.method == "none":
        error.notes = (*error.notes, f"`{client.client_id}` is a public client, and the endpoint answers those who prove who they are")
        error.spec = "RFC 7662 section 2.1"
        error.help = (
            "ask as an API or a confidential client may: `oauthctl token | oauthctl introspect -` with `OAUTHCTL_ISSUER`, "
            "`OAUTHCTL_CLIENT_ID` and `OAUTHCTL_CLIENT_SECRET`; whether a token is good shows `oauthctl userinfo`, too"
        )
    return error


def _from_jwt(exchange: Exchange, party: Party, algs: tuple[str, ...]) -> Flow[IntrospectionResponse]:
    """Source: RFC 9701 sections 5 and 6: the answer is the claim `token_introspection` of a JWT of its own type."""
    where, response = f"exchange {exchange.id}, response", exchange.response
    if response is None or response.content_type != JWT:
        raise CheckFailed(
            "the introspection answer is not signed, though a signed one was asked for",
            slug="signed-answer-missing",
            where=where,
            got=response.content_type if response is not None else "",
            spec="RFC 9701 section 4",
            help="the server does not sign for this client; ask without `--signed`",
        )
    spec = "RFC 9701 section 5"
    place = Place("the introspection JWT", "signed-answer", where, spec, exchange.started_at, typ="token-introspection+jwt")
    token = yield from believed(response.text.strip(), party, place, algs=algs)
    inside = (token.claims or {}).get("token_introspection")
    return IntrospectionResponse(fields_of(inside if isinstance(inside, dict) else {}), exchange.id)
