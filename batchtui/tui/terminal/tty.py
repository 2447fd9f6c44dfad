"""Where the terminal is: one of the standard streams, or else the one that governs the process."""

import functools
import os
import sys
from io import TextIOWrapper

_OWN = "/dev/tty"
_NO_SIZE = (80, 24)
"""Columns and lines where the terminal knows none, as on a serial line."""


def has_terminal() -> bool:
    """Return whether an app can be shown: there is a terminal to write to and one to read from."""
    try:
        return os.isatty(input_descriptor()) and os.isatty(_output_descriptor())
    except OSError:
        return False


@functools.cache
def input_descriptor() -> int:
    """Return where keys are read from.

    Raises:
        OSError: There is no terminal.
    """
    if sys.__stdin__ is not None and sys.__stdin__.isatty():
        return sys.__stdin__.fileno()
    return os.open(_OWN, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)


def output_file() -> TextIOWrapper:
    """Return the file to write to: standard error, as Textual has it, if that is a terminal.

    Raises:
        OSError: There is no terminal.
    """
    descriptor = _output_descriptor()
    if sys.__stderr__ is not None and descriptor == sys.__stderr__.fileno():
        return sys.__stderr__
    return open(_output_descriptor(), "w", encoding="utf-8", errors="replace", closefd=False)


def measure() -> tuple[int, int]:
    """Return the columns and lines of the terminal."""
    try:
        columns, lines = os.get_terminal_size(_output_descriptor())
    except OSError:
        return _NO_SIZE
    return columns or _NO_SIZE[0], lines or _NO_SIZE[1]


@functools.cache
def _output_descriptor() -> int:
    for stream in (sys.__stderr__, sys.__stdout__):
        if stream is not None and stream.isatty():
            return stream.fileno()
    return os.open(_OWN, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
