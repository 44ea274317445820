"""Arbitrary recordings for property tests."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording

headers = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4).map(lambda pairs: Headers(tuple(pairs)))
bodies = st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))
requests = st.builds(Request, st.text(max_size=8), st.text(max_size=60), headers, bodies)
responses = st.builds(Response, st.integers(0, 999), headers, bodies) | st.builds(
    Response, st.integers(0, 999), headers, bodies, st.sampled_from(("HTTP/1.0", "HTTP/1.1")), st.text(max_size=8)
)
moments = st.datetimes(timezones=st.just(UTC))


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Any recording that the driver could write, and odder ones."""
    ids = draw(st.lists(st.integers(1, 10_000), unique=True, max_size=4))
    exchanges = tuple(
        Exchange(
            id=number,
            purpose=draw(st.sampled_from(("token", "discovery", "callback", "authorization", "api", "")) | st.text(max_size=8)),
            channel=draw(st.sampled_from(Channel)),
            request=draw(requests),
            started_at=draw(moments),
            seconds=draw(st.floats(0, 1e6)),
            response=draw(st.none() | responses),
            failure=draw(st.text(max_size=20)),
            page=draw(st.integers(0, 9)),
        )
        for number in ids
    )
    return Recording(exchanges, draw(st.text(max_size=8)), draw(st.text(max_size=20)), draw(st.text(max_size=20)))
