"""Token exchange: one token for another.

Here: RFC 8693, and the checks of its answer. Not here: where the traded token comes from (`token_sources`), redeeming what came of it at
another server (`assertion_grant`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from oauthctl.errors import BadAnswer, Refused
from oauthctl.flows.granted_scope import scope_remarks
from oauthctl.flows.steps import Flow
from oauthctl.flows.token_endpoint import Granted, bounded, grant, with_warnings
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import (
    NOT_APPLICABLE,
    TOKEN_EXCHANGE,
    Traded,
    issued_type_problem,
    short_token_type,
    token_type_problem,
)

_OF_TYPES = re.compile(
    r"(?:requested|subject|actor)[_ ]token[_ ]type.{0,40}(?:unsupported|not supported|not allowed|unknown)", re.IGNORECASE
)


def token_exchange(
    token_endpoint: str,
    client: Client,
    subject: Traded,
    *,
    actor: Traded | None = None,
    requested: str = "",
    scope: tuple[str, ...] = (),
    resource: tuple[str, ...] = (),
    audience: tuple[str, ...] = (),
    params: Params | None = None,
) -> Flow[Granted]:
    """Trade a token. `requested` is the URI of the type that is wanted; `actor` is the token of the one who acts for the subject.

    The refusal has the slug of the rule that explains it where the error code alone tells. Raises as `token_endpoint.grant` does;
    `BadAnswer` for a token of another type than was asked for, and for a `token_type` that contradicts it.
    Source: RFC 8693 sections 2.1 and 2.2.
    """
    own = Params.of(
        (
            ("grant_type", TOKEN_EXCHANGE),
            *(("resource", one) for one in resource),
            *(("audience", one) for one in audience),
            ("scope", " ".join(dict.fromkeys(scope)) or None),
            ("requested_token_type", requested or None),
            ("subject_token", subject.token),
            ("subject_token_type", subject.token_type),
            ("actor_token", actor.token if actor else None),
            ("actor_token_type", actor.token_type if actor else None),
        )
    )
    try:
        granted = yield from grant(token_endpoint, Params((*own.pairs, *(params or Params()).pairs)), client)
    except Refused as error:
        error.slug = error.slug or _slug_of(error)
        raise
    granted = with_warnings(granted, *scope_remarks(scope, granted.response))
    return _judged(granted, requested)


def _slug_of(error: Refused) -> str:
    """The rule for this refusal, where its code, or the words beside it, leave no doubt.

    Source: RFC 8693 section 2.2.2; RFC 6749 section 5.2.
    """
    match error.data.get("oauth_error"):
        case "invalid_target":
            return "exchange-target-unknown"
        case "unsupported_grant_type" | "unauthorized_client":
            return "token-exchange-disabled"
        case "invalid_request" if _OF_TYPES.search(str(error.data.get("oauth_error_description"))):
            return "exchange-type-unsupported"
        case _:
            return ""


def _judged(granted: Granted, requested: str) -> Granted:
    """The same, once its types are known to fit."""
    _require_issued_type(granted)
    issued, token_type = granted.response.issued_token_type or "", granted.response.token_type or ""
    problem = issued_type_problem(requested, issued)
    if problem:
        raise BadAnswer(
            f"the exchange gave another type of token than was asked for: {problem}",
            slug="exchange-issued-type-differs",
            where=f"exchange {granted.exchange}, response.issued_token_type",
            sent=requested,
            got=bounded(issued),
            spec="RFC 8693 section 2.2.1",
            help="ask without `--requested-token-type` to see what the server gives, or for a type that its documentation names",
        )
    problem = token_type_problem(issued, token_type)
    if problem:
        raise BadAnswer(
            f"the answer contradicts itself: {problem}",
            slug="exchange-token-type-contradicts",
            where=f"exchange {granted.exchange}, response.token_type",
            got=bounded(token_type),
            spec="RFC 8693 section 2.2.1",
            help="tell the provider; what kind of token this is can't be known",
        )
    return _without_alarm(granted)


def _require_issued_type(granted: Granted) -> None:
    """Whatever is issued comes in `access_token`: the type is all that tells an access token from a refresh token or an ID-JAG.

    Source: RFC 8693 section 2.2.1: REQUIRED.
    """
    raw = granted.response.raw("issued_token_type")
    if isinstance(raw, str) and raw.strip():
        return
    raise BadAnswer(
        "the exchange does not say of what type the token is: "
        + ("the answer has no `issued_token_type`" if raw in (None, "") else "`issued_token_type` is no string"),
        slug="exchange-issued-type-missing",
        where=f"exchange {granted.exchange}, response.issued_token_type",
        got=bounded(granted.response.issued_token_type or ""),
        spec="RFC 8693 section 2.2.1",
        help="it was not kept; tell the provider: every answer of a token exchange must have it",
    )


def _without_alarm(granted: Granted) -> Granted:
    """An exchange may give a token that is no access token: then `N_A` is right, and nothing to be warned of."""
    if (granted.response.token_type or "").strip().lower() != NOT_APPLICABLE.lower():
        return granted
    alarms = tuple(one for one in granted.remarks if one.startswith("the access token can't be used by oauthctl"))
    kind = short_token_type(granted.response.issued_token_type or "")
    said = f"the token is of the type `{bounded(kind, 60)}`, and no access token: it is meant for another server, not for an API"
    return replace(granted, remarks=(*(one for one in granted.remarks if one not in alarms), said))
