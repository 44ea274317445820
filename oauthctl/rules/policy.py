"""What a provider decides and no message shows: consent, accounts, policies, its own troubles.

Here: rules that fire on the provider's words alone; `dialects.toml` has the words. Not here: whatever the exchanges themselves can show.
"""

from __future__ import annotations

from oauthctl.rules.registry import spoken
from oauthctl.specs import Section


@spoken(Section("OIDC Core", "3.1.2.6"))
def consent_needed() -> None:
    """The user has not consented to the application yet."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def admin_consent_needed() -> None:
    """An administrator must consent to the application first."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def account_not_in_tenant() -> None:
    """The account that signed in does not belong to the tenant."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def conditional_access_blocked() -> None:
    """A Conditional Access policy blocks the sign-in."""


@spoken(Section("RFC 9470", "3"))
def second_factor_needed() -> None:
    """The provider asks for a second factor that was not given."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def app_in_testing() -> None:
    """The application is in testing and the account is no tester."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def app_not_verified() -> None:
    """The application has not passed the provider's review."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def user_not_assigned() -> None:
    """The user is not assigned to the application."""


@spoken(Section("RFC 6749", "5.2"))
def app_disabled() -> None:
    """The application is disabled or deleted at the provider."""


@spoken(Section("RFC 6749", "5.2"))
def account_locked() -> None:
    """The user's account is locked or disabled."""


@spoken(Section("RFC 6749", "5.2"))
def password_wrong() -> None:
    """The user name or the password is wrong."""


@spoken(Section("RFC 6749", "5.2"))
def password_expired() -> None:
    """The user's password has expired or must be changed."""


@spoken(Section("OIDC Core", "5.1"))
def email_not_verified() -> None:
    """The account's e-mail address is missing or not verified."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def organization_policy() -> None:
    """A policy of the organization forbids this access."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def license_missing() -> None:
    """The account or organization lacks the license, plan or edition that this needs."""


@spoken(Section("RFC 6750", "3.1"))
def api_not_enabled() -> None:
    """The API is not switched on for the application's project."""


@spoken(Section("RFC 9110", "10.2.3"))
def request_throttled_by_provider() -> None:
    """The provider throttles the application or the user."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def sign_in_page_expired() -> None:
    """The provider's sign-in page was left open too long or opened anew."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def upstream_sign_in_failed() -> None:
    """The identity provider behind the provider failed."""


@spoken(Section("RFC 6749", "4.1.2.1"))
def provider_failed() -> None:
    """The provider itself failed."""


@spoken(Section("RFC 6749", "5.2"))
def request_fault_named() -> None:
    """The provider names what is missing or wrong in the request."""


@spoken(Section("RFC 6749", "5.2"))
def claims_mapping_not_accepted() -> None:
    """The application's claims are mapped, and it is not allowed to use mapped claims."""
