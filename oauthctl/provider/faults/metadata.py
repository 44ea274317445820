"""Faults of the metadata document: it lies, or is none.

Here: discovery of the server. Not here: its keys (`keys`), the metadata of the API (`resource`).
"""

from __future__ import annotations

import codecs

from oauthctl.http import Headers, Response
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import (
    error_answer,
    text_answer,
    with_body,
    with_document,
    with_members,
    with_other_end,
    with_other_scheme,
)
from oauthctl.provider.faults.places import METADATA
from oauthctl.provider.faults.registry import Call, fault

_PAGE = "<!doctype html><html lang=en><title>Sign in</title><h1>Welcome</h1><p>Sign in to go on.</p></html>"


@fault(METADATA, rule="metadata-issuer-trailing-slash", is_dangerous=True)
def metadata_issuer_slash(call: Call) -> Answer | None:
    """The metadata's `issuer` ends with a slash that the issuer does not have, or lacks the one that it has."""
    return with_document(call, lambda document: {**document, "issuer": with_other_end(document["issuer"])})


@fault(METADATA, rule="metadata-issuer-differs", is_dangerous=True)
def metadata_issuer_elsewhere(call: Call) -> Answer | None:
    """The metadata's `issuer` is another server."""
    return with_members(call, issuer="https://id.elsewhere.example")


@fault(METADATA, rule="metadata-issuer-over-http", is_dangerous=True)
def metadata_issuer_http(call: Call) -> Answer | None:
    """The metadata came over https, and its `issuer` says http, or the other way round."""
    return with_document(call, lambda document: {**document, "issuer": with_other_scheme(document["issuer"])})


@fault(METADATA, rule="issuer-is-template", is_dangerous=True)
def metadata_issuer_template(call: Call) -> Answer | None:
    """The metadata's `issuer` holds a placeholder that clients are to fill."""
    return with_document(call, lambda document: {**document, "issuer": f"{document['issuer']}/{{tenantid}}/v2.0"})


@fault(METADATA, rule="metadata-issuer-internal-name", is_dangerous=True)
def metadata_issuer_internal(call: Call) -> Answer | None:
    """The metadata's `issuer` is the name that the server has inside its cluster."""
    return with_members(call, issuer="http://provider:8080")


@fault(METADATA, rule="metadata-is-html")
def metadata_html(call: Call) -> Answer | None:
    """A sign-in page stands where the metadata should."""
    return text_answer(call, 200, _PAGE, content_type="text/html; charset=utf-8")


@fault(METADATA, rule="metadata-not-found")
def metadata_missing(call: Call) -> Answer | None:
    """There is no metadata, at neither of its addresses."""
    return error_answer(call, "not_found", status=404)


@fault(METADATA, rule="metadata-server-error")
def metadata_error(call: Call) -> Answer | None:
    """The metadata's address answers with a server error."""
    return text_answer(call, 500, "Internal Server Error\n", content_type="text/plain")


@fault(METADATA, rule="metadata-unreadable")
def metadata_broken(call: Call) -> Answer | None:
    """The metadata is JSON that ends too early."""
    state, response = call.answered()
    return state, with_body(response, response.body[:-20])


@fault(METADATA, rule="metadata-incomplete")
def metadata_without_token_endpoint(call: Call) -> Answer | None:
    """The metadata names no token endpoint."""
    return with_members(call, token_endpoint=None)


@fault(METADATA, rule="metadata-incomplete")
def metadata_without_authorization_endpoint(call: Call) -> Answer | None:
    """The metadata names no authorization endpoint."""
    return with_members(call, authorization_endpoint=None)


@fault(METADATA, rule="metadata-incomplete")
def metadata_without_jwks_uri(call: Call) -> Answer | None:
    """The metadata names no place of the keys."""
    return with_members(call, jwks_uri=None)


@fault(METADATA, rule="endpoint-without-tls", is_dangerous=True)
def metadata_token_endpoint_internal(call: Call) -> Answer | None:
    """The metadata names a token endpoint that is reachable inside the server's own network alone."""
    return with_members(call, token_endpoint="http://provider.internal:8080/token")


@fault(METADATA, rule="metadata-redirected")
def metadata_moved(call: Call) -> Answer | None:
    """The metadata's address redirects to another host."""
    location = "https://www.elsewhere.example/.well-known/openid-configuration"
    return call.state, Response(301, Headers((("Location", location),)))


@fault(METADATA, rule="json-not-plain-utf-8")
def metadata_with_byte_order_mark(call: Call) -> Answer | None:
    """The metadata begins with a byte order mark, with which it is no JSON."""
    state, response = call.answered()
    return state, with_body(response, codecs.BOM_UTF8 + response.body)


# What a parser makes of a name that is there twice is left to it (RFC 8259 section 4): a client may take the right one.
@fault(METADATA, rule="metadata-member-repeated")
def metadata_issuer_twice(call: Call) -> Answer | None:
    """The metadata says `issuer` twice, each time another one."""
    state, response = call.answered()
    return state, with_body(response, b'{"issuer": "https://id.elsewhere.example", ' + response.body[1:])


@fault(METADATA, rule="algorithm-not-accepted")
def metadata_other_algorithm(call: Call) -> Answer | None:
    """The metadata says that ID tokens are signed with another algorithm than they are."""
    return with_members(call, id_token_signing_alg_values_supported=["PS512"])
