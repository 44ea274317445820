"""Redirect URIs that no server registers, by their form.

Here: each of a registration's `redirect_uris`. Not here: those of an authorization request (`redirect_uri_form`), a server's own policy
(`registration`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.http import is_loopback_host
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused
from oauthctl.specs import Section

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ABOUT_REDIRECT = re.compile(r"redirect|callback|\buris?\b|\burl", re.IGNORECASE)
_UNSAFE = ("javascript:", "data:", "vbscript:", "about:", "blob:")


@rule(
    Section("RFC 6749", "3.1.2"),
    Section("RFC 7591", "5"),
    explains=("registration-redirect-uri-refused", "registration-metadata-refused", "registration-host-not-trusted"),
)
def registration_redirect_uri_malformed(asked: Seen[RegistrationRequest], scene: Scene) -> Iterator[Found]:
    """A redirect URI of the registration has a form that no redirect URI may have."""
    reply = asked.reply
    if not is_refused(asked, scene) or reply.status not in (400, 403, 422) or _is_about_other(asked):
        return
    uris = asked.sent.redirect_uris or ()
    for place, uri in enumerate(uris):
        flaw = _flaw(uri)
        if flaw is None:
            continue
        what, instead, certainty = flaw
        yield Found(
            cause=f"The redirect URI `{uri[:200]}` in the registration's `redirect_uris` {what}.",
            help=f"In the client, register {instead}, and send the same URI with each authorization request.",
            evidence=(asked.evidence(f"request.body.redirect_uris[{place}]", expected=instead[:200], got=uri[:200]),),
            certainty=certainty,
        )
        return


def _flaw(uri: str) -> tuple[str, str, Certainty] | None:
    """What is wrong with it, what to register instead, how sure that is."""
    lower = uri.strip().lower()
    host = host_of(uri)
    if "#" in uri:
        return (
            f"contains a fragment (`#{uri.partition('#')[2][:80]}`), which a redirect URI must not have",
            "a redirect URI without `#`: history routing, or a page of its own for the callback",
            Certainty.CERTAIN,
        )
    if not _SCHEME.match(lower) or (lower.startswith(("http:", "https:")) and not host):
        return "is no absolute URI: its scheme or host is missing", "the whole URI, `https://host/path`", Certainty.CERTAIN
    if lower.startswith(_UNSAFE):
        return "has a scheme that runs or shows its own text", "an https URI", Certainty.CERTAIN
    if any(character.isspace() for character in uri):
        return "contains blanks", "the URI without blanks", Certainty.CERTAIN
    if "*" in uri:
        return "contains a wildcard (`*`): redirect URIs are compared character for character", "each redirect URI whole", Certainty.LIKELY
    if lower.startswith("http:") and not is_loopback_host(host):
        return (
            f"is plain http on `{host[:80]}`, which is not this machine: http is for loopback addresses alone",
            "an https URI (or a loopback one for a native app)",
            Certainty.LIKELY,
        )
    return None


def _is_about_other(asked: Seen[RegistrationRequest]) -> bool:
    """Whether the server names another member than the redirect URIs."""
    said = asked.reply.description
    if asked.reply.error == "invalid_redirect_uri" or not said or _ABOUT_REDIRECT.search(said):
        return asked.reply.error in ("invalid_software_statement", "unapproved_software_statement", "invalid_token")
    return any(name in said for name, _ in asked.sent.fields if name != "redirect_uris") or "token" in said.lower()
