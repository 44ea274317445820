"""The start page: what this provider is, for the person who practises with it.

Here: one page that lists endpoints, clients and users. Not here: secrets, which it never shows.
"""

from __future__ import annotations

from html import escape

from oauthctl.http import Request
from oauthctl.provider.answers import Answer
from oauthctl.provider.client import Client, User, short_grant
from oauthctl.provider.moment import Moment
from oauthctl.provider.pages import heading, page
from oauthctl.provider.state import ProviderState


def home(state: ProviderState, _request: Request, _moment: Moment) -> Answer:
    """The start page."""
    lead = f"An authorization server to practise with. Its issuer is <code>{escape(state.issuer)}</code>"
    content = (
        heading(state.name, "Hello", lead)
        + _section("Endpoints", ("What", "Where"), [(name, f"<code>{escape(url)}</code>") for name, url in _endpoints(state)])
        + _section("Clients", ("Client", "What it may do"), [(_name(client), _client(client)) for client in state.clients.values()])
        + _section(
            "Users", ("Username", "Password"), [(f"<code>{escape(user.username)}</code>", _hint(user)) for user in state.users.values()]
        )
    )
    return state, page(state.name, content, is_wide=True)


def _endpoints(state: ProviderState) -> list[tuple[str, str]]:
    paths = state.endpoints
    if state.dialect == "github":
        listed = {"Authorization": paths.authorize, "Token": paths.token, "User": "/user", "Email addresses": "/user/emails"}
    else:
        listed = {
            "Metadata": "/.well-known/openid-configuration",
            "Authorization": paths.authorize,
            "Token": paths.token,
            "Keys": paths.jwks,
            "UserInfo": paths.userinfo,
            "Introspection": paths.introspect,
            "Revocation": paths.revoke,
            "Sign out": paths.end_session,
            "API": "/api/items",
            "More API": "/api/photos",
        }
    return [(name, state.url(path)) for name, path in listed.items()]


def _name(client: Client) -> str:
    return f"<code>{escape(client.id)}</code><br>{escape(client.name)}"


def _client(client: Client) -> str:
    kind = "public, uses PKCE" if client.is_public else "has a secret"
    grants = ", ".join(map(short_grant, client.grant_types)) or "introspection only"
    redirects = "".join(f"<br><code>{escape(uri)}</code>" for uri in client.redirect_uris)
    scopes = f"<br>{escape(' '.join(client.scopes))}" if client.scopes else ""
    return f"{escape(kind)}: {escape(grants)}{scopes}{redirects}"


def _hint(user: User) -> str:
    return "the same" if user.has_password(user.username) else "not shown"


def _section(title: str, columns: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in rows)
    return f"<h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
