"""Token answers that are form-encoded, read by a client that expects JSON.

Here: providers that answer so unless they are asked otherwise. Not here: answers that nobody can read (`token_response`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import FORM
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Certainty, Evidence, Found, rule
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_NO_JSON = re.compile(
    r"\bjson|unexpected (?:token|character|identifier)|expecting value|invalid character|unexpected end of input|SyntaxError"
    r"|(?:de)?serializ|(?:cannot|could not|unable to|fail\w* to|error) (?:while )?(?:pars|decod|unmarshal)|MismatchedInput|not valid "
    r"syntax",
    re.IGNORECASE,
)


@rule(Section("RFC 6749", "5.1"), explains=("token-answer-unreadable",))
def token_answer_form_encoded(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The token endpoint answers with a form, and the client expects JSON."""
    response, said = seen.exchange.response, _NO_JSON.search(given.local_error[:4000])
    if response is None or said is None or seen.reply.failed or "access_token" not in seen.reply.members:
        return
    if response.body.lstrip()[:1] == b"{" or not (
        response.content_type in (FORM, "text/plain", "text/html", "") or b"=" in response.body[:80]
    ):
        return
    accept = seen.request_header("accept")
    asks = "json" in accept.lower()
    got = accept or "missing"
    yield Found(
        cause="The token request succeeded, but its answer is form-encoded (`access_token=…&token_type=…`), and the client reads it as "
        "JSON: "
        + (
            "the server ignores the request's `Accept` header."
            if asks
            else "this provider answers with JSON only when the request has the header `Accept: application/json`, and "
            + (f"it sends `Accept: {accept[:60]}`." if accept else "it has no `Accept`.")
        ),
        help="In the client, read the answer by its `Content-Type` as a form."
        if asks
        else "In the client, send `Accept: application/json` with the token request (refreshes, too), or read a form-encoded answer by its "
        "`Content-Type`.",
        evidence=(
            seen.evidence("request.headers.Accept", expected="application/json", got=got[:200]),
            seen.evidence("response.headers.Content-Type", expected="application/json", got=response.content_type or "missing"),
            Evidence(None, "given.local_error", "", said[0][:200]),
        ),
        certainty=Certainty.LIKELY if asks else Certainty.CERTAIN,
    )
