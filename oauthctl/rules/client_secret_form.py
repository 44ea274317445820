"""Secrets that are something else than the secret, by their form.

Here: a hash in a secret's place, a known secret in another spelling, one that the form's spelling changes. Not here: placeholders and
blanks (`client_secret`), the encoding within `Authorization: Basic` (`client_secret`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.token import ClientCredentials
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client
from oauthctl.specs import Section

_FORMS = {
    "base64": (
        "in Base64, not as it is: the text that a Kubernetes Secret or a `Basic` header holds was taken for the secret",
        "decode it first (`base64 -d`), and put in the plain secret",
    ),
    "hex": ("in hexadecimal, not as it is", "put in the secret's own characters"),
    "decoded": (
        "Base64-decoded, although the secret is that Base64 text itself",
        "send the text as the provider shows it, without decoding it",
    ),
    "encoded": (
        "percent-encoded (URL-encoded) twice: its escapes are still there once the request is decoded",
        "put the plain secret into the configuration, and let the HTTP library encode it once",
    ),
    "plus": (
        "with a space in the place of its `+`: the form was put together without percent-encoding, and there `+` means a space",
        "URL-encode the form (`+` becomes `%2B`): let the HTTP library build it from the parameters",
    ),
    "case": ("in other letters (upper and lower case)", "copy it exactly: secrets are case-sensitive"),
    "cut": (
        "cut off: it is only a part of the secret",
        "copy the whole secret; look for a `#`, `$` or `:` at which a shell, an env file or a parser ended it",
    ),
}


@rule(
    Section("RFC 6749", "2.3.1"),
    explains=("client-secret-wrong", "client-secret-not-encoded", "client-secret-encoded-in-vain", "token-request-refused"),
)
def client_secret_in_other_form(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The client's secret is sent in another form than its own."""
    form = seen.facts.get("secret_form")
    is_in_form = proof_of(seen).methods == ("client_secret_post",)
    if form not in _FORMS or (form == "encoded" and not is_in_form) or not is_refused(seen, scene) or not refuses_client(seen):
        return
    what, todo = _FORMS[str(form)]
    place = ".client_secret" if is_in_form else "request.headers.Authorization"
    yield Found(
        cause=f"The `client_secret` is the right one, but it is sent {what}.",
        help=f"In the client's configuration, {todo}.",
        evidence=(seen.evidence(place, expected="the secret as it is known", got=f"the secret {what.partition(':')[0]}"),),
    )


@rule(
    Section("RFC 6749", "2.3.1"),
    Section("RFC 6749", "B"),
    explains=("client-secret-wrong", "token-request-refused"),
)
def client_secret_misspelled_in_form(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The form's encoding turns the client's secret into another text."""
    if seen.facts.get("secret_matches") is True or "secret_form" in seen.facts or seen.facts.get("secret_around"):
        return
    if not seen.sent.client_secret or not is_refused(seen, scene) or not refuses_client(seen):
        return
    way = next((way for fact, way in (("raw_plus", "plus"), ("escaped", "encoded")) if "client_secret" in _names(seen.facts.get(fact))), "")
    if not way:
        return
    what, todo = _FORMS[way]
    other = Candidate("The secret is another one.", "Compare it with the provider's console.")
    yield Found(
        cause=f"The form's `client_secret` reaches the server {what}. Whatever the secret is, that is another text.",
        help=f"In the client, {todo}.",
        evidence=(seen.evidence(".client_secret", expected="the secret, encoded once", got=what.partition(":")[0]),),
        certainty=Certainty.LIKELY,
        candidates=(Candidate(f"The secret is sent {what.partition(':')[0]}.", f"In the client, {todo}."), other),
        probe="Send the same secret with `curl --data-urlencode client_secret=…`: there its encoding is beyond doubt.",
    )


@rule(Section("RFC 6749", "2.3.1"), explains=("client-secret-wrong", "token-request-refused", "secret-id-for-secret"))
def client_secret_is_identifier(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The client's identifier stands in its secret."""
    taken = seen.facts.get("secret_is")
    if not taken or seen.facts.get("secret_matches") is True or not is_refused(seen, scene) or not refuses_client(seen):
        return
    what = (
        "begins with the `client_id` and a colon: identifier and secret were pasted together, as they stand in a `Basic` header before "
        "Base64"
        if taken == "pair"
        else "is the same text as the `client_id`: the identifier was copied twice, and the secret itself is missing"
    )
    place = ".client_secret" if proof_of(seen).methods == ("client_secret_post",) else "request.headers.Authorization"
    yield Found(
        cause=f"What is sent as `client_secret` {what}.",
        help="In the client's configuration, put the `client_id` and the secret into their own settings, each as the provider's console "
        "shows it.",
        evidence=(seen.evidence(place, expected="the secret alone", got="both" if taken == "pair" else "the client_id"),),
        certainty=Certainty.CERTAIN if taken == "pair" else Certainty.LIKELY,
    )


def _names(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list | tuple) else ()


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
