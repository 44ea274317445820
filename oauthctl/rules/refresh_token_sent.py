"""What is sent as the refresh token, and by whom.

Here: tokens that were good and are used wrongly. Not here: refresh tokens that have ended (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.token import TokenRequest
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.refresh import is_refused_refresh
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_changed import changed_how
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section


@rule(Section("RFC 6749", "6"), explains=("refresh-token-expired",), decisive=True)
def access_token_as_refresh_token(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """Another token is sent in place of the refresh token."""
    if not is_refused_refresh(seen, scene) or not seen.sent.refresh_token:
        return
    sent = seen.sent.refresh_token
    for name, words in (("access_token", "access token"), ("id_token", "ID token")):
        issued = scene.issued_by(sent, name)
        if issued is not None and scene.issued_by(sent, "refresh_token") is None:
            yield Found(
                cause=f"What is sent as `refresh_token` is the {words} of exchange {issued.id}: the client mixed the two up.",
                help="In the client, store `access_token` and `refresh_token` apart, and send the latter.",
                evidence=(
                    issued.evidence(f"response.body.{name}", got="the same token"),
                    seen.evidence(".refresh_token", expected="the refresh token", got=f"the {words}"),
                ),
            )
            return
    attempts = (one.returned for one in scene.attempts)
    returned = next((one for one in attempts if one is not None and one.sent.code == sent), None)
    if returned is not None:
        yield Found(
            cause=f"What is sent as `refresh_token` is the authorization code of exchange {returned.id}: a code is no token, it has to be "
            "exchanged for tokens first.",
            help="In the client, exchange the code at the token endpoint (`grant_type=authorization_code`), store the `refresh_token` of "
            "that answer, and refresh with it.",
            evidence=(
                returned.evidence(".code", got="the same value"),
                seen.evidence(".refresh_token", expected="a refresh token", got="the authorization code"),
            ),
        )


@rule(Section("RFC 6749", "6"), explains=("refresh-token-expired",))
def refresh_token_of_another_client(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The refresh token is used by another client than the one that it was issued to."""
    if not is_refused(seen, scene) or not seen.sent.refresh_token:
        return
    issued = scene.issued_by(seen.sent.refresh_token, "refresh_token")
    own, first = proof_of(seen).client_id, proof_of(issued).client_id if issued else ""
    if issued is None or not own or not first:
        return
    if own == first:
        yield Refuted()
        return
    yield Found(
        cause=f"The refresh token was issued to the client `{first[:80]}`, but another client, `{own[:80]}`, sends it: a refresh token is "
        "bound to the client that got it.",
        help="In the client's configuration, refresh with the same `client_id` that signed in.",
        evidence=(
            issued.evidence(proof_of(issued).id_place, got=first[:200]),
            seen.evidence(proof_of(seen).id_place, expected=first[:200], got=own[:200]),
        ),
    )


@rule(Section("RFC 6749", "6"), explains=("refresh-token-expired",), decisive=True)
def refresh_token_mangled(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The refresh token was changed between its arrival and its use."""
    changed = seen.facts.get("refresh_token_changed")
    if not changed or not is_refused(seen, scene):
        return
    length = seen.facts.get("refresh_token_characters")
    what = changed_how(str(changed), length if isinstance(length, int) else 0)
    yield Found(
        cause=f"The refresh token that is sent is not as it was issued: it was {what} on its way through the client's store.",
        help="In the client, store refresh tokens whole and untouched: look for a database column that is too short, for quotes, and for "
        "encoding on the way; let the HTTP library build the form.",
        evidence=(seen.evidence(".refresh_token", expected="the token as it was issued", got=what),),
    )
