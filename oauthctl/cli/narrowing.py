"""Resources and scopes that are asked for beside those of the profile (RFC 8707).

Here: what is odd about them before the request, and about the token that came. Not here: the refresh itself (`refreshing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output


def tell_malformed(out: Output, resources: tuple[str, ...]) -> None:
    """Warn of a resource that a server need not take; some name their APIs so all the same (AD FS).

    Source: RFC 8707 section 2: an absolute URI, without a fragment.
    """
    from oauthctl.http import split_url

    for one in resources:
        has_scheme = bool(split_url(one).scheme)
        if has_scheme and "#" not in one:
            continue
        what = "has a fragment" if has_scheme else "is no absolute URI"
        out.warn(f"the resource `{one}` {what}: servers may answer `invalid_target` (RFC 8707 section 2, `resource-malformed`)")


def tell_of_audience(out: Output, access_token: str, resources: tuple[str, ...]) -> None:
    """Warn when a JWT is for none of the resources that were asked for. An opaque token does not tell.

    Source: RFC 8707 section 2: the server may map a resource to another audience, so this is no more than a warning.
    """
    from oauthctl.jose.jwt import take_apart
    from oauthctl.messages.param import texts

    audience = texts((take_apart(access_token).claims or {}).get("aud"))
    lacking = [one for one in resources if audience is not None and one.rstrip("/") not in [name.rstrip("/") for name in audience]]
    if lacking:
        out.warn(f"the token is for `{' '.join(audience or ())}`, and not for `{' '.join(lacking)}`, which was asked for")
