"""The authorization request as the provider understands it.

Here: reading and judging its parameters. Not here: asking the person (`authorize`, `signin`), nor building the answer (`back`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oauthctl.http import Params, decimal
from oauthctl.messages.response_types import CODE, words_of
from oauthctl.provider.answers import Denied, unknown_client, without_duplicates
from oauthctl.provider.claims_request import Wanted, read_claims
from oauthctl.provider.client import Client
from oauthctl.provider.details import read_details
from oauthctl.provider.moment import digest
from oauthctl.provider.resources import audience_of
from oauthctl.provider.response_type import mode_of, read_response_type
from oauthctl.provider.state import ProviderState

PROMPTS = ("none", "login", "consent", "select_account")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SHA256 = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSUPPORTED = {
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where the answer goes: known, and trusted, before anything else about the request is judged."""

    client: Client
    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A valid authorization request."""

    target: Target
    response_type: str
    params: Params
    sent: Params
    """As it was sent: a reference where the request was pushed before."""
    brought: Params
    """As the browser brings it, and does again with each form: a reference also where it was posted."""
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    prompts: tuple[str, ...]
    max_age: int | None
    code_challenge: str
    code_challenge_method: str
    details: tuple[Mapping[str, Any], ...] = ()
    claims: Wanted = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """Who asks."""
        return self.target.client

    @property
    def digest(self) -> str:
        """Tells this request from all others."""
        return digest(self.params.encode())

    def get(self, name: str) -> str:
        """A parameter's value, empty when there is none."""
        return self.params.get(name) or ""


def read_target(state: ProviderState, params: Params) -> Target:
    """Client and redirect URI. `Denied` means: show a page, and never redirect.

    Source: RFC 6749 section 4.1.2.1: when the redirection URI or the client is not valid, the server must not redirect.
    """
    for name in ("client_id", "redirect_uri"):
        if len(params.all(name)) > 1:
            raise Denied("invalid_request", f"the parameter {name} is given more than once")
    client_id = params.get("client_id")
    if not client_id:
        raise Denied("invalid_request", "the parameter client_id is missing")
    client = state.clients.get(client_id)
    if client is None:
        raise unknown_client(state, client_id)
    redirect_uri = params.get("redirect_uri")
    if not redirect_uri:
        # OIDC Core 3.1.2.1 demands it; RFC 6749 3.1.2.3 lets it out when exactly one is registered.
        if len(client.redirect_uris) != 1 or "openid" in (params.get("scope") or "").split():
            raise Denied("invalid_request", "the parameter redirect_uri is missing")
        redirect_uri = client.redirect_uris[0]
    elif not client.may_redirect_to(redirect_uri):
        raise Denied("invalid_request", "this redirect_uri is not registered for the client")
    # Source: RFC 6749 section 3.1: a parameter without a value is treated as if it were not there.
    return Target(client, redirect_uri, mode_of(params), params.get("state") or None)


def read_request(
    state: ProviderState, target: Target, params: Params, *, sent: Params | None = None, brought: Params | None = None
) -> Asked:
    """All the rest. `Denied` means: tell the client by a redirect. `sent` and `brought` are those of `Asked`, where they are others."""
    params = without_duplicates(params)
    for name, error in _UNSUPPORTED.items():
        if name in params:
            raise Denied(error, f"the parameter {name} is not supported")
    response_type = read_response_type(state, target.client, params)
    _check_thumbprint(params.get("dpop_jkt"))
    challenge, method = _read_pkce(state, target.client, params) if CODE in words_of(response_type) else ("", "")
    return Asked(
        target=target,
        response_type=response_type,
        params=params,
        sent=sent if sent is not None else params,
        brought=brought if brought is not None else params,
        scopes=read_scopes(state, target.client, params.get("scope") or ""),
        audience=audience_of(state, params),
        prompts=_read_prompts(params),
        max_age=_read_max_age(target.client, params),
        code_challenge=challenge,
        code_challenge_method=method,
        details=read_details(state, target.client, params),
        claims=read_claims(params),
    )


def read_scopes(state: ProviderState, client: Client, scope: str) -> tuple[str, ...]:
    """The scopes that are asked for, in order; without any, all of the client's that lead to an API.

    Source: RFC 6749 section 3.3: a default or an error, where the parameter is missing.
    """
    asked = tuple(dict.fromkeys(scope.split()))
    for name in asked:
        if name not in state.scopes:
            raise Denied("invalid_scope", f"the scope {name} does not exist here")
        if name not in client.scopes:
            raise Denied("invalid_scope", f"the client may not ask for the scope {name}")
    sign_in = ("openid", "profile", "email", "address", "phone", state.offline_scope)
    return asked or tuple(name for name in client.scopes if name not in sign_in)


def _read_pkce(state: ProviderState, client: Client, params: Params) -> tuple[str, str]:
    challenge, method = check_challenge(state, params.get("code_challenge"), params.get("code_challenge_method"))
    if not challenge and (client.is_public or client.requires_pkce):
        # RFC 7636 section 4.4.1
        raise Denied("invalid_request", "code challenge required: this client has to use PKCE")
    return challenge, method


def check_challenge(state: ProviderState, challenge: str | None, method: str | None) -> tuple[str, str]:
    """Challenge and method, both empty where there is none. `Denied` for what the provider does not take. Source: RFC 7636 section 4.3."""
    if challenge is None:
        if method is not None:
            raise Denied("invalid_request", "code_challenge_method is given without code_challenge")
        return "", ""
    method = method or "plain"
    if method not in state.pkce_methods:
        supported = " or ".join(state.pkce_methods)
        raise Denied("invalid_request", f"transform algorithm not supported: code_challenge_method is {supported}")
    if not _UNRESERVED.fullmatch(challenge):
        raise Denied("invalid_request", "code_challenge has to be 43 to 128 of the characters A-Z a-z 0-9 - . _ ~")
    return challenge, method


def _check_thumbprint(jkt: str | None) -> None:
    """Source: RFC 9449 section 10; RFC 7638 section 3: the code could never be redeemed, as no key has another kind of thumbprint."""
    if jkt is not None and not _SHA256.fullmatch(jkt):
        raise Denied("invalid_request", "dpop_jkt is no thumbprint: the SHA-256 hash of a key is 43 characters of base64url")


def _read_prompts(params: Params) -> tuple[str, ...]:
    prompts = tuple(dict.fromkeys((params.get("prompt") or "").split()))
    unknown = next((prompt for prompt in prompts if prompt not in PROMPTS), None)
    if unknown is not None:
        raise Denied("invalid_request", f"the prompt {unknown} is not supported")
    if "none" in prompts and len(prompts) > 1:
        raise Denied("invalid_request", "prompt none can't be combined with another prompt")
    return prompts


def _read_max_age(client: Client, params: Params) -> int | None:
    """Source: OpenID Connect Dynamic Client Registration 1.0 section 2: a request's `max_age` overrides the registered one."""
    max_age = params.get("max_age")
    if max_age is None:
        return client.default_max_age
    seconds = decimal(max_age)
    if seconds is None:
        raise Denied("invalid_request", "max_age has to be a number of seconds, ten digits at most")
    return seconds
