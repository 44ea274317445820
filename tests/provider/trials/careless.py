"""A client that looks at nothing of what it gets, so that each dangerous fault gets past it.

Here: its flow, of as many kinds as there are scenarios. Not here: our own client (`careful`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oauthctl.cli.known_flows.clients import SECRET
from oauthctl.cli.known_flows.flow import REDIRECT_URI, Stage
from oauthctl.flows.dpop import dpop
from oauthctl.flows.steps import Flow, Listen, listen, send, visit
from oauthctl.http import Params, Request, form_request, get_request, with_query
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.record.exchange import Exchange
from tests.provider.world import CHALLENGE, VERIFIER

_ASKED = {
    "response_type": "code",
    "client_id": "public",
    "redirect_uri": REDIRECT_URI,
    "scope": "openid profile items.read offline_access",
    "state": "a-state-of-this-sign-in",
    "nonce": "a-nonce-of-this-sign-in",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@dataclass(frozen=True, slots=True)
class Careless:
    """What it does besides signing somebody in, asking userinfo and calling the API.

    `asks` changes the authorization request, `without` leaves parameters out.
    """

    asks: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    discovers: bool = False
    calls_first: bool = False
    refreshes: bool = False
    introspects: bool = False
    has_key: bool = False

    def begin(self, stage: Stage) -> Flow[Any]:
        """The flow; addresses are those that it knows already."""
        return dpop(self._run(stage), generate("ES256")) if self.has_key else self._run(stage)

    def _run(self, stage: Stage) -> Flow[Any]:
        if self.calls_first:
            yield from send(get_request(stage.api), "api")
            yield from send(get_request(stage.api.replace("/api/", "/.well-known/oauth-protected-resource/api/")), "resource-metadata")
        if self.discovers:
            yield from send(get_request(f"{stage.issuer}/.well-known/openid-configuration"), "discovery")
        asked = {name: value for name, value in {**_ASKED, **self.asks}.items() if name not in self.without}
        yield from visit(with_query(stage.endpoint("authorization_endpoint"), Params.of(asked)))
        tokens = _brought((yield from listen(Listen(REDIRECT_URI, asked.get("state", "")))))
        known = {"client_id": asked["client_id"], "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        if "code" in tokens:
            tokens |= yield from _granted(stage, grant_type="authorization_code", code=tokens["code"], **known)
        if self.refreshes:
            tokens |= yield from _granted(stage, grant_type="refresh_token", refresh_token=tokens["refresh_token"], **known)
        if self.introspects:
            yield from send(_question(stage, tokens["access_token"]), "introspection")
        # A scheme that it does not know is Bearer, too.
        credentials = f"{'DPoP' if tokens.get('token_type') == 'DPoP' else 'Bearer'} {tokens['access_token']}"
        for url, purpose in ((stage.endpoint("userinfo_endpoint"), "userinfo"), (stage.api, "api")):
            request = get_request(url)
            yield from send(replace(request, headers=request.headers.with_("Authorization", credentials)), purpose)


def _brought(came: Exchange) -> dict[str, str]:
    """Whatever the browser brings, wherever it stands."""
    found = dict(came.request.form.pairs if came.request.method == "POST" else came.request.query.pairs)
    return found | dict(take_apart(found["response"]).claims or {}) if "response" in found else found


def _granted(stage: Stage, **form: str) -> Flow[dict[str, str]]:
    answered = yield from send(form_request(stage.endpoint("token_endpoint"), Params.of(form)), "token")
    assert answered.response is not None
    return dict(json.loads(answered.response.body))


def _question(stage: Stage, token: str) -> Request:
    request = form_request(stage.endpoint("introspection_endpoint"), Params.of({"token": token}))
    headers = request.headers.with_("Authorization", basic_credentials("api", SECRET))
    return replace(request, headers=headers.with_("Accept", "application/token-introspection+jwt"))
