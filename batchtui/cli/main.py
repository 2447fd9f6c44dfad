"""The entry point: finds the verb, reads its words, runs it, turns errors into exit codes."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from batchtui import __version__
from batchtui.cli.exits import DONE, guarded
from batchtui.cli.verbs import APP, VALUE_OPTIONS, VERBS, Verb
from batchtui.errors import BatchtuiError

_VERSION = f"batchtui {__version__}"


class NoSuchVerb(BatchtuiError):
    """The first word is neither a verb nor the id of a batch."""


class VerbModule(Protocol):
    """What the module of a verb group gives. It is imported only when one of its verbs runs."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the options and arguments of the verb that ``parser.prog`` names."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Run the verb and give the exit code."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: The words of the command line without the program's name; ``sys.argv`` if not
            given.

    Returns:
        The exit code: 0 done, 1 the answer is "no" or something failed, 2 usage or cannot reach,
        130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "_ARGCOMPLETE" in os.environ and arguments is None:
        from batchtui.cli.completions import complete

        complete()
    _prepare_streams()
    return guarded(lambda: run_words(words))


def run_words(words: Sequence[str]) -> int:
    """Carry out what the words of a command line say.

    Raises:
        SystemExit: The parser told what was asked (``--help``) or what is wrong.
        BatchtuiError: It cannot be done.
    """
    if list(words) == ["--version"]:
        print(_VERSION)
        return DONE
    verb, words = split_verb(words)
    if verb is APP:
        _refuse_mistyped_verb(words)
    options = make_parser(verb).parse_args(_join_queries(words))
    options.verb = verb.name
    return load_module(verb).run(options)


def _join_queries(words: Sequence[str]) -> list[str]:
    """Make ``--query -type:errored`` one word: the query begins with a minus and is no option."""
    joined: list[str] = []
    for word in words:
        is_query = bool(joined) and joined[-1] == "--query"
        if is_query and word.startswith("-") and not word.startswith("--"):
            joined[-1] = f"--query={word}"
        else:
            joined.append(word)
    return joined


def _prepare_streams() -> None:
    """Make sure that closed streams, or a label in another script, do not stop the program.

    A closed stream gets its descriptor back, so that no file of ours is opened in its place.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - to the end
        vars(sys)["__stdin__"] = sys.stdin  # Textual asks this one
    if sys.stdout is None:
        # cannot be written to: a verb whose answer is lost says so
        descriptor = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = open(descriptor, "w", closefd=False)  # noqa: SIM115 - to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def split_verb(words: Sequence[str]) -> tuple[Verb, list[str]]:
    """Find the verb among the words: the first that is neither an option nor an option's value.

    Returns:
        The verb, or the app where there is none, and the words without it.
    """
    place = _place_of_verb(words)
    if place < len(words) and words[place] in VERBS:
        return VERBS[words[place]], [*words[:place], *words[place + 1 :]]
    return APP, list(words)


def _place_of_verb(words: Sequence[str]) -> int:
    """Where the first word is that is neither an option nor an option's value, or ``--`` is."""
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--" or not word.startswith("-"):
            break
        place += 2 if word in VALUE_OPTIONS else 1
    return place


def looks_like_id(word: str) -> bool:
    """Whether a word may be a batch's id: no verb has a digit or an underscore, every id has.

    Gateways make ids of their own, so the beginning of the API's says nothing. ``last`` is the
    newest batch.
    """
    return word == "last" or any(character.isdigit() or character == "_" for character in word)


def no_such_verb(word: str) -> NoSuchVerb:
    """Return what is said of a word that is neither a verb nor an id."""
    shown = word[:64]
    guess = _nearest_verb(word)
    message = (
        f"There is no verb {shown}; did you mean {guess}?"
        if guess
        else f"{shown} is neither a verb nor the id of a batch."
    )
    return NoSuchVerb(message, hint="batchtui --help lists the verbs.")


def _nearest_verb(word: str) -> str:
    """Return the verb that is most like a word, or an empty string where none is near."""
    # a file such as results.jsonl is no verb with a slip; comparing takes long where a word is
    if not word.isalpha():
        return ""
    from batchtui.config.stored import nearest

    return nearest(word[:64].lower(), VERBS)


def _refuse_mistyped_verb(words: Sequence[str]) -> None:
    """Refuse what is no verb but nearly one, before it is taken for the id of a batch.

    Raises:
        NoSuchVerb: That is so.
    """
    place = _place_of_verb(words)
    word = words[place] if place < len(words) else "--"
    if word != "--" and not looks_like_id(word) and _nearest_verb(word):
        raise no_such_verb(word)


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
    parser.add_argument("--version", action="version", version=_VERSION)
    if verb.needs_account:
        from batchtui.cli.common import add_common_options

        add_common_options(parser)
    load_module(verb).configure(parser)
