"""What a shell offers for a command line: the real shell, asked through its own completion system.

Here: running bash, zsh, fish and PowerShell. Not here: what is to be offered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_END = "\x1e"


def need(shell: str) -> str:
    """The path of the shell's program; the test is skipped without it, but fails in CI, where Debian's packages are installed."""
    program = {"powershell": "pwsh"}.get(shell, shell)
    path = shutil.which(program)
    if path is None:
        reason = f"`{program}` is not installed, so its completion can't be tried"
        # Debian has no package of PowerShell, and npm's `pwsh` downloads it from elsewhere: even CI goes without.
        if shell == "powershell":
            reason = "`pwsh` is not installed (Debian has no package of it): a test reads the script, and nothing runs it"
        if os.environ.get("CI") == "true" and shell != "powershell":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def offers(shell: str, script: Path, *, lines: list[str], folder: Path, environ: dict[str, str]) -> dict[str, list[str]]:
    """What one process of the shell offers for each line, the cursor at its end, in sorted order."""
    program = need(shell)
    run = {"bash": _bash, "zsh": _zsh, "fish": _fish, "powershell": _powershell}[shell]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8", **environ}
    answer = run(program, script, lines=lines, folder=folder, environ=env)
    found = [[one.strip() for one in part.splitlines() if one.strip()] for part in answer.split(_END)[: len(lines)]]
    assert len(found) == len(lines), answer
    return {line: sorted(set(one)) for line, one in zip(lines, found, strict=True)}


def _run(argv: list[str], folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    assert not done.stderr, done.stderr
    return done.stdout


def _bash(program: str, script: Path, *, lines: list[str], folder: Path, environ: dict[str, str]) -> str:
    calls = [f"source {_quoted(str(script))}"]
    for line in lines:
        # readline's own splitting: at spaces, and around the signs of COMP_WORDBREAKS.
        words = re.findall(r"[^\s=:]+|[=:]+", line) + ([""] if line.endswith(" ") else [])
        listed = " ".join(map(_quoted, words))
        calls.append(f"COMP_WORDS=({listed}) COMP_CWORD={len(words) - 1} COMP_TYPE=9 COMPREPLY=()")
        calls.append(f"_oauthctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"; printf '{_END}'")
    return _run([program, "--norc", "--noprofile", "-c", "\n".join(calls)], folder, environ)


def _fish(program: str, script: Path, *, lines: list[str], folder: Path, environ: dict[str, str]) -> str:
    calls = [f"source {_quoted(str(script))}"]
    for line in lines:
        calls.append(f"complete -C {_quoted(line)} | string replace -r '\\t.*' ''; printf '{_END}'")
    return _run([program, "--no-config", "-c", "\n".join(calls)], folder, environ)


_ZSH_INSIDE = r"""
fpath=("$FOLDER" $fpath)
autoload -Uz compinit && compinit -D -u
LISTMAX=10000
capture() {
    compadd() {
        if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
            builtin compadd "$@"
            return
        fi
        local -a hits
        builtin compadd -A hits "$@"
        print -rl -- $IPREFIX${^hits} >>"$ANSWERS"
        builtin compadd "$@"
    }
    _main_complete
    unfunction compadd
    compstate[insert]=''
    compstate[list]=''
    printf '\036' >>"$ANSWERS"
    print -n 'DO''NE'
}
zle -C capture complete-word capture
bindkey '^I' capture
PROMPT=
print -n 'REA''DY'
"""

_ZSH_OUTSIDE = r"""
zmodload zsh/zpty
zpty inner "$ZSH_PROGRAM -f -i"
zpty -w inner 'source "$INSIDE"'
zpty -r inner seen '*READY*'
for line in "$@"; do
    zpty -w -n inner $'\x15'"$line"$'\t'
    zpty -r inner seen '*DONE*'
done
zpty -d inner
"""


def _zsh(program: str, script: Path, *, lines: list[str], folder: Path, environ: dict[str, str]) -> str:
    work = folder / ".zsh-run"
    work.mkdir(exist_ok=True)
    shutil.copy(script, work / "_oauthctl")
    (work / "inside").write_text(_ZSH_INSIDE)
    answers = work / "answers"
    answers.write_text("")
    given = {"FOLDER": str(work), "ANSWERS": str(answers), "INSIDE": str(work / "inside"), "ZSH_PROGRAM": program}
    _run([program, "-f", "-c", _ZSH_OUTSIDE, "zsh", *lines], folder, environ | given)
    return answers.read_text()


def _powershell(program: str, script: Path, *, lines: list[str], folder: Path, environ: dict[str, str]) -> str:
    calls = [f". '{script}'"]
    for line in lines:
        quoted = line.replace("'", "''")
        calls.append(f"([System.Management.Automation.CommandCompletion]::CompleteInput('{quoted}', {len(line)}, $null)).CompletionMatches")
        calls[-1] += f" | ForEach-Object {{ $_.CompletionText }}; [Console]::Write([char]{ord(_END)})"
    return _run([program, "-NoProfile", "-NonInteractive", "-Command", "\n".join(calls)], folder, environ)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
