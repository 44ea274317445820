"""Grants that trade what somebody holds: token exchange, JWT bearer, SAML bearer, and the first two in a row at two servers.

Here: from options to flows. Not here: where the traded token comes from (`traded_tokens`), keeping what came of it (`own_tokens`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.settings import TRADING, key_values, variable_text
from oauthctl.cli.traded_tokens import Wanted, traded
from oauthctl.errors import ConfigError
from oauthctl.http import Params
from oauthctl.messages.token_exchange import SAML2_BEARER, short_token_type, token_type_uri

if TYPE_CHECKING:
    from oauthctl.cli.own_tokens import Asking
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.steps import Flow
    from oauthctl.flows.token_endpoint import Granted

ASSERTION_VARIABLE = "OAUTHCTL_ASSERTION"


def token_exchange(asking: Asking) -> Flow[Granted]:
    """Trade a token at the server itself."""
    from oauthctl.flows.token_exchange import token_exchange as exchange

    session, profile, options = asking.session, asking.chosen.profile, asking.options
    subject = traded(session, _wanted(asking, "subject"))
    if subject is None:
        raise ConfigError("no token is named that could be exchanged", slug="exchange-parameter-missing")
    return exchange(
        asking.token_endpoint,
        asking.client,
        subject,
        actor=traded(session, _wanted(asking, "actor")),
        requested=token_type_uri(options.get("requested_token_type") or ""),
        scope=_asked(asking, "scope"),
        resource=_asked(asking, "resource"),
        audience=_asked(asking, "audience"),
        params=Params(profile.params),
    )


def jwt_bearer(asking: Asking) -> Flow[Granted]:
    """Trade an assertion: one that is given, one that another server makes of a sign-in there, or one of our own making."""
    from oauthctl.flows.assertion_grant import redeem_assertion, without_proof

    profile, options, client = asking.chosen.profile, asking.options, asking.client
    assertion = _given_assertion(asking)
    if not assertion and options.get("assertion_from"):
        assertion = _from_other_server(asking, options["assertion_from"])
    elif not assertion:
        assertion = _own_assertion(asking)
        client = client if profile.client_auth or client.secret else without_proof(client)
    return redeem_assertion(
        asking.token_endpoint,
        client,
        assertion,
        scope=_asked(asking, "scope"),
        resource=_asked(asking, "resource"),
        params=Params(profile.params),
    )


def saml2_bearer(asking: Asking) -> Flow[Granted]:
    """Trade a SAML assertion."""
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.flows.assertion_grant import redeem_assertion
    from oauthctl.messages.assertion_grant import saml_grant

    path = asking.options.get("assertion_file") or ""
    text = _given_assertion(asking) if path in ("", "-") else ""
    if not text and not path:
        raise ConfigError(
            "no SAML assertion is given", slug="no-assertion", spec="RFC 7522 section 2.1", help="give it with `--assertion-file FILE`"
        )
    content = text.encode() if text else read_bytes(path)
    try:
        assertion = saml_grant(content)
    except ConfigError as error:
        error.where = error.where or path
        raise
    profile = asking.chosen.profile
    return redeem_assertion(
        asking.token_endpoint,
        asking.client,
        assertion,
        grant_type=SAML2_BEARER,
        scope=_asked(asking, "scope"),
        resource=_asked(asking, "resource"),
        params=Params(profile.params),
    )


def _asked(asking: Asking, name: str) -> tuple[str, ...]:
    """Scope, resource or audience that is asked for. What a profile says of a sign-in is not asked for in a trade."""
    given = tuple(asking.options.get(name) or ())
    chosen = asking.chosen
    if given or (chosen.exists and not asking.session.out.terminal.environ.get(f"OAUTHCTL_{name.upper()}") and not _is_for_trade(chosen)):
        return given
    value = getattr(chosen.profile, name)
    return tuple(value) if isinstance(value, tuple) else (value,) if value else ()


def _is_for_trade(chosen: Settings) -> bool:
    from oauthctl.store import profiles

    return profiles.load(chosen.locations, chosen.name).grant in TRADING


def _wanted(asking: Asking, role: str) -> Wanted:
    given = {end: asking.options.get(f"{role}_token_{end}") or "" for end in ("source", "file", "variable", "profile")}
    issuer = asking.chosen.profile.expect_issuer or asking.metadata.issuer or asking.chosen.profile.issuer
    audience = asking.options.get("subject_token_audience") or issuer
    return Wanted(role, **given, token_type=asking.options.get(f"{role}_token_type") or "", audience=audience)


def _given_assertion(asking: Asking) -> str:
    """The assertion of a file, stdin or a variable; empty where none is given."""
    from oauthctl.cli.token_input import read_text, token_text

    path, options = asking.options.get("assertion_file") or "", asking.options
    if path == "-":
        found = token_text(asking.session.out, "-", command="token")
    elif path:
        found = read_text(path)
    elif options.get("assertion_from") or options.get("assertion_subject") or options.get("assertion_claim"):
        return ""
    else:
        return variable_text(asking.session.out.terminal.environ, ASSERTION_VARIABLE).strip()
    if not found.strip():
        raise ConfigError(f"{'stdin' if path == '-' else f'`{path}`'} holds no assertion: it is empty", slug="no-assertion")
    return found.strip()


def _own_assertion(asking: Asking) -> str:
    from oauthctl.flows.assertion_grant import made_assertion

    account, client, profile = _service_account(asking), asking.client, asking.chosen.profile
    issuer = asking.options.get("assertion_issuer") or client.client_id or account.get("client_email", "")
    if account.get("token_uri") and not profile.assertion_audience:
        client = replace(client, audience=account["token_uri"])
    if not issuer:
        raise ConfigError(
            "an assertion needs an issuer, and no client is named",
            slug="assertion-claim-missing",
            spec="RFC 7523 section 3",
            help="give it with `--assertion-issuer WHO` (at Google the service account's address), or in `OAUTHCTL_CLIENT_ID`",
        )
    claims = _claims(asking.options.get("assertion_claim") or ())
    flow = made_assertion(client, issuer=issuer, subject=asking.options.get("assertion_subject") or "", claims=claims)
    return asking.session.run(flow)


def _service_account(asking: Asking) -> Mapping[str, str]:
    """Issuer and audience stand in the key's file where it is that of a service account."""
    from oauthctl.cli.token_input import read_bytes
    from oauthctl.jose.key_file import service_account

    path = asking.chosen.profile.client_key_file
    return service_account(read_bytes(path)) if path else {}


def _claims(words: tuple[str, ...]) -> Mapping[str, Any]:
    """`name=text` and `name:=JSON`; a name without a value takes a claim away."""
    found: dict[str, Any] = {}
    for name, value in key_values(words, "--assertion-claim"):
        if not name.endswith(":"):
            found[name] = value
            continue
        try:
            found[name[:-1]] = json.loads(value)
        except ValueError:
            raise ConfigError(f"`--assertion-claim {name}=` is not followed by JSON", help="write `name:=[1,2]`, or `name=text`") from None
    return found


def _from_other_server(asking: Asking, name: str) -> str:
    """What the server of another profile gives for the sign-in there: an assertion that is meant for this server.

    Source: draft-ietf-oauth-identity-assertion-authz-grant (an ID token for an ID-JAG); draft-ietf-oauth-identity-chaining (`jwt`).
    """
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.presenting import present
    from oauthctl.cli.refreshing import client_for, metadata_for, tell_remarks
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.endpoints import endpoint
    from oauthctl.flows.token_endpoint import with_usable_token
    from oauthctl.flows.token_exchange import token_exchange as exchange
    from oauthctl.store import profiles

    session, options, profile = asking.session, asking.options, asking.chosen.profile
    there = Settings(asking.chosen.locations, profiles.load(asking.chosen.locations, name), True)
    requested = token_type_uri(options.get("requested_token_type") or "id-jag")
    usual = "id_token" if short_token_type(requested) == "id-jag" else "access_token"
    subject = traded(session, replace(Wanted("subject"), profile=name, token_type=options.get("subject_token_type") or usual))
    metadata = metadata_for(session, there)
    given = credentials(session.out, there)
    present(session, given, metadata)
    client = client_for(there, metadata, given)
    target = profile.expect_issuer or asking.metadata.issuer or profile.issuer
    if subject is None:
        raise ConfigError("no token is named that could be exchanged", slug="exchange-parameter-missing")
    flow = exchange(
        endpoint(metadata, "token_endpoint"),
        client,
        subject,
        requested=requested,
        scope=_asked(asking, "scope"),
        resource=_asked(asking, "resource"),
        audience=(target,),
    )
    granted = with_usable_token(session.run(flow))
    tell_remarks(session, granted)
    return granted.response.access_token or ""
