"""A foreign token that is handed over for a login without a secret: to a cloud's token service, a secrets store, a package index.

Here: what the one who is to trust it says of its audience, its issuer and its claims. Not here: RFC 8693's own exchange
(`token_exchange`), assertions that a client signs itself (`client_assertion`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.findings import Certainty, Evidence
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.presented import audience_of, exchange_of, listed
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section

_PLACE = re.compile(r"request\.(?:form|query)\.(?:WebIdentityToken|jwt|token|subject_token|subjectToken)")
_EXCHANGED = ".subject_token"
"""What RFC 8693 calls it: of its audience and issuer `token_exchange` tells."""
_FOLDED = (
    "api-call-refused",
    "token-request-refused",
    "audience-differs",
    "request-refused",
    "request-fault-named",
    "exchange-token-for-another",
    "exchange-issuer-not-trusted",
    "token-issuer-differs",
    "client-unknown",
    "grant-not-allowed",
    "token-exchange-disabled",
    "exchange-target-unknown",
)
_OF_AUDIENCE = re.compile(
    r"(?:audience|\baud\b)[^.\n]{0,80}(?:does(?: not|n't) match|mismatch|not match|invalid|incorrect|not (?:allowed|accepted|found|valid"
    r"|trusted|listed)|no audiences? bound)|(?:incorrect|invalid|wrong|unexpected|bad)[^.\n]{0,20}(?:audience|\baud\b)",
    re.IGNORECASE,
)
_OF_PARAMETER = re.compile(r"[\"'`]audience[\"'`]? parameters?|value for \W*audience", re.IGNORECASE)
_OF_ISSUER = re.compile(
    r"no openid ?connect provider found|issuer[^.\n]{0,60}(?:not|un)[ -]?(?:registered|trusted|known|found|configured|recogni[sz]ed)"
    r"|(?:unknown|untrusted|unsupported|invalid)[^.\n]{0,30}issuer|issuer[^.\n]{0,40}(?:mismatch|does not match)",
    re.IGNORECASE,
)
_OF_CLAIMS = re.compile(
    r"not authorized to perform:? sts:assumerolewithwebidentity|no (?:corresponding|matching|such) (?:trusted )?publisher"
    r"|publisher with matching claims|attribute condition"
    r"|(?:claim|subject|sub)\b[^.\n]{0,60}(?:does(?: not|n't) match|mismatch|not match|not (?:allowed|permitted))"
    r"|no matching (?:federated|trust|role|polic|rule)|bound claim|failed? for (?:required )?claim",
    re.IGNORECASE,
)
_POOL = re.compile(
    r"//iam\.googleapis\.com/projects/(?P<project>[^/]+)/locations/[^/]+/workloadIdentityPools/(?P<pool>[^/]+)/providers/(?P<provider>[^/]+)"
)
_SHOWN = (
    "sub",
    "repository",
    "repository_owner",
    "job_workflow_ref",
    "workflow_ref",
    "environment",
    "ref",
    "project_path",
    "namespace_path",
)


@dataclass(frozen=True, slots=True)
class _Trust:
    """Somebody who takes foreign tokens: how to tell, what it is called, where its audience, its issuers and its conditions are set."""

    mark: re.Pattern[str]
    name: str
    audience: str
    issuer: str
    claims: str


_TRUSTS = (
    _Trust(
        re.compile(r"(?:^|[?&/])Action=AssumeRoleWithWebIdentity|//sts[.\w-]*\.amazonaws\.com", re.IGNORECASE),
        "AWS (IAM)",
        "in IAM, at the identity provider with this issuer, list the audience (client ID), for GitHub's action `sts.amazonaws.com`, or "
        "have the token issued for the audience that is listed there; the role's trust policy must name the same `aud`",
        "in IAM, create an OpenID Connect identity provider with this very issuer URL in the account of the role, and name its ARN as "
        "`Federated` in the role's trust policy",
        "in IAM, open the role's trust policy: its condition on `sub` (and `aud`) must match these values (`StringLike` where it has "
        "`*`), and its principal must be the identity provider with this issuer",
    ),
    _Trust(
        re.compile(r"/v1/auth/[\w/-]+/login$"),
        "the secrets store's JWT role (Vault, OpenBao)",
        "at the auth method's role, set `bound_audiences` to the token's audience, or have the token issued for what is set there",
        "at the auth method's configuration, set `bound_issuer` and `oidc_discovery_url` or `jwks_url` to the token's issuer",
        "at the auth method's role, compare `bound_claims` and `bound_subject` with these values",
    ),
    _Trust(
        re.compile(r"/_/oidc/(?:mint-token|audience)"),
        "the package index (trusted publishing)",
        "in the workflow, ask for a token with the audience that the index tells (`/_/oidc/audience`)",
        "publish from a service that the index trusts, such as GitHub Actions or GitLab",
        "at the index, in the project's *Publishing* settings, compare the trusted publisher with these values: owner, repository, file "
        "name of the workflow, and environment must be those of the run (a renamed workflow or repository needs a new entry)",
    ),
    _Trust(
        re.compile(r"//sts\.googleapis\.com/"),
        "Google Cloud's workload identity pool",
        "at the pool's provider, list the token's audience under *Allowed audiences*, or ask for a token whose audience is the "
        "provider's full resource name",
        "at the pool's provider, set the issuer URI to the token's issuer",
        "at the pool's provider, compare the attribute condition (CEL) and mapping with these values, such as `assertion.repository_owner`",
    ),
)
_ANY = _Trust(
    re.compile(""),
    "the server",
    "at the server, add the token's audience to those that it takes, or have the token issued for the one that it takes",
    "at the server, register this issuer (identity provider) exactly, with its keys",
    "at the server, compare the conditions of the trust (subject, repository, environment …) with these values",
)


def _handed(jwt: Jwt, scene: Scene) -> Seen[Message] | None:
    """The refused exchange in which a foreign token was handed over as the proof of who calls."""
    seen = exchange_of(jwt, scene)
    if seen is None or seen.id not in scene.failed or not _PLACE.fullmatch(jwt.held.place) or jwt.held.token.claims is None:
        return None
    return seen if seen.purpose in (purposes.API, purposes.TOKEN) and seen.reply.status < 500 else None


def _trust_of(seen: Seen[Message]) -> _Trust:
    asked = f"{seen.url}&{seen.exchange.request.body[:300].decode('utf-8', 'replace')}"
    return next((one for one in _TRUSTS if one.mark.search(asked) or one.mark.search(seen.url.partition("?")[0])), _ANY)


@rule(Section("RFC 7519", "4.1.3"), explains=_FOLDED)
def federated_audience_differs(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The one who is to trust a foreign token takes none for its audience."""
    seen = _handed(jwt, scene) if not jwt.held.place.endswith(_EXCHANGED) else None
    if seen is None or not _OF_AUDIENCE.search(seen.reply.words) or _OF_PARAMETER.search(seen.reply.words):
        return
    trust, audiences = _trust_of(seen), audience_of(jwt)
    yield Found(
        cause=f"The token that is handed over in place of a secret is for the audience {listed(audiences)} (`aud`, issuer "
        f"`{_issuer(jwt)}`), and {trust.name} takes no token with that audience here.",
        help=f"{trust.audience[0].upper()}{trust.audience[1:]}.",
        evidence=(jwt.evidence(".claims.aud", "an audience that is taken there", " ".join(audiences)), _said(seen, _OF_AUDIENCE)),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7519", "4.1.1"), explains=_FOLDED)
def federated_issuer_not_trusted(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The one who is to trust a foreign token does not know its issuer."""
    seen = _handed(jwt, scene) if not jwt.held.place.endswith(_EXCHANGED) else None
    if seen is None or not _OF_ISSUER.search(seen.reply.words):
        return
    trust = _trust_of(seen)
    yield Found(
        cause=f"The token that is handed over in place of a secret comes from the issuer `{_issuer(jwt)}` (`iss`), and {trust.name} has no "
        "identity provider with that issuer here: it is not registered, in another account, or written otherwise.",
        help=f"{trust.issuer[0].upper()}{trust.issuer[1:]}.",
        evidence=(jwt.evidence(".claims.iss", "an issuer that is trusted there", _issuer(jwt)), _said(seen, _OF_ISSUER)),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 8693", "2.1"), explains=_FOLDED)
def identity_pool_unknown(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The workload identity pool or provider that a token exchange names is not there."""
    named = _POOL.search(str(seen.sent.raw("audience") or ""))
    if named is None or not is_refused(seen, scene) or not (seen.reply.error == "invalid_target" or _OF_PARAMETER.search(seen.reply.words)):
        return
    project = named["project"]
    is_number = project.isdecimal()
    why = (
        "the pool or its provider does not exist under that name, is disabled or was deleted"
        if is_number
        else f"the project must be named by its number there, and `{project[:60]}` is a project ID"
    )
    yield Found(
        cause=f"The `audience` of the token exchange names the workload identity pool `{named['pool'][:60]}` with the provider "
        f"`{named['provider'][:60]}` in the project `{project[:60]}`, and Google's token service finds no such target: {why}.",
        help="In the client's configuration (credential file, `workload_identity_provider`), write the provider's full resource name with "
        "the project number, `//iam.googleapis.com/projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`; "
        "in the console look whether pool and provider are there and enabled.",
        evidence=(seen.evidence(".audience", "the resource name of a provider, with the project number", named[0][:200]),),
        certainty=Certainty.LIKELY if is_number else Certainty.CERTAIN,
    )


@rule(Section("RFC 7523", "3"), explains=_FOLDED)
def federated_claims_refused(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A foreign token does not meet the conditions of the trust."""
    seen = _handed(jwt, scene)
    words = seen.reply.words if seen is not None else ""
    if seen is None or not _OF_CLAIMS.search(words) or _OF_ISSUER.search(words) or _OF_AUDIENCE.search(words):
        return
    trust = _trust_of(seen)
    shown = [(name, str(jwt.claims[name])) for name in _SHOWN if isinstance(jwt.claims.get(name), str)][:4]
    values = ", ".join(f"`{name}` `{value[:100]}`" for name, value in shown)
    yield Found(
        cause=f"The token that is handed over in place of a secret is good, and the condition of the trust does not hold for it: "
        f"{trust.name} expects other claims than it has ({values or 'no subject'}).",
        help=f"{trust.claims[0].upper()}{trust.claims[1:]}.",
        evidence=(
            *(jwt.evidence(f".claims.{name}", "what the condition demands", value) for name, value in shown[:2]),
            _said(seen, _OF_CLAIMS),
        ),
        certainty=Certainty.LIKELY,
    )


def _issuer(jwt: Jwt) -> str:
    return str(jwt.claims.get("iss", "none"))[:160]


def _said(seen: Seen[Message], pattern: re.Pattern[str]) -> Evidence:
    found = pattern.search(seen.reply.words)
    return seen.evidence("response", got=found[0][:160] if found else "")
