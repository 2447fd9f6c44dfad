"""``batchtui completions``: scripts that complete verbs and options, made from the parsers."""

import argparse
from collections.abc import Iterable, Sequence

from msgspec import Struct

from batchtui.cli.exits import DONE
from batchtui.cli.verbs import APP, VERBS, Verb

SHELLS = ("bash", "zsh", "fish")
_FILES = ("FILE", "FILE...")
EPILOG = """\
bash:  batchtui completions bash > ~/.local/share/bash-completion/completions/batchtui
zsh:   batchtui completions zsh > a folder of $fpath, as _batchtui
fish:  batchtui completions fish > ~/.config/fish/completions/batchtui.fish"""


class Option(Struct, frozen=True):
    """One option of a verb.

    Attributes:
        names: As they are typed: ``-h``, ``--help``.
        help: What it does.
        choices: The values it takes, if they are known.
        takes_value: Whether a value follows.
        takes_file: Whether that is a file.
    """

    names: tuple[str, ...]
    help: str
    choices: tuple[str, ...] = ()
    takes_value: bool = False
    takes_file: bool = False


class Words(Struct, frozen=True):
    """What may follow a verb.

    Attributes:
        verb: The verb; that of the app has no name.
        options: Its options.
        choices: The values of its arguments, if they are known.
        takes_file: Whether its arguments are files.
    """

    verb: Verb
    options: tuple[Option, ...]
    choices: tuple[str, ...] = ()
    takes_file: bool = False


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    from batchtui.cli.scripts import WRITERS

    print(WRITERS[options.shell]([words_of(verb) for verb in (APP, *VERBS.values())]), end="")
    return DONE


def words_of(verb: Verb) -> Words:
    """Read off a verb's parser what may follow it."""
    from batchtui.cli.main import load_module, make_parser

    parser = make_parser(verb, load_module(verb))
    actions: list[argparse.Action] = []
    parser.formatter_class = _collector(actions)
    parser.format_help()
    named = [action for action in actions if action.option_strings]
    places = [action for action in actions if not action.option_strings]
    return Words(
        verb,
        tuple(map(_option, named)),
        tuple(choice for action in places for choice in _choices(action)),
        takes_file=any(action.metavar in _FILES for action in places),
    )


def _collector(actions: list[argparse.Action]) -> type[argparse.HelpFormatter]:
    """A formatter that keeps what a parser takes, instead of writing it."""

    class Collector(argparse.HelpFormatter):
        def add_argument(self, action: argparse.Action) -> None:
            actions.append(action)

    return Collector


def _option(action: argparse.Action) -> Option:
    return Option(
        tuple(action.option_strings),
        action.help or "",
        _choices(action),
        takes_value=action.nargs != 0,
        takes_file=action.metavar in _FILES,
    )


def _choices(action: argparse.Action) -> tuple[str, ...]:
    choices: Iterable[object] = action.choices or ()
    return tuple(str(choice) for choice in choices)


def all_names(options: Sequence[Option]) -> list[str]:
    """The names of options, long ones only where there is one."""
    return [option.names[-1] for option in options]
