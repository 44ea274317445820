"""What ties the messages of one sign-in together: verifier and challenge, the code on its two legs, hashes in the ID token.

Here: comparisons and lengths. Not here: the client's credentials (`facts.client`), signatures (`facts.token`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    PushedAuthorizationRequest,
    PushedAuthorizationResponse,
)
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.facts.challenge import ESCAPE, UNRESERVED, challenge_fit, change, hashed, is_placeholder, verifier_change
from oauthctl.record.facts.hash_claim import HASHES, hash_form
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.purposes import query_of
from oauthctl.record.transaction import request_message, response_message

_TELLING = 4


@dataclass(slots=True)
class _Known:
    """What was seen so far: requests, pushed ones by their reference, the request behind each code, refresh tokens that were issued."""

    asked: list[AuthorizationRequest] = field(default_factory=list)
    asked_fields: set[str] = field(default_factory=set)
    by_state: dict[str | None, AuthorizationRequest] = field(default_factory=dict)
    by_challenge: dict[str, AuthorizationRequest] = field(default_factory=dict)
    pushed: dict[str, PushedAuthorizationRequest] = field(default_factory=dict)
    by_code: dict[str, AuthorizationRequest] = field(default_factory=dict)
    beside_code: dict[str, str] = field(default_factory=dict)
    refresh_tokens: list[str] = field(default_factory=list)

    def ask(self, request: AuthorizationRequest) -> AuthorizationRequest:
        """Keep a request; one that refers to a pushed request is kept as that one."""
        full = self.pushed.get(request.request_uri or "", request)
        self.asked.append(full)
        self.asked_fields.add(repr(full.fields))
        self.by_state[full.state] = full
        if full.code_challenge:
            self.by_challenge.setdefault(full.code_challenge, full)
        return full

    def bring(self, back: AuthorizationResponse, request: AuthorizationRequest | None) -> None:
        """Keep which request a code answers."""
        if back.code and request is not None:
            self.by_code[back.code] = request
        others = {value: name for name, value in back.fields if isinstance(value, str) and len(value) >= _TELLING and name != "code"}
        self.beside_code |= {value: name for value, name in others.items() if value != back.code}

    def latest_for(self, sent: TokenRequest) -> AuthorizationRequest | None:
        """The latest request; of a sign-in by others, whose requests name no client, the latest that named none either."""
        own = (one for one in reversed(self.asked) if sent.client_id or not one.client_id)
        return next(own, self.asked[-1] if self.asked else None)

    def fitting(self, back: AuthorizationResponse) -> AuthorizationRequest | None:
        """The latest request with this answer's `state`."""
        return self.by_state.get(back.state)


def flow_facts(recording: Recording) -> dict[int, dict[str, object]]:
    """By the exchange's id: `pkce_matches`, `pkce_fit`, `pkce_fits_request`, `at_hash_matches`, `c_hash_matches`; of a verifier
    `code_verifier_changed`, `code_verifier_characters`, `code_verifier_is_unreserved`; of a code `code_characters`, `code_changed`,
    `code_is` (of which other value it is a copy), `code_is_escaped`, `code_has_blanks`; of a refresh token `refresh_token_changed`,
    `refresh_token_characters` (of a changed one), `refresh_token_is_placeholder`.

    `pkce_matches` compares a verifier with the challenge of the authorization request whose code it redeems, else the latest request's;
    `pkce_fits_request` is the exchange of another request whose challenge it fits.
    """
    found: dict[int, dict[str, object]] = {}
    known = _Known()
    for exchange in recording.exchanges:
        told: dict[str, object] = {}
        back = response_message(exchange)
        match request_message(exchange):
            case PushedAuthorizationRequest() as sent:
                if isinstance(back, PushedAuthorizationResponse) and back.request_uri:
                    known.pushed[back.request_uri] = sent
            case AuthorizationRequest() as sent:
                request = known.ask(sent)
                if isinstance(back, AuthorizationResponse):
                    known.bring(back, request)
            case AuthorizationResponse() as sent:
                known.bring(sent, known.fitting(sent))
                told = {"code_characters": len(sent.code)} if sent.code and not is_masked(sent.code) else {}
            case TokenRequest() as sent:
                answer = back if isinstance(back, TokenResponse) else None
                told = {**_pkce_facts(sent, known), **_sent_facts(sent, known), **_hash_facts(sent, answer)}
                known.refresh_tokens += [answer.refresh_token] if answer and answer.refresh_token else []
        for request in _redirected_requests(exchange, known):
            known.ask(request)
        if told:
            found[exchange.id] = told
    return found


def _redirected_requests(exchange: Exchange, known: _Known) -> Iterator[AuthorizationRequest]:
    """The authorization request in a redirect: an application's own page sends the browser on with it."""
    location = (exchange.response.headers.get("location") if exchange.response else None) or ""
    query = query_of(location) if "client_id=" in location else ()
    request = AuthorizationRequest(tuple(query), exchange.id)
    if request.client_id and (request.response_type or request.request_uri) and repr(request.fields) not in known.asked_fields:
        yield request


def _pkce_facts(sent: TokenRequest, known: _Known) -> dict[str, object]:
    if not sent.code_verifier or is_masked(sent.code_verifier):
        return {}
    told: dict[str, object] = {
        "code_verifier_characters": len(sent.code_verifier),
        "code_verifier_is_unreserved": UNRESERVED.fullmatch(sent.code_verifier) is not None,
    }
    request = known.by_code.get(sent.code or "", known.latest_for(sent))
    if request is None or not request.code_challenge or is_masked(request.code_challenge):
        return told
    fit = challenge_fit(sent.code_verifier, request.code_challenge)
    # Any other method than `plain` hashes. Source: RFC 7636 section 4.6.
    told["pkce_matches"] = fit == ("plain" if (request.code_challenge_method or "plain") == "plain" else "S256")
    told["pkce_fit"] = fit
    if not told["pkce_matches"] and (changed := verifier_change(sent.code_verifier, request.code_challenge)):
        told["code_verifier_changed"] = changed
    if not fit:
        other = known.by_challenge.get(hashed(sent.code_verifier))
        if other is not None and other is not request and other.exchange is not None:
            told["pkce_fits_request"] = other.exchange
    return told


def _sent_facts(sent: TokenRequest, known: _Known) -> dict[str, object]:
    """How a code or refresh token differs from what it must be a copy of."""
    told: dict[str, object] = {}
    if sent.code and not is_masked(sent.code):
        if changed := change(sent.code, known.by_code):
            told["code_changed"] = changed
        if ESCAPE.search(sent.code) and sent.code not in known.by_code:
            told["code_is_escaped"] = True
        if sent.code in known.beside_code and sent.code not in known.by_code:
            told["code_is"] = known.beside_code[sent.code]
        if any(character.isspace() for character in sent.code):
            told["code_has_blanks"] = True
    if sent.refresh_token is not None and not is_masked(sent.refresh_token):
        if changed := change(sent.refresh_token, known.refresh_tokens):
            told["refresh_token_changed"] = changed
            told["refresh_token_characters"] = len(sent.refresh_token)
        if not sent.refresh_token or is_placeholder(sent.refresh_token):
            told["refresh_token_is_placeholder"] = True
    return told


def _hash_facts(sent: TokenRequest, back: TokenResponse | None) -> dict[str, object]:
    told: dict[str, object] = {}
    if back is not None and back.id_token:
        token = take_apart(back.id_token)
        for claim, secret in (("at_hash", back.access_token), ("c_hash", sent.code)):
            expected = token.claim_text(claim)
            if expected and secret and not is_masked(secret) and token.alg[-3:] in HASHES:
                told[f"{claim}_matches"] = hash_form(expected, secret, token.alg) == "right"
    return told
