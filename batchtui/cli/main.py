"""The entry point: finds the verb, reads its words, runs it, turns errors into exit codes."""

import io
import os
import sys
from collections.abc import Sequence

from batchtui.cli.exits import DONE, guarded, report_defect
from batchtui.cli.parsing import VERSION, load_module, make_parser, place_of_verb, split_verb
from batchtui.cli.verbs import APP, VERBS
from batchtui.errors import BatchtuiError
from batchtui.formatting import nearest
from batchtui.whole_files import FileExists

_TEXT_OPTIONS = ("--query", "--id", "--label", "--note", "--set", "--prefill")
"""The options whose value is any text."""


class NoSuchVerb(BatchtuiError):
    """The first word is neither a verb nor the id of a batch."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: The words of the command line without the program's name; ``sys.argv`` if not
            given.

    Returns:
        The exit code: 0 done, 1 the answer is "no" or something failed, 2 usage or cannot reach,
        130 interrupted.
    """
    if arguments is None:
        sys.excepthook = report_defect
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "_ARGCOMPLETE" in os.environ and arguments is None:
        from batchtui.cli.completions import complete

        complete()
    _prepare_streams()
    return guarded(lambda: run_words(words))


def run_words(words: Sequence[str]) -> int:
    """Carry out what the words of a command line say.

    Raises:
        SystemExit: The parser said what was asked (``--help``) or what is wrong.
        BatchtuiError: It cannot be done.
    """
    if list(words) == ["--version"]:
        print(VERSION)
        return DONE
    verb, words = split_verb(words)
    if verb is APP:
        _refuse_mistyped_verb(words)
    options = make_parser(verb).parse_args(_join_texts(words))
    options.verb = verb.name
    try:
        return load_module(verb).run(options)
    except FileExists as error:
        if "force" in options:
            error.hint = "Choose another name, or replace it with --force."
        raise


def _join_texts(words: Sequence[str]) -> list[str]:
    """Make ``--query -type:errored`` one word: a text that begins with a minus is no option."""
    joined: list[str] = []
    for word in words:
        is_text = bool(joined) and joined[-1] in _TEXT_OPTIONS
        if is_text and word.startswith("-") and not word.startswith("--"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _prepare_streams() -> None:
    """Make sure that closed streams, or text in another script, do not stop the program.

    A closed stream gets its descriptor back, so that no file of ours is opened in its place.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
        vars(sys)["__stdin__"] = sys.stdin  # Textual asks this one
    if sys.stdout is None:
        # cannot be written to: a verb whose answer is lost says so
        descriptor = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = os.fdopen(descriptor, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def looks_like_id(word: str) -> bool:
    """Return whether a word may be a batch's id: it has a digit or an underscore, as no verb has.

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
    # a file such as results.jsonl is no verb with a slip
    return nearest(word, VERBS) if word.isalpha() else ""


def _refuse_mistyped_verb(words: Sequence[str]) -> None:
    """Refuse what is no verb but nearly one, before it is taken for the id of a batch.

    Raises:
        NoSuchVerb: That is so.
    """
    place = place_of_verb(words)
    word = words[place] if place < len(words) else "--"
    if word != "--" and not looks_like_id(word) and _nearest_verb(word):
        raise no_such_verb(word)
