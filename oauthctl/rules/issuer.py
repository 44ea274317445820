"""Whose token it is: the issuer that a token names against the one that its recipient trusts.

Here: how the two differ. Not here: the issuer of metadata (`metadata`), of authorization responses (`callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.record.tokens import Role
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.presented import expected_issuer, is_received, is_to_be_verified, issuer_difference, refusing, words_about
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_OF_ISSUER = re.compile(r"\biss\b|issuer")
_ISSUER = Section("RFC 7519", "4.1.1")


def _differing(jwt: Jwt, scene: Scene, *kinds: str) -> tuple[str, str] | None:
    """The token's issuer and the expected one, when they differ in one of these ways."""
    written = jwt.held.token.claim_text("iss")
    if not written or not is_to_be_verified(jwt, scene):
        return None
    expected = expected_issuer(jwt, scene)
    return (written, expected) if expected and issuer_difference(written, expected) in kinds else None


@rule(_ISSUER, decisive=True, explains=("audience-differs", "id-token-audience-differs", "signature-invalid"))
def token_version_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token is of another version (v1.0 or v2.0) than its recipient expects."""
    found = _differing(jwt, scene, "version")
    if found is None:
        return
    written, expected = found
    is_first = not written.rstrip("/").endswith("v2.0")
    got, wanted, number = ("v1.0", "v2.0", "2") if is_first else ("v2.0", "v1.0", "1 (or null)")
    yield Found(
        cause=f"The token is a {got} token (`iss` `{written}`, `ver` `{str(jwt.claims.get('ver', ''))[:8]}`) and the API expects {wanted} "
        f"tokens (`{expected}`) of the same tenant. The API's app registration decides the token version, not the client's endpoint.",
        help=f"In the API's manifest set `requestedAccessTokenVersion` (`accessTokenAcceptedVersion`) to {number}, or let the API accept "
        f"the {got} issuer and audience.",
        evidence=(jwt.evidence(".claims.iss", expected, written),),
    )


@rule(_ISSUER, decisive=True)
def token_issuer_trailing_slash(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's issuer and the expected one differ in a trailing slash."""
    found = _differing(jwt, scene, "slash")
    if found is None:
        return
    written, expected = found
    side = (
        "has a slash at its end that the configured issuer lacks" if written.endswith("/") else "lacks the configured issuer's last slash"
    )
    yield Found(
        cause=f"The token's issuer `{written}` {side} (`{expected}`): issuers are compared character for character, so the trailing slash "
        "counts.",
        help=f"In the verifier's configuration write the issuer exactly as the token has it: `{written}`.",
        evidence=(jwt.evidence(".claims.iss", expected, written),),
    )


@rule(_ISSUER, decisive=True)
def token_issuer_scheme_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's issuer and the expected one differ in http and https."""
    found = _differing(jwt, scene, "scheme")
    if found is None:
        return
    written, expected = found
    wrong = split_url(written).scheme
    # What is expected of a token that was just received is what the metadata names.
    by_metadata = is_received(jwt, scene) and expected != scene.given.issuer
    where = (
        "The provider stands behind a proxy that ends TLS and does not know its public https address."
        if wrong == "http"
        else "The provider's metadata names the http address, as a server does that does not know of the TLS before it."
        if by_metadata
        else "The verifier is configured with the http address."
    )
    yield Found(
        cause=f"The token's issuer is `{written}` and `{expected}` is expected: the scheme (http or https) differs. {where}",
        help="Let the proxy send `X-Forwarded-Proto` and the provider trust it, or set the provider's public hostname (frontend URL) "
        "with https."
        if wrong == "http" or by_metadata
        else f"In the verifier's configuration write the issuer as `{written}`.",
        evidence=(jwt.evidence(".claims.iss", expected, written),),
    )


@rule(_ISSUER, decisive=True)
def token_issuer_internal_name(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token's issuer and the expected one are two addresses of the same provider."""
    found = _differing(jwt, scene, "internal")
    if found is None:
        yield from _internal_by_word(jwt, scene)
        return
    written, expected = found
    host = split_url(written).netloc
    inner = host if is_internal_host(host_of(written)) else split_url(expected).netloc
    yield Found(
        cause=f"The token's issuer is `{written}` while the verifier is configured with `{expected}`: the path is the same, host or "
        f"port differ. The provider builds its issuer from the address that it is called at, and `{inner[:80]}` is the internal one.",
        help="Set the provider's public hostname (Keycloak: `KC_HOSTNAME`; elsewhere: issuer or public URL) so that every token "
        "carries one issuer, and expect that one; keep an internal address for the key set (`jwks_uri`) alone.",
        evidence=(jwt.evidence(".claims.iss", expected, written),),
    )


def _is_refused_for_it(jwt: Jwt, scene: Scene) -> bool:
    """Whether an API says that it doesn't take this issuer, and nothing tells which one it takes."""
    is_refused = refusing(jwt, scene) is not None and jwt.held.role is not Role.ID_TOKEN
    return is_refused and not expected_issuer(jwt, scene) and _OF_ISSUER.search(words_about(jwt, scene)) is not None


def _is_internal_to_its_api(jwt: Jwt, scene: Scene) -> bool:
    """Whether the issuer is an internal address, and the API that refuses the token is not reached at the same one."""
    written, refused = jwt.held.token.claim_text("iss"), refusing(jwt, scene)
    if not is_internal_host(host_of(written)):
        return False
    return refused is None or origin(refused.url) != origin(written)


def _internal_by_word(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    written = jwt.held.token.claim_text("iss")
    if not _is_internal_to_its_api(jwt, scene) or not _is_refused_for_it(jwt, scene):
        return
    yield Found(
        cause=f"The API refuses the token's issuer: `iss` is `{written}`, an internal address. The provider builds its issuer from "
        "the address that it is called at, and the API expects the public one (or the other way round).",
        help="Set the provider's public hostname (Keycloak: `KC_HOSTNAME`; elsewhere: issuer or public URL) so that every token "
        "carries one issuer, and configure the API with that one.",
        evidence=(jwt.evidence(".claims.iss", "the issuer in the API's configuration", written),),
        certainty=Certainty.LIKELY,
    )


@rule(_ISSUER, decisive=True, explains=("key-unknown", "audience-differs"))
def token_of_another_tenant(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token comes from another tenant or realm of the same provider."""
    found = _differing(jwt, scene, "tenant")
    if found is None:
        return
    written, expected = found
    first = split_url(expected).path.strip("/").partition("/")[0]
    if first in ("common", "organizations", "consumers"):
        cause = (
            f"The expected issuer `{expected}` is a shared endpoint (`{first}`) and no tenant: tokens carry their tenant's own, "
            f"`{written}`."
        )
        help_ = (
            "In the verifier check `iss` against the tenant of the token (`tid`) and a list of tenants, or configure the one "
            "tenant's issuer."
        )
    else:
        cause = f"The token was issued by `{written}` and `{expected}` is expected: the same provider, another tenant, realm or policy."
        help_ = (
            "In the client sign in at the tenant (realm, authorization server, user flow) that the API trusts, or let the API "
            "trust this one."
        )
    yield Found(cause=cause, help=help_, evidence=(jwt.evidence(".claims.iss", expected, written),))


@rule(
    _ISSUER,
    explains=("token-of-another-tenant", "token-issuer-differs", "token-issuer-scheme-differs", "api-rejects-valid-token"),
)
def access_token_issuer_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The provider signs access tokens under an issuer of their own."""
    written = jwt.held.token.claim_text("iss")
    if not written or jwt.held.role is Role.ID_TOKEN or not is_to_be_verified(jwt, scene):
        return
    expected = expected_issuer(jwt, scene)
    told = next((document for document, _ in scene.metadata if document.raw("access_token_issuer") == written), None)
    if told is not None and told.issuer != written and (expected or told.issuer) == told.issuer:
        certainty = Certainty.CERTAIN if expected else Certainty.LIKELY
        own = told.issuer or ""
        source = "the metadata names it as `access_token_issuer`, beside"
    elif expected and _is_federation_service(written, expected):
        certainty, own = Certainty.LIKELY, expected
        source = "AD FS calls itself so (federation service) in access tokens, and publishes it as `access_token_issuer`, beside"
    else:
        return
    if not expected and not _OF_ISSUER.search(words_about(jwt, scene)):
        return
    yield Found(
        cause=f"The access token's issuer is `{written}`, and the API trusts `{own}`: {source} the `issuer` of its ID tokens, so the token "
        "comes from the right server.",
        help=f"In the API's configuration add `{written}` (the metadata's `access_token_issuer`) to the valid issuers of access tokens; "
        "keep `issuer` for ID tokens and for finding the metadata.",
        evidence=(jwt.evidence(".claims.iss", own, written),),
        certainty=certainty,
    )


def _is_federation_service(written: str, expected: str) -> bool:
    one, other = split_url(written), split_url(expected)
    is_same = (one.hostname or "").lower() == (other.hostname or "").lower()
    return is_same and one.path.rstrip("/").lower() == "/adfs/services/trust" and other.path.rstrip("/").lower() == "/adfs"


@rule(_ISSUER, decisive=True, explains=("key-unknown", "signature-invalid", "audience-differs"))
def token_issuer_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token comes from another issuer than its recipient trusts."""
    if jwt.held.role is Role.ID_TOKEN:
        return
    found = _differing(jwt, scene, "other", "case")
    written = jwt.held.token.claim_text("iss")
    if found is not None:
        yield Found(
            cause=f"The token was issued by `{written}`, and its recipient trusts `{found[1]}`: the issuer (`iss`) is another one.",
            help="In the client get the token from the issuer that the API trusts, or put the token's issuer into the API's "
            "configuration, if both belong to you; check that development and production are not mixed.",
            evidence=(jwt.evidence(".claims.iss", found[1], written),),
        )
    elif written and _is_refused_for_it(jwt, scene) and not _is_internal_to_its_api(jwt, scene):
        yield Found(
            cause=f"The API refuses the token's issuer: `iss` is `{written}`, which is not what its configuration names, be it "
            "another provider or tenant, or the same one spelled otherwise (trailing slash, http, an internal host).",
            help=f"In the API's configuration write the issuer exactly as the token has it, `{written}`, if that is the right "
            "provider; else let the client get its token from the provider that the API trusts.",
            evidence=(jwt.evidence(".claims.iss", "the issuer in the API's configuration", written),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("OIDC Core", "3.1.3.7"), decisive=True, explains=("key-unknown",))
def id_token_issuer_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token's issuer is not the provider that was asked."""
    found = _differing(jwt, scene, "other", "case")
    if found is None or jwt.held.role is not Role.ID_TOKEN:
        return
    written, expected = found
    yield Found(
        cause=f"The ID token says that `{written}` issued it, and the issuer of the provider that was asked is `{expected}`.",
        help="In the client's configuration use the issuer and metadata of the provider that makes the tokens; behind a proxy or a "
        "custom domain set the provider's public issuer.",
        evidence=(jwt.evidence(".claims.iss", expected, written),),
    )
