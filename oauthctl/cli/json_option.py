"""An option whose value is JSON: written out, or in a file.

Here: reading it, and whether its form can be right. Not here: what it asks for (`messages`).
"""

from __future__ import annotations

from collections.abc import Callable

from oauthctl.errors import ConfigError


def json_option(value: str, option: str, *, slug: str, spec: str, problem_of: Callable[[str], str]) -> str:
    """The JSON in one line, from the value itself or from the file that `@FILE` names; empty where there is no value.

    Raises `ConfigError` for what can't be right; to send that all the same there is `--param`.
    """
    import json

    from oauthctl.cli.token_input import read_text

    if not value:
        return ""
    text = read_text(value[1:]) if value.startswith("@") else value
    problem = problem_of(text)
    if problem:
        raise ConfigError(
            f"`{option}` can't be sent: {problem}",
            slug=slug,
            where=value if value.startswith("@") else "",
            spec=spec,
            help=f"to send it all the same, say `--param {option.removeprefix('--').replace('-', '_')}=…`",
        )
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def asking_in_json(authorization_details: str, claims: str) -> tuple[tuple[str, str], ...]:
    """The request's parameters of `--authorization-details` and `--claims`."""
    from oauthctl.messages import authorization_details as details
    from oauthctl.messages import claims_wanted

    pairs = (
        (
            "authorization_details",
            json_option(
                authorization_details,
                "--authorization-details",
                slug="authorization-details-refused",
                spec="RFC 9396 section 2",
                problem_of=details.problem_of,
            ),
        ),
        (
            "claims",
            json_option(claims, "--claims", slug="claims-unreadable", spec="OIDC Core section 5.5", problem_of=claims_wanted.problem_of),
        ),
    )
    return tuple((name, text) for name, text in pairs if text)
