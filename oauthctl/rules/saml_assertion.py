"""SAML assertions that are traded for a token, and refused.

Here: what the server says of one, which a recording never shows. Not here: JWTs as assertions (`assertion_grant`), whether the grant is
allowed (`grant`), an assertion that comes again (`client_assertion`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import grant_of, is_refused, says
from oauthctl.specs import Section

_CLAIMS = Section("RFC 7522", "3")
_FOLDED = ("token-request-refused", "request-fault-named", "client-secret-wrong", "client-unknown", "audience-differs", "clock-wrong")
_RECIPIENT = r"\brecipient\b"
_AUDIENCE = r"\baudience"
_UNSIGNED = r"\b(?:not|un)[ -]?signed|signature|what is signed"
_ENDED = r"\bexpired\b|NotOnOrAfter|NotBefore|no longer valid|not (?:yet )?valid (?:yet|before|after)|from the future|good for more than"


def _is_said(seen: Seen[TokenRequest], scene: Scene, words: str) -> bool:
    return grant_of(seen.sent) == "saml2-bearer" and is_refused(seen, scene) and seen.reply.status < 500 and says(seen, words)


def _found(seen: Seen[TokenRequest], *, cause: str, todo: str, expected: str) -> Found:
    return Found(
        cause=cause,
        help=todo,
        evidence=(seen.evidence(".assertion", expected=expected, got=seen.reply.description[:200] or seen.reply.error),),
        certainty=Certainty.LIKELY,
    )


@rule(_CLAIMS, explains=_FOLDED)
def saml_assertion_audience_wrong(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The SAML assertion is meant for another audience than this server."""
    if _is_said(seen, scene, _AUDIENCE) and not _is_said(seen, scene, _RECIPIENT):
        yield _found(
            seen,
            cause="The `Audience` in the SAML assertion's `AudienceRestriction` is not this authorization server: the assertion was made "
            "for another service provider.",
            todo="At the identity provider, set the `Audience` (the service provider's entity ID) of this application to the identifier "
            "that the authorization server has for itself: its issuer, or its token endpoint.",
            expected="an assertion whose `Audience` is this server",
        )


@rule(_CLAIMS, explains=(*_FOLDED, "token-endpoint-wrong"))
def saml_assertion_recipient_wrong(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The SAML assertion is not confirmed for this token endpoint."""
    if _is_said(seen, scene, _RECIPIENT):
        endpoint = seen.url.partition("?")[0][:160]
        yield _found(
            seen,
            cause="The `Recipient` in the SAML assertion's bearer `SubjectConfirmationData` is not this token endpoint: the assertion was "
            "made to be posted to another address, such as a web application's assertion consumer service.",
            todo=f"At the identity provider, set the `Recipient` (ACS URL) for this use to `{endpoint}`, with the method "
            "`urn:oasis:names:tc:SAML:2.0:cm:bearer`.",
            expected=f"a `Recipient` that is `{endpoint}`",
        )


@rule(_CLAIMS, explains=(*_FOLDED, "assertion-expired", "code-expired"))
def saml_assertion_expired(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The SAML assertion is not good at this time."""
    if _is_said(seen, scene, _ENDED) and not _is_said(seen, scene, f"{_RECIPIENT}|{_UNSIGNED}"):
        yield _found(
            seen,
            cause="The SAML assertion is outside of its time (`NotBefore`, `NotOnOrAfter`) when it comes: it has expired, its life is "
            "longer than the server allows, or the clocks of identity provider and server differ.",
            todo="In the client, get a fresh assertion from the identity provider right before it is traded; where that one is refused as "
            "well, compare the clocks (NTP) and the lifetime that the identity provider sets.",
            expected="an assertion between its `NotBefore` and its `NotOnOrAfter`",
        )


@rule(_CLAIMS, explains=(*_FOLDED, "signature-invalid"))
def saml_assertion_signature_wrong(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The SAML assertion is not signed so that the server relies on it."""
    if _is_said(seen, scene, _UNSIGNED):
        yield _found(
            seen,
            cause="The SAML assertion has no signature that the server relies on: the `Assertion` element itself is unsigned (a signature "
            "around the whole response does not count), it was changed afterwards, or another key signed it than the one that is "
            "registered.",
            todo="At the identity provider, have the assertion itself signed; in the client, send it byte by byte as it came; at the "
            "authorization server, register the identity provider's current signing certificate.",
            expected="an `Assertion` with a good signature",
        )
