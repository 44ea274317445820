"""The practice provider and a person at its pages, in memory: partners for a rehearsal.

Here: the provider's state, its clock, which only waiting moves, the browser's way to the callback. Not here: the rehearsal
(`flows.rehearsal`), the provider behind sockets (`serve`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from oauthctl.errors import BadAnswer
from oauthctl.flows.steps import AwaitPing, Offer, Show
from oauthctl.http import Headers, Request, Response, get_request
from oauthctl.jose.certificate import thumbprint
from oauthctl.jose.jwk import Jwk
from oauthctl.provider import request_reference
from oauthctl.provider.answers import Endpoint
from oauthctl.provider.client import Client, practice_clients, practice_users
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.second_factor import CODE
from oauthctl.provider.state import new_state, with_legacy
from oauthctl.provider.switched import Switched
from oauthctl.shell.doorway import Doorway
from oauthctl.shell.paste import handed_over
from oauthctl.shell.scripted_user import ScriptedUser

_USERNAME = "alice"
_WAITS = 2


class PracticePartners:
    """Answers as `oauthctl serve` does, the same each time but for keys that nobody gave it; alice signs in and agrees."""

    def __init__(
        self, issuer: str, *, secret: str, redirect_uri: str, at: datetime, clients: tuple[Client, ...] = (), keys: tuple[Jwk, ...] = ()
    ) -> None:
        known = (*practice_clients(secret=secret), *clients)
        self._state = with_legacy(new_state(issuer, clients=known, users=practice_users(), keys=keys))
        self._handler: Endpoint = handle
        self._certificate = b""
        self._redirect_uri = redirect_uri
        self._at = at
        self._count = 0
        self._offer: Offer | None = None
        self._fetched: list[tuple[Request, Response]] = []
        self._page = ""
        self._waited = 0
        self._other: tuple[str, PracticePartners] | None = None

    def answer(self, request: Request) -> Response:
        """What the provider answers, or the API that is there, too."""
        if self._other is not None and request.url.startswith(f"{self._other[0]}/"):
            return self._other[1].answer(request)
        self._count += 1
        # Nobody is kept out by this randomness, and nobody has to be: nothing of it leaves the process.
        shown = self._certificate if self._state.mtls_origin and request.url.startswith(f"{self._state.mtls_origin}/") else b""
        moment = Moment(self._at, hashlib.sha256(str(self._count).encode()).digest(), shown)
        self._fetch_request(request, moment)
        self._state, response = self._handler(self._state, request, moment)
        if request.path == self._state.endpoints.backchannel:
            # What a telephone would ring for; the person looks at the page by and by.
            self._page, self._waited = self._state.url(self._state.endpoints.approvals), 0
        return response

    def offered(self, offer: Offer) -> None:
        """As `Partners`: the provider may fetch this."""
        self._offer = offer

    def fetched(self) -> tuple[tuple[Request, Response], ...]:
        """As `Partners`: what the provider came for."""
        news, self._fetched = tuple(self._fetched), []
        return news

    def _fetch_request(self, request: Request, moment: Moment) -> None:
        """As who serves does: the provider itself fetches nothing."""
        uri = request_reference.needed(self._state, request, moment)
        if not uri or self._offer is None:
            return
        asked = get_request(uri.partition("#")[0], accept=self._offer.content_type)
        given = Response(200, Headers.of({"Content-Type": self._offer.content_type}), self._offer.body)
        if (asked, given) not in self._fetched:
            # It comes again for each of its pages, which says nothing of the flow.
            self._fetched.append((asked, given))
        self._state = request_reference.fetched(self._state, request, given, moment)

    @property
    def certificate(self) -> str:
        """As `Partners`: the thumbprint of what is shown."""
        return thumbprint(self._certificate) if self._certificate else ""

    def follow(self, handler: Endpoint) -> None:
        """From now on this answers in the provider's place."""
        self._handler = handler

    @property
    def faults(self) -> tuple[Switched, ...]:
        """The faults that the provider has, with how often each had an occasion and struck."""
        return self._state.faults

    def misbehave(self, *faults: Switched) -> None:
        """From now on the provider has these faults, and no others."""
        self._state = replace(self._state, faults=faults)

    def trust(self, issuer: str, key: Jwk) -> None:
        """From now on the provider takes what this issuer says of people by its public key."""
        self._state = replace(self._state, trusted_issuers={issuer: (key,)})

    def know(self, issuer: str, other: PracticePartners) -> None:
        """From now on requests to this issuer reach the other one; the person is the same."""
        self._other = issuer, other

    def trust_attester(self, issuer: str, key: Jwk) -> None:
        """From now on the provider speaks drafts, and takes what this attester says of clients by its public key."""
        self._state = replace(self._state, is_experimental=True, trusted_attesters={issuer: (key,)})

    def show_certificate(self, certificate: bytes, *, mtls_origin: str) -> None:
        """From now on the provider sees this certificate (DER) of the client in the TLS handshakes at this origin."""
        self._certificate = certificate
        self._state = replace(self._state, mtls_origin=mtls_origin)

    def come_back(self, url: str) -> Request:
        """The request to the redirect URI, after the pages."""
        left = self._walk(url)
        if left is None:
            raise BadAnswer("the browser does not come back to the redirect URI", slug="no-callback")
        return handed_over(left.url) if "#" in left.url else left

    def shown(self, step: Show) -> None:
        """The person takes the code to another device."""
        self._page, self._waited = step.complete_uri or step.verification_uri, 0

    def notified(self, step: AwaitPing) -> Request:
        """The person decides, and the provider tells the client."""
        self._at += timedelta(seconds=_WAITS)
        self._walk(self._page)
        self._page, waiting = "", self._state.outgoing
        self._state = replace(self._state, outgoing=())
        if not waiting:
            raise BadAnswer(f"the provider tells nobody at {step.place}", slug="no-notification")
        return waiting[0].request

    def wait(self, seconds: float) -> None:
        """Time passes; the person is done at the second time, so that one poll comes too early."""
        self._at += timedelta(seconds=seconds)
        self._waited += 1
        if self._page and self._waited == _WAITS:
            self._walk(self._page)

    def _walk(self, url: str) -> Request | None:
        """What the person does there: sign in, agree; the request with which the browser left, if it did."""
        doorway = Doorway(self.answer, is_inside=lambda request: request.url.partition("#")[0].partition("?")[0] != self._redirect_uri)
        ScriptedUser(_USERNAME, _USERNAME, sender=doorway, code=CODE, may_visit=lambda _: True).walk(url)
        return doorway.left
