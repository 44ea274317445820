"""Values of an authorization request that no provider takes as they are written, where its answer was not seen or says nothing.

Here: challenges, response types and modes, scopes, redirect URIs that one provider lets nobody register. Not here: what is missing or
broken (`unanswered`), challenges that a verifier was compared with (`code_challenge`).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator

from oauthctl.http import is_loopback_host, split_url
from oauthctl.record.purposes import query_of
from oauthctl.rules.front_channel import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.unanswered import Asked, is_unanswered, is_without_a_word
from oauthctl.specs import Section

_FOLDED = ("callback-never-came", "authorization-refused", "callback-refused", "request-fault-named", "client-unknown")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_METHODS = ("S256", "plain")
_TYPES = ("code", "token", "id_token", "none")
_MODES = re.compile(
    r"(?:query|fragment|form_post|web_message|okta_post_message|smart_web_message|cookie)(?:\.jwt)?|jwt|direct_post(?:\.jwt)?"
)
_RESERVED = re.compile(r"\.(?:local|localdomain|internal|intranet|lan|home|corp|test|example|invalid|localhost|docker|svc)$|^[^.]+$", re.I)
_STRICT_HOSTS = ("accounts.google.com",)


@rule(Section("RFC 7636", "4.2"), explains=("callback-never-came",))
def challenge_malformed(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The code_challenge can't be the hash of any verifier."""
    sent = asked.sent
    challenge, method = str(sent.raw("code_challenge") or ""), str(sent.raw("code_challenge_method") or "")
    if not is_unanswered(asked, scene) or sent.request or sent.request_uri or not (challenge or method):
        return
    if not challenge:
        yield Found(
            cause=f"The request names a `code_challenge_method` (`{method[:40]}`) and has no `code_challenge`: PKCE is half there, "
            "and strict "
            "providers refuse that.",
            help="In the client, send base64url(SHA-256(verifier)) as `code_challenge` with the method, or neither.",
            evidence=(asked.evidence(".code_challenge", expected="43 characters of base64url", got="missing"),),
        )
    elif method and method not in _METHODS:
        yield Found(
            cause=f"The `code_challenge_method` is `{method[:40]}`; there are only `S256` and `plain`, and the value is case-sensitive.",
            help="In the client, send exactly `code_challenge_method=S256`.",
            evidence=(asked.evidence(".code_challenge_method", expected="S256", got=method[:80]),),
        )
    elif method == "S256" and not _HASH.fullmatch(challenge):
        yield Found(
            cause=f"The `code_challenge` is {_written(challenge)}; with `S256` it must be the SHA-256 hash in base64url without "
            "padding, which "
            "always has 43 characters.",
            help="In the client, encode the hash's 32 bytes as base64url: `-` and `_` instead of `+` and `/`, no `=` at the end, no "
            "hexadecimal "
            "digits.",
            evidence=(asked.evidence(".code_challenge", expected="43 characters of base64url", got=challenge[:200]),),
        )
    elif method != "S256" and not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", challenge):
        yield Found(
            cause=f"The `code_challenge` has {len(challenge)} characters: without S256 it is the verifier itself, which must have 43 "
            "to 128.",
            help="In the client, make a verifier of 32 random bytes in base64url (43 characters), and send its hash with "
            "`code_challenge_method=S256`.",
            evidence=(asked.evidence(".code_challenge", expected="43 to 128 characters", got=challenge[:200]),),
        )


def _written(challenge: str) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{64}", challenge):
        return "written in hexadecimal digits (hex)"
    if challenge.endswith("="):
        return "written with `=` padding at its end"
    if re.search(r"[+/ ]", challenge):
        return "written in standard base64 (with `+` or `/`) instead of base64url"
    return f"{len(challenge)} characters long"


@rule(Section("RFC 6749", "3.1.1"), Section("OIDC Core", "3.1.2.1"), explains=_FOLDED)
def request_value_unknown(asked: Asked, scene: Scene) -> Iterator[Found]:
    """A parameter of the authorization request has a value that the standards do not know."""
    sent = asked.sent
    if not is_without_a_word(asked, scene):
        return
    types = str(sent.raw("response_type") or "").split()
    odd = next((one for one in types if one not in _TYPES and one.lower() in _TYPES), "")
    mode = str(sent.raw("response_mode") or "")
    prompts = str(sent.raw("prompt") or "").split()
    if odd:
        yield Found(
            cause=f"The `response_type` is `{odd}`: the names are lower case and compared as they are, so `{odd.lower()}` is meant.",
            help=f"In the client, send `response_type={odd.lower()}`.",
            evidence=(asked.evidence(".response_type", expected=odd.lower(), got=odd),),
        )
    elif mode and not _MODES.fullmatch(mode):
        yield Found(
            cause=f"The `response_mode` is `{mode[:60]}`, which no standard knows: there are `query`, `fragment` and `form_post` (and "
            "their "
            "`.jwt` forms).",
            help="In the client, send `response_mode=query` for a code, `form_post` for a POST, or leave the parameter out.",
            evidence=(asked.evidence(".response_mode", expected="query, fragment or form_post", got=mode[:80]),),
            certainty=Certainty.LIKELY,
        )
    elif mode == "query" and {"id_token", "token"} & set(types):
        yield Found(
            cause=f"`response_mode=query` is asked for together with `response_type={' '.join(types)}`: tokens must not come in a "
            "query, where "
            "logs and histories keep them, so providers refuse that.",
            help="In the client, ask for `response_type=code`, or take the answer as `form_post` or in the fragment.",
            evidence=(asked.evidence(".response_mode", expected="form_post or fragment", got="query"),),
            certainty=Certainty.LIKELY,
        )
    elif "none" in prompts and len(prompts) > 1:
        yield Found(
            cause=f"The `prompt` is `{' '.join(prompts)}`: `none` forbids every page and can't stand with another value, so the provider "
            "refuses the request.",
            help="In the client, send `prompt=none` alone for a silent try, and another value alone for an interactive sign-in.",
            evidence=(asked.evidence(".prompt", expected="none, or others", got=" ".join(prompts)),),
        )
    elif (claims := str(sent.raw("claims") or "")) and not _is_object(claims):
        yield Found(
            cause=f"The `claims` parameter is no JSON object: `{claims[:120]}`"
            + (" (single quotes, `None` or `True` are another language's)." if re.search(r"'|\bNone\b|\bTrue\b", claims) else "."),
            help="In the client, write it by a JSON library, with double quotes, `null` and `true`, and URL-encode it once.",
            evidence=(asked.evidence(".claims", expected='{"id_token": …}', got=claims[:120]),),
        )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


@rule(Section("RFC 6749", "3.3"), explains=_FOLDED)
def scope_written_wrongly(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The scopes are not joined by spaces."""
    scope = str(asked.sent.raw("scope") or "")
    if not scope or not is_without_a_word(asked, scene):
        return
    # Some providers join their own scopes by commas; with `openid` the standard's way is meant.
    if re.search(r"(?:^|[, ])openid,|,openid(?:$|[, ])", scope):
        how, right = "joined by commas", scope.replace(",", " ")
    elif re.search(r"%(?:20|2B|2C|3A|2F)", scope, re.IGNORECASE):
        how, right = "percent-encoded twice", re.sub(r"%20|%2B", " ", scope, flags=re.IGNORECASE)
    elif re.search(r"(?:^|\+)openid\+|\+openid(?:$|\+)", scope):
        how, right = "joined by a literal `+` (`%2B` in the URL, where `+` or `%20` stands for a space)", scope.replace("+", " ")
    else:
        return
    yield Found(
        cause=f"The `scope` is `{scope[:160]}`: its names are {how}, so the provider sees one scope of that whole name, which it does not "
        "know.",
        help=f"In the client, join the scopes by one space, encoded once: `{right[:160]}`.",
        evidence=(asked.evidence(".scope", expected=right[:200], got=scope[:200]),),
    )


@rule(Section("RFC 6749", "3.1.2"), explains=("callback-never-came", "redirect-uri-not-registered", "redirect-uri-private-address"))
def redirect_uri_unregistrable(asked: Asked, scene: Scene) -> Iterator[Found]:
    """The redirect_uri is one that this provider lets nobody register."""
    if host_of(asked.url) not in _STRICT_HOSTS or not is_unanswered(asked, scene):
        return
    uri = query_of(asked.url).get("redirect_uri") or ""
    host, scheme = host_of(uri), split_url(uri).scheme
    if scheme not in ("http", "https") or not host or is_loopback_host(host) or host == "localhost":
        return
    if _is_address(host):
        why, right = (
            f"`{host}` is an IP address" + (" of a private network" if _is_private(host) else ""),
            "a public domain name with https",
        )
    elif _RESERVED.search(host):
        why, right = f"`{host}` is a local name without a public top-level domain", "a public domain name with https"
    elif scheme == "http":
        why, right = "it has plain http", "https"
    else:
        return
    yield Found(
        cause=f"The `redirect_uri` is `{uri[:160]}`: {why}, and Google lets nobody register that for a web client (only localhost may "
        "be http "
        "or without a domain), so it answers with `redirect_uri_mismatch` or refuses the request.",
        help=f"Use {right} (a tunnel or a name of your domain that resolves to the private address will do), or "
        "`http://localhost:PORT` on this machine; register it in Google's console, *Authorized redirect URIs*.",
        evidence=(asked.evidence(".redirect_uri", expected=right, got=uri[:200]),),
        certainty=Certainty.LIKELY,
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_private(host: str) -> bool:
    return ipaddress.ip_address(host.strip("[]")).is_private
