"""APIs that take no bearer token.

Here: a plain token where a bound one is wanted. Not here: proofs and what is wrong with them (`dpop`), certificates (`mtls`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.challenge import read_challenges
from oauthctl.messages.token import TokenResponse
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section


@rule(Section("RFC 9449", "7.1"), explains=("api-call-refused", "api-rejects-valid-token"))
def dpop_bound_token_required(seen: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """The API takes DPoP-bound tokens alone and gets a bearer token."""
    response, token = seen.exchange.response, str(seen.sent.raw("token") or "")
    if response is None or seen.reply.status != 401 or seen.id not in scene.failed or seen.request_header("dpop"):
        return
    asked = {one.scheme.lower() for one in read_challenges(response)}
    if asked != {"dpop"} or str(seen.sent.raw("scheme") or "").lower() != "bearer" or _is_bound(token, scene):
        return
    yield Found(
        cause="The API asks for DPoP alone in its `WWW-Authenticate` header, and the access token is a plain bearer token, which is bound "
        "to no key (`cnf.jkt`): no proof can be made for it.",
        help="In the client request a token that is bound to a key: send a `DPoP` proof with the token request already, then call the API "
        "with `Authorization: DPoP <access token>` and a proof of its own (here: sign in with `oauthctl login --dpop`).",
        evidence=(seen.evidence("request.headers.Authorization", "DPoP, and a token that is bound to a key", "Bearer"),),
        certainty=Certainty.LIKELY,
    )


def _is_bound(token: str, scene: Scene) -> bool:
    """Whether the token is bound to a key after all: then only the call is wrong."""
    confirmed = (take_apart(token).claims or {}).get("cnf")
    issued = scene.issued_by(token, "access_token")
    kind = issued.back.token_type if issued is not None and isinstance(issued.back, TokenResponse) else ""
    return (isinstance(confirmed, dict) and "jkt" in confirmed) or (kind or "").lower() == "dpop"
