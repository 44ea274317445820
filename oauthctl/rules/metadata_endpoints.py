"""Endpoints that the metadata names, and the version of it that was asked for.

Here: a document that is right in its issuer and leads astray all the same. Not here: the issuer (`metadata_issuer`), a missing document or
member (`metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import origin, split_url
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.metadata import members_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import MetadataRequest, Seen
from oauthctl.specs import Section

_ENTRA = re.compile(r"^https://login\.(?:microsoftonline\.(?:com|us)|windows\.net|partner\.microsoftonline\.cn)/")
_OF_AUTHORITY = re.compile(
    r"different (?:authority|host|origin|domain)|(?:endpoint|uri|url)[^.\n]{0,80}(?:not (?:under|match|within|belong)|outside)",
    re.IGNORECASE,
)
_OF_ISSUER = re.compile(r"issuer|\biss\b", re.IGNORECASE)


@rule(
    Section("RFC 8414", "2"),
    Section("OIDC Discovery", "3"),
    explains=(
        "internal-host-unreachable",
        "host-not-found",
        "connection-refused",
        "server-too-slow",
        "network-unreachable",
        "plain-http-refused",
    ),
)
def metadata_endpoint_internal(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata is published at a public host and names an endpoint at an internal one."""
    if asked.reply.failed or is_internal_host(host_of(asked.url)):
        return
    for name, value in members_of(asked).items():
        if not isinstance(value, str) or not name.endswith(("_endpoint", "jwks_uri")) or not is_internal_host(host_of(value)):
            continue
        there = [one for one in scene.failures if one.id > asked.id and origin(one.url) == origin(value) and not one.reply.has_answer]
        tried = next((one for one in there if one.url.partition("?")[0] == value), None)
        # A careful client stops before it tries, and says over which endpoint.
        is_named = re.search(rf"\b{re.escape(name)}\b", scene.given.local_error) is not None
        if tried is None and not is_named:
            continue
        public = f"{split_url(asked.url).scheme}://{split_url(asked.url).netloc}"
        why = f"the client can't reach that host ({tried.reply.failure[:100] or 'no answer'})" if tried else "the client does not go there"
        yield Found(
            cause=f"The metadata, read at `{public}`, names as `{name}` the address `{value[:200]}` on an internal host, "
            f"`{split_url(value).netloc}`: {why}.",
            help=f"On the authorization server, set its public host name for all endpoints, so that `{name}` is at `{public}` (Keycloak: "
            "`hostname` with the full URL, `hostname-backchannel-dynamic` off for callers outside; behind a proxy, trust its forwarded "
            "headers); or run the client in the same network.",
            evidence=(
                asked.evidence(f"response.body.{name}", public, value),
                *((tried.evidence("request.url", got=tried.url.partition("?")[0][:200]),) if tried else ()),
            ),
        )
        return


@rule(Section("OIDC Discovery", "4.3"), explains=("metadata-issuer-differs", "logged-issuer-differs", "metadata-issuer-trailing-slash"))
def metadata_of_other_version(asked: Seen[MetadataRequest], given: Given) -> Iterator[Found]:
    """The metadata of Entra's version 1 is read where that of version 2 is meant, or the other way round."""
    issuer = members_of(asked).get("issuer")
    if asked.reply.failed or not isinstance(issuer, str) or not _ENTRA.match(asked.url):
        return
    is_v2 = "/v2.0/" in split_url(asked.url).path
    wanted = given.issuer
    wants_v2 = wanted.rstrip("/").endswith("/v2.0")
    differs = bool(wanted) and wanted != issuer and wants_v2 != is_v2
    said = given.local_error
    if not differs and not (_OF_ISSUER.search(said) and issuer.rstrip("/") in said and re.search(r"match|mismatch|expected|differ", said)):
        return
    if not differs and is_v2:
        return
    base = asked.url.partition("/.well-known/")[0]
    right = base.removesuffix("/v2.0") if is_v2 else f"{base.rstrip('/')}/v2.0"
    yield Found(
        cause=f"The discovery document was read under `{base}`, which is Entra's {'v2.0' if is_v2 else 'v1.0'} one: its issuer is "
        f"`{issuer}`"
        + ("" if is_v2 else " (`sts.windows.net`), since the URL has no `/v2.0`")
        + ", and that is not the issuer that the client expects.",
        help=f"In the client, set the issuer (authority) to `{right}`, and let the API accept tokens of that version (the application "
        "manifest's `requestedAccessTokenVersion`).",
        evidence=(asked.evidence("response.body.issuer", wanted or right, issuer),),
        certainty=Certainty.CERTAIN if differs else Certainty.LIKELY,
    )


@rule(Section("OIDC Discovery", "4.2"), explains=("metadata-not-found", "metadata-is-html", "tenant-unknown"))
def metadata_redirected(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The metadata URL answers with a redirect, which the client does not follow."""
    location = asked.reply.header("location")
    if asked.id not in scene.failed or asked.reply.status not in (301, 302, 303, 307, 308) or not location:
        return
    is_sign_in = (
        re.search(r"/(?:login|sign[_-]?in|authorize|auth)\b", location, re.IGNORECASE) is not None and "/.well-known/" not in location
    )
    where = "a sign-in page, so something in front asks for a login there" if is_sign_in else f"`{location[:200]}`"
    base = location.partition("/.well-known/")[0]
    yield Found(
        cause=f"The metadata URL `{asked.url[:200]}` answers {asked.reply.status}, a redirect to {where}; the document must come with 200 "
        "right there, and many clients follow no redirect for it.",
        help="At the server or proxy, let `/.well-known/` through without sign-in."
        if is_sign_in
        else f"In the client, configure the issuer whose document answers directly (`{base[:160]}`, if its `issuer` says so); or on the "
        "server, answer at the issuer's own well-known URL instead of redirecting.",
        evidence=(
            asked.evidence("response.status", "200", str(asked.reply.status)),
            asked.evidence("response.headers.Location", got=location),
        ),
    )


@rule(Section("OIDC Discovery", "3"))
def metadata_endpoint_elsewhere(asked: Seen[MetadataRequest], given: Given) -> Iterator[Found]:
    """The client library wants every endpoint under the issuer's own URL."""
    said = _OF_AUTHORITY.search(given.local_error)
    issuer = members_of(asked).get("issuer")
    if said is None or asked.reply.failed or not isinstance(issuer, str):
        return
    elsewhere = [
        (name, value)
        for name, value in members_of(asked).items()
        if isinstance(value, str) and name.endswith(("_endpoint", "jwks_uri")) and not value.startswith(issuer.rstrip("/") + "/")
    ]
    if not elsewhere:
        return
    name, value = next(((name, value) for name, value in elsewhere if value in given.local_error), elsewhere[0])
    yield Found(
        cause=f"The client's library takes only endpoints that lie under the authority (issuer) `{issuer[:160]}`, and the metadata has "
        f"`{name}` at `{value[:200]}`: that is allowed, but the library's policy refuses it.",
        help="In the client, switch the endpoint validation off or allow that base address (IdentityModel: "
        "`Policy.Discovery.ValidateEndpoints = false`, or `AdditionalEndpointBaseAddresses`); the provider's document is in order.",
        evidence=(asked.evidence(f"response.body.{name}", issuer, value),),
        certainty=Certainty.LIKELY,
    )


@rule(
    Section("RFC 8414", "3.2"),
    Section("OIDC Discovery", "4.2"),
    explains=("metadata-not-found", "metadata-incomplete", "metadata-unreachable"),
)
def metadata_unreadable(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """What came as metadata is no JSON document."""
    problem = asked.reply.answer.problem
    if asked.id not in scene.failed or asked.reply.status != 200 or problem.startswith(("an HTML", "an XML", "text", "an empty")):
        return
    body = asked.exchange.response.body if asked.exchange.response else b""
    is_cut = body.lstrip()[:1] == b"{" and not body.rstrip().endswith(b"}")
    yield Found(
        cause=f"The metadata URL `{asked.url[:200]}` answers 200 with something that is no JSON document ({problem})"
        + (": it breaks off before its end, so the discovery document is truncated." if is_cut else "."),
        help="Open the URL with curl from the same machine: look at the server's template or the proxy's limits, compression and "
        "cached copy "
        "of it, until the whole JSON document comes.",
        evidence=(asked.evidence("response.body", "a JSON object", problem),),
    )


@rule(Section("RFC 9110", "15.6.1"))
def metadata_server_error(asked: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The server fails where it publishes its metadata."""
    if asked.id not in scene.failed or asked.reply.status not in (500, 501, 505, 508):
        return
    yield Found(
        cause=f"The authorization server fails inside ({asked.reply.status}, a server error) when it is asked for its metadata at "
        f"`{asked.url[:200]}`: nothing is wrong with the request.",
        help="Look into the authorization server's log at that time (its database, its start-up, its configured public URL), and ask again "
        "when it works.",
        evidence=(asked.evidence("response.status", "200", str(asked.reply.status)),),
        certainty=Certainty.LIKELY,
    )
