"""The well-known path itself: put together wrongly.

Here: what the URL alone shows. Not here: what the server answers there (`metadata`), the place of the issuer's path (`metadata_issuer`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import MetadataRequest, Seen
from oauthctl.specs import Section

_MARK = "/.well-known/"


@rule(
    Section("OIDC Discovery", "4"),
    Section("RFC 8414", "3"),
    explains=("metadata-not-found", "metadata-is-html", "metadata-path-not-inserted", "tenant-unknown"),
)
def well_known_path_doubled(seen: Seen[MetadataRequest], scene: Scene) -> Iterator[Found]:
    """The well-known path stands in the URL twice."""
    address = seen.url.partition("?")[0]
    if address.count(_MARK) < 2 or seen.id not in scene.failed:
        return
    issuer = address.partition(_MARK)[0]
    yield Found(
        cause=f"The URL `{address[:240]}` has the well-known path twice: a discovery URL was configured as the issuer (authority), and the "
        "library appended its own path to it again.",
        help=f"In the client's configuration set the issuer (authority) to `{issuer[:200]}`, as the document's `issuer` has it, without "
        "`/.well-known/…`; or give the whole URL under the name that the library has for a metadata address.",
        evidence=(seen.evidence("request.url", f"{issuer}{_MARK}{address.rpartition(_MARK)[2]}", address[:300]),),
    )
