"""The client's identifier as it is written.

Here: a `client_id` that can't be one, by its form, on the way to the token endpoint and its kin. Not here: one that the provider doesn't
know at the authorization endpoint (`authorization`), credentials (`client_secret`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import DIRECT, is_refused, refuses_client, says
from oauthctl.specs import Section

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"undefined|null|none|nil|nan|\[object object\]|\$\{?[A-Za-z_.]+\}?|\{\{?.*\}?\}|%[A-Z_]+%|<[^<>]+>|your[_ -].*"
    r"|(?:my[_ -])?client[_-]?id",
    re.IGNORECASE,
)
_ENTRA = ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.windows.net")
_SCHEMES = ("urn", "http", "https", "api", "spiffe", "did", "tag")
_ABOUT = r"\bclient\b|client.?id|\bapplication\b|\bapp\b"


@rule(
    Section("RFC 6749", "2.2"),
    explains=("client-secret-wrong", "client-unknown", "grant-not-allowed", "token-request-refused", "client-auth-method-mismatch"),
    decisive=True,
)
def client_id_malformed(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """What is sent as the client_id can't be one, by its form."""
    sent = proof_of(seen).client_id
    if seen.purpose not in DIRECT or not sent or not is_refused(seen, scene):
        return
    if not (refuses_client(seen) or seen.reply.error == "unauthorized_client" or says(seen, _ABOUT)):
        return
    flaw = _flaw(sent, seen)
    if not flaw:
        return
    got, todo = flaw
    yield Found(
        cause=f"The `client_id` that was sent, `{sent[:120]}`, {got}: no client of this identifier is registered.",
        help=f"In the client's configuration, {todo}.",
        evidence=(seen.evidence(proof_of(seen).id_place, expected="the identifier as the provider shows it", got=sent[:200]),),
    )


@rule(
    Section("RFC 6749", "2.3.1"),
    explains=("client-secret-wrong", "client-id-mismatch", "token-request-refused", "client-secret-not-encoded", "client-unknown"),
)
def client_id_not_encoded(seen: Seen[Message], scene: Scene, given: Given) -> Iterator[Found]:
    """The client_id has a colon, and was not encoded in the Basic header."""
    basic = proof_of(seen).basic
    read = basic.get("client_id")
    if not isinstance(read, str) or not basic.get("has_secret") or not is_refused(seen, scene) or not refuses_client(seen):
        return
    known = given.client_id or next((one.sent.client_id for one in scene.each(AuthorizationRequest) if one.sent.client_id), "") or ""
    is_cut = known.startswith(f"{read}:")
    if not is_cut and (known or read.lower() not in _SCHEMES or not basic.get("goes_on", True)):
        return
    whole = f"`{known[:120]}`" if is_cut else f"one that begins with `{read}:`, as a URL or URN does"
    yield Found(
        cause=f"The `Authorization: Basic` header names the client `{read[:60]}`: the `client_id`, {whole}, has a colon (`:`), and was not "
        "percent-encoded before Base64, so the server takes the first colon for the end of the identifier and the rest for the secret.",
        help="In the client, form-urlencode `client_id` and secret before they are put together (`:` becomes `%3A`), or send both in "
        "the form "
        "body (client_secret_post).",
        evidence=(seen.evidence("request.headers.Authorization", expected="the encoded client_id", got=f"{read[:60]}:…"),),
        certainty=Certainty.CERTAIN if is_cut else Certainty.LIKELY,
    )


def _flaw(sent: str, seen: Seen[Message]) -> tuple[str, str] | None:
    bare = sent.strip()
    if bare != sent:
        return ("has white space (a space or a line break) around it", "strip the white space around the `client_id`")
    if sent[:1] + sent[-1:] in ('""', "''", "``") and len(sent) > 1:
        return ("stands in quotes, which became part of it", "take the quotes away (of a shell, an env file or JSON)")
    if _PLACEHOLDER.fullmatch(bare):
        return (
            "is a placeholder: the configuration was never filled in",
            "put in the identifier itself (an environment variable is not set)",
        )
    if host_of(seen.url) in _ENTRA and not _UUID.fullmatch(bare) and "://" not in bare:
        return (
            "is no Application (client) ID, which is a UUID: it looks like the application's display name or another identifier",
            "put in the Application (client) ID of the app registration's overview page, not its name",
        )
    if host_of(seen.url) == "oauth2.googleapis.com" and "@" not in bare and not re.search(r"\.apps\.googleusercontent\.com$|^\d{6,}", bare):
        return (
            "is no Google client ID, which ends in `.apps.googleusercontent.com`: it looks like the client's name",
            "copy the client ID from the Google Cloud console, under Credentials",
        )
    return None
