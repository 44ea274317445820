"""Whether a token still counts: asked of the server, or tried where nothing can come of it.

Here: introspection, userinfo, and a refresh that can't succeed. Not here: revoking (`revocation`), what the answer means for a command.
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.errors import ConfigError, OauthctlError
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.introspection import introspect
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Flow, draw, send
from oauthctl.flows.token_endpoint import bearer_request, bounded, is_visible
from oauthctl.http import Params
from oauthctl.messages.answer import read_answer
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenResponse
from oauthctl.record.purposes import PROOF


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether it is proven that the token is worthless: True, False where it is still good, None where nothing told; and what told."""

    holds: bool | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Where:
    """Who may be asked: the server, the client as each endpoint wants it, and how the access token is shown.

    `opens_userinfo` is for access tokens of a sign-in with OpenID Connect alone.
    """

    metadata: ProviderMetadata
    client: Client
    at_introspection: Client
    at_revocation: Client
    token_type: str = "Bearer"
    opens_userinfo: bool = False


def still_good(where: Where, token: str, *, hint: str = "") -> Flow[Proof]:
    """Ask by introspection, else try; a token that nothing can be asked about is neither proven nor disproven.

    Never raises for a server that says no. Source: RFC 7662 section 2.2; RFC 7009 section 2.2 (a 200 alone proves nothing).
    """
    why = "the server names no `introspection_endpoint`"
    # "the endpoint MUST also require some form of authorization" (RFC 7662 section 2.1): a public client need not try.
    if where.metadata.introspection_endpoint and where.at_introspection.method == "none":
        why = "a client without credentials can't ask by introspection"
    elif where.metadata.introspection_endpoint:
        try:
            answer = yield from introspect(endpoint(where.metadata, "introspection_endpoint"), token, where.at_introspection, hint=hint)
        except OauthctlError as error:
            why = f"introspection is refused: {error.message}"
        else:
            if answer.active is not None:
                said = "introspection says that it is not active" if not answer.active else "introspection says that it is still active"
                return Proof(not answer.active, said)
            why = "introspection does not say whether it is active"
    if hint == "refresh_token":
        return (yield from _tried_refresh(where, token, why=why))
    if where.opens_userinfo and where.metadata.userinfo_endpoint and is_visible(token):
        return (yield from _tried_userinfo(where, token, why=why))
    return Proof(None, f"{why}, and there is nothing harmless to try it at")


def opens_userinfo(where: Where, token: str) -> Flow[bool]:
    """Whether the userinfo endpoint takes the token now: asked before it is revoked, so that a refusal afterwards proves something."""
    if not where.metadata.userinfo_endpoint or not is_visible(token):
        return False
    url = endpoint(where.metadata, "userinfo_endpoint")
    exchange = yield from send(bearer_request("GET", url, token, token_type=where.token_type), PROOF, may_fail=True)
    return exchange.response is not None and exchange.response.status == 200


def _tried_userinfo(where: Where, token: str, *, why: str) -> Flow[Proof]:
    url = endpoint(where.metadata, "userinfo_endpoint")
    exchange = yield from send(bearer_request("GET", url, token, token_type=where.token_type), PROOF, may_fail=True)
    response = exchange.response
    if response is None:
        return Proof(None, f"{why}, and the userinfo endpoint can't be reached")
    challenge = bearer_challenge(response)
    said = bounded(challenge.get("error")) if challenge else ""
    if response.status == 401:
        return Proof(True, f"the userinfo endpoint refuses it with 401{f' `{said}`' if said else ''}")
    if response.status == 200:
        return Proof(False, "the userinfo endpoint still takes it: perhaps a JWT that is judged by its signature alone until it ends")
    return Proof(None, f"{why}, and the userinfo endpoint answers with status {response.status}")


def _tried_refresh(where: Where, token: str, *, why: str) -> Flow[Proof]:
    """A refresh for a scope that nobody granted: a good token gets `invalid_scope`, a worthless one `invalid_grant`.

    Source: RFC 6749 section 6: the scope MUST NOT include any that was not granted. What a server gives all the same is revoked at once.
    """
    drawn = yield from draw()
    params = Params.of((("grant_type", "refresh_token"), ("refresh_token", token), ("scope", f"never-granted-{drawn.random[:12]}")))
    try:
        url = endpoint(where.metadata, "token_endpoint")
        exchange = yield from send_authenticated(url, params, where.client, purpose=PROOF, may_fail=True)
    except ConfigError as error:
        return Proof(None, f"{why}, and the token endpoint can't be asked: {error.message}")
    if exchange.response is None:
        return Proof(None, f"{why}, and the token endpoint can't be reached")
    answer = TokenResponse(read_answer(exchange.response).fields, exchange.id)
    match answer.error:
        case "invalid_grant":
            return Proof(True, "a refresh is refused with `invalid_grant`")
        case "invalid_scope":
            return Proof(False, "the token endpoint still takes it: of a refresh it refused the scope alone")
    if not answer.access_token:
        code = f" with `{bounded(answer.error)}`" if answer.error else f" with status {exchange.response.status}"
        return Proof(None, f"{why}, and a refresh is refused{code}, which does not tell")
    came = [(kind, value) for kind, value in (("refresh_token", answer.refresh_token), ("access_token", answer.access_token)) if value]
    for kind, value in came:
        try:
            yield from revoke(endpoint(where.metadata, "revocation_endpoint"), value, where.at_revocation, hint=kind)
        except OauthctlError:
            return Proof(False, "the token endpoint still refreshes with it, and what came of it could not be revoked")
    return Proof(False, "the token endpoint still refreshes with it; what came of it was revoked at once")
