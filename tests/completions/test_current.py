"""The scripts of the folder `completions/`: made from the app as it is now, and good in the real shells."""

from __future__ import annotations

from pathlib import Path

import pytest

from oauthctl.cli.completions import FILES, scripts
from oauthctl.cli.main import COMMANDS
from tests.completions.shells import offers

FOLDER = Path(__file__).parents[2] / "completions"


def test_the_folder_holds_what_the_app_gives_now() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES.values())
    for shell, text in scripts().items():
        kept = (FOLDER / FILES[shell]).read_text(encoding="utf-8")
        assert kept == text, "run `oauthctl completions --write completions`"


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_offers_every_command_and_the_switches(shell: str, tmp_path: Path) -> None:
    lines = ["oauthctl ", "oauthctl login --no-in", "oauthctl verify --color n", "oauthctl completions f"]
    found = offers(shell, FOLDER / FILES[shell], lines=lines, folder=tmp_path, environ={"OAUTHCTL_CONFIG_DIR": str(tmp_path)})
    assert found["oauthctl "] == sorted(COMMANDS)
    assert found["oauthctl login --no-in"] == ["--no-input"]
    assert found["oauthctl verify --color n"] == ["never"]
    assert found["oauthctl completions f"] == ["fish"]
