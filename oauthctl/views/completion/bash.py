"""The completion script for bash, as old as 3.2 (macOS).

Here: bash's language. Not here: what there is to complete (`tree`).
"""

from __future__ import annotations

from shlex import quote

from oauthctl.views.completion.tree import Command, Kind, Option, Value, head, walk

_INSTALL = """oauthctl completions bash > ~/.local/share/bash-completion/completions/oauthctl
or, without the package bash-completion, in ~/.bashrc:  source /path/to/oauthctl.bash"""

_FIXED = r"""
# Sets `path` (the command), `position` (of the argument that is typed), `option` (whose value is typed) from the words before the cursor.
__oauthctl_place() {
    local at=1 word bare=''
    path='' position=0 option=''
    while ((at < COMP_CWORD)); do
        word=${COMP_WORDS[at]}
        if [[ -z $bare && $word == -- ]]; then
            bare=yes
        elif [[ $word == '=' || $word == ':' ]]; then
            # bash takes `k=v` and URLs apart: what follows belongs to the word before.
            ((at++))
        elif [[ -z $bare && $word == -?* ]]; then
            if [[ ${COMP_WORDS[at + 1]} == '=' ]]; then
                ((at += 2))
                ((at >= COMP_CWORD)) && option=$word
            elif [[ $word != *=* ]] && __oauthctl_value "$path" "$word"; then
                ((at++))
                ((at >= COMP_CWORD)) && option=$word
            fi
        elif ((position == 0)) && __oauthctl_is_command "$path" "$word"; then
            path=${path:+$path }$word
        else
            ((position++))
        fi
        ((at++))
    done
}

# Adds profile names that begin with $1.
__oauthctl_profiles() {
    local directory file name
    if [[ -n $OAUTHCTL_CONFIG_DIR ]]; then
        directory=$OAUTHCTL_CONFIG_DIR
    elif [[ -n $XDG_CONFIG_HOME ]]; then
        directory=$XDG_CONFIG_HOME/oauthctl
    elif [[ $OSTYPE == darwin* ]]; then
        directory="$HOME/Library/Application Support/oauthctl"
    elif [[ -n $LOCALAPPDATA && ($OSTYPE == msys* || $OSTYPE == cygwin*) ]]; then
        directory=$LOCALAPPDATA/oauthctl
    else
        directory=$HOME/.config/oauthctl
    fi
    for file in "$directory"/profiles/*.toml; do
        name=${file##*/}
        name=${name%.toml}
        [[ -f $file && $name == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
    done
}

# Adds what fits $1 for the value that `kind` and `choices` describe.
__oauthctl_fill() {
    local found
    case $kind in
        choices)
            for found in $choices; do
                [[ $found == "$1"* ]] && COMPREPLY+=("$found")
            done
            ;;
        profile) __oauthctl_profiles "$1" ;;
        file | directory | at-file)
            local prefix='' what=-f
            [[ $kind == directory ]] && what=-d
            if [[ $kind == at-file ]]; then
                [[ $1 == @* ]] || return
                prefix=@
            fi
            while IFS= read -r found; do
                COMPREPLY+=("$prefix$found")
            done < <(compgen $what -- "${1#"$prefix"}")
            # Slashes after directories and escaped spaces; bash 3.2 goes without.
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

# Adds names that begin with $1 out of the pairs of name and description that follow; a listing shows the descriptions too.
__oauthctl_offer() {
    local begin=$1 width=0 at found
    local -a names=() helps=()
    shift
    while (($#)); do
        if [[ $1 == "$begin"* ]]; then
            names+=("$1")
            helps+=("$2")
            ((${#1} > width)) && width=${#1}
        fi
        shift 2
    done
    # 63 is `?`: the list after a second TAB. Nothing of it is put into the command line.
    if [[ $COMP_TYPE == 63 ]] && ((${#names[@]} > 1)); then
        compopt -o nosort 2>/dev/null
        for ((at = 0; at < ${#names[@]}; at++)); do
            found=$(printf '%-*s  %s' "$width" "${names[at]}" "${helps[at]}")
            COMPREPLY+=("${found:0:$((${COLUMNS:-80} - 2))}")
        done
    else
        COMPREPLY+=("${names[@]}")
    fi
}

_oauthctl() {
    local current=${COMP_WORDS[COMP_CWORD]} path position option kind='' choices='' prefix=''
    COMPREPLY=()
    [[ $current == '=' || $current == ':' ]] && current=''
    __oauthctl_place
    if [[ -z $option && $current == --*=* ]]; then
        option=${current%%=*} prefix=${current%%=*}= current=${current#*=}
    fi
    if [[ -n $option ]]; then
        __oauthctl_value "$path" "$option" && __oauthctl_fill "$current"
        [[ -n $prefix ]] && COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
    elif [[ $current == -* ]]; then
        __oauthctl_options "$path" "$current"
    elif ((position == 0)) && __oauthctl_commands "$path" "$current"; then
        return
    elif __oauthctl_argument "$path" "$position"; then
        __oauthctl_fill "$current"
    fi
}

complete -F _oauthctl oauthctl
"""


def bash(root: Command) -> str:
    """The script."""
    return "\n".join(
        (
            head("bash", "bash", install=_INSTALL),
            "",
            "# shellcheck shell=bash disable=SC2034,SC2207",
            *_commands(root),
            *_options(root),
            *_values(root),
            *_arguments(root),
            _FIXED.lstrip("\n").rstrip("\n"),
            "",
        )
    )


def _commands(root: Command) -> list[str]:
    groups = [command for command in walk(root) if command.commands]
    lines = ["# Offers the commands below $1 that begin with $2; fails when there are none.", "__oauthctl_commands() {", "    case $1 in"]
    for group in groups:
        lines += [f"        {quote(group.key)})", '            __oauthctl_offer "$2" \\']
        lines += [f"                {quote(one.name)} {quote(one.help)} \\" for one in group.commands]
        lines[-1] = lines[-1].removesuffix(" \\")
        lines.append("            ;;")
    lines += ["        *) return 1 ;;", "    esac", "}", "", "__oauthctl_is_command() {", '    case "$1/$2" in']
    known = "|".join(quote(f"{group.key}/{one.name}") for group in groups for one in group.commands)
    return [*lines, f"        {known}) return 0 ;;" if known else "        '') ;;", "    esac", "    return 1", "}", ""]


def _options(root: Command) -> list[str]:
    lines = ["# Offers the options of the command $1 that begin with $2.", "__oauthctl_options() {", "    case $1 in"]
    for command in walk(root):
        lines += [f"        {quote(command.key)})", '            __oauthctl_offer "$2" \\']
        lines += [f"                {name} {quote(option.help)} \\" for option in command.options for name in option.names]
        lines[-1] = lines[-1].removesuffix(" \\")
        lines.append("            ;;")
    return [*lines, "    esac", "}", ""]


def _values(root: Command) -> list[str]:
    """Equal values are written once: `--color` is known to every command."""
    cases: dict[Value, list[str]] = {}
    for command in walk(root):
        for option in command.options:
            if option.value is not None:
                cases.setdefault(Value(option.value.kind, option.value.choices), []).extend(_patterns(command, option))
    return _case_function("__oauthctl_value", "the value of the option $2 of the command $1", cases)


def _patterns(command: Command, option: Option) -> list[str]:
    return [quote(f"{command.key}/{name}") for name in option.names]


def _arguments(root: Command) -> list[str]:
    cases: dict[Value, list[str]] = {}
    for command in walk(root):
        for position, argument in enumerate(command.arguments):
            pattern = f"{quote(command.key + '/')}*" if argument.repeatable else quote(f"{command.key}/{position}")
            cases.setdefault(Value(argument.value.kind, argument.value.choices), []).append(pattern)
    return _case_function("__oauthctl_argument", "the argument at position $2 of the command $1", cases)


def _case_function(name: str, subject: str, cases: dict[Value, list[str]]) -> list[str]:
    lines = [f"# Sets `kind` and `choices` for {subject}; fails when it takes none.", f"{name}() {{", '    case "$1/$2" in']
    for value, patterns in cases.items():
        kind = value.kind if value.kind is not Kind.CHOICES else f"choices choices={quote(' '.join(value.choices))}"
        lines += [f"        {' | '.join(patterns)})", f"            kind={kind}", "            ;;"]
    return [*lines, "        *) return 1 ;;", "    esac", "}", ""]
