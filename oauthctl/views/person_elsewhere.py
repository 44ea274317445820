"""What the person does on another device, as far as the messages tell: no browser of ours goes there.

Here: the part of the person in a device authorization and in a backchannel authentication. Not here: drawing it (`sequence`,
`report.lanes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from oauthctl.messages.answer import read_answer
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.record.transaction import known_purpose

_BEGINNINGS = (purposes.DEVICE_AUTHORIZATION, purposes.BACKCHANNEL_AUTHENTICATION)
_GRANTS = ("device_code", "ciba")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing between the person and oauthctl or the server, of which only what oauthctl shows is seen here.

    `is_first` goes before the answer, or before the notification that the person's decision sets off.
    """

    kind: Literal["shown", "asked", "decided"]
    text: str
    is_first: bool = False


def part_of(exchange: Exchange, *, is_pinged: bool = False) -> Part | None:
    """What goes along with an exchange. `is_pinged`: a notification told of the decision already, so that no token request tells it."""
    purpose, response = known_purpose(exchange), exchange.response
    if purpose == purposes.NOTIFICATION:
        return Part("decided", "decides on another device", is_first=True)
    if response is None:
        return None
    members = dict(read_answer(response).fields)
    if purpose == purposes.DEVICE_AUTHORIZATION and response.status == 200 and members.get("user_code"):
        return Part("shown", "shows the page and the code")
    if purpose == purposes.BACKCHANNEL_AUTHENTICATION and response.status == 200 and members.get("auth_req_id"):
        return Part("asked", "asks on another device")
    grant = (exchange.request.form.get("grant_type") or "").rpartition(":")[2]
    if purpose != purposes.TOKEN or grant not in _GRANTS or is_pinged:
        return None
    if response.status == 200 and members.get("access_token"):
        return Part("decided", "has agreed on another device", is_first=True)
    return Part("decided", "has refused on another device", is_first=True) if members.get("error") == "access_denied" else None


def begins_elsewhere(exchange: Exchange) -> bool:
    """Whether a person on another device takes part from here on."""
    return known_purpose(exchange) in _BEGINNINGS
