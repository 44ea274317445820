"""Trading a token for another: token exchange, and a token presented as an assertion.

Here: what RFC 8693 asks of the request, and what the traded token shows. Not here: assertions that the client signs itself
(`client_assertion`, `assertion_presented`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.claim_values import time_text
from oauthctl.messages.param import texts
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.messages.token_exchange import issued_type_problem, short_token_type, token_type_problem
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.clock_precision import before, certainty_of
from oauthctl.rules.presented import number_of, server_time
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import grant_of, is_refused, says
from oauthctl.specs import Section

_REQUEST, _TYPES = Section("RFC 8693", "2.1"), Section("RFC 8693", "3")
_GRANT = "token-exchange"
_OFF = (
    r"token.?exchange[^.]{0,60}(?:not (?:enabled|allowed|supported|permitted|configured)|disabled|turned off)"
    r"|(?:not (?:enabled|allowed|permitted)|disabled)[^.]{0,40}token.?exchange|not allowed to exchange"
    r"|exchange (?:is )?not (?:allowed|enabled)"
)
_OF_ANOTHER = r"(?:(?:issued|given|belongs) to|token is (?:of|for)) (?:another|a different|some other) (?:client|one\b)"
_OF_AUDIENCE = r"audience|\baud\b|not (?:issued|intended|meant) (?:for|to)|wrong recipient"
OF_TRUST = (
    r"issuer[^.]{0,80}(?:not|un)[ -]?(?:registered|trusted|known|found|configured|allowed|recogni[sz]ed|supported)"
    r"|(?:unknown|untrusted|invalid|unsupported)[^.]{0,30}issuer|issuer (?:mismatch|is invalid)"
    r"|no (?:trusted )?(?:issuer|identity provider)"
)
FOLDED = ("token-request-refused", "grant-not-allowed", "request-fault-named", "client-unknown", "user-denied", "audience-differs")
# Claims that ID tokens alone have. Source: OpenID Connect Core 1.0 section 2.
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash")
_NAMES = {"access_token": "access token", "refresh_token": "refresh token", "id_token": "ID token"}


def is_exchange(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """Whether this is a token exchange that the server refused."""
    return grant_of(seen.sent) == _GRANT and is_refused(seen, scene) and seen.reply.status < 500


def traded_token(seen: Seen[TokenRequest], scene: Scene, name: str = "subject_token") -> Jwt | None:
    """The traded token, if it is a JWT that can be read."""
    return next(
        (
            Jwt(held, facts)
            for held, facts in scene.tokens
            if held.exchange == seen.id and held.place.endswith(f".{name}") and held.token.claims
        ),
        None,
    )


@rule(_REQUEST, explains=FOLDED)
def exchange_parameter_missing(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """A token exchange lacks a parameter that it must have."""
    if not is_exchange(seen, scene):
        return
    sent = seen.sent
    lacking = [name for name in ("subject_token", "subject_token_type") if not sent.raw(name)]
    if sent.raw("actor_token") and not sent.raw("actor_token_type"):
        lacking.append("actor_token_type")
    if not lacking:
        return
    said = " and ".join(f"`{name}`" for name in lacking)
    yield Found(
        cause=f"The token exchange request has no {said}, which it must have: the server learns neither what is traded nor how to read it."
        if "subject_token" in lacking
        else f"The token exchange request has no {said}: the server must be told of what kind the token is that it gets.",
        help="In the client, send the token as `subject_token` and its kind as `subject_token_type`, such as "
        "`urn:ietf:params:oauth:token-type:access_token` (and `actor_token_type` beside an `actor_token`).",
        evidence=tuple(seen.evidence(f".{name}", "present", "missing") for name in lacking),
    )


@rule(_TYPES, explains=FOLDED)
def exchange_token_kind_differs(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The traded token is of another kind than the request says."""
    if not is_exchange(seen, scene):
        return
    token, said = str(seen.sent.raw("subject_token") or ""), str(seen.sent.subject_token_type or "").rpartition(":")[2]
    if not token or said not in _NAMES:
        return
    for kind, name in _NAMES.items():
        issued = scene.issued_by(token, kind)
        if kind == said or issued is None or scene.issued_by(token, said) is not None:
            continue
        yield Found(
            cause=f"The `subject_token` is the {name} of exchange {issued.id}, while `subject_token_type` calls it an {_NAMES[said]}"
            f" (`{said}`).",
            help=f"In the client, trade the {_NAMES[said]} of that answer, or say `urn:ietf:params:oauth:token-type:{kind}` if the server "
            "takes that kind.",
            evidence=(
                seen.evidence(".subject_token_type", kind, said),
                issued.evidence(f"response.body.{kind}", got="the same token"),
            ),
        )
        return
    jwt = traded_token(seen, scene)
    marks = [name for name in _OF_ID_TOKENS if jwt is not None and name in jwt.claims]
    if said == "access_token" and marks and jwt is not None and jwt.header.get("typ") != "at+jwt" and not says(seen, r"expired|audience"):
        yield Found(
            cause=f"The `subject_token` is an ID token (it has `{marks[0]}`), while `subject_token_type` calls it an access token "
            f"(`{said}`).",
            help="In the client, trade the access token, or say `urn:ietf:params:oauth:token-type:id_token` if the server takes that kind.",
            evidence=(
                seen.evidence(".subject_token_type", "id_token", said),
                jwt.evidence(f".claims.{marks[0]}", got="an ID token's claim"),
            ),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 8693", "2.2.2"), explains=FOLDED)
def exchange_token_expired(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The traded token has expired."""
    subject = traded_token(seen, scene) if is_exchange(seen, scene) else None
    end = number_of(subject, "exp") if subject is not None else None
    now = server_time(seen) or seen.exchange.started_at.timestamp()
    if subject is None or end is None or end > now:
        return
    yield Found(
        cause=f"The `subject_token` expired at {time_text(end)} (`exp`), {before(now - end)} it was traded: only a token that is "
        "still good can be traded.",
        help="In the client, get a fresh token for the user first (refresh it shortly before `exp`), and exchange that one at once.",
        evidence=(subject.evidence(".claims.exp", f"after {time_text(now)}", time_text(end)),),
        certainty=certainty_of(now - end),
    )


@rule(Section("RFC 8693", "2.2.2"), Section("RFC 7523", "3"), explains=FOLDED)
def exchange_token_for_another(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The traded token is not meant for the client that trades it."""
    if not is_refused(seen, scene) or not says(seen, f"{_OF_AUDIENCE}|{_OF_ANOTHER}") or grant_of(seen.sent) != _GRANT:
        return
    # The server says which of the two it minds; without a word of the actor it is the one that is always there.
    name = "actor_token" if says(seen, r"actor[_ ]token") and not says(seen, r"subject[_ ]token") else "subject_token"
    subject, client = traded_token(seen, scene, name), proof_of(seen).client_id
    audience = subject.claims.get("aud") if subject is not None else None
    named = (audience,) if isinstance(audience, str) else texts(audience) or ()
    wanted = str(seen.sent.raw("audience") or seen.sent.raw("resource") or "")
    if subject is None and client and seen.sent.raw(name) and says(seen, _OF_ANOTHER):
        yield _for_another_by_word(seen, name, client)
    if subject is None or not client or client in named or (wanted and wanted in seen.reply.words):
        return
    of = ", ".join(f"`{one[:80]}`" for one in named[:4]) or "nobody"
    yield Found(
        cause=f"The `{name}` is for {of} (`aud`), and `{client[:80]}` trades it: the server lets only a client exchange a token "
        "that is in the token's audience.",
        help=f"At the provider, have `{client[:80]}` added to the audience of the tokens of the application that gets them first "
        "(Keycloak: "
        "an audience mapper in a client scope of that client), then sign in anew.",
        evidence=(subject.evidence(".claims.aud", client, ", ".join(named)),),
        certainty=Certainty.LIKELY,
    )


def _for_another_by_word(seen: Seen[TokenRequest], name: str, client: str) -> Found:
    """What can be said of a token that says nothing of itself."""
    return Found(
        cause=f"The `{name}` was issued to another client than `{client[:80]}`, which trades it: the server lets a client exchange its own "
        "tokens and those that are meant for it (their audience), and says that this one is neither.",
        help=f"In the client, trade a token that `{client[:80]}` was given or called with; or have it added at the provider to the "
        "audience of the other client's tokens, and sign in anew.",
        evidence=(
            seen.evidence(f".{name}", f"a token for `{client[:80]}`", "a token for others"),
            seen.evidence("response.body.error_description", got=seen.reply.description[:200]),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(_REQUEST, explains=(*FOLDED, "resource-unknown"))
def exchange_target_unknown(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider does not give out tokens for the target of the exchange."""
    if not is_exchange(seen, scene):
        return
    name = next((one for one in ("audience", "resource") if seen.sent.raw(one)), "")
    wanted = str(seen.sent.raw(name) or "")
    said = seen.reply.error == "invalid_target" or (
        wanted in seen.reply.words and says(seen, r"audience|resource|target|client") and says(seen, r"not|unknown|invalid|denied")
    )
    if not wanted or not said:
        return
    yield Found(
        cause=f"The provider gives no token for the target `{wanted[:120]}` that the exchange asks for (`{name}`): it knows no such API, "
        "or this client may not get tokens for it.",
        help=f"Send the API's name as the provider has it in `{name}`; at the provider, make the API available to this client (Keycloak: a "
        "client scope with an audience mapper or a role of that API, and a user who has it).",
        evidence=(seen.evidence(f".{name}", "a target that is available", wanted),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8693", "2"), explains=("token-request-refused", "grant-not-allowed", "grant-unsupported", "client-unknown"))
def token_exchange_disabled(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """Token exchange is not switched on for this client."""
    if not is_exchange(seen, scene):
        return
    is_said = says(seen, _OFF)
    if not is_said and seen.reply.error not in ("unsupported_grant_type", "unauthorized_client"):
        return
    yield Found(
        cause="The provider does not do a token exchange for this client: token exchange is not enabled at the server, or not allowed to "
        "the client.",
        help="At the provider, enable token exchange for the requesting client (Keycloak: the switch `Standard token exchange` of a "
        "confidential client, before 26.2 the feature `token-exchange` and its permission), then send the same request.",
        evidence=(seen.evidence("response.body.error", got=(seen.reply.description or seen.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The switch of the client is off.", "Enable token exchange in the client's settings."),
            Candidate("The server has no token exchange, or an older one.", "Look for the grant in `grant_types_supported`."),
        ),
    )


@rule(_REQUEST, _TYPES, explains=FOLDED)
def exchange_type_unsupported(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider does not exchange this type of token, or not into that one."""
    if not is_exchange(seen, scene) or not says(seen, r"(?:requested|subject|actor)[_ ]token[_ ]type|token type"):
        return
    sent = {name: str(seen.sent.raw(name)) for name in ("subject_token_type", "requested_token_type") if seen.sent.raw(name)}
    named = [name for name in sent if says(seen, name.replace("_", "[_ ]"))] or list(sent)
    if not named:
        return
    which = " and ".join(f"`{name}` `{sent[name].rpartition(':')[2][:80]}`" for name in named)
    yield Found(
        cause=f"The provider does not do this exchange by its types: it refuses {which}.",
        help="In the client, leave `requested_token_type` out or ask for "
        "`urn:ietf:params:oauth:token-type:access_token`, and name in `subject_token_type` a type that the provider's documentation lists "
        "for the token that is sent"
        + (" (for an ID token, ask for `scope=openid` instead)." if sent.get("requested_token_type", "").endswith(":id_token") else "."),
        evidence=tuple(seen.evidence(f".{name}", "a type that the provider takes", sent[name]) for name in named),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8693", "2.2.2"), explains=FOLDED)
def exchange_issuer_not_trusted(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider does not trust the issuer of the traded token."""
    subject = traded_token(seen, scene) if is_exchange(seen, scene) else None
    if subject is None or not says(seen, OF_TRUST):
        return
    issuer = str(subject.claims.get("iss", ""))[:160]
    own = scene.metadata_for(seen.url)
    if not issuer or (own is not None and own.issuer == issuer):
        return
    yield Found(
        cause=f"The `subject_token` comes from the issuer `{issuer}` (`iss`), which the provider does not trust: it exchanges "
        "tokens of issuers "
        "that are registered with it.",
        help=f"At the provider, register `{issuer}` as a trusted issuer (identity provider) for token exchange, its `iss` and keys "
        "exactly; or "
        "trade a token that this provider issued.",
        evidence=(subject.evidence(".claims.iss", "a trusted issuer", issuer),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8693", "2.2.1"), explains=("access-token-as-id-token", "token-type-refused"))
def exchange_issued_type_differs(seen: Seen[TokenRequest]) -> Iterator[Found]:
    """The exchange gives another type of token than was asked for."""
    back, requested = seen.back, str(seen.sent.requested_token_type or "")
    if grant_of(seen.sent) != _GRANT or not isinstance(back, TokenResponse) or seen.reply.failed:
        return
    issued = str(back.issued_token_type or "")
    if not issued_type_problem(requested, issued):
        return
    yield Found(
        cause=f"The client asks the exchange for a token of the type `{short_token_type(requested)[:80]}`, and the answer holds one of the "
        f"type `{short_token_type(issued)[:80]}` (`issued_token_type`): used as what was asked for, it is refused or misunderstood.",
        help="In the client, compare `issued_token_type` with what was asked for before the token is used; at the provider, have the type "
        "enabled that is wanted, or ask for the one that it gives.",
        evidence=(
            seen.evidence("response.body.issued_token_type", requested, issued),
            seen.evidence(".requested_token_type", got=requested),
        ),
    )


@rule(Section("RFC 8693", "2.2.1"), explains=("token-type-refused",))
def exchange_token_type_contradicts(seen: Seen[TokenRequest]) -> Iterator[Found]:
    """The exchanged token's token_type contradicts its issued_token_type."""
    back = seen.back
    if grant_of(seen.sent) != _GRANT or not isinstance(back, TokenResponse) or seen.reply.failed:
        return
    issued, token_type = str(back.issued_token_type or ""), str(back.token_type or "")
    if not token_type_problem(issued, token_type):
        return
    name = short_token_type(issued)[:80]
    is_access_token = name == "access_token"
    yield Found(
        cause=f"The answer's `issued_token_type` is `{name}`, and its `token_type` is `{token_type[:40]}`: "
        + ("`N_A` says of an access token that it is none." if is_access_token else "such a token is no access token, and `N_A` is due."),
        help="At the provider, have `token_type` corrected to "
        + ("`Bearer` (or `DPoP`)." if is_access_token else "`N_A`; in the client, never show this token to an API."),
        evidence=(
            seen.evidence("response.body.token_type", "Bearer" if is_access_token else "N_A", token_type),
            seen.evidence("response.body.issued_token_type", got=issued),
        ),
    )
