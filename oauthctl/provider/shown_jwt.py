"""JWTs that somebody shows in a request: for whom they are, when they are good, and that each counts once.

Here: what client assertions, assertions, traded tokens and request objects are judged by alike. Not here: their signatures, and what each
has to say besides (`client_assertion`, `grant_jwt_bearer`, `trust`, `request_object`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from oauthctl.jose.json_object import unclear
from oauthctl.jose.jwt import Token
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.param import texts
from oauthctl.provider.answers import Denied
from oauthctl.provider.moment import Moment
from oauthctl.provider.remembered import with_item

CLOCKS_DIFFER = 60.0
LONGEST_LIFE = 3600.0
PLAIN_TYPES = ("", "jwt")
"""What `typ` says of JWTs whose kind it does not tell."""
Refuse = Callable[[str], Denied]
"""What is raised with a sentence: each kind of JWT has an error code of its own."""


def audiences(claims: Mapping[str, Any]) -> set[str]:
    """Whom a token is for. Source: RFC 7519 section 4.1.3."""
    return {one for one in texts(claims.get("aud")) or () if one}


def check_kind(token: Token, types: tuple[str, ...], *, what: str, refuse: Refuse) -> None:
    """Raises what `refuse` makes for a JWT of another kind, which was signed to say another thing, and for one that not all read alike.

    `types` are those of its own kind, beside `PLAIN_TYPES`.

    Source: RFC 8725 section 3.11; RFC 7519 section 4 (names that occur twice); RFC 7515 section 4.1 and RFC 7519 section 4.1 (strings).
    """
    for part, names in ((token.header, ("typ", "cty", "kid")), (token.claims, ("iss", "sub", "jti"))):
        odd = next((name for name in names if not isinstance((part or {}).get(name, ""), str)), "")
        if odd:
            raise refuse(f"{odd} of the {what} is no string")
    if token.typ not in (*PLAIN_TYPES, *types):
        raise refuse(f"typ of the {what} is {token.typ[:40]}, which is another kind of JWT")
    if problem := unclear(token.flaws, f"the {what}"):
        raise refuse(problem)


def check_times(claims: Mapping[str, Any], moment: Moment, *, what: str, refuse: Refuse, longest: float = math.inf) -> float:
    """When it ends, in seconds since the epoch; raised is what `refuse` makes where it is not its time, or where it lives too long.

    Source: RFC 7523 section 3: `exp` is a must, a far one may be refused, and so may one from the future by `iat`.
    """
    expires_at = check_end(claims, moment, what=what, refuse=refuse)
    if expires_at > moment.seconds + longest + CLOCKS_DIFFER:
        raise refuse(f"the {what} is good for more than {longest:g} seconds")
    check_begin(claims, moment, what=what, refuse=refuse, names=("nbf", "iat"))
    return expires_at


def check_end(claims: Mapping[str, Any], moment: Moment, *, what: str, refuse: Refuse) -> float:
    """When it ends; `exp` has to be there. Source: RFC 7519 section 4.1.4."""
    expires_at = seconds_of(dict(claims), "exp")
    if expires_at is None:
        raise refuse(f"the {what} has no exp" + (" that counts seconds" if "exp" in claims else ""))
    if moment.seconds > expires_at + CLOCKS_DIFFER:
        raise refuse(f"the {what} has expired")
    return expires_at


def check_begin(claims: Mapping[str, Any], moment: Moment, *, what: str, refuse: Refuse, names: tuple[str, ...] = ("nbf",)) -> None:
    """Raises what `refuse` makes for one that begins in the future. Source: RFC 7519 section 4.1.5."""
    for name in (name for name in names if name in claims):
        at = seconds_of(dict(claims), name)
        if at is None:
            raise refuse(f"{name} of the {what} does not count seconds")
        if at > moment.seconds + CLOCKS_DIFFER:
            raise refuse(f"the {what} is from the future: the clocks differ")


def is_remembered(known: Mapping[str, float], key: str, moment: Moment) -> bool:
    """Whether what has this key is kept in mind still: a `jti` that was shown, a nonce that was given."""
    return known.get(key, 0.0) > moment.seconds


def remembering(known: Mapping[str, float], key: str, until: float, *, moment: Moment) -> Mapping[str, float]:
    """What is kept in mind, this key with it until then; the oldest that are over go."""
    return with_item(known, key, until).since_first(lambda end: end > moment.seconds)
