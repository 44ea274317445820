"""The notification of CIBA's ping mode: what the client asked to be shown, and what it was shown.

Here: OpenID Connect CIBA Core 1.0 sections 7.1 and 10.2. Not here: asking for the outcome (`token_request`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.backchannel import BackchannelAuthenticationRequest, BackchannelAuthenticationResponse, BackchannelNotification
from oauthctl.messages.param import Message
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import says
from oauthctl.specs import Section

_PING = Section("OIDC CIBA", "10.2")
_Asked = Seen[BackchannelAuthenticationRequest]


@rule(_PING)
def notification_token_missing(told: Seen[BackchannelNotification], scene: Scene) -> Iterator[Found]:
    """The notification of the decision shows no token."""
    asked = _latest(told, scene)
    if asked is None or _shown(told):
        return
    yield Found(
        cause="The CIBA notification shows no bearer token in `Authorization`: the client can't tell whether the provider sent it, and has "
        "to refuse it.",
        help="In the provider, send the `client_notification_token` of the backchannel authentication request as bearer token; a proxy "
        "before the client's notification endpoint must leave `Authorization` in.",
        evidence=(
            told.evidence("request.headers.Authorization", expected="Bearer, with the client_notification_token", got="nothing"),
            asked.evidence(".client_notification_token", got="what is to be shown"),
        ),
    )


@rule(_PING)
def notification_token_differs(told: Seen[BackchannelNotification], scene: Scene) -> Iterator[Found]:
    """The notification shows another token than the client sent."""
    asked, shown = _latest(told, scene), _shown(told)
    if asked is None or not shown or any(shown == one.sent.client_notification_token for one in _pinged(told, scene)):
        return
    yield Found(
        cause="The CIBA notification shows a bearer token that is not the `client_notification_token` of any request of this client: "
        "somebody else sent it, or the provider keeps the token of another request.",
        help="In the client, let no token request follow from such a notification. If it is the provider's, let it show the "
        "`client_notification_token` of the very request that was decided on.",
        evidence=(
            told.evidence("request.headers.Authorization", expected="the client_notification_token", got="another token"),
            asked.evidence(".client_notification_token", got="what was to be shown"),
        ),
    )


@rule(_PING)
def notification_request_differs(told: Seen[BackchannelNotification], scene: Scene) -> Iterator[Found]:
    """The notification names another request than its token belongs to."""
    named = told.sent.auth_req_id
    owner = next((one for one in reversed(_pinged(told, scene)) if one.sent.client_notification_token == _shown(told)), None)
    if owner is None or not named or not isinstance(owner.back, BackchannelAuthenticationResponse):
        return
    if not owner.back.auth_req_id or owner.back.auth_req_id == named:
        return
    yield Found(
        cause="The CIBA notification shows the right token and names another `auth_req_id` than the provider gave for the request with "
        "this token.",
        help="In the provider, send the `auth_req_id` and the `client_notification_token` of one and the same request; in the client, use "
        "a fresh token for each request.",
        evidence=(
            told.evidence(".auth_req_id", expected="the auth_req_id of the request with this token", got="another"),
            owner.evidence("response.body.auth_req_id", got="what was to be named"),
        ),
    )


@rule(_PING)
def notification_unreadable(told: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The notification does not name the request that was decided on."""
    shown = _shown(told)
    is_notification = bool(shown) and any(shown == one.sent.client_notification_token for one in _pinged(told, scene))
    if not is_notification or (isinstance(told.sent, BackchannelNotification) and told.sent.auth_req_id):
        return
    yield Found(
        cause="The CIBA notification holds no `auth_req_id`: its body has to be a JSON object with this member, so that the client knows "
        "which request was decided on.",
        help='In the provider, send `{"auth_req_id": "…"}` as `application/json`.',
        evidence=(told.evidence("request.body", expected="a JSON object with auth_req_id", got="none"),),
    )


@rule(Section("OIDC CIBA", "7.1"))
def notification_token_not_sent(asked: Seen[BackchannelAuthenticationRequest]) -> Iterator[Found]:
    """A client in ping mode sends no token for its notifications."""
    if asked.sent.client_notification_token or not asked.reply.failed or not says(asked, r"client_notification_token"):
        return
    yield Found(
        cause="The backchannel authentication request has no `client_notification_token`, and the provider knows the client as one that is "
        "notified (`backchannel_token_delivery_mode` ping or push): there the parameter is required.",
        help="In the client, send a fresh `client_notification_token` with each request (oauthctl: `--notification-endpoint URL`), or "
        "register it for the mode poll.",
        evidence=(asked.evidence(".client_notification_token", expected="a token", got="nothing"),),
        certainty=Certainty.LIKELY,
    )


def _shown(told: Seen[Message]) -> str:
    scheme, _, token = told.request_header("authorization").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _pinged(told: Seen[Message], scene: Scene) -> tuple[_Asked, ...]:
    """The requests whose client wants to be told."""
    return tuple(one for one in scene.before(told.id, BackchannelAuthenticationRequest) if one.sent.client_notification_token)


def _latest(told: Seen[BackchannelNotification], scene: Scene) -> _Asked | None:
    return next(reversed(_pinged(told, scene)), None)
