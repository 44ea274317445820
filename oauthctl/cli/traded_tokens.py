"""The token that is given in exchange: from a file, a variable, a profile, or the machine that the program runs on.

Here: what each `--subject-token-source` and `--actor-token-source` stands for. Not here: the protocols of the clouds
(`flows.token_sources`), the exchange (`trading`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.cli.settings import variable_text
from oauthctl.errors import ConfigError
from oauthctl.messages.token_exchange import Traded, short_token_type, token_type_uri, usual_type

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.flows.steps import Flow
    from oauthctl.store.tokens import TokenSet

KUBERNETES_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_VARIABLES = {"subject": "OAUTHCTL_SUBJECT_TOKEN", "actor": "OAUTHCTL_ACTOR_TOKEN"}
_AWS_VARIABLE = "AWS_WEB_IDENTITY_TOKEN_FILE"
_AZURE_VARIABLE = "AZURE_FEDERATED_TOKEN_FILE"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say of one token; `role` is `subject` or `actor`, `audience` whom a token that is made for us is to be for."""

    role: str
    source: str = ""
    file: str = ""
    variable: str = ""
    profile: str = ""
    token_type: str = ""
    audience: str = ""

    @property
    def usual_variable(self) -> str:
        """Where the token is looked for when no option says anything."""
        return _VARIABLES[self.role]

    def flag(self, end: str) -> str:
        """The option that sets it: `--subject-token-file`."""
        return f"--{self.role}-token-{end}"

    @property
    def is_silent(self) -> bool:
        """Whether no option says where the token is."""
        return not (self.source or self.file or self.variable or self.profile)


def traded(session: Session, wanted: Wanted) -> Traded | None:
    """The token, and its type; None for an actor of whom nothing is said. Raises `ConfigError` where a token must be and none is."""
    environ = session.out.terminal.environ
    if wanted.is_silent and not environ.get(wanted.usual_variable):
        if wanted.role == "actor":
            return None
        raise ConfigError(
            "no token is named that could be exchanged",
            slug="exchange-parameter-missing",
            spec="RFC 8693 section 2.1",
            help=f"set `{wanted.usual_variable}`, or say {', '.join(f'`{wanted.flag(end)}`' for end in ('file', 'profile', 'source'))}",
        )
    source = wanted.source or ("file" if wanted.file else "profile" if wanted.profile else "env")
    token, kind = _SOURCES[source](session, wanted)
    token_type = token_type_uri(wanted.token_type or kind) if wanted.token_type or kind else usual_type(token)
    _warn(session, wanted, Traded(token, token_type))
    return Traded(_packed(token) if short_token_type(token_type) in ("saml1", "saml2") else token, token_type)


def _packed(assertion: str) -> str:
    """A SAML assertion as XML is sent in base64url, one that is encoded already as it is. Source: RFC 8693 section 3."""
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(assertion.encode()).rstrip(b"=").decode() if assertion.startswith("<") else assertion


def _from_variable(session: Session, wanted: Wanted) -> tuple[str, str]:
    name = wanted.variable or wanted.usual_variable
    return _one_token(variable_text(session.out.terminal.environ, name), f"`{name}`"), ""


def _from_file(session: Session, wanted: Wanted) -> tuple[str, str]:
    if not wanted.file:
        raise ConfigError(f"`{wanted.flag('source')} file` needs the file's name", help=f"give it with `{wanted.flag('file')} FILE`")
    return _read(session, wanted.file), ""


def _from_aws(session: Session, wanted: Wanted) -> tuple[str, str]:
    """Source: AWS, "AssumeRoleWithWebIdentity": the file that Amazon EKS mounts for a service account."""
    path = wanted.file or variable_text(session.out.terminal.environ, _AWS_VARIABLE)
    if not path:
        raise _absent(f"`{_AWS_VARIABLE}` is not set", "Amazon EKS sets it for pods whose service account has an IAM role")
    return _read(session, path), "jwt"


def _from_kubernetes(session: Session, wanted: Wanted) -> tuple[str, str]:
    """Source: Kubernetes, "Service account token volume projection"; a projected token of another audience lies in a file of its own."""
    from pathlib import Path

    if not wanted.file and not Path(KUBERNETES_FILE).exists():
        raise _absent(f"`{KUBERNETES_FILE}` does not exist", "Kubernetes mounts it for pods, unless `automountServiceAccountToken` is off")
    return _read(session, wanted.file or KUBERNETES_FILE), "jwt"


def _from_github(session: Session, wanted: Wanted) -> tuple[str, str]:
    from oauthctl.flows.token_sources import github_actions

    environ = session.out.terminal.environ
    url, token = (variable_text(environ, f"ACTIONS_ID_TOKEN_REQUEST_{end}") for end in ("URL", "TOKEN"))
    if not url or not token:
        raise _absent("`ACTIONS_ID_TOKEN_REQUEST_URL` is not set", "GitHub Actions sets it for jobs with the permission `id-token: write`")
    return session.run(github_actions(url, token, audience=wanted.audience)), "jwt"


def _from_google(session: Session, wanted: Wanted) -> tuple[str, str]:
    from oauthctl.flows.token_sources import METADATA_ORIGIN, google

    host = variable_text(session.out.terminal.environ, "GCE_METADATA_HOST")
    return session.run(google(audience=wanted.audience, origin=f"http://{host}" if host else METADATA_ORIGIN)), "jwt"


def _from_azure(session: Session, wanted: Wanted) -> tuple[str, str]:
    """The file that AKS mounts for a service account goes before the machine's identity, which is all pods' of a node.

    Source: Microsoft, "Use Microsoft Entra Workload ID with AKS".
    """
    from oauthctl.flows.token_sources import azure

    environ = session.out.terminal.environ
    path = wanted.file or variable_text(environ, _AZURE_VARIABLE)
    if path:
        return _read(session, path), "jwt"
    flow: Flow[str] = azure(
        resource=wanted.audience,
        client_id=variable_text(environ, "AZURE_CLIENT_ID"),
        endpoint=variable_text(environ, "IDENTITY_ENDPOINT"),
        secret=variable_text(environ, "IDENTITY_HEADER"),
    )
    return session.run(flow), "jwt"


def _from_profile(session: Session, wanted: Wanted) -> tuple[str, str]:
    """What the profile holds, of the type that is wanted: its access token unless another one is named; refreshed when it is old."""
    kind = short_token_type(token_type_uri(wanted.token_type or "access_token")).replace("-", "_")
    tokens = _held(session, wanted.profile)
    found = {
        "access_token": tokens.access_token,
        "jwt": tokens.access_token,
        "id_token": tokens.id_token,
        "refresh_token": tokens.refresh_token,
    }
    if not found.get(kind):
        raise ConfigError(
            f"the profile holds no token of the type `{kind[:60]}`",
            slug="no-tokens",
            help="an ID token comes with the scope `openid`, a refresh token with `offline_access`",
        )
    return found[kind], kind


def _held(session: Session, name: str) -> TokenSet:
    from oauthctl.cli.holding import held, is_fresh
    from oauthctl.cli.refreshing import refreshed
    from oauthctl.cli.settings import Settings, named_profile
    from oauthctl.store import profiles
    from oauthctl.store.locations import locations

    where = locations(session.out.terminal.environ)
    name = name or named_profile(session.out)
    if not name:
        raise ConfigError("no profile is named that could hold the token", slug="no-profile", help="sign in with `oauthctl login ISSUER`")
    # Its own settings: those of this very run are about the token that is wanted, not about the one that is traded.
    chosen = Settings(where, profiles.load(where, name), True)
    tokens = held(session.out, chosen, needs_access_token=False)
    if tokens.refresh_token and not is_fresh(tokens, session.world.now(), 60.0):
        return refreshed(session, chosen, stale=tokens)
    return tokens


_SOURCES: Mapping[str, Callable[[Session, Wanted], tuple[str, str]]] = {
    "env": _from_variable,
    "file": _from_file,
    "profile": _from_profile,
    "github-actions": _from_github,
    "gcp": _from_google,
    "azure": _from_azure,
    "aws": _from_aws,
    "kubernetes": _from_kubernetes,
}


def _read(session: Session, path: str) -> str:
    from oauthctl.cli.token_input import read_text, token_text

    return _one_token(
        token_text(session.out, "-", command="token") if path == "-" else read_text(path), "stdin" if path == "-" else f"`{path}`"
    )


def _one_token(text: str, place: str) -> str:
    token = text.strip()
    if not token:
        raise ConfigError(f"{place} holds no token: it is empty or not set", slug="exchange-parameter-missing", spec="RFC 8693 section 2.1")
    if "\ufffd" in token:
        raise ConfigError(f"the token in {place} has bytes that are no UTF-8 text", slug="not-utf-8")
    return token


def _absent(message: str, why: str) -> ConfigError:
    return ConfigError(message, slug="subject-token-missing", notes=(why,), help="name another source, or run it there")


def _warn(session: Session, wanted: Wanted, token: Traded) -> None:
    """What the server will say no to, told beforehand under the rule's name; it is sent all the same, to see what the server does."""
    from oauthctl.jose.jwt import take_apart
    from oauthctl.messages.claim_values import seconds_of, time_text

    apart = take_apart(token.token)
    if short_token_type(token.token_type) in ("id_token", "jwt", "id-jag") and not (apart.is_jwt or token.token.count(".") == 4):
        session.out.warn(
            f"the {wanted.role} token is no JWT, and is sent as `{short_token_type(token.token_type)}` (exchange-token-kind-differs)"
        )
    end = seconds_of(apart.claims or {}, "exp")
    if end is not None and end <= session.world.now().timestamp():
        session.out.warn(f"the {wanted.role} token expired at {time_text(end)} (exchange-token-expired)")
