"""Request objects that the provider is to fetch from the client: JAR by reference.

Here: the `request_uri` of the client's own, and what it leads to. Not here: the object itself, references of the provider's (PAR)
(`authorization_by_reference`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate
from oauthctl.http import is_http_url, is_loopback, split_url
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.request_object import MEDIA_TYPES
from oauthctl.record.exchange import Channel
from oauthctl.rules.front_channel import base_of, refusal_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_UNREGISTERED = re.compile(
    r"request_uri[^.]{0,60}(not|n.t|un)[ _-]?(been )?(pre-?)?(registered|allowed|permitted|whitelisted)|unregistered request_uri",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(
    r"request_uri_not_supported|request_uri\b[^.]{0,40}(?:(?:not|n.t) (?:be )?(?:support|accept|allow|permit|enabl)|unsupported|disabled)",
    re.IGNORECASE,
)
_CANDIDATES = (
    Candidate(
        "The `request_uri` is not among the `request_uris` that are registered for the client, and the provider refuses it unfetched.",
        "Register it, character for character, in the client's `request_uris` at the provider.",
    ),
    Candidate(
        "The provider can't reach the URL: it is on a private address, or a firewall is in between.",
        "Put the object where the provider can fetch it, by https on a public name, or send it by value (`request`).",
    ),
    Candidate(
        "The provider fetches no request objects at all.",
        "Send the request object by value (`request`), or push it (PAR).",
    ),
)


def fetch_for(asked: Asked, scene: Scene) -> Seen[Message] | None:
    """The provider's request for what this authorization request refers to, the last one; a good answer goes before a bad one."""
    wanted = base_of(asked.sent.request_uri or "")
    if not is_http_url(wanted):
        return None
    found = [one for one in scene.seen if one.id > asked.id and one.exchange.request.method == "GET" and _leads_to(one.url, wanted)]
    return next((one for one in reversed(found) if _is_object(one)), found[-1] if found else None)


def _leads_to(url: str, wanted: str) -> bool:
    """Whether this is a request for that URL. A tunnel may stand before the client: what comes to this machine has another host."""
    here, there = split_url(url), split_url(wanted)
    return here.path == there.path and (here.netloc.lower() == there.netloc.lower() or is_loopback(url))


@rule(Section("RFC 9101", "5.2.3"), explains=("callback-never-came", "authorization-refused"))
def request_uri_not_fetched(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None, scene: Scene) -> Iterator[Found]:
    """The provider does not fetch the request object that the request refers to."""
    uri = asked.sent.request_uri or ""
    # Only where the listener is ours is it known that nobody came.
    is_ours = bool(scene.recording.tool_version) and asked.exchange.channel is Channel.BROWSER
    if not is_http_url(base_of(uri)) or not is_ours or fetch_for(asked, scene) is not None:
        return
    if returned is not None and refusal_of(asked, returned) is None:
        return
    place = asked.evidence(".request_uri", expected="fetched by the provider", got="nobody came for it")
    if metadata is not None and metadata.raw("request_uri_parameter_supported") is False:
        yield Found(
            cause="The authorization request refers to a request object by `request_uri`, and the provider's metadata says that it fetches "
            "none (`request_uri_parameter_supported` is false).",
            help="In the client, send the request object by value (`request`), or push it (PAR), as the provider supports.",
            evidence=(place,),
            certainty=Certainty.LIKELY,
        )
        return
    near = " It is an address of this machine, which a provider elsewhere can't reach." if is_loopback(uri) else ""
    yield Found(
        cause="The authorization request refers to a request object by `request_uri`, and nobody came to fetch it: most likely the URL is "
        f"not registered in the client's `request_uris`, or the provider can't reach it, or fetches none at all.{near}",
        help="Register the `request_uri` for the client at the provider, and make sure that the provider can reach it; or send the request "
        "object by value (`request`).",
        evidence=(place,),
        certainty=Certainty.POSSIBLE,
        candidates=_CANDIDATES,
        probe="The provider's page in the browser, or its log.",
    )


@rule(
    Section("OIDC Core", "3.1.2.6"),
    Section("RFC 9101", "7"),
    explains=("authorization-refused", "request-uri-expired", "request-object-refused", "callback-refused", "person-needed"),
)
def request_uri_not_supported(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """The provider takes no request_uri of the client's."""
    refusal, uri = refusal_of(asked, returned), asked.sent.request_uri or ""
    if refusal is None or not uri or not refusal.says(_UNSUPPORTED):
        return
    is_pushed = uri.lower().startswith("urn:")
    told = (
        " Its metadata says so as well (`request_uri_parameter_supported` is false)."
        if metadata is not None and metadata.raw("request_uri_parameter_supported") is False
        else ""
    )
    what = "of a pushed request" if is_pushed else f"`{base_of(uri)[:160]}`, from which the provider should fetch the request object"
    yield Found(
        cause=f"The authorization request has a `request_uri` ({what}), and this provider does not support that parameter"
        f"{' at this endpoint' if is_pushed else ''} (`request_uri_not_supported`).{told}",
        help="In the client, send the request object by value (`request`), or plain parameters, or push the request (PAR) to the "
        "provider's `pushed_authorization_request_endpoint` and send the `request_uri` that it answers with, as its metadata allows.",
        evidence=(
            asked.evidence(".request_uri", expected="no request_uri", got=uri[:200]),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
    )


@rule(Section("OIDC Core", "6.2"), explains=("authorization-refused", "request-uri-expired", "request-object-refused"))
def request_uri_not_registered(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """The request_uri is not among those that the client registered."""
    refusal = refusal_of(asked, returned)
    uri = asked.sent.request_uri or ""
    if refusal is None or not is_http_url(base_of(uri)) or not refusal.says(_UNREGISTERED):
        return
    yield Found(
        cause=f"The `request_uri` `{base_of(uri)[:200]}` is not among the `request_uris` that are registered for the client, so the "
        "provider does not fetch it.",
        help="At the provider, add it to the client's `request_uris`, character for character; or send the request object by value "
        "(`request`).",
        evidence=(asked.evidence(".request_uri", got=uri), refusal.seen.evidence(refusal.place, got=refusal.words[:200])),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 9101", "5.2.3"), explains=("callback-never-came", "authorization-refused", "request-object-refused"))
def request_uri_without_object(asked: Asked, scene: Scene) -> Iterator[Found]:
    """What the request_uri leads to is no request object."""
    fetched = fetch_for(asked, scene)
    response = fetched.exchange.response if fetched is not None else None
    if fetched is None or response is None or _is_object(fetched):
        return
    if response.status != 200:
        what, expected, got = f"is answered with the status {response.status}", "200", str(response.status)
    elif response.content_type not in MEDIA_TYPES:
        kind = response.content_type or "no content type"
        what, expected, got = f"is served as `{kind}`", MEDIA_TYPES[0], kind
    else:
        what, expected, got = "is no JWT", "a JWT", response.text[:40]
    yield Found(
        cause=f"The provider came to fetch the request object, and what the `request_uri` leads to {what}.",
        help=f"Where the client keeps it, answer with the status 200, `Content-Type: {MEDIA_TYPES[0]}` and the signed JWT alone.",
        evidence=(fetched.evidence("response", expected=expected, got=got),),
    )


def _is_object(fetched: Seen[Message]) -> bool:
    response = fetched.exchange.response
    if response is None or response.status != 200 or response.content_type not in MEDIA_TYPES:
        return False
    return take_apart(response.text.strip()).kind in (Kind.JWS, Kind.JWE, Kind.UNSECURED)
