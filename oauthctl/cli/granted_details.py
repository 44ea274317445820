"""What was granted in detail, said on stderr against what was asked for.

Here: between an answer and the lines about it. Not here: the comparison (`messages.authorization_details`), its form (`views`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.settings import Settings
    from oauthctl.flows.token_endpoint import Granted


def tell_of_details(out: Output, chosen: Settings, granted: Granted) -> None:
    """One line for each object; nothing where neither side names any. Source: RFC 9396 section 7."""
    from oauthctl.messages.authorization_details import compared, details_of

    asked = details_of(dict(chosen.profile.params).get("authorization_details"))
    given = details_of(granted.response.raw("authorization_details"))
    if not asked and not given:
        return
    from oauthctl.views.granted_details import granted_lines

    out.say("  in detail (`authorization_details`):")
    out.say_lines(granted_lines(compared(asked, given)))
