"""What a token exchange asks for, beside what the traded token has.

Here: scopes that would grow on the way. Not here: whose the token is, its types and its time (`token_exchange`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_exchange import FOLDED, is_exchange, traded_token
from oauthctl.rules.token_refused import says
from oauthctl.specs import Section

_OF_THE_TOKEN = (
    r"scope[^.]{0,80}(?:subject[_ ]token|original token|token (?:being|to be) exchanged|exceed|superset|broader|wider|widen)"
    r"|(?:subject[_ ]token|original token)[^.]{0,80}scope|exceed[^.]{0,40}scope"
)


@rule(Section("RFC 8693", "2.1"), explains=(*FOLDED, "scope-unknown", "scope-not-allowed"))
def exchange_widens_scope(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """A token exchange asks for scopes that the traded token does not have."""
    subject = traded_token(seen, scene) if is_exchange(seen, scene) else None
    if subject is None or not says(seen, _OF_THE_TOKEN):
        return
    name = next((one for one in ("scope", "scp") if one in subject.claims), "")
    value = subject.claims.get(name)
    held = value.split() if isinstance(value, str) else [one for one in value if isinstance(one, str)] if isinstance(value, list) else None
    more = [one for one in seen.sent.scope or () if held is not None and one not in held]
    if held is None or not more:
        return
    yield Found(
        cause=f"The exchange asks for the scope `{' '.join(more)[:120]}`, which the `subject_token` does not have (`{name}`): an "
        "exchange hands on what the token opens, and adds nothing.",
        help="In the client, leave `scope` out of the exchange or name scopes of the traded token alone; for more, have the first client "
        f"ask for `{' '.join(more)[:120]}` when the user signs in.",
        evidence=(
            seen.evidence(".scope", expected="no more than the traded token has", got=" ".join(seen.sent.scope or ())[:200]),
            subject.evidence(f".claims.{name}", got=" ".join(held)[:200]),
        ),
        certainty=Certainty.LIKELY,
    )
