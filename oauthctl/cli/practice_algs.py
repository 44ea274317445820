"""How a practice client signs, and wants its answers, by the names of client metadata: `id_token_encrypted_response_alg=ECDH-ES`.

Here: reading and checking these members. Not here: the rest of a client (`practice_specs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.cli.serve_fields import choice
from oauthctl.cli.toml_place import Place
from oauthctl.errors import ConfigError
from oauthctl.jose.jwe import AGREEMENT_ALGS, ENCS, RSA_ALGS
from oauthctl.provider.client_algs import ANSWERS, FIELDS, SUPPORTED
from oauthctl.provider.client_assertion import KEY_ALGS, SECRET_ALGS

_SIGNED = tuple(f"{answer}_signed_response_alg" for answer in ANSWERS)
_ENCRYPTED = tuple(f"{answer}_encrypted_response_alg" for answer in ANSWERS)
SIGNING = ("RS256", "ES256")
"""What a practice provider signs with by itself; a client's secret signs, too (HS256)."""
REQUIRED = "require_signed_request_object"
_TOKEN_FORMAT = "access_token_format"
_MODE, _NOTIFICATION = "backchannel_token_delivery_mode", "backchannel_client_notification_endpoint"
KEYS = (*SUPPORTED, REQUIRED, _TOKEN_FORMAT, _MODE, _NOTIFICATION)


def read_algs(values: Mapping[str, str], id_: str, *, place: Place, has_keys: bool, signing: tuple[str, ...]) -> dict[str, Any]:
    """The members of a client that these say, which stand at this place; `signing` is what the provider signs with.

    Raises: ConfigError, for an algorithm that the provider does not do.
    Source: OpenID Connect Dynamic Client Registration 1.0 section 2; JARM section 3; RFC 9701 section 6; RFC 9101 section 10.5.
    """

    def one_of(known: tuple[str, ...], name: str, default: str = "") -> str:
        value = values.get(name) or default
        if value not in known:
            problem = f"the client `{id_}`: `{name}` is `{value[:40]}`, which the provider does not do"
            raise ConfigError(problem, where=place.at(name).where, help=choice(value, known))
        return value

    algs = {name: one_of(known, name) for name, known in _known(signing).items() if values.get(name)}
    found: dict[str, Any] = {name: alg for name, alg in algs.items() if name in (*FIELDS, _TOKEN_FORMAT)}
    for name in algs:
        problem = help_ = ""
        if name in _ENCRYPTED and not has_keys:
            problem, help_ = f"nothing can be encrypted for the client `{id_}`, which has no keys", "give `keys-file=FILE` as well"
        elif name.endswith("_enc") and f"{name.removesuffix('enc')}alg" not in algs:
            problem, help_ = f"the client `{id_}` has `{name}` alone", f"give `{name.removesuffix('enc')}alg` as well"
        if problem:
            raise ConfigError(problem, where=place.at(name).where, help=help_)
    mode = one_of(("poll", "ping"), _MODE, "ping" if values.get(_NOTIFICATION) else "poll")
    if endpoint := _notification_endpoint(values, id_, place=place, mode=mode):
        found["notification_endpoint"] = endpoint
    if values.get(REQUIRED):
        found["requires_signed_request"] = one_of(("true", "false"), REQUIRED) == "true"
    return found


def _known(signing: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What each member may be."""
    from oauthctl.provider.request_object import SIGNING_ALGS

    return {
        **dict.fromkeys((name for name in SUPPORTED if name.endswith("_enc")), ENCS),
        **dict.fromkeys(_SIGNED, signing),
        **dict.fromkeys(_ENCRYPTED, (*RSA_ALGS, *AGREEMENT_ALGS)),
        "request_object_signing_alg": SIGNING_ALGS,
        "request_object_encryption_alg": AGREEMENT_ALGS,
        "token_endpoint_auth_signing_alg": SECRET_ALGS + KEY_ALGS,
        _TOKEN_FORMAT: ("jwt", "opaque"),
    }


def _notification_endpoint(values: Mapping[str, str], id_: str, *, place: Place, mode: str) -> str:
    """Where the client is told that a person has decided; empty for one that polls. An endpoint alone means the mode ping.

    Source: OpenID Connect CIBA Core 1.0 section 4.
    """
    from oauthctl.provider.notification import is_notification_endpoint

    endpoint = values.get(_NOTIFICATION, "")
    if mode == "ping" and not endpoint:
        problem = f"the client `{id_}` has the mode ping and no endpoint to be told at"
        raise ConfigError(problem, where=place.at(_MODE).where, help=f"give `{_NOTIFICATION}=URL` as well")
    if endpoint and not is_notification_endpoint(endpoint):
        problem = f"`{_NOTIFICATION}` of the client `{id_}` is neither https nor http on this machine"
        raise ConfigError(problem, where=place.at(_NOTIFICATION).where)
    return endpoint if mode == "ping" else ""
