"""Mail servers that take access tokens: IMAP, POP and SMTP with XOAUTH2 or OAUTHBEARER.

Here: a token that is not the mail server's. Not here: tokens that are shown to APIs (`audience`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.rules.presented import audience_of, is_pasted, is_received, listed
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_FAILED = re.compile(
    r"\bNO AUTHENTICATE failed|AUTHENTICATE failed|535 5\.7\.[38]|authentication unsuccessful|XOAUTH2|OAUTHBEARER|SASL[^\n]{0,30}fail",
    re.IGNORECASE,
)
_OF_MICROSOFT = re.compile(r"https://(?:sts\.windows\.net|login\.microsoftonline\.com)/")
# Source: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
_MAIL = ("https://outlook.office.com", "https://outlook.office365.com", "00000002-0000-0ff1-ce00-000000000000", "https://ps.outlook.com")


@rule(
    Section("RFC 9068", "4"),
    explains=("audience-differs", "graph-token-verified", "token-of-another-environment", "api-rejects-valid-token"),
)
def mail_token_for_another(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The mail server gets a token that is for another API."""
    said = _FAILED.search(scene.given.local_error)
    audiences = audience_of(jwt)
    if said is None or not (is_pasted(jwt) or is_received(jwt, scene)) or not audiences:
        return
    if not _OF_MICROSOFT.match(str(jwt.claims.get("iss", ""))) or {one.rstrip("/") for one in audiences} & set(_MAIL):
        return
    graph = " (Microsoft Graph)" if "graph.microsoft.com" in audiences[0] or audiences[0].startswith("00000003-") else ""
    yield Found(
        cause=f"The mail server refuses the sign-in, and the access token is for {listed(audiences)}{graph} (`aud`): IMAP, POP and SMTP of "
        "Exchange Online take tokens for the audience `https://outlook.office.com` alone, whatever scopes the other one has.",
        help="In the client, ask for the mail server's own scopes with their full prefix, "
        "`https://outlook.office.com/IMAP.AccessAsUser.All` "
        "(`SMTP.Send`, `POP.AccessAsUser.All`) with `offline_access`, and for none of Graph's in the same request; an application "
        "without a "
        "user asks for `https://outlook.office365.com/.default`. A scope without prefix means Graph.",
        evidence=(
            jwt.evidence(".claims.aud", _MAIL[0], " ".join(audiences)),
            Evidence(None, "given.local_error", "", said[0]),
        ),
        certainty=Certainty.LIKELY,
    )
