"""Assertions: JWTs by which a client proves who it is, or that are traded for a token.

Here: for whom and by whom they are made, their key, their use and reuse. Not here: their times (`assertion_times`), their other claims
(`assertion_claims`), other tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import split_url
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.param import Message, texts
from oauthctl.record import purposes
from oauthctl.rules.assertion_held import ERRORS, Assertion, assertion_of
from oauthctl.rules.client_proof import is_by_secret, registration_of
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import DIRECT, is_refused, says
from oauthctl.specs import Section

_NAMES_KEY = (
    r"\bkid\b|\bjwks?\b|signature|public key|signing key|key (not|was not|could not|is not|id)"
    r"|no (matching|suitable) key|\bno keys? (is|are|was|were) registered"
)
# The audiences that providers document for the JWTs that are traded or sent as a secret there, where they say that no other will do.
_AUDIENCES = {
    "appleid.apple.com": ("https://appleid.apple.com",),
    "salesforce.com": ("https://login.salesforce.com", "https://test.salesforce.com"),
    "docusign.com": ("account.docusign.com", "account-d.docusign.com"),
}
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_audience_wrong(seen: Seen[Message], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The assertion's audience is not one that this server answers to."""
    held = assertion_of(seen, scene)
    if held is None:
        return
    published = scene.metadata_for(seen.url)
    audiences = texts(held.claims.get("aud")) or ()
    issuer = given.issuer or (published.issuer if published is not None else "") or ""
    endpoint = (published.token_endpoint if published is not None else "") or (seen.url if seen.purpose == purposes.TOKEN else "")
    called = seen.url.partition("?")[0]
    known = {one.rstrip("/") for one in (issuer, endpoint, called) if one}
    is_named = says(seen, r"\baud\b|audience")
    due = next((names for ending, names in _AUDIENCES.items() if _host(called) == ending or _host(called).endswith(f".{ending}")), ())
    if due and held.name != "client_assertion" and not set(due) & set(audiences) and (is_named or not issuer or issuer not in audiences):
        got = ", ".join(audiences)[:200] or "missing"
        yield Found(
            cause=f"The {held.words} has the audience (`aud`) `{got}`, while this provider takes "
            f"{' or '.join(f'`{one}`' for one in due)} alone, "
            "character for character.",
            help=f"In the client, set `aud` of the {held.words} to `{due[0]}`.",
            evidence=(seen.evidence(f".{held.name}.claims.aud", expected=" ".join(due), got=got),),
        )
        return
    if issuer and issuer in audiences:
        # Of another client's assertion only what was recorded is known; ours is made as the newer profiles want it, unless it is told.
        if scene.recording.tool_version and is_named and endpoint and endpoint not in audiences:
            yield _older(seen, held, issuer, endpoint)
        else:
            yield Refuted()
        return
    is_alien = not any(one.rstrip("/") in known or _host(one) == _host(called) for one in audiences)
    if not is_named and not is_alien:
        return
    got = ", ".join(audiences)[:200] or "missing"
    if is_named and issuer and issuer not in audiences:
        wanted, what = issuer, f"while this server wants its issuer identifier, `{issuer[:160]}`"
    elif is_alien:
        wanted = issuer or endpoint or called
        what = "which is neither this server's issuer identifier nor its token endpoint"
    elif called in audiences:
        wanted, what = "the issuer identifier", "the URL that was called, while this server wants its issuer identifier, as it seems"
    else:
        return
    yield Found(
        cause=f"The {held.words} has the audience (`aud`) `{got}`, {what}.",
        help=f"In the client, set `aud` of the assertion to `{wanted[:160]}`: the issuer of the server's metadata is what newer profiles "
        "ask for; older servers want the token endpoint's URL.",
        evidence=(seen.evidence(f".{held.name}.claims.aud", expected=wanted[:200], got=got),),
        certainty=Certainty.CERTAIN if is_alien else Certainty.LIKELY,
        candidates=()
        if is_alien or wanted == issuer
        else (
            Candidate("The server wants its issuer identifier.", "Set `aud` to the `issuer` of its metadata."),
            Candidate("The server wants the URL of its token endpoint.", "Set `aud` to the `token_endpoint` of its metadata."),
        ),
    )


def _older(seen: Seen[Message], held: Assertion, issuer: str, endpoint: str) -> Found:
    """Source: RFC 7523 section 3: the token endpoint's URL was the usual audience before newer profiles wanted the issuer."""
    return Found(
        cause=f"The {held.words} has the server's issuer identifier as its audience (`aud`), `{issuer[:160]}`, and the server refuses that "
        f"very claim: it is an older one that wants the URL of its token endpoint, `{endpoint[:160]}`.",
        help=f"In the client, set `aud` of the assertion to `{endpoint[:160]}` for this server (oauthctl: `--assertion-audience "
        "token-endpoint`).",
        evidence=(seen.evidence(f".{held.name}.claims.aud", expected=endpoint[:200], got=issuer[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_issuer_not_client(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The client assertion's iss and sub are not the client's identifier."""
    held = assertion_of(seen, scene)
    if held is None or held.name == "assertion":
        return
    issuer, subject = held.claims.get("iss"), held.claims.get("sub")
    sent = seen.sent.raw("client_id")
    wanted = sent if isinstance(sent, str) and sent else subject
    if not isinstance(wanted, str):
        return
    if held.name == "client_secret":
        # Apple's secret is issued by the team about the client.
        issuer = wanted
    # Another party may issue it, as workload identity federation has it. Source: RFC 7521 section 4.2.
    if isinstance(issuer, str) and issuer.startswith("http") and issuer != wanted:
        return
    if issuer == wanted and subject == wanted:
        yield Refuted()
        return
    wrong = "iss" if issuer != wanted else "sub"
    got = str(held.claims.get(wrong, "missing"))[:120]
    due = "`sub` must be" if held.name == "client_secret" else "it is issued by the client about itself, so `iss` and `sub` must both be"
    todo = f"In the client, set `{wrong}` of the {held.words} to the `client_id`"
    if issuer == subject and isinstance(issuer, str) and held.name == "client_assertion":
        yield Found(
            cause=f"The form's `client_id` is `{wanted[:120]}`, but the client assertion was made by another client: its `iss` and "
            "`sub` are "
            f"`{issuer[:120]}`. The two do not name the same client.",
            help="In the client's configuration, use one `client_id` for the form and for the assertion, or leave it out of the form.",
            evidence=(seen.evidence(".client_id", expected=issuer[:200], got=wanted[:200]),),
        )
        return
    is_swapped = held.name == "client_secret" and held.claims.get("iss") == wanted
    if held.name == "client_secret":
        todo += " and `iss` to the identifier of the team that signs (at Apple the Team ID)"
    swapped = ": `iss` has it instead, so the two are swapped" if is_swapped else ""
    yield Found(
        cause=f"The {held.words} has `{got}` as its `{wrong}`, but {due} the `client_id`, `{wanted[:120]}`{swapped}.",
        help=f"{todo}.",
        evidence=(seen.evidence(f".{held.name}.claims.{wrong}", expected=wanted[:200], got=got),),
    )


_OF_ONCE = {"jwt-bearer": ("assertion", "jti"), "saml2-bearer": ("SAML assertion", "ID")}
_REPLAYED = r"replay|already (been )?used|re-?used|used before"


@rule(Section("RFC 7523", "3"), Section("OIDC Core", "9"))
def assertion_reused(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The same client assertion is sent twice."""
    held = assertion_of(seen, scene)
    is_said = says(seen, rf"\bjti\b|{_REPLAYED}")
    if held is None or held.name != "client_assertion":
        yield from _traded_again(seen, scene)
        return
    sent = seen.sent.raw(held.name)
    earlier = [one for one in scene.seen if one.id < seen.id and one.purpose in DIRECT and one.sent.raw(held.name)]
    jti = held.claims.get("jti")
    same = next((one for one in earlier if one.sent.raw(held.name) == sent), None)
    first = same or next((one for one in earlier if jti and _jti(one.sent.raw(held.name)) == jti), None)
    if earlier and first is None:
        yield Refuted()
        return
    if first is None and not is_said:
        return
    where = f", in exchange {first.id}" if first else ""
    what = (
        f"A client assertion with the same `jti` was sent before{where}, although the assertion itself is a new one: a `jti` must be "
        "unique, "
        "and may be used once"
        if first and not same
        else f"The same client assertion was sent before{where}: its `jti` may be used once"
    )
    yield Found(
        cause=f"{what}, so the server refuses the second use as a replay.",
        help="In the client, make a new assertion with a fresh `jti` for each request (also for a retry and for the pushed request).",
        evidence=(
            seen.evidence(
                ".client_assertion.claims.jti", expected="a value that was not used before", got=str(held.claims.get("jti"))[:80]
            ),
        ),
        certainty=Certainty.CERTAIN if first and is_said else Certainty.LIKELY,
    )


def _traded_again(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """An assertion that was traded before. Many servers take one as often as it comes: only the server's word tells, not the recording.

    Source: RFC 7523 section 3, item 7; RFC 7522 section 3, item 6.
    """
    grant, sent = str(seen.sent.raw("grant_type") or "").rpartition(":")[2], seen.sent.raw("assertion")
    if grant not in _OF_ONCE or not sent or seen.purpose not in DIRECT or not is_refused(seen, scene) or not says(seen, _REPLAYED):
        return
    first = next((one for one in scene.seen if one.id < seen.id and one.purpose in DIRECT and one.sent.raw("assertion") == sent), None)
    what, mark = _OF_ONCE[grant]
    yield Found(
        cause=f"The {what} was traded before{f', in exchange {first.id}' if first else ''}: its `{mark}` may be used once, so the server "
        "refuses the second use as a replay.",
        help=f"In the client, get or make a new assertion with a fresh `{mark}` for each token request (also for a retry), and keep the "
        "access token while it is good instead of trading again.",
        evidence=(seen.evidence(".assertion", expected="an assertion that was not used before", got=seen.reply.description[:200]),),
        certainty=Certainty.CERTAIN if first else Certainty.LIKELY,
    )


def _jti(assertion: object) -> object:
    return (take_apart(assertion).claims or {}).get("jti") if isinstance(assertion, str) else None


@rule(Section("RFC 7523", "3"), Section("RFC 7515", "4.1.4"))
def assertion_key_unknown(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The server doesn't know the key that signed the assertion."""
    held = assertion_of(seen, scene)
    if held is None:
        return
    kid = held.header.get("kid")
    registered = registration_of(str(held.claims.get("sub") or ""), scene)
    keys = registered[0].sent.raw("jwks") if registered else None
    listed = [key.get("kid") for key in keys.get("keys", []) if isinstance(key, dict)] if isinstance(keys, dict) else []
    is_absent = bool(listed) and kid not in listed
    if listed and not is_absent:
        yield Refuted()
        return
    if not is_absent and not says(seen, _NAMES_KEY):
        return
    if is_by_secret(held.header):
        yield _other_secret(seen, held)
        return
    named = f" (`kid` `{str(kid)[:80]}`)" if kid else ""
    yield Found(
        cause=f"The server can't verify the {held.words}: the key that signed it{named} is not among the keys that it has for this "
        "client, because the key was deleted, rotated or never registered, or another private key signed.",
        help="At the provider, register the public key (or the `jwks_uri`) that belongs to the client's private key, with the same `kid`; "
        "in the client, sign with the key that is registered.",
        evidence=(seen.evidence(f".{held.name}.header.kid", expected=", ".join(map(str, listed))[:200], got=str(kid or "missing")[:80]),),
        certainty=Certainty.CERTAIN if is_absent else Certainty.LIKELY,
    )


def _other_secret(seen: Seen[Message], held: Assertion) -> Found:
    """Where the algorithm is an HMAC, the client's secret is the key."""
    alg = str(held.header.get("alg"))[:20]
    return Found(
        cause=f"The server can't verify the {held.words}, which is signed with a shared secret ({alg}: client_secret_jwt): the client "
        "signs with another secret than the server has for it, or the server has it down for an assertion by a private key.",
        help="In the client, set the secret of this `client_id` as the registration has it, without a newline at its end; at the provider, "
        "see that the client's authentication method is `client_secret_jwt`.",
        evidence=(seen.evidence(f".{held.name}.header.alg", expected="a signature by the registered secret", got=alg),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7521", "4.2"), explains=("client-auth-missing", "client-unknown", "confidential-client-without-secret"))
def assertion_type_missing(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The client assertion comes without its type."""
    if seen.purpose not in DIRECT or not seen.sent.raw("client_assertion") or not is_refused(seen, scene):
        return
    said = seen.sent.raw("client_assertion_type")
    if said == _JWT_BEARER or seen.reply.error not in ERRORS:
        return
    if isinstance(said, str) and unquote(unquote(said)) == _JWT_BEARER:
        yield Found(
            cause=f"The `client_assertion_type` is percent-encoded twice: decoded once it still reads `{said[:120]}`, which no server "
            "knows.",
            help=f"In the client, hand the plain value `{_JWT_BEARER}` to the HTTP library, which encodes the form once.",
            evidence=(seen.evidence(".client_assertion_type", expected=_JWT_BEARER, got=said[:200]),),
        )
        return
    yield Found(
        cause=f"The request has a `client_assertion`, but its `client_assertion_type` is {f'`{str(said)[:80]}`' if said else 'missing'}: "
        "the server does not know what to make of the assertion.",
        help=f"In the client, send `client_assertion_type={_JWT_BEARER}` with it.",
        evidence=(seen.evidence(".client_assertion_type", expected=_JWT_BEARER, got=str(said or "missing")[:200]),),
    )


def _host(url: str) -> str:
    return (split_url(url).hostname or url).lower()
