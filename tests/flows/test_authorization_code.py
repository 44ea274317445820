from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from oauthctl.errors import BadAnswer, CheckFailed, ConfigError, Refused
from oauthctl.findings import Outcome
from oauthctl.flows.authorization_code import SignedIn, SignIn, authorization_params, sign_in
from oauthctl.flows.steps import BARE_CODE, Listen, Send, Visit
from oauthctl.http import Headers, Params, Request, Response, split_url
from oauthctl.jose.jwk import Jwk, from_private_key
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_auth import Client
from oauthctl.messages.id_token import half_hash
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import BEGAN, Played, callback, play, response

ISSUER = "https://op.example"
REDIRECT_URI = "http://127.0.0.1:8765/callback"
KEY = from_private_key(ec.generate_private_key(ec.SECP256R1())).with_(kid="now", alg="ES256")
OTHER_KEY = from_private_key(ec.generate_private_key(ec.SECP256R1())).with_(kid="next", alg="ES256")
CODE = "SplxlOBeZQQYbYS6WxSbIA"
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
NOW = int(BEGAN.timestamp())
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}


def metadata(**members: object) -> ProviderMetadata:
    return ProviderMetadata(tuple((METADATA | members).items()), 1)


PLAN = SignIn(
    metadata(),
    Client("s6BhdRkqt3"),
    REDIRECT_URI,
    "Zk3dPQ7rZb1Cw5sX9Q",
    nonce="n-0S6_WzA2Mj",
    code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    scope=("openid", "email"),
)
OAUTH = replace(PLAN, metadata=metadata(jwks_uri=None), scope=("read",))
"""Without OpenID Connect: no keys, no ID token."""


def keys(*given: Jwk) -> Response:
    return response(200, {"keys": [key.public().as_dict() for key in given]})


def claims(**changed: object) -> dict[str, object]:
    made = {"iss": ISSUER, "sub": "248289761001", "aud": "s6BhdRkqt3", "nonce": PLAN.nonce, "iat": NOW, "exp": NOW + 900, **changed}
    return {name: value for name, value in made.items() if value is not None}


def tokens(id_token: str = "", **members: object) -> Response:
    body = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600, **members}
    return response(200, body | ({"id_token": id_token} if id_token else {}))


def back(**params: str) -> Request:
    return callback(REDIRECT_URI, **({"code": CODE, "state": PLAN.state} | params))


def openid(id_token: str, *, plan: SignIn = PLAN, more: tuple[Response, ...] = ()) -> Played[SignedIn]:
    return play(sign_in(plan), [keys(KEY), back(), tokens(id_token), *more])


def oauth(answer: Request, *, plan: SignIn = OAUTH) -> Played[SignedIn]:
    """The run until the callback; no token answer is at hand, so that a code that is redeemed all the same fails the test."""
    return play(sign_in(plan), [answer])


def test_the_person_is_sent_to_sign_in_and_comes_back_with_verified_tokens() -> None:
    id_token = sign(claims(at_hash=half_hash(ACCESS_TOKEN, "ES256"), c_hash=half_hash(CODE, "ES256")), KEY)
    played = openid(id_token)
    result = played.result
    assert result.granted.response.access_token == ACCESS_TOKEN
    assert result.id_token is not None
    assert result.id_token.claim_text("sub") == "248289761001"
    assert {verdict.outcome for verdict in result.verdicts} == {Outcome.PASS}
    assert result.verdicts[0].check == "signature"
    assert {"issuer", "audience", "expiry", "nonce", "at-hash", "c-hash"} <= {verdict.check for verdict in result.verdicts}
    assert result.remarks == ()


def test_the_steps_come_in_this_order_so_that_only_the_code_is_left_to_trade() -> None:
    played = openid(sign(claims(), KEY))
    visit, jwks, listen, token = played.steps
    assert isinstance(visit, Visit)
    assert isinstance(jwks, Send)
    assert jwks.purpose == "jwks"
    assert listen == Listen(REDIRECT_URI, PLAN.state, "query", keep_open=(f"{ISSUER}/token",))
    assert isinstance(token, Send)
    assert token.purpose == "token"


def test_the_authorization_request_has_state_nonce_and_pkce() -> None:
    url = openid(sign(claims(), KEY)).visited[0]
    assert url.startswith(f"{ISSUER}/authorize?tenant=1&response_type=code&")
    assert Params.parse(split_url(url).query).pairs == (
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "s6BhdRkqt3"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid email"),
        ("state", PLAN.state),
        ("nonce", PLAN.nonce),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    )


def test_the_code_is_traded_with_its_verifier_and_the_same_redirect_uri() -> None:
    assert openid(sign(claims(), KEY)).requests[-1].form.pairs == (
        ("grant_type", "authorization_code"),
        ("code", CODE),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", PLAN.code_verifier),
        ("client_id", "s6BhdRkqt3"),
    )


@pytest.mark.parametrize(
    ("changes", "expected", "absent"),
    [
        ({"pkce_method": "plain"}, {"code_challenge": PLAN.code_verifier, "code_challenge_method": "plain"}, ()),
        ({"pkce_method": "none"}, {}, ("code_challenge", "code_challenge_method")),
        ({"scope": ()}, {}, ("scope", "nonce")),
        ({"scope": ("read",)}, {"scope": "read"}, ("nonce",)),
        ({"nonce": ""}, {}, ("nonce",)),
        ({"response_mode": "form_post"}, {"response_mode": "form_post"}, ()),
        ({"response_mode": "query"}, {}, ("response_mode",)),
        ({"max_age": 0.0}, {"max_age": "0"}, ()),
        ({"max_age": 2592000.0}, {"max_age": "2592000"}, ()),
        ({"acr_values": ("a", "b")}, {"acr_values": "a b"}, ()),
        ({}, {}, ("max_age", "acr_values", "response_mode", "resource")),
    ],
)
def test_parameters_follow_the_plan(changes: dict[str, object], expected: dict[str, str], absent: tuple[str, ...]) -> None:
    params = authorization_params(replace(PLAN, **changes))  # type: ignore[arg-type]  # names and types are those of the table
    assert {name: params.get(name) for name in expected} == expected
    assert all(name not in params for name in absent)


def test_without_pkce_no_verifier_is_sent() -> None:
    plan = replace(OAUTH, pkce_method="none")
    played = play(sign_in(plan), [back(), tokens()])
    assert "code_verifier" not in played.requests[0].form


def test_each_resource_is_named_in_both_requests() -> None:
    """RFC 8707 section 2."""
    resources = (("resource", "https://a.example"), ("audience", "x"), ("resource", "https://b.example"))
    played = play(sign_in(replace(OAUTH, params=Params(resources))), [back(), tokens()])
    assert Params.parse(split_url(played.visited[0]).query).all("resource") == ("https://a.example", "https://b.example")
    assert played.requests[0].form.all("resource") == ("https://a.example", "https://b.example")
    assert "audience" not in played.requests[0].form


def test_an_answer_by_form_post_is_read_from_the_body() -> None:
    request = Request("POST", REDIRECT_URI, body=Params.of({"code": CODE, "state": PLAN.state}).encode().encode())
    assert play(sign_in(replace(OAUTH, response_mode="form_post")), [request, tokens()]).result.granted.response.access_token


def test_a_wrong_state_is_refused_in_the_form_that_is_promised() -> None:
    error = oauth(back(state="1a2b3c4d5e6f7f8ff")).error
    assert isinstance(error, CheckFailed)
    assert error.message == "the callback's `state` is not the one that was sent"
    assert (error.slug, error.where) == ("state-mismatch", "exchange 2, callback GET /callback")
    assert (error.sent, error.got) == ("`Zk3…9Q`  (exchange 1)", "`1a2…ff`")
    assert (error.spec, error.help) == ("RFC 6749 section 10.12", "this answer belongs to another request; do not redeem its code")


def test_of_a_state_too_short_to_be_shown_the_length_is_told() -> None:
    assert getattr(oauth(back(state="short")).error, "got", "") == "5 characters"
    assert getattr(oauth(back(state="s")).error, "got", "") == "1 character"


@pytest.mark.parametrize("state", [PLAN.state + "x", PLAN.state[:-1], PLAN.state.lower(), "\u00e9", "short", "\ufffd"])
def test_a_state_must_match_to_the_letter(state: str) -> None:
    error = oauth(back(state=state)).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "state-mismatch"
    assert PLAN.state not in f"{error.sent} {error.got}"


@pytest.mark.parametrize("params", [{"code": CODE}, {"code": CODE, "state": ""}, {"error": "access_denied"}])
def test_an_answer_without_state_is_refused(params: dict[str, str]) -> None:
    error = oauth(callback(REDIRECT_URI, **params)).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "state-missing"


def test_a_code_that_the_person_typed_alone_needs_no_state_and_no_issuer() -> None:
    plan = replace(OAUTH, metadata=metadata(jwks_uri=None, authorization_response_iss_parameter_supported=True))
    request = Request("GET", f"{REDIRECT_URI}?code={CODE}", Headers(((BARE_CODE, "a bare code"),)))
    assert play(sign_in(plan), [request, tokens()]).result.granted.response.access_token == ACCESS_TOKEN


def test_the_issuer_in_the_answer_is_compared() -> None:
    """RFC 9207 section 2.4."""
    error = oauth(back(iss="https://attacker.example")).error
    assert isinstance(error, CheckFailed)
    assert (error.slug, error.sent, error.got) == ("issuer-mixed-up", f"`{ISSUER}`  (exchange 1)", "`https://attacker.example`")


@pytest.mark.parametrize("params", [{"iss": ISSUER + "/"}, {"iss": ""}, {"iss": "https://attacker.example", "error": "access_denied"}])
def test_the_issuer_is_compared_to_the_letter_also_in_an_error(params: dict[str, str]) -> None:
    error = oauth(back(**params)).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "issuer-mixed-up"


def test_an_issuer_that_is_promised_and_missing_is_refused() -> None:
    plan = replace(OAUTH, metadata=metadata(jwks_uri=None, authorization_response_iss_parameter_supported=True))
    error = oauth(back(), plan=plan).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "issuer-not-returned"
    assert play(sign_in(plan), [back(iss=ISSUER), tokens()]).result.granted


def test_the_issuer_that_is_expected_stands_in_for_that_of_the_metadata() -> None:
    plan = replace(OAUTH, expected_issuer="https://sts.example/1")
    assert play(sign_in(plan), [back(iss="https://sts.example/1"), tokens()]).result.granted


def test_a_refusal_is_told_in_the_servers_words() -> None:
    error = oauth(back(error="access_denied", error_description="The person\x1b[2J said no", code="")).error
    assert isinstance(error, Refused)
    assert error.message == "the authorization server refused: `access_denied`"
    assert error.notes == ("the server says: The person\x1b[2J said no",)
    assert error.data == {"oauth_error": "access_denied", "oauth_error_description": "The person\x1b[2J said no"}
    assert error.help


@pytest.mark.parametrize("query", ["code=a&code=b", "code=a&iss=x&iss=y", "error=a&error=b", "code=a&x=1&x=1"])
def test_a_parameter_that_comes_twice_is_refused(query: str) -> None:
    error = oauth(Request("GET", f"{REDIRECT_URI}?{query}&state={PLAN.state}")).error
    assert isinstance(error, BadAnswer)
    assert (error.slug, error.spec) == ("callback-parameter-repeated", "RFC 6749 section 3.1")


def test_an_answer_with_neither_code_nor_error_says_what_it_holds() -> None:
    error = oauth(callback(REDIRECT_URI, state=PLAN.state, access_token="x")).error
    assert isinstance(error, BadAnswer)
    assert (error.slug, error.notes) == ("answer-without-code", ("it holds `state`, `access_token`",))


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("url", [None, "", 5])
def test_a_missing_endpoint_is_told_before_the_browser_opens(name: str, url: object) -> None:
    played = play(sign_in(replace(PLAN, metadata=metadata(**{name: url}))), [])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == "endpoint-missing"
    assert played.error.help == f"give it to `oauthctl login` with `--{name.replace('_', '-')} URL`"
    assert played.steps == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "/authorize", "https://[::1", "ms-msdt:/id", "https://a b/"])
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
def test_an_endpoint_that_is_no_web_address_never_reaches_the_browser(name: str, url: str) -> None:
    played = play(sign_in(replace(PLAN, metadata=metadata(**{name: url}))), [])
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.got) == ("endpoint-unusable", url)
    assert played.steps == []


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"iss": "https://attacker.example"}, "id-token-issuer-differs"),
        ({"iss": ISSUER + "/"}, "id-token-issuer-differs"),
        ({"aud": "another"}, "id-token-audience-differs"),
        ({"aud": ["s6BhdRkqt3", "another"]}, "authorized-party-missing"),
        ({"azp": "another"}, "authorized-party-differs"),
        ({"sub": None}, "id-token-subject"),
        ({"exp": NOW - 100}, "token-expired"),
        ({"exp": None}, "expiry-missing"),
        ({"iat": NOW + 1000}, "token-issued-in-future"),
        ({"nonce": "another"}, "nonce-differs"),
        ({"nonce": None}, "nonce-not-returned"),
        ({"at_hash": half_hash("another", "ES256")}, "at-hash-differs"),
        ({"c_hash": half_hash("another", "ES256")}, "c-hash-differs"),
        ({"s_hash": half_hash("another", "ES256")}, "s-hash-differs"),
    ],
)
def test_an_id_token_that_fails_a_check_is_refused(changed: dict[str, object], slug: str) -> None:
    error = openid(sign(claims(**changed), KEY)).error
    assert isinstance(error, CheckFailed)
    assert error.slug == slug
    assert error.where == "exchange 4, response.id_token"
    assert ACCESS_TOKEN not in f"{error} {error.notes} {error.data}"


def test_all_checks_that_fail_are_told_and_not_the_first_alone() -> None:
    error = openid(sign(claims(aud="another", nonce="another", exp=NOW - 100), KEY)).error
    assert error is not None
    assert error.message.startswith("the ID token fails 3 checks, first: ")
    assert len(error.notes) == 2
    outcomes = {one["check"]: one["outcome"] for one in error.data["checks"]}  # type: ignore[attr-defined]  # a list of objects
    assert outcomes["signature"] == "pass"
    assert {name for name, outcome in outcomes.items() if outcome == "fail"} == {"audience", "nonce", "expiry"}


@pytest.mark.parametrize(
    "id_token",
    [
        sign(claims(), OTHER_KEY.with_(kid="now")),
        sign(claims(), KEY)[:-4] + "AAAA",
        unsecured(claims()),
        sign(claims(), Jwk.from_dict({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I", "kid": "now"}), alg="HS256"),
        sign(claims(), OTHER_KEY, header={"kid": "now", "jwk": OTHER_KEY.public().as_dict()}),
        sign(claims(), KEY, header={"crit": ["exp"]}),
    ],
    ids=["another key", "changed", "none", "hmac", "embedded key", "crit"],
)
def test_a_signature_that_is_not_the_issuers_is_refused(id_token: str) -> None:
    error = openid(id_token).error
    assert isinstance(error, CheckFailed)
    assert error.slug == ("algorithm-none" if id_token.endswith(".") else "signature-invalid")


def test_an_algorithm_that_is_not_announced_is_refused() -> None:
    plan = replace(PLAN, metadata=metadata(id_token_signing_alg_values_supported=["RS256"]))
    error = openid(sign(claims(), KEY), plan=plan).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "signature-invalid"


def test_keys_are_fetched_once_more_when_the_kid_is_unknown() -> None:
    played = openid(sign(claims(), OTHER_KEY), more=(keys(KEY, OTHER_KEY),))
    assert played.result.verdicts[0].outcome is Outcome.PASS
    assert [step.purpose for step in played.steps if isinstance(step, Send)] == ["jwks", "token", "jwks"]


def test_keys_are_not_fetched_a_third_time() -> None:
    played = openid(sign(claims(), OTHER_KEY), more=(keys(KEY),))
    assert isinstance(played.error, CheckFailed)
    assert played.error.slug == "signature-invalid"
    assert len(played.requests) == 3


def test_a_signature_that_cannot_be_checked_is_told_where_tls_vouches_for_it() -> None:
    plan = replace(PLAN, metadata=metadata(jwks_uri=None))
    played = play(sign_in(plan), [back(), tokens(sign(claims(), KEY))])
    assert played.result.verdicts[0].outcome is Outcome.UNCLEAR
    assert len(played.result.remarks) == 1
    assert played.result.remarks[0].startswith("the signature of the ID token is not verified: ")


def test_nobody_is_sent_to_sign_in_where_the_code_would_go_over_plain_http() -> None:
    plan = replace(PLAN, metadata=metadata(issuer="http://op.example", jwks_uri=None, token_endpoint="http://op.example/token"))
    played = play(sign_in(plan), [])
    assert isinstance(played.error, ConfigError)
    assert played.error.slug == "token-without-tls"
    assert not played.steps


def test_an_https_issuer_leads_no_secret_to_plain_http() -> None:
    played = play(sign_in(replace(PLAN, metadata=metadata(token_endpoint="http://op.example/token"))), [])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == "endpoint-without-tls"
    assert not played.steps


def test_an_id_token_of_the_clients_secret_is_verified_with_it() -> None:
    secret = "a-secret-of-more-than-thirty-two-bytes"
    key = Jwk.from_dict({"kty": "oct", "k": "YS1zZWNyZXQtb2YtbW9yZS10aGFuLXRoaXJ0eS10d28tYnl0ZXM"})
    plan = replace(PLAN, client=Client("s6BhdRkqt3", secret, "client_secret_basic"), metadata=metadata(jwks_uri=None))
    result = play(sign_in(plan), [back(), tokens(sign(claims(), key, alg="HS256"))]).result
    assert result.verdicts[0].outcome is Outcome.PASS
    assert secret not in repr(plan)


def test_a_missing_id_token_is_told() -> None:
    result = openid("").result
    assert result.id_token is None
    assert result.remarks == ("`openid` was asked for, and no ID token came (OIDC Core section 3.1.3.3)",)


def test_an_id_token_that_nobody_asked_for_is_judged_without_a_nonce() -> None:
    played = play(sign_in(replace(PLAN, scope=("read",))), [back(), tokens(sign(claims(nonce=None), KEY)), keys(KEY)])
    assert played.result.verdicts[0].outcome is Outcome.PASS


def test_max_age_and_acr_are_judged_when_they_were_asked_for() -> None:
    plan = replace(PLAN, max_age=60.0, acr_values=("gold",))
    good = openid(sign(claims(auth_time=NOW, acr="gold"), KEY), plan=plan).result
    assert {"acr", "auth-time"} <= {verdict.check for verdict in good.verdicts}
    error = openid(sign(claims(auth_time=NOW - 3600, acr="gold"), KEY), plan=plan).error
    assert error is not None
    assert error.slug == "sign-in-too-old"


@pytest.mark.parametrize(
    ("granted", "remarks"),
    [
        ("read write", ()),
        ("read,write", ()),
        ("read", ("asked for and not granted: `write`",)),
        ("", ("asked for and not granted: `read`, `write`",)),
        ("read write admin", ("granted and not asked for: `admin`",)),
        ("read admin", ("asked for and not granted: `write`", "granted and not asked for: `admin`")),
    ],
)
@pytest.mark.parametrize("asked", [("read", "write"), ("read", "read", "write", "write")])
def test_scopes_that_differ_from_those_asked_for_are_told(granted: str, remarks: tuple[str, ...], asked: tuple[str, ...]) -> None:
    result = play(sign_in(replace(OAUTH, scope=asked)), [back(), tokens(scope=granted)]).result
    assert result.remarks == remarks


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (response(500), "status 500"),
        (response(404), "status 404"),
        (response(200, {"keys": []}), "no key"),
        (response(200, "<html>"), "no JSON"),
    ],
)
def test_a_key_set_that_holds_no_keys_does_not_end_the_run(answer: Response, problem: str) -> None:
    played = play(sign_in(PLAN), [answer, back(), tokens(sign(claims(), KEY)), answer])
    signature, *rest = played.result.verdicts
    assert signature.outcome is Outcome.UNCLEAR
    assert signature.why == f"the provider's keys can't be had: `{PLAN.metadata.jwks_uri}` gave {problem} where a JWK set is due"
    assert {verdict.outcome for verdict in rest} == {Outcome.PASS}
    assert [remark.partition(":")[0] for remark in played.result.remarks] == ["the signature of the ID token is not verified"]


def test_keys_that_come_at_the_second_time_of_asking_are_used() -> None:
    played = play(sign_in(PLAN), [response(503), back(), tokens(sign(claims(), KEY)), keys(KEY)])
    assert played.result.verdicts[0].outcome is Outcome.PASS
    assert [step.purpose for step in played.steps if isinstance(step, Send)] == ["jwks", "token", "jwks"]


@pytest.mark.parametrize("changes", [{"jwks_uri": "http://op.example/jwks"}])
def test_keys_that_came_over_plain_http_prove_nothing(changes: dict[str, object]) -> None:
    plan = replace(PLAN, metadata=metadata(**changes))
    played = play(sign_in(plan), [keys(KEY), back(), tokens(sign(claims(), KEY))])
    assert played.result.verdicts[0].outcome is Outcome.UNCLEAR
    assert played.result.remarks == (
        "the signature of the ID token is not verified: the keys came over plain http (`http://op.example/jwks`), "
        "and anybody on the way could have replaced them; the token came straight from the token endpoint",
    )


def test_metadata_that_came_over_plain_http_leads_to_keys_that_prove_nothing() -> None:
    published = replace(metadata(), exchange=1)
    for asked, outcome in (("http://internal.example", Outcome.UNCLEAR), ("https://op.example", Outcome.PASS), ("", Outcome.PASS)):
        plan = replace(PLAN, metadata=published, asked=asked)
        played = play(sign_in(plan), [keys(KEY), back(), tokens(sign(claims(), KEY))])
        assert played.result.verdicts[0].outcome is outcome


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "/jwks", ["https://op.example/jwks"], 5])
def test_an_address_of_keys_that_is_none_is_told_before_the_browser_opens(url: object) -> None:
    played = play(sign_in(replace(PLAN, metadata=metadata(jwks_uri=url))), [])
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.message) == ("endpoint-unusable", "`jwks_uri` is no http or https URL")
    assert played.steps == []


def test_who_asks_for_no_id_token_needs_no_address_of_keys() -> None:
    plan = replace(OAUTH, metadata=metadata(jwks_uri="file:///etc/passwd"))
    assert play(sign_in(plan), [back(), tokens()]).error is None


def test_keys_that_cannot_be_reached_do_not_end_the_run() -> None:
    """Neither while the person is at the page nor later; the code is traded before the keys are asked for again."""
    down = "`https://op.example` refuses the connection"
    played = play(sign_in(PLAN), [down, back(), tokens(sign(claims(), KEY)), down])
    assert [step.purpose for step in played.steps if isinstance(step, Send)] == ["jwks", "token", "jwks"]
    signature, *rest = played.result.verdicts
    assert (signature.outcome, signature.why) == (Outcome.UNCLEAR, f"the provider's keys can't be had: {down}")
    assert {verdict.outcome for verdict in rest} == {Outcome.PASS}
    assert played.result.remarks == (
        f"the signature of the ID token is not verified: the provider's keys can't be had: {down}; "
        "the token came straight from the token endpoint",
    )


def test_keys_that_can_be_reached_after_the_trade_are_used() -> None:
    played = play(sign_in(PLAN), ["it is down", back(), tokens(sign(claims(), KEY)), keys(KEY)])
    assert {verdict.outcome for verdict in played.result.verdicts} == {Outcome.PASS}


def test_what_needs_no_key_is_refused_without_keys_too() -> None:
    played = play(sign_in(PLAN), ["it is down", back(), tokens(sign(claims(nonce="another"), KEY)), "it is down"])
    assert isinstance(played.error, CheckFailed)
    assert played.error.slug == "nonce-differs"


def test_a_plan_shows_no_secret_in_its_representation() -> None:
    shown = repr(replace(PLAN, client=Client("a", "hunter2")))
    assert all(secret not in shown for secret in (PLAN.state, PLAN.nonce, PLAN.code_verifier, "hunter2"))


@pytest.mark.parametrize("garbage", ["garbage", "AAAA-BBBB-CCCC", "5"])
def test_an_id_token_that_is_no_jwt_is_refused(garbage: str) -> None:
    """OpenID Connect Core 1.0 section 2."""
    played = openid(garbage)
    assert isinstance(played.error, CheckFailed)
    assert played.error.slug == "id-token-form"


def test_without_openid_it_is_left_unclear() -> None:
    answer = response(200, {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": "garbage"})
    assert {one.outcome for one in play(sign_in(OAUTH), [back(), answer]).result.verdicts} == {Outcome.UNCLEAR}


PUSHED = replace(OAUTH, metadata=metadata(jwks_uri=None, pushed_authorization_request_endpoint=f"{ISSUER}/par"), is_pushed=True)


def test_a_pushed_request_leaves_the_browser_a_reference_alone() -> None:
    answers = [
        response(201, {"request_uri": "urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2", "expires_in": 90}),
        callback(REDIRECT_URI, code=CODE, state=PLAN.state),
        response(200, {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "scope": "read"}),
    ]
    played = play(sign_in(PUSHED), answers)
    assert played.result.granted.response.access_token == ACCESS_TOKEN
    assert played.requests[0].form.get("code_challenge") == authorization_params(PUSHED).get("code_challenge")
    query = Params.parse(split_url(played.visited[0]).query)
    assert query.pairs == (
        ("tenant", "1"),
        ("client_id", "s6BhdRkqt3"),
        ("request_uri", "urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2"),
    )


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (response(400, {"error": "invalid_request", "error_description": "no"}), Refused, "invalid_request"),
        (response(201, {"expires_in": 90}), BadAnswer, "request_uri"),
        (response(500, "oops"), BadAnswer, "500"),
    ],
)
def test_a_pushed_request_that_is_not_kept_ends_before_the_browser(answer: Response, error: type[Exception], words: str) -> None:
    played = play(sign_in(PUSHED), [answer])
    assert isinstance(played.error, error)
    assert words in str(played.error)
    assert played.visited == []
