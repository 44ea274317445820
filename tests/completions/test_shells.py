"""Each script in its real shell, for an app small enough to know every answer."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer

from oauthctl.cli.completions import FILES, scripts_of
from oauthctl.cli.options import AsJson, ProfileName
from tests.completions.shells import need, offers

SHELLS = ("bash", "zsh", "fish", "powershell")


def sample() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    group = typer.Typer(help="Say what's known about profiles.")

    def login(
        target: Annotated[str, typer.Argument(metavar="TARGET")] = "",
        mode: Annotated[
            Literal["query", "form_post"] | None, typer.Option("--response-mode", metavar="MODE", help="How: by [what]?")
        ] = None,
        secret: Annotated[str, typer.Option("--secret-file", "-s", metavar="FILE", help="It's $HOME `here`")] = "",
        scope: Annotated[list[str] | None, typer.Option("--scope", metavar="SCOPES", help="Scopes")] = None,
        where: Annotated[str, typer.Option("--into", metavar="DIR", help="Folder")] = "",
        data: Annotated[str, typer.Option("--data", metavar="TEXT|@FILE", help="Body")] = "",
        hidden: Annotated[bool, typer.Option("--sekrit", hidden=True)] = False,
        profile: ProfileName = "",
        json: AsJson = False,
    ) -> None:
        """Sign in: "the" browser's way."""

    def logout(profile: ProfileName = "") -> None:
        """Sign out."""

    def show(name: Annotated[str, typer.Argument(metavar="PROFILE|TARGET")]) -> None:
        """Show one."""

    app.command("login")(login)
    app.command("logout")(logout)
    group.command("show")(show)
    group.command("list")(lambda: None)
    app.add_typer(group, name="profile")
    return app


CASES = {
    "oauthctl lo": ["login", "logout"],
    "oauthctl p": ["profile"],
    "oauthctl profile ": ["list", "show"],
    "oauthctl profile s": ["show"],
    "oauthctl profile show wo": ["work", "work-2"],
    "oauthctl login h": ["home"],
    "oauthctl login --re": ["--response-mode"],
    "oauthctl login --se": ["--secret-file"],
    "oauthctl login --sek": [],
    "oauthctl login --response-mode ": ["form_post", "query"],
    "oauthctl login --response-mode f": ["form_post"],
    "oauthctl login https://op.example:8443 --scope a --json --respo": ["--response-mode"],
    "oauthctl login --scope login --profile w": ["work", "work-2"],
    "oauthctl login -p h": ["home"],
    "oauthctl --color never logo": ["logout"],
    "oauthctl login --color a": ["always", "auto"],
    "oauthctl login --no": ["--no-input"],
    "oauthctl login --secret-file se": ["secret.txt", "secrets/"],
    "oauthctl login -s secret.t": ["secret.txt"],
    "oauthctl login --into s": ["secrets/"],
    "oauthctl login --data @secret.t": ["@secret.txt"],
    "oauthctl login --data secret.t": [],
}


def place(folder: Path) -> dict[str, str]:
    """Profiles and files to be offered; the environment that names them."""
    profiles = folder / "config" / "profiles"
    profiles.mkdir(parents=True)
    for name in ("work", "work-2", "home"):
        (profiles / f"{name}.toml").write_text("")
    (profiles / "work.lock").write_text("")
    (folder / "secret.txt").write_text("")
    (folder / "secrets").mkdir()
    return {"OAUTHCTL_CONFIG_DIR": str(folder / "config")}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    for shell, text in scripts_of(sample()).items():
        (folder / FILES[shell]).write_text(text)
    return folder


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_offers_what_fits(shell: str, scripts: Path, tmp_path: Path) -> None:
    found = offers(shell, scripts / FILES[shell], lines=list(CASES), folder=tmp_path, environ=place(tmp_path))
    assert {line: _bare(names) for line, names in found.items()} == {line: _bare(names) for line, names in CASES.items()}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_value_after_an_equals_sign_is_completed(shell: str, scripts: Path, tmp_path: Path) -> None:
    lines = ["oauthctl login --response-mode=f", "oauthctl login --profile=h"]
    found = offers(shell, scripts / FILES[shell], lines=lines, folder=tmp_path, environ=place(tmp_path))
    # Some shells give the whole word, some what follows the sign.
    assert [[name.rpartition("=")[2] for name in names] for names in found.values()] == [["form_post"], ["home"]]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_profiles_are_found_where_the_store_keeps_them(shell: str, variable: str, scripts: Path, tmp_path: Path) -> None:
    if variable == "HOME" and sys.platform != "linux":
        pytest.skip("the folder under HOME differs by system; this one is Linux's")
    base = tmp_path / ("xdg" if variable == "XDG_CONFIG_HOME" else ".config")
    (base / "oauthctl" / "profiles").mkdir(parents=True)
    (base / "oauthctl" / "profiles" / "kept.toml").write_text("")
    given = {variable: str(base if variable == "XDG_CONFIG_HOME" else tmp_path)}
    found = offers(shell, scripts / FILES[shell], lines=["oauthctl logout --profile "], folder=tmp_path, environ=given)
    assert found == {"oauthctl logout --profile ": ["kept"]}


@pytest.mark.parametrize("shell", SHELLS)
def test_no_profile_means_no_offer_and_no_complaint(shell: str, scripts: Path, tmp_path: Path) -> None:
    given = {"OAUTHCTL_CONFIG_DIR": str(tmp_path / "absent")}
    assert offers(shell, scripts / FILES[shell], lines=["oauthctl login -p "], folder=tmp_path, environ=given) == {"oauthctl login -p ": []}


def test_bash_lists_descriptions_after_a_second_tab(scripts: Path, tmp_path: Path) -> None:
    from tests.completions.shells import _run

    asked = f"source '{scripts / FILES['bash']}'; COMP_WORDS=(oauthctl lo) COMP_CWORD=1 COMP_TYPE=63; _oauthctl 2>/dev/null"
    call = [need("bash"), "--norc", "-c", asked + "; printf '%s\\n' \"${COMPREPLY[@]}\""]
    assert _run(call, tmp_path, dict(os.environ)) == 'login   Sign in: "the" browser\'s way\nlogout  Sign out\n'


def test_fish_shows_descriptions(scripts: Path, tmp_path: Path) -> None:
    from tests.completions.shells import _run

    call = [need("fish"), "--no-config", "-c", f"source '{scripts / FILES['fish']}'; complete -C 'oauthctl login --'"]
    shown = dict(line.split("\t") for line in _run(call, tmp_path, dict(os.environ) | {"HOME": str(tmp_path)}).splitlines())
    assert shown["--response-mode"] == "How: by [what]?"
    assert shown["--secret-file"] == "It's $HOME `here`"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_tab_in_an_interactive_bash_completes_the_word(scripts: Path, tmp_path: Path) -> None:
    import pty
    import select
    import subprocess

    leader, follower = pty.openpty()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb", "PS1": "", "HISTFILE": ""} | place(tmp_path)
    bash = subprocess.Popen([need("bash"), "--norc", "--noprofile", "-i"], stdin=follower, stdout=follower, stderr=follower, env=env)
    os.close(follower)
    seen = ""
    try:
        os.write(leader, f"source '{scripts / FILES['bash']}'; oauthctl() {{ printf '<%s>' \"$@\" END; }}\n".encode())
        os.write(leader, b"oauthctl logi\t--resp\tf\t-p ho\t\n")
        while "<END>" not in seen and select.select([leader], [], [], 20)[0]:
            seen += os.read(leader, 4096).decode("utf-8", "replace")
    finally:
        bash.kill()
        bash.wait()
        os.close(leader)
    assert "<login><--response-mode><form_post><-p><home><END>" in seen


def test_the_powershell_script_is_balanced_and_holds_every_name() -> None:
    """PowerShell is rarely at hand; so its text is looked at too."""
    text = scripts_of(sample())["powershell"]
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert code.startswith("\nRegister-ArgumentCompleter -Native -CommandName 'oauthctl' -ScriptBlock {")
    bare = re.sub(r"'(?:[^']|'')*'", "", code)
    assert "'" not in bare
    for opening, closing in ("{}", "()", "[]"):
        depth = 0
        for char in bare:
            depth += (char == opening) - (char == closing)
            assert depth >= 0
        assert depth == 0
    assert "$commands[''].Add('login', 'Sign in: \"the\" browser''s way')" in code
    assert "$options['login'].Add('--secret-file', 'It''s $HOME `here`')" in code
    assert "$values['login/--response-mode'] = 'choices query form_post'" in code
    assert "$values['profile show/--color'] = 'choices auto always never'" in code
    assert "$arguments['profile show/0'] = 'profile'" in code
    assert "sekrit" not in code


def _bare(names: list[str]) -> list[str]:
    """Without the slash after a folder, which some shells add later."""
    return sorted(name.rstrip("/") for name in names)
