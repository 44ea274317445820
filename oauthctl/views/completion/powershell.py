"""The completion script for PowerShell 5.1 and later.

Here: PowerShell's language. Not here: what there is to complete (`tree`).
"""

from __future__ import annotations

from oauthctl.views.completion.tree import Command, Kind, Value, head, walk

_INSTALL = """oauthctl completions powershell >> $PROFILE
or keep it in a file of its own, and in $PROFILE:  . /path/to/oauthctl.ps1"""

_FIXED = r"""
    function Get-ProfileName {
        $directory = if ($env:OAUTHCTL_CONFIG_DIR) { $env:OAUTHCTL_CONFIG_DIR }
        elseif ($env:LOCALAPPDATA) { Join-Path $env:LOCALAPPDATA 'oauthctl' }
        elseif ($env:XDG_CONFIG_HOME) { Join-Path $env:XDG_CONFIG_HOME 'oauthctl' }
        elseif ($IsMacOS) { Join-Path $HOME 'Library/Application Support/oauthctl' }
        else { Join-Path $HOME '.config/oauthctl' }
        Get-ChildItem -Path (Join-Path $directory 'profiles') -Filter '*.toml' -File -ErrorAction SilentlyContinue |
            ForEach-Object { $_.BaseName }
    }

    # Everything that could stand where the cursor is; what begins as the word does is given.
    function New-Offer($word, $text, $help, $type) {
        if ($text.StartsWith($word, [System.StringComparison]::Ordinal)) {
            $shown = if ($help) { $help } else { $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, $type, $shown)
        }
    }

    function Get-Offer($value, $word, $prefix) {
        $kind, $choices = $value -split ' '
        $names = switch ($kind) {
            'choices' { $choices }
            'profile' { Get-ProfileName }
            default { @() }
        }
        foreach ($name in $names) { New-Offer ($prefix + $word) ($prefix + $name) '' 'ParameterValue' }
        if ($kind -eq 'file' -or $kind -eq 'directory' -or ($kind -eq 'at-file' -and $word.StartsWith('@'))) {
            $before = if ($kind -eq 'at-file') { '@' } else { '' }
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($word.Substring($before.Length)) |
                Where-Object { $kind -ne 'directory' -or $_.ResultType -eq 'ProviderContainer' } |
                ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new(
                        $prefix + $before + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
                }
        }
    }

    $path = ''
    $position = 0
    $option = ''
    $bare = $false
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    foreach ($word in $words) {
        if ($option) { $option = '' }
        elseif (-not $bare -and $word -ceq '--') { $bare = $true }
        elseif (-not $bare -and $word.StartsWith('-') -and $word.Length -gt 1) {
            if ($values.ContainsKey("$path/$word")) { $option = $word }
        }
        elseif ($position -eq 0 -and $commands.ContainsKey($path) -and $commands[$path].Contains($word)) {
            $path = "$path $word".Trim()
        }
        else { $position++ }
    }

    if ($option) {
        Get-Offer $values["$path/$option"] $wordToComplete ''
    }
    elseif (-not $bare -and $wordToComplete -match '^(--[^=]+)=(.*)$') {
        $name, $rest = $Matches[1], $Matches[2]
        if ($values.ContainsKey("$path/$name")) { Get-Offer $values["$path/$name"] $rest "$name=" }
    }
    elseif (-not $bare -and $wordToComplete.StartsWith('-')) {
        foreach ($pair in $options[$path].GetEnumerator()) { New-Offer $wordToComplete $pair.Key $pair.Value 'ParameterName' }
    }
    elseif ($position -eq 0 -and $commands.ContainsKey($path)) {
        foreach ($pair in $commands[$path].GetEnumerator()) { New-Offer $wordToComplete $pair.Key $pair.Value 'ParameterValue' }
    }
    elseif ($arguments.ContainsKey("$path/$position")) { Get-Offer $arguments["$path/$position"] $wordToComplete '' }
    elseif ($arguments.ContainsKey("$path/*")) { Get-Offer $arguments["$path/*"] $wordToComplete '' }
}
"""


def powershell(root: Command) -> str:
    """The script. `New-Object` makes tables that tell `-S` from `-s`; a plain hashtable does not."""
    lines = [head("PowerShell", "powershell", install=_INSTALL), ""]
    lines += ["Register-ArgumentCompleter -Native -CommandName 'oauthctl' -ScriptBlock {"]
    lines += ["    param($wordToComplete, $commandAst, $cursorPosition)", ""]
    lines += [f"    ${name} = New-Object System.Collections.Hashtable" for name in ("commands", "options", "values", "arguments")]
    for command in walk(root):
        key = _quote(command.key)
        if command.commands:
            lines += _table("commands", key, [(one.name, one.help) for one in command.commands])
        lines += _table("options", key, [(name, option.help) for option in command.options for name in option.names])
        lines += [
            f"    $values[{_quote(f'{command.key}/{name}')}] = {_quote(_described(option.value))}"
            for option in command.options
            if option.value is not None
            for name in option.names
        ]
        lines += [
            f"    $arguments[{_quote(f'{command.key}/' + ('*' if one.repeatable else str(position)))}] = {_quote(_described(one.value))}"
            for position, one in enumerate(command.arguments)
        ]
    return "\n".join((*lines, _FIXED.rstrip("\n"), ""))


def _table(name: str, key: str, pairs: list[tuple[str, str]]) -> list[str]:
    lines = [f"    ${name}[{key}] = New-Object System.Collections.Specialized.OrderedDictionary"]
    return lines + [f"    ${name}[{key}].Add({_quote(first)}, {_quote(second)})" for first, second in pairs]


def _described(value: Value) -> str:
    return " ".join((value.kind, *value.choices)) if value.kind is Kind.CHOICES else value.kind


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
