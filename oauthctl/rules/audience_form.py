"""How a token's audiences are written, and to which of them it was issued.

Here: several audiences. Not here: whether the right one is among them (`audience`, `id_token`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.rules.presented import audience_of, client_ids, expected_audiences, is_to_be_verified, listed, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section


@rule(Section("RFC 7519", "4.1.3"), explains=("audience-differs", "id-token-audience-differs", "audience-compared-as-text"))
def audience_written_as_text(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's audiences stand in one string instead of a list."""
    written = jwt.claims.get("aud")
    if not isinstance(written, str) or not is_to_be_verified(jwt, scene):
        return
    wanted = (*expected_audiences(jwt, scene), *client_ids(jwt, scene))
    pieces = [piece for piece in re.split(r"[\s,;\[\]\"']+", written) if piece]
    if written in wanted or not set(pieces) & set(wanted) or pieces == [written]:
        return
    how = "the JSON of a list, as a string" if written.startswith("[") else "several audiences joined in one string"
    yield Found(
        cause=f"The token's `aud` is {how} (`{written[:120]}`): it must be a single audience or a real JSON array, so that its recipient, "
        f"{listed(sorted(set(pieces) & set(wanted)))}, finds no audience that matches.",
        help="In whatever makes the token (a claim mapping, a custom token builder), set `aud` to an array of strings, or to one string "
        "without "
        "anything around it.",
        evidence=(jwt.evidence(".claims.aud", "an array", written[:200]),),
    )


@rule(Section("OIDC Core", "3.1.3.7"), explains=("audience-compared-as-text", "authorized-party-differs"))
def authorized_party_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token is for several audiences and does not say to whom it was issued."""
    audiences = audience_of(jwt)
    if "azp" in jwt.claims or len(audiences) < 2 or not is_to_be_verified(jwt, scene):
        return
    if not re.search(r"\bazp\b|authori[sz]ed party", words_about(jwt, scene)):
        return
    yield Found(
        cause=f"The ID token has several audiences (`aud` {listed(audiences)}) and no `azp`: the client demands that `azp` name the "
        "client that "
        "the token was issued to when there is more than one audience.",
        help="At the provider, let the ID token carry `azp` with the client's `client_id`, or this client alone as its audience (the API's "
        "identifier belongs into the access token).",
        evidence=(jwt.evidence(".claims.azp", "the client_id", "missing"),),
    )
