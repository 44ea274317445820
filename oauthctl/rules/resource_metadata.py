"""What an API says about who issues its tokens: the challenge, and the document that it points to.

Here: RFC 9728. Not here: the authorization server's own metadata (`metadata`), tokens that an API refuses (`api`).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlunsplit

from oauthctl.http import origin, split_url
from oauthctl.messages.challenge import read_challenges
from oauthctl.messages.metadata import ResourceMetadata
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ResourceMetadataRequest, Seen
from oauthctl.specs import Section

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


@rule(Section("RFC 9728", "5.1"))
def resource_metadata_not_announced(scene: Scene) -> Iterator[Found]:
    """The API's challenge does not say where its metadata is."""
    for seen in scene.seen:
        if not seen.is_direct or seen.reply.status != 401 or seen.request_header("authorization") or announced_in(seen):
            continue
        probes = [one for one in scene.each(ResourceMetadataRequest) if origin(one.url) == origin(seen.url)]
        missing = [one for one in probes if one.reply.status in (404, 405, 410)]
        if any(not one.reply.failed for one in probes) or (probes and not missing) or _signed_in(scene, seen.id):
            continue
        if not missing and not _is_rpc(seen):
            continue
        challenge = seen.reply.header("www-authenticate")
        got = f"`WWW-Authenticate: {challenge[:80]}`" if challenge else "no `WWW-Authenticate` at all"
        yield Found(
            cause=f"The API's 401 at `{split_url(seen.url).path}` has {got}: without the parameter `resource_metadata`, and with no "
            "document at the well-known URL, a client can't learn which authorization server to use, so no sign-in starts.",
            help="On the API, answer 401 with `WWW-Authenticate: Bearer "
            'resource_metadata="https://HOST/.well-known/oauth-protected-resource/PATH"`, and '
            "publish that document without authentication.",
            evidence=(
                seen.evidence("response.headers.WWW-Authenticate", "Bearer resource_metadata=…", challenge),
                *(one.evidence("response.status", "200", str(one.reply.status)) for one in missing[:3]),
            ),
        )


@rule(Section("RFC 6750", "3"), Section("RFC 9110", "15.5.2"))
def challenge_missing_at_403(scene: Scene) -> Iterator[Found]:
    """The API answers a call without a token with 403, so no client begins to sign in."""
    for seen in scene.seen:
        if not seen.is_direct or seen.reply.status != 403 or seen.request_header("authorization") or not _is_rpc(seen):
            continue
        if seen.reply.header("www-authenticate") or seen.request_header("cookie") or _signed_in(scene, seen.id):
            continue
        if scene.is_made_good(seen) or any(one.id < seen.id and one.reply.status == 401 for one in scene.seen):
            continue
        yield Found(
            cause=f"The API answers the call without a token at `{split_url(seen.url).path}` with 403 and no `WWW-Authenticate`: clients "
            "begin to sign in on a 401 with a challenge alone, and take 403 for a final no.",
            help="On the API, answer a call that has no token with 401 and `WWW-Authenticate: Bearer "
            'resource_metadata="https://HOST/.well-known/oauth-protected-resource/PATH"`; keep 403 for tokens that are good and allow too '
            "little. If a firewall or an `Origin` check in front answers so, let the request through.",
            evidence=(
                seen.evidence("response.status", "401", "403"),
                seen.evidence("response.headers.WWW-Authenticate", "Bearer …", "missing"),
            ),
            certainty=Certainty.LIKELY,
        )
        return


@rule(Section("RFC 9728", "5.1"), explains=("resource-metadata-not-announced",))
def resource_metadata_not_found(scene: Scene) -> Iterator[Found]:
    """The API's challenge points to a document that is not there."""
    announced = {url: seen for seen in scene.seen if seen.is_direct and (url := announced_in(seen))}
    for seen in scene.failures:
        source = announced.get(seen.url)
        if source is None or seen.reply.status not in (404, 405, 410) or _signed_in(scene, seen.id):
            continue
        yield Found(
            cause=f"The API's challenge points to `{seen.url[:200]}` (`resource_metadata`), and that URL answers {seen.reply.status}: the "
            "protected resource metadata is not published where the API itself says.",
            help="On the API, publish the document at the announced URL, or announce the URL at which it lies (mind the path that "
            "follows the well-known part, and the public host name behind a proxy).",
            evidence=(
                source.evidence("response.headers.WWW-Authenticate", got=seen.url),
                seen.evidence("response.status", "200", str(seen.reply.status)),
            ),
        )


@rule(Section("RFC 9728", "3"), explains=("token-not-sent", "resource-metadata-not-announced"))
def resource_metadata_protected(scene: Scene) -> Iterator[Found]:
    """The API asks for authentication before it shows its metadata."""
    for seen in scene.failures:
        if seen.purpose != purposes.RESOURCE_METADATA or not seen.reply.has_answer:
            continue
        status = seen.reply.status
        if status not in (401, 403) and not 300 <= status < 400:
            continue
        if (
            300 <= status < 400
            and origin(seen.reply.header("location")) == origin(seen.url)
            and _WELL_KNOWN in seen.reply.header("location")
        ):
            continue
        yield Found(
            cause=f"The protected resource metadata (RFC 9728) at `{split_url(seen.url).path}` is not public: the API's own "
            f"authentication middleware answers {status}, although clients read this document before they have anything to show.",
            help="On the API, exempt `/.well-known/oauth-protected-resource` (and the form with the API's path behind it) from the "
            "authentication middleware, and serve the document there.",
            evidence=(seen.evidence("response.status", "200", str(status)),),
        )


@rule(Section("RFC 9728", "3.3"))
def resource_differs(asked: Seen[ResourceMetadataRequest], back: ResourceMetadata, scene: Scene) -> Iterator[Found]:
    """The API's metadata speaks of another resource than the one that was asked for."""
    resource = back.raw("resource")
    connected = scene.given.text("server_url") or scene.given.text("resource") or _resource_of(asked.url)
    if not isinstance(resource, str) or not resource or not connected or _same(resource, connected) or _token_worked(scene, asked.id):
        return
    is_given = bool(scene.given.text("server_url") or scene.given.text("resource"))
    if not is_given and split_url(connected).path in ("", "/") and origin(resource) == origin(connected):
        # The document at the root may stand for an API below it: clients that know the API's URL compare with that.
        return
    yield Found(
        cause=f"The API's metadata says `resource` `{resource}`, yet the client connects to `{connected}`: the two must be identical, so "
        "the client does not use this document.",
        help="On the API, return a `resource` that equals the URL whose metadata is asked for (scheme, host, port and path; one document "
        "for each path); or connect to exactly the URL that `resource` names.",
        evidence=(asked.evidence("response.body.resource", connected, resource),),
    )


@rule(Section("RFC 9728", "2"))
def authorization_server_missing(asked: Seen[ResourceMetadataRequest], back: ResourceMetadata, scene: Scene) -> Iterator[Found]:
    """The API's metadata names no authorization server."""
    if asked.reply.status != 200 or back.raw("authorization_servers") or not back.raw("resource") or _signed_in(scene, asked.id):
        return
    if any(seen.purpose == purposes.DISCOVERY and not seen.reply.failed for seen in scene.seen):
        return
    yield Found(
        cause="The API's metadata names no authorization server (`authorization_servers` is missing or empty), so a client can't tell "
        "where to get a token.",
        help="On the API, list the issuer of its tokens in `authorization_servers` of the protected resource metadata.",
        evidence=(asked.evidence("response.body.authorization_servers", "an issuer", "missing"),),
    )


def announced_in(seen: Seen[Message]) -> str:
    response = seen.exchange.response
    if response is None or "www-authenticate" not in response.headers:
        return ""
    return next((url for challenge in read_challenges(response) if (url := challenge.get("resource_metadata"))), "")


def _is_rpc(seen: Seen[Message]) -> bool:
    request = seen.exchange.request
    return "mcp-protocol-version" in request.headers or (request.method == "POST" and b'"jsonrpc"' in request.body[:2000])


def _signed_in(scene: Scene, exchange: int) -> bool:
    return any(
        seen.id > exchange and seen.purpose in (purposes.AUTHORIZATION, purposes.REGISTRATION, purposes.TOKEN) for seen in scene.seen
    )


def _token_worked(scene: Scene, exchange: int) -> bool:
    return any(
        seen.id > exchange and seen.purpose == purposes.TOKEN and seen.reply.has_answer and not seen.reply.failed for seen in scene.seen
    )


def _resource_of(url: str) -> str:
    """The resource for which a metadata URL stands; empty when its path has no well-known part. Source: RFC 9728 section 3.1."""
    parts = split_url(url)
    before, found, after = parts.path.partition(_WELL_KNOWN)
    return urlunsplit((parts.scheme, parts.netloc, before + after, parts.query, "")) if found else ""


def _same(one: str, other: str) -> bool:
    return origin(one) == origin(other) and split_url(one).path.rstrip("/") == split_url(other).path.rstrip("/")
