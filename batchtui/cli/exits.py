"""Exit codes, and the one outermost boundary that turns what went wrong into one."""

import os
import sys
from collections.abc import Callable

from batchtui.errors import BatchtuiError
from batchtui.untrusted import visible

DONE = 0
FAILED = 1
"""The answer is "no", or some of what was asked failed."""
USAGE = 2
"""Wrong usage, or what was asked cannot be reached."""
INTERRUPTED = 130


def guarded(run: Callable[[], int]) -> int:
    """Run a verb; an error that can be told is told on stderr.

    Args:
        run: The verb.

    Returns:
        Its exit code, or that of what stopped it.
    """
    try:
        code = run()
        sys.stdout.flush()
    except BatchtuiError as error:
        complain(error.message, error.hint)
        return USAGE
    except BrokenPipeError:
        # the reader has seen enough; nothing more may be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def complain(message: str, hint: str = "") -> None:
    """Say on stderr what went wrong and what to do about it."""
    print(f"batchtui: {visible(message)}", file=sys.stderr)
    if hint:
        print(f"  {visible(hint)}", file=sys.stderr)
