"""How the secrets in a form were written: what decoding takes away.

Here: the form's own spelling. Not here: comparing values with each other (`facts.flow`), credentials in a header (`facts.client`).
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from oauthctl.record.exchange import Recording
from oauthctl.record.facts.challenge import ESCAPE
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.secret_names import is_secret_name

_LONGEST = 64 * 1024


def written_facts(recording: Recording) -> dict[int, dict[str, object]]:
    """By the exchange's id: `raw_plus` and `escaped`, names of the form's secrets that have a bare `+` inside, which reads as a space, or
    that are still percent-encoded once the form is decoded.
    """
    found: dict[int, dict[str, object]] = {}
    for exchange in recording.exchanges:
        request = exchange.request
        if request.method != "POST" or not request.body or len(request.body) > _LONGEST or request.body.lstrip()[:1] in (b"{", b"["):
            continue
        raw_plus, escaped = [], []
        for pair in request.body.decode("utf-8", "replace").split("&"):
            name, _, value = pair.partition("=")
            if not is_secret_name(unquote_plus(name)) or is_masked(unquote_plus(value)):
                continue
            # A blank around a value is written like this, too, and is no lost `+`.
            if "+" in value.strip("+"):
                raw_plus.append(unquote_plus(name)[:40])
            if ESCAPE.search(unquote_plus(value)):
                escaped.append(unquote_plus(name)[:40])
        told: dict[str, object] = {**({"raw_plus": raw_plus} if raw_plus else {}), **({"escaped": escaped} if escaped else {})}
        if told:
            found[exchange.id] = told
    return found
