"""Who takes part in a recording, and from whom to whom an exchange goes, as the terminal's diagram tells it.

Here: the names of the lifelines and which of them a message runs between. Not here: drawing them (`sequence`), the cast of the HTML
report (`report.lanes`).
"""

from __future__ import annotations

from oauthctl.http import origin
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.transaction import known_purpose
from oauthctl.views.person_elsewhere import begins_elsewhere

YOU = "you"
BROWSER = "browser"
OAUTHCTL = "oauthctl"
APPLICATION = "application"
SERVER = "authorization server"
API = "API"
PARTICIPANTS = (YOU, OAUTHCTL, SERVER, API)

_API_PURPOSES = (purposes.API, purposes.RESOURCE_METADATA)
_SERVER_PURPOSES = (purposes.AUTHORIZATION, purposes.TOKEN, purposes.DISCOVERY, purposes.JWKS)
_OF_COMMAND = {
    "login": (YOU, OAUTHCTL, SERVER),
    "logout": (YOU, OAUTHCTL, SERVER),
    "demo": PARTICIPANTS,
    "call": (OAUTHCTL, SERVER, API),
    "replay": (OAUTHCTL, SERVER, API),
}
"""Who may come to take part in what a command does: a diagram that is drawn meanwhile has to begin with all of them."""


class Lanes:
    """The lifelines by their numbers.

    Requests go to the API for the purposes `api` and `resource-metadata` and for origins that were asked so before, to the application for
    callbacks that a browser sent there and for its origins, else to the authorization server.
    """

    def __init__(self, participants: tuple[str, ...], applications: frozenset[str] = frozenset()) -> None:
        self.participants = participants
        self._applications = applications
        self._apis: set[str] = set()
        self._servers: set[str] = set()

    def ends(self, exchange: Exchange) -> tuple[int, int]:
        """From whom to whom the request goes."""
        match exchange.channel:
            case Channel.BROWSER:
                return self.browser, self._target(exchange)
            case Channel.CALLBACK if known_purpose(exchange) in purposes.FROM_SERVER:
                return self._lane(SERVER, 0), self.tool
            case Channel.CALLBACK:
                return self.browser, self._lane(OAUTHCTL, self._lane(APPLICATION, 0))
            case Channel.WIRE:
                return self.tool, self._target(exchange)

    @property
    def tool(self) -> int:
        """Who sends by itself."""
        return self._lane(OAUTHCTL, 0)

    @property
    def person(self) -> int | None:
        """The person's own lifeline, if there is one."""
        return self.participants.index(YOU) if YOU in self.participants and OAUTHCTL in self.participants else None

    @property
    def server(self) -> int:
        """The authorization server."""
        return self._lane(SERVER, len(self.participants) - 1)

    @property
    def browser(self) -> int:
        """Who follows the addresses that it is handed."""
        return self._lane(YOU, self._lane(BROWSER, 0))

    def _target(self, exchange: Exchange) -> int:
        place = _origin(exchange.request.url)
        purpose = known_purpose(exchange)
        if purpose in _API_PURPOSES:
            self._apis.add(place)
        elif purpose in _SERVER_PURPOSES:
            # Where both are at one origin, what has no name is a page of the sign-in.
            self._servers.add(place)
        last = len(self.participants) - 1
        if purpose == purposes.CALLBACK or (purpose == "" and place in self._applications):
            return self._lane(APPLICATION, self._lane(SERVER, last))
        is_api = purpose in _API_PURPOSES or (purpose == "" and place in self._apis - self._servers)
        return self._lane(API, last) if is_api else self._lane(SERVER, last)

    def _lane(self, name: str, otherwise: int) -> int:
        return self.participants.index(name) if name in self.participants else otherwise


def participants_of(recording: Recording, *, is_over: bool = False) -> tuple[str, ...]:
    """The lifelines that a recording needs, from left to right; those of its command are there from the start.

    A person who did not come to take part has none where it `is_over`.
    """
    exchanges = recording.exchanges
    is_capture = bool(exchanges) and not recording.tool_version
    expected = () if is_capture else _OF_COMMAND.get(recording.command, ())
    if is_capture:
        # A browser's capture: what it sent itself was seen on the wire.
        left: tuple[str, ...] = (BROWSER,)
    else:
        has_person = (YOU in expected and not is_over) or any(
            _is_of_browser(exchange) or begins_elsewhere(exchange) for exchange in exchanges
        )
        left = (YOU, OAUTHCTL) if has_person else (OAUTHCTL,)
    asked = {known_purpose(exchange) for exchange in exchanges}
    if is_capture and purposes.CALLBACK in asked:
        left = (*left, APPLICATION)
    asked -= {purposes.CALLBACK}
    apis = asked & {*_API_PURPOSES}
    has_server = SERVER in expected or bool(asked - apis) or not exchanges
    return (*left, *((SERVER,) if has_server else ()), *((API,) if apis or API in expected else ()))


def _is_of_browser(exchange: Exchange) -> bool:
    return exchange.channel is not Channel.WIRE and known_purpose(exchange) not in purposes.FROM_SERVER


def applications_of(recording: Recording) -> frozenset[str]:
    """The origins at which a browser delivered answers, and that are no authorization server's."""
    places: dict[bool, set[str]] = {True: set(), False: set()}
    for exchange in recording.exchanges if not recording.tool_version else ():
        purpose = known_purpose(exchange)
        if purpose == purposes.CALLBACK or purpose in _SERVER_PURPOSES:
            places[purpose == purposes.CALLBACK].add(_origin(exchange.request.url))
    return frozenset(places[True] - places[False])


def _origin(url: str) -> str:
    try:
        return origin(url)
    except ValueError:
        return ""
