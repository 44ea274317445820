"""Sign-ins to health records (SMART App Launch): which FHIR server the authorization request is for.

Here: its parameter `aud`. Not here: the audience of tokens (`audience`), resource indicators (`resource`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.front_channel import Refusal, refusal_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_SCOPE = re.compile(r"launch(?:/\w+)?|fhirUser|(?:patient|user|system)/[\w*]+\.[\w*]+.*")
_BASE = re.compile(r"(?P<base>https?://[^?#]*?)/(?:metadata|\.well-known/smart-configuration|Patient(?:/[^/?#]*)?)/?(?:[?#]|$)")
_FOLDED = ("authorization-refused", "callback-refused", "audience-parameter-missing", "request-fault-named", "resource-unknown")
# Errors that are about another parameter.
_OTHERS = ("access_denied", "invalid_scope", "login_required", "server_error", "temporarily_unavailable", "unauthorized_client")


def _refusal(asked: Asked, returned: Returned | None) -> Refusal | None:
    """The refusal of a request for health records, as far as it may be for the sake of `aud`."""
    if not any(_SCOPE.fullmatch(one) for one in asked.sent.scope or ()):
        return None
    refusal = refusal_of(asked, returned)
    error = refusal.seen.reply.error if refusal is not None else ""
    return refusal if refusal is not None and (error not in _OTHERS or _names_audience(refusal)) else None


def _names_audience(refusal: Refusal) -> bool:
    return re.search(r"\baud\b|audience", refusal.words, re.IGNORECASE) is not None


def _names_other(refusal: Refusal) -> bool:
    return not _names_audience(refusal) and re.search(r"redirect|scope|client|challenge|pkce|launch|state", refusal.words, re.I) is not None


def _bases(scene: Scene) -> tuple[str, ...]:
    """The base URLs of the FHIR servers that were called."""
    found = (_BASE.match(seen.url) for seen in scene.seen if seen.is_direct and seen.reply.status < 500)
    return tuple(dict.fromkeys(match["base"] for match in found if match))


@rule(Section("SMART App Launch", "Obtain authorization code"), explains=_FOLDED)
def smart_audience_missing(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """A request for health records does not say by aud which FHIR server it is for."""
    refusal = _refusal(asked, returned)
    if refusal is None or asked.sent.raw("aud") or _names_other(refusal):
        return
    base = next(iter(_bases(scene)), "")
    yield Found(
        cause="The authorization request asks for SMART scopes and has no `aud` (it is missing): SMART App Launch demands the base URL of "
        "the FHIR server there, so that a token can't be got for a false one, and the authorization server refuses the request without it.",
        help=f"In the app, send `aud` with the FHIR server's base URL{f', `{base[:160]}`,' if base else ''} in the authorization request "
        "(in an EHR launch it is the `iss` that the launch came with), to the letter.",
        evidence=(
            asked.evidence(".aud", expected=base or "the FHIR server's base URL", got="missing"),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
        certainty=Certainty.CERTAIN if _names_audience(refusal) else Certainty.LIKELY,
    )


@rule(Section("SMART App Launch", "Obtain authorization code"), explains=_FOLDED)
def smart_audience_differs(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The aud of a request for health records is not the FHIR server's base URL."""
    refusal = _refusal(asked, returned)
    sent = str(asked.sent.raw("aud") or "")
    if refusal is None or not sent or _names_other(refusal):
        return
    bases = _bases(scene)
    if sent in bases or not (bases or _names_audience(refusal)):
        return
    right = f"`{bases[0][:160]}`" if bases else "the base URL at which its resources are read"
    yield Found(
        cause=f"The authorization request names `{sent[:160]}` as `aud`, and the FHIR server's base URL is {right}: the two must be equal, "
        "path included.",
        help=f"In the app, send {right} as `aud` (in an EHR launch the `iss` that the launch came with): the URL to which `/Patient` and "
        "`/metadata` are appended, with `/fhir/R4` or whatever path belongs to it, and not the host alone.",
        evidence=(
            asked.evidence(".aud", expected=bases[0] if bases else "the FHIR server's base URL", got=sent[:200]),
            refusal.seen.evidence(refusal.place, got=refusal.words[:200]),
        ),
        certainty=Certainty.LIKELY,
    )
