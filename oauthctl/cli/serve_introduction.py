"""What `serve` says of the provider once it answers: for a person, and for a program.

Here: clients, users, addresses, what to try next. Not here: the provider itself (`serving`).
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING, Any

from oauthctl.http import is_loopback_host, is_safe_for_secrets

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.practice_https import PracticeHttps
    from oauthctl.cli.practice_mtls import PracticeTls
    from oauthctl.cli.serve_wanted import Wanted
    from oauthctl.provider.client import Client
    from oauthctl.provider.state import ProviderState
    from oauthctl.shell.serve import Server
    from oauthctl.views.lines import Line


_QUIRKS = "oauthctl serve --list-personas --persona {name}"


def introduce(
    out: Output, wanted: Wanted, server: Server, *, secrets: tuple[str, ...], tls: PracticeTls | None, https: PracticeHttps | None
) -> None:
    """Say on stdout where the providers are, and on stderr what they have; `secrets` are the generated ones, in their order."""
    if not is_loopback_host(wanted.host):
        how = "" if https is not None else ", and all travels as plain http"
        out.warn(f"`{wanted.host}` is more than this machine: whoever reaches port {server.port} can sign in{how}")
    elif wanted.public_issuers:
        issuer = wanted.public_issuers[0]
        out.warn(f"`{issuer}` is more than this machine: whoever reaches it can sign in, and its users' passwords are known")
    from oauthctl.provider.personas.advice import target_of

    told = tuple(zip(server.states, secrets, strict=True))
    if wanted.json:
        documents = [document(state, secret) for state, secret in told]
        trust = {"ca_file": str(https.authority_file)} if https is not None else {}
        out.json(documents[0] | trust | {"issuers": documents})
        return
    for state, _ in told:
        out.data(target_of(state))
    if https is not None:
        from oauthctl.cli.practice_https import how_to_trust

        out.say_lines(how_to_trust(https))
    if tls is not None:
        out.say("certificates: at ", server.state.mtls_origin, f" the clients machine and alone show those in {tls.folder}; try")
        trusting = f"SSL_CERT_FILE={quote(str(tls.authority_file))} OAUTHCTL_ISSUER={server.issuer} OAUTHCTL_CLIENT_ID=machine"
        out.say(f"  {trusting} oauthctl token --grant client_credentials --client-certificate {quote(str(tls.client_file('machine')))}")
    for state, secret in told:
        if len(told) > 1:
            out.say_lines(_titled_issuer(state))
        out.say_lines(introduction(state, secret, before=f"{https.trust} " if https is not None else ""))
    out.say("Ctrl-C ends it; what goes wrong is told here:")


def _titled_issuer(state: ProviderState) -> Iterator[Line]:
    from oauthctl.views.lines import Span, line

    yield ()
    yield line(Span("Issuer ", "bold"), Span(state.issuer, "literal"))


def introduction(state: ProviderState, secret: str, *, before: str = "") -> Iterator[Line]:
    """Clients, users and addresses for a person; `secret` is the generated one, which is shown this once.

    `before` stands in front of the command to try.
    """
    from oauthctl.provider.personas.advice import api_path
    from oauthctl.views.lines import Span, line

    def titled(title: str) -> Line:
        return line(Span(title, "bold"))

    yield ()
    if state.persona is not None:
        yield line("as ", Span(state.persona.title, "bold"), "; its quirks: ", Span(_QUIRKS.format(name=state.persona.name), "literal"))
        yield ()
    yield titled("Clients")
    width = max(len(client.id) for client in state.clients.values())
    for client in state.clients.values():
        yield line("  ", Span(client.id.ljust(width), "literal"), f"  {described(client)}")
    yield line("  the secret of web, service and api, made for this run: ", Span(secret, "literal"))
    yield ()
    yield titled("Users")
    width = max(len(username) for username in state.users)
    for user in state.users.values():
        own = user.has_password(user.username)
        yield line("  ", Span(user.username.ljust(width), "literal"), "  password: the same" if own else "  password: as you set it")
    yield ()
    yield titled("Addresses")
    places = {
        "start page": (state.url("/"), ""),
        "metadata": (state.origin + state.metadata_paths[0] if state.metadata_paths else "", ""),
        "an API": (state.url(api_path(state)) if api_path(state) else "", ""),
        "approvals": (state.url(state.endpoints.approvals), "  where people answer what CIBA clients ask"),
    }
    if not state.endpoints.approvals:
        places.pop("approvals")
    for name, (url, use) in ((name, place) for name, place in places.items() if place[0]):
        yield line(f"  {name.ljust(10)}  ", Span(url, "literal"), use)
    yield ()
    yield from _how_to_sign_in(state, before)


def _how_to_sign_in(state: ProviderState, before: str) -> Iterator[Line]:
    """The command that signs in; where the issuer is plain http at another name than this machine's, `login` would refuse it."""
    from oauthctl.provider.personas.advice import sign_in_words
    from oauthctl.views.lines import Span, line, literals

    if is_safe_for_secrets(state.reached_at):
        yield line("try ", Span(f"{before}oauthctl login {sign_in_words(state)}", "literal"))
        return
    nothing = f"`oauthctl login` sends nothing over plain http to `{state.reached_at}`: put TLS in front of it, and start this with"
    yield line(*literals(nothing))
    yield line(*literals("`--issuer https://HOST`; to sign in on this machine alone, leave `--host` and `--issuer` out"))


def document(state: ProviderState, secret: str) -> dict[str, Any]:
    """The same for a program; of the secrets it holds the generated one alone."""
    from oauthctl.provider.personas.advice import api_path

    return {
        "issuer": state.issuer,
        "persona": state.persona.name if state.persona is not None else None,
        "url": state.reached_at,
        "metadata_url": state.origin + state.metadata_paths[0] if state.metadata_paths else None,
        "api_urls": [state.url(path) for path in state.api] if state.persona is None else [],
        "api_url": state.url(api_path(state)) if api_path(state) else None,
        "approvals_url": state.url(state.endpoints.approvals) if state.endpoints.approvals else None,
        **({"mtls_url": state.mtls_origin} if state.mtls_origin else {}),
        "token_seconds": state.token_seconds,
        "clients": [
            {
                "client_id": client.id,
                "name": client.name,
                "is_public": client.is_public,
                "token_endpoint_auth_methods": list(client.allowed_auth_methods),
                "client_secret": secret if client.has_secret(secret) else None,
                "redirect_uris": list(client.redirect_uris),
                "scopes": list(client.scopes),
                "grant_types": list(client.grant_types),
            }
            for client in state.clients.values()
        ],
        "users": [{"username": user.username, "password_is_username": user.has_password(user.username)} for user in state.users.values()],
    }


def described(client: Client) -> str:
    """How the client proves itself, what it may ask for, and where its answers go, in a line."""
    from oauthctl.cli.practice_specs import takes_any_port
    from oauthctl.provider.client import short_grant

    grants = ", ".join(map(short_grant, client.grant_types)) or "introspection only"
    first = next(iter(client.redirect_uris), "")
    any_port = " (any port)" if client.is_native and takes_any_port(first) else ""
    more = f" and {len(client.redirect_uris) - 1} more" if len(client.redirect_uris) > 1 else ""
    to = f"; back to {first}{any_port}{more}" if first else ""
    return f"{_proof(client)}; {grants}{to}"


def _proof(client: Client) -> str:
    """How the client proves itself, in a word or two."""
    from oauthctl.messages.client_auth import ATTESTING
    from oauthctl.provider.client_certificate import wants_certificate
    from oauthctl.provider.client_metadata import SECRET_METHODS

    methods = client.allowed_auth_methods
    if client.is_public:
        return "public, with PKCE"
    if client.binds_certificate or wants_certificate(client):
        return "has a certificate"
    proofs = {"a secret": SECRET_METHODS, "keys": ("private_key_jwt",), "an attestation": (ATTESTING,)}
    has = " and ".join(proof for proof, known in proofs.items() if set(known) & set(methods))
    return f"has {has}" + (f", for {client.auth_methods[0]}" if client.auth_methods and has == "a secret" else "")
