"""Asking a person yes or no, where there is one; where there is none, the answer is no."""

import sys

from batchtui.cli.common import RefusedError
from batchtui.cli.exits import write_line
from batchtui.cli.output import is_terminal
from batchtui.untrusted import visible


def can_ask() -> bool:
    """Return whether there is a person who sees the question and can answer."""
    return sys.stdin is not None and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def is_agreed(question: str, *, said_yes: bool) -> bool:
    """Ask whether to go on.

    Args:
        question: One sentence that ends in a question mark; may quote untrusted text.
        said_yes: Whether ``--yes`` was given.

    Raises:
        RefusedError: There is nobody to ask.
    """
    if said_yes:
        return True
    if not can_ask():
        raise RefusedError(
            f"There is nobody to ask: {question}", hint="Say --yes if that is what you want."
        )
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        write_line("")
    return answer.strip().lower() in ("y", "yes")
