"""PKCE: challenge and verifier.

Here: what RFC 7636 asks for. Not here: other reasons for a refused code (`code`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section


@rule(Section("RFC 7636", "4.6"), decisive=True)
def code_verifier_mismatch(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The code_verifier is not the one whose hash was the code_challenge."""
    if redeemed.facts.get("pkce_matches") is not False:
        return
    yield Found(
        cause="The `code_verifier` of the token request does not hash to the `code_challenge` of the authorization request: it belongs to "
        "another sign-in, or was made anew in between.",
        help="In the client, keep the verifier with the `state` of its own sign-in and redeem the code with that one; do not make a new "
        "verifier when the callback arrives.",
        evidence=(
            asked.evidence(".code_challenge", got=asked.sent.code_challenge or ""),
            redeemed.evidence(".code_verifier", expected="a verifier whose hash is the code_challenge", got="another one"),
        ),
    )


@rule(Section("RFC 7636", "4.3"), decisive=True)
def code_challenge_missing(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """A code_verifier is sent though the authorization request had no code_challenge."""
    if not redeemed.sent.code_verifier or asked.sent.code_challenge or asked.sent.request_uri or asked.sent.request:
        return
    if not redeemed.reply.failed:
        return
    yield Found(
        cause="The token request carries a `code_verifier`, yet the authorization request was sent without a `code_challenge`: PKCE is on "
        "for one leg only.",
        help="In the client, send `code_challenge` and `code_challenge_method=S256` with the authorization request, too.",
        evidence=(
            asked.evidence(".code_challenge", expected="the hash of the verifier", got="missing"),
            redeemed.evidence(".code_verifier", got="present"),
        ),
    )
