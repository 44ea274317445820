"""Parameters that a sign-in sets itself: `--param` and `--token-param` may not repeat them.

Here: which those are, and the refusal. Not here: what they are set to (`planning`).
"""

from __future__ import annotations

from oauthctl.errors import ConfigError

_FRESH = "leave it out: it is made anew for each sign-in"
_AT_AUTHORIZATION_ENDPOINT = {
    "response_type": "give it with `--response-type TYPE`",
    "client_id": "give it with `--client-id ID`",
    "redirect_uri": "give it with `--redirect-uri URI`",
    "scope": "give it with `--scope SCOPES`",
    "state": _FRESH,
    "nonce": _FRESH,
    "code_challenge": f"{_FRESH}; `--pkce plain|none` weakens it, to provoke the server",
    "code_challenge_method": "give it with `--pkce METHOD`",
    "response_mode": "give it with `--response-mode MODE`",
    "max_age": "give it with `--max-age SECONDS`",
    "acr_values": "give it with `--acr VALUE`",
    "prompt": "give it with `--prompt VALUES`",
    "login_hint": "give it with `--login-hint USER`",
    "audience": "give it with `--audience NAME`",
    "resource": "give it with `--resource URI`",
    "dpop_jkt": "leave it out: `--dpop` sets it",
    "request": "give it with `--request-object HOW`",
    "request_uri": "leave it out: `--par` and `--request-object reference` set it",
}
"""Each with what to do instead."""
_AT_TOKEN_ENDPOINT = (
    *("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "client_assertion", "client_assertion_type"),
    *("refresh_token", "scope", "resource", "token", "token_type_hint", "username", "password"),
)


def refuse_own_params(params: tuple[tuple[str, str], ...], token_params: tuple[tuple[str, str], ...]) -> None:
    """A further parameter must not be one that is set anyway: twice in one request, it is anybody's guess which one counts.

    Raises `ConfigError` that names the option. Source: RFC 6749 sections 3.1 and 3.2: parameters must not be included more than once.
    """
    for name, _ in params:
        if name in _AT_AUTHORIZATION_ENDPOINT:
            why = f"the sign-in sets `{name[:40]}` itself"
            raise _repeated("--param", name, why=why, section="3.1", help=_AT_AUTHORIZATION_ENDPOINT[name])
    for name, _ in token_params:
        if name in _AT_TOKEN_ENDPOINT:
            why = f"`{name[:40]}` is set there itself"
            raise _repeated("--token-param", name, why=why, section="3.2", help="leave it out; secrets belong on no command line, either")


def _repeated(option: str, name: str, *, why: str, section: str, help: str) -> ConfigError:  # noqa: A002 - the error's own name for it
    return ConfigError(
        f"`{option} {name[:40]}` would be in the request a second time: {why}",
        slug="parameter-repeated",
        spec=f"RFC 6749 section {section}",
        help=help,
    )
