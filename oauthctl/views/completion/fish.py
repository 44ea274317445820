"""The completion script for fish.

Here: fish's language. Not here: what there is to complete (`tree`).
"""

from __future__ import annotations

from oauthctl.views.completion.tree import Argument, Command, Kind, Option, Value, head, walk

_INSTALL = "oauthctl completions fish > ~/.config/fish/completions/oauthctl.fish"

_FIXED = r"""
# Sets the command and the position of the argument that is typed; remembers them, since each line below asks for them.
function __oauthctl_place
    set -l words (commandline -opc)
    test "$words" = "$__oauthctl_words"; and return
    set -g __oauthctl_words $words
    set -g __oauthctl_path
    set -g __oauthctl_position 0
    set -l skip no
    set -l bare no
    for word in $words[2..-1]
        if test $skip = yes
            set skip no
        else if test $bare = no; and string match -q -- -- $word
            set bare yes
        else if test $bare = no; and string match -qr -- '^-.' $word
            contains -- "$__oauthctl_path/$word" $__oauthctl_takes_value; and set skip yes
        else if test $__oauthctl_position = 0; and contains -- "$__oauthctl_path/$word" $__oauthctl_is_command
            set -g __oauthctl_path (string trim -- "$__oauthctl_path $word")
        else
            set -g __oauthctl_position (math $__oauthctl_position + 1)
        end
    end
end

# Whether the command is $argv[1], and the argument the one at the position $argv[2], if that is given.
function __oauthctl_at
    __oauthctl_place
    test "$__oauthctl_path" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    test $argv[2] = any; or test $__oauthctl_position = $argv[2]
end

function __oauthctl_profiles
    set -l directory $HOME/.config/oauthctl
    if test -n "$OAUTHCTL_CONFIG_DIR"
        set directory $OAUTHCTL_CONFIG_DIR
    else if test -n "$XDG_CONFIG_HOME"
        set directory $XDG_CONFIG_HOME/oauthctl
    else if test (uname) = Darwin
        set directory "$HOME/Library/Application Support/oauthctl"
    end
    for file in $directory/profiles/*.toml
        string replace -r '.*/(.*)\.toml$' '$1' -- $file
    end
end

function __oauthctl_at_files
    set -l token (commandline -ct)
    string match -q -- '@*' $token; or return
    for file in (__fish_complete_path (string sub -s 2 -- $token))
        echo @$file
    end
end

complete -c oauthctl -f
"""


def fish(root: Command) -> str:
    """The script."""
    commands = tuple(walk(root))
    groups = [command for command in commands if command.commands]
    known = [f"{group.key}/{one.name}" for group in groups for one in group.commands]
    taking = [
        f"{command.key}/{name}" for command in commands for option in command.options if option.value is not None for name in option.names
    ]
    lines = [head("fish", "fish", install=_INSTALL), ""]
    lines += [f"set -g __oauthctl_is_command {' '.join(map(_quote, known))}", ""]
    lines += [f"set -g __oauthctl_takes_value {' '.join(map(_quote, taking))}", "", _FIXED.strip("\n"), ""]
    for command in commands:
        lines += [
            f"complete -c oauthctl -n {_quote(f'__oauthctl_at {_quote(command.key)} 0')} -a {_quote(one.name)} -d {_quote(one.help)}"
            for one in command.commands
        ]
        lines += [_option(command, option) for option in command.options]
        lines += [line for position, argument in enumerate(command.arguments) for line in _argument(command, position, argument)]
    return "\n".join((*lines, ""))


def _option(command: Command, option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = f" {_action(option.value)}" if option.value is not None else ""
    return f"complete -c oauthctl -n {_quote(f'__oauthctl_at {_quote(command.key)}')} {names}{value} -d {_quote(option.help)}"


def _argument(command: Command, position: int, argument: Argument) -> list[str]:
    value = argument.value
    if value.kind is Kind.TEXT:
        return []
    where = _quote(f"__oauthctl_at {_quote(command.key)} {'any' if argument.repeatable else position}")
    # `-r` and `-x` speak of options; an argument has `-F` for files and `-a` for words.
    action = _action(value).removeprefix("-r ").removeprefix("-x ")
    return [f"complete -c oauthctl -n {where} {action}"]


def _action(value: Value) -> str:
    match value.kind:
        case Kind.CHOICES:
            return f"-x -a {_quote(' '.join(value.choices))}"
        case Kind.FILE:
            return "-r -F"
        case Kind.DIRECTORY:
            return "-x -a '(__fish_complete_directories)'"
        case Kind.AT_FILE:
            return "-x -a '(__oauthctl_at_files)'"
        case Kind.PROFILE:
            return "-x -a '(__oauthctl_profiles)'"
        case Kind.TEXT:
            return "-x"


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
