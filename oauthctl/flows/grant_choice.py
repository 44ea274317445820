"""Which grant to take: what the server offers and what there is around, weighed in a fixed order, each refusal with its reason.

Here: weighing, a pure function. Not here: looking around (`cli.grant_choosing`), the grants themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
TYPES: Mapping[str, str] = {
    "authorization_code": "authorization_code",
    "device_code": DEVICE_CODE,
    "ciba": CIBA,
    "password": "password",
    # Tokens by the browser with a code beside them go by the same grant type (OpenID Connect Dynamic Client Registration section 2).
    "hybrid": "implicit",
    "implicit": "implicit",
    "token_exchange": TOKEN_EXCHANGE,
    "jwt_bearer": JWT_BEARER,
    "saml2_bearer": SAML2_BEARER,
    "client_credentials": "client_credentials",
}
"""The grants by the names that options give them, and as `grant_type`."""
ENDPOINTS: Mapping[str, str] = {
    "authorization_code": "authorization_endpoint",
    "device_code": "device_authorization_endpoint",
    "ciba": "backchannel_authentication_endpoint",
}
"""What a grant needs beside the token endpoint."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is to work with. The texts say why something is not there, and are empty where it is."""

    no_person: str = ""
    no_browser: str = ""
    is_confidential: bool = False
    has_login_hint: bool = False
    has_subject_token: bool = False
    assertion: str = ""
    """`jwt_bearer` or `saml2_bearer`, by the form of the assertion that is given; empty without one."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One grant, and why not to take it: `bar` rules it out, `doubt` only puts it behind those without one; both empty when it is good."""

    grant: str
    bar: str = ""
    doubt: str = ""

    @property
    def why_not(self) -> str:
        """The reason, if there is one."""
        return self.bar or self.doubt


def for_sign_in(metadata: ProviderMetadata | None, around: Surroundings) -> tuple[Weighed, ...]:
    """The grants by which a person signs in, best first; without metadata nothing counts but the surroundings."""
    return _weighed(metadata, around, tuple(_SIGN_IN), _SIGN_IN)


def for_token(metadata: ProviderMetadata | None, around: Surroundings) -> tuple[Weighed, ...]:
    """The grants that need nobody, best first: what is given to be traded is meant to be traded."""
    return _weighed(metadata, around, ("token_exchange", "jwt_bearer", "saml2_bearer", "client_credentials"), _TOKEN)


def best(weighed: tuple[Weighed, ...]) -> Weighed | None:
    """The first grant that nothing speaks against, else the first that is only doubtful; None where each is ruled out."""
    possible = [one for one in weighed if not one.bar]
    return next((one for one in possible if not one.doubt), possible[0] if possible else None)


def why_not_taken(one: Weighed, taken: Weighed | None) -> str:
    """Why a grant was passed over; empty for the one that was taken."""
    if one is taken:
        return ""
    if one.why_not or taken is None:
        return one.why_not
    if (one.grant, taken.grant) == ("device_code", "authorization_code"):
        return "it is possible, but with a browser here the code is quicker, and safer from a stranger's (RFC 8628 section 5.4)"
    return f"it is possible, but `{taken.grant}` goes before it"


def _weighed(
    metadata: ProviderMetadata | None, around: Surroundings, grants: tuple[str, ...], judges: Mapping[str, _Judge]
) -> tuple[Weighed, ...]:
    found = []
    for grant in grants:
        bar, doubt = judges[grant](around)
        offered = _why_not_offered(metadata, grant) if metadata is not None else ""
        found.append(Weighed(grant, bar or offered, doubt))
    return tuple(found)


def _why_not_offered(metadata: ProviderMetadata, grant: str) -> str:
    """What the metadata has against it. Source: RFC 8414 section 2; a list that is left out rules nothing out that has its endpoint."""
    name = ENDPOINTS.get(grant, "")
    if name and not metadata.raw(name):
        return f"the server names no `{name}`"
    listed = metadata.raw("grant_types_supported")
    if isinstance(listed, list) and TYPES[grant] not in listed:
        return f"the server does not list it in `grant_types_supported`: `{TYPES[grant]}`"
    return ""


_Judge = Callable[[Surroundings], tuple[str, str]]


def _by_browser(around: Surroundings) -> tuple[str, str]:
    return around.no_person, f"no browser opens here: {around.no_browser}" if around.no_browser else ""


def _on_another_device(around: Surroundings) -> tuple[str, str]:
    # Whoever has a browser here is quicker with it, and safer from a stranger's code (RFC 8628 section 5.4).
    return around.no_person, ""


def _by_notification(around: Surroundings) -> tuple[str, str]:
    if not around.is_confidential:
        return "the client can't prove itself, which this grant demands", ""
    return "" if around.has_login_hint else "nobody is named who is to be asked (`--login-hint`)", ""


def _by_password(_around: Surroundings) -> tuple[str, str]:
    return "it hands a person's password to this program and must not be used (RFC 9700 section 2.4); only by its name", ""


def _by_front_channel(_around: Surroundings) -> tuple[str, str]:
    return "tokens would come by the browser, which is legacy (RFC 9700 section 2.1.2); only by its name", ""


def _without_person(_around: Surroundings) -> tuple[str, str]:
    return "it signs nobody in: `oauthctl token --grant client_credentials` gets the client's own token", ""


def _by_exchange(around: Surroundings) -> tuple[str, str]:
    return "" if around.has_subject_token else "no token is given that could be traded (`--subject-token-source`)", ""


def _by_assertion(form: str) -> _Judge:
    def judge(around: Surroundings) -> tuple[str, str]:
        if not around.assertion:
            return "no assertion is given (`--assertion-file`, `OAUTHCTL_ASSERTION`)", ""
        return "" if around.assertion == form else "the assertion that is given is of another form", ""

    return judge


def _by_own_proof(around: Surroundings) -> tuple[str, str]:
    return "" if around.is_confidential else "the client has no secret, key or certificate to prove itself with", ""


_SIGN_IN: Mapping[str, _Judge] = {
    "authorization_code": _by_browser,
    "device_code": _on_another_device,
    "ciba": _by_notification,
    "hybrid": _by_front_channel,
    "implicit": _by_front_channel,
    "password": _by_password,
    "client_credentials": _without_person,
}
_TOKEN: Mapping[str, _Judge] = {
    "token_exchange": _by_exchange,
    "jwt_bearer": _by_assertion("jwt_bearer"),
    "saml2_bearer": _by_assertion("saml2_bearer"),
    "client_credentials": _by_own_proof,
}
