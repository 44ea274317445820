"""The provider's published keys, as far as they can't be had.

Here: fetching them, and what comes in their place. Not here: what is in them (`keys`), certificates of the server that has them
(`certificates`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import is_loopback_host
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.hosts import is_internal_host
from oauthctl.rules.missed_endpoints import is_method_wrong
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.trouble import Kind, Trouble, kind_of, troubles
from oauthctl.specs import Section

_LONGEST = 256 * 1024
_PATH = re.compile(r"jwks|/certs\b|/keys/?$|/keys\.json$|public.?keys?|x509", re.IGNORECASE)
_SHAPES = {
    "list": ("a bare array of keys", 'Where the keys are published, wrap the array: `{"keys": […]}`.'),
    "map": ("an object of keys by name", "Where the keys are published, make `keys` an array, each key with its own `kid`."),
    "key": (
        "a single key (one JWK)",
        'Where the key is published, put it into an array: `{"keys": [ … ]}`; or give the verifier the key itself, not a key set\'s URL.',
    ),
    "certificates": (
        "a map of X.509 certificates in PEM by key id",
        "In the verifier, use the `jwks_uri` of the metadata (at Google `https://www.googleapis.com/oauth2/v3/certs` in place of "
        "`v1/certs`); "
        "a library for PEM certificates takes the present address.",
    ),
    "wrapped": ("a key set inside of another object", "Where the keys are published, return the key set itself as the body."),
}
_NETWORK = (Kind.DNS, Kind.REFUSED, Kind.ROUTE, Kind.RESET, Kind.SLOW)
_OF_KEYS = ("jwk", "/certs", "/keys", "signing key", "public key", "key set")


@rule(
    Section("RFC 8414", "2"),
    explains=(
        "connection-refused",
        "host-not-found",
        "connection-reset",
        "server-too-slow",
        "internal-host-unreachable",
        "network-unreachable",
        "token-opaque",
    ),
)
def key_set_unreachable(scene: Scene) -> Iterator[Found]:
    """The provider's keys can't be fetched from where the verifier runs."""
    for one in troubles(scene, *_NETWORK):
        if not _is_of_keys(one):
            continue
        if is_loopback_host(one.host):
            where = (
                "localhost is the machine, or the container, that asks; the URL was made for a browser on the developer's machine, and "
                "inside of a container (Docker) nothing listens there"
            )
        elif is_internal_host(one.host):
            where = "that name is known only inside of another network"
        else:
            where = {Kind.DNS: "DNS does not know the host name", Kind.REFUSED: "nothing accepts the connection there"}.get(
                one.kind, "a firewall or the network in between lets nothing through"
            )
        yield Found(
            cause=f"The verifier could not fetch the provider's keys (JWKS) from {one.target}: {where}.",
            help="In the verifier, configure the `jwks_uri` by itself with an address that it can reach (the internal service name, or "
            "open the way out), and keep the public issuer for comparing `iss`.",
            evidence=one.evidence("the key set"),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 8414", "2"))
def key_set_not_found(scene: Scene) -> Iterator[Found]:
    """The URL of the provider's keys answers with something else."""
    for asked in scene.failures:
        status = asked.reply.status
        if asked.purpose != purposes.JWKS or not asked.reply.has_answer or status in (407, 429) or status >= 500 or is_method_wrong(asked):
            continue
        announced = next((str(document.raw("jwks_uri")) for document, _ in reversed(scene.metadata) if document.raw("jwks_uri")), "")
        got = f"answered {status}" if status >= 400 else f"brought {asked.reply.answer.problem}"
        told, help_ = _why_not_found(asked.url, announced)
        yield Found(
            cause=f"The key set (JWKS) was not found: `{asked.url[:200]}` {got}; {told}.",
            help=help_,
            evidence=(
                asked.evidence("request.url", expected=announced, got=asked.url),
                asked.evidence("response.status", "200 and a key set", str(status)),
            ),
        )


@rule(Section("RFC 7517", "5"), explains=("key-unknown", "key-set-empty", "signature-invalid", "key-set-unreachable"))
def key_set_misshapen(fetched: Seen[Message], scene: Scene) -> Iterator[Found]:
    """What is published as the key set has another form than a key set's."""
    shape = _shape(fetched)
    if not shape or not (scene.tokens or _names_keys(scene.given.local_error)):
        return
    what, todo = _SHAPES[shape]
    yield Found(
        cause=f"`{fetched.url[:200]}` is no JWK set: it is {what}. A key set (JWKS) is a JSON object whose member `keys` is an array of "
        "JWK.",
        help=todo,
        evidence=(fetched.evidence("response.body", "an object with `keys`", what),),
    )


def _shape(fetched: Seen[Message]) -> str:
    """What stands at a key set's address in place of one; empty when it is one, or nothing that is known."""
    response = fetched.exchange.response
    if fetched.exchange.request.method != "GET" or response is None or response.status != 200 or len(response.body) > _LONGEST:
        return ""
    if not _PATH.search(fetched.url.partition("?")[0]) or response.body.lstrip()[:1] not in (b"{", b"["):
        return ""
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    if isinstance(document, list):
        return "list" if any(isinstance(one, dict) and "kty" in one for one in document) else ""
    if "keys" in document:
        return "map" if isinstance(document["keys"], dict) else ""
    if "kty" in document:
        return "key"
    if any(isinstance(value, str) and value.startswith("-----BEGIN") for value in document.values()):
        return "certificates"
    return "wrapped" if any(isinstance(value, dict) and isinstance(value.get("keys"), list) for value in document.values()) else ""


def _why_not_found(url: str, announced: str) -> tuple[str, str]:
    if announced and announced != url:
        return (
            f"the metadata announces the `jwks_uri` `{announced[:200]}`, and another URL was asked",
            "In the verifier, read `jwks_uri` from the metadata instead of putting the URL together.",
        )
    if announced:
        return (
            "that is the `jwks_uri` of the metadata, so the provider's own address is wrong",
            "On the provider, publish the key set at the announced `jwks_uri`, without authentication, or correct the metadata.",
        )
    return (
        "no key set is published there",
        "Take `jwks_uri` from the provider's metadata document; check tenant, realm and path of the configured URL.",
    )


def _is_of_keys(one: Trouble) -> bool:
    if one.seen is not None:
        if one.seen.purpose == purposes.JWKS:
            return True
        # An API's own words tell why it could not verify a token.
        return one.seen.reply.has_answer and _names_keys(one.words)
    return _names_keys(one.words) and kind_of(one.words) in _NETWORK


def _names_keys(words: str) -> bool:
    said = words.lower()
    return any(word in said for word in _OF_KEYS)
