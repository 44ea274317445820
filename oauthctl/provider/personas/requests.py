"""Quirks of requests: what a client of this provider sends otherwise than the standard has it.

Here: such a request made into one that the provider's endpoints know. Not here: what is demanded beyond the standard (`demands`).
The provider's pages lead back to its endpoint with the request as it was understood: each change lets pass what it has changed already.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from oauthctl.http import FORM, JSON, Headers, Params, Request, is_loopback, split_url
from oauthctl.jose.json_object import read_strictly
from oauthctl.provider.answers import Answer, claimed_client
from oauthctl.provider.client import Client
from oauthctl.provider.faults.edits import document_of, with_body, with_known_code, with_query_params
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.moment import base64url, digest
from oauthctl.provider.personas.quirk import PAGES, quirk, refused

HIDDEN = "~"
"""What stands before the name of a parameter that the endpoint is not to see."""
_PARAMS = ("authorize", "token", "revoke", "device_authorization")


@quirk()
def tenants(call: Call, tenant: str) -> Answer:
    """The first part of the path is a tenant: its id, or a word for all; metadata for all names the issuer by a placeholder."""
    parts, persona = split_url(call.request.url), call.state.persona
    entrance = persona.entrance_of(parts.path) if persona is not None else ""
    if persona is None or not entrance:
        return call.answered()
    path = persona.path_in_tenant(parts.path)
    state, response = call.answered(request=replace(call.request, url=parts._replace(path=path).geturl()))
    document = document_of(response) if path in state.metadata_paths else None
    if document is None:
        return state, response
    elsewhere = {name: _in_tenant(value, tenant, "{tenantid}" if name == "issuer" else entrance) for name, value in document.items()}
    return state, with_body(response, json.dumps(elsewhere).encode())


def _in_tenant(value: Any, tenant: str, other: str) -> Any:
    return value.replace(f"/{tenant}/", f"/{other}/") if isinstance(value, str) else value


@quirk("token", "revoke", "device_authorization", "pushed")
def public_secrets_ignored(call: Call, _value: bool) -> Answer:
    """A public client may send a secret: nobody looks at it."""
    request, client_id = call.request, claimed_client(call.request)
    client = call.state.clients.get(client_id)
    if client is None or not client.is_public:
        return call.answered()
    form = request.form.without("client_secret").with_("client_id", client_id)
    return call.answered(request=_as_form(replace(request, headers=request.headers.without("Authorization")), form))


@quirk("token")
def token_by_query(call: Call, methods: list[str]) -> Answer:
    """The token request's parameters may stand in the query."""
    request = call.request
    if request.method not in methods or not request.query:
        return call.answered()
    params = Params((*request.query, *request.form))
    bare = request.url.partition("?")[0]
    return call.answered(request=_as_form(replace(request, url=bare), params))


@quirk("token", "revoke")
def json_requests(call: Call, how: str) -> Answer:
    """Token requests are JSON: `taken` beside forms, or `demanded`."""
    request = call.request
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != JSON:
        return refused(call, "invalid_request", "the body has to be JSON") if how == "demanded" else call.answered()
    try:
        found = read_strictly(request.body, "the body")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return refused(call, "invalid_request", "the body is no JSON object")
    params = Params(tuple((name, value) for name, value in found.items() if isinstance(value, str)))
    return call.answered(request=_as_form(request, params))


@quirk(*_PARAMS)
def client_id_renamed(call: Call, name: str) -> Answer:
    """The client's identifier has another name in each request."""

    def edit(params: Params) -> Params:
        value = params.get(name)
        return params.without("client_id") if value is None else params.with_("client_id", value)

    return call.answered(request=with_params(call, edit))


@quirk(*_PARAMS)
def defaults(call: Call, values: Mapping[str, Mapping[str, str]]) -> Answer:
    """Parameters that the standard demands may be left out."""
    missing = {name: value for name, value in values.get(call.place, {}).items() if name not in _params(call)}
    return call.answered(request=with_params(call, lambda params: Params((*params, *missing.items()))))


@quirk("token")
def redirect_uri_optional(call: Call, _value: bool) -> Answer:
    """The token request may leave `redirect_uri` out."""
    form = call.request.form
    code = call.state.codes.get(digest(form.get("code") or ""))
    if "redirect_uri" in form or code is None:
        return call.answered()
    return call.answered(request=with_params(call, lambda params: params.with_("redirect_uri", code.redirect_uri)))


@quirk("authorize")
def redirect_uri_default(call: Call, _value: bool) -> Answer:
    """The authorization request may leave `redirect_uri` out, however many are registered."""
    client = call.state.clients.get(call.request.query.get("client_id") or "")
    if client is None or not client.redirect_uris or call.request.query.get("redirect_uri"):
        return call.answered()
    return call.answered(request=with_query_params(call.request, lambda params: params.with_("redirect_uri", callback_of(client))))


@quirk(*_PARAMS)
def ignores(call: Call, values: Mapping[str, list[str]]) -> Answer:
    """Parameters that are not looked at."""
    names = values.get(call.place, ())

    def edit(params: Params) -> Params:
        # Out of the endpoint's sight, yet not lost: the pages bring the request again, and demands are made of it then, too.
        return Params(tuple((HIDDEN + name if name in names else name, value) for name, value in params))

    return call.answered(request=with_params(call, edit))


@quirk("authorize", "device_authorization")
def scopes_by_comma(call: Call, _value: bool) -> Answer:
    """Scopes are separated by commas."""
    return call.answered(request=_with_scope(call, lambda scope: scope.replace(",", " ")))


@quirk("authorize", "device_authorization", "token")
def scopes_asked_otherwise(call: Call, names: Mapping[str, str]) -> Answer:
    """Scopes may be asked for by other names, too."""
    if call.place == "token" and call.request.form.get("grant_type") != "refresh_token":
        return call.answered()
    return call.answered(request=_with_scope(call, lambda scope: " ".join(names.get(one, one) for one in scope.split())))


@quirk("authorize", "device_authorization")
def unknown_scopes_dropped(call: Call, _value: bool) -> Answer:
    """Scopes that do not exist are passed over in silence."""
    return call.answered(request=_with_scope(call, lambda scope: " ".join(one for one in scope.split() if one in call.state.scopes)))


@quirk("token")
def challenge_in_hex(call: Call, _value: bool) -> Answer:
    """The code_challenge is the hash of the verifier in hexadecimal digits."""
    code = call.state.codes.get(digest(call.request.form.get("code") or ""))
    if code is None or not code.code_challenge or code.is_used:
        return call.answered()
    is_hex = re.fullmatch(r"[0-9a-f]{64}", code.code_challenge) is not None
    # What is no such hash fits no verifier: the hash of anything else stands in for it.
    octets = bytes.fromhex(code.code_challenge) if is_hex else hashlib.sha256(code.code_challenge.encode()).digest()
    return with_known_code(call, code_challenge=base64url(octets), code_challenge_method="S256") or call.answered()


@quirk("userinfo", PAGES)
def token_schemes(call: Call, schemes: list[str]) -> Answer:
    """The API takes the access token by other schemes than Bearer, too."""
    scheme, _, value = (call.request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() not in schemes:
        return call.answered()
    headers = call.request.headers.without("Authorization").with_("Authorization", f"Bearer {value.strip()}")
    return call.answered(request=replace(call.request, headers=headers))


@quirk("userinfo", PAGES)
def token_in_query(call: Call, name: str) -> Answer:
    """The API takes the access token in the query."""
    token = call.request.query.get(name)
    if token is None or "authorization" in call.request.headers:
        return call.answered()
    headers = Headers((*call.request.headers.pairs, ("Authorization", f"Bearer {token}")))
    return call.answered(request=replace(call.request, headers=headers))


def _params(call: Call) -> Params:
    return call.request.query if call.place == "authorize" else call.request.form


def callback_of(client: Client) -> str:
    """The registered callback of a client that has several: the first one that leads somewhere as it stands.

    A loopback address without a port stands for any port (RFC 8252 section 7.3), and no client listens at its own.
    """
    settled = (uri for uri in client.redirect_uris if not is_loopback(uri) or split_url(uri).port)
    return next(settled, client.redirect_uris[0])


def with_params(call: Call, edit: Callable[[Params], Params]) -> Request:
    """The request with other parameters: those of the browser stand in the query, and may be posted as a form for the first time."""
    request = call.request
    if call.place != "authorize":
        return _as_form(request, edit(request.form)) if request.form else request
    is_ours = "csrf" in request.form
    if request.method == "POST" and not is_ours:
        return _as_form(request, edit(request.form))
    return with_query_params(request, edit)


def _with_scope(call: Call, edit: Callable[[str], str]) -> Request:
    def edited(params: Params) -> Params:
        scope = params.get("scope")
        return params if scope is None else params.with_("scope", edit(scope))

    return with_params(call, edited)


def _as_form(request: Request, params: Params) -> Request:
    headers = request.headers.without("Content-Type").with_("Content-Type", FORM)
    return replace(request, method="POST", headers=headers, body=params.encode().encode())
