"""The completion script for zsh, a function for its completion system.

Here: the language of zsh's `_arguments`. Not here: what there is to complete (`tree`).
"""

from __future__ import annotations

from shlex import quote

from oauthctl.views.completion.tree import Argument, Command, Kind, Option, Value, head, walk

_INSTALL = """oauthctl completions zsh > DIRECTORY/_oauthctl, where DIRECTORY is one of $fpath, before compinit is called:
mkdir -p ~/.zfunc, and in ~/.zshrc:  fpath+=~/.zfunc; autoload -Uz compinit; compinit"""

_FIXED = r"""
_oauthctl_profiles() {
    local directory
    if [[ -n $OAUTHCTL_CONFIG_DIR ]]; then
        directory=$OAUTHCTL_CONFIG_DIR
    elif [[ -n $XDG_CONFIG_HOME ]]; then
        directory=$XDG_CONFIG_HOME/oauthctl
    elif [[ $OSTYPE == darwin* ]]; then
        directory="$HOME/Library/Application Support/oauthctl"
    else
        directory=$HOME/.config/oauthctl
    fi
    local -a names=("$directory"/profiles/*.toml(N.:t:r))
    _describe -t profiles profile names
}

_oauthctl_at_files() {
    compset -P @ && _files
}

_oauthctl "$@"
"""


def zsh(root: Command) -> str:
    """The script."""
    functions = [line for command in reversed(list(walk(root))) for line in _function(command)]
    return "\n".join(("#compdef oauthctl", head("zsh", "zsh", install=_INSTALL), "", *functions, _FIXED.strip("\n"), ""))


def _function(command: Command) -> list[str]:
    specs = [_option(option) for option in command.options]
    if command.commands:
        return _group(command, specs)
    specs += [_argument(argument) for argument in command.arguments]
    return [f"{_name(command)}() {{", "    _arguments -s -S : \\", *_joined(specs), "}", ""]


def _group(command: Command, specs: list[str]) -> list[str]:
    described = [quote(f"{one.name}:{one.help}") for one in command.commands]
    listing = f"{_name(command)}__commands"
    return [
        f"{listing}() {{",
        "    local -a commands=(",
        *(f"        {one}" for one in described),
        "    )",
        "    _describe -t commands command commands",
        "}",
        "",
        f"{_name(command)}() {{",
        "    local curcontext=$curcontext state line",
        "    typeset -A opt_args",
        "    _arguments -C -s -S : \\",
        *_joined([*specs, f"'1:command:{listing}'", "'*::argument:->command'"]),
        "    [[ $state == command ]] || return",
        "    case $line[1] in",
        *(f"        {one.name}) {_name(one)} ;;" for one in command.commands),
        "    esac",
        "}",
        "",
    ]


def _joined(specs: list[str]) -> list[str]:
    return [f"        {spec}{'' if index == len(specs) - 1 else ' ' + chr(92)}" for index, spec in enumerate(specs)]


def _name(command: Command) -> str:
    return "_".join(("_oauthctl", *(word.replace("-", "_") for word in command.path)))


def _option(option: Option) -> str:
    """`'(-p --profile)'{-p,--profile=}'[help]:NAME:action'`."""
    names = [name + "=" if option.value is not None and name.startswith("--") else name for name in option.names]
    # A short name with a value takes it from the next word or without a space (`-p work`, `-pwork`).
    names = [name + "+" if option.value is not None and not name.startswith("--") else name for name in names]
    before = "*" if option.repeatable else f"({' '.join(option.names)})"
    after = f"[{_escaped(option.help)}]" + (_action(option.value) if option.value is not None else "")
    spelled = f"{{{','.join(names)}}}" if len(names) > 1 else names[0]
    return f"{quote(before)}{spelled}{quote(after)}"


def _argument(argument: Argument) -> str:
    return quote(("*" if argument.repeatable else "") + _action(argument.value))


def _action(value: Value) -> str:
    match value.kind:
        case Kind.CHOICES:
            action = f"({' '.join(value.choices)})"
        case Kind.FILE:
            action = "_files"
        case Kind.DIRECTORY:
            action = "_files -/"
        case Kind.AT_FILE:
            action = "_oauthctl_at_files"
        case Kind.PROFILE:
            action = "_oauthctl_profiles"
        case Kind.TEXT:
            action = " "
    return f":{_escaped(value.metavar)}:{action}"


def _escaped(text: str) -> str:
    for char in ("\\", "[", "]", ":"):
        text = text.replace(char, "\\" + char)
    return text
