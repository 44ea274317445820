"""Claims that whoever gets a token demands: one that is missing, one that says no.

Here: claims beside issuer, audience and times. Not here: those (`issuer`, `audience`, `token_time`), scopes (`api`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.rules.given import Given
from oauthctl.rules.presented import is_new_id_token, is_pasted, is_to_be_verified, listed, refusing, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_OF_VERIFIED = re.compile(
    r"e-?mail[^.\n]{0,60}(?:(?:not|isn't|n't|never|yet to be) (?:been )?verified|unverified|verif)|verif(?:y|ied)[^.\n]{0,30}e-?mail"
    r"|unverified[^.\n]{0,20}e-?mail|email_verified",
    re.IGNORECASE,
)
_NAME = r"['\"`\[]*(?P<{0}>[A-Za-z][\w:/.\-]{{1,80}}?)['\"`\]]*"
_OF_MISSING = re.compile(
    rf"\bclaims?(?: (?:key|name))?:? {_NAME.format('a')} "
    r"(?:is |was |are )?(?:missing|not (?:found|present|set|provided|in)|required|empty|absent)"
    rf"|(?:missing|required|lacks?|no|without)(?: the| a| an| required| mandatory)? claims?:? {_NAME.format('b')}(?=[\s.,;)\"'\]]|$)"
    rf"|(?:missing|required|lacks?|no|without|not (?:contain|have|include))(?: the| a| an| required)? {_NAME.format('c')} claim\b"
    rf"|{_NAME.format('e')}: claim not present"
    rf"|{_NAME.format('d')} claim (?:is |was )?(?:missing|not (?:found|present|set|provided)|required|empty|absent)",
    re.IGNORECASE,
)
_STRINGS = ("iss", "sub", "aud", "jti", "azp", "nonce", "client_id")
_LONG_NAMES = {"iss": "issuer", "sub": "subject", "aud": "audience", "kid": "key id", "alg": "algorithm"}
_KINDS = {"int": "a number", "float": "a number", "bool": "a boolean", "list": "a list (array)", "dict": "an object", "NoneType": "null"}
_OTHERS = (
    r"exp|aud|nonce|azp|at_hash|c_hash|scopes?|scp|kid|alg|audience|issuer|is|was|the|an?|required|missing|any|some|valid|in|of|for"
    r"|token|jwt|this|that|time|and|or|are|not|such|matching|claims?|other|more"
)


@rule(
    Section("OIDC Core", "5.1"),
    explains=("api-call-refused", "api-rejects-valid-token", "email-not-verified", "upstream-sign-in-failed", "authorization-refused"),
)
def email_unverified_in_token(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token says that the e-mail address is not verified, and its recipient demands it."""
    if jwt.claims.get("email_verified") not in (False, "false", "False") or not is_to_be_verified(jwt, scene):
        return
    refused = refusing(jwt, scene)
    words = " ".join((words_about(jwt, scene), *(seen.reply.words for seen in scene.seen if seen.reply.status >= 400)))
    is_said = _OF_VERIFIED.search(words) is not None
    names_users = any(value == "email" for _, value in _configured(scene.given))
    if not is_said and not (names_users and (refused is not None or is_pasted(jwt))):
        return
    use = ", which users are named by here" if names_users else ""
    yield Found(
        cause=f"The token's `email_verified` is false: the e-mail address{use} is not verified at the provider, and the recipient takes "
        "only a verified email. Signature and times of the token are not the question.",
        help="At the provider have the person verify the email (or let an administrator mark it as verified), then sign in anew; or let "
        "the recipient name users by another claim, such as `sub` or `preferred_username`.",
        evidence=(jwt.evidence(".claims.email_verified", "true", "false"),),
        certainty=Certainty.CERTAIN if is_said else Certainty.LIKELY,
    )


@rule(Section("RFC 7519", "4.3"), explains=("api-call-refused", "api-rejects-valid-token"))
def required_claim_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token lacks a claim that its recipient demands."""
    if jwt.held.token.claims is None or not is_to_be_verified(jwt, scene):
        return
    refused = refusing(jwt, scene)
    # Without these it is no ID token, whoever reads it; `exp` and `iss` have rules of their own. Source: OIDC Core section 2.
    due = [name for name in ("sub", "aud", "iat") if name not in jwt.claims] if is_new_id_token(jwt, scene) else []
    said = due or [name for name in _named_missing(words_about(jwt, scene)) if not _holds(jwt, name)]
    configured = [(setting, name) for setting, name in _configured(scene.given) if not _holds(jwt, name)]
    if not said and not (configured and refused is not None):
        return
    name = said[0] if said else configured[0][1]
    setting = f" (`{configured[0][0]}`)" if configured and configured[0][1] == name else ""
    distributed = jwt.claims.get("_claim_names")
    is_elsewhere = (isinstance(distributed, dict) and name in distributed) or (name == "groups" and jwt.claims.get("hasgroups") is True)
    why = " The provider left it out since there are too many values, and points to its directory instead." if is_elsewhere else ""
    yield Found(
        cause=f"The token has no claim `{name[:80]}`, which its recipient demands{setting}.{why} It has {listed(sorted(jwt.claims)[:12])}.",
        help=f"At the provider let the token carry `{name[:80]}` (a claim or protocol mapper, an optional claim, or the scope that "
        "brings it, which the client then asks for); or let the recipient read another claim.",
        evidence=(jwt.evidence(f".claims.{name[:80]}", "present", "missing"),),
        certainty=Certainty.CERTAIN if due or (said and setting) else Certainty.LIKELY,
    )


@rule(
    Section("RFC 7519", "4.1"),
    explains=("audience-differs", "token-issuer-differs", "required-claim-missing", "id-token-audience-differs"),
)
def claim_of_wrong_type(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A claim or header of the token has a type that it must not have."""
    if jwt.held.token.claims is None or not is_to_be_verified(jwt, scene):
        return
    words = words_about(jwt, scene)
    wrong = [
        (name, value, where)
        for where, members, names in (("claims", jwt.claims, _STRINGS), ("header", jwt.header, ("kid", "alg", "typ")))
        for name in names
        if name in members and not _is_text(value := members[name], is_list=name == "aud") and _speaks_of(name, words)
    ]
    if not wrong:
        return
    name, value, where = wrong[0]
    due = "a string, or a list (array) of strings" if name == "aud" else "a string"
    kind = _KINDS.get(type(value).__name__, type(value).__name__)
    yield Found(
        cause=f"The token's `{name}` is {kind} and must be {due}: strict libraries refuse a token whose {name} has another type.",
        help=f"In whatever makes the token, write `{name}` as {due} (an identifier that is a number goes into quotes).",
        evidence=(jwt.evidence(f".{where}.{name}", due, str(value)[:80]),),
    )


def _is_text(value: object, *, is_list: bool) -> bool:
    return isinstance(value, str) or (is_list and isinstance(value, list) and all(isinstance(one, str) for one in value))


def _speaks_of(name: str, words: str) -> bool:
    return re.search(rf"\b{name}\b|{_LONG_NAMES.get(name, name)}", words) is not None


def _configured(given: Given) -> tuple[tuple[str, str], ...]:
    """The claims that the recipient's configuration names: each with its setting."""
    single = [
        (name, value) for name, value in given.members.items() if isinstance(value, str) and name.lower().endswith(("_claim", "-claim"))
    ]
    return (*single, *(("required_claims", name) for name in given.texts("required_claims")))


def _named_missing(words: str) -> Iterator[str]:
    for match in _OF_MISSING.finditer(words[:4000]):
        name = next(value for value in match.groupdict().values() if value)
        if not re.fullmatch(_OTHERS, name.lower().strip(".")):
            yield name.strip(".")


def _holds(jwt: Jwt, name: str) -> bool:
    """Whether a token has a claim, be it inside of another (`realm_access.roles`), under a URL, or written in other letters."""
    known = {str(claim).lower() for claim in jwt.claims}
    lowered = name.lower()
    if lowered in known or any(split_url(claim).path.strip("/").endswith(lowered) for claim in known if "/" in claim):
        return True
    value: object = jwt.claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value is not None
