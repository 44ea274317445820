"""The diagram that `oauthctl trace --help` shows: a sign-in against the practice provider whose code is redeemed with another verifier.

Here: making it. Not here: holding the help against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from oauthctl.http import Headers, Params, Request, Response, form_request, with_query
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from oauthctl.views.lines import plain
from oauthctl.views.remarks import remarks_of
from oauthctl.views.sequence import sequence
from tests.provider.world import CALLBACK, CHALLENGE, START, World

WIDTH = 74
CODE = "SplxlOBeZQQYbYS6WxSbIA"
OTHER_VERIFIER = "another-verifier-than-the-one-whose-hash-was-sent"


def help_diagram() -> str:
    """The diagram, as it stands in the help."""
    recording = Recording(tuple(_exchanges()), "1.0")
    scene = scene_of(Material("recording", recording), now=None, salt=b"x")
    *drawn, _lifelines = sequence(recording, WIDTH, remarks=remarks_of(diagnose(scene).findings))
    return "\n".join(f"  {plain(line)}" for line in drawn)


def _exchanges() -> Iterator[Exchange]:
    world = World()
    asked = {
        "response_type": "code",
        "client_id": "public",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = with_query(world.state.url(world.state.endpoints.authorize), Params.of(asked))
    answer = world.answer(scope="openid")
    redeemed = Params.of(
        {
            "grant_type": "authorization_code",
            "code": answer.get("code") or "",
            "redirect_uri": CALLBACK,
            "client_id": "public",
            "code_verifier": OTHER_VERIFIER,
        }
    )
    said = world.post(world.state.endpoints.token, redeemed)
    # The provider's code is another one each time.
    request = form_request(world.state.url(world.state.endpoints.token), _with_code(redeemed))
    back = Request("GET", with_query(CALLBACK, _with_code(answer)))
    page = Response(200, Headers(), b"")
    first = Exchange(1, "authorization", Channel.BROWSER, Request("GET", url), START)
    yield first
    yield replace(first, id=2, purpose="callback", channel=Channel.CALLBACK, request=back, response=page, started_at=_later(4))
    yield Exchange(3, "token", Channel.WIRE, request, _later(5), 0.012, said)


def _with_code(params: Params) -> Params:
    return Params(tuple((name, CODE if name == "code" else value) for name, value in params))


def _later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
