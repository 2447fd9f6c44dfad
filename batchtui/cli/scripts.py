"""The completion scripts themselves, one writer for each shell."""

from collections.abc import Callable, Mapping, Sequence

from batchtui.cli.completions import Option, Words, all_names
from batchtui.cli.verbs import VALUE_OPTIONS


def write_bash(verbs: Sequence[Words]) -> str:
    """Write the script for bash."""
    cases = "\n".join(_bash_case(words) for words in verbs)
    values = "|".join(VALUE_OPTIONS)
    names = " ".join(words.verb.name for words in verbs).strip()
    return f"""\
# completions of batchtui for bash
_batchtui() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local verb= place=1 options= choices= files=
    while (( place < COMP_CWORD )); do
        case ${{COMP_WORDS[place]}} in
            {values}) (( place++ )) ;;
            -*) ;;
            *) verb=${{COMP_WORDS[place]}}; break ;;
        esac
        (( place++ ))
    done
    case $verb:$before in
{cases}
    esac
    if [[ -z $verb ]]; then choices+=" {names}"; fi
    if [[ $word == -* ]]; then choices=$options; fi
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    if [[ -n $files && $word != -* ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$word"))
    fi
}}
complete -F _batchtui batchtui
"""


def _bash_case(words: Words) -> str:
    name = words.verb.name
    lines = []
    for option in words.options:
        pattern = "|".join(f"{name}:{one}" for one in option.names)
        if option.takes_file:
            lines.append(f"        {pattern}) files=1 ;;")
        elif option.takes_value:
            lines.append(f'        {pattern}) choices="{" ".join(option.choices)}" ;;')
    options = " ".join(all_names(words.options))
    files = " files=1;" if words.takes_file else ""
    choices = " ".join(words.choices)
    lines.append(f'        {name}:*) options="{options}"; choices="{choices}";{files} ;;')
    return "\n".join(lines)


def write_zsh(verbs: Sequence[Words]) -> str:
    """Write the script for zsh."""
    app, *others = verbs
    described = "\n".join(
        f"        {_quote(f'{words.verb.name}:{words.verb.help}')}" for words in others
    )
    cases = "\n".join(
        f"        {words.verb.name}) _arguments -s {_zsh_arguments(words)} ;;" for words in others
    )
    values = "|".join(VALUE_OPTIONS)
    return f"""\
#compdef batchtui
# completions of batchtui for zsh
_batchtui() {{
    local place=2 verb=
    local -a verbs=(
{described}
    )
    while (( place < CURRENT )); do
        case ${{words[place]}} in
            {values}) (( place++ )) ;;
            -*) ;;
            *) verb=${{words[place]}}; break ;;
        esac
        (( place++ ))
    done
    if [[ -z $verb ]]; then
        _arguments -s {_zsh_options(app)} '*:verb:{{_describe verb verbs}}'
        return
    fi
    # what stood before the verb belongs to its options
    words=(batchtui "${{(@)words[2,place-1]}}" "${{(@)words[place+1,-1]}}")
    (( CURRENT-- ))
    case $verb in
{cases}
    esac
}}
if [[ $funcstack[1] == _batchtui ]]; then _batchtui "$@"; else compdef _batchtui batchtui; fi
"""


def _zsh_arguments(words: Words) -> str:
    place = ":"
    if words.takes_file:
        place = "_files"
    elif words.choices:
        place = f"({' '.join(words.choices)})"
    return f"{_zsh_options(words)} {_quote(f'*:argument:{place}')}"


def _zsh_options(words: Words) -> str:
    return " ".join(_zsh_option(option) for option in words.options)


def _zsh_option(option: Option) -> str:
    told = option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    value = ""
    if option.takes_value:
        kind = "_files" if option.takes_file else f"({' '.join(option.choices)})"
        value = f":value:{kind if option.takes_file or option.choices else ' '}"
    return _quote(f"*{option.names[-1]}[{told}]{value}")


def write_fish(verbs: Sequence[Words]) -> str:
    """Write the script for fish."""
    app, *others = verbs
    names = " ".join(words.verb.name for words in others)
    lines = [
        "# completions of batchtui for fish",
        f"set -l verbs {names}",
        "complete -c batchtui -f",
    ]
    none = '-n "not __fish_seen_subcommand_from $verbs"'
    lines += [
        f"complete -c batchtui {none} -a {words.verb.name} -d {_quote(words.verb.help)}"
        for words in others
    ]
    lines += [f"complete -c batchtui {none} {_fish_option(option)}" for option in app.options]
    for words in others:
        seen = f'-n "__fish_seen_subcommand_from {words.verb.name}"'
        lines += [f"complete -c batchtui {seen} {_fish_option(one)}" for one in words.options]
        if words.takes_file:
            lines.append(f"complete -c batchtui {seen} -F")
        if words.choices:
            lines.append(f"complete -c batchtui {seen} -a {_quote(' '.join(words.choices))}")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    parts = [
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    ]
    if option.takes_value:
        parts.append("-r" if option.takes_file else "-x")
    if option.takes_file:
        parts.append("-F")
    if option.choices:
        parts.append(f"-a {_quote(' '.join(option.choices))}")
    return " ".join([*parts, f"-d {_quote(option.help)}"])


def _quote(text: str) -> str:
    """Write a text as one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


WRITERS: Mapping[str, Callable[[Sequence[Words]], str]] = {
    "bash": write_bash,
    "zsh": write_zsh,
    "fish": write_fish,
}
"""What writes the script for a shell."""
