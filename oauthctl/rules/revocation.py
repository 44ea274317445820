"""Taking a token back.

Here: RFC 7009, whose the token is. Not here: how the client proves who it is (`client_auth`), what goes with a revoked token
(`introspection`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import RevocationRequest
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section


@rule(Section("RFC 7009", "2.1"), explains=("request-refused", "request-fault-named", "client-id-mismatch", "client-unknown"))
def revoked_by_another_client(asked: Seen[RevocationRequest], scene: Scene) -> Iterator[Found]:
    """A client revokes a token that was issued to another."""
    if not is_refused(asked, scene):
        return
    token = str(asked.sent.raw("token") or "")
    issued = scene.issued_by(token, "refresh_token") or scene.issued_by(token, "access_token")
    if issued is None:
        return
    owner, asker = proof_of(issued).client_id, proof_of(asked).client_id
    if not owner or not asker or owner == asker:
        return
    yield Found(
        cause=f"The token was issued to the client `{owner[:80]}` (exchange {issued.id}), and another client, `{asker[:80]}`, wants to "
        "revoke it: a server lets a client revoke its own tokens alone.",
        help=f"In the client, send the revocation as `{owner[:80]}`, with the `client_id` and credentials that the token was fetched with.",
        evidence=(asked.evidence("request", owner, asker), issued.evidence("request", got=owner)),
    )


@rule(Section("RFC 7009", "2.2.1"), explains=("request-refused", "request-fault-named"))
def revocation_type_unsupported(asked: Seen[RevocationRequest], scene: Scene) -> Iterator[Found]:
    """The server does not take back tokens of this kind."""
    if not is_refused(asked, scene) or asked.reply.error != "unsupported_token_type":
        return
    hint = str(asked.sent.raw("token_type_hint") or "")
    jwt = next(
        (held for held, _ in scene.tokens if held.exchange == asked.id and held.place.endswith(".token") and held.token.claims), None
    )
    kind = "an access token that is a JWT" if jwt is not None else f"a token of the kind `{hint[:40]}`" if hint else "a token of this kind"
    yield Found(
        cause=f"The request revokes {kind}, and the server revokes only other kinds (`unsupported_token_type`): an access token that APIs "
        "check by themselves stays good until it expires by its own `exp`.",
        help="In the client, revoke the refresh token (`token_type_hint=refresh_token`), which ends the grant, drop the access "
        "token, and let "
        "access tokens live shortly at the provider.",
        evidence=(asked.evidence(".token", "a refresh token", hint or "another kind"),),
        certainty=Certainty.LIKELY,
    )
