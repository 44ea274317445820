"""What the README says is so: its commands exist, its excerpts are what is printed, its lists are complete."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from oauthctl.cli.completions import tree_of
from oauthctl.cli.main import COMMANDS, build_app
from oauthctl.errors import ExitCode
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import new_state
from oauthctl.shell.serve import Server
from oauthctl.views.completion.tree import Command
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/oauthctl demo"
TESTS = ".venv/bin/pytest"

# Source: RFC 7515 appendix A.1.
rfc7515_appendix_a_1_key = {
    "kty": "oct",
    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
}
rfc7515_appendix_a_1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    assert found, f"the README has no section {title!r}"
    return found[1]


def console_commands() -> list[tuple[str, str]]:
    """Each command of the ```console blocks, with what the README says it prints."""
    return [(line, shown) for block in blocks("console") for line, _, shown in (part.partition("\n") for part in _parts(block))]


def _parts(block: str) -> list[str]:
    return ("\n" + block).split("\n$ ")[1:]


def command_lines() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line] + [line for line, _ in console_commands()]


def invocations(line: str) -> list[list[str]]:
    """The words after `oauthctl`, for each time that the line runs it: in a pipe, after `&&`, in `$(…)`; redirections are left out."""
    return [shlex.split(re.sub(r"[<>]+ *\S+", "", words)) for words in re.findall(r"(?:^|[\s(/])oauthctl ([^|&)]+)", line)]


OAUTHCTL_LINES = [line for line in command_lines() if invocations(line)]


@cache
def command_named(name: str) -> Command:
    root = tree_of(get_command(build_app((name,))))
    return root.commands[0]


def test_the_set_up_and_the_tests_are_one_command_each() -> None:
    assert f"{SET_UP}\n" in blocks("sh")
    assert f"{TESTS}\n" in blocks("sh")


@pytest.mark.parametrize("line", OAUTHCTL_LINES)
def test_a_command_of_the_readme_exists_with_its_options(line: str) -> None:
    for words in invocations(line):
        assert words[0] in COMMANDS
        command, rest = command_named(words[0]), words[1:]
        if command.commands:
            command = next(one for one in command.commands if one.path[-1] == rest[0])
            rest = rest[1:]
        _check_words(command, rest)


def _check_words(command: Command, words: list[str]) -> None:
    known = {name: option for option in command.options for name in option.names}
    arguments = 0
    values = iter(words)
    for word in values:
        if not word.startswith("-") or word == "-":
            arguments += 1
            continue
        option = known[word]
        if option.value is not None:
            assert not next(values).startswith("--")
    assert arguments <= len(command.arguments) or any(one.repeatable for one in command.arguments)


def test_every_command_is_shown_in_the_readme() -> None:
    shown = {words[0] for line in command_lines() for words in invocations(line)}
    assert shown == set(COMMANDS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(rfc7515_appendix_a_1 + "\n")
    (tmp_path / "key.json").write_text(json.dumps(rfc7515_appendix_a_1_key))
    return tmp_path


PLAYABLE = [(line, shown) for line, shown in console_commands() if line.split()[1] in ("decode", "verify", "explain")]


@pytest.mark.parametrize(("line", "shown"), PLAYABLE, ids=[line for line, _ in PLAYABLE])
def test_an_excerpt_is_what_is_printed(line: str, shown: str, folder: Path) -> None:
    ran = oauthctl(*shlex.split(line)[1:], stdin=None, columns=100)
    _compare(shown.splitlines(), (ran.out + ran.err).splitlines())


def test_the_excerpt_of_the_demo_is_what_it_prints(tmp_path: Path) -> None:
    [shown] = [shown for line, shown in console_commands() if line == "oauthctl demo"]
    ran = oauthctl("demo", columns=100, environ=isolated(tmp_path))
    assert ran.code == 0
    _compare(_without_chance(shown), _without_chance(ran.out + ran.err))


def test_the_excerpt_of_a_login_is_what_it_prints(tmp_path: Path) -> None:
    [(line, shown)] = [(line, shown) for line, shown in console_commands() if line.startswith("oauthctl login ")]
    with Server(lambda issuer: new_state(issuer, clients=practice_clients(secret="secret"), users=practice_users())) as server:
        words = [server.issuer if word.startswith("http") else word for word in shlex.split(line)[1:]]
        ran, _ = oauthctl_with(ALICE, *words, folder=tmp_path)
    assert ran.code == 0
    _compare(_without_chance(shown), _without_chance(ran.err))


def test_the_drawing_of_the_demo_is_what_is_exported(tmp_path: Path) -> None:
    """Code hosts render it, so it must be Mermaid as the tool writes it."""
    (shown,) = [block for block in blocks("mermaid") if block in section("A flow, drawn")]
    assert oauthctl("demo", environ=isolated(tmp_path)).code == 0
    ran = oauthctl("trace", "export", "--format", "mermaid", environ=isolated(tmp_path))
    assert ran.code == 0
    assert _without_chance(shown) == _without_chance(ran.out)


def _without_chance(text: str) -> list[str]:
    """The lines without what differs from run to run: ports, durations, codes, and the frame that moves with their width."""
    for pattern, new in (
        (r"(:|#58;)\d{4,5}\b", ":PORT"),
        (r"\d+ ms", "N ms"),
        (r"in \d+\.\d s", "in N s"),
        (r"code \S+…\S+", "code CODE"),
        (r"[│ ]+", " "),
    ):
        text = re.sub(pattern, new, text)
    return text.splitlines()


def _compare(expected_lines: list[str], printed_lines: list[str]) -> None:
    """Line by line; `…` alone stands for any number of lines."""
    printed = iter([text.rstrip() for text in printed_lines])
    elided = False
    for expected in (text.rstrip() for text in expected_lines):
        if expected == "…":
            elided = True
            continue
        assert expected in printed if elided else expected == next(printed, None), expected
        elided = False
    assert elided or not list(printed), "what is left out must be marked"


def test_the_map_names_what_is_there_and_leaves_no_part_of_the_package_out() -> None:
    (listed,) = re.findall(r"^```text\n(.*?)^```$", section("Map of the house"), re.DOTALL | re.MULTILINE)
    paths = [line.split()[0] for line in listed.splitlines()]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    there = {f"oauthctl/{one.name}/" for one in (ROOT / "oauthctl").iterdir() if (one / "__init__.py").exists()}
    there |= {f"oauthctl/{one.name}" for one in (ROOT / "oauthctl").glob("*.py") if not one.name.startswith("__")}
    assert {path for path in paths if path.startswith("oauthctl/")} == there


def test_every_benchmark_can_be_run() -> None:
    modules = re.findall(r"python -m ([\w.]+)", README)
    assert modules
    assert [module for module in modules if not (ROOT / module.replace(".", "/")).with_suffix(".py").exists()] == []


def test_every_exit_code_is_explained() -> None:
    codes = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    assert codes == [str(int(code)) for code in ExitCode]


def test_every_variable_is_read_by_the_code() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "oauthctl").rglob("*.py"))
    endpoints = "TOKEN_ENDPOINT"
    named = {name.removeprefix("OAUTHCTL_") for name in re.findall(r"OAUTHCTL_[A-Z_]+", README)} - {endpoints}
    read = {name.removeprefix("OAUTHCTL_") for name in re.findall(r"\"(OAUTHCTL_[A-Z_]+)\"", source)}
    assert read == named
    assert endpoints.lower() in source


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
