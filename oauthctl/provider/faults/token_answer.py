"""Faults of the token endpoint's answer: its form, its members, its refusals.

Here: what comes in place of a good answer. Not here: the tokens inside (`id_token`, `signature`), refreshing (`refresh`).
"""

from __future__ import annotations

import codecs
import json

from oauthctl.http import FORM, JSON, Headers, Params, Response
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import document_of, error_answer, text_answer, with_body, with_members
from oauthctl.provider.faults.registry import Call, fault

_EXCHANGE = "token-exchange-flow"
_PAGE = "<!doctype html><html lang=en><title>Just a moment</title><h1>Checking your browser</h1></html>"


@fault("token", rule="token-answer-is-html")
def token_html(call: Call) -> Answer | None:
    """The token endpoint answers with a web page."""
    return text_answer(call, 200, _PAGE, content_type="text/html; charset=utf-8")


@fault("token", rule="token-answer-form-encoded", flow="json-alone")
def token_as_form(call: Call) -> Answer | None:
    """The token answer is a form, as those of some old servers are, and no JSON."""
    state, response = call.answered()
    document = document_of(response)
    if document is None:
        return None
    return state, with_body(
        response, Params.of({name: str(value) for name, value in document.items()}).encode().encode(), content_type=FORM
    )


@fault("token", rule="token-answer-unreadable")
def token_broken_json(call: Call) -> Answer | None:
    """The token endpoint answers with JSON that ends too early."""
    state, response = call.answered()
    return (state, with_body(response, response.body[:-30])) if document_of(response) else None


@fault("token", rule="token-request-refused")
def token_error_with_200(call: Call) -> Answer | None:
    """The token endpoint refuses with status 200."""
    return error_answer(call, "bad_verification_code", "The code passed is incorrect or expired.", status=200)


@fault("token", rule="token-answer-incomplete")
def token_without_access_token(call: Call) -> Answer | None:
    """The token answer has no access token."""
    return with_members(call, access_token=None, id_token=None)


@fault("token", rule="token-type-missing")
def token_without_type(call: Call) -> Answer | None:
    """The token answer has no `token_type`."""
    return with_members(call, token_type=None)


@fault("token", rule="expires-in-not-a-number")
def token_lifetime_as_text(call: Call) -> Answer | None:
    """The token answer's `expires_in` is a text with a unit."""
    return with_members(call, expires_in="5 minutes")


@fault("token", rule="scope-narrowed")
def token_scope_narrowed(call: Call) -> Answer | None:
    """The token is granted for less than was asked and agreed to."""
    return with_members(call, scope="openid")


@fault("token", rule="code-expired")
def code_expired(call: Call) -> Answer | None:
    """Every code is refused as too old."""
    return error_answer(call, "invalid_grant", "the authorization code has expired") if "code" in call.request.form else None


@fault("token", rule="code-reused")
def code_spent(call: Call) -> Answer | None:
    """Every code is refused as used before."""
    return error_answer(call, "invalid_grant", "the authorization code was already used") if "code" in call.request.form else None


@fault("token", rule="server-error")
def token_error(call: Call) -> Answer | None:
    """The token endpoint answers with a server error."""
    return text_answer(call, 500, "Internal Server Error\n", content_type="text/plain")


@fault("token", rule="rate-limited")
def token_throttled(call: Call) -> Answer | None:
    """The token endpoint says 429 and when to come back."""
    return text_answer(call, 429, "Too Many Requests\n", content_type="text/plain", headers=(("Retry-After", "30"),))


@fault("token", rule="gateway-error")
def token_gateway(call: Call) -> Answer | None:
    """A gateway before the token endpoint says that it gets no answer."""
    return text_answer(call, 502, "<html><title>502 Bad Gateway</title><center>nginx</center></html>", content_type="text/html")


@fault("token", rule="token-request-redirected")
def token_moved(call: Call) -> Answer | None:
    """The token endpoint redirects to another address."""
    return call.state, Response(301, Headers((("Location", call.request.url.rstrip("/") + "/"),)))


@fault("token", rule="client-secret-wrong", flow="client-credentials-flow")
def token_secret_refused(call: Call) -> Answer | None:
    """The client's right secret is refused."""
    return error_answer(call, "invalid_client", "the client secret is wrong", status=401)


@fault("token", rule="client-secret-in-ignored-header", flow="client-credentials-flow")
def token_basic_unread(call: Call) -> Answer | None:
    """The token endpoint does not look at the Authorization header, though the metadata announces it."""
    if "authorization" not in call.request.headers:
        return None
    return error_answer(call, "invalid_client", "client_id and client_secret are missing in the body", status=401)


@fault("token", rule="grant-not-allowed", flow="client-credentials-flow")
def token_grant_forbidden(call: Call) -> Answer | None:
    """The client may not use its grant all of a sudden."""
    return error_answer(call, "unauthorized_client", "the client may not use this grant type")


@fault("token", rule="grant-unsupported", flow="client-credentials-flow")
def token_grant_unknown(call: Call) -> Answer | None:
    """The token endpoint knows no such grant, though the metadata announces it."""
    return error_answer(call, "unsupported_grant_type", "the grant type is not supported")


@fault("token", rule="scope-unknown", flow="client-credentials-flow")
def token_scope_unknown(call: Call) -> Answer | None:
    """The token endpoint knows a scope no more."""
    asked = (call.request.form.get("scope") or "").split()
    return error_answer(call, "invalid_scope", f"the scope {asked[0]} is unknown") if asked else None


@fault("token", rule="json-not-plain-utf-8")
def token_with_byte_order_mark(call: Call) -> Answer | None:
    """The token answer begins with a byte order mark, with which it is no JSON."""
    state, response = call.answered()
    return (state, with_body(response, codecs.BOM_UTF8 + response.body)) if document_of(response) else None


@fault("token", rule="json-not-plain-utf-8")
def token_in_latin1(call: Call) -> Answer | None:
    """The token answer is written in ISO 8859-1, not in UTF-8."""
    state, response = call.answered()
    document = document_of(response)
    if document is None:
        return None
    said = json.dumps({**document, "display_name": "Zo\u00eb M\u00fcller"}, ensure_ascii=False)
    return state, with_body(response, said.encode("latin-1"))


@fault("token", rule="code-expired")
def token_error_in_colours(call: Call) -> Answer | None:
    """The description of a refusal holds control characters, which could write over a terminal."""
    said = {"error": "invalid_grant", "error_description": "\x1b[2J\x1b[31mthe authorization code has expired\x1b[0m\r\n\x07"}
    # As it stands, also where a persona has words of its own: they would take the colours away.
    return text_answer(call, 400, json.dumps(said), content_type=JSON)


@fault("token", rule="token-type-unknown", flow="mtls-flow", is_dangerous=True)
def token_of_strange_type(call: Call) -> Answer | None:
    """The token's type is one that no client knows."""
    return with_members(call, token_type="mac")


@fault("token", rule="exchange-issued-type-differs", flow=_EXCHANGE)
def exchange_other_type(call: Call) -> Answer | None:
    """An exchange brings a token of another type than the one that was asked for."""
    return with_members(call, issued_token_type="urn:ietf:params:oauth:token-type:saml2")
