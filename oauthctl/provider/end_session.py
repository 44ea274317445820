"""Signing out.

Here: ending the browser's session, with a question where nothing proves that the client asks. Not here: revoking tokens (`revoke`).
"""

from __future__ import annotations

from oauthctl.http import Params, Request, Response, with_query
from oauthctl.provider import pages
from oauthctl.provider.answers import Answer, redirect, with_headers
from oauthctl.provider.browser import csrf_token, end, expired_cookie, is_from_our_form, session_key, session_of
from oauthctl.provider.client import Client
from oauthctl.provider.id_token import hint_claims
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import ProviderState

ENDPOINT = "end_session"


def end_session(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """End the session that the ID token is about; without a good one, ask the person first.

    Source: OIDC RP-Initiated Logout sections 2, 3 and 4.
    """
    form = request.form if request.method == "POST" else Params()
    params = request.query if "csrf" in form else Params((*request.query, *form))
    hint = params.get("id_token_hint")
    claims = hint_claims(state, hint) if hint else None
    if hint and claims is None:
        return _refused(state, moment, params, "id_token_hint is not an ID token of this provider")
    client_id = params.get("client_id") or (str(claims["aud"]) if claims else "")
    if claims and client_id != claims["aud"]:
        return _refused(state, moment, params, "client_id is not the one that id_token_hint was made for")
    client = state.clients.get(client_id)
    where = params.get("post_logout_redirect_uri")
    if where and (client is None or where not in client.post_logout_redirect_uris):
        return _refused(state, moment, params, "this post_logout_redirect_uri is not registered for the client")
    session = session_of(state, request)
    is_agreed = "csrf" in form and is_from_our_form(session, _transaction(params), form.get("csrf") or "")
    is_proven = claims is not None and (session is None or not session.username or session.username == claims.get("sub"))
    if not is_agreed and not is_proven and session is not None and session.username:
        return state, _question(state, params, client, csrf=csrf_token(session, _transaction(params)))
    if form.get("decision") == "deny":
        return state, pages.notice_page(state.name, "Still signed in", "You did not sign out.")
    keys = {session_key(state, request)} | {key for key, item in state.sessions.items() if claims and item.id == claims.get("sid")}
    was_signed_in = any(state.sessions[key].username for key in keys if key in state.sessions)
    reason = "ended the session" if was_signed_in else "nobody was signed in"
    state = end(state, tuple(keys)).logged(moment, ENDPOINT, client_id, reason=reason)
    farewell = _farewell(state, where, params.get("state"), was_signed_in=was_signed_in)
    return state, with_headers(farewell, (("Set-Cookie", expired_cookie(state)),))


def _transaction(params: Params) -> str:
    return digest("end_session " + params.encode())


def _question(state: ProviderState, params: Params, client: Client | None, *, csrf: str) -> Response:
    action = with_query(f"{state.base_path}{state.endpoints.end_session}", params)
    targets = (pages.form_target(uri),) if (uri := params.get("post_logout_redirect_uri")) else ()
    return pages.sign_out_page(state.name, action=action, client=client.name if client else "", csrf=csrf, form_targets=targets)


def _farewell(state: ProviderState, where: str | None, value: str | None, *, was_signed_in: bool) -> Response:
    if where:
        return redirect(with_query(where, Params.of((("state", value),))))
    if not was_signed_in:
        return pages.notice_page(state.name, "Nobody was signed in", "There was nothing to sign out of. You can close this page.")
    return pages.notice_page(state.name, "Signed out", "You are signed out. You can close this page.")


def _refused(state: ProviderState, moment: Moment, params: Params, reason: str) -> Answer:
    state = state.logged(moment, ENDPOINT, params.get("client_id") or "", error="invalid_request", reason=reason)
    return state, pages.error_page(state.name, "invalid_request", reason, log=state.requests_path)
