"""Tokens that a caller makes and signs itself, and shows to an API as they are.

Here: GitHub App JWTs, service account tokens and their like. Not here: assertions at the token endpoint (`client_assertion`,
`assertion_presented`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.claim_values import length
from oauthctl.rules.presented import number_of, refusing
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_TOO_LONG = re.compile(
    r"(?:\bexp\w*|lifetime|expiry|expiration)\W[^.]{0,60}(?:too (?:far|long|large)|exceed|at most|no more than|maximum)"
    r"|too far in the future"
    r"|(?:lives?|valid) (?:for )?too long",
    re.IGNORECASE,
)


@rule(Section("RFC 7519", "4.1.4"), explains=("api-call-refused", "api-rejects-valid-token", "request-fault-named", "expiry-missing"))
def token_lives_too_long(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A token that the caller made itself lives longer than the API allows."""
    seen = refusing(jwt, scene)
    made, end = number_of(jwt, "iat"), number_of(jwt, "exp")
    if seen is None or end is None or not _TOO_LONG.search(seen.reply.words):
        return
    since = made if made is not None else seen.exchange.started_at.timestamp()
    allowed = " GitHub allows 10 minutes." if "github" in seen.url else ""
    yield Found(
        cause=f"The token lives {length(end - since)} (`exp` minus `iat`), which is longer than the API allows for a JWT that the "
        "caller signs "
        f"itself.{allowed}",
        help="In the client, make the JWT anew for each use with an `exp` a few minutes ahead (GitHub: at most 10 minutes after "
        "`iat`, better "
        "9, and `iat` a minute back for the sake of clocks).",
        evidence=(jwt.evidence(".claims.exp", "a few minutes after `iat`", str(int(end))),),
        certainty=Certainty.LIKELY,
    )
