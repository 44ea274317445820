"""Where an API's challenge and metadata lead a client: addresses that lead astray.

Here: the URL in `resource_metadata`, the entries of `authorization_servers`, and whether the client follows them. Not here: a document that
is missing or says something else (`resource_metadata`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.http import origin, split_url
from oauthctl.messages.metadata import ResourceMetadata, issuer_of_url
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.hosts import host_of, is_internal_host
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.resource_metadata import announced_in
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import MetadataRequest, ResourceMetadataRequest, Seen
from oauthctl.specs import Section

_SIGNING_IN = (purposes.REGISTRATION, purposes.AUTHORIZATION, purposes.PUSHED_AUTHORIZATION, purposes.TOKEN, purposes.DEVICE_AUTHORIZATION)


@rule(
    Section("RFC 9728", "5.1"),
    explains=(
        "connection-refused",
        "host-not-found",
        "internal-host-unreachable",
        "plain-http-refused",
        "tls-to-plain-port",
        "resource-metadata-not-found",
        "resource-metadata-not-announced",
        "resource-metadata-protected",
        "token-not-sent",
        "resource-differs",
        "public-address-unknown",
        "public-url-differs",
    ),
)
def resource_metadata_address_wrong(scene: Scene) -> Iterator[Found]:
    """The API's challenge points to an address at which no client can read its metadata."""
    for seen in scene.seen:
        url = announced_in(seen) if seen.is_direct else ""
        if not url or _went_well(scene, seen.id):
            continue
        fetched = [one for one in scene.each(ResourceMetadataRequest) if one.url == url]
        if fetched and not any(one.id in scene.failed for one in fetched):
            continue
        here, there = split_url(seen.url), split_url(url)
        if not there.scheme or not there.netloc:
            yield Found(
                cause=f"The API's challenge has a relative `resource_metadata` (`{url[:200]}`): it must be an absolute URL, since "
                "clients do "
                "not resolve it against the API's address.",
                help="On the API, write the full URL into `WWW-Authenticate`: "
                f'`resource_metadata="{here.scheme}://{here.netloc}{url[:160] if url.startswith("/") else "/…"}"`.',
                evidence=(seen.evidence("response.headers.WWW-Authenticate", "an absolute URL", url),),
            )
            return
        if is_internal_host(host_of(url)) and not is_internal_host(host_of(seen.url)):
            yield Found(
                cause=f"The API is called at `{here.netloc}`, and its challenge sends clients to `{there.netloc}` (`resource_metadata` is "
                f"`{url[:200]}`): the server writes its internal address (localhost, a container's name) instead of its public one.",
                help=f"On the API, set its public base URL (`{here.scheme}://{here.netloc}`) or let it trust the proxy's "
                "`X-Forwarded-Host` "
                "and `X-Forwarded-Proto`, so that `resource_metadata` (and `resource`) carry the external host.",
                evidence=(seen.evidence("response.headers.WWW-Authenticate", f"{here.scheme}://{here.netloc}/…", url),),
            )
            return
        if (here.scheme, there.scheme) == ("https", "http") and here.hostname == there.hostname:
            yield Found(
                cause=f"The API is called by https, and its challenge points to an http address (`resource_metadata` is "
                f"`{url[:200]}`): TLS "
                "ends at a proxy in front of it, and the server does not know that it is reached by https.",
                help="On the API, set its public base URL with https, or let it trust the `X-Forwarded-Proto` header of the proxy, so that "
                "it builds `resource_metadata` with https.",
                evidence=(seen.evidence("response.headers.WWW-Authenticate", "https://…", url),),
            )
            return


@rule(
    Section("RFC 9728", "2"),
    explains=("well-known-path-doubled", "metadata-not-found", "metadata-is-html", "tenant-unknown", "metadata-issuer-differs"),
)
def authorization_server_not_issuer(asked: Seen[ResourceMetadataRequest], back: ResourceMetadata, scene: Scene) -> Iterator[Found]:
    """The API's metadata names a document or endpoint where the issuer belongs."""
    failed = [one for one in scene.failures if one.purpose == purposes.DISCOVERY and one.id > asked.id]
    if not failed:
        return
    for server in back.authorization_servers or ():
        path = split_url(server).path
        is_document = "/.well-known/" in path
        if not is_document and not path.rstrip("/").endswith(("/authorize", "/token", "/oauth2/auth")):
            continue
        tried = [one for one in failed if origin(one.url) == origin(server)]
        if not tried:
            continue
        issuer = issuer_of_url(server) if is_document else f"{origin(server)}/…"
        what = "the URL of a metadata document" if is_document else "the URL of an endpoint"
        yield Found(
            cause=f"The API's metadata has in `authorization_servers` {what}, `{server[:200]}`, where the issuer identifier "
            "belongs: clients "
            f"add the well-known path to it and ask for `{tried[0].url[:240]}`.",
            help=f"On the API, write the authorization server's issuer into `authorization_servers`, `{issuer[:160]}`, exactly as the "
            "`issuer` of its metadata (no `/.well-known/…`, no endpoint).",
            evidence=(
                asked.evidence("response.body.authorization_servers", issuer, server),
                tried[0].evidence("request.url", got=tried[0].url),
            ),
        )
        return


@rule(
    Section("RFC 9728", "5"),
    explains=("client-unknown", "metadata-issuer-differs", "metadata-not-found", "authorization-refused", "redirect-uri-not-registered"),
)
def authorization_server_ignored(asked: Seen[ResourceMetadataRequest], back: ResourceMetadata, scene: Scene) -> Iterator[Found]:
    """The client goes to another authorization server than the API's metadata names."""
    servers = tuple(back.authorization_servers or ())
    later = [one for one in scene.seen if one.id > asked.id]
    if not servers or not any(one.id in scene.failed for one in later):
        return
    named = {origin(server) for server in servers}
    fetched = [one for one in scene.each(MetadataRequest) if one.id > asked.id]
    if any(origin(one.url) in named for one in fetched):
        return
    strange = next((one for one in fetched if origin(one.url) not in named), None)
    where = [one for one in later if one.purpose in _SIGNING_IN and one.is_direct]
    if strange is None or any(origin(one.url) in named for one in where) or not (where or strange.id in scene.failed):
        return
    is_own = origin(strange.url) == origin(asked.url)
    whose = "the resource's own host" if is_own else "another host"
    led = f", which led it to `{host_of(where[0].url)}`" if where and host_of(where[0].url) != host_of(strange.url) else ""
    yield Found(
        cause=f"The protected resource metadata names the authorization server `{servers[0][:160]}` (`authorization_servers`), yet the "
        f"client asked {whose} for the authorization server's metadata (`{strange.url[:200]}`){led}.",
        help=f"In the client, fetch the metadata of the issuer in `authorization_servers` (`{servers[0][:160]}`), register and sign in "
        "there, and fall back to the API's own host only when the API publishes no resource metadata.",
        evidence=(
            asked.evidence("response.body.authorization_servers", got=", ".join(servers)[:200]),
            strange.evidence("request.url", f"{servers[0]}/.well-known/…", strange.url),
        ),
        certainty=Certainty.CERTAIN if is_own else Certainty.LIKELY,
    )


@rule(
    Section("RFC 9728", "5"),
    explains=(
        *("metadata-not-found", "metadata-is-html", "registration-endpoint-missing", "registration-unavailable", "client-unknown"),
        *("token-not-sent", "api-call-refused", "tenant-unknown", "authorization-refused", "request-refused", "token-request-refused"),
        *("token-endpoint-wrong", "error-without-request"),
    ),
)
def resource_metadata_ignored(scene: Scene) -> Iterator[Found]:
    """The client does not follow the API's pointer to its metadata, and takes the API's host for the authorization server."""
    challenged = next((one for one in scene.seen if one.is_direct and one.reply.status == 401 and announced_in(one)), None)
    if challenged is None or any(one.id > challenged.id for one in scene.each(ResourceMetadataRequest)):
        return
    place = origin(challenged.url)
    tried = [
        one
        for one in scene.failures
        if one.id > challenged.id and one.purpose in (purposes.DISCOVERY, *_SIGNING_IN) and origin(one.url) == place
    ]
    # An API that is an authorization server itself answers there.
    is_own = any(
        one.id > challenged.id and one.purpose in (purposes.DISCOVERY, *_SIGNING_IN) and one.reply.has_answer and not one.reply.failed
        for one in scene.seen
    )
    if not tried or is_own:
        return
    url = announced_in(challenged)
    yield Found(
        cause=f"The API's 401 points to its metadata (`resource_metadata` is `{url[:200]}`), which names the authorization server. The "
        f"client did not fetch it; it took the API's own host for the authorization server and asked `{tried[0].url[:160]}`, which "
        f"answers {tried[0].reply.status or 'nothing'}.",
        help="In the client, fetch the URL of `resource_metadata` first, take the issuer from its `authorization_servers`, and read that "
        "issuer's metadata to register and sign in; update a client (of MCP, say) that is older than protected resource metadata.",
        evidence=(
            challenged.evidence("response.headers.WWW-Authenticate", got=f'resource_metadata="{url}"'[:300]),
            *(one.evidence("request.url", "a request to that document first", one.url) for one in tried[:3]),
        ),
        certainty=Certainty.LIKELY,
    )


def _went_well(scene: Scene, exchange: int) -> bool:
    """Whether the client found its way all the same."""
    return any(_is_sign_in(seen) for seen in scene.seen if seen.id > exchange)


def _is_sign_in(seen: Seen[Message]) -> bool:
    return seen.purpose in _SIGNING_IN and seen.reply.has_answer and not seen.reply.failed
