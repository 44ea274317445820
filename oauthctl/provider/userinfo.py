"""The UserInfo endpoint.

Here: the claims that an access token opens. Not here: which claims a scope has (`id_token`).
"""

from __future__ import annotations

from oauthctl.http import FORM, Headers, Request
from oauthctl.provider.answers import Answer, json_answer
from oauthctl.provider.bearer import BadBearer, read_bearer, refuse_bearer
from oauthctl.provider.id_token import claims_for
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

ENDPOINT = "userinfo"


def userinfo(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The user's claims, by GET or by POST; the token comes in the header, or in a posted form.

    Source: OIDC Core section 5.3; RFC 6750 section 2.2.
    """
    try:
        state, bearer = read_bearer(state, _with_header(request), moment)
        user = state.users.get(bearer.subject)
        if "openid" not in bearer.scopes:
            raise BadBearer("insufficient_scope", "The scope openid is needed here", status=403, scope="openid")
        if user is None:
            raise BadBearer("invalid_token", "The access token is about nobody who is known here")
    except BadBearer as bad:
        return refuse_bearer(state, request, bad, endpoint=ENDPOINT, moment=moment)
    return state, json_answer({"sub": user.username, **claims_for(user, bearer.scopes)})


def _with_header(request: Request) -> Request:
    token = request.form.get("access_token") if request.method == "POST" else None
    is_form = (request.headers.get("content-type") or "").partition(";")[0].strip().lower() == FORM
    if token is None or not is_form:
        return request
    if "authorization" in request.headers:
        # RFC 6750 section 2: clients must not use more than one method to transmit the token.
        raise BadBearer("invalid_request", "the access token is sent in more than one way", status=400)
    return Request(request.method, request.url, Headers((*request.headers.pairs, ("Authorization", f"Bearer {token}"))), request.body)
