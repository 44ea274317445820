"""The authorization response: the answer that the browser carries back to the client.

Here: putting parameters where the response mode wants them. Not here: which parameters these are.
"""

from __future__ import annotations

from oauthctl.http import Params, Response, with_query
from oauthctl.messages.response_modes import carrier, is_in_jwt
from oauthctl.provider.answers import Denied, ascii_description, redirect
from oauthctl.provider.moment import Moment
from oauthctl.provider.pages import error_page, form_post_page
from oauthctl.provider.request import Target
from oauthctl.provider.sealing import sealed
from oauthctl.provider.state import ProviderState

SCRIPT_PATH = "/form-post.js"
JWT_SECONDS = 600
"""Source: JARM section 2.1 recommends no more than ten minutes."""


def send_back(state: ProviderState, target: Target, params: Params, moment: Moment) -> Response:
    """The answer with `state` and `iss` added, to the redirect URI that was checked before.

    Source: RFC 6749 section 4.1.2; RFC 9207 section 2; OAuth 2.0 Multiple Response Type Encoding Practices section 2.1.
    """
    full = Params.of((*params, ("state", target.state), ("iss", state.issuer)))
    if is_in_jwt(target.response_mode):
        full = _in_jwt(state, target, full, moment)
    match carrier(target.response_mode):
        case "form_post":
            return form_post_page(state.name, action=target.redirect_uri, params=full, script=f"{state.base_path}{SCRIPT_PATH}")
        case "fragment":
            return redirect(f"{target.redirect_uri}#{full.encode()}")
        case _:
            return redirect(with_query(target.redirect_uri, full))


def _in_jwt(state: ProviderState, target: Target, params: Params, moment: Moment) -> Params:
    """Source: JARM section 2.1; section 2.2 for encryption."""
    client = target.client
    claims = {**dict(params), "iss": state.issuer, "aud": client.id, "exp": int(moment.seconds) + JWT_SECONDS}
    encrypted = (client.authorization_encrypted_response_alg, client.authorization_encrypted_response_enc)
    return Params((("response", sealed(state, client, claims, alg=client.authorization_signed_response_alg, encrypted=encrypted)),))


def send_back_error(state: ProviderState, target: Target, denied: Denied, moment: Moment) -> Response:
    """The error as an authorization response; a page where that would have to be encrypted, and the client has no key for it.

    Source: RFC 6749 section 4.1.2.1.
    """
    params = Params((("error", denied.error), ("error_description", ascii_description(denied.description))))
    try:
        return send_back(state, target, params, moment)
    except Denied as unsealed:
        return error_page(state.name, unsealed.error, unsealed.description, log=state.requests_path)
