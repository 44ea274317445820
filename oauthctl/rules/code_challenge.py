"""How a PKCE challenge is written: its method, its hash, its base64url.

Here: challenges that were made from the right verifier in a wrong way. Not here: challenges of another verifier (`pkce`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record.own_names import asks_for_social_sign_in
from oauthctl.record.purposes import query_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import failures_with, says
from oauthctl.specs import Section

_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_METHODS = ("S256", "plain")
_SPELLINGS = ("s256", "sha256", "256", "plain", "plaintext")
"""What is meant for one of them, without its punctuation."""
_WRITTEN_AS = {
    "padded": "base64url with `=` padding at its end",
    "base64": "standard base64 (with `+` and `/`)",
    "base64-padded": "standard base64 (with `+`, `/` and `=` padding)",
    "hex": "hexadecimal digits",
    "base64-of-hex": "base64url of the hash's hexadecimal digits instead of its bytes",
    "hashed-twice": "a hash that was hashed once more",
    "cut": "the right hash, but cut off (truncated): fewer than its 43 characters",
}
_HASHED_ELSE = {
    "of-octets": (
        "the random octets behind the verifier: its base64url text was decoded to raw bytes before it was hashed",
        "hash the ASCII characters of the verifier as it is sent, not the bytes that it encodes",
    ),
    "of-utf-16": (
        "the verifier in UTF-16: the text was turned to two bytes for each character before it was hashed",
        "turn the verifier into ASCII (UTF-8) bytes before it is hashed (in .NET `Encoding.ASCII`, not `Encoding.Unicode`)",
    ),
    "of-line-break": (
        "the verifier with a line break (newline) or a space behind it, as `echo` adds one",
        "strip the verifier before it is hashed (in a shell `printf %s` or `echo -n`, not `echo`)",
    ),
    "of-padded": (
        "the verifier with its base64 padding (`=`), which is not sent",
        "take the padding from the verifier first, and hash the very text that is sent",
    ),
    "of-quoted": (
        "the verifier with quotes around it, as JSON writes it",
        "hash the bare text of the verifier, not its JSON form",
    ),
    "of-encoded": (
        "the percent-encoded (URL-encoded) verifier",
        "hash the verifier before it is encoded for the form",
    ),
    "of-hex": (
        "the verifier's hexadecimal digits",
        "hash the ASCII characters of the verifier as it is sent",
    ),
    "of-case": (
        "the verifier in other letters (upper and lower case)",
        "hash the very text that is sent: the verifier is case-sensitive",
    ),
    "other-hash": (
        "the verifier by another hash than SHA-256 (SHA-1, SHA-384 or SHA-512)",
        "hash the verifier with SHA-256, which is what `S256` means",
    ),
}
_OF_THE_REQUEST = ("code-verifier-mismatch", "authorization-refused", "request-fault-named", "callback-refused")
# A sentence that speaks of another parameter.
_NAMES_OTHER = re.compile(
    r"redirect|client|scope|nonce|\bstate\b|response|prompt|resource|audience|request_uri|login_hint|claims|\bacr\b|display|max_age",
    re.IGNORECASE,
)
_NAMES_METHOD = r"code.?challenge.?method|(challenge|transform\w*|pkce).{0,20}(method|algorithm)|s256"


def _fit(asked: Seen[AuthorizationRequest], scene: Scene) -> tuple[Seen[Message] | None, str]:
    """The refused exchange of the sign-in, and how its verifier fits the challenge; a token request goes first."""
    failures = failures_with(asked, scene)
    return next(((one, str(one.facts["pkce_fit"])) for one in failures if "pkce_fit" in one.facts), (failures[0] if failures else None, ""))


@rule(Section("RFC 7636", "4.2"), Section("RFC 7636", "A"), explains=("code-verifier-mismatch",), decisive=True)
def code_challenge_not_base64url(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_challenge is the right hash in a wrong spelling."""
    challenge = asked.sent.code_challenge or ""
    refused, fit = _fit(asked, scene)
    if refused is None or (asked.sent.code_challenge_method or "").upper() != "S256":
        return
    if fit in _WRITTEN_AS:
        written, certainty = _WRITTEN_AS[fit], Certainty.CERTAIN
    elif not fit and re.search(r"[+/= ]", challenge) and "pkce_fit" not in refused.facts and says(refused, r"challenge|pkce"):
        written, certainty = "standard base64 (with `+`, `/` or `=` padding)", Certainty.CERTAIN
    elif not fit and _HEX.fullmatch(challenge) and "pkce_fit" not in refused.facts and says(refused, r"challenge|pkce"):
        written, certainty = _WRITTEN_AS["hex"], Certainty.LIKELY
    else:
        return
    yield Found(
        cause=f"The `code_challenge` is written as {written}, where it must be the SHA-256 hash in base64url without padding: the "
        "server compares another spelling with the hash of the verifier.",
        help="In the client, encode the hash's 32 bytes as base64url: `-` and `_` instead of `+` and `/`, no `=` at the end.",
        evidence=(
            asked.evidence(".code_challenge", expected="43 characters of base64url", got=challenge[:200]),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
        certainty=certainty,
    )


@rule(Section("RFC 7636", "4.2"), explains=("code-verifier-mismatch", "code-challenge-not-base64url"), decisive=True)
def code_challenge_of_other_octets(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_challenge is a hash of something else than the verifier's characters."""
    refused, fit = _fit(asked, scene)
    if refused is None or fit not in _HASHED_ELSE:
        return
    what, todo = _HASHED_ELSE[fit]
    yield Found(
        cause=f"The `code_challenge` was made from this very `code_verifier`, but it is the hash of {what}. The server hashes the "
        "verifier's characters with SHA-256 and gets another value.",
        help=f"In the client, {todo}; then base64url without padding.",
        evidence=(
            asked.evidence(".code_challenge", expected="base64url(SHA-256(ASCII(verifier)))", got=(asked.sent.code_challenge or "")[:200]),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


@rule(Section("RFC 7636", "4.2"), explains=("code-verifier-mismatch",), decisive=True)
def code_challenge_not_hashed(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The method is S256, but the code_challenge is the verifier itself."""
    refused, fit = _fit(asked, scene)
    if refused is None or fit != "plain" or asked.sent.code_challenge_method != "S256":
        return
    yield Found(
        cause="The `code_challenge` is the `code_verifier` itself, while `code_challenge_method=S256` says that it is the verifier's "
        "hash: the client never hashed it.",
        help="In the client, send base64url(SHA-256(verifier)) as `code_challenge`.",
        evidence=(
            asked.evidence(".code_challenge", expected="the verifier's hash", got="the verifier"),
            refused.evidence(".code_verifier", got="the same value"),
        ),
    )


@rule(Section("RFC 7636", "4.3"), explains=("code-verifier-mismatch", "code-challenge-plain-refused"), decisive=True)
def code_challenge_hashed_as_plain(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The method is plain, but the code_challenge is the verifier's hash."""
    refused, fit = _fit(asked, scene)
    if refused is None or fit not in ("S256", *_WRITTEN_AS) or asked.sent.code_challenge_method != "plain":
        return
    yield Found(
        cause="The `code_challenge` is the SHA-256 hash of the `code_verifier`, while `code_challenge_method=plain` says that it is the "
        "verifier itself: the server compares the two as they are, and they differ.",
        help="In the client, send `code_challenge_method=S256` with this challenge.",
        evidence=(
            asked.evidence(".code_challenge_method", expected="S256", got="plain"),
            refused.evidence(".code_verifier", expected="the same text as the code_challenge", got="the text whose hash it is"),
        ),
    )


def _says_nothing(refused: Seen[Message]) -> bool:
    """Whether the authorization endpoint finds the request itself at fault, and names nothing of it: what no server takes decides then."""
    is_at_start = isinstance(refused.sent, AuthorizationRequest | AuthorizationResponse)
    is_open = refused.reply.error in ("invalid_request", "server_error") and not _NAMES_OTHER.search(refused.reply.description)
    return is_at_start and is_open


@rule(
    Section("RFC 7636", "4.3"),
    explains=_OF_THE_REQUEST,
    decisive=True,
)
def code_challenge_method_case(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_challenge_method is spelled in a way that servers don't know."""
    method = asked.sent.code_challenge_method
    if not method or method in _METHODS or not asked.sent.code_challenge:
        return
    if asks_for_social_sign_in(asked.exchange.request, query_of(asked.url)):
        # Such a server takes the method in either case, and its own client writes it small.
        return
    refused, fit = _fit(asked, scene)
    if refused is None or not (fit in ("S256", "plain") or says(refused, _NAMES_METHOD + "|challenge|verifier") or _says_nothing(refused)):
        return
    if not _is_spelling(method):
        return
    right = "plain" if method.lower() == "plain" else "S256"
    how = "in the wrong case" if method.lower() == right.lower() else "in a way that RFC 7636 does not know"
    yield Found(
        cause=f"The method is sent as `code_challenge_method={method[:40]}`, {how}: the value is case-sensitive and must be `{right}`, so "
        "the server does not know the method or takes the challenge for plain text.",
        help=f"In the client, send exactly `code_challenge_method={right}`.",
        evidence=(
            asked.evidence(".code_challenge_method", expected=right, got=method[:80]),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


def _is_spelling(method: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", method.lower()) in _SPELLINGS


@rule(Section("RFC 7636", "4.3"), Section("RFC 7636", "6.2.2"), explains=_OF_THE_REQUEST)
def code_challenge_method_unknown(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_challenge_method is none that PKCE has."""
    method = asked.sent.code_challenge_method
    refused, _ = _fit(asked, scene)
    if not method or method in _METHODS or _is_spelling(method) or refused is None:
        return
    if not (says(refused, _NAMES_METHOD + "|challenge|verifier") or _says_nothing(refused)):
        return
    yield Found(
        cause=f"The request says `code_challenge_method={method[:40]}`, and there is no such method: PKCE has `S256` (SHA-256) and `plain` "
        "alone.",
        help="In the client, make the challenge with SHA-256 (32 bytes, as base64url) and send `code_challenge_method=S256`.",
        evidence=(
            asked.evidence(".code_challenge_method", expected="S256", got=method[:80]),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


@rule(Section("RFC 7636", "4.2"), explains=_OF_THE_REQUEST)
def code_challenge_malformed(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code_challenge has a length or characters that no challenge has."""
    challenge, method = asked.sent.code_challenge or "", asked.sent.code_challenge_method
    refused, fit = _fit(asked, scene)
    if refused is None or not challenge or fit or "pkce_fit" in refused.facts or not says(refused, r"challenge|pkce"):
        return
    form = _HASH if method == "S256" else _PLAIN
    # Of these the spelling tells what they are: `code_challenge_not_base64url`.
    if form.fullmatch(challenge) or _HEX.fullmatch(challenge) or re.search(r"[+/= ]", challenge):
        return
    wanted = "the 43 characters of a SHA-256 hash in base64url" if method == "S256" else "43 to 128 letters, digits and `-._~`"
    yield Found(
        cause=f"The `code_challenge` has {len(challenge)} character{'s' if len(challenge) != 1 else ''}, and it must be {wanted}: whatever "
        "verifier the client holds, this is no challenge of it.",
        help="In the client, send base64url(SHA-256(code_verifier)), without padding, as `code_challenge` with "
        "`code_challenge_method=S256`; look for a placeholder, or a value that is cut off.",
        evidence=(
            asked.evidence(".code_challenge", expected=wanted, got=f"{len(challenge)} characters"),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


@rule(Section("RFC 7636", "4.3"), explains=("code-verifier-mismatch",), decisive=True)
def code_challenge_method_missing(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """A hashed code_challenge is sent without its code_challenge_method."""
    if asked.sent.code_challenge_method or not asked.sent.code_challenge:
        return
    refused, fit = _fit(asked, scene)
    if refused is None or not (fit in ("S256", *_WRITTEN_AS) or ("pkce_fit" not in refused.facts and says(refused, _NAMES_METHOD))):
        return
    yield Found(
        cause="The authorization request has a `code_challenge` but no `code_challenge_method`: the default is `plain`, so the server "
        "compares the hash with the verifier itself, or refuses the method.",
        help="In the client, send `code_challenge_method=S256` next to the challenge.",
        evidence=(
            asked.evidence(".code_challenge_method", expected="S256", got="missing"),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )


@rule(Section("RFC 9700", "2.1.1"), Section("RFC 7636", "7.2"), decisive=True)
def code_challenge_plain_refused(asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The server takes no plain code_challenge."""
    if asked.sent.code_challenge_method != "plain" or not asked.sent.code_challenge:
        return
    refused = next((one for one in failures_with(asked, scene) if says(one, _NAMES_METHOD + "|plain")), None)
    if refused is None:
        return
    yield Found(
        cause="The authorization request uses `code_challenge_method=plain`, and this server accepts `S256` only.",
        help="In the client, hash the verifier and send `code_challenge_method=S256`.",
        evidence=(
            asked.evidence(".code_challenge_method", expected="S256", got="plain"),
            refused.evidence("response", got=(refused.reply.description or refused.reply.error)[:200]),
        ),
    )
