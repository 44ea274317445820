"""Secrets that are something else than the secret, by their form.

Here: a hash in a secret's place. Not here: placeholders and blanks (`client_secret`), whether a secret is the right one.
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.token import ClientCredentials
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client
from oauthctl.specs import Section


@rule(
    Section("RFC 6749", "2.3.1"),
    explains=("client-secret-wrong", "client-secret-not-encoded", "client-secret-encoded-in-vain", "token-request-refused"),
)
def client_secret_hashed(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The hash of the client's secret is sent in the secret's place."""
    scheme = seen.facts.get("secret_hash")
    if not isinstance(scheme, str) or not scheme or not is_refused(seen, scene) or not refuses_client(seen):
        return
    place = ".client_secret" if proof_of(seen).methods == ("client_secret_post",) else "request.headers.Authorization"
    yield Found(
        cause=f"What is sent as `client_secret` is a hash ({scheme}), as the server stores the secret and shows it in its database or "
        "admin page; the secret itself cannot be read from it.",
        help="In the client's configuration, put in the plain secret that was shown once when the client was created; where nobody has it, "
        "set a new secret on the server and copy it before it is saved and hashed.",
        evidence=(seen.evidence(place, expected="the plain secret", got=f"a hash of the form {scheme}"),),
        certainty=Certainty.LIKELY if seen.facts.get("secret_matches") is True else Certainty.CERTAIN,
    )
