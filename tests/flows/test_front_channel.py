from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from oauthctl.errors import BadAnswer, CheckFailed, Refused
from oauthctl.findings import Outcome
from oauthctl.flows.authorization_code import SignedIn, SignIn, authorization_params
from oauthctl.flows.front_channel import front_channel_sign_in
from oauthctl.flows.steps import Listen, Send
from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.jose.jwk import Jwk, from_private_key
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_auth import Client
from oauthctl.messages.id_token import half_hash
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.response_types import HYBRID, IMPLICIT
from tests.flows import oidc_core_appendix_a as example
from tests.played import BEGAN, Played, callback, play, response

ISSUER = example.ISSUER
REDIRECT_URI = "http://127.0.0.1:8765/callback"
KEY = from_private_key(ec.generate_private_key(ec.SECP256R1())).with_(kid="now", alg="ES256")
STRANGER = from_private_key(ec.generate_private_key(ec.SECP256R1())).with_(kid="now", alg="ES256")
NOW = int(BEGAN.timestamp())
STATE = "Zk3dPQ7rZb1Cw5sX9Q"
CODE, ACCESS_TOKEN = "SplxlOBeZQQYbYS6WxSbIA", "SlAV32hkKG-front"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}
PLAN = SignIn(
    ProviderMetadata(tuple(METADATA.items()), 1),
    Client(example.CLIENT_ID),
    REDIRECT_URI,
    STATE,
    nonce=example.NONCE,
    code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    scope=("openid", "email"),
    response_mode="fragment",
)


def plan(response_type: str, **changes: object) -> SignIn:
    return replace(PLAN, response_type=response_type, **changes)


def keys(*given: Jwk) -> Response:
    return response(200, {"keys": [key.public().as_dict() for key in given or (KEY,)]})


def relayed(**params: str) -> Request:
    """What the listener's own page posts of a fragment."""
    return Request("POST", REDIRECT_URI, Headers((("Content-Type", FORM),)), Params.of({"state": STATE, **params}).encode().encode())


def id_token(key: Jwk = KEY, **changed: object) -> str:
    made = {"iss": ISSUER, "sub": example.SUBJECT, "aud": example.CLIENT_ID, "nonce": PLAN.nonce, "iat": NOW, "exp": NOW + 900, **changed}
    return sign({name: value for name, value in made.items() if value is not None}, key)


def hashes(response_type: str) -> dict[str, str]:
    made = {"token": ("at_hash", half_hash(ACCESS_TOKEN, "ES256")), "code": ("c_hash", half_hash(CODE, "ES256"))}
    return dict(made[word] for word in response_type.split() if word in made)


def answer(response_type: str, token: str = "", **params: str) -> Request:
    members = {
        "code": {"code": CODE},
        "token": {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": "3600"},
        "id_token": {"id_token": token or id_token(**hashes(response_type))},
    }
    return relayed(**{name: value for word in response_type.split() for name, value in members[word].items()} | params)


def tokens(token: str = "", **members: object) -> Response:
    body = {"access_token": "SlAV32hkKG-back", "token_type": "Bearer", "expires_in": 3600, **members}
    return response(200, body | ({"id_token": token} if token else {}))


def run(response_type: str, *answers: Response | Request) -> Played[SignedIn]:
    return play(front_channel_sign_in(plan(response_type)), [keys(), *answers])


def refused(response_type: str, given: Request, *more: Response) -> str:
    """The slug of the refusal. No token answer is at hand unless it is given: a code that is traded all the same fails the test."""
    played = run(response_type, given, *more)
    assert isinstance(played.error, CheckFailed | BadAnswer), played.error
    return played.error.slug


class TestTheRequest:
    @pytest.mark.parametrize("response_type", [*IMPLICIT, *HYBRID])
    def test_it_names_the_response_type_and_leaves_the_fragment_which_is_usual_unsaid(self, response_type: str) -> None:
        sent = dict(authorization_params(plan(response_type)).pairs)
        assert sent["response_type"] == response_type
        assert sent["nonce"] == example.NONCE
        assert sent["state"] == STATE
        assert "response_mode" not in sent

    def test_a_form_post_is_asked_for_by_name(self) -> None:
        assert authorization_params(plan("id_token", response_mode="form_post")).get("response_mode") == "form_post"

    @pytest.mark.parametrize("response_type", IMPLICIT)
    def test_without_a_code_there_is_nothing_that_pkce_could_bind(self, response_type: str) -> None:
        assert "code_challenge" not in authorization_params(plan(response_type))

    @pytest.mark.parametrize("response_type", HYBRID)
    def test_a_code_is_bound_to_its_verifier_here_too(self, response_type: str) -> None:
        assert authorization_params(plan(response_type)).get("code_challenge") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    def test_the_listener_is_told_what_must_come(self) -> None:
        steps = run("code id_token", answer("code id_token"), tokens(id_token())).steps
        listening = next(step for step in steps if isinstance(step, Listen))
        assert (listening.response_mode, listening.brings) == ("fragment", ("code", "id_token"))


class TestTheExamplesOfOidcCoreAppendixA:
    """The tokens are of 2011, and the clock is given that much leeway."""

    PLAN = replace(PLAN, leeway_seconds=1e9)

    def test_an_id_token_with_the_access_token_of_appendix_a_3(self) -> None:
        given = relayed(id_token=example.WITH_AT_HASH, access_token=example.ACCESS_TOKEN, token_type="Bearer")
        flow = front_channel_sign_in(replace(self.PLAN, response_type="id_token token"))
        result = play(flow, [response(200, {"keys": [example.KEY]}), given]).result
        passed = {verdict.check for verdict in result.verdicts if verdict.outcome is Outcome.PASS}
        assert {"signature", "issuer", "audience", "nonce", "at-hash"} <= passed
        assert result.granted.response.access_token == example.ACCESS_TOKEN

    def test_an_id_token_with_the_code_of_appendix_a_4(self) -> None:
        given = relayed(id_token=example.WITH_C_HASH, code=example.CODE)
        flow = front_channel_sign_in(replace(self.PLAN, response_type="code id_token"))
        result = play(flow, [response(200, {"keys": [example.KEY]}), given, tokens(example.WITH_C_HASH)]).result
        assert {"signature", "c-hash", "same-person"} <= {verdict.check for verdict in result.verdicts if verdict.outcome is Outcome.PASS}

    @pytest.mark.parametrize(
        ("response_type", "params", "slug"),
        [
            ("id_token token", {"id_token": example.WITH_AT_HASH, "access_token": example.CODE, "token_type": "Bearer"}, "at-hash-differs"),
            ("code id_token", {"id_token": example.WITH_C_HASH, "code": example.ACCESS_TOKEN}, "c-hash-differs"),
            ("code id_token", {"id_token": example.WITH_AT_HASH, "code": example.CODE}, "c-hash-missing"),
        ],
    )
    def test_what_the_hash_does_not_fit_is_refused(self, response_type: str, params: dict[str, str], slug: str) -> None:
        flow = front_channel_sign_in(replace(self.PLAN, response_type=response_type))
        played = play(flow, [response(200, {"keys": [example.KEY]}), relayed(**params)])
        assert isinstance(played.error, CheckFailed)
        assert played.error.slug == slug


class TestImplicit:
    def test_the_tokens_of_the_answer_are_those_that_are_kept(self) -> None:
        played = run("id_token token", answer("id_token token"))
        result = played.result
        assert result.granted.response.access_token == ACCESS_TOKEN
        assert result.granted.expires_at is not None
        assert result.id_token is not None
        assert {verdict.outcome for verdict in result.verdicts} == {Outcome.PASS}
        assert [step.purpose for step in played.steps if isinstance(step, Send)] == ["jwks"]

    def test_an_id_token_alone_brings_no_access_token(self) -> None:
        result = run("id_token", answer("id_token")).result
        assert result.granted.response.access_token is None
        assert result.id_token is not None

    def test_an_access_token_that_nobody_asked_for_is_not_taken(self) -> None:
        result = run("id_token", answer("id_token", access_token="anybodys")).result
        assert result.granted.response.access_token is None

    def test_an_access_token_alone_proves_nobody(self) -> None:
        plain = replace(plan("token"), metadata=ProviderMetadata(tuple((METADATA | {"jwks_uri": None}).items()), 1), scope=("read",))
        result = play(front_channel_sign_in(plain), [answer("token")]).result
        assert (result.id_token, result.verdicts) == (None, ())

    def test_a_missing_token_type_is_told(self) -> None:
        given = relayed(access_token=ACCESS_TOKEN, id_token=id_token(**hashes("token")))
        assert any("`token_type` is missing" in remark for remark in run("id_token token", given).result.remarks)

    def test_the_answer_in_a_form_of_its_own_is_the_same(self) -> None:
        flow = front_channel_sign_in(plan("id_token token", response_mode="form_post"))
        assert play(flow, [keys(), answer("id_token token")]).result.id_token is not None


class TestHybrid:
    @pytest.mark.parametrize("response_type", ["code id_token", "code id_token token"])
    def test_the_token_endpoints_tokens_count_and_both_id_tokens_are_one_persons(self, response_type: str) -> None:
        result = run(response_type, answer(response_type), tokens(id_token())).result
        assert result.granted.response.access_token == "SlAV32hkKG-back"
        assert {"signature", "c-hash", "same-person"} <= {verdict.check for verdict in result.verdicts}

    def test_code_token_has_its_id_token_from_the_token_endpoint(self) -> None:
        result = run("code token", answer("code token"), tokens(id_token())).result
        assert result.id_token is not None
        assert result.granted.response.access_token == "SlAV32hkKG-back"

    def test_two_access_tokens_are_told_of(self) -> None:
        result = run("code token", answer("code token"), tokens(id_token())).result
        assert any("another access token came by the browser" in remark for remark in result.remarks)

    def test_one_access_token_on_both_ways_is_told_of(self) -> None:
        result = run("code token", answer("code token"), tokens(id_token(), access_token=ACCESS_TOKEN)).result
        assert any("has also come by the browser" in remark for remark in result.remarks)

    def test_an_id_token_that_came_by_the_browser_alone_is_kept(self) -> None:
        front = id_token(**hashes("code"))
        result = run("code id_token", answer("code id_token", front), tokens()).result
        assert result.granted.response.id_token == front
        assert result.id_token is not None

    def test_the_code_is_traded_with_its_verifier_and_only_after_the_id_token_is_verified(self) -> None:
        requests = run("code id_token", answer("code id_token"), tokens(id_token())).requests
        assert requests[-1].form.get("code") == CODE
        assert requests[-1].form.get("code_verifier") == PLAN.code_verifier

    @pytest.mark.parametrize("claim", ["iss", "sub"])
    def test_two_id_tokens_of_two_people_are_refused(self, claim: str) -> None:
        # An issuer that differs is refused before, by its own check.
        back = tokens(id_token(sub="another") if claim == "sub" else id_token(iss="https://other.example"))
        slug = refused("code id_token", answer("code id_token"), back)
        assert slug == ("id-tokens-differ" if claim == "sub" else "id-token-issuer-differs")


class TestWrongAnswers:
    @pytest.mark.parametrize(
        ("claims", "slug"),
        [
            ({"nonce": "another"}, "nonce-differs"),
            ({"nonce": None}, "nonce-not-returned"),
            ({"iss": "https://other.example"}, "id-token-issuer-differs"),
            ({"aud": "another"}, "id-token-audience-differs"),
            ({"at_hash": half_hash("another", "ES256")}, "at-hash-differs"),
            ({"at_hash": None}, "at-hash-missing"),
            ({"c_hash": half_hash("another", "ES256")}, "c-hash-differs"),
            ({"c_hash": None}, "c-hash-missing"),
            ({"s_hash": half_hash("another", "ES256")}, "s-hash-differs"),
            ({"exp": NOW - 900}, "token-expired"),
        ],
    )
    def test_each_is_refused_by_the_name_of_its_rule_and_no_code_is_traded(self, claims: dict[str, object], slug: str) -> None:
        kind = "code id_token token"
        assert refused(kind, answer(kind, id_token(**(hashes(kind) | claims)))) == slug

    def test_a_right_s_hash_passes(self) -> None:
        token = id_token(**hashes("code"), s_hash=half_hash(STATE, "ES256"))
        verdicts = run("code id_token", answer("code id_token", token), tokens(id_token())).result.verdicts
        assert [one.outcome for one in verdicts if one.check == "s-hash"] == [Outcome.PASS]

    def test_an_id_token_of_somebody_elses_key(self) -> None:
        assert refused("id_token", answer("id_token", id_token(STRANGER))) == "signature-invalid"

    def test_an_id_token_that_is_not_signed(self) -> None:
        claims = {"iss": ISSUER, "sub": "1", "aud": example.CLIENT_ID, "nonce": PLAN.nonce, "iat": NOW, "exp": NOW + 900}
        assert refused("id_token", answer("id_token", unsecured(claims))) == "algorithm-none"

    def test_without_keys_an_id_token_from_the_browser_is_worth_nothing(self) -> None:
        played = play(front_channel_sign_in(plan("id_token")), [response(500, "broken"), answer("id_token"), response(500, "broken")])
        assert isinstance(played.error, CheckFailed)
        assert played.error.slug == "signature-not-verified"

    @pytest.mark.parametrize("response_type", ["id_token", "token", "code id_token"])
    def test_tokens_in_the_query_are_thrown_away(self, response_type: str) -> None:
        params = dict(answer(response_type).form.pairs)
        assert refused(response_type, callback(REDIRECT_URI, **params)) == "token-in-callback-query"

    @pytest.mark.parametrize(
        ("response_type", "came"),
        [("id_token token", "id_token"), ("code id_token", "code"), ("code token", "code"), ("token", "id_token")],
    )
    def test_an_answer_that_lacks_something(self, response_type: str, came: str) -> None:
        assert refused(response_type, answer(came)) == "answer-incomplete"

    def test_another_state(self) -> None:
        assert refused("id_token", answer("id_token", state="another")) == "state-mismatch"

    def test_another_issuer_beside_a_right_id_token(self) -> None:
        assert refused("id_token", answer("id_token", iss="https://other.example")) == "issuer-mixed-up"

    def test_an_access_token_that_no_header_can_carry(self) -> None:
        assert refused("token", answer("token", access_token="with\ta tab")) == "access-token-unusable"

    def test_an_error_in_the_fragment_is_the_servers_no(self) -> None:
        played = run("id_token", relayed(error="access_denied"))
        assert isinstance(played.error, Refused)

    def test_an_iss_that_is_promised_may_be_inside_of_the_id_token_and_nowhere_else(self) -> None:
        promising = ProviderMetadata((*METADATA.items(), ("authorization_response_iss_parameter_supported", True)), 1)
        inside = play(front_channel_sign_in(plan("id_token", metadata=promising)), [keys(), answer("id_token")])
        assert inside.result.id_token is not None
        beside = play(front_channel_sign_in(plan("code token", metadata=promising)), [keys(), answer("code token", id_token="any")])
        assert isinstance(beside.error, CheckFailed)
        assert beside.error.slug == "issuer-not-returned"
