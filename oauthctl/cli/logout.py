"""`oauthctl logout`: revoke, end the provider's session, forget; each is reported, with what proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oauthctl.cli.options import AsJson, ProfileName, ShowSecrets, Timeout, Trace, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauthctl.cli.revoking import Asked
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet


def command(
    ctx: typer.Context,
    profile: ProfileName = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the URL that ends the session")] = False,
    timeout: Timeout = 30.0,
    trace: Trace = False,
    show_secrets: ShowSecrets = False,
    json: AsJson = False,
) -> int:
    """Revoke the tokens, end the session, forget.

    \b
      oauthctl logout
      oauthctl logout --profile work --json
      oauthctl logout --no-browser --show-secrets   a URL that names the person by the ID token, too

    Each token is asked about after it was revoked: by introspection, else at the userinfo endpoint or with a refresh that can't succeed.
    What the provider can't or won't do is reported, and the tokens are forgotten here all the same. Exit 4 when it refused a revocation,
    1 when a revoked token is still good.
    """
    from oauthctl.cli.holding import stored
    from oauthctl.cli.refreshing import LOCK_SECONDS
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import settings
    from oauthctl.store import tokens as store

    out = output_of(ctx)
    chosen = settings(out, profile=profile)
    steps: list[dict[str, Any]] = []
    stored(out, chosen)
    # Under the lock: a refresh that is under way would bring the tokens back.
    with store.lock(chosen.locations, chosen.name, timeout_seconds=LOCK_SECONDS):
        tokens = stored(out, chosen)
        with Session(out, "logout", issuer=tokens.issuer, trace=trace, timeout_seconds=timeout) as session:
            for step in _steps(session, chosen, tokens, no_browser=no_browser, show_secrets=show_secrets):
                steps.append(step)
                out.say(f"{step['step']}: {step['result']}")
        store.delete(chosen.locations, chosen.name)
    steps.append(
        {
            "step": "forget",
            "result": "the tokens are deleted here; the profile stays",
            "done": True,
            "proven": store.read(chosen.locations, chosen.name, warn=out.warn) is None,
            "evidence": "the profile holds no tokens",
        }
    )
    out.say(f"forget: {steps[-1]['result']}")
    if json:
        out.json({"profile": chosen.name, "steps": steps})
    return max((int(step.get("exit_code", 0)) for step in steps), default=0)


def _steps(session: Session, chosen: Settings, tokens: TokenSet, *, no_browser: bool, show_secrets: bool) -> Iterator[dict[str, Any]]:
    """Each step with its result; `done` is None where there was nothing to do."""
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.presenting import present
    from oauthctl.cli.refreshing import check_token_endpoint, client_at, client_for, metadata_for
    from oauthctl.cli.revoking import Asked
    from oauthctl.errors import OauthctlError
    from oauthctl.store import tokens as store

    why = _not_ours(tokens, chosen)
    if why:
        yield {"step": "revoke", "result": f"not done: the tokens don't fit the profile: {why}", "done": False, "exit_code": 2}
        return
    try:
        metadata = metadata_for(session, chosen)
        check_token_endpoint(tokens, chosen, metadata)
        given = credentials(session.out, chosen)
        present(session, given, metadata)
        client = client_for(chosen, metadata, given)
        client = client_at(client, metadata, "revocation", explicit=session.out.terminal.environ.get("OAUTHCTL_CLIENT_AUTH", ""))
    except OauthctlError as error:
        yield {"step": "revoke", "result": f"not done: {session.cleaned(error).message}", "done": False, "exit_code": int(error.exit_code)}
        return
    for hint, value in (("refresh_token", tokens.refresh_token), ("access_token", tokens.access_token)):
        yield _revoke(Asked(session, chosen, metadata, client, tokens), hint=hint, value=value)
    # Before the browser is waited for: a Ctrl-C there leaves no dead tokens behind.
    store.delete(chosen.locations, chosen.name)
    yield _end_session(session, chosen, metadata, tokens=tokens, no_browser=no_browser, show_secrets=show_secrets)


def _not_ours(tokens: TokenSet, chosen: Settings) -> str:
    """Why the profile's provider must not see these tokens; that they were asked for with another scope or resource is no reason."""
    from dataclasses import replace

    from oauthctl.cli.holding import mismatch

    asked = tokens.scope if tokens.requested_scope is None else tokens.requested_scope
    return mismatch(tokens, replace(chosen.profile, scope=asked, resource=tokens.resource, audience=tokens.audience))


def _revoke(asked: Asked, *, hint: str, value: str) -> dict[str, Any]:
    from oauthctl.cli.revoking import proof, revoked
    from oauthctl.errors import ExitCode, OauthctlError

    step = f"revoke {hint.replace('_', ' ')}"
    if not value:
        return {"step": step, "result": "there is none", "done": None}
    if not asked.metadata.revocation_endpoint:
        return {"step": step, "result": "the provider names no `revocation_endpoint`; the token stays good until it ends", "done": None}
    try:
        revoked(asked, value, hint=hint)
    except OauthctlError as error:
        asked.session.cleaned(error)
        return {
            "step": step,
            "result": f"not done: {'; '.join((error.message, *error.notes))}",
            "done": False,
            "exit_code": int(error.exit_code),
        }
    shown = proof(asked, value, hint=hint, is_for_userinfo=asked.of_openid)
    said = "proven" if shown.holds else "not proven" if shown.holds is None else "still good"
    found = {"step": step, "result": f"done; {said}: {shown.evidence}", "done": True, "proven": shown.holds, "evidence": shown.evidence}
    return found | ({"exit_code": int(ExitCode.NO)} if shown.holds is False else {})


def _end_session(
    session: Session, chosen: Settings, metadata: ProviderMetadata, *, tokens: TokenSet, no_browser: bool, show_secrets: bool
) -> dict[str, Any]:
    """Source: OpenID Connect RP-Initiated Logout 1.0 section 2: the person's browser goes there, since the session is the browser's."""
    from oauthctl.errors import OauthctlError
    from oauthctl.flows.end_session import end_session
    from oauthctl.shell.browser import why_no_browser

    out = session.out
    if not metadata.end_session_endpoint:
        return {"step": "end session", "result": "the provider names no `end_session_endpoint`", "done": None}
    urls: list[str] = []
    session.world.visit = urls.append
    client_id = chosen.profile.client_id
    try:
        if not no_browser and not why_no_browser(out.terminal.environ) and out.terminal.can_ask:
            session.run(end_session(metadata, tokens.id_token, client_id=client_id))
            if _visited(session, urls.pop()):
                return {"step": "end session", "result": "opened in the browser", "done": True}
        # Terminals keep what they show, and so do command lines: the ID token as a hint is for the browser alone, unless it is asked for.
        session.run(end_session(metadata, tokens.id_token if show_secrets else "", client_id=client_id))
    except OauthctlError as error:
        return {
            "step": "end session",
            "result": f"not done: {session.cleaned(error).message}",
            "done": False,
            "exit_code": int(error.exit_code),
        }
    out.say("open this page to end the session at the provider:")
    out.terminal.stderr.write(f"\n{urls[0]}\n\n")
    if tokens.id_token and not show_secrets:
        out.say("it names the client and not the person, so the provider may ask; `--show-secrets` puts the ID token in (`id_token_hint`)")
    return {"step": "end session", "result": "the page has to be opened by hand", "done": None}


def _visited(session: Session, url: str) -> bool:
    """Whether a browser went there. Its command line, which others on this machine can read, holds an address of ours, good for once."""
    from oauthctl.shell.browser import open_url
    from oauthctl.shell.handover import Handover

    handover = Handover(url, secret_path=session.world.token(24))
    try:
        return open_url(handover.open(), session.out.terminal.environ) and handover.wait(session.world.timeout_seconds)
    finally:
        handover.close()
