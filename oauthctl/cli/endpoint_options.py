"""Options that name a provider's endpoints, each declared once.

Here: `Annotated` types. Not here: what is asked there.
"""

from __future__ import annotations

from typing import Annotated

import typer

_HELP = "Endpoint, for providers without metadata"

AuthorizationEndpoint = Annotated[str, typer.Option("--authorization-endpoint", metavar="URL", help=_HELP)]
PushedAuthorizationRequestEndpoint = Annotated[str, typer.Option("--pushed-authorization-request-endpoint", metavar="URL", help=_HELP)]
DeviceAuthorizationEndpoint = Annotated[str, typer.Option("--device-authorization-endpoint", metavar="URL", help=_HELP)]
BackchannelAuthenticationEndpoint = Annotated[str, typer.Option("--backchannel-authentication-endpoint", metavar="URL", help=_HELP)]
TokenEndpoint = Annotated[str, typer.Option("--token-endpoint", metavar="URL", help=_HELP)]
UserinfoEndpoint = Annotated[str, typer.Option("--userinfo-endpoint", metavar="URL", help=_HELP)]
JwksUri = Annotated[str, typer.Option("--jwks-uri", metavar="URL", help=_HELP)]
RevocationEndpoint = Annotated[str, typer.Option("--revocation-endpoint", metavar="URL", help=_HELP)]
IntrospectionEndpoint = Annotated[str, typer.Option("--introspection-endpoint", metavar="URL", help=_HELP)]
EndSessionEndpoint = Annotated[str, typer.Option("--end-session-endpoint", metavar="URL", help=_HELP)]
