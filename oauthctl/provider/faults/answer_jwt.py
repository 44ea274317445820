"""Faults of answers in a JWT: the one that the browser brings (JARM), the one about a token (RFC 9701), and userinfo.

Here: the JWT around the answer. Not here: ID tokens (`id_token`), answers without a JWT (`callback`, `questions`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oauthctl.http import Params
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.provider.answers import Answer, json_answer
from oauthctl.provider.faults.edits import Document, Edit, resigned, with_body, with_callback
from oauthctl.provider.faults.registry import Call, fault
from oauthctl.provider.id_token import signing_key

_JARM, _QUESTION, _USERINFO = "signed-answer-flow", "signed-introspection-flow", "signed-userinfo-flow"
_ELSEWHERE = "https://id.elsewhere.example"
_HOUR = 3600


@fault("authorize", rule="answer-jwt-issuer-differs", flow=_JARM, is_dangerous=True)
def answer_jwt_issuer_elsewhere(call: Call) -> Answer | None:
    """The `iss` of the callback's JWT is another server."""
    return _brought(call, lambda claims: {**claims, "iss": _ELSEWHERE})


@fault("authorize", rule="answer-jwt-audience-differs", flow=_JARM, is_dangerous=True)
def answer_jwt_audience_elsewhere(call: Call) -> Answer | None:
    """The `aud` of the callback's JWT is another client."""
    return _brought(call, lambda claims: {**claims, "aud": "another-client"})


@fault("authorize", rule="answer-jwt-expired", flow=_JARM, is_dangerous=True)
def answer_jwt_old(call: Call) -> Answer | None:
    """The callback's JWT has expired when it comes."""
    return _brought(call, lambda claims: {**claims, "exp": claims["exp"] - _HOUR})


@fault("authorize", rule="answer-jwt-unsigned", flow=_JARM, is_last=True, is_dangerous=True)
def answer_jwt_none(call: Call) -> Answer | None:
    """The callback's JWT is unsigned: its `alg` is `none`."""
    return _brought(call, lambda claims: claims, resign=unsecured)


@fault("authorize", rule="answer-jwt-signature-wrong", flow=_JARM, is_last=True, is_dangerous=True)
def answer_jwt_altered(call: Call) -> Answer | None:
    """The signature of the callback's JWT belongs to other claims."""
    return _brought(call, lambda claims: claims, resign=lambda claims: _altered(call, claims))


@fault("authorize", rule="answer-jwt-missing", flow=_JARM, is_last=True, is_dangerous=True)
def answer_jwt_left_out(call: Call) -> Answer | None:
    """The answer comes as plain parameters though a JWT was asked for."""

    def plain(params: Params) -> Params:
        claims = take_apart(params.get("response") or "").claims or {}
        return Params.of({name: str(value) for name, value in claims.items() if name not in ("aud", "exp")}) if claims else params

    return with_callback(call, plain)


@fault("authorize", rule="answer-jwt-unreadable", flow=_JARM, is_last=True)
def answer_jwt_cut_off(call: Call) -> Answer | None:
    """The callback's JWT has lost its second half on the way."""
    return with_callback(call, lambda params: _halved(params) if "response" in params else params)


@fault("introspect", rule="signed-answer-issuer-differs", flow=_QUESTION, is_dangerous=True)
def signed_answer_issuer_elsewhere(call: Call) -> Answer | None:
    """The `iss` of the signed answer about a token is another server."""
    return _told(call, lambda claims: {**claims, "iss": _ELSEWHERE})


@fault("introspect", rule="signed-answer-audience-differs", flow=_QUESTION, is_dangerous=True)
def signed_answer_audience_elsewhere(call: Call) -> Answer | None:
    """The signed answer about a token is for another API."""
    return _told(call, lambda claims: {**claims, "aud": "another-api"})


@fault("introspect", rule="signed-answer-expired", flow=_QUESTION, is_dangerous=True)
def signed_answer_old(call: Call) -> Answer | None:
    """The signed answer about a token is an old one, shown again."""
    return _told(call, lambda claims: {**claims, "exp": claims["iat"] - _HOUR})


@fault("introspect", rule="signed-answer-type-differs", flow=_QUESTION, is_dangerous=True)
def signed_answer_untyped(call: Call) -> Answer | None:
    """The signed answer about a token has the type of any JWT."""
    return _told(call, lambda claims: claims, header={"typ": "JWT"})


@fault("introspect", rule="signed-answer-unsigned", flow=_QUESTION, is_last=True, is_dangerous=True)
def signed_answer_none(call: Call) -> Answer | None:
    """The signed answer about a token is unsigned: its `alg` is `none`."""
    return _told(call, lambda claims: claims, resign=unsecured)


@fault("introspect", rule="signed-answer-signature-wrong", flow=_QUESTION, is_last=True, is_dangerous=True)
def signed_answer_altered(call: Call) -> Answer | None:
    """The signature of the answer about a token belongs to other claims."""
    return _told(call, lambda claims: claims, resign=lambda claims: _altered(call, claims))


@fault("introspect", rule="signed-answer-missing", flow=_QUESTION, is_last=True, is_dangerous=True)
def signed_answer_plain(call: Call) -> Answer | None:
    """The answer about a token is plain JSON though a signed one was asked for."""
    state, response = call.answered()
    claims = take_apart(response.body.decode("latin-1")).claims
    return (state, json_answer(claims["token_introspection"])) if claims else None


@fault("userinfo", rule="signed-answer-issuer-differs", flow=_USERINFO, is_dangerous=True)
def userinfo_jwt_issuer_elsewhere(call: Call) -> Answer | None:
    """The `iss` of the userinfo JWT is another server."""
    return _told(call, lambda claims: {**claims, "iss": _ELSEWHERE})


@fault("userinfo", rule="signed-answer-audience-differs", flow=_USERINFO, is_dangerous=True)
def userinfo_jwt_audience_elsewhere(call: Call) -> Answer | None:
    """The `aud` of the userinfo JWT is another client."""
    return _told(call, lambda claims: {**claims, "aud": "another-client"})


@fault("userinfo", rule="signed-answer-expired", flow=_USERINFO, is_dangerous=True)
def userinfo_jwt_old(call: Call) -> Answer | None:
    """The userinfo JWT is an old one, shown again."""
    return _told(call, lambda claims: {**claims, "exp": int(call.moment.seconds) - _HOUR})


@fault("userinfo", rule="signed-answer-unsigned", flow=_USERINFO, is_last=True, is_dangerous=True)
def userinfo_jwt_none(call: Call) -> Answer | None:
    """The userinfo JWT is unsigned: its `alg` is `none`."""
    return _told(call, lambda claims: claims, resign=unsecured)


@fault("userinfo", rule="signed-answer-signature-wrong", flow=_USERINFO, is_last=True, is_dangerous=True)
def userinfo_jwt_altered(call: Call) -> Answer | None:
    """The signature of the userinfo JWT belongs to other claims."""
    return _told(call, lambda claims: claims, resign=lambda claims: _altered(call, claims))


def _brought(call: Call, edit: Edit, *, resign: Callable[[Document], str] | None = None) -> Answer | None:
    """The callback whose JWT has other claims."""

    def edited(params: Params) -> Params:
        made = _again(call, params.get("response") or "", edit, resign=resign)
        return params.with_("response", made) if made else params

    return with_callback(call, edited)


def _told(
    call: Call, edit: Edit, *, header: dict[str, Any] | None = None, resign: Callable[[Document], str] | None = None
) -> Answer | None:
    """The answer whose body is a JWT with other claims."""
    state, response = call.answered()
    made = _again(call, response.body.decode("latin-1"), edit, header=header, resign=resign)
    return (state, with_body(response, made.encode())) if made else None


def _again(
    call: Call, compact: str, edit: Edit, *, header: dict[str, Any] | None = None, resign: Callable[[Document], str] | None = None
) -> str:
    """The JWT with other claims; empty where there is none that can be read."""
    token = take_apart(compact)
    if token.claims is None or token.header is None:
        return ""
    claims = edit(dict(token.claims))
    return resign(claims) if resign is not None else resigned(call.state, token.header, claims, header=header)


def _altered(call: Call, claims: Document) -> str:
    key = signing_key(call.state, "RS256")
    typ = {"typ": "token-introspection+jwt"} if "token_introspection" in claims else {}
    right, other = sign(claims, key, header=typ), sign({**claims, "exp": 0}, key, header=typ)
    return f"{right.rpartition('.')[0]}.{other.rpartition('.')[2]}"


def _halved(params: Params) -> Params:
    compact = params.get("response") or ""
    return params.with_("response", compact[: len(compact) // 2].replace(".", ""))
