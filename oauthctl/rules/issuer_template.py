"""Metadata whose issuer is a template: `https://login.microsoftonline.com/{tenantid}/v2.0`.

Here: clients that compare with the template as it stands. Not here: other differences of issuers (`issuer`, `metadata_issuer`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Evidence
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, rule
from oauthctl.specs import Section

_TEMPLATE = re.compile(r"\{[A-Za-z_]+\}")
_OF_ISSUER = re.compile(r"\biss\b|issuer|\{tenant_?id\}", re.IGNORECASE)


@rule(
    Section("OIDC Discovery", "4.3"),
    explains=("metadata-issuer-differs", "token-issuer-differs", "id-token-issuer-differs", "token-of-another-tenant"),
)
def issuer_is_template(published: ProviderMetadata, given: Given) -> Iterator[Found]:
    """The metadata's issuer is a template that the client compares as it stands."""
    issuer = published.issuer or ""
    found = _TEMPLATE.search(issuer)
    if found is None or not _OF_ISSUER.search(given.local_error):
        return
    yield Found(
        cause=f"The metadata's `issuer` is a template, `{issuer[:160]}`: the placeholder `{found[0]}` stands for the tenant of whoever "
        "signs "
        "in, and the `iss` of each token names a real tenant. This client compares the two as they are written, and they never match.",
        help="In the client's configuration, take the metadata of one tenant (its own identifier in place of `common` or `organizations`); "
        "for several tenants, put the token's `tid` into the template, compare `iss` with that, and keep a list of tenants that may "
        "sign in.",
        evidence=(Evidence(published.exchange, "response.body.issuer", expected="an issuer without a placeholder", got=issuer[:200]),),
    )
