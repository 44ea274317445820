"""`serve --scenario` with our own client on trial, and with one that never comes; careless ones are tried in `tests/provider`."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest

from oauthctl.cli.client_trial import Trial, trial_of
from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from oauthctl.errors import ConfigError
from oauthctl.provider.scenario_file import shipped
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl


class Told(io.StringIO):
    """A stdout that tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        self.told.set()
        return written


class Serving(threading.Thread):
    """`oauthctl serve` with these arguments, in a thread; `issuer` waits for its first line."""

    def __init__(self, *argv: str, folder: Path) -> None:
        super().__init__()
        self.out, self.err = Told(), io.StringIO()
        self._argv, self._folder, self.code = argv, folder, -1

    def run(self) -> None:
        self.code = main(["serve", *self._argv], Terminal(io.StringIO(), self.out, self.err, isolated(self._folder)))

    @property
    def issuer(self) -> str:
        assert self.out.told.wait(20), self.err.getvalue()
        return self.out.getvalue().split()[0]

    def ended(self) -> Ran:
        self.join(60)
        assert not self.is_alive()
        return Ran(self.code, self.out.getvalue(), self.err.getvalue())


def _use(issuer: str, folder: Path) -> None:
    """Our commands one after the other, as far as they go well."""
    known = ("--client-id", "public", "--redirect-uri", "http://127.0.0.1/callback")
    login = ("login", issuer, *known, "--scope", "openid items.read")
    for argv in (login, ("userinfo",), ("call", f"{issuer}/api/items")):
        if oauthctl_with(ALICE, *argv, folder=folder)[0].code:
            return


def test_our_own_client_is_a_careful_one(tmp_path: Path) -> None:
    serving = Serving("--scenario", "careful-userinfo", "--junit", str(tmp_path / "verdicts.xml"), folder=tmp_path)
    serving.start()
    for _ in range(2):
        _use(serving.issuer, tmp_path)
    ran = serving.ended()
    assert ran.code == 0, ran.out + ran.err
    assert "ok\tuserinfo-other-subject" in ran.out
    assert 'the client: sign in with scope "openid items.read", ask userinfo, then the API' in ran.err
    assert "case 1 of 2, all is well, and the API is called: ok\n" in ran.err
    assert "2 of 2 cases went as they should" in ran.err
    assert ElementTree.parse(tmp_path / "verdicts.xml").getroot().get("failures") == "0"


def test_a_client_that_never_comes_has_failed(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[case]]\n[[case.steps]]\nendpoint = "authorize"\n')
    serving = Serving("--scenario", str(file), "--scenario-timeout", "1", folder=tmp_path)
    serving.start()
    ran = serving.ended()
    assert ran.code == 1
    assert "no request to authorize came" in ran.out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--scenario", "careless-client"), "careful-client"),
        (("--junit", "x.xml"), "no"),
        (("--scenario", "careful-client", "--junit", "/nowhere/at/all.xml"), "missing"),
    ],
)
def test_what_can_not_be_run_ends_before_anything_is_served(argv: tuple[str, ...], words: str) -> None:
    ran = oauthctl("serve", *argv)
    assert ran.code == 2
    assert words in ran.err


def test_a_scenario_is_found_by_its_name() -> None:
    assert isinstance(trial_of("careful-client", junit="", seconds=1), Trial)
    assert trial_of("", junit="", seconds=1) is None


def test_what_comes_with_the_package_is_listed_with_what_the_client_does() -> None:
    ran = oauthctl("serve", "--list-scenarios")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[0] for row in rows] == list(shipped())
    assert all(int(cases) and title and about for _, cases, title, about in rows)
    told = json.loads(oauthctl("serve", "--list-scenarios", "--json").out)["scenarios"]
    assert [one["scenario"] for one in told] == list(shipped())
    assert "signature-none" in next(one for one in told if one["scenario"] == "careful-client")["cases"]


def test_a_huge_scenario_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_100_000)
    with pytest.raises(ConfigError, match="larger"):
        trial_of(str(tmp_path / "huge.toml"), junit="", seconds=1)


def test_cases_that_nobody_can_try_at_this_provider_are_told_when_it_starts(tmp_path: Path) -> None:
    serving = Serving(
        "--scenario", "careful-hybrid", "--fault", "metadata-html", "--persona", "github", "--scenario-timeout", "1", folder=tmp_path
    )
    serving.start()
    told = serving.ended().err
    assert "warning: the fault `metadata-html` can't strike: the provider has no metadata endpoint\n" in told
    assert "the faults `front-c-hash-wrong`" in told
    assert "can't strike: the provider sends no tokens by the browser without `--legacy`\n" in told


def test_an_own_scenario_that_says_nothing_of_the_client_is_told_by_its_requests(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[case]]\n[[case.steps]]\nendpoint = "authorize"\n[[case.steps]]\nendpoint = "token"\n')
    serving = Serving("--scenario", str(file), "--junit", str(tmp_path / "verdicts.xml"), "--scenario-timeout", "1", folder=tmp_path)
    serving.start()
    told = serving.ended().err
    assert "scenario: 1 case\nthe client: go to authorize, token; once for each case\n" in told
    assert "0 of 1 case went as it should" in told
    assert ElementTree.parse(tmp_path / "verdicts.xml").getroot()[0][0].get("time") == "0.000"
