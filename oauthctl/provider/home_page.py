"""The HTML of the start page: endpoints, clients, users, keys, commands to copy, faults, and the requests that came.

Here: the page and its parts, every value escaped. Not here: what is done with its form (`home`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from itertools import groupby

from oauthctl.http import Response
from oauthctl.provider.api_parts import API_PARTS
from oauthctl.provider.client import Client, User, short_grant
from oauthctl.provider.control import PATH
from oauthctl.provider.issuers import issuer_list
from oauthctl.provider.pages import heading, hidden, page
from oauthctl.provider.personas.advice import api_path, sign_in_words, target_of
from oauthctl.provider.records import Arrival
from oauthctl.provider.state import OPENID_PATH, ProviderState
from oauthctl.provider.switched import Switched

_SHOWN = 12
_SUBJECTS = {
    "metadata": "Metadata",
    "keys": "Key set",
    "cookies": "Cookies of the pages",
    "callback": "Answer in the browser",
    "front_channel": "Tokens in the browser",
    "answer_jwt": "Answers in a JWT",
    "token_answer": "Token endpoint",
    "id_token": "ID token: claims",
    "signature": "ID token: signature",
    "laxity": "Checks left out",
    "refresh": "Refreshing",
    "devices": "Devices",
    "notification": "CIBA",
    "requests": "PAR and DPoP",
    "registration": "Registration",
    "questions": "Introspection and revocation",
    "sign_out": "Signing out",
    "resource": "APIs and userinfo",
    "cors": "Scripts of other origins",
    "wire": "On the wire",
}


def start_page(state: ProviderState, *, csrf: str) -> Response:
    """The whole page; with `csrf` its form switches faults. Where others reach it, it has neither people nor what came from them."""
    is_here = state.is_controllable
    watch = f'<a href="{escape(state.base_path)}/?requests">Watch them arrive</a>'
    users = [(f"<code>{escape(user.username)}</code>", _hint(user)) for user in state.users.values()]
    lead = f"An authorization server to practise with. Its issuer is <code>{escape(state.issuer)}</code>"
    content = (
        heading(state.name, "Hello", lead)
        + (_requests(state, state.arrivals[-_SHOWN:], watch) if is_here else "")
        + _persona(state)
        + _commands(state)
        + _neighbours(state)
        + (_faults(state, csrf) if csrf else "")
        + _section("Endpoints", ("What", "Where"), [(name, f"<code>{escape(url)}</code>") for name, url in _endpoints(state)])
        + _section("Clients", ("Client", "What it may do"), [(_name(client), _client(client)) for client in state.clients.values()])
        + (_section("Users", ("Username", "Password"), users) if is_here else "")
        + _section(
            "Keys",
            ("Algorithm", "Name (kid)"),
            [(f"<code>{escape(key.alg)}</code>", f"<code>{escape(key.kid)}</code>") for key in state.keys],
        )
    )
    return page(state.name, content, is_wide=True)


def requests_page(state: ProviderState) -> Response:
    """The requests alone, for a page that comes again by itself."""
    back = f'<a href="{escape(state.base_path)}/">Stop, and go back to the start page</a>'
    lead = "The latest requests; the page comes again every few seconds."
    content = heading(state.name, "Requests", lead) + _requests(state, state.arrivals, back)
    return page(f"Requests – {state.name}", content, is_wide=True)


def _requests(state: ProviderState, arrivals: tuple[Arrival, ...], link: str) -> str:
    on = ", ".join(f"<code>{escape(one.slug)}</code>" for one in state.faults)
    alert = f'<p class="alert">Wrong on purpose: {on}.</p>' if on else ""
    if not arrivals:
        return f'<section aria-labelledby="requests"><h2 id="requests">Requests</h2>{alert}<p>None came yet.</p><p>{link}</p></section>'
    rows = "".join(_row(one) for one in reversed(arrivals))
    return (
        f'<section aria-labelledby="requests"><h2 id="requests">Requests, the latest first</h2>{alert}'
        '<table class="log"><thead><tr><th scope="col">Time</th><th scope="col">Request</th><th scope="col">Answer</th></tr></thead>'
        f"<tbody>{rows}</tbody></table><p>{link}</p></section>"
    )


def _row(one: Arrival) -> str:
    reason = f"<br>{escape(one.reason)}" if one.reason else ""
    wrong = "".join(f"<br><strong>{escape(said)}</strong> <code>{escape(rule)}</code>" for rule, said in one.wrong)
    who = f" <span class=fine>{escape(one.who)}</span>" if one.who else ""
    kind = ' class="wrong"' if one.wrong else ""
    return (
        f"<tr{kind}><td><time>{one.at:%H:%M:%S}</time></td>"
        f"<td><code>{escape(one.method)} {escape(one.path)}</code>{who}{reason}{wrong}</td>"
        f"<td>{one.status}</td></tr>"
    )


def _persona(state: ProviderState) -> str:
    """Whom the provider plays, and what is peculiar to that one."""
    if state.persona is None:
        return ""
    says = "".join(f"<li><span>{_literals(said)}</span></li>" for said in state.persona.says)
    differs = "".join(f"<li><span>Unlike the real one: {_literals(said)}</span></li>" for said in state.persona.differs)
    title = f"As {escape(state.persona.title)}"
    return f'<section aria-labelledby="persona"><h2 id="persona">{title}</h2><ul>{says}{differs}</ul></section>'


def _commands(state: ProviderState) -> str:
    listed = [
        ("Sign in", f"oauthctl login {sign_in_words(state)}"),
        ("Call the API with the token", f"oauthctl call {state.url(api_path(state))}"),
        ("Say why the last run failed", "oauthctl diagnose"),
    ]
    if state.metadata_paths:
        listed.insert(0, ("See what it can do", f"oauthctl discover {target_of(state)}"))
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


def _faults(state: ProviderState, csrf: str) -> str:
    from oauthctl.provider.faults.registry import all_faults

    struck = {one.slug: one for one in state.faults}
    places = list(_SUBJECTS)
    faults = sorted(all_faults().values(), key=lambda one: (places.index(one.subject) if one.subject in places else 99, one.slug))
    groups = ""
    for subject, members in groupby(faults, key=lambda one: one.subject):
        its = list(members)
        rows = "".join(_fault(one.slug, one.title, one.rule, struck.get(one.slug)) for one in its)
        count = sum(one.slug in struck for one in its)
        is_open = " open" if count else ""
        on = f", {count} on" if count else ""
        name = escape(_SUBJECTS.get(subject, subject))
        how_many = f"{len(its)} fault{'s' if len(its) > 1 else ''}"
        groups += f"<details{is_open}><summary>{name} <span class=fine>{how_many}{on}</span></summary>{rows}</details>"
    action = f'<form method="post" action="{escape(state.base_path)}/">'
    well = (
        f'{action}{hidden({"csrf": csrf, "step": "well"})}<p class="buttons"><button>Switch all off</button></p></form>' if struck else ""
    )
    return (
        '<section aria-labelledby="faults"><h2 id="faults">Faults</h2><p class="fine">What goes wrong in the wild, on purpose: tick what '
        "the provider is to do wrong. <code>oauthctl diagnose</code> names the rule behind each.</p>"
        f"{action}{hidden({'csrf': csrf})}{groups}"
        '<label for="spec">More, not at each occasion</label><input id="spec" name="spec" spellcheck="false" autocapitalize="none" '
        'autocomplete="off" placeholder="token-error:times=1 refresh-spent:after=2,client=web">'
        '<p class="buttons"><button class="primary">Switch on what is ticked or written</button></p></form>'
        f"{well}</section>"
    )


def _fault(slug: str, title: str, rule: str, on: Switched | None) -> str:
    ticked = " checked" if on is not None else ""
    struck = f"{_settings(on)}, struck {on.strikes} time{'' if on.strikes == 1 else 's'}" if on is not None else ""
    return (
        f'<label class="fault"><input type="checkbox" name="fault" value="{escape(slug)}"{ticked}>'
        f"<span>{_literals(title)}<br><code>{escape(slug)}</code> <span class=fine>found as {escape(rule)}{struck}</span></span></label>"
    )


def _settings(on: Switched) -> str:
    from oauthctl.provider.faults.spec import written

    settings = written(on).partition(":")[2]
    return f", {escape(settings)}" if settings else ""


def _literals(text: str) -> str:
    """What stands between backticks as code."""
    return "".join(f"<code>{escape(part)}</code>" if at % 2 else escape(part) for at, part in enumerate(text.split("`")))


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
    name = title.lower()
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></section>"
    )
