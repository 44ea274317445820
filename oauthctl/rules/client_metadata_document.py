"""Clients that are known by the URL of a document about them, which the authorization server fetches.

Here: a `client_id` that is such a URL, and the document there. Not here: registration (`registration`), a `client_id` that is none
(`client_id` in `authorization`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import is_loopback_host, split_url
from oauthctl.messages.answer import read_answer
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.rules.front_channel import Refusal, refusal_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_DRAFT = "OAuth CIMD"
_FLAG = "client_id_metadata_document_supported"
_FOLDED = (
    "authorization-refused",
    "client-unknown",
    "redirect-uri-not-registered",
    "redirect-uri-trailing-slash",
    "redirect-uri-scheme-differs",
    "redirect-uri-port-differs",
    "request-fault-named",
)
_OF_CLIENT = re.compile(
    r"invalid_client|unauthorized_client|client|metadata|document|redirect|invalid_request|no such application", re.IGNORECASE
)


def is_document_url(client_id: str | None) -> bool:
    """Whether a `client_id` is the URL of a document: https, with a path. Source: draft-ietf-oauth-client-id-metadata-document "
    "section 3."""
    return bool(client_id) and str(client_id).startswith("https://") and split_url(str(client_id)).path not in ("", "/")


def _refusal(asked: Asked, returned: Returned | None) -> Refusal | None:
    refusal = refusal_of(asked, returned) if is_document_url(asked.sent.client_id) else None
    return refusal if refusal is not None and _OF_CLIENT.search(f"{refusal.seen.reply.error} {refusal.words}") else None


def _document(asked: Asked, scene: Scene) -> Seen[Message] | None:
    """The exchange in which the document was fetched, by whomever."""
    found = scene.order.by_url.get(asked.sent.client_id or "", ())
    return next((one for one in reversed(found) if one.exchange.request.method == "GET" and one.reply.has_answer), None)


def _members(seen: Seen[Message] | None) -> dict[str, Any]:
    response = seen.exchange.response if seen is not None else None
    if response is None or response.status != 200:
        return {}
    return dict(reversed(read_answer(response).fields))


@rule(Section(_DRAFT, "4.1"), explains=_FOLDED)
def client_document_wrong(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The document behind the client's URL does not say what it must."""
    refusal = _refusal(asked, returned)
    document = _document(asked, scene)
    members = _members(document)
    if refusal is None or document is None or not members:
        return
    url, redirect_uri = asked.sent.client_id or "", asked.sent.redirect_uri or ""
    named, listed = members.get("client_id"), members.get("redirect_uris")
    uris = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    if named != url:
        what = f"its `client_id` is `{str(named)[:200]}`" if named else "it has no `client_id`"
        yield Found(
            cause=f"The client metadata document at `{url[:200]}` is refused: {what}, and it must be identical to the URL of the document.",
            help=f"In the document, set `client_id` to `{url[:200]}`, character for character (https, host, path, no slash more or "
            "less); or "
            "use as `client_id` the URL that the document names.",
            evidence=(document.evidence("response.body.client_id", url, str(named or "missing")),),
        )
    elif redirect_uri and not any(_is_same(redirect_uri, one) for one in uris):
        yield Found(
            cause=f"The `redirect_uri` `{redirect_uri[:200]}` is not listed in the client metadata document at `{url[:200]}`, whose "
            f"`redirect_uris` are {', '.join(f'`{one[:120]}`' for one in uris[:4]) or 'missing'}.",
            help=f"In the document, add `{redirect_uri[:200]}` to `redirect_uris` (servers keep a copy for a while), or send one that it "
            "lists.",
            evidence=(
                asked.evidence(".redirect_uri", expected=", ".join(uris)[:300] or "one of redirect_uris", got=redirect_uri),
                document.evidence("response.body.redirect_uris", got=", ".join(uris)[:300] or "missing"),
            ),
        )
    elif members.get("client_secret") or str(members.get("token_endpoint_auth_method", "none")).startswith("client_secret"):
        place = "client_secret" if members.get("client_secret") else "token_endpoint_auth_method"
        yield Found(
            cause=f"The client metadata document at `{url[:200]}` has `{place}`, which speaks of a secret: a client that is known "
            "by a public "
            "document can share none with the server.",
            help="In the document, leave out `client_secret`, and set `token_endpoint_auth_method` to `none` or `private_key_jwt`.",
            evidence=(document.evidence(f"response.body.{place}", "no secret", "present"),),
        )


@rule(Section(_DRAFT, "4"), explains=_FOLDED)
def client_document_unreachable(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The authorization server can't get the document behind the client's URL."""
    refusal = _refusal(asked, returned)
    document = _document(asked, scene)
    url = asked.sent.client_id or ""
    if refusal is None or (document is not None and _members(document)):
        return
    is_own = is_loopback_host(host_of(url)) or "." not in host_of(url)
    if document is None and not is_own:
        return
    status = document.reply.status if document is not None else 0
    kind = document.reply.header("content-type").partition(";")[0] if document is not None else ""
    if is_own:
        why = "its host is this machine's own, which the server can't reach"
    elif status == 200:
        why = f"the answer is no JSON object ({kind or 'no content type'})"
    else:
        why = f"that URL answers {status}" + (", and a server follows no redirect there" if status // 100 == 3 else "")
    yield Found(
        cause=f"The `client_id` is the URL of a client metadata document, and the authorization server can't read it: {why}.",
        help=f"Publish the JSON document at `{url[:200]}` itself with status 200 and `Content-Type: application/json`, without sign-in, "
        "redirect or bot filter, at an address that the authorization server reaches.",
        evidence=(
            document.evidence("response.status", "200 and JSON", str(status))
            if document is not None
            else asked.evidence(".client_id", "a public URL", url),
        ),
        certainty=Certainty.CERTAIN if document is not None else Certainty.LIKELY,
    )


@rule(Section(_DRAFT, "5"), explains=_FOLDED)
def client_document_not_supported(
    asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None, scene: Scene
) -> Iterator[Found]:
    """The authorization server knows no clients by the URL of a document."""
    refusal = _refusal(asked, returned)
    document = _members(_document(asked, scene))
    says_yes = metadata is not None and metadata.raw(_FLAG) is True
    if refusal is None or document or says_yes:
        return
    if metadata is None and refusal.seen.reply.error not in ("invalid_client", "unauthorized_client"):
        return
    known = metadata is not None
    how = (
        "register at its `registration_endpoint`"
        if metadata is not None and metadata.registration_endpoint
        else "register the client by hand in its console"
    )
    yield Found(
        cause=f"The `client_id` `{str(asked.sent.client_id)[:200]}` is the URL of a client metadata document, and the authorization server "
        + (f"does not announce that it takes such (`{_FLAG}` is missing in its metadata)" if known else "does not seem to take such")
        + ": for it this is a client that was never registered.",
        help=f"In the client, use a URL as `client_id` only where the metadata has `{_FLAG}`; with this server {how}, and use the "
        "`client_id` that it gives.",
        evidence=(
            asked.evidence(".client_id", "a registered client", str(asked.sent.client_id)),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The server does not support client metadata documents.", "Register the client there."),
            Candidate("It does, and could not fetch the document.", "Look for its request in the log of the document's host."),
        ),
    )


def _is_same(one: str, other: str) -> bool:
    """Whether two redirect URIs are the same; a loopback one may have any port. Source: RFC 8252 section 7.3."""
    if one == other:
        return True
    parts = split_url(one), split_url(other)
    is_loopback = all(part.scheme == "http" and is_loopback_host(part.hostname or "") for part in parts)
    return is_loopback and parts[0].hostname == parts[1].hostname and parts[0].path == parts[1].path


@rule(Section(_DRAFT, "3"), explains=_FOLDED)
def client_url_malformed(asked: Asked, returned: Returned | None, metadata: ProviderMetadata | None) -> Iterator[Found]:
    """A URL is used as client_id that can be no document's."""
    client_id = asked.sent.client_id or ""
    takes = metadata is not None and metadata.raw(_FLAG) is True
    refusal = refusal_of(asked, returned) if takes and re.match(r"https?://", client_id) else None
    if refusal is None or not _OF_CLIENT.search(f"{refusal.seen.reply.error} {refusal.words}"):
        return
    parts = split_url(client_id)
    flaws = [
        (parts.scheme != "https", "is http, and must be https"),
        (parts.path in ("", "/"), "has no path, and a bare host can be no client's document"),
        ("#" in client_id, "has a fragment"),
        ("@" in parts.netloc, "has a user name"),
        (any(piece in (".", "..") for piece in parts.path.split("/")), "has dot segments in its path"),
    ]
    wrong = [why for is_wrong, why in flaws if is_wrong]
    if not wrong:
        return
    yield Found(
        cause=f"The `client_id` is the URL `{client_id[:200]}`, which {' and '.join(wrong)}: the server reads it as no client metadata "
        "document.",
        help="In the client, use as `client_id` the https URL of the document itself, with its path, such as "
        f"`https://{parts.netloc.rpartition('@')[2][:100]}/oauth/client.json`, and publish the document there.",
        evidence=(asked.evidence(".client_id", "https://host/path", client_id),),
    )
