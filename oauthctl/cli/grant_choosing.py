"""`--grant auto`: looking around, and telling what was chosen and why the others were not.

Here: from settings, terminal and metadata to a grant. Not here: the weighing (`flows.grant_choice`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oauthctl.cli.holding import is_fresh, mismatch
from oauthctl.cli.settings import Settings
from oauthctl.errors import ConfigError
from oauthctl.flows.grant_choice import Surroundings, Weighed, best, for_sign_in, for_token, why_not_taken

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.planning import Wishes
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet

AUTO = "auto"


def choose_for_sign_in(
    out: Output, chosen: Settings, metadata: ProviderMetadata | None, *, wishes: Wishes, is_confidential: bool
) -> Settings:
    """The settings with the best grant by which a person can sign in here; the reasons are told. Raises `ConfigError` without one."""
    from oauthctl.shell.browser import why_no_browser

    no_browser = "`--no-browser`" if wishes.no_browser else why_no_browser(out.terminal.environ)
    around = Surroundings(
        no_person=_why_no_person(out),
        no_browser=no_browser,
        is_confidential=is_confidential,
        has_login_hint=bool(wishes.login_hint),
    )
    return _settled(out, chosen, for_sign_in(metadata, around), is_rehearsal=wishes.dry_run)


def choose_for_token(out: Output, chosen: Settings, options: Mapping[str, Any], *, min_ttl: float, timeout: float) -> Settings:
    """The settings with the best grant that needs nobody; the grant is empty where a person's tokens in the profile are good or renewable.

    Where those are over, and another grant takes their place, that is warned of: its token speaks for somebody else.
    """
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.refreshing import metadata_for
    from oauthctl.cli.session import Session

    persons = _persons_tokens(out, chosen)
    why_over = _why_over(persons, min_ttl) if persons is not None else ""
    if persons is not None and not why_over:
        out.detail("note: ", f"no grant is needed: the profile `{chosen.name}` holds a person's tokens")
        return replace(chosen, profile=replace(chosen.profile, grant=""))
    around = Surroundings(
        is_confidential=credentials(out, chosen).are_there,
        has_subject_token=any(value for name, value in options.items() if name.startswith("subject_token_"))
        or bool(out.terminal.environ.get("OAUTHCTL_SUBJECT_TOKEN")),
        assertion=_form_of_assertion(out, options),
    )
    with Session(out, "token", issuer=chosen.profile.issuer, timeout_seconds=timeout) as session:
        metadata = metadata_for(session, chosen)
    try:
        settled = _settled(out, chosen, for_token(metadata, around))
    except ConfigError as error:
        if why_over:
            error.notes = (f"not the person's tokens in the profile `{chosen.name}`: {why_over}", *error.notes)
            error.help = f"sign in again with `oauthctl login {chosen.name}`, or {error.help}"
        raise
    if why_over:
        out.warn(f"this token is by `{settled.profile.grant}`, not the person's of the profile `{chosen.name}`: {why_over}")
    return settled


def _settled(out: Output, chosen: Settings, weighed: tuple[Weighed, ...], *, is_rehearsal: bool = False) -> Settings:
    taken = best(weighed)
    reasons = tuple(f"not `{one.grant}`: {why}" for one in weighed if (why := why_not_taken(one, taken)))
    if taken is None:
        raise ConfigError(
            "no grant is possible here",
            slug="no-viable-grant",
            notes=reasons,
            help="give what one of them lacks, or name one with `--grant GRANT` to try it all the same",
        )
    tell = out.say if is_rehearsal else out.detail
    tell(f"grant: `{taken.grant}`" + (f", although {taken.doubt}" if taken.doubt else ""))
    for reason in reasons:
        tell("note: ", reason)
    if is_rehearsal:
        tell("note: ", "what the server offers is not known, since nothing is sent")
    return replace(chosen, profile=replace(chosen.profile, grant=taken.grant))


def _why_no_person(out: Output) -> str:
    terminal = out.terminal
    if terminal.stdin.isatty() or not (terminal.no_input or terminal.in_ci):
        return ""
    return "nobody is here to sign in: no terminal, and `--no-input` or CI"


def _persons_tokens(out: Output, chosen: Settings) -> TokenSet | None:
    """A person's tokens that the profile holds, if they are what is wanted."""
    from oauthctl.store import tokens

    found = tokens.read(chosen.locations, chosen.name, warn=out.warn) if chosen.name else None
    # Those of another client, or for less than is asked for now, are not.
    return found if found is not None and (found.refresh_token or found.id_token) and not mismatch(found, chosen.profile) else None


def _why_over(tokens: TokenSet, min_ttl: float) -> str:
    """Why these tokens bring no access token any more that is good for so many seconds; empty where they do."""
    from datetime import UTC, datetime

    from oauthctl.cli.refreshing import how_long

    now = datetime.now(UTC)
    if tokens.refresh_token or (tokens.access_token and is_fresh(tokens, now, min_ttl)):
        return ""
    return f"{how_long(tokens, now) if tokens.access_token else 'there is no access token'}, and there is no refresh token"


def _form_of_assertion(out: Output, options: Mapping[str, Any]) -> str:
    """Which grant takes the assertion that is given: XML, plain or in base64, is SAML."""
    if options.get("assertion_from") or options.get("assertion_subject"):
        return "jwt_bearer"
    text = out.terminal.environ.get("OAUTHCTL_ASSERTION", "")
    path = str(options.get("assertion_file") or "")
    if path and path != "-":
        from oauthctl.cli.token_input import read_text

        text = read_text(path)
    if not (text or path):
        return ""
    return "saml2_bearer" if text.lstrip().startswith(("<", "PD", "PH")) else "jwt_bearer"
