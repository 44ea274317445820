"""An endpoint of the provider, out of its metadata, fit to be asked.

Here: finding it or saying that it is missing. Not here: discovery.
"""

from __future__ import annotations

import json

from oauthctl.errors import BadAnswer
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import bounded
from oauthctl.http import has_user_info, is_http_url, is_safe_for_secrets
from oauthctl.messages.metadata import ProviderMetadata


def endpoint(metadata: ProviderMetadata, name: str) -> str:
    """The URL of this endpoint. Source: RFC 8414 section 2.

    Raises `BadAnswer` when the metadata has none, one that is no http URL, or leads from https to plain http; `ConfigError` when a person
    named a server of plain http that is not this machine, and secrets would go there.
    """
    url = metadata.raw(name)
    if not isinstance(url, str) or not url:
        raise BadAnswer(
            f"no `{name}` is known" + (f" for `{metadata.issuer}`" if metadata.issuer else ""),
            slug="endpoint-missing",
            notes=(f"read from exchange {metadata.exchange}",) if metadata.exchange else (),
            spec="RFC 8414 section 2",
            help=f"give it to `oauthctl login` with `--{name.replace('_', '-')} URL`",
        )
    # The browser is handed this URL: `javascript:`, `file:` and the schemes of other programs must not get there.
    _require_http(metadata, name, spec="RFC 6749 section 3.1")
    _refuse_user_info(metadata, name, url)
    if name != "authorization_endpoint" and not _is_published(metadata):
        require_tls(url, "the request for a token" if name == "token_endpoint" else "the token")
    if metadata.issuer and is_safe_for_secrets(metadata.issuer) and not is_safe_for_secrets(url):
        raise BadAnswer(
            f"`{name}` is plain http to another machine: secrets and tokens could be read on the way",
            slug="endpoint-without-tls",
            notes=(f"read from exchange {metadata.exchange}",) if metadata.exchange else (),
            got=bounded(url),
            spec="RFC 6749 section 3.1",
            help="tell the provider; nothing is sent there",
        )
    return url


def key_set_uri(metadata: ProviderMetadata, *, help: str = "") -> str:  # noqa: A002 - the part of an error
    """Where the keys are; empty when the metadata does not say. `help` is what to type instead of the option of `login`.

    Raises `BadAnswer` when what it says is no http URL: nothing but http is spoken, and no file of this machine is a provider's key set.
    """
    if metadata.raw("jwks_uri") in (None, ""):
        return ""
    _require_http(metadata, "jwks_uri", spec="RFC 8414 section 2", instead=help)
    return metadata.jwks_uri or ""


def _require_http(metadata: ProviderMetadata, name: str, *, spec: str, instead: str = "") -> None:
    value = metadata.raw(name)
    if isinstance(value, str) and is_http_url(value):
        return
    raise BadAnswer(
        f"`{name}` is no http or https URL",
        slug="endpoint-unusable",
        notes=(f"read from exchange {metadata.exchange}",) if metadata.exchange else (),
        got=bounded(value if isinstance(value, str) else json.dumps(value)),
        spec=spec,
        help=instead or f"give the right one to `oauthctl login` with `--{name.replace('_', '-')} URL`",
    )


def _refuse_user_info(metadata: ProviderMetadata, name: str, url: str) -> None:
    """Whoever reads `https://op.example@evil.example/` takes it for the former, and a password in a URL is told to everybody."""
    if not has_user_info(url):
        return
    raise BadAnswer(
        f"`{name}` has user info in its URL, before the host",
        slug="endpoint-unusable",
        notes=(f"read from exchange {metadata.exchange}",) if metadata.exchange else (),
        spec="RFC 9110 section 4.2.4",
        help=f"give the right one to `oauthctl login` with `--{name.replace('_', '-')} URL`",
    )


def _is_published(metadata: ProviderMetadata) -> bool:
    """Whether a server that is safe to ask says where its endpoints are: then plain http is its mistake, not the person's."""
    return metadata.exchange is not None and is_safe_for_secrets(metadata.issuer or "")
