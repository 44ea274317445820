"""What the rules find wrong in the requests that a provider received.

Here: the requests as a recording, and on which of them one verdict rests. Not here: keeping requests (`request_log`, `practice_server`),
any rule.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from oauthctl.findings import Finding, Severity
from oauthctl.http import Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.purposes import fragment_of, posted_fields, purpose_of, query_of
from oauthctl.record.transaction import is_asked_in_form

if TYPE_CHECKING:
    from oauthctl.rules.diagnosis import Diagnosis

_PURPOSES = {
    "metadata": purposes.DISCOVERY,
    "resource_metadata": purposes.RESOURCE_METADATA,
    "authorize": purposes.AUTHORIZATION,
    "token": purposes.TOKEN,
    "jwks": purposes.JWKS,
    "userinfo": purposes.USERINFO,
    "pushed": purposes.PUSHED_AUTHORIZATION,
    "device_authorization": purposes.DEVICE_AUTHORIZATION,
    "backchannel": purposes.BACKCHANNEL_AUTHENTICATION,
    "introspect": purposes.INTROSPECTION,
    "revoke": purposes.REVOCATION,
    "end_session": purposes.LOGOUT,
}
"""What a request is for whose content does not tell, by the endpoint that it came to."""
_ONE_USE = ("code", "refresh_token", "device_code", "auth_req_id", "request_uri", "client_assertion", "assertion", "subject_token", "token")
"""Parameters whose value says that two requests are about the same thing."""

_OF_PEOPLE = frozenset(("user-denied", "device-sign-in-denied", "backchannel-sign-in-denied", "password-wrong"))
"""Rules for what a person did at the pages."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came, the endpoint that it was for (`token`, `authorize`, `metadata` …; empty for all else), and what was answered."""

    endpoint: str
    request: Request
    response: Response
    at: datetime


def diagnosed(received: Iterable[Received], issuer: str) -> Diagnosis:
    """What the rules find in the requests and their answers, as far as a server sees them; exchanges are numbered as they came, from 1.

    What a person mistypes at the provider's pages is left out: that they are asked again refuses nothing that the client did.
    """
    from oauthctl.record.material import Material
    from oauthctl.rules.diagnosis import diagnose
    from oauthctl.rules.evidence import scene_of

    came = tuple(received)
    is_found = any(one.endpoint == "metadata" and one.response.status == 200 for one in came)
    exchanges = tuple(
        _exchange(number, one)
        for number, one in enumerate(came, 1)
        if (one.endpoint and not _asks_person_again(one)) or (_is_missed(one) and not (is_found and "/.well-known/" in one.request.path))
    )
    recording = Recording(exchanges, issuer=issuer)
    return diagnose(scene_of(Material("recording", recording), now=None, salt=secrets.token_bytes(24)))


def of_client(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """What is wrong in what the client sent, the root cause first; notes, and what a person decided at the pages, are left out."""
    return tuple(one for one in diagnosis.findings if one.severity is not Severity.NOTE and one.rule not in _OF_PEOPLE)


def wrong_with_last(received: tuple[Received, ...], issuer: str) -> tuple[tuple[str, str], ...]:
    """The rules that find something which shows in the last of these requests, and what each says.

    Other requests that were refused have verdicts of their own, which must not become this one's: of these only such count as are about
    the same code or token, and of the sign-ins those that brought a code.
    """
    *earlier, last = received
    known = (*_beside(last, earlier), last)
    return tuple(
        (finding.rule, finding.message)
        for finding in of_client(diagnosed(known, issuer))
        if max((one.exchange or 0 for one in finding.evidence), default=0) == len(known)
    )


def _beside(last: Received, earlier: Iterable[Received]) -> Iterator[Received]:
    """The earlier requests that a verdict on this one may rest on."""
    own, came = _about(last.request), tuple(earlier)
    sign_ins = {_query(last.request), *(_query(one.request) for one in came if "code" in _answered(one.response))}
    for one in came:
        is_own = not _is_refused(one.response) or bool(own & _about(one.request))
        if is_own and (one.endpoint != "authorize" or _query(one.request) in sign_ins):
            yield one


def _exchange(number: int, one: Received) -> Exchange:
    is_asking = one.request.method in ("OPTIONS", "HEAD")
    purpose = purpose_of(one.request, one.response) or ("" if is_asking else _PURPOSES.get(one.endpoint, ""))
    return Exchange(number, purpose, Channel.WIRE, one.request, one.at, response=one.response)


def _asks_person_again(one: Received) -> bool:
    """Whether what a person filled in at the authorization endpoint is answered with a page once more."""
    is_form = one.endpoint == "authorize" and one.request.method == "POST" and not is_asked_in_form(one.request)
    return is_form and one.response.status // 100 != 3


def _is_missed(one: Received) -> bool:
    """Whether it was meant for an endpoint that is not there; clients look in several places for metadata until they find it."""
    return not one.endpoint and one.response.status == 404


def _is_refused(response: Response) -> bool:
    return response.status >= 400 or "error" in _answered(response)


def _answered(response: Response) -> frozenset[str]:
    """The names of the parameters that a redirect brings."""
    location = response.headers.get("location") or ""
    return frozenset(name for name, _ in (*query_of(location), *fragment_of(location)))


def _query(request: Request) -> str:
    """What an authorization request asks for, as it was written: the forms of its pages are sent to the same URL."""
    return request.url.partition("?")[2]


def _about(request: Request) -> frozenset[str]:
    """The codes and tokens that a request is about, its DPoP proof among them."""
    fields = (*query_of(request.url).pairs, *posted_fields(request))
    sent = (request.headers.get("dpop"), *(value for name, value in fields if name in _ONE_USE))
    return frozenset(value for value in sent if isinstance(value, str) and value)
