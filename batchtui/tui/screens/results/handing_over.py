"""Give a row to another program: the user's pager or editor, on a file of its own."""

import shlex
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.app import SuspendNotSupported

from batchtui.results.conversation import read_conversation
from batchtui.results.conversation_views import plain_text, raw_view
from batchtui.results.export import suggest_name
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.results.layout import View
from batchtui.tui.screens.results.taking import row_data

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen


class Program(Struct, frozen=True):
    """A program to show a file in.

    Attributes:
        variables: Where the user says which one, the first that is set counts.
        default: What is run where none is.
    """

    variables: tuple[str, ...]
    default: str


PAGER = Program(("PAGER",), "less")
EDITOR = Program(("VISUAL", "EDITOR"), "vi")


def command_of(program: Program, environ: Mapping[str, str]) -> list[str]:
    """The words of a program's command line; no shell ever sees them.

    Args:
        program: Which.
        environ: The environment.

    Raises:
        ValueError: The variable's quotes do not match.
    """
    chosen = next((environ[name] for name in program.variables if environ.get(name)), "")
    return shlex.split(chosen) or [program.default]


def open_in_pager(screen: "ResultsScreen") -> None:
    """Show the row in the pager."""
    _open(screen, PAGER)


def open_in_editor(screen: "ResultsScreen") -> None:
    """Show a copy of the row in the editor."""
    _open(screen, EDITOR)


def _open(screen: "ResultsScreen", program: Program) -> None:
    data, row = row_data(screen), screen.browser.row
    if data is None or row is None:
        return
    try:
        words = command_of(program, screen.setup.environ)
    except ValueError as error:
        screen.notify(f"${program.variables[-1]} cannot be understood: {error}", severity="error")
        return
    text, suffix = text_of(data, screen.reading.view)
    name = suggest_name(screen.browser.index.custom_id(row) or f"row-{row + 1}", "jsonl")
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="batchtui-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / Path(name).with_suffix(suffix)
            path.write_text(text, encoding="utf-8", errors="replace")
            problem = _run(screen, [*words, str(path)])
    except OSError as error:
        problem = f"No file could be written for {words[0]}: {error.strerror}"
    if problem:
        screen.notify(problem, severity="error")


def _run(screen: "ResultsScreen", words: list[str]) -> str:
    """Give the terminal to a program until it ends; gives what went wrong, or nothing."""
    try:
        with screen.app.suspend(), _deaf_to_interrupts():
            return call(words, screen.setup.environ)
    except SuspendNotSupported:
        return "The terminal cannot be given to another program here"


def call(words: list[str], environ: Mapping[str, str]) -> str:
    """Run a program; gives why it could not be run, or nothing.

    No error leaves this: a terminal that was given away would not be taken back.
    """
    import subprocess

    try:
        subprocess.run(words, check=False, env=environ)  # noqa: S603 - the user's own, no shell
    except (OSError, ValueError) as error:
        return f"{words[0]} cannot be run: {getattr(error, 'strerror', None) or error}"
    return ""


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the program that has the terminal; it would end us as well."""
    # not SIG_IGN, which the program would inherit
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def text_of(data: bytes, view: View) -> tuple[str, str]:
    """The row as it is looked at, safe to show, and the ending of a file that holds it."""
    if view is View.RAW:
        raw = raw_view(data)
        return (raw.pretty or raw.exact) + "\n", ".json"
    return plain_text(read_conversation(data)) + "\n", ".md"


COMMANDS: Mapping[type[Command], "Callable[[ResultsScreen], None]"] = {
    commands.OpenInPager: open_in_pager,
    commands.OpenInEditor: open_in_editor,
}
