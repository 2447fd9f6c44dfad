"""Standard output: a table for a person, or one JSON object a line for a program."""

import codecs
import contextlib
import errno
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, TextIO, TypeAlias

from batchtui.cli.exits import silence_stdout
from batchtui.cli.table import TextColumn, render_table
from batchtui.tui.glyphs import ASCII, UNICODE, Glyphs
from batchtui.tui.terminal.capabilities import detect
from batchtui.untrusted import visible_lines

if TYPE_CHECKING:
    from typing_extensions import Buffer

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What a JSON object is made of."""


class Output:
    """Where a verb's answer goes.

    Attributes:
        is_table: Whether a person reads it: stdout is a terminal and ``--json`` was not given.
        glyphs: The signs that its encoding has.
    """

    def __init__(self, *, as_json: bool, must_finish: bool = False, glyphs: str = "auto") -> None:
        """Look at stdout.

        Args:
            as_json: Whether ``--json`` was given.
            must_finish: Whether the verb goes on when nobody reads its answer any more, because
                what it does matters more than what it says.
            glyphs: The setting: auto, unicode or ascii.
        """
        self.is_table = not as_json and is_terminal(sys.stdout)
        self.glyphs = glyphs_of(glyphs, sys.stdout)
        self._must_finish = must_finish

    @property
    def width(self) -> int:
        """Cells of a line."""
        return terminal_size().columns

    def record(self, fields: Mapping[str, Json]) -> None:
        """Write one JSON object on a line of its own, at once."""
        self.write(encode_record(fields) + "\n")

    def line(self, text: str) -> None:
        """Write a line for a person; it is safe to show."""
        self.write(text + "\n")

    def table(self, columns: Sequence[TextColumn], rows: Iterable[Sequence[str]]) -> None:
        """Write a table whose texts are safe to show."""
        lines = render_table(columns, rows, self.width, ellipsis=self.glyphs.ellipsis)
        self.write("\n".join(lines) + "\n")

    def write(self, text: str) -> None:
        """Write text that is safe to show, at once.

        Raises:
            OSError: It cannot be written. Where the verb must finish, not if nobody reads it.
        """
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            if not self._must_finish or error.errno not in (errno.EPIPE, errno.EBADF):
                raise
            silence_stdout()


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person sees what is written there."""
    return not stream.closed and stream.isatty()


def terminal_size(stream: TextIO | None = None) -> os.terminal_size:
    """Return the size of the terminal that a stream (stdout) goes to.

    ``COLUMNS`` and ``LINES``, which may be those of another terminal, count only where there is
    none that knows its size; then 80 by 24.
    """
    with contextlib.suppress(OSError, ValueError):
        size = os.get_terminal_size((stream or sys.stdout).fileno())
        if size.columns and size.lines:
            return size
    return shutil.get_terminal_size((80, 24))


def glyphs_of(setting: str, stream: TextIO) -> Glyphs:
    """Return the signs to write to a stream.

    Args:
        setting: The setting: auto, unicode or ascii.
        stream: Where they go.
    """
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    can_show = encoding == "utf8" and detect(os.environ).is_unicode
    is_unicode = can_show if setting == "auto" else setting == "unicode"
    return UNICODE if is_unicode else ASCII


def encode_record(fields: Mapping[str, Json]) -> str:
    """Write an object as one line of JSON.

    Every character beyond ASCII and every control character is escaped, so the line does nothing to
    a terminal and passes through any encoding.
    """
    return json.dumps(fields, separators=(",", ":")).replace("\x7f", "\\u007f")


def timestamp(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC: ``2026-11-22T09:14:07.123456Z``; None for none."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def stdout_stream() -> BinaryIO:
    """Stdout for bytes: as they are into a file or pipe, made visible on a terminal."""
    sys.stdout.flush()
    if is_terminal(sys.stdout):
        return io.BufferedWriter(_VisibleText(sys.stdout.buffer))
    return sys.stdout.buffer


class _VisibleText(io.RawIOBase):
    """Passes text on to a terminal with everything made visible that could act on it."""

    def __init__(self, terminal: BinaryIO) -> None:
        super().__init__()
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: "Buffer", /) -> int:
        """Pass on some UTF-8."""
        piece = bytes(data)
        self._pass_on(self._decoder.decode(piece))
        return len(piece)

    def close(self) -> None:
        """Pass on what is left of a sequence that was cut."""
        if not self.closed:
            self._pass_on(self._decoder.decode(b"", final=True))
        super().close()

    def _pass_on(self, text: str) -> None:
        self._terminal.write(visible_lines(text).encode())
        self._terminal.flush()
