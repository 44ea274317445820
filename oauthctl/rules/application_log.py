"""What goes wrong in an application before or after the protocol, and only its own log tells.

Here: rules that fire on a program's words alone; `log_words.toml` has the words. Not here: what a provider decides (`policy`).
"""

from __future__ import annotations

from oauthctl.rules.registry import spoken
from oauthctl.specs import Section


@spoken(Section("RFC 7515", "5.2"))
def verification_key_unusable() -> None:
    """The verifier has no key, or one that it can't read."""


@spoken(Section("RFC 6749", "10.12"))
def sign_in_not_from_own_page() -> None:
    """The sign-in was started without the token of the application's own form."""


@spoken(Section("OIDC Core", "5.7"))
def account_not_linked() -> None:
    """The application has this e-mail address under another account."""


@spoken(Section("RFC 6749", "2.3"))
def application_setting_missing() -> None:
    """The application lacks a setting that the sign-in needs."""


@spoken(Section("RFC 6749", "10.12"))
def session_key_changed() -> None:
    """The application can't decrypt its own session cookie."""


@spoken(Section("RFC 6749", "5.2"))
def token_exchange_failed() -> None:
    """The code could not be exchanged, and the log does not say why."""


@spoken(Section("RFC 7523", "2.2"))
def identity_token_not_granted() -> None:
    """The job may not ask for the identity token that it signs in by."""


@spoken(Section("RFC 8252", "8.6"))
def app_signature_not_registered() -> None:
    """The app is not registered under its package name and signing certificate."""
