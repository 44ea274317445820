"""Which member of a registration a provider refuses, and with which value.

Here: reading that out of its words, its metadata and what was sent. Not here: any rule (`registration`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import texts, words
from oauthctl.messages.registration import RegistrationRequest
from oauthctl.rules.seen import Seen

# Each with the member of the metadata that lists what is taken, and what holds where it is left out. Source: RFC 7591 section 2.
_MEMBERS = (
    ("token_endpoint_auth_method", "token_endpoint_auth_methods_supported", "client_secret_basic"),
    ("grant_types", "grant_types_supported", "authorization_code"),
    ("response_types", "response_types_supported", "code"),
    ("application_type", "", "web"),
    ("id_token_signed_response_alg", "id_token_signing_alg_values_supported", "RS256"),
    ("subject_type", "subject_types_supported", ""),
)
_REQUIRED = (
    "redirect_uris",
    "client_name",
    "contacts",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
    "software_id",
    "software_version",
)
_VALUE = re.compile(r"[A-Za-z][\w:.-]{2,80}")


@dataclass(frozen=True, slots=True)
class RefusedMember:
    """`what` is wrong with the member as part of a sentence, `instead` what to register with."""

    name: str
    what: str
    instead: str


def refused_member(asked: Seen[RegistrationRequest], published: ProviderMetadata | None) -> RefusedMember | None:
    """The member that the answer names; None when it names none of those whose values are known."""
    said = asked.reply.description or asked.reply.words
    method = str(asked.sent.raw("token_endpoint_auth_method") or "")
    if re.search(r"\bjwks(?:_uri)?\b", said) and not asked.sent.raw("jwks") and not asked.sent.raw("jwks_uri"):
        why = f", which the method `{method}` needs: the server would have no key to verify with" if method else ""
        return RefusedMember(
            "jwks", f"it is missing, and so is `jwks_uri`{why}", "the client's public keys in `jwks`, or their URL in `jwks_uri`"
        )
    for name in _REQUIRED:
        if re.search(rf"\b{name}\b", said) and not asked.sent.raw(name) and re.search(r"missing|mandatory|required|must|empty", said, re.I):
            return RefusedMember(name, "it is missing, and the provider demands it", f"`{name}` as well")
    for name, listed_as, default in _MEMBERS:
        if re.search(rf"{name.replace('_', '[_ ]').removesuffix('s')}", said, re.IGNORECASE) is None:
            continue
        raw = asked.sent.raw(name)
        sent = tuple(texts(raw) or words(raw) or ())
        supported = tuple(texts(published.raw(listed_as)) or ()) if published is not None and listed_as else ()
        taken = supported or _listed(said)
        values = sent or ((default,) if default else ())
        strange = [one for one in values if taken and one not in taken] or [one for one in values if one in said and one not in taken]
        which = ", ".join(f"`{one}`" for one in (strange or values)) or "missing"
        state = f"it is left out, for which {which} holds" if not sent and default else f"it has {which}"
        takes = f", and the provider takes {', '.join(f'`{one}`' for one in taken[:6])}" if taken else ", which the provider does not take"
        better = next((one for one in taken if one == "none"), taken[0] if taken else "")
        instead = f"`{name}` set to what the provider takes" + (f", such as `{better}`" if better else "")
        return RefusedMember(name, state + takes, instead)
    return None


def _listed(said: str) -> tuple[str, ...]:
    """What a sentence lists as taken: `Supported methods: [none client_secret_post]`, `must only contain a, b`."""
    found = re.search(
        r"(?:supported|allowed|valid|accepted|permitted)[^:\[(]{0,40}[:\[(]+\s*([^\])\n]{3,200})"
        r"|(?:must|may|can) (?:only )?(?:be|contain|have|include)"
        r"(?: one of| only| any of)?:? ([^.\n]{3,200})",
        said,
        re.IGNORECASE,
    )
    text = (found[1] or found[2]) if found else ""
    return tuple(one for one in _VALUE.findall(text) if one.lower() not in ("and", "or", "only", "the", "one", "values", "types"))
