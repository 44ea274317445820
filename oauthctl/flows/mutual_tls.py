"""Mutual TLS around any flow: the requests that want the client's certificate get it, at the address that asks for it.

Here: which requests these are. Not here: the certificate (`jose.client_certificate`), the connections (`shell`), the API of bound tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from oauthctl.errors import BadAnswer
from oauthctl.flows.steps import Flow, Listen, Send, Step
from oauthctl.flows.token_endpoint import bounded
from oauthctl.http import has_user_info, is_http_url
from oauthctl.messages.metadata import ProviderMetadata

T = TypeVar("T")
CERTIFIED = (
    "token_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
)
"""The endpoints that want to know the client. Source: RFC 8705 section 5."""


def certified_urls(metadata: ProviderMetadata, *names: str) -> dict[str, str]:
    """The addresses of these endpoints (of `CERTIFIED` without names), each with the one to ask with a certificate: its alias or itself.

    Raises `BadAnswer` for an alias that is no https URL. Source: RFC 8705 section 5: the alias MUST be used where there is one.
    """
    aliases = metadata.raw("mtls_endpoint_aliases")
    aliases = aliases if isinstance(aliases, dict) else {}
    found: dict[str, str] = {}
    for name in names or CERTIFIED:
        url = metadata.raw(name)
        if isinstance(url, str) and url:
            alias = aliases.get(name, url)
            found[url] = url if alias == url else _usable(alias, name, metadata)
    return found


def mutual_tls(flow: Flow[T], urls: Mapping[str, str]) -> Flow[T]:
    """The same flow; what it sends to one of these addresses goes to its alias, with the client's certificate, and nothing else does."""
    try:
        step = next(flow)
        while True:
            answer: Any = yield _certified(step, urls)
            step = flow.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        flow.close()


def _certified(step: Step, urls: Mapping[str, str]) -> Step:
    match step:
        case Send(request=request) if request.url in urls:
            return replace(step, request=replace(request, url=urls[request.url]), with_certificate=True)
        case Listen(keep_open=kept):
            # A connection that was opened without the certificate can't present it later.
            return replace(step, keep_open=tuple(url for url in kept if url not in urls))
        case _:
            return step


def _usable(alias: object, name: str, metadata: ProviderMetadata) -> str:
    if isinstance(alias, str) and is_http_url(alias) and alias.lower().startswith("https:") and not has_user_info(alias):
        return alias
    raise BadAnswer(
        f"`{name}` of `mtls_endpoint_aliases` is no https URL",
        slug="endpoint-unusable",
        notes=(f"read from exchange {metadata.exchange}",) if metadata.exchange else (),
        got=bounded(alias if isinstance(alias, str) else repr(alias)),
        spec="RFC 8705 section 5",
        help="tell the provider; nothing is sent there",
    )
