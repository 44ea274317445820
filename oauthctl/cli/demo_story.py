"""The demo's story: every step is carried out for real and held against what has to come of it.

Here: the order of the steps and what each one must show. Not here: how they are drawn (`demo`), the flows themselves (`flows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from oauthctl.errors import CheckFailed, NoAnswer, OauthctlError, Refused
from oauthctl.findings import Outcome
from oauthctl.flows.api_call import Called, call
from oauthctl.flows.authorization_code import SignedIn, SignIn, sign_in
from oauthctl.flows.discovery import discover, discover_resource
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import Granted, grant
from oauthctl.http import Params, get_request
from oauthctl.messages.challenge import bearer_challenge
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.views.lines import Style

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.provider.state import ProviderState

SCOPE = ("openid", "profile", "items.read", "offline_access")
TOKEN_SECONDS = 300
CODE_SECONDS = 600
"""The longest that RFC 6749 section 4.1.2 recommends: the replayed code is refused because it was used, not because it expired."""
API_PATH = "/api/items"


@dataclass(slots=True)
class Clock:
    """The time of the provider and of oauthctl, which the demo moves on together."""

    real: Callable[[], datetime]
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The time in the story."""
        return self.real() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        self.ahead += timedelta(seconds=seconds)


def story_state(issuer: str) -> ProviderState:
    """The provider in which the story takes place."""
    from secrets import token_urlsafe

    from oauthctl.provider.client import practice_clients, practice_users
    from oauthctl.provider.state import new_state

    clients = practice_clients(secret=token_urlsafe(24))
    return replace(new_state(issuer, clients=clients, users=practice_users(), token_seconds=TOKEN_SECONDS), code_seconds=CODE_SECONDS)


class Story:
    """The whole life of a token. `note` draws a remark; `chapters` get the titles of steps that begin within a flow, by their purpose.

    `play` raises `CheckFailed`, which names the step, as soon as anything is not as it has to be.
    """

    def __init__(
        self, session: Session, clock: Clock, *, issuer: str, note: Callable[[str, Style], None], is_scripted: bool = True
    ) -> None:
        self._session = session
        self._clock = clock
        self._api = issuer + API_PATH
        self._issuer = issuer
        self._note = note
        self._who = "A scripted user goes to the sign-in page" if is_scripted else "The sign-in page is for you"
        self._client = Client("public")
        self.chapters: dict[str, str] = {}

    def play(self) -> None:
        """The story from the first refusal to the last."""
        metadata = self._find_server()
        plan, signed_in = self._sign_in(metadata)
        granted = signed_in.granted
        with self._step("The access token opens the API"):
            self._expect_status(self._call(granted), 200)
        renewed = self._outlive(metadata, granted)
        self._replay(metadata, plan, renewed)
        self._revoke(metadata, renewed)

    def _find_server(self) -> ProviderMetadata:
        with self._step("A call without a token: the API refuses, and tells where to look"):
            refused = self._session.run(send(get_request(self._api), "api"))
            challenge = bearer_challenge(refused.response) if refused.response else None
            _expect(refused.response is not None and refused.response.status == 401, "the API answers with 401")
            where = challenge.get("resource_metadata") if challenge else ""
            _expect(bool(where), "its WWW-Authenticate names the metadata of the API")
            resource = self._session.run(discover_resource(self._api, url=where))
            servers = (resource.authorization_servers if resource else None) or ()
            _expect(servers == (self._issuer,), "the API's metadata names its authorization server")
            return self._session.run(discover(servers[0])).metadata

    def _sign_in(self, metadata: ProviderMetadata) -> tuple[SignIn, SignedIn]:
        world = self._session.world
        listener = world.listener
        plan = SignIn(
            metadata=metadata,
            client=self._client,
            redirect_uri=listener.redirect_uri if listener else "",
            state=world.token(24),
            nonce=world.token(24),
            code_verifier=world.token(48),
            scope=SCOPE,
        )
        self.chapters["token"] = "The code is traded for tokens; its verifier proves that we asked"
        with self._step(f"{self._who}; PKCE ties the answer to this run"):
            signed_in = self._signed_in(plan)
            _expect(bool(signed_in.granted.response.refresh_token), "a refresh token comes along")
            passed = [one.check.replace("_", " ") for one in signed_in.verdicts if one.outcome is Outcome.PASS]
            _expect("signature" in passed and "nonce" in passed, "the ID token's signature and nonce are verified")
        claims = (signed_in.id_token.claims if signed_in.id_token else None) or {}
        who = claims.get("preferred_username") or claims.get("sub")
        self._note(f"ID token verified ({', '.join(passed)}): you are {who}", "success")
        return plan, signed_in

    def _signed_in(self, plan: SignIn) -> SignedIn:
        from oauthctl.jose.jwt import take_apart
        from oauthctl.shell.callback_page import Page, failure_page
        from oauthctl.shell.driver import finish

        try:
            signed_in = self._session.run(sign_in(plan))
        except OauthctlError as error:
            finish(self._session.world, failure_page(error))
            raise
        claims = take_apart(signed_in.granted.response.id_token or "").claims or {}
        facts = (("Issuer", self._issuer), ("Subject", str(claims.get("sub", ""))))
        text = "The demo goes on in the terminal and throws the tokens away at its end. You can close this window."
        finish(self._session.world, Page("You are signed in", (text,), facts, "good"))
        return signed_in

    def _outlive(self, metadata: ProviderMetadata, granted: Granted) -> Granted:
        self._clock.advance(TOKEN_SECONDS + 1)
        with self._step("5 minutes pass (the demo moves its clock): the token expires", "warning"):
            late = self._call(granted)
            self._expect_status(late, 401)
            _expect(late.wants_fresh_token, "the API says `invalid_token`")
        with self._step("The refresh token gets a new one, and the call is made again"):
            old = granted.response
            endpoint, first = _endpoint(metadata, "token_endpoint"), Original(old.id_token or "")
            flow = refresh(endpoint, old.refresh_token or "", self._client, original=first)
            renewed = self._session.run(flow)
            _expect(renewed.response.access_token != old.access_token, "another access token comes")
            _expect(renewed.response.refresh_token not in (None, old.refresh_token), "the refresh token is rotated")
            self._expect_status(self._call(renewed), 200)
        return renewed

    def _replay(self, metadata: ProviderMetadata, plan: SignIn, renewed: Granted) -> None:
        """Source: RFC 6749 section 4.1.2: a code that comes twice is denied, and what was given for it should be revoked."""
        endpoint = _endpoint(metadata, "token_endpoint")
        with self._step("Somebody replays the used code, even with its verifier: refused", "warning"):
            callback = next(one for one in self._session.world.recording.exchanges if one.purpose == "callback")
            params = Params.of(
                (
                    ("grant_type", "authorization_code"),
                    ("code", callback.request.query.get("code")),
                    ("redirect_uri", plan.redirect_uri),
                    ("code_verifier", plan.code_verifier),
                )
            )
            self._expect_refused(grant(endpoint, params, self._client), "the code is taken once only")
        with self._step("Warned, the server took back all that the code ever gave"):
            flow = refresh(endpoint, renewed.response.refresh_token or "", self._client)
            self._expect_refused(flow, "the refresh token is worthless now")

    def _revoke(self, metadata: ProviderMetadata, renewed: Granted) -> None:
        """Source: RFC 7009 section 2.2: a token that is invalid already is answered with 200, since it is what the client wanted."""
        with self._step(
            "You are done: revocation. The replay has ended the token before; that is answered with 200, too (RFC 7009 section 2.2)"
        ):
            token = renewed.response.access_token or ""
            self._session.run(revoke(_endpoint(metadata, "revocation_endpoint"), token, self._client, hint="access_token"))
        with self._step("The token opens nothing any more"):
            self._expect_status(self._call(renewed), 401)

    def _call(self, granted: Granted) -> Called:
        return self._session.run(call(get_request(self._api), granted.response.access_token or ""))

    def _expect_status(self, called: Called, status: int) -> None:
        _expect(called.status == status, f"the API answers with {status}", got=str(called.status))

    def _expect_refused(self, flow: Flow[Any], expectation: str) -> None:
        try:
            self._session.run(flow)
        except Refused as refused:
            code = str(refused.data.get("oauth_error", ""))
            _expect(code == "invalid_grant", f"{expectation} (`invalid_grant`)", got=code)
            return
        _expect(False, expectation, got="it was granted")

    @contextmanager
    def _step(self, title: str, style: Style = "bold") -> Iterator[None]:
        self._note(title, style)
        try:
            yield
        except OauthctlError as error:
            # That nobody came back tells nothing of what was to be shown.
            kind = NoAnswer if isinstance(error, NoAnswer) else CheckFailed
            raise kind(
                f"the demo did not go as it has to: {error.message}",
                slug=error.slug or "demo-step",
                where=f"step `{title}`" + (f", {error.where}" if error.where else ""),
                sent=error.sent,
                got=error.got,
                spec=error.spec,
                notes=error.notes,
            ) from error


def _expect(is_met: bool, expectation: str, *, got: str = "") -> None:
    if not is_met:
        raise CheckFailed(f"it was expected that {expectation}", slug="demo-step", got=got)


def _endpoint(metadata: ProviderMetadata, name: str) -> str:
    url = metadata.raw(name)
    _expect(isinstance(url, str) and bool(url), f"the metadata names its `{name}`")
    return str(url)
