"""Tokens that come by the browser, for a provider that is told to speak what is legacy.

Here: the implicit and the hybrid flow, the server's side. Not here: whether they are taken (`response_type`), the way back (`back`).
"""

from __future__ import annotations

import json

from oauthctl.http import Params
from oauthctl.messages.response_types import brings_token, words_of
from oauthctl.provider.id_token import id_token
from oauthctl.provider.issue import issue_access_token
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Grant
from oauthctl.provider.request import Asked
from oauthctl.provider.state import ProviderState


def with_tokens(state: ProviderState, asked: Asked, grant: Grant, *, code: str, moment: Moment) -> tuple[ProviderState, Params]:
    """The state that knows the tokens, and the answer's parameters: the code, and what the response type asks for beside it.

    Source: RFC 6749 section 4.2.2; OpenID Connect Core 1.0 sections 3.2.2.5 and 3.3.2.5.
    """
    members: dict[str, str] = {"code": code} if code else {}
    if not brings_token(asked.response_type):
        return state, Params.of(members)
    words = words_of(asked.response_type)
    if "token" in words:
        # Source: RFC 6749 section 4.2.2: no refresh token comes this way, so that there is no offline access to speak of without a code.
        scopes = grant.scopes if code else tuple(scope for scope in grant.scopes if scope != state.offline_scope)
        state, granted = issue_access_token(state, grant, scopes=scopes, audience=grant.audience, moment=moment)
        members |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in granted.items()}
    if "id_token" in words:
        members["id_token"] = id_token(
            state,
            grant,
            moment=moment,
            access_token=members.get("access_token", ""),
            code=code,
            request_state=asked.target.state or "",
        )
    return state, Params.of(members)
