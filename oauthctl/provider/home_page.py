"""The HTML of the start page: endpoints, clients, users, keys, commands to copy.

Here: the page and most of its parts, every value escaped. Not here: the requests that came (`home_requests`), the faults (`home_faults`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from itertools import islice

from oauthctl.http import Response
from oauthctl.provider.api_parts import API_PARTS
from oauthctl.provider.client import Client, User, short_grant
from oauthctl.provider.control import PATH
from oauthctl.provider.home_faults import Draft, faults_section
from oauthctl.provider.home_requests import requests_section
from oauthctl.provider.issuers import issuer_list
from oauthctl.provider.pages import heading, literals, page
from oauthctl.provider.personas.advice import call_words, discover_words, sign_in_words
from oauthctl.provider.state import OPENID_PATH, ProviderState

_CLIENTS, _REDIRECTS, _CHARACTERS = 50, 5, 200
"""How many clients are shown, how many redirect URIs of each, and how much of a text that a client chose."""
_SECRETS = (
    '<p class="fine">Secrets are not shown here, where others may look on. That of the practice clients stands in the terminal in which '
    "the provider was started, and in what <code>oauthctl serve --json</code> prints there; a client that you brought has the one that "
    "you gave it, and one that registered itself was told its own.</p>"
)


def start_page(
    state: ProviderState, *, csrf: str, opened: int = 0, is_still: bool = False, draft: Draft | None = None, status: int = 200
) -> Response:
    """The whole page; with `csrf` its form switches faults. Where others reach it, it has neither people nor what came from them.

    `opened` is the number of the request that is shown opened; what `is_still` does not change by itself; `draft` is what was filled into
    the form and could not be followed.
    """
    is_here = state.is_controllable
    users = [(f"<code>{escape(user.username)}</code>", _hint(user)) for user in state.users.values()]
    lead = f"An authorization server to practise with. Its issuer is <code>{escape(state.issuer)}</code>"
    content = (
        heading(state.name, "Develop a client against this provider", lead)
        + (requests_section(state, opened=opened, is_still=is_still) if is_here else "")
        + _persona(state)
        + _commands(state)
        + _neighbours(state)
        + (faults_section(state, csrf=csrf, draft=draft) if csrf else "")
        + _section("Endpoints", ("What", "Where"), [(name, f"<code>{escape(url)}</code>") for name, url in _endpoints(state)])
        + _section("Clients", ("Client", "What it may do"), _clients(state))
        + (_SECRETS if any(client.secret for client in state.clients.values()) else "")
        + (_section("Users", ("Username", "Password"), users) if is_here else "")
        + _section(
            "Keys",
            ("Algorithm", "Name (kid)"),
            [(f"<code>{escape(key.alg)}</code>", f"<code>{escape(key.kid)}</code>") for key in state.keys],
        )
    )
    return page(state.name, content, status=status, is_wide=True, has_frames=is_here)


def _persona(state: ProviderState) -> str:
    """Whom the provider plays, and what is peculiar to that one."""
    if state.persona is None:
        return ""
    says = "".join(f"<li><span>{literals(said)}</span></li>" for said in state.persona.says)
    differs = "".join(f"<li><span>Unlike the real one: {literals(said)}</span></li>" for said in state.persona.differs)
    title = f"As {escape(state.persona.title)}"
    return f'<section aria-labelledby="persona"><h2 id="persona">{title}</h2><ul>{says}{differs}</ul></section>'


def _commands(state: ProviderState) -> str:
    listed = [
        ("Sign in", f"oauthctl login {sign_in_words(state)}"),
        *([("Call the API with the token", f"oauthctl call {call_words(state)}")] if call_words(state) else ()),
        ("Say why the last run failed", "oauthctl diagnose"),
    ]
    if state.metadata_paths:
        listed.insert(0, ("See what it can do", f"oauthctl discover {discover_words(state)}"))
    if state.is_controllable:
        body = '{"faults": ["code-expired:times=1"]}'
        listed.append(
            (
                "Switch a fault on from a test",
                f"curl -X PUT {state.url(PATH)} -H 'Content-Type: application/json' -d '{body}'",
            )
        )
    items = "".join(f'<dt>{escape(what)}</dt><dd><pre class="copy">{escape(text)}</pre></dd>' for what, text in listed)
    return f'<section aria-labelledby="commands"><h2 id="commands">Commands</h2><dl>{items}</dl></section>'


def _neighbours(state: ProviderState) -> str:
    if not state.neighbours:
        return ""
    return f'<section aria-labelledby="neighbours"><h2 id="neighbours">Beside this issuer</h2>{issuer_list(state.neighbours)}</section>'


def _endpoints(state: ProviderState) -> Iterable[tuple[str, str]]:
    paths = state.endpoints
    if state.persona is not None and state.persona.endpoints is not None:
        listed = {one.name.replace("_", " ").capitalize(): getattr(paths, one.name) for one in fields(paths) if getattr(paths, one.name)}
        listed |= {f"User {page.path}": page.path for page in state.persona.pages} | {
            f"Metadata {path}": path for path in state.persona.metadata
        }
    else:
        listed = {
            "Metadata": OPENID_PATH,
            "Authorization": paths.authorize,
            "Token": paths.token,
            "Keys": paths.jwks,
            "UserInfo": paths.userinfo,
            "Pushed requests": paths.pushed,
            "Device authorization": paths.device_authorization,
            "Registration": paths.register,
            "Introspection": paths.introspect,
            "Revocation": paths.revoke,
            "Approvals": paths.approvals,
            "Sign out": paths.end_session,
            "API": "/api/items",
            "More API": "/api/photos",
            **{f"API of {part.name}": path for path, part in state.api.items() if path not in API_PARTS},
        }
    return [(name, state.url(path)) for name, path in listed.items()]


def _clients(state: ProviderState) -> list[tuple[str, str]]:
    """The first of them, those that were given before those that registered: anybody may register many, and say much."""
    rows = [(_name(client), _client(client)) for client in islice(state.clients.values(), _CLIENTS)]
    more = len(state.clients) - len(rows)
    return [*rows, (f"and {more} more", "")] if more else rows


def _name(client: Client) -> str:
    return f"<code>{escape(_clipped(client.id))}</code><br>{escape(_clipped(client.name))}"


def _client(client: Client) -> str:
    kind = "public, uses PKCE" if client.is_public else "has a secret"
    grants = ", ".join(map(short_grant, client.grant_types)) or "introspection only"
    redirects = "".join(
        f"<br><code>{escape(_clipped(_without_secrets(uri)))}</code>{' (any port)' if client.takes_any_port(uri) else ''}"
        for uri in client.redirect_uris[:_REDIRECTS]
    )
    more = len(client.redirect_uris) - _REDIRECTS
    scopes = f"<br>{escape(_clipped(' '.join(client.scopes)))}" if client.scopes else ""
    return f"{escape(kind)}: {escape(grants)}{scopes}{redirects}{f'<br>and {more} more' if more > 0 else ''}"


def _without_secrets(uri: str) -> str:
    """Some clients have a secret in the query of the URI itself."""
    from oauthctl.record.secret_places import rewrite_url

    return rewrite_url(uri, lambda *_: "redacted")


def _clipped(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}\u2026"


def _hint(user: User) -> str:
    return "the same" if user.has_password(user.username) else "not shown"


def _section(title: str, columns: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in rows)
    name = title.lower()
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></section>"
    )
