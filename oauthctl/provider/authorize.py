"""The authorization endpoint: who asks, who is there, what is missing before the answer can be given.

Here: the order of things. Not here: the request's parameters (`request`), the forms' answers (`signin`), HTML (`pages`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oauthctl.http import Params, Request, Response
from oauthctl.messages.response_types import CODE, words_of
from oauthctl.provider import pages, posted, request_object, request_reference, second_factor
from oauthctl.provider.answers import Answer, Denied, with_headers
from oauthctl.provider.back import send_back, send_back_error
from oauthctl.provider.browser import begin, csrf_token, session_key, session_of
from oauthctl.provider.changing import changed
from oauthctl.provider.claims_request import is_essential, names, values_of
from oauthctl.provider.details import told
from oauthctl.provider.front_channel import with_tokens
from oauthctl.provider.id_token import subject_of_hint
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.personas.refusing import Failure, words_on_page
from oauthctl.provider.pushed import is_reference, resolved, used
from oauthctl.provider.records import BrowserSession, Code, Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import Asked, read_request, read_target
from oauthctl.provider.signin import (
    answer_form,
    authorize_path,
    check_hint,
    is_there,
    may_continue,
    sign_in_form,
    why_not_this_user,
)
from oauthctl.provider.state import ProviderState
from oauthctl.provider.user_claims import opened_by

ENDPOINT = "authorize"


def authorize(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """An authorization request, or the answer of one of our own forms about it.

    Source: RFC 6749 section 4.1.1; OIDC Core section 3.1.2.1 (GET and POST).
    """
    form = request.form if request.method == "POST" else Params()
    step = form.get("step") if "csrf" in form else None
    if request.method == "POST" and not step:
        return posted.kept(state, request, moment)
    brought = sent = request.query
    try:
        sent = posted.said(state, brought, moment)
        params = request_reference.looked_up(state, resolved(state, sent, moment))
        target = read_target(state, request_object.claimed(state, params))
    except Denied as denied:
        who = sent.get("client_id") or ""
        state = state.logged(moment, ENDPOINT, who, error=denied.error, reason=denied.description)
        facts = {**_facts(state, sent), **words_on_page(Failure(state, request, moment, denied.error, denied.description))}
        return state, pages.error_page(state.name, denied.error, denied.description, facts=facts, log=state.requests_path)
    try:
        if not is_reference(sent):
            params = request_object.opened(state, params, moment)
            target = read_target(state, params)
        asked = read_request(state, target, params, sent=sent, brought=brought)
        if step:
            return answer_form(state, request, asked, moment=moment, go_on=give_answer)
        return _next(state, request, asked, moment)
    except Denied as denied:
        # A reference is used up by whatever the client is told: RFC 9126 section 4.
        state = used(denied.state or state, brought)
        state = state.logged(moment, ENDPOINT, target.client.id, error=denied.error, reason=denied.description)
        return state, send_back_error(state, target, denied, moment)


def _facts(state: ProviderState, params: Params) -> dict[str, tuple[str, ...]]:
    client = state.clients.get(params.get("client_id") or "")
    registered = client.redirect_uris if client is not None else ()
    any_port = tuple(uri for uri in registered if client is not None and client.takes_any_port(uri))
    return {
        "client_id": params.all("client_id"),
        "redirect_uri": params.all("redirect_uri"),
        "registered for this client": tuple(uri for uri in registered if uri not in any_port),
        "registered for this client, with any port": any_port,
    }


def _next(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    _check_acr(state, asked)
    check_hint(state, asked)
    session = session_of(state, request)
    if session is None or not is_there(state, session, asked, moment):
        if "none" in asked.prompts:
            raise Denied("login_required", "the right user is not signed in, or too long ago, and may not be asked")
        if session is not None and session.signed_in_for == asked.digest and (named := why_not_this_user(state, session, asked)):
            raise _wrong_user(state, request, session, named=named)
        return _ask_to_sign_in(state, request, asked, moment=moment)
    if second_factor.is_due(state, session, asked):
        if "none" in asked.prompts:
            raise Denied("interaction_required", "a stronger sign-in is asked for, and the user may not be asked")
        return state, second_factor.code_form(state, asked, action=authorize_path(state, asked), csrf=csrf_token(session, asked.digest))
    if needs_consent(state, asked, session):
        if "none" in asked.prompts:
            raise Denied("consent_required", "the user has not yet agreed to these scopes")
        return state, _consent(state, asked, session)
    return give_answer(state, request, asked, moment)


def _ask_to_sign_in(state: ProviderState, request: Request, asked: Asked, *, moment: Moment) -> Answer:
    session = session_of(state, request)
    headers: tuple[tuple[str, str], ...] = ()
    if session is None:
        state, session, cookie = begin(state, request, moment)
        headers = (("Set-Cookie", cookie),)
    current = session.username if may_continue(session, asked, moment) else ""
    username = asked.get("login_hint") or subject_of_hint(state, asked.get("id_token_hint"))
    response = sign_in_form(state, asked, session, current=current, username=username)
    return state, with_headers(response, headers)


def _wrong_user(state: ProviderState, request: Request, session: BrowserSession, *, named: str) -> Denied:
    """Who has just signed in is not whom the client asks for; asked once more, the person may sign in as another.

    Source: OIDC Core section 3.1.2.1: with another user the server should return an error, such as `login_required`.
    """
    state = state.with_session(session_key(state, request), replace(session, signed_in_for=""))
    return Denied("login_required", f"who signed in is another user than the one whom {named} of the request asks for", state=state)


def _check_acr(state: ProviderState, asked: Asked) -> None:
    """Source: OpenID Connect Core 1.0 section 5.5.1.1: an essential `acr` that can't be had is a failed authentication."""
    values = values_of(asked.claims, "id_token", "acr")
    if is_essential(asked.claims, "id_token", "acr") and values and not any(value in state.acr_values for value in values):
        raise Denied("unmet_authentication_requirements", "no way of authentication that is essential to the client is offered here")


def needs_consent(state: ProviderState, asked: Asked, session: BrowserSession) -> bool:
    """Whether the user has to be asked; what was allowed before is not asked again."""
    if "consent" in asked.prompts or ((asked.details or _single_claims(state, asked)) and not asked.client.is_trusted):
        return True
    allowed = state.consents.get((session.username, asked.client.id))
    return not asked.client.is_trusted and (allowed is None or not set(asked.scopes) <= allowed)


def _single_claims(state: ProviderState, asked: Asked) -> tuple[str, ...]:
    """The claims that are wanted one by one, beyond those that the scopes open."""
    told_anyway = {"sub", "acr", "auth_time", *opened_by(state, asked.scopes)}
    return tuple(name for name in names(asked.claims) if name not in told_anyway)


def _consent(state: ProviderState, asked: Asked, session: BrowserSession) -> Response:
    return pages.consent_page(
        state.name,
        action=authorize_path(state, asked),
        client=asked.client.name or asked.client.id,
        csrf=csrf_token(session, asked.digest),
        username=session.username,
        scopes={scope: state.scopes[scope] for scope in asked.scopes},
        details=told(state, asked.details),
        claims=_single_claims(state, asked),
        redirect_uri=asked.target.redirect_uri,
        form_targets=(pages.form_target(asked.target.redirect_uri),),
    )


def give_answer(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    """The code, or what else was asked for, on its way to the client."""
    key = session_key(state, request)
    session = state.sessions[key]
    code = moment.token("code") if CODE in words_of(asked.response_type) else ""
    grant = Grant(
        id=moment.token("grant"),
        client_id=asked.client.id,
        username=session.username,
        scopes=asked.scopes,
        audience=asked.audience,
        session_id=session.id,
        auth_time=session.auth_time,
        nonce=asked.get("nonce"),
        acr=second_factor.reached(state, session, asked),
        details=asked.details,
        claims=asked.claims,
    )
    item = Code(
        grant_id=grant.id,
        redirect_uri=asked.get("redirect_uri"),
        expires_at=moment.now + timedelta(seconds=state.code_seconds),
        code_challenge=asked.code_challenge,
        code_challenge_method=asked.code_challenge_method,
        dpop_jkt=asked.get("dpop_jkt"),
    )
    allowed = state.consents.get((session.username, asked.client.id), frozenset()) | set(asked.scopes)
    state = changed(
        state,
        grants=with_item(state.grants, grant.id, grant),
        codes=with_item(state.codes, digest(code), item) if code else state.codes,
        consents={**state.consents, (session.username, asked.client.id): allowed},
    ).with_session(key, replace(session, signed_in_for=""))
    state = request_object.used(used(state, asked.brought), request_reference.looked_up(state, asked.sent), moment)
    state = request_reference.used(state, asked.sent)
    state, params = with_tokens(state, asked, grant, code=code, moment=moment)
    what = "a code" if asked.response_type == CODE else asked.response_type
    state = state.logged(moment, ENDPOINT, asked.client.id, reason=f"gave {what} for {session.username}")
    return state, send_back(state, asked.target, params, moment)
