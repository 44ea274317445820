"""The authorization response: the answer that the browser carries back to the client.

Here: putting parameters where the response mode wants them. Not here: which parameters these are.
"""

from __future__ import annotations

from oauthctl.http import Params, Response, with_query
from oauthctl.provider.answers import Denied, ascii_description, redirect
from oauthctl.provider.pages import form_post_page
from oauthctl.provider.request import Target
from oauthctl.provider.state import ProviderState

SCRIPT_PATH = "/form-post.js"


def send_back(state: ProviderState, target: Target, params: Params) -> Response:
    """The answer with `state` and `iss` added, to the redirect URI that was checked before.

    Source: RFC 6749 section 4.1.2; RFC 9207 section 2; OAuth 2.0 Multiple Response Type Encoding Practices section 2.1.
    """
    full = Params.of((*params, ("state", target.state), ("iss", state.issuer if state.dialect == "openid" else None)))
    match target.response_mode:
        case "form_post":
            return form_post_page(state.name, action=target.redirect_uri, params=full, script=f"{state.base_path}{SCRIPT_PATH}")
        case "fragment":
            return redirect(f"{target.redirect_uri}#{full.encode()}")
        case _:
            return redirect(with_query(target.redirect_uri, full))


def send_back_error(state: ProviderState, target: Target, denied: Denied) -> Response:
    """The error as an authorization response.

    Source: RFC 6749 section 4.1.2.1.
    """
    params = Params((("error", denied.error), ("error_description", ascii_description(denied.description))))
    return send_back(state, target, params)
