"""PKCE: the verifier and its challenge.

Here: what the two of one sign-in must be to each other. Not here: how the challenge is spelled (`code_challenge`), other reasons for a
refused code (`code`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence, Severity
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.front_channel import as_provider_says
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import asked_of, failures_with, grant_of, is_refused, says
from oauthctl.specs import Section

_SHORTEST, _LONGEST = 43, 128
_CHANGES = {
    "blanks": (
        "with white space or a line break (newline) around it",
        "strip the verifier when it is read from where it was kept, and write it there without a line break",
    ),
    "quotes": (
        "with quotes around it, which became part of it",
        "read the verifier back the way it was written: `JSON.parse` what `JSON.stringify` stored, or store the bare text",
    ),
    "encoded": (
        "percent-encoded (URL-encoded) once too often",
        "hand the plain verifier to the HTTP library, which encodes the form",
    ),
    "plus": (
        "with a space where it had a `+`: the form was not percent-encoded",
        "make the verifier in base64url, which has no `+`, and let the HTTP library encode the form",
    ),
    "standard": (
        "in base64url, while its hash was computed over its standard base64 form (with `+`, `/` or `=`)",
        "convert the verifier to base64url first, and hash that very text",
    ),
    "cut": (
        "without its last (or first) character (truncated)",
        "look where the verifier is kept for what shortens it: a column or cookie that is too small, a substring, a `trim` of `-` or `~`",
    ),
    "more": (
        "with one character too many at its end (or beginning)",
        "send the verifier exactly as it was hashed",
    ),
}
_NAMES_PKCE = r"\bpkce\b|proof.?key|code.?challenge"
_NOT_KNOWN = (
    r"(unknown|unsupported|unexpected|unrecogni[sz]ed|invalid|illegal)\s+(query\s+)?(request\s+)?parameters?\W+'?\"?code_challenge"
    r"|(pkce|code_challenge)['\"`]?\s+(is|are)?\s*(not (supported|allowed|permitted|enabled)|unsupported|unexpected|unknown)"
    r"|does(n't| not) (support|allow) (pkce|code.?challenge)"
)


@rule(Section("RFC 7636", "4.6"), decisive=True)
def code_verifier_mismatch(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_verifier is not the one whose hash was the code_challenge."""
    if redeemed.facts.get("pkce_matches") is not False or redeemed.facts.get("pkce_fit") or asked_of(redeemed, scene) is None:
        return
    other = redeemed.facts.get("pkce_fits_request")
    length = redeemed.facts.get("code_verifier_characters")
    if other:
        whose = f"it belongs to another sign-in, that of exchange {other}"
    elif isinstance(length, int) and length < _SHORTEST:
        whose = (
            f"with {length} characters it is shorter than a verifier may be ({_SHORTEST}), so it was cut off (truncated) on its way or is "
            "another value"
        )
    else:
        whose = "it belongs to another sign-in, was made anew in between, or was changed on its way"
    yield Found(
        cause=f"The `code_verifier` of the token request does not hash to the `code_challenge` of the authorization request: {whose}.",
        help="In the client, keep the verifier with the `state` of its own sign-in and redeem the code with that one; do not make a new "
        "verifier when the callback arrives.",
        evidence=(
            asked.evidence(".code_challenge", got=asked.sent.code_challenge or ""),
            redeemed.evidence(".code_verifier", expected="a verifier whose hash is the code_challenge", got="another one"),
        ),
        severity=None if redeemed.reply.failed else Severity.WARNING,
    )


@rule(Section("RFC 7636", "4.1"), explains=("code-verifier-mismatch", "code-verifier-malformed"))
def code_verifier_changed(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest]) -> Iterator[Found]:
    """The code_verifier is the right one, and was changed before it was sent."""
    way = redeemed.facts.get("code_verifier_changed")
    if way not in _CHANGES or not redeemed.reply.failed:
        return
    what, todo = _CHANGES[str(way)]
    yield Found(
        cause=f"The `code_verifier` belongs to this sign-in, but it is sent {what}: so its hash is another one than the `code_challenge`.",
        help=f"In the client, {todo}.",
        evidence=(
            asked.evidence(".code_challenge", got=asked.sent.code_challenge or ""),
            redeemed.evidence(".code_verifier", expected="the text whose hash is the code_challenge", got=f"that text {what}"),
        ),
    )


@rule(Section("RFC 7636", "4.3"), decisive=True)
def code_challenge_missing(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """A code_verifier is sent though the authorization request had no code_challenge."""
    if not redeemed.sent.code_verifier or asked.sent.code_challenge or asked.sent.request_uri or asked.sent.request:
        return
    if not is_refused(redeemed, scene):
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


@rule(Section("RFC 7636", "4.5"), decisive=True)
def code_verifier_missing(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The code is redeemed without the code_verifier of its code_challenge."""
    if redeemed.sent.code_verifier or grant_of(redeemed.sent) != "authorization_code" or not is_refused(redeemed, scene):
        return
    # Without a code, or where no endpoint read it, there is nothing that a verifier is for.
    if not redeemed.sent.code or redeemed.reply.status in (404, 405):
        return
    asked = asked_of(redeemed, scene)
    is_named = says(redeemed, r"(code.?)?verifier|\bpkce\b")
    if asked is not None and asked.sent.code_challenge:
        evidence = asked.evidence(".code_challenge", got=asked.sent.code_challenge)
        about_client = redeemed.reply.error in ("invalid_client", "unauthorized_client") and not is_named
        certainty = Certainty.LIKELY if about_client else Certainty.CERTAIN
    elif is_named and asked is None:
        evidence, certainty = redeemed.evidence("response", got="it asks for the verifier"), Certainty.LIKELY
    else:
        return
    is_empty = "code_verifier" in redeemed.sent
    yield Found(
        cause=f"The token request redeems a code of a sign-in with PKCE, but its `code_verifier` is {'empty' if is_empty else 'missing'}: "
        "the client lost it on the way to the callback, or never sends it.",
        help="In the client, keep the verifier where the callback finds it (the session or a cookie, under the `state`, in the same "
        "browser's storage) and send it as `code_verifier` with the code; some libraries need PKCE switched on for the token request as "
        "well.",
        evidence=(evidence, redeemed.evidence(".code_verifier", expected="the verifier", got="empty" if is_empty else "missing")),
        certainty=certainty,
    )


@rule(Section("RFC 7636", "4.1"), decisive=True)
def code_verifier_too_short(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The code_verifier is shorter than 43 characters."""
    length = redeemed.facts.get("code_verifier_characters")
    if not isinstance(length, int) or length >= _SHORTEST or not is_refused(redeemed, scene):
        return
    if redeemed.facts.get("pkce_matches") is False and not redeemed.facts.get("pkce_fit"):
        return
    yield Found(
        cause=f"The `code_verifier` has {length} characters; PKCE asks for at least {_SHORTEST}, so the server refuses it as too short.",
        help="In the client, make the verifier of 32 random bytes in base64url: that gives 43 characters.",
        evidence=(redeemed.evidence(".code_verifier", expected=f"{_SHORTEST} to {_LONGEST} characters", got=f"{length} characters"),),
    )


@rule(Section("RFC 7636", "4.1"), decisive=True)
def code_verifier_malformed(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The code_verifier has characters that it must not have, or more than 128."""
    length = redeemed.facts.get("code_verifier_characters")
    if not isinstance(length, int) or not is_refused(redeemed, scene):
        return
    if redeemed.facts.get("code_verifier_is_unreserved") is False:
        got, wrong = "other characters", "has characters other than letters, digits and `-._~`, such as `+`, `/` or `=` of standard base64"
    elif length > _LONGEST:
        got, wrong = f"{length} characters", f"has {length} characters, more than the {_LONGEST} that PKCE allows"
    else:
        return
    yield Found(
        cause=f"The `code_verifier` {wrong}: a server that follows RFC 7636 refuses it.",
        help="In the client, make the verifier of 32 random bytes in base64url without padding.",
        evidence=(redeemed.evidence(".code_verifier", expected=f"{_SHORTEST} to {_LONGEST} letters, digits and `-._~`", got=got),),
    )


@rule(Section("RFC 7636", "4.4.1"), Section("RFC 9700", "2.1.1"), decisive=True)
def pkce_required(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The server asks for PKCE, and the request has no code_challenge."""
    if asked.sent.code_challenge or asked.sent.request_uri or asked.sent.request:
        return
    failures = failures_with(asked, scene)
    refused = next((one for one in failures if says(one, _NAMES_PKCE)), None)
    if refused is None:
        for one in failures:
            yield from as_provider_says(one, "pkce-required")
    if refused is None or (isinstance(refused.sent, TokenRequest) and refused.sent.code_verifier):
        return
    yield Found(
        cause="The authorization request has no `code_challenge`, and the server demands PKCE: the challenge is required for this client.",
        help="In the client, switch PKCE on: send `code_challenge` and `code_challenge_method=S256` with the authorization request, and "
        "the `code_verifier` with the token request.",
        evidence=(
            asked.evidence(".code_challenge", expected="the verifier's hash", got="missing"),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


@rule(Section("RFC 7636", "5"))
def pkce_not_supported(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The server doesn't take the PKCE parameters."""
    refused = next((one for one in failures_with(asked, scene) if says(one, _NOT_KNOWN)), None)
    if not asked.sent.code_challenge or refused is None:
        return
    yield Found(
        cause="The server refuses the request for its PKCE parameters: it does not support `code_challenge`, at least not for this client.",
        help="Enable PKCE for the client in the provider's registration if that can be done; otherwise switch PKCE off for this provider "
        "in the client, and only there.",
        evidence=(asked.evidence(".code_challenge", expected="no such parameter", got=asked.sent.code_challenge),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8414", "2"))
def pkce_not_announced(published: ProviderMetadata, given: Given) -> Iterator[Found]:
    """The metadata doesn't announce PKCE, and the client gives up for that."""
    methods = published.code_challenge_methods_supported
    said = given.local_error.lower()
    if "S256" in (methods or ()) or not any(word in said for word in ("pkce", "code challenge", "code_challenge", "s256")):
        return
    got = "missing" if methods is None else ", ".join(methods)[:80] or "an empty list"
    yield Found(
        cause="The provider's metadata has no `S256` in `code_challenge_methods_supported`, and this client demands that PKCE be announced "
        "there: it stops before anybody signs in.",
        help='Let the provider publish `code_challenge_methods_supported: ["S256"]` in its metadata (many support PKCE without saying so), '
        "or tell the client to use PKCE regardless.",
        evidence=(Evidence(published.exchange, "response.body.code_challenge_methods_supported", expected="S256", got=got),),
    )
