"""``batchtui completions``: verbs, options, files, ids, profiles and themes at the Tab key.

argcomplete does the work: its script calls ``batchtui`` itself with the line as it stands, and
`complete` answers. So what is offered is what this installation has, and the ids are those that
the account's ledger has seen.
"""

import argparse
import os
import re
from collections.abc import Iterable, Mapping

from batchtui.cli.exits import DONE

SHELLS = ("bash", "zsh", "fish")
EPILOG = """\
bash:  batchtui completions bash > ~/.local/share/bash-completion/completions/batchtui
zsh:   batchtui completions zsh > a folder of $fpath, as _batchtui
fish:  batchtui completions fish > ~/.config/fish/completions/batchtui.fish"""

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""An id that a shell takes for one word and a terminal for text: others are not offered."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["batchtui"], shell=options.shell), end="")
    return DONE


def complete() -> None:
    """Tell the shell, which asks by its environment, how its line may go on. Ends the process."""
    from argcomplete import autocomplete
    from argcomplete.completers import BaseCompleter
    from argcomplete.lexers import split_line

    point = int(os.environ["COMP_POINT"])
    words = split_line(os.environ["COMP_LINE"], point)[3]

    class Completer(BaseCompleter):
        __call__ = staticmethod(_offer)

    autocomplete(_parser_for(words[1:]), default_completer=Completer())


def _parser_for(words: list[str]) -> argparse.ArgumentParser:
    """Return the parser of all verbs, filled in for the one that the words name."""
    from batchtui.cli.common import add_common_options
    from batchtui.cli.parsing import configure_parser, split_verb
    from batchtui.cli.verbs import VERBS

    chosen, _ = split_verb(words)
    parser = argparse.ArgumentParser(prog="batchtui", allow_abbrev=False)
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--theme", metavar="NAME", help="the colors")
    add_common_options(parser)
    verbs = parser.add_subparsers()
    for verb in VERBS.values():
        own = verbs.add_parser(verb.name, help=verb.help, allow_abbrev=False)
        if verb is chosen:
            configure_parser(own, verb)
    return parser


def _offer(
    *, prefix: str, action: argparse.Action, parsed_args: argparse.Namespace, **_: object
) -> Mapping[str, str] | Iterable[str]:
    """Return what may stand in a place that has no choices of its own."""
    name = str(action.metavar or "")
    if "--profile" in action.option_strings:
        return _profiles(parsed_args)
    if "--theme" in action.option_strings:
        return _themes(parsed_args)
    found: dict[str, str] = {}
    if "ID" in name.split("|"):
        found.update(_ids(parsed_args))
    if {"FILE", "DATA", "DIR"} & set(re.split(r"[|.\s]+", name)):
        from argcomplete.completers import FilesCompleter

        found.update(dict.fromkeys(FilesCompleter()(prefix), ""))
    return found


def _ids(options: argparse.Namespace) -> Mapping[str, str]:
    """Return the ids that the ledger has seen, with their labels."""
    from batchtui.cli.common import launch_of
    from batchtui.library.ledger import Ledger
    from batchtui.untrusted import visible

    file = launch_of(options).load().ledger_file
    if not file.exists():
        return {}
    ledger = Ledger(file)
    try:
        labels = ledger.labels()
        seen = ledger.seen.recent_ids()
    finally:
        ledger.close()
    ids = dict.fromkeys([*seen, *labels])
    return {one: visible(labels.get(one, "")) for one in ids if _PLAIN_ID.fullmatch(one)}


def _profiles(options: argparse.Namespace) -> Iterable[str]:
    from batchtui.cli.common import launch_of

    options.profile = None
    return launch_of(options).load().profile_names


def _themes(options: argparse.Namespace) -> Iterable[str]:
    from batchtui.cli.common import launch_of
    from batchtui.config.themes import load_themes

    options.theme = None
    return [theme.name for theme in load_themes(launch_of(options).load().paths.themes_dir).loaded]
