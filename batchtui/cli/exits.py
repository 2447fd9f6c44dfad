"""Exit codes, and the one outermost boundary that turns what went wrong into one."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from types import TracebackType

from batchtui.errors import BatchtuiError
from batchtui.untrusted import visible, visible_lines

DONE = 0
FAILED = 1
"""The answer is "no", or some of what was asked failed."""
USAGE = 2
"""Wrong usage, or what was asked cannot be reached."""
BUSY = 75
"""Another batchtui is at it: try again later (``EX_TEMPFAIL`` of sysexits.h)."""
INTERRUPTED = 130


def guarded(run: Callable[[], int]) -> int:
    """Run a verb; an error of ours is reported on stderr.

    Args:
        run: Reads the words of the command line and carries out the verb.

    Returns:
        Its exit code, or that of what stopped it.
    """
    try:
        code = _exit_code(run)
        sys.stdout.flush()
    except BatchtuiError as error:
        complain(error.message, error.hint)
        return _code_of(error)
    except BrokenPipeError:
        # the reader has seen enough
        silence_stdout()
        return DONE
    except OSError as error:
        complain(_what_failed(error))
        silence_stdout()
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _what_failed(error: OSError) -> str:
    if error.filename:
        return f"{error.filename}: {error.strerror or error}."
    if error.errno == errno.EBADF:
        return "Standard output is closed: there is nowhere to write to."
    return f"The output: {error.strerror or error}."


def _exit_code(run: Callable[[], int]) -> int:
    try:
        return run()
    except SystemExit as stop:
        # the parser's way to say that it has said what there was to say
        return stop.code if isinstance(stop.code, int) else DONE


def _code_of(error: BatchtuiError) -> int:
    """1 where the server's answer is no; 2 where there is none, or it will not have us at all."""
    from batchtui.api import errors

    noes = (
        errors.AmbiguousCreate,
        errors.BadRequest,
        errors.Conflict,
        errors.NotFound,
        errors.RequestTooLarge,
    )
    return FAILED if isinstance(error, noes) else USAGE


def silence_stdout() -> None:
    """Write nothing more, not even at exit, to a stdout that nobody reads."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_defect(
    kind: type[BaseException], error: BaseException, frames: TracebackType | None
) -> None:
    """Say on stderr where the program broke, as Python does, with nothing that acts there."""
    from traceback import format_exception

    write_line(visible_lines("".join(format_exception(kind, error, frames))).rstrip())


def complain(message: str, hint: str = "") -> None:
    """Say on stderr what went wrong and what to do about it."""
    note(message)
    if hint:
        write_line(f"  {visible(hint)}")


def note(message: str) -> None:
    """Say something on stderr that is not the answer."""
    write_line(f"batchtui: {visible(message)}")


def write_line(text: str) -> None:
    """Write a line to stderr as it is; nobody may be reading it."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
