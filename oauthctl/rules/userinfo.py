"""Userinfo: claims about the person who signed in.

Here: whether they are about the same person. Not here: why the call is refused (`api`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.record.transaction import UserinfoResponse
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.specs import Section


@rule(Section("OIDC Core", "5.3.2"), decisive=True)
def userinfo_subject_differs(asked: Seen[ApiRequest], scene: Scene) -> Iterator[Found]:
    """Userinfo is about another person than the ID token."""
    if asked.purpose != purposes.USERINFO or not isinstance(asked.back, UserinfoResponse):
        return
    expected, got = _expected(asked, scene), asked.back.sub
    # The ID token may lie in another recording: then the client that compared the two has said so.
    is_said = "userinfo speaks of another `sub`" in scene.given.local_error
    if not isinstance(got, str) or (not is_said and (not expected or expected == got)):
        return
    yield Found(
        cause=f"Userinfo tells of `sub` `{got[:80]}`, and the ID token that came with this access token of "
        f"{f'`{expected[:80]}`' if expected else 'another'}: the subject differs.",
        help="In the client do not use these claims; call userinfo with the access token of the same answer, and at the provider let "
        "both use the same subject identifier (public or pairwise).",
        evidence=(asked.evidence("response.body.sub", expected or "as in the ID token", got),),
    )


def _expected(asked: Seen[ApiRequest], scene: Scene) -> str:
    """The `sub` of the ID token that came with the access token; empty where it was not seen."""
    issued = scene.issued_by(str(asked.sent.raw("token") or ""), "access_token")
    if issued is None:
        return ""
    id_token = next((held.token for held, _ in scene.tokens if held.exchange == issued.id and held.role is Role.ID_TOKEN), None)
    return id_token.claim_text("sub") if id_token is not None else ""
