"""The client's secret: whether it is the right one, and whether it arrives unharmed.

Here: secrets. Not here: where in the request they are sent (`client_auth`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.token import ClientCredentials
from oauthctl.rules.client_proof import proof_of, registration_of
from oauthctl.rules.clock_precision import PRECISION
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import is_refused, refuses_client, says
from oauthctl.specs import Section

_AROUND = {
    "line-break": "a line break (newline; white space that a file or `echo` adds)",
    "blank": "white space (a space that was copied along)",
    "quotes": "quotes (of a shell, an env file or JSON)",
}
_EXPIRED = r"secret.{0,120}\bexpired\b|\bexpired\b.{0,60}secret"
_WRONG = (
    r"(client.?secret|client.?credentials?|\bcredentials\b).{0,60}(invalid|incorrect|wrong|not match|mismatch|not valid|bad)"
    r"|(invalid|incorrect|bad|wrong|mismatched).{0,30}(client.?secret|client.?credential|\bsecret\b|\bcredentials\b)"
)


def _is_jwt(seen: Seen[ClientCredentials]) -> bool:
    return take_apart(seen.sent.client_secret or "").kind is Kind.JWS


@rule(Section("RFC 6749", "2.3.1"))
def client_secret_wrong(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found | Refuted]:
    """The client's secret is not the one that the provider knows."""
    if _is_known_right(seen, scene):
        yield Refuted()
        return
    if not proof_of(seen).has_secret or not is_refused(seen, scene) or _is_jwt(seen):
        return
    place = ".client_secret" if seen.sent.client_secret else "request.headers.Authorization"
    if seen.facts.get("secret_matches") is False and seen.facts.get("secret_matches_decoded") is False and refuses_client(seen):
        yield Found(
            cause="The `client_secret` that was sent is another one than the secret that the client is known to have.",
            help="In the client's configuration, put in the secret that the provider shows for this `client_id`; look for another "
            "environment's value, or one from before a rotation.",
            evidence=(seen.evidence(place, expected="the known secret", got="another one"),),
        )
    elif seen.facts.get("secret_matches") is not True and _is_called_wrong(seen):
        yield Found(
            cause="The server knows the client but refuses its credentials: the `client_secret` does not belong to this `client_id`.",
            help="In the provider's console, compare or renew the secret of this `client_id`, and put it into the client's configuration "
            "as it is; look for the secret of another environment, or one from before a rotation.",
            evidence=(seen.evidence(place, expected="the client's secret", got="refused"),),
            certainty=Certainty.LIKELY,
            candidates=(
                Candidate(
                    "The secret belongs to another client or environment, or was rotated.", "Copy it from the provider's console anew."
                ),
                Candidate("The `client_id` is the wrong one.", "Compare it with the console."),
            ),
            probe="Ask for a token with `client_id` and `client_secret` as the console shows them.",
        )


def _is_known_right(seen: Seen[ClientCredentials], scene: Scene) -> bool:
    """Whether no secret was sent at all, or the very one that is known, or one that the server took in another request."""
    proof = proof_of(seen)
    if not proof.has_secret:
        return bool(proof.methods) and "client_secret" not in seen.sent and proof.basic.get("has_secret") is not False
    if seen.facts.get("secret_matches") is True:
        return True
    return any(
        one.id != seen.id and not one.reply.failed and one.reply.has_answer and _credentials(one) == _credentials(seen)
        for one in scene.each(ClientCredentials)
    )


def _credentials(seen: Seen[ClientCredentials]) -> tuple[str, str, str]:
    """To which server which client shows what; the same secret has the same fingerprint."""
    return (
        origin(seen.url),
        proof_of(seen).client_id,
        seen.sent.client_secret or seen.request_header("authorization"),
    )


def _is_called_wrong(seen: Seen[ClientCredentials]) -> bool:
    """Whether the server says so; Auth0 does it by 401 with `access_denied`."""
    if seen.reply.error == "access_denied" and seen.reply.status == 401:
        return True
    return says(seen, _WRONG) and not says(seen, _EXPIRED)


@rule(Section("RFC 7591", "3.2.1"), explains=("client-secret-wrong",))
def client_secret_expired(seen: Seen[ClientCredentials], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The client's secret has passed its expiry date."""
    if not is_refused(seen, scene):
        return
    if not proof_of(seen).has_secret:
        if proof_of(seen).methods:
            yield Refuted()
        return
    registered = registration_of(proof_of(seen).client_id, scene)
    ends = given.number("client_secret_expires_at")
    if ends is None and registered and registered[1].client_secret_expires_at:
        ends = registered[1].client_secret_expires_at.timestamp()
    now = seen.exchange.started_at.timestamp()
    if ends and ends > now + PRECISION:
        yield Refuted()
        return
    is_over = bool(ends) and refuses_client(seen) and ends is not None and ends + PRECISION < now
    if not is_over and not says(seen, _EXPIRED):
        return
    yield Found(
        cause="The client secret has expired: the provider gave it an expiry date, and that has passed.",
        help="In the provider's console, create a new client secret (or move to a certificate or another credential) and deploy it; put "
        "the next expiry date into a calendar.",
        evidence=(seen.evidence("response", got=(seen.reply.description or seen.reply.error)[:200]),),
        certainty=Certainty.CERTAIN if is_over else Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "2.3.1"), Section("RFC 6749", "B"), explains=("client-secret-wrong",))
def client_secret_not_encoded(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The secret in the Basic header was not form-encoded first."""
    basic = proof_of(seen).basic
    if not basic.get("has_secret") or not is_refused(seen, scene) or not refuses_client(seen):
        return
    matches = seen.facts.get("secret_matches")
    if matches is False or not basic.get("is_changed_by_decoding") or (basic.get("is_encoded") and matches is not True):
        return
    yield Found(
        cause="The secret in the `Authorization: Basic` header has special characters such as `+` or `%` and was not form-urlencoded "
        "before Base64, so the server decodes it to another text.",
        help="In the client, percent-encode the client's identifier and secret first (`+` becomes `%2B`), or send them in the form body "
        "(client_secret_post), or take a secret of letters and digits.",
        evidence=(seen.evidence("request.headers.Authorization", expected="the secret, percent-encoded", got="the secret as it is"),),
        certainty=Certainty.CERTAIN if matches is True else Certainty.LIKELY,
        candidates=()
        if matches is True
        else (
            Candidate("The secret was not percent-encoded before Base64.", "Percent-encode it, or use client_secret_post."),
            Candidate("The secret is another one.", "Compare it with the provider's console."),
        ),
        probe="" if matches is True else "Send the same secret as `client_secret` in the form body: there its encoding is beyond doubt.",
    )


@rule(Section("RFC 6749", "2.3.1"), Section("RFC 6749", "B"), explains=("client-secret-wrong",))
def client_secret_encoded_in_vain(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The secret in the Basic header was form-encoded, and the server doesn't decode it."""
    basic = proof_of(seen).basic
    if not basic.get("has_secret") or not basic.get("is_encoded") or not is_refused(seen, scene) or not refuses_client(seen):
        return
    decoded = seen.facts.get("secret_matches_decoded")
    if seen.facts.get("secret_matches") is True or decoded is False:
        return
    is_known = decoded is True
    yield Found(
        cause="The secret in the `Authorization: Basic` header is form-encoded as the RFC demands, but the server compares it without "
        "decoding: with its special characters encoded the secret never matches there."
        if is_known
        else "The credentials in the `Authorization: Basic` header are form-encoded as the RFC demands, and were refused: perhaps the "
        "server does not decode them, or the secret is another one.",
        help="In the client, send the secret in the form body (client_secret_post), or take a secret without special characters; the "
        "provider should decode the header's parts.",
        evidence=(seen.evidence("request.headers.Authorization", got="form-encoded before Base64"),),
        certainty=Certainty.LIKELY if is_known else Certainty.POSSIBLE,
        candidates=()
        if is_known
        else (
            Candidate("The server does not decode what the RFC lets clients encode.", "Use client_secret_post, or a plain secret."),
            Candidate("The secret is another one.", "Compare it with the provider's console."),
        ),
        probe="" if is_known else "Send the same secret as `client_secret` in the form body.",
    )


@rule(
    Section("RFC 6749", "2.3.1"),
    explains=("client-secret-wrong", "secret-id-for-secret", "confidential-client-without-secret"),
    decisive=True,
)
def client_secret_malformed(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """What is sent as the client's secret is empty, a placeholder, or has blanks around it."""
    if not is_refused(seen, scene) or not refuses_client(seen):
        return
    basic = proof_of(seen).basic
    if seen.facts.get("secret_is_placeholder"):
        got, cause = "a placeholder", "is a placeholder such as `undefined` or `${CLIENT_SECRET}`: the configuration was never filled in"
    elif seen.facts.get("secret_has_blanks"):
        around = _AROUND.get(str(seen.facts.get("secret_around")), "blanks or quotes")
        got, cause = f"{around} around it", f"has {around} around it, which became part of it and belongs not to the secret"
    elif seen.sent.client_secret == "" or basic.get("has_secret") is False:
        got, cause = "empty", "is empty: the client's configuration has no secret, or the program could not read it"
    else:
        return
    place = ".client_secret" if "client_secret" in seen.sent else "request.headers.Authorization"
    yield Found(
        cause=f"The `client_secret` that was sent {cause}.",
        help="In the client's configuration (environment variable, secret store, template), put in the secret itself; `echo -n` and a "
        "trimmed read keep line breaks away.",
        evidence=(seen.evidence(place, expected="the secret alone", got=got),),
    )


@rule(Section("RFC 6749", "2.3.1"), explains=("client-secret-wrong",))
def secret_id_for_secret(seen: Seen[ClientCredentials], scene: Scene) -> Iterator[Found]:
    """The identifier of a secret is sent in place of the secret."""
    if not seen.facts.get("secret_is_uuid") or not is_refused(seen, scene) or not refuses_client(seen):
        return
    if not says(seen, r"secret id|secret value|AADSTS7000215") and "microsoftonline." not in seen.url:
        return
    yield Found(
        cause="What is sent as `client_secret` has the form of a UUID, as the secret ID in the provider's console has it: the secret "
        "itself is its value.",
        help="In the provider's console, create a secret and copy its `Value`, not its `Secret ID`, into the client's configuration.",
        evidence=(seen.evidence(".client_secret", expected="the secret's value", got="a UUID"),),
        certainty=Certainty.LIKELY,
    )
