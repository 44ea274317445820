"""Faults of the authorization response: what the browser brings back is wrong.

Here: the redirect to the client. Not here: the pages before it (`pages`), what the code is good for (`token_answer`).
"""

from __future__ import annotations

from collections.abc import Callable

from oauthctl.http import Params
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import with_callback
from oauthctl.provider.faults.registry import Call, fault

_PLACE = "authorize"


@fault(_PLACE, rule="state-not-returned", is_dangerous=True)
def callback_state_dropped(call: Call) -> Answer | None:
    """The callback has no `state` though one was sent."""
    return with_callback(call, lambda params: params.without("state"))


@fault(_PLACE, rule="state-mismatch", is_dangerous=True)
def callback_state_changed(call: Call) -> Answer | None:
    """The callback's `state` is another one."""
    return with_callback(call, lambda params: params.with_("state", "a-state-of-another-sign-in"))


@fault(_PLACE, rule="issuer-mixed-up", is_dangerous=True)
def callback_issuer_wrong(call: Call) -> Answer | None:
    """The callback's `iss` is another server."""
    return with_callback(call, lambda params: params.with_("iss", "https://id.elsewhere.example"))


@fault(_PLACE, rule="issuer-not-returned", is_dangerous=True)
def callback_issuer_dropped(call: Call) -> Answer | None:
    """The callback has no `iss` though the metadata promises one."""
    return with_callback(call, lambda params: params.without("iss"))


@fault(_PLACE, rule="answer-without-code")
def callback_without_code(call: Call) -> Answer | None:
    """The callback has neither a code nor an error."""
    return _of_success(call, lambda params: params.without("code"))


@fault(_PLACE, rule="user-denied")
def callback_denied(call: Call) -> Answer | None:
    """The person agreed, and the callback says that they refused."""
    return _refused(call, "access_denied", "the person refused")


@fault(_PLACE, rule="authorization-refused")
def callback_server_error(call: Call) -> Answer | None:
    """The callback says that the server had an error."""
    return _refused(call, "server_error", "")


@fault(_PLACE, rule="authorization-refused")
def callback_unavailable(call: Call) -> Answer | None:
    """The callback says that the server is busy."""
    return _refused(call, "temporarily_unavailable", "")


@fault(_PLACE, rule="authorization-refused")
def callback_error_in_colours(call: Call) -> Answer | None:
    """The callback's description of an error holds control characters, which could write over a terminal."""
    return _refused(call, "server_error", "\x1b[2J\x1b[31mall is well\x1b[0m\r\n\x07")


@fault(_PLACE, rule="scope-unknown")
def callback_scope_unknown(call: Call) -> Answer | None:
    """The callback says that a scope is unknown which the metadata announces."""
    return _refused(call, "invalid_scope", "the scope items.read is unknown")


def _of_success(call: Call, edit: Callable[[Params], Params]) -> Answer | None:
    return with_callback(call, lambda params: edit(params) if "code" in params else params)


def _refused(call: Call, error: str, description: str) -> Answer | None:
    said = Params.of({"error": error, "error_description": description or None})
    return _of_success(call, lambda params: Params((*said.pairs, *params.without("code").pairs)))


@fault(_PLACE, rule="token-request-refused")
def callback_code_cut_off(call: Call) -> Answer | None:
    """The code in the callback has lost its end."""
    return _of_success(call, lambda params: params.with_("code", (params.get("code") or "")[:-8]))


@fault(_PLACE, rule="callback-parameter-repeated", is_dangerous=True)
def callback_code_twice(call: Call) -> Answer | None:
    """The callback has two codes."""
    return _of_success(call, lambda params: Params((*params.pairs, ("code", "another-code"))))
