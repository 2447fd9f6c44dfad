"""Give the terminal to another program for a while: the user's pager, their editor, any command."""

import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from msgspec import Struct
from textual.app import SuspendNotSupported

from batchtui.errors import BatchtuiError

Suspend = Callable[[], AbstractContextManager[None]]
"""Takes the app off the terminal for as long as the block runs: `App.suspend`."""


class ExternalError(BatchtuiError):
    """Another program could not be run."""


class Program(Struct, frozen=True):
    """A program to show a file in."""

    variables: tuple[str, ...]
    """Where the user says which one; the first that is set counts."""
    default: str
    """What is run where none is set."""

    def words(self, environ: Mapping[str, str]) -> list[str]:
        """Return the words of the command line; no shell ever sees them.

        Raises:
            ExternalError: The quotes in the variable do not match.
        """
        name = next((name for name in self.variables if environ.get(name)), "")
        try:
            return shlex.split(environ.get(name, "")) or [self.default]
        except ValueError as error:
            raise ExternalError(f"${name} cannot be understood: {error}") from error


PAGER = Program(("PAGER",), "less")
EDITOR = Program(("VISUAL", "EDITOR"), "vi")


def show_text(
    program: Program, text: str, name: str, environ: Mapping[str, str], suspend: Suspend
) -> None:
    """Show a text in a program, as a file of its own that is deleted afterwards.

    Args:
        program: Which program.
        text: What the file holds.
        name: The name of the file, without folders.
        environ: The user's environment.
        suspend: Takes the app off the terminal.

    Raises:
        ExternalError: The program cannot be run.
    """
    words = program.words(environ)
    with temporary_folder(words[0]) as folder:
        path = folder / name
        path.write_text(text, encoding="utf-8", errors="replace")
        run([*words, str(path)], environ, suspend)


_SHELL = """eval "$BATCHTUI_COMMAND"
printf '\\n[Enter goes back to batchtui] '
read -r _
"""
"""The command comes in by the environment: no quote in it can end a string of ours."""


def run_command(
    command: str, files: Mapping[str, Path], environ: Mapping[str, str], suspend: Suspend
) -> None:
    """Run a command of the user's in their shell, and wait for Enter before the app comes back.

    Args:
        command: As typed.
        files: Files that it may use, by the variable that names each.
        environ: The user's environment.
        suspend: Takes the app off the terminal.

    Raises:
        ExternalError: There is no shell.
    """
    names = {name: str(path) for name, path in files.items()}
    run(["/bin/sh", "-c", _SHELL], {**environ, **names, "BATCHTUI_COMMAND": command}, suspend)


def run(words: Sequence[str], environ: Mapping[str, str], suspend: Suspend) -> int:
    """Give the terminal to a program until it ends, and return its exit code.

    Raises:
        ExternalError: The program cannot be run. By then the terminal is ours again.
    """
    problem: OSError | ValueError | None = None
    code = 0
    try:
        with suspend(), _deaf_to_interrupts():
            try:
                code = subprocess.run(  # noqa: S603 - the user's own program, and no shell
                    list(words), check=False, env=environ
                ).returncode
            except (OSError, ValueError) as error:
                # kept until the terminal is ours again: an error here would leave it to nobody
                problem = error
    except SuspendNotSupported as error:
        raise ExternalError("This terminal cannot be given to another program") from error
    if problem is not None:
        reason = getattr(problem, "strerror", None) or problem
        raise ExternalError(f"{words[0]} cannot be run: {reason}") from problem
    return code


def place_words(editor: str, path: Path, line_number: int) -> list[str]:
    """Return the words that open a file at a line.

    Args:
        editor: The editor's program.
        path: The file.
        line_number: From 1.
    """
    name = Path(editor).name.lower()
    if name in {"code", "codium", "cursor", "windsurf"}:
        return ["--wait", "--goto", f"{path}:{line_number}"]
    if name in {"hx", "helix", "subl", "zed"}:
        return [f"{path}:{line_number}"]
    return [f"+{line_number}", str(path)]


@contextmanager
def temporary_folder(program: str) -> Iterator[Path]:
    """Make a folder for the files that a program is given; it is deleted afterwards.

    Raises:
        ExternalError: It cannot be made, or nothing can be written there.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="batchtui-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        raise ExternalError(f"No file could be written for {program}: {error.strerror}") from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the program that has the terminal; it would end us as well."""
    # not SIG_IGN, which the program would inherit
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
