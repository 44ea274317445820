"""Options on the client: who it is, how it proves itself, what it asks for, each declared once.

Here: `Annotated` types that several commands share. Not here: options on output, profile and time (`options`), on endpoints
(`endpoint_options`), on what is traded for a token (`trade_options`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

StandardName: TypeAlias = Literal["oauth2.1", "fapi2", "mcp", "rfc8252"]

ClientCertificate = Annotated[
    str, typer.Option("--client-certificate", metavar="FILE", help="Client's TLS certificate, PEM or PKCS#12, with its key or without")
]
ClientKey = Annotated[
    str,
    typer.Option("--client-key", metavar="FILE", help="Client's private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12"),
]
ClientKeyId = Annotated[str, typer.Option("--client-key-id", metavar="KID", help="The key's id at the provider")]
ClientAttestation = Annotated[
    str, typer.Option("--client-attestation", metavar="FILE", help="Attestation of the client, a JWT (a draft: with --experimental)")
]
ClientAttestationKey = Annotated[
    str, typer.Option("--client-attestation-key", metavar="FILE", help="Private key that the attestation is about: JWK, PEM, PKCS#12")
]
Experimental = Annotated[bool, typer.Option("--experimental", help="Allow what is a draft that may still change")]
AssertionAudience = Annotated[
    str,
    typer.Option(
        "--assertion-audience",
        metavar="WHOM",
        help="Whom assertions are for: issuer (default), token-endpoint for older servers, or a URL",
    ),
]
Dpop = Annotated[bool, typer.Option("--dpop", help="Bind the tokens to a fresh key, which is kept with them (RFC 9449)")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", "-s", metavar="SCOPES", help="Scopes, space-separated or repeated")]
Resources = Annotated[list[str] | None, typer.Option("--resource", metavar="URI", help="API for which the token is meant, repeatable")]
AuthorizationDetails = Annotated[
    str, typer.Option("--authorization-details", metavar="JSON|@FILE", help="What exactly is to be allowed (RFC 9396)")
]
