"""The password grant: the person's password for tokens, past every page of the provider. Legacy, for servers that still want it.

Here: RFC 6749 section 4.3. Not here: asking for the password, the ID token (`authorization_code`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from oauthctl.flows.authorization_code import SignedIn, SignIn, verified
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.flows.keys import Keys
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import grant
from oauthctl.http import Params, is_http_url


@dataclass(frozen=True, slots=True)
class Owner:
    """A person's name and password; the password never shows in the value's text."""

    username: str
    password: str = field(repr=False)


def password_sign_in(plan: SignIn, owner: Owner) -> Flow[SignedIn]:
    """Trade the password for tokens and verify the ID token. `plan` needs no redirect URI, state or nonce.

    Raises as `token_endpoint.grant` does. Source: RFC 6749 section 4.3.2; RFC 9700 section 2.4 says that it must not be used.
    """
    jwks_uri = key_set_uri(plan.metadata) if plan.is_openid or is_http_url(plan.metadata.jwks_uri or "") else ""
    own = Params.of(
        (
            ("grant_type", "password"),
            ("username", owner.username),
            ("password", owner.password),
            ("scope", " ".join(dict.fromkeys(plan.scope)) or None),
        )
    )
    params = Params((*own.pairs, *plan.params.without("login_hint", "prompt", "dpop_jkt").pairs))
    tokens = yield from grant(endpoint(plan.metadata, "token_endpoint"), params, plan.client)
    return (yield from verified(replace(plan, nonce="", state=""), tokens, keys=Keys(), jwks_uri=jwks_uri))
