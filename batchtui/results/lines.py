r"""From bytes in chunks of any size to runs of whole lines.

A line ends at the byte ``\n`` and nowhere else: ``str.splitlines`` and friends also cut at U+2028,
U+0085 and more, and would tear a record whose answer holds one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line that are kept in memory. The longest real answer is a few MB; what is longer
is not a results line, and must not fill the memory of the machine."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Run:
    r"""Whole lines that follow each other.

    Attributes:
        offset: Where the first of them starts, in bytes from the start of the stream.
        data: The lines with their line endings; the very last line of a stream may lack its own.
        oversize: 0, or the bytes of one line longer than `MAX_LINE` (without its ``\n``), of which
            ``data`` holds nothing.
    """

    offset: int
    data: bytes
    oversize: int = 0


class LineSplitter:
    """Collects chunks and gives them back cut at line ends."""

    def __init__(self, *, max_line: int = MAX_LINE) -> None:
        """Start at offset 0.

        Args:
            max_line: Bytes of an unfinished line to hold at most.
        """
        self._max = max_line
        self._pieces: list[bytes] = []
        self._held = 0
        self._dropped = 0
        self._offset = 0

    @property
    def line_start(self) -> int:
        """Offset just behind the last line end seen: where the unfinished line starts."""
        return self._offset

    @property
    def held(self) -> int:
        """Bytes of the unfinished line."""
        return self._dropped or self._held

    def peek(self) -> bytes:
        """The unfinished line, or nothing if it is too long to be kept."""
        return b"".join(self._pieces)

    def feed(self, chunk: bytes) -> Iterator[Run]:
        """Take the next bytes; yield the lines they complete."""
        if self._dropped:
            end = chunk.find(b"\n")
            if end < 0:
                self._dropped += len(chunk)
                return
            yield self._drop(end + 1, end)
            chunk = chunk[end + 1 :]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield self._take(chunk[:cut])
            chunk = chunk[cut:]
        if chunk:
            self._hold(chunk)

    def finish(self) -> Iterator[Run]:
        """The stream is over: yield the last line if it has no line end."""
        if self._dropped:
            yield self._drop(0, 0)
        elif self._pieces:
            yield self._take(b"")

    def _take(self, tail: bytes) -> Run:
        if self._pieces:
            tail = b"".join((*self._pieces, tail))
            self._pieces.clear()
            self._held = 0
        run = Run(self._offset, tail)
        self._offset += len(tail)
        return run

    def _hold(self, chunk: bytes) -> None:
        self._pieces.append(chunk)
        self._held += len(chunk)
        if self._held > self._max:
            self._dropped = self._held
            self._pieces.clear()
            self._held = 0

    def _drop(self, advance: int, more: int) -> Run:
        run = Run(self._offset, b"", self._dropped + more)
        self._offset += self._dropped + advance
        self._dropped = 0
        return run
