from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.jose.jwe import ALGS, ENCS, Undecryptable, decrypt, encrypt, encryption_key, is_encrypted, usual_alg
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart

RFC7516_APPENDIX_A_1 = (
    "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ."
    "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe"
    "ipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDb"
    "Sv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaV"
    "mqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je8"
    "1860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi"
    "6UklfCpIMfIjf7iGdXKHzg."
    "48V1_ALb6US04U3b."
    "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji"
    "SdiwkIr3ajwQzaBtQD_A."
    "XFBoMYUZodetZdvTiFvSkQ"
)
RFC7516_APPENDIX_A_1_KEY = Jwk.from_dict(
    {
        "kty": "RSA",
        "n": "oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_"
        "ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6Xrgxn"
        "xbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw",
        "e": "AQAB",
        "d": "kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt6"
        "2ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJ"
        "OzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ",
    }
)
RFC7516_APPENDIX_A_3 = (
    "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0."
    "6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ."
    "AxY8DCtDaGlsbGljb3RoZQ."
    "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY."
    "U0m_YmjN04DJvceFICbCVQ"
)
RFC7516_APPENDIX_A_3_KEY = Jwk.from_dict({"kty": "oct", "k": "GawgguFyGrWKav7AX4VKUg"})

EC = generate("ES256").with_(use="enc", alg="ECDH-ES", kid="ours")
SECRET = "a secret of the client and of nobody else"


def test_rfc7516_appendix_a_1_is_opened() -> None:
    assert decrypt(RFC7516_APPENDIX_A_1, (RFC7516_APPENDIX_A_1_KEY,)) == ("The true sign of intelligence is not knowledge but imagination.")


def test_rfc7516_appendix_a_3_is_opened() -> None:
    assert decrypt(RFC7516_APPENDIX_A_3, (RFC7516_APPENDIX_A_3_KEY,)) == "Live long and prosper."


@pytest.mark.parametrize("enc", ENCS)
@pytest.mark.parametrize("alg", [alg for alg in ALGS if alg.startswith("ECDH")])
def test_what_is_made_for_a_key_is_opened_with_it(alg: str, enc: str) -> None:
    key = EC.with_(alg=alg)
    compact = encrypt("inside", key.public(), alg=alg, enc=enc, header={"cty": "JWT"})
    assert is_encrypted(compact)
    assert take_apart(compact).kid == "ours"
    assert decrypt(compact, (key,)) == "inside"


@pytest.mark.parametrize("alg", ["dir", "A128KW", "A256KW", "A128GCMKW"])
def test_a_client_secret_opens_what_was_made_with_it(alg: str) -> None:
    """OpenID Connect Core 1.0 section 10.2: the key is the left part of the secret's hash."""
    from oauthctl.jose.jwe import _of_secret

    compact = encrypt("inside", _of_secret(SECRET, alg, "A128CBC-HS256"), alg=alg)
    assert decrypt(compact, (), secret=SECRET) == "inside"
    with pytest.raises(Undecryptable):
        decrypt(compact, (), secret="another")


def _header(**members: str) -> str:
    from oauthctl.jose.sign import encode_part

    return encode_part(members)


@pytest.mark.parametrize(
    ("compact", "why"),
    [
        ("no token", "not encrypted"),
        (_header(alg="RSA1_5", enc="A128GCM") + ".a.b.c.d", "`RSA1_5` is no algorithm"),
        (_header(alg="PBES2-HS256+A128KW", enc="A128GCM") + ".a.b.c.d", "is no algorithm"),
        (_header(alg="ECDH-ES", enc="none") + ".a.b.c.d", "`none` is no algorithm"),
        (_header(alg="RSA-OAEP", enc="A128GCM", kid="k9") + ".a.b.c.d", "no private key for `RSA-OAEP` is at hand (the token names `k9`)"),
        (_header(alg="ECDH-ES", enc="A128GCM", crit="exp") + ".a.b.c.d", "`crit`"),
        (_header(alg="ECDH-ES", enc="A128GCM") + ".a.b.c.d", "none of the keys opens it"),
    ],
)
def test_what_can_not_be_opened_says_why(compact: str, why: str) -> None:
    with pytest.raises(Undecryptable) as caught:
        decrypt(compact, (EC,))
    assert why in str(caught.value)


@pytest.mark.parametrize("part", [1, 2, 3, 4])
def test_a_changed_part_is_noticed(part: int) -> None:
    parts = encrypt("inside", EC.public(), alg="ECDH-ES+A128KW").split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]
    with pytest.raises(Undecryptable):
        decrypt(".".join(parts), (EC,))


def test_a_key_that_signs_and_a_public_one_open_nothing() -> None:
    compact = encrypt("inside", EC.public(), alg="ECDH-ES")
    for key in (EC.public(), EC.with_(use="sig", alg="ES256")):
        with pytest.raises(Undecryptable, match="no private key"):
            decrypt(compact, (key,))


def test_the_key_for_encryption_is_chosen_out_of_a_set() -> None:
    signing = generate("ES256")
    plain = EC.with_(use="", alg="", kid="plain")
    assert encryption_key((signing, plain, EC), "ECDH-ES") == EC
    assert encryption_key((signing, plain), "ECDH-ES") == plain
    assert encryption_key((signing,), "ECDH-ES") is None
    assert usual_alg((signing, EC), ()) == "ECDH-ES"
    assert usual_alg((signing, EC), ("RSA-OAEP", "ECDH-ES+A128KW")) == "ECDH-ES+A128KW"
    assert usual_alg((signing,), ()) == ""


def test_a_key_that_can_not_encrypt_is_an_error_without_its_members() -> None:
    with pytest.raises(ConfigError) as caught:
        encrypt("inside", EC, alg="RSA-OAEP")
    assert json.dumps(EC.as_dict()["d"]) not in str(caught.value)
    with pytest.raises(ConfigError):
        encrypt("inside", EC, alg="RSA1_5")


@given(st.text(max_size=200))
def test_nothing_but_undecryptable_is_ever_raised(text: str) -> None:
    for compact in (text, f"{_header(alg='ECDH-ES', enc='A128GCM')}.{text}.a.b.c"):
        with pytest.raises(Undecryptable):
            decrypt(compact, (EC,))


def test_claims_that_are_replicated_in_the_header_do_no_harm() -> None:
    """RFC 7519 section 5.3."""
    compact = encrypt("inside", EC.public(), alg="ECDH-ES", header={"cty": "JWT", "iss": "https://op.example", "aud": "app"})
    assert decrypt(compact, (EC,)) == "inside"
