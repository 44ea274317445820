"""Answers that a careful client does not use, in the words in which it says so: what it met can't be seen in a shared recording any more,
or harms no other client.

Here: what our own client refuses and no other rule is about. Not here: defects that show by themselves (the rules of the messages).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.http import is_http_url, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE
from oauthctl.messages.token_type import token_type_problem
from oauthctl.rules.given import Given
from oauthctl.rules.metadata import members_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.seen import MetadataRequest, Seen
from oauthctl.specs import Section

_ODD = "holds characters that no"


@rule(Section("RFC 6749", "7.1"))
def token_type_unknown(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The access token is of a type that the client does not know."""
    back = seen.back
    if not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or "token type" not in given.local_error:
        return
    written = back.token_type or ""
    if not token_type_problem(written):
        return
    yield Found(
        cause=f"The token response has the `token_type` `{written[:40]}`, which the client does not know: a client must not use an access "
        "token whose type it does not understand.",
        help="At the provider, register the client for `Bearer` (or `DPoP`) tokens; or use a client that knows this type.",
        evidence=(seen.evidence("response.body.token_type", expected="Bearer or DPoP", got=written[:40]),),
    )


@rule(Section("RFC 8693", "2.2.1"))
def exchange_issued_type_missing(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The exchange does not say of what type the token is."""
    back = seen.back
    if not isinstance(back, TokenResponse) or seen.reply.failed or seen.sent.grant_type != TOKEN_EXCHANGE:
        return
    raw = back.raw("issued_token_type")
    if "issued_token_type" not in given.local_error or (isinstance(raw, str) and raw.strip()):
        return
    how = "The answer to the token exchange has no `issued_token_type`" if raw in (None, "") else "The `issued_token_type` is no string"
    yield Found(
        cause=f"{how}, which every such answer must have: whatever is issued comes in `access_token`, and only this member tells of what "
        "type the token is.",
        help="At the provider, have the answer of a token exchange name the type that was issued in `issued_token_type`, as a URI "
        "such as `urn:ietf:params:oauth:token-type:access_token`.",
        evidence=(seen.evidence("response.body.issued_token_type", expected="a token type URI", got=str(raw)[:80] if raw else "nothing"),),
    )


@rule(Section("RFC 6749", "A.12"), explains=("at-hash-differs", "token-with-blanks"))
def access_token_unusable(seen: Seen[TokenRequest], given: Given) -> Iterator[Found]:
    """The access token holds characters that no token has."""
    back = seen.back
    is_said = _ODD in given.local_error and "access_token" in given.local_error.replace("access token", "access_token")
    if not isinstance(back, TokenResponse) or seen.reply.failed or not back.access_token or not is_said:
        return
    yield Found(
        cause="The access token in the token response holds characters outside of printable ASCII (blanks, line breaks, letters with "
        "accents): no `Authorization` header can carry it.",
        help="At the provider, look for what writes the token: it has to consist of visible ASCII characters (RFC 6749 appendix A.12).",
        evidence=(seen.evidence("response.body.access_token", expected="visible ASCII characters", got="others"),),
    )


@rule(Section("RFC 6749", "3.1"))
def callback_parameter_repeated(returned: Seen[AuthorizationResponse]) -> Iterator[Found]:
    """The callback has a parameter more than once."""
    for name in returned.sent.duplicated():
        values = returned.sent.all(name)
        if returned.is_direct and name in ("code", "state", "iss", "error", "response", "id_token", "access_token"):
            differ = "with different values" if any(value != values[0] for value in values) else "with the same value"
            yield Found(
                cause=f"The callback has `{name}` {len(values)} times, {differ}: which one counts is anybody's guess, and somebody may "
                "have slipped one in.",
                help="In the client, refuse the answer. At the provider, or in the redirect_uri that is registered, look for what adds "
                f"`{name}` a second time.",
                evidence=(returned.evidence(f".{name}", expected="once", got=f"{len(values)} times"),),
            )
            return


@rule(Section("RFC 8414", "2"), explains=("metadata-incomplete",))
def endpoint_unusable(asked: Seen[MetadataRequest], given: Given) -> Iterator[Found]:
    """The metadata names an endpoint that is no http or https URL."""
    for name, value in (*_named(asked, given), *_relative(asked)):
        if isinstance(value, str) and is_http_url(value) and "@" not in split_url(value).netloc:
            continue
        yield Found(
            cause=f"The metadata names as `{name}` the value `{str(value)[:200]}`, which is no plain (absolute) http or https URL: a "
            "client sends "
            "nothing there, since a browser or another program would be led astray.",
            help=f"On the authorization server, correct `{name}`.",
            evidence=(asked.evidence(f"response.body.{name}", expected="an https URL", got=str(value)[:200]),),
        )
        return


@rule(Section("RFC 6749", "3.1"), explains=("metadata-endpoint-internal",))
def endpoint_without_tls(asked: Seen[MetadataRequest], given: Given) -> Iterator[Found]:
    """The metadata was read over TLS and names an endpoint of plain http."""
    for name, value in _named(asked, given):
        if isinstance(value, str) and value.lower().startswith("http://") and "plain http" in given.local_error:
            yield Found(
                cause=f"The metadata names as `{name}` the address `{value[:200]}`, plain http: secrets and tokens could be read on the "
                "way, so that the client sends none there.",
                help=f"On the authorization server, publish `{name}` as https; behind a proxy that ends TLS, trust its "
                "`X-Forwarded-Proto`.",
                evidence=(asked.evidence(f"response.body.{name}", expected="an https URL", got=value[:200]),),
            )
            return


@rule(Section("RFC 8259", "4"), explains=("metadata-issuer-differs",))
def metadata_member_repeated(asked: Seen[MetadataRequest], given: Given) -> Iterator[Found]:
    """The metadata has a member more than once, with different values."""
    back = asked.back
    for name in back.duplicated() if back is not None and not asked.reply.failed else ():
        if f"`{name}` more than once" not in given.local_error:
            continue
        yield Found(
            cause=f"The metadata has `{name}` more than once, with different values: one program uses the first, another the last.",
            help=f"On the authorization server, publish `{name}` once.",
            evidence=(asked.evidence(f"response.body.{name}", expected="once", got=f"{len(back.all(name)) if back else 0} times"),),
        )
        return


def _relative(asked: Seen[MetadataRequest]) -> Iterator[tuple[str, object]]:
    """Endpoints that are paths: whatever reads them has nothing to join them to."""
    for name, value in members_of(asked).items() if not asked.reply.failed else ():
        if name.endswith(("_endpoint", "jwks_uri")) and isinstance(value, str) and value.startswith("/"):
            yield name, value


def _named(asked: Seen[MetadataRequest], given: Given) -> Iterator[tuple[str, object]]:
    """The endpoints that the client's complaint names."""
    if asked.reply.failed:
        return
    for name, value in members_of(asked).items():
        if name.endswith(("_endpoint", "jwks_uri")) and f"`{name}`" in given.local_error:
            yield name, value
