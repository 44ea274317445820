"""`PracticeServer`: the practice provider for the tests of somebody's client.

Here: a provider that a test scripts: its clients, its people at the pages, its faults, its clock, and what the client sent. Not here: the
fixture that starts one for each test (`pytest_plugin`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from secrets import token_urlsafe
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from oauthctl.errors import BadAnswer, ConfigError, did_you_mean
from oauthctl.findings import Finding
from oauthctl.http import Request, Response, get_request, with_query
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.provider.client import Client, person, practice_clients, practice_users
from oauthctl.provider.decision import W, is_decided
from oauthctl.provider.faults.places import NAMES, place_of
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear as worn_by
from oauthctl.provider.remembered import changes
from oauthctl.provider.scenario_file import read_scenario, shipped, shipped_text
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.practice_person import Person, is_inside
from oauthctl.shell.serve import Server
from oauthctl.shell.verdicts import Received, diagnosed, of_client

if TYPE_CHECKING:
    from oauthctl.rules.diagnosis import Diagnosis

_ANSWERED_BY: Final = {"authorize": "sign_in", "device": "connect_device", "approvals": "answer_approvals", "end_session": "sign_out"}
"""The pages at which a person is asked, and what goes there."""


@cache
def _keys() -> tuple[Jwk, ...]:
    """Keys are slow to make: all servers of one test run share them."""
    return generate("RS256"), generate("ES256")


def dangerous_faults(kind: str = "careful-client") -> tuple[str, ...]:
    """What a careful client must refuse, as `misbehave` takes it; `kind` is one of the scenarios for careful clients, by its name.

    Raises: ValueError, when there is none of this name.
    """
    kinds = [name for name in shipped() if name.startswith("careful-")]
    if kind not in kinds:
        raise ValueError(f"there is no scenario {kind!r} of careful clients; there are {', '.join(kinds)}")
    cases = read_scenario(shipped_text(kind)).cases
    return tuple(dict.fromkeys(fault.slug for case in cases for step in case.steps for fault in step.faults))


def _where(left: Request) -> str:
    """Where the browser goes; what it posts stands in the query."""
    return left.url if left.method == "GET" else with_query(left.url, left.form)


def _count_decided(before: ProviderState, after: ProviderState) -> int:
    """How many requests that waited for a person were decided about from one state to the next."""
    devices, approvals = (before.device_codes, after.device_codes), (before.backchannel_requests, after.backchannel_requests)
    return _count_newly_decided(*devices) + _count_newly_decided(*approvals)


def _count_newly_decided(before: Mapping[str, W], after: Mapping[str, W]) -> int:
    # What is decided may be fetched, or old enough to be forgotten, a moment later: the records that are left tell too little.
    made = ((before.get(key), after[key]) for key in changes(before, after).made)
    return sum(is_decided(new) and not (old is not None and is_decided(old)) for old, new in made)


class PracticeServer:
    """A provider on a loopback port, from `start` (or `with`) to `stop`.

    It has the clients `public`, `web`, `service` and `api` and the users alice and bob, as `oauthctl serve` does. `secret` is that of the
    confidential ones. Passwords are the usernames.
    """

    def __init__(self) -> None:
        self.secret = token_urlsafe(24)
        self._received: list[Received] = []
        self._signed_in: dict[str, Person] = {}
        self._ahead = timedelta()
        self._decisions = 0
        self._server = Server(self._made, handler=self._answer, clock=self._now)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Bind a free port and answer."""
        self._server.start()

    def stop(self) -> None:
        """Answer no more; raises what went wrong inside, if anything did."""
        self._server.stop()

    @property
    def issuer(self) -> str:
        """The issuer: where a client begins with discovery."""
        return self._server.issuer

    def url(self, endpoint: str) -> str:
        """Where an endpoint is, by its name: `token`, `authorize`, `jwks`, `userinfo`, `pushed`, `introspect` …

        Raises: AttributeError, when there is none of this name.
        """
        state = self._server.state
        return state.url(getattr(state.endpoints, endpoint))

    def add_client(self, client_id: str, *redirect_uris: str, secret: str = "", **changes: Any) -> None:
        """Register a client, or replace it; without a secret it is public. `changes` are fields of `provider.client.Client`."""
        scopes = tuple(self._server.state.scopes)
        client = replace(Client(client_id, client_id, secret, redirect_uris=redirect_uris, scopes=scopes), **changes)
        self._server.update(lambda state: replace(state, clients={**state.clients, client_id: client}))

    def add_user(self, username: str, name: str = "", **claims: Any) -> None:
        """Let somebody sign in; the password is the username."""
        user = person(username, name)
        user = replace(user, claims={**user.claims, **claims})
        self._server.update(lambda state: replace(state, users={**state.users, username: user}))

    def change(self, **changes: Any) -> None:
        """Other values of the provider's settings: `token_seconds=5`, `requires_pushed_requests=True` …

        They are the fields of `provider.state.ProviderState`: for how long things are good `token_seconds`, `code_seconds`,
        `refresh_seconds`, `refresh_grace_seconds`, `pushed_seconds`, `device_seconds`, `device_interval`, `backchannel_seconds` and
        `key_seconds`; what is asked of clients `requires_pushed_requests`, `requires_signed_request`, `requires_dpop_nonce` and
        `pkce_methods`; what there is `access_token_format` (`jwt` or `opaque`), `takes_registrations`, `is_legacy` and `acr_values`.

        Raises: AttributeError, when there is none of this name.
        """
        known = [one.name for one in fields(self._server.state)]
        for name in changes:
            if name not in known:
                hint = did_you_mean(get_close_matches(name, known, n=1))
                raise AttributeError(f"the provider has no setting `{name}`" + (f"; {hint}" if hint else ""))
        self._server.update(lambda state: replace(state, **changes))

    def wear(self, persona: str) -> None:
        """Have a known provider's quirks from now on: `github`, `google`, `entra-v2` … (`oauthctl serve --list-personas`).

        `issuer` is that provider's then; one that publishes no metadata is reached at `url` of its endpoints.
        Raises: ConfigError, when there is no such persona; RuntimeError, when one is worn already.
        """
        chosen = persona_named(persona)
        if self._server.state.persona is not None:
            raise RuntimeError("a provider wears one persona, and this one has its own already")
        self._server.update(lambda state: worn_by(state, chosen))

    def misbehave(self, *faults: str) -> None:
        """Have these faults, as `oauthctl serve --fault` writes them, and no others; without any, be well again.

        Raises: ConfigError, when there is no such fault.
        """
        try:
            switched = tuple(read_fault(fault) for fault in faults)
        except ConfigError as error:
            error.add_note(error.help)
            raise
        self._server.update(lambda state: replace(state, faults=switched))

    def advance(self, seconds: float) -> None:
        """Let the provider's clock go on, so that codes and tokens grow old."""
        self._ahead += timedelta(seconds=seconds)

    def sign_in(self, url: str, username: str = "alice", *, is_willing: bool = True) -> str:
        """What a person does at an authorization URL: sign in, say yes (or no); the URL at which the browser leaves the provider.

        For `response_mode=form_post` the answer's parameters stand in that URL's query. Nothing is sent there: that is the test's part.
        Each sign-in has a new browser, which `sign_out` goes on with.

        Raises: BadAnswer, when the pages end before the browser leaves; ValueError, when nobody is called so, or the URL is not one where
        this provider asks somebody to sign in.
        """
        self._check_page(url, "sign_in")
        person = self._person(username)
        left = person.go(url, is_willing=is_willing)
        if left is None:
            raise BadAnswer(f"the browser does not leave the provider: {person.told}", slug="no-callback")
        self._signed_in[username] = person
        return _where(left)

    def connect_device(self, url: str, username: str = "alice", *, user_code: str = "", is_willing: bool = True) -> None:
        """What a person does for a device, at its `verification_uri_complete`, or at its `verification_uri` with the `user_code`.

        Raises: BadAnswer, when no device waits with that code; ValueError, when nobody is called so, or the URL is not one where this
        provider asks for a device.
        """
        self._check_page(url, "connect_device")
        person, before = self._person(username), self._decisions
        person.go(url, is_willing=is_willing, signs_in=True, user_code=user_code)
        if self._decisions == before:
            raise BadAnswer(f"no device was decided about: {person.told}", slug="nothing-decided")

    def answer_approvals(self, username: str = "alice", *, is_willing: bool = True) -> int:
        """What a person does on the page of approvals (CIBA): say yes (or no) to all that clients ask of them; how many there were.

        Raises: BadAnswer, when nothing waits for this person, so that a request that never came is no success; ValueError, when nobody is
        called so.
        """
        person, before = self._person(username), self._decisions
        waiting = sum(one.username == username for one in self._server.state.backchannel_requests.values())
        person.go(self.url("approvals"), is_willing=is_willing, signs_in=True, decisions=waiting)
        count = self._decisions - before
        if not count:
            raise BadAnswer(f"nothing waits for an answer of {username}: {person.told}", slug="nothing-decided")
        return count

    def sign_out(self, url: str, username: str = "alice", *, is_willing: bool = True) -> str:
        """What a person does at the `end_session_endpoint`, in the browser of their last `sign_in`, or in a new one.

        Gives the URL at which the browser leaves the provider; empty where it stays.
        Raises: BadAnswer, when the provider refuses the request; ValueError, when nobody is called so, or the URL is not one where this
        provider signs out.
        """
        self._check_page(url, "sign_out")
        person = self._person(username)
        person = self._signed_in.get(username, person)
        left = person.go(url, is_willing=is_willing)
        if left is None and person.is_refused:
            raise BadAnswer(f"the provider does not sign out: {person.told}", slug="sign-out-refused")
        return _where(left) if left is not None else ""

    @property
    def received(self) -> tuple[Received, ...]:
        """All requests that came, in order, the person's at the pages included."""
        return tuple(self._received)

    def requests(self, endpoint: str) -> tuple[Request, ...]:
        """The requests for one endpoint, in order.

        Raises: ValueError, when there is no such endpoint, so that a slip of the pen is not taken for silence.
        """
        if endpoint not in NAMES:
            raise ValueError(f"there is no endpoint {endpoint!r}; there are {', '.join(NAMES)}")
        return tuple(one.request for one in self._received if one.endpoint == endpoint)

    def diagnosis(self) -> Diagnosis:
        """What `oauthctl diagnose` finds in the requests that came and their answers, as far as a server sees them."""
        return diagnosed(self._received, self.issuer)

    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in what the client sent, the root cause first.

        Notes are left out, and what a person did: that somebody said no is nothing that a client has done wrong (`diagnosis` has it).
        """
        return of_client(self.diagnosis())

    def problems(self) -> tuple[str, ...]:
        """The findings as `slug: title. Cause`, which reads well where an assertion fails."""
        return tuple(f"{finding.rule}: {finding.message}. {finding.cause}" for finding in self.findings())

    def forget(self) -> None:
        """Forget the requests that came so far."""
        self._received.clear()

    def _person(self, username: str) -> Person:
        if username not in self._server.state.users:
            raise ValueError(f"there is no user {username!r}; let one sign in with `add_user`")
        return Person(username, self._server)

    def _check_page(self, url: str, asker: str) -> None:
        """Refuse a URL that a person would not be asked at: a test with a wrong one must not go on as if all were well."""
        shown = url.partition("?")[0]
        if not is_inside(url, self._server):
            raise ValueError(f"{shown!r} is no URL of this provider, which is at {self._server.url}")
        asks = _ANSWERED_BY.get(place_of(self._server.state, get_request(url)), asker)
        if asks != asker:
            raise ValueError(f"at {shown!r} a person does what `{asks}` is for")

    def _made(self, issuer: str) -> ProviderState:
        return new_state(issuer, clients=practice_clients(secret=self.secret), users=practice_users(), keys=_keys())

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def _answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        after, response = handle(state, request, moment)
        self._decisions += _count_decided(state, after)
        self._received.append(Received(place_of(state, request), request, response, moment.now))
        return after, response
