"""Sandbox and production: which of them a host or a configured value belongs to.

Here: reading names. Not here: judging (`api_client`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from oauthctl.rules.given import Given

_MARKS = r"sandbox|test|demo|staging|stage|stg|uat|qa|dev|develop|development|preprod|preview|integration|account-d"
_MARK = re.compile(rf"(?:^|[.\-])(?:{_MARKS})(?=[.\-]|$)|sandbox", re.IGNORECASE)
_SETTING = re.compile(r"environment|(?:^|_)env(?:$|_)|mode$|keys?$|(?:^|_)(?:account|company|app|application|credentials)(?:_type)?$")
_SANDBOX = re.compile(r"\b(?:sandbox|development|developer|test(?:ing)?|demo|staging|uat)\b", re.IGNORECASE)
_PRODUCTION = re.compile(r"\b(?:production|prod|live)\b", re.IGNORECASE)
# Services whose sandbox is another host. Source: each provider's reference of base URLs.
_SANDBOXES = {
    "quickbooks.api.intuit.com": "sandbox-quickbooks.api.intuit.com",
    "api-m.paypal.com": "api-m.sandbox.paypal.com",
    "api.paypal.com": "api-m.sandbox.paypal.com",
    "api.ebay.com": "api.sandbox.ebay.com",
    "apiz.ebay.com": "apiz.sandbox.ebay.com",
    "connect.squareup.com": "connect.squareupsandbox.com",
    "production.plaid.com": "sandbox.plaid.com",
    "api.amadeus.com": "test.api.amadeus.com",
    "www.docusign.net": "demo.docusign.net",
    "account.docusign.com": "account-d.docusign.com",
    "api.fedex.com": "apis-sandbox.fedex.com",
    "apis.fedex.com": "apis-sandbox.fedex.com",
    "onlinetools.ups.com": "wwwcie.ups.com",
    "api.gocardless.com": "api-sandbox.gocardless.com",
    "sellingpartnerapi-eu.amazon.com": "sandbox.sellingpartnerapi-eu.amazon.com",
    "sellingpartnerapi-na.amazon.com": "sandbox.sellingpartnerapi-na.amazon.com",
    "sellingpartnerapi-fe.amazon.com": "sandbox.sellingpartnerapi-fe.amazon.com",
    "advertising-api.amazon.com": "advertising-api-test.amazon.com",
}


class Environment(StrEnum):
    """Where real accounts are, and where those for trying out are."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Named:
    """A configured value that names an environment."""

    name: str
    value: str
    environment: Environment


def environment_of(host: str) -> Environment:
    """What a host's name tells: `api.sandbox.example.com` is a sandbox, one without such a word is production."""
    is_marked = _MARK.search(host) is not None or host in _SANDBOXES.values()
    return Environment.SANDBOX if is_marked else Environment.PRODUCTION


def sandbox_host(host: str) -> str:
    """The sandbox of a service that is known to have one at another host; empty for others."""
    return _SANDBOXES.get(host, "")


def issues_for(source: str, host: str) -> bool:
    """Whether tokens of one host are for another of the same service, and for its environment alone.

    `auth.sandbox.shop.com` serves no production; a host without such a word may serve both, unless its sandbox is known to be elsewhere.
    """
    is_own = environment_of(source) is Environment.SANDBOX or source in _SANDBOXES
    return is_own and _name(source) == _name(host) != ""


def named_environment(given: Given) -> Named | None:
    """What the client's configuration calls the environment of its keys or account; None where it says nothing, or both."""
    found: list[Named] = []
    for name, value in given.members.items():
        if not isinstance(value, str) or len(value) > 40 or not _SETTING.search(name.lower()):
            continue
        if _SANDBOX.search(value):
            found.append(Named(name, value, Environment.SANDBOX))
        elif _PRODUCTION.search(value):
            found.append(Named(name, value, Environment.PRODUCTION))
    return found[0] if len({one.environment for one in found}) == 1 else None


def _name(host: str) -> str:
    """The name before the public ending: `shop` of `api.sandbox.shop.co.uk`."""
    labels = [label for label in _MARK.sub("", host.lower()).strip(".-").split(".") if label]
    if len(labels) < 2:
        return ""
    return labels[-3] if len(labels) >= 3 and labels[-2] in ("co", "com", "org", "net", "ac", "gov") else labels[-2]
