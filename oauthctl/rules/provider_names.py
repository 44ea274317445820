"""Which words belong to one provider, and what to call it where nothing tells that it is that one.

Here: the signs of providers in addresses and answers, a cause and a help without a provider's name. Not here: the table of their words
(`dialects`).
"""

from __future__ import annotations

import re
from functools import cache

# What tells a provider: a part of its host or path, of its headers and pages; and what texts call it. A code with digits tells it as well.
_PROVIDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "adfs": (("adfs", "msis"), "AD FS"),
    "apple": (("apple",), "Apple"),
    "atlassian": (("atlassian",), "Atlassian"),
    "auth0": (("auth0",), "Auth0"),
    "authentik": (("authentik", "/application/o/"), "authentik"),
    "b2c": (("b2clogin", "aadb2c", "b2c_1"), "Azure AD B2C|B2C"),
    "cognito": (("cognito", "amazon", "__type"), "Amazon Cognito|Cognito"),
    "dex": (("/dex", "dex."), "dex"),
    "discord": (("discord",), "Discord"),
    "dropbox": (("dropbox",), "Dropbox"),
    "entra": (("microsoft", "aadsts", "windows.net", "login.live.com", "azure"), "Microsoft Entra|Entra|Microsoft|Azure AD|Azure"),
    "facebook": (("facebook", "meta.com", "fbtrace", "oauthexception"), "Facebook|Meta"),
    "firebase": (("firebase", "google"), "Firebase"),
    "fusionauth": (("fusionauth",), "FusionAuth"),
    "gitea": (("gitea", "forgejo", "codeberg"), "Gitea"),
    "github": (("github",), "GitHub"),
    "gitlab": (("gitlab",), "GitLab"),
    "google": (("google", "gserviceaccount", "workloadidentity", "iam.serviceaccounts"), "Google Cloud|Google Workspace|Google"),
    "hubspot": (("hubspot", "hubapi", "correlationid"), "HubSpot"),
    "hydra": (("hydra", "ory", "/oauth2/fallbacks"), "Ory Hydra|Hydra|Ory"),
    "identityserver": (("identityserver", "/connect/", "duende"), "IdentityServer|Duende"),
    "intuit": (("intuit", "quickbooks"), "Intuit|QuickBooks"),
    "kakao": (("kakao", "koe"), "Kakao"),
    "kanidm": (("kanidm",), "Kanidm|kanidm"),
    "keycloak": (("keycloak", "/realms/", "/protocol/openid-connect", "_error, ", "realmid", "kc_", "kc-"), "Keycloak"),
    "linkedin": (("linkedin",), "LinkedIn"),
    "notion": (("notion",), "Notion"),
    "okta": (("okta", "errorsummary", "/oauth2/default", "/oauth2/v1/"), "Okta"),
    "openiddict": (("openiddict", "/connect/"), "OpenIddict"),
    "ping": (("ping", ".oauth2"), "PingFederate|PingOne|Ping"),
    "salesforce": (("salesforce", "force.com", "/services/oauth2"), "Salesforce"),
    "shopify": (("shopify",), "Shopify"),
    "slack": (("slack",), "Slack"),
    "spotify": (("spotify",), "Spotify"),
    "strava": (("strava",), "Strava"),
    "stripe": (("stripe",), "Stripe"),
    "supabase": (("supabase", "authapierror", "gotrue", "error_code", "/auth/v1"), "Supabase"),
    "tiktok": (("tiktok",), "TikTok"),
    "twitch": (("twitch",), "Twitch"),
    "x": (("twitter", "x.com"), "X"),
    "xero": (("xero",), "Xero"),
    "zitadel": (("zitadel",), "ZITADEL|Zitadel"),
    "zoom": (("zoom",), "Zoom"),
}
_PLACE = (
    r"(?:admin(?:istration)? console|admin (?:center|interface|UI)|(?:app )?dashboard|console|portal|settings|configuration"
    r"|developer (?:portal|site|console))"
)
_CONSOLE = r"(?:(?:In|At|On) (?:the )?(?:{name})(?:'s)?(?: {place})?|(?:in|at|on) (?:the )?(?:{name})(?:'s)? {place})(?=[\s,.;:)])"
# Labels of a console and literals stay as they are.
_QUOTED = re.compile(r"(\*[^*]+\*|`[^`]*`)")
_BEHIND_ARTICLE = re.compile(r"\b(this|personal|another|an?|each|every|any|several|two|the) the provider\b")


def names_provider(provider: str) -> bool:
    """Whether the table's texts for this provider may call it by its name."""
    return provider in _PROVIDERS


def is_told(provider: str, *places: str) -> bool:
    """Whether one of these (lower-case) texts, an address or what was answered, has a sign of the provider."""
    return any(sign in place for sign in _PROVIDERS[provider][0] for place in places)


def unnamed(provider: str, text: str) -> str:
    """The text with `the provider` in the place of the provider's name."""
    pieces = _QUOTED.split(text)
    return "".join(piece if number % 2 else _unnamed(provider, piece, is_first=not number) for number, piece in enumerate(pieces))


def _unnamed(provider: str, text: str, *, is_first: bool) -> str:
    console, possessive, before_noun, name = _patterns(provider)
    text = console.sub(lambda match: f"{'I' if match[0][0].isupper() else 'i'}n the provider's console", text)
    text = possessive.sub("the provider's", text)
    text = before_noun.sub("the provider's ", text)
    text = _BEHIND_ARTICLE.sub(r"\1 provider", name.sub("the provider", text))
    text = text.replace(". the provider", ". The provider")
    return text[:1].upper() + text[1:] if is_first else text


@cache
def _patterns(provider: str) -> tuple[re.Pattern[str], ...]:
    name = "|".join(re.escape(one) for one in _PROVIDERS[provider][1].split("|"))
    edge, end = r"(?<![\w.`/-])", r"(?![\w`/-])"
    return (
        re.compile(edge + _CONSOLE.format(name=name, place=_PLACE)),
        re.compile(rf"{edge}(?:{name})'s{end}"),
        re.compile(rf"{edge}(?:the |an? )(?:{name}) (?=[a-z])"),
        re.compile(rf"{edge}(?:{name}){end}(?!\.\w)"),
    )
