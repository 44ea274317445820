"""The provider's metadata: where it lies, and whether it is whole.

Here: discovery. Not here: the issuer that it names (`metadata_issuer`), an API's metadata (`resource_metadata`), key sets (`key_set`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Certainty, Evidence
from oauthctl.http import origin, split_url
from oauthctl.messages.metadata import ProviderMetadata, issuer_of_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.tokens import Role
from oauthctl.rules.hosts import host_of
from oauthctl.rules.missed_endpoints import is_method_wrong
from oauthctl.rules.registry import Candidate, Found, Severity, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import MetadataRequest, Seen
from oauthctl.rules.trouble import kind_of
from oauthctl.specs import Section

_NO_TENANT = re.compile(
    r"(?:realm|tenant|user ?pool|authorization ?server)\b.{0,80}?"
    r"(?:does(?: not|n't) exist|not found|is unknown|could not be found|no such)|unknown host: |AADSTS(?:90002|900023)\b"
    r"|Errors\.Instance\.NotFound"
    r"|not found: resource not found: .{1,80}\(AuthorizationServer\)",
    re.IGNORECASE,
)
_NO_ACCOUNT = re.compile(r"AADSTS(?:50020|50034|90072)\b|\b(?:user|account)\b[^.]{0,160}does(?: not|n't) exist in", re.IGNORECASE)
_KEYCLOAK = re.compile(r"/(auth/)?realms/[^/]+")
_UNLOADED = re.compile(
    r"IDX2080[347]|unable to (?:obtain|retrieve|resolve|load) (?:the )?(?:openid |oidc |provider )?(?:configuration|discovery|metadata)"
    r"|unable to resolve the configuration with the provided issuer|(?:failed|error) (?:to )?(?:fetch|load|fetching|loading) (?:the )?"
    r"(?:openid |oidc |provider )?(?:configuration|discovery|metadata)",
    re.IGNORECASE,
)
_MEMBER = re.compile(r"[a-z]+(?:_[a-z]+)+")


def members_of(asked: Seen[MetadataRequest]) -> dict[str, Any]:
    return dict(reversed(asked.back.fields)) if isinstance(asked.back, ProviderMetadata) else {}


def severity_of(scene: Scene, asked: Seen[MetadataRequest]) -> Severity | None:
    """A sign-in that came to its tokens afterwards, or went on without a failure, was not hindered."""
    later = [seen for seen in scene.seen if seen.id > asked.id]
    worked = any(seen.purpose == purposes.TOKEN and seen.reply.has_answer and not seen.reply.failed for seen in later)
    went_on = any(seen.purpose == purposes.AUTHORIZATION for seen in later) and not scene.failures and not scene.given.local_error
    return Severity.NOTE if worked or went_on else None


_USER_FLOW = re.compile(r"\bB2C_1A?_\w{1,80}", re.IGNORECASE)
_OF_USER_FLOW = {purposes.TOKEN: ", in the token endpoint's URL", purposes.JWKS: ", in the key set's URL"}


@rule(Section("RFC 8414", "3.1"), explains=("resource-metadata-not-announced", "metadata-not-found"))
def metadata_path_not_inserted(scene: Scene) -> Iterator[Found]:
    """The metadata lies at the root, while clients look for it under the identifier's path."""
    asked = scene.each(MetadataRequest)
    roots = [
        seen for seen in asked if not seen.reply.failed and seen.reply.has_answer and split_url(issuer_of_url(seen.url)).path in ("", "/")
    ]
    missed = [seen for seen in asked if seen.reply.status in (404, 400, 401, 403, 405, 410) and _path_of_issuer(seen.url)]
    if not roots or not missed or _went_on(scene, missed[-1].id):
        return
    for root in roots:
        there = [seen for seen in missed if origin(seen.url) == origin(root.url)]
        if not there or any(not seen.reply.failed and seen.reply.has_answer and _path_of_issuer(seen.url) for seen in asked):
            continue
        path = _path_of_issuer(there[-1].url)
        name = split_url(root.url).path
        yield Found(
            cause=f"The metadata is published at the bare root only (`{name}`), yet the identifier has the path `{path}`: clients insert "
            f"that path after the well-known part and ask for `{name.rstrip('/')}{path}`, which answers {there[-1].reply.status}.",
            help=f"On the server, publish the same document at the path-inserted well-known URL, too (`{name.rstrip('/')}{path}`), or use "
            "an issuer without a path.",
            evidence=(
                *(seen.evidence("response.status", "200", str(seen.reply.status)) for seen in there[:3]),
                root.evidence("response.status", got="200"),
            ),
        )


def _path_of_issuer(url: str) -> str:
    """The path of the identifier whose metadata is asked for, wherever the well-known part stands in it."""
    path = split_url(url).path
    before, found, after = path.partition("/.well-known/")
    if not found:
        return ""
    name, _, inserted = after.partition("/")
    del name
    return (before + ("/" + inserted if inserted else "")).rstrip("/")


def _went_on(scene: Scene, exchange: int) -> bool:
    return any(
        seen.id > exchange and seen.purpose in (purposes.AUTHORIZATION, purposes.TOKEN, purposes.REGISTRATION) for seen in scene.seen
    )


def _failed_metadata(scene: Scene) -> Iterator[Seen[Message]]:
    return (seen for seen in scene.failures if seen.purpose == purposes.DISCOVERY and seen.reply.has_answer)


@rule(Section("OIDC Discovery", "4"))
def metadata_is_html(scene: Scene) -> Iterator[Found]:
    """A page came where the metadata should be."""
    for seen in _failed_metadata(scene):
        if seen.reply.status != 200 or not seen.reply.answer.problem.startswith(("an HTML", "an XML", "text")):
            continue
        title = re.search(rb"<title[^>]*>([^<]{1,80})", seen.exchange.response.body[:20000] if seen.exchange.response else b"")
        named = f" (`{title[1].decode('utf-8', 'replace').strip()}`)" if title else ""
        yield Found(
            cause=f"The metadata URL `{seen.url[:200]}` brought {seen.reply.answer.problem}{named} with status 200 instead of JSON: that "
            "is a page of some web application, which answers every unknown path with its start page or sign-in page.",
            help="Correct the issuer URL: host and path of the authorization server itself, not of the application or its website; if it "
            "is right, let the proxy pass `/.well-known/` through to the server without sign-in.",
            evidence=(seen.evidence("response.body", "a JSON object", seen.reply.answer.problem),),
        )


@rule(Section("OIDC Discovery", "4"), explains=("metadata-not-found",))
def tenant_unknown(scene: Scene) -> Iterator[Found]:
    """The provider does not know the tenant or realm in the URL."""
    for seen in scene.failures:
        if seen.purpose not in (purposes.DISCOVERY, purposes.JWKS, purposes.AUTHORIZATION, purposes.TOKEN, purposes.DEVICE_AUTHORIZATION):
            continue
        words = _NO_TENANT.search(seen.reply.words[:4000])
        if words is None or _NO_ACCOUNT.search(seen.reply.words[:4000]):
            continue
        path = split_url(seen.url).path[:200]
        yield Found(
            cause=f"The server `{host_of(seen.url)}` answers, yet does not know the tenant (realm, user pool, authorization server) that "
            f"the URL names: `{path}`.",
            help="Correct the tenant or realm name in the configured issuer URL (spelling, letter case, region, another cloud), or create "
            "it on the server.",
            evidence=(seen.evidence("request.url", got=seen.url), seen.evidence("response.body", got=words[0][:200])),
            certainty=Certainty.LIKELY,
        )


@rule(Section("OIDC Discovery", "4"), explains=("metadata-not-found", "key-set-not-found", "tenant-unknown"))
def user_flow_missing(scene: Scene) -> Iterator[Found]:
    """The URL of an Azure AD B2C tenant lacks the user flow."""
    for seen in scene.failures:
        parts = split_url(seen.url)
        if not host_of(seen.url).endswith(".b2clogin.com") or seen.purpose == purposes.CALLBACK or not seen.purpose:
            continue
        if "/b2c_1" in parts.path.lower() or "p" in purposes.query_of(seen.url) or "policy" in purposes.query_of(seen.url):
            continue
        tenant = parts.path.strip("/").partition("/")[0]
        known = next((found[0] for one in scene.seen if (found := _USER_FLOW.search(f"{one.url} {one.reply.header('location')}"))), "")
        where = _OF_USER_FLOW.get(seen.purpose, "")
        lost = f" The sign-in itself names `{known}`, which is missing here{where}." if known else ""
        yield Found(
            cause="Azure AD B2C has metadata, endpoints, issuer and keys for each user flow, and the URL names none: no segment of "
            "its path "
            f"begins with `B2C_1` (the policy is missing).{lost}",
            help=f"Put the user flow (policy) into the configured metadata URL: "
            f"`https://{host_of(seen.url)}/{tenant}/{known or 'B2C_1_NAME'}/v2.0/.well-known/"
            "openid-configuration`, and take every endpoint from what is read there.",
            evidence=(seen.evidence("request.url", f"…/{known or 'B2C_1_NAME'}/…", seen.url),),
        )


@rule(Section("OIDC Discovery", "4"))
def metadata_not_found(scene: Scene) -> Iterator[Found]:
    """No metadata is published at that URL."""
    for seen in _failed_metadata(scene):
        status = seen.reply.status
        if (
            status in (407, 429, 511)
            or status >= 500
            or is_method_wrong(seen)
            or (status == 200 and not seen.reply.answer.problem.startswith("an empty"))
        ):
            continue
        candidates = tuple(_places(seen.url))
        bare = not _path_of_issuer(seen.url)
        other = next((name for name in _NAMES if name not in split_url(seen.url).path), _NAMES[0])
        why = (
            f"A server of OAuth alone publishes it as `/.well-known/{_NAMES[1]}`, one of OpenID Connect as `/.well-known/{_NAMES[0]}`; "
            f"`{other}` was not asked for, or this is not the authorization server's host."
            if bare and not any(other in one.url for one in scene.each(MetadataRequest) if origin(one.url) == origin(seen.url))
            else "Either the path of the issuer is wrong (tenant, realm, prefix), or the server publishes its well-known document "
            "elsewhere or not at all."
        )
        yield Found(
            cause=f"There is no metadata at `{seen.url[:200]}`: the server answered {status}. {why}",
            help=candidates[0].help,
            evidence=(seen.evidence("response.status", "200", str(status)),),
            certainty=Certainty.LIKELY,
            candidates=candidates,
            probe="Open the other forms of the well-known URL in a browser.",
        )


def _places(url: str) -> Iterator[Candidate]:
    keycloak = _KEYCLOAK.search(split_url(url).path)
    if keycloak and keycloak[1]:
        yield Candidate(
            "Keycloak 17 and later have no `/auth` before `/realms` any more.",
            "Take `/auth` out of the configured issuer URL (or set `http-relative-path` on the server), and check the realm's name.",
        )
    elif keycloak:
        yield Candidate(
            "Keycloak before 17, or one with a relative path, has `/auth` before `/realms`.",
            "Put the server's path prefix (`/auth`) before `/realms` in the configured issuer URL, and check the realm's name and its "
            "letter case.",
        )
    yield Candidate(
        "The issuer's path is another one.",
        "Correct the configured issuer: take it from the provider's console or the `iss` claim of one of its tokens.",
    )
    yield Candidate(
        "The document lies under the other well-known name, or its path is inserted instead of appended.",
        "Try `/.well-known/oauth-authorization-server` and both places of the path; else configure the endpoints by hand.",
    )


@rule(Section("OIDC Discovery", "4"))
def metadata_unreachable(scene: Scene) -> Iterator[Found]:
    """The application could not load the provider's metadata, and its log does not say why."""
    said = scene.given.local_error[:4000]
    words = _UNLOADED.search(said)
    if words is None or kind_of(said) is not None or any(seen.purpose == purposes.DISCOVERY for seen in scene.seen):
        return
    yield Found(
        cause="The application could not load the provider's metadata (discovery document). The line of the log is only the outer error: "
        "the URL may be wrong, or the machine can't reach it (name, firewall, proxy), or doesn't trust its certificate.",
        help="Read the inner exception in the log, and open the metadata URL with curl on the very machine or in the very container that "
        "the application runs on.",
        evidence=(Evidence(None, "given.local_error", "", words[0]),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("The machine can't reach that host.", "Check DNS, firewall and proxy from there; a container's localhost is itself."),
            Candidate("The certificate is not trusted there.", "Add its CA to the trust store of the application."),
            Candidate("The issuer or authority URL is wrong.", "Correct it, and open its well-known URL."),
        ),
        probe="curl on that machine tells which of them it is.",
    )


@rule(Section("RFC 8414", "2"))
def metadata_incomplete(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata lacks a member that clients need."""
    names = members_of(asked)
    # An ID token that nobody can verify: a client may bear that, and goes on.
    hides_keys = "issuer" in names and "jwks_uri" not in names and _is_signed_by_hidden_key(scene)
    severity = Severity.WARNING if hides_keys and not scene.failures else None
    if asked.reply.status != 200 or (severity is None and severity_of(scene, asked) is Severity.NOTE):
        return
    if not names or ("error" in names and "issuer" not in names):
        return
    named = set(_MEMBER.findall(scene.given.local_error)) & {*_NEEDED, *_WANTED}
    pkce = "code_challenge_methods_supported"
    if re.search(r"does not support (?:code.challenge|PKCE)", scene.given.local_error, re.IGNORECASE):
        named.add(pkce)
    lacking = sorted(name for name in named if name not in names)
    # A document of which somebody shows a part is no reason for another failure.
    if not lacking and not scene.failures:
        lacking = [name for name in _NEEDED if name not in names]
        lacking = lacking if "issuer" in lacking or (len(lacking) > 1 and "jwks_uri" not in names) else []
        lacking = lacking or (["jwks_uri"] if hides_keys else [])
    if not lacking:
        return
    said = ", ".join(f"`{name}`" for name in lacking)
    yield Found(
        cause=f"The metadata of `{host_of(asked.url)}` lacks {said}, which clients require of an authorization server.",
        help=f"On the authorization server, publish {said} in its metadata; if the server isn't yours, configure it by hand in the client.",
        evidence=tuple(asked.evidence(f"response.body.{name}", "present", "missing") for name in lacking),
        certainty=Certainty.LIKELY if named else Certainty.CERTAIN,
        severity=severity,
    )


def _is_signed_by_hidden_key(scene: Scene) -> bool:
    """Whether an ID token came that only a published key could verify."""
    return any(held.role is Role.ID_TOKEN and held.token.alg[:2] in ("RS", "PS", "ES", "Ed") for held, _ in scene.tokens)


_NAMES = ("openid-configuration", "oauth-authorization-server")
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint")
_WANTED = (
    "jwks_uri",
    "response_types_supported",
    "code_challenge_methods_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_endpoint",
    "end_session_endpoint",
    "device_authorization_endpoint",
    "introspection_endpoint",
)
