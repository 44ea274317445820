"""The token endpoint: one request, its answer read leniently and judged honestly.

Here: what all grants share. Not here: what a grant sends (one file per flow).
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from oauthctl.errors import BadAnswer, OauthctlError, Refused
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow
from oauthctl.flows.tls import require_tls
from oauthctl.http import Headers, Params, Request, Response
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.client_auth import Client
from oauthctl.messages.param import secret_names
from oauthctl.messages.token import IntrospectionRequest, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.messages.token_type import scheme_of, token_type_problem
from oauthctl.record.exchange import Exchange
from oauthctl.record.sweep import Sweep

_SHORTEST_SECRET = 6
_REPETITIONS_TOLD = 10
_ODD_REFRESH_TOKEN = (
    "the refresh token holds characters that no token has (RFC 6749 appendix A.17): it was kept as it came, and servers may refuse it"
)


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens that were granted, when they came, and what was odd about the answer (sentences).

    `warnings` are those of the remarks that the flow itself finds grave.
    """

    response: TokenResponse
    received_at: datetime
    exchange: int
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def grave(self) -> tuple[str, ...]:
        """The remarks that a person should read unasked: members that came more than once, tokens that can't be used."""
        problem = token_type_problem(self.response.token_type or "")
        unusable = (f"the access token can't be used by oauthctl: {problem}",) if problem else ()
        refresh_token = self.response.refresh_token or ""
        odd = () if not refresh_token or is_visible(refresh_token) else (_ODD_REFRESH_TOKEN,)
        return (*self.repeated, *unusable, *odd, *self.warnings)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Sentences on members that came more than once; they are among the remarks, and a person should read them unasked.

        Source: RFC 8259 section 4: what a program makes of such an object is not foreseeable.
        """
        return tuple(self._repetition(name) for name in self.response.duplicated()[:_REPETITIONS_TOLD])

    def _repetition(self, name: str) -> str:
        values = self.response.all(name)
        differ = "all the same" if all(value == values[0] for value in values) else "and they differ"
        return f"`{bounded(name, 40)}` came {len(values)} times, {differ}: the first was used, and other programs may use another"

    @property
    def expires_at(self) -> datetime | None:
        """When the access token ends, counted from the moment at which it came; None when the server did not say."""
        seconds = self.response.expires_in
        try:
            return None if seconds is None else self.received_at + timedelta(seconds=seconds)
        except OverflowError:
            return None


def grant(token_endpoint: str, params: Params, client: Client) -> Flow[Granted]:
    """Ask the token endpoint. Redirects are never followed: they would carry the secret elsewhere.

    Raises `Refused` when the server says no, `BadAnswer` when the answer can't be used, `ConfigError` for plain http off loopback.
    Source: RFC 6749 sections 5.1 and 5.2.
    """
    require_tls(token_endpoint, "the request for a token")
    return granted((yield from send_authenticated(token_endpoint, params, client, purpose="token")))


def granted(exchange: Exchange) -> Granted:
    """The tokens in an answer; raises as `grant` does. One that holds a refresh token alone is let through: see `with_usable_token`."""
    response = _response(exchange)
    answer = read_answer(response)
    message = TokenResponse(answer.fields, exchange.id)
    # Some servers put `"error": null` or `"error": ""` beside the tokens.
    if message.raw("error") or response.status >= 400:
        raise refusal("the token endpoint", exchange, answer)
    _refuse_redirect(exchange, response)
    if answer.problem:
        raise unusable("the token endpoint", exchange, answer.problem)
    if not message.access_token and not message.refresh_token:
        raise _without_access_token(message, bounded(masked(_reason(message)[1], exchange.request)))
    received_at = exchange.started_at + timedelta(seconds=exchange.seconds)
    counted = tuple(f"the member `{name[:80]}` occurs " for name in message.duplicated())
    departures = tuple(one for one in answer.departures if not one.startswith(counted))
    result = Granted(message, received_at, exchange.id, departures + _departures(message))
    return replace(result, remarks=result.grave + result.remarks)


def _without_access_token(message: TokenResponse, words: str = "") -> BadAnswer:
    names = ", ".join(f"`{bounded(name, 40)}`" for name, _ in message.fields[:20]) or "no member at all"
    return BadAnswer(
        "the token endpoint's answer holds no `access_token`" + (" that is a string" if message.raw("access_token") else ""),
        slug="token-answer-incomplete",
        where=f"exchange {message.exchange}, response",
        notes=(f"it holds {names}", *((f"the server says: {words}",) if words else ())),
        spec="RFC 6749 section 5.1",
        help="look at the answer with `oauthctl trace show`",
    )


def with_warnings(granted: Granted, *said: str) -> Granted:
    """The same with further remarks, for a person to read unasked."""
    return replace(granted, remarks=(*granted.remarks, *said), warnings=(*granted.warnings, *said))


def with_usable_token(granted: Granted) -> Granted:
    """The same; raises `BadAnswer` for an access token that is none or missing. A refresh token beside it may be worth keeping."""
    if not granted.response.access_token:
        raise _without_access_token(granted.response)
    if not is_visible(granted.response.access_token or ""):
        raise BadAnswer(
            "the token endpoint's `access_token` holds characters that no token has and no header can carry",
            slug="access-token-unusable",
            where=f"exchange {granted.exchange}, response.access_token",
            spec="RFC 6749 appendix A.12",
            help="it was not kept; tell the provider: the answer is in `oauthctl trace show`",
        )
    return granted


def refusal(endpoint: str, exchange: Exchange, answer: Answer) -> OauthctlError:
    """The error of an answer that says no: `Refused` when it gives a reason, `BadAnswer` when it is no OAuth answer at all."""
    response = _response(exchange)
    message = TokenResponse(answer.fields, exchange.id)
    where = f"exchange {exchange.id}, {exchange.request.method} {exchange.request.path}"
    if answer.problem:
        return unusable(endpoint, exchange, f"status {response.status} with {answer.problem}")
    code, description = (masked(text, exchange.request) for text in _reason(message))
    notes = [f"the server says: {bounded(description)}"] if description else []
    if response.status < 400:
        notes.append(f"the status was {response.status}, where an error must have 400 or 401")
    if message.error_uri:
        notes.append(f"more at {bounded(masked(message.error_uri, exchange.request))}")
    if response.status >= 500:
        return BadAnswer(f"{endpoint} broke down with status {response.status}", slug="server-error", where=where, notes=tuple(notes))
    return Refused(
        f"{endpoint} refused: `{bounded(code)}`" if code else f"{endpoint} refused with status {response.status}",
        where=where,
        notes=tuple(notes),
        spec="RFC 6749 section 5.2",
        help=help_for(code),
        data={"oauth_error": code, "oauth_error_description": description, "status": response.status},
    )


def unusable(endpoint: str, exchange: Exchange, problem: str) -> BadAnswer:
    """The error of an answer that no client can use."""
    where = f"exchange {exchange.id}, {exchange.request.method} {exchange.request.url.partition('?')[0]}"
    return BadAnswer(
        f"{endpoint} answered with {problem}",
        slug="answer-unusable",
        where=where,
        help="check the endpoint's URL; the answer is in `oauthctl trace show`",
    )


def help_for(code: str, *, in_callback: bool = False) -> str:
    """What to do about an OAuth `error` value; empty when it is none that is registered. The same code may mean another thing elsewhere."""
    from oauthctl.messages.error_codes import AUTHORIZATION, TOKEN, error_codes

    known = error_codes(code)
    here = AUTHORIZATION if in_callback else TOKEN
    return next((one.help for one in known if one.sender == here), known[0].help if known else "")


def _response(exchange: Exchange) -> Response:
    if exchange.response is None:
        raise BadAnswer(f"exchange {exchange.id} has no answer: {exchange.failure}")
    return exchange.response


def _refuse_redirect(exchange: Exchange, response: Response) -> None:
    if 300 <= response.status < 400:
        raise BadAnswer(
            f"the token endpoint answered with a redirect (status {response.status}), which is not followed",
            slug="token-request-redirected",
            where=f"exchange {exchange.id}, POST {exchange.request.path}",
            got=response.headers.get("location") or "no Location",
            notes=("a token request carries secrets, and a redirect may lead them elsewhere",),
            help="use the URL that it leads to, with `--token-endpoint URL`, if it is the provider's",
        )


def _reason(message: TokenResponse) -> tuple[str, str]:
    """The error's code and words, also where a server spells them its own way (an object, `message`, `error_message`, `detail`)."""
    error = message.raw("error")
    if isinstance(error, dict):
        code, words = error.get("code") or error.get("type") or error.get("status") or "", error.get("message") or ""
        return str(code), str(words)
    words = message.error_description or next(
        (str(message.raw(name)) for name in ("error_message", "message", "detail", "error_msg", "errmsg") if message.raw(name)), ""
    )
    return message.error or "", words


def _departures(message: TokenResponse) -> tuple[str, ...]:
    found = []
    if isinstance(message.raw("expires_in"), str):
        found.append("`expires_in` is a string, where a number is due (RFC 6749 section 5.1)")
    if "expires_in" in message and message.expires_in is None:
        found.append(f"`expires_in` can't be read as seconds: {bounded(str(message.raw('expires_in')))}")
    if not message.token_type:
        found.append("`token_type` is missing (RFC 6749 section 5.1); Bearer is taken for granted")
    if isinstance(message.raw("scope"), list):
        found.append("`scope` is an array, where a space-separated string is due (RFC 6749 section 3.3)")
    return tuple(found)


def bounded(text: str, limit: int = 300) -> str:
    """A server's words on one line, cut where they get long."""
    one_line = " ".join(text[: 4 * limit].split())
    return one_line if len(one_line) <= limit and len(text) <= 4 * limit else one_line[:limit] + "…"


def masked(text: str, request: Request) -> str:
    """A server's words without the secrets that it was sent, in whatever spelling: some echo the code or the password that they refuse."""
    known = tuple(secret for secret in dict.fromkeys(_secrets_of(request)) if len(secret) >= _SHORTEST_SECRET)
    for secret in known:
        text = text.replace(secret, "[secret]")
    return Sweep(tuple((secret, "secret", "[secret]") for secret in known)).text(text)


def _secrets_of(request: Request) -> tuple[str, ...]:
    names = secret_names(TokenRequest, IntrospectionRequest, RevocationRequest)
    sent = tuple(value for name, value in request.form if name in names)
    credentials = (request.headers.get("authorization") or "").partition(" ")[2]
    try:
        pair = b64decode(credentials, validate=True).decode()
    except ValueError:
        return (*sent, credentials)
    password = pair.partition(":")[2]
    return (*sent, credentials, unquote_plus(password), password)


def is_visible(token: str) -> bool:
    """Whether a token is made of what tokens are made of. Source: RFC 6749 appendix A.12: `access-token = 1*VSCHAR`."""
    return token.isascii() and token.isprintable() and bool(token)


def check_usable(access_token: str, token_type: str = "") -> None:
    """Raises `BadAnswer` for a stored token that can't be shown to anybody: of a type that we can't use, or of odd characters."""
    problem = token_type_problem(token_type)
    if problem:
        raise BadAnswer(
            f"the access token can't be used: {problem}",
            slug="token-type-unknown",
            spec="RFC 6749 section 7.1",
            help="ask the provider for `Bearer` tokens; `oauthctl token --format json` prints a kept one for a program that knows its type",
        )
    if not is_visible(access_token):
        raise BadAnswer(
            "the access token holds characters that no header can carry",
            slug="access-token-unusable",
            spec="RFC 6749 appendix A.12",
            help="sign in again with `oauthctl login`; if it comes again, the provider is at fault",
        )


def bearer_request(method: str, url: str, access_token: str, *, token_type: str = "Bearer") -> Request:
    """A request that shows a token to an endpoint of the provider; `BadAnswer` for a token that no header can carry.

    Raises `ConfigError` for plain http off loopback.
    Source: RFC 6750 section 2.1; RFC 6749 appendix A.12: a token is made of printable ASCII.
    """
    require_tls(url, "the token")
    check_usable(access_token)
    return Request(
        method,
        url,
        Headers((("Accept", "application/json, application/jwt"), ("Authorization", f"{scheme_of(token_type)} {access_token}"))),
    )
