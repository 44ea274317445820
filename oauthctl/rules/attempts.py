"""Which exchanges belong to one sign-in.

Here: putting requests, answers and redemptions together, those that don't fit included. Not here: that they don't fit (the modules of the
subjects).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.seen import Seen


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in, as far as it was seen: the request, its answer, and each redemption of its code.

    `referred` is what the browser took along where the request itself was pushed before, `again` are the same request's later visits of
    the endpoint, such as those from its sign-in page.
    """

    asked: Seen[AuthorizationRequest] | None = None
    returned: Seen[AuthorizationResponse] | None = None
    redeemed: tuple[Seen[TokenRequest], ...] = ()
    referred: Seen[AuthorizationRequest] | None = None
    again: tuple[Seen[AuthorizationRequest], ...] = ()

    def ids(self) -> frozenset[int]:
        """The exchanges that belong to it."""
        return frozenset(seen.id for seen in (self.asked, self.referred, *self.again, self.returned, *self.redeemed) if seen is not None)


def attempts_of(exchanges: Iterable[Seen[Message]]) -> tuple[Attempt, ...]:
    """The sign-ins. An answer belongs to the latest request with its `state`, a redemption to the latest answer with its code.

    What has no such partner joins the latest attempt that still lacks it: that they do not fit is what the rules look for.
    """
    found = _Attempts()
    for seen in exchanges:
        if asked := seen.as_(AuthorizationRequest):
            pushed, again = found.pushed_as(asked.sent), found.repeated_by(asked.sent)
            if pushed is not None:
                found.join(Attempt(returned=_redirected(seen), referred=asked), pushed)
            elif again is None:
                found.add(Attempt(asked=asked, returned=_redirected(seen)))
            else:
                found.join(Attempt(returned=_redirected(seen), again=(asked,)), again)
        elif returned := seen.as_(AuthorizationResponse):
            found.join(Attempt(returned=returned), found.answered_by(returned.sent))
        elif (redeemed := seen.as_(TokenRequest)) and (redeemed.sent.grant_type or "authorization_code") == "authorization_code":
            found.join(Attempt(redeemed=(redeemed,)), found.redeemed_by(redeemed.sent))
    return tuple(found.known)


@dataclass(slots=True)
class _Attempts:
    """The attempts so far, and where the latest of them is that a message may belong to: found at once among thousands.

    `unanswered` and `unredeemed` may hold some at their end that have an answer, or a redemption, by now.
    """

    known: list[Attempt] = field(default_factory=list)
    by_request: dict[tuple[str, ...], int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)
    by_code: dict[str, list[int]] = field(default_factory=dict)
    by_reference: dict[str, int] = field(default_factory=dict)
    unanswered: list[int] = field(default_factory=list)
    unredeemed: list[int] = field(default_factory=list)

    def add(self, new: Attempt) -> None:
        at = len(self.known)
        self.known.append(new)
        self.unanswered.append(at)
        self.unredeemed.append(at)
        self._learn_code(at)
        if new.asked is not None:
            self.by_request[_request_of(new.asked.sent)] = at
            self.by_state[new.asked.sent.state or ""] = at
            if new.asked.back is not None and (reference := new.asked.back.raw("request_uri")):
                self.by_reference[str(reference)] = at

    def join(self, new: Attempt, at: int | None) -> None:
        """Complete the attempt there; without a place it is one of its own."""
        if at is None:
            self.add(new)
            return
        old = self.known[at]
        referred, again = old.referred or new.referred, (*old.again, *new.again)
        if old.referred is not None and new.referred is not None:
            referred, again = new.referred, (*again, old.referred)
        redeemed = (*old.redeemed, *new.redeemed)
        self.known[at] = replace(old, returned=new.returned or old.returned, redeemed=redeemed, referred=referred, again=again)
        self._learn_code(at)

    def pushed_as(self, sent: AuthorizationRequest) -> int | None:
        """The attempt whose pushed request this one is a reference to. Source: RFC 9126 section 4."""
        return self.by_reference.get(sent.request_uri) if sent.request_uri else None

    def repeated_by(self, sent: AuthorizationRequest) -> int | None:
        """The attempt that this request goes on with: many sign-in pages come back to the endpoint, with the same parameters."""
        if not any(sent.raw(name) for name in ("state", "nonce", "code_challenge")):
            return None
        at = self.by_request.get(_request_of(sent))
        return at if at is not None and self.known[at].returned is None else None

    def answered_by(self, back: AuthorizationResponse) -> int | None:
        at = self.by_state.get(back.state) if back.state else None
        while at is None and self.unanswered and self.known[self.unanswered[-1]].returned is not None:
            self.unanswered.pop()
        return self.unanswered[-1] if at is None and self.unanswered else at

    def redeemed_by(self, sent: TokenRequest) -> int | None:
        for at in reversed(self.by_code.get(sent.code or "", ())):
            returned = self.known[at].returned
            if returned is not None and returned.sent.code == sent.code:
                return at
        while self.unredeemed and self.known[self.unredeemed[-1]].redeemed:
            self.unredeemed.pop()
        return self.unredeemed[-1] if self.unredeemed else None

    def _learn_code(self, at: int) -> None:
        returned = self.known[at].returned
        if returned is not None and returned.sent.code:
            places = self.by_code.setdefault(returned.sent.code, [])
            where = bisect_left(places, at)
            if where == len(places) or places[where] != at:
                places.insert(where, at)


def _request_of(sent: AuthorizationRequest) -> tuple[str, ...]:
    return tuple(repr(sent.raw(name)) for name in ("client_id", "redirect_uri", "state", "nonce", "code_challenge"))


def _redirected(seen: Seen[Message]) -> Seen[AuthorizationResponse] | None:
    """The answer that stands in the authorization endpoint's redirect or page; the callback that follows takes its place."""
    place = "response.headers.Location" if seen.reply.status // 100 == 3 else "response.body"
    return replace(seen, sent=seen.back, place=place).as_(AuthorizationResponse) if seen.back is not None else None
