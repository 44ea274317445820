"""Client-initiated backchannel authentication: the provider asks the person on a device of theirs, and the client waits for the outcome.

Here: CIBA in poll mode and in ping mode, from the request to verified tokens. Not here: its pace (`polling`), the ID token
(`authorization_code`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from oauthctl.errors import BadAnswer
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.authorization_code import SignedIn, SignIn, verified
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.keys import Keys
from oauthctl.flows.polling import is_over_at_once, patience, poll
from oauthctl.flows.steps import AwaitPing, Flow, await_ping, draw, wait
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import bounded, refusal, unusable
from oauthctl.http import Params
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.backchannel import BackchannelAuthenticationResponse
from oauthctl.record.exchange import Exchange

GRANT_TYPE = "urn:openid:params:grant-type:ciba"
_LONGEST = 600.0
"""How long to ask a server that does not say how long its request is good for, which it must (section 7.3)."""
_PATIENCE = 30.0
"""How long to wait for a notification before the outcome is asked for without one: it may be lost on its way."""


@dataclass(frozen=True, slots=True)
class Backchannel:
    """Who is asked, and what both devices show; the hint is a user name or an address, as the provider knows people.

    `notified_at` is where the provider tells of the decision (ping mode), as it knows the client; empty where it does not (poll mode).
    """

    login_hint: str
    binding_message: str = ""
    notified_at: str = ""


def backchannel_sign_in(plan: SignIn, asked: Backchannel) -> Flow[SignedIn]:
    """Have the person asked, ask for the outcome until there is one, verify the ID token. `plan` needs no redirect URI, state or nonce.

    Raises `Refused` when the person says no or lets the time pass, otherwise as `token_endpoint.grant` does.
    Source: OpenID Connect CIBA Core 1.0 sections 7.1, 7.3, 10.1 and 10.2.
    """
    token_endpoint = endpoint(plan.metadata, "token_endpoint")
    jwks_uri = key_set_uri(plan.metadata)
    # Fresh for each request, and guessed by nobody: by it the client knows that it is the provider who calls.
    token = (yield from draw()).random if asked.notified_at else ""
    exchange, answer = yield from _request(plan, asked, token)
    ends_at = exchange.started_at + timedelta(seconds=exchange.seconds + float(answer.expires_in or _LONGEST))
    params = Params((("grant_type", GRANT_TYPE), ("auth_req_id", answer.auth_req_id or "")))
    until = patience(exchange, plan.patience_seconds)
    ear = _Ear(
        asked.notified_at, token, answer.auth_req_id or "", longest=min(until.seconds if until is not None else _PATIENCE, _PATIENCE)
    )
    tokens = yield from poll(
        token_endpoint,
        params,
        plan.client,
        interval=answer.interval,
        ends_at=ends_at,
        expired="backchannel-request-expired",
        pause_by=ear.pause,
        until=until,
    )
    signed_in = yield from verified(replace(plan, nonce="", state=""), tokens, keys=Keys(), jwks_uri=jwks_uri)
    return replace(signed_in, remarks=signed_in.remarks + ear.remarks())


@dataclass(slots=True)
class _Ear:
    """What lies between two questions: in poll mode time, in ping mode the provider's word, if it comes."""

    place: str
    token: str = field(repr=False)
    auth_req_id: str = field(repr=False)
    has_heard: bool = False
    longest: float = _PATIENCE

    def pause(self, seconds: float, last: Exchange | None) -> Flow[None]:
        """Let the pause pass. A word in it ends it, but for what is left of the interval since the last question."""
        if not self.place or self.has_heard:
            yield from wait(seconds)
            return
        heard = yield from await_ping(AwaitPing(self.place, self.token, self.auth_req_id, max(seconds, self.longest)))
        self.has_heard = heard is not None
        if heard is not None and last is not None:
            left = seconds - (heard.started_at - last.started_at).total_seconds() + last.seconds
            if left > 0:
                yield from wait(left)

    def remarks(self) -> tuple[str, ...]:
        """What is to be said of a word that never came."""
        if not self.place or self.has_heard:
            return ()
        return (
            f"the provider sent no notification to `{self.place}` (CIBA Core section 10.2): the outcome was asked for without one; "
            "is the client registered there for the mode ping, with this address?",
        )


def _request(plan: SignIn, asked: Backchannel, token: str) -> Flow[tuple[Exchange, BackchannelAuthenticationResponse]]:
    place = endpoint(plan.metadata, "backchannel_authentication_endpoint")
    require_tls(place, "the backchannel authentication request")
    own = Params.of(
        (
            ("scope", " ".join(dict.fromkeys(("openid", *plan.scope)))),
            ("login_hint", asked.login_hint),
            ("binding_message", asked.binding_message or None),
            ("acr_values", " ".join(plan.acr_values) or None),
            ("client_notification_token", token or None),
        )
    )
    params = Params((*own.pairs, *plan.params.without("login_hint", "prompt").pairs))
    exchange = yield from send_authenticated(place, params, plan.client, purpose="backchannel-authentication")
    read = read_answer(exchange.response) if exchange.response is not None else Answer(problem=exchange.failure)
    answer = BackchannelAuthenticationResponse(read.fields, exchange.id)
    name = "the backchannel authentication endpoint"
    if exchange.response is None or exchange.response.status >= 300 or answer.raw("error"):
        raise refusal(name, exchange, read)
    if read.problem:
        raise unusable(name, exchange, read.problem)
    if not answer.auth_req_id or is_over_at_once(answer.expires_in):
        lacks = "`expires_in` that is a positive number of seconds" if answer.auth_req_id else "`auth_req_id` that is a string"
        raise BadAnswer(
            f"{name}'s answer holds no {lacks}",
            slug="backchannel-answer-incomplete",
            where=f"exchange {exchange.id}, response",
            got=bounded(", ".join(member for member, _ in read.fields) or "no member at all"),
            spec="OpenID Connect CIBA Core 1.0 section 7.3",
            help="look at the answer with `oauthctl trace show`",
        )
    return exchange, answer
