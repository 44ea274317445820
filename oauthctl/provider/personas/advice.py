"""What a person is told of a provider that may wear a persona: how to sign in, what to call.

Here: words for terminals and pages, for providers without a persona, too. Not here: the persona's quirks themselves.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

_PLAIN = '{issuer} --client-id public --scope "openid items.read offline_access"'


def sign_in_words(state: ProviderState) -> str:
    """What `oauthctl login` has to be told to sign in here."""
    template = state.persona.login if state.persona is not None else _PLAIN
    return template.replace("{home}", state.reached_at).replace("{issuer}", state.issuer)


def target_of(state: ProviderState) -> str:
    """Where a client begins: the issuer, or what stands for it where the provider has none that could be asked."""
    return shlex.split(sign_in_words(state))[0]


def discover_words(state: ProviderState) -> str:
    """What `oauthctl discover` has to be told: where to begin, and the issuer where that one's metadata lies elsewhere."""
    words = shlex.split(sign_in_words(state))
    option = "--expect-issuer"
    return f"{words[0]} {option} {words[words.index(option) + 1]}" if option in words else words[0]


def call_words(state: ProviderState) -> str:
    """What `oauthctl call` has to be told after that sign-in; empty where no API takes its token."""
    path = api_path(state)
    # Userinfo wants what a sign-in without an ID token does not bring.
    is_userinfo = state.persona is not None and path == state.endpoints.userinfo and not state.persona.pages
    if not path or (is_userinfo and "openid" not in sign_in_words(state).replace('"', " ").split()):
        return ""
    more = state.persona.call if state.persona is not None else ""
    return f"{state.url(path)} {more}".rstrip()


def api_path(state: ProviderState) -> str:
    """The path of an API that takes the access token; empty where there is none."""
    if state.persona is None or state.persona.endpoints is None:
        return "/api/items"
    return state.persona.pages[0].path if state.persona.pages else state.endpoints.userinfo
