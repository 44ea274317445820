"""`[[client]]` in a provider's file: the keys of `--client`, all metadata that a client may register with, and what a provider alone says.

Here: those keys, and the client that comes of them. Not here: the keys of `--client` (`practice_words`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli import practice_algs
from oauthctl.cli.practice_specs import client_of
from oauthctl.cli.practice_words import CLIENT_KEYS, METHOD, REPEATABLE
from oauthctl.cli.serve_fields import TABLE, TEXT, TEXTS, TRUTH, Entry, Kind, listed, one_of, seconds, whole_seconds
from oauthctl.messages.client_auth import CERTIFYING
from oauthctl.messages.response_types import spelled
from oauthctl.provider.answers import Denied
from oauthctl.provider.client_keys import read_keys
from oauthctl.provider.client_references import is_reference

if TYPE_CHECKING:
    from oauthctl.cli.practice_words import Values
    from oauthctl.jose.jwk import Jwk
    from oauthctl.provider.client import Client

_SPELLED = {
    "client_id": "id",
    "client_name": "name",
    "redirect_uris": "redirect",
    "request_uris": "request-uri",
    "grant_types": "grant",
}
"""What metadata call otherwise."""
_FIELDS = {
    "post_logout_redirect_uris": "post_logout_redirect_uris",
    "authorization_details_types": "authorization_details_types",
    "subject_type": "subject_type",
    "default_max_age": "default_max_age",
    "default_acr_values": "default_acr_values",
    "jwks_uri": "jwks_uri",
    "sector_identifier_uri": "sector_identifier_uri",
    "dpop_bound_access_tokens": "requires_dpop",
    "require_pushed_authorization_requests": "requires_pushed_requests",
    "tls_client_certificate_bound_access_tokens": "binds_certificate",
    "trusted": "is_trusted",
    "resource-server": "is_resource_server",
    "requires-pkce": "requires_pkce",
    "always-refresh-token": "always_gets_refresh_token",
    "access-token-seconds": "token_seconds",
    "id-token-seconds": "id_token_seconds",
}
"""What becomes a field of the client as it is."""
_LISTED = ("post_logout_redirect_uris", "authorization_details_types", "default_acr_values")
_NAMES = tuple(f"tls_client_auth_{name}" for name in ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email"))
_TOLD = ("client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id", "software_version")
"""Metadata for people, of which nothing follows here."""
_ALREADY = "require_auth_time"
"""What is so for all: each ID token has its `auth_time`."""
_REFERENCE = Kind("https URL, or http on this machine", is_reference)
CLIENT: Mapping[str, Kind] = {
    **{key: TEXTS if key in REPEATABLE else TEXT for key in CLIENT_KEYS},
    "asserts-users": TRUTH,
    practice_algs.REQUIRED: TRUTH,
    **dict.fromkeys(("redirect_uris", "request_uris", "grant_types", "response_types", "contacts"), TEXTS),
    **dict.fromkeys(_LISTED, TEXTS),
    **dict.fromkeys(("client_id", "client_name", *_NAMES, *_TOLD), TEXT),
    "application_type": one_of("web", "native"),
    "subject_type": one_of("public", "pairwise"),
    "default_max_age": whole_seconds(0),
    "jwks": TABLE,
    **dict.fromkeys(("jwks_uri", "sector_identifier_uri"), _REFERENCE),
    **dict.fromkeys(("dpop_bound_access_tokens", "require_pushed_authorization_requests", _ALREADY), TRUTH),
    **dict.fromkeys(("tls_client_certificate_bound_access_tokens", "trusted", "resource-server", "requires-pkce"), TRUTH),
    "always-refresh-token": TRUTH,
    "access-token-seconds": seconds(0),
    "id-token-seconds": seconds(0),
}


def spelled_shortly(entry: Entry) -> Entry:
    """The entry with the short name of each key that has two.

    Raises: ConfigError, where both are given.
    """
    for long, short in _SPELLED.items():
        if long in entry.values and short in entry.values:
            raise entry.place.at(long).wrong(f"says what `{short}` says, too", help_="leave one of them out")
    written = {short: long for long, short in _SPELLED.items() if long in entry.values}
    return Entry(replace(entry.place, spelled=written), {_SPELLED.get(key, key): value for key, value in entry.values.items()})


def as_table(values: Values) -> dict[str, Any]:
    """What an option says, as the file has it; what is given too often stays so, and is refused where it is read."""
    return {key: several if key in REPEATABLE or len(several) > 1 else several[0] for key, several in values.items()}


def client_from(entry: Entry, environ: Mapping[str, str], *, api: Iterable[str], algs: Iterable[str]) -> Client:
    """The client of this table; `api` are the paths of the API's parts, `algs` what the provider signs with.

    Raises: ConfigError, which says where it stands.
    """
    given = dict(entry.values)
    method = given.get(METHOD)
    if method in CERTIFYING:
        # `--client` can't say these: a certificate's name, or its key, comes with them.
        del given[METHOD]
    has_keys_elsewhere = "jwks_uri" in given
    client = client_of(
        _as_values(given), environ, place=entry.place, api=api, algs=algs, keys=_keys(entry), has_keys_elsewhere=has_keys_elsewhere
    )
    changes: dict[str, Any] = {_FIELDS[key]: value for key, value in given.items() if key in _FIELDS}
    changes |= {name: listed(changes[name]) for name in _LISTED if name in changes}
    return replace(client, **changes, **_more(entry, method))


def _more(entry: Entry, method: str | None) -> dict[str, Any]:
    """The fields that are made of more than one value, or of another one."""
    given = entry.values
    named = [(key.removeprefix("tls_client_auth_"), given[key]) for key in _NAMES if key in given]
    if len(named) > 1:
        second = next(reversed([key for key in _NAMES if key in given]))
        raise entry.place.at(second).wrong("is a second name for one certificate", help_=f"give one of {', '.join(_NAMES)}")
    if method == "tls_client_auth" and not named:
        problem = f"is `{method}`, and the client has no name for its certificate"
        raise entry.place.at(METHOD).wrong(problem, help_=f"give one of {', '.join(_NAMES)}")
    found: dict[str, Any] = {"certificate_name": named[0]} if named else {}
    if method in CERTIFYING:
        found["auth_methods"] = (method,)
    if "response_types" in given:
        found["response_types"] = tuple(spelled(one.split()) for one in listed(given["response_types"]))
    if "application_type" in given:
        found["is_native"] = given["application_type"] == "native"
    return found


def _keys(entry: Entry) -> tuple[Jwk, ...]:
    try:
        return read_keys(entry.values["jwks"]) if "jwks" in entry.values else ()
    except Denied as denied:
        raise entry.place.at("jwks").wrong(f"can't be: {denied.description}") from None


def _as_values(given: Mapping[str, Any]) -> Values:
    """What `--client` could have said, as it says it."""
    values = {key: list(listed(value)) for key, value in given.items() if key in CLIENT_KEYS}
    for key, words in (("asserts-users", ("no", "yes")), (practice_algs.REQUIRED, ("false", "true"))):
        if isinstance(given.get(key), bool):
            values[key] = [words[given[key]]]
    return values
