"""The marks by which providers' secrets and opaque tokens are known whatever stands around them: `ya29.…`, `ghp_…`, `xoxb-…`.

Here: the table, and telling whose mark a text begins with. Not here: secrets without a mark (`loose_secrets`), what is around a token
(`facts.token_text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENROUTER = "https://openrouter.ai/docs/guides/features/guardrails/secret-formats"
_GITLEAKS = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml"
_GITHUB = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github"
_GITLAB = "https://docs.gitlab.com/security/tokens/#token-prefixes"
_SLACK = "https://docs.slack.dev/authentication/tokens"
_VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens"
_SEEN = "answers of the provider's token endpoint"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a provider's secrets begin with, and where that is to be read."""

    prefix: str
    provider: str
    source: str


MARKS = (
    Mark("GOCSPX-", "google", _OPENROUTER),
    Mark("AIza", "google", _OPENROUTER),
    Mark("ya29.", "google", _SEEN),
    Mark("1//", "google", _SEEN),
    Mark("github_pat_", "github", _GITHUB),
    *(Mark(prefix, "github", _GITHUB) for prefix in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    *(
        Mark(prefix, "gitlab", _GITLAB)
        for prefix in ("glpat-", "gloas-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-")
    ),
    *(Mark(prefix, "slack", _SLACK) for prefix in ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxe", "xoxs-", "xapp-")),
    Mark("EAA", "facebook", _GITLEAKS),
    *(Mark(prefix, "microsoft", _SEEN) for prefix in ("EwA", "EwB")),
    Mark("00D", "salesforce", _SEEN),
    Mark("sl.", "dropbox", _GITLEAKS),
    *(Mark(prefix, "figma", _SEEN) for prefix in ("figd_", "figu_")),
    *(Mark(prefix, "linear", _GITLEAKS) for prefix in ("lin_oauth_", "lin_api_")),
    *(Mark(prefix, "notion", _GITLEAKS) for prefix in ("secret_", "ntn_")),
    *(Mark(prefix, "ory", "https://www.ory.com/docs/hydra/guides/token-formats") for prefix in ("ory_at_", "ory_rt_", "ory_ac_")),
    Mark("pat-", "hubspot", "https://developers.hubspot.com/docs/api/private-apps"),
    *(Mark(prefix, "stripe", _OPENROUTER) for prefix in ("sk_live_", "sk_test_", "rk_live_", "rk_test_")),
    Mark("dp.", "doppler", _GITLEAKS),
    *(Mark(prefix, "vault", _VAULT) for prefix in ("hvs.", "hvb.", "hvr.")),
    Mark("npm_", "npm", _GITLEAKS),
    *(Mark(prefix, "aws", _OPENROUTER) for prefix in ("AKIA", "ASIA")),
    *(Mark(prefix, "openai", _OPENROUTER) for prefix in ("sk-proj-", "sk-svcacct-", "sk-ant-", "sk-or-")),
    *(Mark(prefix, "digitalocean", _GITLEAKS) for prefix in ("dop_v1_", "doo_v1_", "dor_v1_")),
    *(Mark(prefix, "shopify", _GITLEAKS) for prefix in ("shpat_", "shpca_", "shppa_", "shpss_")),
    *(Mark(prefix, "square", _GITLEAKS) for prefix in ("sq0atp-", "sq0csp-")),
    *(Mark(prefix, "atlassian", _GITLEAKS) for prefix in ("ATATT3", "ATCTT3")),
    Mark("pypi-", "pypi", _GITLEAKS),
    Mark("SG.", "sendgrid", _GITLEAKS),
    Mark("hf_", "hugging-face", _GITLEAKS),
)
"""In no order: no mark is the beginning of another provider's."""

_REST = r"[A-Za-z0-9_.~!/+-]{14,4096}={0,2}"
# Source: Microsoft's security-utilities, SEC101/156: three characters, a digit, `Q~` and 31 to 34 more.
_ENTRA = r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{28,40}"
_MARKED = re.compile(
    rf"(?<![A-Za-z0-9_~./+-])(?:(?:{'|'.join(re.escape(mark.prefix) for mark in MARKS)})(?P<rest>{_REST})|{_ENTRA})(?<![./])"
)
# The other half of a key has no mark: forty characters, and no path. Source: the IAM user guide, "Manage access keys for IAM users".
_KEY_OF_AWS = re.compile(r"(?<![A-Za-z])(?:AKIA|ASIA)[A-Z0-9]{12}|redacted-access_key-|(?<![a-z])aws(?![a-z])|(?<![A-Z])AWS(?![A-Z])")
_SECRET_OF_AWS = re.compile(
    r"(?<![A-Za-z0-9/+_.-])(?!(?:[A-Za-z0-9+]{0,36}/){4})(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])(?=[A-Za-z0-9/+]{0,39}\d)"
    r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-]|\.[A-Za-z])"
)
# `secret_store_configuration`, `pat-missing-from-request`, `SG.internal.example`.
_WORDS = re.compile(r"[A-Za-z]?[a-z_./-]*")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def provider_of_mark(text: str) -> str:
    """The provider whose mark the text begins with; empty when it has none."""
    return next((mark.provider for mark in MARKS if text.startswith(mark.prefix)), "")


def marked(text: str) -> Iterator[re.Match[str]]:
    """The texts within a text that have a provider's mark, and behind it what only a secret has there."""
    for match in _MARKED.finditer(text):
        rest = match["rest"]
        if rest is None or not (_WORDS.fullmatch(rest) or _HOST.fullmatch(rest)):
            yield match


def other_halves(text: str) -> Iterator[re.Match[str]]:
    """The texts that stand in the same text as a marked name of a key, or its provider's, and are made as the secret beside it is."""
    if _KEY_OF_AWS.search(text):
        yield from _SECRET_OF_AWS.finditer(text)
