"""Options on what is traded for a token: a token of another kind, or an assertion.

Here: `Annotated` types. Not here: trading (`trading`, `traded_tokens`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from oauthctl.cli.options import complete_profiles

Source: TypeAlias = Literal["env", "file", "profile", "github-actions", "gcp", "azure", "aws", "kubernetes"]
_SOURCES = "Where it is: env, file, profile, github-actions, gcp, azure, aws, kubernetes"
_TYPES = "Of what type it is: access_token, id_token, jwt …"

SubjectTokenSource = Annotated[Source | None, typer.Option("--subject-token-source", metavar="SOURCE", help=_SOURCES)]
SubjectTokenFile = Annotated[
    str, typer.Option("--subject-token-file", metavar="FILE", help="File with the token that is traded, - for stdin")
]
SubjectTokenVariable = Annotated[
    str, typer.Option("--subject-token-env", metavar="VARIABLE", help="Variable that holds it (default: OAUTHCTL_SUBJECT_TOKEN)")
]
SubjectTokenProfile = Annotated[
    str, typer.Option("--subject-token-profile", metavar="NAME", help="Profile that holds it", autocompletion=complete_profiles)
]
SubjectTokenType = Annotated[str, typer.Option("--subject-token-type", metavar="TYPE", help=_TYPES)]
SubjectTokenAudience = Annotated[
    str,
    typer.Option("--subject-token-audience", metavar="WHOM", help="Whom a token of CI or cloud is to be for (default: the issuer)"),
]
ActorTokenSource = Annotated[Source | None, typer.Option("--actor-token-source", metavar="SOURCE", help=_SOURCES)]
ActorTokenFile = Annotated[
    str, typer.Option("--actor-token-file", metavar="FILE", help="File with the token of the one who acts, - for stdin")
]
ActorTokenVariable = Annotated[
    str, typer.Option("--actor-token-env", metavar="VARIABLE", help="Variable that holds it (default: OAUTHCTL_ACTOR_TOKEN)")
]
ActorTokenProfile = Annotated[
    str, typer.Option("--actor-token-profile", metavar="NAME", help="Profile that holds it", autocompletion=complete_profiles)
]
ActorTokenType = Annotated[str, typer.Option("--actor-token-type", metavar="TYPE", help=_TYPES)]
RequestedTokenType = Annotated[
    str, typer.Option("--requested-token-type", metavar="TYPE", help="Type of token that is wanted; the same names, and id-jag")
]
AssertionFile = Annotated[
    str, typer.Option("--assertion-file", metavar="FILE", help="Assertion that is traded, - for stdin (or in OAUTHCTL_ASSERTION)")
]
AssertionFrom = Annotated[
    str,
    typer.Option(
        "--assertion-from", metavar="NAME", help="Profile whose server makes it for the sign-in there", autocompletion=complete_profiles
    ),
]
AssertionIssuer = Annotated[
    str, typer.Option("--assertion-issuer", metavar="WHO", help="`iss` of an assertion of one's own (default: the client)")
]
AssertionSubject = Annotated[str, typer.Option("--assertion-subject", metavar="WHO", help="`sub` of it (default: its issuer)")]
AssertionClaims = Annotated[
    list[str] | None, typer.Option("--assertion-claim", metavar="NAME=VALUE", help="Further claim of it, NAME:=JSON too; repeatable")
]
