"""The authorization code: how old it is, how often it is used, whether it is still the one that came.

Here: what can be wrong with the code itself. Not here: PKCE (`pkce`), the redirect URI of its two legs (`redirect_uri`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.code_lifetimes import code_lifetime
from oauthctl.rules.front_channel import as_provider_says
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.sentences import Openness, spelled_out
from oauthctl.rules.token_refused import asked_of, grant_of, in_words, is_refused, refuses_client, returned_of, says, seconds_between
from oauthctl.rules.unknown_codes import says_code_unknown
from oauthctl.specs import Section

_LONGEST_LIFE, _SHORT_LIFE, _FRESH = 600, 55, 15
_AT_ONCE = 3
_CHANGES = {
    "encoded": (
        "encoded twice: percent-encoded once more than it came, so that `%2F` became `%252F`",
        "Encode the code once: hand the value that the callback brought, decoded, to the HTTP library.",
    ),
    "decoded": (
        "decoded once too often, so that `+` or `%` in it changed",
        "Decode the callback's query once, and encode the code in the form.",
    ),
    "plus": (
        "sent with a space in the place of a `+`: the form was put together without percent-encoding, and there `+` means a space",
        "URL-encode the code in the form body (`+` becomes `%2B`): let the HTTP library build it from the parameters.",
    ),
    "cut": ("cut off", "Keep the whole code: look for a column, a log line or a shell argument that is too short for it."),
    "fragment": (
        "sent with the fragment of the callback's address (such as `#_` or `#_=_`) behind it",
        "Cut the code off at `#`, or better: let a URL parser read the query, which ends there.",
    ),
    "more": (
        "followed by other text (mostly the rest of the query, such as `&state=…`)",
        "Cut the code out of the callback at `&` and `#`, or better: let a URL parser read the query.",
    ),
    "quotes": ("sent in quotes, which became part of it", "Take the bare text: parse the JSON that it was stored in."),
    "json": (
        "sent inside of a JSON text: the whole object that held it was serialized in its place",
        "Take the member `code` out of the object that the front end sends, and pass that string on alone.",
    ),
    "front": ("sent without its first characters", "Cut the code out of the callback behind `code=`, or better: let a URL parser read it."),
    "before": ("preceded by other text", "Cut the code out of the callback behind `code=`, or better: let a URL parser read the query."),
    "case": ("changed to other letters in case", "Leave the code as it is: codes are case-sensitive."),
    "escaped-blanks": (
        "sent with an escaped line break or blank at its start or end",
        "Strip white space from the code before it is sent.",
    ),
    "blanks": ("sent with blanks or line breaks", "Strip blanks and line breaks from the code before it is sent."),
}
_USED = (
    r"already (been )?(used|redeemed|consumed|exchanged)|(code|grant)[^.]{0,30}(was|been|is) (used|redeemed|consumed)"
    r"|code_already_used|re-?used"
)
_EXPIRED = ("code-expired", "refresh-token-expired")
"""What a sentence about an expired code stands for; some have codes and refresh tokens in one."""
_NOT_ISSUED_TO = (
    r"not issued (to|for)|issued to (another|a different)|client.?id mismatch|different client|another client|not belong to you"
)
_TENANTS = (r"/realms/([^/]+)/", r"/oauth2/([^/]+)/v1/|/(oauth2)/v1/", r"/(oauth2/v2\.0|oauth2)/(?:authorize|token)$")


@rule(Section("RFC 6749", "4.1.2"), explains=("token-request-refused",))
def code_expired(redeemed: Seen[TokenRequest], returned: Seen[AuthorizationResponse] | None, scene: Scene) -> Iterator[Found | Refuted]:
    """The code was redeemed too late."""
    if says_code_unknown(redeemed):
        yield Refuted()
        return
    if returned is None:
        # Providers have one sentence for codes and refresh tokens.
        if redeemed.sent.refresh_token and not redeemed.sent.code:
            yield Refuted()
        return
    waited = seconds_between(returned, redeemed)
    is_said = says(redeemed, r"expired|too old|no longer valid|timed? ?out")
    life = code_lifetime(redeemed.url)
    is_late = waited > life if life else waited >= _SHORT_LIFE or (is_said and waited > _FRESH)
    if (
        returned_of(redeemed, scene) is None
        or not is_refused(redeemed, scene)
        or refuses_client(redeemed)
        or redeemed.facts.get("pkce_matches") is False
        or redeemed.facts.get("code_changed")
        or _earlier(redeemed, scene)
        or redeemed.reply.error not in ("invalid_grant", "invalid_request", "")
    ):
        yield Refuted()
        return
    if not is_late:
        # The provider's word alone doesn't carry then: it may be about something else.
        yield Refuted()
        if not life and _says_expired(redeemed):
            yield _expired_at_once(redeemed, waited)
        return
    sure = waited > _LONGEST_LIFE or (is_said and (waited >= _SHORT_LIFE or bool(life)))
    lives = f"lives {in_words(life)} at this provider" if life else "lives a minute at many servers, and ten at most"
    yield Found(
        cause=f"The authorization code was redeemed {in_words(waited)} after it came: by then it had expired. A code {lives}.",
        help="In the client, redeem the code at once when the callback arrives; look for what delays it (a queue, a breakpoint, a page "
        "that waits for a click, a retry), and sign in again for a new code.",
        evidence=(
            returned.evidence(".code", got=f"came at {returned.exchange.started_at:%H:%M:%S}"),
            redeemed.evidence(".code", expected="within a minute", got=f"sent {in_words(waited)} later"),
        ),
        certainty=Certainty.CERTAIN if sure else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.2"), Section("RFC 6749", "10.5"), explains=("code-expired",))
def code_reused(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The same code is redeemed a second time."""
    if not is_refused(redeemed, scene) or refuses_client(redeemed):
        return
    first = next((one for one in _earlier(redeemed, scene) if not one.reply.failed or not one.reply.has_answer), None)
    if first is None:
        returned = returned_of(redeemed, scene)
        if returned is not None and 0 <= seconds_between(returned, redeemed) <= _FRESH and not _earlier(redeemed, scene):
            # The provider's word alone doesn't carry then: it may be about something else.
            yield Refuted()
            if says(redeemed, _USED):
                yield replace(
                    _used_elsewhere(redeemed),
                    certainty=Certainty.POSSIBLE,
                    candidates=(
                        Candidate("A request that is not in this recording used the code first.", "Look into the server's log for it."),
                        Candidate("The server says so of every code that it does not know.", "Redeem it where it was issued."),
                    ),
                )
        elif grant_of(redeemed.sent) == "authorization_code" and says(redeemed, _USED):
            yield _used_elsewhere(redeemed)
        return
    apart = seconds_between(first, redeemed)
    if not first.reply.has_answer:
        how = "the first request got no answer, yet the server may well have used the code up"
    elif apart < _AT_ONCE:
        how = f"{in_words(apart)} after the first, as when a page's callback code runs two times (React StrictMode, a re-render, a reload)"
    else:
        how = f"{in_words(apart)} after the first, as when the callback page is reloaded or a request is retried"
    yield Found(
        cause=f"The same authorization code is redeemed twice: exchange {first.id} had used it already, and a code works once. The second "
        f"request came {how}.",
        help="In the client, redeem a code exactly once: guard the callback against running again, drop the code from the address bar, "
        "and do not retry the exchange.",
        evidence=(
            first.evidence(".code", got="the same code"),
            redeemed.evidence(".code", expected="a code that was not used before", got=f"used in exchange {first.id}"),
        ),
        certainty=Certainty.CERTAIN if first.reply.has_answer else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.3"), Section("RFC 6749", "B"))
def code_mangled(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The code was changed between the callback and the token request."""
    if not is_refused(redeemed, scene) or grant_of(redeemed.sent) != "authorization_code" or refuses_client(redeemed):
        return
    returned = returned_of(redeemed, scene)
    if returned is not None and returned.sent.code == redeemed.sent.code:
        yield Refuted()
        return
    changed = redeemed.facts.get("code_changed")
    if taken := redeemed.facts.get("code_is"):
        yield _taken_for_code(redeemed, str(taken))
        return
    is_plus = "code" in _texts(redeemed.facts.get("raw_plus"))
    guessed = "encoded" if redeemed.facts.get("code_is_escaped") else "blanks" if redeemed.facts.get("code_has_blanks") else ""
    guessed = "json" if (redeemed.sent.code or "")[:1] in ("{", "[") else guessed
    guessed = "plus" if is_plus and guessed == "blanks" else guessed
    if not changed and not guessed:
        return
    what, todo = _CHANGES[str(changed or guessed)]
    seen = (
        "The code in the token request is not the one that the callback brought" if changed else "The code in the token request is damaged"
    )
    yield Found(
        cause=f"{seen}: it was {what}.",
        help=f"In the client: {todo[0].lower()}{todo[1:]}",
        evidence=(redeemed.evidence(".code", expected="the code as it came, encoded once", got=what),),
        certainty=Certainty.CERTAIN if changed else Certainty.LIKELY,
        candidates=()
        if changed
        else (Candidate(f"The code was {what}.", todo), Candidate("The code is of another kind, and something else is wrong with it.")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list | tuple) else ()


def _taken_for_code(redeemed: Seen[TokenRequest], name: str) -> Found:
    return Found(
        cause=f"What is sent as `code` is the `{name[:40]}` of the callback: the client takes the wrong parameter for the "
        "authorization code.",
        help=f"In the client, read the callback's parameter `code` by its name and send that; `{name[:40]}` is for its own checks.",
        evidence=(redeemed.evidence(".code", expected="the callback's code", got=f"its {name[:40]}"),),
    )


@rule(Section("RFC 6749", "4.1.3"), decisive=True)
def code_of_another_client(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The code is redeemed by another client than the one that asked for it."""
    own, asked = proof_of(redeemed).client_id, asked_of(redeemed, scene)
    if grant_of(redeemed.sent) != "authorization_code" or not is_refused(redeemed, scene) or says_code_unknown(redeemed):
        return
    if not own:
        # Stripe knows the client by its key alone.
        yield from as_provider_says(redeemed, "code-of-another-client")
        return
    first = (asked.sent.client_id or "") if asked is not None else ""
    if first == own or (not first and not says(redeemed, _NOT_ISSUED_TO)):
        return
    whose = f"the client `{first[:80]}`" if first else "another client, as the server says"
    yield Found(
        cause=f"The code was asked for by {whose}, but is redeemed by `{own[:80]}`: the `client_id` of the token request is another one "
        "than that of the authorization request.",
        help="In the client's configuration, use one `client_id` for both requests; look for a front end and a back end (or two "
        "environments) that are set up with different clients.",
        evidence=(
            *((asked.evidence(".client_id", got=first[:200]),) if asked is not None and first else ()),
            redeemed.evidence(proof_of(redeemed).id_place, expected=first[:200], got=own[:200]),
        ),
        certainty=Certainty.CERTAIN if first else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "4.1.3"))
def code_of_another_server(redeemed: Seen[TokenRequest], asked: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """The code is redeemed at another authorization server than the one that issued it."""
    if origin(asked.url) != origin(redeemed.url) or not is_refused(redeemed, scene) or grant_of(redeemed.sent) != "authorization_code":
        return
    one, other = split_url(asked.url).path, split_url(redeemed.url).path
    parts = next(((a, b) for a, b in ((_part(one, tenant), _part(other, tenant)) for tenant in _TENANTS) if a and b), ("", ""))
    if parts[0] == parts[1]:
        return
    yield Found(
        cause=f"The code was issued under `{one[:120]}`, yet it is redeemed at `{other[:120]}`: these are different authorization servers "
        "of the same host, and each knows its own codes alone.",
        help="In the client's configuration, take `authorization_endpoint` and `token_endpoint` from one and the same metadata document.",
        evidence=(
            asked.evidence("request.url", got=asked.url.partition("?")[0][:200]),
            redeemed.evidence("request.url", expected="the token endpoint of the same server", got=redeemed.url.partition("?")[0][:200]),
        ),
        certainty=Certainty.LIKELY,
    )


def _used_elsewhere(redeemed: Seen[TokenRequest]) -> Found:
    """The server says that the code was used, and the recording has no other use of it."""
    return Found(
        cause="The server says that the authorization code was already redeemed, and a code works once: a request that is not in this "
        "recording came first, such as a second run of the callback page, a link scanner, or a retry by a proxy or another instance.",
        help="In the client, redeem a code exactly once: guard the callback against running again, do not retry the exchange, and look "
        "into the server's log for the first use of the code.",
        evidence=(redeemed.evidence(".code", expected="a code that was not used before", got="used before"),),
        certainty=Certainty.LIKELY,
    )


def _says_expired(redeemed: Seen[TokenRequest]) -> bool:
    """Whether the server says of the code that it has expired (or that and revoked), rather than that it may have, or may be unknown."""
    reading = spelled_out(redeemed.reply.words, redeemed.purpose)
    if reading is None or reading.openness is Openness.ALL or reading.cell.rule not in _EXPIRED:
        return False
    return "expired" in reading.sentence.lower()


def _expired_at_once(redeemed: Seen[TokenRequest], waited: float) -> Found:
    """The server says that the code is too old, and the recording shows that it is young."""
    age = in_words(waited) if waited >= 2 else "a moment"
    return Found(
        cause=f"The server says that the authorization code has expired, though it came only {age} before: codes live "
        "shorter there, or the server's clocks differ.",
        help="At the provider, look up how long codes live and give them a minute; compare the clocks of the servers that issue and redeem "
        "them (NTP). In the client, redeem the code at once.",
        evidence=(redeemed.evidence(".code", expected="a code that is still good", got=f"expired, {age} old"),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("Codes live very shortly at this server.", "Raise their lifetime to a minute."),
            Candidate("The clocks of the servers that issue and redeem codes differ.", "Set them by NTP."),
            Candidate("The server says so of every code that it does not know.", "Redeem it where it was issued, and once."),
        ),
        title="The server says that the code has expired",
    )


def _earlier(redeemed: Seen[TokenRequest], scene: Scene) -> tuple[Seen[TokenRequest], ...]:
    """The earlier requests with the same code."""
    same = scene.once(_by_code).get(redeemed.sent.code or "", ())
    return tuple(one for one in same if one.id < redeemed.id)


def _by_code(scene: Scene) -> dict[str, list[Seen[TokenRequest]]]:
    found: dict[str, list[Seen[TokenRequest]]] = {}
    for one in scene.each(TokenRequest):
        if one.sent.code:
            found.setdefault(one.sent.code, []).append(one)
    return found


def _part(path: str, pattern: str) -> str:
    match = re.search(pattern, path)
    return next((group for group in match.groups() if group), "") if match else ""
