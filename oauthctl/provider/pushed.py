"""Pushed authorization requests: kept for a minute and a half, used once.

Here: RFC 9126, the server's side. Not here: judging the request (`request`), asking the person (`authorize`).
"""

from __future__ import annotations

from datetime import timedelta

from oauthctl.http import Params, Request
from oauthctl.provider import request_object
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.changing import changed
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.dpop import client_proof
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Pushed
from oauthctl.provider.remembered import with_item, without_items
from oauthctl.provider.request import read_request, read_target
from oauthctl.provider.request_object import opened
from oauthctl.provider.state import ProviderState

ENDPOINT = "par"
PREFIX = "urn:ietf:params:oauth:request_uri:"
LONGEST = 64 * 1024
"""How many octets of a request are kept: anybody may have it keep many."""
_PROOF = ("client_secret", "client_assertion", "client_assertion_type")


def push(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The reference under which a good request is kept. Source: RFC 9126 section 2."""
    try:
        form = single_form(request)
        if len(request.body) > LONGEST:
            # RFC 9126 section 2.3: 413 for a request that is larger than the server allows.
            raise Denied("invalid_request", f"the request is longer than {LONGEST} octets", status=413)
        state, client = authenticate(state, request, form, moment)
        state, thumbprint = client_proof(state, request, moment)
        if "request_uri" in form:
            raise Denied("invalid_request", "a pushed request can't hold a request_uri")
        params = form.without(*_PROOF).with_("client_id", client.id)
        if "request" in params and len(params) > 2:
            # RFC 9126 section 3: all parameters have to be inside of the request object.
            raise Denied("invalid_request", "a parameter stands beside the request object")
        whole = _bound(opened(state, params, moment), thumbprint)
        read_request(state, read_target(state, whole), whole)
        state = request_object.used(state, params, moment)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    request_uri = PREFIX + moment.token("request_uri")
    item = Pushed(client.id, whole, moment.now + timedelta(seconds=state.pushed_seconds))
    state = changed(state, pushed=with_item(state.pushed, digest(request_uri), item))
    state = state.logged(moment, ENDPOINT, client.id, reason="keeps a pushed authorization request")
    return state, json_answer({"request_uri": request_uri, "expires_in": state.pushed_seconds}, 201, headers=NO_STORE)


def _bound(params: Params, thumbprint: str) -> Params:
    """The request, its code bound to the key of the proof that came with it.

    Source: RFC 9449 section 10.1: as if `dpop_jkt` had the key's thumbprint; one that has another is refused.
    """
    if not thumbprint:
        return params
    if any(one != thumbprint for one in params.all("dpop_jkt")):
        raise Denied("invalid_dpop_proof", "dpop_jkt is not the thumbprint of the proof's key")
    return params.with_("dpop_jkt", thumbprint)


def resolved(state: ProviderState, sent: Params, moment: Moment) -> Params:
    """The whole request: what was pushed, where the browser brings a reference. `Denied` means: show a page.

    Source: RFC 9126 section 4; section 5 for clients and servers that take nothing else.
    """
    request_uri = sent.get("request_uri") or ""
    if not is_reference(sent):
        client = state.clients.get(sent.get("client_id") or "")
        if state.requires_pushed_requests or (client is not None and client.requires_pushed_requests):
            raise Denied("invalid_request", "the authorization request has to be pushed first (PAR)")
        return sent
    item = state.pushed.get(digest(request_uri))
    if item is None or item.expires_at <= moment.now:
        raise Denied("invalid_request_uri", "the request_uri is unknown, was used before, or has expired")
    if item.client_id != sent.get("client_id"):
        raise Denied("invalid_request", "client_id is not the one that pushed the request")
    return item.params


def is_reference(sent: Params) -> bool:
    """Whether the browser brings a reference of ours in place of the request."""
    return (sent.get("request_uri") or "").startswith(PREFIX)


def used(state: ProviderState, sent: Params) -> ProviderState:
    """The state in which the reference that the browser brought, if it was one, is good no more."""
    key = digest(sent.get("request_uri") or "")
    return changed(state, pushed=without_items(state.pushed, (key,)), posted=without_items(state.posted, (key,)))
