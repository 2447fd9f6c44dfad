r"""From bytes in chunks of any size to runs of whole lines.

A line ends at the byte ``\n`` and nowhere else: ``str.splitlines`` and friends also cut at U+2028,
U+0085 and more, and would tear a record whose answer holds one.
"""

from collections.abc import Iterator

from msgspec import Struct

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line that are kept in memory. The longest real answer is a few MB; what is longer
is not a results line, and must not fill the memory of the machine."""


class LineRun(Struct, frozen=True):
    r"""Whole lines that follow each other."""

    offset: int
    """Where the first of them starts, in bytes from the start of the stream."""
    data: bytes
    """Holds the lines from ``start`` to ``stop``, with their line endings; the very last line of a
    stream may lack its own. Chunks are long, so they are not copied."""
    start: int
    stop: int
    oversize: int = 0
    """0, or the bytes of one line longer than `MAX_LINE` (without its ``\n``), of which ``data``
    holds nothing."""


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
        self._is_dropping = False
        self._offset = 0

    @property
    def line_start(self) -> int:
        """Offset just behind the last line end seen: where the unfinished line starts."""
        return self._offset

    @property
    def held(self) -> int:
        """Bytes of the unfinished line."""
        return self._held

    def peek(self) -> bytes:
        """Return the unfinished line, or nothing if it is too long to be kept."""
        return b"".join(self._pieces)

    def feed(self, chunk: bytes) -> Iterator[LineRun]:
        """Take the next bytes; yield the lines they complete."""
        start = 0
        if self._held:
            start = chunk.find(b"\n") + 1
            if not start:
                self._hold(chunk)
                return
            yield self._complete(chunk[:start])
        stop = chunk.rfind(b"\n", start) + 1
        if stop > start:
            offset, self._offset = self._offset, self._offset + stop - start
            yield LineRun(offset, chunk, start, stop)
        rest = chunk[max(start, stop) :]
        if rest:
            self._hold(rest)

    def finish(self) -> Iterator[LineRun]:
        """Yield the last line of a stream that is over, if it has no line end."""
        if self._held:
            yield self._complete(b"")

    def _complete(self, end: bytes) -> LineRun:
        """Return the line that was held, with its end."""
        size, offset = self._held + len(end), self._offset
        self._offset += size
        self._held = 0
        if self._is_dropping:
            self._is_dropping = False
            return LineRun(offset, b"", 0, 0, size - end.endswith(b"\n"))
        data = b"".join((*self._pieces, end))
        self._pieces.clear()
        return LineRun(offset, data, 0, size)

    def _hold(self, chunk: bytes) -> None:
        self._held += len(chunk)
        if self._held > self._max:
            self._is_dropping = True
            self._pieces.clear()
        else:
            self._pieces.append(chunk)
