"""Quirks of refusal: what this provider demands beyond the standard.

Here: the refusals. Not here: the words in which the provider says them (`shaping`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oauthctl.provider import pages
from oauthctl.provider.answers import Answer, Denied
from oauthctl.provider.back import send_back_error
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.faults.edits import with_query_params
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.personas.quirk import PAGES, quirk, refused
from oauthctl.provider.personas.requests import HIDDEN, callback_of, with_params
from oauthctl.provider.request import read_target

_LONGEST = 15_777_000
"""Source: Apple, "Creating a client secret": a client secret is good for six months at most, in seconds."""


@quirk("token", "userinfo", PAGES)
def headers_demanded(call: Call, names: Mapping[str, list[str]]) -> Answer:
    """Requests need header fields of their own."""
    here = call.place or PAGES
    missing = next((name for name, places in names.items() if here in places and not call.request.headers.get(name)), None)
    if missing is None:
        return call.answered()
    return refused(call, "header_missing", f"the header {missing} is missing")


@quirk("token")
def client_auth(call: Call, methods: list[str]) -> Answer:
    """The client has to prove itself in these ways alone."""
    form = call.request.form
    if form.get("grant_type") == DEVICE_CODE:
        return call.answered()
    used = "client_secret_post" if "client_secret" in form else "none"
    if "client_assertion" in form:
        used = "private_key_jwt"
    if "authorization" in call.request.headers:
        used = "client_secret_basic"
    if used in methods:
        return call.answered()
    return refused(
        call, "invalid_client", f"the client has to authenticate itself with {' or '.join(methods)}, not with {used}", status=401
    )


@quirk("token", "revoke")
def secret_is_jwt(call: Call, audience: str) -> Answer:
    """The client secret of a client with keys is a JWT that it signs itself."""
    from oauthctl.jose.jwt import take_apart
    from oauthctl.provider.id_token import is_signed_by

    form = call.request.form
    client = call.state.clients.get(form.get("client_id") or "")
    secret = form.get("client_secret") or ""
    if client is None or not client.keys or not secret:
        return call.answered()
    token = take_apart(secret)
    claims = token.claims or {}
    now, expires_at, issued_at = call.moment.seconds, claims.get("exp"), claims.get("iat")
    is_right = (
        claims.get("sub") == client.id
        and claims.get("aud") in (audience, call.state.issuer)
        and isinstance(claims.get("iss"), str)
        and isinstance(expires_at, int | float)
        and isinstance(issued_at, int | float)
        and now < expires_at <= issued_at + _LONGEST
        and is_signed_by(secret, tuple(key.with_(kid="") for key in client.keys), "ES256")
    )
    if not is_right:
        return refused(call, "invalid_client", "the client secret is no JWT that counts")
    known = replace(client, secret=secret, auth_methods=("client_secret_post",))
    return call.under(clients={**call.state.clients, client.id: known})


@quirk("authorize")
def params_demanded(call: Call, values: Mapping[str, str]) -> Answer:
    """The authorization request needs further parameters."""
    query = call.request.query
    wrong = next((name for name, value in values.items() if value not in (query.get(name), query.get(HIDDEN + name))), None)
    if wrong is None or call.request.method == "POST":
        return call.answered()
    return _denied(call, Denied("invalid_request", f"the parameter {wrong} has to be {values[wrong]}"))


@quirk("authorize")
def pkce_demanded(call: Call, _value: bool) -> Answer:
    """Every client has to use PKCE."""
    if call.request.query.get("code_challenge") or call.request.method == "POST":
        return call.answered()
    return _denied(call, Denied("invalid_request", "code challenge required: every client has to use PKCE"))


@quirk("authorize")
def redirect_uri_told(call: Call, error: str) -> Answer:
    """A redirect_uri that is not registered is told to the client, by this error at the callback that is."""
    query = call.request.query
    client, asked = call.state.clients.get(query.get("client_id") or ""), query.get("redirect_uri")
    if client is None or not client.redirect_uris or not asked or client.may_redirect_to(asked) or call.request.method == "POST":
        return call.answered()
    there = with_query_params(call.request, lambda params: params.with_("redirect_uri", callback_of(client)))
    return _denied(replace(call, request=there), Denied(error, "this redirect_uri is not registered for the client"))


@quirk("token")
def default_scope_demanded(call: Call, api: str) -> Answer:
    """A client that wants a token for itself asks for all that it may at one API, by `/.default` behind the API's identifier."""
    form = call.request.form
    if form.get("grant_type") != "client_credentials":
        return call.answered()
    scope = form.get("scope") or ""
    if not scope:
        return refused(call, "invalid_request", "the parameter scope is missing")
    if not scope.endswith("/.default"):
        return refused(call, "invalid_scope", f"the scope {scope} does not end with /.default")
    if scope != f"{api}/.default":
        return refused(call, "invalid_target", f"the scope {scope.removesuffix('/.default')} names no API that is known here")
    return call.answered(request=with_params(call, lambda params: params.without("scope")))


@quirk("authorize")
def form_post_demanded(call: Call, scopes: list[str]) -> Answer:
    """For some scopes the answer has to come by `response_mode=form_post`."""
    asked = (call.request.query.get("scope") or "").split()
    if not set(asked) & set(scopes) or call.request.query.get("response_mode") == "form_post":
        return call.answered()
    said = f"response_mode must be form_post when {' or '.join(scopes)} scope is requested"
    return _page(call, Denied("invalid_request", said))


def _denied(call: Call, denied: Denied) -> Answer:
    """To the client, where it is known to where; else to the person."""
    try:
        target = read_target(call.state, call.request.query)
    except Denied:
        # What the endpoint itself says of client and redirect URI comes first.
        return call.answered()
    state = call.state.logged(call.moment, "authorize", target.client.id, error=denied.error, reason=denied.description)
    return state, send_back_error(state, target, denied, call.moment)


def _page(call: Call, denied: Denied) -> Answer:
    state = call.state.logged(call.moment, "authorize", "", error=denied.error, reason=denied.description)
    return state, pages.error_page(state.name, denied.error, denied.description, log=state.requests_path)
