"""Faults of the key set: what a client needs to verify signatures is stale, missing or wrong.

Here: the document at `jwks_uri`. Not here: tokens signed wrongly (`id_token`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import error_answer, text_answer, with_document, with_members
from oauthctl.provider.faults.registry import Call, fault

KEYS = "jwks"


@fault(KEYS, rule="key-set-empty")
def keys_empty(call: Call) -> Answer | None:
    """The key set has no keys."""
    return with_members(call, keys=[])


@fault(KEYS, rule="key-set-not-found")
def keys_missing(call: Call) -> Answer | None:
    """Nothing is at the key set's address."""
    return error_answer(call, "not_found", status=404)


@fault(KEYS, rule="gateway-error")
def keys_error(call: Call) -> Answer | None:
    """The key set's address answers with a server error."""
    return text_answer(call, 503, "Service Unavailable\n", content_type="text/plain")


@fault(KEYS, rule="key-set-misshapen")
def keys_bare(call: Call) -> Answer | None:
    """The key set is one key, without the list around it."""
    return with_document(call, lambda document: dict(document["keys"][0]))


@fault(KEYS, rule="key-unknown", is_dangerous=True)
def keys_stale(call: Call) -> Answer | None:
    """The key set is that of before the last rotation: other keys, under other names."""
    return with_document(call, lambda document: {"keys": [{**another(key), "kid": f"{key['kid']}-before"} for key in rsa_of(document)]})


@fault(KEYS, rule="keys-unnamed")
def keys_without_kid(call: Call) -> Answer | None:
    """No key in the key set has a `kid`, though the tokens name one."""
    return _each(call, lambda key: {name: value for name, value in key.items() if name != "kid"})


@fault(KEYS, rule="key-id-duplicated")
def keys_with_same_kid(call: Call) -> Answer | None:
    """All keys of the key set have the same `kid`."""
    return with_document(call, lambda document: {"keys": [{**key, "kid": document["keys"][0]["kid"]} for key in document["keys"]]})


@fault(KEYS, rule="private-key-published")
def keys_private(call: Call) -> Answer | None:
    """The key set holds the private halves, too."""
    return with_members(call, keys=[key.as_dict() for key in call.state.keys])


@fault(KEYS, rule="key-not-for-signing")
def keys_for_encryption(call: Call) -> Answer | None:
    """Every key in the key set is for encryption."""
    return _each(call, lambda key: {**key, "use": "enc"})


@fault(KEYS, rule="key-operations-wrong")
def keys_may_only_sign(call: Call) -> Answer | None:
    """The keys' `key_ops` allow everything but verifying."""
    return _each(call, lambda key: {**{name: value for name, value in key.items() if name != "use"}, "key_ops": ["sign"]})


@fault(KEYS, rule="key-not-base64url")
def keys_in_plain_base64(call: Call) -> Answer | None:
    """The numbers of the keys are written in base64 with padding, not in base64url."""
    members = ("n", "x", "y")
    return _each(call, lambda key: {name: _plain(value) if name in members else value for name, value in key.items()})


@fault(KEYS, rule="signature-invalid", is_dangerous=True)
def keys_of_another_server(call: Call) -> Answer | None:
    """The key set has keys that look right, `kid` included, and are not those that sign."""
    return with_document(call, lambda document: {"keys": [another(key) for key in rsa_of(document)]})


def _each(call: Call, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer | None:
    return with_document(call, lambda document: {**document, "keys": [edit(key) for key in document["keys"]]})


def rsa_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The RSA keys of a key set."""
    return [key for key in document["keys"] if key["kty"] == "RSA"]


def another(key: dict[str, Any]) -> dict[str, Any]:
    """An RSA key of the same size whose modulus is another number; nobody has its private half."""
    return {**key, "n": key["n"][:100] + key["n"][100:110][::-1] + key["n"][110:]}


def _plain(text: str) -> str:
    padded = text + "=" * (-len(text) % 4)
    return padded.replace("-", "+").replace("_", "/")
