"""Answers that lack what the next step needs: of a device, a backchannel authentication, a pushed request, a registration.

Here: required members. Not here: the token endpoint's answer (`token_response`), what is refused (the rules of the requests).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import PushedAuthorizationRequest
from oauthctl.messages.backchannel import BackchannelAuthenticationRequest
from oauthctl.messages.device import DeviceAuthorizationRequest
from oauthctl.messages.param import Message, number
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section


@rule(Section("RFC 8628", "3.2"))
def device_answer_incomplete(asked: Seen[DeviceAuthorizationRequest]) -> Iterator[Found]:
    """The device authorization response lacks a member that is required."""
    yield from _lacking(asked, "device authorization", ("device_code", "user_code", "verification_uri", "expires_in"))


@rule(Section("OIDC CIBA", "7.3"))
def backchannel_answer_incomplete(asked: Seen[BackchannelAuthenticationRequest]) -> Iterator[Found]:
    """The backchannel authentication response lacks a member that is required."""
    yield from _lacking(asked, "backchannel authentication", ("auth_req_id", "expires_in"))


@rule(Section("RFC 9126", "2.2"))
def pushed_answer_incomplete(asked: Seen[PushedAuthorizationRequest]) -> Iterator[Found]:
    """The pushed authorization response lacks a member that is required."""
    yield from _lacking(asked, "pushed authorization", ("request_uri",))


@rule(Section("RFC 7591", "3.2.1"))
def registration_answer_incomplete(asked: Seen[RegistrationRequest]) -> Iterator[Found]:
    """The registration's answer lacks the client's identifier."""
    yield from _lacking(asked, "client registration", ("client_id",))


def _lacking(asked: Seen[Message], name: str, wanted: tuple[str, ...]) -> Iterator[Found]:
    members = asked.reply.members
    if asked.reply.status // 100 != 2 or asked.reply.error or not members:
        return
    # Google's older name, which clients know.
    known = members.keys() | ({"verification_uri"} if "verification_url" in members else set())
    missing = [one for one in wanted if one not in known or members.get(one) in ("", None)]
    missing = [one for one in missing if one != "verification_uri" or not members.get("verification_url")]
    yield from _of_wrong_type(asked, name, tuple(one for one in wanted if one not in missing and one != "expires_in"))
    if not missing:
        yield from _over_at_once(asked, name)
        return
    names = " and ".join(f"`{one}`" for one in missing)
    yield Found(
        cause=f"The {name} response lacks {names}, which {'is' if len(missing) == 1 else 'are'} required: the client can't take the next "
        "step without.",
        help="At the provider, or in whatever rewrites its answers, send all required members under their own names; in the client, check "
        "that the URL is that of this very endpoint.",
        evidence=(asked.evidence(f"response.body.{missing[0]}", expected="a value", got="missing"),),
    )


def _over_at_once(asked: Seen[Message], name: str) -> Iterator[Found]:
    """A lifetime that leaves no time at all."""
    seconds = number(asked.reply.members.get("expires_in"))
    if seconds is not None and seconds <= 0:
        yield Found(
            cause=f"The `expires_in` of the {name} response is {seconds:g}, and has to be a positive number of seconds: what came with it "
            "is over before anybody could use it.",
            help="At the provider, set the lifetime of these codes or requests to some minutes, and look at what computes `expires_in`.",
            evidence=(asked.evidence("response.body.expires_in", expected="a positive number", got=f"{seconds:g}"),),
        )


def _of_wrong_type(asked: Seen[Message], name: str, strings: tuple[str, ...]) -> Iterator[Found]:
    """What goes back to the server to the letter: a number that is written anew may be another one."""
    kinds = asked.facts.get("no_strings")
    for one in strings:
        if isinstance(kinds, dict) and one in kinds:
            yield Found(
                cause=f"The type of `{one}` in the {name} response is {kinds[one]}, and has to be string: the client must send it back as "
                "it came, to the letter.",
                help=f"At the provider, write `{one}` as a JSON string.",
                evidence=(asked.evidence(f"response.body.{one}", expected="string", got=str(kinds[one])),),
            )
            return
