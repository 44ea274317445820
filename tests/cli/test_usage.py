"""A wrong command line, told in our own words."""

from __future__ import annotations

import pytest

from oauthctl.cli.usage import alike
from tests.cli.running import oauthctl


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("serve --port abc", "`--port` takes a whole number, not `abc`"),
        ("serve --port 1.5", "`--port` takes a whole number, not `1.5`"),
        ("serve --port 70000", "`--port` takes 65535 or less, not `70000`"),
        ("serve --port -1", "`--port` takes 0 or more, not `-1`"),
        ("trace show -x abc", "`--exchange` takes a whole number, not `abc`"),
        ("login x --max-age soon", "`--max-age` takes a number, not `soon`"),
        (
            "login x --client-auth jwt",
            "`--client-auth` takes `none`, `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, "
            "`tls_client_auth` or `self_signed_tls_client_auth`, not `jwt`",
        ),
        ("completions zhs", "`SHELL` takes `bash`, `zsh`, `fish` or `powershell`, not `zhs`"),
        ("login --scope", "`--scope` needs a value"),
        ("login --dry-run=yes", "`--dry-run` takes no value"),
        ("login a b c", "more words than the command takes: `b c`"),
        ("profile use", "`NAME` is missing"),
        ("login -Z", "no such option: `-Z`"),
        ("profil", "no such command `profil`. Did you mean `profile`?"),
        ("trace sho", "no such command `sho`. Did you mean `show`?"),
    ],
)
def test_what_an_option_takes_is_said_in_our_words(argv: str, message: str) -> None:
    ran = oauthctl(*argv.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == f"error: {message}"
    assert ran.err.splitlines()[1].startswith("help: see `oauthctl")


@pytest.mark.parametrize(
    ("argv", "guesses"),
    [
        ("login --en", ["--end-session-endpoint"]),
        ("login --client", ["--client-id", "--client-secret-file", "--client-auth"]),
        ("login --scop x", ["--scope"]),
        ("login --quite", ["--quiet"]),
        ("token --no-inputs", ["--no-input"]),
    ],
)
def test_the_closest_options_are_named_first_and_three_at_most(argv: str, guesses: list[str]) -> None:
    first = oauthctl(*argv.split()).err.splitlines()[0]
    named = first.partition("Did you mean ")[2].rstrip("?").replace("`", "").split(", ")
    assert named[: len(guesses)] == guesses
    assert len(named) <= 3


def test_nothing_is_guessed_where_nothing_is_near() -> None:
    assert alike("--zzz", ("--json", "--help")) == ()
    assert alike("--", ("--json", "--help")) == ()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "0", "1e400", "1e12"])
@pytest.mark.parametrize("argv", ["login https://op.example", "token", "call https://api.example", "discover https://op.example"])
def test_a_timeout_that_is_no_span_of_time_is_a_usage_error(argv: str, value: str) -> None:
    ran = oauthctl(*argv.split(), "--timeout", value)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: `--timeout` takes from ")
    assert f"not `{float(value):g}`" in ran.err


@pytest.mark.parametrize(
    ("argv", "option"), [("login x", "--max-age"), ("login x", "--leeway"), ("token", "--min-ttl"), ("serve", "--token-seconds")]
)
@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_other_spans_of_time_are_checked_too(argv: str, option: str, value: str) -> None:
    ran = oauthctl(*argv.split(), option, value)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: `{option}` takes from ")


@pytest.mark.parametrize(
    ("argv", "help_"),
    [
        ("login x --grant client_credentials", "that grant needs no person, and no sign-in: `oauthctl token --grant client_credentials`"),
        ("login x --grant token_exchange", "that grant needs no person, and no sign-in: `oauthctl token --grant token_exchange`"),
        ("token --grant device_code", "that grant needs a person: `oauthctl login ISSUER --grant device_code`, then `oauthctl token`"),
        ("token --grant refresh_token", "the profile's token is refreshed by itself where that is due: leave `--grant` out"),
        ("login x --grant nonsense", "see `oauthctl login --help`"),
    ],
)
def test_a_grant_of_the_other_command_is_sent_there(argv: str, help_: str) -> None:
    ran = oauthctl(*argv.split())
    assert (ran.code, ran.err.splitlines()[1]) == (2, f"help: {help_}")


def test_the_grants_that_a_command_takes_are_named_beside_the_command_for_another() -> None:
    ran = oauthctl("token", "--grant", "password")
    first, second, *_ = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert first == "error: `--grant` takes `client_credentials`, `token_exchange`, `jwt_bearer`, `saml2_bearer` or `auto`, not `password`"
    assert second == "help: that grant needs a person: `oauthctl login ISSUER --grant password`, then `oauthctl token`"
