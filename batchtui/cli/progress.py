"""One line on a terminal that says how far something is; nothing at all where there is none."""

import contextlib
import os
import sys
import time
from typing import Self

from batchtui.cli.output import is_terminal, terminal_size
from batchtui.cli.table import fit
from batchtui.untrusted import visible

_EVERY = 0.1
"""Seconds between two paintings of the line."""

_PATIENCE = 0.3
"""Seconds before the line appears: what is over by then needs none."""


class ProgressLine:
    """A line at the bottom of stderr that is painted over and goes when it is over.

    Use as a context manager. Other text on stderr is written after `clear`.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr
        self.is_shown = is_terminal(self._stream) and os.environ.get("TERM", "") != "dumb"
        self._painted = ""
        self._painted_at = time.monotonic() + _PATIENCE - _EVERY

    def show(self, text: str, *, is_due: bool = False) -> None:
        """Say how far it is, if the last time was long enough ago or it is due.

        Args:
            text: Anything; it is made safe to show and cut to the terminal.
            is_due: Whether to paint it at any rate.
        """
        now = time.monotonic()
        if not self.is_shown or (not is_due and now - self._painted_at < _EVERY):
            return
        line = fit(visible(text), terminal_size(self._stream).columns - 1)
        if line != self._painted:
            self._write(f"\r{line}\x1b[K")
            self._painted = line
        self._painted_at = now

    def clear(self) -> None:
        """Take the line away."""
        if self._painted:
            self._write("\r\x1b[K")
            self._painted = ""

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
