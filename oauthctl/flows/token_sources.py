"""What the machine that a program runs on says of it: identity tokens of CI systems and clouds.

Here: asking GitHub Actions, Google's and Azure's metadata servers. Not here: files and variables that hold a token (`cli.traded_tokens`),
trading it (`token_exchange`).
"""

from __future__ import annotations

import json

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import bounded
from oauthctl.http import Headers, Params, get_request, is_link_local, is_safe_for_secrets, with_query
from oauthctl.messages.answer import read_answer
from oauthctl.record.exchange import Exchange

PURPOSE = "workload-identity"
METADATA_ORIGIN = "http://169.254.169.254"
"""Google's and Azure's metadata servers, by address: a name could lead elsewhere."""
_GOOGLE_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity"
_AZURE_PATH = "/metadata/identity/oauth2/token"


def github_actions(request_url: str, request_token: str, *, audience: str) -> Flow[str]:
    """The ID token of a job in GitHub Actions (Forgejo's speak the same protocol). `audience` is whom it is for.

    Raises `BadAnswer` when none is given. Source: GitHub, "OpenID Connect reference".
    """
    _require_near(request_url, "ACTIONS_ID_TOKEN_REQUEST_URL")
    url = with_query(request_url, Params((("audience", audience),)))
    exchange = yield from send(get_request(url, headers=Headers((("Authorization", f"bearer {request_token}"),))), PURPOSE)
    return _member(exchange, "value", "GitHub Actions", help="give the job the permission `id-token: write`")


def google(*, audience: str, origin: str = METADATA_ORIGIN) -> Flow[str]:
    """The ID token of the default service account of a machine at Google. Source: Google Cloud, "Verify the identity of instances".

    The answer has to carry `Metadata-Flavor: Google`, which no other server that took its address would say.
    """
    _require_near(origin, "GCE_METADATA_HOST")
    url = with_query(origin + _GOOGLE_PATH, Params((("audience", audience), ("format", "full"))))
    exchange = yield from send(get_request(url, headers=Headers((("Metadata-Flavor", "Google"),)), accept="*/*"), PURPOSE)
    response = exchange.response
    if response is None or response.status != 200 or (response.headers.get("metadata-flavor") or "").lower() != "google":
        raise _no_token(
            exchange, "Google's metadata server", help="give the machine a service account; this works inside of Google Cloud alone"
        )
    return _visible(exchange, response.text.strip(), "Google's metadata server")


def azure(*, resource: str, client_id: str = "", endpoint: str = "", secret: str = "") -> Flow[str]:
    """The access token of a machine's managed identity at Azure; with `endpoint` and `secret` that of an App Service.

    `client_id` picks one of several identities. Source: Microsoft, "How to use managed identities to acquire an access token".
    """
    if endpoint:
        _require_near(endpoint, "IDENTITY_ENDPOINT")
        where, version, header = endpoint, "2019-08-01", ("X-IDENTITY-HEADER", secret)
    else:
        where, version, header = METADATA_ORIGIN + _AZURE_PATH, "2018-02-01", ("Metadata", "true")
    query = Params.of((("api-version", version), ("resource", resource), ("client_id", client_id or None)))
    exchange = yield from send(get_request(with_query(where, query), headers=Headers((header,))), PURPOSE)
    return _member(exchange, "access_token", "Azure's managed identity", help="assign a managed identity to the machine or app")


def _require_near(url: str, variable: str) -> None:
    """Only where nobody on the way could read it: TLS, this machine, or a link-local address.

    The metadata servers of the clouds speak plain http and nothing else. Source: RFC 3927 section 2.7: a router must not forward what
    goes to a link-local address, so that it ends at the machine's own host. Names are not let through: a resolver could lead them anywhere.
    """
    if is_safe_for_secrets(url) or is_link_local(url):
        return
    raise ConfigError(
        f"`{variable}` leads by plain http to a server that is neither this machine nor its own link",
        slug="token-without-tls",
        got=url.partition("?")[0],
        spec="RFC 6750 section 5.3",
    )


def _member(exchange: Exchange, name: str, who: str, *, help: str) -> str:  # noqa: A002 - the part of an error
    response = exchange.response
    value = next((value for key, value in read_answer(response).fields if key == name), None) if response is not None else None
    if response is None or response.status != 200 or not isinstance(value, str) or not value:
        raise _no_token(exchange, who, help=help)
    return _visible(exchange, value, who)


def _visible(exchange: Exchange, token: str, who: str) -> str:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise _no_token(exchange, who, help="look at the answer with `oauthctl trace show`")
    return token


def _no_token(exchange: Exchange, who: str, *, help: str) -> BadAnswer:  # noqa: A002 - the part of an error
    response = exchange.response
    said = (
        next((str(value) for key, value in read_answer(response).fields if key in ("error_description", "message", "error")), "")
        if response
        else ""
    )
    return BadAnswer(
        f"{who} gave no token",
        slug="subject-token-missing",
        where=f"exchange {exchange.id}, GET {exchange.request.path}",
        got=f"status {response.status}" if response is not None else exchange.failure,
        notes=(f"the server says: {bounded(json.dumps(said)[1:-1])}",) if said else (),
        help=help,
    )
