"""Finding the verb among the words of a command line, and its parser."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from batchtui import __version__
from batchtui.cli.verbs import APP, VALUE_OPTIONS, VERBS, Verb

VERSION = f"batchtui {__version__}"


class VerbModule(Protocol):
    """What the module of a verb group gives. It is imported only when one of its verbs runs."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the options and arguments of the verb that ``parser.prog`` names."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Run the verb and give the exit code."""
        ...


def split_verb(words: Sequence[str]) -> tuple[Verb, list[str]]:
    """Find the verb among the words: the first that is neither an option nor an option's value.

    Returns:
        The verb, or the app where there is none, and the words without it.
    """
    place = place_of_verb(words)
    if place < len(words) and words[place] in VERBS:
        return VERBS[words[place]], [*words[:place], *words[place + 1 :]]
    return APP, list(words)


def place_of_verb(words: Sequence[str]) -> int:
    """Return where the first word is that is no option and no option's value, or is ``--``."""
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--" or not word.startswith("-"):
            break
        place += 2 if word in VALUE_OPTIONS else 1
    return place


def load_module(verb: Verb) -> VerbModule:
    """Import what carries out a verb."""
    module: VerbModule = import_module(f"batchtui.cli.{verb.module}")
    return module


def make_parser(verb: Verb) -> argparse.ArgumentParser:
    """Make the parser of one verb."""
    epilog = None
    if verb is APP:
        width = max(len(name) for name in VERBS) + 2
        listed = "\n".join(f"  {one.name:<{width}}{one.help}" for one in VERBS.values())
        epilog = f"verbs (batchtui VERB --help says more):\n{listed}"
    parser = argparse.ArgumentParser(
        prog=f"batchtui {verb.name}".strip(),
        description=verb.help,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    configure_parser(parser, verb)
    return parser


def configure_parser(parser: argparse.ArgumentParser, verb: Verb) -> None:
    """Add the options and arguments of a verb."""
    parser.add_argument("--version", action="version", version=VERSION)
    if verb.needs_account:
        from batchtui.cli.common import add_common_options

        add_common_options(parser)
    load_module(verb).configure(parser)
