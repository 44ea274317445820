"""Providers with a server for each region or customer, whose callback says which of them issued the code.

Here: codes that are redeemed elsewhere. Not here: issuers that the callback names (`callback`), tenants in a path (`code`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section

# Zoho names the server of the account's data centre, Shopify the shop.
# Source: https://www.zoho.com/accounts/protocol/oauth/multi-dc.html, https://shopify.dev/docs/apps/build/authentication-authorization.
_NAMES = ("accounts-server", "accounts_server", "shop")


@rule(Section("RFC 6749", "4.1.3"), explains=("token-request-refused", "code-expired", "code-reused", "code-of-another-client"))
def code_of_another_region(redeemed: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The callback names another server than the one where the code is redeemed."""
    attempt = scene.attempt_of(redeemed.id)
    returned = attempt.returned if attempt is not None and redeemed.id in attempt.ids() else None
    if returned is None or not redeemed.sent.code or returned.sent.code != redeemed.sent.code or not is_refused(redeemed, scene):
        return
    place, named = _named(returned)
    host = host_of(redeemed.url)
    if not named or named == host or (place == "shop" and not host.endswith(".myshopify.com")):
        return
    yield Found(
        cause=f"The code is redeemed at `{host}`, and the callback says with `{place}` that it was issued by `{named}`: the account lives "
        "in another region (data center) or shop, and each server knows its own codes alone.",
        help=f"In the client, take the host of the token request from the callback's `{place}` (here `https://{named}`), keep it with the "
        "tokens, and refresh there, too.",
        evidence=(
            returned.evidence(f".{place}", got=named),
            redeemed.evidence("request.url", expected=f"https://{named}", got=redeemed.url.partition("?")[0][:200]),
        ),
    )


def _named(returned: Seen[AuthorizationResponse]) -> tuple[str, str]:
    for name in _NAMES:
        value = returned.sent.raw(name)
        if isinstance(value, str) and value:
            return name, host_of(value if "://" in value else f"https://{value}")
    return "", ""
