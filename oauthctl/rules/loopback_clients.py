"""Clients of networks that know no registration: a `client_id` that is a URL, and what follows from it for the request.

Here: the loopback client of AT Protocol (`http://localhost`), and redirect URIs of a scheme of their own. Not here: the document behind a
`client_id` (`client_metadata_document`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.record.purposes import query_of
from oauthctl.rules.front_channel import Refusal, host_of, refusal_of
from oauthctl.rules.registry import Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_FOLDED = (
    "request-refused",
    "authorization-refused",
    "redirect-uri-not-registered",
    "redirect-uri-loopback-name",
    "redirect-uri-localhost-refused",
    "redirect-uri-insecure",
    "scope-unknown",
    "scope-not-allowed",
    "request-fault-named",
    "client-unknown",
    "client-document-wrong",
)
_DEFAULT_SCOPE = "atproto"
_ELSEWHERE = ("invalid_scope", "access_denied", "invalid_dpop_proof", "use_dpop_nonce", "server_error")


def _words_of(asked: Asked, returned: Returned | None, scene: Scene) -> str | None:
    """What a refused request was told, pushed or not; None when it was not refused."""
    refusal: Refusal | None = refusal_of(asked, returned)
    if refusal is not None:
        return f"{refusal.seen.reply.error} {refusal.words}"
    return f"{asked.reply.error} {asked.reply.words}" if is_refused(asked, scene) else None


def _is_loopback(client_id: str | None) -> bool:
    """Whether it is the client of somebody's own machine. Source: https://atproto.com/specs/oauth, localhost client development."""
    return re.fullmatch(r"http://localhost/?(?:\?.*)?", client_id or "") is not None


@rule(Section("RFC 8252", "8.3"), explains=_FOLDED)
def loopback_client_by_name(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The client http://localhost asks to return to the name localhost, where only a loopback address is taken."""
    sent = asked.sent.redirect_uri or ""
    words = _words_of(asked, returned, scene)
    if words is None or not _is_loopback(asked.sent.client_id) or host_of(sent) != "localhost":
        return
    if any(error in words for error in _ELSEWHERE):
        return
    right = sent.replace("://localhost", "://127.0.0.1", 1)
    yield Found(
        cause=f"The `client_id` is `http://localhost`, the client of a developer's own machine, and its `redirect_uri` is `{sent[:160]}`: "
        "such a client returns to a loopback address (`127.0.0.1` or `[::1]`), never to the name `localhost`.",
        help=f"In the client, send `{right[:160]}` as redirect_uri and open the application there; the `client_id` stays "
        "`http://localhost`, with `redirect_uri` and `scope` in its query where they are not the default.",
        evidence=(asked.evidence(".redirect_uri", expected=right, got=sent),),
    )


@rule(Section("RFC 6749", "3.3"), explains=_FOLDED)
def loopback_client_scope_undeclared(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The client http://localhost asks for a scope that its client_id does not declare."""
    words = _words_of(asked, returned, scene)
    client_id = asked.sent.client_id or ""
    if words is None or not _is_loopback(client_id) or not re.search(r"scope|invalid_request", words, re.IGNORECASE):
        return
    declared = (query_of(client_id).get("scope") or _DEFAULT_SCOPE).split()
    extra = [one for one in asked.sent.scope or () if one not in declared]
    if not extra or host_of(asked.sent.redirect_uri or "") == "localhost":
        return
    named = " and ".join(f"`{one[:60]}`" for one in extra[:3])
    yield Found(
        cause=f"The request asks for the scope {named}, and the `client_id` `{client_id[:120]}` declares {' '.join(declared)[:120]} alone: "
        "a loopback client has no document, its scopes stand in the query of its `client_id`.",
        help="In the client, declare every scope in the `client_id`: `http://localhost?scope=` with the percent-encoded list, such as "
        "`atproto%20transition%3Ageneric` (and `&redirect_uri=` likewise); or host a client metadata document that declares them.",
        evidence=(asked.evidence(".scope", expected=" ".join(declared), got=" ".join(asked.sent.scope or ())),),
        certainty=Certainty.CERTAIN if "scope" in words.lower() else Certainty.LIKELY,
    )


@rule(Section("RFC 8252", "7.1"), explains=_FOLDED)
def redirect_scheme_not_of_client(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The redirect URI's own scheme is not the reversed host of the client_id."""
    words = _words_of(asked, returned, scene)
    client_id, sent = asked.sent.client_id or "", asked.sent.redirect_uri or ""
    scheme = sent.partition(":")[0].lower()
    if words is None or not client_id.startswith("https://") or scheme in ("", "http", "https") or any(one in words for one in _ELSEWHERE):
        return
    due = ".".join(reversed(host_of(client_id).split(".")))
    rest = sent.partition(":")[2]
    is_due, has_one_slash = scheme == due, rest.startswith("/") and not rest.startswith("//")
    if is_due and has_one_slash:
        return
    flaws = [] if is_due else [f"the scheme must be the host of the `client_id` in reverse order, `{due}`"]
    flaws += [] if has_one_slash else ["the scheme must be followed by `:/`, a colon and a single slash"]
    path = (split_url(f"https:{rest}" if rest.startswith("//") else f"https://x/{rest.lstrip('/')}").path or "/").lstrip("/")
    right = f"{due}:/{path or 'callback'}"
    yield Found(
        cause=f"The `client_id` is the URL `{client_id[:160]}`, and the `redirect_uri` `{sent[:160]}` has a scheme of its own: for such a "
        f"client {' and '.join(flaws)}.",
        help=f"In the app and in its client metadata document, use a redirect_uri such as `{right[:160]}` (reverse domain, one slash), or "
        "an https URL of the same host (a universal or app link).",
        evidence=(asked.evidence(".redirect_uri", expected=right, got=sent), _said(asked, words)),
        certainty=Certainty.LIKELY,
    )


def _said(asked: Asked, words: str) -> Evidence:
    return asked.evidence("response", got=words.strip()[:200])
