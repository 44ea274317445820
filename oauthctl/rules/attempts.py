"""Which exchanges belong to one sign-in.

Here: putting requests, answers and redemptions together, those that don't fit included. Not here: that they don't fit (the modules of the
subjects).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.seen import Seen


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in, as far as it was seen: the request, its answer, and each redemption of its code."""

    asked: Seen[AuthorizationRequest] | None = None
    returned: Seen[AuthorizationResponse] | None = None
    redeemed: tuple[Seen[TokenRequest], ...] = ()

    def ids(self) -> frozenset[int]:
        """The exchanges that belong to it."""
        return frozenset(seen.id for seen in (self.asked, self.returned, *self.redeemed) if seen is not None)


def attempts_of(exchanges: Iterable[Seen[Message]]) -> tuple[Attempt, ...]:
    """The sign-ins. An answer belongs to the latest request with its `state`, a redemption to the latest answer with its code.

    What has no such partner joins the latest attempt that still lacks it: that they do not fit is what the rules look for.
    """
    found: list[Attempt] = []
    for seen in exchanges:
        if asked := seen.as_(AuthorizationRequest):
            again = _repeated_request(found, asked.sent)
            if again is None:
                found.append(Attempt(asked=asked, returned=_redirected(seen)))
            else:
                _join(found, Attempt(returned=_redirected(seen)), again)
        elif returned := seen.as_(AuthorizationResponse):
            _join(found, Attempt(returned=returned), _fitting_request(found, returned.sent))
        elif (redeemed := seen.as_(TokenRequest)) and (redeemed.sent.grant_type or "authorization_code") == "authorization_code":
            _join(found, Attempt(redeemed=(redeemed,)), _fitting_answer(found, redeemed.sent))
    return tuple(found)


def _join(found: list[Attempt], new: Attempt, at: int | None) -> None:
    if at is None:
        found.append(new)
        return
    known = found[at]
    found[at] = replace(known, returned=new.returned or known.returned, redeemed=(*known.redeemed, *new.redeemed))


def _repeated_request(found: list[Attempt], sent: AuthorizationRequest) -> int | None:
    """The attempt that this request goes on with: many sign-in pages come back to the authorization endpoint, with the same parameters."""
    if not any(sent.raw(name) for name in ("state", "nonce", "code_challenge")):
        return None
    names = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
    places = [at for at, one in enumerate(found) if one.asked is not None and all(one.asked.sent.raw(n) == sent.raw(n) for n in names)]
    return places[-1] if places and found[places[-1]].returned is None else None


def _fitting_request(found: list[Attempt], back: AuthorizationResponse) -> int | None:
    places = [at for at, one in enumerate(found) if one.asked is not None and back.state and one.asked.sent.state == back.state]
    return _last(places or [at for at, one in enumerate(found) if one.returned is None])


def _fitting_answer(found: list[Attempt], sent: TokenRequest) -> int | None:
    places = [at for at, one in enumerate(found) if one.returned is not None and sent.code and one.returned.sent.code == sent.code]
    return _last(places or [at for at, one in enumerate(found) if not one.redeemed])


def _last(places: list[int]) -> int | None:
    return places[-1] if places else None


def _redirected(seen: Seen[Message]) -> Seen[AuthorizationResponse] | None:
    """The answer that stands in the authorization endpoint's redirect; the callback that follows takes its place."""
    return replace(seen, sent=seen.back, place="response.headers.Location").as_(AuthorizationResponse) if seen.back is not None else None
