"""`oauthctl verify`: every check has a verdict, and the exit code tells yes, no and unknown apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.id_token import half_hash
from tests.cli.running import Ran, oauthctl

ISSUER = "https://op.example"
AT = "2026-01-01T00:01:00Z"
CLAIMS = {"iss": ISSUER, "sub": "alice", "aud": "app", "iat": 1767225600, "exp": 1767226500}
KEY = generate("ES256").with_(kid="k1")
OTHER = generate("ES256").with_(kid="k2")
RSA = generate("RS256").with_(kid="r1")
SECRET = b"a shared secret of more than 32 bytes!"


def oct_key(secret: bytes) -> Jwk:
    from base64 import urlsafe_b64encode

    return Jwk((("kty", "oct"), ("k", urlsafe_b64encode(secret).decode().rstrip("="))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    (made / "jwks.json").write_text(json.dumps({"keys": [KEY.public().as_dict(), RSA.public().as_dict()]}))
    (made / "public.pem").write_bytes(RSA.public_encodings()[0])
    (made / "secret.txt").write_bytes(SECRET + b"\n")
    (made / "secret.json").write_text(json.dumps(oct_key(SECRET).as_dict()))
    (made / "empty").write_text("")
    return made


def verify(*argv: str, token: str, environ: dict[str, str] | None = None, columns: int = 0) -> Ran:
    return oauthctl("verify", *argv, "--at", AT, stdin=token, environ=environ, columns=columns)


def outcomes(ran: Ran) -> dict[str, str]:
    return {row.split("\t")[0]: row.split("\t")[1] for row in ran.out.splitlines()}


def why(ran: Ran, check: str) -> str:
    return next(row.split("\t")[2] for row in ran.out.splitlines() if row.startswith(check + "\t"))


def test_a_good_token_with_a_named_issuer_passes_every_check(folder: Path) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--audience", "app", token=sign(CLAIMS, KEY))
    assert ran.code == 0
    assert outcomes(ran) == dict.fromkeys(("signature", "issuer", "audience", "expiry", "issued-at"), "pass")
    assert "every check that could be made passed" in ran.err


def test_an_issuer_that_nobody_named_leaves_it_unclear(folder: Path) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), token=sign(CLAIMS, KEY))
    assert ran.code == 3
    assert outcomes(ran)["signature"] == "pass"
    assert outcomes(ran)["issuer"] == "unclear"
    assert "--issuer URL" in why(ran, "issuer")
    assert outcomes(ran)["audience"] == "unclear"
    assert "--audience NAME" in why(ran, "audience")


def test_what_was_not_given_leaves_its_check_unclear_and_is_warned_of(folder: Path) -> None:
    token = sign(CLAIMS | {"nonce": "n", "azp": "app", "at_hash": "h"}, KEY)
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=token)
    assert ran.code == 0
    assert {name for name, outcome in outcomes(ran).items() if outcome == "unclear"} == {
        "audience",
        "authorized-party",
        "nonce",
        "at-hash",
    }
    assert [line for line in ran.err.splitlines() if line.startswith("warning: ")] == [
        "warning: `aud` was compared with nothing: name the client with `--audience CLIENT`",
        "warning: `azp` was compared with nothing: name the client with `--audience CLIENT`",
        "warning: `nonce` was compared with nothing: give the request's with `--nonce VALUE`",
    ]
    told = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--audience", "app", "--nonce", "n", token=token)
    assert (told.code, "warning" in told.err) == (0, False)
    document = json.loads(verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--json", token=token).out)
    assert (document["outcome"], document["not_checked"]) == ("pass", ["audience", "authorized-party", "nonce", "at-hash"])


def test_a_nonce_that_was_given_makes_it_an_id_token(folder: Path) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--nonce", "n", token=sign(CLAIMS, KEY))
    assert (ran.code, outcomes(ran)["nonce"]) == (1, "fail")


def test_a_claim_that_is_there_twice_fails_the_form(folder: Path) -> None:
    from base64 import urlsafe_b64encode

    header = sign(CLAIMS, KEY).partition(".")[0]
    payload = urlsafe_b64encode(b'{"sub":"alice","sub":"bob"}').rstrip(b"=").decode()
    ran = verify("--jwks", str(folder / "jwks.json"), token=f"{header}.{payload}.AAAA")
    assert (ran.code, outcomes(ran)["form"]) == (1, "fail")
    assert why(ran, "form") == "the payload has the member `sub` 2 times; the last one was checked"


def test_an_access_token_without_its_type_is_unclear_about_being_one(folder: Path) -> None:
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--audience", "app", "--type", "access")
    assert outcomes(verify(*argv, token=sign(CLAIMS, KEY)))["type"] == "unclear"
    assert verify(*argv, token=sign(CLAIMS, KEY)).code == 0


def test_every_token_of_an_answer_is_checked_and_labelled(folder: Path) -> None:
    access = sign(CLAIMS | {"aud": "api"}, KEY)
    good = sign(CLAIMS | {"at_hash": half_hash(access, "ES256")}, KEY)
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    answer = {"access_token": access, "id_token": good, "refresh_token": "opaque-0123456789abc"}
    ran = verify(*argv, token=json.dumps(answer))
    rows = [tuple(row.split("\t")[:3]) for row in ran.out.splitlines()]
    assert ran.code == 0
    assert ("access_token of a token response", "signature", "pass") in rows
    assert ("id_token of a token response", "at-hash", "pass") in rows
    assert ("refresh_token of a token response", "form", "skipped") in rows
    assert "3 tokens: 2 passed, 1 opaque, not checked" in ran.err
    document = json.loads(verify(*argv, "--json", token=json.dumps(answer)).out)
    assert [(one["where"].split()[0], one["outcome"]) for one in (document, *document["more"])] == [
        ("access_token", "pass"),
        ("id_token", "pass"),
        ("refresh_token", "skipped"),
    ]
    swapped = verify(*argv, token=json.dumps(answer | {"access_token": sign(CLAIMS | {"aud": "other"}, KEY)}))
    assert swapped.code == 1
    shown = verify(*argv, token=json.dumps(answer), columns=80)
    assert "id_token of a token response: checked as an ID token" in shown.out


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([sign(CLAIMS, KEY)] * 2, 0),
        ([sign(CLAIMS, KEY), "gho_16C7e42F292c6912E7710c838347Ae178B4a"], 3),
        ([sign(CLAIMS, KEY), "gho_16C7e42F292c6912E7710c838347Ae178B4a", unsecured(CLAIMS)], 1),
        ([sign(CLAIMS, KEY), "no token here"], 0),
    ],
)
def test_of_many_lines_the_worst_decides(folder: Path, lines: list[str], code: int) -> None:
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    ran = verify(*argv, token="\n".join(lines))
    assert ran.code == code
    assert ("line 2: no token" in ran.err) == ("no token here" in lines)
    as_json = verify(*argv, "--json", token="\n".join(lines))
    assert as_json.code == code
    assert [json.loads(line)["line"] for line in as_json.out.splitlines()] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    ("changes", "argv", "check"),
    [
        ({"exp": 1767225000}, (), "expiry"),
        ({"exp": None}, ("--type", "access"), "expiry"),
        ({"nbf": 1767229200}, (), "not-before"),
        ({"iat": 1767229200}, (), "issued-at"),
        ({"iss": ISSUER + "/"}, (), "issuer"),
        ({"aud": "somebody else"}, (), "audience"),
        ({"aud": None}, (), "audience"),
        ({"nonce": "n2"}, ("--nonce", "n1"), "nonce"),
        ({}, ("--type", "id", "--nonce", "n1"), "nonce"),
        ({"sub": None}, ("--type", "id"), "subject"),
        ({"nonce": "n"}, ("--type", "access"), "type"),
        ({}, ("--alg", "RS256"), "signature"),
    ],
)
def test_a_wrong_claim_fails_its_check_alone(folder: Path, changes: dict[str, object], argv: tuple[str, ...], check: str) -> None:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--audience", "app", *argv, token=sign(claims, KEY))
    assert ran.code == 1
    assert {name for name, outcome in outcomes(ran).items() if outcome == "fail"} - {"algorithm"} == {check}
    assert "do not accept this token" in ran.err


def test_leeway_is_kept(folder: Path) -> None:
    token = sign(CLAIMS | {"exp": 1767225650}, KEY)
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    assert outcomes(verify(*argv, "--leeway", "20", token=token))["expiry"] == "pass"
    assert outcomes(verify(*argv, "--leeway", "0", token=token))["expiry"] == "fail"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (sign(CLAIMS, OTHER.with_(kid="k1")), "not made by key `k1`"),
        (sign(CLAIMS, OTHER), "has no key `k2`"),
        (unsecured(CLAIMS), "is not signed"),
        (unsecured(CLAIMS, header={"alg": "nOnE"}), "is not signed"),
        (sign(CLAIMS, oct_key(RSA.public_encodings()[0]), alg="HS256"), "issuer's public key as the secret (algorithm confusion)"),
        (sign(CLAIMS, oct_key(SECRET), alg="HS256"), "algorithm confusion"),
        (sign(CLAIMS, KEY, header={"crit": ["exp"], "exp": 1}), "must be understood (`crit`)"),
        (sign(CLAIMS, OTHER, header={"jwk": OTHER.public().as_dict(), "kid": None}), "the key in the token's own header (`jwk`): forged"),
        (sign(CLAIMS, OTHER, header={"jku": "https://evil.example/jwks"}), "has no key `k2`"),
        (sign(CLAIMS, KEY)[:-8] + "AAAAAAAA", "the token was changed or signed by somebody else"),
    ],
)
def test_a_forgery_is_refused_with_the_reason(folder: Path, token: str, reason: str) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=token)
    assert ran.code == 1
    assert outcomes(ran)["signature"] == "fail"
    assert reason in why(ran, "signature")


@pytest.mark.parametrize(
    ("token", "what"),
    [
        (sign(CLAIMS, OTHER, header={"jwk": OTHER.public().as_dict()}), "brings its own key (`jwk`)"),
        (sign(CLAIMS, OTHER.with_(kid="k1"), header={"jwk": OTHER.public().as_dict()}), "brings its own key (`jwk`)"),
        (sign(CLAIMS, OTHER, header={"x5c": ["MIIB"]}), "brings its own key (`x5c`)"),
        (sign(CLAIMS, OTHER, header={"jku": "https://evil.example/jwks"}), "points to its own key (`jku`)"),
        (sign(CLAIMS, OTHER.with_(kid="k1"), header={"x5u": "https://evil.example/c"}), "points to its own key (`x5u`)"),
        (sign(CLAIMS, oct_key(SECRET), alg="HS256", header={"jwk": oct_key(SECRET).as_dict()}), "brings its own key (`jwk`)"),
        (unsecured(CLAIMS, header={"jwk": OTHER.public().as_dict()}), "brings its own key (`jwk`)"),
    ],
)
def test_a_key_that_a_forged_token_brings_along_is_refused_in_a_row_of_its_own(folder: Path, token: str, what: str) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=token)
    assert (ran.code, outcomes(ran)["signature"], outcomes(ran)["embedded-key"]) == (1, "fail", "fail")
    assert why(ran, "embedded-key").startswith(f"refused: the token {what}, which is never used")


def test_a_token_that_only_its_own_key_could_confirm_is_refused() -> None:
    token = sign({"sub": "a"}, OTHER, header={"jwk": OTHER.public().as_dict()})
    ran = verify(token=token)
    assert (ran.code, outcomes(ran)["embedded-key"]) == (1, "fail")


def test_a_good_token_may_name_its_certificate(folder: Path) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=sign(CLAIMS, KEY, header={"x5c": ["MIIB"], "x5t": "a"}))
    assert (ran.code, outcomes(ran)["embedded-key"]) == (0, "pass")
    assert why(ran, "embedded-key") == "`x5c` in the header was ignored: the signature is by a trusted key"


def test_a_token_without_an_end_is_warned_of(folder: Path) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "exp"}
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, "--audience", "app")
    ran = verify(*argv, token=sign(claims, KEY))
    assert (ran.code, outcomes(ran)["expiry"]) == (0, "unclear")
    assert "warning: there is no `exp`: the token never expires" in ran.err
    assert "1 could not be made" in ran.err
    assert "skipped" not in ran.out
    for token, kind in ((sign(claims, KEY, header={"typ": "at+jwt"}), ()), (sign(claims | {"nonce": "n"}, KEY), ("--nonce", "n"))):
        refused = verify(*argv, *kind, token=token)
        assert (refused.code, outcomes(refused)["expiry"]) == (1, "fail")


def test_a_token_that_names_no_issuer_leaves_it_unclear(folder: Path) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "iss"}
    ran = verify("--jwks", str(folder / "jwks.json"), "--audience", "app", token=sign(claims, KEY))
    assert (ran.code, outcomes(ran)["issuer"]) == (3, "unclear")
    assert why(ran, "issuer") == "there is no `iss`: nothing tells who made the token but its key"
    profiled = verify("--jwks", str(folder / "jwks.json"), "--audience", "app", token=sign(claims, KEY, header={"typ": "at+jwt"}))
    assert (profiled.code, outcomes(profiled)["issuer"]) == (1, "fail")


def test_a_key_set_whose_members_are_there_twice_is_warned_of(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "twice.json").write_text('{"keys": [], ' + (folder / "jwks.json").read_text()[1:])
    ran = verify("--jwks", str(tmp_path / "twice.json"), "--issuer", ISSUER, token=sign(CLAIMS, KEY))
    assert ran.code == 0
    assert "has the member `keys` 2 times; the last one was used" in ran.err


@pytest.mark.parametrize("source", ["secret.txt", "secret.json", "environment"])
def test_a_shared_secret_comes_from_a_file_or_the_environment(folder: Path, source: str) -> None:
    argv = ("--secret-env", "MY_SECRET") if source == "environment" else ("--key", str(folder / source))
    ran = verify(*argv, "--issuer", ISSUER, token=sign(CLAIMS, oct_key(SECRET), alg="HS256"), environ={"MY_SECRET": SECRET.decode()})
    assert (ran.code, outcomes(ran)["signature"]) == (0, "pass")
    wrong = verify(*argv, "--issuer", ISSUER, token=sign(CLAIMS, oct_key(SECRET * 2), alg="HS256"), environ={"MY_SECRET": SECRET.decode()})
    assert (wrong.code, outcomes(wrong)["signature"]) == (1, "fail")
    assert SECRET.decode() not in ran.out + ran.err + wrong.out + wrong.err


def test_a_pem_file_is_a_key_and_never_a_secret(folder: Path) -> None:
    argv = ("--key", str(folder / "public.pem"), "--issuer", ISSUER)
    assert verify(*argv, token=sign(CLAIMS, RSA)).code == 0
    forged = verify(*argv, token=sign(CLAIMS, oct_key((folder / "public.pem").read_bytes()), alg="HS256"))
    assert forged.code == 1
    assert "algorithm confusion" in why(forged, "signature")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--key", "{folder}/absent"), "can't be read"),
        (("--key", "{folder}/empty"), "is empty, and no secret is"),
        (("--jwks", "{folder}/secret.txt"), "neither JSON nor PEM"),
        (("--secret-env", "NOT_SET"), "the environment variable `NOT_SET` is empty or not set"),
    ],
)
def test_keys_that_cannot_be_read_are_usage_errors(folder: Path, argv: tuple[str, ...], message: str) -> None:
    ran = verify(*(one.format(folder=folder) for one in argv), token=sign(CLAIMS, KEY))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert SECRET.decode() not in ran.err


def test_the_id_token_of_an_answer_is_checked_when_that_is_asked(folder: Path) -> None:
    id_token, access_token = sign(CLAIMS | {"nonce": "n"}, KEY), sign(CLAIMS | {"aud": "api"}, KEY)
    text = json.dumps({"access_token": access_token, "id_token": id_token})
    argv = ("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    for kind, audience in (("id", "app"), ("access", "api")):
        document = json.loads(verify(*argv, "--type", kind, "--audience", audience, "--json", token=text).out)
        assert (document["outcome"], document["type"], document["where"]) == ("pass", kind, f"{kind}_token of a token response")


def test_json_holds_every_verdict_with_its_source(folder: Path) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--json", token=sign(CLAIMS, OTHER))
    document = json.loads(ran.out)
    assert ran.code == 1
    assert (document["outcome"], document["alg"], document["kid"], document["issuer"]) == ("fail", "ES256", "k2", ISSUER)
    by_name = {verdict["check"]: verdict for verdict in document["verdicts"]}
    assert by_name["signature"]["outcome"] == "fail"
    assert by_name["issuer"]["outcome"] == "unclear"
    assert by_name["expiry"]["url"] == "https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4"


@pytest.mark.parametrize(
    ("token", "outcome", "code"),
    [
        ("gho_16C7e42F292c6912E7710c838347Ae178B4a", "unclear", 3),
        (f"{sign(CLAIMS, KEY).rpartition('.')[0]}", "fail", 1),
        (sign(CLAIMS, KEY, header={"alg": "XS999"}), "unclear", 3),
    ],
)
def test_what_cannot_be_read_is_never_a_pass(folder: Path, token: str, outcome: str, code: int) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=token)
    assert (outcomes(ran)["signature"], ran.code) == (outcome, code)


def test_no_token_is_exit_code_1_and_a_terminal_is_not_waited_for() -> None:
    assert oauthctl("verify", stdin="nothing here at all").code == 1
    ran = oauthctl("verify", stdin=None)
    assert (ran.code, ran.out) == (2, "")
    assert "oauthctl verify @FILE" in ran.err


@pytest.mark.parametrize("columns", [50, 60, 80, 120])
def test_lines_fit_the_terminal_and_failures_show_both_values(folder: Path, columns: int) -> None:
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", "https://other.example", token=sign(CLAIMS, KEY), columns=columns)
    assert [line for line in ran.out.splitlines() if len(line) > columns and len(line.split()) > 1] == []
    assert "✗ fail" in ran.out
    words = " ".join(ran.out.split())
    assert f"expected https://other.example got {ISSUER} RFC 7519 section 4.1.1" in words


@pytest.mark.parametrize("issuer", ["http://op.example", "ftp://op.example", "file:///etc/passwd", "op.example", "joe", ""])
def test_a_stranger_cannot_send_us_anywhere_but_to_https(issuer: str) -> None:
    ran = verify(token=sign(CLAIMS | {"iss": issuer}, KEY))
    assert ran.code in (1, 3)
    assert outcomes(ran)["signature"] == "unclear"


class Provider(BaseHTTPRequestHandler):
    """A provider on this machine: metadata and keys, nothing else. `asked` remembers the paths."""

    asked: list[str]
    documents: dict[str, dict[str, object]]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        document = type(self).documents.get(self.path)
        body = json.dumps(document).encode()
        self.send_response(404 if document is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[tuple[str, type[Provider]]]:
    handler = type("OneProvider", (Provider,), {"asked": [], "documents": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        handler.documents["/.well-known/openid-configuration"] = {
            "issuer": base,
            "jwks_uri": f"{base}/jwks",
            "authorization_endpoint": f"{base}/a",
            "token_endpoint": f"{base}/t",
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        handler.documents["/jwks"] = {"keys": [KEY.public().as_dict()]}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield base, handler
        server.shutdown()
        thread.join()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which recordings go to a folder of the test."""
    return {"NO_PROXY": "*", "OAUTHCTL_STATE_DIR": str(tmp_path / "state"), "OAUTHCTL_CONFIG_DIR": str(tmp_path / "config")}


def test_the_keys_of_a_named_issuer_are_found(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, handler = provider
    ran = verify("--issuer", base, "--type", "id", "--audience", "app", token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert ran.code == 0, ran.out + ran.err
    assert outcomes(ran)["algorithm"] == "pass"
    assert f"{base}/jwks" in ran.err
    assert handler.asked[-1] == "/jwks"


def test_the_issuer_that_the_token_names_is_asked_and_stays_unclear(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, _ = provider
    ran = verify(token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert ran.code == 3
    assert (outcomes(ran)["signature"], outcomes(ran)["issuer"]) == ("pass", "unclear")


def test_keys_are_fetched_from_a_url(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, handler = provider
    assert verify("--jwks", f"{base}/jwks", "--issuer", ISSUER, token=sign(CLAIMS, KEY), environ=environ).code == 0
    assert handler.asked == ["/jwks"]


def test_what_was_asked_is_recorded_and_traced(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, _ = provider
    ran = verify("--issuer", base, "--trace", token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert "keys  GET /jwks" in ran.err
    listed = json.loads(oauthctl("trace", "list", "--json", environ=environ).out)["recordings"]
    assert [(one["command"], one["issuer"]) for one in listed] == [("verify", base)]


def test_verdicts_are_given_though_nothing_can_be_recorded(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, _ = provider
    Path(environ["OAUTHCTL_STATE_DIR"]).write_text("a file where a folder is due")
    ran = verify("--issuer", base, token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert (ran.code, outcomes(ran)["signature"]) == (0, "pass")
    assert "warning: the exchanges were not recorded" in ran.err


@pytest.mark.parametrize("fault", ["no-metadata", "no-jwks-uri", "no-keys", "another-issuer"])
def test_keys_that_cannot_be_had_leave_the_signature_unclear(
    provider: tuple[str, type[Provider]], fault: str, environ: dict[str, str]
) -> None:
    base, handler = provider
    metadata = dict(handler.documents["/.well-known/openid-configuration"])
    match fault:
        case "no-metadata":
            del handler.documents["/.well-known/openid-configuration"]
        case "no-jwks-uri":
            handler.documents["/.well-known/openid-configuration"] = {name: value for name, value in metadata.items() if name != "jwks_uri"}
        case "no-keys":
            handler.documents["/jwks"] = {"keys": []}
        case _:
            handler.documents["/.well-known/openid-configuration"] = metadata | {"issuer": "https://evil.example"}
    ran = verify("--issuer", base, token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert ran.code == 3
    assert outcomes(ran)["signature"] == "unclear"
    assert "the issuer's keys could not be had" in why(ran, "signature")
    assert outcomes(ran)["expiry"] == "pass"


def test_an_issuer_that_cannot_be_reached_is_exit_code_3(environ: dict[str, str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ran = verify("--issuer", issuer, "--json", token=sign(CLAIMS | {"iss": issuer}, KEY), environ=environ)
    assert ran.code == 3
    assert json.loads(ran.out)["outcome"] == "unclear"
    assert "keys_problem" in json.loads(ran.out)


@pytest.mark.parametrize("token", [unsecured(CLAIMS), sign(CLAIMS, KEY, header={"crit": ["b64"]})])
def test_nothing_is_fetched_for_a_token_that_is_refused_anyway(
    provider: tuple[str, type[Provider]], token: str, environ: dict[str, str]
) -> None:
    base, handler = provider
    assert verify("--issuer", base, token=token, environ=environ).code == 1
    assert handler.asked == []


def test_a_profile_names_issuer_and_client(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "work.toml").write_text(f'issuer = "{ISSUER}"\nclient_id = "app"\n')
    environ = {"OAUTHCTL_CONFIG_DIR": str(tmp_path), "OAUTHCTL_STATE_DIR": str(tmp_path)}
    argv = ("--profile", "work", "--type", "id", "--jwks", str(folder / "jwks.json"))
    assert verify(*argv, token=sign(CLAIMS, KEY), environ=environ).code == 0
    assert outcomes(verify(*argv, token=sign(CLAIMS | {"aud": "x"}, KEY), environ=environ))["audience"] == "fail"


def test_an_issuer_in_the_environment_is_pinned(folder: Path) -> None:
    argv, environ = ("--jwks", str(folder / "jwks.json"), "--audience", "app"), {"OAUTHCTL_ISSUER": ISSUER}
    ran = verify(*argv, token=sign(CLAIMS, KEY), environ=environ)
    assert (ran.code, outcomes(ran)["issuer"]) == (0, "pass")
    assert outcomes(verify(*argv, token=sign(CLAIMS | {"iss": "https://evil.example"}, KEY), environ=environ))["issuer"] == "fail"


def test_the_keys_of_the_environments_issuer_are_found(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, handler = provider
    ran = verify("--audience", "app", token=sign(CLAIMS | {"iss": base}, KEY), environ=environ | {"OAUTHCTL_ISSUER": base})
    assert (ran.code, "/jwks" in handler.asked) == (0, True)


@pytest.fixture
def profiled(tmp_path: Path) -> dict[str, str]:
    """An environment with a profile `work`, which is the only one and not named."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "work.toml").write_text(f'issuer = "{ISSUER}"\nclient_id = "app"\n')
    return {"OAUTHCTL_CONFIG_DIR": str(tmp_path), "OAUTHCTL_STATE_DIR": str(tmp_path)}


@pytest.mark.parametrize(
    ("argv", "more", "code"),
    [
        ((), {}, 3),
        ((), {"OAUTHCTL_PROFILE": "work"}, 0),
        (("--profile", "work"), {"OAUTHCTL_PROFILE": "another"}, 0),
        (("--issuer", ISSUER), {"OAUTHCTL_PROFILE": "work", "OAUTHCTL_ISSUER": "https://else.example", "OAUTHCTL_CLIENT_ID": "x"}, 0),
        (("--issuer", "https://else.example"), {"OAUTHCTL_PROFILE": "work"}, 1),
        (("--audience", "x"), {"OAUTHCTL_PROFILE": "work"}, 1),
        (("--profile", "work"), {"OAUTHCTL_ISSUER": "https://else.example"}, 2),
        ((), {"OAUTHCTL_PROFILE": "work", "OAUTHCTL_ISSUER": "https://else.example"}, 2),
        ((), {"OAUTHCTL_PROFILE": "work", "OAUTHCTL_CLIENT_ID": "another"}, 1),
        ((), {"OAUTHCTL_PROFILE": "none"}, 2),
    ],
)
def test_an_option_counts_more_than_the_environment_and_that_more_than_the_profile(
    folder: Path, profiled: dict[str, str], argv: tuple[str, ...], more: dict[str, str], code: int
) -> None:
    given = ("--type", "id", "--jwks", str(folder / "jwks.json"), *argv)
    assert verify(*given, token=sign(CLAIMS, KEY), environ=profiled | more).code == code


def test_an_unusable_address_of_keys_names_verifys_own_option(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, handler = provider
    where = "/.well-known/openid-configuration"
    handler.documents[where] = handler.documents[where] | {"jwks_uri": "keys"}
    ran = verify("--issuer", base, "--json", token=sign(CLAIMS | {"iss": base}, KEY), environ=environ)
    assert ran.code == 3
    assert "--jwks FILE|URL" in verify("--issuer", base, token=sign(CLAIMS | {"iss": base}, KEY), environ=environ).err
    assert "--jwks-uri" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("asked_for", "audiences", "outcome"),
    [
        ('audience = "api"', "api", "pass"),
        ('audience = "api"', "other", "fail"),
        ('resource = ["https://a.example", "https://b.example"]', ["https://b.example"], "pass"),
        ('resource = ["https://a.example", "https://b.example"]', ["https://c.example"], "fail"),
        ("", "api", "unclear"),
    ],
)
def test_a_profile_knows_an_access_tokens_audience(folder: Path, tmp_path: Path, asked_for: str, audiences: object, outcome: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "work.toml").write_text(f'issuer = "{ISSUER}"\nclient_id = "app"\n{asked_for}\n')
    environ = {"OAUTHCTL_CONFIG_DIR": str(tmp_path), "OAUTHCTL_STATE_DIR": str(tmp_path)}
    token = sign(CLAIMS | {"aud": audiences}, KEY, header={"typ": "at+jwt"})
    ran = verify("--profile", "work", "--jwks", str(folder / "jwks.json"), token=token, environ=environ)
    assert outcomes(ran)["audience"] == outcome


def test_one_issuer_is_asked_once_for_all_its_tokens(provider: tuple[str, type[Provider]], environ: dict[str, str]) -> None:
    base, handler = provider
    token = sign(CLAIMS | {"iss": base}, KEY)
    assert verify("--issuer", base, token="\n".join([token] * 5), environ=environ).code == 0
    assert handler.asked.count("/jwks") == 1


def _public_keys() -> list[tuple[str, bytes]]:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return [
        ("DER", key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        ("OpenSSH", key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)),
        ("PEM in UTF-16", pem.decode().encode("utf-16")),
        ("JWKS after a byte order mark", b'\xef\xbb\xbf{"keys": [{"kty": "RSA"}]}'),
        ("JWKS in a JSON string", json.dumps('{"keys": [{"kty": "RSA"}]}').encode()),
    ]


@pytest.mark.parametrize("key", [KEY, RSA], ids=["x of an EC key", "n of an RSA key"])
@pytest.mark.parametrize("dress", ["{}", '"{}"', "{}=\n", "octets"])
def test_a_number_of_a_published_key_is_no_shared_secret(folder: Path, tmp_path: Path, key: Jwk, dress: str) -> None:
    from base64 import urlsafe_b64decode

    number = str(key.as_dict()["n" if key.kty == "RSA" else "x"])
    octets = urlsafe_b64decode(number + "==") if dress == "octets" else dress.format(number).encode()
    (tmp_path / "key").write_bytes(octets)
    forged = sign(CLAIMS, oct_key(octets.removesuffix(b"\n")), alg="HS256")
    argv = ("--key", str(tmp_path / "key"), "--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    ran = verify(*argv, token=forged)
    assert (ran.code, outcomes(ran)["signature"]) == (1, "fail")
    assert f"the public key of key `{key.kid}`" in why(ran, "signature")


def test_a_token_forged_with_the_modulus_is_told_as_such(folder: Path) -> None:
    forged = sign(CLAIMS, oct_key(str(RSA.as_dict()["n"]).encode()), alg="HS256")
    ran = verify("--jwks", str(folder / "jwks.json"), "--issuer", ISSUER, token=forged)
    assert "forged: `HS256` with the issuer's public key as the secret" in why(ran, "signature")


def test_a_secret_beside_published_keys_is_a_secret(folder: Path) -> None:
    argv = ("--key", str(folder / "secret.txt"), "--jwks", str(folder / "jwks.json"), "--issuer", ISSUER)
    assert verify(*argv, token=sign(CLAIMS, oct_key(SECRET), alg="HS256")).code == 0


@pytest.mark.parametrize("form", ["DER", "OpenSSH", "PEM in UTF-16", "JWKS after a byte order mark", "JWKS in a JSON string"])
def test_a_public_key_in_any_dress_is_no_shared_secret(form: str, tmp_path: Path) -> None:
    from base64 import urlsafe_b64encode

    public = dict(_public_keys())[form]
    (tmp_path / "key").write_bytes(public)
    secret = Jwk.from_dict({"kty": "oct", "k": urlsafe_b64encode(public).rstrip(b"=").decode()})
    forged = sign({"iss": "https://op.example", "sub": "mallory", "exp": 4102444800}, secret, alg="HS256")
    ran = oauthctl("verify", "--key", str(tmp_path / "key"), "--issuer", "https://op.example", forged)
    assert ran.code != 0
    assert "pass: every check" not in ran.out
