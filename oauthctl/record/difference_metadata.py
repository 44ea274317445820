"""What two servers publish: metadata and keys.

Here: documents as members. Not here: fetching them (`flows.discovery`), their place in a recording (`difference_messages`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_fields import FieldsComparer
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_values import Told, canonical
from oauthctl.record.json_values import text_of
from oauthctl.specs import Section

# What a member means when it is absent. Source: OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2.
_WHEN_ABSENT: Mapping[str, Any] = {
    "response_modes_supported": ["fragment", "query"],
    "grant_types_supported": ["authorization_code", "implicit"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
    "claim_types_supported": ["normal"],
    "request_uri_parameter_supported": True,
}
_PRIVATE = ("d", "p", "q", "k")


def differences_of_metadata(
    a: Mapping[str, Any], b: Mapping[str, Any], *, place: str, ground: Ground | None = None
) -> Iterator[Difference]:
    """What differs: URLs for their own issuers, arrays as sets, absent members as what they mean."""
    ground = ground or Ground(text_of(a.get("issuer")), text_of(b.get("issuer")))
    params = ProviderMetadata.params()
    comparer = FieldsComparer(ground, place, params, Weight.METADATA)
    for name in dict.fromkeys((*(name for name in params if name in a or name in b), *a, *b)):
        if (name in a) != (name in b) and _means_absence(name, a.get(name, b.get(name))):
            continue
        found = comparer.of_parameter(name, (a[name],) if name in a else (), (b[name],) if name in b else ())
        yield from found


def differences_of_keys(a: Any, b: Any, *, place: str) -> Iterator[Difference]:
    """What differs between two key sets but for the keys themselves: how many of which kind, for what."""
    told = _kinds(a), _kinds(b)
    if told[0] == told[1]:
        return
    only_a, only_b = (sorted((one - other).elements()) for one, other in ((told[0], told[1]), (told[1], told[0])))
    said = [f"{name} alone has {', '.join(f'`{one}`' for one in only)}" for name, only in (("A", only_a), ("B", only_b)) if only]
    words = Told(Kind.WORDS, f"`keys` (the keys that verify signatures): {', '.join(said)}")
    shown = sorted(told[0].elements()), sorted(told[1].elements())
    yield Difference(place, words.kind, words.words, *shown, Section("RFC 7517", "5.1"), Weight.METADATA)


def _means_absence(name: str, value: Any) -> bool:
    """Whether a member says no more than its absence would."""
    if value is False and name not in _WHEN_ABSENT:
        return True
    default = _WHEN_ABSENT.get(name)
    if isinstance(value, list) and isinstance(default, list):
        return sorted(map(canonical, value)) == sorted(map(canonical, default))
    return value is True and default is True


def _kinds(keys: Any) -> Counter[str]:
    found = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    return Counter(_kind(key) for key in found)


def _kind(key: dict[str, Any]) -> str:
    """A key in words: `RSA sig RS256`."""
    words = [text_of(key.get(name)) for name in ("kty", "crv", "use", "alg")]
    words += ["without alg" if "alg" not in key else "", "without kid" if "kid" not in key else ""]
    words += ["with its private part" if any(name in key for name in _PRIVATE) else ""]
    return " ".join(word for word in words if word)
