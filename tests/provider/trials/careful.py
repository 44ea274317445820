"""Our own client as it is put on trial: the flows of `login`, `userinfo`, `refresh`, `introspect` and `call`, one after the other.

Here: which of them, for each scenario. Not here: the flows themselves (`oauthctl.flows`), a client that looks at nothing (`careless`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.cli.known_flows.clients import APP, CLAIMANT, SECRET, confidential
from oauthctl.cli.known_flows.flow import ISSUER, Begin, Stage, planned
from oauthctl.flows.answer_jwt import Party
from oauthctl.flows.api_call import call
from oauthctl.flows.authorization_code import SignedIn, sign_in
from oauthctl.flows.discovery import discover, discover_resource
from oauthctl.flows.dpop import dpop
from oauthctl.flows.front_channel import front_channel_sign_in
from oauthctl.flows.introspection import introspect
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import check_usable
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import get_request
from oauthctl.jose.jwk import generate
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenResponse

API = f"{ISSUER}/api/items"


def _signed_in(**changes: Any) -> Flow[tuple[ProviderMetadata, SignedIn]]:
    metadata = (yield from discover(ISSUER)).metadata
    plan = replace(planned(metadata), **changes)
    return metadata, (yield from (front_channel_sign_in if "response_type" in changes else sign_in)(plan))


def _asked(metadata: ProviderMetadata, signed_in: SignedIn, *, party: Party | None = None) -> Flow[Any]:
    tokens = signed_in.granted.response
    check_usable(tokens.access_token or "", tokens.token_type or "")
    subject = signed_in.id_token.claim_text("sub") if signed_in.id_token is not None else ""
    url = metadata.userinfo_endpoint or ""
    return (yield from userinfo(url, tokens.access_token or "", subject=subject, token_type=tokens.token_type or "", party=party))


def _called(tokens: TokenResponse) -> Flow[Any]:
    return (yield from call(get_request(API), tokens.access_token or "", token_type=tokens.token_type or ""))


def signing_in(**changes: Any) -> Begin:
    """`login`, then `userinfo`."""

    def begin(_stage: Stage) -> Flow[Any]:
        return (yield from _asked(*(yield from _signed_in(**changes))))

    return begin


def asking(*, is_signed: bool = False) -> Begin:
    """`login`, `userinfo`, then `call`."""

    def begin(_stage: Stage) -> Flow[Any]:
        metadata, signed_in = yield from _signed_in(client=CLAIMANT if is_signed else APP)
        party = Party(ISSUER, CLAIMANT.client_id, str(metadata.raw("jwks_uri"))) if is_signed else None
        yield from _asked(metadata, signed_in, party=party)
        return (yield from _called(signed_in.granted.response))

    return begin


def refreshing(_stage: Stage) -> Flow[Any]:
    """`login`, `refresh`, then `userinfo`."""
    metadata, signed_in = yield from _signed_in()
    tokens = signed_in.granted.response
    original = Original(tokens.id_token or "", ISSUER)
    granted = yield from refresh(metadata.token_endpoint or "", tokens.refresh_token or "", APP, original=original)
    return (yield from _asked(metadata, replace(signed_in, granted=granted)))


def introspecting(_stage: Stage) -> Flow[Any]:
    """`login`, `introspect`, then `call`."""
    metadata, signed_in = yield from _signed_in()
    party = Party(ISSUER, "api", str(metadata.raw("jwks_uri")), secret=SECRET)
    endpoint, tokens = str(metadata.raw("introspection_endpoint")), signed_in.granted.response
    yield from introspect(endpoint, tokens.access_token or "", confidential("api"), hint="access_token", party=party)
    return (yield from _called(tokens))


def proving(_stage: Stage) -> Flow[Any]:
    """`login --dpop`, then `call`, unless `login` has refused a token that is not bound."""

    def whole() -> Flow[Any]:
        _, signed_in = yield from _signed_in()
        tokens = signed_in.granted.response
        return (yield from _called(tokens)) if (tokens.token_type or "").lower() == "dpop" else None

    return dpop(whole(), generate("ES256"))


def calling_first(_stage: Stage) -> Flow[Any]:
    """`call` without a token, `login` where its challenge leads, then `call` with one."""
    refused = yield from send(get_request(API), "api")
    challenge = bearer_challenge(refused.response) if refused.response is not None else None
    resource = yield from discover_resource(API, url=challenge.get("resource_metadata") if challenge is not None else "")
    assert resource is not None
    assert resource.authorization_servers == (ISSUER,)
    _, signed_in = yield from _signed_in()
    return (yield from _called(signed_in.granted.response))
